#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "databricks/trace.h"

#include "tap.h"

enum { DOCUMENT_MAX = 16 * 1024 * 1024 };

/* Reads the spans (JSON, without their brackets) as a trace would hold them. */
static void read_spans(struct trace *t, struct str spans)
{
    struct jv *document;
    struct buf json;
    buf_init(&json, DOCUMENT_MAX);
    buf_append(
        &json, STR("{\"databricks_output\":{\"trace\":{\"data\":{\"spans\":["));
    buf_append(&json, spans);
    buf_append(&json, STR("]}}}}"));
    CHECK_INT(jv_parse(buf_str(&json), NULL, &document), RC_OK);
    trace_read(t, document);
    jv_free(document);
    buf_release(&json);
}

static void expect(const char *spans, const char *sources)
{
    struct trace t;
    trace_init(&t);
    read_spans(&t, str_from_c(spans));
    CHECK_STR(buf_str(&t.sources), str_from_c(sources));
    trace_release(&t);
}

#define VECTOR "{\"name\":\"VectorStoreRetriever\",\"attributes\":{"
#define OUT "\"mlflow.spanOutputs\":"
#define END "}}"
#define A "[{\"page_content\":\"a\",\"metadata\":{\"k\":[1]}}]"
#define A_STRING "\"[{\\\"page_content\\\":\\\"a\\\"}]\""
#define A_BARE "[{\"page_content\":\"a\",\"metadata\":{}}]"
#define B_BARE "[{\"page_content\":\"b\",\"metadata\":{}}]"

TEST(retrievers_are_known_by_name_or_type)
{
    expect(VECTOR OUT A END, A);
    expect(VECTOR OUT A_STRING END, A_BARE);
    expect("{\"name\":\"x\",\"attributes\":{\"mlflow.spanType\":"
           "\"\\\"RETRIEVER\\\"\"," OUT A END,
        A);
    expect("{\"attributes\":{\"mlflow.spanType\":\"RETRIEVER\"," OUT A END, A);
    expect("{\"name\":\"x\",\"attributes\":{\"mlflow.spanType\":"
           "\"\\\"AGENT\\\"\"," OUT A END,
        "");
    expect("{\"name\":\"x\",\"attributes\":{" OUT A END, "");
}

TEST(the_last_list_wins)
{
    expect(VECTOR OUT A END "," VECTOR OUT B_BARE END, B_BARE);
    expect(VECTOR OUT A END "," VECTOR "\"x\":1" END, A);
    expect(VECTOR OUT A END "," VECTOR OUT "\"{}\"" END, A);
    expect(VECTOR OUT A END "," VECTOR OUT "\"[]\"" END, "");
}

TEST(odd_documents_are_passed_over)
{
    expect(VECTOR OUT "[7,null,\"s\",[],{},{\"page_content\":3},"
                      "{\"page_content\":\"a\",\"metadata\":\"m\"},"
                      "{\"metadata\":{\"url\":\"u\"}}]" END,
        "[{\"page_content\":\"a\",\"metadata\":{}},"
        "{\"page_content\":\"\",\"metadata\":{\"url\":\"u\"}}]");
    expect(VECTOR OUT "[7]" END, "");
}

/* \\u0000 inside the string of JSON; a backslash before u0000 is none. */
TEST(nuls_in_a_text_cost_only_themselves)
{
    expect(VECTOR OUT "\"[{\\\"page_content\\\":"
                      "\\\"a\\\\u0000b\\\\\\\\u0000\\\"}]\"" END,
        "[{\"page_content\":\"a\xEF\xBF\xBD"
        "b\\\\u0000\",\"metadata\":{}}]");
    expect(VECTOR OUT "\"[{\\\"page_content\\\":\\\"a\\\\\"" END, "");
}

TEST(rubbish_is_passed_over)
{
    static const char *const spans[] = {"", "null", "7", "[]", "{}",
        "{\"name\":\"VectorStoreRetriever\"}",
        "{\"name\":\"VectorStoreRetriever\",\"attributes\":\"a\"}",
        VECTOR "\"x\":1" END, VECTOR OUT "null" END, VECTOR OUT "7" END,
        VECTOR OUT "\"\"" END, VECTOR OUT "\"[{\"" END, VECTOR OUT "\"7\"" END,
        VECTOR OUT "{\"page_content\":\"a\"}" END};
    for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
        expect(spans[i], "");
}

TEST(documents_without_a_trace)
{
    static const char *const documents[] = {"{}", "[]", "7", "null",
        "{\"databricks_output\":null}", "{\"databricks_output\":{}}",
        "{\"databricks_output\":{\"trace\":\"long\"}}",
        "{\"databricks_output\":{\"trace\":{\"info\":[],\"data\":[]}}}",
        "{\"databricks_output\":{\"trace\":{\"data\":{\"spans\":{}}}}}"};
    for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
        struct trace t;
        struct jv *document;
        trace_init(&t);
        CHECK_INT(jv_parse(str_from_c(documents[i]), NULL, &document), RC_OK);
        trace_read(&t, document);
        CHECK_INT(t.sources.n, 0);
        CHECK_STR(str_from_c(t.id), STR(""));
        jv_free(document);
        trace_release(&t);
    }
}

static void expect_id(const char *info, const char *id)
{
    struct trace t;
    struct jv *document;
    struct buf json;
    buf_init(&json, 4096);
    buf_printf(
        &json, "{\"databricks_output\":{\"trace\":{\"info\":%s}}}", info);
    trace_init(&t);
    CHECK_INT(jv_parse(buf_str(&json), NULL, &document), RC_OK);
    trace_read(&t, document);
    CHECK_STR(str_from_c(t.id), str_from_c(id));
    jv_free(document);
    buf_release(&json);
    trace_release(&t);
}

TEST(the_id_of_a_trace)
{
    char longest[TRACE_ID_SIZE + 64];
    expect_id("{\"trace_id\":\"tr-1\",\"request_id\":\"r\"}", "tr-1");
    expect_id("{\"request_id\":\"r\"}", "r");
    expect_id("{\"trace_id\":7}", "");
    memset(longest, 'x', sizeof(longest));
    memcpy(longest, "{\"trace_id\":\"", 13);
    memcpy(longest + sizeof(longest) - 3, "\"}", 3);
    expect_id(longest, "");
}

/* A span whose list holds n documents with a text of that many bytes. */
static void write_span(struct buf *out, size_t n, struct str text, size_t times)
{
    buf_append(out, STR(VECTOR OUT "["));
    for (size_t i = 0; i < n; i++) {
        buf_append(out,
            i > 0 ? STR(",{\"page_content\":\"") : STR("{\"page_content\":\""));
        for (size_t k = 0; k < times; k++)
            buf_append(out, text);
        buf_append(out, STR("\"}"));
    }
    buf_append(out, STR("]" END));
}

static struct jv *read_big(
    struct trace *t, size_t n, struct str text, size_t times)
{
    struct buf span;
    struct jv *sources = NULL;
    buf_init(&span, DOCUMENT_MAX);
    trace_init(t);
    write_span(&span, n, text, times);
    CHECK(buf_ok(&span));
    read_spans(t, buf_str(&span));
    CHECK(buf_ok(&t->sources));
    CHECK_INT(jv_parse(buf_str(&t->sources), NULL, &sources), RC_OK);
    buf_release(&span);
    return sources;
}

TEST(at_most_a_hundred_sources)
{
    struct trace t;
    struct jv *sources = read_big(&t, 250, STR("x"), 1);
    CHECK_INT(jv_count(sources), TRACE_SOURCES_MAX);
    jv_free(sources);
    trace_release(&t);
}

TEST(long_texts_are_cut_on_a_character)
{
    struct trace t;
    struct jv *sources = read_big(&t, 1, STR("\xE2\x82\xAC"), 40000);
    struct str text = jv_get_str(jv_at(sources, 0), "page_content");
    CHECK(text.n <= TRACE_CONTENT_MAX && text.n > TRACE_CONTENT_MAX - 4);
    CHECK(utf8_valid(text));
    jv_free(sources);
    trace_release(&t);
}

TEST(all_sources_stay_below_a_mebibyte)
{
    struct trace t;
    struct jv *sources = read_big(&t, 40, STR("y"), 60000);
    CHECK(t.sources.n <= TRACE_TOTAL_MAX);
    CHECK_INT(jv_count(sources), 17);
    jv_free(sources);
    trace_release(&t);
    /* Escapes count: what is short as text may be long as JSON. */
    sources = read_big(&t, 40, STR("\\u0001"), 60000);
    CHECK(t.sources.n <= TRACE_TOTAL_MAX);
    CHECK_INT(jv_count(sources), 2);
    jv_free(sources);
    trace_release(&t);
}

/* Metadata of any size, up to filling the last byte: never half a source. */
TEST(the_limit_is_met_at_any_size)
{
    struct trace t;
    for (size_t n = 61650; n < 61750; n++) {
        struct jv *sources = read_big(&t, 20, STR("z"), n);
        CHECK(t.sources.n <= TRACE_TOTAL_MAX);
        CHECK(jv_count(sources) == 16 || jv_count(sources) == 17);
        jv_free(sources);
        trace_release(&t);
    }
}

TEST(mutated_traces_are_survived)
{
    static const char whole[] = VECTOR OUT A_STRING END "," VECTOR OUT A END;
    tap_seed();
    for (int round = 0; round < 20000; round++) {
        char bytes[sizeof(whole)];
        struct trace t;
        struct jv *document = NULL, *sources = NULL;
        struct buf json;
        memcpy(bytes, whole, sizeof(whole));
        for (uint64_t i = tap_random() % 4; i > 0; i--)
            bytes[tap_random() % (sizeof(whole) - 1)] =
                "\"{}[],:\\7x"[tap_random() % 10];
        buf_init(&json, 4096);
        buf_printf(&json,
            "{\"databricks_output\":{\"trace\":{\"data\":{\"spans\":[%s]}}}}",
            bytes);
        trace_init(&t);
        if (jv_parse(buf_str(&json), NULL, &document) == RC_OK)
            trace_read(&t, document);
        if (t.sources.n > 0)
            CHECK_INT(jv_parse(buf_str(&t.sources), NULL, &sources), RC_OK);
        jv_free(sources);
        jv_free(document);
        buf_release(&json);
        trace_release(&t);
    }
}

TEST(a_page_that_was_retrieved_and_cited_is_one_source)
{
    struct trace t;
    trace_init(&t);
    read_spans(&t, STR("{\"name\":\"VectorStoreRetriever\",\"attributes\":{"
                       "\"mlflow.spanOutputs\":[{\"page_content\":\"text\","
                       "\"metadata\":{\"url\":\"https://x.example/a\"}}]}}"));
    trace_cite(&t, STR("https://x.example/a"), STR("A"));
    trace_cite(&t, STR("https://x.example/b"), STR("B"));
    trace_cite(&t, STR("https://x.example/b"), STR("B"));
    trace_finish(&t);
    CHECK_STR(buf_str(&t.sources),
        STR("[{\"page_content\":\"text\",\"metadata\":"
            "{\"url\":\"https://x.example/a\"}},"
            "{\"page_content\":\"\",\"metadata\":"
            "{\"url\":\"https://x.example/b\",\"title\":\"B\"}}]"));
    trace_release(&t);
}
