#include "base/num.h"

#include "api/api_int.h"

/* What stood in a message's place, and which of it is shown. */

static void respond_variants(
    struct api_request *r, const struct store_list_variants *list)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", list->message_id);
    json_member_int(&w, "shown", list->shown);
    json_key(&w, "variants");
    json_begin_array(&w);
    for (size_t i = 0; i < list->count; i++)
        api_put_message(&w, &list->variants[i]);
    json_end_array(&w);
    json_end_object(&w);
    api_respond_json(r->http, 200, &out);
}

static void on_variants(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    respond_variants(r, &op->list_variants);
    store_op_free(op);
}

void api_list_variants(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_LIST_VARIANTS, on_variants);
    op->list_variants.message_id =
        store_op_str(op, http_request_param(http, "message_id"));
    api_store_submit(r, op);
}

static void respond_shown(
    struct api_request *r, const struct store_switch_variant *shown)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 1024);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", shown->message_id);
    json_member_str(&w, "session_id", shown->session_id);
    json_member_int(&w, "shown", shown->variant);
    json_end_object(&w);
    api_respond_json(r->http, 200, &out);
}

static void on_shown(struct store_op *op)
{
    struct api_request *r = op->ctx;
    const struct store_switch_variant *shown = &op->switch_variant;
    if (op->rc == RC_CONFLICT) {
        api_store_refuse(op, PROBLEM_REPLY_IN_PROGRESS,
            "A reply is still being written in this chat. Wait for it, or "
            "stop it, then show another variant.",
            &(struct problem_extra){.message_id = shown->streaming_id});
        return;
    }
    if (!api_store_done(r, op))
        return;
    respond_shown(r, shown);
    store_op_free(op);
}

void api_show_variant(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    int64_t variant = 0;
    if (num_parse_i64(http_request_param(http, "variant"), 1, INT64_MAX,
            &variant) != RC_OK) {
        problem_respond(http, PROBLEM_NOT_FOUND,
            "Variants are numbered 1, 2, 3 and so on.", NULL);
        return;
    }
    struct store_op *op = api_store_op(r, STORE_SWITCH_VARIANT, on_shown);
    op->switch_variant = (struct store_switch_variant){
        .message_id = store_op_str(op, http_request_param(http, "message_id")),
        .variant = variant,
        .now_us = loop_wall_us(r->api->loop),
    };
    api_store_submit(r, op);
}
