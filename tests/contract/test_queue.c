#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "world.h"

/* Messages that wait until a reply has ended. */

static struct store_op *put_op(struct world *w, const char *user,
    const char *session, const char *id, const char *content)
{
    struct store_op *op = world_op(w, STORE_QUEUE_PUT, user);
    struct store_queue_put *p = &op->queue_put;
    w->now_us += 1000000;
    p->item.session_id = store_op_str(op, text(session));
    p->item.queue_id = store_op_str(op, text(id));
    p->item.settings = STR("{\"a\":1}");
    p->set_content = content != NULL;
    if (content != NULL)
        p->item.content = store_op_str(op, text(content));
    p->now_us = w->now_us;
    return op;
}

static enum rc put(struct world *w, const char *user, const char *session,
    const char *id, const char *content)
{
    return world_run(w, put_op(w, user, session, id, content));
}

static enum rc edit(struct world *w, const char *user, const char *session,
    const char *id, const char *content, int64_t place)
{
    struct store_op *op = put_op(w, user, session, id, content);
    op->queue_put.edit = true;
    op->queue_put.item.settings = (struct str){0};
    op->queue_put.place = place;
    return world_run(w, op);
}

static enum rc remove_one(
    struct world *w, const char *user, const char *session, const char *id)
{
    struct store_op *op = world_op(w, STORE_QUEUE_DELETE, user);
    op->queue_delete.session_id = store_op_str(op, text(session));
    op->queue_delete.queue_id = store_op_str(op, text(id));
    return world_run(w, op);
}

static struct store_op *send_op(
    struct world *w, const char *user, const char *session, const char *reply)
{
    struct store_op *op = world_op(w, STORE_SEND_QUEUED, user);
    w->now_us += 1000000;
    op->send_queued.session_id = store_op_str(op, text(session));
    op->send_queued.reply_id = store_op_str(op, text(reply));
    op->send_queued.model = STR("model-1");
    op->send_queued.now_us = w->now_us;
    return op;
}

static enum rc send_first(
    struct world *w, const char *user, const char *session, const char *reply)
{
    return world_run(w, send_op(w, user, session, reply));
}

/* The contents in order, "a b c". */
static void check_queue(struct world *w, const char *user, const char *session,
    const char *expected)
{
    char seen[512] = "";
    size_t n = 0;
    struct store_op *op = world_op(w, STORE_QUEUE_LIST, user);
    op->queue_list.session_id = store_op_str(op, text(session));
    CHECK_INT(world_run(w, op), RC_OK);
    size_t count = op->queue_list.count;
    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(seen + n, sizeof(seen) - n, "%s%.*s",
            n == 0 ? "" : " ", STR_ARG(op->queue_list.items[i].content));
    CHECK_STR(text(seen), text(expected));
    CHECK_INT(world_chat(w, user, session)->session.queued, count);
}

/* A chat of ann's in which a reply streams. */
static void open_streaming(struct world *w)
{
    world_open(w);
    CHECK_INT(world_ask(w, "ann", "s1", 1, "?"), RC_OK);
}

TEST(messages_wait_in_order_and_can_be_changed)
{
    struct world w;
    open_streaming(&w);
    CHECK_INT(put(&w, "ann", "s1", "1", "a"), RC_OK);
    CHECK_INT(w.last->queue_put.stored.created_us, w.now_us);
    CHECK_INT(put(&w, "ann", "s1", "2", "b"), RC_OK);
    CHECK_INT(put(&w, "ann", "s1", "3", "c"), RC_OK);
    world_reopen(&w);
    check_queue(&w, "ann", "s1", "a b c");
    CHECK_INT(edit(&w, "ann", "s1", "2", "B", 0), RC_OK);
    CHECK_STR(w.last->queue_put.stored.content, STR("B"));
    CHECK_STR(w.last->queue_put.stored.settings, STR("{\"a\":1}"));
    check_queue(&w, "ann", "s1", "a B c");
    CHECK_INT(edit(&w, "ann", "s1", "3", NULL, 1), RC_OK);
    CHECK_STR(w.last->queue_put.stored.content, STR("c"));
    check_queue(&w, "ann", "s1", "c a B");
    CHECK_INT(edit(&w, "ann", "s1", "3", NULL, 2), RC_OK);
    check_queue(&w, "ann", "s1", "a c B");
    CHECK_INT(edit(&w, "ann", "s1", "1", "A", 99), RC_OK);
    check_queue(&w, "ann", "s1", "c B A");
    CHECK_INT(remove_one(&w, "ann", "s1", "2"), RC_OK);
    CHECK_INT(remove_one(&w, "ann", "s1", "2"), RC_NOT_FOUND);
    CHECK_INT(edit(&w, "ann", "s1", "2", "x", 0), RC_NOT_FOUND);
    struct store_op *op = put_op(&w, "ann", "s1", "4", "d");
    op->queue_put.place = 2;
    CHECK_INT(world_run(&w, op), RC_OK);
    check_queue(&w, "ann", "s1", "c d A");
    world_close(&w);
}

TEST(an_item_put_again_is_one_item)
{
    struct world w;
    open_streaming(&w);
    for (int i = 0; i < 3; i++)
        CHECK_INT(put(&w, "ann", "s1", "1", "a"), RC_OK);
    check_queue(&w, "ann", "s1", "a");
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    CHECK_INT(send_first(&w, "ann", "s1", "r"), RC_OK);
    CHECK_INT(put(&w, "ann", "s1", "1", "a"), RC_OK);
    CHECK(w.last->queue_put.sent);
    check_queue(&w, "ann", "s1", "");
    world_close(&w);
}

TEST(a_queue_has_a_bound)
{
    struct world w;
    char id[16];
    open_streaming(&w);
    for (int i = 0; i < STORE_MAX_QUEUED; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        CHECK_INT(put(&w, "ann", "s1", id, "x"), RC_OK);
    }
    CHECK_INT(put(&w, "ann", "s1", "more", "x"), RC_CONFLICT);
    CHECK_INT(edit(&w, "ann", "s1", "q49", "last", 1), RC_OK);
    CHECK_INT(remove_one(&w, "ann", "s1", "q7"), RC_OK);
    CHECK_INT(put(&w, "ann", "s1", "more", "x"), RC_OK);
    world_close(&w);
}

TEST(the_first_that_waits_becomes_a_turn)
{
    struct world w;
    open_streaming(&w);
    put(&w, "ann", "s1", "q-1", "a");
    put(&w, "ann", "s1", "q-2", "b");
    CHECK_INT(send_first(&w, "ann", "s1", "r-1"), RC_CONFLICT);
    CHECK_STR(w.last->send_queued.streaming_id, STR("s1-a1"));
    check_queue(&w, "ann", "s1", "a b");
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    CHECK_INT(send_first(&w, "ann", "s1", "r-1"), RC_OK);
    const struct store_queued *item = &w.last->send_queued.item;
    CHECK_STR(item->queue_id, STR("q-1"));
    CHECK_STR(item->content, STR("a"));
    CHECK_STR(item->settings, STR("{\"a\":1}"));
    check_queue(&w, "ann", "s1", "b");
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK_INT(c->message_count, 4);
    CHECK_STR(c->messages[2].message_id, STR("q-1"));
    CHECK_STR(c->messages[2].content, STR("a"));
    CHECK_STR(c->messages[3].message_id, STR("r-1"));
    CHECK_STR(c->messages[3].parent_id, STR("q-1"));
    CHECK_INT(c->messages[3].status, STORE_STREAMING);
    CHECK_INT(world_events(&w, "r-1", 2, 2), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 0);
    world_close(&w);
}

TEST(one_that_is_not_the_first_is_not_sent)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(send_first(&w, "ann", "s1", "r"), RC_NOT_FOUND);
    put(&w, "ann", "s1", "q-1", "a");
    put(&w, "ann", "s1", "q-2", "b");
    struct store_op *op = send_op(&w, "ann", "s1", "r");
    op->send_queued.queue_id = STR("q-2");
    CHECK_INT(world_run(&w, op), RC_NOT_FOUND);
    check_queue(&w, "ann", "s1", "a b");
    op = send_op(&w, "ann", "s1", "r");
    op->send_queued.queue_id = STR("q-1");
    CHECK_INT(world_run(&w, op), RC_OK);
    check_queue(&w, "ann", "s1", "b");
    world_close(&w);
}

TEST(what_was_sent_another_way_is_not_sent_twice)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    put(&w, "ann", "s1", "s1-q2", "twice?");
    put(&w, "ann", "s1", "q-2", "b");
    world_turn(&w, "ann", "s1", 2, "twice?", "!");
    CHECK_INT(send_first(&w, "ann", "s1", "r"), RC_OK);
    CHECK_STR(w.last->send_queued.item.content, STR("b"));
    CHECK_INT(world_chat(&w, "ann", "s1")->message_count, 6);
    check_queue(&w, "ann", "s1", "");
    world_close(&w);
}

TEST(a_queue_goes_with_its_chat)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    put(&w, "ann", "s1", "q-1", "a");
    struct store_op *op = world_op(&w, STORE_DELETE_SESSION, "ann");
    op->delete_session.session_id = STR("s1");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(put(&w, "ann", "s1", "q-2", "b"), RC_NOT_FOUND);
    CHECK_INT(send_first(&w, "ann", "s1", "r"), RC_NOT_FOUND);
    op = world_op(&w, STORE_ERASE_SESSION, "ann");
    op->erase_session.session_id = STR("s1");
    CHECK_INT(world_run(&w, op), RC_OK);
    world_turn(&w, "bob", "s1", 1, "?", "!");
    check_queue(&w, "bob", "s1", "");
    world_close(&w);
}

TEST(queues_of_others_are_not_there)
{
    struct world w;
    open_streaming(&w);
    put(&w, "ann", "s1", "q-1", "a");
    world_turn(&w, "bob", "b1", 1, "?", "!");
    CHECK_INT(put(&w, "bob", "s1", "q-2", "x"), RC_NOT_FOUND);
    CHECK_INT(put(&w, "bob", "none", "q-2", "x"), RC_NOT_FOUND);
    CHECK_INT(put(&w, "bob", "b1", "q-1", "x"), RC_NOT_FOUND);
    CHECK_INT(put(&w, "bob", "b1", "s1-q1", "x"), RC_NOT_FOUND);
    CHECK_INT(edit(&w, "bob", "b1", "q-1", "x", 1), RC_NOT_FOUND);
    CHECK_INT(edit(&w, "bob", "s1", "q-1", "x", 1), RC_NOT_FOUND);
    CHECK_INT(remove_one(&w, "bob", "b1", "q-1"), RC_NOT_FOUND);
    CHECK_INT(remove_one(&w, "bob", "s1", "q-1"), RC_NOT_FOUND);
    CHECK_INT(send_first(&w, "bob", "s1", "r"), RC_NOT_FOUND);
    CHECK_INT(send_first(&w, "bob", "b1", "r"), RC_NOT_FOUND);
    struct store_op *op = world_op(&w, STORE_QUEUE_LIST, "bob");
    op->queue_list.session_id = STR("s1");
    CHECK_INT(world_run(&w, op), RC_NOT_FOUND);
    CHECK_INT(op->queue_list.count, 0);
    check_queue(&w, "ann", "s1", "a");
    world_close(&w);
}
