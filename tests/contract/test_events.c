#include <stdio.h>

#include "tap.h"
#include "world.h"

/* The log of a live reply, what readers see of it, and its end. */

static enum rc read_events(struct world *w, const char *user,
    const char *message_id, int64_t after, size_t limit)
{
    struct store_op *op = world_op(w, STORE_READ_EVENTS, user);
    op->read_events.message_id = store_op_str(op, text(message_id));
    op->read_events.after = after;
    op->read_events.limit = limit;
    return world_run(w, op);
}

TEST(events_come_back_in_order_after_a_number)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(world_events(&w, "s1-a1", 1, 30), RC_OK);
    CHECK_INT(world_events(&w, "s1-a1", 31, 30), RC_OK);
    CHECK_INT(read_events(&w, "ann", "s1-a1", 0, 1000), RC_OK);
    const struct store_read_events *r = &w.last->read_events;
    CHECK_INT(r->count, 60);
    CHECK_INT(r->status, STORE_STREAMING);
    CHECK_INT(r->last_sequence, 60);
    for (size_t i = 0; i < 60; i++)
        CHECK_INT(r->events[i].sequence, (int64_t)i + 1);
    CHECK_STR(r->events[41].payload, STR("{\"n\":42}"));
    CHECK_STR(r->events[41].text_delta, STR("42 "));
    CHECK_STR(r->events[41].reasoning_delta, STR("r"));
    CHECK(r->events[40].reasoning_delta.p == NULL);
    CHECK_INT(read_events(&w, "ann", "s1-a1", 57, 2), RC_OK);
    CHECK_INT(w.last->read_events.count, 2);
    CHECK_INT(w.last->read_events.events[0].sequence, 58);
    CHECK_INT(read_events(&w, "ann", "s1-a1", 60, 10), RC_OK);
    CHECK_INT(w.last->read_events.count, 0);
    world_close(&w);
}

TEST(events_already_there_or_of_no_live_reply_are_dropped)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    world_events(&w, "s1-a1", 1, 5);
    CHECK_INT(world_events(&w, "s1-a1", 4, 4), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 2);
    CHECK_INT(world_events(&w, "none", 1, 3), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 3);
    CHECK_INT(world_events(&w, "s1-q1", 1, 1), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 1);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    CHECK_INT(world_events(&w, "s1-a1", 8, 2), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 2);
    read_events(&w, "ann", "s1-a1", 0, 100);
    CHECK_INT(w.last->read_events.count, 7);
    world_close(&w);
}

TEST(one_batch_holds_events_of_many_replies)
{
    struct world w;
    struct store_event events[6];
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    world_ask(&w, "bob", "s2", 1, "?");
    for (int i = 0; i < 6; i++)
        events[i] = (struct store_event){
            .message_id = i % 2 ? STR("s2-a1") : STR("s1-a1"),
            .sequence = i / 2 + 1,
            .text_delta = i % 2 ? STR("b") : STR("a")};
    struct store_op *op = world_op(&w, STORE_APPEND_EVENTS, NULL);
    op->append_events.events = events;
    op->append_events.count = 6;
    CHECK_INT(world_run(&w, op), RC_OK);
    read_events(&w, "ann", "s1-a1", 0, 10);
    CHECK_INT(w.last->read_events.count, 3);
    CHECK(w.last->read_events.events[0].payload.p == NULL);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("aaa"));
    CHECK_STR(world_message(&w, "bob", "s2-a1")->content, STR("bbb"));
    world_close(&w);
}

TEST(a_streaming_message_shows_what_its_log_holds)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    world_events(&w, "s1-a1", 1, 4);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_STR(m->content, STR("1 2 3 4 "));
    CHECK_STR(m->reasoning, STR("rr"));
    CHECK_INT(m->last_sequence, 4);
    CHECK_INT(m->status, STORE_STREAMING);
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK_STR(c->messages[1].content, STR("1 2 3 4 "));
    CHECK_INT(c->messages[1].last_sequence, 4);
    world_close(&w);
}

TEST(the_last_events_are_written_with_the_end)
{
    struct world w;
    struct store_event last = {
        .message_id = STR("s1-a1"), .sequence = 3, .payload = STR("{}")};
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    world_events(&w, "s1-a1", 1, 2);
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply.message_id = STR("s1-a1");
    op->finish_reply.events = &last;
    op->finish_reply.event_count = 1;
    op->finish_reply.status = STORE_COMPLETE;
    op->finish_reply.content = STR("1 2 ");
    op->finish_reply.last_sequence = 3;
    op->finish_reply.timestamp_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(read_events(&w, "ann", "s1-a1", 1, 10), RC_OK);
    CHECK_INT(w.last->read_events.count, 2);
    CHECK_INT(w.last->read_events.status, STORE_COMPLETE);
    CHECK_INT(w.last->read_events.last_sequence, 3);
    world_close(&w);
}

/* Whatever keeps the log meanwhile: in memory, a file, one row or many. */
TEST(a_log_reads_the_same_while_it_grows_and_when_it_has_ended)
{
    enum { EVENTS = 23 };
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    for (int round = 0; round < 4; round++) {
        if (round == 1)
            CHECK_INT(world_events(&w, "s1-a1", 12, EVENTS - 11), RC_OK);
        else if (round == 0)
            CHECK_INT(world_events(&w, "s1-a1", 1, 11), RC_OK);
        else if (round == 2)
            world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
        else
            world_reopen(&w);
        int last = round == 0 ? 11 : EVENTS;
        for (int after = 0; after <= last; after++) {
            CHECK_INT(read_events(&w, "ann", "s1-a1", after, 1000), RC_OK);
            const struct store_read_events *r = &w.last->read_events;
            CHECK_INT(r->count, last - after);
            CHECK(r->last_sequence >= last);
            for (int i = 0; i < last - after; i++) {
                char delta[8];
                int n = after + 1 + i;
                snprintf(delta, sizeof(delta), "%d ", n);
                CHECK_INT(r->events[i].sequence, n);
                CHECK_STR(r->events[i].text_delta, text(delta));
                CHECK((r->events[i].reasoning_delta.p == NULL) == (n % 2 == 1));
            }
        }
    }
    world_close(&w);
}

static size_t purge(struct world *w, int64_t before_us, size_t limit)
{
    struct store_op *op = world_op(w, STORE_PURGE, NULL);
    op->purge.events_us = before_us;
    op->purge.limit = limit;
    CHECK_INT(world_run(w, op), RC_OK);
    return op->purge.logs;
}

TEST(purging_drops_old_logs_only)
{
    struct world w;
    char session[8];
    world_open(&w);
    for (int i = 1; i <= 4; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        world_ask(&w, "ann", session, 1, "?");
        char reply[16];
        snprintf(reply, sizeof(reply), "s%d-a1", i);
        world_events(&w, reply, 1, 3);
        if (i < 4)
            world_answer(&w, "ann", session, 1, STORE_COMPLETE, "text");
    }
    int64_t third = WORLD_NOW_US + 3 * 1000000;
    CHECK_INT(purge(&w, third, 1), 1);
    CHECK_INT(purge(&w, third, 10), 1);
    CHECK_INT(purge(&w, third, 10), 0);
    read_events(&w, "ann", "s1-a1", 0, 10);
    CHECK_INT(w.last->read_events.count, 0);
    CHECK_INT(w.last->read_events.status, STORE_COMPLETE);
    read_events(&w, "ann", "s3-a1", 0, 10);
    CHECK_INT(w.last->read_events.count, 3);
    CHECK_INT(purge(&w, INT64_MAX, 10), 1);
    read_events(&w, "ann", "s4-a1", 0, 10);
    CHECK_INT(w.last->read_events.count, 3);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("text"));
    world_close(&w);
}

static size_t recover(struct world *w)
{
    struct store_op *op = world_op(w, STORE_RECOVER, NULL);
    op->recover.at_start = true;
    op->recover.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return op->recover.recovered;
}

TEST(recovery_ends_every_streaming_reply_with_its_text)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s0", 1, "?", "whole");
    world_ask(&w, "ann", "s1", 1, "?");
    world_events(&w, "s1-a1", 1, 4);
    world_ask(&w, "bob", "s2", 1, "?");
    world_reopen(&w);
    CHECK_INT(recover(&w), 2);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_INT(m->status, STORE_INTERRUPTED);
    CHECK_STR(m->content, STR("1 2 3 4 "));
    CHECK_STR(m->reasoning, STR("rr"));
    CHECK_INT(m->last_sequence, 5);
    m = world_message(&w, "bob", "s2-a1");
    CHECK_INT(m->status, STORE_INTERRUPTED);
    CHECK_STR(m->content, STR(""));
    CHECK_INT(m->last_sequence, 2);
    CHECK(m->reasoning.p == NULL);
    CHECK_INT(world_message(&w, "ann", "s0-a1")->status, STORE_COMPLETE);
    CHECK_INT(recover(&w), 0);
    CHECK_INT(world_ask(&w, "ann", "s1", 2, "?"), RC_OK);
    CHECK_INT(world_events(&w, "s1-a1", 5, 1), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 1);
    world_close(&w);
}

TEST(a_regenerated_reply_that_was_cut_is_recovered_without_old_text)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    world_events(&w, "s1-a1", 1, 9);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "old");
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
    CHECK_INT(world_run(&w, op), RC_OK);
    world_events(&w, "s1-a1", 1, 2);
    CHECK_INT(recover(&w), 1);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("1 2 "));
    world_close(&w);
}
