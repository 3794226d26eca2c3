#include <assert.h>
#include <signal.h>

#include "base/mem.h"

#include "loop/loop_int.h"

enum { WAIT_FOR_EVER = -1 };

/* The loop whose turn this thread is in: what it posts to itself needs no
 * waking. */
static _Thread_local struct loop *turning_here;

void loop_touch(struct loop *loop)
{
    if (loop->now_stale) {
        loop->now_ms = clock_monotonic_ms(loop->clock);
        loop->now_wall_us = clock_wall_us(loop->clock);
        loop->now_stale = false;
    }
}

/*
 * The alarm may be due before libuv has begun to wait (the thread was put
 * aside in between); libuv then forgets it and would wait for ever.
 */
static void on_alarm(uv_timer_t *alarm)
{
    uv_stop(alarm->loop);
}

/* Takes the whole mailbox at once, so that senders never wait for us. */
static void run_mailbox(struct loop *loop)
{
    struct list taken;
    list_init(&taken);
    pthread_mutex_lock(&loop->mailbox_lock);
    list_splice(&taken, &loop->mailbox);
    pthread_mutex_unlock(&loop->mailbox_lock);
    struct list *node;
    while ((node = list_pop(&taken)) != NULL) {
        struct loop_message *m = LIST_ITEM(node, struct loop_message, link);
        m->fn(m->ctx);
    }
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    loop_touch(loop);
    run_mailbox(loop);
}

enum rc loop_new(const struct clock *clock, struct loop **ret)
{
    struct loop *loop = MEM_NEW(struct loop);
    if (uv_loop_init(&loop->uv) != 0)
        goto err_0;
    if (uv_async_init(&loop->uv, &loop->wake, on_wake) != 0)
        goto err_1;
    uv_timer_init(&loop->uv, &loop->alarm);
    /* A peer that left is an error of write(), not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    loop->wake.data = loop;
    loop->clock = clock;
    loop->now_stale = true;
    loop_touch(loop);
    atomic_init(&loop->stop, false);
    list_init(&loop->tasks);
    list_init(&loop->mailbox);
    list_init(&loop->closing_conns);
    pthread_mutex_init(&loop->mailbox_lock, NULL);
    *ret = loop;
    return RC_OK;

err_1:
    uv_loop_close(&loop->uv);
err_0:
    mem_free(loop);
    return RC_IO;
}

static void run_tasks(struct loop *loop)
{
    struct list batch;
    list_init(&batch);
    list_splice(&batch, &loop->tasks);
    struct list *node;
    while ((node = list_pop(&batch)) != NULL) {
        struct loop_task *task = LIST_ITEM(node, struct loop_task, link);
        task->fn(task->ctx);
    }
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    assert(!loop->turning);
    loop_abort_conns(loop);
    do {
        run_mailbox(loop);
        run_tasks(loop);
    } while (!list_empty(&loop->mailbox) || !list_empty(&loop->tasks));
    assert(loop->timers.count == 0);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int busy = uv_loop_close(&loop->uv);
    assert(busy == 0);
    (void)busy;
    pthread_mutex_destroy(&loop->mailbox_lock);
    mem_free(loop->timers.items);
    mem_free(loop);
}

/* How long libuv may sleep, in ms, or WAIT_FOR_EVER. */
static int64_t wait_of_turn(struct loop *loop, int64_t wait_ms)
{
    int64_t deadline;
    if (!list_empty(&loop->tasks) || loop->own_mail)
        return 0;
    if (!loop_timers_next(loop, &deadline))
        return wait_ms;
    int64_t left = deadline - loop->now_ms;
    if (left < 0)
        left = 0;
    return wait_ms == WAIT_FOR_EVER || left < wait_ms ? left : wait_ms;
}

/* A round trip to a thread would have been answered in a later turn; what was
 * answered at once is passed on in this one. */
static void run_own_mail(struct loop *loop)
{
    if (!loop->own_mail)
        return;
    loop->own_mail = false;
    run_mailbox(loop);
    run_tasks(loop);
}

static void wait_and_dispatch(struct loop *loop, int64_t wait_ms)
{
    loop->now_stale = true;
    if (wait_ms == 0) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        return;
    }
    if (wait_ms > 0) {
        uv_update_time(&loop->uv);
        uv_timer_start(&loop->alarm, on_alarm, (uint64_t)wait_ms, 0);
    }
    uv_run(&loop->uv, UV_RUN_ONCE);
    if (wait_ms > 0)
        uv_timer_stop(&loop->alarm);
}

void loop_turn(struct loop *loop, int64_t wait_ms)
{
    assert(!loop->turning);
    struct loop *outer = turning_here;
    turning_here = loop;
    loop->turning = true;
    loop->now_stale = true;
    loop_touch(loop);
    wait_and_dispatch(loop, wait_of_turn(loop, wait_ms));
    loop_touch(loop);
    loop_timers_run(loop);
    run_tasks(loop);
    run_own_mail(loop);
    loop->turning = false;
    turning_here = outer;
}

void loop_run(struct loop *loop)
{
    while (!atomic_exchange(&loop->stop, false))
        loop_turn(loop, WAIT_FOR_EVER);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stop, true);
    uv_async_send(&loop->wake);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t loop_wall_us(const struct loop *loop)
{
    return loop->now_wall_us;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}

void loop_task_init(struct loop_task *task, loop_fn *fn, void *ctx)
{
    list_init(&task->link);
    task->fn = fn;
    task->ctx = ctx;
}

void loop_defer(struct loop *loop, struct loop_task *task)
{
    if (!loop_task_pending(task))
        list_push(&loop->tasks, &task->link);
}

bool loop_task_pending(const struct loop_task *task)
{
    return !list_empty(&task->link);
}

void loop_task_cancel(struct loop_task *task)
{
    list_remove(&task->link);
}

void loop_post(struct loop *to, struct loop_message *message)
{
    pthread_mutex_lock(&to->mailbox_lock);
    list_push(&to->mailbox, &message->link);
    pthread_mutex_unlock(&to->mailbox_lock);
    if (to == turning_here)
        to->own_mail = true;
    else
        uv_async_send(&to->wake);
}
