#include <assert.h>

#include "base/mem.h"

#include "loop/loop_int.h"

struct loop_poll {
    uv_poll_t uv;
    struct loop *loop;
    loop_poll_fn *fn;
    void *ctx;
};

struct loop_signal {
    uv_signal_t uv;
    struct loop *loop;
    loop_fn *fn;
    void *ctx;
};

static void free_handle_data(uv_handle_t *handle)
{
    mem_free(handle->data);
}

struct loop_poll *loop_poll_new(
    struct loop *loop, int fd, loop_poll_fn *fn, void *ctx)
{
    struct loop_poll *p = MEM_NEW(struct loop_poll);
    p->loop = loop;
    p->fn = fn;
    p->ctx = ctx;
    int failed = uv_poll_init(&loop->uv, &p->uv, fd);
    assert(failed == 0);
    (void)failed;
    p->uv.data = p;
    return p;
}

/* libuv stops the handle on an error: the owner hears of it once. */
static void on_ready(uv_poll_t *handle, int status, int events)
{
    struct loop_poll *p = handle->data;
    int ready = 0;
    loop_touch(p->loop);
    if (status < 0 || (events & UV_READABLE) != 0)
        ready |= LOOP_READABLE;
    if (status < 0 || (events & UV_WRITABLE) != 0)
        ready |= LOOP_WRITABLE;
    p->fn(p->ctx, ready, status < 0);
}

void loop_poll_set(struct loop_poll *p, int events)
{
    int wanted = 0;
    if ((events & LOOP_READABLE) != 0)
        wanted |= UV_READABLE;
    if ((events & LOOP_WRITABLE) != 0)
        wanted |= UV_WRITABLE;
    if (wanted == 0)
        uv_poll_stop(&p->uv);
    else
        uv_poll_start(&p->uv, wanted, on_ready);
}

void loop_poll_free(struct loop_poll *p)
{
    if (p != NULL)
        uv_close((uv_handle_t *)&p->uv, free_handle_data);
}

static void on_signal(uv_signal_t *handle, int)
{
    struct loop_signal *s = handle->data;
    loop_touch(s->loop);
    s->fn(s->ctx);
}

struct loop_signal *loop_signal_new(
    struct loop *loop, int signo, loop_fn *fn, void *ctx)
{
    struct loop_signal *s = MEM_NEW(struct loop_signal);
    s->loop = loop;
    s->fn = fn;
    s->ctx = ctx;
    uv_signal_init(&loop->uv, &s->uv);
    s->uv.data = s;
    int failed = uv_signal_start(&s->uv, on_signal, signo);
    assert(failed == 0);
    (void)failed;
    return s;
}

void loop_signal_free(struct loop_signal *s)
{
    if (s != NULL)
        uv_close((uv_handle_t *)&s->uv, free_handle_data);
}
