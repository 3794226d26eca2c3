#include "api/turn.h"

/* Messages that wait until the chat's reply has ended. */

enum { MAX_SETTINGS = 1024 };

#define CONTENT_HELP "What the person says when it is its turn."

static const struct api_field queue_fields[] = {
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .help = CONTENT_HELP,
        .example = "\"And with rye?\""},
    {.name = "queue_id",
        .type = API_ID,
        .max = API_MAX_ID,
        .help = "Id for the message; sent again, it is one message."},
    {.name = "include_history",
        .type = API_BOOL,
        .help = "Tell the model what was said before; default true."},
    {.name = "serving_endpoint",
        .type = API_TEXT,
        .max = 128,
        .may_be_empty = true,
        .help = "One of the models of /chat-api/config."},
};
const struct api_schema api_queue_schema = {
    "QueueRequest", queue_fields, sizeof(queue_fields) / sizeof(*queue_fields)};

static const struct api_field queue_update_fields[] = {
    {.name = "content", .type = API_TEXT, .help = CONTENT_HELP},
    {.name = "place",
        .type = API_INT,
        .min = 1,
        .help = "1 is sent first; beyond the end is the end.",
        .example = "1"},
};
const struct api_schema api_queue_update_schema = {"QueueUpdate",
    queue_update_fields,
    sizeof(queue_update_fields) / sizeof(*queue_update_fields)};

void api_queue_settings(const struct api *api, struct str json,
    struct arena *arena, struct api_queue_settings *ret)
{
    struct jv *doc = NULL;
    *ret = (struct api_queue_settings){.include_history = true};
    if (json.n == 0 || jv_parse(json, NULL, &doc) != RC_OK)
        return;
    struct str model = api_text(doc, "serving_endpoint");
    if (api_model_allowed(api, model))
        ret->model = arena_str(arena, model);
    ret->history_said =
        jv_bool(jv_get(doc, "include_history"), &ret->include_history);
    jv_free(doc);
}

/* What api_queue_settings() reads, of a checked body. */
static struct str settings_json(struct store_op *op, const struct jv *body)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_SETTINGS);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_opt(&w, "serving_endpoint", api_text(body, "serving_endpoint"));
    if (!jv_is_null(jv_get(body, "include_history")))
        json_member_bool(
            &w, "include_history", api_bool(body, "include_history", true));
    json_end_object(&w);
    struct str text = store_op_str(op, buf_str(&out));
    buf_release(&out);
    return text;
}

static void put_item(struct json_writer *w, const struct api *api,
    const struct store_queued *item, struct arena *arena)
{
    struct api_queue_settings settings;
    api_queue_settings(api, item->settings, arena, &settings);
    json_begin_object(w);
    json_member_str(w, "queue_id", item->queue_id);
    json_member_str(w, "session_id", item->session_id);
    json_member_str(w, "content", item->content);
    json_member_str(w, "serving_endpoint",
        settings.model.n > 0 ? settings.model : api->config.model);
    json_member_bool(w, "include_history", settings.include_history);
    api_member_time(w, "created_at", item->created_us);
    json_end_object(w);
}

static void on_queue(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    const struct store_queue_list *l = &op->queue_list;
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_key(&w, "items");
    json_begin_array(&w);
    for (size_t i = 0; i < l->count; i++)
        put_item(&w, r->api, &l->items[i], op->arena);
    json_end_array(&w);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

void api_list_queue(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_QUEUE_LIST, on_queue);
    op->queue_list.session_id =
        store_op_str(op, http_request_param(http, "session_id"));
    api_store_submit(r, op);
}

static void on_item(struct store_op *op)
{
    struct api_request *r = op->ctx;
    const struct store_queue_put *p = &op->queue_put;
    if (op->rc == RC_CONFLICT) {
        api_store_refuse(op, PROBLEM_QUEUE_FULL,
            "As many messages wait in this chat as may. Wait until some are "
            "sent, or remove some.",
            NULL);
        return;
    }
    if (!api_store_done(r, op))
        return;
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    put_item(&w, r->api, &p->stored, op->arena);
    int status = p->edit || p->sent ? 200 : 201;
    store_op_free(op);
    api_respond_json(r->http, status, &out);
}

static void add_item(
    struct api_request *r, const struct jv *body, struct str id)
{
    struct store_op *op = api_store_op(r, STORE_QUEUE_PUT, on_item);
    op->queue_put = (struct store_queue_put){
        .item =
            {
                .queue_id = store_op_str(op, id),
                .session_id =
                    store_op_str(op, http_request_param(r->http, "session_id")),
                .content = store_op_str(op, api_text(body, "content")),
                .settings = settings_json(op, body),
            },
        .set_content = true,
        .now_us = loop_wall_us(r->api->loop),
    };
    api_store_submit(r, op);
}

void api_add_queued(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct jv *body;
    struct str id, model;
    if (!api_read_body(
            http, &api_queue_schema, api->config.max_message_bytes, &body))
        return;
    if (turn_read_model(r, body, &model) &&
        api_message_id(r, api_text(body, "queue_id"), &id))
        add_item(r, body, id);
    jv_free(body);
}

void api_update_queued(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct jv *body;
    if (!api_read_body(http, &api_queue_update_schema,
            api->config.max_message_bytes, &body))
        return;
    struct store_op *op = api_store_op(r, STORE_QUEUE_PUT, on_item);
    op->queue_put = (struct store_queue_put){
        .item =
            {
                .queue_id =
                    store_op_str(op, http_request_param(http, "queue_id")),
                .session_id =
                    store_op_str(op, http_request_param(http, "session_id")),
                .content = store_op_str(op, api_text(body, "content")),
            },
        .edit = true,
        .set_content = !jv_is_null(jv_get(body, "content")),
        .place = api_int(body, "place", 0),
        .now_us = loop_wall_us(api->loop),
    };
    jv_free(body);
    api_store_submit(r, op);
}

void api_remove_queued(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct store_op *op =
        api_store_op(r, STORE_QUEUE_DELETE, api_on_done_empty);
    op->queue_delete = (struct store_queue_delete){
        .session_id = store_op_str(op, http_request_param(http, "session_id")),
        .queue_id = store_op_str(op, http_request_param(http, "queue_id")),
        .now_us = loop_wall_us(api->loop),
    };
    api_store_submit(r, op);
}
