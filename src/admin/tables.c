#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "store/tables.h"

#include "admin/admin_int.h"

/* Whole tables from one database to another, and their comparison. */
enum { PAGE_ROWS = 500, AMENDED_ROWS = 500 };

/* ---- Reading one table row after row ---- */

struct cursor {
    struct place *place;
    const struct store_table *table;
    struct store_op *op; /* the page in use */
    size_t row;          /* of it */
    bool began, ended;
    enum rc rc;
};

static void cursor_close(struct cursor *c)
{
    store_op_free(c->op);
    c->op = NULL;
}

static void next_page(struct cursor *c)
{
    struct store_op *op = place_op(c->place, STORE_DUMP_ROWS, STR(""));
    op->dump_rows.table = c->table;
    op->dump_rows.limit = PAGE_ROWS;
    if (c->began)
        op->dump_rows.after = store_op_str(op, c->op->dump_rows.next);
    cursor_close(c);
    c->op = op;
    c->row = 0;
    c->began = true;
    c->rc = place_run(c->place, op);
    if (c->rc != RC_OK)
        admin_fail_op(c->place->shown, op);
}

/* The row that the cursor stands on; NULL at the end or on failure. */
static const struct store_value *cursor_row(struct cursor *c)
{
    while (!c->ended && c->rc == RC_OK) {
        const struct store_dump_rows *d =
            c->op == NULL ? NULL : &c->op->dump_rows;
        if (d != NULL && c->row < d->count)
            return d->values + c->row * c->table->column_count;
        if (d != NULL && d->next.p == NULL)
            c->ended = true;
        else
            next_page(c);
    }
    return NULL;
}

/* ---- Copying ---- */

static enum rc load(struct place *to, const struct store_table *table,
    enum store_load how, const struct store_value *values, size_t count)
{
    if (count == 0)
        return RC_OK;
    struct store_op *op = place_op(to, STORE_LOAD_ROWS, STR(""));
    op->load_rows.table = table;
    op->load_rows.how = how;
    op->load_rows.values = values;
    op->load_rows.count = count;
    enum rc rc = place_run(to, op);
    if (rc != RC_OK)
        admin_fail_op(table->name, op);
    store_op_free(op);
    return rc;
}

static enum rc copy_table(
    struct place *from, struct place *to, const struct store_table *table)
{
    struct cursor c = {.place = from, .table = table};
    enum rc rc = RC_OK;
    while (rc == RC_OK && cursor_row(&c) != NULL) {
        const struct store_dump_rows *d = &c.op->dump_rows;
        rc = load(to, table, STORE_LOAD_ADD, d->values, d->count);
        c.row = d->count;
    }
    cursor_close(&c);
    return rc == RC_OK ? c.rc : rc;
}

enum rc copy_tables(struct place *from, struct place *to)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < store_table_count; i++)
        rc = copy_table(from, to, &store_tables[i]);
    return rc;
}

enum rc tables_empty(struct place *p, bool *ret)
{
    bool empty = true;
    for (size_t i = 0; empty && i < store_table_count; i++) {
        struct cursor c = {.place = p, .table = &store_tables[i]};
        empty = cursor_row(&c) == NULL;
        cursor_close(&c);
        if (c.rc != RC_OK)
            return c.rc;
    }
    *ret = empty;
    return RC_OK;
}

/* ---- Comparing ---- */

/* Text as both databases can hold it: PostgreSQL has no NUL in it. */
static struct str comparable(struct str s, struct buf *scratch)
{
    if (s.n == 0 || memchr(s.p, '\0', s.n) == NULL)
        return s;
    buf_clear(scratch);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\0')
            buf_append_char(scratch, s.p[i]);
    return buf_str(scratch);
}

/* A row as bytes, so that rows are equal when these are. */
static void put_row(const struct store_table *table,
    const struct store_value *row, struct buf *out, struct buf *scratch)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct str text = {0};
        switch (row[i].type) {
        case STORE_VALUE_NULL:
            buf_append_char(out, 'n');
            break;
        case STORE_VALUE_INT:
            buf_printf(out, "i%lld;", (long long)row[i].number);
            break;
        case STORE_VALUE_TEXT:
            text = comparable(row[i].text, scratch);
            buf_printf(out, "t%zu:", text.n);
            buf_append(out, text);
            break;
        }
    }
}

/* One side of a comparison. */
struct side {
    struct cursor cursor;
    struct buf row;
    struct buf scratch;
    const struct store_value *at;
    unsigned char digest[CRYPTO_SHA256_SIZE];
};

enum { ROW_BYTES = 256 << 20 };

static void side_begin(
    struct side *s, struct place *p, const struct store_table *table)
{
    *s = (struct side){.cursor = {.place = p, .table = table}};
    buf_init(&s->row, ROW_BYTES);
    buf_init(&s->scratch, ROW_BYTES);
    s->at = cursor_row(&s->cursor);
}

/* Puts the row into the digest, which is of the digest and the row. */
static void side_digest(struct side *s)
{
    buf_clear(&s->row);
    buf_append(
        &s->row, (struct str){(const char *)s->digest, CRYPTO_SHA256_SIZE});
    put_row(s->cursor.table, s->at, &s->row, &s->scratch);
    crypto_sha256(buf_str(&s->row), s->digest);
}

static struct str side_bytes(const struct side *s)
{
    return str_sub(buf_str(&s->row), CRYPTO_SHA256_SIZE, s->row.n);
}

static void side_next(struct side *s)
{
    s->cursor.row++;
    s->at = cursor_row(&s->cursor);
}

static void side_end(struct side *s, char ret_digest[65])
{
    for (size_t i = 0; i < CRYPTO_SHA256_SIZE; i++)
        snprintf(ret_digest + 2 * i, 3, "%02x", s->digest[i]);
    cursor_close(&s->cursor);
    buf_release(&s->row);
    buf_release(&s->scratch);
}

static int compare_keys(const struct store_table *table,
    const struct store_value *a, const struct store_value *b)
{
    int order = str_cmp(a[0].text, b[0].text);
    if (order != 0 || table->key_count == 1)
        return order;
    if (table->columns[1].type == STORE_TYPE_TEXT)
        return str_cmp(a[1].text, b[1].text);
    return (a[1].number > b[1].number) - (a[1].number < b[1].number);
}

/* Rows of one kind that the target is to be amended by. */
struct amendment {
    struct arena *arena;
    struct store_value *values;
    size_t count;
};

struct pair {
    struct side from, to;
    const struct store_table *table;
    struct amendment amendments[3]; /* by enum store_load */
    unsigned amend;                 /* as in compare_table() */
};

static void amendment_add(struct amendment *a, const struct store_table *table,
    const struct store_value *row)
{
    size_t columns = table->column_count;
    if (a->arena == NULL) {
        a->arena = arena_new();
        a->values =
            arena_alloc(a->arena, AMENDED_ROWS * columns * sizeof(*a->values));
    }
    struct store_value *copy = a->values + a->count++ * columns;
    for (size_t i = 0; i < columns; i++) {
        copy[i] = row[i];
        if (row[i].text.p != NULL)
            copy[i].text = arena_str(a->arena, row[i].text);
    }
}

static enum rc amend(struct pair *p, enum store_load how,
    const struct store_value *row, bool last)
{
    struct amendment *a = &p->amendments[how];
    if (row != NULL && (p->amend & 1u << how) != 0)
        amendment_add(a, p->table, row);
    if (a->count == 0 ||
        (!last && a->count < AMENDED_ROWS && arena_used(a->arena) < 8u << 20))
        return RC_OK;
    enum rc rc = load(p->to.cursor.place, p->table, how, a->values, a->count);
    arena_free(a->arena);
    *a = (struct amendment){0};
    return rc;
}

/* The rows that both sides stand on; moves on. */
static enum rc compare_row(struct pair *p, struct comparison *c)
{
    struct side *from = &p->from, *to = &p->to;
    enum rc rc = RC_OK;
    int order = from->at == NULL ? 1
                : to->at == NULL ? -1
                                 : compare_keys(p->table, from->at, to->at);
    if (order <= 0)
        side_digest(from);
    if (order >= 0)
        side_digest(to);
    if (order < 0) {
        c->missing++;
        rc = amend(p, STORE_LOAD_ADD, from->at, false);
    } else if (order > 0) {
        c->extra++;
        rc = amend(p, STORE_LOAD_REMOVE, to->at, false);
    } else if (str_eq(side_bytes(from), side_bytes(to))) {
        c->same++;
    } else {
        c->different++;
        rc = amend(p, STORE_LOAD_UPDATE, from->at, false);
    }
    if (order <= 0)
        side_next(from);
    if (order >= 0)
        side_next(to);
    return rc;
}

enum rc compare_table(struct place *from, struct place *to,
    const struct store_table *table, unsigned amend_by, struct comparison *ret)
{
    struct pair p = {.table = table, .amend = amend_by};
    enum rc rc = RC_OK;
    *ret = (struct comparison){0};
    side_begin(&p.from, from, table);
    side_begin(&p.to, to, table);
    while (rc == RC_OK && (p.from.at != NULL || p.to.at != NULL) &&
           p.from.cursor.rc == RC_OK && p.to.cursor.rc == RC_OK)
        rc = compare_row(&p, ret);
    rc = rc == RC_OK ? p.from.cursor.rc : rc;
    rc = rc == RC_OK ? p.to.cursor.rc : rc;
    for (int how = 0; how < 3; how++) {
        if (rc == RC_OK)
            rc = amend(&p, (enum store_load)how, NULL, true);
        arena_free(p.amendments[how].arena);
    }
    side_end(&p.from, ret->from_digest);
    side_end(&p.to, ret->to_digest);
    return rc;
}
