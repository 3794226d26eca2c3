#include "base/mem.h"
#include "limits/quota.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/titles.h"
#include "api/turn.h"

struct str turn_str(struct turn *turn, struct str s)
{
    return arena_str(turn->arena, s);
}

/* A turn that has a place. */
static struct turn *make(
    struct api *api, const struct auth_identity *owner, struct str request_id)
{
    struct turn *turn = MEM_NEW(struct turn);
    turn->api = api;
    list_init(&turn->link);
    list_push(&api->turns, &turn->link);
    turn->arena = arena_new();
    turn->request_id = turn_str(turn, request_id);
    turn->owner = (struct auth_identity){
        .kind = owner->kind,
        .user_id = turn_str(turn, owner->user_id),
        .email = turn_str(turn, owner->email),
        .username = turn_str(turn, owner->username),
    };
    turn->has_place = true;
    turn->started_ms = loop_now_ms(turn->api->loop);
    turn->begun_us = loop_wall_us(turn->api->loop);
    turn->usage = (struct databricks_usage){-1, -1, -1, -1};
    turn->variant = turn->variants = turn->start_sequence = 1;
    return turn;
}

struct turn *turn_new(struct api_request *request)
{
    if (!turn_admit(request))
        return NULL;
    struct turn *turn =
        make(request->api, &request->identity, http_request_id(request->http));
    turn->request = request;
    secret_set(&turn->user_token, request->user_token);
    return turn;
}

struct turn *turn_new_alone(const struct turn *before)
{
    struct api *api = before->api;
    if (api->draining ||
        quota_take(api->config.quota, before->owner.user_id) != QUOTA_TAKEN)
        return NULL;
    struct turn *turn = make(api, &before->owner, before->request_id);
    turn->session_id = turn_str(turn, before->session_id);
    return turn;
}

/* The reply is not written any more: somebody else may have the place. */
static void give_place_back(struct turn *turn)
{
    if (turn->has_place)
        quota_give_back(turn->api->config.quota, turn->owner.user_id);
    turn->has_place = false;
}

void turn_free(struct turn *turn)
{
    turn_give_way(turn);
    give_place_back(turn);
    list_remove(&turn->link);
    store_op_abandon(turn->op);
    store_op_abandon(turn->look);
    store_op_free(turn->waiting);
    turn_forget_context(turn);
    if (turn->chat != NULL)
        databricks_chat_cancel(turn->chat);
    genie_turn_stop(turn);
    secret_release(&turn->user_token);
    arena_free(turn->arena);
    mem_free(turn);
}

struct api_request *turn_take_request(struct turn *turn)
{
    struct api_request *r = turn->request;
    if (r != NULL)
        http_request_on_gone(r->http, NULL, NULL);
    turn->request = NULL;
    return r;
}

size_t api_turns_storing(const struct api *api)
{
    size_t count = 0;
    for (struct list *n = api->turns.next; n != &api->turns; n = n->next)
        count += LIST_ITEM(n, struct turn, link)->state == TURN_STORING;
    return count;
}

void api_free_turns(struct api *api)
{
    LIST_EACH(node, &api->turns)
    turn_free(LIST_ITEM(node, struct turn, link));
}

void turn_end(struct turn *turn, enum reply_status status)
{
    turn->state = TURN_ENDED;
    turn_forget_context(turn);
    if (status != REPLY_COMPLETE || !titles_use_token(turn))
        secret_release(&turn->user_token);
    turn_give_way(turn);
    give_place_back(turn);
    turn->ended_us = loop_wall_us(turn->api->loop);
    turn_parts_end(turn, status);
    turn_join_sources(turn);
    turn->metrics = turn_metrics_json(turn);
    log_info("reply ended", LOG_STR("request_id", turn->request_id),
        LOG_STR("message_id", turn->reply_id),
        LOG_CSTR("status", reply_status_name(status)),
        LOG_STR("code", turn->error_code), LOG_STR("model", turn->model),
        LOG_STR("upstream_request_id", turn->upstream_id),
        LOG_INT("bytes", reply_text(turn->reply).n),
        LOG_INT("ms", loop_now_ms(turn->api->loop) - turn->started_ms));
    if (turn->error_code.n > 0)
        metrics_count_code(METRIC_CODE_REPLY_ERRORS, turn->error_code);
    reply_end(turn->reply, status, turn_final_json(turn, status));
}

void turn_fail(struct turn *turn, const char *code, const char *message)
{
    turn->error_code = turn_str(turn, str_from_c(code));
    turn->error_message = turn_str(turn, str_from_c(message));
    turn_end(turn, REPLY_ERROR);
}

void turn_stop_producing(struct turn *turn)
{
    turn_give_way(turn);
    give_place_back(turn);
    store_op_abandon(turn->op);
    turn->op = NULL;
    turn->cut = true;
    secret_release(&turn->user_token);
    genie_turn_stop(turn);
    if (turn->chat == NULL)
        return;
    turn->usage = databricks_chat_usage(turn->chat);
    databricks_chat_cancel(turn->chat);
    turn->chat = NULL;
}

/* What the row says of a reply that was to go on and does not. */
static void put_prior(struct turn *turn, struct store_op *op)
{
    struct store_finish_reply *f = &op->finish_reply;
    f->content = store_op_str(op, turn->prior.text);
    f->reasoning = store_op_str(op, turn->prior.reasoning);
    f->parts = store_op_str(op, turn->prior.parts);
    f->sources = store_op_str(op, turn->prior_sources);
    f->metrics = store_op_str(op, turn->prior_metrics);
    f->last_sequence = (int64_t)turn->prior.last_sequence + 2;
}

/* Ends the row of a reply that never began, so that the chat goes on. */
static void give_up_row(struct turn *turn)
{
    struct api *api = turn->api;
    struct store_op *op =
        store_op_new(api->loop, STORE_FINISH_REPLY, store_op_free, NULL);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->finish_reply = (struct store_finish_reply){
        .message_id = store_op_str(op, turn->reply_id),
        .status = turn->continued ? STORE_INTERRUPTED : STORE_FAILED,
        .content = STR(""),
        .error_code = STR("overloaded"),
        .error_message = STR("The server had too much to do. Try again."),
        .last_sequence = turn->start_sequence + 1,
        .timestamp_us = loop_wall_us(api->loop),
    };
    if (turn->continued)
        put_prior(turn, op);
    store_submit(api->config.store, op);
}

void turn_begin_reply(struct turn *turn)
{
    struct api *api = turn->api;
    struct api_request *r = turn_take_request(turn);
    struct arena *scratch = arena_new();
    genie_turn_choose(turn);
    struct reply_info info = {
        .reply_id = turn->reply_id,
        .owner = turn->owner.user_id,
        .session = turn->session_id,
        .start = turn_start_json(turn, turn->continued, scratch),
        .base = (uint64_t)turn->start_sequence,
        .prior = turn->continued ? &turn->prior : NULL,
    };
    enum rc rc = reply_start(api->replies, &info, turn, &turn->reply);
    arena_free(scratch);
    if (rc != RC_OK) {
        log_error("cannot start a reply; its row is ended", LOG_RC(rc),
            LOG_STR("request_id", turn->request_id));
        give_up_row(turn);
        if (r != NULL)
            problem_respond(r->http, PROBLEM_OVERLOADED,
                "The server keeps as many replies as it can. Try again in "
                "a minute.",
                &(struct problem_extra){.retry_after_ms = 60000});
        turn_free(turn);
        return;
    }
    if (r != NULL)
        api_stream_reply(api, r->http, turn->reply, turn->prior.last_sequence);
    if (api->draining)
        reply_stop(turn->reply, REPLY_INTERRUPTED);
    else
        turn_await(turn);
}
