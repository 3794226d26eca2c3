#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void *mem_alloc(size_t n)
{
    return mem_realloc(NULL, n);
}

void *mem_zalloc(size_t n)
{
    void *p = calloc(1, n == 0 ? 1 : n);
    if (p == NULL)
        abort();
    return p;
}

void *mem_realloc(void *p, size_t n)
{
    p = mem_try_realloc(p, n);
    if (p == NULL)
        abort();
    return p;
}

void *mem_try_realloc(void *p, size_t n)
{
    return realloc(p, n == 0 ? 1 : n);
}

char *mem_dup_str(struct str s)
{
    char *copy = mem_alloc(s.n + 1);
    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

void mem_free(void *p)
{
    free(p);
}
