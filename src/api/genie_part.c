#include "base/json.h"
#include "base/json_writer.h"
#include "base/utf8.h"

#include "api/genie_part.h"

enum {
    QUESTION_MAX = 1024,
    SQL_MAX = 32 * 1024,
    TEXT_MAX = 16 * 1024,
    /* What stands behind the rows has room in the rest. */
    ROWS_END = GENIE_PART_MAX - 64 * 1024,
    CONTEXT_ROWS = 20,
    CONTEXT_MAX = 8 * 1024,
    CONTEXT_CELL = 80,
};

/* ---- The part ---- */

static void put_text(
    struct json_writer *w, const char *key, struct str text, size_t max)
{
    if (text.n > 0)
        json_member_str(w, key, utf8_truncate(text, max));
}

static void put_columns(struct json_writer *w, const struct genie_result *r)
{
    json_key(w, "columns");
    json_begin_array(w);
    for (size_t i = 0; i < r->column_count; i++) {
        json_begin_object(w);
        json_member_str(w, "name", r->columns[i].name);
        json_member_str(w, "type", r->columns[i].type);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_rows(struct json_writer *w, const struct genie_result *r)
{
    size_t start = w->out->n;
    json_key(w, "rows");
    json_begin_array(w);
    for (size_t i = 0; i < r->rows && w->out->n - start < ROWS_END; i++) {
        json_begin_array(w);
        for (size_t k = 0; k < r->column_count; k++) {
            struct str cell = r->cells[i * r->column_count + k];
            if (cell.p == NULL)
                json_put_null(w);
            else
                json_put_str(w, cell);
        }
        json_end_array(w);
    }
    json_end_array(w);
    json_member_int(w, "row_count", r->row_count);
    json_member_bool(w, "truncated", r->truncated);
}

static void put_suggestions(struct json_writer *w, const struct genie_result *r)
{
    json_key(w, "suggestions");
    json_begin_array(w);
    for (size_t i = 0; i < r->suggestion_count; i++)
        json_put_str(w, r->suggestions[i]);
    json_end_array(w);
}

static void put_error(struct json_writer *w, const struct genie_result *r)
{
    json_key(w, "error");
    json_begin_object(w);
    json_member_str(w, "type", r->error_type);
    json_member_str(w, "message", utf8_truncate(r->error_message, TEXT_MAX));
    json_end_object(w);
}

void genie_put_part(struct buf *out, const struct genie_asked *asked,
    const struct genie_result *r)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "id", STR("genie"));
    json_member_str(&w, "kind", STR("genie"));
    json_member_str(&w, "state", r->state);
    json_member_str(
        &w, "question", utf8_truncate(asked->question, QUESTION_MAX));
    json_member_str(&w, "reason", asked->reason);
    json_member_bool(&w, "wanted", asked->wanted);
    json_member_str(&w, "space", asked->space);
    put_text(&w, "conversation_id", r->conversation_id, QUESTION_MAX);
    put_text(&w, "message_id", r->message_id, QUESTION_MAX);
    put_text(&w, "title", r->title, QUESTION_MAX);
    put_text(&w, "description", r->description, TEXT_MAX);
    put_text(&w, "sql", r->sql, SQL_MAX);
    if (r->column_count > 0) {
        put_columns(&w, r);
        put_rows(&w, r);
    }
    if (r->suggestion_count > 0)
        put_suggestions(&w, r);
    if (r->error_type.n > 0 || r->error_message.n > 0)
        put_error(&w, r);
    json_end_object(&w);
}

struct str genie_answer(const struct genie_result *r, struct arena *arena)
{
    if (r->text.n > 0)
        return r->text;
    if (r->description.n > 0)
        return r->description;
    if (r->title.n > 0)
        return r->title;
    if (r->column_count > 0)
        return r->row_count == 1 ? STR("Genie found one row.")
                                 : arena_printf(arena, "Genie found %lld rows.",
                                       (long long)r->row_count);
    return STR("Genie had nothing to say to that.");
}

/* ---- What a model is told ---- */

/* A cell of a Markdown table. */
static void put_cell(struct buf *out, const struct jv *cell)
{
    struct str text = STR("NULL");
    (void)jv_string(cell, &text);
    struct str cut = utf8_truncate(text, CONTEXT_CELL);
    buf_append(out, STR("| "));
    for (size_t i = 0; i < cut.n; i++) {
        char c = cut.p[i];
        if (c == '|')
            buf_append_char(out, '\\');
        buf_append_char(out, c == '\n' || c == '\r' ? ' ' : c);
    }
    if (cut.n < text.n)
        buf_append(out, STR("\xE2\x80\xA6"));
    buf_append_char(out, ' ');
}

static void put_table(struct buf *out, const struct jv *part)
{
    const struct jv *columns = jv_get(part, "columns");
    const struct jv *rows = jv_get(part, "rows");
    size_t width = jv_count(columns), shown = 0;
    int64_t count = (int64_t)jv_count(rows);
    if (width == 0)
        return;
    buf_append_char(out, '\n');
    for (size_t k = 0; k < width; k++)
        put_cell(out, jv_get(jv_at(columns, k), "name"));
    buf_append(out, STR("|\n"));
    for (size_t k = 0; k < width; k++)
        buf_append(out, STR("|---"));
    buf_append(out, STR("|\n"));
    for (;
         shown < jv_count(rows) && shown < CONTEXT_ROWS && out->n < CONTEXT_MAX;
         shown++) {
        for (size_t k = 0; k < width; k++)
            put_cell(out, jv_at(jv_at(rows, shown), k));
        buf_append(out, STR("|\n"));
    }
    (void)jv_int(jv_get(part, "row_count"), &count);
    buf_printf(out, "(%zu of %lld rows)\n", shown, (long long)count);
}

/* Appends what a part of Genie's adds to the text; false: it adds nothing. */
static bool put_context(struct buf *out, const struct jv *part)
{
    struct str sql = jv_get_str(part, "sql");
    struct str description = jv_get_str(part, "description");
    if (!str_eq(jv_get_str(part, "kind"), STR("genie")) || sql.n == 0 ||
        !str_eq(jv_get_str(part, "state"), STR("COMPLETED")))
        return false;
    buf_append(out, STR("\n\n[Looked up by Genie in the organisation's data"));
    if (description.n > 0 && !str_contains(buf_str(out), description)) {
        buf_append(out, STR(": "));
        buf_append(out, utf8_truncate(description, CONTEXT_MAX / 4));
    }
    buf_append(out, STR("]\n```sql\n"));
    buf_append(out, utf8_truncate(sql, CONTEXT_MAX / 4));
    buf_append(out, STR("\n```\n"));
    put_table(out, part);
    return true;
}

struct str genie_as_context(
    struct str text, struct str parts, struct arena *arena)
{
    struct str line, rest = parts, last = {0};
    while (rest.n > 0) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (str_contains(str_sub(line, 0, 256), STR("\"kind\":\"genie\"")))
            last = line;
    }
    struct jv *part = NULL;
    if (last.n == 0 || jv_parse(last, NULL, &part) != RC_OK)
        return text;
    struct buf out;
    buf_init(&out, text.n + 64 * 1024);
    buf_append(&out, text);
    if (put_context(&out, part) && buf_ok(&out))
        text = arena_str(arena, buf_str(&out));
    buf_release(&out);
    jv_free(part);
    return text;
}
