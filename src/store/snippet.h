#ifndef STORE_SNIPPET_H
#define STORE_SNIPPET_H

#include "base/arena.h"
#include "store/store.h"

/*
 * Where the terms of a query stand in a text. Words are found as the indexes
 * find them. Two kinds of terms are not for an index, the texts are looked
 * into for them: those of a script without spaces between words, which are
 * found anywhere, and short prefixes, which would take the index through
 * everything that everybody wrote.
 */
struct finder;

/* True for a term that the index is asked for. */
bool term_is_indexed(const struct store_term *term);

/* Of a query that outlives it; in the arena. */
struct finder *finder_new(
    struct arena *arena, const struct store_search_query *query);

/* True when there are terms that are not indexed. */
bool finder_looks(const struct finder *f);

/* True when all of them are in the text, and none that is excluded. */
bool finder_accepts(const struct finder *f, struct str text);

enum { SNIPPET_BYTES = 200 };

/*
 * About SNIPPET_BYTES around the first match (from the beginning when there
 * is none), with the matches in it, copied to the arena.
 */
struct store_snippet finder_snippet(
    const struct finder *f, struct str text, struct arena *arena);

#endif
