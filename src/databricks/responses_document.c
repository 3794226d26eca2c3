#include <string.h>

#include "base/json.h"
#include "base/mem.h"

#include "databricks/answer.h"
#include "databricks/responses_document.h"

/* Stands between the texts of two messages, as answer_next_message has it. */
#define JOINT STR("\n\n")

void responses_init(
    struct responses_reader *r, struct answer *answer, size_t max_answer)
{
    *r = (struct responses_reader){.answer = answer};
    buf_init(&r->said, max_answer);
}

void responses_release(struct responses_reader *r)
{
    buf_release(&r->said);
    mem_free(r->items);
}

/* ---- What has been said ---- */

static struct str text_of(
    const struct responses_reader *r, const struct responses_item *item)
{
    return str_sub(buf_str(&r->said), item->begin, item->end - item->begin);
}

static bool is_last(
    const struct responses_reader *r, const struct responses_item *item)
{
    return item == &r->items[r->count - 1];
}

/* A new message behind the others; the last one takes what does not fit. */
static struct responses_item *begin_item(
    struct responses_reader *r, struct str id)
{
    answer_next_message(r->answer);
    if (r->said.n > 0)
        buf_append(&r->said, JOINT);
    if (r->count == RESPONSES_ITEMS_MAX) {
        r->items[r->count - 1].end = r->said.n;
        return &r->items[r->count - 1];
    }
    if (r->items == NULL)
        r->items = mem_zalloc(RESPONSES_ITEMS_MAX * sizeof(*r->items));
    struct responses_item *item = &r->items[r->count++];
    *item = (struct responses_item){.begin = r->said.n, .end = r->said.n};
    id = str_sub(id, 0, sizeof(item->id) - 1);
    memcpy(item->id, id.n ? id.p : "", id.n);
    return item;
}

static struct responses_item *find_id(struct responses_reader *r, struct str id)
{
    id = str_sub(id, 0, RESPONSES_ID_SIZE - 1);
    for (size_t i = r->count; i > 0 && id.n > 0; i--)
        if (str_eq(str_from_c(r->items[i - 1].id), id))
            return &r->items[i - 1];
    return NULL;
}

/* Ids of deltas and of finished items may differ: then the text tells. */
static struct responses_item *find_text(
    struct responses_reader *r, struct str text)
{
    for (size_t i = 0; i < r->count; i++)
        if (!r->items[i].done && str_eq(text_of(r, &r->items[i]), text))
            return &r->items[i];
    struct responses_item *last = r->count ? &r->items[r->count - 1] : NULL;
    bool goes_on = last != NULL && !last->done && last->end > last->begin &&
                   str_starts_with(text, text_of(r, last));
    return goes_on ? last : NULL;
}

static void say(
    struct responses_reader *r, struct responses_item *item, struct str text)
{
    buf_append(&r->said, text);
    item->end = r->said.n;
    answer_text(r->answer, text);
}

/* The text of an item was not the last word: everything is told anew. */
static void say_instead(
    struct responses_reader *r, struct responses_item *item, struct str text)
{
    struct buf all;
    struct str said = buf_str(&r->said);
    size_t before = item->end - item->begin;
    buf_init(&all, r->said.max);
    buf_append(&all, str_sub(said, 0, item->begin));
    buf_append(&all, text);
    buf_append(&all, str_sub(said, item->end, said.n));
    if (!buf_ok(&all)) {
        buf_release(&all);
        return;
    }
    buf_release(&r->said);
    r->said = all;
    for (struct responses_item *i = item; i < r->items + r->count; i++) {
        i->begin += i == item ? 0 : text.n - before;
        i->end += text.n - before;
    }
    answer_replace(r->answer, buf_str(&r->said));
}

/* ---- Items ---- */

static void read_annotation(
    struct responses_reader *r, const struct jv *annotation)
{
    answer_citation(r->answer, jv_get_str(annotation, "url"),
        jv_get_str(annotation, "title"));
}

static void read_annotations(struct responses_reader *r, const struct jv *list)
{
    for (size_t i = 0; i < jv_count(list); i++)
        read_annotation(r, jv_at(list, i));
}

/* The text of a message's parts, refusals too. */
static void gather(
    struct responses_reader *r, const struct jv *content, struct buf *out)
{
    struct str plain;
    if (jv_string(content, &plain))
        buf_append(out, plain);
    for (size_t i = 0; i < jv_count(content); i++) {
        const struct jv *part = jv_at(content, i);
        buf_append(out, jv_get_str(part, "text"));
        buf_append(out, jv_get_str(part, "refusal"));
        read_annotations(r, jv_get(part, "annotations"));
    }
}

static void finish_message(struct responses_reader *r, const struct jv *item)
{
    struct buf text;
    struct str id = jv_get_str(item, "id");
    buf_init(&text, r->said.max);
    gather(r, jv_get(item, "content"), &text);
    struct str whole = buf_str(&text);
    struct responses_item *known = find_id(r, id);
    if (known == NULL)
        known = find_text(r, whole);
    if (known == NULL && whole.n > 0)
        known = begin_item(r, id);
    if (known != NULL && !str_eq(text_of(r, known), whole) && whole.n > 0) {
        struct str before = text_of(r, known);
        if (is_last(r, known) && str_starts_with(whole, before))
            say(r, known, str_sub(whole, before.n, whole.n));
        else
            say_instead(r, known, whole);
    }
    if (known != NULL)
        known->done = true;
    buf_release(&text);
}

/* What a tool gave back: text, or any JSON. */
static void finish_output(struct responses_reader *r, const struct jv *item)
{
    struct buf json;
    struct str output;
    const struct jv *value = jv_get(item, "output");
    buf_init(&json, TOOL_JSON_MAX);
    if (!jv_string(value, &output)) {
        output = STR("");
        if (!jv_is_null(value) && jv_dump(value, &json) == RC_OK)
            output = buf_str(&json);
    }
    answer_tool_result(r->answer, jv_get_str(item, "call_id"), output);
    buf_release(&json);
}

static void finish_reasoning(struct responses_reader *r, const struct jv *item)
{
    const struct jv *summary = jv_get(item, "summary");
    for (size_t i = 0; i < jv_count(summary) && !r->reasoned; i++)
        answer_reasoning(r->answer, jv_get_str(jv_at(summary, i), "text"));
    r->reasoned = false;
}

static void finish_item(struct responses_reader *r, const struct jv *item)
{
    struct str type = jv_get_str(item, "type");
    r->itemised = true;
    if (str_eq(type, STR("message")))
        finish_message(r, item);
    else if (str_eq(type, STR("function_call")))
        answer_tool_call(r->answer, jv_get_str(item, "call_id"),
            jv_get_str(item, "name"), jv_get_str(item, "arguments"));
    else if (str_eq(type, STR("function_call_output")))
        finish_output(r, item);
    else if (str_eq(type, STR("reasoning")))
        finish_reasoning(r, item);
    else if (str_eq(type, STR("mcp_approval_request")))
        answer_approval(r->answer, item);
}

/* ---- Events ---- */

static void on_text(struct responses_reader *r, const struct jv *event)
{
    struct str id = jv_get_str(event, "item_id");
    struct str text = jv_get_str(event, "delta");
    struct responses_item *item = r->count ? &r->items[r->count - 1] : NULL;
    bool same =
        item != NULL && !item->done && (id.n == 0 || find_id(r, id) == item);
    if (text.n > 0)
        say(r, same ? item : begin_item(r, id), text);
}

static void on_thinking(struct responses_reader *r, const struct jv *event)
{
    r->reasoned = true;
    answer_reasoning(r->answer, jv_get_str(event, "delta"));
}

static void on_item(struct responses_reader *r, const struct jv *event)
{
    finish_item(r, jv_get(event, "item"));
    answer_trace(r->answer, event);
}

static void on_annotation(struct responses_reader *r, const struct jv *event)
{
    read_annotation(r, jv_get(event, "annotation"));
}

static void on_begin(struct responses_reader *r, const struct jv *event)
{
    (void)event;
    r->itemised = false;
    answer_goes_on(r->answer);
}

/* The end of a model turn, or a whole answer. */
static void finish_response(
    struct responses_reader *r, const struct jv *response)
{
    const struct jv *output = jv_get(response, "output");
    struct str reason =
        jv_get_str(jv_get(response, "incomplete_details"), "reason");
    if (!r->itemised)
        for (size_t i = 0; i < jv_count(output); i++)
            finish_item(r, jv_at(output, i));
    r->itemised = false;
    answer_finish_reason(r->answer, reason.n > 0 ? reason : STR("stop"));
    answer_usage(r->answer, jv_get(response, "usage"));
    answer_trace(r->answer, response);
    answer_trace_id(
        r->answer, jv_get_str(jv_get(response, "metadata"), "trace_id"));
}

static void on_end(struct responses_reader *r, const struct jv *event)
{
    finish_response(r, jv_get(event, "response"));
    answer_trace(r->answer, event);
}

static const struct {
    const char *type;
    void (*fn)(struct responses_reader *r, const struct jv *event);
} kinds[] = {
    {"response.output_text.delta", on_text},
    {"response.refusal.delta", on_text},
    {"response.reasoning_summary_text.delta", on_thinking},
    {"response.reasoning_text.delta", on_thinking},
    {"response.output_item.done", on_item},
    {"response.output_text.annotation.added", on_annotation},
    {"response.created", on_begin},
    {"response.completed", on_end},
    {"responses.completed", on_end}, /* as some agents spell it */
    {"response.incomplete", on_end},
    {"function_call_output", finish_output},
};

bool responses_read(struct responses_reader *r, const struct jv *document)
{
    struct str type = jv_get_str(document, "type");
    if (type.n == 0) {
        bool whole = jv_type(jv_get(document, "output")) == JV_ARRAY;
        if (whole)
            finish_response(r, document);
        return whole;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (str_eq(type, str_from_c(kinds[i].type)))
            kinds[i].fn(r, document);
    /* Kinds that nobody needs or that are yet to be invented. */
    return true;
}
