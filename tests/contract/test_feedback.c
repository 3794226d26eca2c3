#include <stdio.h>

#include "tap.h"
#include "world.h"

/* What people say of replies, and the outbox that tells it elsewhere. */

enum { SECOND_US = 1000000, LEASE_US = 30 * SECOND_US };

/* A vote with reasons and a comment; NULL leaves, "" removes. */
static enum rc rate(struct world *w, const char *message,
    enum store_rating rating, const char *reasons, const char *comment)
{
    struct store_op *op = world_op(w, STORE_RATE, "ann");
    op->rate =
        (struct store_rate){.message_id = store_op_str(op, text(message)),
            .rating = rating,
            .set_reasons = reasons != NULL,
            .set_comment = comment != NULL,
            .tell = true,
            .now_us = w->now_us};
    if (reasons != NULL && reasons[0] != '\0')
        op->rate.reasons = store_op_str(op, text(reasons));
    if (comment != NULL && comment[0] != '\0')
        op->rate.comment = store_op_str(op, text(comment));
    return world_run(w, op);
}

static void expect(struct world *w, const char *message,
    enum store_rating rating, const char *reasons, const char *comment)
{
    const struct store_message *m = world_message(w, "ann", message);
    CHECK_INT(m->rating, rating);
    CHECK_STR(m->reasons, text(reasons));
    CHECK_STR(m->comment, text(comment));
}

static void answer(struct world *w, const char *message, const char *trace)
{
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){
        .message_id = store_op_str(op, text(message)),
        .status = STORE_COMPLETE,
        .content = STR("!"),
        .tell = true,
        .last_sequence = 2,
        .timestamp_us = w->now_us};
    if (trace != NULL)
        op->finish_reply.trace_id = store_op_str(op, text(trace));
    CHECK_INT(world_run(w, op), RC_OK);
}

static void turn(struct world *w, int number, const char *trace)
{
    char id[16];
    CHECK_INT(world_ask(w, "ann", "s1", number, "?"), RC_OK);
    snprintf(id, sizeof(id), "s1-a%d", number);
    answer(w, id, trace);
}

static void regenerate(struct world *w, const char *message, const char *trace)
{
    struct store_op *op = world_op(w, STORE_REGENERATE, "ann");
    op->regenerate = (struct store_regenerate){.session_id = STR("s1"),
        .message_id = store_op_str(op, text(message)),
        .now_us = w->now_us};
    CHECK_INT(world_run(w, op), RC_OK);
    answer(w, message, trace);
}

static void show(struct world *w, const char *message, int64_t variant)
{
    struct store_op *op = world_op(w, STORE_SWITCH_VARIANT, "ann");
    op->switch_variant = (struct store_switch_variant){
        .message_id = store_op_str(op, text(message)),
        .variant = variant,
        .now_us = w->now_us};
    CHECK_INT(world_run(w, op), RC_OK);
}

TEST(reasons_and_a_comment_are_kept_changed_and_removed)
{
    struct world w;
    world_open(&w);
    turn(&w, 1, NULL);
    CHECK_INT(
        rate(&w, "s1-a1", STORE_RATING_DOWN, "[\"unsafe\"]", "no"), RC_OK);
    CHECK_STR(w.last->rate.stored_reasons, STR("[\"unsafe\"]"));
    CHECK_STR(w.last->rate.stored_comment, STR("no"));
    world_reopen(&w);
    expect(&w, "s1-a1", STORE_RATING_DOWN, "[\"unsafe\"]", "no");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, NULL, "now yes"), RC_OK);
    expect(&w, "s1-a1", STORE_RATING_DOWN, "[\"unsafe\"]", "now yes");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, "[\"other\"]", NULL), RC_OK);
    expect(&w, "s1-a1", STORE_RATING_DOWN, "[\"other\"]", "now yes");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, "", ""), RC_OK);
    expect(&w, "s1-a1", STORE_RATING_DOWN, "", "");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, "[\"other\"]", "x"), RC_OK);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    expect(&w, "s1-a1", STORE_RATING_UP, "", "x");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_NONE, NULL, NULL), RC_OK);
    expect(&w, "s1-a1", STORE_RATING_NONE, "", "");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    expect(&w, "s1-a1", STORE_RATING_UP, "", "");
    world_close(&w);
}

TEST(every_variant_keeps_what_was_said_of_it)
{
    struct world w;
    world_open(&w);
    turn(&w, 1, NULL);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, "[\"other\"]", "a"), RC_OK);
    regenerate(&w, "s1-a1", NULL);
    expect(&w, "s1-a1", STORE_RATING_NONE, "", "");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, "[\"clear\"]", "b"), RC_OK);
    show(&w, "s1-a1", 1);
    expect(&w, "s1-a1", STORE_RATING_DOWN, "[\"other\"]", "a");
    struct store_op *op = world_op(&w, STORE_LIST_VARIANTS, "ann");
    op->list_variants.message_id = STR("s1-a1");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_variants.count, 2);
    CHECK_STR(op->list_variants.variants[1].reasons, STR("[\"clear\"]"));
    CHECK_STR(op->list_variants.variants[1].comment, STR("b"));
    show(&w, "s1-a1", 2);
    expect(&w, "s1-a1", STORE_RATING_UP, "[\"clear\"]", "b");
    world_close(&w);
}

/* ---- The outbox ---- */

static const struct store_outbox_take *take(struct world *w, bool at_start)
{
    struct store_op *op = world_op(w, STORE_OUTBOX_TAKE, NULL);
    op->outbox_take = (struct store_outbox_take){.limit = 10,
        .lease_us = LEASE_US,
        .now_us = w->now_us,
        .at_start = at_start};
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->outbox_take;
}

/* The only item that is due, kept beyond the operation. */
static struct store_outbox_item take_one(struct world *w, struct arena *arena)
{
    const struct store_outbox_take *t = take(w, false);
    CHECK_INT(t->count, 1);
    struct store_outbox_item item = t->items[0];
    item.message_id = arena_str(arena, item.message_id);
    item.trace_id = arena_str(arena, item.trace_id);
    item.comment = arena_str(arena, item.comment);
    item.assessment_id = arena_str(arena, item.assessment_id);
    return item;
}

static void done(struct world *w, const struct store_outbox_item *item,
    enum store_outbox_end end, const char *assessment, int64_t delay_us)
{
    struct store_op *op = world_op(w, STORE_OUTBOX_DONE, NULL);
    op->outbox_done = (struct store_outbox_done){
        .message_id = store_op_str(op, item->message_id),
        .trace_id = store_op_str(op, item->trace_id),
        .takes = item->takes,
        .revision = item->revision,
        .end = end,
        .delay_us = delay_us,
        .now_us = w->now_us};
    if (assessment != NULL)
        op->outbox_done.assessment_id = store_op_str(op, text(assessment));
    if (end != STORE_OUTBOX_TOLD)
        op->outbox_done.failure = STR("upstream_unavailable");
    CHECK_INT(world_run(w, op), RC_OK);
}

TEST(a_rating_of_a_reply_with_a_trace_is_told_once)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    turn(&w, 1, NULL);
    turn(&w, 2, "tr-2");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    CHECK_INT(take(&w, false)->count, 0);
    CHECK_INT(w.last->outbox_take.next_in_us, -1);
    CHECK_INT(rate(&w, "s1-a2", STORE_RATING_UP, "[\"clear\"]", "yes"), RC_OK);
    world_reopen(&w);
    struct store_outbox_item item = take_one(&w, arena);
    CHECK_INT(w.last->outbox_take.waiting, 1);
    CHECK_STR(item.message_id, STR("s1-a2"));
    CHECK_STR(item.trace_id, STR("tr-2"));
    CHECK_STR(w.last->outbox_take.items[0].user_id, STR("ann"));
    CHECK_INT(item.rating, STORE_RATING_UP);
    CHECK_STR(item.comment, STR("yes"));
    CHECK(!item.doubtful);
    CHECK_INT(item.tries, 1);
    CHECK_INT(take(&w, false)->count, 0);
    done(&w, &item, STORE_OUTBOX_TOLD, "as-1", 0);
    CHECK_INT(take(&w, false)->count, 0);
    CHECK_INT(w.last->outbox_take.waiting, 0);
    CHECK_INT(rate(&w, "s1-a2", STORE_RATING_DOWN, NULL, NULL), RC_OK);
    item = take_one(&w, arena);
    CHECK_INT(item.rating, STORE_RATING_DOWN);
    CHECK_STR(item.assessment_id, STR("as-1"));
    CHECK(item.doubtful);
    CHECK_INT(item.tries, 1);
    world_close(&w);
    arena_free(arena);
}

TEST(what_changes_while_it_is_told_is_told_again)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    turn(&w, 1, "tr-1");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    struct store_outbox_item item = take_one(&w, arena);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_NONE, NULL, NULL), RC_OK);
    CHECK_INT(take(&w, false)->count, 0);
    done(&w, &item, STORE_OUTBOX_TOLD, "as-1", 0);
    item = take_one(&w, arena);
    CHECK_INT(item.rating, STORE_RATING_NONE);
    CHECK_STR(item.assessment_id, STR("as-1"));
    done(&w, &item, STORE_OUTBOX_TOLD, NULL, 0);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_NONE, NULL, NULL), RC_OK);
    CHECK_INT(take(&w, false)->count, 0);
    CHECK_INT(w.last->outbox_take.waiting, 0);
    world_close(&w);
    arena_free(arena);
}

TEST(what_failed_is_due_later_and_given_up_in_the_end)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    turn(&w, 1, "tr-1");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    struct store_outbox_item item = take_one(&w, arena);
    done(&w, &item, STORE_OUTBOX_LATER, NULL, 0);
    item = take_one(&w, arena);
    CHECK_INT(item.tries, 2);
    CHECK(item.doubtful);
    CHECK(item.age_us >= 0);
    done(&w, &item, STORE_OUTBOX_LATER, NULL, 3600 * (int64_t)SECOND_US);
    CHECK_INT(take(&w, false)->count, 0);
    CHECK_INT(w.last->outbox_take.waiting, 1);
    CHECK(w.last->outbox_take.next_in_us > 3500 * (int64_t)SECOND_US);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, NULL, NULL), RC_OK);
    item = take_one(&w, arena);
    CHECK_INT(item.tries, 1);
    done(&w, &item, STORE_OUTBOX_GAVE_UP, NULL, 0);
    CHECK_INT(take(&w, false)->count, 0);
    CHECK_INT(w.last->outbox_take.waiting, 0);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, NULL, "again"), RC_OK);
    item = take_one(&w, arena);
    CHECK(item.doubtful);
    world_close(&w);
    arena_free(arena);
}

TEST(whoever_lost_the_lease_has_no_say)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    turn(&w, 1, "tr-1");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    struct store_outbox_item old = take_one(&w, arena);
    if (take(&w, true)->count == 0) {
        /* Several processes: only time ends a lease. */
        world_close(&w);
        arena_free(arena);
        return;
    }
    struct store_outbox_item item = old;
    item.takes = w.last->outbox_take.items[0].takes;
    done(&w, &old, STORE_OUTBOX_GAVE_UP, NULL, 0);
    CHECK_INT(take(&w, false)->waiting, 1);
    done(&w, &item, STORE_OUTBOX_TOLD, "as-1", 0);
    CHECK_INT(take(&w, false)->waiting, 0);
    world_close(&w);
    arena_free(arena);
}

TEST(each_variant_has_a_trace_and_a_vote_of_its_own)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    turn(&w, 1, "tr-1");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, NULL, NULL), RC_OK);
    regenerate(&w, "s1-a1", "tr-2");
    struct store_outbox_item item = take_one(&w, arena);
    CHECK_STR(item.trace_id, STR("tr-1"));
    CHECK_INT(item.rating, STORE_RATING_DOWN);
    done(&w, &item, STORE_OUTBOX_TOLD, "as-1", 0);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    item = take_one(&w, arena);
    CHECK_STR(item.trace_id, STR("tr-2"));
    CHECK_INT(item.rating, STORE_RATING_UP);
    CHECK_INT(item.assessment_id.n, 0);
    world_close(&w);
    arena_free(arena);
}

TEST(a_trace_that_comes_with_the_end_takes_an_earlier_vote)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "?"), RC_OK);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    CHECK_INT(take(&w, false)->count, 0);
    answer(&w, "s1-a1", "tr-1");
    CHECK_STR(world_message(&w, "ann", "s1-a1")->trace_id, STR("tr-1"));
    CHECK_STR(take_one(&w, arena).trace_id, STR("tr-1"));
    world_close(&w);
    arena_free(arena);
}

TEST(a_chat_that_is_erased_takes_its_outbox_along)
{
    struct world w;
    world_open(&w);
    turn(&w, 1, "tr-1");
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_UP, NULL, NULL), RC_OK);
    struct store_op *op = world_op(&w, STORE_DELETE_SESSION, "ann");
    op->delete_session.session_id = STR("s1");
    op->delete_session.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    op = world_op(&w, STORE_ERASE_SESSION, "ann");
    op->erase_session.session_id = STR("s1");
    op->erase_session.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(take(&w, false)->count, 0);
    CHECK_INT(w.last->outbox_take.waiting, 0);
    world_close(&w);
}

/* ---- For evaluation ---- */

static const struct store_list_rated *list_rated(struct world *w,
    const char *after, int64_t after_variant, bool others, size_t limit)
{
    struct store_op *op = world_op(w, STORE_LIST_RATED, NULL);
    op->list_rated = (struct store_list_rated){
        .after_variant = after_variant, .others = others, .limit = limit};
    if (after != NULL)
        op->list_rated.after = store_op_str(op, text(after));
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->list_rated;
}

TEST(rated_replies_are_listed_page_by_page)
{
    struct world w;
    world_open(&w);
    turn(&w, 1, "tr-1");
    turn(&w, 2, NULL);
    turn(&w, 3, NULL);
    CHECK_INT(list_rated(&w, NULL, 0, false, 10)->count, 0);
    CHECK_INT(rate(&w, "s1-a1", STORE_RATING_DOWN, "[\"other\"]", "a"), RC_OK);
    CHECK_INT(rate(&w, "s1-a3", STORE_RATING_UP, NULL, NULL), RC_OK);
    const struct store_list_rated *l = list_rated(&w, NULL, 0, false, 1);
    CHECK_INT(l->count, 1);
    CHECK(l->more);
    CHECK_STR(l->items[0].message.message_id, STR("s1-a1"));
    CHECK_STR(l->items[0].message.comment, STR("a"));
    CHECK_STR(l->items[0].message.trace_id, STR("tr-1"));
    CHECK_INT(l->items[0].rated_us, w.now_us);
    l = list_rated(&w, "s1-a1", 1, false, 1);
    CHECK_INT(l->count, 1);
    CHECK(!l->more);
    CHECK_STR(l->items[0].message.message_id, STR("s1-a3"));
    CHECK(l->items[0].message.comment.p == NULL);

    int64_t rated_us = w.now_us;
    regenerate(&w, "s1-a3", NULL);
    w.now_us += SECOND_US;
    CHECK_INT(list_rated(&w, NULL, 0, false, 10)->count, 1);
    l = list_rated(&w, NULL, 0, true, 10);
    CHECK_INT(l->count, 1);
    CHECK_INT(l->items[0].message.variant, 1);
    CHECK_INT(l->items[0].message.rating, STORE_RATING_UP);
    CHECK_INT(l->items[0].rated_us, rated_us);
    CHECK_INT(list_rated(&w, "s1-a3", 1, true, 10)->count, 0);
    CHECK_INT(list_rated(&w, "s1-a3", 0, true, 10)->count, 1);
    show(&w, "s1-a3", 1);
    l = list_rated(&w, "s1-a1", 1, false, 10);
    CHECK_INT(l->count, 1);
    CHECK_INT(l->items[0].rated_us, rated_us);
    world_close(&w);
}

TEST(the_path_to_a_message_follows_its_variants_and_is_bounded)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "one?", "one");
    world_turn(&w, "ann", "s1", 2, "two?", "two");
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate = (struct store_regenerate){.session_id = STR("s1"),
        .message_id = STR("s1-a1"),
        .branch = true,
        .now_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    answer(&w, "s1-a1", NULL);
    op = world_op(&w, STORE_READ_PATH, NULL);
    op->read_path = (struct store_read_path){
        .message_id = STR("s1-a2"), .max_messages = 10, .max_bytes = 100};
    CHECK_INT(world_run(&w, op), RC_OK);
    const struct store_read_path *p = &op->read_path;
    CHECK_INT(p->count, 3);
    CHECK(!p->truncated);
    CHECK_STR(p->messages[0].content, STR("one?"));
    CHECK_INT(p->messages[0].role, STORE_ROLE_USER);
    CHECK_STR(p->messages[1].content, STR("one")); /* no longer shown */
    CHECK_STR(p->messages[2].content, STR("two?"));
    CHECK_STR(p->messages[2].message_id, STR("s1-q2"));
    static const struct {
        size_t messages, bytes, count;
    } bounds[] = {{3, 100, 3}, {2, 100, 2}, {1, 100, 1}, {10, 11, 3},
        {10, 10, 2}, {10, 4, 1}, {10, 3, 0}};
    for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++) {
        op = world_op(&w, STORE_READ_PATH, NULL);
        op->read_path = (struct store_read_path){.message_id = STR("s1-a2"),
            .max_messages = bounds[i].messages,
            .max_bytes = bounds[i].bytes};
        CHECK_INT(world_run(&w, op), RC_OK);
        CHECK_INT(op->read_path.count, bounds[i].count);
        CHECK_INT(op->read_path.truncated, bounds[i].count < 3);
    }
    world_close(&w);
}

TEST(what_was_refused_is_not_on_the_path)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "poison?"), RC_OK);
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){.message_id = STR("s1-a1"),
        .status = STORE_FAILED,
        .content = STR(""),
        .error_code = STR("content_blocked"),
        .last_sequence = 2,
        .timestamp_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    world_turn(&w, "ann", "s1", 2, "two?", "two");
    op = world_op(&w, STORE_READ_PATH, NULL);
    op->read_path = (struct store_read_path){
        .message_id = STR("s1-a2"), .max_messages = 10, .max_bytes = 100};
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->read_path.count, 1);
    CHECK_STR(op->read_path.messages[0].content, STR("two?"));
    world_close(&w);
}
