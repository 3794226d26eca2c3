#include "base/utf8.h"

#include "emulator/hash.h"
#include "emulator/validate_int.h"

enum { MIN_THINKING = 1024, MAX_N = 5, SHOWN_BYTES = 200 };

bool emu_check_refuse(struct emu_checker *c, struct str message)
{
    *c->refusal = (struct emu_refusal){400, STR("BAD_REQUEST"), message};
    return false;
}

struct str emu_check_shown(struct str s)
{
    return utf8_truncate(s, SHOWN_BYTES);
}

/* In the words of the gateway's JSON decoder. */
bool emu_check_refuse_field(struct emu_checker *c, struct str field)
{
    return emu_check_refuse(
        c, arena_printf(c->arena, "Bad request: json: unknown field \"%.*s\"\n",
               STR_ARG(emu_check_shown(field))));
}

/* In the words of the decoder behind Claude. */
static bool refuse_extra(struct emu_checker *c, const char *path)
{
    return emu_check_refuse(
        c, arena_printf(c->arena, "%s: Extra inputs are not permitted", path));
}

bool emu_check_refuse_type(
    struct emu_checker *c, struct str field, const char *type)
{
    return emu_check_refuse(
        c, arena_printf(c->arena,
               "Bad request: json: field \"%.*s\" must be of type %s\n",
               STR_ARG(field), type));
}

static bool claude(const struct emu_checker *c)
{
    return (c->model->flags & EMU_CLAUDE) != 0;
}

static bool chat_agent(const struct emu_checker *c)
{
    return c->model->task == EMU_TASK_CHAT_AGENT;
}

static bool is_blank(struct str s)
{
    return str_trim(s).n == 0;
}

void emu_check_add_text(struct emu_checker *c, struct str text)
{
    c->chat->hash = emu_hash(c->chat->hash, text);
    c->chat->prompt_tokens += (int64_t)((text.n + 3) / 4);
}

/* ---- One message ---- */

bool emu_check_text(struct emu_checker *c, struct str text)
{
    if (text.n == 0)
        return emu_check_refuse(c,
            claude(c) ? STR("messages: text content blocks must be non-empty")
                      : STR("Bad request: message content must not be "
                            "empty\n"));
    if (is_blank(text))
        return emu_check_refuse(
            c, claude(c) ? STR("messages: text content blocks must contain "
                               "non-whitespace text")
                         : STR("Bad request: message content must not be "
                               "empty\n"));
    emu_check_add_text(c, text);
    return true;
}

/* One element of a content array. */
static bool check_block(
    struct emu_checker *c, const struct jv *block, struct str *text)
{
    struct str type = jv_get_str(block, "type"), s;
    if (str_eq(type, STR("text"))) {
        if (!jv_string(jv_get(block, "text"), &s))
            return emu_check_refuse_type(c, STR("text"), "string");
        *text = s;
        return emu_check_text(c, s);
    }
    if (str_eq(type, STR("image_url"))) {
        if (!jv_string(jv_get(jv_get(block, "image_url"), "url"), &s))
            return emu_check_refuse_type(c, STR("image_url.url"), "string");
        emu_check_add_text(c, str_sub(s, 0, 64));
        return true;
    }
    return emu_check_refuse(
        c, arena_printf(c->arena,
               "Bad request: unsupported content type \"%.*s\"\n",
               STR_ARG(emu_check_shown(type))));
}

/* *text is the text of the message, of its last block if it has several. */
static bool check_content(
    struct emu_checker *c, const struct jv *message, struct str *text)
{
    const struct jv *content = jv_get(message, "content");
    *text = STR("");
    if (jv_is_null(content)) {
        if (jv_count(jv_get(message, "tool_calls")) > 0)
            return true;
        return emu_check_refuse(
            c, STR("Bad request: message content is required\n"));
    }
    if (jv_string(content, text))
        return emu_check_text(c, *text);
    if (jv_type(content) != JV_ARRAY || jv_count(content) == 0)
        return emu_check_refuse_type(c, STR("content"), "string or array");
    for (size_t i = 0; i < jv_count(content); i++)
        if (!check_block(c, jv_at(content, i), text))
            return false;
    return true;
}

static bool known_role(struct str role)
{
    return str_eq(role, STR("system")) || str_eq(role, STR("user")) ||
           str_eq(role, STR("assistant")) || str_eq(role, STR("tool"));
}

bool emu_check_keys(struct emu_checker *c, const struct jv *object,
    const char *const known[], size_t count)
{
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    while (jv_each(object, &pos, &key, &value)) {
        bool ok = false;
        for (size_t i = 0; i < count; i++)
            ok = ok || str_eq(key, str_from_c(known[i]));
        if (!ok)
            return emu_check_refuse_field(c, key);
    }
    return true;
}

static bool check_message_fields(
    struct emu_checker *c, const struct jv *message)
{
    /* The last two are of ChatAgent only, the one before not for Claude. */
    static const char *const known[] = {"role", "content", "tool_calls",
        "tool_call_id", "name", "id", "attachments"};
    return emu_check_keys(c, message, known,
        chat_agent(c) ? 7
        : claude(c)   ? 4
                      : 5);
}

static bool check_tool_message(struct emu_checker *c, const struct jv *message)
{
    const struct jv *calls = jv_get(message, "tool_calls");
    struct str role = jv_get_str(message, "role");
    if (str_eq(role, STR("tool")) && jv_get_str(message, "tool_call_id").n == 0)
        return emu_check_refuse(
            c, STR("Bad request: tool_call_id is required\n"));
    if (chat_agent(c) && str_eq(role, STR("tool")) &&
        jv_get_str(message, "name").n == 0)
        return emu_check_refuse(
            c, STR("Both name and tool_call_id must be set for a message of "
                   "role \"tool\"."));
    if (calls == NULL)
        return true;
    if (!str_eq(role, STR("assistant")) || jv_type(calls) != JV_ARRAY)
        return emu_check_refuse_type(
            c, STR("tool_calls"), "array of the assistant");
    if ((c->model->flags & EMU_ONE_TOOL_CALL) != 0 && jv_count(calls) > 1)
        return emu_check_refuse(
            c, STR("Multiple tool calls are not supported.\n"));
    return true;
}

/* Roles that count as one side of a conversation. */
static bool same_side(struct str a, struct str b)
{
    bool a_user = str_eq(a, STR("user")) || str_eq(a, STR("tool"));
    bool b_user = str_eq(b, STR("user")) || str_eq(b, STR("tool"));
    bool tool = str_eq(a, STR("tool")) || str_eq(b, STR("tool"));
    return a_user == b_user && !tool;
}

/* Anthropic's order: system first, then user and assistant in turns. */
static bool check_order(
    struct emu_checker *c, struct str role, struct str before)
{
    if (!claude(c))
        return true;
    if (str_eq(role, STR("system"))) {
        if (before.n == 0)
            return true;
        return emu_check_refuse(
            c, STR("messages: Unexpected role \"system\". System messages must "
                   "come first."));
    }
    if (before.n == 0 && !str_eq(role, STR("user")))
        return emu_check_refuse(
            c, STR("messages: first message must use the \"user\" role"));
    if (before.n == 0 || !same_side(before, role))
        return true;
    return emu_check_refuse(
        c, arena_printf(c->arena,
               "messages: roles must alternate between \"user\" and "
               "\"assistant\", but found multiple \"%.*s\" roles in a row",
               STR_ARG(role)));
}

/* *before is the role of the message before that was not a system message. */
static bool check_message(
    struct emu_checker *c, const struct jv *message, struct str *before)
{
    struct str role = jv_get_str(message, "role"), text;
    if (jv_type(message) != JV_OBJECT)
        return emu_check_refuse_type(c, STR("messages"), "array of objects");
    if (!known_role(role))
        return emu_check_refuse(
            c, arena_printf(c->arena, "Bad request: invalid role \"%.*s\"\n",
                   STR_ARG(emu_check_shown(role))));
    if (!check_message_fields(c, message) || !check_order(c, role, *before) ||
        !check_tool_message(c, message))
        return false;
    emu_check_add_text(c, role);
    if (!check_content(c, message, &text))
        return false;
    if (str_eq(role, STR("system"))) {
        c->chat->system = true;
        return true;
    }
    c->chat->messages++;
    *before = role;
    if (str_eq(role, STR("user")))
        c->chat->question = text;
    return true;
}

/* Asked to go on with the answer before: the rest is as it was for that. */
static void note_partial(struct emu_checker *c, const struct jv *messages,
    const struct emu_chat *before_answer)
{
    size_t n = jv_count(messages);
    const struct jv *answer = n < 3 ? NULL : jv_at(messages, n - 2);
    struct str role = jv_get_str(answer, "role"), partial;
    if (answer == NULL || !str_eq(role, STR("assistant")) ||
        !jv_string(jv_get(answer, "content"), &partial) ||
        !str_starts_with(c->chat->question, STR(EMU_GO_ON)))
        return;
    c->chat->question = before_answer->question;
    c->chat->messages = before_answer->messages;
    c->chat->hash = before_answer->hash;
    c->chat->partial = partial;
}

bool emu_check_messages(struct emu_checker *c, const struct jv *messages)
{
    struct str before = STR("");
    struct emu_chat now = {0}, one_before = {0};
    if (jv_type(messages) != JV_ARRAY)
        return emu_check_refuse_type(c, STR("messages"), "array");
    if (jv_count(messages) == 0)
        return emu_check_refuse(
            c, STR("messages: at least one message is required"));
    for (size_t i = 0; i < jv_count(messages); i++) {
        one_before = now;
        now = *c->chat;
        if (!check_message(c, jv_at(messages, i), &before))
            return false;
    }
    note_partial(c, messages, &one_before);
    if (c->chat->messages == 0)
        return emu_check_refuse(
            c, STR("messages: at least one message is required"));
    if ((c->model->flags & EMU_NO_PREFILL) != 0 &&
        str_eq(before, STR("assistant")))
        return emu_check_refuse(
            c, STR("This model does not support assistant message prefill. The "
                   "conversation must end with a user message."));
    return true;
}

/* ---- The other fields ---- */

bool emu_check_stream(struct emu_checker *c, const struct jv *v)
{
    return jv_bool(v, &c->chat->stream) ||
           emu_check_refuse_type(c, STR("stream"), "bool");
}

bool emu_check_max_tokens(struct emu_checker *c, const struct jv *v)
{
    int64_t n;
    if (!jv_int(v, &n) || n < 1)
        return emu_check_refuse_type(c, STR("max_tokens"), "positive integer");
    if (n > c->model->max_tokens)
        return emu_check_refuse(
            c, arena_printf(c->arena,
                   "Bad request: rpc error: code = InvalidArgument desc = "
                   "max_tokens (%lld) cannot exceed %lld. Please reduce "
                   "max_tokens.",
                   (long long)n, (long long)c->model->max_tokens));
    c->chat->max_tokens = n;
    return true;
}

bool emu_check_temperature(struct emu_checker *c, const struct jv *v)
{
    double t;
    if ((c->model->flags & EMU_NO_TEMPERATURE) != 0)
        return emu_check_refuse(
            c, arena_printf(c->arena,
                   "BAD_REQUEST: Model %s does not support the temperature "
                   "parameter.",
                   c->model->upstream));
    if (!jv_number(v, &t))
        return emu_check_refuse_type(c, STR("temperature"), "number");
    double most = claude(c) ? 1 : 2;
    if (t < 0 || t > most)
        return emu_check_refuse(
            c, arena_printf(
                   c->arena, "temperature: range: 0..%d", claude(c) ? 1 : 2));
    return true;
}

bool emu_check_top_p(struct emu_checker *c, const struct jv *v)
{
    double p;
    if (!jv_number(v, &p) || p < 0 || p > 1)
        return emu_check_refuse_type(c, STR("top_p"), "number from 0 to 1");
    return true;
}

static bool check_top_k(struct emu_checker *c, const struct jv *v)
{
    int64_t k;
    return (jv_int(v, &k) && k >= 0) ||
           emu_check_refuse_type(c, STR("top_k"), "integer");
}

static bool check_stop(struct emu_checker *c, const struct jv *v)
{
    struct str s;
    bool ok = jv_type(v) == JV_ARRAY;
    for (size_t i = 0; i < jv_count(v); i++)
        ok = ok && jv_string(jv_at(v, i), &s) && s.n > 0;
    if (!ok)
        return emu_check_refuse_type(c, STR("stop"), "array of strings");
    c->chat->stop = v;
    return true;
}

static bool check_n(struct emu_checker *c, const struct jv *v)
{
    int64_t n;
    if (!jv_int(v, &n) || n < 1 || n > MAX_N)
        return emu_check_refuse_type(c, STR("n"), "integer from 1 to 5");
    if (n > 1)
        return emu_check_refuse(
            c, STR("Bad request: n > 1 is not supported\n"));
    return true;
}

static bool check_log_probabilities(struct emu_checker *c, const struct jv *v)
{
    (void)v;
    return !claude(c) || refuse_extra(c, "logprobs");
}

static bool check_response_format(struct emu_checker *c, const struct jv *v)
{
    struct str type = jv_get_str(v, "type");
    if (str_eq(type, STR("text")))
        return true;
    return emu_check_refuse(
        c, arena_printf(c->arena,
               "Bad request: response_format of type \"%.*s\" is not supported "
               "by this model\n",
               STR_ARG(emu_check_shown(type))));
}

static bool check_effort(struct emu_checker *c, const struct jv *v)
{
    struct str s = STR("");
    if (claude(c))
        return refuse_extra(c, "reasoning_effort");
    jv_string(v, &s);
    return str_eq(s, STR("low")) || str_eq(s, STR("medium")) ||
           str_eq(s, STR("high")) ||
           emu_check_refuse_type(
               c, STR("reasoning_effort"), "\"low\"|\"medium\"|\"high\"");
}

static bool check_thinking(struct emu_checker *c, const struct jv *v)
{
    struct str type = jv_get_str(v, "type");
    int64_t budget = 0;
    if (!claude(c))
        return emu_check_refuse_field(c, STR("thinking"));
    if (str_eq(type, STR("adaptive")))
        return true;
    if ((c->model->flags & EMU_REASONING) != 0)
        return emu_check_refuse(c,
            STR("thinking: this model accepts {\"type\":\"adaptive\"} only"));
    if (str_eq(type, STR("disabled")))
        return true;
    if (!str_eq(type, STR("enabled")))
        return emu_check_refuse_type(
            c, STR("thinking.type"), "\"enabled\"|\"disabled\"|\"adaptive\"");
    if (!jv_int(jv_get(v, "budget_tokens"), &budget) || budget < MIN_THINKING)
        return emu_check_refuse(c,
            STR("thinking.enabled.budget_tokens: Input should be greater than "
                "or equal to 1024"));
    return true;
}

static bool check_tool(struct emu_checker *c, const struct jv *tool, size_t i)
{
    const struct jv *function = jv_get(tool, "function");
    if (!str_eq(jv_get_str(tool, "type"), STR("function")) ||
        jv_get_str(function, "name").n == 0)
        return emu_check_refuse_type(c, STR("tools"), "array of functions");
    if (claude(c) && jv_get(function, "strict") != NULL)
        return emu_check_refuse(c,
            arena_printf(c->arena,
                "tools.%zu.custom.strict: Extra inputs are not permitted", i));
    return true;
}

static bool check_tools(struct emu_checker *c, const struct jv *v)
{
    if (jv_type(v) != JV_ARRAY)
        return emu_check_refuse_type(c, STR("tools"), "array");
    for (size_t i = 0; i < jv_count(v); i++)
        if (!check_tool(c, jv_at(v, i), i))
            return false;
    return true;
}

/* Accepted for its type; the demo does nothing with it. */
bool emu_check_string(struct emu_checker *c, const struct jv *v)
{
    return jv_type(v) == JV_STRING ||
           emu_check_refuse_type(c, STR("model"), "string");
}

bool emu_check_nothing(struct emu_checker *c, const struct jv *v)
{
    (void)c;
    (void)v;
    return true;
}

static bool check_stream_options(struct emu_checker *c, const struct jv *v)
{
    (void)v;
    if (claude(c))
        return refuse_extra(c, "stream_options");
    return emu_check_refuse_field(c, STR("stream_options"));
}

static bool check_output_config(struct emu_checker *c, const struct jv *v)
{
    (void)v;
    return claude(c) || emu_check_refuse_field(c, STR("output_config"));
}

/* Only agents know it; of its members only the one we know is taken. */
bool emu_check_options(struct emu_checker *c, const struct jv *v)
{
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    if ((c->model->flags & EMU_TRACE) == 0)
        return emu_check_refuse_field(c, STR("databricks_options"));
    if (jv_type(v) != JV_OBJECT)
        return emu_check_refuse_type(c, STR("databricks_options"), "object");
    while (jv_each(v, &pos, &key, &value)) {
        if (!str_eq(key, STR("return_trace")))
            return emu_check_refuse_field(c, key);
        if (!jv_bool(value, &c->chat->return_trace))
            return emu_check_refuse_type(c, key, "boolean");
    }
    return true;
}

static const struct emu_field chat_fields[] = {
    {"messages", emu_check_messages},
    {"model", emu_check_string},
    {"stream", emu_check_stream},
    {"stream_options", check_stream_options},
    {"max_tokens", emu_check_max_tokens},
    {"max_completion_tokens", emu_check_max_tokens},
    {"temperature", emu_check_temperature},
    {"top_p", emu_check_top_p},
    {"top_k", check_top_k},
    {"stop", check_stop},
    {"n", check_n},
    {"logprobs", check_log_probabilities},
    {"top_logprobs", check_log_probabilities},
    {"response_format", check_response_format},
    {"reasoning_effort", check_effort},
    {"thinking", check_thinking},
    {"output_config", check_output_config},
    {"tools", check_tools},
    {"tool_choice", emu_check_nothing},
    {"client_request_id", emu_check_string},
    {"usage_context", emu_check_nothing},
    {"databricks_options", emu_check_options},
    {"extra_params", emu_check_nothing},
    {NULL, NULL},
};

static const struct emu_field *fields_of(enum emu_task task)
{
    return task == EMU_TASK_RESPONSES    ? emu_responses_fields
           : task == EMU_TASK_CHAT_AGENT ? emu_chat_agent_fields
                                         : chat_fields;
}

static bool check_field(
    struct emu_checker *c, struct str name, const struct jv *value)
{
    const struct emu_field *f = fields_of(c->model->task);
    for (; f->name != NULL; f++)
        if (str_eq(name, str_from_c(f->name)))
            return f->check(c, value);
    return emu_check_refuse_field(c, name);
}

/* Claude: thinking with a budget needs room, and excludes temperature. */
static bool check_together(struct emu_checker *c, const struct jv *document)
{
    int64_t budget;
    const struct jv *thinking = jv_get(document, "thinking");
    if (!jv_int(jv_get(thinking, "budget_tokens"), &budget))
        return true;
    if (c->chat->max_tokens > 0 && budget >= c->chat->max_tokens)
        return emu_check_refuse(c,
            STR("`max_tokens` must be greater than `thinking.budget_tokens`."));
    double t = 1;
    jv_number(jv_get(document, "temperature"), &t);
    if (t < 1)
        return emu_check_refuse(
            c, STR("`temperature` may only be set to 1 when thinking is "
                   "enabled."));
    return true;
}

bool emu_validate_chat(const struct emu_model *model, const struct jv *document,
    struct arena *arena, struct emu_chat *ret, struct emu_refusal *ret_refusal)
{
    struct emu_chat chat = {0};
    struct emu_checker c = {model, arena, &chat, ret_refusal};
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    if (jv_type(document) != JV_OBJECT)
        return emu_check_refuse(
            &c, STR("Bad request: the body must be a JSON object\n"));
    while (jv_each(document, &pos, &key, &value))
        if (!check_field(&c, key, value))
            return false;
    const char *needed =
        model->task == EMU_TASK_RESPONSES ? "input" : "messages";
    if (jv_get(document, needed) == NULL)
        return emu_check_refuse(&c,
            arena_printf(arena, "Bad request: missing field \"%s\"\n", needed));
    if (!check_together(&c, document))
        return false;
    *ret = chat;
    return true;
}
