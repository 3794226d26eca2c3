#include "base/crypto.h"

#include "api/parts.h"
#include "api/turn.h"

/*
 * A person allows or denies what an agent has asked leave for. The reply goes
 * on in its place: the agent is shown the chat, its own request and the
 * answer. Sent again it is one answer, with a key of the client's or without.
 */

static const struct api_field approve_fields[] = {
    {.name = "part_id",
        .type = API_ID,
        .max = 128,
        .help = "The part of kind 'approval' that is answered; needed, here or "
                "as id.",
        .example = "\"approval-1\""},
    {.name = "id", .type = API_ID, .max = 128, .help = "The same, shorter."},
    {.name = "approve",
        .type = API_BOOL,
        .required = true,
        .help = "Whether the agent may use the tool.",
        .example = "true"},
};
const struct api_schema api_approve_schema = {"ApproveRequest", approve_fields,
    sizeof(approve_fields) / sizeof(*approve_fields)};

/* What is known while the reply is looked up; in the request's arena. */
struct approving {
    struct api_request *r;
    struct str part_id;
    struct str key;
    bool approve;
};

/* Whether a part waits for this answer; false: there is no such part. */
static bool read_approval(struct turn *turn, const struct store_message *m,
    const struct approving *asked)
{
    struct jv *json = NULL;
    struct turn_approval *a = &turn->approval;
    const struct part *part =
        parts_find(parts_fold(turn->arena, m->parts), asked->part_id);
    if (part == NULL || !str_eq(part->kind, STR("approval")) ||
        jv_parse(part->json, NULL, &json) != RC_OK)
        return false;
    bool open = jv_get_str(json, "answer").n == 0;
    a->part_id = turn_str(turn, part->id);
    a->expected_sequence = open ? m->last_sequence : -1;
    a->reply = (struct databricks_approval){
        .id = turn_str(turn, jv_get_str(json, "request_id")),
        .name = turn_str(turn, jv_get_str(json, "name")),
        .arguments = turn_str(turn, jv_get_str(json, "arguments")),
        .server_label = turn_str(turn, jv_get_str(json, "server_label")),
        .approve = asked->approve,
    };
    jv_free(json);
    return true;
}

/* A second click leads to what the first one began. */
static struct str key_of(struct turn *turn, const struct approving *asked)
{
    char hex[CRYPTO_SHA256_HEX_SIZE];
    if (asked->key.n > 0)
        return asked->key;
    crypto_sha256_hex(arena_printf(turn->arena, "approve part\n%.*s",
                          STR_ARG(asked->part_id)),
        hex);
    return turn_str(turn, str_from_c(hex));
}

/* Only who has asked can be answered. */
static bool same_endpoint(struct turn *turn, const struct store_message *m)
{
    turn_set_wishes(turn, m->model, NULL);
    return api_model_allowed(turn->api, m->model);
}

static void answer(const struct approving *asked, const struct store_message *m)
{
    struct turn *turn = turn_new(asked->r);
    if (turn == NULL)
        return;
    turn->reply_id = turn_str(turn, m->message_id);
    if (!read_approval(turn, m, asked))
        turn_refuse_with(turn, PROBLEM_NOT_FOUND,
            "This reply has not asked for an approval of that id.", NULL);
    else if (!same_endpoint(turn, m))
        turn_refuse_with(turn, PROBLEM_CONFLICT,
            "The endpoint that asks is no longer offered here.", NULL);
    else
        turn_go_on(turn, key_of(turn, asked));
}

static void on_message(struct store_op *op)
{
    const struct approving *asked = op->ctx;
    if (!api_store_done(asked->r, op))
        return;
    answer(asked, &op->get_message.message);
    store_op_free(op);
}

void api_approve(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct arena *arena = http_request_arena(http);
    struct approving *asked = ARENA_NEW(arena, struct approving);
    struct jv *body;
    asked->r = r;
    if (!turn_start_key(r, "approve", &asked->key) ||
        !api_read_body(
            http, &api_approve_schema, r->api->config.max_message_bytes, &body))
        return;
    struct str part = api_text(body, "part_id");
    asked->part_id = arena_str(arena, part.n > 0 ? part : api_text(body, "id"));
    asked->approve = api_bool(body, "approve", false);
    jv_free(body);
    if (asked->part_id.n == 0) {
        problem_respond(http, PROBLEM_INVALID_REQUEST,
            "Field 'part_id' is needed: which request is answered.",
            &(struct problem_extra){.field = "part_id"});
        return;
    }
    struct store_op *op = api_store_op(r, STORE_GET_MESSAGE, on_message);
    op->ctx = asked;
    op->get_message.message_id =
        store_op_str(op, http_request_param(http, "message_id"));
    api_store_submit(r, op);
}
