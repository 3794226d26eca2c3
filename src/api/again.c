#include "base/crypto.h"

#include "api/turn.h"

/* Another answer to a question, and a question in other words. */

static const struct api_field regenerate_fields[] = {
    {.name = "message_id",
        .type = API_ID,
        .required = true,
        .max = API_MAX_ID,
        .help = "The reply to be made anew.",
        .example = "\"5f0c\""},
    {.name = "original_content",
        .type = API_TEXT,
        .may_be_empty = true,
        .help = "The question; used only if the chat does not hold it."},
    API_FIELD_SESSION("The chat."),
    API_FIELD_HISTORY,
    API_FIELD_ENDPOINT,
    API_FIELD_ROUTE,
    {.name = "branch",
        .type = API_BOOL,
        .help = "What follows stays with the old reply; default false: it "
                "follows the new one."},
};
const struct api_schema api_regenerate_schema = {"RegenerateRequest",
    regenerate_fields, sizeof(regenerate_fields) / sizeof(*regenerate_fields)};

static const struct api_field edit_fields[] = {
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .help = "What the person says instead.",
        .example = "\"How is rye bread made?\""},
    API_FIELD_HISTORY,
    API_FIELD_ENDPOINT,
    API_FIELD_ROUTE,
};
const struct api_schema api_edit_schema = {
    "EditRequest", edit_fields, sizeof(edit_fields) / sizeof(*edit_fields)};

enum { MAX_KEY = 255 };

bool turn_start_key(struct api_request *r, const char *verb, struct str *ret)
{
    struct str key = http_request_header(r->http, "Idempotency-Key");
    struct arena *arena = http_request_arena(r->http);
    char hex[CRYPTO_SHA256_HEX_SIZE];
    *ret = (struct str){0};
    if (key.n == 0)
        return true;
    if (key.n > MAX_KEY) {
        problem_respond(r->http, PROBLEM_INVALID_REQUEST,
            "The header Idempotency-Key is longer than 255 bytes.", NULL);
        return false;
    }
    crypto_sha256_hex(arena_printf(arena, "%s\n%.*s", verb, STR_ARG(key)), hex);
    *ret = arena_str(arena, str_from_c(hex));
    return true;
}

void turn_refuse_start(
    struct turn *turn, const struct store_op *op, struct str reply_in_progress)
{
    if (op->rc == RC_CONFLICT && reply_in_progress.n == 0)
        turn_refuse_with(turn, PROBLEM_CONFLICT,
            "This message belongs to a variant that is not shown now. Show "
            "that variant first.",
            NULL);
    else
        turn_refuse(turn, op, reply_in_progress);
}

/* ---- Another answer ---- */

static void on_regenerating(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_regenerate *again = &op->regenerate;
    turn->op = NULL;
    if (op->rc == RC_INVALID) {
        turn_refuse_with(turn, PROBLEM_INVALID_REQUEST,
            "Field 'original_content' is needed: the chat does not hold the "
            "question of this reply.",
            &(struct problem_extra){.field = "original_content"});
    } else if (op->rc != RC_OK) {
        turn_refuse_start(turn, op, again->streaming_id);
    } else if (again->repeated) {
        turn_follow_first(turn, turn->reply_id, 0);
    } else {
        turn->question_id = turn_str(turn, again->question_id);
        if (again->question.n > 0)
            turn->question = turn_str(turn, again->question);
        turn->variant = again->variant;
        turn->variants = again->variants;
        turn->start_sequence = again->start_sequence;
        turn_take_settings(turn, op);
        turn_begin_reply(turn);
    }
    store_op_free(op);
}

static void regenerate(struct turn *turn, struct str start_key, bool branch)
{
    struct store_op *op =
        store_op_new(turn->api->loop, STORE_REGENERATE, on_regenerating, turn);
    op->regenerate = (struct store_regenerate){
        .session_id = store_op_str(op, turn->session_id),
        .message_id = store_op_str(op, turn->reply_id),
        .model = store_op_str(op, turn->model),
        .start_key = store_op_str(op, start_key),
        .branch = branch,
        .now_us = turn->begun_us,
        .has_question = turn->question.n > 0,
    };
    turn_submit(turn, op);
}

void api_regenerate(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str model, key;
    struct jv *body;
    if (!turn_start_key(r, "regenerate", &key) ||
        !api_read_body(
            http, &api_regenerate_schema, api->config.max_message_bytes, &body))
        return;
    struct turn *turn = turn_read_model(r, body, &model) ? turn_new(r) : NULL;
    if (turn != NULL) {
        turn_set_wishes(turn, model, body);
        turn->session_id = turn_str(turn, api_text(body, "session_id"));
        turn->reply_id = turn_str(turn, api_text(body, "message_id"));
        turn->question = turn_str(turn, api_text(body, "original_content"));
        regenerate(turn, key, api_bool(body, "branch", false));
    }
    jv_free(body);
}

/* ---- Another question ---- */

static void on_edited(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_edit_turn *edited = &op->edit_turn;
    turn->op = NULL;
    if (op->rc != RC_OK) {
        turn_refuse_start(turn, op, edited->streaming_id);
    } else if (edited->repeated) {
        turn_follow_first(turn, edited->reply_id, 0);
    } else {
        turn->session_id = turn_str(turn, edited->session_id);
        turn->reply_id = turn_str(turn, edited->reply_id);
        turn_take_settings(turn, op);
        turn_begin_reply(turn);
    }
    store_op_free(op);
}

static void edit(struct turn *turn, struct str start_key)
{
    struct store_op *op =
        store_op_new(turn->api->loop, STORE_EDIT_TURN, on_edited, turn);
    op->edit_turn = (struct store_edit_turn){
        .message_id = store_op_str(op, turn->question_id),
        .new_reply_id = store_op_str(op, turn_new_id(turn)),
        .content = store_op_str(op, turn->question),
        .model = store_op_str(op, turn->model),
        .start_key = store_op_str(op, start_key),
        .now_us = turn->begun_us,
    };
    turn_submit(turn, op);
}

void api_edit(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str model, key;
    struct jv *body;
    if (!turn_start_key(r, "edit", &key) ||
        !api_read_body(
            http, &api_edit_schema, api->config.max_message_bytes, &body))
        return;
    struct turn *turn = turn_read_model(r, body, &model) ? turn_new(r) : NULL;
    if (turn != NULL) {
        turn_set_wishes(turn, model, body);
        turn->question_id =
            turn_str(turn, http_request_param(http, "message_id"));
        turn->question = turn_str(turn, api_text(body, "content"));
        edit(turn, key);
    }
    jv_free(body);
}
