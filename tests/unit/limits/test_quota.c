#include <stdatomic.h>

#include "limits/quota.h"
#include "loop/loop.h"

#include "tap.h"

TEST(a_key_has_its_places_and_no_more)
{
    struct quota *q = quota_new(10, 2);
    CHECK(quota_take(q, STR("ann")) == QUOTA_TAKEN);
    CHECK(quota_take(q, STR("ann")) == QUOTA_TAKEN);
    CHECK(quota_take(q, STR("ann")) == QUOTA_KEY_FULL);
    CHECK(quota_take(q, STR("bob")) == QUOTA_TAKEN);
    quota_give_back(q, STR("ann"));
    CHECK(quota_take(q, STR("ann")) == QUOTA_TAKEN);
    CHECK_INT(quota_taken(q), 3);
    CHECK_INT(quota_taken_by(q, STR("ann")), 2);
    CHECK_INT(quota_taken_by(q, STR("cy")), 0);
    quota_free(q);
}

TEST(all_keys_together_have_a_bound)
{
    struct quota *q = quota_new(2, 2);
    CHECK(quota_take(q, STR("ann")) == QUOTA_TAKEN);
    CHECK(quota_take(q, STR("bob")) == QUOTA_TAKEN);
    CHECK(quota_take(q, STR("cy")) == QUOTA_TOTAL_FULL);
    CHECK(quota_take(q, STR("ann")) == QUOTA_TOTAL_FULL);
    quota_give_back(q, STR("bob"));
    CHECK(quota_take(q, STR("cy")) == QUOTA_TAKEN);
    quota_free(q);
}

enum { THREADS = 4, ROUNDS = 5000, PLACES = 3 };

static struct quota *shared;
static atomic_int inside, most;

static void come_and_go(void *)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (quota_take(shared, STR("ann")) != QUOTA_TAKEN)
            continue;
        int now = atomic_fetch_add(&inside, 1) + 1;
        int seen = atomic_load(&most);
        while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
            ;
        atomic_fetch_sub(&inside, 1);
        quota_give_back(shared, STR("ann"));
    }
}

TEST(bounds_hold_over_threads)
{
    struct loop_thread *threads[THREADS];
    shared = quota_new(100, PLACES);
    for (int i = 0; i < THREADS; i++)
        CHECK(loop_thread_start("taker", come_and_go, NULL, &threads[i]) ==
              RC_OK);
    for (int i = 0; i < THREADS; i++)
        loop_thread_join(threads[i]);
    CHECK(atomic_load(&most) <= PLACES);
    CHECK_INT(quota_taken(shared), 0);
    quota_free(shared);
}
