#include "telemetry/log.h"

#include "api/turn.h"

/* What the model is told, and what becomes of its answer. */

static void on_done(void *ctx, const struct databricks_error *error)
{
    struct turn *turn = ctx;
    turn->chat = NULL;
    if (error == NULL && reply_text(turn->reply).n == 0 &&
        reply_reasoning(turn->reply).n == 0 &&
        reply_parts(turn->reply).n == 0) {
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
            DATABRICKS_ROLE_ASSISTANT, turn->parts.before};
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
    static const struct databricks_chat_handlers handlers = {
        turn_on_event, on_done};
    turn->state = TURN_ASKING;
    if (!turn_choose_way(turn, &request))
        return;
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

void turn_ask(struct turn *turn)
{
    if (turn->include_history)
        load_context(turn);
    else
        ask(turn, NULL, 0);
}
