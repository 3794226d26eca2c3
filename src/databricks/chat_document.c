#include "base/json.h"

#include "databricks/answer.h"
#include "databricks/chat_document.h"

/* {"type":"reasoning","summary":[{"type":"summary_text","text":...}]}; the
 * signatures and encrypted parts beside the text are not for people. */
static void read_reasoning(const struct jv *item, struct answer *a)
{
    const struct jv *summary = jv_get(item, "summary");
    for (size_t i = 0; i < jv_count(summary); i++)
        answer_reasoning(a, jv_get_str(jv_at(summary, i), "text"));
}

/* An element of array content; kinds we do not know are passed over. */
static void read_item(const struct jv *item, struct answer *a)
{
    struct str type = jv_get_str(item, "type");
    struct str text;
    if (jv_string(item, &text))
        answer_text(a, text);
    else if (str_eq(type, STR("text")))
        answer_text(a, jv_get_str(item, "text"));
    else if (str_eq(type, STR("reasoning")))
        read_reasoning(item, a);
}

static void read_content(const struct jv *content, struct answer *a)
{
    struct str text;
    if (jv_string(content, &text))
        answer_text(a, text);
    else if (jv_type(content) == JV_ARRAY)
        for (size_t i = 0; i < jv_count(content); i++)
            read_item(jv_at(content, i), a);
}

/* A delta of a stream or the message of a whole answer. */
static void read_message(const struct jv *message, struct answer *a)
{
    struct str thinking = jv_get_str(message, "reasoning_content");
    if (thinking.n == 0) /* vLLM sends the same in both */
        thinking = jv_get_str(message, "reasoning");
    answer_reasoning(a, thinking);
    const struct jv *calls = jv_get(message, "tool_calls");
    read_content(jv_get(message, "content"), a);
    answer_text(a, jv_get_str(message, "refusal"));
    for (size_t i = 0; i < jv_count(calls); i++)
        answer_tool_piece(a, jv_at(calls, i));
}

static void read_choice(const struct jv *choice, struct answer *a)
{
    int64_t index = 0;
    if (jv_int(jv_get(choice, "index"), &index) && index != 0)
        return;
    read_message(jv_get(choice, "delta"), a);
    read_message(jv_get(choice, "message"), a);
    answer_finish_reason(a, jv_get_str(choice, "finish_reason"));
}

bool chat_document_read(const struct jv *document, struct answer *answer)
{
    const struct jv *choices = jv_get(document, "choices");
    const struct jv *usage = jv_get(document, "usage");
    for (size_t i = 0; i < jv_count(choices); i++)
        read_choice(jv_at(choices, i), answer);
    answer_usage(answer, usage);
    answer_trace(answer, document);
    return jv_type(choices) == JV_ARRAY || jv_type(usage) == JV_OBJECT;
}
