#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"

#include "loop/loop_int.h"

/* A turn hands out so many events, then it is the others' turn. */
enum { BATCH = 256, BATCHES = 8 };

/*
 * The members' descriptors are in a set of their own (epoll), which libuv
 * polls like one descriptor. A group that rests does not poll it: what
 * becomes ready meanwhile costs nothing until the timer asks for all of it.
 */
struct loop_group {
    struct loop_poll *poll; /* of the set */
    struct loop_timer *rest;
    int64_t pace_ms;
    int set;
    int taken; /* of the batch that is being handed out */
    struct epoll_event batch[BATCH];
};

static void on_set(void *ctx, int ready, bool error);
static void on_rested(void *ctx);

enum rc loop_group_new(struct loop *loop, struct loop_group **ret)
{
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0)
        return RC_IO;
    struct loop_group *g = MEM_NEW(struct loop_group);
    g->set = set;
    g->poll = loop_poll_new(loop, set, on_set, g);
    g->rest = loop_timer_new(loop, on_rested, g);
    loop_poll_set(g->poll, LOOP_READABLE);
    *ret = g;
    return RC_OK;
}

void loop_group_free(struct loop_group *g)
{
    if (g == NULL)
        return;
    loop_poll_free(g->poll);
    loop_timer_free(g->rest);
    close(g->set);
    mem_free(g);
}

void loop_group_pace(struct loop_group *g, int64_t ms)
{
    g->pace_ms = ms;
}

/* A poll that goes may be in the batch that is being handed out. */
static void forget(struct loop_group *g, const struct loop_poll *p)
{
    for (int i = 0; i < g->taken; i++)
        if (g->batch[i].data.ptr == p)
            g->batch[i].data.ptr = NULL;
}

void loop_group_watch(struct loop_poll *p)
{
    struct epoll_event event = {.data.ptr = p};
    int change = p->grouped ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if ((p->events & LOOP_READABLE) != 0)
        event.events |= EPOLLIN;
    if ((p->events & LOOP_WRITABLE) != 0)
        event.events |= EPOLLOUT;
    if (p->events == 0) {
        forget(p->group, p);
        if (p->grouped)
            epoll_ctl(p->group->set, EPOLL_CTL_DEL, p->fd, &event);
        p->grouped = false;
        return;
    }
    p->grouped = epoll_ctl(p->group->set, change, p->fd, &event) == 0;
}

/* The end of a peer is readable too; whoever reads then hears of it. */
static void hand_out(const struct epoll_event *event)
{
    struct loop_poll *p = event->data.ptr;
    int ready = 0;
    if (p == NULL)
        return;
    if ((event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        ready |= LOOP_READABLE;
    if ((event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
        ready |= LOOP_WRITABLE;
    if ((ready & p->events) != 0)
        p->fn(p->ctx, ready & p->events, false);
}

/* Whether there was anything. */
static bool dispatch(struct loop_group *g)
{
    bool any = false;
    for (int i = 0; i < BATCHES; i++) {
        g->taken = epoll_wait(g->set, g->batch, BATCH, 0);
        for (int k = 0; k < g->taken; k++)
            hand_out(&g->batch[k]);
        any = any || g->taken > 0;
        if (g->taken < BATCH)
            break;
    }
    g->taken = 0;
    return any;
}

static void on_set(void *ctx, int, bool)
{
    struct loop_group *g = ctx;
    if (!dispatch(g) || g->pace_ms <= 0)
        return;
    loop_poll_set(g->poll, 0);
    loop_timer_start(g->rest, g->pace_ms);
}

/* While there is something each time, the set itself is not polled. */
static void on_rested(void *ctx)
{
    struct loop_group *g = ctx;
    if (dispatch(g) && g->pace_ms > 0)
        loop_timer_start(g->rest, g->pace_ms);
    else
        loop_poll_set(g->poll, LOOP_READABLE);
}
