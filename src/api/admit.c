#include "limits/quota.h"
#include "telemetry/metrics.h"

#include "api/turn.h"

/* Whether a person may start one more reply now, and if not, why. */

/* One of the places for replies that are being written; else says why not. */
static bool take_place(struct api_request *r)
{
    struct problem_extra extra = {.retry_after_ms = 2000};
    switch (quota_take(r->api->config.quota, r->identity.user_id)) {
    case QUOTA_TAKEN:
        return true;
    case QUOTA_KEY_FULL:
        metrics_add(METRIC_RATE_LIMITED, 1);
        problem_respond(r->http, PROBLEM_RATE_LIMITED,
            "Too many replies are being written for you at once. Wait for "
            "one of them, or stop it.",
            &extra);
        return false;
    case QUOTA_TOTAL_FULL:
        break;
    }
    problem_respond(r->http, PROBLEM_OVERLOADED,
        "The server is writing as many replies as it can. Send this again in "
        "a moment.",
        &extra);
    return false;
}

static void refuse_rate(struct api_request *r, int64_t retry_after_ms)
{
    metrics_add(METRIC_RATE_LIMITED, 1);
    problem_respond(r->http, PROBLEM_RATE_LIMITED,
        "You are sending messages faster than this server allows. Wait "
        "a moment, then send again.",
        &(struct problem_extra){.retry_after_ms = retry_after_ms});
}

bool turn_admit(struct api_request *r)
{
    struct api *api = r->api;
    struct problem_extra extra = {0};
    if (api->draining) {
        extra.retry_after_ms = 5000;
        problem_respond(r->http, PROBLEM_SHUTTING_DOWN,
            "The server is restarting; send this again in a few seconds.",
            &extra);
        return false;
    }
    struct str user = r->identity.user_id;
    if (!rate_limiter_take(api->config.limiter, user, loop_now_ms(api->loop),
            &extra.retry_after_ms)) {
        usage_note_local_rate(r);
        refuse_rate(r, extra.retry_after_ms);
        return false;
    }
    usage_note_local_rate(r);
    return take_place(r);
}

static void client_gone(void *ctx)
{
    struct turn *turn = ctx;
    turn->request = NULL;
}

void turn_submit_now(struct turn *turn, struct store_op *op)
{
    turn->op = op;
    store_submit(turn->api->config.store, op);
}

/* Nothing is in the way any more. */
static void submit_waiting(struct turn *turn)
{
    struct store_op *op = turn->waiting;
    turn->waiting = NULL;
    turn_submit_now(turn, op);
}

/* A store that cannot say will not take the message either. */
static void on_rate(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_take_rate *rate = &op->take_rate;
    turn->op = NULL;
    if (turn->request != NULL && op->rc == RC_OK)
        usage_note_rate(turn->request, rate->left);
    if (op->rc == RC_OK && !rate->allowed) {
        struct api_request *r = turn_take_request(turn);
        if (r != NULL)
            refuse_rate(r, (rate->retry_after_us + 999) / 1000);
        turn_free(turn);
    } else {
        submit_waiting(turn);
    }
    store_op_free(op);
}

static void check_rate(struct turn *turn)
{
    struct api *api = turn->api;
    if (api->config.shared_rate == 0 || turn->request == NULL) {
        submit_waiting(turn);
        return;
    }
    struct store_op *op =
        store_op_new(api->loop, STORE_TAKE_RATE, on_rate, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->take_rate = (struct store_take_rate){
        .per_minute = api->config.shared_rate,
        .burst = api->config.shared_rate,
        .now_us = turn->begun_us,
    };
    turn_submit_now(turn, op);
}

static void check_model(struct turn *turn)
{
    turn_check_model(turn, check_rate);
}

void turn_submit(struct turn *turn, struct store_op *op)
{
    op->user_id = store_op_str(op, turn->owner.user_id);
    if (turn->request != NULL)
        http_request_on_gone(turn->request->http, client_gone, turn);
    turn->waiting = op;
    turn_check_tokens(turn, check_model);
}
