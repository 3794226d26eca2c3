#include "base/id.h"
#include "base/utf8.h"
#include "telemetry/log.h"

#include "api/turn.h"

/* Sending, regenerating and stopping. */

enum { MAX_ID = 64, TITLE_BYTES = 120 };

/* Members that a send and a regeneration have in common. */
#define SESSION_FIELD(text)                                                    \
    {                                                                          \
        .name = "session_id", .type = API_ID, .required = true, .max = MAX_ID, \
        .help = (text)                                                         \
    }
#define HISTORY_FIELD                                                          \
    {                                                                          \
        .name = "include_history", .type = API_BOOL,                           \
        .help = "Tell the model what was said before; default true."           \
    }
#define ENDPOINT_FIELD                                                         \
    {                                                                          \
        .name = "serving_endpoint", .type = API_TEXT, .max = 128,              \
        .may_be_empty = true, .help = "One of the models of /chat-api/config." \
    }

static const struct api_field chat_fields[] = {
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .help = "What the person says."},
    SESSION_FIELD("The chat; made by the client, new ids begin a chat."),
    HISTORY_FIELD,
    ENDPOINT_FIELD,
    {.name = "message_id",
        .type = API_ID,
        .max = MAX_ID,
        .help = "Id for the person's message; sent again, it is one send."},
};
const struct api_schema api_chat_schema = {
    "MessageRequest", chat_fields, sizeof(chat_fields) / sizeof(*chat_fields)};

static const struct api_field regenerate_fields[] = {
    {.name = "message_id",
        .type = API_ID,
        .required = true,
        .max = MAX_ID,
        .help = "The reply to be made anew."},
    {.name = "original_content",
        .type = API_TEXT,
        .may_be_empty = true,
        .help = "The question; used only if the chat does not hold it."},
    SESSION_FIELD("The chat."),
    HISTORY_FIELD,
    ENDPOINT_FIELD,
};
const struct api_schema api_regenerate_schema = {"RegenerateRequest",
    regenerate_fields, sizeof(regenerate_fields) / sizeof(*regenerate_fields)};

bool api_model_allowed(const struct api *api, struct str name)
{
    for (size_t i = 0; i < api->config.model_count; i++)
        if (str_eq(name, api->config.models[i]))
            return true;
    return false;
}

/* The endpoint asked for, or the default; false when it was refused. */
static bool read_model(
    struct api_request *r, const struct jv *body, struct str *ret)
{
    struct str name = api_text(body, "serving_endpoint");
    *ret = name.n == 0 ? r->api->config.model : name;
    if (api_model_allowed(r->api, *ret))
        return true;
    problem_respond(r->http, PROBLEM_INVALID_REQUEST,
        "Field 'serving_endpoint' is not one of the models this server "
        "offers; GET /chat-api/config lists them.",
        &(struct problem_extra){.field = "serving_endpoint"});
    return false;
}

/* First line of the question, cut at a sensible length. */
static struct str title_of(struct str question)
{
    struct str line, rest;
    str_cut(str_trim(question), '\n', &line, &rest);
    return str_trim(utf8_truncate(str_trim(line), TITLE_BYTES));
}

static struct str new_id(struct turn *turn)
{
    char id[ID_SIZE];
    id_new(id);
    return turn_str(turn, str_from_c(id));
}

/* The question could not be stored: says so and forgets the turn. */
static void refuse(
    struct turn *turn, const struct store_op *op, struct str reply_in_progress)
{
    struct api_request *r = turn->request;
    const char *detail;
    enum problem problem = problem_of_store(op->rc, &detail);
    struct problem_extra extra = {.message_id = reply_in_progress};
    if (op->rc == RC_CONFLICT && reply_in_progress.n > 0) {
        problem = PROBLEM_REPLY_IN_PROGRESS;
        detail = "A reply is still being written in this chat. Wait for it, "
                 "or stop it, then send again.";
    } else if (op->rc == RC_INVALID) {
        detail = "Field 'original_content' is needed: the chat does not hold "
                 "the question of this reply.";
        extra.field = "original_content";
    } else if (op->rc != RC_NOT_FOUND) {
        log_error("a message could not be stored; the person is told",
            LOG_STR("request_id", turn->request_id), LOG_RC(op->rc),
            LOG_CSTR("why", op->error));
    }
    if (r != NULL) {
        http_request_on_gone(r->http, NULL, NULL);
        problem_respond(r->http, problem, detail, &extra);
    }
    turn_free(turn);
}

/* The same send again: it gets the reply that the first one got. */
static void follow_first(struct turn *turn, struct str reply_id)
{
    struct api_request *r = turn->request;
    if (r != NULL) {
        http_request_on_gone(r->http, NULL, NULL);
        api_stream_message(r, reply_id, 0);
    }
    turn_free(turn);
}

static void on_turn_added(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_add_turn *added = &op->add_turn;
    turn->op = NULL;
    if (op->rc != RC_OK) {
        refuse(turn, op, added->reply_id);
    } else if (added->repeated) {
        follow_first(turn, added->reply_id);
    } else {
        turn->question_id = turn_str(turn, added->user_message_id);
        turn->reply_id = turn_str(turn, added->reply_id);
        turn_begin_reply(turn);
    }
    store_op_free(op);
}

static void add_turn(struct turn *turn, struct str message_id)
{
    struct api *api = turn->api;
    struct store_op *op =
        store_op_new(api->loop, STORE_ADD_TURN, on_turn_added, turn);
    op->add_turn = (struct store_add_turn){
        .user_email = store_op_str(op, turn->owner.email),
        .session_id = store_op_str(op, turn->session_id),
        .title = store_op_str(op, title_of(turn->question)),
        .user_message_id = store_op_str(op, message_id),
        .reply_id = store_op_str(op, new_id(turn)),
        .content = store_op_str(op, turn->question),
        .model = store_op_str(op, turn->model),
        .now_us = turn->begun_us,
    };
    turn_submit(turn, op);
}

void api_chat(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str model, id;
    struct jv *body;
    if (!api_read_body(
            http, &api_chat_schema, api->config.max_message_bytes, &body))
        return;
    bool fits = read_model(r, body, &model) &&
                api_message_id(r, api_text(body, "message_id"), &id);
    struct turn *turn = fits ? turn_new(r) : NULL;
    if (turn != NULL) {
        turn->model = turn_str(turn, model);
        turn->session_id = turn_str(turn, api_text(body, "session_id"));
        turn->question = turn_str(turn, api_text(body, "content"));
        turn->include_history = api_bool(body, "include_history", true);
        add_turn(turn, id);
    }
    jv_free(body);
}

static void on_regenerating(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_regenerate *again = &op->regenerate;
    turn->op = NULL;
    if (op->rc != RC_OK) {
        refuse(turn, op, again->streaming_id);
    } else {
        turn->question_id = turn_str(turn, again->question_id);
        if (again->question.n > 0)
            turn->question = turn_str(turn, again->question);
        turn_begin_reply(turn);
    }
    store_op_free(op);
}

void api_regenerate(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str model;
    struct jv *body;
    if (!api_read_body(
            http, &api_regenerate_schema, api->config.max_message_bytes, &body))
        return;
    struct turn *turn = read_model(r, body, &model) ? turn_new(r) : NULL;
    if (turn != NULL) {
        turn->regenerate = true;
        turn->model = turn_str(turn, model);
        turn->session_id = turn_str(turn, api_text(body, "session_id"));
        turn->reply_id = turn_str(turn, api_text(body, "message_id"));
        turn->question = turn_str(turn, api_text(body, "original_content"));
        turn->include_history = api_bool(body, "include_history", true);
        struct store_op *op =
            store_op_new(api->loop, STORE_REGENERATE, on_regenerating, turn);
        op->regenerate = (struct store_regenerate){
            .session_id = store_op_str(op, turn->session_id),
            .message_id = store_op_str(op, turn->reply_id),
            .model = store_op_str(op, turn->model),
            .now_us = turn->begun_us,
            .has_question = turn->question.n > 0,
        };
        turn_submit(turn, op);
    }
    jv_free(body);
}
