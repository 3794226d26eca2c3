#include "telemetry/log.h"

#include "api/turn.h"

/* What becomes of the model's answer. */

static void on_done(void *ctx, const struct databricks_error *error)
{
    struct turn *turn = ctx;
    turn->chat = NULL;
    if (error != NULL && turn_ask_otherwise(turn, error))
        return;
    turn_heard_out(turn, error);
    if (error == NULL && reply_text(turn->reply).n == 0 &&
        reply_reasoning(turn->reply).n == 0 && turn->parts.tool_count == 0) {
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

/* The last one counts: a call that fails may be made again. */
static void on_head(void *ctx, int status, struct str request_id)
{
    struct turn *turn = ctx;
    turn->head_ms = loop_now_ms(turn->api->loop);
    turn->upstream_id = turn_str(turn, request_id);
    turn_hear_head(turn, status);
}

const struct databricks_chat_handlers turn_answer_handlers = {
    .on_event = turn_hear, .on_done = on_done, .on_head = on_head};
