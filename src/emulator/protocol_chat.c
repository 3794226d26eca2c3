#include "base/json_writer.h"

#include "emulator/protocol.h"
#include "emulator/trace.h"

static bool has(const struct emu_reply *r, enum emu_flag flag)
{
    return (r->model->flags & (unsigned)flag) != 0;
}

/* Claude's prompt tokens are those that were not in the cache. */
static void write_usage(
    struct json_writer *w, const struct emu_reply *r, int64_t completion)
{
    bool cached = r->fault == EMU_FAULT_CACHED_TOKENS;
    json_key(w, "usage");
    if (r->fault == EMU_FAULT_USAGE_NULL) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_int(w, "prompt_tokens", r->prompt_tokens);
    json_member_int(w, "completion_tokens", completion);
    json_member_int(w, "total_tokens", r->prompt_tokens + completion);
    if (has(r, EMU_CLAUDE)) {
        json_member_int(
            w, "cache_read_input_tokens", cached ? EMU_CACHED_TOKENS : 0);
        json_member_int(w, "cache_creation_input_tokens", 0);
    }
    json_end_object(w);
}

static void write_head(
    struct json_writer *w, const struct emu_reply *r, struct str object)
{
    json_member_str(w, "id", str_from_c(r->id));
    json_member_str(w, "object", object);
    json_member_int(w, "created", r->created);
    json_member_str(w, "model", str_from_c(r->model->upstream));
}

/* {"type":"reasoning","summary":[...]}; a signature may stand alone. */
static void write_reasoning(struct json_writer *w, const struct emu_reply *r,
    struct str text, struct str signature)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("reasoning"));
    json_key(w, "summary");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "type", STR("summary_text"));
    json_member_str(w, "text", text);
    if (has(r, EMU_SIGNATURE))
        json_member_str(w, "signature", signature);
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
}

/* Reasoning that only the model can read again. */
static void write_hidden(struct json_writer *w)
{
    json_put_raw(
        w, STR("{\"type\":\"reasoning\",\"summary\":[{\"type\":"
               "\"summary_encrypted_text\",\"data\":\"Ev8DemoNobodyReadsThis\""
               "}]}"));
}

/* The first block may say where its text is from, as lists of lists. */
static void write_text_block(struct json_writer *w, const struct emu_reply *r,
    struct str text, bool first)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("text"));
    json_member_str(w, "text", text);
    if (first && r->fault == EMU_FAULT_CITATIONS)
        json_member_raw(w, "citations",
            STR("[[{\"type\":\"char_location\",\"cited_text\":\"made up\","
                "\"document_index\":0,\"document_title\":\"Demo handbook\","
                "\"start_char_index\":0,\"end_char_index\":7}]]"));
    json_end_object(w);
}

static void write_role(struct json_writer *w, const struct emu_reply *r)
{
    json_key(w, "role");
    if (r->role_null)
        json_put_null(w);
    else
        json_put_str(w, STR("assistant"));
}

/*
 * Two calls side by side: the id only in the first piece of each, the first
 * arguments of one empty and of the other "{}", as gateways begin them.
 */
#define FUNCTION(name, arguments)                                              \
    "\"function\":{" name "\"arguments\":\"" arguments "\"}}"
#define CALL(place, name, arguments)                                           \
    "{" place                                                                  \
    "\"type\":\"function\"," FUNCTION("\"name\":\"" name "\",", arguments)
#define GOES_ON(index, arguments)                                              \
    "{\"index\":" index "," FUNCTION("", arguments)
#define WEATHER "demo__weather__look_up"
#define MAP "demo__maps__find"

static const char *const fragments[] = {
    "[" CALL("\"index\":0,\"id\":\"call_a\",", WEATHER, "") "," CALL(
        "\"index\":1,\"id\":\"call_b\",", MAP, "{}") "]",
    "[" GOES_ON("0", "{\\\"city\\\":") "]",
    "[" GOES_ON("1", "{\\\"place\\\":") "," GOES_ON("0", "\\\"Oslo\\\"}") "]",
    "[" GOES_ON("1", "\\\"Oslo S\\\"}") "]",
};

static const char whole_calls[] = "[" CALL("\"id\":\"call_a\",", WEATHER,
    "{\\\"city\\\":\\\"Oslo\\\"}") "," CALL("\"id\":\"call_b\",", MAP,
    "{\\\"place\\\":\\\"Oslo S\\\"}") "]";

enum { FRAGMENTS = sizeof(fragments) / sizeof(*fragments) };

/* The members of a delta that is a piece of tool calls. */
static void write_calls(
    struct json_writer *w, const struct emu_reply *r, const struct emu_piece *p)
{
    if (p->first) {
        write_role(w, r);
        json_member_null(w, "content");
    }
    json_member_raw(w, "tool_calls", str_from_c(fragments[p->index]));
}

/* The member "content" of a delta. */
static void write_content(
    struct json_writer *w, const struct emu_reply *r, const struct emu_piece *p)
{
    bool in_array = has(r, EMU_ARRAY_TEXT) || r->fault == EMU_FAULT_CITATIONS ||
                    (has(r, EMU_ARRAY_FIRST) && p->first);
    json_key(w, "content");
    if (p->kind == EMU_PIECE_TEXT && !in_array) {
        json_put_str(w, p->text);
    } else if (p->kind == EMU_PIECE_START || p->kind == EMU_PIECE_FINISH) {
        json_put_str(w, STR(""));
    } else {
        json_begin_array(w);
        if (p->kind == EMU_PIECE_TEXT)
            write_text_block(w, r, p->text, p->first);
        else if (p->kind == EMU_PIECE_REASONING)
            write_reasoning(w, r, p->text, STR(""));
        else if (r->fault == EMU_FAULT_HIDDEN_REASONING)
            write_hidden(w);
        else
            write_reasoning(w, r, STR(""), buf_str(&r->signature));
        json_end_array(w);
    }
}

static void write_delta(
    struct json_writer *w, const struct emu_reply *r, const struct emu_piece *p)
{
    bool bare = has(r, EMU_ROLE_FIRST) && p->kind != EMU_PIECE_START;
    json_key(w, "delta");
    json_begin_object(w);
    if (p->kind == EMU_PIECE_CALLS) {
        write_calls(w, r, p);
    } else {
        if (!bare || r->role_null)
            write_role(w, r);
        if (!bare || p->kind != EMU_PIECE_FINISH)
            write_content(w, r, p);
    }
    json_end_object(w);
}

static void write_choices(
    struct json_writer *w, const struct emu_reply *r, const struct emu_piece *p)
{
    json_key(w, "choices");
    json_begin_array(w);
    if (p->kind != EMU_PIECE_USAGE) {
        json_begin_object(w);
        json_member_int(w, "index", 0);
        write_delta(w, r, p);
        json_member_opt(w, "finish_reason",
            p->kind == EMU_PIECE_FINISH ? r->finish : STR(""));
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_piece(
    const struct emu_reply *r, const struct emu_piece *piece, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    write_head(&w, r, STR("chat.completion.chunk"));
    write_choices(&w, r, piece);
    if (r->trace && piece->kind == EMU_PIECE_FINISH)
        emu_trace_write(r, &w);
    if (has(r, EMU_USAGE_EACH) || piece->kind == EMU_PIECE_USAGE)
        write_usage(&w, r, piece->tokens);
    json_end_object(&w);
}

/* Whether a whole answer's content is an array. */
static bool in_blocks(const struct emu_reply *r)
{
    return r->reasoning.n > 0 || has(r, EMU_ARRAY_TEXT) ||
           r->fault == EMU_FAULT_CITATIONS ||
           r->fault == EMU_FAULT_HIDDEN_REASONING;
}

static void write_message(struct json_writer *w, const struct emu_reply *r)
{
    struct str text = buf_str(&r->text);
    json_key(w, "message");
    json_begin_object(w);
    write_role(w, r);
    json_key(w, "content");
    if (r->calls && text.n == 0) {
        json_put_null(w);
    } else if (!in_blocks(r)) {
        json_put_str(w, text);
    } else {
        json_begin_array(w);
        if (r->reasoning.n > 0)
            write_reasoning(
                w, r, buf_str(&r->reasoning), buf_str(&r->signature));
        if (r->fault == EMU_FAULT_HIDDEN_REASONING)
            write_hidden(w);
        write_text_block(w, r, text, true);
        json_end_array(w);
    }
    if (r->calls)
        json_member_raw(w, "tool_calls", str_from_c(whole_calls));
    json_end_object(w);
}

static void write_whole(const struct emu_reply *r, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    write_head(&w, r, STR("chat.completion"));
    json_key(&w, "choices");
    json_begin_array(&w);
    json_begin_object(&w);
    json_member_int(&w, "index", 0);
    write_message(&w, r);
    json_member_str(&w, "finish_reason", r->finish);
    json_end_object(&w);
    json_end_array(&w);
    if (r->trace)
        emu_trace_write(r, &w);
    write_usage(&w, r, r->completion_tokens);
    json_end_object(&w);
}

static void prepare(struct emu_reply *r)
{
    r->events[EMU_PIECE_START] = has(r, EMU_ROLE_FIRST);
    r->events[EMU_PIECE_BETWEEN] =
        r->signature.n > 0 || r->fault == EMU_FAULT_HIDDEN_REASONING;
    r->events[EMU_PIECE_TEXT] = 1;
    r->events[EMU_PIECE_CALLS] = r->calls ? FRAGMENTS : 0;
    r->events[EMU_PIECE_FINISH] = 1;
    r->events[EMU_PIECE_USAGE] = has(r, EMU_USAGE_LAST);
}

const struct emu_protocol emu_protocol_chat = {
    prepare, write_piece, write_whole};

const struct emu_protocol *emu_protocol_of(const struct emu_model *model)
{
    switch (model->task) {
    case EMU_TASK_EMBEDDINGS:
        return NULL;
    case EMU_TASK_CHAT_AGENT:
        return &emu_protocol_agent;
    case EMU_TASK_RESPONSES:
        return &emu_protocol_responses;
    case EMU_TASK_CHAT:
    case EMU_TASK_AGENT_CHAT:
        break;
    }
    return &emu_protocol_chat;
}
