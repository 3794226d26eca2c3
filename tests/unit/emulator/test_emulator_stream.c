#include "base/json.h"
#include "base/utf8.h"
#include "sse/sse_reader.h"
#include "emulator/stream.h"

#include "tap.h"

/* A reply and its stream, run through on a clock of our own. */
struct run {
    struct emu_reply reply;
    struct emu_stream stream;
    struct buf bytes; /* all that came */
    int64_t now_us;
    int64_t waits;
    enum http_pull end;
    size_t split; /* pulls whose bytes ended inside a character */
};

static void run_start(struct run *t, const char *endpoint, const char *question,
    int64_t max_tokens)
{
    struct emu_fault_choice fault;
    const struct emu_model *m = emu_catalog_find(str_from_c(endpoint), &fault);
    struct emu_chat chat = {.stream = true,
        .question = str_from_c(question),
        .messages = 1,
        .hash = 42,
        .max_tokens = max_tokens,
        .prompt_tokens = 9};
    struct emu_reply_options options = {
        .number = 1, .created = 1'700'000'000, .fault = fault.fault};
    CHECK(m != NULL);
    *t = (struct run){.now_us = 5'000'000};
    emu_reply_init(&t->reply, m, &chat, &options);
    emu_stream_init(
        &t->stream, &emu_protocol_chat, &t->reply, &fault, 50, t->now_us);
    buf_init(&t->bytes, 4 * 1024 * 1024);
}

/* Pulls until the end or a stall (HTTP_PULL_WAIT). */
static void run_through(struct run *t)
{
    for (;;) {
        int64_t wait_ms = -1;
        size_t before = t->bytes.n;
        t->end = emu_stream_pull(&t->stream, t->now_us, &t->bytes, &wait_ms);
        CHECK(t->bytes.n - before <= 100'000);
        t->split += utf8_valid_prefix(buf_str(&t->bytes)) < t->bytes.n;
        if (t->end == HTTP_PULL_MORE)
            continue;
        if (t->end != HTTP_PULL_WAIT || wait_ms < 0)
            return;
        CHECK(wait_ms > 0);
        t->waits++;
        t->now_us += wait_ms * 1000;
    }
}

static void run_release(struct run *t)
{
    emu_stream_release(&t->stream);
    emu_reply_release(&t->reply);
    buf_release(&t->bytes);
}

static void run_all(struct run *t, const char *endpoint)
{
    run_start(t, endpoint, "tell me about snow", 0);
    run_through(t);
}

/* What a client makes of the events. */
struct seen {
    struct buf text, reasoning, signature;
    size_t events, arrays, roles, null_roles, without_choices, errors;
    bool done;
    struct str finish;
    char finish_text[32];
    int64_t tokens;
    size_t longest;
};

static void take_reasoning(struct seen *s, const struct jv *block)
{
    const struct jv *part = jv_at(jv_get(block, "summary"), 0);
    buf_append(&s->reasoning, jv_get_str(part, "text"));
    buf_append(&s->signature, jv_get_str(part, "signature"));
}

static void take_content(struct seen *s, const struct jv *content)
{
    struct str text;
    if (jv_string(content, &text))
        buf_append(&s->text, text);
    s->arrays += jv_type(content) == JV_ARRAY;
    for (size_t i = 0; jv_type(content) == JV_ARRAY && i < jv_count(content);
         i++) {
        const struct jv *block = jv_at(content, i);
        if (str_eq(jv_get_str(block, "type"), STR("text")))
            buf_append(&s->text, jv_get_str(block, "text"));
        else
            take_reasoning(s, block);
    }
}

static void take_choice(struct seen *s, const struct jv *choice)
{
    const struct jv *delta = jv_get(choice, "delta");
    struct str finish;
    s->roles += jv_type(jv_get(delta, "role")) == JV_STRING;
    s->null_roles += jv_type(jv_get(delta, "role")) == JV_NULL;
    take_content(s, jv_get(delta, "content"));
    if (!jv_string(jv_get(choice, "finish_reason"), &finish))
        return;
    CHECK(finish.n < sizeof(s->finish_text));
    for (size_t i = 0; i < finish.n; i++)
        s->finish_text[i] = finish.p[i];
    s->finish = (struct str){s->finish_text, finish.n};
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct seen *s = ctx;
    struct jv *document;
    s->events++;
    s->longest = event->data.n > s->longest ? event->data.n : s->longest;
    CHECK(!s->done);
    if (str_eq(event->data, STR("[DONE]"))) {
        s->done = true;
        return;
    }
    if (jv_parse(event->data, NULL, &document) != RC_OK) {
        s->errors++;
        return;
    }
    const struct jv *choices = jv_get(document, "choices");
    s->errors += choices == NULL;
    s->without_choices += choices != NULL && jv_count(choices) == 0;
    if (jv_count(choices) > 0)
        take_choice(s, jv_at(choices, 0));
    jv_int(jv_get(jv_get(document, "usage"), "completion_tokens"), &s->tokens);
    jv_free(document);
}

static void see(const struct run *t, struct seen *s)
{
    struct sse_reader reader;
    *s = (struct seen){0};
    buf_init(&s->text, 1 << 20);
    buf_init(&s->reasoning, 1 << 20);
    buf_init(&s->signature, 1 << 20);
    sse_reader_init(&reader, SSE_MAX_DEFAULT, on_event, s);
    CHECK(sse_reader_feed(&reader, buf_str(&t->bytes)) == RC_OK);
    sse_reader_release(&reader);
}

static void seen_release(struct seen *s)
{
    buf_release(&s->text);
    buf_release(&s->reasoning);
    buf_release(&s->signature);
}

/* Runs a fault-free endpoint and checks that everything arrived. */
static void check_whole(const char *endpoint, struct seen *s)
{
    struct run t;
    run_all(&t, endpoint);
    see(&t, s);
    CHECK_INT(t.end, HTTP_PULL_END);
    CHECK(s->done && s->errors == 0);
    CHECK_STR(buf_str(&s->text), buf_str(&t.reply.text));
    CHECK_STR(buf_str(&s->reasoning), buf_str(&t.reply.reasoning));
    CHECK_STR(s->finish, STR("stop"));
    CHECK_INT(s->tokens, t.reply.completion_tokens);
    run_release(&t);
}

TEST(claude_streams_strings_and_cumulative_usage)
{
    struct seen s;
    check_whole("databricks-claude-sonnet-4-5", &s);
    CHECK_INT(s.arrays, 0);
    CHECK_INT(s.roles, s.events - 1);
    CHECK_INT(s.without_choices, 0);
    seen_release(&s);
}

/* The span outputs of the retriever in a document, parsed; NULL: no trace. */
static struct jv *retrieved(const struct jv *document)
{
    const struct jv *trace =
        jv_get(jv_get(document, "databricks_output"), "trace");
    const struct jv *span = jv_at(jv_get(jv_get(trace, "data"), "spans"), 1);
    struct jv *list = NULL;
    if (trace == NULL)
        return NULL;
    CHECK(str_starts_with(
        jv_get_str(jv_get(trace, "info"), "trace_id"), STR("tr-chatcmpl_")));
    CHECK_STR(jv_get_str(span, "name"), STR("VectorStoreRetriever"));
    CHECK(jv_parse(jv_get_str(jv_get(span, "attributes"), "mlflow.spanOutputs"),
              NULL, &list) == RC_OK);
    return list;
}

struct traced {
    size_t traces;
    size_t after; /* events with choices that came behind the trace */
};

static void find_trace(void *ctx, const struct sse_event *event)
{
    struct traced *t = ctx;
    struct jv *document;
    if (jv_parse(event->data, NULL, &document) != RC_OK)
        return;
    struct jv *list = retrieved(document);
    t->after += t->traces > 0 && jv_count(jv_get(document, "choices")) > 0;
    t->traces += list != NULL;
    jv_free(list);
    jv_free(document);
}

static struct traced traces_of(const struct run *t)
{
    struct traced traced = {0};
    struct sse_reader reader;
    sse_reader_init(&reader, SSE_MAX_DEFAULT, find_trace, &traced);
    CHECK(sse_reader_feed(&reader, buf_str(&t->bytes)) == RC_OK);
    sse_reader_release(&reader);
    return traced;
}

TEST(agent_gives_its_trace_on_the_last_choice_when_asked)
{
    struct run t;
    run_all(&t, "databricks-docs-assistant");
    CHECK_INT(traces_of(&t).traces, 0);
    run_release(&t);
    run_start(&t, "databricks-docs-assistant", "snow", 0);
    t.reply.trace = true;
    run_through(&t);
    CHECK_INT(traces_of(&t).traces, 1);
    CHECK_INT(traces_of(&t).after, 0);
    run_release(&t);
}

TEST(agent_retrieves_three_made_up_documents)
{
    struct run t;
    struct buf whole;
    struct jv *document;
    run_start(&t, "databricks-docs-assistant", "snow", 0);
    t.reply.trace = true;
    buf_init(&whole, 1 << 20);
    emu_protocol_chat.write_whole(&t.reply, &whole);
    CHECK(jv_parse(buf_str(&whole), NULL, &document) == RC_OK);
    struct jv *list = retrieved(document);
    CHECK_INT(jv_count(list), 3);
    for (size_t i = 0; i < jv_count(list); i++)
        CHECK(str_contains(
            jv_get_str(jv_at(list, i), "page_content"), STR("made")));
    const struct jv *web = jv_get(jv_at(list, 0), "metadata");
    const struct jv *file = jv_get(jv_at(list, 1), "metadata");
    CHECK(str_starts_with(jv_get_str(web, "url"), STR("https://")));
    CHECK(str_starts_with(jv_get_str(file, "url"), STR("dbfs:/")));
    CHECK(jv_get(jv_at(list, 2), "metadata") == NULL);
    jv_free(list);
    jv_free(document);
    buf_release(&whole);
    run_release(&t);
}

TEST(thinking_claude_streams_reasoning_and_one_signature)
{
    struct seen s;
    check_whole("databricks-claude-sonnet-5-thinking", &s);
    CHECK(s.reasoning.n > 100);
    CHECK(str_starts_with(buf_str(&s.signature), STR("EqQB")));
    CHECK(s.arrays > 10 && s.arrays < s.events / 2);
    seen_release(&s);
}

TEST(newest_claude_begins_with_an_array)
{
    struct seen s;
    check_whole("databricks-claude-opus-5", &s);
    CHECK_INT(s.arrays, 1);
    seen_release(&s);
}

TEST(gpt_oss_streams_arrays)
{
    struct seen s;
    check_whole("databricks-gpt-oss-120b", &s);
    CHECK(s.reasoning.n > 100 && s.signature.n == 0);
    CHECK_INT(s.arrays, s.events - 2);
    seen_release(&s);
}

TEST(open_weight_model_sends_usage_alone)
{
    struct seen s;
    check_whole("databricks-meta-llama-3-3-70b-instruct", &s);
    CHECK_INT(s.roles, 1);
    CHECK_INT(s.without_choices, 1);
    seen_release(&s);
}

TEST(think_tags_stand_in_the_text)
{
    struct seen s;
    check_whole("qwq-32b-think", &s);
    CHECK(str_starts_with(buf_str(&s.text), STR("<think>\n")));
    CHECK(str_contains(buf_str(&s.text), STR("\n</think>\n\n")));
    seen_release(&s);
}

TEST(harmless_faults_change_no_text)
{
    static const char *const names[] = {"emu-crlf", "emu-comments",
        "emu-utf8-split", "emu-role-null", "emu-huge-line", "emu-speed-500",
        "emu-delay-3000"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct seen s;
        check_whole(names[i], &s);
        if (i == 3)
            CHECK_INT(s.null_roles, s.events - 1);
        if (i == 4)
            CHECK(s.longest > 300'000);
        seen_release(&s);
    }
}

TEST(utf8_split_ends_a_pull_inside_a_character)
{
    struct run t;
    run_all(&t, "emu-utf8-split");
    CHECK(t.split > 20);
    run_release(&t);
    run_all(&t, "emu-crlf");
    CHECK_INT(t.split, 0);
    run_release(&t);
}

TEST(broken_streams_end_as_their_names_say)
{
    static const struct {
        const char *name;
        enum http_pull end;
        bool done, text, all;
        size_t errors;
    } cases[] = {
        {"emu-stall-after-head", HTTP_PULL_WAIT, false, false, false, 0},
        {"emu-stall-midway", HTTP_PULL_WAIT, false, true, false, 0},
        {"emu-cut-midline", HTTP_PULL_ABORT, false, true, false, 0},
        {"emu-cut-no-done", HTTP_PULL_ABORT, false, true, false, 0},
        {"emu-no-done", HTTP_PULL_END, false, true, true, 0},
        {"emu-error-in-stream", HTTP_PULL_END, true, false, false, 1},
        {"emu-error-event-midway", HTTP_PULL_END, false, true, false, 1},
        {"emu-typed-error-midway", HTTP_PULL_END, false, true, false, 1},
        {"emu-text-error-midway", HTTP_PULL_END, true, true, false, 1},
        {"emu-object-error-midway", HTTP_PULL_END, true, true, false, 1},
        {"emu-empty-200", HTTP_PULL_END, false, false, false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct run t;
        struct seen s;
        run_all(&t, cases[i].name);
        see(&t, &s);
        CHECK_INT(t.end, cases[i].end);
        CHECK(s.done == cases[i].done);
        CHECK((s.text.n > 0) == cases[i].text);
        CHECK((s.text.n == t.reply.text.n) == cases[i].all);
        CHECK_INT(s.errors, cases[i].errors);
        CHECK(str_starts_with(buf_str(&t.reply.text), buf_str(&s.text)));
        seen_release(&s);
        run_release(&t);
    }
}

TEST(cut_midline_ends_inside_a_line)
{
    struct run t;
    run_all(&t, "emu-cut-midline");
    CHECK(t.bytes.p[t.bytes.n - 1] != '\n');
    run_release(&t);
}

TEST(stream_keeps_its_pace)
{
    struct run t;
    run_all(&t, "databricks-claude-sonnet-4-5");
    int64_t expected_ms = t.reply.completion_tokens * 1000 / 50;
    int64_t took_ms = (t.now_us - 5'000'000) / 1000;
    CHECK(took_ms > expected_ms * 8 / 10 && took_ms < expected_ms * 12 / 10);
    CHECK(t.waits >= t.reply.completion_tokens - 1);
    run_release(&t);
}

TEST(max_tokens_cuts_with_the_reason_length)
{
    struct run t;
    struct seen s;
    run_start(&t, "databricks-claude-sonnet-4-5", "a long text", 12);
    run_through(&t);
    see(&t, &s);
    CHECK_STR(s.finish, STR("length"));
    CHECK_INT(s.tokens, 12);
    CHECK(s.text.n > 12 && s.text.n < 120);
    seen_release(&s);
    run_release(&t);
}

TEST(whole_answer_says_the_same_as_the_stream)
{
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++) {
        struct run t;
        struct seen s = {0};
        struct buf whole;
        struct jv *document;
        if (emu_protocol_of(emu_catalog_at(i)) != &emu_protocol_chat)
            continue;
        run_start(&t, emu_catalog_at(i)->name, "snow", 0);
        buf_init(&whole, 1 << 20);
        buf_init(&s.text, 1 << 20);
        buf_init(&s.reasoning, 1 << 20);
        buf_init(&s.signature, 1 << 20);
        emu_protocol_chat.write_whole(&t.reply, &whole);
        CHECK(jv_parse(buf_str(&whole), NULL, &document) == RC_OK);
        take_content(
            &s, jv_get(jv_get(jv_at(jv_get(document, "choices"), 0), "message"),
                    "content"));
        CHECK_STR(buf_str(&s.text), buf_str(&t.reply.text));
        CHECK_STR(buf_str(&s.reasoning), buf_str(&t.reply.reasoning));
        jv_free(document);
        buf_release(&whole);
        seen_release(&s);
        run_release(&t);
    }
}

/* The text of a reply to the question, behind what is there of it. */
static void text_behind(
    const char *endpoint, struct str partial, struct buf *out)
{
    struct emu_fault_choice fault;
    const struct emu_model *m = emu_catalog_find(str_from_c(endpoint), &fault);
    struct emu_chat chat = {.question = STR("tell me about snow"),
        .messages = 1,
        .hash = 42,
        .partial = partial};
    struct emu_reply_options options = {.number = 1};
    struct emu_reply reply;
    emu_reply_init(&reply, m, &chat, &options);
    buf_append(out, buf_str(&reply.text));
    if (partial.n > 0)
        CHECK_INT(reply.reasoning.n, 0);
    emu_reply_release(&reply);
}

TEST(rest_of_an_answer_joins_it)
{
    static const char *const endpoints[] = {
        "databricks-claude-sonnet-4-5", "databricks-gpt-oss-120b"};
    for (size_t i = 0; i < 2; i++) {
        struct buf whole, joined;
        buf_init(&whole, 100000);
        buf_init(&joined, 200000);
        text_behind(endpoints[i], STR(""), &whole);
        size_t n = utf8_valid_prefix(str_sub(buf_str(&whole), 0, whole.n / 3));
        CHECK(n > 0);
        buf_append(&joined, str_sub(buf_str(&whole), 0, n));
        text_behind(endpoints[i], str_sub(buf_str(&whole), 0, n), &joined);
        CHECK_STR(buf_str(&joined), buf_str(&whole));
        buf_release(&whole);
        buf_release(&joined);
    }
}
