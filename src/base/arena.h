#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

/*
 * Memory of one request or operation, freed in a single call. Sizes that a
 * peer chooses must be capped before they get here: an arena aborts when
 * there is no memory.
 */
struct arena;

struct arena *arena_new(void);

/* One that is known to hold so many bytes, and may hold more. */
struct arena *arena_sized(size_t n);

/* Frees everything that came from the arena. NULL is a no-op. */
void arena_free(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* Copy of s in the arena, followed by a NUL that is not counted. */
struct str arena_str(struct arena *a, struct str s);

/* The same as a C string. */
const char *arena_c_str(struct arena *a, struct str s);

struct str arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far, for limits and tests. */
size_t arena_used(const struct arena *a);

#endif
