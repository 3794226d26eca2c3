#include "base/num.h"

#include "api/api_int.h"

/* Chats and their messages, as lists and one by one. */

enum { MAX_PAGE = 1000 };

/* Sends the JSON that write makes of a finished operation. */
static void respond_with(struct api_request *r, struct store_op *op,
    void (*write)(struct json_writer *w, const struct store_op *op))
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    write(&w, op);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

static void put_list(struct json_writer *w, const struct store_op *op)
{
    const struct store_list_sessions *list = &op->list_sessions;
    json_begin_object(w);
    json_key(w, "sessions");
    json_begin_array(w);
    for (size_t i = 0; i < list->count; i++)
        api_put_chat(w, &list->chats[i]);
    json_end_array(w);
    json_member_opt(w, "next_cursor", list->next_cursor);
    json_end_object(w);
}

static void on_list(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (op->rc == RC_INVALID) {
        store_op_free(op);
        r->op = NULL;
        http_request_on_gone(r->http, NULL, NULL);
        problem_respond(r->http, PROBLEM_INVALID_REQUEST,
            "Query value 'cursor' is not one this server gave out.",
            &(struct problem_extra){.field = "cursor"});
        return;
    }
    if (api_store_done(r, op))
        respond_with(r, op, put_list);
}

/* Reads ?limit=; false when it was refused. */
static bool read_limit(struct http_request *http, size_t *ret)
{
    struct str text;
    int64_t limit;
    if (!http_request_query(http, "limit", &text))
        return true;
    if (num_parse_i64(text, 1, MAX_PAGE, &limit) != RC_OK) {
        problem_respond(http, PROBLEM_INVALID_REQUEST,
            "Query value 'limit' must be a number from 1 to 1000.",
            &(struct problem_extra){.field = "limit"});
        return false;
    }
    *ret = (size_t)limit;
    return true;
}

void api_list_chats(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct str cursor = {0}, messages = {0};
    size_t limit = 0;
    if (!read_limit(http, &limit))
        return;
    http_request_query(http, "cursor", &cursor);
    http_request_query(http, "messages", &messages);
    struct store_op *op = api_store_op(r, STORE_LIST_SESSIONS, on_list);
    op->list_sessions.limit = limit;
    op->list_sessions.cursor = store_op_str(op, cursor);
    op->list_sessions.with_messages = !str_eq(messages, STR("none"));
    api_store_submit(r, op);
}

static void put_chat(struct json_writer *w, const struct store_op *op)
{
    api_put_chat(w, &op->get_session.chat);
}

static void put_messages(struct json_writer *w, const struct store_op *op)
{
    const struct store_chat *chat = &op->get_session.chat;
    json_begin_object(w);
    json_key(w, "messages");
    json_begin_array(w);
    for (size_t i = 0; i < chat->message_count; i++)
        api_put_message(w, &chat->messages[i]);
    json_end_array(w);
    json_end_object(w);
}

static void on_chat(struct store_op *op)
{
    if (api_store_done(op->ctx, op))
        respond_with(op->ctx, op, put_chat);
}

static void on_messages(struct store_op *op)
{
    if (api_store_done(op->ctx, op))
        respond_with(op->ctx, op, put_messages);
}

static void get_session(struct http_request *http, store_done_fn *done)
{
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_GET_SESSION, done);
    op->get_session.session_id =
        store_op_str(op, http_request_param(http, "session_id"));
    op->get_session.with_messages = true;
    api_store_submit(r, op);
}

void api_get_chat(struct http_request *http, void *)
{
    get_session(http, on_chat);
}

void api_get_messages(struct http_request *http, void *)
{
    get_session(http, on_messages);
}

static void on_deleted(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    store_op_free(op);
    api_respond_empty(r->http, 204, NULL, 0);
}

void api_delete_chat(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_DELETE_SESSION, on_deleted);
    op->delete_session.session_id =
        store_op_str(op, http_request_param(http, "session_id"));
    op->delete_session.now_us = loop_wall_us(api->loop);
    api_store_submit(r, op);
}
