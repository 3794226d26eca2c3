#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "emulator/catalog.h"
#include "emulator/validate.h"

#include "tap.h"

#define CLAUDE "databricks-claude-sonnet-4-5"
#define OPUS "databricks-claude-opus-5"
#define LLAMA "databricks-meta-llama-3-3-70b-instruct"
#define GPT_OSS "databricks-gpt-oss-120b"
#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"

/* Validates body; "" when it is accepted, else the message. */
static struct str verdict(struct arena *arena, const char *model,
    const char *body, struct emu_chat *chat)
{
    struct emu_fault_choice fault;
    struct emu_refusal refusal = {0};
    struct jv *document = NULL;
    const struct emu_model *m = emu_catalog_find(str_from_c(model), &fault);
    CHECK(m != NULL);
    CHECK(jv_parse(str_from_c(body), NULL, &document) == RC_OK);
    bool ok = emu_validate_chat(m, document, arena, chat, &refusal);
    CHECK(ok == (refusal.message.n == 0));
    CHECK(ok || refusal.status == 400);
    struct str message = arena_str(arena, refusal.message);
    if (ok)
        chat->question = arena_str(arena, chat->question);
    jv_free(document);
    return message;
}

static void expect(const char *model, const char *body, const char *message)
{
    struct arena *arena = arena_new();
    struct emu_chat chat;
    struct str got = verdict(arena, model, body, &chat);
    if (!str_eq(got, str_from_c(message)))
        tap_fail(__FILE__, __LINE__, "%s: %.*s instead of %s", body,
            STR_ARG(got), message);
    arena_free(arena);
}

/* Refused, and the message holds the part. */
static void refused(const char *model, const char *body, const char *part)
{
    struct arena *arena = arena_new();
    struct emu_chat chat;
    struct str got = verdict(arena, model, body, &chat);
    if (got.n == 0 || !str_contains(got, str_from_c(part)))
        tap_fail(__FILE__, __LINE__, "%s: %.*s without %s", body, STR_ARG(got),
            part);
    arena_free(arena);
}

TEST(request_is_read)
{
    struct arena *arena = arena_new();
    struct emu_chat chat;
    struct str message = verdict(arena, CLAUDE,
        "{\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
        "{\"role\":\"user\",\"content\":\"one\"},"
        "{\"role\":\"assistant\",\"content\":\"two\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"three\"}]}],\"stream\":true,\"max_tokens\":5}",
        &chat);
    CHECK_STR(message, STR(""));
    CHECK(chat.stream && chat.system);
    CHECK_INT(chat.max_tokens, 5);
    CHECK_INT(chat.messages, 3);
    CHECK_STR(chat.question, STR("three"));
    CHECK(chat.prompt_tokens > 4);
    arena_free(arena);
}

TEST(request_with_unknown_fields_is_refused)
{
    expect(LLAMA, "{" HI ",\"inputs\":1}",
        "Bad request: json: unknown field \"inputs\"\n");
    expect(CLAUDE, "{" HI ",\"context\":{}}",
        "Bad request: json: unknown field \"context\"\n");
    expect(LLAMA, "{" HI ",\"stream_options\":{\"include_usage\":true}}",
        "Bad request: json: unknown field \"stream_options\"\n");
    expect(CLAUDE, "{" HI ",\"stream_options\":{\"include_usage\":true}}",
        "stream_options: Extra inputs are not permitted");
    expect(CLAUDE,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"id\":\"1\"}]}",
        "Bad request: json: unknown field \"id\"\n");
}

TEST(only_the_agent_is_asked_for_its_trace)
{
#define OPTIONS(value) "{" HI ",\"databricks_options\":" value "}"
#define AGENT "databricks-docs-assistant"
    static const char *const plain[] = {CLAUDE, OPUS, LLAMA, GPT_OSS};
    struct arena *arena = arena_new();
    struct emu_chat chat;
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        expect(plain[i], OPTIONS("{\"return_trace\":true}"),
            "Bad request: json: unknown field \"databricks_options\"\n");
    CHECK_INT(
        verdict(arena, AGENT, OPTIONS("{\"return_trace\":true}"), &chat).n, 0);
    CHECK(chat.return_trace);
    CHECK_INT(
        verdict(arena, AGENT, OPTIONS("{\"return_trace\":false}"), &chat).n, 0);
    CHECK(!chat.return_trace);
    CHECK_INT(verdict(arena, AGENT, "{" HI "}", &chat).n, 0);
    CHECK(!chat.return_trace);
    refused(AGENT, OPTIONS("true"), "must be of type object");
    refused(AGENT, OPTIONS("{\"return_trace\":1}"), "of type boolean");
    refused(AGENT, OPTIONS("{\"trace\":true}"), "unknown field \"trace\"");
    refused(AGENT, "{" HI ",\"context\":{}}", "unknown field \"context\"");
    arena_free(arena);
#undef AGENT
#undef OPTIONS
}

TEST(request_with_empty_text_is_refused)
{
#define USER(content) "{\"messages\":[{\"role\":\"user\"" content "}]}"
    static const char *const bodies[] = {USER(",\"content\":\"\""),
        USER(",\"content\":\" \\n\""),
        USER(",\"content\":[{\"type\":\"text\",\"text\":\"\"}]"),
        USER(",\"content\":[]"), USER(",\"content\":null"), USER(""),
        "{\"messages\":[]}", "{\"messages\":{}}", "{}", "[]", "7"};
#undef USER
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        refused(CLAUDE, bodies[i], "");
        refused(LLAMA, bodies[i], "");
    }
}

TEST(answers_repeat_little_of_the_request)
{
    struct arena *arena = arena_new();
    struct emu_chat chat;
    char name[5001];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct str body = arena_printf(arena, "{" HI ",\"%s\":1}", name);
    struct str got = verdict(arena, LLAMA, arena_c_str(arena, body), &chat);
    CHECK(got.n > 200 && got.n < 300);
    arena_free(arena);
}

TEST(roles_of_claude_take_turns)
{
    static const char twice[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
        "{\"role\":\"user\",\"content\":\"b\"}]}";
    static const char assistant[] =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"},"
        "{\"role\":\"user\",\"content\":\"b\"}]}";
    static const char prefill[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
        "{\"role\":\"assistant\",\"content\":\"b\"}]}";
    static const char late[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
        "{\"role\":\"system\",\"content\":\"b\"}]}";
    refused(CLAUDE, twice, "roles must alternate");
    refused(CLAUDE, assistant, "first message must use the \"user\" role");
    refused(CLAUDE, late, "System messages must come first");
    refused(OPUS, prefill, "prefill");
    expect(CLAUDE, prefill, "");
    expect(LLAMA, twice, "");
    expect(LLAMA, assistant, "");
    refused(LLAMA, "{\"messages\":[{\"role\":\"robot\",\"content\":\"a\"}]}",
        "invalid role");
}

TEST(fields_that_one_family_refuses)
{
    static const char named[] = "{\"messages\":[{\"role\":\"user\",\"content\":"
                                "\"a\",\"name\":\"ann\"}]}";
    static const char strict[] =
        "{" HI ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
        "\"f\",\"strict\":true}}]}";
    refused(CLAUDE, named, "unknown field \"name\"");
    expect(LLAMA, named, "");
    expect(CLAUDE, strict,
        "tools.0.custom.strict: Extra inputs are not permitted");
    expect(LLAMA, strict, "");
    refused(OPUS, "{" HI ",\"temperature\":1}",
        "does not support the temperature parameter");
    expect(CLAUDE, "{" HI ",\"temperature\":0.5}", "");
    refused(CLAUDE, "{" HI ",\"temperature\":1.5}", "temperature");
    expect(LLAMA, "{" HI ",\"temperature\":1.5}", "");
    refused(LLAMA, "{" HI ",\"thinking\":{\"type\":\"disabled\"}}", "thinking");
    refused(CLAUDE, "{" HI ",\"reasoning_effort\":\"low\"}", "Extra inputs");
    refused(LLAMA, "{" HI ",\"response_format\":{\"type\":\"json_object\"}}",
        "response_format");
}

TEST(max_tokens_has_a_cap)
{
    expect(LLAMA, "{" HI ",\"max_tokens\":10000}",
        "Bad request: rpc error: code = InvalidArgument desc = max_tokens "
        "(10000) cannot exceed 8192. Please reduce max_tokens.");
    expect(LLAMA, "{" HI ",\"max_tokens\":8192}", "");
    refused(LLAMA, "{" HI ",\"max_tokens\":0}", "max_tokens");
    refused(LLAMA, "{" HI ",\"max_tokens\":\"9\"}", "max_tokens");
    refused(CLAUDE,
        "{" HI ",\"max_tokens\":2000,\"thinking\":{\"type\":\"enabled\","
        "\"budget_tokens\":2000}}",
        "must be greater than");
    refused(CLAUDE,
        "{" HI ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":10}}",
        "greater than or equal to 1024");
}

TEST(gpt_oss_takes_one_tool_call_at_a_time)
{
    static const char body[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{},{}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"b\"}]}";
    expect(GPT_OSS, body, "Multiple tool calls are not supported.\n");
    expect(LLAMA, body, "");
    expect(CLAUDE, body, "");
}

TEST(catalogue_knows_names_and_faults)
{
    struct emu_fault_choice fault;
    CHECK(emu_catalog_find(STR("nothing"), &fault) == NULL);
    CHECK(emu_catalog_find(STR("emu-nothing"), &fault) == NULL);
    CHECK(emu_catalog_find(STR("emu-"), &fault) == NULL);
    CHECK(emu_catalog_find(STR("emu-ttl-5"), &fault) == NULL);
    CHECK(emu_catalog_find(STR(CLAUDE), &fault) == emu_catalog_at(0));
    CHECK_INT(fault.fault, EMU_FAULT_NONE);
    CHECK(emu_catalog_find(STR("emu-speed-500"), &fault) != NULL);
    CHECK(fault.fault == EMU_FAULT_SPEED && fault.arg == 500);
    CHECK(emu_catalog_find(STR("emu-fail-2-then-ok"), &fault) != NULL);
    CHECK(fault.fault == EMU_FAULT_FAIL_THEN_OK && fault.arg == 2);
    CHECK(emu_catalog_find(STR("emu-error-429-retry-after"), &fault) != NULL);
    CHECK_INT(fault.fault, EMU_FAULT_ERROR_RETRY_AFTER);
    CHECK(emu_catalog_find(STR("emu-error-200"), &fault) == NULL);
    CHECK(emu_catalog_find(STR("emu-error-"), &fault) == NULL);
    CHECK(emu_catalog_find(STR("emu-error-4e2"), &fault) == NULL);
}

TEST(every_fault_example_names_its_own_fault)
{
    const struct emu_fault_info *info;
    for (size_t i = 0; (info = emu_fault_at(i)) != NULL; i++) {
        struct emu_fault_choice fault = {0};
        CHECK(emu_fault_parse(str_from_c(info->example), info->where, &fault));
        CHECK_INT(fault.fault, info->fault);
        CHECK(info->about[0] != '\0');
    }
}

TEST(error_bodies_are_json_where_they_say_so)
{
    const struct emu_fault_info *info;
    struct buf scratch;
    size_t answers = 0;
    buf_init(&scratch, 4096);
    for (size_t i = 0; (info = emu_fault_at(i)) != NULL; i++) {
        struct emu_fault_choice fault = {info->fault, 429};
        struct emu_error_answer a;
        struct jv *document, *inner;
        if (!emu_fault_answer(&fault, &scratch, &a))
            continue;
        answers++;
        CHECK(a.status >= 300 && a.status < 600);
        if (!str_eq(a.content_type, STR("application/json")))
            continue;
        CHECK(jv_parse(a.body, NULL, &document) == RC_OK);
        struct str message = jv_get_str(document, "message");
        if (str_starts_with(message, STR("{"))) {
            CHECK(jv_parse(message, NULL, &inner) == RC_OK);
            jv_free(inner);
        }
        jv_free(document);
    }
    CHECK(answers >= 12);
    buf_release(&scratch);
}

TEST(numeric_error_codes_are_numbers)
{
    struct buf out;
    buf_init(&out, 200);
    emu_write_error(&out, STR("403"), STR("Invalid access token."));
    CHECK_STR(buf_str(&out),
        STR("{\"error_code\":403,\"message\":\"Invalid access token.\"}"));
    buf_release(&out);
}

/* The manual, whose path the build passes. */
static void read_manual(struct buf *out)
{
    const char *path = getenv("EMULATOR_MANUAL");
    char bytes[4096];
    ssize_t n;
    CHECK(path != NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        CHECK(buf_append(out, (struct str){bytes, (size_t)n}) == RC_OK);
    close(fd);
}

/* What stands before a fault's name where it is asked for by a name. */
static const char *prefix_of(unsigned where)
{
    static const struct {
        unsigned where;
        const char *prefix;
    } prefixes[] = {
        {EMU_ON_MODEL | EMU_ON_CHAT | EMU_ON_GENIE, "emu-"},
        {EMU_ON_AGENT, "emu-agent-"},
        {EMU_ON_RESPONSES, "emu-responses-"},
    };
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if ((prefixes[i].where & where) != 0)
            return prefixes[i].prefix;
    return "";
}

TEST(manual_names_every_endpoint_and_fault)
{
    struct arena *arena = arena_new();
    struct buf manual;
    buf_init(&manual, 1 << 20);
    read_manual(&manual);
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++)
        CHECK(str_contains(buf_str(&manual),
            arena_printf(arena, "`%s`", emu_catalog_at(i)->name)));
    for (size_t i = 0; emu_fault_at(i) != NULL; i++) {
        const struct emu_fault_info *info = emu_fault_at(i);
        const char *prefix = prefix_of(info->where);
        struct str name = arena_printf(arena, "`%s%s`", prefix, info->pattern);
        if (!str_contains(buf_str(&manual), name))
            tap_fail(__FILE__, __LINE__, "%.*s is missing", STR_ARG(name));
    }
    buf_release(&manual);
    arena_free(arena);
}

#define ASKED                                                                  \
    "{\"messages\":[{\"role\":\"user\",\"content\":\"one\"}"                   \
    ",{\"role\":\"assistant\",\"content\":\"two\"}"                            \
    ",{\"role\":\"user\",\"content\":\"three\"}"

TEST(wish_to_go_on_is_about_what_was_asked_before)
{
    struct arena *arena = arena_new();
    struct emu_chat asked, again;
    CHECK_STR(verdict(arena, CLAUDE, ASKED "]}", &asked), STR(""));
    CHECK_INT(asked.partial.n, 0);
    CHECK_STR(verdict(arena, CLAUDE,
                  ASKED ",{\"role\":\"assistant\",\"content\":\"four\"}"
                        ",{\"role\":\"user\",\"content\":\"" EMU_GO_ON
                        ", please.\"}]}",
                  &again),
        STR(""));
    CHECK_INT(again.partial.n, 4);
    CHECK_STR(again.question, STR("three"));
    CHECK_INT(again.messages, asked.messages);
    CHECK(again.hash == asked.hash);
    CHECK_STR(verdict(arena, CLAUDE,
                  "{\"messages\":[{\"role\":\"user\",\"content\":\"" EMU_GO_ON
                  "\"}]}",
                  &again),
        STR(""));
    CHECK_INT(again.partial.n, 0);
    arena_free(arena);
}
