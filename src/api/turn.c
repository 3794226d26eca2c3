#include "base/mem.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/turn.h"

struct str turn_str(struct turn *turn, struct str s)
{
    return arena_str(turn->arena, s);
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
        metrics_add(METRIC_RATE_LIMITED, 1);
        problem_respond(r->http, PROBLEM_RATE_LIMITED,
            "You are sending messages faster than this server allows. Wait "
            "a moment, then send again.",
            &extra);
        return false;
    }
    extra.retry_after_ms = 2000;
    if (replies_live(api->replies, user) >= api->config.max_replies_per_user) {
        metrics_add(METRIC_RATE_LIMITED, 1);
        problem_respond(r->http, PROBLEM_RATE_LIMITED,
            "Too many replies are being written for you at once. Wait for "
            "one of them, or stop it.",
            &extra);
        return false;
    }
    if (replies_live(api->replies, (struct str){0}) >=
        api->config.max_replies) {
        problem_respond(r->http, PROBLEM_OVERLOADED,
            "The server is writing as many replies as it can. Send this "
            "again in a moment.",
            &extra);
        return false;
    }
    return true;
}

struct turn *turn_new(struct api_request *request)
{
    if (!admit(request))
        return NULL;
    struct turn *turn = MEM_NEW(struct turn);
    turn->api = request->api;
    list_init(&turn->link);
    list_push(&turn->api->turns, &turn->link);
    turn->arena = arena_new();
    turn->request = request;
    turn->request_id = turn_str(turn, http_request_id(request->http));
    turn->owner = (struct auth_identity){
        .kind = request->identity.kind,
        .user_id = turn_str(turn, request->identity.user_id),
        .email = turn_str(turn, request->identity.email),
        .username = turn_str(turn, request->identity.username),
    };
    turn->started_ms = loop_now_ms(turn->api->loop);
    turn->usage = (struct databricks_usage){-1, -1, -1};
    return turn;
}

void turn_free(struct turn *turn)
{
    list_remove(&turn->link);
    store_op_abandon(turn->op);
    if (turn->chat != NULL)
        databricks_chat_cancel(turn->chat);
    arena_free(turn->arena);
    mem_free(turn);
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
    turn->ended_us = loop_wall_us(turn->api->loop);
    turn->metrics = turn_metrics_json(turn);
    log_info("reply ended", LOG_STR("request_id", turn->request_id),
        LOG_STR("message_id", turn->reply_id),
        LOG_CSTR("status", reply_status_name(status)),
        LOG_STR("code", turn->error_code), LOG_STR("model", turn->model),
        LOG_INT("bytes", reply_text(turn->reply).n),
        LOG_INT("ms", loop_now_ms(turn->api->loop) - turn->started_ms));
    reply_end(turn->reply, status, turn_final_json(turn, status));
}

static void fail(struct turn *turn, const char *code, const char *message)
{
    turn->error_code = turn_str(turn, str_from_c(code));
    turn->error_message = turn_str(turn, str_from_c(message));
    turn_end(turn, REPLY_ERROR);
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
        fail(turn, "upstream_bad_response",
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
    bool cut = error->code == DATABRICKS_UPSTREAM_INTERRUPTED &&
               reply_text(turn->reply).n > 0;
    turn_end(turn, cut ? REPLY_INTERRUPTED : REPLY_ERROR);
}

/* Asks the model: what was said before (may be none) and the question. */
static void ask(
    struct turn *turn, const struct store_context_message *before, size_t count)
{
    struct databricks_message *messages =
        arena_alloc(turn->arena, (count + 1) * sizeof(*messages));
    for (size_t i = 0; i < count; i++)
        messages[i] = (struct databricks_message){
            .role = before[i].role == STORE_ROLE_USER
                        ? DATABRICKS_ROLE_USER
                        : DATABRICKS_ROLE_ASSISTANT,
            .content = before[i].content,
        };
    messages[count] =
        (struct databricks_message){DATABRICKS_ROLE_USER, turn->question};
    const struct api_config *config = &turn->api->config;
    struct databricks_chat_request request = {
        .endpoint = turn->model,
        .messages = messages,
        .message_count = count + 1,
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
        fail(turn, "upstream_bad_request",
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
        fail(turn, "storage_unavailable",
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

/* The request, if the client is still there; it is then answered by us. */
static struct api_request *take_request(struct turn *turn)
{
    struct api_request *r = turn->request;
    if (r != NULL)
        http_request_on_gone(r->http, NULL, NULL);
    turn->request = NULL;
    return r;
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
        .status = STORE_FAILED,
        .content = STR(""),
        .error_code = STR("overloaded"),
        .error_message = STR("The server had too much to do. Try again."),
        .timestamp_us = loop_wall_us(api->loop),
    };
    store_submit(api->config.store, op);
}

void turn_begin_reply(struct turn *turn)
{
    struct api *api = turn->api;
    struct api_request *r = take_request(turn);
    struct reply_info info = {
        .reply_id = turn->reply_id,
        .owner = turn->owner.user_id,
        .session = turn->session_id,
        .start = turn_start_json(turn),
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
        api_stream_reply(api, r->http, turn->reply, 0);
    if (api->draining)
        reply_stop(turn->reply, REPLY_INTERRUPTED);
    else if (turn->include_history)
        load_context(turn);
    else
        ask(turn, NULL, 0);
}

/* ---- What the hub asks of the layer around it ---- */

static void on_written(struct store_op *op)
{
    struct api *api = op->ctx;
    enum rc rc = op->rc;
    store_op_free(op);
    api->write_op = NULL;
    replies_written(api->replies, rc);
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
            .text_delta = store_op_str(op, deltas[i].text),
            .reasoning_delta = store_op_str(op, deltas[i].reasoning),
        };
    op->append_events.events = events;
    op->append_events.count = n;
    api->write_op = op;
    store_submit(api->config.store, op);
}

static enum store_status stored_status(enum reply_status status)
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
    if (rc == RC_CONFLICT || rc == RC_NOT_FOUND)
        rc = RC_OK; /* it has its final state, or its chat is gone */
    store_op_free(op);
    reply_finished(turn->reply, rc);
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
        .status = stored_status(reply_status(reply)),
        .content = store_op_str(op, reply_text(reply)),
        .reasoning = store_op_str(op, reply_reasoning(reply)),
        .model = store_op_str(op, turn->model),
        .sources = store_op_str(op, turn->sources),
        .metrics = store_op_str(op, turn->metrics),
        .error_code = store_op_str(op, turn->error_code),
        .error_message = store_op_str(op, turn->error_message),
        .finish_reason = store_op_str(op, turn->finish_reason),
        .last_sequence = (int64_t)reply_final_sequence(reply),
        .timestamp_us = turn->ended_us,
    };
    if (op->finish_reply.content.p == NULL)
        op->finish_reply.content = STR("");
    turn->op = op;
    store_submit(api->config.store, op);
}

/* Ends whatever the turn is waiting for. */
static void stop_producing(struct turn *turn)
{
    store_op_abandon(turn->op);
    turn->op = NULL;
    if (turn->chat != NULL)
        databricks_chat_cancel(turn->chat);
    turn->chat = NULL;
}

static void stop(void *, struct reply *reply, enum reply_status status)
{
    struct turn *turn = reply_ctx(reply);
    stop_producing(turn);
    turn_end(turn, status);
}

static void lost(void *, struct reply *reply, enum rc why)
{
    struct turn *turn = reply_ctx(reply);
    const char *detail;
    enum problem problem = problem_of_store(why, &detail);
    stop_producing(turn);
    fail(turn, problem_code(problem),
        "The rest of this reply could not be saved, so it was ended here. "
        "Tell the operator that the database does not take writes.");
}

static void forget(void *, struct reply *reply)
{
    turn_free(reply_ctx(reply));
}

struct replies_handlers api_turn_handlers(void)
{
    return (struct replies_handlers){
        .write = write_events,
        .finish = finish,
        .stop = stop,
        .lost = lost,
        .forget = forget,
    };
}
