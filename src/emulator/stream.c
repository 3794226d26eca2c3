#include "base/json_writer.h"
#include "sse/sse_writer.h"

#include "emulator/hash.h"
#include "emulator/stream.h"

enum {
    SLICE = 32 * 1024,
    EVENT_MAX = 64 * 1024,
    CARRY_MAX = 512 * 1024,
    TRACE_BYTES = 300 * 1024,
    SPLIT_US = 20'000, /* between the halves of a split character */
    COMMENT_EVERY = 5,
};

void emu_stream_init(struct emu_stream *s, const struct emu_protocol *protocol,
    const struct emu_reply *reply, const struct emu_fault_choice *fault,
    double tokens_per_second, int64_t now_us)
{
    *s = (struct emu_stream){.protocol = protocol,
        .reply = reply,
        .fault = fault->fault,
        .tokens_per_second = tokens_per_second,
        .due_us = now_us};
    buf_init(&s->carry, CARRY_MAX);
}

void emu_stream_init_raw(
    struct emu_stream *s, struct str text, enum emu_stream_next next)
{
    *s = (struct emu_stream){.next = next};
    buf_init(&s->carry, CARRY_MAX);
    buf_append(&s->carry, text);
}

void emu_stream_release(struct emu_stream *s)
{
    buf_release(&s->carry);
}

/* ---- Framing ---- */

/* Event, id and comment lines around the data, as the standard allows. */
static void write_commented(
    struct emu_stream *s, struct str data, struct buf *out)
{
    if (s->events % COMMENT_EVERY == 0)
        sse_write_comment(out, STR("the demo is still writing"));
    if (s->events % COMMENT_EVERY == 1) {
        sse_write_type(out, STR("message"));
        buf_printf(out, "id: %llu\n", (unsigned long long)s->events);
        sse_write_retry(out, 3000);
    }
    if (s->events % COMMENT_EVERY == 2) {
        buf_append(out, STR("data:"));
        buf_append(out, data);
        buf_append_char(out, '\n');
    } else {
        sse_write_data(out, data);
    }
    sse_write_end(out);
}

/* Where to cut data inside a character; its length if it is all ASCII. */
static size_t inside_character(struct str data)
{
    for (size_t i = 0; i < data.n; i++)
        if ((unsigned char)data.p[i] >= 0xc0)
            return i + 1;
    return data.n;
}

static void write_split(
    struct emu_stream *s, struct str data, int64_t now_us, struct buf *out)
{
    size_t at = inside_character(data);
    sse_begin_data(out);
    buf_append(out, str_sub(data, 0, at));
    struct buf *rest = at < data.n ? &s->carry : out;
    buf_append(rest, str_sub(data, at, data.n));
    sse_end_data(rest);
    sse_write_end(rest);
    s->carry_due_us = now_us + SPLIT_US;
}

static void write_event(
    struct emu_stream *s, struct str data, int64_t now_us, struct buf *out)
{
    if (s->fault == EMU_FAULT_CRLF) {
        buf_append(out, STR("data: "));
        buf_append(out, data);
        buf_append(out, STR("\r\n\r\n"));
    } else if (s->fault == EMU_FAULT_COMMENTS) {
        write_commented(s, data, out);
    } else if (s->fault == EMU_FAULT_UTF8_SPLIT) {
        write_split(s, data, now_us, out);
    } else {
        sse_write_data(out, data);
        sse_write_end(out);
    }
    s->events++;
}

/* ---- Faults ---- */

/* A chunk whose trace makes its line huge; its text is empty. */
static void write_trace(struct emu_stream *s, struct buf *out)
{
    struct json_writer w;
    struct buf filler;
    buf_init(&filler, TRACE_BYTES + 64);
    while (filler.n < TRACE_BYTES)
        buf_append(&filler, STR("The demo retrieved nothing. "));
    sse_begin_data(out);
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "id", str_from_c(s->reply->id));
    if (s->protocol == &emu_protocol_chat)
        json_member_raw(&w, "choices",
            STR("[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
                "\"\"}"
                ",\"finish_reason\":null}]"));
    json_key(&w, "databricks_output");
    json_begin_object(&w);
    json_member_str(&w, "trace", buf_str(&filler));
    json_end_object(&w);
    json_end_object(&w);
    sse_end_data(out);
    sse_write_end(out);
    buf_release(&filler);
}

/* Faults that come before any text; whether there was one. */
static bool fail_at_start(struct emu_stream *s, int64_t now_us, struct buf *out)
{
    if (s->events > 0)
        return false;
    if (s->fault == EMU_FAULT_STALL_AFTER_HEAD) {
        s->next = EMU_NEXT_STALL;
    } else if (s->fault == EMU_FAULT_EMPTY_200) {
        s->next = EMU_NEXT_END;
    } else if (s->fault == EMU_FAULT_ERROR_IN_STREAM) {
        write_event(s,
            STR("{\"error\":{\"message\":\"The model could not be reached.\","
                "\"type\":\"internal_error\",\"code\":\"INTERNAL_ERROR\"}}"),
            now_us, out);
        write_event(s, STR("[DONE]"), now_us, out);
        s->next = EMU_NEXT_END;
    } else {
        return false;
    }
    return true;
}

/* The next event without its second half. */
static void cut_line(struct emu_stream *s, struct buf *out)
{
    struct emu_piece piece;
    struct buf data;
    buf_init(&data, EVENT_MAX);
    if (emu_reply_next(s->reply, &s->cursor, &piece))
        s->protocol->write_piece(s->reply, &piece, &data);
    sse_begin_data(out);
    buf_append(out, str_sub(buf_str(&data), 0, data.n / 2));
    buf_release(&data);
    s->next = EMU_NEXT_ABORT;
}

/* Errors before [DONE], and ends of agent/v1/responses before time. */
static bool fail_otherwise(
    struct emu_stream *s, int64_t now_us, struct buf *out)
{
    if (s->fault == EMU_FAULT_TEXT_ERROR_MIDWAY)
        write_event(s, STR("{\"error\":\"The agent raised an exception.\"}"),
            now_us, out);
    else if (s->fault == EMU_FAULT_OBJECT_ERROR_MIDWAY)
        write_event(s,
            STR("{\"error\":{\"message\":\"The model stopped in the middle of "
                "its answer.\",\"type\":\"server_error\",\"code\":null}}"),
            now_us, out);
    else if (s->fault == EMU_FAULT_RESPONSE_FAILED)
        write_event(s,
            STR("{\"type\":\"response.failed\",\"response\":{\"status\":"
                "\"failed\",\"error\":{\"code\":\"server_error\",\"message\":"
                "\"The agent stopped in the middle of its answer.\"}}}"),
            now_us, out);
    else if (s->fault == EMU_FAULT_RESPONSE_INCOMPLETE)
        write_event(s,
            STR("{\"type\":\"response.incomplete\",\"response\":{\"status\":"
                "\"incomplete\",\"error\":null,\"incomplete_details\":{"
                "\"reason\":\"max_output_tokens\"}}}"),
            now_us, out);
    else if (s->fault == EMU_FAULT_RESPONSE_FILTERED)
        write_event(s,
            STR("{\"type\":\"response.incomplete\",\"response\":{\"status\":"
                "\"incomplete\",\"error\":null,\"incomplete_details\":{"
                "\"reason\":\"content_filter\"}}}"),
            now_us, out);
    else
        return false;
    write_event(s, STR("[DONE]"), now_us, out);
    s->next = EMU_NEXT_END;
    return true;
}

/* Faults in the middle; whether there was one. */
static bool fail_midway(struct emu_stream *s, int64_t now_us, struct buf *out)
{
    if (!emu_reply_midway(s->reply, &s->cursor))
        return false;
    if (s->fault == EMU_FAULT_STALL_MIDWAY) {
        s->next = EMU_NEXT_STALL;
    } else if (s->fault == EMU_FAULT_CUT_MIDLINE) {
        cut_line(s, out);
    } else if (s->fault == EMU_FAULT_CUT_NO_DONE) {
        s->next = EMU_NEXT_ABORT;
    } else if (s->fault == EMU_FAULT_ERROR_EVENT_MIDWAY) {
        write_event(s,
            STR("{\"error_code\":\"INTERNAL_ERROR\",\"message\":\"The model "
                "stopped in the middle of its answer.\"}"),
            now_us, out);
        s->next = EMU_NEXT_END;
    } else if (s->fault == EMU_FAULT_TYPED_ERROR_MIDWAY) {
        write_event(s,
            STR("{\"type\":\"error\",\"code\":\"server_error\",\"message\":"
                "\"The model stopped in the middle of its answer.\","
                "\"param\":null}"),
            now_us, out);
        s->next = EMU_NEXT_END;
    } else {
        return fail_otherwise(s, now_us, out);
    }
    return true;
}

/* ---- The regular course ---- */

/* Time to the next token: the model's pace, a little uneven. */
static int64_t interval_us(const struct emu_stream *s)
{
    uint64_t random = emu_mix(s->reply->hash ^ (s->events << 20));
    double uneven = 0.6 + 0.8 * (double)(random >> 11) / (double)(1ULL << 53);
    return (int64_t)(1e6 / s->tokens_per_second * uneven);
}

static void write_piece(struct emu_stream *s, const struct emu_piece *piece,
    int64_t now_us, struct buf *out)
{
    struct buf data;
    if (piece->kind == EMU_PIECE_TEXT || piece->kind == EMU_PIECE_REASONING)
        s->due_us += interval_us(s);
    buf_init(&data, EVENT_MAX);
    s->protocol->write_piece(s->reply, piece, &data);
    write_event(s, buf_str(&data), now_us, out);
    buf_release(&data);
    if (s->fault == EMU_FAULT_HUGE_LINE && s->events == 1)
        write_trace(s, &s->carry);
}

/* As agents outside of model serving tell it: without a type. */
static void write_trace_id(
    struct emu_stream *s, int64_t now_us, struct buf *out)
{
    struct buf data;
    buf_init(&data, EVENT_MAX);
    buf_printf(&data, "{\"trace_id\":\"tr-%s\"}", s->reply->id);
    write_event(s, buf_str(&data), now_us, out);
    buf_release(&data);
}

static void write_next(struct emu_stream *s, int64_t now_us, struct buf *out)
{
    struct emu_piece piece;
    if (fail_at_start(s, now_us, out) || fail_midway(s, now_us, out))
        return;
    if (emu_reply_next(s->reply, &s->cursor, &piece)) {
        write_piece(s, &piece, now_us, out);
        return;
    }
    if (s->fault == EMU_FAULT_TRACE_EVENT)
        write_trace_id(s, now_us, out);
    if (s->fault != EMU_FAULT_NO_DONE)
        write_event(s, STR("[DONE]"), now_us, out);
    s->next = EMU_NEXT_END;
}

static int64_t wait_for(int64_t due_us, int64_t now_us)
{
    return (due_us - now_us + 999) / 1000;
}

enum http_pull emu_stream_pull(
    struct emu_stream *s, int64_t now_us, struct buf *out, int64_t *ret_wait_ms)
{
    size_t limit = out->n + SLICE;
    while (out->n < limit) {
        bool carried = s->carry.n > 0;
        if (!carried && s->next == EMU_NEXT_END)
            return HTTP_PULL_END;
        if (!carried && s->next == EMU_NEXT_ABORT)
            return HTTP_PULL_ABORT;
        bool stalled = !carried && s->next == EMU_NEXT_STALL;
        int64_t due_us = carried ? s->carry_due_us : s->due_us;
        if (stalled || now_us < due_us) {
            *ret_wait_ms = stalled ? -1 : wait_for(due_us, now_us);
            return HTTP_PULL_WAIT;
        }
        if (carried) {
            struct str part = str_sub(buf_str(&s->carry), 0, limit - out->n);
            buf_append(out, part);
            buf_consume(&s->carry, part.n);
        } else {
            write_next(s, now_us, out);
        }
    }
    return HTTP_PULL_MORE;
}
