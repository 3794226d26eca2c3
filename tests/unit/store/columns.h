#ifndef TESTS_UNIT_STORE_COLUMNS_H
#define TESTS_UNIT_STORE_COLUMNS_H

#include <stdbool.h>

#include "base/str.h"

/* The columns that a new database of ours has; one source file a database. */
struct column {
    struct str table, name;
    bool whole; /* holds whole numbers */
};

void columns_open(void);

/* False behind the last; valid until the next call. */
bool columns_next(struct column *ret);
void columns_close(void);

#endif
