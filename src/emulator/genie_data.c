#include <ctype.h>
#include <inttypes.h>
#include <time.h>

#include "emulator/genie_data.h"
#include "emulator/hash.h"

enum {
    ORDERS = 2'400,
    EVENTS = 48'000,
    MONTHS = 24,
    DAY_SECONDS = 86'400,
    FIRST_YEAR = 2024,
    WORD_MAX = 40,
};

static const int64_t FIRST_ORDER = 1'767'225'600; /* 2026-01-01 */

static const char *const regions[] = {
    "Europe", "North America", "Asia", "South America", "Africa", "Oceania"};

static const char *const customers[] = {"Aurora Foods", "Blue Harbor",
    "Cedar & Sons", "Delta Optics", "Ember Works", "Fjord Shipping",
    "Gr\xc3\xbcne Wiese", "Helios Energy", "Iris Textiles", "Juniper Labs",
    "Kite Robotics", "Lumen Media"};

static const char *const products[] = {"Desk lamp", "Office chair",
    "Standing desk", "Monitor arm", "Cable tray", "Footrest", "Whiteboard",
    "Headset", "Keyboard, \"quiet\"", "Docking station"};

enum {
    REGIONS = sizeof(regions) / sizeof(*regions),
    CUSTOMERS = sizeof(customers) / sizeof(*customers),
    PRODUCTS = sizeof(products) / sizeof(*products),
};

/* A number below `below` that belongs to a row and a purpose. */
static uint64_t pick(int64_t row, uint64_t purpose, uint64_t below)
{
    return emu_mix((uint64_t)row * 31 + purpose) % below;
}

static void put(struct buf *out, const char *text)
{
    buf_append(out, str_from_c(text));
}

static void put_money(struct buf *out, uint64_t cents)
{
    buf_printf(out, "%" PRIu64 ".%02" PRIu64, cents / 100, cents % 100);
}

static void put_time(struct buf *out, int64_t seconds, const char *format)
{
    char text[40];
    struct tm tm;
    time_t at = (time_t)seconds;
    gmtime_r(&at, &tm);
    /* The format is one of the two below. */
    if (format == NULL)
        strftime(text, sizeof(text), "%Y-%m-%d", &tm);
    else
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    put(out, text);
}

/* ---- Clients by region: a category and two numbers ---- */

static const struct emu_genie_column region_columns[] = {
    {"region", "STRING", "STRING"},
    {"clients", "LONG", "BIGINT"},
    {"revenue", "DECIMAL", "DECIMAL(12,2)"},
};

static const char *region_at(int64_t row)
{
    return regions[row];
}

static bool region_cell(int64_t row, size_t column, struct buf *out)
{
    if (column == 0)
        put(out, regions[row]);
    else if (column == 1)
        buf_printf(out, "%" PRIu64, 40 + (REGIONS - (uint64_t)row) * 57 % 400);
    else
        put_money(out, 1'000'000 + pick(row, 1, 90'000'000));
    return true;
}

/* ---- Sales by month: a date and two numbers ---- */

static const struct emu_genie_column month_columns[] = {
    {"month", "DATE", "DATE"},
    {"orders", "LONG", "BIGINT"},
    {"revenue", "DOUBLE", "DOUBLE"},
};

static bool month_cell(int64_t row, size_t column, struct buf *out)
{
    if (column == 0)
        buf_printf(out, "%" PRId64 "-%02" PRId64 "-01", FIRST_YEAR + row / 12,
            row % 12 + 1);
    else if (column == 1)
        buf_printf(
            out, "%" PRIu64, 300 + (uint64_t)row * 11 + pick(row, 2, 90));
    else
        put_money(
            out, 3'000'000 + (uint64_t)row * 150'000 + pick(row, 3, 900'000));
    return true;
}

/* ---- Customers with the most revenue ---- */

static const struct emu_genie_column top_columns[] = {
    {"customer", "STRING", "STRING"},
    {"revenue", "DECIMAL", "DECIMAL(12,2)"},
    {"share", "DOUBLE", "DOUBLE"},
};

static bool top_cell(int64_t row, size_t column, struct buf *out)
{
    if (column == 0)
        put(out, customers[row]);
    else if (column == 1)
        put_money(out, 98'000'000 / ((uint64_t)row + 1) + pick(row, 4, 99));
    else
        buf_printf(out, "0.%03" PRIu64, 270 / ((uint64_t)row + 1));
    return true;
}

/* ---- How many: one number ---- */

static const struct emu_genie_column count_columns[] = {
    {"clients", "LONG", "BIGINT"},
};

static bool count_cell(int64_t row, size_t column, struct buf *out)
{
    (void)row;
    (void)column;
    put(out, "1437");
    return true;
}

/* ---- Every order: many rows, and some that were not shipped ---- */

static const struct emu_genie_column order_columns[] = {
    {"order_id", "LONG", "BIGINT"},
    {"ordered_on", "DATE", "DATE"},
    {"customer", "STRING", "STRING"},
    {"region", "STRING", "STRING"},
    {"amount", "DECIMAL", "DECIMAL(12,2)"},
    {"shipped_at", "TIMESTAMP", "TIMESTAMP"},
};

static const char *order_region(int64_t row)
{
    return regions[pick(row, 5, REGIONS)];
}

static bool order_cell(int64_t row, size_t column, struct buf *out)
{
    int64_t at = FIRST_ORDER + row * DAY_SECONDS / 8;
    switch (column) {
    case 0:
        buf_printf(out, "%" PRId64, 100'001 + row);
        return true;
    case 1:
        put_time(out, at, NULL);
        return true;
    case 2:
        put(out, customers[pick(row, 6, CUSTOMERS)]);
        return true;
    case 3:
        put(out, order_region(row));
        return true;
    case 4:
        put_money(out, 500 + pick(row, 7, 500'000));
        return true;
    default:
        if (pick(row, 8, 7) == 0)
            return false;
        put_time(out, at + (int64_t)pick(row, 9, 300'000), "with time");
        return true;
    }
}

/* ---- Stock: a table with gaps ---- */

static const struct emu_genie_column stock_columns[] = {
    {"product", "STRING", "STRING"},
    {"in_stock", "INT", "INT"},
    {"discontinued", "BOOLEAN", "BOOLEAN"},
    {"note", "STRING", "STRING"},
};

static bool stock_cell(int64_t row, size_t column, struct buf *out)
{
    if (column == 0)
        put(out, products[row]);
    else if (column == 1 && row % 3 != 1)
        buf_printf(out, "%" PRIu64, pick(row, 10, 250));
    else if (column == 2 && row % 4 != 2)
        put(out, row % 5 == 0 ? "true" : "false");
    else if (column == 3 && row % 5 == 3)
        put(out, "counted twice, a|b\nsecond line");
    else
        return false;
    return true;
}

/* ---- All of them ---- */

#define COLUMNS(list)                                                          \
    .columns = (list), .column_count = sizeof(list) / sizeof(*(list))

/* The first whose words occur; the order is part of the choice. */
static const struct emu_genie_table tables[] = {
    {.title = "Orders",
        .about = "Every order with its customer, region and amount; orders "
                 "that were not shipped yet have no time.",
        .sql = "SELECT order_id, ordered_on, customer, region, amount, "
               "shipped_at\nFROM demo.sales.orders$w\nORDER BY order_id",
        .words = " order orders shipped unshipped ",
        COLUMNS(order_columns),
        .rows = ORDERS,
        .cell = order_cell,
        .region = order_region},
    {.title = "Sales by month",
        .about = "Orders and revenue of each month.",
        .sql = "SELECT date_trunc('MONTH', ordered_on) AS month, count(*) AS "
               "orders, sum(amount) AS revenue\nFROM demo.sales.orders\nGROUP "
               "BY month\nORDER BY month",
        .words = " month months monthly trend time year years when daily ",
        COLUMNS(month_columns),
        .rows = MONTHS,
        .cell = month_cell},
    {.title = "Stock",
        .about = "Products with what is in stock; what was never counted is "
                 "empty.",
        .sql = "SELECT product, in_stock, discontinued, note\nFROM "
               "demo.sales.stock\nORDER BY product",
        .words = " stock product products missing null empty ",
        COLUMNS(stock_columns),
        .rows = PRODUCTS,
        .cell = stock_cell},
    {.title = "Top customers",
        .about = "Customers with the most revenue, and their share of all of "
                 "it.",
        .sql = "SELECT customer, sum(amount) AS revenue, sum(amount) / "
               "sum(sum(amount)) OVER () AS share\nFROM demo.sales.orders\n"
               "GROUP BY customer\nORDER BY revenue DESC\nLIMIT 12",
        .words = " top best largest biggest customer customers most ",
        COLUMNS(top_columns),
        .rows = CUSTOMERS,
        .cell = top_cell},
    {.title = "Clients by region",
        .about = "Clients and revenue of each region.",
        .sql = "SELECT region, count(DISTINCT client_id) AS clients, "
               "sum(amount) AS revenue\nFROM demo.sales.clients$w\nGROUP BY "
               "region\nORDER BY clients DESC",
        .words = " region regions country countries revenue sales ",
        COLUMNS(region_columns),
        .rows = REGIONS,
        .cell = region_cell,
        .region = region_at},
    {.title = "Number of clients",
        .about = "How many clients there are.",
        .sql = "SELECT count(*) AS clients\nFROM demo.sales.clients",
        .words = " many number count total clients client ",
        COLUMNS(count_columns),
        .rows = 1,
        .cell = count_cell},
};

/* One more than is listed: asked for by a fault. */
static const struct emu_genie_table long_table = {.title = "All events",
    .about = "Every event of every order.",
    .sql = "SELECT *\nFROM demo.sales.order_events$w",
    .words = "",
    COLUMNS(order_columns),
    .rows = EVENTS,
    .cell = order_cell,
    .region = order_region};

enum { TABLES = sizeof(tables) / sizeof(*tables), USUAL = 4 };

static char letter(char c)
{
    return (char)tolower((unsigned char)c);
}

/* Whether " word " is in the list, without case. */
static bool listed(struct str word, const char *list)
{
    char key[WORD_MAX + 2];
    if (word.n == 0 || word.n > WORD_MAX)
        return false;
    key[0] = ' ';
    for (size_t i = 0; i < word.n; i++)
        key[i + 1] = letter(word.p[i]);
    key[word.n + 1] = ' ';
    return str_contains(str_from_c(list), (struct str){key, word.n + 2});
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* Whether the question has one of the words. */
static bool asks_for(struct str question, const char *words)
{
    for (size_t i = 0; i < question.n;) {
        size_t from = i;
        while (i < question.n && in_word(question.p[i]))
            i++;
        if (listed(str_sub(question, from, i - from), words))
            return true;
        i = i == from ? i + 1 : i;
    }
    return false;
}

const struct emu_genie_table *emu_genie_table_for(struct str question)
{
    for (size_t i = 0; i < TABLES; i++)
        if (asks_for(question, tables[i].words))
            return &tables[i];
    return NULL;
}

const struct emu_genie_table *emu_genie_table_usual(void)
{
    return &tables[USUAL];
}

const struct emu_genie_table *emu_genie_table_long(void)
{
    return &long_table;
}

const char *emu_genie_region_in(struct str question)
{
    for (size_t i = 0; i < REGIONS; i++) {
        struct str name = str_from_c(regions[i]);
        for (size_t at = 0; at + name.n <= question.n; at++)
            if (str_eq_nocase(str_sub(question, at, name.n), name))
                return regions[i];
    }
    return NULL;
}

void emu_genie_write_sql(
    const struct emu_genie_table *t, const char *region, struct buf *out)
{
    struct str sql = str_from_c(t->sql), mark = STR("$w");
    size_t at = str_find(sql, mark);
    buf_append(out, str_sub(sql, 0, at));
    if (at < sql.n && region != NULL)
        buf_printf(out, "\nWHERE region = '%s'", region);
    buf_append(out, str_sub(sql, at + mark.n, sql.n));
}

bool emu_genie_row_in(
    const struct emu_genie_table *t, int64_t row, const char *region)
{
    return region == NULL || t->region == NULL ||
           str_eq(str_from_c(t->region(row)), str_from_c(region));
}
