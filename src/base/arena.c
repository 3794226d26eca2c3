#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

/*
 * Most arenas hold little, and thousands are open at once: the first block
 * comes with the arena, 512 bytes with what malloc adds, and each next one is
 * as large as all before it.
 */
enum { FIRST_BLOCK = 512 - 80, LAST_BLOCK = 4096 - 64, ALIGN = 16 };

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
    size_t size; /* of all blocks */
    struct block *first;
};

/* The first block lies behind the arena's own record. */
enum { RECORD = (sizeof(struct arena) + ALIGN - 1) / ALIGN * ALIGN };

static void push_block(struct arena *a, struct block *b, size_t size)
{
    *b = (struct block){.next = a->blocks, .size = size};
    a->blocks = b;
    a->size += size;
}

struct arena *arena_sized(size_t n)
{
    char *p = mem_alloc(RECORD + sizeof(struct block) + n);
    struct arena *a = (struct arena *)(void *)p;
    *a = (struct arena){.first = (struct block *)(void *)(p + RECORD)};
    push_block(a, a->first, n);
    return a;
}

struct arena *arena_new(void)
{
    return arena_sized(FIRST_BLOCK);
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    for (struct block *b = a->blocks, *next; b != a->first; b = next) {
        next = b->next;
        mem_free(b);
    }
    mem_free(a);
}

static void add_block(struct arena *a, size_t n)
{
    size_t size = a->size < LAST_BLOCK ? a->size : LAST_BLOCK;
    if (size < n)
        size = n;
    push_block(a, mem_alloc(sizeof(struct block) + size), size);
}

/* Room for text, or where `align` is ALIGN, for anything. */
static void *take(struct arena *a, size_t n, size_t align)
{
    struct block *b = a->blocks;
    size_t at = (b->used + align - 1) & ~(align - 1);
    if (at > b->size || b->size - at < n) {
        add_block(a, n);
        b = a->blocks;
        at = 0;
    }
    b->used = at + n;
    a->used += n;
    return b->bytes + at;
}

void *arena_alloc(struct arena *a, size_t n)
{
    return memset(take(a, n, ALIGN), 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *copy = take(a, s.n + 1, 1);
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
    char *p = take(a, (size_t)n + 1, 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return (struct str){p, (size_t)n};
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
