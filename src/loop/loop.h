#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/rc.h"

/*
 * An event loop of one thread, on libuv. Everything here is to be called on
 * the loop's own thread unless it says "any thread". Callbacks run on the
 * loop's thread, never inside the call that registered them.
 */
struct loop;

/* Makes a loop that runs on the thread that will call loop_run(). */
[[nodiscard]] enum rc loop_new(const struct clock *clock, struct loop **ret);

/*
 * Closes what is left of libuv's handles and frees the loop. All timers,
 * polls, listeners and connections must have been freed or closed before;
 * their close is awaited here. NULL is a no-op.
 */
void loop_free(struct loop *loop);

/* Runs turns until loop_stop(). */
void loop_run(struct loop *loop);

/* Makes loop_run() return after the current turn. Any thread. */
void loop_stop(struct loop *loop);

/*
 * One turn, for tests and shutdown: waits up to wait_ms for something to
 * happen (0: only what is ready), runs callbacks and deferred tasks.
 */
void loop_turn(struct loop *loop, int64_t wait_ms);

/* Time of the loop's clock, taken once per turn. */
int64_t loop_now_ms(const struct loop *loop);
int64_t loop_wall_us(const struct loop *loop);
const struct clock *loop_clock(const struct loop *loop);

typedef void loop_fn(void *ctx);

/*
 * Deferred work: runs at the end of the current turn, in order. The task is
 * embedded in the caller's object; defer while pending is a no-op. Use it to
 * free objects, to answer a caller, and to write once per turn.
 */
struct loop_task {
    struct list link;
    loop_fn *fn;
    void *ctx;
};

void loop_task_init(struct loop_task *task, loop_fn *fn, void *ctx);
void loop_defer(struct loop *loop, struct loop_task *task);
bool loop_task_pending(const struct loop_task *task);
void loop_task_cancel(struct loop_task *task); /* then it will not run */

/*
 * A message to another loop: post() hands it over, fn(ctx) runs there in
 * order of posting. The sender owns the memory until fn runs, the receiver
 * from then on. Any thread. Messages not yet run when the loop is freed are
 * run by loop_free(), so that their memory can be released.
 */
struct loop_message {
    struct list link;
    loop_fn *fn;
    void *ctx;
};

void loop_post(struct loop *to, struct loop_message *message);

/* A one-shot timer; fn runs once, ms after start; start again re-arms. */
struct loop_timer;

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *ctx);
void loop_timer_start(struct loop_timer *t, int64_t ms);
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_active(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is a no-op */

/* Readiness of a descriptor that somebody else owns (curl, libpq). */
enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2 };

struct loop_poll;

/* ready is a set of LOOP_ flags; error means the descriptor failed. */
typedef void loop_poll_fn(void *ctx, int ready, bool error);

struct loop_poll *loop_poll_new(
    struct loop *loop, int fd, loop_poll_fn *fn, void *ctx);
void loop_poll_set(struct loop_poll *p, int events); /* 0 pauses */
void loop_poll_free(struct loop_poll *p);            /* NULL is a no-op */

/* Calls fn on each arrival of the signal while the handle lives. */
struct loop_signal;

struct loop_signal *loop_signal_new(
    struct loop *loop, int signo, loop_fn *fn, void *ctx);
void loop_signal_free(struct loop_signal *s); /* NULL is a no-op */

/* Starts a named thread; joined with loop_thread_join, once. */
struct loop_thread;

[[nodiscard]] enum rc loop_thread_start(
    const char *name, loop_fn *fn, void *ctx, struct loop_thread **ret);
void loop_thread_join(struct loop_thread *t);

#endif
