#include "sse/sse_writer.h"

#include "api/event_wire.h"
#include "api/parts.h"

enum { MAX_EVENT = 64 * 1024 };

/* Moves a buffer's content into the arena. */
static struct str keep(struct arena *arena, struct buf *out)
{
    struct str json = arena_str(arena, buf_str(out));
    buf_release(out);
    return json;
}

struct str event_start_json(
    struct arena *arena, const struct store_message *m, bool continued)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_EVENT);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", m->message_id);
    json_member_str(&w, "content", STR(""));
    if (continued)
        json_member_bool(&w, "continued", true);
    json_member_int(&w, "variant", m->variant);
    json_member_int(&w, "variants", m->variants);
    json_member_opt(&w, "user_message_id", m->parent_id);
    json_member_str(&w, "session_id", m->session_id);
    json_member_str(&w, "model", m->model);
    json_member_str(&w, "status", STR("streaming"));
    api_member_time(&w, "timestamp",
        m->status == STORE_STREAMING ? m->timestamp_us : m->created_at_us);
    json_end_object(&w);
    return keep(arena, &out);
}

struct str event_final_json(struct arena *arena, const struct store_message *m)
{
    struct buf out;
    struct json_writer w;
    bool silent = m->status == STORE_FAILED && m->content.n == 0;
    buf_init(&out, MAX_EVENT + m->sources.n + m->metrics.n);
    json_writer_init(&w, &out);
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
    return keep(arena, &out);
}

struct event_start event_start_of(struct arena *arena, struct str reply_id)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_EVENT);
    sse_begin_data(&out);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", reply_id);
    json_key(&w, "content");
    return (struct event_start){
        .id = arena_printf(arena, "id: %.*s.", STR_ARG(reply_id)),
        .data = keep(arena, &out),
    };
}

void event_put_piece(struct buf *out, const struct event_start *start,
    const struct reply_event *piece)
{
    struct json_writer w;
    if (piece->type == REPLY_EVENT_RESET)
        sse_write_type(out, STR("reset"));
    buf_append(out, start->data);
    json_writer_init(&w, out);
    json_put_str(&w, piece->text);
    if (piece->reasoning.n > 0)
        json_member_str(&w, "reasoning", piece->reasoning);
    if (piece->parts.n > 0)
        json_member_lines(&w, "parts", piece->parts);
    json_end_object(&w);
    sse_end_data(out);
    sse_write_end(out);
}

void event_put(struct buf *out, const struct event_start *start,
    const struct reply_event *event)
{
    buf_append(out, start->id);
    buf_append_number(out, event->sequence);
    buf_append_char(out, '\n');
    if (event->type == REPLY_EVENT_DELTA || event->type == REPLY_EVENT_RESET) {
        event_put_piece(out, start, event);
        return;
    }
    sse_write_data(out, event->json);
    sse_write_end(out);
}

void event_put_done(struct buf *out)
{
    sse_write_type(out, STR("done"));
    sse_write_data(out, STR("{}"));
    sse_write_end(out);
}
