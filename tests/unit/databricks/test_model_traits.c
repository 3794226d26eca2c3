#include "databricks/model_refusal.h"
#include "databricks/model_traits.h"

#include "tap.h"

#define CHAT DATABRICKS_TASK_CHAT
#define UNSAID DATABRICKS_THINKING_UNSAID
#define BUDGET DATABRICKS_THINKING_BUDGET
#define ADAPTIVE DATABRICKS_THINKING_ADAPTIVE
#define EFFORT DATABRICKS_THINKING_EFFORT

TEST(names_tell_what_models_take)
{
    static const struct {
        const char *name;
        enum databricks_thinking thinking;
        bool temperature;
    } known[] = {
        {"databricks-claude-3-5-sonnet", UNSAID, true},
        {"databricks-claude-3-7-sonnet", BUDGET, true},
        {"databricks-claude-sonnet-4", BUDGET, true},
        {"databricks-claude-opus-4-1", BUDGET, true},
        {"databricks-claude-sonnet-4-5", BUDGET, true},
        {"claude-haiku-4-5-20251001", BUDGET, true},
        {"claude-opus-4-20250514", BUDGET, true},
        {"databricks-claude-sonnet-4-6", ADAPTIVE, true},
        {"databricks-claude-opus-5", ADAPTIVE, false},
        {"databricks-claude-sonnet-5-thinking", ADAPTIVE, false},
        {"claude", UNSAID, true},
        {"databricks-gpt-oss-120b", EFFORT, true},
        {"databricks-gpt-5-mini", EFFORT, false},
        {"databricks-gpt-5-1", EFFORT, false},
        {"gpt-5-chat", UNSAID, true},
        {"databricks-gemini-2-5-pro", EFFORT, true},
        {"databricks-meta-llama-3-3-70b-instruct", UNSAID, true},
        {"our-own-model", UNSAID, true},
        {"preclaude-5", UNSAID, true},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        struct model_traits t =
            model_traits_of(CHAT, str_from_c(known[i].name));
        if (t.thinking != known[i].thinking ||
            t.temperature != known[i].temperature)
            tap_fail(__FILE__, __LINE__, "%s", known[i].name);
        CHECK(t.max_tokens);
    }
}

TEST(agents_take_what_their_task_has)
{
    struct model_traits t = model_traits_of(
        DATABRICKS_TASK_AGENT, STR("databricks-claude-sonnet-4-5"));
    CHECK(!t.temperature && !t.max_tokens && t.thinking == UNSAID);
    t = model_traits_of(DATABRICKS_TASK_RESPONSES, STR("x"));
    CHECK(!t.temperature && t.max_tokens && t.thinking == EFFORT);
}

static struct databricks_chat_request apply(
    const char *name, struct model_wishes wishes)
{
    struct databricks_chat_request r = {0};
    struct model_traits t = model_traits_of(CHAT, str_from_c(name));
    model_traits_apply(&t, &wishes, &r);
    return r;
}

TEST(a_budget_leaves_room_for_the_answer)
{
    const char *name = "claude-sonnet-4-5";
    struct model_wishes w = {.effort = MODEL_EFFORT_HIGH};
    struct databricks_chat_request r = apply(name, w);
    CHECK_INT(r.thinking_budget, 16384);
    CHECK_INT(r.max_tokens, 16384 + 8192);
    for (w.max_tokens = 1; w.max_tokens < 70000; w.max_tokens += 321) {
        r = apply(name, w);
        CHECK_INT(r.max_tokens, w.max_tokens);
        if (r.thinking == UNSAID)
            CHECK(w.max_tokens < 2048);
        else
            CHECK(r.thinking_budget >= 1024 &&
                  r.thinking_budget <= w.max_tokens / 2);
    }
}

TEST(thinking_and_a_temperature_exclude_each_other_for_claude)
{
    struct model_wishes w = {.has_temperature = true,
        .temperature = 1.7,
        .effort = MODEL_EFFORT_LOW};
    struct databricks_chat_request r = apply("claude-sonnet-4-5", w);
    CHECK(r.thinking == BUDGET && !r.has_temperature);
    w.effort = MODEL_EFFORT_OFF;
    r = apply("claude-sonnet-4-5", w);
    CHECK(r.thinking == UNSAID && r.has_temperature);
    CHECK(r.temperature > 0.99 && r.temperature < 1.01);
    w.effort = MODEL_EFFORT_MEDIUM;
    r = apply("gpt-oss-20b", w);
    CHECK(r.thinking == EFFORT && r.has_temperature);
    CHECK_STR(str_from_c(r.effort), STR("medium"));
    CHECK(
        apply("gpt-oss-20b", (struct model_wishes){.effort = MODEL_EFFORT_OFF})
            .thinking == UNSAID);
}

/* ---- Refusals ---- */

static const struct databricks_chat_request everything = {
    .task = CHAT,
    .max_tokens = 10000,
    .has_temperature = true,
    .thinking = EFFORT,
    .effort = "low",
    .return_trace = true,
};

static bool read(const char *message,
    const struct databricks_chat_request *sent, struct model_refusal *ret)
{
    struct databricks_error e;
    databricks_error_make(
        DATABRICKS_UPSTREAM_BAD_REQUEST, str_from_c(message), &e);
    e.http_status = 400;
    *ret = (struct model_refusal){0};
    return model_refusal_read(&e, sent, ret);
}

TEST(refusals_name_what_was_sent)
{
    static const struct {
        const char *message;
        enum model_field field;
        int64_t most;
    } seen[] = {
        {"BAD_REQUEST: Model eu.anthropic.claude-opus-5 does not support the "
         "temperature parameter.",
            MODEL_FIELD_TEMPERATURE, 0},
        {"temperature: Extra inputs are not permitted", MODEL_FIELD_TEMPERATURE,
            0},
        {"Unsupported parameter: 'temperature' is not supported with this "
         "model.",
            MODEL_FIELD_TEMPERATURE, 0},
        {"Bad request: json: unknown field \"reasoning_effort\" ",
            MODEL_FIELD_THINKING, 0},
        {"thinking.enabled.budget_tokens: Input should be greater than or "
         "equal to 1024",
            MODEL_FIELD_THINKING, 0},
        {"Bad request: rpc error: code = InvalidArgument desc = max_tokens "
         "(10000) cannot exceed 8192. Please reduce it.",
            MODEL_FIELD_MAX_TOKENS, 8192},
        {"max_tokens: 10000 > 4096, which is the maximum allowed number of "
         "output tokens for claude-3-haiku-20240307",
            MODEL_FIELD_MAX_TOKENS, 4096},
        {"Bad request: json: unknown field \"max_tokens\"",
            MODEL_FIELD_MAX_TOKENS, 0},
        {"Bad request: json: unknown field \"databricks_options\"",
            MODEL_FIELD_TRACE, 0},
        {"Bad request: json: unknown field \"messages\"", MODEL_FIELD_FORM, 0},
        {"INVALID_PARAMETER_VALUE: Missing required Responses parameter: "
         "'input'",
            MODEL_FIELD_FORM, 0},
    };
    struct model_refusal r;
    for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++) {
        if (!read(seen[i].message, &everything, &r) ||
            r.field != seen[i].field || r.most != seen[i].most)
            tap_fail(__FILE__, __LINE__, "%s: %d, %lld", seen[i].message,
                (int)r.field, (long long)r.most);
    }
}

TEST(other_refusals_stand)
{
    static const char *const others[] = {
        "The request is odd.",
        "Bad request: json: unknown field \"stream_options\"",
        "messages: roles must alternate between \"user\" and \"assistant\"",
        "messages: at least one message is required",
        "Image input is not supported in this context",
        "Multiple tool calls are not supported.",
        "extrathinking is not supported",
        "",
    };
    struct databricks_chat_request nothing = {.task = CHAT};
    struct model_refusal r;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (read(others[i], &everything, &r))
            tap_fail(__FILE__, __LINE__, "%s", others[i]);
    CHECK(!read(
        "Model x does not support the temperature parameter.", &nothing, &r));
    CHECK(!read("max_tokens (10) cannot exceed 8192.", &nothing, &r));
}

TEST(only_bad_requests_are_refusals)
{
    struct databricks_error e;
    struct model_refusal r;
    databricks_error_make(DATABRICKS_UPSTREAM_RATE_LIMITED,
        STR("temperature: Extra inputs are not permitted"), &e);
    e.http_status = 429;
    CHECK(!model_refusal_read(&e, &everything, &r));
}
