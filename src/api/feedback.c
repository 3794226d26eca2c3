#include "base/utf8.h"

#include "api/api_int.h"

/* Ratings, and errors that the original's client reports to be kept. */

enum {
    MAX_REASONS = 8,
    MAX_COMMENT = 4000,
    MAX_COMMENT_BYTES = 4 * MAX_COMMENT
};

/* Words are for ever: they stand in databases and in what was exported. */
#define UP_ONLY "accurate|complete|clear|well_sourced"
#define DOWN_ONLY                                                              \
    "inaccurate|incomplete|not_what_i_asked|ignored_instructions|"             \
    "bad_sources|too_long|unsafe"
#define UP_REASONS UP_ONLY "|other"
#define DOWN_REASONS DOWN_ONLY "|other"

static const struct api_field rate_fields[] = {
    {.name = "reasons",
        .type = API_WORDS,
        .max = MAX_REASONS,
        .words = UP_ONLY "|" DOWN_ONLY "|other",
        .ref = "Reason",
        .help = "Why; only for up: " UP_ONLY "; only for down: " DOWN_ONLY
                ". Absent leaves what is there, empty removes it.",
        .example = "[\"other\"]"},
    {.name = "comment",
        .type = API_TEXT,
        .may_be_empty = true,
        .max = MAX_COMMENT_BYTES,
        .help = "At most 4,000 characters. Absent leaves what is there, empty "
                "removes it."},
};
const struct api_schema api_rate_schema = {
    "RateRequest", rate_fields, sizeof(rate_fields) / sizeof(*rate_fields)};

void api_put_feedback(struct json_writer *w, enum store_rating rating,
    struct str reasons, struct str comment)
{
    const char *name = store_rating_name(rating);
    json_key(w, "feedback");
    if (name == NULL) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_str(w, "rating", str_from_c(name));
    json_member_raw(w, "reasons", reasons.n > 0 ? reasons : STR("[]"));
    json_member_opt(w, "comment", comment);
    json_end_object(w);
}

static void on_rated(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    const struct store_rate *rate = &op->rate;
    struct buf out;
    struct json_writer w;
    buf_init(&out, 6 * MAX_COMMENT_BYTES);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "status", STR("success"));
    json_member_opt(&w, "rating", str_from_c(store_rating_name(rate->rating)));
    api_put_feedback(
        &w, rate->rating, rate->stored_reasons, rate->stored_comment);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

static bool refuse_field(
    struct http_request *http, const char *field, const char *detail)
{
    problem_respond(http, PROBLEM_INVALID_REQUEST, detail,
        &(struct problem_extra){.field = field});
    return false;
}

static struct str text_of(const struct jv *v)
{
    struct str text = {0};
    jv_string(v, &text);
    return text;
}

static bool has_word(const struct jv *list, struct str word)
{
    for (size_t i = 0; i < jv_count(list); i++)
        if (str_eq(text_of(jv_at(list, i)), word))
            return true;
    return false;
}

/*
 * The words of one side that are given, each once and in our order, as a JSON
 * array; absent when there is none. False: a word of the other side.
 */
static bool sort_reasons(struct store_op *op, const struct jv *given,
    const char *words, struct str *ret)
{
    struct str rest = str_from_c(words), word;
    struct json_writer w;
    struct buf out;
    buf_init(&out, 512);
    json_writer_init(&w, &out);
    json_begin_array(&w);
    while (rest.n > 0) {
        str_cut(rest, '|', &word, &rest);
        if (has_word(given, word))
            json_put_str(&w, word);
    }
    json_end_array(&w);
    *ret = (struct str){0};
    if (jv_count(given) > 0)
        *ret = store_op_str(op, buf_str(&out));
    buf_release(&out);
    for (size_t i = 0; i < jv_count(given); i++)
        if (!api_is_word(words, text_of(jv_at(given, i))))
            return false;
    return true;
}

/* Reads what may come with a vote. False: it was refused. */
static bool read_feedback(
    struct http_request *http, const struct jv *body, struct store_op *op)
{
    struct store_rate *rate = &op->rate;
    const struct jv *reasons = jv_get(body, "reasons");
    struct str comment = str_trim(api_text(body, "comment"));
    bool up = rate->rating == STORE_RATING_UP;
    rate->set_reasons = !jv_is_null(reasons);
    rate->set_comment = !jv_is_null(jv_get(body, "comment"));
    if (utf8_count(comment) > MAX_COMMENT)
        return refuse_field(http, "comment",
            "Field 'comment' is too long: at most 4,000 characters are taken.");
    if (rate->rating == STORE_RATING_NONE && jv_count(reasons) + comment.n > 0)
        return refuse_field(http, "rating",
            "Reasons and a comment need a rating: 'up' or 'down'.");
    if (!sort_reasons(
            op, reasons, up ? UP_REASONS : DOWN_REASONS, &rate->reasons))
        return refuse_field(http, "reasons",
            up ? "Field 'reasons' has a word that is for 'down' only."
               : "Field 'reasons' has a word that is for 'up' only.");
    rate->comment =
        comment.n == 0 ? (struct str){0} : store_op_str(op, comment);
    return true;
}

static void rate_message(struct api_request *r, enum store_rating rating)
{
    struct api *api = r->api;
    struct jv *body = NULL;
    if (http_request_body(r->http).n > 0 &&
        !api_read_body(
            r->http, &api_rate_schema, api->config.max_message_bytes, &body))
        return;
    struct store_op *op = api_store_op(r, STORE_RATE, on_rated);
    op->rate.message_id =
        store_op_str(op, http_request_param(r->http, "message_id"));
    op->rate.rating = rating;
    op->rate.tell = api->tells_feedback;
    op->rate.now_us = loop_wall_us(api->loop);
    if (read_feedback(r->http, body, op))
        api_store_submit(r, op);
    else
        store_op_free(op);
    jv_free(body);
}

static const struct api_field rate_query_fields[] = {
    {.name = "rating",
        .type = API_ENUM,
        .required = true,
        .words = "up|down|null",
        .help = "'null' withdraws the rating.",
        .example = "\"up\""},
};
const struct api_schema api_rate_query = {"", rate_query_fields,
    sizeof(rate_query_fields) / sizeof(*rate_query_fields)};

void api_rate(struct http_request *http, void *)
{
    if (!api_check_query(http, &api_rate_query))
        return;
    struct str word = api_query_text(http, "rating");
    enum store_rating rating = STORE_RATING_NONE;
    if (str_eq(word, STR("up")))
        rating = STORE_RATING_UP;
    else if (str_eq(word, STR("down")))
        rating = STORE_RATING_DOWN;
    rate_message(api_request(http), rating);
}

static const struct api_field error_fields[] = {
    {.name = "message_id",
        .type = API_ID,
        .required = true,
        .max = 64,
        .help = "Id the client gave the message.",
        .example = "\"5f0c\""},
    {.name = "session_id",
        .type = API_ID,
        .required = true,
        .max = 64,
        .help = "The chat.",
        .example = "\"demo-1\""},
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .help = "The sentence the person saw.",
        .example = "\"The network is gone.\""},
    {.name = "role",
        .type = API_ENUM,
        .words = "assistant",
        .help = "Only replies can be reported."},
    {.name = "timestamp",
        .type = API_TIME,
        .help = "When; default: now.",
        .example = "\"2026-01-31T10:00:00Z\""},
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
