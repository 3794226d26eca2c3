#include <stdio.h>

#include "limits/rate_limiter.h"

#include "tap.h"

TEST(limiter_gives_a_burst_then_a_rate)
{
    struct rate_limiter *l = rate_limiter_new(60, 10);
    int64_t wait = 0;
    for (int i = 0; i < 60; i++)
        CHECK(rate_limiter_take(l, STR("ann"), 0, &wait));
    CHECK(!rate_limiter_take(l, STR("ann"), 0, &wait));
    CHECK_INT(wait, 1000);
    CHECK(!rate_limiter_take(l, STR("ann"), 999, &wait));
    CHECK_INT(wait, 1);
    CHECK(rate_limiter_take(l, STR("ann"), 1000, &wait));
    CHECK(!rate_limiter_take(l, STR("ann"), 1000, &wait));
    rate_limiter_free(l);
}

TEST(limiter_keeps_people_apart)
{
    struct rate_limiter *l = rate_limiter_new(1, 10);
    int64_t wait;
    CHECK(rate_limiter_take(l, STR("ann"), 0, &wait));
    CHECK(!rate_limiter_take(l, STR("ann"), 0, &wait));
    CHECK(rate_limiter_take(l, STR("bob"), 0, &wait));
    rate_limiter_free(l);
}

TEST(limiter_never_gives_more_than_a_burst_after_a_pause)
{
    struct rate_limiter *l = rate_limiter_new(3, 10);
    int64_t wait, far = (int64_t)1 << 50;
    CHECK(rate_limiter_take(l, STR("ann"), 0, &wait));
    for (int i = 0; i < 3; i++)
        CHECK(rate_limiter_take(l, STR("ann"), far, &wait));
    CHECK(!rate_limiter_take(l, STR("ann"), far, &wait));
    rate_limiter_free(l);
}

TEST(limiter_survives_a_clock_that_goes_back)
{
    struct rate_limiter *l = rate_limiter_new(1, 10);
    int64_t wait;
    CHECK(rate_limiter_take(l, STR("ann"), 100000, &wait));
    CHECK(!rate_limiter_take(l, STR("ann"), 5, &wait));
    rate_limiter_free(l);
}

TEST(limiter_forgets_the_least_recent_key_when_full)
{
    struct rate_limiter *l = rate_limiter_new(1, 2);
    int64_t wait;
    CHECK(rate_limiter_take(l, STR("a"), 0, &wait));
    CHECK(rate_limiter_take(l, STR("b"), 0, &wait));
    CHECK(!rate_limiter_take(l, STR("a"), 0, &wait));
    CHECK(rate_limiter_take(l, STR("c"), 0, &wait));
    CHECK(!rate_limiter_take(l, STR("a"), 0, &wait));
    CHECK(rate_limiter_take(l, STR("b"), 0, &wait));
    rate_limiter_free(l);
}

TEST(limiter_off_lets_all_pass)
{
    struct rate_limiter *l = rate_limiter_new(0, 2);
    int64_t wait;
    for (int i = 0; i < 1000; i++)
        CHECK(rate_limiter_take(l, STR("a"), 0, &wait));
    rate_limiter_free(l);
}

TEST(limiter_says_what_is_left_without_taking_it)
{
    struct rate_limiter *l = rate_limiter_new(3, 2);
    int64_t wait;
    CHECK_INT(rate_limiter_left(l, STR("ann"), 0), 3);
    CHECK(rate_limiter_take(l, STR("ann"), 0, &wait));
    CHECK_INT(rate_limiter_left(l, STR("ann"), 0), 2);
    CHECK_INT(rate_limiter_left(l, STR("ann"), 0), 2);
    CHECK_INT(rate_limiter_left(l, STR("ann"), 20000), 3);
    CHECK_INT(rate_limiter_left(l, STR("bob"), 0), 3);
    rate_limiter_free(l);
}
