#ifndef API_GENIE_PART_H
#define API_GENIE_PART_H

#include "base/arena.h"
#include "base/buf.h"
#include "databricks/genie.h"

/* What a reply shows and keeps of Genie; pure. */
struct genie_asked {
    struct str question;
    struct str reason; /* the words that led to Genie; or empty */
    struct str space;  /* its name */
    bool wanted;       /* the person wanted Genie, by a pin or a click */
};

/*
 * Appends the part of kind "genie" (docs/genie.md), one JSON object of at
 * most GENIE_PART_MAX bytes: rows that do not fit are left out.
 */
enum { GENIE_PART_MAX = 500 * 1024 };

void genie_put_part(struct buf *out, const struct genie_asked *asked,
    const struct genie_result *result);

/* The answer in words: what Genie said, or else what it did. Never empty. */
struct str genie_answer(const struct genie_result *result, struct arena *arena);

/*
 * What a model is told of a reply with such a part: its text, the query, and
 * the first rows as a table. parts are the lines that are kept of it; text
 * itself when none is Genie's.
 */
struct str genie_as_context(
    struct str text, struct str parts, struct arena *arena);

#endif
