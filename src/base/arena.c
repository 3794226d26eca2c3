#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

/* Most arenas hold little: the first block is small, each next one larger. */
enum { FIRST_BLOCK = 512 - 64, LAST_BLOCK = 4096 - 64, ALIGN = 16 };

/* Blocks form a list; the newest is the one being filled. */
struct block {
    struct block *next;
    size_t used;
    size_t size;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *blocks;
    size_t used;
};

struct arena *arena_new(void)
{
    return MEM_NEW(struct arena);
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    for (struct block *b = a->blocks, *next; b != NULL; b = next) {
        next = b->next;
        mem_free(b);
    }
    mem_free(a);
}

static struct block *add_block(struct arena *a, size_t n)
{
    size_t size = a->blocks == NULL ? FIRST_BLOCK : 2 * a->blocks->size;
    if (size > LAST_BLOCK)
        size = LAST_BLOCK;
    if (size < n)
        size = n;
    struct block *b = mem_alloc(sizeof(*b) + size);
    *b = (struct block){.next = a->blocks, .size = size};
    a->blocks = b;
    return b;
}

/* Room that holds anything. */
static void *take(struct arena *a, size_t n)
{
    n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = a->blocks;
    if (b == NULL || b->size - b->used < n)
        b = add_block(a, n);
    void *p = b->bytes + b->used;
    b->used += n;
    a->used += n;
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    return memset(take(a, n), 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *copy = take(a, s.n + 1);
    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return (struct str){copy, s.n};
}

const char *arena_c_str(struct arena *a, struct str s)
{
    return arena_str(a, s).p;
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    assert(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return (struct str){p, (size_t)n};
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
