#include "limits/quota.h"
#include "limits/rate_limiter.h"
#include "telemetry/metrics.h"

#include "api/turn.h"

/*
 * Messages a minute, replies at once, tokens a day: what a person may use, what
 * is left, and who has used all of it.
 */
enum { MINUTE_S = 60, DAY_S = 24 * 3600, MAX_USAGE = 4096 };

static int64_t seconds(int64_t ms)
{
    return (ms + 999) / 1000;
}

static int64_t until_midnight_ms(const struct api *api)
{
    const int64_t day_us = INT64_C(1000000) * DAY_S;
    return (day_us - loop_wall_us(api->loop) % day_us) / 1000 + 1;
}

/* ---- Header fields ---- */

static void put_item(struct buf *policy, struct buf *state, const char *name,
    const char *more, const struct usage_limit *l, int window_s)
{
    const char *comma = policy->n > 0 ? ", " : "";
    if (l->limit == 0)
        return;
    buf_printf(policy, "%s\"%s\";q=%lld;w=%d%s", comma, name,
        (long long)l->limit, window_s, more);
    buf_printf(state, "%s\"%s\";r=%lld;t=%lld", comma, name,
        (long long)(l->left > 0 ? l->left : 0),
        (long long)seconds(l->reset_ms));
}

size_t usage_headers(
    struct http_request *http, struct http_header ret[USAGE_HEADERS])
{
    const struct api_request *r = api_request(http);
    struct arena *arena = http_request_arena(http);
    struct buf policy, state;
    if (r == NULL)
        return 0;
    buf_init(&policy, 512);
    buf_init(&state, 512);
    put_item(&policy, &state, "messages", "", &r->told.messages, MINUTE_S);
    put_item(
        &policy, &state, "tokens", ";qu=\"tokens\"", &r->told.tokens, DAY_S);
    bool any = policy.n > 0;
    if (any) {
        ret[0] = (struct http_header){
            STR("RateLimit-Policy"), arena_str(arena, buf_str(&policy))};
        ret[1] = (struct http_header){
            STR("RateLimit"), arena_str(arena, buf_str(&state))};
    }
    buf_release(&policy);
    buf_release(&state);
    return any ? USAGE_HEADERS : 0;
}

/* ---- What is left ---- */

static struct usage_limit messages_left(const struct api *api, int64_t left)
{
    int64_t limit = api->config.rate_per_minute;
    if (left > limit)
        left = limit;
    return (struct usage_limit){.limit = limit,
        .left = left,
        .reset_ms = limit == 0 ? 0 : (limit - left) * 60000 / limit};
}

static struct usage_limit tokens_left(
    const struct api *api, const struct store_read_usage *u)
{
    int64_t limit = api->config.tokens_per_day;
    int64_t used = u->prompt_tokens + u->completion_tokens;
    return (struct usage_limit){.limit = limit,
        .left = used < limit ? limit - used : 0,
        .reset_ms = until_midnight_ms(api)};
}

static int64_t local_rate_left(struct api *api, struct str user)
{
    return rate_limiter_left(api->config.limiter, user, loop_now_ms(api->loop));
}

void usage_note_rate(struct api_request *r, int64_t left)
{
    r->told.messages = messages_left(r->api, left);
}

void usage_note_local_rate(struct api_request *r)
{
    if (r->api->config.shared_rate == 0)
        usage_note_rate(r, local_rate_left(r->api, r->identity.user_id));
}

/* ---- Before a reply begins ---- */

static void refuse(struct turn *turn)
{
    struct problem_extra extra = {
        .retry_after_ms = until_midnight_ms(turn->api)};
    metrics_add(METRIC_QUOTA_EXHAUSTED, 1);
    turn_refuse_with(turn, PROBLEM_QUOTA_EXHAUSTED,
        "Your tokens for today are used up. There are new ones at midnight "
        "UTC.",
        &extra);
}

/* A store that cannot say will not take the message either. */
static void on_used(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->op = NULL;
    struct usage_limit tokens = tokens_left(turn->api, &op->read_usage);
    bool used_up = op->rc == RC_OK && tokens.left == 0;
    if (turn->request != NULL && op->rc == RC_OK)
        turn->request->told.tokens = tokens;
    store_op_free(op);
    if (used_up)
        refuse(turn);
    else
        turn->checked_tokens(turn);
}

void turn_check_tokens(struct turn *turn, void (*next)(struct turn *turn))
{
    struct api *api = turn->api;
    if (api->config.tokens_per_day == 0) {
        next(turn);
        return;
    }
    turn->checked_tokens = next;
    struct store_op *op =
        store_op_new(api->loop, STORE_READ_USAGE, on_used, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->read_usage.day_us = loop_wall_us(api->loop);
    turn_submit_now(turn, op);
}

/* ---- The route ---- */

static void put_limit(struct json_writer *w, const char *name,
    const struct usage_limit *l, int window_s)
{
    if (l->limit == 0)
        return;
    json_begin_object(w);
    json_member_str(w, "name", str_from_c(name));
    json_member_int(w, "limit", l->limit);
    json_member_int(w, "remaining", l->left > 0 ? l->left : 0);
    json_member_int(w, "reset_s", seconds(l->reset_ms));
    if (window_s > 0)
        json_member_int(w, "window_s", window_s);
    json_end_object(w);
}

static void put_limits(struct json_writer *w, struct api_request *r,
    const struct store_read_usage *u)
{
    struct api *api = r->api;
    struct str user = r->identity.user_id;
    struct usage_limit messages = messages_left(
        api, api->config.shared_rate > 0 ? u->rate_left
                                         : local_rate_left(api, user));
    struct usage_limit tokens = tokens_left(api, u);
    const struct usage_limit replies = {
        .limit = api->config.max_replies_per_user,
        .left = api->config.max_replies_per_user -
                (int64_t)quota_taken_by(api->config.quota, user),
    };
    json_key(w, "limits");
    json_begin_array(w);
    put_limit(w, "messages", &messages, MINUTE_S);
    put_limit(w, "replies", &replies, 0);
    put_limit(w, "tokens", &tokens, DAY_S);
    json_end_array(w);
}

static void on_usage(struct store_op *op)
{
    struct api_request *r = op->ctx;
    const struct store_read_usage *u = &op->read_usage;
    if (!api_store_done(r, op))
        return;
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_USAGE);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    put_limits(&w, r, u);
    json_key(&w, "tokens_today");
    json_begin_object(&w);
    json_member_int(&w, "prompt", u->prompt_tokens);
    json_member_int(&w, "completion", u->completion_tokens);
    json_member_int(&w, "total", u->prompt_tokens + u->completion_tokens);
    json_end_object(&w);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

void api_usage(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_READ_USAGE, on_usage);
    op->read_usage = (struct store_read_usage){
        .day_us = loop_wall_us(api->loop),
        .per_minute = api->config.shared_rate,
        .burst = api->config.shared_rate,
        .now_us = loop_wall_us(api->loop),
    };
    api_store_submit(r, op);
}
