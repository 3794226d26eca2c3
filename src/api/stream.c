#include <stdio.h>

#include "base/mem.h"
#include "base/num.h"
#include "sse/sse_writer.h"

#include "api/api_int.h"

/*
 * Replies as server-sent events. A live one is followed by a viewer that the
 * client's readiness drives; one that is in the store only is answered whole.
 */
enum {
    HEARTBEAT_MS = 12000,
    PULL_BYTES = 32 * 1024,
    MAX_STORED_STREAM = 32 * 1024 * 1024,
    MAX_STORED_EVENTS = 100000,
};

static const struct http_header stream_headers[] = {
    {{"Cache-Control", 13}, {"no-cache, no-transform", 22}},
    {{"X-Accel-Buffering", 17}, {"no", 2}},
};

struct stream {
    struct http_stream *http;
    struct reply_viewer *viewer;
    struct loop_timer *heartbeat;
    struct arena *arena;
    struct str reply_id;
    bool beat; /* a heartbeat is due */
};

static void put_id(struct buf *out, struct str reply_id, uint64_t sequence)
{
    buf_printf(out, "id: %.*s.%llu\n", STR_ARG(reply_id),
        (unsigned long long)sequence);
}

/* An event that adds text or reasoning. */
static void put_delta(struct buf *out, struct str reply_id, uint64_t sequence,
    struct str text, struct str reasoning)
{
    struct json_writer w;
    put_id(out, reply_id, sequence);
    sse_begin_data(out);
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", reply_id);
    json_member_str(&w, "content", text);
    if (reasoning.n > 0)
        json_member_str(&w, "reasoning", reasoning);
    json_end_object(&w);
    sse_end_data(out);
    sse_write_end(out);
}

static void put_json(
    struct buf *out, struct str reply_id, uint64_t sequence, struct str json)
{
    put_id(out, reply_id, sequence);
    sse_write_data(out, json);
    sse_write_end(out);
}

static void put_done(struct buf *out)
{
    sse_write_type(out, STR("done"));
    sse_write_data(out, STR("{}"));
    sse_write_end(out);
}

static void put_event(
    struct buf *out, struct str reply_id, const struct reply_event *event)
{
    if (event->type == REPLY_EVENT_RESET)
        sse_write_type(out, STR("reset"));
    if (event->type == REPLY_EVENT_DELTA || event->type == REPLY_EVENT_RESET)
        put_delta(
            out, reply_id, event->sequence, event->text, event->reasoning);
    else
        put_json(out, reply_id, event->sequence, event->json);
}

static enum http_pull pull(void *ctx, struct buf *out)
{
    struct stream *s = ctx;
    struct reply_event event;
    size_t start = out->n;
    if (s->beat)
        sse_write_comment(out, STR("ping"));
    s->beat = false;
    loop_timer_start(s->heartbeat, HEARTBEAT_MS);
    while (out->n - start < PULL_BYTES) {
        switch (reply_viewer_next(s->viewer, PULL_BYTES, &event)) {
        case REPLY_NEXT_EVENT:
            put_event(out, s->reply_id, &event);
            break;
        case REPLY_NEXT_WAIT:
            return HTTP_PULL_WAIT;
        case REPLY_NEXT_END:
            put_done(out);
            return HTTP_PULL_END;
        case REPLY_NEXT_LEFT: /* the client comes again and gets the rest */
            return HTTP_PULL_ABORT;
        }
    }
    return HTTP_PULL_MORE;
}

static void closed(void *ctx)
{
    struct stream *s = ctx;
    reply_viewer_free(s->viewer);
    loop_timer_free(s->heartbeat);
    arena_free(s->arena);
    mem_free(s);
}

static void wake(void *ctx)
{
    struct stream *s = ctx;
    http_stream_wake(s->http);
}

static void heartbeat(void *ctx)
{
    struct stream *s = ctx;
    s->beat = true;
    http_stream_wake(s->http);
}

void api_stream_reply(struct api *api, struct http_request *http,
    struct reply *reply, uint64_t after)
{
    struct stream *s = MEM_NEW(struct stream);
    if (reply_view(reply, after, wake, s, &s->viewer) != RC_OK) {
        mem_free(s);
        problem_respond(http, PROBLEM_OVERLOADED,
            "Too many windows follow this reply; close one.",
            &(struct problem_extra){.retry_after_ms = 5000});
        return;
    }
    s->arena = arena_new();
    s->reply_id = arena_str(s->arena, reply_info(reply)->reply_id);
    s->heartbeat = loop_timer_new(api->loop, heartbeat, s);
    loop_timer_start(s->heartbeat, HEARTBEAT_MS);
    struct http_source source = {pull, closed, s};
    s->http = http_stream_begin(http,
        &(struct http_response){
            .status = 200,
            .content_type = STR("text/event-stream"),
            .headers = stream_headers,
            .header_count = 2,
        },
        &source);
}

/* The last event of a reply that is in the store. */
static void put_final(struct buf *out, const struct store_message *m)
{
    struct json_writer w;
    bool silent = m->status == STORE_FAILED && m->content.n == 0;
    put_id(out, m->message_id, (uint64_t)m->last_sequence);
    sse_begin_data(out);
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", m->message_id);
    json_member_str(&w, "content", silent ? m->error_message : STR(""));
    json_member_str(&w, "role", STR("assistant"));
    json_member_str(&w, "status", str_from_c(store_status_name(m->status)));
    json_member_opt(&w, "model", m->model);
    json_member_raw(&w, "sources", m->sources);
    json_member_raw(&w, "metrics", m->metrics);
    json_member_opt(&w, "finish_reason", m->finish_reason);
    api_put_error(&w, m->error_code, m->error_message);
    api_member_time(&w, "timestamp", m->timestamp_us);
    json_end_object(&w);
    sse_end_data(out);
    sse_write_end(out);
    put_done(out);
}

/* What a resume needs between its two look-ups. */
struct resume {
    struct api_request *r;
    struct store_op *message_op;
    uint64_t after;
};

static void finish_resume(struct resume *s, const struct store_op *events)
{
    const struct store_message *m = &s->message_op->get_message.message;
    const struct store_read_events *log = &events->read_events;
    struct http_request *http = s->r->http;
    struct buf out;
    buf_init(&out, MAX_STORED_STREAM);
    bool text_missing = log->count == 0 && m->content.n > 0;
    if (s->after <= 1 && text_missing)
        put_delta(&out, m->message_id, (uint64_t)m->last_sequence - 1,
            m->content, m->reasoning);
    for (size_t i = 0; i < log->count; i++)
        put_delta(&out, m->message_id, (uint64_t)log->events[i].sequence,
            log->events[i].text_delta, log->events[i].reasoning_delta);
    put_final(&out, m);
    http_respond(http, &(struct http_response){
                           .status = 200,
                           .content_type = STR("text/event-stream"),
                           .headers = stream_headers,
                           .header_count = 2,
                           .body = buf_str(&out),
                       });
    buf_release(&out);
}

static void on_events(struct store_op *op)
{
    struct resume *s = op->ctx;
    struct store_op *message_op = s->message_op;
    s->r->op = NULL;
    if (api_store_done(s->r, op)) {
        finish_resume(s, op);
        store_op_free(op);
    }
    store_op_free(message_op);
}

static void gone(void *ctx)
{
    struct resume *s = ctx;
    store_op_abandon(s->r->op);
    store_op_free(s->message_op);
}

static void read_events(struct resume *s)
{
    struct api_request *r = s->r;
    struct store_op *op =
        store_op_new(r->api->loop, STORE_READ_EVENTS, on_events, s);
    op->user_id = store_op_str(op, r->identity.user_id);
    op->read_events = (struct store_read_events){
        .message_id =
            store_op_str(op, s->message_op->get_message.message.message_id),
        .after = (int64_t)s->after,
        .limit = MAX_STORED_EVENTS,
    };
    r->op = op;
    http_request_on_gone(r->http, gone, s);
    store_submit(r->api->config.store, op);
}

static void on_message(struct store_op *op)
{
    struct resume *s = op->ctx;
    struct api_request *r = s->r;
    if (!api_store_done(r, op))
        return;
    const struct store_message *m = &op->get_message.message;
    struct reply *reply = replies_find(r->api->replies, m->message_id);
    uint64_t last = (uint64_t)m->last_sequence;
    if (m->status == STORE_STREAMING && reply != NULL) {
        api_stream_reply(r->api, r->http, reply, s->after);
    } else if (m->status == STORE_STREAMING) {
        problem_respond(r->http, PROBLEM_OVERLOADED,
            "This reply is being started or saved; ask again in a moment.",
            &(struct problem_extra){.retry_after_ms = 1000});
    } else if (m->role != STORE_ROLE_ASSISTANT || last == 0 ||
               s->after >= last) {
        api_respond_empty(r->http, 204, NULL, 0);
    } else {
        s->message_op = op;
        read_events(s);
        return;
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
    struct store_op *op =
        store_op_new(api->loop, STORE_GET_MESSAGE, on_message, s);
    op->user_id = store_op_str(op, r->identity.user_id);
    op->get_message.message_id = store_op_str(op, message_id);
    api_store_submit(r, op);
}

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
