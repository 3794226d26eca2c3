#include "store/sqlite/sqlite_int.h"

/* The log of a reply while it is live, and what is made of it afterwards. */

static const char SQL_APPEND[] =
    "INSERT OR IGNORE INTO reply_events(reply, sequence, payload, text_delta,"
    " reasoning_delta) SELECT reply, ?2, ?3, ?4, ?5 FROM reply_logs"
    " WHERE message_id = ?1 AND finished_us IS NULL";

static const char SQL_LOG_CLEAR[] =
    "DELETE FROM reply_events WHERE reply ="
    " (SELECT reply FROM reply_logs WHERE message_id = ?)";
static const char SQL_LOG_REMOVE[] =
    "DELETE FROM reply_logs WHERE message_id = ?";
static const char SQL_LOG_START[] =
    "INSERT INTO reply_logs(message_id) VALUES(?)";
static const char SQL_LOG_FINISH[] =
    "UPDATE reply_logs SET finished_us = ?2 WHERE message_id = ?1"
    " AND finished_us IS NULL";

static const char SQL_COLLECT[] =
    "SELECT e.sequence, e.text_delta, e.reasoning_delta FROM reply_logs l"
    " JOIN reply_events e ON e.reply = l.reply WHERE l.message_id = ?"
    " ORDER BY e.sequence";

static const char SQL_STATE[] =
    "SELECT m.status, max(m.last_sequence, coalesce((SELECT max(e.sequence)"
    "  FROM reply_events e WHERE e.reply = l.reply), 0))"
    " FROM messages m JOIN sessions s ON s.session_id = m.session_id"
    " LEFT JOIN reply_logs l ON l.message_id = m.message_id"
    " WHERE m.message_id = ?1 AND m.user_id = ?2 AND s.user_id = ?2"
    " AND s.deleted_at IS NULL";
static const char SQL_READ[] =
    "SELECT e.sequence, e.payload, e.text_delta, e.reasoning_delta"
    " FROM reply_logs l JOIN reply_events e ON e.reply = l.reply"
    " WHERE l.message_id = ?1 AND e.sequence > ?2"
    " ORDER BY e.sequence LIMIT ?3";

static const char SQL_PURGE_EVENTS[] =
    "DELETE FROM reply_events WHERE reply IN (SELECT reply FROM reply_logs"
    " WHERE finished_us < ?1 ORDER BY finished_us, reply LIMIT ?2)";
static const char SQL_PURGE_LOGS[] =
    "DELETE FROM reply_logs WHERE reply IN (SELECT reply FROM reply_logs"
    " WHERE finished_us < ?1 ORDER BY finished_us, reply LIMIT ?2)";
static const char SQL_PURGE_CREDENTIALS[] =
    "DELETE FROM credentials WHERE expires_us > 0 AND expires_us < ?";

static const char SQL_STREAMING[] =
    "SELECT message_id FROM messages WHERE status = 'streaming'";
static const char SQL_INTERRUPT[] =
    "UPDATE messages SET status = 'interrupted', content = ?2,"
    " reasoning = ?3, last_sequence = ?4 WHERE message_id = ?1";

enum rc log_append(struct db *db, const struct store_event *events,
    size_t count, size_t *ret_dropped)
{
    size_t dropped = 0;
    for (size_t i = 0; i < count; i++) {
        const struct store_event *e = &events[i];
        struct query q = query_start(db, SQL_APPEND);
        query_text(&q, e->message_id);
        query_int(&q, e->sequence);
        query_text(&q, e->payload);
        query_text(&q, e->text_delta);
        query_text(&q, e->reasoning_delta);
        enum rc rc = query_run(&q);
        if (rc != RC_OK)
            return rc;
        dropped += db_changes(db) == 0;
    }
    *ret_dropped = dropped;
    return RC_OK;
}

enum rc verb_append_events(struct db *db, struct store_op *op)
{
    struct store_append_events *a = &op->append_events;
    return log_append(db, a->events, a->count, &a->dropped);
}

/* Runs a statement whose only parameter is a message's id. */
static enum rc run_for(struct db *db, const char *sql, struct str message_id)
{
    struct query q = query_start(db, sql);
    query_text(&q, message_id);
    return query_run(&q);
}

enum rc log_start(struct db *db, struct str message_id)
{
    enum rc rc = run_for(db, SQL_LOG_CLEAR, message_id);
    if (rc == RC_OK)
        rc = run_for(db, SQL_LOG_REMOVE, message_id);
    if (rc == RC_OK)
        rc = run_for(db, SQL_LOG_START, message_id);
    return rc;
}

enum rc log_finish(struct db *db, struct str message_id, int64_t now_us)
{
    struct query q = query_start(db, SQL_LOG_FINISH);
    query_text(&q, message_id);
    query_int(&q, now_us);
    return query_run(&q);
}

enum rc log_collect(struct db *db, struct str message_id, struct arena *arena,
    struct log_text *ret)
{
    struct log_text log = {.content = STR("")};
    struct buf text, reasoning;
    buf_init(&text, DB_MAX_VALUE);
    buf_init(&reasoning, DB_MAX_VALUE);
    struct query q = query_start(db, SQL_COLLECT);
    query_text(&q, message_id);
    while (query_row(&q)) {
        log.last_sequence = query_col_int(&q, 0);
        buf_append(&text, query_col_view(&q, 1));
        buf_append(&reasoning, query_col_view(&q, 2));
    }
    enum rc rc = query_end(&q);
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

static enum rc read_log(struct db *db, struct store_op *op)
{
    struct store_read_events *r = &op->read_events;
    struct query q = query_start(db, SQL_READ);
    query_text(&q, r->message_id);
    query_int(&q, r->after);
    query_int(&q, (int64_t)r->limit);
    while (query_row(&q)) {
        r->events =
            array_grow(op->arena, r->events, r->count, sizeof(*r->events));
        r->events[r->count++] = (struct store_event){
            .message_id = r->message_id,
            .sequence = query_col_int(&q, 0),
            .payload = query_col_text(&q, 1, op->arena),
            .text_delta = query_col_text(&q, 2, op->arena),
            .reasoning_delta = query_col_text(&q, 3, op->arena),
        };
    }
    return query_end(&q);
}

enum rc verb_read_events(struct db *db, struct store_op *op)
{
    struct store_read_events *r = &op->read_events;
    bool found = false;
    r->events = NULL;
    r->count = 0;
    struct query q = query_start(db, SQL_STATE);
    query_text(&q, r->message_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        r->status = store_status_parse(query_col_view(&q, 0));
        r->last_sequence = query_col_int(&q, 1);
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? read_log(db, op) : rc;
}

enum rc verb_purge(struct db *db, struct store_op *op)
{
    static const char *const steps[] = {SQL_PURGE_EVENTS, SQL_PURGE_LOGS};
    struct store_purge *p = &op->purge;
    for (size_t i = 0; i < 2; i++) {
        struct query q = query_start(db, steps[i]);
        query_int(&q, p->events_us);
        query_int(&q, (int64_t)p->limit);
        enum rc rc = query_run(&q);
        if (rc != RC_OK)
            return rc;
    }
    p->logs = (size_t)db_changes(db);
    struct query q = query_start(db, SQL_PURGE_CREDENTIALS);
    query_int(&q, p->events_us);
    return query_run(&q);
}

static enum rc interrupt(struct db *db, struct str message_id,
    const struct log_text *log, int64_t now_us)
{
    struct query q = query_start(db, SQL_INTERRUPT);
    query_text(&q, message_id);
    query_text(&q, log->content);
    query_text(&q, log->reasoning);
    query_int(&q, (log->last_sequence > 0 ? log->last_sequence : 1) + 1);
    enum rc rc = query_run(&q);
    return rc == RC_OK ? log_finish(db, message_id, now_us) : rc;
}

/* Id of some message that streams, absent when there is none. */
static enum rc next_streaming(
    struct db *db, struct arena *arena, struct str *ret)
{
    struct str id = {0};
    struct query q = query_start(db, SQL_STREAMING);
    if (query_row(&q))
        id = query_col_text(&q, 0, arena);
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = id;
    return rc;
}

enum rc verb_recover(struct db *db, struct store_op *op)
{
    struct store_recover *r = &op->recover;
    r->recovered = 0;
    for (;;) {
        struct arena *arena = arena_new();
        struct str id = {0};
        struct log_text log;
        enum rc rc = next_streaming(db, arena, &id);
        bool more = rc == RC_OK && id.p != NULL;
        if (more)
            rc = log_collect(db, id, arena, &log);
        if (more && rc == RC_OK)
            rc = interrupt(db, id, &log, r->now_us);
        arena_free(arena);
        if (rc != RC_OK || !more)
            return rc;
        r->recovered++;
    }
}
