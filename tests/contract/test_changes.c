#include <stdio.h>

#include "tap.h"
#include "world.h"

/* What a person's feed tells of what was done. */

static const struct store_read_changes *changes(
    struct world *w, const char *user, int64_t after, size_t limit)
{
    struct store_op *op = world_op(w, STORE_READ_CHANGES, user);
    op->read_changes.after = after;
    op->read_changes.limit = limit;
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->read_changes;
}

/* All behind a number, as "kind:session:message ..."; they have no gap. */
static void check_changes(
    struct world *w, const char *user, int64_t after, const char *expected)
{
    char seen[1024] = "";
    size_t n = 0;
    const struct store_read_changes *r = changes(w, user, after, 100);
    CHECK(!r->lost);
    CHECK_INT(r->last, after + (int64_t)r->count);
    for (size_t i = 0; i < r->count; i++) {
        const struct store_change *c = &r->changes[i];
        CHECK_INT(c->sequence, after + (int64_t)i + 1);
        n += (size_t)snprintf(seen + n, sizeof(seen) - n, "%s%s:%.*s:%.*s",
            n == 0 ? "" : " ", store_change_name(c->kind),
            STR_ARG(c->session_id), STR_ARG(c->message_id));
    }
    CHECK_STR(text(seen), text(expected));
}

static int64_t last_of(struct world *w, const char *user)
{
    return changes(w, user, 0, 0)->last;
}

TEST(a_turn_is_told_from_its_beginning_to_its_rating)
{
    struct world w;
    world_open(&w);
    check_changes(&w, "ann", 0, "");
    world_ask(&w, "ann", "s1", 1, "?");
    check_changes(&w, "ann", 0, "chat:s1: message:s1:s1-a1");
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    check_changes(&w, "ann", 2, "message:s1:s1-a1");
    world_rate(&w, "ann", "s1-a1", STORE_RATING_UP);
    world_rate(&w, "ann", "s1-a1", STORE_RATING_NONE);
    check_changes(&w, "ann", 3, "message:s1:s1-a1 message:s1:s1-a1");
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
    op->regenerate.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    check_changes(&w, "ann", 5, "message:s1:s1-a1");
    check_changes(&w, "bob", 0, "");
    world_close(&w);
}

static struct store_op *on_session(
    struct world *w, enum store_verb verb, const char *session)
{
    struct store_op *op = world_op(w, verb, "ann");
    struct str id = store_op_str(op, text(session));
    if (verb == STORE_UPDATE_SESSION)
        op->update_session = (struct store_update_session){
            .session_id = id, .set_pinned = true, .pinned = true};
    else if (verb == STORE_DELETE_SESSION)
        op->delete_session.session_id = id;
    else if (verb == STORE_RESTORE_SESSION)
        op->restore_session.session_id = id;
    else
        op->erase_session.session_id = id;
    return op;
}

TEST(what_is_done_with_chats_queues_and_drafts_is_told)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    int64_t n = last_of(&w, "ann");
    world_run(&w, on_session(&w, STORE_UPDATE_SESSION, "s1"));
    world_run(&w, on_session(&w, STORE_DELETE_SESSION, "s1"));
    world_run(&w, on_session(&w, STORE_RESTORE_SESSION, "s1"));
    check_changes(&w, "ann", n, "chat:s1: deleted:s1: chat:s1:");
    struct store_op *op = world_op(&w, STORE_QUEUE_PUT, "ann");
    op->queue_put.item.session_id = STR("s1");
    op->queue_put.item.queue_id = STR("q");
    op->queue_put.item.content = STR("x");
    CHECK_INT(world_run(&w, op), RC_OK);
    op = world_op(&w, STORE_SEND_QUEUED, "ann");
    op->send_queued.session_id = STR("s1");
    op->send_queued.reply_id = STR("r");
    CHECK_INT(world_run(&w, op), RC_OK);
    check_changes(&w, "ann", n + 3, "queue:s1: message:s1:r queue:s1:");
    world_run(&w, on_session(&w, STORE_DELETE_SESSION, "s1"));
    for (int i = 0; i < 2; i++) { /* the same text again is no change */
        op = world_op(&w, STORE_DRAFT_PUT, "ann");
        op->draft_put.draft.session_id = STR("new");
        op->draft_put.draft.content = STR("x");
        CHECK_INT(world_run(&w, op), RC_OK);
    }
    check_changes(&w, "ann", n + 6, "deleted:s1: draft:new:");
    world_close(&w);
}

TEST(what_failed_is_not_told)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    int64_t n = last_of(&w, "ann");
    CHECK_INT(world_ask(&w, "ann", "s1", 2, "?"), RC_CONFLICT);
    CHECK_INT(world_run(&w, on_session(&w, STORE_RESTORE_SESSION, "s1")),
        RC_NOT_FOUND);
    CHECK_INT(world_ask(&w, "bob", "s1", 2, "?"), RC_NOT_FOUND);
    CHECK_INT(
        world_answer(&w, "bob", "s1", 1, STORE_COMPLETE, "x"), RC_NOT_FOUND);
    check_changes(&w, "ann", n, "");
    check_changes(&w, "bob", 0, "");
    world_close(&w);
}

TEST(a_recovered_reply_is_told_to_its_owner)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    world_ask(&w, "bob", "s2", 1, "?");
    int64_t n = last_of(&w, "ann");
    struct store_op *op = world_op(&w, STORE_RECOVER, NULL);
    op->recover.at_start = true;
    op->recover.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->recover.recovered, 2);
    check_changes(&w, "ann", n, "message:s1:s1-a1");
    check_changes(&w, "bob", n, "message:s2:s2-a1");
    world_close(&w);
}

TEST(age_tells_whose_chat_it_erased)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "bob", "s2", 1, "?", "!");
    int64_t n = last_of(&w, "bob");
    struct store_op *op = world_op(&w, STORE_PURGE, NULL);
    op->purge.history_us = w.now_us + 1;
    op->purge.limit = 10;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->purge.chats, 2);
    check_changes(&w, "ann", n, "deleted:s1:");
    check_changes(&w, "bob", n, "deleted:s2:");
    world_close(&w);
}

TEST(changes_are_read_in_portions)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s1", 2, "?", "!");
    const struct store_read_changes *r = changes(&w, "ann", 1, 2);
    CHECK(r->count == 2 && !r->lost);
    CHECK_INT(r->changes[0].sequence, 2);
    CHECK_INT(r->changes[1].sequence, 3);
    CHECK_INT(r->last, 5);
    r = changes(&w, "ann", 5, 2);
    CHECK(r->count == 0 && r->last == 5 && !r->lost);
    r = changes(&w, "ann", 0, 0);
    CHECK(r->count == 0 && r->last == 5 && !r->lost);
    world_close(&w);
}

TEST(a_cursor_whose_changes_are_purged_is_lost)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK(changes(&w, "ann", 4, 10)->lost); /* of another database */
    struct store_op *op = world_op(&w, STORE_PURGE, NULL);
    op->purge.changes_us = INT64_MAX;
    op->purge.limit = 2;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->purge.more);
    CHECK(changes(&w, "ann", 0, 10)->lost);
    CHECK(changes(&w, "ann", 1, 10)->lost);
    CHECK(!changes(&w, "ann", 2, 10)->lost);
    CHECK_INT(w.last->read_changes.count, 1);
    op = world_op(&w, STORE_PURGE, NULL);
    op->purge.changes_us = INT64_MAX;
    op->purge.limit = 2;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(!op->purge.more);
    CHECK(changes(&w, "ann", 2, 10)->lost);
    CHECK(!changes(&w, "ann", 3, 10)->lost);
    world_rate(&w, "ann", "s1-a1", STORE_RATING_UP);
    check_changes(&w, "ann", 3, "message:s1:s1-a1");
    world_close(&w);
}

struct crowd {
    int done;
};

static void on_rated(struct store_op *op)
{
    struct crowd *crowd = op->ctx;
    CHECK_INT(op->rc, RC_OK);
    crowd->done++;
    store_op_free(op);
}

/* Many at once, of several people, in one commit and in many. */
TEST(numbers_have_no_gaps_whatever_comes_together)
{
    enum { ROUNDS = 100 };
    static const char *const people[] = {"ann", "bob", "cleo"};
    struct world w;
    struct crowd crowd = {0};
    char session[8], message[16];
    world_open(&w);
    for (int p = 0; p < 3; p++) {
        snprintf(session, sizeof(session), "s%d", p);
        world_turn(&w, people[p], session, 1, "?", "!");
    }
    for (int i = 0; i < 3 * ROUNDS; i++) {
        struct store_op *op =
            store_op_new(w.loop, STORE_RATE, on_rated, &crowd);
        snprintf(message, sizeof(message), "s%d-a1", i % 3);
        op->user_id = text(people[i % 3]);
        op->rate.message_id = store_op_str(op, text(message));
        op->rate.rating = STORE_RATING_UP;
        store_submit(w.store, op);
    }
    while (crowd.done < 3 * ROUNDS)
        loop_turn(w.loop, 10000);
    for (int p = 0; p < 3; p++) {
        const struct store_read_changes *r = changes(&w, people[p], 3, 1000);
        CHECK(r->count == ROUNDS && r->last == ROUNDS + 3 && !r->lost);
        for (int i = 0; i < ROUNDS; i++)
            CHECK_INT(r->changes[i].sequence, i + 4);
    }
    world_close(&w);
}
