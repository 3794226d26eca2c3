#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Length of the longest prefix of s that is well-formed UTF-8 (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF). Equals s.n when all
 * of s is valid.
 */
size_t utf8_valid_prefix(struct str s);

bool utf8_valid(struct str s);

/* s cut to at most max bytes without splitting a character. */
struct str utf8_truncate(struct str s, size_t max);

/* Number of characters (code points) in well-formed s. */
size_t utf8_count(struct str s);

/* Number of UTF-16 code units that well-formed s takes, as JavaScript counts.
 */
size_t utf8_utf16_count(struct str s);

/*
 * Byte offset behind that many UTF-16 code units of well-formed s; s.n when
 * it has fewer. Inside a character: the offset before it.
 */
size_t utf8_utf16_offset(struct str s, size_t units);

#endif
