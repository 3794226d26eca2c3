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

struct str turn_start_json(struct turn *turn)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_EVENT);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", turn->reply_id);
    json_member_str(&w, "content", STR(""));
    json_member_opt(&w, "user_message_id", turn->question_id);
    json_member_str(&w, "session_id", turn->session_id);
    json_member_str(&w, "model", turn->model);
    json_member_str(&w, "status", STR("streaming"));
    api_member_time(&w, "timestamp", loop_wall_us(turn->api->loop));
    json_end_object(&w);
    return keep(turn, &out);
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

struct str turn_metrics_json(struct turn *turn)
{
    int64_t now = loop_now_ms(turn->api->loop);
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_EVENT);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    if (turn->first_token_ms > 0)
        json_member_double(&w, "timeToFirstToken",
            seconds(turn->first_token_ms - turn->started_ms));
    json_member_double(&w, "totalTime", seconds(now - turn->started_ms));
    put_count(&w, "promptTokens", turn->usage.prompt_tokens);
    put_count(&w, "completionTokens", turn->usage.completion_tokens);
    put_count(&w, "cachedTokens", turn->usage.cached_tokens);
    json_end_object(&w);
    return keep(turn, &out);
}

struct str turn_final_json(struct turn *turn, enum reply_status status)
{
    bool silent = turn->reply == NULL || reply_text(turn->reply).n == 0;
    bool failed = status == REPLY_ERROR;
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_EVENT + turn->sources.n);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", turn->reply_id);
    json_member_str(
        &w, "content", failed && silent ? turn->error_message : STR(""));
    json_member_str(&w, "role", STR("assistant"));
    json_member_str(&w, "status", str_from_c(reply_status_name(status)));
    json_member_str(&w, "model", turn->model);
    json_member_raw(&w, "sources", turn->sources);
    json_member_raw(&w, "metrics", turn->metrics);
    json_member_opt(&w, "finish_reason", turn->finish_reason);
    api_put_error(&w, turn->error_code, turn->error_message);
    api_member_time(&w, "timestamp", turn->ended_us);
    json_end_object(&w);
    return keep(turn, &out);
}
