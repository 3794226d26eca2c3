#ifndef LOOP_LOOP_INT_H
#define LOOP_LOOP_INT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/clock.h"
#include "base/list.h"

#include "loop/loop.h"

enum { LOOP_READ_SIZE = 65536 };

/* Timers in a binary heap: the earliest deadline, then the first started. */
struct timer_heap {
    struct loop_timer **items;
    size_t count;
    size_t cap;
    uint64_t last_seq;
};

/*
 * A turn is: wait for libuv, let it call back, run due timers, run the tasks
 * that were deferred until then. Deadlines are kept here and not in libuv so
 * that the loop's clock, which a test may turn by hand, decides.
 */
struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t alarm; /* ends libuv's wait, does nothing itself */
    const struct clock *clock;
    int64_t now_ms;
    int64_t now_wall_us;
    bool now_stale; /* libuv may have slept since they were taken */
    bool turning;
    atomic_bool stop;
    struct list tasks;
    struct timer_heap timers;
    pthread_mutex_t mailbox_lock;
    struct list mailbox;
    bool own_mail;             /* what this turn has posted is run at its end */
    struct list closing_conns; /* closed by their owner, still sending */
    char read_buffer[LOOP_READ_SIZE];
};

/* First thing in every callback from libuv: takes the time once a turn. */
void loop_touch(struct loop *loop);

/* Deadline of the first timer; false when there is none. */
bool loop_timers_next(const struct loop *loop, int64_t *ret_deadline_ms);

/* Runs what is due now; timers started meanwhile wait for the next turn. */
void loop_timers_run(struct loop *loop);

/* Drops connections that are closed but still sending. */
void loop_abort_conns(struct loop *loop);

#endif
