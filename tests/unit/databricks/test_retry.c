#include "databricks/retry.h"

#include "tap.h"

static struct retry_decision decide(enum databricks_resend resend,
    struct retry_state state, int64_t asked_ms, uint64_t random)
{
    struct retry_policy policy = retry_policy_default();
    struct databricks_error error = {
        .resend = resend, .retry_after_ms = asked_ms};
    return retry_decide(&policy, &state, &error, random);
}

TEST(three_tries_and_no_more)
{
    enum databricks_resend later = DATABRICKS_RESEND_LATER;
    CHECK_INT(decide(later, (struct retry_state){.tries = 1}, 0, 0).action,
        RETRY_WAIT);
    CHECK_INT(decide(later, (struct retry_state){.tries = 2}, 0, 0).action,
        RETRY_WAIT);
    CHECK_INT(decide(later, (struct retry_state){.tries = 3}, 0, 0).action,
        RETRY_GIVE_UP);
    CHECK_INT(
        decide(DATABRICKS_RESEND_NEVER, (struct retry_state){.tries = 1}, 0, 0)
            .action,
        RETRY_GIVE_UP);
}

/* B3: after a failure in the middle the answer was fetched again. */
TEST(b3_nothing_is_sent_again_after_text_was_shown)
{
    struct retry_state shown = {.tries = 1, .shown = true};
    CHECK_INT(
        decide(DATABRICKS_RESEND_LATER, shown, 0, 0).action, RETRY_GIVE_UP);
    CHECK_INT(
        decide(DATABRICKS_RESEND_LATER, shown, 1000, 0).action, RETRY_GIVE_UP);
    CHECK_INT(
        decide(DATABRICKS_RESEND_NEW_TOKEN, shown, 0, 0).action, RETRY_GIVE_UP);
}

/* B19: Retry-After was never looked at. */
TEST(b19_what_upstream_asks_is_honoured_up_to_20_s)
{
    enum databricks_resend later = DATABRICKS_RESEND_LATER;
    struct retry_state first = {.tries = 1};
    for (uint64_t random = 0; random < 1000; random++) {
        struct retry_decision d = decide(later, first, 7000, random);
        CHECK_INT(d.action, RETRY_WAIT);
        CHECK(d.wait_ms >= 7000 && d.wait_ms < 7250);
    }
    CHECK_INT(decide(later, first, 20000, 0).action, RETRY_WAIT);
    CHECK_INT(decide(later, first, 20001, 0).action, RETRY_GIVE_UP);
}

TEST(a_new_token_is_tried_once)
{
    enum databricks_resend fresh = DATABRICKS_RESEND_NEW_TOKEN;
    CHECK_INT(decide(fresh, (struct retry_state){.tries = 1}, 0, 0).action,
        RETRY_NEW_TOKEN);
    CHECK_INT(decide(fresh,
                  (struct retry_state){.tries = 1, .token_renewed = true}, 0, 0)
                  .action,
        RETRY_GIVE_UP);
}

TEST(waits_fill_their_range_and_never_leave_it)
{
    static const int64_t top[] = {1000, 2000, 4000, 8000, 8000, 8000};
    tap_seed();
    for (int n = 0; n < 6; n++) {
        int64_t most = 0;
        for (int i = 0; i < 5000; i++) {
            int64_t ms = retry_backoff_ms(1000, 8000, n, tap_random());
            CHECK(ms >= 0 && ms <= top[n]);
            most = ms > most ? ms : most;
        }
        CHECK(most > top[n] * 9 / 10);
    }
    CHECK_INT(retry_backoff_ms(1000, 8000, 1000000, 8000), 8000);
}

TEST(failures_tell_whether_the_endpoint_is_there)
{
    static const struct {
        enum databricks_code code;
        int status;
        enum retry_verdict verdict;
    } cases[] = {
        {DATABRICKS_UPSTREAM_UNREACHABLE, 0, RETRY_VERDICT_DOWN},
        {DATABRICKS_UPSTREAM_TIMEOUT, 0, RETRY_VERDICT_DOWN},
        {DATABRICKS_UPSTREAM_UNAVAILABLE, 503, RETRY_VERDICT_DOWN},
        {DATABRICKS_UPSTREAM_ERROR, 500, RETRY_VERDICT_DOWN},
        {DATABRICKS_UPSTREAM_ERROR, 501, RETRY_VERDICT_THERE},
        {DATABRICKS_UPSTREAM_ERROR, 200, RETRY_VERDICT_THERE},
        {DATABRICKS_UPSTREAM_RATE_LIMITED, 429, RETRY_VERDICT_THERE},
        {DATABRICKS_UPSTREAM_BAD_REQUEST, 400, RETRY_VERDICT_THERE},
        {DATABRICKS_CONTENT_BLOCKED, 400, RETRY_VERDICT_THERE},
        {DATABRICKS_CONTEXT_TOO_LONG, 400, RETRY_VERDICT_THERE},
        {DATABRICKS_UPSTREAM_AUTH, 401, RETRY_VERDICT_UNKNOWN},
        {DATABRICKS_USER_TOKEN_REFUSED, 403, RETRY_VERDICT_UNKNOWN},
        {DATABRICKS_UPSTREAM_NOT_FOUND, 404, RETRY_VERDICT_UNKNOWN},
        {DATABRICKS_UPSTREAM_INTERRUPTED, 200, RETRY_VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct databricks_error e = {
            .code = cases[i].code, .http_status = cases[i].status};
        CHECK_INT(retry_verdict(&e), cases[i].verdict);
    }
}
