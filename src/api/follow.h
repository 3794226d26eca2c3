#ifndef API_FOLLOW_H
#define API_FOLLOW_H

#include "api/api_int.h"

/*
 * A viewer of a reply that is not made on this loop: it reads the log in the
 * store page by page, woken by news of it and, to be safe, once a second. It
 * gives what a viewer of the hub gives (replies.h), and holds one page.
 */
struct follower;

/* Who follows what from where. */
struct follow_request {
    struct str user_id; /* the owner */
    struct str reply_id;
    uint64_t after;
    /* Called, never from inside follower_next(), when there may be more. */
    void (*wake)(void *ctx);
    void *ctx;
};

/* Texts are copied. */
struct follower *follower_new(
    struct api *api, const struct follow_request *request);
void follower_free(struct follower *f); /* NULL is a no-op */

/*
 * The next event, valid until the next call. LEFT: the reply cannot be read
 * (any more): its chat was deleted, or the store fails for long.
 */
enum reply_next follower_next(
    struct follower *f, size_t max_bytes, struct reply_event *ret);

#endif
