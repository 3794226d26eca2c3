#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/*
 * The calls for memory. Only those that come straight out of a library that a
 * slot names are counted, by their return address.
 *
 * The next malloc() is found with dlsym(), which may itself want memory and,
 * with a sanitizer, works only once that has started: what is asked for until
 * then comes from a piece of its own that is never freed.
 */
enum { EARLY_SIZE = 1 << 20, ALIGNMENT = 16 };

static _Alignas(ALIGNMENT) char early[EARLY_SIZE];
static _Atomic size_t early_used;

struct functions {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
};

static struct functions next;
static atomic_bool found;

/* False until the next functions are known. */
static bool ready(void)
{
    return atomic_load(&found);
}

void fault_find_memory(void)
{
    next.calloc = fault_next("calloc");
    next.realloc = fault_next("realloc");
    next.free = fault_next("free");
    next.posix_memalign = fault_next("posix_memalign");
    next.malloc = fault_next("malloc");
    atomic_store(&found, true);
}

static void *take_early(size_t n)
{
    size_t size = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t at = atomic_fetch_add(&early_used, size);
    return at + size <= EARLY_SIZE ? early + at : NULL;
}

static bool is_early(const void *p)
{
    uintptr_t at = (uintptr_t)p, begin = (uintptr_t)early;
    return at >= begin && at < begin + EARLY_SIZE;
}

static bool refused(const void *caller)
{
    if (!fault_wants(FAULT_MALLOC))
        return false;
    struct fault_order order = fault_before(
        &(struct fault_site){.call = FAULT_MALLOC, .fd = -1, .caller = caller});
    return order.fail;
}

void *malloc(size_t n)
{
    if (!ready())
        return take_early(n);
    if (!refused(__builtin_return_address(0)))
        return next.malloc(n);
    errno = ENOMEM;
    return NULL;
}

void *calloc(size_t count, size_t size)
{
    if (!ready())
        return take_early(count * size);
    if (!refused(__builtin_return_address(0)))
        return next.calloc(count, size);
    errno = ENOMEM;
    return NULL;
}

/* The old size is not known; what lies behind it does no harm. */
static void *move_early(const char *old, size_t n)
{
    char *fresh = malloc(n);
    size_t rest = (size_t)(early + EARLY_SIZE - old);
    if (fresh != NULL)
        memcpy(fresh, old, n < rest ? n : rest);
    return fresh;
}

void *realloc(void *p, size_t n)
{
    if (is_early(p) || (p == NULL && !ready()))
        return p == NULL ? malloc(n) : move_early(p, n);
    if (ready() && !refused(__builtin_return_address(0)))
        return next.realloc(p, n);
    errno = ENOMEM;
    return NULL;
}

int posix_memalign(void **ret, size_t alignment, size_t n)
{
    if (!ready() || refused(__builtin_return_address(0)))
        return ENOMEM;
    return next.posix_memalign(ret, alignment, n);
}

void free(void *p)
{
    if (p != NULL && !is_early(p) && ready())
        next.free(p);
}
