#ifndef STORE_SQL_SCHEMA_H
#define STORE_SQL_SCHEMA_H

#include "store/sql/sql.h"

/*
 * The way from one version of the schema to the next, in both dialects.
 * Version 1 is what store/sqlite/schema.c and store/postgres/schema.c make;
 * everything later is here.
 */
enum { SCHEMA_VERSION = 9 };

/* One step: what leads to a version. */
struct schema_step {
    int version;
    const char *name;
    const struct sql *statements; /* a NULL text: nothing in that dialect */
    size_t count;
};

extern const struct schema_step schema_search, schema_search_triggers;

/* Brings tables of a version to today's, in the caller's transaction. */
[[nodiscard]] enum rc schema_advance(
    struct db *db, int64_t version, int64_t now_us);

/* Notes that the tables are of this version now. */
[[nodiscard]] enum rc schema_note(
    struct db *db, int64_t version, const char *name, int64_t now_us);

#endif
