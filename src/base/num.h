#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/*
 * Parses all of s as a decimal integer. RC_INVALID when s is empty or holds
 * anything but an optional '-' and digits, RC_TOO_LARGE outside [min, max].
 */
[[nodiscard]] enum rc num_parse_i64(
    struct str s, int64_t min, int64_t max, int64_t *ret);

/* Parses all of s as a decimal number; RC_INVALID unless finite. */
[[nodiscard]] enum rc num_parse_double(struct str s, double *ret);

/* Sum that stops at the largest value instead of wrapping. */
uint64_t num_add_u64(uint64_t a, uint64_t b);

#endif
