#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/tables.h"

#include "columns.h"
#include "tap.h"

/*
 * The catalogue of tables that copies go by, beside what the database has: a
 * new column or table cannot be forgotten, whichever database it is in.
 */

static bool is_apart(struct str table)
{
    for (size_t i = 0; store_tables_apart[i] != NULL; i++)
        if (str_eq(table, str_from_c(store_tables_apart[i])))
            return true;
    return str_starts_with(table, STR("search_index"));
}

static const struct store_table *catalogue_table(struct str name)
{
    for (size_t i = 0; i < store_table_count; i++)
        if (str_eq(name, str_from_c(store_tables[i].name)))
            return &store_tables[i];
    return NULL;
}

static const struct store_column *catalogue_column(
    const struct store_table *table, struct str name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (str_eq(name, str_from_c(table->columns[i].name)))
            return &table->columns[i];
    return NULL;
}

/* Every column that is there is copied, with the type it has. */
TEST(tables_of_the_database_are_in_the_catalogue)
{
    struct column column;
    size_t seen = 0;
    columns_open();
    while (columns_next(&column)) {
        const struct store_table *table = catalogue_table(column.table);
        if (is_apart(column.table))
            continue;
        if (table == NULL)
            tap_fail(__FILE__, __LINE__, "no table %.*s in store/tables.c",
                STR_ARG(column.table));
        if (table->number != NULL &&
            str_eq(column.name, str_from_c(table->number)))
            continue;
        const struct store_column *known = catalogue_column(table, column.name);
        if (known == NULL)
            tap_fail(__FILE__, __LINE__, "no column %.*s.%.*s there",
                STR_ARG(column.table), STR_ARG(column.name));
        CHECK_INT(known->type == STORE_TYPE_INT, column.whole);
        seen++;
    }
    columns_close();
    size_t expected = 0;
    for (size_t i = 0; i < store_table_count; i++)
        expected += store_tables[i].column_count;
    /* reply_events has its message's id by way of reply_logs. */
    CHECK_INT(seen, expected - 1);
}

TEST(tables_come_behind_those_they_refer_to)
{
    static const char *const order[] = {"sessions", "messages",
        "message_variants", "reply_logs", "reply_events", NULL};
    const struct store_table *last = NULL;
    for (size_t i = 0; order[i] != NULL; i++) {
        const struct store_table *table = catalogue_table(str_from_c(order[i]));
        CHECK(table != NULL && table > last);
        CHECK(table->key_count >= 1 && table->key_count <= 2);
        CHECK_INT(table->columns[0].type, STORE_TYPE_TEXT);
        CHECK(table->column_count <= STORE_MAX_COLUMNS);
        last = table;
    }
}
