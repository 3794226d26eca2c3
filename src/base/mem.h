#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/str.h"

/*
 * Small internal allocations. They never return NULL: without memory for the
 * program's own bookkeeping there is nothing sensible left to do, so they
 * abort. Anything whose size a peer chooses goes through mem_try_realloc
 * after it has been capped.
 */
void *mem_alloc(size_t n);
void *mem_zalloc(size_t n);
void *mem_realloc(void *p, size_t n);

/* NULL when there is no memory; p stays valid then. */
void *mem_try_realloc(void *p, size_t n);

/* A NUL-terminated copy that the caller frees with mem_free. */
char *mem_dup_str(struct str s);

/* NULL is a no-op. */
void mem_free(void *p);

/* New zeroed object of a type: struct x *x = MEM_NEW(struct x). */
#define MEM_NEW(type) ((type *)mem_zalloc(sizeof(type)))

/* The structure that holds member at address ptr. */
#define CONTAINER_OF(ptr, type, member)                                        \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
