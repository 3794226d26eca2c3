#include "base/id.h"

#include "api/api_int.h"

/* Text that a person has not sent yet: kept here, so that no device loses it.
 */

static const struct api_field draft_fields[] = {
    {.name = "content",
        .type = API_TEXT,
        .required = true,
        .may_be_empty = true,
        .help = "The text so far; empty removes the draft.",
        .example = "\"What about\""},
};
const struct api_schema api_draft_schema = {
    "DraftRequest", draft_fields, sizeof(draft_fields) / sizeof(*draft_fields)};

static void put_drafts(struct json_writer *w, const struct store_draft_list *l)
{
    json_begin_object(w);
    json_key(w, "drafts");
    json_begin_array(w);
    for (size_t i = 0; i < l->count; i++) {
        json_begin_object(w);
        json_member_str(w, "session_id", l->drafts[i].session_id);
        json_member_str(w, "content", l->drafts[i].content);
        api_member_time(w, "updated_at", l->drafts[i].updated_us);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void on_drafts(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    put_drafts(&w, &op->draft_list);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

void api_list_drafts(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    api_store_submit(r, api_store_op(r, STORE_DRAFT_LIST, on_drafts));
}

void api_put_draft(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str id = http_request_param(http, "session_id");
    struct jv *body;
    if (!id_valid(id, API_MAX_ID)) {
        problem_respond(http, PROBLEM_INVALID_REQUEST,
            "Path value 'session_id' may hold only letters, digits, '.', '_' "
            "and '-', at most 64.",
            &(struct problem_extra){.field = "session_id"});
        return;
    }
    if (!api_read_body(
            http, &api_draft_schema, api->config.max_message_bytes, &body))
        return;
    struct store_op *op = api_store_op(r, STORE_DRAFT_PUT, api_on_done_empty);
    op->draft_put.draft = (struct store_draft){
        .session_id = store_op_str(op, id),
        .content = store_op_str(op, api_text(body, "content")),
        .updated_us = loop_wall_us(api->loop),
    };
    jv_free(body);
    api_store_submit(r, op);
}
