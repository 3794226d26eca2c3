#include "api/api_int.h"

/* Chats and their messages, as lists and one by one. */

enum { MAX_PAGE = 1000 };

#define LISTS "current|pinned|archived|trash"

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

static const struct api_field chats_query_fields[] = {
    {.name = "limit",
        .type = API_INT,
        .min = 1,
        .most = MAX_PAGE,
        .help = "Chats of a page; without it all of them come.",
        .example = "50"},
    {.name = "cursor",
        .type = API_TEXT,
        .may_be_empty = true,
        .help = "next_cursor of the page before."},
    {.name = "messages",
        .type = API_ENUM,
        .words = "all|none",
        .help = "'none' leaves the messages out.",
        .example = "\"none\""},
    {.name = "list",
        .type = API_ENUM,
        .words = LISTS,
        .help = "Which chats; default 'current'."},
};
const struct api_schema api_chats_query = {"", chats_query_fields,
    sizeof(chats_query_fields) / sizeof(*chats_query_fields)};

/* ?list=, one of LISTS. */
static enum store_list list_asked(const struct http_request *http)
{
    struct str name = api_query_text(http, "list");
    if (str_eq(name, STR("pinned")))
        return STORE_LIST_PINNED;
    if (str_eq(name, STR("archived")))
        return STORE_LIST_ARCHIVED;
    return str_eq(name, STR("trash")) ? STORE_LIST_TRASH : STORE_LIST_CURRENT;
}

void api_list_chats(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    if (!api_check_query(http, &api_chats_query))
        return;
    struct store_op *op = api_store_op(r, STORE_LIST_SESSIONS, on_list);
    op->list_sessions.list = list_asked(http);
    op->list_sessions.limit = (size_t)api_query_int(http, "limit", 0);
    op->list_sessions.cursor = store_op_str(op, api_query_text(http, "cursor"));
    op->list_sessions.with_messages =
        !str_eq(api_query_text(http, "messages"), STR("none"));
    api_store_submit(r, op);
}

/* ---- One chat ---- */

enum { DEFAULT_PAGE = 50 };

/* What to ask with for the messages on either side of a page; null: none. */
static void put_cursors(
    struct json_writer *w, const struct store_get_session *g)
{
    const struct store_chat *chat = &g->chat;
    if (g->page.kind == STORE_PAGE_ALL || !g->with_messages)
        return;
    struct str none = {0};
    bool before = g->more_before && chat->message_count > 0;
    bool after = g->more_after && chat->message_count > 0;
    json_member_opt(w, "before", before ? chat->messages[0].message_id : none);
    json_member_opt(w, "after",
        after ? chat->messages[chat->message_count - 1].message_id : none);
}

static void put_chat(struct json_writer *w, const struct store_op *op)
{
    const struct store_get_session *g = &op->get_session;
    json_begin_object(w);
    api_put_chat_members(w, &g->chat);
    put_cursors(w, g);
    json_end_object(w);
}

static void put_messages(struct json_writer *w, const struct store_op *op)
{
    const struct store_get_session *g = &op->get_session;
    json_begin_object(w);
    json_key(w, "messages");
    json_begin_array(w);
    for (size_t i = 0; i < g->chat.message_count; i++)
        api_put_message(w, &g->chat.messages[i]);
    json_end_array(w);
    put_cursors(w, g);
    json_end_object(w);
}

static const char *cursor_name(enum store_page_kind kind)
{
    switch (kind) {
    case STORE_PAGE_BEFORE:
        return "before";
    case STORE_PAGE_AFTER:
        return "after";
    case STORE_PAGE_ALL:
    case STORE_PAGE_NEWEST:
    case STORE_PAGE_OLDEST:
    case STORE_PAGE_AROUND:
        break;
    }
    return "around";
}

/* Sends what was read, or what is wrong with the message it was to start at. */
static void respond_with_chat(struct store_op *op,
    void (*write)(struct json_writer *w, const struct store_op *op))
{
    const struct store_page *page = &op->get_session.page;
    if (op->rc == RC_INVALID) {
        const char *name = cursor_name(page->kind);
        api_store_refuse(op, PROBLEM_INVALID_REQUEST,
            "This query value must be the id of a message of the chat.",
            &(struct problem_extra){.field = name});
        return;
    }
    if (api_store_done(op->ctx, op))
        respond_with(op->ctx, op, write);
}

static void on_chat(struct store_op *op)
{
    respond_with_chat(op, put_chat);
}

static void on_messages(struct store_op *op)
{
    respond_with_chat(op, put_messages);
}

#define PAGE_FIELDS                                                            \
    {.name = "limit",                                                          \
        .type = API_INT,                                                       \
        .min = 1,                                                              \
        .most = MAX_PAGE,                                                      \
        .help =                                                                \
            "Messages of a page; alone: the newest. 50 if only one of the "    \
            "others is given; with none of them all come.",                    \
        .example = "50"},                                                      \
        {.name = "before",                                                     \
            .type = API_TEXT,                                                  \
            .may_be_empty = true,                                              \
            .help =                                                            \
                "Those right before this message; empty: the newest. Only "    \
                "one of before, after, around can be given.",                  \
            .example = "\"\""},                                                \
        {.name = "after",                                                      \
            .type = API_TEXT,                                                  \
            .may_be_empty = true,                                              \
            .help =                                                            \
                "Those right behind this message; empty: the first ones."},    \
    {                                                                          \
        .name = "around", .type = API_TEXT, .may_be_empty = true,              \
        .help = "This message, and half as many before it."                    \
    }

static const struct api_field messages_query_fields[] = {PAGE_FIELDS};
const struct api_schema api_messages_query = {"", messages_query_fields,
    sizeof(messages_query_fields) / sizeof(*messages_query_fields)};

static const struct api_field chat_query_fields[] = {
    PAGE_FIELDS, {.name = "messages",
                     .type = API_ENUM,
                     .words = "all|none",
                     .help = "'none' leaves the messages out."}};
const struct api_schema api_chat_query = {"", chat_query_fields,
    sizeof(chat_query_fields) / sizeof(*chat_query_fields)};

/* Reads ?limit=, ?before=, ?after=, ?around=; false when it was refused. */
static bool read_page(struct http_request *http, struct store_page *ret)
{
    static const struct {
        const char *name;
        enum store_page_kind empty, named;
    } starts[] = {
        {"before", STORE_PAGE_NEWEST, STORE_PAGE_BEFORE},
        {"after", STORE_PAGE_OLDEST, STORE_PAGE_AFTER},
        {"around", STORE_PAGE_NEWEST, STORE_PAGE_AROUND},
    };
    int given = 0;
    struct str text;
    *ret = (struct store_page){.kind = STORE_PAGE_ALL};
    ret->limit = (size_t)api_query_int(http, "limit", 0);
    if (ret->limit > 0)
        ret->kind = STORE_PAGE_NEWEST;
    for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
        if (!http_request_query(http, starts[i].name, &text))
            continue;
        given++;
        ret->kind = text.n == 0 ? starts[i].empty : starts[i].named;
        ret->message_id = text;
    }
    if (ret->kind != STORE_PAGE_ALL && ret->limit == 0)
        ret->limit = DEFAULT_PAGE;
    if (given <= 1)
        return true;
    problem_respond(http, PROBLEM_INVALID_REQUEST,
        "Only one of the query values 'before', 'after' and 'around' can be "
        "given.",
        &(struct problem_extra){.field = "around"});
    return false;
}

static void get_session(
    struct http_request *http, bool with_messages, store_done_fn *done)
{
    struct api_request *r = api_request(http);
    struct store_page page;
    if (!read_page(http, &page))
        return;
    struct store_op *op = api_store_op(r, STORE_GET_SESSION, done);
    op->get_session.session_id =
        store_op_str(op, http_request_param(http, "session_id"));
    op->get_session.with_messages = with_messages;
    op->get_session.page = page;
    op->get_session.page.message_id = store_op_str(op, page.message_id);
    api_store_submit(r, op);
}

void api_get_chat(struct http_request *http, void *)
{
    bool without = str_eq(api_query_text(http, "messages"), STR("none"));
    if (api_check_query(http, &api_chat_query))
        get_session(http, !without, on_chat);
}

void api_get_messages(struct http_request *http, void *)
{
    if (api_check_query(http, &api_messages_query))
        get_session(http, true, on_messages);
}
