#include "base/mem.h"

#include "loop/loop_int.h"

enum { NOT_IN_HEAP = -1, FIRST_CAP = 16 };

struct loop_timer {
    struct loop *loop;
    loop_fn *fn;
    void *ctx;
    int64_t deadline_ms;
    uint64_t seq;
    ptrdiff_t index;
};

static bool before(const struct loop_timer *a, const struct loop_timer *b)
{
    if (a->deadline_ms != b->deadline_ms)
        return a->deadline_ms < b->deadline_ms;
    return a->seq < b->seq;
}

static void place(struct timer_heap *h, size_t i, struct loop_timer *t)
{
    h->items[i] = t;
    t->index = (ptrdiff_t)i;
}

static void sift_up(struct timer_heap *h, size_t i, struct loop_timer *t)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!before(t, h->items[parent]))
            break;
        place(h, i, h->items[parent]);
        i = parent;
    }
    place(h, i, t);
}

static void sift_down(struct timer_heap *h, size_t i, struct loop_timer *t)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count &&
            before(h->items[child + 1], h->items[child]))
            child++;
        if (!before(h->items[child], t))
            break;
        place(h, i, h->items[child]);
        i = child;
    }
    place(h, i, t);
}

static void heap_add(struct timer_heap *h, struct loop_timer *t)
{
    if (h->count == h->cap) {
        h->cap = h->cap == 0 ? FIRST_CAP : h->cap * 2;
        h->items = mem_realloc(h->items, h->cap * sizeof(*h->items));
    }
    sift_up(h, h->count++, t);
}

static void heap_remove(struct timer_heap *h, struct loop_timer *t)
{
    size_t i = (size_t)t->index;
    struct loop_timer *last = h->items[--h->count];
    t->index = NOT_IN_HEAP;
    if (last == t)
        return;
    if (i > 0 && before(last, h->items[(i - 1) / 2]))
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *ctx)
{
    struct loop_timer *t = MEM_NEW(struct loop_timer);
    t->loop = loop;
    t->fn = fn;
    t->ctx = ctx;
    t->index = NOT_IN_HEAP;
    return t;
}

void loop_timer_start(struct loop_timer *t, int64_t ms)
{
    struct timer_heap *h = &t->loop->timers;
    loop_timer_stop(t);
    t->deadline_ms = loop_now_ms(t->loop) + (ms > 0 ? ms : 0);
    t->seq = ++h->last_seq;
    heap_add(h, t);
}

void loop_timer_stop(struct loop_timer *t)
{
    if (loop_timer_active(t))
        heap_remove(&t->loop->timers, t);
}

bool loop_timer_active(const struct loop_timer *t)
{
    return t->index != NOT_IN_HEAP;
}

void loop_timer_free(struct loop_timer *t)
{
    if (t == NULL)
        return;
    loop_timer_stop(t);
    mem_free(t);
}

bool loop_timers_next(const struct loop *loop, int64_t *ret_deadline_ms)
{
    if (loop->timers.count == 0)
        return false;
    *ret_deadline_ms = loop->timers.items[0]->deadline_ms;
    return true;
}

void loop_timers_run(struct loop *loop)
{
    struct timer_heap *h = &loop->timers;
    uint64_t last_seq = h->last_seq;
    while (h->count > 0) {
        struct loop_timer *t = h->items[0];
        if (t->deadline_ms > loop->now_ms || t->seq > last_seq)
            return;
        heap_remove(h, t);
        t->fn(t->ctx);
    }
}
