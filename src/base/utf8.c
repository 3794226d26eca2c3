#include "base/utf8.h"

static bool continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the well-formed sequence at p (n available), or 0. */
static size_t sequence(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return n >= 2 && continuation(p[1]) ? 2 : 0;
    if ((p[0] & 0xf0) == 0xe0) {
        if (n < 3 || !continuation(p[1]) || !continuation(p[2]))
            return 0;
        bool overlong = p[0] == 0xe0 && p[1] < 0xa0;
        bool surrogate = p[0] == 0xed && p[1] >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        if (n < 4 || !continuation(p[1]) || !continuation(p[2]) ||
            !continuation(p[3]))
            return 0;
        bool overlong = p[0] == 0xf0 && p[1] < 0x90;
        bool too_high = p[0] == 0xf4 && p[1] >= 0x90;
        return overlong || too_high ? 0 : 4;
    }
    return 0;
}

size_t utf8_valid_prefix(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    while (i < s.n) {
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
