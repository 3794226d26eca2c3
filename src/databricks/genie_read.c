#include "base/json.h"
#include "base/utf8.h"

#include "databricks/genie_read.h"

enum { RAW_MAX = 8 * 1024, NAME_MAX_BYTES = 256, NESTING_MAX = 4 };

/* A copy of s that is no longer than max. */
static struct str keep(struct arena *arena, struct str s, size_t max)
{
    return arena_str(arena, utf8_truncate(s, max));
}

/* Takes a text member of object, if it is there and says something. */
static bool take(struct arena *arena, const struct jv *object, const char *key,
    struct str *to)
{
    struct str text = str_trim(jv_get_str(object, key));
    if (text.n > 0)
        *to = keep(arena, text, GENIE_MAX_TEXT);
    return text.n > 0;
}

/* The first of two spellings that is there. */
static const struct jv *either(
    const struct jv *object, const char *one, const char *other)
{
    const struct jv *v = jv_get(object, one);
    return v != NULL ? v : jv_get(object, other);
}

/* ---- States ---- */

/* In capitals, and one word for each thing, whoever says it. */
static struct str state_of(struct arena *arena, struct str word)
{
    static const char *const others[][2] = {{"COMPLETE", "COMPLETED"},
        {"SUCCEEDED", "COMPLETED"}, {"ERROR", "FAILED"},
        {"CANCELED", "CANCELLED"}};
    char *copy = arena_alloc(arena, NAME_MAX_BYTES);
    struct str s = {copy, 0};
    for (; s.n < word.n && s.n < NAME_MAX_BYTES - 1; s.n++) {
        char c = word.p[s.n];
        copy[s.n] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (str_eq(s, str_from_c(others[i][0])))
            return str_from_c(others[i][1]);
    return utf8_truncate(s, s.n);
}

bool genie_state_completed(struct str state)
{
    return str_eq(state, STR("COMPLETED"));
}

bool genie_state_over(struct str state)
{
    return genie_state_completed(state) || str_eq(state, STR("FAILED")) ||
           str_eq(state, STR("CANCELLED")) ||
           str_eq(state, STR("QUERY_RESULT_EXPIRED"));
}

static void take_state(
    struct arena *arena, const struct jv *object, struct genie_result *result)
{
    struct str word = str_trim(jv_get_str(object, "status"));
    if (word.n > 0)
        result->state = state_of(arena, word);
}

/* ---- Errors: {"type", "error"}, {"error_code", "message"}, or a text ---- */

/* "SQL_EXECUTION_EXCEPTION" */
static bool is_code(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < 'A' || s.p[i] > 'Z') && s.p[i] != '_')
            return false;
    return s.n > 3;
}

static void take_error(
    struct arena *arena, const struct jv *error, struct genie_result *result)
{
    struct str text, type, rest;
    if (jv_string(error, &text) && str_trim(text).n > 0) {
        text = str_trim(text);
        if (str_cut(text, ':', &type, &rest) && is_code(type)) {
            result->error_type = keep(arena, type, NAME_MAX_BYTES);
            text = str_trim(rest);
        }
        result->error_message = keep(arena, text, GENIE_MAX_TEXT);
    }
    (void)(take(arena, error, "type", &result->error_type) ||
           take(arena, error, "error_code", &result->error_type));
    (void)(take(arena, error, "error", &result->error_message) ||
           take(arena, error, "message", &result->error_message));
}

/* ---- Rows ---- */

/*
 * One value: a string whatever its type, null, or (MCP) an object with one
 * member that names its type, of which null_value says that there is none.
 */
static struct str cell_of(struct arena *arena, const struct jv *v)
{
    struct str text, key;
    const struct jv *member;
    struct buf raw;
    if (jv_type(v) == JV_OBJECT) {
        void *pos = NULL;
        if (!jv_each(v, &pos, &key, &member) || str_eq(key, STR("null_value")))
            return (struct str){0};
        v = member;
    }
    if (jv_is_null(v))
        return (struct str){0};
    if (jv_string(v, &text))
        return keep(arena, text, GENIE_MAX_CELL);
    buf_init(&raw, GENIE_MAX_CELL);
    text = jv_dump(v, &raw) == RC_OK ? arena_str(arena, buf_str(&raw))
                                     : arena_str(arena, STR("\xE2\x80\xA6"));
    buf_release(&raw);
    return text;
}

static void take_rows(
    struct arena *arena, const struct jv *list, struct genie_result *result)
{
    size_t n = jv_count(list), width = result->column_count, bytes = 0;
    if (n > GENIE_MAX_ROWS)
        n = GENIE_MAX_ROWS;
    struct str *cells = arena_alloc(arena, (n * width + 1) * sizeof(*cells));
    result->cells = cells;
    result->rows = 0;
    for (size_t i = 0; i < n; i++) {
        const struct jv *row = jv_at(list, i);
        const struct jv *values = jv_get(row, "values");
        if (values != NULL)
            row = values;
        for (size_t k = 0; k < width; k++) {
            cells[i * width + k] = cell_of(arena, jv_at(row, k));
            bytes += cells[i * width + k].n + 4;
        }
        if (bytes > GENIE_MAX_CELLS)
            return;
        result->rows++;
    }
}

/* Without a manifest the first row tells how many columns there are. */
static size_t width_of(const struct jv *columns, const struct jv *rows)
{
    const struct jv *first = jv_at(rows, 0);
    const struct jv *values = jv_get(first, "values");
    size_t n = jv_count(columns);
    if (n == 0)
        n = jv_count(values != NULL ? values : first);
    return n < GENIE_MAX_COLUMNS ? n : GENIE_MAX_COLUMNS;
}

static void take_columns(struct arena *arena, const struct jv *columns,
    const struct jv *rows, struct genie_result *result)
{
    size_t n = width_of(columns, rows);
    struct genie_column *to = arena_alloc(arena, (n + 1) * sizeof(*to));
    for (size_t i = 0; i < n; i++) {
        const struct jv *c = jv_at(columns, i);
        struct str type = jv_get_str(c, "type_name");
        if (type.n == 0)
            type = jv_get_str(c, "type_text");
        to[i].name = keep(arena, jv_get_str(c, "name"), NAME_MAX_BYTES);
        to[i].type = keep(arena, type, NAME_MAX_BYTES);
        if (to[i].name.n == 0)
            to[i].name = arena_printf(arena, "column %zu", i + 1);
    }
    result->columns = to;
    result->column_count = n;
}

static void take_result(struct arena *arena, const struct jv *statement,
    struct genie_result *result)
{
    const struct jv *manifest = jv_get(statement, "manifest");
    const struct jv *columns = jv_get(jv_get(manifest, "schema"), "columns");
    const struct jv *rows =
        either(jv_get(statement, "result"), "data_array", "data_typed_array");
    int64_t total;
    bool truncated;
    take_columns(arena, columns, rows, result);
    take_rows(arena, rows, result);
    if (result->row_count < 0 || result->row_count < (int64_t)jv_count(rows))
        result->row_count = (int64_t)jv_count(rows);
    if (jv_int(jv_get(manifest, "total_row_count"), &total) &&
        total >= result->row_count)
        result->row_count = total;
    if (jv_bool(jv_get(manifest, "truncated"), &truncated) && truncated)
        result->truncated = true;
}

enum genie_statement genie_read_statement(
    const struct jv *document, struct arena *arena, struct genie_result *result)
{
    const struct jv *statement = jv_get(document, "statement_response");
    const struct jv *status = jv_get(statement, "status");
    struct str state = state_of(arena, jv_get_str(status, "state"));
    if (jv_type(statement) != JV_OBJECT)
        return GENIE_STATEMENT_NONE;
    if (str_eq(state, STR("PENDING")) || str_eq(state, STR("RUNNING")))
        return GENIE_STATEMENT_RUNNING;
    if (str_eq(state, STR("CLOSED")))
        return GENIE_STATEMENT_GONE;
    if (str_eq(state, STR("FAILED")) || str_eq(state, STR("CANCELLED"))) {
        result->error_type = state;
        take_error(arena, jv_get(status, "error"), result);
        return GENIE_STATEMENT_FAILED;
    }
    take_result(arena, statement, result);
    return GENIE_STATEMENT_READY;
}

/* ---- Attachments ---- */

static void take_suggestions(
    struct arena *arena, const struct jv *list, struct genie_result *result)
{
    const struct jv *questions = jv_get(list, "questions");
    if (questions != NULL)
        list = questions;
    size_t n = jv_count(list), kept = 0;
    if (jv_type(list) != JV_ARRAY || n == 0)
        return;
    if (n > GENIE_MAX_SUGGESTIONS)
        n = GENIE_MAX_SUGGESTIONS;
    struct str *to = arena_alloc(arena, n * sizeof(*to)), text;
    for (size_t i = 0; i < n; i++)
        if (jv_string(jv_at(list, i), &text) && str_trim(text).n > 0)
            to[kept++] = keep(arena, str_trim(text), NAME_MAX_BYTES);
    result->suggestions = to;
    result->suggestion_count = kept;
}

/* Another piece of the answer in words, behind those before. */
static void add_text(
    struct arena *arena, struct str text, struct genie_result *result)
{
    text = utf8_truncate(str_trim(text), GENIE_MAX_TEXT);
    if (text.n == 0 || str_contains(result->text, text))
        return;
    if (result->text.n == 0)
        result->text = arena_str(arena, text);
    else if (result->text.n < GENIE_MAX_TEXT)
        result->text = arena_printf(
            arena, "%.*s\n\n%.*s", STR_ARG(result->text), STR_ARG(text));
}

/* {"query", "description", "title", ...}; the last query is the answer. */
static void take_query(
    struct arena *arena, const struct jv *query, struct genie_result *result)
{
    const struct jv *metadata = jv_get(query, "query_result_metadata");
    int64_t rows;
    bool truncated;
    take(arena, query, "title", &result->title);
    take(arena, query, "description", &result->description);
    (void)(take(arena, query, "query", &result->sql) ||
           take(arena, query, "sql", &result->sql));
    if (jv_int(jv_get(metadata, "row_count"), &rows) && rows >= 0)
        result->row_count = rows;
    if (jv_bool(jv_get(metadata, "is_truncated"), &truncated))
        result->truncated = truncated;
    switch (genie_read_statement(query, arena, result)) {
    case GENIE_STATEMENT_RUNNING:
        result->state = STR("EXECUTING_QUERY");
        break;
    case GENIE_STATEMENT_FAILED:
        result->state = STR("FAILED");
        break;
    case GENIE_STATEMENT_GONE:
        result->state = STR("QUERY_RESULT_EXPIRED");
        break;
    case GENIE_STATEMENT_NONE:
    case GENIE_STATEMENT_READY:
        break;
    }
}

static void take_attachments(
    struct arena *arena, const struct jv *list, struct genie_result *result)
{
    result->text = (struct str){0};
    for (size_t i = 0; i < jv_count(list); i++) {
        const struct jv *a = jv_at(list, i);
        const struct jv *query = jv_get(a, "query");
        const struct jv *text = jv_get(a, "text");
        struct str plain;
        if (jv_type(query) == JV_OBJECT) {
            (void)(take(arena, a, "attachment_id", &result->attachment_id) ||
                   take(arena, a, "id", &result->attachment_id));
            take_query(arena, query, result);
        }
        if (jv_string(text, &plain))
            add_text(arena, plain, result);
        add_text(arena, jv_get_str(text, "content"), result);
        take_suggestions(arena, jv_get(a, "suggested_questions"), result);
    }
}

void genie_read_message(
    const struct jv *document, struct arena *arena, struct genie_result *result)
{
    const struct jv *inner = jv_get(document, "message");
    const struct jv *m = jv_type(inner) == JV_OBJECT ? inner : document;
    take(arena, document, "conversation_id", &result->conversation_id);
    take(arena, m, "conversation_id", &result->conversation_id);
    (void)(take(arena, m, "message_id", &result->message_id) ||
           take(arena, m, "id", &result->message_id) ||
           take(arena, document, "message_id", &result->message_id));
    take_state(arena, m, result);
    result->error_type = result->error_message = (struct str){0};
    take_error(arena, jv_get(m, "error"), result);
    const struct jv *attachments = jv_get(m, "attachments");
    if (jv_type(attachments) == JV_ARRAY)
        take_attachments(arena, attachments, result);
}

/* ---- The answers of MCP's tools ---- */

static void read_content(const struct jv *content, struct arena *arena,
    struct genie_result *result, int depth);

/* {"queryAttachments", "textAttachments", "suggestedQuestions"} */
static bool take_newer(
    struct arena *arena, const struct jv *content, struct genie_result *result)
{
    const struct jv *queries =
        either(content, "queryAttachments", "query_attachments");
    const struct jv *texts =
        either(content, "textAttachments", "text_attachments");
    const struct jv *suggested =
        either(content, "suggestedQuestions", "suggested_questions");
    struct str text;
    for (size_t i = 0; i < jv_count(queries); i++) {
        const struct jv *one = jv_at(queries, i);
        const struct jv *inner = jv_get(one, "query");
        take_query(arena, jv_type(inner) == JV_OBJECT ? inner : one, result);
    }
    for (size_t i = 0; i < jv_count(texts); i++) {
        const struct jv *one = jv_at(texts, i);
        if (jv_string(one, &text))
            add_text(arena, text, result);
        add_text(arena, jv_get_str(one, "content"), result);
        add_text(arena, jv_get_str(one, "text"), result);
    }
    take_suggestions(arena, suggested, result);
    return queries != NULL || texts != NULL || suggested != NULL;
}

/* The flat form; false when the object says nothing that is known. */
static bool take_flat(
    struct arena *arena, const struct jv *content, struct genie_result *result)
{
    struct str before = result->sql;
    take_query(arena, content, result);
    bool known = result->sql.p != before.p || result->description.n > 0 ||
                 jv_get(content, "statement_response") != NULL;
    struct str text = jv_get_str(content, "text");
    if (text.n == 0)
        text = jv_get_str(content, "message");
    add_text(arena, text, result);
    return known || text.n > 0;
}

static void read_object(const struct jv *content, struct arena *arena,
    struct genie_result *result, int depth)
{
    const struct jv *attachments = jv_get(content, "attachments");
    if (jv_type(attachments) == JV_ARRAY) {
        take_attachments(arena, attachments, result);
        return;
    }
    if (take_newer(arena, content, result) || take_flat(arena, content, result))
        return;
    const struct jv *inner = jv_get(content, "content");
    if (inner != NULL) {
        read_content(inner, arena, result, depth + 1);
        return;
    }
    struct buf raw;
    buf_init(&raw, RAW_MAX);
    if (jv_count(content) > 0 && jv_dump(content, &raw) == RC_OK)
        add_text(arena, buf_str(&raw), result);
    buf_release(&raw);
}

/* An object, the same as a text, or words. */
static void read_content(const struct jv *content, struct arena *arena,
    struct genie_result *result, int depth)
{
    struct str text;
    struct jv *nested = NULL;
    if (depth > NESTING_MAX)
        return;
    if (jv_type(content) == JV_OBJECT) {
        read_object(content, arena, result, depth);
    } else if (jv_string(content, &text)) {
        text = str_trim(text);
        if (str_starts_with(text, STR("{")) &&
            jv_parse(text, NULL, &nested) == RC_OK)
            read_object(nested, arena, result, depth);
        else
            add_text(arena, text, result);
        jv_free(nested);
    }
}

/* The outer document: ids, status, and the content. */
static void read_envelope(
    const struct jv *document, struct arena *arena, struct genie_result *result)
{
    (void)(take(arena, document, "conversationId", &result->conversation_id) ||
           take(arena, document, "conversation_id", &result->conversation_id));
    (void)(take(arena, document, "messageId", &result->message_id) ||
           take(arena, document, "message_id", &result->message_id));
    take_error(arena, jv_get(document, "error"), result);
    if (result->error_message.n > 0)
        result->state = STR("FAILED");
    take_state(arena, document, result);
    const struct jv *content = jv_get(document, "content");
    if (content != NULL)
        read_content(content, arena, result, 0);
    else if (jv_get(document, "status") == NULL &&
             jv_get(document, "error") == NULL)
        read_object(document, arena, result, 0);
    else if (jv_get(document, "attachments") != NULL)
        take_attachments(arena, jv_get(document, "attachments"), result);
    else
        (void)take_flat(arena, document, result);
}

void genie_read_tool_text(
    struct str text, struct arena *arena, struct genie_result *result)
{
    struct jv *document = NULL;
    text = str_trim(text);
    result->text = (struct str){0};
    result->state = STR("COMPLETED");
    if (jv_parse(text, NULL, &document) != RC_OK ||
        jv_type(document) != JV_OBJECT)
        add_text(arena, text, result);
    else
        read_envelope(document, arena, result);
    jv_free(document);
}
