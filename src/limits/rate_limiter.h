#ifndef LIMITS_RATE_LIMITER_H
#define LIMITS_RATE_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A token bucket for each key (a user): `per_minute` actions a minute, as
 * many at once. Time is a parameter. Safe from any thread, so that all worker
 * loops share one.
 */
struct rate_limiter;

/*
 * per_minute 0 lets everything pass. At most max_keys buckets are kept; a
 * full table forgets the bucket that was used longest ago.
 */
struct rate_limiter *rate_limiter_new(int64_t per_minute, size_t max_keys);
void rate_limiter_free(struct rate_limiter *l); /* NULL is a no-op */

/*
 * Takes one action of key. When there is none left: false, and *ret_wait_ms
 * is the time after which there will be one.
 */
bool rate_limiter_take(struct rate_limiter *l, struct str key, int64_t now_ms,
    int64_t *ret_wait_ms);

/* How many actions of key would be allowed now. */
int64_t rate_limiter_left(
    struct rate_limiter *l, struct str key, int64_t now_ms);

#endif
