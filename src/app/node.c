#include "base/mem.h"
#include "telemetry/log.h"

#include "app/node.h"

enum {
    BEAT_MS = 3000,
    LOOK_MS = 5000,
    DEAD_AFTER_US = 15 * 1000 * 1000,
    TURN_MS = 50,
};

struct node {
    struct loop *loop;
    struct store *store;
    struct loop_timer *beat;
    struct loop_timer *look;
    struct store_op *beat_op; /* under way, or NULL */
    struct store_op *look_op; /* under way, or NULL */
    bool others;
};

static void on_beaten(struct store_op *op)
{
    struct node *n = op->ctx;
    n->beat_op = NULL;
    if (op->rc != RC_OK)
        log_warn("cannot tell the other nodes that this one lives; trying "
                 "again",
            LOG_RC(op->rc), LOG_CSTR("why", op->error));
    store_op_free(op);
    if (n->others)
        loop_timer_start(n->beat, BEAT_MS);
}

static void beat(void *ctx)
{
    struct node *n = ctx;
    struct store_op *op = store_op_new(n->loop, STORE_HEARTBEAT, on_beaten, n);
    op->heartbeat.now_us = loop_wall_us(n->loop);
    n->beat_op = op;
    store_submit(n->store, op);
}

static void on_looked(struct store_op *op)
{
    struct node *n = op->ctx;
    n->look_op = NULL;
    if (op->rc == RC_OK && op->recover.recovered > 0)
        log_warn("replies that a crash had cut are kept as interrupted",
            LOG_INT("replies", op->recover.recovered));
    if (op->rc != RC_OK)
        log_warn("could not look for replies that were cut; a database that "
                 "cannot be written serves what it holds",
            LOG_RC(op->rc), LOG_CSTR("why", op->error));
    store_op_free(op);
    if (n->others)
        loop_timer_start(n->look, LOOK_MS);
}

static void submit_look(struct node *n, bool at_start)
{
    struct store_op *op = store_op_new(n->loop, STORE_RECOVER, on_looked, n);
    op->recover = (struct store_recover){
        .at_start = at_start,
        .now_us = loop_wall_us(n->loop),
        .dead_after_us = DEAD_AFTER_US,
    };
    n->look_op = op;
    store_submit(n->store, op);
}

static void look(void *ctx)
{
    submit_look(ctx, false);
}

struct node *node_new(struct loop *loop, struct store *store, bool others)
{
    struct node *n = MEM_NEW(struct node);
    *n = (struct node){.loop = loop, .store = store, .others = others};
    n->beat = loop_timer_new(loop, beat, n);
    n->look = loop_timer_new(loop, look, n);
    beat(n);
    submit_look(n, true);
    while (n->beat_op != NULL || n->look_op != NULL)
        loop_turn(loop, TURN_MS);
    return n;
}

void node_free(struct node *n)
{
    if (n == NULL)
        return;
    store_op_abandon(n->beat_op);
    store_op_abandon(n->look_op);
    loop_timer_free(n->beat);
    loop_timer_free(n->look);
    mem_free(n);
}
