#include "tap.h"
#include "world.h"

/* The conversation with Genie that belongs to a chat. */

static enum rc put(struct world *w, const char *user, const char *session,
    const char *space, const char *conversation)
{
    struct store_op *op = world_op(w, STORE_GENIE_PUT, user);
    op->genie_put.session_id = store_op_str(op, text(session));
    op->genie_put.space_id = store_op_str(op, text(space));
    op->genie_put.conversation_id = store_op_str(op, text(conversation));
    op->genie_put.now_us = w->now_us;
    return world_run(w, op);
}

/* "" when there is none. */
static struct str get(
    struct world *w, const char *user, const char *session, const char *space)
{
    struct store_op *op = world_op(w, STORE_GENIE_GET, user);
    op->genie_get.session_id = store_op_str(op, text(session));
    op->genie_get.space_id = store_op_str(op, text(space));
    enum rc rc = world_run(w, op);
    if (rc != RC_OK)
        CHECK_INT(rc, RC_NOT_FOUND);
    return rc == RC_OK ? op->genie_get.conversation_id : STR("");
}

TEST(a_chat_has_one_genie_conversation_for_each_space)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR(""));
    CHECK_INT(put(&w, "ann", "s1", "sales", "c1"), RC_OK);
    CHECK_INT(put(&w, "ann", "s1", "stock", "c2"), RC_OK);
    CHECK_INT(put(&w, "ann", "s2", "sales", "c3"), RC_OK);
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR("c1"));
    CHECK_STR(get(&w, "ann", "s1", "stock"), STR("c2"));
    world_reopen(&w);
    CHECK_STR(get(&w, "ann", "s2", "sales"), STR("c3"));
    CHECK_INT(put(&w, "ann", "s1", "sales", "c4"), RC_OK);
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR("c4"));
    CHECK_INT(put(&w, "ann", "s1", "sales", ""), RC_OK);
    CHECK_INT(put(&w, "ann", "s1", "sales", NULL), RC_OK);
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR(""));
    CHECK_STR(get(&w, "ann", "s1", "stock"), STR("c2"));
    world_close(&w);
}

TEST(a_genie_conversation_is_its_owners_and_goes_with_the_chat)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(put(&w, "ann", "s1", "sales", "c1"), RC_OK);
    CHECK_INT(put(&w, "bob", "s1", "sales", "c2"), RC_NOT_FOUND);
    CHECK_INT(put(&w, "bob", "s1", "sales", ""), RC_NOT_FOUND);
    CHECK_INT(put(&w, "ann", "none", "sales", "c2"), RC_NOT_FOUND);
    CHECK_STR(get(&w, "bob", "s1", "sales"), STR(""));
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR("c1"));
    struct store_op *op = world_op(&w, STORE_DELETE_SESSION, "ann");
    op->delete_session.session_id = STR("s1");
    op->delete_session.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR(""));
    CHECK_INT(put(&w, "ann", "s1", "sales", "c2"), RC_NOT_FOUND);
    op = world_op(&w, STORE_ERASE_SESSION, "ann");
    op->erase_session.session_id = STR("s1");
    op->erase_session.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->erase_session.erased, 1);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_STR(get(&w, "ann", "s1", "sales"), STR(""));
    world_close(&w);
}

static void finish(struct world *w, int turn, const char *model)
{
    static const char *const ids[] = {"", "s1-a1", "s1-a2"};
    CHECK_INT(world_ask(w, "ann", "s1", turn, "?"), RC_OK);
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){
        .message_id = store_op_str(op, text(ids[turn])),
        .status = STORE_COMPLETE,
        .content = STR("text"),
        .parts = STR("{\"id\":\"genie\"}\n"),
        .model = store_op_str(op, text(model)),
        .last_sequence = 2,
        .timestamp_us = w->now_us,
    };
    CHECK_INT(world_run(w, op), RC_OK);
}

TEST(context_has_the_parts_of_genies_replies_only)
{
    struct world w;
    world_open(&w);
    finish(&w, 1, "genie:Sales");
    finish(&w, 2, "model-1");
    struct store_op *op = world_op(&w, STORE_LOAD_CONTEXT, "ann");
    op->load_context.session_id = STR("s1");
    op->load_context.max_messages = 99;
    op->load_context.max_bytes = 9999;
    CHECK_INT(world_run(&w, op), RC_OK);
    const struct store_load_context *l = &op->load_context;
    CHECK_INT(l->count, 4);
    CHECK_STR(l->messages[1].parts, STR("{\"id\":\"genie\"}\n"));
    CHECK(l->messages[0].parts.p == NULL);
    CHECK(l->messages[3].parts.p == NULL);
    world_close(&w);
}
