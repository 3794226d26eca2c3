#include <stdatomic.h>

#include "base/mem.h"

#include "failing_store.h"

struct failing_store {
    struct store store;
    struct store *inner;
    int at;
    bool onwards;
    enum rc rc;
    enum store_verb only;
    atomic_int seen, failed;
};

static struct failing_store *failing_of(struct store *store)
{
    return CONTAINER_OF(store, struct failing_store, store);
}

static void failing_submit(struct store *store, struct store_op *op)
{
    struct failing_store *f = failing_of(store);
    bool counts = f->only == STORE_VERB_COUNT || f->only == op->verb;
    int n = counts ? atomic_fetch_add(&f->seen, 1) + 1 : 0;
    bool fails =
        counts && f->at != 0 && (n == f->at || (f->onwards && n > f->at));
    if (!fails) {
        f->inner->class->submit(f->inner, op);
        return;
    }
    atomic_fetch_add(&f->failed, 1);
    store_op_fail(op, f->rc, "%s: failed on demand", store_verb_name(op->verb));
    store_op_complete(op);
}

static void failing_close(struct store *store)
{
    struct failing_store *f = failing_of(store);
    store_close(f->inner);
    mem_free(f);
}

static const struct store_class failing_class = {
    .name = "failing",
    .submit = failing_submit,
    .close = failing_close,
};

struct store *failing_store_new(struct store *inner)
{
    struct failing_store *f = MEM_NEW(struct failing_store);
    f->store.class = &failing_class;
    f->inner = inner;
    f->store.news = inner->news;
    f->only = STORE_VERB_COUNT;
    return &f->store;
}

void failing_store_arm(struct store *store, int n, enum rc rc, bool onwards)
{
    struct failing_store *f = failing_of(store);
    f->at = n;
    f->rc = rc;
    f->onwards = onwards;
    atomic_store(&f->seen, 0);
    atomic_store(&f->failed, 0);
}

void failing_store_only(struct store *store, enum store_verb verb)
{
    failing_of(store)->only = verb;
}

int failing_store_seen(const struct store *store)
{
    const struct failing_store *f = (const void *)store;
    return atomic_load(&f->seen);
}

int failing_store_failed(const struct store *store)
{
    const struct failing_store *f = (const void *)store;
    return atomic_load(&f->failed);
}
