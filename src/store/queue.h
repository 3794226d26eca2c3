#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"
#include "store/store.h"

/*
 * Operations on their way to a thread. The bounds count what waits and what
 * runs: an operation leaves the count when queue_finished() says so. Any
 * thread may call any function.
 */
struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct list waiting;
    size_t ops, bytes; /* waiting or running */
    size_t max_ops, max_bytes;
    bool closed;
    bool poked; /* the thread is to look although nothing waits */
};

void queue_init(struct queue *q, size_t max_ops, size_t max_bytes);
void queue_release(struct queue *q);

/* RC_BUSY at a bound, RC_CLOSED after queue_close(). */
[[nodiscard]] enum rc queue_push(struct queue *q, struct store_op *op);

/* Makes queue_take() return, be it with nothing. */
void queue_poke(struct queue *q);

/*
 * Waits for something, then moves at most max operations to `to`. False when
 * the queue is closed and empty.
 */
bool queue_take(struct queue *q, struct list *to, size_t max);

/* Whether something waits and more may come. */
bool queue_waits(struct queue *q);

/* Whether nothing waits or runs, and the queue is not closed. */
bool queue_idle(struct queue *q);

/* Takes operations off the count before they are completed. */
void queue_finished(struct queue *q, size_t ops, size_t bytes);

/* No more comes in; what is in is still given out. */
void queue_close(struct queue *q);

#endif
