#include <stdatomic.h>
#include <stdio.h>

#include "limits/admission.h"
#include "loop/loop.h"

#include "tap.h"

static const struct str ep = {"claude", 6};

enum { MOST = 64 };

/* One who wants in, and the order in which those like him were let in. */
struct guest {
    struct admission_ticket *ticket;
    char name[2];
    int number;    /* of the person's own, in order of coming */
    size_t served; /* 1: the first */
    bool queued;
};

static size_t served;

static void granted(void *ctx)
{
    struct guest *g = ctx;
    CHECK(g->served == 0);
    g->served = ++served;
}

static struct admission *admission(size_t places, size_t max_waiting)
{
    served = 0;
    return admission_new(&(struct admission_config){
        .places = places, .max_waiting = max_waiting, .max_endpoints = 4});
}

static enum admission_result enter(
    struct admission *a, struct guest *g, char person, int64_t now)
{
    *g = (struct guest){.name = {person}};
    enum admission_result r = admission_enter(a,
        &(struct admission_wish){.endpoint = ep,
            .person = str_from_c(g->name),
            .granted = granted,
            .ctx = g},
        now, &g->ticket);
    g->queued = r == ADMISSION_QUEUED;
    return r;
}

static void leave(struct admission *a, struct guest *g, int64_t now)
{
    admission_leave(a, g->ticket, ADMISSION_WELL, now);
    g->ticket = NULL;
    g->queued = false;
}

TEST(without_a_bound_all_come_in)
{
    struct admission *a = admission(0, 10);
    struct guest g[MOST];
    for (int i = 0; i < MOST; i++)
        CHECK(enter(a, &g[i], 'a', 0) == ADMISSION_GRANTED);
    for (int i = 0; i < MOST; i++)
        leave(a, &g[i], 0);
    admission_free(a);
}

TEST(people_take_turns_and_each_keeps_an_order)
{
    struct admission *a = admission(1, 10);
    struct guest busy, a1, a2, a3, b1, c1;
    CHECK(enter(a, &busy, 'a', 0) == ADMISSION_GRANTED);
    CHECK(enter(a, &a1, 'a', 0) == ADMISSION_QUEUED);
    CHECK(enter(a, &a2, 'a', 0) == ADMISSION_QUEUED);
    CHECK(enter(a, &a3, 'a', 0) == ADMISSION_QUEUED);
    CHECK(enter(a, &b1, 'b', 0) == ADMISSION_QUEUED);
    CHECK(enter(a, &c1, 'c', 0) == ADMISSION_QUEUED);
    CHECK_INT(admission_look(a, a1.ticket, 0).position, 1);
    CHECK_INT(admission_look(a, b1.ticket, 0).position, 2);
    CHECK_INT(admission_look(a, c1.ticket, 0).position, 3);
    CHECK_INT(admission_look(a, a2.ticket, 0).position, 4);
    CHECK_INT(admission_look(a, a3.ticket, 0).position, 5);
    CHECK_INT(admission_forecast(a, ep, STR("b"), 0).position, 5);
    CHECK_INT(admission_forecast(a, ep, STR("d"), 0).position, 4);
    CHECK_INT(admission_waiting(a), 5);
    struct guest *order[] = {&busy, &a1, &b1, &c1, &a2, &a3};
    for (size_t i = 0; i < 6; i++) {
        CHECK_INT(order[i]->served, i);
        CHECK_INT(admission_look(a, order[i]->ticket, 0).position, 0);
        leave(a, order[i], 0);
    }
    admission_free(a);
}

TEST(who_leaves_the_queue_is_never_let_in)
{
    struct admission *a = admission(1, 10);
    struct guest busy, a1, a2;
    CHECK(enter(a, &busy, 'a', 0) == ADMISSION_GRANTED);
    CHECK(enter(a, &a1, 'b', 0) == ADMISSION_QUEUED);
    CHECK(enter(a, &a2, 'b', 0) == ADMISSION_QUEUED);
    leave(a, &a1, 0);
    CHECK_INT(admission_look(a, a2.ticket, 0).position, 1);
    leave(a, &busy, 0);
    CHECK_INT(a1.served, 0);
    CHECK_INT(a2.served, 1);
    leave(a, &a2, 0);
    admission_free(a);
}

TEST(the_queue_has_a_bound)
{
    struct admission *a = admission(1, 1);
    struct guest busy, waits, late;
    CHECK(enter(a, &busy, 'a', 0) == ADMISSION_GRANTED);
    CHECK(enter(a, &waits, 'b', 0) == ADMISSION_QUEUED);
    CHECK(enter(a, &late, 'c', 0) == ADMISSION_FULL);
    leave(a, &waits, 0);
    leave(a, &busy, 0);
    admission_free(a);
}

TEST(the_estimate_comes_from_recent_calls)
{
    struct admission *a = admission(2, 10);
    struct guest g[5];
    CHECK(enter(a, &g[0], 'a', 0) == ADMISSION_GRANTED);
    leave(a, &g[0], 8000);
    for (int i = 0; i < 5; i++)
        (void)enter(a, &g[i], 'a', 8000);
    CHECK_INT(admission_look(a, g[2].ticket, 8000).ahead_ms, 4000);
    CHECK_INT(admission_look(a, g[4].ticket, 8000).ahead_ms, 12000);
    leave(a, &g[0], 12000); /* 4 s: the mean goes down by a fourth of it */
    CHECK_INT(admission_look(a, g[4].ticket, 12000).ahead_ms, 7000);
    for (int i = 1; i < 5; i++)
        leave(a, &g[i], 12000);
    admission_free(a);
}

TEST(nobody_knows_before_the_first_call_has_ended)
{
    struct admission *a = admission(1, 10);
    struct guest busy, waits;
    CHECK(enter(a, &busy, 'a', 0) == ADMISSION_GRANTED);
    CHECK(enter(a, &waits, 'b', 0) == ADMISSION_QUEUED);
    CHECK_INT(admission_look(a, waits.ticket, 0).ahead_ms, -1);
    leave(a, &busy, 0);
    leave(a, &waits, 0);
    admission_free(a);
}

TEST(a_pause_holds_all_then_lets_them_in_little_by_little)
{
    struct admission *a = admission(0, 10);
    struct guest g[5];
    admission_pause(a, ep, 0, 3000);
    for (int i = 0; i < 5; i++)
        CHECK(enter(a, &g[i], 'a', 0) == ADMISSION_QUEUED);
    CHECK_INT(admission_look(a, g[0].ticket, 1000).paused_ms, 2000);
    CHECK_INT(admission_look(a, g[0].ticket, 2999).position, 1);
    CHECK_INT(admission_look(a, g[4].ticket, 3000).position, 4);
    CHECK_INT(g[0].served, 1);
    CHECK_INT(g[1].served, 0);
    leave(a, &g[0], 3500); /* two places now */
    CHECK_INT(g[2].served, 3);
    CHECK_INT(g[3].served, 0);
    leave(a, &g[1], 3600); /* four */
    CHECK_INT(g[4].served, 5);
    for (int i = 2; i < 5; i++)
        leave(a, &g[i], 3700);
    CHECK_INT(admission_forecast(a, ep, STR("a"), 3700).position, 0);
    admission_free(a);
}

/* ---- Fairness, whatever happens ---- */

static struct guest guests[MOST];

/* Positions are 1 to n, each once. */
static size_t check_positions(struct admission *a)
{
    bool seen[MOST + 1] = {0};
    size_t n = 0;
    for (int i = 0; i < MOST; i++)
        n += guests[i].queued;
    for (int i = 0; i < MOST; i++) {
        if (!guests[i].queued)
            continue;
        size_t at = admission_look(a, guests[i].ticket, 0).position;
        CHECK(at >= 1 && at <= n && !seen[at]);
        seen[at] = true;
    }
    return n;
}

static const struct guest *guest_at(const size_t *position, size_t at)
{
    for (int i = 0; i < MOST; i++)
        if (position[i] == at)
            return &guests[i];
    return NULL;
}

/* Between two turns of one person, everybody else has one at most. */
static void check_turns(const size_t *position, size_t n)
{
    for (size_t at = 1; at <= n; at++) {
        const struct guest *g = guest_at(position, at);
        int passed[256] = {0};
        for (size_t before = at - 1; before > 0; before--) {
            const struct guest *b = guest_at(position, before);
            if (b->name[0] == g->name[0])
                break;
            CHECK(++passed[(unsigned char)b->name[0]] == 1);
        }
    }
}

static int numbers[256];

static void come(struct admission *a, struct guest *g)
{
    char person = (char)('a' + tap_random() % 5);
    if (enter(a, g, person, 0) != ADMISSION_QUEUED)
        tap_fail(__FILE__, __LINE__, "not queued");
    g->number = ++numbers[(unsigned char)person];
}

/* All are let in one by one, in the order their positions said. */
static void drain(struct admission *a, struct guest *busy, size_t n)
{
    size_t position[MOST] = {0};
    for (int i = 0; i < MOST; i++)
        if (guests[i].queued)
            position[i] = admission_look(a, guests[i].ticket, 0).position;
    check_turns(position, n);
    leave(a, busy, 0);
    for (size_t k = 1; k <= n; k++)
        for (int i = 0; i < MOST; i++)
            if (position[i] == k) {
                CHECK_INT(guests[i].served, k);
                leave(a, &guests[i], 0);
            }
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < MOST; j++)
            if (position[i] > 0 && position[j] > 0 &&
                guests[i].name[0] == guests[j].name[0] &&
                guests[i].number < guests[j].number)
                CHECK(position[i] < position[j]);
}

TEST(random_queues_are_fair)
{
    printf("# seed %llu\n", (unsigned long long)tap_seed());
    for (int round = 0; round < 200; round++) {
        struct admission *a = admission(1, MOST);
        struct guest busy;
        for (int i = 0; i < MOST; i++)
            guests[i] = (struct guest){0};
        CHECK(enter(a, &busy, 'z', 0) == ADMISSION_GRANTED);
        for (int step = 0; step < 120; step++) {
            struct guest *g = &guests[tap_random() % MOST];
            if (g->ticket == NULL)
                come(a, g);
            else if (tap_random() % 3 == 0)
                leave(a, g, 0);
        }
        drain(a, &busy, check_positions(a));
        admission_free(a);
    }
}

/* ---- Threads ---- */

enum { THREADS = 4, ROUNDS = 3000, PLACES = 2 };

static struct admission *shared;
static atomic_int inside, most;

static void in(void *ctx)
{
    atomic_int *place = ctx;
    int now = atomic_fetch_add(&inside, 1) + 1;
    int seen = atomic_load(&most);
    while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
        ;
    atomic_store(place, 1);
}

static void nothing(void *)
{
}

/* Some wait for their place, some leave whether or not they have it. */
static void come_and_go(void *ctx)
{
    char name[2] = {(char)('a' + (uintptr_t)ctx)};
    for (int64_t i = 0; i < ROUNDS; i++) {
        bool patient = i % 3 != 0;
        atomic_int place = 0;
        struct admission_ticket *t;
        enum admission_result r = admission_enter(shared,
            &(struct admission_wish){
                ep, str_from_c(name), patient ? in : nothing, &place},
            i, &t);
        if (r == ADMISSION_FULL)
            continue;
        if (patient && r == ADMISSION_GRANTED)
            in(&place);
        while (patient && atomic_load(&place) == 0)
            (void)admission_look(shared, t, i);
        if (patient)
            atomic_fetch_sub(&inside, 1);
        admission_leave(shared, t, ADMISSION_ILL, i);
    }
}

TEST(bounds_hold_over_threads)
{
    struct loop_thread *threads[THREADS];
    shared = admission(PLACES, 3);
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(loop_thread_start("guest", come_and_go, (void *)i, &threads[i]) ==
              RC_OK);
    for (int i = 0; i < THREADS; i++)
        loop_thread_join(threads[i]);
    CHECK(atomic_load(&most) <= PLACES);
    CHECK_INT(atomic_load(&inside), 0);
    CHECK_INT(admission_waiting(shared), 0);
    admission_free(shared);
}
