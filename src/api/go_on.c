#include "api/turn.h"

/* Replies that were cut and go on behind the text they have. */

static const struct api_field continue_fields[] = {API_FIELD_ENDPOINT};
const struct api_schema api_continue_schema = {"ContinueRequest",
    continue_fields, sizeof(continue_fields) / sizeof(*continue_fields)};

/*
 * A message of the person's behind the answer: not every endpoint takes an
 * answer as the last message. The emulator knows how it begins.
 */
struct str turn_go_on_wish(void)
{
    return STR("Continue your last answer exactly where it stopped: what you "
               "write now is put directly behind its last character. Repeat "
               "nothing of it, do not begin anew, and do not comment on the "
               "interruption.");
}

static struct reply_prior_event *copy_marks(
    struct turn *turn, const struct store_continue_reply *reply)
{
    struct reply_prior_event *events =
        arena_alloc(turn->arena, reply->mark_count * sizeof(*events));
    for (size_t i = 0; i < reply->mark_count; i++)
        events[i] = (struct reply_prior_event){
            .sequence = (uint64_t)reply->marks[i].sequence,
            .text_bytes = reply->marks[i].text_bytes,
            .reasoning_bytes = reply->marks[i].reasoning_bytes,
            .parts_bytes = reply->marks[i].parts_bytes,
        };
    return events;
}

void turn_take_prior(
    struct turn *turn, const struct store_continue_reply *reply)
{
    turn->continued = true;
    turn->session_id = turn_str(turn, reply->session_id);
    turn->question_id = turn_str(turn, reply->question_id);
    turn->question = turn_str(turn, reply->question);
    turn->variant = reply->variant;
    turn->variants = reply->variants;
    turn->prior_sources = turn_str(turn, reply->sources);
    turn->prior_metrics = turn_str(turn, reply->metrics);
    turn->prior = (struct reply_prior){
        .start = turn_start_json(turn, false, turn->arena),
        .text = turn_str(turn, reply->content),
        .reasoning = turn_str(turn, reply->reasoning),
        .parts = turn_str(turn, reply->parts),
        .events = copy_marks(turn, reply),
        .event_count = reply->mark_count,
        .last_sequence = (uint64_t)reply->last_sequence,
    };
    turn_parts_go_on(turn, &turn->prior);
}

/* Both are JSON arrays; what came before comes first. */
void turn_join_sources(struct turn *turn)
{
    struct str before = str_trim(turn->prior_sources);
    struct str now = str_trim(turn->sources);
    if (before.n <= 2)
        return;
    if (now.n <= 2)
        turn->sources = before;
    else
        turn->sources = arena_printf(turn->arena, "%.*s,%.*s",
            STR_ARG(str_sub(before, 0, before.n - 1)),
            STR_ARG(str_sub(now, 1, now.n - 1)));
}

void turn_prior_usage(const struct turn *turn, double *ret_seconds,
    int64_t *ret_tokens, bool *ret_estimated)
{
    struct jv *before = NULL;
    double more_seconds;
    int64_t more_tokens;
    bool guessed;
    if (turn->prior_metrics.n == 0 ||
        jv_parse(turn->prior_metrics, NULL, &before) != RC_OK)
        return;
    if (jv_number(jv_get(before, "totalTime"), &more_seconds))
        *ret_seconds += more_seconds;
    if (jv_int(jv_get(before, "completionTokens"), &more_tokens))
        *ret_tokens = more_tokens + (*ret_tokens > 0 ? *ret_tokens : 0);
    if (jv_bool(jv_get(before, "estimated"), &guessed))
        *ret_estimated |= guessed;
    jv_free(before);
}

double turn_prior_thought(const struct turn *turn)
{
    struct jv *before = NULL;
    double seconds = 0;
    if (turn->prior_metrics.n == 0 ||
        jv_parse(turn->prior_metrics, NULL, &before) != RC_OK)
        return 0;
    (void)jv_number(jv_get(before, "reasoningTime"), &seconds);
    jv_free(before);
    return seconds;
}

/* ---- The request ---- */

static const char too_late[] =
    "This was answered already, or the chat has gone on without an answer.";

static const char *why_not(const struct store_continue_reply *reply)
{
    if (reply->status == STORE_COMPLETE)
        return "This reply is complete; there is nothing to go on with.";
    if (reply->content.n == 0)
        return "This reply has no text to go on from; make it anew instead.";
    return "The chat has gone on behind this reply; make it anew instead.";
}

/* The model that began it, if people may still choose it. */
static void choose_model(
    struct turn *turn, const struct store_continue_reply *reply)
{
    if (turn->model_said || !api_model_allowed(turn->api, reply->stored_model))
        return;
    turn->model = turn_str(turn, reply->stored_model);
    turn->model_said = true;
}

static void on_continuing(struct store_op *op)
{
    struct turn *turn = op->ctx;
    const struct store_continue_reply *reply = &op->continue_reply;
    turn->op = NULL;
    if (op->rc == RC_INVALID) {
        turn_refuse_with(turn, PROBLEM_CONFLICT,
            turn->approval.part_id.n > 0 ? too_late : why_not(reply), NULL);
    } else if (op->rc != RC_OK) {
        turn_refuse_start(turn, op, reply->streaming_id);
    } else if (reply->repeated) {
        turn_follow_first(turn, turn->reply_id, (uint64_t)reply->last_sequence);
    } else {
        choose_model(turn, reply);
        turn_take_settings(turn, op);
        turn_take_prior(turn, reply);
        turn_begin_reply(turn);
    }
    store_op_free(op);
}

void turn_go_on(struct turn *turn, struct str start_key)
{
    struct store_op *op = store_op_new(
        turn->api->loop, STORE_CONTINUE_REPLY, on_continuing, turn);
    op->continue_reply = (struct store_continue_reply){
        .message_id = store_op_str(op, turn->reply_id),
        .start_key = store_op_str(op, start_key),
        .answers = turn->approval.part_id.n > 0,
        .expected_sequence = turn->approval.expected_sequence,
        .now_us = turn->begun_us,
    };
    if (turn->model_said)
        op->continue_reply.model = store_op_str(op, turn->model);
    turn_submit(turn, op);
}

/* The model asked for, none without a body; false when it was refused. */
static bool read_wish(struct api_request *r, struct str *ret)
{
    struct jv *body;
    struct str model = {0};
    if (http_request_body(r->http).n == 0)
        return true;
    if (!api_read_body(r->http, &api_continue_schema,
            r->api->config.max_message_bytes, &body))
        return false;
    bool ok = turn_read_model(r, body, &model);
    *ret = arena_str(http_request_arena(r->http), model);
    jv_free(body);
    return ok;
}

void api_continue(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct str key, model = {0};
    if (!turn_start_key(r, "continue", &key) || !read_wish(r, &model))
        return;
    struct turn *turn = turn_new(r);
    if (turn == NULL)
        return;
    turn_set_wishes(turn, model, NULL);
    turn->reply_id = turn_str(turn, http_request_param(http, "message_id"));
    turn_go_on(turn, key);
}
