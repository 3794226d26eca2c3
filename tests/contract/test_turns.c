#include "tap.h"
#include "world.h"

/* Sending, ending, regenerating and recording. */

TEST(a_turn_makes_the_session_and_both_messages)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "What is it?"), RC_OK);
    CHECK(w.last->add_turn.session_created && !w.last->add_turn.repeated);
    CHECK_INT(w.last->add_turn.reply_status, STORE_STREAMING);
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK(c != NULL);
    CHECK_STR(c->session.first_query, STR("What is it?"));
    CHECK_STR(c->session.title, STR("What is it?"));
    CHECK_STR(c->session.user_email, STR("ann@example.org"));
    CHECK_INT(c->session.timestamp_us, w.now_us);
    CHECK_INT(c->session.created_at_us, w.now_us);
    CHECK(c->session.is_active && c->session.deleted_at_us == 0);
    CHECK_INT(c->message_count, 2);
    CHECK_STR(c->messages[0].message_id, STR("s1-q1"));
    CHECK_INT(c->messages[0].role, STORE_ROLE_USER);
    CHECK_INT(c->messages[0].status, STORE_COMPLETE);
    CHECK(c->messages[0].model.p == NULL);
    CHECK_STR(c->messages[1].message_id, STR("s1-a1"));
    CHECK_INT(c->messages[1].role, STORE_ROLE_ASSISTANT);
    CHECK_INT(c->messages[1].status, STORE_STREAMING);
    CHECK_STR(c->messages[1].parent_id, STR("s1-q1"));
    CHECK_STR(c->messages[1].model, STR("model-1"));
    CHECK_STR(c->messages[1].content, STR(""));
    world_close(&w);
}

TEST(an_ended_reply_keeps_everything_given)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){
        .message_id = STR("s1-a1"),
        .status = STORE_FAILED,
        .content = STR("part \xf0\x9f\x98\x80"),
        .reasoning = STR("because"),
        .model = STR("model-2"),
        .sources = STR("[{\"url\":\"x\"}]"),
        .metrics = STR("{}"),
        .error_code = STR("upstream_timeout"),
        .error_message = STR("It took too long."),
        .finish_reason = STR("length"),
        .last_sequence = 17,
        .timestamp_us = w.now_us + 5,
    };
    CHECK_INT(world_run(&w, op), RC_OK);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK(m != NULL);
    CHECK_INT(m->status, STORE_FAILED);
    CHECK_STR(m->content, STR("part \xf0\x9f\x98\x80"));
    CHECK_STR(m->reasoning, STR("because"));
    CHECK_STR(m->model, STR("model-2"));
    CHECK_STR(m->sources, STR("[{\"url\":\"x\"}]"));
    CHECK_STR(m->error_code, STR("upstream_timeout"));
    CHECK_STR(m->error_message, STR("It took too long."));
    CHECK_STR(m->finish_reason, STR("length"));
    CHECK_INT(m->last_sequence, 17);
    CHECK_INT(m->timestamp_us, w.now_us + 5);
    CHECK_INT(m->created_at_us, w.now_us);
    world_close(&w);
}

TEST(a_reply_ends_once)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "first");
    CHECK_INT(
        world_answer(&w, "ann", "s1", 1, STORE_STOPPED, "second"), RC_CONFLICT);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("first"));
    CHECK_INT(
        world_answer(&w, "ann", "s1", 9, STORE_STOPPED, "none"), RC_NOT_FOUND);
    world_ask(&w, "ann", "s1", 2, "?");
    CHECK_INT(
        world_answer(&w, "ann", "s1", 2, STORE_STREAMING, "x"), RC_INVALID);
    world_close(&w);
}

TEST(one_reply_at_a_time_streams_in_a_session)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "?"), RC_OK);
    CHECK_INT(world_ask(&w, "ann", "s1", 2, "?"), RC_CONFLICT);
    CHECK_STR(w.last->add_turn.reply_id, STR("s1-a1"));
    CHECK_INT(world_chat(&w, "ann", "s1")->message_count, 2);
    CHECK_INT(world_ask(&w, "ann", "s2", 1, "?"), RC_OK);
    CHECK_INT(world_answer(&w, "ann", "s1", 1, STORE_STOPPED, ""), RC_OK);
    CHECK_INT(world_ask(&w, "ann", "s1", 2, "?"), RC_OK);
    world_close(&w);
}

TEST(a_turn_sent_again_is_the_same_turn)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "?"), RC_OK);
    CHECK(w.last->add_turn.repeated && !w.last->add_turn.session_created);
    CHECK_STR(w.last->add_turn.reply_id, STR("s1-a1"));
    CHECK_INT(w.last->add_turn.reply_status, STORE_STREAMING);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    struct store_op *op = world_op(&w, STORE_ADD_TURN, "ann");
    op->add_turn.session_id = STR("s1");
    op->add_turn.user_message_id = STR("s1-q1");
    op->add_turn.reply_id = STR("another");
    op->add_turn.content = STR("?");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->add_turn.repeated);
    CHECK_STR(op->add_turn.reply_id, STR("s1-a1"));
    CHECK_INT(op->add_turn.reply_status, STORE_COMPLETE);
    CHECK_INT(world_chat(&w, "ann", "s1")->message_count, 2);
    world_close(&w);
}

TEST(a_message_id_used_elsewhere_is_a_conflict)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    struct store_op *op = world_op(&w, STORE_ADD_TURN, "ann");
    op->add_turn.session_id = STR("s2");
    op->add_turn.user_message_id = STR("s1-q1");
    op->add_turn.reply_id = STR("r");
    op->add_turn.content = STR("?");
    CHECK_INT(world_run(&w, op), RC_CONFLICT);
    CHECK(op->add_turn.reply_id.p == NULL);
    CHECK(world_chat(&w, "ann", "s2") == NULL);
    world_close(&w);
}

TEST(a_message_id_of_another_user_is_replaced)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    struct store_op *op = world_op(&w, STORE_ADD_TURN, "bob");
    op->add_turn.session_id = STR("s2");
    op->add_turn.user_message_id = STR("s1-q1");
    op->add_turn.reply_id = STR("r");
    op->add_turn.content = STR("bob's");
    op->add_turn.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(!op->add_turn.repeated);
    CHECK(!str_eq(op->add_turn.user_message_id, STR("s1-q1")));
    CHECK_INT(op->add_turn.user_message_id.n, 36);
    CHECK_STR(world_message(&w, "ann", "s1-q1")->content, STR("?"));
    const struct store_chat *c = world_chat(&w, "bob", "s2");
    CHECK_STR(c->messages[0].content, STR("bob's"));
    CHECK_STR(c->messages[1].parent_id, c->messages[0].message_id);
    world_close(&w);
}

static enum rc regenerate(
    struct world *w, const char *user, const char *session, const char *id)
{
    struct store_op *op = world_op(w, STORE_REGENERATE, user);
    op->regenerate.session_id = store_op_str(op, text(session));
    op->regenerate.message_id = store_op_str(op, text(id));
    op->regenerate.now_us = w->now_us;
    return world_run(w, op);
}

TEST(regenerating_keeps_the_answer_and_starts_over)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "first?");
    world_events(&w, "s1-a1", 1, 3);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "old");
    world_turn(&w, "ann", "s1", 2, "second?", "two");
    world_rate(&w, "ann", "s1-a1", STORE_RATING_UP);
    CHECK_INT(regenerate(&w, "ann", "s1", "s1-a1"), RC_OK);
    CHECK_STR(w.last->regenerate.question, STR("first?"));
    CHECK_STR(w.last->regenerate.question_id, STR("s1-q1"));
    CHECK_INT(w.last->regenerate.variants, 2);
    const struct store_message *m = world_message(&w, "ann", "s1-a1");
    CHECK_INT(m->status, STORE_STREAMING);
    CHECK_STR(m->content, STR(""));
    CHECK(m->metrics.p == NULL && m->finish_reason.p == NULL);
    CHECK_INT(m->rating, STORE_RATING_NONE);
    CHECK_INT(m->last_sequence, 1);
    CHECK_STR(m->model, STR("model-1"));
    CHECK_INT(world_events(&w, "s1-a1", 1, 1), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 0);
    CHECK_INT(world_ask(&w, "ann", "s1", 3, "?"), RC_CONFLICT);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "new");
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK_INT(c->message_count, 4);
    CHECK_STR(c->messages[1].content, STR("new"));
    CHECK_STR(c->messages[3].content, STR("two"));
    CHECK_INT(regenerate(&w, "ann", "s1", "s1-a1"), RC_OK);
    CHECK_INT(w.last->regenerate.variants, 3);
    world_close(&w);
}

TEST(only_a_reply_of_that_session_is_regenerated)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    CHECK_INT(regenerate(&w, "ann", "s1", "s1-q1"), RC_NOT_FOUND);
    CHECK_INT(regenerate(&w, "ann", "s2", "s1-a1"), RC_NOT_FOUND);
    CHECK_INT(regenerate(&w, "ann", "s1", "none"), RC_NOT_FOUND);
    CHECK_INT(regenerate(&w, "ann", "none", "s1-a1"), RC_NOT_FOUND);
    CHECK_INT(regenerate(&w, "bob", "s1", "s1-a1"), RC_NOT_FOUND);
    world_ask(&w, "ann", "s1", 2, "?");
    CHECK_INT(regenerate(&w, "ann", "s1", "s1-a1"), RC_CONFLICT);
    CHECK_STR(w.last->regenerate.streaming_id, STR("s1-a2"));
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("!"));
    world_close(&w);
}

static enum rc record(struct world *w, const char *user, const char *session,
    const char *id, const char *content)
{
    struct store_op *op = world_op(w, STORE_RECORD_MESSAGE, user);
    struct store_record_message *r = &op->record_message;
    r->session_id = store_op_str(op, text(session));
    if (id != NULL)
        r->message_id = store_op_str(op, text(id));
    r->content = store_op_str(op, text(content));
    r->role = STORE_ROLE_ASSISTANT;
    r->status = STORE_FAILED;
    r->error_code = STR("client_report");
    r->now_us = w->now_us;
    return world_run(w, op);
}

TEST(a_reported_error_is_kept_under_its_id)
{
    struct world w;
    world_open(&w);
    CHECK_INT(record(&w, "ann", "new", "e1", "Sorry."), RC_OK);
    CHECK_STR(w.last->record_message.message_id, STR("e1"));
    const struct store_message *m = world_message(&w, "ann", "e1");
    CHECK_STR(m->content, STR("Sorry."));
    CHECK_INT(m->status, STORE_FAILED);
    CHECK_INT(m->role, STORE_ROLE_ASSISTANT);
    CHECK_STR(m->error_code, STR("client_report"));
    CHECK_INT(m->timestamp_us, w.now_us);
    CHECK_INT(record(&w, "ann", "new", "e1", "Sorry again."), RC_OK);
    CHECK_STR(world_message(&w, "ann", "e1")->content, STR("Sorry again."));
    CHECK_INT(world_chat(&w, "ann", "new")->message_count, 1);
    CHECK_INT(record(&w, "ann", "new", NULL, "Third."), RC_OK);
    CHECK_INT(w.last->record_message.message_id.n, 36);
    CHECK_INT(world_chat(&w, "ann", "new")->message_count, 2);
    world_ask(&w, "ann", "new", 1, "later");
    CHECK_STR(world_chat(&w, "ann", "new")->session.first_query, STR("later"));
    world_close(&w);
}

TEST(a_report_never_overwrites_what_it_must_not)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_ask(&w, "ann", "s1", 2, "?");
    CHECK_INT(record(&w, "ann", "s1", "s1-q1", "x"), RC_CONFLICT);
    CHECK_INT(record(&w, "ann", "s1", "s1-a2", "x"), RC_CONFLICT);
    CHECK_INT(record(&w, "ann", "s2", "s1-a1", "x"), RC_CONFLICT);
    CHECK(world_chat(&w, "ann", "s2") == NULL);
    CHECK_INT(record(&w, "bob", "s1", "e", "x"), RC_NOT_FOUND);
    CHECK_INT(record(&w, "bob", "s3", "s1-a1", "x"), RC_OK);
    CHECK(!str_eq(w.last->record_message.message_id, STR("s1-a1")));
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("!"));
    world_close(&w);
}

TEST(a_report_over_an_answer_keeps_the_answer_as_a_variant)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "a whole answer");
    CHECK_INT(record(&w, "ann", "s1", "s1-a1", "Sorry."), RC_OK);
    CHECK_INT(regenerate(&w, "ann", "s1", "s1-a1"), RC_OK);
    CHECK_INT(w.last->regenerate.variants, 3);
    world_close(&w);
}
