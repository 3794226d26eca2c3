#ifndef DATABRICKS_RETRY_H
#define DATABRICKS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "databricks/error.h"

/*
 * When a request is sent again. Pure: time and randomness are parameters.
 * Nothing is ever sent again once a piece of the answer was shown, and
 * nothing is remembered from one request to the next.
 */
struct retry_policy {
    int max_tries;        /* including the first */
    int64_t base_ms;      /* upper end of the first wait */
    int64_t cap_ms;       /* upper end of any wait of our own choice */
    int64_t max_asked_ms; /* longest Retry-After that is honoured */
};

/* Three tries, 1 s doubling to 8 s, Retry-After up to 20 s. */
struct retry_policy retry_policy_default(void);

/* What happened to the request so far. */
struct retry_state {
    int tries;          /* sent so often because of failures */
    bool token_renewed; /* sent again with a new token already */
    bool shown;         /* a piece of the answer has been passed on */
};

enum retry_action {
    RETRY_GIVE_UP,
    RETRY_WAIT,      /* send again after wait_ms */
    RETRY_NEW_TOKEN, /* throw the token away and send again at once */
};

struct retry_decision {
    enum retry_action action;
    int64_t wait_ms;
};

/* random is any 64-bit random number. */
struct retry_decision retry_decide(const struct retry_policy *policy,
    const struct retry_state *state, const struct databricks_error *error,
    uint64_t random);

enum retry_verdict {
    RETRY_VERDICT_THERE,   /* the endpoint answered, if not as was wished */
    RETRY_VERDICT_DOWN,    /* it says or shows that it is down */
    RETRY_VERDICT_UNKNOWN, /* the caller's rights, or a line that was cut */
};

/* What a failure before the first piece of an answer says of the endpoint. */
enum retry_verdict retry_verdict(const struct databricks_error *error);

/* Full jitter: a wait in [0, min(cap, base * 2^n)], n counted from 0. */
int64_t retry_backoff_ms(
    int64_t base_ms, int64_t cap_ms, int n, uint64_t random);

#endif
