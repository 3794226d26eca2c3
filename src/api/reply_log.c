#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/titles.h"
#include "api/turn.h"

/*
 * What the hub asks of the layer around it: the log and the end of a reply go
 * to the store. When the store says that a reply of ours has ended otherwise
 * (another node took us for dead), it leaves: who follows it here goes on with
 * what the store has.
 */

static void leave(struct turn *turn)
{
    log_warn("a reply was ended by another process; it goes on there",
        LOG_STR("request_id", turn->request_id),
        LOG_STR("message_id", turn->reply_id));
    turn_stop_producing(turn);
    turn->state = TURN_ENDED;
    reply_leave(turn->reply);
}

/*
 * A write of which events were dropped: the store is asked of each reply in
 * it, one after the other, before the write counts as done.
 */
static void ask_next(struct api *api);

/* An event that is there already is as good as written. */
static void on_known(struct store_op *op)
{
    struct api *api = op->ctx;
    const struct store_read_events *known = &op->read_events;
    struct reply *reply = replies_find(api->replies, known->message_id);
    bool there = op->rc == RC_OK && known->status == STORE_STREAMING &&
                 known->last_sequence > known->after;
    bool known_gone = op->rc == RC_OK || op->rc == RC_NOT_FOUND;
    if (reply != NULL && known_gone && !there)
        leave(reply_ctx(reply));
    store_op_free(op);
    api->write_op = NULL;
    ask_next(api);
}

static void ask(
    struct api *api, const struct reply *reply, const struct store_event *event)
{
    struct store_op *op =
        store_op_new(api->loop, STORE_READ_EVENTS, on_known, api);
    op->user_id = store_op_str(op, reply_info(reply)->owner);
    op->read_events = (struct store_read_events){
        .message_id = store_op_str(op, event->message_id),
        .after = event->sequence - 1,
        .limit = 1,
    };
    api->write_op = op;
    store_submit(api->config.store, op);
}

static void ask_next(struct api *api)
{
    const struct store_append_events *write =
        &api->doubtful_write->append_events;
    while (api->doubtful_at < write->count) {
        const struct store_event *event = &write->events[api->doubtful_at++];
        struct reply *reply = replies_find(api->replies, event->message_id);
        if (reply != NULL) {
            ask(api, reply, event);
            return;
        }
    }
    store_op_free(api->doubtful_write);
    api->doubtful_write = NULL;
    replies_written(api->replies, RC_OK);
}

static void on_written(struct store_op *op)
{
    struct api *api = op->ctx;
    enum rc rc = op->rc;
    api->write_op = NULL;
    if (rc == RC_OK)
        metrics_took(
            METRIC_TIME_EVENT_LOG, metrics_now_us() - api->write_began_us);
    if (rc == RC_OK && op->append_events.dropped > 0) {
        api->doubtful_write = op;
        api->doubtful_at = 0;
        ask_next(api);
        return;
    }
    store_op_free(op);
    replies_written(api->replies, rc);
}

/* Most events have no parts: their payload is absent. */
static struct str payload_of(
    struct store_op *op, const struct reply_delta *delta)
{
    return delta->parts.n > 0 ? store_op_str(op, delta->parts)
                              : (struct str){0};
}

static void write_events(void *ctx, const struct reply_delta *deltas, size_t n)
{
    struct api *api = ctx;
    struct store_op *op =
        store_op_new(api->loop, STORE_APPEND_EVENTS, on_written, api);
    struct store_event *events = arena_alloc(op->arena, n * sizeof(*events));
    for (size_t i = 0; i < n; i++)
        events[i] = (struct store_event){
            .message_id = store_op_str(op, deltas[i].reply_id),
            .sequence = (int64_t)deltas[i].sequence,
            .payload = payload_of(op, &deltas[i]),
            .text_delta = store_op_str(op, deltas[i].text),
            .reasoning_delta = store_op_str(op, deltas[i].reasoning),
        };
    op->append_events.events = events;
    op->append_events.count = n;
    api->write_began_us = metrics_now_us();
    api->write_op = op;
    store_submit(api->config.store, op);
}

enum store_status turn_stored_status(enum reply_status status)
{
    switch (status) {
    case REPLY_COMPLETE:
        return STORE_COMPLETE;
    case REPLY_STOPPED:
        return STORE_STOPPED;
    case REPLY_INTERRUPTED:
        return STORE_INTERRUPTED;
    case REPLY_STREAMING:
    case REPLY_ERROR:
        break;
    }
    return STORE_FAILED;
}

static void on_finished(struct store_op *op)
{
    struct turn *turn = op->ctx;
    enum rc rc = op->rc;
    turn->op = NULL;
    store_op_free(op);
    if (rc == RC_CONFLICT) { /* it has another end */
        leave(turn);
        return;
    }
    if (rc == RC_OK && reply_status(turn->reply) == REPLY_COMPLETE) {
        titles_consider(turn->api->titles, turn);
        if (!turn->parts.awaits_approval)
            turn_send_next(turn);
    }
    secret_release(&turn->user_token);
    /* A chat that is gone needs no end. */
    reply_finished(turn->reply, rc == RC_NOT_FOUND ? RC_OK : rc);
}

static void finish(void *ctx, struct reply *reply)
{
    struct api *api = ctx;
    struct turn *turn = reply_ctx(reply);
    struct store_op *op =
        store_op_new(api->loop, STORE_FINISH_REPLY, on_finished, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->finish_reply = (struct store_finish_reply){
        .message_id = store_op_str(op, turn->reply_id),
        .status = turn_stored_status(reply_status(reply)),
        .content = store_op_str(op, turn_content(turn)),
        .reasoning = store_op_str(op, reply_reasoning(reply)),
        .parts = store_op_str(op, turn_part_lines(turn)),
        .model = store_op_str(op, turn->model),
        .sources = store_op_str(op, turn->sources),
        .metrics = store_op_str(op, turn->metrics),
        .error_code = store_op_str(op, turn->error_code),
        .error_message = store_op_str(op, turn->error_message),
        .finish_reason = store_op_str(op, turn->finish_reason),
        .trace_id = store_op_str(op, turn->trace_id),
        .tell = api->tells_feedback,
        .last_sequence = (int64_t)reply_final_sequence(reply),
        .timestamp_us = turn->ended_us,
    };
    turn_spent(turn, &op->finish_reply.prompt_tokens,
        &op->finish_reply.completion_tokens);
    if (op->finish_reply.content.p == NULL)
        op->finish_reply.content = STR("");
    turn->op = op;
    store_submit(api->config.store, op);
}

static void stop(void *, struct reply *reply, enum reply_status status)
{
    struct turn *turn = reply_ctx(reply);
    turn_stop_producing(turn);
    turn_end(turn, status);
}

static void lost(void *, struct reply *reply, enum rc why)
{
    struct turn *turn = reply_ctx(reply);
    const char *detail;
    enum problem problem = problem_of_store(why, &detail);
    turn_stop_producing(turn);
    turn_fail(turn, problem_code(problem),
        "The rest of this reply could not be saved, so it was ended here. "
        "Tell the operator that the database does not take writes.");
}

static void forget(void *, struct reply *reply)
{
    turn_free(reply_ctx(reply));
}

struct replies_handlers reply_log_handlers(void)
{
    return (struct replies_handlers){
        .write = write_events,
        .finish = finish,
        .stop = stop,
        .lost = lost,
        .forget = forget,
    };
}
