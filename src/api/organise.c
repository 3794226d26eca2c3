#include "api/api_int.h"
#include "api/chat_settings.h"

/* What a person does with whole chats: names, marks, the trash. */

enum { MAX_TITLE = 512 };

static const struct api_field chat_update_fields[] = {
    {.name = "title",
        .type = API_TEXT,
        .max = MAX_TITLE,
        .may_be_empty = true,
        .help = "New name; empty: the automatic one comes back.",
        .example = "\"Baking\""},
    {.name = "pinned", .type = API_BOOL, .help = "Among the pinned ones."},
    {.name = "archived",
        .type = API_BOOL,
        .help = "Out of the current list; it can still be used."},
    {.name = "settings",
        .type = API_OBJECT,
        .ref = "ChatSettings",
        .help = API_SETTINGS_HELP " A member that is null is taken away."},
    {.name = "revision",
        .type = API_INT,
        .min = 1,
        .help = "Refuse if the chat has changed since it had this revision."},
};
const struct api_schema api_chat_update_schema = {"ChatUpdate",
    chat_update_fields,
    sizeof(chat_update_fields) / sizeof(*chat_update_fields)};

static void respond_chat(
    struct api_request *r, const struct store_session *session)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    api_put_chat(&w, &(struct store_chat){.session = *session});
    api_respond_json(r->http, 200, &out);
}

static void on_updated(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (op->rc == RC_CONFLICT) {
        struct problem_extra extra = {
            .revision = op->update_session.session.revision};
        api_store_refuse(op, PROBLEM_REVISION_CONFLICT,
            "The chat was changed meanwhile, perhaps in another window; look "
            "at it again, then decide.",
            &extra);
        return;
    }
    if (!api_store_done(r, op))
        return;
    respond_chat(r, &op->update_session.session);
    store_op_free(op);
}

void api_update_chat(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct jv *body;
    if (!api_read_body(http, &api_chat_update_schema,
            api->config.max_message_bytes, &body))
        return;
    struct str settings;
    if (!api_read_settings(r, body, &settings)) {
        jv_free(body);
        return;
    }
    struct store_op *op = api_store_op(r, STORE_UPDATE_SESSION, on_updated);
    op->update_session = (struct store_update_session){
        .session_id = store_op_str(op, http_request_param(http, "session_id")),
        .set_title = !jv_is_null(jv_get(body, "title")),
        .set_pinned = !jv_is_null(jv_get(body, "pinned")),
        .set_archived = !jv_is_null(jv_get(body, "archived")),
        .title = store_op_str(op, str_trim(api_text(body, "title"))),
        .pinned = api_bool(body, "pinned", false),
        .archived = api_bool(body, "archived", false),
        .settings = store_op_str(op, settings),
        .expected_revision = api_int(body, "revision", 0),
        .now_us = loop_wall_us(api->loop),
    };
    jv_free(body);
    api_store_submit(r, op);
}

static void on_restored(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    respond_chat(r, &op->restore_session.session);
    store_op_free(op);
}

void api_restore_chat(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_RESTORE_SESSION, on_restored);
    op->restore_session.session_id =
        store_op_str(op, http_request_param(http, "session_id"));
    op->restore_session.now_us = loop_wall_us(api->loop);
    api_store_submit(r, op);
}

static void on_gone(struct store_op *op)
{
    if (op->verb == STORE_ERASE_SESSION && op->rc == RC_CONFLICT) {
        api_store_refuse(op, PROBLEM_REPLY_IN_PROGRESS,
            "A reply is still being written in this chat. Wait for it, or "
            "stop it, then erase the chat.",
            NULL);
        return;
    }
    api_on_done_empty(op);
}

static const struct api_field delete_query_fields[] = {
    {.name = "forever",
        .type = API_ENUM,
        .words = "true|false",
        .help = "'true' erases a chat that is in the trash."},
};
const struct api_schema api_delete_query = {"", delete_query_fields,
    sizeof(delete_query_fields) / sizeof(*delete_query_fields)};

void api_delete_chat(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    if (!api_check_query(http, &api_delete_query))
        return;
    bool forever = str_eq(api_query_text(http, "forever"), STR("true"));
    struct store_op *op = api_store_op(
        r, forever ? STORE_ERASE_SESSION : STORE_DELETE_SESSION, on_gone);
    struct str id = store_op_str(op, http_request_param(http, "session_id"));
    int64_t now = loop_wall_us(api->loop);
    if (forever)
        op->erase_session =
            (struct store_erase_session){.session_id = id, .now_us = now};
    else
        op->delete_session =
            (struct store_delete_session){.session_id = id, .now_us = now};
    api_store_submit(r, op);
}

/* Emptying the trash is several operations when there is much in it. */
struct emptying {
    struct api_request *r;
    size_t erased;
};

static void erase_more(struct emptying *e);

static void on_erased(struct store_op *op)
{
    struct emptying *e = op->ctx;
    struct api_request *r = e->r;
    if (!api_store_done(r, op))
        return;
    bool more = op->erase_session.more;
    e->erased += op->erase_session.erased;
    store_op_free(op);
    if (more) {
        erase_more(e);
        return;
    }
    struct buf out;
    struct json_writer w;
    buf_init(&out, 256);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_int(&w, "erased", (int64_t)e->erased);
    json_end_object(&w);
    api_respond_json(r->http, 200, &out);
}

static void erase_more(struct emptying *e)
{
    struct api_request *r = e->r;
    struct store_op *op = api_store_op(r, STORE_ERASE_SESSION, on_erased);
    op->ctx = e;
    op->erase_session.now_us = loop_wall_us(r->api->loop);
    api_store_submit(r, op);
}

void api_empty_trash(struct http_request *http, void *)
{
    struct emptying *e = ARENA_NEW(http_request_arena(http), struct emptying);
    e->r = api_request(http);
    erase_more(e);
}
