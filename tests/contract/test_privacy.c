#include "tap.h"
#include "world.h"

/*
 * Ann has a chat, an answer that streams, a rating and a session cookie. Bob
 * knows every id. Each verb must treat him as if nothing were there, and Ann's
 * data must be the same afterwards.
 */

struct intrusion {
    enum store_verb verb;
    void (*fill)(struct store_op *op);
    enum rc expected;
};

static void fill_regenerate(struct store_op *op)
{
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
}

static void fill_add_turn(struct store_op *op)
{
    op->add_turn.session_id = STR("s1");
    op->add_turn.user_message_id = STR("mine");
    op->add_turn.reply_id = STR("mine-too");
    op->add_turn.content = STR("let me in");
}

static void fill_repeat(struct store_op *op)
{
    fill_add_turn(op);
    op->add_turn.user_message_id = STR("s1-q1");
}

static void fill_context(struct store_op *op)
{
    op->load_context.session_id = STR("s1");
    op->load_context.max_messages = 99;
    op->load_context.max_bytes = 9999;
}

static void fill_finish(struct store_op *op)
{
    op->finish_reply.message_id = STR("s1-a2");
    op->finish_reply.status = STORE_COMPLETE;
    op->finish_reply.content = STR("bob was here");
}

static void fill_read(struct store_op *op)
{
    op->read_events.message_id = STR("s1-a2");
    op->read_events.limit = 99;
}

static void fill_message(struct store_op *op)
{
    op->get_message.message_id = STR("s1-a1");
}

static void fill_session(struct store_op *op)
{
    op->get_session.session_id = STR("s1");
    op->get_session.with_messages = true;
}

static void fill_rate(struct store_op *op)
{
    op->rate.message_id = STR("s1-a1");
    op->rate.rating = STORE_RATING_DOWN;
}

static void fill_unrate(struct store_op *op)
{
    op->rate.message_id = STR("s1-a1");
    op->rate.rating = STORE_RATING_NONE;
}

static void fill_record(struct store_op *op)
{
    op->record_message.session_id = STR("s1");
    op->record_message.message_id = STR("s1-a1");
    op->record_message.content = STR("bob was here");
    op->record_message.role = STORE_ROLE_ASSISTANT;
    op->record_message.status = STORE_FAILED;
}

static void fill_delete(struct store_op *op)
{
    op->delete_session.session_id = STR("s1");
}

static void fill_put(struct store_op *op)
{
    op->credential_put.credential.hash = STR("cookie");
    op->credential_put.credential.email = STR("bob@example.org");
}

static void fill_uncredential(struct store_op *op)
{
    op->credential_delete.hash = STR("cookie");
}

static const struct intrusion intrusions[] = {
    {STORE_ADD_TURN, fill_add_turn, RC_NOT_FOUND},
    {STORE_ADD_TURN, fill_repeat, RC_NOT_FOUND},
    {STORE_REGENERATE, fill_regenerate, RC_NOT_FOUND},
    {STORE_LOAD_CONTEXT, fill_context, RC_NOT_FOUND},
    {STORE_FINISH_REPLY, fill_finish, RC_NOT_FOUND},
    {STORE_READ_EVENTS, fill_read, RC_NOT_FOUND},
    {STORE_GET_MESSAGE, fill_message, RC_NOT_FOUND},
    {STORE_GET_SESSION, fill_session, RC_NOT_FOUND},
    {STORE_RATE, fill_rate, RC_NOT_FOUND},
    {STORE_RATE, fill_unrate, RC_NOT_FOUND},
    {STORE_RECORD_MESSAGE, fill_record, RC_NOT_FOUND},
    {STORE_DELETE_SESSION, fill_delete, RC_NOT_FOUND},
    {STORE_CREDENTIAL_PUT, fill_put, RC_CONFLICT},
    {STORE_CREDENTIAL_DELETE, fill_uncredential, RC_NOT_FOUND},
};

static void prepare(struct world *w)
{
    world_open(w);
    world_turn(w, "ann", "s1", 1, "secret question", "secret answer");
    world_rate(w, "ann", "s1-a1", STORE_RATING_UP);
    world_ask(w, "ann", "s1", 2, "another");
    world_events(w, "s1-a2", 1, 3);
    struct store_op *op = world_op(w, STORE_CREDENTIAL_PUT, "ann");
    op->credential_put.credential.hash = STR("cookie");
    CHECK_INT(world_run(w, op), RC_OK);
}

static void check_untouched(struct world *w)
{
    const struct store_chat *c = world_chat(w, "ann", "s1");
    CHECK(c != NULL);
    CHECK_INT(c->message_count, 4);
    CHECK_STR(c->messages[0].content, STR("secret question"));
    CHECK_STR(c->messages[1].content, STR("secret answer"));
    CHECK_INT(c->messages[1].rating, STORE_RATING_UP);
    CHECK_INT(c->messages[1].status, STORE_COMPLETE);
    CHECK_INT(c->messages[3].status, STORE_STREAMING);
    CHECK_STR(c->messages[3].content, STR("1 2 3 "));
    struct store_op *op = world_op(w, STORE_CREDENTIAL_GET, NULL);
    op->credential_get.hash = STR("cookie");
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK_STR(op->credential_get.credential.user_id, STR("ann"));
    CHECK(op->credential_get.credential.email.p == NULL);
}

TEST(no_verb_shows_or_changes_what_is_somebody_elses)
{
    struct world w;
    static const char *const strangers[] = {"bob", "", "ann ", "ANN", "%"};
    prepare(&w);
    for (size_t s = 0; s < sizeof(strangers) / sizeof(*strangers); s++) {
        for (size_t i = 0; i < sizeof(intrusions) / sizeof(*intrusions); i++) {
            struct store_op *op =
                world_op(&w, intrusions[i].verb, strangers[s]);
            intrusions[i].fill(op);
            if (world_run(&w, op) != intrusions[i].expected)
                tap_fail(__FILE__, __LINE__, "intrusion %zu by '%s': rc %d", i,
                    strangers[s], (int)op->rc);
        }
        check_untouched(&w);
    }
    world_close(&w);
}

TEST(lists_hold_only_what_is_the_callers)
{
    struct world w;
    prepare(&w);
    struct store_op *op = world_op(&w, STORE_LIST_SESSIONS, "bob");
    op->list_sessions.with_messages = true;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_sessions.count, 0);
    op = world_op(&w, STORE_CREDENTIAL_LIST, "bob");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->credential_list.count, 0);
    op = world_op(&w, STORE_LIST_SESSIONS, NULL);
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_sessions.count, 0);
    check_untouched(&w);
    world_close(&w);
}

TEST(an_operation_on_nobodys_behalf_finds_nothing)
{
    struct world w;
    prepare(&w);
    for (size_t i = 0; i < sizeof(intrusions) / sizeof(*intrusions); i++) {
        struct store_op *op = world_op(&w, intrusions[i].verb, NULL);
        intrusions[i].fill(op);
        CHECK(world_run(&w, op) != RC_OK);
    }
    check_untouched(&w);
    world_close(&w);
}
