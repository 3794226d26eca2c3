#include "store/queue.h"

void queue_init(struct queue *q, size_t max_ops, size_t max_bytes)
{
    *q = (struct queue){.max_ops = max_ops, .max_bytes = max_bytes};
    pthread_mutex_init(&q->mutex, NULL);
    pthread_cond_init(&q->filled, NULL);
    list_init(&q->waiting);
}

void queue_release(struct queue *q)
{
    pthread_cond_destroy(&q->filled);
    pthread_mutex_destroy(&q->mutex);
}

enum rc queue_push(struct queue *q, struct store_op *op)
{
    enum rc rc = RC_OK;
    pthread_mutex_lock(&q->mutex);
    if (q->closed)
        rc = RC_CLOSED;
    else if (q->ops >= q->max_ops || op->bytes_ > q->max_bytes - q->bytes)
        rc = RC_BUSY;
    if (rc == RC_OK) {
        q->ops++;
        q->bytes += op->bytes_;
        list_push(&q->waiting, &op->link_);
        pthread_cond_signal(&q->filled);
    }
    pthread_mutex_unlock(&q->mutex);
    return rc;
}

void queue_poke(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->poked = true;
    pthread_cond_signal(&q->filled);
    pthread_mutex_unlock(&q->mutex);
}

bool queue_take(struct queue *q, struct list *to, size_t max)
{
    pthread_mutex_lock(&q->mutex);
    while (list_empty(&q->waiting) && !q->closed && !q->poked)
        pthread_cond_wait(&q->filled, &q->mutex);
    bool awake = q->poked;
    q->poked = false;
    for (; max > 0 && !list_empty(&q->waiting); max--, awake = true)
        list_push(to, list_pop(&q->waiting));
    pthread_mutex_unlock(&q->mutex);
    return awake;
}

bool queue_waits(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    bool waits = !list_empty(&q->waiting) && !q->closed;
    pthread_mutex_unlock(&q->mutex);
    return waits;
}

bool queue_idle(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    bool idle = q->ops == 0 && !q->closed;
    pthread_mutex_unlock(&q->mutex);
    return idle;
}

void queue_finished(struct queue *q, size_t ops, size_t bytes)
{
    pthread_mutex_lock(&q->mutex);
    q->ops -= ops;
    q->bytes -= bytes;
    pthread_mutex_unlock(&q->mutex);
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->closed = true;
    pthread_cond_broadcast(&q->filled);
    pthread_mutex_unlock(&q->mutex);
}
