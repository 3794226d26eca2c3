#include <string.h>

#include "base/json.h"

#include "databricks/agent_document.h"
#include "databricks/answer.h"

/* Notes whose piece comes; another message than the last stands apart. */
static void note_message(
    struct agent_reader *reader, struct str id, struct answer *answer)
{
    struct str last = str_from_c(reader->message_id);
    if (id.n == 0 || id.n >= sizeof(reader->message_id) || str_eq(id, last))
        return;
    if (last.n > 0)
        answer_next_message(answer);
    memcpy(reader->message_id, id.p, id.n);
    reader->message_id[id.n] = '\0';
}

static void read_calls(const struct jv *calls, struct answer *answer)
{
    for (size_t i = 0; i < jv_count(calls); i++) {
        const struct jv *call = jv_at(calls, i);
        const struct jv *function = jv_get(call, "function");
        answer_tool_call(answer, jv_get_str(call, "id"),
            jv_get_str(function, "name"), jv_get_str(function, "arguments"));
    }
}

static void read_message(struct agent_reader *reader, const struct jv *message,
    struct answer *answer)
{
    struct str role = jv_get_str(message, "role");
    struct str content = jv_get_str(message, "content");
    if (str_eq(role, STR("tool"))) {
        answer_tool_result(
            answer, jv_get_str(message, "tool_call_id"), content);
    } else if (role.n == 0 || str_eq(role, STR("assistant"))) {
        note_message(reader, jv_get_str(message, "id"), answer);
        answer_text(answer, content);
        read_calls(jv_get(message, "tool_calls"), answer);
    }
}

bool agent_document_read(struct agent_reader *reader, const struct jv *document,
    struct answer *answer)
{
    const struct jv *delta = jv_get(document, "delta");
    const struct jv *messages = jv_get(document, "messages");
    bool known = jv_type(delta) == JV_OBJECT || jv_type(messages) == JV_ARRAY;
    if (!known)
        return false;
    read_message(reader, delta, answer);
    for (size_t i = 0; i < jv_count(messages); i++)
        read_message(reader, jv_at(messages, i), answer);
    answer_finish_reason(answer, jv_get_str(document, "finish_reason"));
    answer_usage(answer, jv_get(document, "usage"));
    answer_trace(answer, document);
    return true;
}
