#include "base/json_writer.h"

#include "emulator/protocol.h"
#include "emulator/tool.h"
#include "emulator/trace.h"

/*
 * ResponsesAgent. Beside the deltas of text and reasoning there are steps;
 * which ones come, and when, is the model's script. Each is one event.
 */
enum step {
    END, /* of a script; no event */
    CREATED,
    IN_PROGRESS,
    REASONING_ADDED,
    REASONING_DONE,
    CALL_ADDED,
    ARGUMENTS_BEGIN,
    ARGUMENTS_END,
    CALL_DONE,
    TURN_COMPLETED,
    BARE_OUTPUT, /* an item as an event of its own */
    NEXT_CREATED,
    OUTPUT_DONE, /* the same item in a proper event */
    MESSAGE_ADDED,
    PART_ADDED,
    ANNOTATION_ADDED,
    PART_DONE,
    MESSAGE_DONE,
    APPROVAL_DONE,
    COMPLETED,
};

enum { SCRIPT = 12, FOOTNOTES_MAX = 512 };

/* Steps before the reasoning, between it and the text, and at the end. */
struct script {
    enum step steps[EMU_PIECE_KINDS][SCRIPT];
};

static const struct script all_events = {{
    [EMU_PIECE_START] = {CREATED, IN_PROGRESS, REASONING_ADDED},
    [EMU_PIECE_BETWEEN] = {REASONING_DONE, CALL_ADDED, ARGUMENTS_BEGIN,
        ARGUMENTS_END, CALL_DONE, TURN_COMPLETED, BARE_OUTPUT, NEXT_CREATED,
        MESSAGE_ADDED, PART_ADDED},
    [EMU_PIECE_FINISH] = {ANNOTATION_ADDED, PART_DONE, MESSAGE_DONE, COMPLETED},
}};

static const struct script few_events = {{
    [EMU_PIECE_BETWEEN] = {CALL_DONE, OUTPUT_DONE},
    [EMU_PIECE_FINISH] = {MESSAGE_DONE},
}};

static const struct script one_item = {{
    [EMU_PIECE_FINISH] = {MESSAGE_DONE},
}};

static const struct script asking = {{
    [EMU_PIECE_START] = {CREATED},
    [EMU_PIECE_FINISH] = {MESSAGE_DONE, APPROVAL_DONE, COMPLETED},
}};

static const struct script allowed = {{
    [EMU_PIECE_START] = {CREATED},
    [EMU_PIECE_BETWEEN] = {CALL_DONE, OUTPUT_DONE},
    [EMU_PIECE_FINISH] = {MESSAGE_DONE, COMPLETED},
}};

static const struct script denied = {{
    [EMU_PIECE_START] = {CREATED},
    [EMU_PIECE_FINISH] = {MESSAGE_DONE, COMPLETED},
}};

static bool has(const struct emu_reply *r, enum emu_flag flag)
{
    return (r->model->flags & (unsigned)flag) != 0;
}

static const struct script *script_of(const struct emu_reply *r)
{
    if (has(r, EMU_ALL_EVENTS))
        return &all_events;
    if (has(r, EMU_ITEM_ONLY))
        return &one_item;
    if (!has(r, EMU_APPROVAL))
        return &few_events;
    if (r->approval == EMU_APPROVAL_WANTED)
        return &asking;
    return r->approval == EMU_APPROVAL_GIVEN ? &allowed : &denied;
}

static void prepare(struct emu_reply *r)
{
    const struct script *script = script_of(r);
    for (int kind = 0; kind < EMU_PIECE_KINDS; kind++) {
        size_t n = 0;
        while (script->steps[kind][n] != END)
            n++;
        r->events[kind] = n;
    }
    r->events[EMU_PIECE_TEXT] = !has(r, EMU_ITEM_ONLY) && !r->refuses;
}

/* ---- Items ---- */

static void write_id(
    struct json_writer *w, const char *key, const char *kind, bool second)
{
    struct buf id;
    buf_init(&id, EMU_ID_SIZE);
    buf_printf(&id, "%s_demo%d", kind, second ? 2 : 1);
    json_member_str(w, key, buf_str(&id));
    buf_release(&id);
}

static void write_citation(struct json_writer *w, struct str text)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("url_citation"));
    if (text.n > 0) {
        json_member_int(w, "start_index", 0);
        json_member_int(w, "end_index", 1);
    }
    json_member_str(w, "title", STR("Demo page (made up)"));
    json_member_str(w, "url", STR("https://example.com/demo/made-up-page"));
    json_end_object(w);
}

/* What the finished item has more than the deltas. */
static void append_footnotes(struct buf *text)
{
    buf_append(text,
        STR("[^1]\n\n[^1]: This passage belongs to the built-in demo and is "
            "made up. (https://example.com/demo/made-up-page)\n"));
}

static void write_text_part(struct json_writer *w, const struct emu_reply *r)
{
    struct buf text;
    buf_init(&text, r->text.n + FOOTNOTES_MAX);
    buf_append(&text, buf_str(&r->text));
    if (has(r, EMU_FOOTNOTES))
        append_footnotes(&text);
    json_begin_object(w);
    json_member_str(w, "type", STR("output_text"));
    json_member_str(w, "text", buf_str(&text));
    json_key(w, "annotations");
    json_begin_array(w);
    if (has(r, EMU_ALL_EVENTS) || has(r, EMU_FOOTNOTES))
        write_citation(w, buf_str(&text));
    json_end_array(w);
    json_end_object(w);
    buf_release(&text);
}

static void write_part(struct json_writer *w, const struct emu_reply *r)
{
    if (!r->refuses) {
        write_text_part(w, r);
        return;
    }
    json_begin_object(w);
    json_member_str(w, "type", STR("refusal"));
    json_member_str(w, "refusal", buf_str(&r->text));
    json_end_object(w);
}

/* done: with its text; else as it begins. */
static void write_message(
    struct json_writer *w, const struct emu_reply *r, bool done)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("message"));
    write_id(w, "id", "msg", has(r, EMU_FOOTNOTES));
    json_member_str(w, "role", STR("assistant"));
    json_member_str(w, "status", done ? STR("completed") : STR("in_progress"));
    json_key(w, "content");
    json_begin_array(w);
    if (done)
        write_part(w, r);
    json_end_array(w);
    json_end_object(w);
}

static void write_reasoning(struct json_writer *w, struct str text)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("reasoning"));
    write_id(w, "id", "rs", false);
    json_key(w, "summary");
    json_begin_array(w);
    if (text.n > 0) {
        json_begin_object(w);
        json_member_str(w, "type", STR("summary_text"));
        json_member_str(w, "text", text);
        json_end_object(w);
    }
    json_end_array(w);
    json_member_null(w, "encrypted_content");
    json_end_object(w);
}

static void write_call(struct json_writer *w, bool done)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("function_call"));
    write_id(w, "id", "fc", false);
    json_member_str(w, "call_id", STR("toolu_1"));
    json_member_str(w, "name", emu_tool_name());
    json_member_str(w, "arguments", done ? emu_tool_arguments() : STR(""));
    json_member_null(w, "status");
    json_end_object(w);
}

static void write_output(struct json_writer *w, const struct emu_reply *r)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("function_call_output"));
    json_member_str(w, "call_id", STR("toolu_1"));
    if (r->fault == EMU_FAULT_OBJECT_OUTPUT)
        json_member_raw(w, "output", emu_tool_output(r));
    else
        json_member_str(w, "output", emu_tool_output(r));
    json_end_object(w);
}

static void write_approval(struct json_writer *w)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("mcp_approval_request"));
    write_id(w, "id", "mcpr", false);
    json_member_str(w, "name", STR("search"));
    json_member_str(w, "arguments", STR("{\"query\":\"demo\"}"));
    json_member_str(w, "server_label", STR("demo_server"));
    json_end_object(w);
}

/* The finished item of a step, if it has one. */
static void write_item(
    struct json_writer *w, const struct emu_reply *r, enum step step)
{
    if (step == MESSAGE_DONE)
        write_message(w, r, true);
    else if (step == REASONING_DONE)
        write_reasoning(w, buf_str(&r->reasoning));
    else if (step == CALL_DONE)
        write_call(w, true);
    else if (step == OUTPUT_DONE || step == BARE_OUTPUT)
        write_output(w, r);
    else if (step == APPROVAL_DONE)
        write_approval(w);
}

/* The finished items of the first turn, or of all of them. */
static void write_items(
    struct json_writer *w, const struct emu_reply *r, enum step until)
{
    const struct script *script = script_of(r);
    bool over = false;
    json_key(w, "output");
    json_begin_array(w);
    for (int kind = 0; kind < EMU_PIECE_KINDS && !over; kind++)
        for (size_t i = 0; i < r->events[kind] && !over; i++) {
            over = script->steps[kind][i] == until;
            write_item(w, r, script->steps[kind][i]);
        }
    json_end_array(w);
}

/* ---- Responses ---- */

static void write_usage(
    struct json_writer *w, const struct emu_reply *r, int64_t output)
{
    int64_t cached =
        r->fault == EMU_FAULT_CACHED_TOKENS ? EMU_CACHED_TOKENS : 0;
    int64_t input = r->prompt_tokens + cached;
    json_key(w, "usage");
    json_begin_object(w);
    json_member_int(w, "input_tokens", input);
    json_key(w, "input_tokens_details");
    json_begin_object(w);
    json_member_int(w, "cached_tokens", cached);
    json_end_object(w);
    json_member_int(w, "output_tokens", output);
    json_key(w, "output_tokens_details");
    json_begin_object(w);
    json_member_int(w, "reasoning_tokens", r->thought_tokens);
    json_end_object(w);
    json_member_int(w, "total_tokens", input + output);
    json_end_object(w);
}

static void begin_response(
    struct json_writer *w, const struct emu_reply *r, struct str status)
{
    json_begin_object(w);
    json_member_str(w, "id", str_from_c(r->id));
    json_member_str(w, "object", STR("response"));
    json_member_double(w, "created_at", (double)r->created + 0.17);
    json_member_str(w, "model", str_from_c(r->model->upstream));
    json_member_str(w, "status", status);
    json_member_null(w, "error");
}

static bool is_cut(const struct emu_reply *r)
{
    return str_eq(r->finish, STR("length"));
}

/* The members that tell how it ended. */
static void write_ending(struct json_writer *w, const struct emu_reply *r)
{
    json_key(w, "incomplete_details");
    if (!is_cut(r)) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_str(w, "reason", STR("max_output_tokens"));
    json_end_object(w);
}

static struct str final_status(const struct emu_reply *r)
{
    return is_cut(r) ? STR("incomplete") : STR("completed");
}

static void write_response(
    struct json_writer *w, const struct emu_reply *r, enum step step)
{
    json_key(w, "response");
    if (step == COMPLETED || step == TURN_COMPLETED) {
        bool last = step == COMPLETED;
        begin_response(w, r, last ? final_status(r) : STR("completed"));
        if (last)
            write_ending(w, r);
        write_items(w, r, step);
        write_usage(w, r, last ? r->completion_tokens : r->thought_tokens);
    } else {
        begin_response(w, r, STR("in_progress"));
        json_member_raw(w, "output", STR("[]"));
    }
    json_end_object(w);
}

/* ---- Events ---- */

static const struct {
    enum step step;
    const char *type;
} types[] = {
    {CREATED, "response.created"},
    {IN_PROGRESS, "response.in_progress"},
    {REASONING_ADDED, "response.output_item.added"},
    {REASONING_DONE, "response.output_item.done"},
    {CALL_ADDED, "response.output_item.added"},
    {ARGUMENTS_BEGIN, "response.function_call_arguments.delta"},
    {ARGUMENTS_END, "response.function_call_arguments.delta"},
    {CALL_DONE, "response.output_item.done"},
    {TURN_COMPLETED, "response.completed"},
    {NEXT_CREATED, "response.created"},
    {OUTPUT_DONE, "response.output_item.done"},
    {MESSAGE_ADDED, "response.output_item.added"},
    {PART_ADDED, "response.content_part.added"},
    {ANNOTATION_ADDED, "response.output_text.annotation.added"},
    {PART_DONE, "response.content_part.done"},
    {MESSAGE_DONE, "response.output_item.done"},
    {APPROVAL_DONE, "response.output_item.done"},
    {COMPLETED, "response.completed"},
};

static struct str type_of(const struct emu_reply *r, enum step step)
{
    if (step == COMPLETED && is_cut(r))
        return STR("response.incomplete");
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (types[i].step == step)
            return str_from_c(types[i].type);
    return STR("");
}

static void write_arguments(struct json_writer *w, bool end)
{
    struct str all = emu_tool_arguments();
    size_t half = all.n / 2;
    write_id(w, "item_id", "fc", false);
    json_member_str(
        w, "delta", end ? str_sub(all, half, all.n) : str_sub(all, 0, half));
}

static void write_added(
    struct json_writer *w, const struct emu_reply *r, enum step step)
{
    json_key(w, "item");
    if (step == REASONING_ADDED)
        write_reasoning(w, STR(""));
    else if (step == CALL_ADDED)
        write_call(w, false);
    else
        write_message(w, r, false);
}

static void write_part_event(
    struct json_writer *w, const struct emu_reply *r, enum step step)
{
    write_id(w, "item_id", "msg", false);
    json_member_int(w, "content_index", 0);
    if (step == ANNOTATION_ADDED) {
        json_member_int(w, "annotation_index", 0);
        json_key(w, "annotation");
        write_citation(w, STR(""));
        return;
    }
    json_key(w, "part");
    if (step == PART_DONE)
        write_part(w, r);
    else
        json_put_raw(w,
            STR("{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}"));
}

static bool ends_with(struct str type, const char *end)
{
    return str_ends_with(type, str_from_c(end));
}

/* What the event of a step holds beside its type. */
static void write_members(
    struct json_writer *w, const struct emu_reply *r, enum step step)
{
    struct str type = type_of(r, step);
    if (ends_with(type, "arguments.delta")) {
        write_arguments(w, step == ARGUMENTS_END);
    } else if (ends_with(type, "item.added")) {
        write_added(w, r, step);
    } else if (ends_with(type, "item.done")) {
        json_key(w, "item");
        write_item(w, r, step);
    } else if (step == PART_ADDED || step == PART_DONE ||
               step == ANNOTATION_ADDED) {
        write_part_event(w, r, step);
    } else {
        write_response(w, r, step);
    }
    if (step == MESSAGE_DONE && r->trace)
        emu_trace_write(r, w);
}

/* Deltas of minimal agents carry the request's id, not the item's. */
static void write_delta(
    struct json_writer *w, const struct emu_reply *r, const struct emu_piece *p)
{
    bool thought = p->kind == EMU_PIECE_REASONING;
    json_member_str(w, "type",
        thought ? STR("response.reasoning_summary_text.delta")
                : STR("response.output_text.delta"));
    write_id(w, "item_id", thought ? "rs" : "msg", false);
    if (thought)
        json_member_int(w, "summary_index", 0);
    else
        json_member_int(w, "content_index", 0);
    json_member_str(w, "delta", p->text);
    if (!has(r, EMU_ALL_EVENTS))
        json_member_str(w, "id", str_from_c(r->id));
}

/* Numbers restart with the second turn. */
static int64_t sequence_number(
    const struct emu_reply *r, const struct emu_piece *p)
{
    size_t at = 0;
    const enum step *between = script_of(r)->steps[EMU_PIECE_BETWEEN];
    while (between[at] != END && between[at] != NEXT_CREATED)
        at++;
    int64_t second =
        (int64_t)(r->events[EMU_PIECE_START] + at) + r->thought_tokens;
    return p->number < second ? p->number : p->number - second;
}

static void write_piece(
    const struct emu_reply *r, const struct emu_piece *piece, struct buf *out)
{
    struct json_writer w;
    bool spoken =
        piece->kind == EMU_PIECE_TEXT || piece->kind == EMU_PIECE_REASONING;
    enum step step =
        spoken ? END : script_of(r)->steps[piece->kind][piece->index];
    json_writer_init(&w, out);
    if (step == BARE_OUTPUT) {
        write_output(&w, r);
        return;
    }
    json_begin_object(&w);
    if (spoken) {
        write_delta(&w, r, piece);
    } else {
        json_member_str(&w, "type", type_of(r, step));
        write_members(&w, r, step);
    }
    if (has(r, EMU_ALL_EVENTS)) {
        json_member_int(&w, "output_index", 0);
        json_member_int(&w, "sequence_number", sequence_number(r, piece));
    }
    json_end_object(&w);
}

static void write_whole(const struct emu_reply *r, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    begin_response(&w, r, final_status(r));
    write_ending(&w, r);
    write_items(&w, r, COMPLETED);
    write_usage(&w, r, r->completion_tokens);
    json_key(&w, "custom_outputs");
    json_begin_object(&w);
    json_end_object(&w);
    if (r->trace)
        emu_trace_write(r, &w);
    json_end_object(&w);
}

const struct emu_protocol emu_protocol_responses = {
    prepare, write_piece, write_whole};
