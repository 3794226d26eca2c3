#include "base/mem.h"
#include "limits/quota.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/turn.h"

struct str turn_str(struct turn *turn, struct str s)
{
    return arena_str(turn->arena, s);
}

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

/* Whether this person may start one more reply now; else says why not. */
static bool admit(struct api_request *r)
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
        refuse_rate(r, extra.retry_after_ms);
        return false;
    }
    return take_place(r);
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
    turn->usage = (struct databricks_usage){-1, -1, -1};
    turn->variant = turn->variants = turn->start_sequence = 1;
    return turn;
}

struct turn *turn_new(struct api_request *request)
{
    if (!admit(request))
        return NULL;
    struct turn *turn =
        make(request->api, &request->identity, http_request_id(request->http));
    turn->request = request;
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
    give_place_back(turn);
    list_remove(&turn->link);
    store_op_abandon(turn->op);
    store_op_abandon(turn->look);
    store_op_free(turn->waiting);
    if (turn->chat != NULL)
        databricks_chat_cancel(turn->chat);
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

static void client_gone(void *ctx)
{
    struct turn *turn = ctx;
    turn->request = NULL;
}

static void submit(struct turn *turn, struct store_op *op)
{
    turn->op = op;
    store_submit(turn->api->config.store, op);
}

/* A store that cannot say will not take the message either. */
static void on_rate(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_take_rate *rate = &op->take_rate;
    struct store_op *next = turn->waiting;
    turn->op = turn->waiting = NULL;
    if (op->rc != RC_OK || rate->allowed) {
        submit(turn, next);
    } else {
        struct api_request *r = turn_take_request(turn);
        if (r != NULL)
            refuse_rate(r, (rate->retry_after_us + 999) / 1000);
        store_op_free(next);
        turn_free(turn);
    }
    store_op_free(op);
}

static void take_rate(struct turn *turn)
{
    struct api *api = turn->api;
    struct store_op *op =
        store_op_new(api->loop, STORE_TAKE_RATE, on_rate, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->take_rate = (struct store_take_rate){
        .per_minute = api->config.shared_rate,
        .burst = api->config.shared_rate,
        .now_us = turn->begun_us,
    };
    submit(turn, op);
}

void turn_submit(struct turn *turn, struct store_op *op)
{
    op->user_id = store_op_str(op, turn->owner.user_id);
    if (turn->request != NULL)
        http_request_on_gone(turn->request->http, client_gone, turn);
    if (turn->api->config.shared_rate == 0 || turn->request == NULL) {
        submit(turn, op);
        return;
    }
    turn->waiting = op;
    take_rate(turn);
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
    give_place_back(turn);
    turn->ended_us = loop_wall_us(turn->api->loop);
    turn_join_sources(turn);
    turn->metrics = turn_metrics_json(turn);
    log_info("reply ended", LOG_STR("request_id", turn->request_id),
        LOG_STR("message_id", turn->reply_id),
        LOG_CSTR("status", reply_status_name(status)),
        LOG_STR("code", turn->error_code), LOG_STR("model", turn->model),
        LOG_INT("bytes", reply_text(turn->reply).n),
        LOG_INT("ms", loop_now_ms(turn->api->loop) - turn->started_ms));
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
    give_place_back(turn);
    store_op_abandon(turn->op);
    turn->op = NULL;
    turn->cut = true;
    if (turn->chat == NULL)
        return;
    turn->usage = databricks_chat_usage(turn->chat);
    databricks_chat_cancel(turn->chat);
    turn->chat = NULL;
}

/* The reply has reached its largest size: what is there is kept. */
static void end_full(struct turn *turn)
{
    databricks_chat_cancel(turn->chat);
    turn->chat = NULL;
    turn->finish_reason = STR("length");
    turn_end(turn, REPLY_COMPLETE);
}

static void on_event(void *ctx, const struct databricks_event *event)
{
    struct turn *turn = ctx;
    enum rc rc = RC_OK;
    switch (event->type) {
    case DATABRICKS_EVENT_TEXT:
    case DATABRICKS_EVENT_REASONING:
        if (turn->first_token_ms == 0)
            turn->first_token_ms = loop_now_ms(turn->api->loop);
        rc = event->type == DATABRICKS_EVENT_TEXT
                 ? reply_add_text(turn->reply, event->text)
                 : reply_add_reasoning(turn->reply, event->text);
        break;
    case DATABRICKS_EVENT_USAGE:
        turn->usage = event->usage;
        break;
    case DATABRICKS_EVENT_FINISH_REASON:
        turn->finish_reason = turn_str(turn, event->text);
        break;
    case DATABRICKS_EVENT_SOURCES:
        turn->sources = turn_str(turn, event->text);
        break;
    case DATABRICKS_EVENT_TOOL_CALL:
    case DATABRICKS_EVENT_TOOL_RESULT:
    case DATABRICKS_EVENT_APPROVAL:
    case DATABRICKS_EVENT_REPLACE:
        /* A log of text has no place for these: the text that came stands. */
        break;
    case DATABRICKS_EVENT_TRACE_ID:
        log_info("the reply has a trace in the workspace",
            LOG_STR("request_id", turn->request_id),
            LOG_STR("trace_id", event->text));
        break;
    }
    if (rc != RC_OK)
        end_full(turn);
}

static void on_done(void *ctx, const struct databricks_error *error)
{
    struct turn *turn = ctx;
    turn->chat = NULL;
    if (error == NULL && reply_text(turn->reply).n == 0 &&
        reply_reasoning(turn->reply).n == 0) {
        turn_fail(turn, "upstream_bad_response",
            "The model answered with nothing. Try again, or ask in other "
            "words.");
        return;
    }
    if (error == NULL) {
        turn_end(turn, REPLY_COMPLETE);
        return;
    }
    log_warn("the model did not answer to the end; the person is told",
        LOG_STR("request_id", turn->request_id),
        LOG_CSTR("code", databricks_code_name(error->code)),
        LOG_INT("status", error->http_status),
        LOG_CSTR("detail", error->detail));
    turn->error_code =
        turn_str(turn, str_from_c(databricks_code_name(error->code)));
    turn->error_message = turn_str(turn, str_from_c(error->message));
    bool goes_on =
        error->code == DATABRICKS_UPSTREAM_INTERRUPTED || turn->continued;
    turn->cut = goes_on && reply_text(turn->reply).n > 0;
    turn_end(turn, turn->cut ? REPLY_INTERRUPTED : REPLY_ERROR);
}

/*
 * Asks the model: what was said before (may be none), the question, and of a
 * reply that goes on what there is of it and the wish for the rest.
 */
static void ask(
    struct turn *turn, const struct store_context_message *before, size_t count)
{
    struct databricks_message *messages =
        arena_alloc(turn->arena, (count + 3) * sizeof(*messages));
    for (size_t i = 0; i < count; i++)
        messages[i] = (struct databricks_message){
            .role = before[i].role == STORE_ROLE_USER
                        ? DATABRICKS_ROLE_USER
                        : DATABRICKS_ROLE_ASSISTANT,
            .content = before[i].content,
        };
    messages[count++] =
        (struct databricks_message){DATABRICKS_ROLE_USER, turn->question};
    if (turn->continued) {
        messages[count++] = (struct databricks_message){
            DATABRICKS_ROLE_ASSISTANT, turn->prior.text};
        messages[count++] = (struct databricks_message){
            DATABRICKS_ROLE_USER, turn_go_on_wish()};
    }
    const struct api_config *config = &turn->api->config;
    struct databricks_chat_request request = {
        .endpoint = turn->model,
        .task = endpoint_probe_task(turn->api->probe, turn->model),
        .conversation_id = turn->session_id,
        .user_id =
            turn->owner.email.n > 0 ? turn->owner.email : turn->owner.user_id,
        .messages = messages,
        .message_count = count,
        .system_prompt = config->system_prompt,
        .max_tokens = config->max_tokens,
        .stream = true,
        .return_trace = endpoint_probe_traces(turn->api->probe, turn->model),
        .request_id = turn->request_id,
    };
    static const struct databricks_chat_handlers handlers = {on_event, on_done};
    turn->state = TURN_ASKING;
    if (databricks_chat_start(config->databricks, &request, &handlers, turn,
            &turn->chat) != RC_OK)
        turn_fail(turn, "upstream_bad_request",
            "The server's model name is not valid. Tell its operator.");
}

static void on_context(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->op = NULL;
    if (op->rc == RC_OK)
        ask(turn, op->load_context.messages, op->load_context.count);
    else if (op->rc == RC_NOT_FOUND)
        ask(turn, NULL, 0);
    else
        turn_fail(turn, "storage_unavailable",
            "The chat so far could not be read, so the model was not asked. "
            "Try again.");
    store_op_free(op);
}

static void load_context(struct turn *turn)
{
    struct api *api = turn->api;
    turn->state = TURN_LOADING;
    struct store_op *op =
        store_op_new(api->loop, STORE_LOAD_CONTEXT, on_context, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->load_context = (struct store_load_context){
        .session_id = store_op_str(op, turn->session_id),
        .before_id = store_op_str(
            op, turn->question_id.n > 0 ? turn->question_id : turn->reply_id),
        .max_messages = api->config.history_messages,
        .max_bytes = api->config.history_bytes,
    };
    turn->op = op;
    store_submit(api->config.store, op);
}

/* What the row says of a reply that was to go on and does not. */
static void put_prior(struct turn *turn, struct store_op *op)
{
    struct store_finish_reply *f = &op->finish_reply;
    f->content = store_op_str(op, turn->prior.text);
    f->reasoning = store_op_str(op, turn->prior.reasoning);
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
    struct reply_info info = {
        .reply_id = turn->reply_id,
        .owner = turn->owner.user_id,
        .session = turn->session_id,
        .start = turn_start_json(turn, turn->continued),
        .base = (uint64_t)turn->start_sequence,
        .prior = turn->continued ? &turn->prior : NULL,
    };
    enum rc rc = reply_start(api->replies, &info, turn, &turn->reply);
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
    else if (turn->include_history)
        load_context(turn);
    else
        ask(turn, NULL, 0);
}
