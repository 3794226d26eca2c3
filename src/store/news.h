#ifndef STORE_NEWS_H
#define STORE_NEWS_H

#include "store/store.h"

/*
 * Who waits for news of a store: what struct store_watch of store.h stands
 * on. Private to src/store. An engine makes one with its store, tells what it
 * has committed, and frees it when its threads have ended. Any thread may
 * tell; a watch is told on its loop through the loop's mailbox, where at most
 * one message of it waits, whatever happens meanwhile.
 */
enum {
    NEWS_MAX_TOPICS = 200000, /* replies and persons that are watched */
    NEWS_MAX_STOPS = 64,      /* stops that one watch has not been told */
};

struct news *news_new(void);
void news_free(struct news *news); /* watches are gone; NULL is a no-op */

/* Tells those who asked; id is looked at only where the kind has one. */
void news_tell(struct news *news, enum store_news kind, struct str id);

/*
 * What a committed operation is news of. Calls emit() for each, none for an
 * operation that failed or that changed nothing anybody follows.
 */
typedef void news_emit_fn(void *ctx, enum store_news kind, struct str id);
void news_of(const struct store_op *op, news_emit_fn *emit, void *ctx);

/* Tells it all; next to nothing when nobody watches. NULL is a no-op. */
void news_committed(struct news *news, const struct store_op *op);

#endif
