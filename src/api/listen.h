#ifndef API_LISTEN_H
#define API_LISTEN_H

#include "api/api_int.h"

/*
 * What the loops and nodes tell each other by way of the store: which replies
 * have grown or ended elsewhere, and which of ours are to be stopped.
 */
struct listening;

struct listening *listening_new(struct api *api);
void listening_free(struct listening *l); /* NULL is a no-op */

/* fn(ctx) is called when a reply may have changed, from the loop. */
struct listener {
    struct list link;
    struct listening *of;
    struct str reply_id; /* must live as long as the listener */
    void (*fn)(void *ctx);
    void *ctx;
};

void listener_begin(struct listening *l, struct listener *listener);
void listener_end(struct listener *listener); /* not begun: a no-op */

#endif
