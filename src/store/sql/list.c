#include <inttypes.h>

#include "base/num.h"
#include "base/timestamp.h"

#include "store/sql/verbs.h"

/* Pages of chats. */

#define CHATS "SELECT " SESSION_COLUMNS " FROM sessions s WHERE s.user_id = $1"
#define NEWEST                                                                 \
    " AND s.deleted_at IS NULL AND (s.updated_us, s.session_id) < ($2, $3)"    \
    " ORDER BY s.updated_us DESC, s.session_id DESC LIMIT $4"
#define TRASHED(deleted)                                                       \
    CHATS " AND s.deleted_at IS NOT NULL"                                      \
          " AND (" deleted ", s.session_id) < ($2, $3)"                        \
          " ORDER BY " deleted " DESC, s.session_id DESC LIMIT $4"

static const struct sql lists[] = {
    [STORE_LIST_CURRENT] = SQL(CHATS " AND s.archived = 0" NEWEST),
    [STORE_LIST_PINNED] =
        SQL(CHATS " AND s.pinned = 1 AND s.archived = 0" NEWEST),
    [STORE_LIST_ARCHIVED] = SQL(CHATS " AND s.archived = 1" NEWEST),
    [STORE_LIST_TRASH] = SQL_EACH(
        TRASHED("s.deleted_at"), TRASHED("s.deleted_at COLLATE \"C\"")),
};

/* The sort key of the last chat shown; as text "MICROSECONDS.ID". */
struct position {
    int64_t us;
    struct str id;
    bool first; /* before everything */
};

static enum rc parse_cursor(struct str cursor, struct position *ret)
{
    struct str number;
    *ret = (struct position){.us = INT64_MAX, .id = STR(""), .first = true};
    if (cursor.n == 0)
        return RC_OK;
    ret->first = false;
    if (!str_cut(cursor, '.', &number, &ret->id))
        return RC_INVALID;
    return num_parse_i64(number, INT64_MIN, INT64_MAX, &ret->us) == RC_OK
               ? RC_OK
               : RC_INVALID;
}

static struct str cursor_of(
    const struct store_op *op, const struct store_session *s)
{
    bool trash = op->list_sessions.list == STORE_LIST_TRASH;
    return arena_printf(op->arena, "%" PRId64 ".%.*s",
        trash ? s->deleted_at_us : s->timestamp_us, STR_ARG(s->session_id));
}

static void bind(struct query *q, const struct store_op *op,
    const struct position *p, char buf[TIMESTAMP_SIZE])
{
    const struct store_list_sessions *l = &op->list_sessions;
    query_text(q, op->user_id);
    if (l->list != STORE_LIST_TRASH)
        query_int(q, p->us);
    else if (p->first)
        query_text(q, STR("~")); /* above every digit */
    else
        query_time(q, p->us, buf);
    query_text(q, p->id);
    query_int(q, bound_of(l->limit));
}

static enum rc list_page(struct db *db, struct store_op *op,
    const struct position *p, size_t max_bytes)
{
    struct store_list_sessions *l = &op->list_sessions;
    char buf[TIMESTAMP_SIZE];
    enum rc rc = RC_OK;
    struct query q = query_start(db, &lists[l->list]);
    bind(&q, op, p, buf);
    while (rc == RC_OK && query_row(&q)) {
        bool full = arena_used(op->arena) > max_bytes && l->count > 0;
        if (full || (l->limit > 0 && l->count == l->limit)) {
            l->next_cursor = cursor_of(op, &l->chats[l->count - 1].session);
            break;
        }
        l->chats = array_grow(op->arena, l->chats, l->count, sizeof(*l->chats));
        struct store_chat *chat = &l->chats[l->count++];
        *chat = (struct store_chat){.session = session_of(&q, op->arena)};
        if (l->with_messages)
            rc = add_messages(db, op->arena, chat);
    }
    enum rc ended = query_end(&q);
    return rc == RC_OK ? ended : rc;
}

enum rc verb_list_sessions(struct db *db, struct store_op *op)
{
    struct store_list_sessions *l = &op->list_sessions;
    struct position position;
    l->chats = NULL;
    l->count = 0;
    l->next_cursor = (struct str){0};
    enum rc rc = parse_cursor(l->cursor, &position);
    if (rc != RC_OK)
        return rc;
    size_t max = l->max_bytes == 0 ? SQL_DEFAULT_LIST : l->max_bytes;
    return list_page(db, op, &position, max);
}
