#include "telemetry/log.h"

#include "api/turn.h"

/*
 * Messages that waited become turns: by themselves when the reply before them
 * is complete, or when a person says so.
 */

static void begin(struct turn *turn, const struct store_op *op)
{
    const struct store_send_queued *sent = &op->send_queued;
    struct api_queue_settings settings;
    api_queue_settings(turn->api, sent->item.settings, turn->arena, &settings);
    turn_set_wishes(turn, settings.model, NULL);
    turn->include_history = settings.include_history;
    turn->history_said = settings.history_said;
    turn_take_settings(turn, op);
    turn->question = turn_str(turn, sent->item.content);
    turn->question_id = turn_str(turn, sent->item.queue_id);
    turn_begin_reply(turn);
}

static void on_sent(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->op = NULL;
    if (op->rc == RC_OK)
        begin(turn, op);
    else if (op->rc == RC_NOT_FOUND)
        turn_refuse_with(
            turn, PROBLEM_NOT_FOUND, "No message waits in this chat.", NULL);
    else
        turn_refuse(turn, op, op->send_queued.streaming_id);
    store_op_free(op);
}

static void send_first(struct turn *turn)
{
    struct api *api = turn->api;
    struct store_op *op =
        store_op_new(api->loop, STORE_SEND_QUEUED, on_sent, turn);
    op->send_queued = (struct store_send_queued){
        .session_id = store_op_str(op, turn->session_id),
        .reply_id = store_op_str(op, turn_new_id(turn)),
        .model = api->config.model,
        .now_us = turn->begun_us,
    };
    turn->reply_id = turn_str(turn, op->send_queued.reply_id);
    turn_submit(turn, op);
}

void api_send_queued(struct http_request *http, void *)
{
    struct turn *turn = turn_new(api_request(http));
    if (turn == NULL)
        return;
    turn->session_id = turn_str(turn, http_request_param(http, "session_id"));
    send_first(turn);
}

static void on_looked(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->op = NULL;
    bool waits = op->rc == RC_OK && op->queue_list.count > 0;
    store_op_free(op);
    if (waits)
        send_first(turn);
    else
        turn_free(turn);
}

void turn_send_next(const struct turn *ended)
{
    struct turn *turn = turn_new_alone(ended);
    if (turn == NULL) {
        log_info("what waits in a chat is not sent by itself now",
            LOG_STR("request_id", ended->request_id));
        return;
    }
    struct store_op *op =
        store_op_new(turn->api->loop, STORE_QUEUE_LIST, on_looked, turn);
    op->queue_list.session_id = store_op_str(op, turn->session_id);
    turn_submit(turn, op);
}
