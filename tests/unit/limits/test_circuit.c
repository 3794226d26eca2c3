#include <stdatomic.h>

#include "limits/circuit.h"
#include "loop/loop.h"

#include "tap.h"

static const struct circuit_config config = {.failures = 3,
    .window_ms = 60000,
    .rest_ms = 10000,
    .max_rest_ms = 30000,
    .max_endpoints = 4};

static const struct str ep = {"claude", 6};

static bool fail(struct circuits *c, int64_t now)
{
    return circuit_report(c, ep, circuit_take(c, ep, now), CIRCUIT_FAILED, now);
}

static struct circuit_view look(struct circuits *c, int64_t now)
{
    struct circuit_view view;
    circuit_look(c, ep, now, &view);
    return view;
}

/* A breaker that has opened at time 0. */
static struct circuits *opened(void)
{
    struct circuits *c = circuits_new(&config);
    CHECK(!fail(c, 0) && !fail(c, 0) && fail(c, 0));
    return c;
}

TEST(failures_in_a_row_open_it)
{
    struct circuits *c = opened();
    struct circuit_view view = look(c, 1000);
    CHECK(view.resting);
    CHECK_INT(view.failures, 3);
    CHECK_INT(view.wait_ms, 9000);
    CHECK(circuits_troubled(c));
    CHECK(circuit_take(c, ep, 9999) == CIRCUIT_REFUSED);
    CHECK(circuit_take(c, STR("other"), 9999) == CIRCUIT_PASS);
    circuits_free(c);
}

TEST(an_answer_ends_the_row)
{
    struct circuits *c = circuits_new(&config);
    CHECK(!fail(c, 0) && !fail(c, 0));
    circuit_report(c, ep, CIRCUIT_PASS, CIRCUIT_ANSWERED, 0);
    CHECK(!fail(c, 0) && !fail(c, 0));
    CHECK(!look(c, 0).resting);
    CHECK(!circuits_troubled(c));
    circuits_free(c);
}

TEST(what_tells_nothing_changes_nothing)
{
    struct circuits *c = circuits_new(&config);
    CHECK(!fail(c, 0) && !fail(c, 0));
    circuit_report(c, ep, CIRCUIT_PASS, CIRCUIT_UNKNOWN, 0);
    CHECK(fail(c, 0));
    circuits_free(c);
}

TEST(failures_far_apart_are_no_row)
{
    struct circuits *c = circuits_new(&config);
    for (int64_t i = 0; i < 10; i++)
        CHECK(!fail(c, i * 60001));
    circuits_free(c);
}

TEST(one_probes_when_the_rest_is_over)
{
    struct circuits *c = opened();
    CHECK(!look(c, 10000).resting);
    CHECK(look(c, 10000).state == CIRCUIT_HALF_OPEN);
    CHECK(circuit_take(c, ep, 10000) == CIRCUIT_PROBE);
    CHECK(circuit_take(c, ep, 10000) == CIRCUIT_REFUSED);
    CHECK(look(c, 10000).resting);
    circuit_report(c, ep, CIRCUIT_PROBE, CIRCUIT_ANSWERED, 10500);
    CHECK(look(c, 10500).state == CIRCUIT_CLOSED);
    CHECK(circuit_take(c, ep, 10500) == CIRCUIT_PASS);
    CHECK(!fail(c, 10500));
    circuits_free(c);
}

TEST(a_probe_that_fails_doubles_the_rest_up_to_its_cap)
{
    struct circuits *c = opened();
    static const int64_t rests[] = {20000, 30000, 30000};
    int64_t now = 10000;
    for (int i = 0; i < 3; i++) {
        CHECK(circuit_take(c, ep, now) == CIRCUIT_PROBE);
        CHECK(circuit_report(c, ep, CIRCUIT_PROBE, CIRCUIT_FAILED, now));
        CHECK_INT(look(c, now).wait_ms, rests[i]);
        CHECK_INT(look(c, now).failures, 4 + i);
        now += rests[i];
    }
    circuits_free(c);
}

TEST(a_probe_that_was_stopped_lets_the_next_one_try)
{
    struct circuits *c = opened();
    CHECK(circuit_take(c, ep, 10000) == CIRCUIT_PROBE);
    circuit_report(c, ep, CIRCUIT_PROBE, CIRCUIT_UNKNOWN, 10001);
    CHECK(circuit_take(c, ep, 10001) == CIRCUIT_PROBE);
    circuits_free(c);
}

TEST(calls_from_before_it_opened_do_not_lengthen_the_rest)
{
    struct circuits *c = opened();
    CHECK(!circuit_report(c, ep, CIRCUIT_PASS, CIRCUIT_FAILED, 5000));
    CHECK_INT(look(c, 5000).wait_ms, 5000);
    circuit_report(c, ep, CIRCUIT_PASS, CIRCUIT_ANSWERED, 6000);
    CHECK(look(c, 6000).state == CIRCUIT_CLOSED);
    circuits_free(c);
}

TEST(no_failures_allowed_for_means_no_breaker)
{
    struct circuits *c =
        circuits_new(&(struct circuit_config){.max_endpoints = 4});
    for (int i = 0; i < 100; i++)
        CHECK(!fail(c, 0));
    CHECK(!look(c, 0).resting);
    circuits_free(c);
}

TEST(endpoints_beyond_the_bound_have_no_breaker)
{
    struct circuits *c = opened();
    char name[2] = "a";
    for (int i = 0; i < 10; i++, name[0]++)
        for (int n = 0; n < 5; n++)
            circuit_report(
                c, str_from_c(name), CIRCUIT_PASS, CIRCUIT_FAILED, 0);
    CHECK(circuit_take(c, STR("c"), 0) == CIRCUIT_REFUSED);
    CHECK(circuit_take(c, STR("j"), 0) == CIRCUIT_PASS);
    circuits_free(c);
}

static void count(void *ctx, struct str endpoint, const struct circuit_view *v)
{
    int *n = ctx;
    *n += str_eq(endpoint, ep) && v->state == CIRCUIT_OPEN;
}

TEST(those_in_trouble_are_listed)
{
    struct circuits *c = opened();
    int n = 0;
    circuit_report(c, STR("well"), CIRCUIT_PASS, CIRCUIT_FAILED, 0);
    circuits_each(c, 1, count, &n);
    CHECK_INT(n, 1);
    circuits_free(c);
}

enum { THREADS = 4, ROUNDS = 4000 };

static struct circuits *shared;
static atomic_int probing, clashes;

/* The clock runs with the rounds, so that rests end and probes begin. */
static void ask(void *ctx)
{
    uint64_t random = (uint64_t)(uintptr_t)ctx;
    for (int64_t now = 0; now < ROUNDS; now++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        enum circuit_pass pass = circuit_take(shared, ep, now * 50);
        if (pass == CIRCUIT_PROBE && atomic_fetch_add(&probing, 1) > 0)
            atomic_fetch_add(&clashes, 1);
        if (pass == CIRCUIT_PROBE)
            atomic_fetch_sub(&probing, 1);
        circuit_report(shared, ep, pass,
            random >> 62 == 0 ? CIRCUIT_UNKNOWN : CIRCUIT_FAILED, now * 50);
    }
}

TEST(threads_share_it)
{
    struct loop_thread *threads[THREADS];
    struct circuit_view view;
    shared = circuits_new(&config);
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(loop_thread_start("asker", ask, (void *)(i + 1), &threads[i]) ==
              RC_OK);
    for (int i = 0; i < THREADS; i++)
        loop_thread_join(threads[i]);
    CHECK_INT(atomic_load(&clashes), 0);
    circuit_look(shared, ep, (int64_t)ROUNDS * 50, &view);
    CHECK(view.state != CIRCUIT_CLOSED);
    circuits_free(shared);
}
