#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum rc num_parse_i64(struct str s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    struct str digits = str_sub(s, negative ? 1 : 0, s.n);
    if (digits.n == 0)
        return RC_INVALID;
    int64_t value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return RC_INVALID;
        int64_t digit = digits.p[i] - '0';
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return RC_TOO_LARGE;
    }
    /* value is the negated amount, because |INT64_MIN| > INT64_MAX. */
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return RC_TOO_LARGE;
    if (value < min || value > max)
        return RC_TOO_LARGE;
    *ret = value;
    return RC_OK;
}

enum rc num_parse_double(struct str s, double *ret)
{
    char text[64];
    if (s.n == 0 || s.n >= sizeof(text))
        return RC_INVALID;
    for (size_t i = 0; i < s.n; i++)
        if (strchr("0123456789+-.eE", s.p[i]) == NULL || s.p[i] == '\0')
            return RC_INVALID;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    char *end;
    double value = strtod(text, &end);
    if (end != text + s.n || !isfinite(value))
        return RC_INVALID;
    *ret = value;
    return RC_OK;
}

uint64_t num_add_u64(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}
