#ifndef API_FEED_WINDOW_H
#define API_FEED_WINDOW_H

#include "base/buf.h"
#include "base/list.h"
#include "store/store.h"

/*
 * The newest changes of a person's feed: all with numbers in (base, last]. Of
 * several that say the same only the last is kept, for whoever has seen none
 * of them needs to hear it once, and whoever has seen the first hears it
 * again. What is more than FEED_WINDOW_MAX falls out at the old end.
 */
enum { FEED_WINDOW_MAX = 256 };

struct feed_window {
    struct list changes; /* in order */
    size_t count;
    int64_t base, last;
};

/* An empty window behind a number. */
void feed_window_init(struct feed_window *w, int64_t last);

/* Frees what is in it; it begins anew behind a number. */
void feed_window_clear(struct feed_window *w, int64_t last);

/* The next change; its number is one more than `last`. Copied. */
void feed_window_add(struct feed_window *w, const struct store_change *change);

/*
 * Writes what is behind *cursor, which must not be before base, as events and
 * moves the cursor. Stops after max bytes; false when there is more.
 */
bool feed_window_write(
    const struct feed_window *w, int64_t *cursor, size_t max, struct buf *out);

#endif
