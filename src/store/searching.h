#ifndef STORE_SEARCHING_H
#define STORE_SEARCHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "store/types.h"

/* What is looked for and what is found; see store/store.h. */

enum { STORE_MAX_TERMS = 16 };

/* A word, or several for a phrase; of a title or a message. */
struct store_term {
    struct str text; /* letters and digits, single spaces between words */
    bool prefix;     /* the last word may go on */
    bool excluded;
};

/* At least one term that is not excluded. */
struct store_search_query {
    struct store_term terms[STORE_MAX_TERMS];
    size_t term_count;
    bool titles_only;
    bool has_role;
    enum store_role role;
    enum store_rating rating;  /* STORE_RATING_NONE: whatever */
    int64_t from_us, until_us; /* 0: open; from <= time < until */
};

enum { STORE_MAX_MATCHES = 16 };

/* A piece of a text and where in it the words stand, in bytes of it. */
struct store_snippet {
    struct str text;
    struct {
        uint32_t begin, end;
    } matches[STORE_MAX_MATCHES];
    size_t match_count;
    bool cut_before, cut_after;
};

struct store_hit {
    struct str session_id;
    struct str title;      /* or the first question */
    struct str message_id; /* absent: the title is what was found */
    enum store_role role;
    enum store_rating rating;
    int64_t timestamp_us;
    bool archived;
    bool hidden; /* of a variant that is not shown */
    struct store_snippet snippet;
};

/* Newest first; not in the trash. RC_INVALID: cursor or query. */
struct store_search {
    const struct store_search_query *query; /* in */
    size_t limit;
    struct str cursor;
    struct store_hit *hits; /* out */
    size_t count;
    struct str next_cursor;
};

#endif
