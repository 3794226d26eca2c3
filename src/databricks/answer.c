#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

#include "databricks/answer.h"

static void emit(struct answer *a, const struct databricks_event *event)
{
    if (!a->stopped)
        a->fn(a->ctx, event);
}

static void give_piece(void *ctx, bool reasoning, struct str text)
{
    struct answer *a = ctx;
    a->spoke = true;
    a->worded |= !reasoning;
    struct databricks_event event = {
        .type = reasoning ? DATABRICKS_EVENT_REASONING : DATABRICKS_EVENT_TEXT,
        .text = text,
    };
    emit(a, &event);
}

void answer_init(struct answer *a, databricks_event_fn *fn, void *ctx)
{
    *a = (struct answer){
        .fn = fn, .ctx = ctx, .counts = {-1, -1, -1, -1, -1, -1}};
    think_splitter_init(&a->think, give_piece, a);
    trace_init(&a->trace);
}

void answer_release(struct answer *a)
{
    trace_release(&a->trace);
    tool_calls_release(&a->tools);
}

void answer_text(struct answer *a, struct str text)
{
    if (text.n == 0)
        return;
    if (a->apart && a->worded)
        think_splitter_feed(&a->think, STR("\n\n"));
    a->apart = false;
    think_splitter_feed(&a->think, text);
}

void answer_next_message(struct answer *a)
{
    answer_flush(a);
    a->apart = true;
}

static void give(
    struct answer *a, enum databricks_event_type type, struct str text)
{
    struct databricks_event event = {.type = type, .text = text};
    if (text.n == 0)
        return;
    a->spoke = true;
    emit(a, &event);
}

static void keep_text(void *ctx, bool reasoning, struct str text)
{
    if (!reasoning)
        buf_append(ctx, text);
}

void answer_replace(struct answer *a, struct str text)
{
    struct think_splitter think;
    struct buf kept;
    buf_init(&kept, text.n + 1);
    think_splitter_init(&think, keep_text, &kept);
    think_splitter_feed(&think, text);
    think_splitter_finish(&think);
    answer_flush(a);
    a->worded |= kept.n > 0;
    give(a, DATABRICKS_EVENT_REPLACE, buf_str(&kept));
    buf_release(&kept);
}

void answer_tool_call(
    struct answer *a, struct str id, struct str name, struct str arguments)
{
    struct buf json;
    buf_init(&json, TOOL_JSON_MAX);
    tool_call_write(&json, id, name, arguments);
    answer_next_message(a);
    give(a, DATABRICKS_EVENT_TOOL_CALL, buf_str(&json));
    buf_release(&json);
}

void answer_tool_result(struct answer *a, struct str id, struct str output)
{
    struct buf json;
    buf_init(&json, TOOL_JSON_MAX);
    tool_result_write(&json, id, output);
    answer_next_message(a);
    give(a, DATABRICKS_EVENT_TOOL_RESULT, buf_str(&json));
    buf_release(&json);
}

void answer_approval(struct answer *a, const struct jv *item)
{
    struct buf json;
    buf_init(&json, TOOL_JSON_MAX);
    tool_approval_write(&json, item);
    answer_next_message(a);
    give(a, DATABRICKS_EVENT_APPROVAL, buf_str(&json));
    buf_release(&json);
}

void answer_tool_piece(struct answer *a, const struct jv *piece)
{
    tool_calls_piece(&a->tools, piece);
}

/* The calls that came in pieces are whole now. */
static void give_tool_calls(struct answer *a)
{
    struct tool_calls *t = &a->tools;
    for (size_t i = 0; i < t->count; i++)
        answer_tool_call(a, buf_str(&t->calls[i].id),
            buf_str(&t->calls[i].name), buf_str(&t->calls[i].arguments));
    tool_calls_release(t);
}

void answer_citation(struct answer *a, struct str url, struct str title)
{
    trace_cite(&a->trace, url, title);
}

void answer_reasoning(struct answer *a, struct str text)
{
    if (text.n)
        give_piece(a, true, text);
}

/* Other providers' words for the same thing. */
static struct str usual_word(struct str reason)
{
    if (str_eq(reason, STR("end_turn")) || str_eq(reason, STR("stop_sequence")))
        return STR("stop");
    if (str_eq(reason, STR("max_tokens")) ||
        str_eq(reason, STR("max_output_tokens")))
        return STR("length");
    if (str_eq(reason, STR("tool_use")))
        return STR("tool_calls");
    return reason;
}

void answer_finish_reason(struct answer *a, struct str reason)
{
    if (reason.n == 0)
        return;
    reason = utf8_truncate(usual_word(reason), ANSWER_FINISH_SIZE - 1);
    memcpy(a->finish, reason.p, reason.n);
    a->finish[reason.n] = '\0';
}

void answer_goes_on(struct answer *a)
{
    a->finish[0] = '\0';
}

void answer_trace_id(struct answer *a, struct str id)
{
    trace_set_id(&a->trace, id);
}

static void take_count(const struct jv *object, const char *key, int64_t *count)
{
    int64_t n;
    if (jv_int(jv_get(object, key), &n) && n >= 0)
        *count = n;
}

void answer_usage(struct answer *a, const struct jv *usage)
{
    take_count(usage, "prompt_tokens", &a->counts.prompt);
    take_count(usage, "completion_tokens", &a->counts.completion);
    take_count(usage, "input_tokens", &a->counts.prompt);
    take_count(usage, "output_tokens", &a->counts.completion);
    take_count(usage, "cache_read_input_tokens", &a->counts.cache_read);
    take_count(usage, "cache_creation_input_tokens", &a->counts.cache_creation);
    take_count(jv_get(usage, "prompt_tokens_details"), "cached_tokens",
        &a->counts.cached);
    take_count(jv_get(usage, "input_tokens_details"), "cached_tokens",
        &a->counts.cached);
    take_count(jv_get(usage, "completion_tokens_details"), "reasoning_tokens",
        &a->counts.reasoning);
    take_count(jv_get(usage, "output_tokens_details"), "reasoning_tokens",
        &a->counts.reasoning);
}

static void replace_count(int64_t *count, int64_t n)
{
    if (n >= 0)
        *count = n;
}

void answer_add_counts(struct answer *a, const struct answer_counts *counts)
{
    replace_count(&a->counts.prompt, counts->prompt);
    replace_count(&a->counts.completion, counts->completion);
    replace_count(&a->counts.cache_read, counts->cache_read);
    replace_count(&a->counts.cache_creation, counts->cache_creation);
    replace_count(&a->counts.cached, counts->cached);
    replace_count(&a->counts.reasoning, counts->reasoning);
}

/* Claude's prompt count leaves out what the cache took part in. */
static struct databricks_usage total_usage(const struct answer_counts *c)
{
    int64_t prompt = c->prompt;
    if (prompt >= 0 && c->cache_read > 0)
        prompt += c->cache_read;
    if (prompt >= 0 && c->cache_creation > 0)
        prompt += c->cache_creation;
    return (struct databricks_usage){
        .prompt_tokens = prompt,
        .completion_tokens = c->completion,
        .cached_tokens = c->cache_read >= 0 ? c->cache_read : c->cached,
        .reasoning_tokens = c->reasoning,
    };
}

struct databricks_usage answer_usage_so_far(const struct answer *a)
{
    return total_usage(&a->counts);
}

void answer_trace(struct answer *a, const struct jv *document)
{
    trace_read(&a->trace, document);
}

void answer_flush(struct answer *a)
{
    think_splitter_finish(&a->think);
}

static void give_end(
    struct answer *a, enum databricks_event_type type, struct str text)
{
    struct databricks_event event = {.type = type, .text = text};
    if (text.n)
        emit(a, &event);
}

void answer_end(struct answer *a)
{
    give_tool_calls(a);
    give_end(a, DATABRICKS_EVENT_FINISH_REASON, str_from_c(a->finish));
    struct databricks_event usage = {
        .type = DATABRICKS_EVENT_USAGE,
        .usage = total_usage(&a->counts),
    };
    if (usage.usage.prompt_tokens >= 0 || usage.usage.completion_tokens >= 0)
        emit(a, &usage);
    trace_finish(&a->trace);
    give_end(a, DATABRICKS_EVENT_SOURCES, buf_str(&a->trace.sources));
    give_end(a, DATABRICKS_EVENT_TRACE_ID, str_from_c(a->trace.id));
}

bool answer_explains_silence(const struct answer *a)
{
    struct str finish = str_from_c(a->finish);
    return finish.n && !str_eq(finish, STR("stop"));
}
