#include "base/utf8.h"

#include "api/event_wire.h"
#include "api/turn.h"

/* What a turn tells its viewers and the store, as JSON. */

enum { MAX_EVENT = 64 * 1024 };

/* Moves a buffer's content into the turn's arena. */
static struct str keep(struct turn *turn, struct buf *out)
{
    struct str json = turn_str(turn, buf_str(out));
    buf_release(out);
    return json;
}

/* The turn's reply as the store has or will have it. */
static struct store_message as_message(const struct turn *turn)
{
    return (struct store_message){
        .message_id = turn->reply_id,
        .session_id = turn->session_id,
        .parent_id = turn->question_id,
        .role = STORE_ROLE_ASSISTANT,
        .model = turn->model,
        .status = STORE_STREAMING,
        .timestamp_us = turn->begun_us,
        .variant = turn->variant,
        .variants = turn->variants,
    };
}

struct str turn_start_json(
    const struct turn *turn, bool continued, struct arena *arena)
{
    struct store_message m = as_message(turn);
    return event_start_json(arena, &m, continued);
}

static double seconds(int64_t ms)
{
    return (double)ms / 1000.0;
}

static void put_count(struct json_writer *w, const char *key, int64_t n)
{
    if (n >= 0)
        json_member_int(w, key, n);
}

/* What this call has added to the reply: a token is about four characters. */
static int64_t new_tokens(const struct turn *turn)
{
    size_t characters = utf8_count(reply_text(turn->reply)) +
                        utf8_count(reply_reasoning(turn->reply)) -
                        utf8_count(turn->prior.text) -
                        utf8_count(turn->prior.reasoning);
    return (int64_t)(characters + 3) / 4;
}

/*
 * What a reply that was cut has cost. Not every endpoint counts as it goes:
 * where it told nothing, or a count that does not grow with the text, ours is
 * the better one.
 */
static int64_t completion_tokens(const struct turn *turn, bool *ret_estimated)
{
    int64_t told = turn->usage.completion_tokens;
    *ret_estimated = false;
    if (!turn->cut)
        return told;
    int64_t ours = new_tokens(turn);
    *ret_estimated = told < ours / 4 || told < 0;
    return *ret_estimated ? ours : told;
}

void turn_spent(struct turn *turn, int64_t *ret_prompt, int64_t *ret_completion)
{
    bool estimated;
    int64_t prompt = turn->usage.prompt_tokens;
    int64_t completion = completion_tokens(turn, &estimated);
    if (prompt < 0)
        prompt = turn->first_token_ms > 0 ? turn->told.tokens : 0;
    *ret_prompt = prompt;
    *ret_completion = completion < 0 ? new_tokens(turn) : completion;
}

/* How much of the chat the model was told. */
static void put_told(struct json_writer *w, const struct turn_told *told)
{
    if (told->bytes == 0)
        return;
    json_member_int(w, "contextMessages", (int64_t)told->messages);
    json_member_opt(w, "contextFrom", told->from);
    json_member_bool(w, "contextCut", told->cut);
    json_member_int(w, "contextTokens", told->tokens);
    json_member_int(w, "contextBytes", told->bytes);
}

/* When what happened; of a reply that goes on the times would not add up. */
static void put_times(struct json_writer *w, const struct turn *turn)
{
    const struct {
        const char *name;
        int64_t at_ms;
    } times[] = {
        {"timeToRequest", turn->asked_ms},
        {"timeToHeaders", turn->head_ms},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        if (times[i].at_ms > 0 && !turn->continued)
            json_member_double(
                w, times[i].name, seconds(times[i].at_ms - turn->started_ms));
}

/* What ties page, log and workspace together, and who answered why. */
static void put_trail(struct json_writer *w, const struct turn *turn)
{
    json_member_opt(w, "requestId", turn->request_id);
    json_member_opt(w, "upstreamRequestId", turn->upstream_id);
    json_member_opt(w, "traceId", turn->trace_id);
    if (turn->genie.why == NULL)
        return;
    json_member_str(
        w, "route", turn->genie.chosen ? STR("genie") : STR("model"));
    json_member_str(w, "routeReason", str_from_c(turn->genie.why));
}

struct str turn_metrics_json(struct turn *turn)
{
    int64_t now = loop_now_ms(turn->api->loop);
    bool estimated;
    int64_t completion = completion_tokens(turn, &estimated);
    double total = seconds(now - turn->started_ms);
    double thought = seconds(turn->parts.thought_ms) + turn_prior_thought(turn);
    struct buf out;
    struct json_writer w;
    turn_prior_usage(turn, &total, &completion, &estimated);
    buf_init(&out, MAX_EVENT);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    if (turn->first_token_ms > 0)
        json_member_double(&w, "timeToFirstToken",
            seconds(turn->first_token_ms - turn->started_ms));
    json_member_double(&w, "totalTime", total);
    put_count(&w, "promptTokens", turn->usage.prompt_tokens);
    put_count(&w, "completionTokens", completion);
    if (thought > 0)
        json_member_double(&w, "reasoningTime", thought);
    if (estimated)
        json_member_bool(&w, "estimated", true);
    put_count(&w, "cachedTokens", turn->usage.cached_tokens);
    put_count(&w, "reasoningTokens", turn->usage.reasoning_tokens);
    put_told(&w, &turn->told);
    put_times(&w, turn);
    put_trail(&w, turn);
    json_end_object(&w);
    return keep(turn, &out);
}

struct str turn_final_json(struct turn *turn, enum reply_status status)
{
    struct store_message m = as_message(turn);
    m.status = turn_stored_status(status);
    m.content = turn->reply == NULL ? (struct str){0} : reply_text(turn->reply);
    m.sources = turn->sources;
    m.metrics = turn->metrics;
    m.finish_reason = turn->finish_reason;
    m.error_code = turn->error_code;
    m.error_message = turn->error_message;
    m.timestamp_us = turn->ended_us;
    return event_final_json(turn->arena, &m);
}
