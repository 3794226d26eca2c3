#ifndef STORE_SEARCH_LANGUAGE_H
#define STORE_SEARCH_LANGUAGE_H

#include "base/arena.h"
#include "store/store.h"

/*
 * What a person types to search, docs/api.md has it for them:
 *
 *     word  "a phrase"  pref*  -not  in:title  from:me  from:assistant
 *     rating:up  rating:down  after:YYYY-MM-DD  before:YYYY-MM-DD
 *
 * All of it must hold. Days are UTC, `after` counts its own day in and
 * `before` does not. Whatever stands between letters and digits separates
 * words; a word with such inside ("foo-bar", "https://x.y") is a phrase. A
 * quote that is left open ends with the text; "name:" of none of the above
 * is text.
 */
enum { SEARCH_MAX_TEXT = 1000 };

/*
 * Fills *ret; its terms live in the arena. RC_INVALID: *error, in the arena
 * too, says in a sentence what to do; it is empty otherwise.
 */
[[nodiscard]] enum rc search_language_parse(struct str text,
    struct arena *arena, struct store_search_query *ret, struct str *error);

#endif
