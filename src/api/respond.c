#include "telemetry/log.h"

#include "api/api_int.h"

void api_respond_json(struct http_request *http, int status, struct buf *body)
{
    if (!buf_ok(body)) {
        buf_release(body);
        problem_respond(http, PROBLEM_PAYLOAD_TOO_LARGE,
            "The answer would be too large; ask for fewer chats at a time "
            "with ?limit=.",
            NULL);
        return;
    }
    static const struct http_header headers[] = {
        {{"Cache-Control", 13}, {"no-store", 8}}};
    http_respond(http, &(struct http_response){
                           .status = status,
                           .content_type = STR("application/json"),
                           .headers = headers,
                           .header_count = 1,
                           .body = buf_str(body),
                       });
    buf_release(body);
}

void api_respond_empty(struct http_request *http, int status,
    const struct http_header *headers, size_t count)
{
    http_respond(http, &(struct http_response){
                           .status = status,
                           .headers = headers,
                           .header_count = count,
                       });
}

void api_redirect(
    struct http_request *http, struct str location, struct str cookie)
{
    struct http_header headers[] = {
        {STR("Location"), location},
        {STR("Cache-Control"), STR("no-store")},
        {STR("Set-Cookie"), cookie},
    };
    api_respond_empty(http, 303, headers, cookie.n > 0 ? 3 : 2);
}

static void client_gone(void *ctx)
{
    struct api_request *r = ctx;
    store_op_abandon(r->op);
}

struct store_op *api_store_op(
    struct api_request *r, enum store_verb verb, store_done_fn *done)
{
    struct store_op *op = store_op_new(r->api->loop, verb, done, r);
    op->user_id = store_op_str(op, r->identity.user_id);
    return op;
}

void api_store_submit(struct api_request *r, struct store_op *op)
{
    r->op = op;
    http_request_on_gone(r->http, client_gone, r);
    store_submit(r->api->config.store, op);
}

/* The request is free for another operation. */
static void release(struct api_request *r)
{
    r->op = NULL;
    http_request_on_gone(r->http, NULL, NULL);
}

void api_store_refuse(struct store_op *op, enum problem problem,
    const char *detail, const struct problem_extra *extra)
{
    struct api_request *r = op->ctx;
    release(r);
    problem_respond(r->http, problem, detail, extra);
    store_op_free(op);
}

void api_on_done_empty(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    store_op_free(op);
    api_respond_empty(r->http, 204, NULL, 0);
}

bool api_store_done(struct api_request *r, struct store_op *op)
{
    release(r);
    if (op->rc == RC_OK)
        return true;
    const char *detail;
    enum problem problem = problem_of_store(op->rc, &detail);
    if (problem != PROBLEM_NOT_FOUND && problem != PROBLEM_CONFLICT)
        log_error("the store failed a request; it was told so",
            LOG_STR("request_id", http_request_id(r->http)),
            LOG_CSTR("verb", store_verb_name(op->verb)), LOG_RC(op->rc),
            LOG_CSTR("why", op->error));
    store_op_free(op);
    problem_respond(r->http, problem, detail, NULL);
    return false;
}
