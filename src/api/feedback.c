#include "api/api_int.h"

/* Ratings, and errors that the original's client reports to be kept. */

static void on_rated(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    const char *name = store_rating_name(op->rate.rating);
    store_op_free(op);
    struct buf out;
    struct json_writer w;
    buf_init(&out, 256);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "status", STR("success"));
    json_member_opt(&w, "rating", str_from_c(name));
    json_end_object(&w);
    api_respond_json(r->http, 200, &out);
}

void api_rate(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    static const struct {
        struct str word;
        enum store_rating rating;
    } words[] = {{{"up", 2}, STORE_RATING_UP}, {{"down", 4}, STORE_RATING_DOWN},
        {{"null", 4}, STORE_RATING_NONE}};
    struct str word = {0};
    http_request_query(http, "rating", &word);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (!str_eq(word, words[i].word))
            continue;
        struct store_op *op = api_store_op(r, STORE_RATE, on_rated);
        op->rate.message_id =
            store_op_str(op, http_request_param(http, "message_id"));
        op->rate.rating = words[i].rating;
        op->rate.now_us = loop_wall_us(api->loop);
        api_store_submit(r, op);
        return;
    }
    problem_respond(http, PROBLEM_INVALID_REQUEST,
        "Query value 'rating' must be 'up', 'down' or 'null' (to withdraw).",
        &(struct problem_extra){.field = "rating"});
}

static const struct api_field error_fields[] = {
    {.name = "message_id",
        .type = API_ID,
        .required = true,
        .max = 64,
        .help = "Id the client gave the message."},
    {.name = "session_id",
        .type = API_ID,
        .required = true,
        .max = 64,
        .help = "The chat."},
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .help = "The sentence the person saw."},
    {.name = "role",
        .type = API_ENUM,
        .words = "assistant",
        .help = "Only replies can be reported."},
    {.name = "timestamp", .type = API_TIME, .help = "When; default: now."},
    {.name = "sources", .type = API_ARRAY, .help = "Kept as sent."},
    {.name = "metrics", .type = API_OBJECT, .help = "Kept as sent."},
};
const struct api_schema api_error_schema = {
    "ErrorRequest", error_fields, sizeof(error_fields) / sizeof(*error_fields)};

static void on_recorded(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    struct buf out;
    struct json_writer w;
    buf_init(&out, 512);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "status", STR("success"));
    json_member_str(&w, "message_id", op->record_message.message_id);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

/* A JSON member as text in the operation's arena; absent stays absent. */
static struct str member_json(
    struct store_op *op, const struct jv *body, const char *name, size_t max)
{
    const struct jv *v = jv_get(body, name);
    struct buf out;
    struct str text = {0};
    if (jv_is_null(v))
        return text;
    buf_init(&out, max);
    if (jv_dump(v, &out) == RC_OK)
        text = store_op_str(op, buf_str(&out));
    buf_release(&out);
    return text;
}

void api_record_error(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    size_t max = api->config.max_message_bytes;
    struct jv *body;
    if (!api_read_body(http, &api_error_schema, max, &body))
        return;
    struct store_op *op = api_store_op(r, STORE_RECORD_MESSAGE, on_recorded);
    struct str content = api_text(body, "content");
    int64_t now = loop_wall_us(api->loop);
    op->record_message = (struct store_record_message){
        .user_email = store_op_str(op, r->identity.email),
        .session_id = store_op_str(op, api_text(body, "session_id")),
        .message_id = store_op_str(op, api_text(body, "message_id")),
        .content = store_op_str(op, content),
        .role = STORE_ROLE_ASSISTANT,
        .status = STORE_FAILED,
        .model = store_op_str(op, api->config.model),
        .sources = member_json(op, body, "sources", max),
        .metrics = member_json(op, body, "metrics", max),
        .error_code = STR("client_error"),
        .error_message = store_op_str(op, content),
        .timestamp_us = api_time(body, "timestamp", now),
        .now_us = now,
    };
    jv_free(body);
    api_store_submit(r, op);
}
