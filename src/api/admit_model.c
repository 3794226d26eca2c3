#include "limits/admission.h"
#include "limits/circuit.h"
#include "telemetry/metrics.h"

#include "api/turn.h"

/*
 * A question to an endpoint that rests, or that has more than it can answer,
 * is refused before it is stored: the person keeps it and sends it again. Which
 * endpoint it will be may stand in the chat's settings, so those are read, but
 * only while an endpoint is in trouble.
 */
const char turn_busy_text[] =
    "More questions wait for the model than may. Send this again in a moment.";

const char *turn_resting_text(
    struct arena *arena, struct str model, const struct circuit_view *view)
{
    long long seconds = (view->wait_ms + 999) / 1000;
    return arena_printf(arena,
        "The model %.*s has failed %d time%s in a row, so it is left alone "
        "for a while; the server asks it again in %lld s.",
        STR_ARG(model), view->failures, view->failures == 1 ? "" : "s",
        seconds < 1 ? 1 : seconds)
        .p;
}

static void refuse_resting(
    struct turn *turn, struct str model, const struct circuit_view *view)
{
    struct problem_extra extra = {.retry_after_ms = view->wait_ms};
    metrics_add(METRIC_BREAKER_REFUSED, 1);
    turn_refuse_with(turn, PROBLEM_ENDPOINT_RESTING,
        turn_resting_text(turn->arena, model, view), &extra);
}

static void refuse_busy(struct turn *turn, const struct admission_place *place)
{
    int64_t wait = place->paused_ms > 0 ? place->paused_ms : 5000;
    struct problem_extra extra = {.retry_after_ms = wait};
    metrics_add(METRIC_ENDPOINT_QUEUE_FULL, 1);
    turn_refuse_with(turn, PROBLEM_ENDPOINT_BUSY, turn_busy_text, &extra);
}

/* The model is known: refuses, or goes on. */
static void judge(struct turn *turn, struct str model)
{
    const struct api_config *config = &turn->api->config;
    int64_t now = loop_now_ms(turn->api->loop);
    struct circuit_view view;
    circuit_look(config->circuits, model, now, &view);
    if (view.resting) {
        refuse_resting(turn, model, &view);
        return;
    }
    struct admission_place place =
        admission_forecast(config->admission, model, turn->owner.user_id, now);
    if (place.full || place.paused_ms > config->queue_wait_ms)
        refuse_busy(turn, &place);
    else
        turn->checked(turn);
}

static void judge_settings(struct turn *turn, struct str json)
{
    struct chat_settings settings;
    chat_settings_read(json, turn->arena, &settings);
    if (settings.route == CHAT_ROUTE_GENIE)
        turn->checked(turn);
    else
        judge(turn, api_model_allowed(turn->api, settings.model)
                        ? settings.model
                        : turn->api->config.model);
}

static void read(struct turn *turn, struct store_op *op)
{
    op->user_id = store_op_str(op, turn->owner.user_id);
    turn_submit_now(turn, op);
}

/* A chat that is not there yet gets the settings that came with the message. */
static void on_session(struct store_op *op)
{
    struct turn *turn = op->ctx;
    struct str settings = {0};
    const struct store_op *waiting = turn->waiting;
    turn->op = NULL;
    if (op->rc == RC_OK)
        settings = turn_str(turn, op->get_session.chat.session.settings);
    else if (waiting->verb == STORE_ADD_TURN)
        settings = waiting->add_turn.settings;
    store_op_free(op);
    judge_settings(turn, settings);
}

static void read_session(struct turn *turn, struct str session_id)
{
    struct store_op *op =
        store_op_new(turn->api->loop, STORE_GET_SESSION, on_session, turn);
    op->get_session.session_id = store_op_str(op, session_id);
    read(turn, op);
}

static void on_message(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->op = NULL;
    struct str session_id =
        op->rc == RC_OK ? turn_str(turn, op->get_message.message.session_id)
                        : STR("");
    store_op_free(op);
    if (session_id.n > 0)
        read_session(turn, session_id);
    else
        turn->checked(turn); /* whatever is wrong is told there */
}

/* Of a message that is asked about only its id is known. */
static void read_message(struct turn *turn)
{
    struct store_op *op =
        store_op_new(turn->api->loop, STORE_GET_MESSAGE, on_message, turn);
    op->get_message.message_id = store_op_str(
        op, turn->reply_id.n > 0 ? turn->reply_id : turn->question_id);
    op->get_message.brief = true;
    read(turn, op);
}

void turn_check_model(struct turn *turn, void (*next)(struct turn *turn))
{
    const struct api_config *config = &turn->api->config;
    turn->checked = next;
    if (!circuits_troubled(config->circuits) &&
        !admission_troubled(config->admission, loop_now_ms(turn->api->loop)))
        next(turn);
    else if (turn->model_said)
        judge(turn, turn->model);
    else if (turn->session_id.n > 0)
        read_session(turn, turn->session_id);
    else
        read_message(turn);
}
