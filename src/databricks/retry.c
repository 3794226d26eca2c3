#include "databricks/retry.h"

/* Spread put on a wait that upstream asked for, so that callers part. */
enum { ASKED_SPREAD_MS = 250 };

struct retry_policy retry_policy_default(void)
{
    return (struct retry_policy){
        .max_tries = 3,
        .base_ms = 1000,
        .cap_ms = 8000,
        .max_asked_ms = 20000,
    };
}

int64_t retry_backoff_ms(
    int64_t base_ms, int64_t cap_ms, int n, uint64_t random)
{
    int64_t top = base_ms;
    while (n-- > 0 && top < cap_ms)
        top *= 2;
    if (top > cap_ms)
        top = cap_ms;
    return (int64_t)(random % (uint64_t)(top + 1));
}

static struct retry_decision give_up(void)
{
    return (struct retry_decision){.action = RETRY_GIVE_UP};
}

/* A failure that may pass by itself. */
static struct retry_decision decide_later(const struct retry_policy *policy,
    const struct retry_state *state, const struct databricks_error *error,
    uint64_t random)
{
    int64_t asked = error->retry_after_ms;
    if (state->tries >= policy->max_tries || asked > policy->max_asked_ms)
        return give_up();
    int64_t wait = asked > 0 ? asked + (int64_t)(random % ASKED_SPREAD_MS)
                             : retry_backoff_ms(policy->base_ms, policy->cap_ms,
                                   state->tries - 1, random);
    return (struct retry_decision){.action = RETRY_WAIT, .wait_ms = wait};
}

struct retry_decision retry_decide(const struct retry_policy *policy,
    const struct retry_state *state, const struct databricks_error *error,
    uint64_t random)
{
    if (state->shown)
        return give_up();
    switch (error->resend) {
    case DATABRICKS_RESEND_LATER:
        return decide_later(policy, state, error, random);
    case DATABRICKS_RESEND_NEW_TOKEN:
        if (!state->token_renewed)
            return (struct retry_decision){.action = RETRY_NEW_TOKEN};
        return give_up();
    case DATABRICKS_RESEND_NEVER:
        break;
    }
    return give_up();
}

enum retry_verdict retry_verdict(const struct databricks_error *error)
{
    switch (error->code) {
    case DATABRICKS_UPSTREAM_UNREACHABLE:
    case DATABRICKS_UPSTREAM_TIMEOUT:
    case DATABRICKS_UPSTREAM_UNAVAILABLE:
        return RETRY_VERDICT_DOWN;
    case DATABRICKS_UPSTREAM_ERROR:
    case DATABRICKS_UPSTREAM_BAD_RESPONSE:
        return error->http_status >= 500 && error->http_status != 501
                   ? RETRY_VERDICT_DOWN
                   : RETRY_VERDICT_THERE;
    case DATABRICKS_UPSTREAM_RATE_LIMITED:
    case DATABRICKS_UPSTREAM_BAD_REQUEST:
    case DATABRICKS_CONTENT_BLOCKED:
    case DATABRICKS_CONTEXT_TOO_LONG:
        return RETRY_VERDICT_THERE;
    case DATABRICKS_UPSTREAM_AUTH:
    case DATABRICKS_UPSTREAM_FORBIDDEN:
    case DATABRICKS_UPSTREAM_NOT_FOUND:
    case DATABRICKS_MISSING_SCOPE:
    case DATABRICKS_USER_TOKEN_MISSING:
    case DATABRICKS_USER_TOKEN_REFUSED:
    case DATABRICKS_GENIE_FAILED:
    case DATABRICKS_UPSTREAM_INTERRUPTED:
        break;
    }
    return RETRY_VERDICT_UNKNOWN;
}
