#ifndef STORE_SNIPPET_H
#define STORE_SNIPPET_H

#include "base/arena.h"
#include "store/store.h"

/*
 * Where the terms of a query stand in a text. Words are found as the indexes
 * find them; a term of a script without spaces between words is found
 * anywhere, which no index can do: accepting is for those.
 */
struct finder;

/* Of a query that outlives it; in the arena. */
struct finder *finder_new(
    struct arena *arena, const struct store_search_query *query);

/* True when a term is to be looked for anywhere in the text. */
bool finder_looks_anywhere(const struct finder *f);

/* True when all such terms are in the text, and none that is excluded. */
bool finder_accepts(const struct finder *f, struct str text);

enum { SNIPPET_BYTES = 200 };

/*
 * About SNIPPET_BYTES around the first match (from the beginning when there
 * is none), with the matches in it, copied to the arena.
 */
struct store_snippet finder_snippet(
    const struct finder *f, struct str text, struct arena *arena);

#endif
