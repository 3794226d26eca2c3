#include "base/json.h"
#include "base/json_writer.h"
#include "base/num.h"

#include "databricks/mcp.h"

enum { ERROR_TEXT_MAX = 2048 };

/* ---- Requests ---- */

static void begin(
    struct json_writer *w, struct buf *out, int64_t id, struct str method)
{

    json_writer_init(w, out);
    json_begin_object(w);
    json_member_str(w, "jsonrpc", STR("2.0"));
    if (id > 0) {
        struct buf number;
        buf_init(&number, 24);
        buf_printf(&number, "%lld", (long long)id);
        json_member_str(w, "id", buf_str(&number));
        buf_release(&number);
    }
    json_member_str(w, "method", method);
}

void mcp_write_initialize(struct buf *out, int64_t id)
{
    struct json_writer w;
    begin(&w, out, id, STR("initialize"));
    json_key(&w, "params");
    json_begin_object(&w);
    json_member_str(&w, "protocolVersion", MCP_VERSION);
    json_key(&w, "capabilities");
    json_begin_object(&w);
    json_end_object(&w);
    json_key(&w, "clientInfo");
    json_begin_object(&w);
    json_member_str(&w, "name", STR("databricks-chatbot"));
    json_member_str(&w, "version", STR("1"));
    json_end_object(&w);
    json_end_object(&w);
    json_end_object(&w);
}

void mcp_write_initialized(struct buf *out)
{
    struct json_writer w;
    begin(&w, out, 0, STR("notifications/initialized"));
    json_end_object(&w);
}

void mcp_write_list(struct buf *out, int64_t id)
{
    struct json_writer w;
    begin(&w, out, id, STR("tools/list"));
    json_end_object(&w);
}

void mcp_write_call(struct buf *out, int64_t id, struct str tool,
    const struct mcp_argument *arguments, size_t count)
{
    struct json_writer w;
    begin(&w, out, id, STR("tools/call"));
    json_key(&w, "params");
    json_begin_object(&w);
    json_member_str(&w, "name", tool);
    json_key(&w, "arguments");
    json_begin_object(&w);
    for (size_t i = 0; i < count; i++)
        if (arguments[i].value.n > 0)
            json_member_str(&w, arguments[i].name, arguments[i].value);
    json_end_object(&w);
    json_end_object(&w);
    json_end_object(&w);
}

/* ---- Answers ---- */

/* An id is sent as a text; some servers give a number back. */
static bool has_id(const struct jv *message, int64_t id)
{
    const struct jv *v = jv_get(message, "id");
    struct str text;
    int64_t number;
    if (jv_string(v, &text))
        return num_parse_i64(text, 0, INT64_MAX, &number) == RC_OK &&
               number == id;
    return jv_int(v, &number) && number == id;
}

/* The answer in a document; an error without an id is one to whatever. */
static const struct jv *find(const struct jv *document, int64_t id)
{
    bool is_batch = jv_type(document) == JV_ARRAY;
    size_t n = is_batch ? jv_count(document) : 1;
    for (size_t i = 0; i < n; i++) {
        const struct jv *m = is_batch ? jv_at(document, i) : document;
        bool failed = jv_get(m, "error") != NULL;
        if ((failed && jv_is_null(jv_get(m, "id"))) ||
            (has_id(m, id) && (failed || jv_get(m, "result") != NULL)))
            return m;
    }
    return NULL;
}

bool mcp_answers(struct str body, int64_t id)
{
    struct jv *document;
    if (jv_parse(body, NULL, &document) != RC_OK)
        return false;
    bool found = find(document, id) != NULL;
    jv_free(document);
    return found;
}

/* The first text among the pieces, or what stands beside them. */
static struct str text_of(
    const struct jv *result, size_t size, struct arena *arena)
{
    const struct jv *content = jv_get(result, "content");
    for (size_t i = 0; i < jv_count(content); i++) {
        struct str text = jv_get_str(jv_at(content, i), "text");
        if (text.n > 0)
            return arena_str(arena, text);
    }
    const struct jv *structured = jv_get(result, "structuredContent");
    if (jv_type(structured) != JV_OBJECT)
        return (struct str){0};
    struct buf out;
    struct str text = {0};
    buf_init(&out, size + 1);
    if (jv_dump(structured, &out) == RC_OK)
        text = arena_str(arena, buf_str(&out));
    buf_release(&out);
    return text;
}

void mcp_read(
    struct str body, int64_t id, struct arena *arena, struct mcp_answer *ret)
{
    bool failed = false;
    *ret = (struct mcp_answer){.verdict = MCP_UNREADABLE};
    if (jv_parse(body, NULL, &ret->document) != RC_OK)
        return;
    const struct jv *message = find(ret->document, id);
    const struct jv *error = jv_get(message, "error");
    if (error != NULL) {
        struct str text = jv_get_str(error, "message");
        ret->verdict = MCP_ERROR;
        (void)jv_int(jv_get(error, "code"), &ret->code);
        (void)jv_string(error, &text);
        ret->text = arena_str(arena, str_sub(text, 0, ERROR_TEXT_MAX));
        return;
    }
    ret->result = jv_get(message, "result");
    if (ret->result == NULL)
        return;
    (void)jv_bool(jv_get(ret->result, "isError"), &failed);
    ret->verdict = failed ? MCP_TOOL_ERROR : MCP_RESULT;
    ret->text = text_of(ret->result, body.n * 2, arena);
}

struct str mcp_find_tool(
    const struct jv *result, struct str prefix, struct str suffix)
{
    const struct jv *tools = jv_get(result, "tools");
    struct str found = {0};
    for (size_t i = 0; i < jv_count(tools); i++) {
        struct str name = jv_get_str(jv_at(tools, i), "name");
        if (!str_starts_with(name, prefix))
            continue;
        if (str_ends_with(name, suffix))
            return name;
        if (found.n == 0)
            found = name;
    }
    return found;
}
