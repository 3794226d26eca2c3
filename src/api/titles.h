#ifndef API_TITLES_H
#define API_TITLES_H

#include <stdbool.h>

/*
 * Names for chats: after the first complete reply of a chat that nobody has
 * named, a model is asked for a few words, once, beside everything else. What
 * does not work out is counted and otherwise has no consequence; the chat
 * keeps the name that its question gave it.
 */
struct api;
struct titles;
struct turn;

struct titles *titles_new(struct api *api);

/* Whether the person's token is still needed when the reply is complete. */
bool titles_use_token(const struct turn *turn);

/* A reply is complete and stored: asks, if the chat is to be named. */
void titles_consider(struct titles *titles, struct turn *ended);

/* Asks no more; what is under way is given up. */
void titles_drain(struct titles *titles);

void titles_free(struct titles *titles); /* NULL is a no-op */

#endif
