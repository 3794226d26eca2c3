#include "store/sql/verbs.h"

/* Chats and messages, read. A streaming message shows what its log holds. */

#define OF_THE_CALLER                                                          \
    " FROM messages m JOIN sessions s ON s.session_id = m.session_id"          \
    " WHERE m.message_id = $1 AND m.user_id = $2 AND s.user_id = $2"           \
    " AND s.deleted_at IS NULL"
static const struct sql SQL_MESSAGE =
    SQL("SELECT " MESSAGE_COLUMNS OF_THE_CALLER);
static const struct sql SQL_MESSAGE_BRIEF =
    SQL("SELECT " MESSAGE_COLUMNS_WITH("substr(m.content, 1, 1)",
        "substr(m.reasoning, 1, 1)", "substr(m.parts, 1, 1)") OF_THE_CALLER);
static const struct sql SQL_MESSAGES =
    SQL("SELECT " MESSAGE_COLUMNS " FROM messages m"
        " WHERE m.session_id = $1 AND m.user_id = $2 AND m.hidden = 0"
        " ORDER BY m.position");
static const struct sql SQL_SESSION =
    SQL("SELECT " SESSION_COLUMNS " FROM sessions s WHERE s.session_id = $1"
        " AND s.user_id = $2 AND s.deleted_at IS NULL");

static const struct sql SQL_BEFORE =
    SQL("SELECT m.position FROM messages m WHERE m.message_id = $1"
        " AND m.session_id = $2 AND m.user_id = $3");
#define CONTEXT_OF                                                             \
    " FROM messages m WHERE m.session_id = $1"                                 \
    " AND m.user_id = $2 AND m.position < $3 AND m.content <> ''"              \
    " AND m.hidden = 0"                                                        \
    " AND m.status IN ('complete', 'stopped', 'interrupted')"                  \
    " AND coalesce(m.finish_reason, '') <> 'content_filter'"                   \
    " AND NOT EXISTS (SELECT 1 FROM messages r WHERE r.session_id = $1"        \
    "  AND r.parent_id = m.message_id AND r.hidden = 0"                        \
    "  AND (r.finish_reason = 'content_filter' OR (r.status = 'error'"         \
    "  AND r.error_code IN ('content_blocked', 'context_too_long'))))"         \
    " ORDER BY m.position DESC LIMIT $4"

/*
 * Newest first. SQLite gives row after row until we have enough; PostgreSQL
 * sends all at once, so it stops itself with the first one that is too much.
 */
#define GENIE_PARTS "CASE WHEN m.model LIKE 'genie:%' THEN m.parts END"
static const struct sql SQL_CONTEXT = SQL_EACH(
    "SELECT m.role, m.content, m.message_id, m.model, m.metrics, " GENIE_PARTS
        CONTEXT_OF,
    "SELECT t.role, t.content, t.message_id, t.model, t.metrics, t.parts"
    " FROM (SELECT m.role, m.content, m.position, m.message_id, m.model,"
    " m.metrics, " GENIE_PARTS " AS parts,"
    " sum(octet_length(m.content)) OVER (ORDER BY m.position DESC) -"
    " octet_length(m.content) AS before" CONTEXT_OF ") t"
    " WHERE t.before <= $5 ORDER BY t.position DESC");

/* The first of two columns that holds a time. */
static int64_t time_of(const struct query *q, int column, int other)
{
    int64_t us = query_col_time(q, column);
    return us != 0 ? us : query_col_time(q, other);
}

/* Text that is never absent. */
static struct str present(struct str s)
{
    return s.p == NULL ? STR("") : s;
}

/* Columns as in MESSAGE_COLUMNS. */
struct store_message message_of(const struct query *q, struct arena *arena)
{
    struct rated rated;
    rated_of(q, 10, arena, &rated);
    return (struct store_message){
        .message_id = present(query_col_text(q, 0, arena)),
        .session_id = present(query_col_text(q, 1, arena)),
        .user_id = present(query_col_text(q, 2, arena)),
        .content = present(query_col_text(q, 3, arena)),
        .role = store_role_parse(query_col_view(q, 4)),
        .model = query_col_text(q, 5, arena),
        .timestamp_us = time_of(q, 6, 7),
        .created_at_us = time_of(q, 7, 6),
        .sources = query_col_text(q, 8, arena),
        .metrics = query_col_text(q, 9, arena),
        .rating = rated.rating,
        .reasons = rated.reasons,
        .comment = rated.comment,
        .parent_id = query_col_text(q, 11, arena),
        .status = store_status_parse(query_col_view(q, 12)),
        .reasoning = query_col_text(q, 13, arena),
        .error_code = query_col_text(q, 14, arena),
        .error_message = query_col_text(q, 15, arena),
        .finish_reason = query_col_text(q, 16, arena),
        .trace_id = query_col_text(q, 17, arena),
        .last_sequence = query_col_int(q, 18),
        .variant = query_col_int(q, 19),
        .variants = query_col_int(q, 20),
        .hidden = query_col_int(q, 21) != 0,
        .parent_variant = query_col_int(q, 22),
        .parts = query_col_text(q, 23, arena),
    };
}

/* Columns as in SESSION_COLUMNS. */
struct store_session session_of(const struct query *q, struct arena *arena)
{
    int64_t updated = query_col_int(q, 5);
    int64_t created = query_col_time(q, 6);
    return (struct store_session){
        .session_id = present(query_col_text(q, 0, arena)),
        .user_id = present(query_col_text(q, 1, arena)),
        .user_email = query_col_text(q, 2, arena),
        .first_query = query_col_text(q, 3, arena),
        .title = query_col_text(q, 4, arena),
        .timestamp_us = updated,
        .created_at_us = created != 0 ? created : updated,
        .is_active = query_col_int(q, 7) != 0,
        .pinned = query_col_int(q, 8) != 0,
        .archived = query_col_int(q, 9) != 0,
        .revision = query_col_int(q, 10),
        .deleted_at_us = query_col_time(q, 11),
        .queued = query_col_int(q, 12),
        .settings = query_col_text(q, 13, arena),
        .auto_title = query_col_text(q, 14, arena),
        .titled = query_col_int(q, 15) != 0,
    };
}

/* Fills in what the log of a message that still streams holds so far. */
enum rc add_live_text(
    struct db *db, struct arena *arena, struct store_message *m)
{
    struct log_text log;
    if (m->status != STORE_STREAMING)
        return RC_OK;
    enum rc rc = log_collect(db, m->message_id, arena, &log);
    if (rc != RC_OK)
        return rc;
    m->content = log.content;
    m->reasoning = log.reasoning;
    m->parts = log.parts;
    if (log.last_sequence > m->last_sequence)
        m->last_sequence = log.last_sequence;
    return RC_OK;
}

static enum rc read_message(struct db *db, struct store_op *op,
    const struct sql *sql, struct str message_id, struct store_message *ret)
{
    bool found = false;
    struct query q = query_start(db, sql);
    query_text(&q, message_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        *ret = message_of(&q, op->arena);
    }
    enum rc rc = query_end(&q);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc message_get(struct db *db, struct store_op *op, struct str message_id,
    struct store_message *ret)
{
    enum rc rc = read_message(db, op, &SQL_MESSAGE, message_id, ret);
    return rc == RC_OK ? add_live_text(db, op->arena, ret) : rc;
}

enum rc verb_get_message(struct db *db, struct store_op *op)
{
    struct store_get_message *g = &op->get_message;
    if (g->brief)
        return read_message(
            db, op, &SQL_MESSAGE_BRIEF, g->message_id, &g->message);
    return message_get(db, op, g->message_id, &g->message);
}

enum rc add_messages(
    struct db *db, struct arena *arena, struct store_chat *chat)
{
    struct query q = query_start(db, &SQL_MESSAGES);
    query_text(&q, chat->session.session_id);
    query_text(&q, chat->session.user_id);
    chat->messages = ARENA_NEW(arena, struct store_message);
    chat->message_count = 0;
    enum rc rc = RC_OK;
    while (rc == RC_OK && query_row(&q)) {
        chat->messages = array_grow(arena, chat->messages, chat->message_count,
            sizeof(*chat->messages));
        chat->messages[chat->message_count++] = message_of(&q, arena);
        if (arena_used(arena) > SQL_MAX_RESULT)
            rc = RC_TOO_LARGE;
    }
    enum rc ended = query_end(&q);
    rc = rc == RC_OK ? ended : rc;
    for (size_t i = 0; rc == RC_OK && i < chat->message_count; i++)
        rc = add_live_text(db, arena, &chat->messages[i]);
    return rc;
}

enum rc verb_get_session(struct db *db, struct store_op *op)
{
    struct store_get_session *g = &op->get_session;
    bool found = false;
    g->chat = (struct store_chat){0};
    g->more_before = g->more_after = false;
    struct query q = query_start(db, &SQL_SESSION);
    query_text(&q, g->session_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        g->chat.session = session_of(&q, op->arena);
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK || !g->with_messages)
        return rc;
    return g->page.kind == STORE_PAGE_ALL
               ? add_messages(db, op->arena, &g->chat)
               : page_read(db, op);
}

/* One row more than asked for tells that there are more; 0 means all. */
int64_t bound_of(size_t limit)
{
    bool all = limit == 0 || limit >= INT64_MAX;
    return all ? INT64_MAX : (int64_t)limit + 1;
}

/* Position of the message before which the context ends. */
static enum rc context_end(
    struct db *db, const struct store_op *op, int64_t *ret)
{
    const struct store_load_context *l = &op->load_context;
    bool session = false, message = l->before_id.p == NULL;
    struct query q = query_start(db, &SQL_SESSION);
    query_text(&q, l->session_id);
    query_text(&q, op->user_id);
    session = query_row(&q);
    enum rc rc = query_end(&q);
    *ret = INT64_MAX;
    if (rc == RC_OK && !message) {
        q = query_start(db, &SQL_BEFORE);
        query_text(&q, l->before_id);
        query_text(&q, l->session_id);
        query_text(&q, op->user_id);
        if (query_row(&q)) {
            message = true;
            *ret = query_col_int(&q, 0);
        }
        rc = query_end(&q);
    }
    return rc == RC_OK && !(session && message) ? RC_NOT_FOUND : rc;
}

void context_reverse(struct store_context_message *items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct store_context_message other = items[count - 1 - i];
        items[count - 1 - i] = items[i];
        items[i] = other;
    }
}

/* What is known of the newest reply tells how its model counts. */
static void note_reply(
    const struct query *q, enum store_role role, struct store_op *op)
{
    struct store_load_context *l = &op->load_context;
    if (role != STORE_ROLE_ASSISTANT || l->model.p != NULL)
        return;
    l->model = query_col_text(q, 3, op->arena);
    l->metrics = query_col_text(q, 4, op->arena);
}

enum rc verb_load_context(struct db *db, struct store_op *op)
{
    struct store_load_context *l = &op->load_context;
    int64_t end = 0;
    size_t bytes = 0;
    l->messages = NULL;
    l->count = 0;
    l->truncated = false;
    l->model = l->metrics = (struct str){0};
    enum rc rc = context_end(db, op, &end);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &SQL_CONTEXT);
    query_text(&q, l->session_id);
    query_text(&q, op->user_id);
    query_int(&q, end);
    query_int(&q, bound_of(l->max_messages == 0 ? 1 : l->max_messages));
    query_int(&q, l->max_bytes > INT64_MAX ? INT64_MAX : (int64_t)l->max_bytes);
    while (!l->truncated && query_row(&q)) {
        size_t n = query_col_view(&q, 1).n;
        if (l->count == l->max_messages || n > l->max_bytes - bytes) {
            l->truncated = true;
            break;
        }
        bytes += n;
        l->messages =
            array_grow(op->arena, l->messages, l->count, sizeof(*l->messages));
        l->messages[l->count] = (struct store_context_message){
            .message_id = query_col_text(&q, 2, op->arena),
            .role = store_role_parse(query_col_view(&q, 0)),
            .content = query_col_text(&q, 1, op->arena),
            .parts = query_col_text(&q, 5, op->arena)};
        note_reply(&q, l->messages[l->count++].role, op);
    }
    context_reverse(l->messages, l->count);
    return query_end(&q);
}
