#include "base/json_writer.h"

#include "emulator/protocol.h"
#include "emulator/tool.h"
#include "emulator/trace.h"

/*
 * ChatAgent: each event is a part of one message. The agent says what it will
 * do, calls its tool in one piece, gets the result and answers.
 */
enum { SAYS, CALLS, GETS, BEFORE_TEXT };

static void write_usage(
    struct json_writer *w, const struct emu_reply *r, int64_t completion)
{
    json_key(w, "usage");
    json_begin_object(w);
    json_member_int(w, "prompt_tokens", r->prompt_tokens);
    json_member_int(w, "completion_tokens", completion);
    json_member_int(w, "total_tokens", r->prompt_tokens + completion);
    json_end_object(w);
}

static void begin_message(struct json_writer *w, const struct emu_reply *r,
    struct str role, struct str content)
{
    json_begin_object(w);
    json_key(w, "role");
    if (r->role_null)
        json_put_null(w);
    else
        json_put_str(w, role);
    json_member_str(w, "content", content);
}

static void write_call(struct json_writer *w)
{
    json_key(w, "tool_calls");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "id", STR("call_1"));
    json_member_str(w, "type", STR("function"));
    json_key(w, "function");
    json_begin_object(w);
    json_member_str(w, "name", emu_tool_name());
    json_member_str(w, "arguments", emu_tool_arguments());
    json_end_object(w);
    json_end_object(w);
    json_end_array(w);
}

/* One of the messages before the answer. */
static void write_step(
    struct json_writer *w, const struct emu_reply *r, size_t step)
{
    if (step == GETS) {
        begin_message(w, r, STR("tool"), emu_tool_output(r));
        json_member_str(w, "name", emu_tool_name());
        json_member_str(w, "tool_call_id", STR("call_1"));
        json_member_str(w, "id", STR("tool_1"));
    } else {
        begin_message(w, r, STR("assistant"),
            step == SAYS ? STR("I will look that up.") : STR(""));
        json_member_str(w, "id", STR("msg_1"));
        if (step == CALLS)
            write_call(w);
    }
    json_end_object(w);
}

static void write_answer(
    struct json_writer *w, const struct emu_reply *r, struct str text)
{
    begin_message(w, r, STR("assistant"), text);
    json_member_str(w, "id", STR("msg_2"));
    json_end_object(w);
}

static void prepare(struct emu_reply *r)
{
    r->events[EMU_PIECE_START] = BEFORE_TEXT;
    r->events[EMU_PIECE_TEXT] = 1;
    r->events[EMU_PIECE_FINISH] = 1;
}

static void write_piece(
    const struct emu_reply *r, const struct emu_piece *piece, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "id", str_from_c(r->id));
    json_key(&w, "delta");
    if (piece->kind == EMU_PIECE_START)
        write_step(&w, r, piece->index);
    else
        write_answer(&w, r, piece->text);
    if (piece->kind == EMU_PIECE_FINISH) {
        json_member_str(&w, "finish_reason", r->finish);
        write_usage(&w, r, piece->tokens);
        if (r->trace)
            emu_trace_write(r, &w);
    }
    json_end_object(&w);
}

/* The call stands in the message that announced it. */
static void write_messages(struct json_writer *w, const struct emu_reply *r)
{
    begin_message(w, r, STR("assistant"), STR("I will look that up."));
    json_member_str(w, "id", STR("msg_1"));
    write_call(w);
    json_end_object(w);
    write_step(w, r, GETS);
    write_answer(w, r, buf_str(&r->text));
}

static void write_whole(const struct emu_reply *r, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_key(&w, "messages");
    json_begin_array(&w);
    write_messages(&w, r);
    json_end_array(&w);
    json_member_str(&w, "finish_reason", r->finish);
    json_key(&w, "custom_outputs");
    json_begin_object(&w);
    json_end_object(&w);
    write_usage(&w, r, r->completion_tokens);
    json_member_str(&w, "id", str_from_c(r->id));
    if (r->trace)
        emu_trace_write(r, &w);
    json_end_object(&w);
}

const struct emu_protocol emu_protocol_agent = {
    prepare, write_piece, write_whole};
