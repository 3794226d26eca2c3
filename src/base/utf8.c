#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static bool continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes that a sequence with this first byte has, or 0. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if ((first & 0xf0) == 0xe0)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Overlong forms, surrogates and what lies above U+10FFFF (RFC 3629). */
static bool out_of_range(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return second < 0xa0;
    case 0xed:
        return second >= 0xa0;
    case 0xf0:
        return second < 0x90;
    case 0xf4:
        return second >= 0x90;
    default:
        return false;
    }
}

/* Bytes of the well-formed sequence at p (n available), or 0. */
static size_t sequence(const unsigned char *p, size_t n)
{
    size_t length = length_of(p[0]);
    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (!continuation(p[i]))
            return 0;
    return length > 1 && out_of_range(p[0], p[1]) ? 0 : length;
}

/* Whether eight bytes are ASCII. */
static bool ascii_word(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

size_t utf8_valid_prefix(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    while (i < s.n) {
        if (s.n - i >= 8 && ascii_word(p + i)) {
            i += 8;
            continue;
        }
        size_t n = sequence(p + i, s.n - i);
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

bool utf8_valid(struct str s)
{
    return utf8_valid_prefix(s) == s.n;
}

struct str utf8_truncate(struct str s, size_t max)
{
    if (s.n <= max)
        return s;
    while (max > 0 && continuation((unsigned char)s.p[max]))
        max--;
    return str_sub(s, 0, max);
}

size_t utf8_count(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += !continuation((unsigned char)s.p[i]);
    return count;
}

/* Code units of the character that begins with this byte; 0 inside one. */
static size_t utf16_units(unsigned char first)
{
    if (continuation(first))
        return 0;
    return first >= 0xF0 ? 2 : 1;
}

size_t utf8_utf16_count(struct str s)
{
    size_t units = 0;
    for (size_t i = 0; i < s.n; i++)
        units += utf16_units((unsigned char)s.p[i]);
    return units;
}

size_t utf8_utf16_offset(struct str s, size_t units)
{
    size_t i = 0;
    for (; i < s.n; i++) {
        size_t more = utf16_units((unsigned char)s.p[i]);
        if (more > units)
            break;
        units -= more;
    }
    return i;
}
