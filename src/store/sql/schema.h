#ifndef STORE_SQL_SCHEMA_H
#define STORE_SQL_SCHEMA_H

#include "store/sql/sql.h"

/*
 * The steps from one version of the schema to the next, in both dialects.
 * Version 1 is what store/sqlite/schema.c and store/postgres/schema.c make;
 * everything later is here.
 */
struct schema_step {
    int version; /* the one it leads to */
    const char *name;
    const struct sql *statements; /* a NULL text: nothing in that dialect */
    size_t count;
};

extern const struct schema_step schema_steps[];
extern const size_t schema_step_count;

enum { SCHEMA_VERSION = 2 };

#endif
