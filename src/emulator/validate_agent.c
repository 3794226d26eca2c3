#include "emulator/validate_int.h"

/* agent/v2/chat and agent/v1/responses: what only agents take. */

enum { MAX_ITEM_ID = 64 };

#define KEYS(list) list, sizeof(list) / sizeof(*(list))

/* ---- Fields of both ---- */

static bool check_context(struct emu_checker *c, const struct jv *v)
{
    static const char *const known[] = {"conversation_id", "user_id"};
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    if (jv_type(v) != JV_OBJECT)
        return emu_check_refuse_type(c, STR("context"), "object");
    if (!emu_check_keys(c, v, KEYS(known)))
        return false;
    while (jv_each(v, &pos, &key, &value))
        if (jv_type(value) != JV_STRING)
            return emu_check_refuse_type(c, key, "string");
    return true;
}

static bool check_custom_inputs(struct emu_checker *c, const struct jv *v)
{
    return jv_type(v) == JV_OBJECT ||
           emu_check_refuse_type(c, STR("custom_inputs"), "object");
}

const struct emu_field emu_chat_agent_fields[] = {
    {"messages", emu_check_messages},
    {"model", emu_check_string},
    {"stream", emu_check_stream},
    {"context", check_context},
    {"custom_inputs", check_custom_inputs},
    {"databricks_options", emu_check_options},
    {NULL, NULL},
};

/* ---- Items of a Responses request ---- */

/* The i-th item has the id; kind says how those of its type begin. */
static bool check_id(
    struct emu_checker *c, const struct jv *item, struct str prefix)
{
    struct str id;
    const struct jv *v = jv_get(item, "id");
    if (v == NULL)
        return true;
    if (!jv_string(v, &id))
        return emu_check_refuse_type(c, STR("id"), "string");
    if (id.n > MAX_ITEM_ID)
        return emu_check_refuse(
            c, STR("Invalid 'input[].id': string too long. Expected a string "
                   "with maximum length 64."));
    if (!str_starts_with(id, prefix))
        return emu_check_refuse(c,
            arena_printf(c->arena,
                "Invalid 'input[].id': expected an ID that begins with '%.*s'.",
                STR_ARG(prefix)));
    return true;
}

static bool check_part(
    struct emu_checker *c, const struct jv *part, bool users, struct str *text)
{
    struct str type = jv_get_str(part, "type"), s;
    if (users &&
        (str_eq(type, STR("input_image")) || str_eq(type, STR("input_file"))))
        return true;
    if (str_eq(type, STR("refusal")) && !users)
        return true;
    if (!str_eq(type, users ? STR("input_text") : STR("output_text")))
        return emu_check_refuse(c, arena_printf(c->arena,
                                       "Invalid value: '%.*s'. Supported "
                                       "values are: '%s'.",
                                       STR_ARG(emu_check_shown(type)),
                                       users ? "input_text" : "output_text"));
    if (!jv_string(jv_get(part, "text"), &s))
        return emu_check_refuse_type(c, STR("text"), "string");
    *text = s;
    return emu_check_text(c, s);
}

static bool check_parts(struct emu_checker *c, const struct jv *content,
    bool users, struct str *text)
{
    if (jv_string(content, text))
        return emu_check_text(c, *text);
    if (jv_type(content) != JV_ARRAY || jv_count(content) == 0)
        return emu_check_refuse_type(c, STR("content"), "string or array");
    for (size_t i = 0; i < jv_count(content); i++)
        if (!check_part(c, jv_at(content, i), users, text))
            return false;
    return true;
}

static bool check_message(
    struct emu_checker *c, const struct jv *items, size_t i)
{
    static const char *const known[] = {"type", "id", "role", "content"};
    const struct jv *item = jv_at(items, i);
    struct str role = jv_get_str(item, "role"), text = STR("");
    bool model = str_eq(role, STR("assistant"));
    bool system = str_eq(role, STR("system")) || str_eq(role, STR("developer"));
    if (!model && !system && !str_eq(role, STR("user")))
        return emu_check_refuse(
            c, arena_printf(c->arena, "Invalid value: '%.*s' for 'role'.",
                   STR_ARG(emu_check_shown(role))));
    if (!emu_check_keys(c, item, KEYS(known)) ||
        !check_id(c, item, STR("msg_")))
        return false;
    emu_check_add_text(c, role);
    if (!check_parts(c, jv_get(item, "content"), !model, &text))
        return false;
    c->chat->messages += !system;
    c->chat->system = c->chat->system || system;
    if (!model && !system) {
        c->chat->question = text;
        c->chat->approval = EMU_APPROVAL_NONE;
    }
    return true;
}

/* Whether an item of that type before the i-th has that id under key. */
static bool is_known(const struct jv *items, size_t i, struct str type,
    const char *key, struct str id)
{
    for (size_t at = 0; at < i; at++) {
        const struct jv *item = jv_at(items, at);
        if (str_eq(jv_get_str(item, "type"), type) &&
            str_eq(jv_get_str(item, key), id))
            return true;
    }
    return false;
}

static bool check_call(struct emu_checker *c, const struct jv *items, size_t i)
{
    static const char *const known[] = {
        "type", "id", "call_id", "name", "arguments"};
    const struct jv *item = jv_at(items, i);
    if (jv_get_str(item, "call_id").n == 0 || jv_get_str(item, "name").n == 0 ||
        jv_type(jv_get(item, "arguments")) != JV_STRING)
        return emu_check_refuse(
            c, STR("Missing required parameter of a function_call: call_id, "
                   "name and arguments are needed."));
    return emu_check_keys(c, item, KEYS(known)) &&
           check_id(c, item, STR("fc_"));
}

static bool check_call_output(
    struct emu_checker *c, const struct jv *items, size_t i)
{
    static const char *const known[] = {"type", "id", "call_id", "output"};
    const struct jv *item = jv_at(items, i);
    struct str call = jv_get_str(item, "call_id");
    if (!emu_check_keys(c, item, KEYS(known)))
        return false;
    if (jv_is_null(jv_get(item, "output")))
        return emu_check_refuse(
            c, STR("Missing required parameter: 'input[].output'."));
    return is_known(items, i, STR("function_call"), "call_id", call) ||
           emu_check_refuse(
               c, arena_printf(c->arena,
                      "No tool call found for function call output with "
                      "call_id %.*s.",
                      STR_ARG(emu_check_shown(call))));
}

static bool check_approval_request(
    struct emu_checker *c, const struct jv *items, size_t i)
{
    static const char *const known[] = {
        "type", "id", "name", "arguments", "server_label"};
    const struct jv *item = jv_at(items, i);
    if (jv_get_str(item, "id").n == 0)
        return emu_check_refuse(
            c, STR("Missing required parameter: 'input[].id'."));
    return emu_check_keys(c, item, KEYS(known)) &&
           check_id(c, item, STR("mcpr_"));
}

static bool check_approval_response(
    struct emu_checker *c, const struct jv *items, size_t i)
{
    static const char *const known[] = {
        "type", "id", "approval_request_id", "approve", "reason"};
    const struct jv *item = jv_at(items, i);
    struct str id = jv_get_str(item, "approval_request_id");
    bool approve;
    if (!emu_check_keys(c, item, KEYS(known)))
        return false;
    if (!jv_bool(jv_get(item, "approve"), &approve))
        return emu_check_refuse_type(c, STR("approve"), "boolean");
    if (!is_known(items, i, STR("mcp_approval_request"), "id", id))
        return emu_check_refuse(
            c, arena_printf(c->arena,
                   "No approval request found for approval_request_id %.*s.",
                   STR_ARG(emu_check_shown(id))));
    c->chat->approval = approve ? EMU_APPROVAL_GIVEN : EMU_APPROVAL_DENIED;
    return true;
}

static bool check_reasoning(
    struct emu_checker *c, const struct jv *items, size_t i)
{
    static const char *const known[] = {
        "type", "id", "summary", "encrypted_content"};
    const struct jv *item = jv_at(items, i);
    return emu_check_keys(c, item, KEYS(known)) &&
           check_id(c, item, STR("rs_"));
}

static const struct {
    const char *type;
    bool (*check)(struct emu_checker *c, const struct jv *items, size_t i);
} item_types[] = {
    {"", check_message},
    {"message", check_message},
    {"function_call", check_call},
    {"function_call_output", check_call_output},
    {"reasoning", check_reasoning},
    {"mcp_approval_request", check_approval_request},
    {"mcp_approval_response", check_approval_response},
};

static bool check_item(struct emu_checker *c, const struct jv *items, size_t i)
{
    struct str type = jv_get_str(jv_at(items, i), "type");
    if (jv_type(jv_at(items, i)) != JV_OBJECT)
        return emu_check_refuse_type(c, STR("input"), "array of objects");
    for (size_t t = 0; t < sizeof(item_types) / sizeof(*item_types); t++)
        if (str_eq(type, str_from_c(item_types[t].type)))
            return item_types[t].check(c, items, i);
    return emu_check_refuse(
        c, arena_printf(c->arena, "Invalid value: '%.*s' for 'input[].type'.",
               STR_ARG(emu_check_shown(type))));
}

static bool check_input(struct emu_checker *c, const struct jv *items)
{
    if (jv_type(items) != JV_ARRAY)
        return emu_check_refuse_type(c, STR("input"), "array");
    for (size_t i = 0; i < jv_count(items); i++)
        if (!check_item(c, items, i))
            return false;
    if (c->chat->messages == 0)
        return emu_check_refuse(
            c, STR("input: at least one message is required"));
    if ((c->model->flags & EMU_APPROVAL) != 0 &&
        c->chat->approval == EMU_APPROVAL_NONE)
        c->chat->approval = EMU_APPROVAL_WANTED;
    return true;
}

const struct emu_field emu_responses_fields[] = {
    {"input", check_input},
    {"model", emu_check_string},
    {"stream", emu_check_stream},
    {"context", check_context},
    {"custom_inputs", check_custom_inputs},
    {"databricks_options", emu_check_options},
    {"max_output_tokens", emu_check_max_tokens},
    {"temperature", emu_check_temperature},
    {"top_p", emu_check_top_p},
    {"metadata", emu_check_nothing},
    {"parallel_tool_calls", emu_check_nothing},
    {"reasoning", emu_check_nothing},
    {"store", emu_check_nothing},
    {"text", emu_check_nothing},
    {"user", emu_check_string},
    {"truncation", emu_check_string},
    {"tool_choice", emu_check_nothing},
    {"tools", emu_check_nothing},
    {NULL, NULL},
};
