#ifndef TESTS_UNIT_ADMIN_READING_H
#define TESTS_UNIT_ADMIN_READING_H

#include "admin/import_formats.h"
#include "admin/json_items.h"
#include "base/json.h"

/* Documents as import reads them. */

/* All of a file, in an arena. */
struct str reading_file(const char *path, struct arena *arena);

/* What became of the elements of a document. */
struct reading {
    size_t items, read, refused, too_large;
    bool ended, bad;
    struct imported chat; /* the one asked for, as far as it was read */
    struct jv *document;  /* it belongs to this */
    struct arena *arena;
};

/* Reads a document in pieces of a size and keeps the chat of a number. */
void reading_run(struct reading *r, struct str text, size_t piece,
    size_t max_item, size_t number);
void reading_end(struct reading *r);

#endif
