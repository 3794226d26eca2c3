#include <inttypes.h>

#include "base/num.h"

#include "emulator/genie_int.h"
#include "emulator/genie_state.h"
#include "emulator/hash.h"

enum { TEXT_MAX = 16 * 1024, ATTACHMENT_ID_SIZE = ID_SIZE + 8 };

/* ---- What a message's answer consists of ---- */

size_t emu_genie_queries(const struct emu_genie_message *m)
{
    bool in_words = m->fault == EMU_FAULT_GENIE_TEXT_ONLY ||
                    m->fault == EMU_FAULT_GENIE_ASKS_BACK;
    return in_words ? 0 : m->fault == EMU_FAULT_GENIE_SEVERAL ? 2 : 1;
}

/* The last query is the one that was asked for. */
static const struct emu_genie_table *table_of(
    const struct emu_genie_message *m, size_t query)
{
    if (m->fault == EMU_FAULT_GENIE_TRUNCATED)
        return emu_genie_table_long();
    return query + 1 == emu_genie_queries(m) ? m->table
                                             : emu_genie_table_usual();
}

/* Rows that a result has. */
static int64_t count_rows(
    const struct emu_genie_message *m, size_t query, bool *ret_truncated)
{
    const struct emu_genie_table *t = table_of(m, query);
    int64_t n = 0;
    *ret_truncated = false;
    if (m->fault == EMU_FAULT_GENIE_NO_ROWS)
        return 0;
    for (int64_t row = 0; row < t->rows; row++)
        n += emu_genie_row_in(t, row, m->region) ? 1 : 0;
    *ret_truncated = n > EMU_GENIE_MAX_RESULT;
    return *ret_truncated ? EMU_GENIE_MAX_RESULT : n;
}

/* Attachments are numbered: queries first, from 1 on. */
static void attachment_id(const struct emu_genie_message *m, size_t number,
    char ret[ATTACHMENT_ID_SIZE])
{
    struct buf id;
    buf_init(&id, ATTACHMENT_ID_SIZE);
    buf_printf(&id, "%s-%zu", m->id, number);
    for (size_t i = 0; i <= id.n; i++)
        ret[i] = buf_c_str(&id)[i];
    buf_release(&id);
}

bool emu_genie_attachment_find(
    const struct emu_genie_message *m, struct str id, size_t *ret)
{
    char known[ATTACHMENT_ID_SIZE];
    for (size_t i = 0; i < emu_genie_queries(m); i++) {
        attachment_id(m, i + 1, known);
        if (str_eq(id, str_from_c(known))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

void emu_genie_write_about(
    const struct emu_genie_message *m, size_t query, struct buf *out)
{
    buf_append(out, str_from_c(table_of(m, query)->about));
    if (m->region != NULL && table_of(m, query)->region != NULL)
        buf_printf(out, " Only %s.", m->region);
    buf_append(out, STR(" (Made-up data of the built-in demo.)"));
    if (m->before != NULL)
        buf_printf(out, " It follows \"%s\".", m->before);
}

void emu_genie_write_text(const struct emu_genie_message *m, struct buf *out)
{
    if (m->fault == EMU_FAULT_GENIE_ASKS_BACK) {
        buf_append(out, STR("Which year do you mean, 2024 or 2025?"));
        return;
    }
    buf_append(out, STR("This space knows **orders**, **clients** and "
                        "**stock**, all of them made up for the demo."));
    if (m->before != NULL)
        buf_printf(out, " You asked before: \"%s\".", m->before);
}

void emu_genie_write_query(
    const struct emu_genie_message *m, size_t query, struct buf *out)
{
    emu_genie_write_sql(table_of(m, query), m->region, out);
}

/* ---- Statements ---- */

static void put_statement_id(
    struct json_writer *w, const struct emu_genie_message *m)
{
    struct buf id;
    buf_init(&id, ATTACHMENT_ID_SIZE);
    buf_printf(&id, "st-%s", m->id);
    json_member_str(w, "statement_id", buf_str(&id));
    buf_release(&id);
}

static void put_manifest(struct json_writer *w, const struct emu_genie_table *t,
    int64_t rows, bool truncated)
{
    json_key(w, "manifest");
    json_begin_object(w);
    json_member_str(w, "format", STR("JSON_ARRAY"));
    json_key(w, "schema");
    json_begin_object(w);
    json_member_int(w, "column_count", (int64_t)t->column_count);
    json_key(w, "columns");
    json_begin_array(w);
    for (size_t i = 0; i < t->column_count; i++) {
        json_begin_object(w);
        json_member_str(w, "name", str_from_c(t->columns[i].name));
        json_member_int(w, "position", (int64_t)i);
        json_member_str(w, "type_name", str_from_c(t->columns[i].type));
        json_member_str(w, "type_text", str_from_c(t->columns[i].text));
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
    json_member_int(w, "total_row_count", rows);
    json_member_int(w, "total_chunk_count", rows > 0 ? 1 : 0);
    json_member_bool(w, "truncated", truncated);
    json_end_object(w);
}

/* One value: a string whatever its type, or null in either manner. */
static void put_cell(struct json_writer *w, const struct emu_genie_table *t,
    int64_t row, size_t column, enum emu_genie_form form)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    bool there = t->cell(row, column, &text);
    if (form == EMU_GENIE_MCP) {
        json_begin_object(w);
        json_key(w, there ? "string_value" : "null_value");
    }
    if (there)
        json_put_str(w, buf_str(&text));
    else if (form == EMU_GENIE_MCP)
        json_put_str(w, STR("NULL_VALUE"));
    else
        json_put_null(w);
    if (form == EMU_GENIE_MCP)
        json_end_object(w);
    buf_release(&text);
}

static void put_row(struct json_writer *w, const struct emu_genie_table *t,
    int64_t row, enum emu_genie_form form)
{
    if (form == EMU_GENIE_MCP) {
        json_begin_object(w);
        json_key(w, "values");
    }
    json_begin_array(w);
    for (size_t i = 0; i < t->column_count; i++)
        put_cell(w, t, row, i, form);
    json_end_array(w);
    if (form == EMU_GENIE_MCP)
        json_end_object(w);
}

/* Without rows there is no data_array. */
static void put_result(struct json_writer *w, const struct emu_genie_message *m,
    const struct emu_genie_table *t, int64_t rows, enum emu_genie_form form)
{
    json_key(w, "result");
    json_begin_object(w);
    if (rows > 0) {
        json_member_int(w, "chunk_index", 0);
        json_member_int(w, "row_offset", 0);
        json_member_int(w, "row_count", rows);
        json_key(w, "data_array");
        json_begin_array(w);
        for (int64_t row = 0; row < t->rows && rows > 0; row++) {
            if (!emu_genie_row_in(t, row, m->region))
                continue;
            put_row(w, t, row, form);
            rows--;
        }
        json_end_array(w);
    }
    json_end_object(w);
}

static void put_status(struct json_writer *w, const char *state)
{
    json_key(w, "status");
    json_begin_object(w);
    json_member_str(w, "state", str_from_c(state));
    if (str_eq(str_from_c(state), STR("FAILED"))) {
        json_key(w, "error");
        json_begin_object(w);
        json_member_str(w, "error_code", STR("BAD_REQUEST"));
        json_member_str(w, "message",
            STR("[DIVIDE_BY_ZERO] Division by zero. Use `try_divide`."));
        json_end_object(w);
    }
    json_end_object(w);
}

void emu_genie_write_statement(struct json_writer *w,
    const struct emu_genie_message *m, size_t query, enum emu_genie_form form)
{
    const struct emu_genie_table *t = table_of(m, query);
    bool truncated;
    int64_t rows = count_rows(m, query, &truncated);
    json_begin_object(w);
    put_statement_id(w, m);
    put_status(w, "SUCCEEDED");
    put_manifest(w, t, rows, truncated);
    put_result(w, m, t, rows, form);
    json_end_object(w);
}

void emu_genie_write_unfinished(
    struct json_writer *w, const struct emu_genie_message *m, const char *state)
{
    json_begin_object(w);
    put_statement_id(w, m);
    put_status(w, state);
    json_end_object(w);
}

/* ---- Spaces, conversations, messages ---- */

void emu_genie_write_space(
    struct json_writer *w, const struct emu_genie_space *space)
{
    json_begin_object(w);
    json_member_str(w, "space_id", str_from_c(space->id));
    json_member_str(w, "title", str_from_c(space->title));
    json_member_str(w, "description", str_from_c(space->about));
    json_member_str(w, "warehouse_id", STR("4fe75792cd0d304c"));
    json_end_object(w);
}

void emu_genie_write_conversation(
    struct json_writer *w, const struct emu_genie_conversation *c)
{
    struct str title = STR("");
    if (!list_empty(&c->messages))
        title = str_from_c(
            LIST_ITEM(c->messages.next, struct emu_genie_message, link)
                ->question);
    json_begin_object(w);
    json_member_str(w, "id", str_from_c(c->id));
    json_member_str(w, "conversation_id", str_from_c(c->id));
    json_member_str(w, "space_id", str_from_c(c->space->id));
    json_member_str(w, "title", title);
    json_member_int(w, "user_id",
        (int64_t)(emu_hash(1, str_from_c(c->owner)) % 10'000'000'000'000'000));
    json_member_int(w, "created_timestamp", c->created_s);
    json_member_int(w, "last_updated_timestamp", c->created_s);
    json_end_object(w);
}

static void begin_attachment(
    struct json_writer *w, const struct emu_genie_message *m, size_t *number)
{
    char id[ATTACHMENT_ID_SIZE];
    attachment_id(m, ++*number, id);
    json_begin_object(w);
    json_member_str(w, "attachment_id", str_from_c(id));
}

static void put_query(struct json_writer *w, const struct emu_genie_message *m,
    size_t query, bool done)
{
    struct buf text;
    bool truncated;
    int64_t rows = count_rows(m, query, &truncated);
    buf_init(&text, TEXT_MAX);
    json_key(w, "query");
    json_begin_object(w);
    json_member_str(w, "title", str_from_c(table_of(m, query)->title));
    emu_genie_write_about(m, query, &text);
    json_member_str(w, "description", buf_str(&text));
    buf_clear(&text);
    emu_genie_write_query(m, query, &text);
    json_member_str(w, "query", buf_str(&text));
    buf_release(&text);
    put_statement_id(w, m);
    json_member_int(w, "last_updated_timestamp", m->asked_s);
    if (done) {
        json_key(w, "query_result_metadata");
        json_begin_object(w);
        json_member_int(w, "row_count", rows);
        json_member_bool(w, "is_truncated", truncated);
        json_end_object(w);
    }
    json_key(w, "parameters");
    json_begin_array(w);
    json_end_array(w);
    json_key(w, "thoughts");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "thought_type", STR("THOUGHT_TYPE_DESCRIPTION"));
    json_member_str(w, "content", STR("The demo chose it by its words."));
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
}

static void put_text(struct json_writer *w, const struct emu_genie_message *m)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    emu_genie_write_text(m, &text);
    json_key(w, "text");
    json_begin_object(w);
    json_member_str(w, "id", STR("t1"));
    json_member_str(w, "content", buf_str(&text));
    if (m->fault == EMU_FAULT_GENIE_ASKS_BACK)
        json_member_str(w, "purpose", STR("FOLLOW_UP_QUESTION"));
    json_end_object(w);
    buf_release(&text);
}

void emu_genie_write_suggestions(struct json_writer *w)
{
    static const char *const questions[] = {"How many clients do we have?",
        "Show sales by month", "Who are our top customers?"};
    json_begin_array(w);
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
        json_put_str(w, str_from_c(questions[i]));
    json_end_array(w);
}

/* Queries are there as soon as they run, the rest when it is done. */
static void put_attachments(
    struct json_writer *w, const struct emu_genie_message *m, bool done)
{
    size_t number = 0;
    json_key(w, "attachments");
    json_begin_array(w);
    for (size_t i = 0; i < emu_genie_queries(m); i++) {
        begin_attachment(w, m, &number);
        put_query(w, m, i, done);
        json_end_object(w);
    }
    size_t texts = m->fault == EMU_FAULT_GENIE_SEVERAL ? 2
                   : emu_genie_queries(m) == 0         ? 1
                                                       : 0;
    for (size_t i = 0; done && i < texts; i++) {
        begin_attachment(w, m, &number);
        put_text(w, m);
        json_end_object(w);
    }
    if (done) {
        begin_attachment(w, m, &number);
        json_key(w, "suggested_questions");
        json_begin_object(w);
        json_key(w, "questions");
        emu_genie_write_suggestions(w);
        json_end_object(w);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_error(struct json_writer *w, const struct emu_genie_message *m)
{
    const char *type, *text;
    emu_genie_error(m->fault, &type, &text);
    json_key(w, "error");
    json_begin_object(w);
    json_member_str(w, "type", str_from_c(type));
    json_member_str(w, "error", str_from_c(text));
    json_end_object(w);
}

void emu_genie_write_message(
    struct json_writer *w, const struct emu_genie_message *m, const char *state)
{
    struct str now = str_from_c(state);
    const struct emu_genie_conversation *c = m->conversation;
    bool done = str_eq(now, STR("COMPLETED")) ||
                str_eq(now, STR("QUERY_RESULT_EXPIRED"));
    json_begin_object(w);
    json_member_str(w, "id", str_from_c(m->id));
    json_member_str(w, "message_id", str_from_c(m->id));
    json_member_str(w, "space_id", str_from_c(c->space->id));
    json_member_str(w, "conversation_id", str_from_c(c->id));
    json_member_int(w, "user_id",
        (int64_t)(emu_hash(1, str_from_c(c->owner)) % 10'000'000'000'000'000));
    json_member_int(w, "created_timestamp", m->asked_s);
    json_member_int(w, "last_updated_timestamp", m->asked_s);
    json_member_str(w, "content", str_from_c(m->question));
    json_member_str(w, "status", now);
    if (str_eq(now, STR("FAILED")))
        put_error(w, m);
    if (m->rating != NULL) {
        json_key(w, "feedback");
        json_begin_object(w);
        json_member_str(w, "rating", str_from_c(m->rating));
        json_end_object(w);
    }
    if (done || str_eq(now, STR("EXECUTING_QUERY")) ||
        str_eq(now, STR("PENDING_WAREHOUSE")))
        put_attachments(w, m, done);
    json_end_object(w);
}
