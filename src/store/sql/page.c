#include "store/sql/verbs.h"

/*
 * Pages of a chat. What is shown is what is not hidden, in the order of
 * positions, and an index holds just that: a page is two walks along it, away
 * from one place, however long the chat is and however many variants it hides.
 */

enum { DEFAULT_PAGE = 4 << 20 };

static const struct sql SQL_PLACE =
    SQL("SELECT m.position, m.hidden FROM messages m WHERE m.message_id = $1"
        " AND m.session_id = $2 AND m.user_id = $3");

#define SHOWN " WHERE m.session_id = $1 AND m.user_id = $2 AND m.hidden = 0"
#define OLDER SHOWN " AND m.position < $3 ORDER BY m.position DESC LIMIT $4"
#define NEWER SHOWN " AND m.position >= $3 ORDER BY m.position LIMIT $4"
#define WALK(way)                                                              \
    SQL_EACH("SELECT " MESSAGE_COLUMNS " FROM messages m"                      \
             " INDEXED BY messages_shown" way,                                 \
        "SELECT " MESSAGE_COLUMNS " FROM messages m" way)
static const struct sql SQL_OLDER = WALK(OLDER);
static const struct sql SQL_NEWER = WALK(NEWER);

/* Messages on one side of a place, the nearest first. */
struct run {
    struct store_message *messages;
    size_t count;
    bool more;
};

/* Where the two walks begin: the newer one with this position. */
static enum rc find_place(struct db *db, struct store_op *op, int64_t *ret)
{
    const struct store_get_session *g = &op->get_session;
    bool found = false, hidden = false;
    *ret = g->page.kind == STORE_PAGE_NEWEST ? INT64_MAX : INT64_MIN;
    if (g->page.kind == STORE_PAGE_NEWEST || g->page.kind == STORE_PAGE_OLDEST)
        return RC_OK;
    struct query q = query_start(db, &SQL_PLACE);
    query_text(&q, g->page.message_id);
    query_text(&q, g->session_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        *ret = query_col_int(&q, 0);
        hidden = query_col_int(&q, 1) != 0;
    }
    enum rc rc = query_end(&q);
    if (g->page.kind == STORE_PAGE_AFTER)
        ++*ret;
    if (rc != RC_OK)
        return rc;
    if (g->page.kind == STORE_PAGE_AROUND)
        return found && !hidden ? RC_OK : RC_NOT_FOUND;
    return found ? RC_OK : RC_INVALID;
}

/* With a limit of 0 it only tells whether there are any. */
static enum rc walk(struct db *db, struct store_op *op, const struct sql *sql,
    int64_t place, size_t limit, struct run *ret)
{
    const struct store_get_session *g = &op->get_session;
    size_t max = g->page.max_bytes == 0 ? DEFAULT_PAGE : g->page.max_bytes;
    size_t used = arena_used(op->arena);
    *ret = (struct run){0};
    struct query q = query_start(db, sql);
    query_text(&q, g->session_id);
    query_text(&q, op->user_id);
    query_int(&q, place);
    query_int(&q, (int64_t)limit + 1);
    while (query_row(&q)) {
        bool full = ret->count > 0 && arena_used(op->arena) - used > max;
        if (full || ret->count == limit) {
            ret->more = true;
            break;
        }
        ret->messages = array_grow(
            op->arena, ret->messages, ret->count, sizeof(*ret->messages));
        ret->messages[ret->count++] = message_of(&q, op->arena);
    }
    return query_end(&q);
}

/* How many of the page's messages are to be older than its place. */
static size_t older_limit(const struct store_page *page)
{
    if (page->kind == STORE_PAGE_AROUND)
        return page->limit / 2;
    bool older =
        page->kind == STORE_PAGE_NEWEST || page->kind == STORE_PAGE_BEFORE;
    return older ? page->limit : 0;
}

static void join(
    struct store_op *op, const struct run *older, const struct run *newer)
{
    struct store_get_session *g = &op->get_session;
    size_t count = older->count + newer->count;
    g->chat.messages =
        arena_alloc(op->arena, (count + 1) * sizeof(*g->chat.messages));
    g->chat.message_count = count;
    for (size_t i = 0; i < older->count; i++)
        g->chat.messages[i] = older->messages[older->count - 1 - i];
    for (size_t i = 0; i < newer->count; i++)
        g->chat.messages[older->count + i] = newer->messages[i];
    g->more_before = older->more;
    g->more_after = newer->more;
}

enum rc page_read(struct db *db, struct store_op *op)
{
    struct store_get_session *g = &op->get_session;
    struct run older = {0}, newer = {0};
    size_t limit = older_limit(&g->page);
    int64_t place = 0;
    enum rc rc = find_place(db, op, &place);
    if (rc == RC_OK)
        rc = walk(db, op, &SQL_OLDER, place, limit, &older);
    /* What the beginning of the chat leaves free is for the other side. */
    bool both = g->page.kind == STORE_PAGE_AROUND;
    size_t taken = both ? older.count : limit;
    if (rc == RC_OK)
        rc = walk(db, op, &SQL_NEWER, place, g->page.limit - taken, &newer);
    if (rc == RC_OK)
        join(op, &older, &newer);
    for (size_t i = 0; rc == RC_OK && i < g->chat.message_count; i++)
        rc = add_live_text(db, op->arena, &g->chat.messages[i]);
    return rc;
}
