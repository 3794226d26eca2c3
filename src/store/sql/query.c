#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/num.h"
#include "base/timestamp.h"

#include "store/sql/sql.h"

/* What is the same in both databases: binding, errors, values, arrays. */

struct query query_start(struct db *db, const struct sql *sql)
{
    return (struct query){.db = db, .sql = sql, .row = -1};
}

static void bind(struct query *q, struct sql_value value)
{
    assert(q->count < SQL_MAX_PARAMETERS);
    q->values[q->count++] = value;
}

void query_text(struct query *q, struct str s)
{
    if (s.n > SQL_MAX_VALUE && q->rc == RC_OK) {
        store_error_set(q->db->error, "a text of %zu bytes is too large", s.n);
        q->rc = RC_TOO_LARGE;
    }
    bind(q, (struct sql_value){
                .type = s.p == NULL ? SQL_NULL : SQL_TEXT, .text = s});
}

void query_given(struct query *q, struct str s)
{
    query_text(q, s.p == NULL ? STR("") : s);
}

void query_int(struct query *q, int64_t n)
{
    bind(q, (struct sql_value){.type = SQL_INT, .number = n});
}

void query_bool(struct query *q, bool b)
{
    query_int(q, b);
}

void query_time(struct query *q, int64_t wall_us, char buf[])
{
    timestamp_format(wall_us, buf);
    query_text(q, str_from_c(buf));
}

bool query_row(struct query *q)
{
    return q->rc == RC_OK && q->db->driver->row(q);
}

enum rc query_end(struct query *q)
{
    q->db->driver->end(q);
    return q->rc;
}

enum rc query_run_counted(struct query *q, int64_t *ret_changed)
{
    if (q->rc == RC_OK)
        q->rc = q->db->driver->run(q, ret_changed);
    return query_end(q);
}

enum rc query_run(struct query *q)
{
    int64_t changed;
    return query_run_counted(q, &changed);
}

enum rc query_defer_counted(struct query *q, size_t *dropped)
{
    if (q->rc == RC_OK)
        q->rc = q->db->driver->defer(q, dropped);
    return query_end(q);
}

enum rc query_defer(struct query *q)
{
    return query_defer_counted(q, NULL);
}

enum rc db_settle(struct db *db)
{
    return db->driver->settle(db);
}

enum rc db_run(struct db *db, const struct sql *sql)
{
    struct query q = query_start(db, sql);
    return query_run(&q);
}

enum rc db_defer(struct db *db, const struct sql *sql)
{
    struct query q = query_start(db, sql);
    return query_defer(&q);
}

bool db_is_postgres(const struct db *db)
{
    return db->driver->postgres;
}

bool query_col_null(const struct query *q, int column)
{
    return q->db->driver->col_null(q, column);
}

int64_t query_col_int(const struct query *q, int column)
{
    return q->db->driver->col_int(q, column);
}

struct str query_col_view(const struct query *q, int column)
{
    return q->db->driver->col_view(q, column);
}

struct str query_col_text(
    const struct query *q, int column, struct arena *arena)
{
    struct str view = query_col_view(q, column);
    return view.p == NULL ? view : arena_str(arena, view);
}

int64_t sql_time(struct str text)
{
    int64_t us = 0;
    double number = 0;
    if (timestamp_parse(str_trim(text), &us) == RC_OK)
        return us;
    if (num_parse_double(str_trim(text), &number) != RC_OK || number < 0)
        return 0;
    if (number < 1e11) /* seconds, as time.time() gives them */
        return (int64_t)(number * 1e6);
    return number < 1e14 ? (int64_t)(number * 1e3) : 0;
}

int64_t query_col_time(const struct query *q, int column)
{
    return sql_time(query_col_view(q, column));
}

void *array_grow(struct arena *arena, void *items, size_t count, size_t size)
{
    if (count != 0 && (count < 16 || (count & (count - 1)) != 0))
        return items;
    void *bigger = arena_alloc(arena, (count == 0 ? 16 : 2 * count) * size);
    if (count > 0)
        memcpy(bigger, items, count * size);
    return bigger;
}

/* Statements are far apart by their size at least: the low bits say little. */
static size_t slot_of(const struct sql *sql)
{
    uint64_t address = (uintptr_t)sql / sizeof(*sql);
    return (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % SQL_SLOTS;
}

int sql_index(struct sql_index *index, const struct sql *sql)
{
    size_t at = slot_of(sql);
    while (index->slots[at].sql != NULL && index->slots[at].sql != sql)
        at = (at + 1) % SQL_SLOTS;
    if (index->slots[at].sql == NULL) {
        assert(index->count < SQL_MAX_STATEMENTS);
        index->slots[at].sql = sql;
        index->slots[at].number = index->count++;
    }
    return index->slots[at].number;
}

void verb_keep(const struct store_op *op, struct verb_given *given)
{
    memcpy(given->bytes, (const char *)op + VERB_GIVEN_AT, VERB_GIVEN_SIZE);
}

void verb_restore(struct store_op *op, const struct verb_given *given)
{
    memcpy((char *)op + VERB_GIVEN_AT, given->bytes, VERB_GIVEN_SIZE);
}
