#include "api/outbox.h"
#include "tap.h"

/* How long feedback that could not be sent is tried again. */

enum { DAY_MS = 24 * 3600 * 1000 };

static struct outbox_verdict judge(
    enum databricks_code code, int64_t tries, int64_t age_ms, uint64_t random)
{
    struct databricks_error error = {.code = code};
    return outbox_judge(&error, tries, age_ms, random);
}

TEST(waits_grow_to_an_hour_and_half_of_each_is_sure)
{
    int64_t wait = 2000;
    for (int64_t tries = 1; tries < 200; tries++) {
        struct outbox_verdict least =
            judge(DATABRICKS_UPSTREAM_UNAVAILABLE, tries, 0, 0);
        struct outbox_verdict most = judge(
            DATABRICKS_UPSTREAM_UNAVAILABLE, tries, 0, (uint64_t)(wait / 2));
        CHECK(!least.give_up);
        CHECK_INT(least.delay_ms, wait / 2);
        CHECK_INT(most.delay_ms, wait);
        wait = wait * 2 < 3600000 ? wait * 2 : 3600000;
    }
}

TEST(an_outage_is_waited_out_for_three_days)
{
    CHECK(!judge(DATABRICKS_UPSTREAM_UNREACHABLE, 80, 3 * INT64_C(86400000), 1)
               .give_up);
    CHECK(
        judge(DATABRICKS_UPSTREAM_UNREACHABLE, 80, 3 * INT64_C(86400000) + 1, 1)
            .give_up);
}

TEST(what_is_refused_or_missing_is_tried_ten_times)
{
    static const enum databricks_code codes[] = {
        DATABRICKS_UPSTREAM_NOT_FOUND, DATABRICKS_UPSTREAM_BAD_REQUEST};
    int64_t sure = 0;
    for (int i = 0; i < 2; i++) {
        CHECK(!judge(codes[i], 9, 0, 0).give_up);
        CHECK(judge(codes[i], 10, 0, 0).give_up);
    }
    for (int64_t tries = 1; tries < 10; tries++)
        sure += judge(codes[0], tries, 0, 0).delay_ms;
    CHECK(sure > 8 * 60 * 1000); /* a trace may be that late */
    CHECK(!judge(DATABRICKS_UPSTREAM_FORBIDDEN, 10, DAY_MS, 0).give_up);
}

TEST(upstream_may_ask_for_more_time_within_reason)
{
    struct databricks_error error = {
        .code = DATABRICKS_UPSTREAM_RATE_LIMITED, .retry_after_ms = 90000};
    CHECK_INT(outbox_judge(&error, 1, 0, 7).delay_ms, 90000);
    error.retry_after_ms = INT64_C(1) << 50;
    CHECK_INT(outbox_judge(&error, 1, 0, 7).delay_ms, 3600000);
    error.retry_after_ms = 1;
    CHECK(outbox_judge(&error, 1, 0, 7).delay_ms >= 1000);
}
