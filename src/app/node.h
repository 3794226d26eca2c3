#ifndef APP_NODE_H
#define APP_NODE_H

#include "loop/loop.h"
#include "store/store.h"

/*
 * This process among others on the same database: says that it lives, and
 * ends the replies of those that do not. One a process.
 */
struct node;

/*
 * Ends what a crash has left and says for the first time that we live, before
 * anybody is served: turns the loop until that is done. Later on both happen
 * by themselves if there can be others.
 */
struct node *node_new(struct loop *loop, struct store *store, bool others);

/* Before the store is closed. NULL is a no-op. */
void node_free(struct node *n);

#endif
