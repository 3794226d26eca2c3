#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "world.h"

/* Ratings, deletion, credentials, health, and operations as such. */

TEST(B8_a_rating_is_kept_changed_and_withdrawn)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_NONE);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_OK);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_DOWN), RC_OK);
    CHECK_INT(
        world_chat(&w, "ann", "s1")->messages[1].rating, STORE_RATING_DOWN);
    world_reopen(&w);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_DOWN);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_NONE), RC_OK);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_NONE), RC_OK);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_NONE);
    CHECK_INT(world_rate(&w, "ann", "none", STORE_RATING_UP), RC_NOT_FOUND);
    world_close(&w);
}

static enum rc delete_session(
    struct world *w, const char *user, const char *session)
{
    struct store_op *op = world_op(w, STORE_DELETE_SESSION, user);
    op->delete_session.session_id = store_op_str(op, text(session));
    op->delete_session.now_us = w->now_us;
    return world_run(w, op);
}

TEST(a_deleted_chat_is_gone_for_every_verb)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(delete_session(&w, "ann", "s1"), RC_OK);
    CHECK_INT(delete_session(&w, "ann", "s1"), RC_NOT_FOUND);
    CHECK_INT(delete_session(&w, "ann", "none"), RC_NOT_FOUND);
    CHECK(world_chat(&w, "ann", "s1") == NULL);
    CHECK(world_message(&w, "ann", "s1-a1") == NULL);
    CHECK_INT(world_ask(&w, "ann", "s1", 2, "?"), RC_NOT_FOUND);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "?"), RC_NOT_FOUND);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_NOT_FOUND);
    struct store_op *op = world_op(&w, STORE_LIST_SESSIONS, "ann");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_sessions.count, 0);
    op = world_op(&w, STORE_READ_EVENTS, "ann");
    op->read_events.message_id = STR("s1-a1");
    op->read_events.limit = 1;
    CHECK_INT(world_run(&w, op), RC_NOT_FOUND);
    op = world_op(&w, STORE_LOAD_CONTEXT, "ann");
    op->load_context.session_id = STR("s1");
    CHECK_INT(world_run(&w, op), RC_NOT_FOUND);
    world_close(&w);
}

/* The model may still be writing when a person deletes the chat. */
TEST(a_reply_in_a_deleted_chat_can_end)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(delete_session(&w, "ann", "s1"), RC_OK);
    CHECK_INT(world_answer(&w, "ann", "s1", 1, STORE_STOPPED, "x"), RC_OK);
    world_close(&w);
}

static enum rc put_credential(struct world *w, const char *user,
    enum store_credential_kind kind, const char *hash, int64_t expires_us,
    int64_t used_us)
{
    struct store_op *op = world_op(w, STORE_CREDENTIAL_PUT, user);
    op->credential_put.credential = (struct store_credential){.kind = kind,
        .hash = store_op_str(op, text(hash)),
        .email = STR("ann@example.org"),
        .username = STR("Ann"),
        .created_us = 5,
        .expires_us = expires_us,
        .last_used_us = used_us};
    return world_run(w, op);
}

static const struct store_credential *get_credential(struct world *w,
    enum store_credential_kind kind, const char *hash, int64_t now_us)
{
    struct store_op *op = world_op(w, STORE_CREDENTIAL_GET, NULL);
    op->credential_get.kind = kind;
    op->credential_get.hash = store_op_str(op, text(hash));
    op->credential_get.now_us = now_us;
    if (world_run(w, op) != RC_OK) {
        CHECK_INT(op->rc, RC_NOT_FOUND);
        return NULL;
    }
    return &op->credential_get.credential;
}

TEST(a_credential_tells_whose_it_is_until_it_expires)
{
    struct world w;
    const enum store_credential_kind session = STORE_CREDENTIAL_SESSION;
    const enum store_credential_kind token = STORE_CREDENTIAL_TOKEN;
    world_open(&w);
    CHECK_INT(put_credential(&w, "ann", session, "h1", 100, 0), RC_OK);
    CHECK_INT(put_credential(&w, "ann", token, "h2", 0, 0), RC_OK);
    const struct store_credential *c = get_credential(&w, session, "h1", 99);
    CHECK(c != NULL);
    CHECK_STR(c->user_id, STR("ann"));
    CHECK_STR(c->email, STR("ann@example.org"));
    CHECK_STR(c->username, STR("Ann"));
    CHECK(c->name.p == NULL);
    CHECK_INT(c->created_us, 5);
    CHECK(get_credential(&w, session, "h1", 100) == NULL);
    CHECK(get_credential(&w, token, "h1", 0) == NULL);
    CHECK(get_credential(&w, token, "h2", INT64_MAX) != NULL);
    CHECK_INT(put_credential(&w, "ann", session, "h1", 200, 77), RC_OK);
    c = get_credential(&w, session, "h1", 150);
    CHECK(c != NULL);
    CHECK_INT(c->last_used_us, 77);
    CHECK_INT(put_credential(&w, "bob", session, "h1", 300, 0), RC_CONFLICT);
    CHECK_STR(get_credential(&w, session, "h1", 150)->user_id, STR("ann"));
    world_close(&w);
}

static enum rc delete_credential(
    struct world *w, const char *user, const char *hash)
{
    struct store_op *op = world_op(w, STORE_CREDENTIAL_DELETE, user);
    op->credential_delete.kind = STORE_CREDENTIAL_SESSION;
    if (hash != NULL)
        op->credential_delete.hash = store_op_str(op, text(hash));
    return world_run(w, op);
}

TEST(credentials_are_listed_deleted_and_purged)
{
    struct world w;
    char hash[8];
    world_open(&w);
    for (int i = 0; i < 20; i++) {
        snprintf(hash, sizeof(hash), "h%d", i);
        put_credential(&w, "ann", STORE_CREDENTIAL_SESSION, hash, 50 + i, 0);
    }
    put_credential(&w, "ann", STORE_CREDENTIAL_TOKEN, "t", 0, 0);
    struct store_op *op = world_op(&w, STORE_CREDENTIAL_LIST, "ann");
    op->credential_list.kind = STORE_CREDENTIAL_SESSION;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->credential_list.count, 20);
    CHECK_INT(delete_credential(&w, "bob", "h1"), RC_NOT_FOUND);
    CHECK_INT(delete_credential(&w, "ann", "h1"), RC_OK);
    CHECK_INT(delete_credential(&w, "ann", "h1"), RC_NOT_FOUND);
    op = world_op(&w, STORE_PURGE, NULL);
    op->purge.events_us = 60;
    op->purge.limit = 1;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(delete_credential(&w, "ann", NULL), RC_OK);
    CHECK_INT(w.last->credential_delete.deleted, 10);
    CHECK(get_credential(&w, STORE_CREDENTIAL_TOKEN, "t", 1) != NULL);
    CHECK_INT(delete_credential(&w, "ann", NULL), RC_OK);
    CHECK_INT(w.last->credential_delete.deleted, 0);
    world_close(&w);
}

TEST(ping_and_stats_tell_that_the_store_lives)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_run(&w, world_op(&w, STORE_PING, NULL)), RC_OK);
    world_ask(&w, "ann", "s1", 1, "?");
    world_ask(&w, "ann", "s1", 2, "?");
    struct store_op *op = world_op(&w, STORE_STATS, NULL);
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->stats.schema_version >= 1);
    CHECK_INT(op->stats.operations, 3);
    CHECK_INT(op->stats.failures, 0);
    CHECK_INT(op->stats.live_replies, 1);
    CHECK(op->stats.file_bytes > 0 && !op->stats.read_only);
    world_close(&w);
}

TEST(absent_empty_and_odd_texts_come_back_as_given)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "o'neil; DROP TABLE sessions", "s1", 1, "%' OR 1=1 --");
    struct store_op *op =
        world_op(&w, STORE_FINISH_REPLY, "o'neil; DROP TABLE sessions");
    op->finish_reply.message_id = STR("s1-a1");
    op->finish_reply.status = STORE_COMPLETE;
    op->finish_reply.reasoning = STR("");
    op->finish_reply.sources = (struct str){0};
    op->finish_reply.timestamp_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    const struct store_chat *c =
        world_chat(&w, "o'neil; DROP TABLE sessions", "s1");
    CHECK(c != NULL);
    CHECK_STR(c->messages[0].content, STR("%' OR 1=1 --"));
    const struct store_message *m = &c->messages[1];
    CHECK(m->content.p != NULL && m->content.n == 0);
    CHECK(m->reasoning.p != NULL && m->reasoning.n == 0);
    CHECK(m->sources.p == NULL && m->error_code.p == NULL);
    world_close(&w);
}

TEST(a_large_text_comes_back_whole)
{
    enum { SIZE = 3 << 20 };
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    char *big = arena_alloc(op->arena, SIZE);
    memset(big, 'x', SIZE);
    op->finish_reply.message_id = STR("s1-a1");
    op->finish_reply.content = (struct str){big, SIZE};
    op->finish_reply.timestamp_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->content.n, SIZE);
    world_close(&w);
}

static void must_not_run(struct store_op *op)
{
    *(int *)op->ctx += 1;
    store_op_free(op);
}

TEST(an_abandoned_operation_is_never_heard_of_again)
{
    struct world w;
    int ran = 0;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    for (int i = 0; i < 20; i++) {
        struct store_op *op =
            store_op_new(w.loop, STORE_RATE, must_not_run, &ran);
        op->user_id = STR("ann");
        op->rate.message_id = STR("s1-a1");
        op->rate.rating = STORE_RATING_UP;
        store_submit(w.store, op);
        store_op_abandon(op);
    }
    store_op_abandon(store_op_new(w.loop, STORE_PING, must_not_run, &ran));
    store_op_abandon(NULL);
    CHECK_INT(world_run(&w, world_op(&w, STORE_PING, NULL)), RC_OK);
    CHECK_INT(ran, 0);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    world_close(&w);
}

struct order {
    int done;
    bool ordered;
};

static void on_ordered(struct store_op *op)
{
    struct order *order = op->ctx;
    int64_t expected = order->done++;
    if (op->rate.now_us != expected || op->rc != RC_OK)
        order->ordered = false;
    store_op_free(op);
}

TEST(writes_take_effect_in_the_order_of_submission)
{
    struct world w;
    struct order order = {0, true};
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    for (int i = 0; i < 200; i++) {
        struct store_op *op =
            store_op_new(w.loop, STORE_RATE, on_ordered, &order);
        op->user_id = STR("ann");
        op->rate.message_id = STR("s1-a1");
        op->rate.rating = i % 2 ? STORE_RATING_DOWN : STORE_RATING_UP;
        op->rate.now_us = i;
        store_submit(w.store, op);
    }
    while (order.done < 200)
        loop_turn(w.loop, 10000);
    CHECK(order.ordered);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_DOWN);
    world_close(&w);
}

TEST(closing_finishes_what_was_submitted)
{
    struct world w;
    struct order order = {0, true};
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    for (int i = 0; i < 50; i++) {
        struct store_op *op =
            store_op_new(w.loop, STORE_RATE, on_ordered, &order);
        op->user_id = STR("ann");
        op->rate.message_id = STR("s1-a1");
        op->rate.rating = STORE_RATING_UP;
        op->rate.now_us = i;
        store_submit(w.store, op);
    }
    store_close(w.store);
    CHECK_INT(order.done, 0);
    while (order.done < 50)
        loop_turn(w.loop, 10000);
    CHECK(order.ordered);
    w.store = backend.open(w.directory, true);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    world_close(&w);
}
