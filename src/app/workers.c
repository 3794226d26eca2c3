#include <stdatomic.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "loop/tcp.h"

#include "app/workers.h"

enum { LOOK_MS = 20 };

/* What a worker can be told, once each. */
enum order { ORDER_DRAIN, ORDER_INTERRUPT, ORDER_DISMISS, ORDER_COUNT };

struct member {
    struct loop *loop;
    struct loop_thread *thread; /* NULL: the caller's */
    struct worker *worker;
    struct loop_timer *look; /* used on its loop only */
    struct {
        struct member *member;
        bool sent;
        struct loop_message message;
    } orders[ORDER_COUNT];
    struct loop_message ping;
    atomic_bool asked; /* whether it lives, and it has not said yet */
    /* What the worker said last, and how many orders it had followed. */
    atomic_int followed;
    atomic_bool saved, idle;
};

struct workers {
    struct member *members;
    int count;
    int sent; /* orders */
};

/* ---- On the member's loop ---- */

static void look(void *ctx)
{
    struct member *m = ctx;
    atomic_store(&m->saved, worker_saved(m->worker));
    atomic_store(&m->idle, worker_idle(m->worker));
    loop_timer_start(m->look, LOOK_MS);
}

static void followed(struct member *m)
{
    look(m);
    atomic_fetch_add(&m->followed, 1);
}

static void do_drain(void *ctx)
{
    struct member *m = ctx;
    worker_drain(m->worker);
    followed(m);
}

static void do_interrupt(void *ctx)
{
    struct member *m = ctx;
    worker_interrupt(m->worker);
    followed(m);
}

static void do_dismiss(void *ctx)
{
    struct member *m = ctx;
    worker_dismiss(m->worker);
    followed(m);
}

static void answer_ping(void *ctx)
{
    struct member *m = ctx;
    atomic_store(&m->asked, false);
}

static void run(void *ctx)
{
    struct member *m = ctx;
    loop_run(m->loop);
}

/* ---- On the first one's ---- */

static void send(struct workers *all, enum order order)
{
    static loop_fn *const what[ORDER_COUNT] = {
        do_drain, do_interrupt, do_dismiss};
    if (all->members[0].orders[order].sent)
        return;
    all->sent++;
    for (int i = 0; i < all->count; i++) {
        struct member *m = &all->members[i];
        struct loop_message *message = &m->orders[order].message;
        m->orders[order].sent = true;
        *message = (struct loop_message){.fn = what[order], .ctx = m};
        list_init(&message->link);
        loop_post(m->loop, message);
    }
}

static void on_accept(void *, struct tcp_conn *conn)
{
    tcp_conn_close(conn, false, 0);
}

/*
 * Sockets that share a port would also share it with another process of the
 * same person: one that does not share says whether the port is free, and
 * which one it is.
 */
static enum rc reserve_port(
    struct loop *loop, const struct worker_config *config, int *ret_port)
{
    struct tcp_listener *listener = NULL;
    struct tcp_address address = {.host = config->host, .port = config->port};
    enum rc rc = tcp_listen(loop, &address, on_accept, NULL, &listener);
    if (rc != RC_OK)
        return rc;
    *ret_port = tcp_listener_port(listener);
    tcp_listener_free(listener);
    return RC_OK;
}

static enum rc add_member(
    struct workers *all, struct loop *loop, struct worker_config *config)
{
    struct member *m = &all->members[all->count];
    enum rc rc = RC_OK;
    m->loop = loop;
    if (loop == NULL)
        rc = loop_new(clock_system(), &m->loop);
    if (rc != RC_OK)
        return rc;
    all->count++;
    config->api.keeps_house = loop != NULL;
    rc = worker_new(m->loop, config, &m->worker);
    if (rc != RC_OK)
        return rc;
    m->look = loop_timer_new(m->loop, look, m);
    return loop == NULL ? loop_thread_start("worker", run, m, &m->thread)
                        : RC_OK;
}

enum rc workers_new(struct loop *loop, const struct worker_config *config,
    int count, struct workers **ret)
{
    struct worker_config c = *config;
    enum rc rc = RC_OK;
    c.share_port = count > 1 && config->listen_fd == 0;
    c.max_connections =
        (config->max_connections + (size_t)count - 1) / (size_t)count;
    if (c.share_port)
        rc = reserve_port(loop, config, &c.port);
    if (rc != RC_OK)
        return rc;
    struct workers *all = MEM_NEW(struct workers);
    all->members = mem_zalloc((size_t)count * sizeof(*all->members));
    for (int i = 0; rc == RC_OK && i < count; i++)
        rc = add_member(all, i == 0 ? loop : NULL, &c);
    if (rc != RC_OK) {
        workers_free(all);
        workers_free_loops(all);
        return rc;
    }
    *ret = all;
    return RC_OK;
}

void workers_free(struct workers *all)
{
    if (all == NULL)
        return;
    for (int i = 0; i < all->count; i++) {
        struct member *m = &all->members[i];
        if (m->thread == NULL)
            continue;
        loop_stop(m->loop);
        loop_thread_join(m->thread);
    }
    for (int i = 0; i < all->count; i++) {
        struct member *m = &all->members[i];
        loop_timer_free(m->look);
        worker_free(m->worker);
        m->look = NULL;
        m->worker = NULL;
    }
}

void workers_free_loops(struct workers *all)
{
    if (all == NULL)
        return;
    for (int i = 1; i < all->count; i++)
        loop_free(all->members[i].loop);
    mem_free(all->members);
    mem_free(all);
}

int workers_port(const struct workers *all)
{
    return worker_port(all->members[0].worker);
}

void workers_drain(struct workers *all)
{
    send(all, ORDER_DRAIN);
}

void workers_interrupt(struct workers *all)
{
    send(all, ORDER_INTERRUPT);
}

void workers_dismiss(struct workers *all)
{
    send(all, ORDER_DISMISS);
}

bool workers_alive(struct workers *all)
{
    bool alive = true;
    for (int i = 0; i < all->count; i++)
        alive = alive && !atomic_load(&all->members[i].asked);
    for (int i = 0; alive && i < all->count; i++) {
        struct member *m = &all->members[i];
        if (m->thread == NULL)
            continue; /* the loop that asks */
        atomic_store(&m->asked, true);
        m->ping = (struct loop_message){.fn = answer_ping, .ctx = m};
        list_init(&m->ping.link);
        loop_post(m->loop, &m->ping);
    }
    return alive;
}

/* A worker that has not followed every order has more to say. */
static bool has_followed(const struct workers *all, const struct member *m)
{
    return atomic_load(&m->followed) == all->sent;
}

bool workers_saved(const struct workers *all)
{
    bool saved = true;
    for (int i = 0; i < all->count; i++) {
        const struct member *m = &all->members[i];
        saved = saved && has_followed(all, m) && atomic_load(&m->saved);
    }
    return saved;
}

bool workers_idle(const struct workers *all)
{
    bool idle = true;
    for (int i = 0; i < all->count; i++) {
        const struct member *m = &all->members[i];
        idle = idle && has_followed(all, m) && atomic_load(&m->idle);
    }
    return idle;
}
