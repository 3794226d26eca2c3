#include <stdio.h>

#include "tap.h"
#include "world.h"

/* What processes on one database tell each other; one alone gets by as well. */

static const struct store_recover *recover(
    struct world *w, bool at_start, int64_t dead_after_us)
{
    struct store_op *op = world_op(w, STORE_RECOVER, NULL);
    op->recover.at_start = at_start;
    op->recover.now_us = w->now_us;
    op->recover.dead_after_us = dead_after_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->recover;
}

static void heartbeat(struct world *w)
{
    struct store_op *op = world_op(w, STORE_HEARTBEAT, NULL);
    op->heartbeat.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
}

TEST(who_lives_keeps_its_replies)
{
    struct world w;
    world_open(&w);
    heartbeat(&w);
    heartbeat(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(recover(&w, false, 15000000)->recovered, 0);
    CHECK_INT(recover(&w, false, 0)->recovered, 0);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->status, STORE_STREAMING);
    CHECK_INT(recover(&w, true, 15000000)->recovered, 1);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->status, STORE_INTERRUPTED);
    world_close(&w);
}

TEST(a_recovered_reply_is_a_change_of_its_chat)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    int64_t revision = world_chat(&w, "ann", "s1")->session.revision;
    CHECK_INT(recover(&w, true, 0)->recovered, 1);
    CHECK(world_chat(&w, "ann", "s1")->session.revision > revision);
    struct store_op *op = world_op(&w, STORE_READ_CHANGES, "ann");
    op->read_changes.limit = 100;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->read_changes.count > 0);
    const struct store_change *last =
        &op->read_changes.changes[op->read_changes.count - 1];
    CHECK_INT(last->kind, STORE_CHANGE_MESSAGE);
    CHECK_STR(last->session_id, STR("s1"));
    CHECK_STR(last->message_id, STR("s1-a1"));
    world_close(&w);
}

static enum rc request_stop(
    struct world *w, const char *user, const char *message_id)
{
    struct store_op *op = world_op(w, STORE_REQUEST_STOP, user);
    op->request_stop.message_id = store_op_str(op, text(message_id));
    return world_run(w, op);
}

/* What a maker sees that missed the news. */
static bool is_stop_requested(struct world *w, const char *message_id)
{
    struct store_op *op = world_op(w, STORE_READ_EVENTS, "ann");
    op->read_events.message_id = store_op_str(op, text(message_id));
    CHECK_INT(world_run(w, op), RC_OK);
    return op->read_events.stop_requested;
}

TEST(a_stop_is_noted_until_the_reply_ends)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK(!is_stop_requested(&w, "s1-a1"));
    CHECK_INT(request_stop(&w, "bob", "s1-a1"), RC_NOT_FOUND);
    CHECK_INT(request_stop(&w, "ann", "s1-q1"), RC_NOT_FOUND);
    CHECK_INT(request_stop(&w, "ann", "absent"), RC_NOT_FOUND);
    CHECK(!is_stop_requested(&w, "s1-a1"));
    CHECK_INT(request_stop(&w, "ann", "s1-a1"), RC_OK);
    CHECK_INT(w.last->request_stop.status, STORE_STREAMING);
    CHECK_INT(request_stop(&w, "ann", "s1-a1"), RC_OK);
    CHECK(is_stop_requested(&w, "s1-a1"));
    CHECK_INT(world_answer(&w, "ann", "s1", 1, STORE_STOPPED, "half"), RC_OK);
    CHECK(!is_stop_requested(&w, "s1-a1"));
    CHECK_INT(request_stop(&w, "ann", "s1-a1"), RC_OK);
    CHECK_INT(w.last->request_stop.status, STORE_STOPPED);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("half"));
    world_close(&w);
}

TEST(a_stop_is_not_for_the_next_run)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(request_stop(&w, "ann", "s1-a1"), RC_OK);
    CHECK_INT(world_answer(&w, "ann", "s1", 1, STORE_STOPPED, "half"), RC_OK);
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
    op->regenerate.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(!is_stop_requested(&w, "s1-a1"));
    world_close(&w);
}

TEST(watching_changes_nothing_of_a_reply)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    struct store_op *op = world_op(&w, STORE_WATCH_REPLY, "ann");
    op->watch_reply.message_id = STR("s1-a1");
    CHECK_INT(world_run(&w, op), RC_OK);
    op = world_op(&w, STORE_WATCH_REPLY, "ann");
    op->watch_reply.message_id = STR("absent");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(world_events(&w, "s1-a1", 2, 3), RC_OK);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("2 3 4 "));
    world_close(&w);
}

static const struct store_take_rate *take(
    struct world *w, const char *user, int64_t per_minute, int64_t burst)
{
    struct store_op *op = world_op(w, STORE_TAKE_RATE, user);
    op->take_rate.per_minute = per_minute;
    op->take_rate.burst = burst;
    op->take_rate.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->take_rate;
}

TEST(a_bucket_gives_what_it_holds)
{
    enum { A_MINUTE_US = 60000000 };
    struct world w;
    world_open(&w);
    for (int i = 0; i < 3; i++)
        CHECK(take(&w, "ann", 1, 3)->allowed);
    const struct store_take_rate *t = take(&w, "ann", 1, 3);
    CHECK(!t->allowed);
    CHECK(t->retry_after_us > A_MINUTE_US / 2);
    CHECK(t->retry_after_us <= A_MINUTE_US);
    CHECK(take(&w, "bob", 1, 3)->allowed);
    world_close(&w);
}

/* Time is the database's where it has one: what is said to wait is waited. */
TEST(a_bucket_fills_up_again_to_its_size)
{
    enum { A_THOUSAND_A_SECOND = 60000, BURST = 5 };
    struct world w;
    int waits = 0;
    world_open(&w);
    for (int taken = 0; taken < 10 * BURST;) {
        const struct store_take_rate *t =
            take(&w, "ann", A_THOUSAND_A_SECOND, BURST);
        taken += t->allowed;
        waits += !t->allowed;
        CHECK(t->retry_after_us >= 0 && t->retry_after_us <= 1000);
        if (!t->allowed)
            w.now_us += t->retry_after_us;
    }
    w.now_us += 1000000000;
    for (int i = 0; i < BURST; i++)
        CHECK(take(&w, "bob", 1, BURST)->allowed);
    CHECK(!take(&w, "bob", 1, BURST)->allowed);
    printf("# waited %d times\n", waits);
    world_close(&w);
}
