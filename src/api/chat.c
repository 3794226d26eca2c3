#include "base/id.h"
#include "telemetry/log.h"

#include "api/chat_settings.h"
#include "api/title_text.h"
#include "api/turn.h"

/* Sending a message, and what all that starts a reply has in common. */

static const struct api_field chat_fields[] = {
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .help = "What the person says.",
        .example = "\"How is bread made?\""},
    API_FIELD_SESSION("The chat; made by the client, new ids begin a chat."),
    API_FIELD_HISTORY,
    API_FIELD_ENDPOINT,
    API_FIELD_ROUTE,
    {.name = "message_id",
        .type = API_ID,
        .max = API_MAX_ID,
        .help = "Id for the person's message; sent again, it is one send."},
    {.name = "settings",
        .type = API_OBJECT,
        .ref = "ChatSettings",
        .help = API_SETTINGS_HELP " Only for a chat that begins here."},
};
const struct api_schema api_chat_schema = {
    "MessageRequest", chat_fields, sizeof(chat_fields) / sizeof(*chat_fields)};

bool turn_read_model(
    struct api_request *r, const struct jv *body, struct str *ret)
{
    struct str name = api_text(body, "serving_endpoint");
    *ret = name;
    if (name.n == 0 || api_model_allowed(r->api, name))
        return true;
    problem_respond(r->http, PROBLEM_INVALID_REQUEST,
        "Field 'serving_endpoint' is not one of the models this server "
        "offers; GET /chat-api/config lists them.",
        &(struct problem_extra){.field = "serving_endpoint"});
    return false;
}

void turn_set_wishes(struct turn *turn, struct str model, const struct jv *body)
{
    const struct jv *history = jv_get(body, "include_history");
    turn->model_said = model.n > 0;
    turn->model =
        turn_str(turn, turn->model_said ? model : turn->api->config.model);
    turn->include_history = true;
    turn->history_said = jv_bool(history, &turn->include_history);
    genie_turn_set_wish(turn, body);
}

void turn_take_settings(struct turn *turn, const struct store_op *op)
{
    struct chat_settings *settings = &turn->settings;
    turn->untitled = op->untitled;
    chat_settings_read(op->settings, turn->arena, settings);
    if (!turn->history_said)
        turn->include_history = settings->include_history;
    if (turn->model_said || settings->model.n == 0)
        return;
    if (api_model_allowed(turn->api, settings->model))
        turn->model = settings->model;
    else
        turn->model_gone = settings->model;
}

struct str turn_new_id(struct turn *turn)
{
    char id[ID_SIZE];
    id_new(id);
    return turn_str(turn, str_from_c(id));
}

void turn_refuse_with(struct turn *turn, enum problem problem,
    const char *detail, const struct problem_extra *extra)
{
    struct api_request *r = turn_take_request(turn);
    if (r != NULL)
        problem_respond(r->http, problem, detail, extra);
    turn_free(turn);
}

void turn_refuse(
    struct turn *turn, const struct store_op *op, struct str reply_in_progress)
{
    const char *detail;
    enum problem problem = problem_of_store(op->rc, &detail);
    struct problem_extra extra = {.message_id = reply_in_progress};
    if (op->rc == RC_CONFLICT && reply_in_progress.n > 0) {
        problem = PROBLEM_REPLY_IN_PROGRESS;
        detail = "A reply is still being written in this chat. Wait for it, "
                 "or stop it, then send again.";
    } else if (op->rc != RC_NOT_FOUND && op->rc != RC_CONFLICT) {
        log_error("a message could not be stored; the person is told",
            LOG_STR("request_id", turn->request_id), LOG_RC(op->rc),
            LOG_CSTR("why", op->error));
    }
    turn_refuse_with(turn, problem, detail, &extra);
}

void turn_follow_first(struct turn *turn, struct str reply_id, uint64_t after)
{
    struct api_request *r = turn_take_request(turn);
    if (r != NULL)
        api_stream_message(r, reply_id, after);
    turn_free(turn);
}

static void on_turn_added(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_add_turn *added = &op->add_turn;
    turn->op = NULL;
    if (op->rc != RC_OK) {
        turn_refuse(turn, op, added->reply_id);
    } else if (added->repeated) {
        turn_follow_first(turn, added->reply_id, 0);
    } else {
        turn->question_id = turn_str(turn, added->user_message_id);
        turn->reply_id = turn_str(turn, added->reply_id);
        turn_take_settings(turn, op);
        turn_begin_reply(turn);
    }
    store_op_free(op);
}

static void add_turn(
    struct turn *turn, struct str message_id, struct str settings)
{
    struct api *api = turn->api;
    struct store_op *op =
        store_op_new(api->loop, STORE_ADD_TURN, on_turn_added, turn);
    op->add_turn = (struct store_add_turn){
        .user_email = store_op_str(op, turn->owner.email),
        .session_id = store_op_str(op, turn->session_id),
        .title = title_of_question(op->arena, turn->question),
        .user_message_id = store_op_str(op, message_id),
        .reply_id = store_op_str(op, turn_new_id(turn)),
        .content = store_op_str(op, turn->question),
        .model = store_op_str(op, turn->model),
        .settings = store_op_str(op, settings),
        .now_us = turn->begun_us,
    };
    turn_submit(turn, op);
}

void api_chat(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str model, id, settings;
    struct jv *body;
    if (!api_read_body(
            http, &api_chat_schema, api->config.max_message_bytes, &body))
        return;
    bool fits = turn_read_model(r, body, &model) &&
                api_read_settings(r, body, &settings) &&
                api_message_id(r, api_text(body, "message_id"), &id);
    struct turn *turn = fits ? turn_new(r) : NULL;
    if (turn != NULL) {
        turn_set_wishes(turn, model, body);
        turn->session_id = turn_str(turn, api_text(body, "session_id"));
        turn->question = turn_str(turn, api_text(body, "content"));
        add_turn(turn, id, settings);
    }
    jv_free(body);
}
