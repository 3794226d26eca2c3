#ifndef EMULATOR_GENIE_DATA_H
#define EMULATOR_GENIE_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * The tables behind the demo's Genie spaces. They are made up, and the same
 * on every day: a cell depends on its row and column only. Pure.
 */
struct emu_genie_column {
    const char *name;
    const char *type; /* "STRING", as in type_name of a manifest */
    const char *text; /* "DECIMAL(12,2)", as in type_text */
};

struct emu_genie_table {
    const char *title;
    const char *about;
    const char *sql;   /* "$w" stands for the condition, if any */
    const char *words; /* that ask for it, each between spaces */
    const struct emu_genie_column *columns;
    size_t column_count;
    int64_t rows;
    /* Appends one cell; false: it is null. */
    bool (*cell)(int64_t row, size_t column, struct buf *out);
    /* The row's region; NULL: the table has none. */
    const char *(*region)(int64_t row);
};

/* The table that the words of a question ask for, or NULL. */
const struct emu_genie_table *emu_genie_table_for(struct str question);

/* The table for a question whose words ask for none. */
const struct emu_genie_table *emu_genie_table_usual(void);

/* More rows than a result may have. */
const struct emu_genie_table *emu_genie_table_long(void);

/* The region that a question names, or NULL. */
const char *emu_genie_region_in(struct str question);

/* Appends the query; with a region only its rows are asked for. */
void emu_genie_write_sql(
    const struct emu_genie_table *t, const char *region, struct buf *out);

/* Whether the row belongs to the region; NULL: all rows do. */
bool emu_genie_row_in(
    const struct emu_genie_table *t, int64_t row, const char *region);

#endif
