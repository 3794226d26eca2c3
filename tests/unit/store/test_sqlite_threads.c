#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"

#include "tap.h"
#include "world.h"

/* Several loops, each on its own thread, share one store. */

enum { WORKERS = 4, TURNS = 40, MIXED = 6 };

struct worker {
    struct store *store;
    struct loop *loop;
    struct loop_thread *thread;
    char user[16], session[16];
    int turn, pending;
    _Atomic int failures;
};

static void ask_next(struct worker *k);

static struct store_op *op_of(
    struct worker *k, enum store_verb verb, store_done_fn *done)
{
    struct store_op *op = store_op_new(k->loop, verb, done, k);
    op->user_id = store_op_str(op, text(k->user));
    return op;
}

static void note(struct worker *k, const struct store_op *op)
{
    if (op->rc != RC_OK)
        atomic_fetch_add(&k->failures, 1);
}

/* Ends a mixed operation; the last one begins the next turn. */
static void on_mixed(struct store_op *op)
{
    struct worker *k = op->ctx;
    note(k, op);
    store_op_free(op);
    if (--k->pending == 0)
        ask_next(k);
}

/* Reads and writes at once, and one that nobody waits for. */
static void on_answered(struct store_op *op)
{
    struct worker *k = op->ctx;
    note(k, op);
    store_op_free(op);
    k->pending = MIXED;
    for (int i = 0; i < MIXED / 2; i++) {
        struct store_op *get = op_of(k, STORE_GET_SESSION, on_mixed);
        get->get_session.session_id = store_op_str(get, text(k->session));
        get->get_session.with_messages = true;
        store_submit(k->store, get);
        struct store_op *rate = op_of(k, STORE_RATE, on_mixed);
        rate->rate.message_id =
            arena_printf(rate->arena, "%s-a%d", k->session, k->turn);
        rate->rate.rating = STORE_RATING_UP;
        store_submit(k->store, rate);
    }
    struct store_op *ping = op_of(k, STORE_PING, on_mixed);
    store_submit(k->store, ping);
    store_op_abandon(ping);
}

static void on_asked(struct store_op *op)
{
    struct worker *k = op->ctx;
    note(k, op);
    store_op_free(op);
    struct store_op *end = op_of(k, STORE_FINISH_REPLY, on_answered);
    end->finish_reply.message_id =
        arena_printf(end->arena, "%s-a%d", k->session, k->turn);
    end->finish_reply.content = STR("answer");
    store_submit(k->store, end);
}

static void ask_next(struct worker *k)
{
    if (k->turn == TURNS) {
        loop_stop(k->loop);
        return;
    }
    k->turn++;
    struct store_op *op = op_of(k, STORE_ADD_TURN, on_asked);
    op->add_turn.session_id = store_op_str(op, text(k->session));
    op->add_turn.user_message_id =
        arena_printf(op->arena, "%s-q%d", k->session, k->turn);
    op->add_turn.reply_id =
        arena_printf(op->arena, "%s-a%d", k->session, k->turn);
    op->add_turn.content = STR("question");
    store_submit(k->store, op);
}

static void worker_main(void *ctx)
{
    struct worker *k = ctx;
    ask_next(k);
    loop_run(k->loop);
}

TEST(loops_on_several_threads_share_a_store)
{
    struct world w;
    struct worker workers[WORKERS];
    world_open(&w);
    for (int i = 0; i < WORKERS; i++) {
        struct worker *k = &workers[i];
        *k = (struct worker){.store = w.store};
        snprintf(k->user, sizeof(k->user), "user-%d", i);
        snprintf(k->session, sizeof(k->session), "s%d", i);
        CHECK(loop_new(clock_system(), &k->loop) == RC_OK);
        CHECK(loop_thread_start("worker", worker_main, k, &k->thread) == RC_OK);
    }
    for (int i = 0; i < WORKERS; i++) {
        struct worker *k = &workers[i];
        loop_thread_join(k->thread);
        CHECK_INT(k->failures, 0);
        const struct store_chat *c = world_chat(&w, k->user, k->session);
        CHECK(c != NULL);
        CHECK_INT(c->message_count, 2 * TURNS);
        CHECK_INT(c->messages[2 * TURNS - 1].rating, STORE_RATING_UP);
    }
    store_close(w.store);
    w.store = NULL;
    for (int i = 0; i < WORKERS; i++)
        loop_free(workers[i].loop);
    world_close(&w);
}
