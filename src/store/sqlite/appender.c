#include "telemetry/metrics.h"

#include "store/news.h"
#include "store/sqlite/engine.h"
#include "store/sqlite/event_log.h"

/*
 * The ways of events into their log. A write into the system's memory takes
 * some microseconds, less than to wake a thread for it, so who submits events
 * appends them. Where that could take longer, a thread does it: the writer
 * holds the log, the reply has to be looked up, others wait already, or the
 * disk has lately made a write wait.
 */
enum {
    SLOW_US = 5000,        /* longer than a loop should stand still */
    SHUN_SLOW_US = 1000000 /* how long the thread does it from then on */
};

static void poke_when_long(struct engine *e)
{
    if (event_log_is_long(e->events))
        queue_poke(&e->writes);
}

bool append_now(struct engine *e, struct store_op *op)
{
    struct list one;
    int64_t began_us = metrics_now_us();
    if (began_us < atomic_load(&e->append_slow_until_us) ||
        !queue_idle(&e->appends))
        return false;
    list_init(&one);
    list_push(&one, &op->link_);
    bool done = event_log_try_append(e->events, e->places, &one);
    list_remove(&op->link_);
    if (!done)
        return false;
    int64_t ended_us = metrics_now_us();
    if (ended_us - began_us > SLOW_US)
        atomic_store(&e->append_slow_until_us, ended_us + SHUN_SLOW_US);
    poke_when_long(e);
    return true;
}

void append_main(void *ctx)
{
    struct engine *e = ctx;
    struct list batch;
    list_init(&batch);
    while (queue_take(&e->appends, &batch, ENGINE_MAX_BATCH)) {
        event_log_append(e->events, e->places, &batch);
        poke_when_long(e);
        engine_complete(e, &e->appends, &batch);
    }
}
