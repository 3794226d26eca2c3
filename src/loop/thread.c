#include <pthread.h>

#include "base/mem.h"
#include "base/str.h"

#include "loop/loop.h"

/* The kernel cuts names at 15 bytes. */
enum { THREAD_NAME_MAX = 15 };

struct loop_thread {
    pthread_t id;
    loop_fn *fn;
    void *ctx;
};

static void *thread_main(void *arg)
{
    const struct loop_thread *t = arg;
    t->fn(t->ctx);
    return NULL;
}

enum rc loop_thread_start(
    const char *name, loop_fn *fn, void *ctx, struct loop_thread **ret)
{
    struct loop_thread *t = MEM_NEW(struct loop_thread);
    t->fn = fn;
    t->ctx = ctx;
    if (pthread_create(&t->id, NULL, thread_main, t) != 0) {
        mem_free(t);
        return RC_IO;
    }
    char *shown = mem_dup_str(str_sub(str_from_c(name), 0, THREAD_NAME_MAX));
    pthread_setname_np(t->id, shown);
    mem_free(shown);
    *ret = t;
    return RC_OK;
}

void loop_thread_join(struct loop_thread *t)
{
    pthread_join(t->id, NULL);
    mem_free(t);
}
