#include "base/json_writer.h"
#include "base/utf8.h"

#include "databricks/chat_body.h"

/* Stands between messages that are joined into one. */
#define JOINT STR("\n\n")

enum { ITEM_ID_MAX = 64 };

struct body_writer {
    struct json_writer json;
    struct buf text; /* the message being gathered */
    enum databricks_role role;
    bool asked; /* a user message has been met */
};

static struct str role_name(enum databricks_role role)
{
    switch (role) {
    case DATABRICKS_ROLE_SYSTEM:
        return STR("system");
    case DATABRICKS_ROLE_USER:
        return STR("user");
    case DATABRICKS_ROLE_ASSISTANT:
        return STR("assistant");
    }
    return STR("user");
}

static void add_text(struct body_writer *w, struct str content)
{
    if (str_trim(content).n == 0)
        return;
    if (w->text.n)
        buf_append(&w->text, JOINT);
    buf_append(&w->text, content);
}

/* Writes what has gathered as one message. */
static void flush(struct body_writer *w)
{
    if (w->text.n) {
        json_begin_object(&w->json);
        json_member_str(&w->json, "role", role_name(w->role));
        json_member_str(&w->json, "content", buf_str(&w->text));
        json_end_object(&w->json);
        buf_clear(&w->text);
    }
}

static void write_system(
    struct body_writer *w, const struct databricks_chat_request *r)
{
    w->role = DATABRICKS_ROLE_SYSTEM;
    add_text(w, r->system_prompt);
    for (size_t i = 0; i < r->message_count; i++)
        if (r->messages[i].role == DATABRICKS_ROLE_SYSTEM)
            add_text(w, r->messages[i].content);
    flush(w);
}

static void write_turn(
    struct body_writer *w, const struct databricks_message *m)
{
    if (m->role == DATABRICKS_ROLE_SYSTEM || str_trim(m->content).n == 0)
        return;
    w->asked |= m->role == DATABRICKS_ROLE_USER;
    if (!w->asked)
        return;
    if (m->role != w->role)
        flush(w);
    w->role = m->role;
    add_text(w, m->content);
}

static void write_trace_wish(struct body_writer *w)
{
    json_key(&w->json, "databricks_options");
    json_begin_object(&w->json);
    json_member_bool(&w->json, "return_trace", true);
    json_end_object(&w->json);
}

enum databricks_task databricks_task_of(struct str task)
{
    if (str_eq(task, STR("agent/v2/chat")))
        return DATABRICKS_TASK_AGENT;
    if (str_starts_with(task, STR("agent/")) &&
        str_ends_with(task, STR("/responses")))
        return DATABRICKS_TASK_RESPONSES;
    return DATABRICKS_TASK_CHAT;
}

static void write_effort(
    struct body_writer *w, const char *key, const char *effort)
{
    json_key(&w->json, key);
    json_begin_object(&w->json);
    json_member_str(&w->json, "effort", str_from_c(effort));
    json_end_object(&w->json);
}

static void write_thinking(
    struct body_writer *w, const struct databricks_chat_request *r)
{
    bool adaptive = r->thinking == DATABRICKS_THINKING_ADAPTIVE;
    switch (r->thinking) {
    case DATABRICKS_THINKING_UNSAID:
        return;
    case DATABRICKS_THINKING_EFFORT:
        if (r->task == DATABRICKS_TASK_RESPONSES)
            write_effort(w, "reasoning", r->effort);
        else
            json_member_str(
                &w->json, "reasoning_effort", str_from_c(r->effort));
        return;
    case DATABRICKS_THINKING_BUDGET:
    case DATABRICKS_THINKING_ADAPTIVE:
        break;
    }
    json_key(&w->json, "thinking");
    json_begin_object(&w->json);
    json_member_str(
        &w->json, "type", adaptive ? STR("adaptive") : STR("enabled"));
    if (!adaptive)
        json_member_int(&w->json, "budget_tokens", r->thinking_budget);
    json_end_object(&w->json);
    if (adaptive)
        write_effort(w, "output_config", r->effort);
}

/* What an agent of its own kind has no place for is left out. */
static void write_settings(
    struct body_writer *w, const struct databricks_chat_request *r)
{
    if (r->task == DATABRICKS_TASK_AGENT)
        return;
    if (r->max_tokens > 0)
        json_member_int(&w->json,
            r->task == DATABRICKS_TASK_RESPONSES ? "max_output_tokens"
                                                 : "max_tokens",
            r->max_tokens);
    if (r->has_temperature)
        json_member_double(&w->json, "temperature", r->temperature);
    write_thinking(w, r);
}

/* Agents keep what they know of a conversation under its id. */
static void write_context(
    struct body_writer *w, const struct databricks_chat_request *r)
{
    if (r->task == DATABRICKS_TASK_CHAT || r->conversation_id.n == 0)
        return;
    json_key(&w->json, "context");
    json_begin_object(&w->json);
    json_member_str(&w->json, "conversation_id", r->conversation_id);
    if (r->user_id.n > 0)
        json_member_str(&w->json, "user_id", r->user_id);
    json_end_object(&w->json);
}

/* The request comes back as it was; ids are refused beyond 64 bytes. */
static void write_approval(
    struct body_writer *w, const struct databricks_approval *a)
{
    struct str id = utf8_truncate(a->id, ITEM_ID_MAX);
    json_begin_object(&w->json);
    json_member_str(&w->json, "type", STR("mcp_approval_request"));
    json_member_str(&w->json, "id", id);
    json_member_str(&w->json, "name", a->name);
    json_member_str(&w->json, "arguments", a->arguments);
    json_member_str(&w->json, "server_label", a->server_label);
    json_end_object(&w->json);
    json_begin_object(&w->json);
    json_member_str(&w->json, "type", STR("mcp_approval_response"));
    json_member_str(&w->json, "approval_request_id", id);
    json_member_bool(&w->json, "approve", a->approve);
    json_end_object(&w->json);
}

enum rc chat_body_write(
    const struct databricks_chat_request *r, bool stream, struct buf *out)
{
    struct body_writer w = {.asked = false};
    bool responses = r->task == DATABRICKS_TASK_RESPONSES;
    buf_init(&w.text, out->max);
    json_writer_init(&w.json, out);
    json_begin_object(&w.json);
    if (r->name_model)
        json_member_str(&w.json, "model", r->endpoint);
    json_key(&w.json, responses ? "input" : "messages");
    json_begin_array(&w.json);
    write_system(&w, r);
    for (size_t i = 0; i < r->message_count; i++)
        write_turn(&w, &r->messages[i]);
    bool whole = buf_ok(&w.text);
    flush(&w);
    if (responses && r->approval.id.n > 0)
        write_approval(&w, &r->approval);
    json_end_array(&w.json);
    write_settings(&w, r);
    write_context(&w, r);
    if (r->return_trace)
        write_trace_wish(&w);
    if (stream)
        json_member_bool(&w.json, "stream", true);
    json_end_object(&w.json);
    buf_release(&w.text);
    if (!whole || !buf_ok(out))
        return RC_TOO_LARGE;
    return w.asked ? RC_OK : RC_INVALID;
}
