#ifndef APP_WORKERS_H
#define APP_WORKERS_H

#include "app/worker.h"

/*
 * All workers of a process: the first runs on the loop it is given, each
 * further one on a loop and a thread of its own, with its own listening socket
 * on the same port. The functions below are for the first one's thread; they
 * hand their orders over and never wait, save workers_free().
 */
struct workers;

/* As worker_new(); count is at least 1. */
[[nodiscard]] enum rc workers_new(struct loop *loop,
    const struct worker_config *config, int count, struct workers **ret);

/* Ends the threads and frees the workers. NULL is a no-op. */
void workers_free(struct workers *all);

/*
 * Lets go of what store operations under way come back to; after the store
 * was closed. NULL is a no-op.
 */
void workers_free_loops(struct workers *all);

int workers_port(const struct workers *all);

/* As their namesakes of one worker, for all. */
void workers_drain(struct workers *all);
void workers_interrupt(struct workers *all);
void workers_dismiss(struct workers *all);

/* What all have said last; only after workers_drain(). */
bool workers_idle(const struct workers *all);
bool workers_saved(const struct workers *all);

/*
 * Whether every loop has turned since the call before this one; asks them
 * anew.
 */
bool workers_alive(struct workers *all);

#endif
