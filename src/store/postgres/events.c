#include "store/postgres/pg_int.h"

/* The log of a reply while it is live, and what is made of it afterwards. */

static const char SQL_APPEND[] =
    "INSERT INTO reply_events(reply, sequence, payload, text_delta,"
    " reasoning_delta) SELECT reply, $2, $3, $4, $5 FROM reply_logs"
    " WHERE message_id = $1 AND finished_us IS NULL"
    " ON CONFLICT DO NOTHING";

static const char SQL_LOG_CLEAR[] =
    "DELETE FROM reply_events WHERE reply ="
    " (SELECT reply FROM reply_logs WHERE message_id = $1)";
static const char SQL_LOG_REMOVE[] =
    "DELETE FROM reply_logs WHERE message_id = $1";
static const char SQL_LOG_START[] =
    "INSERT INTO reply_logs(message_id) VALUES($1)";
static const char SQL_LOG_FINISH[] =
    "UPDATE reply_logs SET finished_us = $2 WHERE message_id = $1"
    " AND finished_us IS NULL";

static const char SQL_COLLECT[] =
    "SELECT e.sequence, e.text_delta, e.reasoning_delta FROM reply_logs l"
    " JOIN reply_events e ON e.reply = l.reply WHERE l.message_id = $1"
    " ORDER BY e.sequence";

static const char SQL_STATE[] =
    "SELECT m.status, greatest(m.last_sequence, coalesce((SELECT "
    "max(e.sequence)"
    "  FROM reply_events e WHERE e.reply = l.reply), 0))"
    " FROM messages m JOIN sessions s ON s.session_id = m.session_id"
    " LEFT JOIN reply_logs l ON l.message_id = m.message_id"
    " WHERE m.message_id = $1 AND m.user_id = $2 AND s.user_id = $2"
    " AND s.deleted_at IS NULL";
static const char SQL_READ[] =
    "SELECT e.sequence, e.payload, e.text_delta, e.reasoning_delta"
    " FROM reply_logs l JOIN reply_events e ON e.reply = l.reply"
    " WHERE l.message_id = $1 AND e.sequence > $2"
    " ORDER BY e.sequence LIMIT $3";

static const char SQL_PURGE[] =
    "WITH logs AS (DELETE FROM reply_logs WHERE reply IN (SELECT reply FROM"
    " reply_logs WHERE finished_us < $1 ORDER BY finished_us, reply LIMIT $2)"
    " RETURNING reply), events AS (DELETE FROM reply_events WHERE reply IN"
    " (SELECT reply FROM logs)) SELECT count(*) FROM logs";
static const char SQL_PURGE_CREDENTIALS[] =
    "DELETE FROM credentials WHERE expires_us > 0 AND expires_us < $1";

static const char SQL_STREAMING[] =
    "SELECT message_id FROM messages WHERE status = 'streaming'"
    " AND node = $1 LIMIT 1";
static const char SQL_INTERRUPT[] =
    "UPDATE messages SET status = 'interrupted', content = $2,"
    " reasoning = $3, last_sequence = $4 WHERE message_id = $1";

enum rc pg_log_append(struct pg *db, const struct store_event *events,
    size_t count, size_t *dropped)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        const struct store_event *e = &events[i];
        struct pg_query q = pg_start(db, SQL_APPEND);
        pg_text(&q, e->message_id);
        pg_int(&q, e->sequence);
        pg_text(&q, e->payload);
        pg_text(&q, e->text_delta);
        pg_text(&q, e->reasoning_delta);
        rc = pg_defer_counted(&q, dropped);
    }
    return rc;
}

enum rc pg_verb_append_events(struct pg *db, struct store_op *op)
{
    struct store_append_events *a = &op->append_events;
    a->dropped = 0;
    return pg_log_append(db, a->events, a->count, &a->dropped);
}

/* Runs a statement whose only parameter is a message's id. */
static enum rc run_for(struct pg *db, const char *sql, struct str message_id)
{
    struct pg_query q = pg_start(db, sql);
    pg_text(&q, message_id);
    return pg_defer(&q);
}

enum rc pg_log_start(struct pg *db, struct str message_id)
{
    enum rc rc = run_for(db, SQL_LOG_CLEAR, message_id);
    if (rc == RC_OK)
        rc = run_for(db, SQL_LOG_REMOVE, message_id);
    if (rc == RC_OK)
        rc = run_for(db, SQL_LOG_START, message_id);
    return rc;
}

enum rc pg_log_finish(struct pg *db, struct str message_id, int64_t now_us)
{
    struct pg_query q = pg_start(db, SQL_LOG_FINISH);
    pg_text(&q, message_id);
    pg_int(&q, now_us);
    return pg_defer(&q);
}

enum rc pg_log_collect(struct pg *db, struct str message_id,
    struct arena *arena, struct pg_log_text *ret)
{
    struct pg_log_text log = {.content = STR("")};
    struct buf text, reasoning;
    buf_init(&text, PG_MAX_VALUE);
    buf_init(&reasoning, PG_MAX_VALUE);
    struct pg_query q = pg_start(db, SQL_COLLECT);
    pg_text(&q, message_id);
    while (pg_row(&q)) {
        log.last_sequence = pg_col_int(&q, 0);
        buf_append(&text, pg_col_view(&q, 1));
        buf_append(&reasoning, pg_col_view(&q, 2));
    }
    enum rc rc = pg_end(&q);
    if (rc == RC_OK && (!buf_ok(&text) || !buf_ok(&reasoning)))
        rc = RC_TOO_LARGE;
    if (rc == RC_OK) {
        log.content = arena_str(arena, buf_str(&text));
        if (reasoning.n > 0)
            log.reasoning = arena_str(arena, buf_str(&reasoning));
        *ret = log;
    }
    buf_release(&text);
    buf_release(&reasoning);
    return rc;
}

static enum rc read_log(struct pg *db, struct store_op *op)
{
    struct store_read_events *r = &op->read_events;
    struct pg_query q = pg_start(db, SQL_READ);
    pg_text(&q, r->message_id);
    pg_int(&q, r->after);
    pg_int(&q, (int64_t)r->limit);
    while (pg_row(&q)) {
        if (r->events == NULL)
            r->events =
                arena_alloc(op->arena, pg_count(&q) * sizeof(*r->events));
        r->events[r->count++] = (struct store_event){
            .message_id = r->message_id,
            .sequence = pg_col_int(&q, 0),
            .payload = pg_col_text(&q, 1, op->arena),
            .text_delta = pg_col_text(&q, 2, op->arena),
            .reasoning_delta = pg_col_text(&q, 3, op->arena),
        };
    }
    return pg_end(&q);
}

enum rc pg_verb_read_events(struct pg *db, struct store_op *op)
{
    struct store_read_events *r = &op->read_events;
    bool found = false;
    r->events = NULL;
    r->count = 0;
    struct pg_query q = pg_start(db, SQL_STATE);
    pg_text(&q, r->message_id);
    pg_text(&q, op->user_id);
    if (pg_row(&q)) {
        found = true;
        r->status = store_status_parse(pg_col_view(&q, 0));
        r->last_sequence = pg_col_int(&q, 1);
    }
    enum rc rc = pg_end(&q);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? read_log(db, op) : rc;
}

enum rc pg_verb_purge(struct pg *db, struct store_op *op)
{
    struct store_purge *p = &op->purge;
    struct pg_query q = pg_start(db, SQL_PURGE);
    pg_int(&q, p->events_us);
    pg_int(&q, (int64_t)p->limit);
    if (pg_row(&q))
        p->logs = (size_t)pg_col_int(&q, 0);
    enum rc rc = pg_end(&q);
    if (rc != RC_OK)
        return rc;
    q = pg_start(db, SQL_PURGE_CREDENTIALS);
    pg_int(&q, p->events_us);
    return pg_defer(&q);
}

static enum rc interrupt(struct pg *db, struct str message_id,
    const struct pg_log_text *log, int64_t now_us)
{
    struct pg_query q = pg_start(db, SQL_INTERRUPT);
    pg_text(&q, message_id);
    pg_text(&q, log->content);
    pg_text(&q, log->reasoning);
    pg_int(&q, (log->last_sequence > 0 ? log->last_sequence : 1) + 1);
    enum rc rc = pg_defer(&q);
    return rc == RC_OK ? pg_log_finish(db, message_id, now_us) : rc;
}

/* Id of some message that streams, absent when there is none. */
static enum rc next_streaming(
    struct pg *db, struct arena *arena, struct str *ret)
{
    struct str id = {0};
    struct pg_query q = pg_start(db, SQL_STREAMING);
    pg_text(&q, str_from_c(db->config->options.node));
    if (pg_row(&q))
        id = pg_col_text(&q, 0, arena);
    enum rc rc = pg_end(&q);
    if (rc == RC_OK)
        *ret = id;
    return rc;
}

enum rc pg_verb_recover(struct pg *db, struct store_op *op)
{
    struct store_recover *r = &op->recover;
    r->recovered = 0;
    for (;;) {
        struct arena *arena = arena_new();
        struct str id = {0};
        struct pg_log_text log;
        enum rc rc = next_streaming(db, arena, &id);
        bool more = rc == RC_OK && id.p != NULL;
        if (more)
            rc = pg_log_collect(db, id, arena, &log);
        if (more && rc == RC_OK)
            rc = interrupt(db, id, &log, r->now_us);
        arena_free(arena);
        if (rc != RC_OK || !more)
            return rc;
        r->recovered++;
    }
}
