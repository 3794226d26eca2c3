#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/*
 * A growable byte buffer with a maximum fixed at init. Appending past the
 * maximum (or past memory) changes nothing, sets `failed` and returns
 * RC_TOO_LARGE (RC_NO_MEMORY); later appends fail too, so that a caller may
 * append many times and look at buf_ok() once.
 */
struct buf {
    char *p;
    size_t n;
    size_t cap;
    size_t max;
    bool failed;
};

/* max is in bytes and must be above 0. */
void buf_init(struct buf *b, size_t max);

/* Frees the storage; the buffer may be initialised again. */
void buf_release(struct buf *b);

/* Empties the buffer and forgets a failure; keeps its storage. */
void buf_clear(struct buf *b);

enum rc buf_append(struct buf *b, struct str s);
enum rc buf_append_char(struct buf *b, char c);
enum rc buf_append_number(struct buf *b, uint64_t n); /* in decimal */
enum rc buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum rc buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/*
 * Room for n more bytes: *ret points behind the content; after writing k <= n
 * bytes there, call buf_commit(b, k).
 */
[[nodiscard]] enum rc buf_reserve(struct buf *b, size_t n, char **ret);
void buf_commit(struct buf *b, size_t n);

/* Drops the first n bytes (clamped) and moves the rest to the front. */
void buf_consume(struct buf *b, size_t n);

/* View of the content; valid until the next change. */
struct str buf_str(const struct buf *b);

/* Content as a C string (a NUL stands behind it, not counted). */
const char *buf_c_str(struct buf *b);

bool buf_ok(const struct buf *b);

#endif
