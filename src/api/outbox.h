#ifndef API_OUTBOX_H
#define API_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "databricks/error.h"

/*
 * Tells MLflow what people say of replies that have a trace: what stands in
 * the store's outbox, item by item, whoever put it there. One loop of each
 * process does so; leases in the store keep processes apart.
 */
struct api;
struct outbox;

/* What is left from before is looked for at once. */
struct outbox *outbox_new(struct api *api);

/* There is something to tell. NULL is a no-op. */
void outbox_wake(struct outbox *outbox);

/* Takes nothing more; what is under way may end. NULL is a no-op. */
void outbox_drain(struct outbox *outbox);

/* What is under way is left to whoever looks when its lease is over. */
void outbox_free(struct outbox *outbox); /* NULL is a no-op */

/* ---- outbox_judge.c ---- */

/*
 * What becomes of an item that failed: after what wait it is tried again, or
 * that it is not. A trace may be some minutes late, but what MLflow refuses it
 * will refuse again; an outage may last for days. Pure.
 */
struct outbox_verdict {
    bool give_up;
    int64_t delay_ms;
};

struct outbox_verdict outbox_judge(const struct databricks_error *error,
    int64_t tries, int64_t age_ms, uint64_t random);

#endif
