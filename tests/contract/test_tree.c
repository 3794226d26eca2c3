#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "world.h"

/* Variants of messages, what hangs on them, and replies that go on. */

static enum rc regenerate(
    struct world *w, const char *message, bool branch, const char *key)
{
    struct store_op *op = world_op(w, STORE_REGENERATE, "ann");
    w->now_us += 1000000;
    op->regenerate = (struct store_regenerate){.session_id = STR("s1"),
        .message_id = store_op_str(op, text(message)),
        .start_key = key == NULL ? (struct str){0} : text(key),
        .branch = branch,
        .now_us = w->now_us};
    return world_run(w, op);
}

static enum rc edit(struct world *w, const char *message, const char *content,
    const char *reply, const char *key)
{
    struct store_op *op = world_op(w, STORE_EDIT_TURN, "ann");
    w->now_us += 1000000;
    op->edit_turn =
        (struct store_edit_turn){.message_id = store_op_str(op, text(message)),
            .new_reply_id = store_op_str(op, text(reply)),
            .content = store_op_str(op, text(content)),
            .model = STR("model-3"),
            .start_key = key == NULL ? (struct str){0} : text(key),
            .now_us = w->now_us};
    return world_run(w, op);
}

static enum rc show(struct world *w, const char *message, int64_t variant)
{
    struct store_op *op = world_op(w, STORE_SWITCH_VARIANT, "ann");
    op->switch_variant = (struct store_switch_variant){
        .message_id = store_op_str(op, text(message)),
        .variant = variant,
        .now_us = w->now_us};
    return world_run(w, op);
}

static enum rc go_on(struct world *w, const char *message, const char *key)
{
    struct store_op *op = world_op(w, STORE_CONTINUE_REPLY, "ann");
    op->continue_reply = (struct store_continue_reply){
        .message_id = store_op_str(op, text(message)),
        .start_key = key == NULL ? (struct str){0} : text(key),
        .now_us = w->now_us};
    return world_run(w, op);
}

static enum rc list(struct world *w, const char *message)
{
    struct store_op *op = world_op(w, STORE_LIST_VARIANTS, "ann");
    op->list_variants.message_id = store_op_str(op, text(message));
    return world_run(w, op);
}

static enum rc append(
    struct world *w, const char *message, int64_t sequence, const char *delta)
{
    struct store_op *op = world_op(w, STORE_APPEND_EVENTS, NULL);
    struct store_event *event = ARENA_NEW(op->arena, struct store_event);
    *event = (struct store_event){.message_id = store_op_str(op, text(message)),
        .sequence = sequence,
        .text_delta = store_op_str(op, text(delta))};
    op->append_events.events = event;
    op->append_events.count = 1;
    enum rc rc = world_run(w, op);
    CHECK_INT(op->append_events.dropped, 0);
    return rc;
}

static enum rc finish(struct world *w, const char *message,
    enum store_status status, const char *content, int64_t last)
{
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){
        .message_id = store_op_str(op, text(message)),
        .status = status,
        .content = store_op_str(op, text(content)),
        .last_sequence = last,
        .timestamp_us = w->now_us};
    return world_run(w, op);
}

static void crash(struct world *w, size_t recovered)
{
    struct store_op *op = world_op(w, STORE_RECOVER, NULL);
    op->recover.at_start = true;
    op->recover.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK_INT(op->recover.recovered, recovered);
}

static void purge_logs(struct world *w)
{
    struct store_op *op = world_op(w, STORE_PURGE, NULL);
    op->purge.events_us = w->now_us + 1;
    op->purge.limit = 1000;
    CHECK_INT(world_run(w, op), RC_OK);
}

/* The shown chat as "q1 a1/2 q2": ids and the variants that are not 1. */
static void expect_path(struct world *w, const char *expected)
{
    char path[400] = "";
    size_t n = 0;
    const struct store_chat *c = world_chat(w, "ann", "s1");
    CHECK(c != NULL);
    for (size_t i = 0; i < c->message_count; i++) {
        const struct store_message *m = &c->messages[i];
        CHECK(!m->hidden);
        n += (size_t)snprintf(path + n, sizeof(path) - n, "%s%.*s",
            i > 0 ? " " : "", STR_ARG(m->message_id));
        if (m->variant > 1)
            n += (size_t)snprintf(
                path + n, sizeof(path) - n, "/%d", (int)m->variant);
    }
    CHECK_STR(text(path), text(expected));
}

TEST(every_message_hangs_on_the_one_before)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s1", 2, "??", "!!");
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK(c->messages[0].parent_id.p == NULL);
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            CHECK_STR(c->messages[i].parent_id, c->messages[i - 1].message_id);
        CHECK_INT(c->messages[i].variant, 1);
        CHECK_INT(c->messages[i].variants, 1);
    }
    world_close(&w);
}

TEST(another_answer_keeps_what_follows_unless_it_branches)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "first");
    world_turn(&w, "ann", "s1", 2, "??", "!!");
    CHECK_INT(regenerate(&w, "s1-a1", false, NULL), RC_OK);
    CHECK_INT(w.last->regenerate.variant, 2);
    finish(&w, "s1-a1", STORE_COMPLETE, "second", 2);
    expect_path(&w, "s1-q1 s1-a1/2 s1-q2 s1-a2");
    CHECK_INT(regenerate(&w, "s1-a1", true, NULL), RC_OK);
    finish(&w, "s1-a1", STORE_COMPLETE, "third", 2);
    expect_path(&w, "s1-q1 s1-a1/3");
    world_turn(&w, "ann", "s1", 3, "???", "!!!");
    expect_path(&w, "s1-q1 s1-a1/3 s1-q3 s1-a3");
    CHECK_INT(show(&w, "s1-a1", 2), RC_OK);
    expect_path(&w, "s1-q1 s1-a1/2 s1-q2 s1-a2");
    CHECK_INT(show(&w, "s1-a1", 1), RC_OK);
    expect_path(&w, "s1-q1 s1-a1");
    CHECK_INT(show(&w, "s1-a1", 3), RC_OK);
    expect_path(&w, "s1-q1 s1-a1/3 s1-q3 s1-a3");
    CHECK_INT(list(&w, "s1-a1"), RC_OK);
    CHECK_INT(w.last->list_variants.count, 3);
    CHECK_INT(w.last->list_variants.shown, 3);
    CHECK_STR(w.last->list_variants.variants[0].content, STR("first"));
    CHECK_STR(w.last->list_variants.variants[2].content, STR("third"));
    world_close(&w);
}

TEST(each_variant_has_its_own_rating_and_end)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    finish(&w, "s1-a1", STORE_STOPPED, "first", 7);
    world_rate(&w, "ann", "s1-a1", STORE_RATING_UP);
    regenerate(&w, "s1-a1", true, NULL);
    finish(&w, "s1-a1", STORE_COMPLETE, "second", 4);
    world_rate(&w, "ann", "s1-a1", STORE_RATING_DOWN);
    CHECK_INT(show(&w, "s1-a1", 1), RC_OK);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_STR(m->content, STR("first"));
    CHECK_INT(m->rating, STORE_RATING_UP);
    CHECK_INT(m->status, STORE_STOPPED);
    CHECK_INT(m->last_sequence, 7);
    world_rate(&w, "ann", "s1-a1", STORE_RATING_NONE);
    CHECK_INT(show(&w, "s1-a1", 2), RC_OK);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_DOWN);
    CHECK_INT(show(&w, "s1-a1", 1), RC_OK);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_NONE);
    list(&w, "s1-a1");
    CHECK_INT(w.last->list_variants.variants[1].rating, STORE_RATING_DOWN);
    CHECK_INT(w.last->list_variants.variants[1].last_sequence, 4);
    world_close(&w);
}

TEST(edited_question_gets_an_answer_of_its_own)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "What is it?", "This.");
    world_turn(&w, "ann", "s1", 2, "And?", "That.");
    CHECK_INT(edit(&w, "s1-q1", "Who is it?", "b1", "key"), RC_OK);
    CHECK_STR(w.last->edit_turn.session_id, STR("s1"));
    CHECK_STR(w.last->edit_turn.reply_id, STR("b1"));
    CHECK_INT(w.last->edit_turn.variant, 2);
    expect_path(&w, "s1-q1/2 b1");
    CHECK_INT(edit(&w, "s1-q1", "Who is it?", "b2", "key"), RC_OK);
    CHECK(w.last->edit_turn.repeated);
    CHECK_STR(w.last->edit_turn.reply_id, STR("b1"));
    CHECK_INT(w.last->edit_turn.reply_status, STORE_STREAMING);
    CHECK_INT(edit(&w, "s1-q1", "Who?", "b2", "other"), RC_CONFLICT);
    CHECK_STR(w.last->edit_turn.streaming_id, STR("b1"));
    finish(&w, "b1", STORE_COMPLETE, "Me.", 2);
    CHECK_INT(show(&w, "s1-q1", 1), RC_OK);
    expect_path(&w, "s1-q1 s1-a1 s1-q2 s1-a2");
    CHECK_STR(world_message(&w, "ann", "s1-q1")->content, STR("What is it?"));
    CHECK(world_message(&w, "ann", "b1")->hidden);
    CHECK_INT(edit(&w, "s1-a1", "x", "b3", NULL), RC_NOT_FOUND);
    CHECK_INT(edit(&w, "none", "x", "b3", NULL), RC_NOT_FOUND);
    struct store_op *op = world_op(&w, STORE_EDIT_TURN, "bob");
    op->edit_turn.message_id = STR("s1-q1");
    op->edit_turn.new_reply_id = STR("b3");
    op->edit_turn.content = STR("mine");
    CHECK_INT(world_run(&w, op), RC_NOT_FOUND);
    world_close(&w);
}

TEST(model_is_told_what_is_shown)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "old", "old answer");
    world_ask(&w, "ann", "s1", 2, "refused");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){.message_id = STR("s1-a2"),
        .status = STORE_FAILED,
        .content = STR(""),
        .error_code = STR("content_blocked"),
        .timestamp_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    edit(&w, "s1-q2", "allowed", "b2", NULL);
    finish(&w, "b2", STORE_COMPLETE, "yes", 2);
    op = world_op(&w, STORE_LOAD_CONTEXT, "ann");
    op->load_context.session_id = STR("s1");
    op->load_context.max_messages = 10;
    op->load_context.max_bytes = 1000;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->load_context.count, 4);
    CHECK_STR(op->load_context.messages[2].content, STR("allowed"));
    CHECK_STR(op->load_context.messages[3].content, STR("yes"));
    edit(&w, "s1-q1", "new", "b1", NULL);
    op = world_op(&w, STORE_LOAD_CONTEXT, "ann");
    op->load_context.session_id = STR("s1");
    op->load_context.max_messages = 10;
    op->load_context.max_bytes = 1000;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->load_context.count, 1);
    CHECK_STR(op->load_context.messages[0].content, STR("new"));
    world_close(&w);
}

TEST(what_is_not_shown_is_not_begun_anew)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_ask(&w, "ann", "s1", 2, "??");
    CHECK_INT(show(&w, "s1-a1", 1), RC_OK);
    CHECK_INT(regenerate(&w, "s1-a1", true, NULL), RC_CONFLICT);
    CHECK_STR(w.last->regenerate.streaming_id, STR("s1-a2"));
    finish(&w, "s1-a2", STORE_STOPPED, "part", 2);
    edit(&w, "s1-q2", "other", "b2", NULL);
    CHECK_INT(show(&w, "s1-q2", 1), RC_CONFLICT);
    CHECK_STR(w.last->switch_variant.streaming_id, STR("b2"));
    finish(&w, "b2", STORE_COMPLETE, "!!", 2);
    CHECK_INT(regenerate(&w, "s1-a2", true, NULL), RC_CONFLICT);
    CHECK(w.last->regenerate.streaming_id.p == NULL);
    CHECK_INT(go_on(&w, "s1-a2", NULL), RC_CONFLICT);
    CHECK(w.last->continue_reply.streaming_id.p == NULL);
    CHECK_INT(show(&w, "s1-q2", 3), RC_NOT_FOUND);
    CHECK_INT(show(&w, "s1-q2", 0), RC_NOT_FOUND);
    CHECK_INT(show(&w, "none", 1), RC_NOT_FOUND);
    CHECK_INT(list(&w, "none"), RC_NOT_FOUND);
    world_close(&w);
}

TEST(regeneration_sent_again_is_the_same)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(regenerate(&w, "s1-a1", true, "k1"), RC_OK);
    CHECK(!w.last->regenerate.repeated);
    CHECK_INT(regenerate(&w, "s1-a1", true, "k1"), RC_OK);
    CHECK(w.last->regenerate.repeated);
    CHECK_INT(w.last->regenerate.variants, 2);
    finish(&w, "s1-a1", STORE_COMPLETE, "!!", 2);
    CHECK_INT(regenerate(&w, "s1-a1", true, "k1"), RC_OK);
    CHECK(w.last->regenerate.repeated);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("!!"));
    CHECK_INT(regenerate(&w, "s1-a1", true, "k2"), RC_OK);
    CHECK(!w.last->regenerate.repeated);
    CHECK_INT(w.last->regenerate.variants, 3);
    world_close(&w);
}

TEST(log_of_a_variant_does_not_outlive_it)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    append(&w, "s1-a1", 2, "one");
    finish(&w, "s1-a1", STORE_STOPPED, "one", 3);
    regenerate(&w, "s1-a1", true, NULL);
    append(&w, "s1-a1", 2, "another");
    finish(&w, "s1-a1", STORE_COMPLETE, "another", 3);
    show(&w, "s1-a1", 1);
    struct store_op *op = world_op(&w, STORE_READ_EVENTS, "ann");
    op->read_events.message_id = STR("s1-a1");
    op->read_events.limit = 10;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->read_events.count, 0);
    CHECK_INT(op->read_events.last_sequence, 3);
    world_close(&w);
}

/* ---- Going on ---- */

static void expect_marks(struct world *w, const int64_t *numbers, size_t count)
{
    const struct store_continue_reply *c = &w->last->continue_reply;
    size_t bytes = 0;
    CHECK_INT(c->mark_count, count);
    for (size_t i = 0; i < count; i++) {
        CHECK_INT(c->marks[i].sequence, numbers[i]);
        bytes += c->marks[i].text_bytes;
    }
    CHECK_INT(bytes, c->content.n);
}

TEST(stopped_reply_goes_on_behind_its_text)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    append(&w, "s1-a1", 2, "one ");
    append(&w, "s1-a1", 3, "zw\xc3\xb6lf ");
    finish(&w, "s1-a1", STORE_STOPPED, "one zw\xc3\xb6lf ", 4);
    CHECK_INT(go_on(&w, "s1-a1", "k1"), RC_OK);
    const struct store_continue_reply *c = &w.last->continue_reply;
    CHECK_STR(c->session_id, STR("s1"));
    CHECK_STR(c->question_id, STR("s1-q1"));
    CHECK_STR(c->content, STR("one zw\xc3\xb6lf "));
    CHECK_STR(c->stored_model, STR("model-1"));
    CHECK_INT(c->status, STORE_STOPPED);
    CHECK_INT(c->last_sequence, 4);
    expect_marks(&w, (const int64_t[]){2, 3}, 2);
    CHECK_INT(c->marks[1].text_bytes, 7);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_INT(m->status, STORE_STREAMING);
    CHECK_STR(m->content, STR("one zw\xc3\xb6lf "));
    CHECK_INT(m->last_sequence, 5);
    CHECK_INT(m->variants, 1);
    CHECK_INT(go_on(&w, "s1-a1", "k1"), RC_OK);
    CHECK(w.last->continue_reply.repeated);
    CHECK_INT(w.last->continue_reply.last_sequence, 4);
    CHECK_INT(go_on(&w, "s1-a1", "k2"), RC_CONFLICT);
    CHECK_STR(w.last->continue_reply.streaming_id, STR("s1-a1"));
    append(&w, "s1-a1", 6, "three");
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content,
        STR("one zw\xc3\xb6lf three"));
    finish(&w, "s1-a1", STORE_INTERRUPTED, "one zw\xc3\xb6lf three", 7);
    CHECK_INT(go_on(&w, "s1-a1", "k1"), RC_OK);
    CHECK(w.last->continue_reply.repeated);
    CHECK_INT(w.last->continue_reply.last_sequence, 4);
    CHECK_INT(go_on(&w, "s1-a1", "k3"), RC_OK);
    CHECK_INT(w.last->continue_reply.last_sequence, 7);
    expect_marks(&w, (const int64_t[]){2, 3, 6}, 3);
    world_close(&w);
}

TEST(reply_that_goes_on_survives_crashes)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    append(&w, "s1-a1", 2, "one ");
    crash(&w, 1);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->last_sequence, 3);
    CHECK_INT(go_on(&w, "s1-a1", NULL), RC_OK);
    CHECK_INT(w.last->continue_reply.last_sequence, 3);
    crash(&w, 1); /* before anything came: 4 was the start, 5 is the end */
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_INT(m->last_sequence, 5);
    CHECK_STR(m->content, STR("one "));
    CHECK_INT(m->status, STORE_INTERRUPTED);
    CHECK_INT(go_on(&w, "s1-a1", NULL), RC_OK);
    expect_marks(&w, (const int64_t[]){2}, 1);
    append(&w, "s1-a1", 7, "two");
    world_reopen(&w);
    crash(&w, 1);
    m = world_message(&w, "ann", "s1-a1");
    CHECK_INT(m->last_sequence, 8);
    CHECK_STR(m->content, STR("one two"));
    CHECK_INT(go_on(&w, "s1-a1", NULL), RC_OK);
    expect_marks(&w, (const int64_t[]){2, 7}, 2);
    world_close(&w);
}

TEST(purged_log_becomes_one_event)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    append(&w, "s1-a1", 2, "one ");
    append(&w, "s1-a1", 3, "two ");
    finish(&w, "s1-a1", STORE_STOPPED, "one two ", 4);
    purge_logs(&w);
    CHECK_INT(go_on(&w, "s1-a1", NULL), RC_OK);
    expect_marks(&w, (const int64_t[]){4}, 1);
    append(&w, "s1-a1", 6, "three");
    purge_logs(&w); /* it streams: its log stays */
    crash(&w, 1);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_STR(m->content, STR("one two three"));
    CHECK_INT(m->last_sequence, 7);
    world_close(&w);
}

TEST(log_that_says_something_else_is_replaced)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    append(&w, "s1-a1", 2, "in the log");
    finish(&w, "s1-a1", STORE_STOPPED, "in the row", 3);
    regenerate(&w, "s1-a1", true, NULL);
    append(&w, "s1-a1", 2, "xxx");
    finish(&w, "s1-a1", STORE_STOPPED, "longer", 3);
    CHECK_INT(go_on(&w, "s1-a1", NULL), RC_OK);
    expect_marks(&w, (const int64_t[]){3}, 1);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("longer"));
    world_close(&w);
}

TEST(reply_that_cannot_go_on_says_why)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "whole");
    CHECK_INT(go_on(&w, "s1-a1", NULL), RC_INVALID);
    CHECK_INT(w.last->continue_reply.status, STORE_COMPLETE);
    CHECK_INT(go_on(&w, "s1-q1", NULL), RC_NOT_FOUND);
    CHECK_INT(go_on(&w, "none", NULL), RC_NOT_FOUND);
    world_ask(&w, "ann", "s1", 2, "?");
    finish(&w, "s1-a2", STORE_STOPPED, "", 2);
    CHECK_INT(go_on(&w, "s1-a2", NULL), RC_INVALID);
    CHECK_INT(w.last->continue_reply.content.n, 0);
    world_ask(&w, "ann", "s1", 3, "?");
    finish(&w, "s1-a3", STORE_STOPPED, "part", 2);
    world_turn(&w, "ann", "s1", 4, "?", "!");
    CHECK_INT(go_on(&w, "s1-a3", NULL), RC_INVALID);
    CHECK_STR(w.last->continue_reply.content, STR("part"));
    world_ask(&w, "ann", "s1", 5, "?");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){.message_id = STR("s1-a5"),
        .status = STORE_COMPLETE,
        .content = STR("cut off he"),
        .finish_reason = STR("length"),
        .last_sequence = 2,
        .timestamp_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(go_on(&w, "s1-a5", NULL), RC_OK);
    op = world_op(&w, STORE_CONTINUE_REPLY, "bob");
    op->continue_reply.message_id = STR("s1-a5");
    CHECK_INT(world_run(&w, op), RC_NOT_FOUND);
    world_close(&w);
}

TEST(feed_tells_of_every_change_in_the_tree)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    regenerate(&w, "s1-a1", true, NULL);
    finish(&w, "s1-a1", STORE_STOPPED, "part", 2);
    go_on(&w, "s1-a1", NULL);
    finish(&w, "s1-a1", STORE_COMPLETE, "part and rest", 4);
    show(&w, "s1-a1", 1);
    edit(&w, "s1-q1", "??", "b1", NULL);
    static const char *const expected[] = {"", "s1-a1", "s1-a1", "s1-a1",
        "s1-a1", "s1-a1", "s1-a1", "s1-a1", "s1-q1", "b1"};
    struct store_op *op = world_op(&w, STORE_READ_CHANGES, "ann");
    op->read_changes.limit = 100;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->read_changes.count, 10);
    for (size_t i = 0; i < 10; i++) {
        const struct store_change *c = &op->read_changes.changes[i];
        CHECK_INT(c->kind, i == 0 ? STORE_CHANGE_CHAT : STORE_CHANGE_MESSAGE);
        CHECK_STR(c->session_id, STR("s1"));
        CHECK(str_eq(c->message_id, text(expected[i])));
    }
    world_close(&w);
}
