#include "base/mem.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/event_wire.h"
#include "api/follow.h"
#include "api/listen.h"

/*
 * What is read when:
 *
 *   row      the message: what it is, and in the end how it ended
 *   page     events behind the cursor; while it streams, again and again
 *   origin   the first event of the log, when numbers are missing: a log that
 *            was purged is empty, or holds the past as one event
 *
 * One operation is under way at most, and only when the client wants more.
 */
enum {
    PAGE_EVENTS = 64,
    PAGE_BYTES = 256 << 10,
    POLL_MS = 1000,
    PATIENCE_MS = 20000,   /* how long the store may fail */
    JOINED_MAX = 64 << 20, /* of neighbouring events */
};

enum origin { ORIGIN_UNKNOWN, ORIGIN_SEEN, ORIGIN_AHEAD, ORIGIN_NONE };

struct follower {
    struct api *api;
    struct arena *arena;
    struct str user_id;
    struct str reply_id;
    uint64_t cursor;
    void (*wake)(void *ctx);
    void *ctx;
    struct listener listener;
    struct loop_timer *poll;
    struct store_op *op;   /* under way */
    struct store_op *row;  /* the message as last read */
    struct store_op *page; /* events as last read */
    size_t next;           /* of the page */
    int64_t variant;       /* that is followed; 0: not known yet */
    enum origin origin;
    int64_t failing_since; /* loop time, or -1 */
    bool stale;            /* something may have come since the last read */
    bool anew;             /* what was seen is of another variant */
    bool watching;         /* other processes were told that we follow */
    bool ended;            /* the final event was given */
    bool lost;
    struct buf text, reasoning, parts; /* joined events */
};

static void on_news(void *ctx)
{
    struct follower *f = ctx;
    f->stale = true;
    f->wake(f->ctx);
}

struct follower *follower_new(
    struct api *api, const struct follow_request *request)
{
    struct follower *f = MEM_NEW(struct follower);
    f->api = api;
    f->arena = arena_new();
    f->user_id = arena_str(f->arena, request->user_id);
    f->reply_id = arena_str(f->arena, request->reply_id);
    f->cursor = request->after;
    f->wake = request->wake;
    f->ctx = request->ctx;
    f->failing_since = -1;
    f->poll = loop_timer_new(api->loop, on_news, f);
    buf_init(&f->text, JOINED_MAX);
    buf_init(&f->reasoning, JOINED_MAX);
    buf_init(&f->parts, JOINED_MAX);
    f->listener =
        (struct listener){.reply_id = f->reply_id, .fn = on_news, .ctx = f};
    listener_begin(api->listening, &f->listener);
    metrics_add(METRIC_VIEWERS, 1);
    return f;
}

void follower_free(struct follower *f)
{
    if (f == NULL)
        return;
    listener_end(&f->listener);
    loop_timer_free(f->poll);
    store_op_abandon(f->op);
    store_op_free(f->row);
    store_op_free(f->page);
    buf_release(&f->text);
    buf_release(&f->reasoning);
    buf_release(&f->parts);
    arena_free(f->arena);
    metrics_add(METRIC_VIEWERS, -1);
    mem_free(f);
}

/* ---- What was read ---- */

static const struct store_message *row_of(const struct follower *f)
{
    return &f->row->get_message.message;
}

static const struct store_read_events *page_of(const struct follower *f)
{
    return &f->page->read_events;
}

/* Puts an operation in the place of another; NULL empties it. */
static void replace(struct store_op **kept, struct store_op *op)
{
    store_op_free(*kept);
    *kept = op;
}

/* The row tells the end of what the page is the last of. */
static bool row_fits_page(const struct follower *f)
{
    return row_of(f)->status != STORE_STREAMING &&
           row_of(f)->last_sequence == page_of(f)->last_sequence;
}

/* The reply was made anew since: what was seen is of another variant. */
static void begin_anew(struct follower *f)
{
    f->anew = f->cursor > 0;
    f->variant = 0;
    f->origin = ORIGIN_UNKNOWN;
    replace(&f->page, NULL);
    replace(&f->row, NULL);
}

/* From now on what others append is told to this process. */
static void watch(struct follower *f)
{
    if (f->watching || row_of(f)->status != STORE_STREAMING)
        return;
    f->watching = true;
    struct store_op *op =
        store_op_new(f->api->loop, STORE_WATCH_REPLY, store_op_free, NULL);
    op->user_id = store_op_str(op, f->user_id);
    op->watch_reply.message_id = store_op_str(op, f->reply_id);
    store_submit(f->api->config.store, op);
}

static void take_row(struct follower *f, struct store_op *op)
{
    replace(&f->row, op);
    if (f->variant != 0 && row_of(f)->variant != f->variant)
        begin_anew(f);
    else if (f->page != NULL && !row_fits_page(f))
        replace(&f->page, NULL);
    if (f->row == NULL)
        return;
    f->variant = row_of(f)->variant;
    watch(f);
}

static void take_page(struct follower *f, struct store_op *op)
{
    replace(&f->page, op);
    f->next = 0;
    if (f->variant != 0 && page_of(f)->variant != f->variant)
        begin_anew(f);
}

static void take_origin(struct follower *f, struct store_op *op)
{
    const struct store_read_events *r = &op->read_events;
    if (r->count == 0)
        f->origin = ORIGIN_NONE;
    else if ((uint64_t)r->events[0].sequence > f->cursor)
        f->origin = ORIGIN_AHEAD;
    else
        f->origin = ORIGIN_SEEN;
    store_op_free(op);
}

/* The store failed: tried again by and by, for a while. */
static void failed(struct follower *f, struct store_op *op)
{
    int64_t now = loop_now_ms(f->api->loop);
    if (f->failing_since < 0)
        f->failing_since = now;
    f->lost = op->rc == RC_NOT_FOUND || op->rc == RC_CLOSED ||
              now - f->failing_since >= PATIENCE_MS;
    if (f->lost && op->rc != RC_NOT_FOUND)
        log_error("a reply's log cannot be read; its viewer is cut",
            LOG_STR("message_id", f->reply_id), LOG_RC(op->rc),
            LOG_CSTR("why", op->error));
    f->stale = false;
    if (!f->lost)
        loop_timer_start(f->poll, POLL_MS);
    store_op_free(op);
}

/* False: the operation failed and is gone. */
static bool came_back(struct follower *f, struct store_op *op)
{
    f->op = NULL;
    if (op->rc != RC_OK) {
        failed(f, op);
        return false;
    }
    f->failing_since = -1;
    return true;
}

static void on_row(struct store_op *op)
{
    struct follower *f = op->ctx;
    if (came_back(f, op))
        take_row(f, op);
    f->wake(f->ctx);
}

static void on_page(struct store_op *op)
{
    struct follower *f = op->ctx;
    if (came_back(f, op))
        take_page(f, op);
    f->wake(f->ctx);
}

static void on_origin(struct store_op *op)
{
    struct follower *f = op->ctx;
    if (came_back(f, op))
        take_origin(f, op);
    f->wake(f->ctx);
}

/* ---- What is read next ---- */

static enum reply_next submit(struct follower *f, struct store_op *op)
{
    op->user_id = store_op_str(op, f->user_id);
    loop_timer_stop(f->poll);
    f->op = op;
    store_submit(f->api->config.store, op);
    return REPLY_NEXT_WAIT;
}

static enum reply_next read_row(struct follower *f, bool brief)
{
    struct store_op *op =
        store_op_new(f->api->loop, STORE_GET_MESSAGE, on_row, f);
    op->get_message.message_id = store_op_str(op, f->reply_id);
    op->get_message.brief = brief;
    return submit(f, op);
}

static enum reply_next read_page(struct follower *f)
{
    struct store_op *op =
        store_op_new(f->api->loop, STORE_READ_EVENTS, on_page, f);
    op->read_events = (struct store_read_events){
        .message_id = store_op_str(op, f->reply_id),
        .after = (int64_t)f->cursor,
        .limit = PAGE_EVENTS,
        .max_bytes = PAGE_BYTES,
    };
    f->stale = false;
    return submit(f, op);
}

static enum reply_next read_origin(struct follower *f)
{
    struct store_op *op =
        store_op_new(f->api->loop, STORE_READ_EVENTS, on_origin, f);
    op->read_events = (struct store_read_events){
        .message_id = store_op_str(op, f->reply_id), .limit = 1};
    return submit(f, op);
}

/* ---- What the viewer gets ---- */

static enum reply_next give(struct follower *f, struct reply_event *ret,
    const struct reply_event *event)
{
    *ret = *event;
    f->cursor = event->sequence;
    return REPLY_NEXT_EVENT;
}

static enum reply_next give_start(struct follower *f, struct reply_event *ret)
{
    return give(f, ret,
        &(struct reply_event){.type = REPLY_EVENT_START,
            .sequence = 1,
            .json = event_start_json(f->row->arena, row_of(f), false)});
}

/* Nothing of what was seen stands any more. */
static enum reply_next give_emptiness(
    struct follower *f, struct reply_event *ret)
{
    const struct store_message *m = row_of(f);
    bool behind =
        m->status == STORE_STREAMING || (uint64_t)m->last_sequence > f->cursor;
    f->anew = false;
    return give(f, ret,
        &(struct reply_event){.type = REPLY_EVENT_RESET,
            .sequence = behind ? f->cursor : 1, /* numbers do not go back */
            .text = STR(""),
            .reasoning = STR("")});
}

/* How many events of the page, from the next on, are joined to one. */
static size_t join(const struct follower *f, size_t max_bytes)
{
    const struct store_event *events = &page_of(f)->events[f->next];
    size_t left = page_of(f)->count - f->next, n = 0, bytes = 0;
    while (n < left) {
        bytes += events[n].text_delta.n + events[n].reasoning_delta.n +
                 events[n].payload.n;
        bool apart = n > 0 && events[n].sequence != events[n - 1].sequence + 1;
        if (n > 0 && (bytes > max_bytes || apart))
            break;
        n++;
    }
    return n;
}

static enum reply_next give_events(
    struct follower *f, size_t max_bytes, struct reply_event *ret)
{
    const struct store_event *events = &page_of(f)->events[f->next];
    size_t n = join(f, max_bytes);
    buf_clear(&f->text);
    buf_clear(&f->reasoning);
    buf_clear(&f->parts);
    for (size_t i = 0; i < n; i++) {
        buf_append(&f->text, events[i].text_delta);
        buf_append(&f->reasoning, events[i].reasoning_delta);
        buf_append(&f->parts, events[i].payload);
    }
    f->next += n;
    bool ahead = f->cursor > 1 && f->origin == ORIGIN_AHEAD;
    f->origin = f->cursor > 1 ? ORIGIN_SEEN : f->origin;
    return give(f, ret,
        &(struct reply_event){
            .type = ahead ? REPLY_EVENT_RESET : REPLY_EVENT_DELTA,
            .sequence = (uint64_t)events[n - 1].sequence,
            .text = buf_str(&f->text),
            .reasoning = buf_str(&f->reasoning),
            .parts = buf_str(&f->parts),
        });
}

/* Whether numbers are missing behind the cursor, as in a log with a purge. */
static bool has_gap(const struct follower *f, uint64_t next)
{
    return f->cursor > 1 && next > f->cursor + 1;
}

/* The log is no more: the row has the text. */
static enum reply_next give_text_of_row(
    struct follower *f, struct reply_event *ret)
{
    const struct store_message *m = row_of(f);
    return give(f, ret,
        &(struct reply_event){
            .type = f->cursor > 1 ? REPLY_EVENT_RESET : REPLY_EVENT_DELTA,
            .sequence = (uint64_t)m->last_sequence - 1,
            .text = m->content,
            .reasoning = m->reasoning,
            .parts = m->parts,
        });
}

/* The log was read to its end and the reply has ended. */
static enum reply_next give_end(struct follower *f, struct reply_event *ret)
{
    const struct store_message *m = row_of(f);
    uint64_t last = (uint64_t)m->last_sequence;
    bool has_text = m->content.n > 0 || m->reasoning.n > 0 || m->parts.n > 0;
    if (has_text && f->cursor + 1 < last) {
        if (f->origin == ORIGIN_UNKNOWN)
            return read_origin(f);
        if (f->origin == ORIGIN_NONE && f->row->get_message.brief)
            return read_row(f, false);
        if (f->origin == ORIGIN_NONE)
            return give_text_of_row(f, ret);
        if (f->origin == ORIGIN_AHEAD)
            return read_page(f);
    }
    f->ended = true;
    if (f->cursor >= last)
        return REPLY_NEXT_END;
    return give(f, ret,
        &(struct reply_event){.type = REPLY_EVENT_FINAL,
            .sequence = last,
            .json = event_final_json(f->row->arena, m)});
}

static enum reply_next next_of_log(
    struct follower *f, size_t max_bytes, struct reply_event *ret)
{
    if (f->page != NULL && f->next < page_of(f)->count) {
        uint64_t next = (uint64_t)page_of(f)->events[f->next].sequence;
        if (has_gap(f, next) && f->origin == ORIGIN_UNKNOWN)
            return read_origin(f);
        return give_events(f, max_bytes, ret);
    }
    if (f->page == NULL || page_of(f)->more || f->stale)
        return read_page(f);
    if (page_of(f)->status == STORE_STREAMING) {
        loop_timer_start(f->poll, POLL_MS);
        return REPLY_NEXT_WAIT;
    }
    return row_fits_page(f) ? give_end(f, ret) : read_row(f, true);
}

enum reply_next follower_next(
    struct follower *f, size_t max_bytes, struct reply_event *ret)
{
    if (f->lost)
        return REPLY_NEXT_LEFT;
    if (f->ended)
        return REPLY_NEXT_END;
    if (f->op != NULL || (f->failing_since >= 0 && !f->stale))
        return REPLY_NEXT_WAIT;
    if (f->row == NULL)
        return read_row(f, true);
    if (f->anew)
        return give_emptiness(f, ret);
    if (f->cursor == 0)
        return give_start(f, ret);
    return next_of_log(f, max_bytes, ret);
}
