#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"

#include "tap.h"

/* A loop with a clock that the test turns. */
struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    char log[256];
};

static void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    clock_manual_init(&f->clock, 1000, 5000000);
    CHECK(loop_new(&f->clock.clock, &f->loop) == RC_OK);
}

static void advance(struct fixture *f, int64_t ms)
{
    clock_manual_advance(&f->clock, ms);
    loop_turn(f->loop, 0);
}

/* Something that writes its letter when called. */
struct letter {
    struct fixture *fixture;
    char letter;
    struct loop_timer *timer;
    struct loop_timer *other;
    struct loop_task task;
    struct loop_message message;
    int again;
};

static void note(void *ctx)
{
    struct letter *l = ctx;
    size_t n = strlen(l->fixture->log);
    CHECK(n + 1 < sizeof(l->fixture->log));
    l->fixture->log[n] = l->letter;
}

static void check_log(struct fixture *f, const char *expected)
{
    CHECK_STR(str_from_c(f->log), str_from_c(expected));
}

TEST(timers_fire_by_deadline_then_by_start)
{
    static const struct {
        char letter;
        int64_t ms;
    } rows[] = {{'d', 30}, {'b', 20}, {'a', 10}, {'c', 20}};
    struct fixture f;
    fixture_init(&f);
    struct letter l[4];
    for (size_t i = 0; i < 4; i++) {
        l[i] = (struct letter){.fixture = &f, .letter = rows[i].letter};
        l[i].timer = loop_timer_new(f.loop, note, &l[i]);
        loop_timer_start(l[i].timer, rows[i].ms);
        CHECK(loop_timer_active(l[i].timer));
    }
    advance(&f, 9);
    check_log(&f, "");
    advance(&f, 1);
    check_log(&f, "a");
    advance(&f, 10);
    check_log(&f, "abc");
    advance(&f, 100);
    check_log(&f, "abcd");
    CHECK(!loop_timer_active(l[0].timer));
    CHECK_INT(loop_now_ms(f.loop), 1120);
    CHECK_INT(loop_wall_us(f.loop), 5120000);
    for (size_t i = 0; i < 4; i++)
        loop_timer_free(l[i].timer);
    loop_free(f.loop);
}

static void restart_at_once(void *ctx)
{
    struct letter *l = ctx;
    note(l);
    if (l->again-- > 0)
        loop_timer_start(l->timer, 0);
    loop_timer_free(l->other);
    l->other = NULL;
}

TEST(timer_restarted_in_its_callback_waits_for_the_next_turn)
{
    struct fixture f;
    fixture_init(&f);
    struct letter never = {.fixture = &f, .letter = 'x'};
    struct letter l = {.fixture = &f, .letter = 'r', .again = 2};
    l.timer = loop_timer_new(f.loop, restart_at_once, &l);
    l.other = loop_timer_new(f.loop, note, &never);
    loop_timer_start(l.timer, 5);
    loop_timer_start(l.other, 5);
    advance(&f, 5);
    check_log(&f, "r");
    advance(&f, 0);
    advance(&f, 0);
    check_log(&f, "rrr");
    advance(&f, 100);
    check_log(&f, "rrr");
    loop_timer_free(l.timer);
    loop_free(f.loop);
}

enum { HEAP_TIMERS = 200 };

struct heap_timer {
    struct loop_timer *timer;
    struct fixture *fixture;
    int64_t due; /* 0: stopped */
    int fired;
};

static void heap_fired(void *ctx)
{
    struct heap_timer *t = ctx;
    CHECK(t->due != 0 && t->due <= loop_now_ms(t->fixture->loop));
    t->due = 0;
    t->fired++;
}

/* Starts and stops at random; what is due, and only that, must fire. */
TEST(timers_agree_with_a_simple_model)
{
    static struct heap_timer t[HEAP_TIMERS];
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < HEAP_TIMERS; i++) {
        t[i] = (struct heap_timer){.fixture = &f};
        t[i].timer = loop_timer_new(f.loop, heap_fired, &t[i]);
    }
    for (int step = 0; step < 20000; step++) {
        struct heap_timer *one = &t[tap_random() % HEAP_TIMERS];
        int64_t ms = (int64_t)(tap_random() % 50);
        switch (tap_random() % 4) {
        case 0:
            loop_timer_stop(one->timer);
            one->due = 0;
            break;
        case 1:
            advance(&f, ms / 10);
            for (size_t i = 0; i < HEAP_TIMERS; i++)
                CHECK(t[i].due == 0 || t[i].due > loop_now_ms(f.loop));
            break;
        default:
            loop_timer_start(one->timer, ms + 1);
            one->due = loop_now_ms(f.loop) + ms + 1;
        }
        CHECK_INT(loop_timer_active(one->timer), one->due != 0);
    }
    for (size_t i = 0; i < HEAP_TIMERS; i++) {
        CHECK(t[i].fired > 0);
        loop_timer_free(t[i].timer);
    }
    loop_free(f.loop);
}

TEST(timer_ends_a_real_wait)
{
    struct loop *loop;
    CHECK(loop_new(clock_system(), &loop) == RC_OK);
    struct fixture f = {.loop = loop};
    struct letter l = {.fixture = &f, .letter = 't'};
    l.timer = loop_timer_new(loop, note, &l);
    loop_timer_start(l.timer, 3);
    int64_t begin = clock_monotonic_ms(clock_system());
    while (f.log[0] == '\0')
        loop_turn(loop, 60000);
    int64_t took = clock_monotonic_ms(clock_system()) - begin;
    CHECK(took >= 2 && took < 30000);
    loop_timer_free(l.timer);
    loop_free(loop);
}

static void defer_again(void *ctx)
{
    struct letter *l = ctx;
    note(l);
    if (l->again-- > 0)
        loop_defer(l->fixture->loop, &l->task);
}

TEST(tasks_run_in_order_at_the_end_of_the_turn)
{
    struct fixture f;
    fixture_init(&f);
    struct letter l[3];
    for (size_t i = 0; i < 3; i++) {
        l[i] = (struct letter){.fixture = &f, .letter = (char)('a' + i)};
        loop_task_init(&l[i].task, defer_again, &l[i]);
        CHECK(!loop_task_pending(&l[i].task));
    }
    l[0].again = 1;
    for (size_t i = 0; i < 3; i++) {
        loop_defer(f.loop, &l[i].task);
        loop_defer(f.loop, &l[0].task);
    }
    loop_task_cancel(&l[1].task);
    check_log(&f, "");
    loop_turn(f.loop, 60000);
    check_log(&f, "ac");
    loop_turn(f.loop, 60000);
    check_log(&f, "aca");
    CHECK(!loop_task_pending(&l[0].task));
    loop_free(f.loop);
}

TEST(messages_left_are_run_when_the_loop_is_freed)
{
    struct fixture f;
    fixture_init(&f);
    struct letter l[2];
    for (size_t i = 0; i < 2; i++) {
        l[i] = (struct letter){.fixture = &f, .letter = (char)('a' + i)};
        l[i].message.fn = note;
        l[i].message.ctx = &l[i];
        loop_post(f.loop, &l[i].message);
    }
    check_log(&f, "");
    loop_free(f.loop);
    check_log(&f, "ab");
}

static void post_to_itself(void *ctx)
{
    struct letter *l = ctx;
    note(l);
    if (l->again-- > 0)
        loop_post(l->fixture->loop, &l->message);
}

TEST(what_a_turn_posts_to_its_own_loop_is_run_at_its_end)
{
    struct fixture f;
    fixture_init(&f);
    struct letter l = {.fixture = &f, .letter = 'm', .again = 3};
    struct letter task = {.fixture = &f, .letter = 't'};
    l.message.fn = post_to_itself;
    l.message.ctx = &l;
    loop_task_init(&l.task, post_to_itself, &l);
    loop_task_init(&task.task, note, &task);
    loop_defer(f.loop, &l.task);
    loop_defer(f.loop, &task.task);
    loop_turn(f.loop, 60000);
    check_log(&f, "mtm");
    loop_turn(f.loop, 60000); /* what that one posted is not waited for */
    check_log(&f, "mtmm");
    loop_turn(f.loop, 60000);
    check_log(&f, "mtmmm");
    loop_free(f.loop);
}

enum { SENDERS = 4, MESSAGES = 2000 };

struct sender {
    struct loop *to;
    struct loop_thread *thread;
    int received;
};

struct numbered {
    struct loop_message message;
    struct sender *sender;
    int number;
};

static int senders_done;

static void receive(void *ctx)
{
    struct numbered *n = ctx;
    struct sender *s = n->sender;
    CHECK_INT(n->number, s->received);
    mem_free(n);
    if (++s->received == MESSAGES && ++senders_done == SENDERS)
        loop_stop(s->to);
}

static void send_all(void *ctx)
{
    struct sender *s = ctx;
    for (int i = 0; i < MESSAGES; i++) {
        struct numbered *n = MEM_NEW(struct numbered);
        n->message.fn = receive;
        n->message.ctx = n;
        n->sender = s;
        n->number = i;
        loop_post(s->to, &n->message);
    }
}

TEST(messages_of_many_threads_arrive_in_order)
{
    struct sender s[SENDERS];
    struct loop *loop;
    CHECK(loop_new(clock_system(), &loop) == RC_OK);
    senders_done = 0;
    for (size_t i = 0; i < SENDERS; i++) {
        s[i] = (struct sender){.to = loop};
        CHECK(loop_thread_start("a sender with a long name", send_all, &s[i],
                  &s[i].thread) == RC_OK);
    }
    loop_run(loop);
    for (size_t i = 0; i < SENDERS; i++) {
        loop_thread_join(s[i].thread);
        CHECK_INT(s[i].received, MESSAGES);
    }
    loop_free(loop);
}

/* A ball that two loops, each on its thread, throw to each other. */
struct player {
    struct loop *loop;
    struct player *other;
    struct loop_message *ball;
    int *throws_left;
    int caught;
};

static void catch_ball(void *ctx)
{
    struct player *p = ctx;
    p->caught++;
    if (--*p->throws_left == 0) {
        loop_stop(p->loop);
        loop_stop(p->other->loop);
        return;
    }
    p->ball->ctx = p->other;
    loop_post(p->other->loop, p->ball);
}

static void play(void *ctx)
{
    struct player *p = ctx;
    loop_run(p->loop);
}

TEST(two_loops_run_side_by_side)
{
    int throws_left = 2000;
    struct loop_message ball = {.fn = catch_ball};
    struct player p[2];
    struct loop_thread *threads[2];
    for (size_t i = 0; i < 2; i++) {
        p[i] = (struct player){
            .other = &p[1 - i], .ball = &ball, .throws_left = &throws_left};
        CHECK(loop_new(clock_system(), &p[i].loop) == RC_OK);
    }
    ball.ctx = &p[0];
    loop_post(p[0].loop, &ball);
    for (size_t i = 0; i < 2; i++)
        CHECK(loop_thread_start("player", play, &p[i], &threads[i]) == RC_OK);
    for (size_t i = 0; i < 2; i++)
        loop_thread_join(threads[i]);
    CHECK_INT(p[0].caught, 1000);
    CHECK_INT(p[1].caught, 1000);
    for (size_t i = 0; i < 2; i++)
        loop_free(p[i].loop);
}

struct watched {
    struct loop_poll *poll;
    int fd;
    int calls;
    int ready;
    bool error;
};

static void on_poll(void *ctx, int ready, bool error)
{
    struct watched *w = ctx;
    w->calls++;
    w->ready = ready;
    w->error = error;
}

TEST(poll_reports_what_is_asked_for)
{
    struct fixture f;
    fixture_init(&f);
    int fds[2];
    CHECK(pipe(fds) == 0);
    struct watched r = {0}, w = {0};
    r.poll = loop_poll_new(f.loop, fds[0], on_poll, &r);
    w.poll = loop_poll_new(f.loop, fds[1], on_poll, &w);
    loop_poll_set(r.poll, LOOP_READABLE);
    loop_turn(f.loop, 0);
    CHECK_INT(r.calls, 0);
    CHECK(write(fds[1], "x", 1) == 1);
    loop_turn(f.loop, 60000);
    CHECK(r.calls == 1 && r.ready == LOOP_READABLE && !r.error);
    CHECK_INT(w.calls, 0);
    loop_poll_set(r.poll, 0);
    loop_poll_set(w.poll, LOOP_WRITABLE);
    loop_turn(f.loop, 60000);
    CHECK(r.calls == 1 && w.calls == 1 && w.ready == LOOP_WRITABLE);
    loop_poll_free(r.poll);
    close(fds[0]);
    loop_turn(f.loop, 60000);
    CHECK(w.calls == 2);
    loop_poll_free(w.poll);
    close(fds[1]);
    loop_free(f.loop);
}

TEST(signal_calls_while_the_handle_lives)
{
    struct fixture f;
    fixture_init(&f);
    struct letter l = {.fixture = &f, .letter = 's'};
    struct loop_signal *s = loop_signal_new(f.loop, SIGUSR1, note, &l);
    raise(SIGUSR1);
    while (f.log[0] == '\0')
        loop_turn(f.loop, 60000);
    check_log(&f, "s");
    loop_signal_free(s);
    loop_free(f.loop);
}
