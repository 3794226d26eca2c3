#ifndef DATABRICKS_THINK_SPLITTER_H
#define DATABRICKS_THINK_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Some endpoints write their thinking into the text, as <think>...</think>
 * at its beginning. The splitter parts the two, whatever the pieces the text
 * comes in. A tag after the answer has begun is the answer's own.
 */
enum think_state {
    THINK_BEFORE, /* nothing but white space so far */
    THINK_INSIDE,
    THINK_AFTER, /* behind a closing tag, white space is dropped */
    THINK_TEXT,  /* the answer has begun */
};

/* text is not empty and valid during the call. */
typedef void think_fn(void *ctx, bool reasoning, struct str text);

enum { THINK_HELD_MAX = 64 };

/* Embedded; the members are the splitter's own. */
struct think_splitter {
    think_fn *fn;
    void *ctx;
    enum think_state state;
    size_t n;
    char held[THINK_HELD_MAX]; /* may still turn out to be (before) a tag */
};

void think_splitter_init(struct think_splitter *s, think_fn *fn, void *ctx);

/* Takes the next piece; calls back with what is certain. */
void think_splitter_feed(struct think_splitter *s, struct str text);

/* The text has ended: what was held back is given out. */
void think_splitter_finish(struct think_splitter *s);

#endif
