#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

void buf_init(struct buf *b, size_t max)
{
    assert(max > 0);
    *b = (struct buf){.max = max};
}

void buf_release(struct buf *b)
{
    mem_free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

static enum rc fail(struct buf *b, enum rc rc)
{
    b->failed = true;
    return rc;
}

/* One byte more than asked is kept, for buf_c_str. */
enum rc buf_reserve(struct buf *b, size_t n, char **ret)
{
    if (b->failed || n > b->max - b->n)
        return fail(b, RC_TOO_LARGE);
    if (b->n + n + 1 > b->cap) {
        size_t cap = b->cap < 64 ? 64 : b->cap;
        while (cap < b->n + n + 1)
            cap += cap / 2;
        if (cap > b->max + 1)
            cap = b->max + 1;
        char *p = mem_try_realloc(b->p, cap);
        if (p == NULL)
            return fail(b, RC_NO_MEMORY);
        b->p = p;
        b->cap = cap;
    }
    *ret = b->p + b->n;
    return RC_OK;
}

void buf_commit(struct buf *b, size_t n)
{
    assert(n <= b->cap - b->n);
    b->n += n;
}

enum rc buf_append(struct buf *b, struct str s)
{
    char *at;
    enum rc rc = buf_reserve(b, s.n, &at);
    if (rc != RC_OK)
        return rc;
    if (s.n > 0)
        memcpy(at, s.p, s.n);
    buf_commit(b, s.n);
    return RC_OK;
}

enum rc buf_append_char(struct buf *b, char c)
{
    if (b->failed || b->n + 1 >= b->cap || b->n == b->max)
        return buf_append(b, (struct str){&c, 1});
    b->p[b->n++] = c;
    return RC_OK;
}

enum rc buf_append_number(struct buf *b, uint64_t n)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    return buf_append(b, (struct str){digits + at, sizeof(digits) - at});
}

enum rc buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    assert(n >= 0);
    char *at;
    enum rc rc = buf_reserve(b, (size_t)n, &at);
    if (rc == RC_OK) {
        vsnprintf(at, (size_t)n + 1, format, again);
        buf_commit(b, (size_t)n);
    }
    va_end(again);
    return rc;
}

enum rc buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum rc rc = buf_vprintf(b, format, args);
    va_end(args);
    return rc;
}

void buf_consume(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

const char *buf_c_str(struct buf *b)
{
    if (b->p == NULL)
        return "";
    b->p[b->n] = '\0';
    return b->p;
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}
