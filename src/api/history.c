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
        api_store_refuse(op, PROBLEM_INVALID_REQUEST,
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

/* Reads ?list=; false when it was refused. */
static bool read_list(struct http_request *http, enum store_list *ret)
{
    static const char *const names[] = {
        [STORE_LIST_CURRENT] = "current",
        [STORE_LIST_PINNED] = "pinned",
        [STORE_LIST_ARCHIVED] = "archived",
        [STORE_LIST_TRASH] = "trash",
    };
    struct str text = STR("current");
    http_request_query(http, "list", &text);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (str_eq(text, str_from_c(names[i]))) {
            *ret = (enum store_list)i;
            return true;
        }
    problem_respond(http, PROBLEM_INVALID_REQUEST,
        "Query value 'list' must be 'current', 'pinned', 'archived' or "
        "'trash'.",
        &(struct problem_extra){.field = "list"});
    return false;
}

void api_list_chats(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct str cursor = {0}, messages = {0};
    size_t limit = 0;
    enum store_list list;
    if (!read_limit(http, &limit) || !read_list(http, &list))
        return;
    http_request_query(http, "cursor", &cursor);
    http_request_query(http, "messages", &messages);
    struct store_op *op = api_store_op(r, STORE_LIST_SESSIONS, on_list);
    op->list_sessions.list = list;
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
