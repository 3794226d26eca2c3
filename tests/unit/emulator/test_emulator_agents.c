#include <stdio.h>

#include "base/arena.h"
#include "base/json.h"
#include "sse/sse_reader.h"
#include "emulator/catalog.h"
#include "emulator/stream.h"
#include "emulator/tool.h"
#include "emulator/validate.h"

#include "tap.h"

/*
 * The agents' protocols: what they refuse, and that a client that follows
 * the documented rules gets the same text by every road.
 */
#define WEATHER "databricks-weather-agent"
#define SUPERVISOR "databricks-supervisor-agent"
#define KNOWLEDGE "databricks-knowledge-assistant"
#define RESEARCH "databricks-research-agent"
#define APPROVAL "databricks-approval-agent"
#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define IN "\"input\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define ASKED                                                                  \
    "\"input\":[{\"role\":\"user\",\"content\":\"hi\"},{\"type\":"             \
    "\"mcp_approval_request\",\"id\":\"mcpr_demo1\",\"name\":\"search\","      \
    "\"arguments\":\"{}\",\"server_label\":\"s\"}"
#define ANSWERED(id, approve)                                                  \
    ASKED ",{\"type\":\"mcp_approval_response\",\"approval_request_id\":"      \
          "\"" id "\",\"approve\":" approve "}]"

enum { BYTES_MAX = 1 << 20 };

/* ---- Requests ---- */

/* "" when the body is accepted, else why not. */
static struct str verdict(struct arena *arena, const char *endpoint,
    const char *body, struct emu_chat *chat)
{
    struct emu_fault_choice fault;
    struct emu_refusal refusal = {0};
    struct jv *document = NULL;
    const struct emu_model *m = emu_catalog_find(str_from_c(endpoint), &fault);
    CHECK(m != NULL);
    CHECK(jv_parse(str_from_c(body), NULL, &document) == RC_OK);
    bool ok = emu_validate_chat(m, document, arena, chat, &refusal);
    CHECK(ok == (refusal.message.n == 0));
    struct str message = arena_str(arena, refusal.message);
    jv_free(document);
    return message;
}

/* part "": the body must be accepted. */
static void expect(const char *endpoint, const char *body, const char *part)
{
    struct arena *arena = arena_new();
    struct emu_chat chat;
    struct str got = verdict(arena, endpoint, body, &chat);
    bool wanted =
        *part == '\0' ? got.n == 0 : str_contains(got, str_from_c(part));
    if (!wanted)
        tap_fail(__FILE__, __LINE__, "%s: %.*s instead of %s", body,
            STR_ARG(got), part);
    arena_free(arena);
}

TEST(each_task_takes_its_own_fields_only)
{
    static const char *const extra[] = {"context", "custom_inputs"};
    static const char *const values[] = {
        "{\"conversation_id\":\"c\",\"user_id\":\"u\"}", "{\"k\":[1]}"};
    char chat[200], responses[200];
    for (size_t i = 0; i < 2; i++) {
        snprintf(chat, sizeof(chat), "{" HI ",\"%s\":%s}", extra[i], values[i]);
        snprintf(responses, sizeof(responses), "{" IN ",\"%s\":%s}", extra[i],
            values[i]);
        expect(WEATHER, chat, "");
        expect(SUPERVISOR, responses, "");
        expect("databricks-claude-sonnet-4-5", chat, "unknown field");
        expect("databricks-docs-assistant", chat, "unknown field");
        expect(WEATHER, responses, "unknown field \"input\"");
        expect(SUPERVISOR, chat, "unknown field \"messages\"");
    }
    expect(WEATHER, "{" HI ",\"temperature\":0}", "field \"temperature\"");
    expect(WEATHER, "{" HI ",\"max_tokens\":9}", "field \"max_tokens\"");
    expect(SUPERVISOR, "{" IN ",\"max_tokens\":9}", "field \"max_tokens\"");
    expect(SUPERVISOR, "{" IN ",\"max_output_tokens\":9}", "");
    expect(SUPERVISOR, "{" IN ",\"max_output_tokens\":9000}", "cannot exceed");
    expect(SUPERVISOR, "{" IN ",\"tempreature\":1}", "field \"tempreature\"");
    expect(SUPERVISOR, "{\"stream\":true}", "missing field \"input\"");
    expect(WEATHER, "{\"stream\":true}", "missing field \"messages\"");
}

TEST(what_agents_take_is_checked)
{
    expect(WEATHER, "{" HI ",\"context\":\"c\"}", "must be of type object");
    expect(WEATHER, "{" HI ",\"context\":{\"user\":\"c\"}}", "field \"user\"");
    expect(WEATHER, "{" HI ",\"context\":{\"user_id\":1}}", "type string");
    expect(SUPERVISOR, "{" IN ",\"custom_inputs\":[]}", "type object");
    expect(SUPERVISOR, "{" IN ",\"databricks_options\":{\"trace\":true}}",
        "field \"trace\"");
    expect(WEATHER,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"id\":\"u1\"}]}",
        "");
    expect(WEATHER,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"x\":1}]}",
        "field \"x\"");
    expect(WEATHER,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"tool\",\"content\":\"3\",\"tool_call_id\":\"c\"}]}",
        "name and tool_call_id");
}

TEST(items_of_a_responses_request_are_checked)
{
#define ITEM(members) "{\"input\":[{" members "}," IN_ITEM "]}"
#define IN_ITEM "{\"role\":\"user\",\"content\":\"hi\"}"
#define USER "\"role\":\"user\",\"content\":"
    static const struct {
        const char *body;
        const char *part; /* "": accepted */
    } cases[] = {
        {"{\"input\":\"hi\"}", "must be of type array"},
        {"{\"input\":[]}", "at least one message"},
        {"{\"input\":[7]}", "array of objects"},
        {ITEM(USER "[{\"type\":\"input_text\",\"text\":\"a\"}]"), ""},
        {ITEM(USER "[{\"type\":\"output_text\",\"text\":\"a\"}]"),
            "input_text"},
        {ITEM(USER "[{\"type\":\"text\",\"text\":\"a\"}]"), "input_text"},
        {ITEM(USER "\"\""), "must not be empty"},
        {ITEM("\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\","
              "\"text\":\"a\"}]"),
            ""},
        {ITEM("\"role\":\"assistant\",\"content\":[{\"type\":\"input_text\","
              "\"text\":\"a\"}]"),
            "output_text"},
        {ITEM("\"role\":\"robot\",\"content\":\"a\""), "'robot'"},
        {ITEM(USER "\"a\",\"status\":\"completed\""), "field \"status\""},
        {ITEM(USER "\"a\",\"id\":\"m1\""), "begins with 'msg_'"},
        {ITEM(USER "\"a\",\"id\":\"msg_"
                   "0123456789012345678901234567890123456789012345678901234567"
                   "89\""),
            ""},
        {ITEM(USER "\"a\",\"id\":\"msg_"
                   "0123456789012345678901234567890123456789012345678901234567"
                   "890\""),
            "maximum length 64"},
        {ITEM("\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\""),
            "arguments are needed"},
        {ITEM("\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","
              "\"arguments\":\"{}\",\"id\":\"c\""),
            "begins with 'fc_'"},
        {ITEM("\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","
              "\"arguments\":\"{}\"},{\"type\":\"function_call_output\","
              "\"call_id\":\"c\",\"output\":\"3\""),
            ""},
        {ITEM("\"type\":\"function_call_output\",\"call_id\":\"c\","
              "\"output\":\"3\""),
            "No tool call found"},
        {ITEM("\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]"), ""},
        {ITEM("\"type\":\"magic\""), "'magic'"},
        {"{" ANSWERED("mcpr_demo1", "true") "}", ""},
        {"{" ANSWERED("mcpr_demo1", "1") "}", "type boolean"},
        {"{" ANSWERED("mcpr_other", "true") "}", "No approval request"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        expect(SUPERVISOR, cases[i].body, cases[i].part);
}

TEST(approval_is_read)
{
    struct arena *arena = arena_new();
    struct emu_chat chat;
    verdict(arena, APPROVAL, "{" IN "}", &chat);
    CHECK_INT(chat.approval, EMU_APPROVAL_WANTED);
    verdict(arena, APPROVAL, "{" ANSWERED("mcpr_demo1", "true") "}", &chat);
    CHECK_INT(chat.approval, EMU_APPROVAL_GIVEN);
    verdict(arena, APPROVAL, "{" ANSWERED("mcpr_demo1", "false") "}", &chat);
    CHECK_INT(chat.approval, EMU_APPROVAL_DENIED);
    verdict(arena, SUPERVISOR, "{" IN "}", &chat);
    CHECK_INT(chat.approval, EMU_APPROVAL_NONE);
    arena_free(arena);
}

/* ---- Answers ---- */

struct run {
    struct emu_reply reply;
    struct buf bytes;
    enum http_pull end;
};

struct asked {
    const char *endpoint;
    enum emu_approval approval;
    bool trace;
    int64_t max_tokens;
};

static void run(struct run *t, const struct asked *asked)
{
    struct emu_fault_choice fault;
    struct emu_stream stream;
    int64_t now_us = 0, wait_ms = 0;
    const struct emu_model *m =
        emu_catalog_find(str_from_c(asked->endpoint), &fault);
    struct emu_chat chat = {.question = STR("tell me about snow"),
        .messages = 1,
        .hash = 42,
        .max_tokens = asked->max_tokens,
        .return_trace = asked->trace,
        .approval = asked->approval};
    struct emu_reply_options options = {.number = 1, .fault = fault.fault};
    CHECK(m != NULL);
    buf_init(&t->bytes, BYTES_MAX);
    emu_reply_init(&t->reply, m, &chat, &options);
    emu_stream_init(&stream, emu_protocol_of(m), &t->reply, &fault, 1000, 0);
    do {
        now_us += wait_ms * 1000;
        wait_ms = 0;
        t->end = emu_stream_pull(&stream, now_us, &t->bytes, &wait_ms);
    } while (
        t->end == HTTP_PULL_MORE || (t->end == HTTP_PULL_WAIT && wait_ms > 0));
    emu_stream_release(&stream);
}

static void run_release(struct run *t)
{
    emu_reply_release(&t->reply);
    buf_release(&t->bytes);
}

/* What a client that follows the rules makes of a stream. */
struct seen {
    struct buf text;  /* of deltas */
    struct buf items; /* text of finished messages */
    struct buf reasoning;
    size_t events, calls, outputs, created, completed, traces, approvals;
    size_t citations, item_citations, refusals, failures;
    int64_t sequence;
    bool done;
};

static void take_part(struct seen *s, const struct jv *part)
{
    s->refusals += str_eq(jv_get_str(part, "type"), STR("refusal"));
    s->item_citations += jv_count(jv_get(part, "annotations"));
    buf_append(&s->items, jv_get_str(part, "text"));
}

static void take_item(struct seen *s, const struct jv *item)
{
    struct str type = jv_get_str(item, "type");
    CHECK(type.n > 0);
    s->calls += str_eq(type, STR("function_call"));
    s->outputs += str_eq(type, STR("function_call_output"));
    s->approvals += str_eq(type, STR("mcp_approval_request"));
    if (str_eq(type, STR("message")))
        take_part(s, jv_at(jv_get(item, "content"), 0));
}

static void take_delta(struct seen *s, const struct jv *delta)
{
    s->calls += jv_count(jv_get(delta, "tool_calls"));
    s->outputs += str_eq(jv_get_str(delta, "role"), STR("tool"));
    if (str_eq(jv_get_str(delta, "id"), STR("msg_2")))
        buf_append(&s->text, jv_get_str(delta, "content"));
}

static void take_sequence(
    struct seen *s, const struct jv *event, struct str type)
{
    int64_t number;
    if (!jv_int(jv_get(event, "sequence_number"), &number))
        return;
    bool begins = str_eq(type, STR("response.created"));
    /* A bare output has no number, but is counted. */
    CHECK(begins ? number == 0
                 : number == s->sequence + 1 || number == s->sequence + 2);
    s->sequence = number;
}

static void take_typed(struct seen *s, const struct jv *event, struct str type)
{
    struct str delta = jv_get_str(event, "delta");
    take_sequence(s, event, type);
    s->created += str_eq(type, STR("response.created"));
    s->completed += str_eq(type, STR("response.completed"));
    s->failures += str_eq(type, STR("response.failed")) ||
                   str_eq(type, STR("response.incomplete"));
    s->citations += str_ends_with(type, STR(".annotation.added"));
    if (str_eq(type, STR("response.output_text.delta")))
        buf_append(&s->text, delta);
    if (str_eq(type, STR("response.reasoning_summary_text.delta")))
        buf_append(&s->reasoning, delta);
    if (str_eq(type, STR("response.output_item.done")))
        take_item(s, jv_get(event, "item"));
    if (str_eq(type, STR("function_call_output")))
        take_item(s, event);
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct seen *s = ctx;
    struct jv *document;
    s->events++;
    CHECK(!s->done);
    s->done = str_eq(event->data, STR("[DONE]"));
    if (s->done)
        return;
    CHECK(jv_parse(event->data, NULL, &document) == RC_OK);
    CHECK(jv_get(document, "choices") == NULL);
    struct str type = jv_get_str(document, "type");
    s->traces += jv_get(document, "databricks_output") != NULL;
    if (type.n > 0)
        take_typed(s, document, type);
    else
        take_delta(s, jv_get(document, "delta"));
    jv_free(document);
}

static void see(struct run *t, struct seen *s)
{
    struct sse_reader reader;
    *s = (struct seen){0};
    buf_init(&s->text, BYTES_MAX);
    buf_init(&s->items, BYTES_MAX);
    buf_init(&s->reasoning, BYTES_MAX);
    sse_reader_init(&reader, SSE_MAX_DEFAULT, on_event, s);
    CHECK(sse_reader_feed(&reader, buf_str(&t->bytes)) == RC_OK);
    sse_reader_release(&reader);
}

static void seen_release(struct seen *s)
{
    buf_release(&s->text);
    buf_release(&s->items);
    buf_release(&s->reasoning);
}

static void observe(struct run *t, struct seen *s, struct asked asked)
{
    run(t, &asked);
    see(t, s);
}

static void release(struct run *t, struct seen *s)
{
    seen_release(s);
    run_release(t);
}

TEST(chat_agent_uses_its_tool_and_answers)
{
    struct run t;
    struct seen s;
    observe(&t, &s, (struct asked){.endpoint = WEATHER, .trace = true});
    CHECK(s.done && t.end == HTTP_PULL_END);
    CHECK_STR(buf_str(&s.text), buf_str(&t.reply.text));
    CHECK_INT(s.calls, 1);
    CHECK_INT(s.outputs, 1);
    CHECK_INT(s.traces, 1);
    release(&t, &s);
    observe(&t, &s, (struct asked){.endpoint = "emu-agent-no-done"});
    CHECK(!s.done && t.end == HTTP_PULL_END && s.text.n > 0);
    CHECK_INT(s.traces, 0);
    release(&t, &s);
}

TEST(supervisor_sends_all_events_in_two_turns)
{
    struct run t;
    struct seen s;
    observe(&t, &s, (struct asked){.endpoint = SUPERVISOR, .trace = true});
    CHECK(s.done && s.reasoning.n > 100);
    CHECK_STR(buf_str(&s.text), buf_str(&t.reply.text));
    CHECK_STR(buf_str(&s.items), buf_str(&t.reply.text));
    CHECK_STR(buf_str(&s.reasoning), buf_str(&t.reply.reasoning));
    CHECK_INT(s.created, 2);
    CHECK_INT(s.completed, 2);
    CHECK_INT(s.calls, 1);
    CHECK_INT(s.outputs, 1);
    CHECK_INT(s.citations, 1);
    CHECK_INT(s.item_citations, 1);
    CHECK_INT(s.traces, 1);
    release(&t, &s);
}

TEST(knowledge_assistant_sends_one_item_with_footnotes)
{
    struct run t;
    struct seen s;
    observe(&t, &s, (struct asked){.endpoint = KNOWLEDGE});
    CHECK_INT(s.events, 2);
    CHECK(s.done && s.text.n == 0 && s.item_citations == 1);
    CHECK(str_starts_with(buf_str(&s.items), STR("<think>\n")));
    CHECK(str_contains(buf_str(&s.items), STR("\n\n[^1]: ")));
    release(&t, &s);
}

TEST(research_agent_ends_with_a_richer_text)
{
    struct run t;
    struct seen s;
    observe(&t, &s, (struct asked){.endpoint = RESEARCH});
    CHECK(s.created == 0 && s.outputs == 1);
    CHECK_STR(buf_str(&s.text), buf_str(&t.reply.text));
    CHECK(str_starts_with(buf_str(&s.items), buf_str(&s.text)));
    CHECK(s.items.n > s.text.n);
    release(&t, &s);
}

TEST(approval_agent_asks_then_goes_on)
{
    struct run t;
    struct seen s;
    observe(&t, &s,
        (struct asked){.endpoint = APPROVAL, .approval = EMU_APPROVAL_WANTED});
    CHECK(s.done && s.approvals == 1 && s.calls == 0);
    CHECK(str_contains(buf_str(&s.text), STR("allow it")));
    release(&t, &s);
    observe(&t, &s,
        (struct asked){.endpoint = APPROVAL, .approval = EMU_APPROVAL_GIVEN});
    CHECK(s.approvals == 0 && s.calls == 1 && s.outputs == 1);
    CHECK(!str_contains(buf_str(&s.text), STR("allow it")));
    release(&t, &s);
    observe(&t, &s,
        (struct asked){.endpoint = APPROVAL, .approval = EMU_APPROVAL_DENIED});
    CHECK(s.approvals == 0 && s.calls == 0 && s.text.n > 0);
    release(&t, &s);
}

TEST(responses_that_end_early_say_so)
{
    static const char *const names[] = {"emu-responses-response-failed",
        "emu-responses-response-incomplete", "emu-responses-response-filtered"};
    struct run t;
    struct seen s;
    for (size_t i = 0; i < 3; i++) {
        observe(&t, &s, (struct asked){.endpoint = names[i]});
        CHECK(s.done && s.failures == 1 && s.completed == 1);
        CHECK(s.text.n > 0 && s.text.n < t.reply.text.n);
        release(&t, &s);
    }
    observe(&t, &s, (struct asked){.endpoint = SUPERVISOR, .max_tokens = 200});
    CHECK_INT(s.failures, 1);
    release(&t, &s);
    observe(&t, &s, (struct asked){.endpoint = "emu-responses-refusal"});
    CHECK(s.refusals == 1 && s.text.n == 0);
    release(&t, &s);
    CHECK(emu_catalog_find(STR("emu-response-failed"),
              &(struct emu_fault_choice){0}) == NULL);
    CHECK(emu_catalog_find(STR("emu-agent-response-failed"),
              &(struct emu_fault_choice){0}) == NULL);
}

TEST(tool_can_ask_for_a_sign_in)
{
    static const char *const names[] = {
        "emu-agent-tool-login", "emu-responses-tool-login"};
    for (size_t i = 0; i < 2; i++) {
        struct asked asked = {.endpoint = names[i]};
        struct run t;
        run(&t, &asked);
        CHECK(str_contains(buf_str(&t.bytes),
            STR("Please login first to the connection by visiting https:")));
        run_release(&t);
    }
}

/* The whole answer of an endpoint as JSON. */
static struct jv *whole(struct run *t)
{
    struct buf body;
    struct jv *document = NULL;
    buf_init(&body, BYTES_MAX);
    emu_protocol_of(t->reply.model)->write_whole(&t->reply, &body);
    CHECK(jv_parse(buf_str(&body), NULL, &document) == RC_OK);
    buf_release(&body);
    return document;
}

TEST(whole_answers_say_the_same)
{
    static const char *const responses[] = {
        SUPERVISOR, KNOWLEDGE, RESEARCH, APPROVAL};
    struct run t;
    struct seen s;
    for (size_t i = 0; i < 4; i++) {
        observe(&t, &s,
            (struct asked){
                .endpoint = responses[i], .approval = EMU_APPROVAL_WANTED});
        struct jv *document = whole(&t);
        const struct jv *output = jv_get(document, "output");
        struct seen once = {0};
        buf_init(&once.items, BYTES_MAX);
        for (size_t item = 0; item < jv_count(output); item++)
            take_item(&once, jv_at(output, item));
        CHECK_STR(buf_str(&once.items), buf_str(&s.items));
        CHECK(once.calls == s.calls && once.outputs == s.outputs);
        CHECK(once.approvals == s.approvals);
        CHECK_STR(jv_get_str(document, "status"), STR("completed"));
        buf_release(&once.items);
        jv_free(document);
        release(&t, &s);
    }
    run(&t, &(struct asked){.endpoint = WEATHER});
    struct jv *document = whole(&t);
    const struct jv *messages = jv_get(document, "messages");
    CHECK_INT(jv_count(messages), 3);
    CHECK_STR(
        jv_get_str(jv_at(messages, 2), "content"), buf_str(&t.reply.text));
    jv_free(document);
    run_release(&t);
}
