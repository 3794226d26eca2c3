#include <string.h>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/utf8.h"

#include "databricks/trace.h"

void trace_init(struct trace *t)
{
    buf_init(&t->sources, TRACE_TOTAL_MAX);
    buf_init(&t->citations, TRACE_TOTAL_MAX / 4);
    t->citation_count = 0;
    t->id[0] = '\0';
}

void trace_release(struct trace *t)
{
    buf_release(&t->sources);
    buf_release(&t->citations);
}

/* Attributes are JSON inside a string; some clients write them plainly. */
static bool attribute_is(const struct jv *value, struct str word)
{
    struct str s;
    if (!jv_string(value, &s))
        return false;
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        s = str_sub(s, 1, s.n - 2);
    return str_eq(s, word);
}

static bool is_retriever(const struct jv *span)
{
    const struct jv *type =
        jv_get(jv_get(span, "attributes"), "mlflow.spanType");
    return str_eq(jv_get_str(span, "name"), STR("VectorStoreRetriever")) ||
           attribute_is(type, STR("RETRIEVER"));
}

static void write_source(
    struct json_writer *w, struct str content, const struct jv *metadata)
{
    struct buf json;
    buf_init(&json, TRACE_TOTAL_MAX);
    if (jv_type(metadata) != JV_OBJECT || jv_dump(metadata, &json) != RC_OK) {
        buf_clear(&json);
        buf_append(&json, STR("{}"));
    }
    json_begin_object(w);
    json_member_str(
        w, "page_content", utf8_truncate(content, TRACE_CONTENT_MAX));
    json_member_raw(w, "metadata", buf_str(&json));
    json_end_object(w);
    buf_release(&json);
}

/* A document as retrievers give it; false when it has nothing to show. */
static bool read_source(const struct jv *document, struct buf *out)
{
    struct json_writer w;
    const struct jv *metadata = jv_get(document, "metadata");
    struct str content = jv_get_str(document, "page_content");
    if (content.n == 0 && jv_count(metadata) == 0)
        return false;
    json_writer_init(&w, out);
    write_source(&w, content, metadata);
    return buf_ok(out);
}

/* Replaces the sources by those of the list. */
static void read_list(struct trace *t, const struct jv *list)
{
    struct buf source;
    size_t taken = 0;
    buf_clear(&t->sources);
    for (size_t i = 0; i < jv_count(list) && taken < TRACE_SOURCES_MAX; i++) {
        /* Room for the bracket or comma before and the bracket behind. */
        buf_init(&source, TRACE_TOTAL_MAX - t->sources.n - 2);
        if (read_source(jv_at(list, i), &source)) {
            buf_append_char(&t->sources, taken++ == 0 ? '[' : ',');
            buf_append(&t->sources, buf_str(&source));
        }
        buf_release(&source);
        if (t->sources.n + 2 >= TRACE_TOTAL_MAX)
            break;
    }
    if (taken > 0)
        buf_append_char(&t->sources, ']');
}

/* The same JSON with U+FFFD for each NUL that it writes as an escape. */
static void replace_nuls(struct str json, struct buf *out)
{
    while (json.n > 0) {
        size_t n = str_find_char(json, '\\');
        buf_append(out, str_sub(json, 0, n));
        json = str_sub(json, n, json.n);
        bool is_nul = str_starts_with(json, STR("\\u0000"));
        n = is_nul ? 6 : 2;
        buf_append(out, is_nul ? STR("\\ufffd") : str_sub(json, 0, n));
        json = str_sub(json, n, json.n);
    }
}

/* Text that was taken out of files may hold NULs; the rest of it is good. */
static struct jv *parse_outputs(struct str text)
{
    struct jv *parsed = NULL;
    struct buf json;
    if (jv_parse(text, NULL, &parsed) == RC_OK)
        return parsed;
    buf_init(&json, text.n + 1);
    replace_nuls(text, &json);
    if (jv_parse(buf_str(&json), NULL, &parsed) != RC_OK)
        parsed = NULL;
    buf_release(&json);
    return parsed;
}

/* The output is a list, or JSON of one in a string. */
static void read_retriever(struct trace *t, const struct jv *span)
{
    const struct jv *outputs =
        jv_get(jv_get(span, "attributes"), "mlflow.spanOutputs");
    struct jv *parsed = NULL;
    struct str text;
    if (jv_string(outputs, &text))
        outputs = parsed = parse_outputs(text);
    if (jv_type(outputs) == JV_ARRAY)
        read_list(t, outputs);
    jv_free(parsed);
}

static void read_id(struct trace *t, const struct jv *info)
{
    struct str id = jv_get_str(info, "trace_id");
    if (id.n == 0)
        id = jv_get_str(info, "request_id"); /* its older name */
    trace_set_id(t, id);
}

void trace_set_id(struct trace *t, struct str id)
{
    if (id.n == 0 || id.n >= sizeof(t->id))
        return;
    memcpy(t->id, id.p, id.n);
    t->id[id.n] = '\0';
}

void trace_read(struct trace *t, const struct jv *document)
{
    const struct jv *trace =
        jv_get(jv_get(document, "databricks_output"), "trace");
    const struct jv *spans = jv_get(jv_get(trace, "data"), "spans");
    read_id(t, jv_get(trace, "info"));
    for (size_t i = 0; i < jv_count(spans); i++)
        if (is_retriever(jv_at(spans, i)))
            read_retriever(t, jv_at(spans, i));
}

static void write_citation(struct buf *out, struct str url, struct str title)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "page_content", STR(""));
    json_key(&w, "metadata");
    json_begin_object(&w);
    json_member_str(&w, "url", url);
    if (title.n > 0)
        json_member_str(&w, "title", title);
    json_end_object(&w);
    json_end_object(&w);
}

void trace_cite(struct trace *t, struct str url, struct str title)
{
    struct buf one;
    if (url.n == 0 || t->citation_count >= TRACE_SOURCES_MAX)
        return;
    buf_init(&one, TRACE_CONTENT_MAX);
    write_citation(&one, url, title);
    bool fits = t->citations.n + one.n + 1 < t->citations.max;
    if (buf_ok(&one) && fits &&
        !str_contains(buf_str(&t->citations), buf_str(&one))) {
        if (t->citation_count++ > 0)
            buf_append_char(&t->citations, ',');
        buf_append(&t->citations, buf_str(&one));
    }
    buf_release(&one);
}

/* Whether what was retrieved has that address, under one of its names. */
static bool is_retrieved(const struct jv *sources, struct str url)
{
    static const char *const names[] = {"url", "source", "doc_uri"};
    for (size_t i = 0; i < jv_count(sources); i++) {
        const struct jv *metadata = jv_get(jv_at(sources, i), "metadata");
        for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
            if (str_eq(jv_get_str(metadata, names[n]), url))
                return true;
    }
    return false;
}

/* A page that was retrieved and cited is one source: that with its text. */
static void drop_retrieved(struct trace *t)
{
    struct jv *sources = NULL, *citations = NULL;
    struct buf json;
    buf_init(&json, t->citations.max + 2);
    buf_printf(&json, "[%.*s]", STR_ARG(buf_str(&t->citations)));
    bool both = jv_parse(buf_str(&t->sources), NULL, &sources) == RC_OK &&
                jv_parse(buf_str(&json), NULL, &citations) == RC_OK;
    buf_release(&json);
    if (both) {
        buf_clear(&t->citations);
        t->citation_count = 0;
    }
    for (size_t i = 0; i < jv_count(citations); i++) {
        const struct jv *page = jv_get(jv_at(citations, i), "metadata");
        struct str url = jv_get_str(page, "url");
        if (both && !is_retrieved(sources, url))
            trace_cite(t, url, jv_get_str(page, "title"));
    }
    jv_free(sources);
    jv_free(citations);
}

void trace_finish(struct trace *t)
{
    if (t->sources.n > 0 && t->citation_count > 0)
        drop_retrieved(t);
    bool fits = t->sources.n + t->citations.n + 2 <= t->sources.max;
    if (t->citation_count == 0 || !fits)
        return;
    if (t->sources.n > 0)
        t->sources.p[t->sources.n - 1] = ',';
    else
        buf_append_char(&t->sources, '[');
    buf_append(&t->sources, buf_str(&t->citations));
    buf_append_char(&t->sources, ']');
    buf_clear(&t->citations);
    t->citation_count = 0;
}
