#include "base/utf8.h"
#include "telemetry/log.h"

#include "api/genie_part.h"
#include "api/genie_route.h"
#include "api/genie_turn.h"
#include "api/turn.h"

enum { REASON_MAX = 240 };

/* ---- Who answers ---- */

void genie_turn_set_wish(struct turn *turn, const struct jv *body)
{
    struct genie_turn *g = &turn->genie;
    struct str word = api_text(body, "route");
    g->wish_said = word.n > 0;
    g->wish = str_eq(word, STR("genie"))   ? CHAT_ROUTE_GENIE
              : str_eq(word, STR("model")) ? CHAT_ROUTE_MODEL
                                           : CHAT_ROUTE_AUTO;
}

void genie_turn_choose(struct turn *turn)
{
    struct genie_turn *g = &turn->genie;
    const struct api_config *config = &turn->api->config;
    enum chat_route route = g->wish_said ? g->wish : turn->settings.route;
    if (config->genie_space.n == 0)
        return;
    if (turn->continued) {
        g->why = "continued";
        return;
    }
    g->why = "wanted";
    if (route == CHAT_ROUTE_MODEL || (turn->model_said && !g->wish_said))
        return;
    g->wanted = g->chosen = route == CHAT_ROUTE_GENIE;
    if (!g->wanted) {
        struct genie_verdict v = genie_route(turn->question, turn->arena);
        g->why = "question";
        g->chosen = v.genie;
        g->reason = v.reason;
    }
    if (!g->chosen)
        return;
    g->model = turn->model;
    turn->model =
        arena_printf(turn->arena, "genie:%.*s", STR_ARG(config->genie_name));
    log_info("Genie is asked", LOG_STR("request_id", turn->request_id),
        LOG_INT("wanted", g->wanted));
}

/* ---- What is shown ---- */

static void show(struct turn *turn, const struct genie_result *result)
{
    const struct genie_asked asked = {
        .question = turn->question,
        .reason = turn->genie.reason,
        .space = turn->api->config.genie_name,
        .wanted = turn->genie.wanted,
    };
    struct buf out;
    buf_init(&out, 2 * GENIE_PART_MAX);
    genie_put_part(&out, &asked, result);
    if (buf_ok(&out))
        turn_put_part(turn, buf_str(&out));
    buf_release(&out);
}

/* ---- What fails ---- */

/* In our words what Genie's commonest errors mean. */
static const struct {
    const char *type;
    const char *sentence;
} meanings[] = {
    {"SQL_EXECUTION_EXCEPTION", "its query failed in the workspace."},
    {"RATE_LIMIT_EXCEEDED_GENERIC_EXCEPTION",
        "it has too many questions at the moment."},
    {"RATE_LIMIT_EXCEEDED_SPECIFIED_WAIT_EXCEPTION",
        "it has too many questions at the moment."},
    {"CONTENT_FILTER_EXCEPTION", "its content filter refused the question."},
    {"REPLY_PROCESS_TIMEOUT_EXCEPTION", "it took too long."},
    {"CONTEXT_EXCEEDED_EXCEPTION",
        "the conversation has grown too long for it."},
    {"TABLES_MISSING_EXCEPTION",
        "a table that its space is about cannot be found."},
    {"QUERY_RESULT_EXPIRED", "the result of its query has expired."},
    {"DEADLINE_EXCEEDED", "it took too long."},
};

static struct str meaning_of(const struct genie_result *r)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
        if (str_eq(r->error_type, str_from_c(meanings[i].type)))
            return str_from_c(meanings[i].sentence);
    if (str_eq(r->state, STR("CANCELLED")))
        return STR("its query was cancelled in the workspace.");
    if (r->error_message.n > 0)
        return utf8_truncate(r->error_message, REASON_MAX);
    return STR("it failed without saying why.");
}

/* The model answers instead, unless somebody wanted Genie. */
static void give_up(
    struct turn *turn, const char *code, struct str why, struct str sentence)
{
    struct genie_turn *g = &turn->genie;
    log_warn(g->wanted ? "Genie did not answer; the person is told"
                       : "Genie did not answer; the model is asked",
        LOG_STR("request_id", turn->request_id), LOG_CSTR("code", code));
    if (g->wanted) {
        turn_fail(turn, code, sentence.p);
        return;
    }
    g->chosen = false;
    g->why = "fallback";
    turn->asked_ms = 0;
    turn->model = g->model;
    turn_put_notice(turn, "genie_fallback",
        arena_printf(turn->arena,
            "Genie was asked first and could not answer: %.*s The model "
            "answers instead.",
            STR_ARG(why)));
    turn_await(turn);
}

static void give_up_failed(struct turn *turn, const struct genie_result *r)
{
    struct str why = meaning_of(r);
    show(turn, r);
    give_up(turn, databricks_code_name(DATABRICKS_GENIE_FAILED), why,
        arena_printf(
            turn->arena, "Genie could not answer: %.*s", STR_ARG(why)));
}

static void give_up_error(
    struct turn *turn, const struct databricks_error *error)
{
    struct str text = turn_str(turn, str_from_c(error->message));
    const struct genie_result failed = {
        .state = STR("FAILED"),
        .conversation_id = turn->genie.conversation_id,
        .error_type = str_from_c(databricks_code_name(error->code)),
        .error_message = text,
    };
    show(turn, &failed);
    give_up(turn, databricks_code_name(error->code), text, text);
}

/* ---- The answer ---- */

/* The chat goes on in this conversation, also after a restart. */
static void keep_conversation(struct turn *turn, struct str id)
{
    struct api *api = turn->api;
    if (id.n == 0 || str_eq(id, turn->genie.conversation_id) ||
        !turn->include_history)
        return;
    turn->genie.conversation_id = turn_str(turn, id);
    struct store_op *op =
        store_op_new(api->loop, STORE_GENIE_PUT, store_op_free, NULL);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->genie_put = (struct store_genie_put){
        .session_id = store_op_str(op, turn->session_id),
        .space_id = store_op_str(op, api->config.genie_space),
        .conversation_id = store_op_str(op, id),
        .now_us = loop_wall_us(api->loop),
    };
    store_submit(api->config.store, op);
}

static void on_state(void *ctx, const struct genie_result *so_far)
{
    struct turn *turn = ctx;
    keep_conversation(turn, so_far->conversation_id);
    turn->upstream_id = turn_str(turn, so_far->request_id);
    show(turn, so_far);
}

static void answer(struct turn *turn, const struct genie_result *result)
{
    struct str text = genie_answer(result, turn->arena);
    show(turn, result);
    if (reply_add_text(turn->reply, text) != RC_OK)
        turn->finish_reason = STR("length");
    turn_end(turn, REPLY_COMPLETE);
}

static void on_done(void *ctx, const struct genie_result *result,
    const struct databricks_error *error)
{
    struct turn *turn = ctx;
    turn->genie.asked = NULL;
    turn->upstream_id = turn_str(turn,
        error != NULL ? str_from_c(error->request_id) : result->request_id);
    if (error != NULL) {
        give_up_error(turn, error);
        return;
    }
    keep_conversation(turn, result->conversation_id);
    if (str_eq(result->state, STR("COMPLETED")))
        answer(turn, result);
    else
        give_up_failed(turn, result);
}

/* ---- Asking ---- */

static void ask(struct turn *turn)
{
    static const struct databricks_genie_handlers handlers = {
        on_state, on_done};
    const struct api_config *config = &turn->api->config;
    struct databricks_error error;
    struct databricks_genie_question question = {
        .space_id = config->genie_space,
        .content = turn->question,
        .conversation_id = turn->genie.conversation_id,
        .mcp = config->genie_mcp,
        .request_id = turn->request_id,
        .user_then_service = config->user_auth == API_AS_USER_THEN_SERVICE,
    };
    turn->state = TURN_ASKING;
    turn->asked_ms = loop_now_ms(turn->api->loop);
    if (config->user_auth != API_AS_SERVICE)
        question.user_token = secret_reveal(&turn->user_token);
    if (config->user_auth == API_AS_USER && question.user_token.n == 0) {
        databricks_error_make(DATABRICKS_USER_TOKEN_MISSING, STR(""), &error);
        give_up_error(turn, &error);
    } else if (databricks_genie_start(config->databricks, &question, &handlers,
                   turn, &turn->genie.asked) != RC_OK) {
        databricks_error_make(DATABRICKS_UPSTREAM_BAD_REQUEST, STR(""), &error);
        give_up_error(turn, &error);
    }
}

static void on_conversation(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->op = NULL;
    if (op->rc == RC_OK)
        turn->genie.conversation_id =
            turn_str(turn, op->genie_get.conversation_id);
    store_op_free(op);
    ask(turn);
}

void genie_turn_ask(struct turn *turn)
{
    struct api *api = turn->api;
    const struct genie_result begun = {.state = STR("STARTING")};
    show(turn, &begun);
    if (!turn->include_history) {
        ask(turn);
        return;
    }
    turn->state = TURN_LOADING;
    struct store_op *op =
        store_op_new(api->loop, STORE_GENIE_GET, on_conversation, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->genie_get.session_id = store_op_str(op, turn->session_id);
    op->genie_get.space_id = store_op_str(op, api->config.genie_space);
    turn->op = op;
    store_submit(api->config.store, op);
}

void genie_turn_stop(struct turn *turn)
{
    if (turn->genie.asked != NULL)
        databricks_genie_cancel(turn->genie.asked);
    turn->genie.asked = NULL;
}
