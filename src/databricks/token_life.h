#ifndef DATABRICKS_TOKEN_LIFE_H
#define DATABRICKS_TOKEN_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/secret.h"
#include "base/str.h"

/*
 * When a token must be renewed, in ms of the loop's clock. It is renewed
 * in the background from stale_ms on (the last half of its life, at most its
 * last 20 minutes) and not used from expires_ms on (40 s early, because some
 * clouds refuse a token in its last half minute).
 */
struct token_life {
    int64_t stale_ms;
    int64_t expires_ms;
};

struct token_life token_life_make(int64_t now_ms, int64_t seconds);

/*
 * Reads the answer of a token endpoint: access_token, and expires_in as a
 * number, a numeric string, or missing (then an hour). RC_INVALID when there
 * is no token that can stand in a header.
 */
[[nodiscard]] enum rc token_answer_read(
    struct str body, struct secret *ret_token, int64_t *ret_seconds);

/* Whether s can stand in an Authorization header as it is. */
bool token_is_printable(struct str s);

#endif
