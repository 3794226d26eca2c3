#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "sse/sse_writer.h"

#include "api/event_wire.h"
#include "api/follow.h"

/*
 * Replies as server-sent events, driven by the client's readiness. One that is
 * made on this loop is followed in memory, any other in the store; a reply
 * that leaves the loop while it is followed goes on from the store. The client
 * cannot tell the difference.
 */
enum {
    HEARTBEAT_MS = 12000,
    PULL_BYTES = 32 * 1024,
    LARGE_EVENT = 1024 * 1024, /* is sent in pieces */
    PIECE_BYTES = 64 * 1024,
    MAX_PIECES = 128 << 20,
    RECONNECT_MS = 1000,
    START_BYTES = 64, /* of what each event begins with, without ids */
};

/* What is left of an event that goes in pieces. */
struct pieces {
    struct buf text, reasoning, parts;
    size_t text_at, reasoning_at, parts_at;
    uint64_t sequence;
    bool begun;
};

struct stream {
    struct api *api;
    struct list link; /* in api->streams */
    struct http_stream *http;
    struct reply_viewer *viewer; /* of a reply in memory, or NULL */
    struct follower *follower;   /* of one in the store, or NULL */
    struct loop_timer *heartbeat;
    struct arena *arena;
    struct str user_id;
    struct str reply_id;
    struct event_start start;
    struct pieces *pieces; /* or NULL */
    int64_t said_ms;       /* loop time of the last pull */
    bool beat;             /* a heartbeat is due */
    bool leaving;          /* the server stops: the client is to come again */
    bool told;             /* when to */
};

static void wake(void *ctx)
{
    struct stream *s = ctx;
    http_stream_wake(s->http);
}

/* Goes on with the store from where the stream is. */
static void follow_store(struct stream *s, uint64_t after)
{
    s->follower = follower_new(s->api, &(struct follow_request){
                                           .user_id = s->user_id,
                                           .reply_id = s->reply_id,
                                           .after = after,
                                           .wake = wake,
                                           .ctx = s,
                                       });
}

static void leave_memory(struct stream *s)
{
    uint64_t cursor = reply_viewer_cursor(s->viewer);
    reply_viewer_free(s->viewer);
    s->viewer = NULL;
    follow_store(s, cursor);
}

/* ---- Events too large to be sent at once ---- */

static void pieces_free(struct pieces *p)
{
    if (p == NULL)
        return;
    buf_release(&p->text);
    buf_release(&p->reasoning);
    buf_release(&p->parts);
    mem_free(p);
}

/*
 * Keeps the event for several turns. Only one that replaces what the client
 * has can be cut in the middle, so it becomes such a one; it is the first text
 * of all then (a purged log) or was one already.
 */
static void begin_pieces(struct stream *s, const struct reply_event *event)
{
    struct pieces *p = s->pieces = MEM_NEW(struct pieces);
    buf_init(&p->text, MAX_PIECES);
    buf_init(&p->reasoning, MAX_PIECES);
    buf_init(&p->parts, MAX_PIECES);
    buf_append(&p->text, event->text);
    buf_append(&p->reasoning, event->reasoning);
    buf_append(&p->parts, event->parts);
    p->sequence = event->sequence;
}

static struct str next_text(const struct buf *text, size_t *at)
{
    struct str rest = str_sub(buf_str(text), *at, text->n);
    struct str piece = utf8_truncate(rest, PIECE_BYTES);
    *at += piece.n;
    return piece;
}

/* A part goes whole, after the text in which it stands. */
static struct str next_line(struct pieces *p)
{
    struct str rest = str_sub(buf_str(&p->parts), p->parts_at, p->parts.n);
    if (p->text_at < p->text.n || p->reasoning_at < p->reasoning.n)
        return STR("");
    size_t end = str_find_char(rest, '\n');
    struct str line = str_sub(rest, 0, end < rest.n ? end + 1 : end);
    p->parts_at += line.n;
    return line;
}

static bool pieces_over(const struct pieces *p)
{
    return p->text_at == p->text.n && p->reasoning_at == p->reasoning.n &&
           p->parts_at == p->parts.n;
}

static void put_piece(struct stream *s, struct buf *out)
{
    struct pieces *p = s->pieces;
    struct reply_event event = {
        .type = p->begun ? REPLY_EVENT_DELTA : REPLY_EVENT_RESET,
        .sequence = p->sequence,
        .text = next_text(&p->text, &p->text_at),
        .reasoning = next_text(&p->reasoning, &p->reasoning_at),
        .parts = next_line(p),
    };
    p->begun = true;
    if (!pieces_over(p)) {
        event_put_piece(out, &s->start, &event);
        return;
    }
    event_put(out, &s->start, &event);
    pieces_free(p);
    s->pieces = NULL;
}

/* ---- The source of the response ---- */

static void put(
    struct stream *s, struct buf *out, const struct reply_event *event)
{
    if (event->text.n + event->reasoning.n + event->parts.n > LARGE_EVENT)
        begin_pieces(s, event);
    else
        event_put(out, &s->start, event);
}

static enum reply_next next_event(struct stream *s, struct reply_event *ret)
{
    if (s->viewer != NULL) {
        enum reply_next next = reply_viewer_next(s->viewer, PULL_BYTES, ret);
        if (next != REPLY_NEXT_LEFT)
            return next;
        leave_memory(s);
    }
    return follower_next(s->follower, PULL_BYTES, ret);
}

/* Appends one event, or says why there is none. */
static enum http_pull pull_one(struct stream *s, struct buf *out)
{
    struct reply_event event;
    if (s->pieces != NULL) {
        put_piece(s, out);
        return HTTP_PULL_MORE;
    }
    switch (next_event(s, &event)) {
    case REPLY_NEXT_EVENT:
        put(s, out, &event);
        return HTTP_PULL_MORE;
    case REPLY_NEXT_WAIT:
        return s->leaving && s->follower != NULL ? HTTP_PULL_END
                                                 : HTTP_PULL_WAIT;
    case REPLY_NEXT_END:
        event_put_done(out);
        return HTTP_PULL_END;
    case REPLY_NEXT_LEFT:
        break;
    }
    return HTTP_PULL_ABORT;
}

static enum http_pull pull(void *ctx, struct buf *out)
{
    struct stream *s = ctx;
    size_t start = out->n;
    enum http_pull next = HTTP_PULL_MORE;
    if (s->beat)
        sse_write_comment(out, STR("ping"));
    s->beat = false;
    if (s->leaving && !s->told) {
        buf_append(out, STR(": the server restarts\n"));
        sse_write_retry(out, RECONNECT_MS);
        sse_write_end(out);
        s->told = true;
    }
    s->said_ms = loop_now_ms(s->api->loop);
    while (next == HTTP_PULL_MORE && out->n - start < PULL_BYTES)
        next = pull_one(s, out);
    return next;
}

static void closed(void *ctx)
{
    struct stream *s = ctx;
    list_remove(&s->link);
    reply_viewer_free(s->viewer);
    follower_free(s->follower);
    loop_timer_free(s->heartbeat);
    pieces_free(s->pieces);
    arena_free(s->arena);
    mem_free(s);
}

/* The timer runs on while events are sent, and looks when it is due. */
static void heartbeat(void *ctx)
{
    struct stream *s = ctx;
    int64_t silent = loop_now_ms(s->api->loop) - s->said_ms;
    s->beat = silent >= HEARTBEAT_MS;
    loop_timer_start(
        s->heartbeat, s->beat ? HEARTBEAT_MS : HEARTBEAT_MS - silent);
    if (s->beat)
        http_stream_wake(s->http);
}

/* A stream that has its viewer or gets its follower at once. */
static struct stream *stream_new(
    struct api *api, struct str user_id, struct str reply_id)
{
    struct stream *s = MEM_NEW(struct stream);
    s->api = api;
    s->arena = arena_sized(3 * reply_id.n + user_id.n + START_BYTES);
    s->user_id = arena_str(s->arena, user_id);
    s->reply_id = arena_str(s->arena, reply_id);
    s->start = event_start_of(s->arena, reply_id);
    list_init(&s->link);
    list_push(&api->streams, &s->link);
    s->said_ms = loop_now_ms(api->loop);
    s->heartbeat = loop_timer_new(api->loop, heartbeat, s);
    loop_timer_start(s->heartbeat, HEARTBEAT_MS);
    return s;
}

static void stream_begin(struct stream *s, struct http_request *http)
{
    struct http_source source = {pull, closed, s};
    struct http_header headers[2 + USAGE_HEADERS] = {
        {STR("Cache-Control"), STR("no-cache, no-transform")},
        {STR("X-Accel-Buffering"), STR("no")},
    };
    size_t count = 2 + usage_headers(http, headers + 2);
    s->http = http_stream_begin(http,
        &(struct http_response){
            .status = 200,
            .content_type = STR("text/event-stream"),
            .headers = headers,
            .header_count = count,
        },
        &source);
}

void api_stream_reply(struct api *api, struct http_request *http,
    struct reply *reply, uint64_t after)
{
    const struct reply_info *info = reply_info(reply);
    struct stream *s = stream_new(api, info->owner, info->reply_id);
    if (reply_view(reply, after, wake, s, &s->viewer) == RC_OK) {
        stream_begin(s, http);
        return;
    }
    closed(s);
    problem_respond(http, PROBLEM_OVERLOADED,
        "Too many windows follow this reply; close one.",
        &(struct problem_extra){.retry_after_ms = 5000});
}

void api_dismiss_streams(struct api *api)
{
    LIST_EACH(node, &api->streams)
    {
        struct stream *s = LIST_ITEM(node, struct stream, link);
        s->leaving = true;
        http_stream_wake(s->http);
    }
}

/* What a resume needs to know of a reply that is not in memory. */
struct resume {
    struct api_request *r;
    uint64_t after;
};

static void on_message(struct store_op *op)
{
    struct resume *resume = op->ctx;
    struct api_request *r = resume->r;
    if (!api_store_done(r, op))
        return;
    const struct store_message *m = &op->get_message.message;
    bool streaming = m->status == STORE_STREAMING;
    uint64_t last = (uint64_t)m->last_sequence;
    struct reply *reply = replies_find(r->api->replies, m->message_id);
    if (m->role != STORE_ROLE_ASSISTANT ||
        (!streaming && (last == 0 || resume->after >= last))) {
        api_respond_empty(r->http, 204, NULL, 0);
    } else if (streaming && reply != NULL) {
        api_stream_reply(r->api, r->http, reply, resume->after);
    } else {
        struct stream *s =
            stream_new(r->api, r->identity.user_id, m->message_id);
        follow_store(s, resume->after);
        stream_begin(s, r->http);
    }
    store_op_free(op);
}

void api_stream_message(
    struct api_request *r, struct str message_id, uint64_t after)
{
    struct api *api = r->api;
    struct reply *reply = replies_find(api->replies, message_id);
    if (reply != NULL &&
        str_eq(reply_info(reply)->owner, r->identity.user_id)) {
        bool over = reply_status(reply) != REPLY_STREAMING &&
                    after >= reply_final_sequence(reply);
        if (over)
            api_respond_empty(r->http, 204, NULL, 0);
        else
            api_stream_reply(api, r->http, reply, after);
        return;
    }
    struct resume *s = ARENA_NEW(http_request_arena(r->http), struct resume);
    *s = (struct resume){.r = r, .after = after};
    struct store_op *op = api_store_op(r, STORE_GET_MESSAGE, on_message);
    op->ctx = s;
    op->get_message.message_id = store_op_str(op, message_id);
    op->get_message.brief = true;
    api_store_submit(r, op);
}

static const struct api_field resume_query_fields[] = {
    {.name = "after",
        .type = API_INT,
        .help = "Number of the last event seen; without it the reply is told "
                "from the start.",
        .example = "7"},
};
const struct api_schema api_resume_query = {"", resume_query_fields,
    sizeof(resume_query_fields) / sizeof(*resume_query_fields)};

/* "<message id>.<n>", or only "<n>", or nothing. */
static bool read_after(
    struct http_request *http, struct str message_id, uint64_t *ret)
{
    struct str text = http_request_header(http, "Last-Event-ID");
    if (text.n == 0 && !http_request_query(http, "after", &text))
        return true;
    if (str_starts_with(text, message_id) && text.n > message_id.n &&
        text.p[message_id.n] == '.')
        text = str_sub(text, message_id.n + 1, text.n);
    int64_t after;
    if (num_parse_i64(text, 0, INT64_MAX, &after) != RC_OK)
        return false;
    *ret = (uint64_t)after;
    return true;
}

void api_resume(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct str id = http_request_param(http, "message_id");
    uint64_t after = 0;
    if (read_after(http, id, &after))
        api_stream_message(r, id, after);
    else
        problem_respond(http, PROBLEM_INVALID_REQUEST,
            "Last-Event-ID (or 'after') must be an event id of this message.",
            &(struct problem_extra){.field = "after"});
}
