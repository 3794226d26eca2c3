#ifndef TESTS_UNIT_STORE_VERSION1_H
#define TESTS_UNIT_STORE_VERSION1_H

#include "world.h"

/* A database as version 1 of the schema left it; one source file a backend. */

enum { VERSION1_SIZE = 32 << 10 };

/* The text of a file with its statements. */
void version1_read(const char *path, char ret[VERSION1_SIZE]);

/* A world with such a database and no store yet. */
void version1_make(struct world *w);

/* The same, opened: the store upgrades it. */
void version1_open(struct world *w);

/* The first column of the first row, as text, past the store. */
struct str version1_value(
    const struct world *w, struct arena *arena, const char *sql);

#endif
