#include "tap.h"
#include "world.h"

/* What people have used: tokens by day, and the rate that processes share. */

enum { DAYS = 20000 };
static const int64_t DAY_US = INT64_C(24) * 3600 * 1000000;

static enum rc end_reply(struct world *w, const char *user, const char *id,
    int64_t at_us, int64_t prompt, int64_t completion)
{
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, user);
    op->finish_reply.message_id = store_op_str(op, text(id));
    op->finish_reply.status = STORE_COMPLETE;
    op->finish_reply.content = STR("x");
    op->finish_reply.timestamp_us = at_us;
    op->finish_reply.prompt_tokens = prompt;
    op->finish_reply.completion_tokens = completion;
    return world_run(w, op);
}

static const struct store_read_usage *use(
    struct world *w, const char *user, int64_t day_us)
{
    struct store_op *op = world_op(w, STORE_READ_USAGE, user);
    op->read_usage.day_us = day_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->read_usage;
}

TEST(tokens_add_up_by_person_and_day)
{
    struct world w;
    const int64_t day = DAYS * DAY_US, next = (DAYS + 1) * DAY_US;
    world_open(&w);
    CHECK_INT(use(&w, "ann", day)->prompt_tokens, 0);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(end_reply(&w, "ann", "s1-a1", day, 100, 20), RC_OK);
    world_ask(&w, "ann", "s1", 2, "?");
    CHECK_INT(end_reply(&w, "ann", "s1-a2", next - 1, 200, -1), RC_OK);
    world_ask(&w, "ann", "s1", 3, "?");
    CHECK_INT(end_reply(&w, "ann", "s1-a3", next, 1, 1), RC_OK);
    world_ask(&w, "bob", "s2", 1, "?");
    CHECK_INT(end_reply(&w, "bob", "s2-a1", day, 7, 7), RC_OK);
    CHECK_INT(use(&w, "ann", day + 5)->prompt_tokens, 300);
    CHECK_INT(use(&w, "ann", day + 5)->completion_tokens, 20);
    CHECK_INT(use(&w, "ann", next)->prompt_tokens, 1);
    CHECK_INT(use(&w, "bob", day)->completion_tokens, 7);
    world_close(&w);
}

TEST(a_reply_that_has_ended_costs_nothing_more)
{
    struct world w;
    const int64_t day = DAYS * DAY_US;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(end_reply(&w, "ann", "s1-a1", day, 100, 20), RC_OK);
    CHECK_INT(end_reply(&w, "ann", "s1-a1", day, 100, 20), RC_CONFLICT);
    CHECK_INT(end_reply(&w, "bob", "s1-a1", day, 100, 20), RC_NOT_FOUND);
    CHECK_INT(use(&w, "ann", day)->prompt_tokens, 100);
    CHECK_INT(use(&w, "bob", day)->prompt_tokens, 0);
    world_close(&w);
}

static int64_t rate_left(struct world *w, const char *user)
{
    struct store_op *op = world_op(w, STORE_READ_USAGE, user);
    op->read_usage.per_minute = 1;
    op->read_usage.burst = 3;
    op->read_usage.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return op->read_usage.rate_left;
}

static int64_t take(struct world *w, const char *user)
{
    struct store_op *op = world_op(w, STORE_TAKE_RATE, user);
    op->take_rate.per_minute = 1;
    op->take_rate.burst = 3;
    op->take_rate.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return op->take_rate.left;
}

TEST(a_bucket_says_what_is_left)
{
    struct world w;
    world_open(&w);
    CHECK_INT(rate_left(&w, "ann"), 3);
    CHECK_INT(take(&w, "ann"), 2);
    CHECK_INT(take(&w, "ann"), 1);
    CHECK_INT(rate_left(&w, "ann"), 1);
    CHECK_INT(rate_left(&w, "bob"), 3);
    world_close(&w);
}

TEST(what_is_old_is_forgotten)
{
    struct world w;
    const int64_t day = DAYS * DAY_US;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(end_reply(&w, "ann", "s1-a1", day, 100, 20), RC_OK);
    world_ask(&w, "ann", "s1", 2, "?");
    CHECK_INT(end_reply(&w, "ann", "s1-a2", day + DAY_US, 5, 5), RC_OK);
    struct store_op *op = world_op(&w, STORE_PURGE, NULL);
    op->purge.usage_us = day + DAY_US;
    op->purge.limit = 10;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(use(&w, "ann", day)->prompt_tokens, 0);
    CHECK_INT(use(&w, "ann", day + DAY_US)->prompt_tokens, 5);
    world_close(&w);
}
