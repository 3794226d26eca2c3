#include "base/buf.h"

#include "store/sql/verbs.h"

/* The log of a reply while it is live, and what is made of it afterwards. */

static const struct sql SQL_APPEND =
    SQL("INSERT INTO reply_events(reply, sequence, payload, text_delta,"
        " reasoning_delta) SELECT reply, $2, $3, $4, $5 FROM reply_logs"
        " WHERE message_id = $1 AND finished_us IS NULL"
        " ON CONFLICT DO NOTHING");

static const struct sql SQL_LOG_CLEAR =
    SQL("DELETE FROM reply_events WHERE reply ="
        " (SELECT reply FROM reply_logs WHERE message_id = $1)");
static const struct sql SQL_LOG_REMOVE =
    SQL("DELETE FROM reply_logs WHERE message_id = $1");
static const struct sql SQL_LOG_START =
    SQL("INSERT INTO reply_logs(message_id) VALUES($1)");
static const struct sql SQL_LOG_FINISH =
    SQL("UPDATE reply_logs SET finished_us = $2, stop_requested = 0"
        " WHERE message_id = $1"
        " AND finished_us IS NULL");

/* The later of the log's last event and the one that ended the reply. */
#define STATE(larger)                                                          \
    "SELECT m.status, " larger "(m.last_sequence, coalesce((SELECT"            \
    "  max(e.sequence) FROM reply_events e WHERE e.reply = l.reply), 0)),"     \
    " m.variant, coalesce(l.stop_requested, 0)"                                \
    " FROM messages m JOIN sessions s ON s.session_id = m.session_id"          \
    " LEFT JOIN reply_logs l ON l.message_id = m.message_id"                   \
    " WHERE m.message_id = $1 AND m.user_id = $2 AND s.user_id = $2"           \
    " AND s.deleted_at IS NULL"
static const struct sql SQL_STATE = SQL_EACH(STATE("max"), STATE("greatest"));
static const struct sql SQL_READ =
    SQL("SELECT e.sequence, e.payload, e.text_delta, e.reasoning_delta, e.marks"
        " FROM reply_logs l JOIN reply_events e ON e.reply = l.reply"
        " WHERE l.message_id = $1 AND e.sequence > $2"
        " ORDER BY e.sequence LIMIT $3");

static const struct sql SQL_PURGE_EVENTS =
    SQL("DELETE FROM reply_events WHERE reply IN (SELECT reply FROM reply_logs"
        " WHERE finished_us < $1 ORDER BY finished_us, reply LIMIT $2)");
static const struct sql SQL_PURGE_LOGS =
    SQL("DELETE FROM reply_logs WHERE reply IN (SELECT reply FROM reply_logs"
        " WHERE finished_us < $1 ORDER BY finished_us, reply LIMIT $2)");
static const struct sql SQL_PURGE_CREDENTIALS =
    SQL("DELETE FROM credentials WHERE expires_us > 0 AND expires_us < $1");

enum rc log_append(struct db *db, const struct store_event *events,
    size_t count, size_t *dropped)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        const struct store_event *e = &events[i];
        struct query q = query_start(db, &SQL_APPEND);
        query_text(&q, e->message_id);
        query_int(&q, e->sequence);
        query_text(&q, e->payload);
        query_text(&q, e->text_delta);
        query_text(&q, e->reasoning_delta);
        rc = query_defer_counted(&q, dropped);
    }
    return rc;
}

enum rc verb_append_events(struct db *db, struct store_op *op)
{
    struct store_append_events *a = &op->append_events;
    a->dropped = 0;
    return log_append(db, a->events, a->count, &a->dropped);
}

/* Runs a statement whose only parameter is a message's id. */
static enum rc run_for(
    struct db *db, const struct sql *sql, struct str message_id)
{
    struct query q = query_start(db, sql);
    query_text(&q, message_id);
    return query_defer(&q);
}

enum rc log_drop(struct db *db, struct str message_id)
{
    enum rc rc = run_for(db, &SQL_LOG_CLEAR, message_id);
    return rc == RC_OK ? run_for(db, &SQL_LOG_REMOVE, message_id) : rc;
}

enum rc log_new(struct db *db, struct str message_id)
{
    return run_for(db, &SQL_LOG_START, message_id);
}

enum rc log_start(struct db *db, struct str message_id)
{
    enum rc rc = log_drop(db, message_id);
    return rc == RC_OK ? log_new(db, message_id) : rc;
}

enum rc log_finish(struct db *db, struct str message_id, int64_t now_us)
{
    struct query q = query_start(db, &SQL_LOG_FINISH);
    query_text(&q, message_id);
    query_int(&q, now_us);
    return query_defer(&q);
}

/* ---- Reading ---- */

/* One event after the other, from wherever they are. */
struct reading {
    int64_t last; /* that was given */
    log_take_fn *take;
    void *ctx;
    bool enough;
};

static void give(struct reading *r, const struct store_event *event)
{
    if (r->enough || event->sequence <= r->last)
        return;
    r->last = event->sequence;
    r->enough = !r->take(r->ctx, event);
}

static enum rc give_row(
    struct reading *r, struct query *q, struct str message_id)
{
    struct store_event row = {
        .message_id = message_id,
        .sequence = query_col_int(q, 0),
        .payload = query_col_view(q, 1),
        .text_delta = query_col_view(q, 2),
        .reasoning_delta = query_col_view(q, 3),
    };
    struct pack_reader pack;
    struct store_event event;
    enum rc rc;
    pack_begin(&pack, &row, query_col_view(q, 4));
    while ((rc = pack_next(&pack, &event)) == RC_OK)
        give(r, &event);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What the driver keeps of a live reply goes behind what the table has. */
static enum rc give_tail(
    struct db *db, struct reading *r, struct str message_id, size_t limit)
{
    struct tail_reading t = {.message_id = message_id,
        .after = r->last,
        .limit = limit,
        .arena = arena_new()};
    enum rc rc = db->tail->read(db, &t);
    for (size_t i = 0; rc == RC_OK && i < t.count; i++)
        give(r, &t.events[i]);
    arena_free(t.arena);
    return rc;
}

enum rc log_each(struct db *db, struct str message_id, int64_t after,
    size_t limit, log_take_fn *take, void *ctx)
{
    struct reading r = {.last = after, .take = take, .ctx = ctx};
    enum rc rc = RC_OK;
    struct query q = query_start(db, &SQL_READ);
    query_text(&q, message_id);
    query_int(&q, after);
    query_int(&q, limit < INT32_MAX ? (int64_t)limit : INT32_MAX);
    while (rc == RC_OK && !r.enough && query_row(&q))
        rc = give_row(&r, &q, message_id);
    enum rc end = query_end(&q);
    if (rc == RC_OK)
        rc = end;
    if (rc == RC_OK && !r.enough && db->tail != NULL)
        rc = give_tail(db, &r, message_id, limit);
    return rc;
}

/* The texts of a log as they are put together. */
struct collecting {
    struct buf text, reasoning, parts;
    int64_t last_sequence;
};

static bool collect_event(void *ctx, const struct store_event *event)
{
    struct collecting *c = ctx;
    buf_append(&c->text, event->text_delta);
    buf_append(&c->reasoning, event->reasoning_delta);
    buf_append(&c->parts, event->payload);
    c->last_sequence = event->sequence;
    return true;
}

enum rc log_collect(struct db *db, struct str message_id, struct arena *arena,
    struct log_text *ret)
{
    struct collecting c = {0};
    buf_init(&c.text, SQL_MAX_VALUE);
    buf_init(&c.reasoning, SQL_MAX_VALUE);
    buf_init(&c.parts, SQL_MAX_VALUE);
    enum rc rc = log_each(db, message_id, 0, SIZE_MAX, collect_event, &c);
    if (rc == RC_OK &&
        (!buf_ok(&c.text) || !buf_ok(&c.reasoning) || !buf_ok(&c.parts)))
        rc = RC_TOO_LARGE;
    if (rc == RC_OK)
        *ret = (struct log_text){
            .content = arena_str(arena, buf_str(&c.text)),
            .last_sequence = c.last_sequence,
        };
    if (rc == RC_OK && c.reasoning.n > 0)
        ret->reasoning = arena_str(arena, buf_str(&c.reasoning));
    if (rc == RC_OK && c.parts.n > 0)
        ret->parts = arena_str(arena, buf_str(&c.parts));
    buf_release(&c.text);
    buf_release(&c.reasoning);
    buf_release(&c.parts);
    return rc;
}

/* A page of events for whoever follows. */
struct page {
    struct store_op *op;
    size_t bytes;
};

static bool take_event(void *ctx, const struct store_event *event)
{
    struct page *page = ctx;
    struct store_op *op = page->op;
    struct store_read_events *r = &op->read_events;
    size_t more =
        event->payload.n + event->text_delta.n + event->reasoning_delta.n;
    r->more = r->count == r->limit || (page->bytes > 0 && r->max_bytes > 0 &&
                                          page->bytes + more > r->max_bytes);
    if (r->more)
        return false;
    page->bytes += more;
    r->events = array_grow(op->arena, r->events, r->count, sizeof(*r->events));
    r->events[r->count++] = (struct store_event){
        .message_id = r->message_id,
        .sequence = event->sequence,
        .payload = store_op_str(op, event->payload),
        .text_delta = store_op_str(op, event->text_delta),
        .reasoning_delta = store_op_str(op, event->reasoning_delta),
    };
    return true;
}

static enum rc read_log(struct db *db, struct store_op *op)
{
    struct store_read_events *r = &op->read_events;
    struct page page = {.op = op};
    enum rc rc =
        log_each(db, r->message_id, r->after, r->limit, take_event, &page);
    r->more |= r->count == r->limit;
    int64_t last = db->tail == NULL ? 0 : db->tail->last(db, r->message_id);
    if (r->count > 0 && r->events[r->count - 1].sequence > last)
        last = r->events[r->count - 1].sequence;
    if (last > r->last_sequence)
        r->last_sequence = last;
    return rc;
}

enum rc verb_read_events(struct db *db, struct store_op *op)
{
    struct store_read_events *r = &op->read_events;
    bool found = false;
    r->events = NULL;
    r->count = 0;
    r->more = false;
    struct query q = query_start(db, &SQL_STATE);
    query_text(&q, r->message_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        r->status = store_status_parse(query_col_view(&q, 0));
        r->last_sequence = query_col_int(&q, 1);
        r->variant = query_col_int(&q, 2);
        r->stop_requested =
            r->status == STORE_STREAMING && query_col_int(&q, 3) != 0;
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? read_log(db, op) : rc;
}

/* Deletes what belongs to the logs that ended first. */
static enum rc purge_with(struct db *db, const struct sql *sql,
    const struct store_purge *p, int64_t *ret_changed)
{
    struct query q = query_start(db, sql);
    query_int(&q, p->events_us);
    query_int(&q, (int64_t)p->limit);
    return query_run_counted(&q, ret_changed);
}

enum rc purge_logs(struct db *db, struct store_purge *p)
{
    int64_t changed = 0;
    enum rc rc = purge_with(db, &SQL_PURGE_EVENTS, p, &changed);
    if (rc == RC_OK)
        rc = purge_with(db, &SQL_PURGE_LOGS, p, &changed);
    if (rc != RC_OK)
        return rc;
    p->logs = (size_t)changed;
    p->more |= p->logs == p->limit;
    struct query q = query_start(db, &SQL_PURGE_CREDENTIALS);
    query_int(&q, p->events_us);
    return query_defer(&q);
}
