#ifndef STORE_USAGE_H
#define STORE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* What people have used of what they may; see store/store.h. */

/*
 * Takes one from the caller's bucket, which all processes share: it holds
 * `burst` and gains per_minute a minute.
 */
struct store_take_rate {
    int64_t per_minute; /* in */
    int64_t burst;
    int64_t now_us;
    bool allowed; /* out */
    int64_t left; /* further ones that would be allowed now */
    int64_t retry_after_us;
};

/*
 * Tokens of the caller on a day (those of replies that ended then), and,
 * where per_minute is not 0, what TAKE_RATE's bucket holds.
 */
struct store_read_usage {
    int64_t day_us; /* in: any time of that day, UTC */
    int64_t per_minute;
    int64_t burst;
    int64_t now_us;
    int64_t prompt_tokens; /* out */
    int64_t completion_tokens;
    int64_t rate_left;
};

#endif
