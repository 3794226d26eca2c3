#include <assert.h>
#include <inttypes.h>

#include "base/num.h"
#include "store/tables.h"

#include "store/sql/verbs.h"

/*
 * Tables as rows of values, for copies from one database to another. The
 * statements are made of the catalogue's columns when this is compiled.
 */
enum { PAGE_BYTES = 8 << 20 }; /* of one DUMP_ROWS, and one row more */

#define FIRST_NAME(number, name) #name
#define NAME(number, name) ", " #name
#define FIRST_VALUE(number, name) "$1"
#define TEXT_VALUE(number, name) ", $" #number
#define INT_VALUE(number, name) ", CAST($" #number " AS BIGINT)"
#define FIRST_SET(number, name) #name " = $1"
#define TEXT_SET(number, name) ", " #name " = $" #number
#define INT_SET(number, name) ", " #name " = CAST($" #number " AS BIGINT)"

/* Bytes are compared, whatever a column's collation in PostgreSQL. */
#define BYTES " COLLATE \"C\""

/* Rows behind a key; with the last-but-one parameter 1, that key's row too. */
#define DUMP_BY(columns, from, key)                                            \
    "SELECT " columns(                                                         \
        FIRST_NAME, NAME, NAME) " FROM " from " WHERE " key " >= $1 AND (" key \
                                " <> $1 OR $2 = 1) ORDER BY " key " LIMIT $3"
#define DUMP_BY_TWO(columns, from, one, two)                                   \
    "SELECT " columns(FIRST_NAME, NAME, NAME) " FROM " from " WHERE " one      \
                                              " >= $1 AND ((" one ", " two     \
                                              ") > ($1, $2) OR $3 = 1)"        \
                                              " ORDER BY " one ", " two        \
                                              " LIMIT $4"

#define LOAD(columns, table, where)                                            \
    "INSERT INTO " table                                                       \
    "(" columns(FIRST_NAME, NAME, NAME) ") SELECT " columns(FIRST_VALUE,       \
        TEXT_VALUE, INT_VALUE) " WHERE " where " ON CONFLICT DO NOTHING"
#define UPDATE(columns, table, key)                                            \
    "UPDATE " table " SET " columns(FIRST_SET, TEXT_SET, INT_SET) " WHERE"     \
                                                                  " " key
#define REMOVE(table, key) "DELETE FROM " table " WHERE " key

/* What all four statements of a table with a key of one or two texts are. */
#define ONE(columns, table, key, where)                                        \
    {                                                                          \
        SQL_EACH(                                                              \
            DUMP_BY(columns, table, key), DUMP_BY(columns, table, key BYTES)), \
        {                                                                      \
            SQL(LOAD(columns, table, where)),                                  \
                SQL(UPDATE(columns, table, key " = $1")),                      \
                SQL(REMOVE(table, key " = $1"))                                \
        }                                                                      \
    }
#define TWO(columns, table, one, two, where)                                   \
    {                                                                          \
        SQL_EACH(DUMP_BY_TWO(columns, table, one, two),                        \
            DUMP_BY_TWO(columns, table, one BYTES, two BYTES)),                \
        {                                                                      \
            SQL(LOAD(columns, table, where)),                                  \
                SQL(UPDATE(columns, table, one " = $1 AND " two " = $2")),     \
                SQL(REMOVE(table, one " = $1 AND " two " = $2"))               \
        }                                                                      \
    }

#define HAS_SESSION "EXISTS(SELECT 1 FROM sessions s WHERE s.session_id = $2)"
#define HAS_FIRST_SESSION                                                      \
    "EXISTS(SELECT 1 FROM sessions s WHERE s.session_id = $1)"
#define HAS_MESSAGE "EXISTS(SELECT 1 FROM messages m WHERE m.message_id = $1)"
#define VARIANT_KEY "message_id = $1 AND variant = CAST($2 AS BIGINT)"
#define EVENT_KEY                                                              \
    "reply = (SELECT l.reply FROM reply_logs l WHERE l.message_id = $1)"       \
    " AND sequence = CAST($2 AS BIGINT)"
#define EVENTS "reply_events JOIN reply_logs USING(reply)"

/* In the order of store_tables, and of enum store_load. */
static const struct statements {
    struct sql dump, load[3];
} statements[] = {
    ONE(STORE_SESSIONS, "sessions", "session_id", "true"),
    ONE(STORE_MESSAGES, "messages", "message_id", HAS_SESSION),
    {SQL_EACH(DUMP_BY_TWO(
                  STORE_VARIANTS, "message_variants", "message_id", "variant"),
         DUMP_BY_TWO(STORE_VARIANTS, "message_variants", "message_id" BYTES,
             "variant")),
        {SQL(LOAD(STORE_VARIANTS, "message_variants", HAS_MESSAGE)),
            SQL(UPDATE(STORE_VARIANTS, "message_variants", VARIANT_KEY)),
            SQL(REMOVE("message_variants", VARIANT_KEY))}},
    TWO(STORE_RATINGS, "message_ratings", "message_id", "user_id", HAS_MESSAGE),
    ONE(STORE_LOGS, "reply_logs", "message_id", HAS_MESSAGE),
    {SQL_EACH(DUMP_BY_TWO(STORE_EVENTS, EVENTS, "message_id", "sequence"),
         DUMP_BY_TWO(STORE_EVENTS, EVENTS, "message_id" BYTES, "sequence")),
        {SQL("INSERT INTO reply_events(reply, sequence, payload, text_delta,"
             " reasoning_delta, marks)"
             " SELECT l.reply, CAST($2 AS BIGINT), $3, $4, $5, $6"
             " FROM reply_logs l WHERE l.message_id = $1"
             " ON CONFLICT DO NOTHING"),
            SQL("UPDATE reply_events SET payload = $3, text_delta = $4,"
                " reasoning_delta = $5, marks = $6 WHERE " EVENT_KEY),
            SQL(REMOVE("reply_events", EVENT_KEY))}},
    ONE(STORE_QUEUED, "queued_messages", "queue_id", HAS_SESSION),
    TWO(STORE_DRAFTS, "drafts", "user_id", "session_id", "true"),
    ONE(STORE_CREDENTIALS, "credentials", "hash", "true"),
    ONE(STORE_FEEDS, "feeds", "user_id", "true"),
    TWO(STORE_OUTBOX, "feedback_outbox", "message_id", "trace_id", HAS_MESSAGE),
    TWO(STORE_GENIE, "genie_conversations", "session_id", "space_id",
        HAS_FIRST_SESSION),
    TWO(STORE_USAGE, "usage_days", "user_id", "day", "true"),
};

static const struct sql SQL_USERS =
    SQL_EACH("SELECT user_id, max(user_email), count(*) FROM sessions"
             " WHERE user_id > $1 GROUP BY user_id ORDER BY user_id LIMIT $2",
        "SELECT user_id COLLATE \"C\", max(user_email), count(*) FROM sessions"
        " WHERE user_id COLLATE \"C\" > $1 GROUP BY 1 ORDER BY 1 LIMIT $2");

static const struct statements *statements_of(const struct store_table *table)
{
    size_t i = (size_t)(table - store_tables);
    assert(i < sizeof(statements) / sizeof(*statements));
    return &statements[i];
}

/* ---- Reading ---- */

/*
 * A key as text. One part stands as it is; of two the first begins with its
 * length: "3:annchat-1".
 */
static struct str key_text(const struct store_table *table,
    const struct store_value *row, struct arena *arena)
{
    struct str first = row[0].text, second = row[1].text;
    if (table->key_count == 1)
        return first;
    if (table->columns[1].type == STORE_TYPE_INT)
        return arena_printf(
            arena, "%zu:%.*s%" PRId64, first.n, STR_ARG(first), row[1].number);
    return arena_printf(
        arena, "%zu:%.*s%.*s", first.n, STR_ARG(first), STR_ARG(second));
}

struct key {
    struct str first, second;
    int64_t number;
};

static enum rc parse_key(
    const struct store_table *table, struct str text, struct key *ret)
{
    struct key key = {.first = text};
    struct str length, rest;
    int64_t n = 0;
    if (table->key_count == 2) {
        if (!str_cut(text, ':', &length, &rest) ||
            num_parse_i64(length, 0, (int64_t)rest.n, &n) != RC_OK)
            return RC_INVALID;
        key.first = str_sub(rest, 0, (size_t)n);
        key.second = str_sub(rest, (size_t)n, rest.n);
        if (table->columns[1].type == STORE_TYPE_INT &&
            num_parse_i64(key.second, INT64_MIN, INT64_MAX, &key.number) !=
                RC_OK)
            return RC_INVALID;
    }
    *ret = key;
    return RC_OK;
}

static void bind_key(struct query *q, const struct store_dump_rows *d,
    const struct key *key, bool first_page)
{
    query_given(q, key->first);
    if (d->table->key_count == 2) {
        if (d->table->columns[1].type == STORE_TYPE_INT)
            query_int(q, key->number);
        else
            query_given(q, key->second);
    }
    query_int(q, first_page);
    query_int(q, (int64_t)d->limit + 1);
}

static void read_row(const struct query *q, const struct store_table *table,
    struct arena *arena, struct store_value *row)
{
    for (size_t i = 0; i < table->column_count; i++) {
        row[i] = (struct store_value){.type = STORE_VALUE_NULL};
        if (query_col_null(q, (int)i))
            continue;
        if (table->columns[i].type == STORE_TYPE_INT) {
            row[i].type = STORE_VALUE_INT;
            row[i].number = query_col_int(q, (int)i);
        } else {
            row[i].type = STORE_VALUE_TEXT;
            row[i].text = query_col_text(q, (int)i, arena);
        }
    }
}

enum rc verb_dump_rows(struct db *db, struct store_op *op)
{
    struct store_dump_rows *d = &op->dump_rows;
    const struct store_table *table = d->table;
    struct key key = {0};
    size_t columns = table->column_count;
    bool first_page = d->after.p == NULL;
    if (!first_page && parse_key(table, d->after, &key) != RC_OK)
        return RC_INVALID;
    if (first_page && table->key_count == 2)
        key.number = INT64_MIN;
    d->values =
        arena_alloc(op->arena, (d->limit + 1) * columns * sizeof(*d->values));
    d->count = 0;
    d->next = (struct str){0};
    struct query q = query_start(db, &statements_of(table)->dump);
    bind_key(&q, d, &key, first_page);
    while (query_row(&q)) {
        struct store_value *row = d->values + d->count * columns;
        if (d->count == d->limit ||
            (d->count > 0 && arena_used(op->arena) > PAGE_BYTES)) {
            d->next = key_text(table, row - columns, op->arena);
            break;
        }
        read_row(&q, table, op->arena, row);
        d->count++;
    }
    return query_end(&q);
}

enum rc verb_list_users(struct db *db, struct store_op *op)
{
    struct store_list_users *l = &op->list_users;
    struct query q = query_start(db, &SQL_USERS);
    l->users = NULL;
    l->count = 0;
    query_given(&q, l->after);
    query_int(&q, (int64_t)l->limit);
    while (query_row(&q)) {
        l->users = array_grow(op->arena, l->users, l->count, sizeof(*l->users));
        l->users[l->count++] =
            (struct store_user){.user_id = query_col_text(&q, 0, op->arena),
                .email = query_col_text(&q, 1, op->arena),
                .chats = query_col_int(&q, 2)};
    }
    return query_end(&q);
}

/* ---- Writing ---- */

/* Numbers go as text: a prepared parameter has one type, be it NULL or not. */
static void bind_row(struct query *q, const struct store_table *table,
    const struct store_value *row, struct arena *arena)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (row[i].type == STORE_VALUE_INT)
            query_text(q, arena_printf(arena, "%" PRId64, row[i].number));
        else
            query_text(q, row[i].text);
    }
}

enum rc verb_load_rows(struct db *db, struct store_op *op)
{
    struct store_load_rows *l = &op->load_rows;
    const struct store_table *table = l->table;
    enum rc rc = RC_OK;
    l->written = l->left = 0;
    for (size_t i = 0; rc == RC_OK && i < l->count; i++) {
        struct query q = query_start(db, &statements_of(table)->load[l->how]);
        bind_row(&q, table, l->values + i * table->column_count, op->arena);
        rc = query_defer_counted(&q, &l->left);
    }
    if (rc == RC_OK)
        rc = db_settle(db);
    l->written = l->count - l->left;
    return rc;
}
