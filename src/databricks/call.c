#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/secret.h"
#include "http_client/http_client.h"
#include "loop/loop.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "databricks/call.h"
#include "databricks/client_int.h"
#include "databricks/error_int.h"
#include "databricks/token_minter.h"

enum { URL_MAX = 1024, AUTHORIZATION_MAX = 32 * 1024 };

struct databricks_call {
    struct databricks_client *client;
    struct call_request request;
    const struct call_handlers *handlers;
    void *ctx;
    struct token_request *waiting;  /* for a token, or NULL */
    struct http_exchange *exchange; /* under way, or NULL */
    struct secret token;            /* that it was sent with */
    struct loop_task not_sent;      /* tells that it could not be sent */
    enum rc not_sent_why;
    bool paused;
    int status;
    int64_t sent_ms;
    int64_t head_ms;
    char upstream_id[80];
};

static void send_with(struct databricks_call *c, struct str token);
static void on_token(
    void *ctx, struct str token, const struct databricks_error *error);
static void on_head(void *ctx, struct http_exchange *x, int status);
static void on_data(void *ctx, struct str data);
static void on_done(void *ctx, enum rc why, struct str reason);
static void on_not_sent(void *ctx);

enum rc call_start(struct databricks_client *client,
    const struct call_request *request, const struct call_handlers *handlers,
    void *ctx, struct databricks_call **ret)
{
    struct databricks_call *c = MEM_NEW(struct databricks_call);
    c->client = client;
    c->request = *request;
    c->handlers = handlers;
    c->ctx = ctx;
    loop_task_init(&c->not_sent, on_not_sent, c);
    enum rc rc = RC_OK;
    if (client->minter == NULL)
        send_with(c, STR(""));
    else if (request->user_token.n > 0 && !databricks_client_plain(client))
        send_with(c, request->user_token);
    else
        rc = token_minter_get(client->minter, on_token, c, &c->waiting);
    if (rc != RC_OK) {
        mem_free(c);
        return rc;
    }
    *ret = c;
    return RC_OK;
}

/* The one line of this call in the log: nothing of its content. */
static void log_call(const struct databricks_call *c, const char *outcome)
{
    int64_t now = loop_now_ms(c->client->loop);
    log_info("upstream call", LOG_STR("endpoint", c->request.label),
        LOG_CSTR("outcome", outcome), LOG_INT("status", c->status),
        LOG_INT("first_byte_ms", c->status ? c->head_ms - c->sent_ms : -1),
        LOG_INT("total_ms", now - c->sent_ms),
        LOG_CSTR("upstream_request_id", c->upstream_id),
        LOG_STR("request_id", c->request.request_id));
}

enum { MOST_HEADERS = 5 };

/* What every request says, and what only this one has; gives the number. */
static size_t put_headers(const struct databricks_call *c,
    struct str authorization, struct http_client_header to[MOST_HEADERS])
{
    const struct call_request *request = &c->request;
    size_t n = 0;
    to[n++] = (struct http_client_header){
        STR("Accept"), STR("text/event-stream, application/json")};
    if (!secret_empty(&c->token))
        to[n++] =
            (struct http_client_header){STR("Authorization"), authorization};
    if (request->body.n > 0)
        to[n++] = (struct http_client_header){
            STR("Content-Type"), STR("application/json")};
    if (request->mcp_session.n > 0)
        to[n++] = (struct http_client_header){
            STR("Mcp-Session-Id"), request->mcp_session};
    if (request->mcp_version.n > 0)
        to[n++] = (struct http_client_header){
            STR("MCP-Protocol-Version"), request->mcp_version};
    return n;
}

static enum rc send_request(struct databricks_call *c)
{
    struct http_client_header headers[MOST_HEADERS];
    static const struct http_client_handlers handlers = {
        .on_head = on_head, .on_data = on_data, .on_done = on_done};
    struct buf url, authorization;
    buf_init(&url, URL_MAX);
    if (c->request.url.n == 0)
        buf_append(&url, buf_str(&c->client->host));
    buf_append(&url, c->request.url.n ? c->request.url : c->request.path);
    buf_init(&authorization, AUTHORIZATION_MAX);
    buf_append(&authorization, STR("Bearer "));
    buf_append(&authorization, secret_reveal(&c->token));
    const struct http_client_request request = {
        .method = c->request.method,
        .url = buf_str(&url),
        .headers = headers,
        .header_count = put_headers(c, buf_str(&authorization), headers),
        .body = c->request.body,
        .connect_timeout_ms = c->client->config.connect_timeout_ms,
        .first_byte_timeout_ms = c->request.first_byte_timeout_ms,
        .idle_timeout_ms = c->request.idle_timeout_ms,
        .total_timeout_ms = c->request.total_timeout_ms,
        .max_body = c->client->config.max_answer,
    };
    enum rc rc = RC_INVALID;
    if (buf_ok(&url) && buf_ok(&authorization))
        rc = http_client_start(
            c->client->http, &request, &handlers, c, &c->exchange);
    crypto_wipe(authorization.p, authorization.cap);
    buf_release(&authorization);
    buf_release(&url);
    return rc;
}

static void send_with(struct databricks_call *c, struct str token)
{
    secret_set(&c->token, token);
    c->sent_ms = loop_now_ms(c->client->loop);
    metrics_add(METRIC_UPSTREAM_REQUESTS, 1);
    c->not_sent_why = send_request(c);
    if (c->not_sent_why != RC_OK)
        loop_defer(c->client->loop, &c->not_sent);
    else if (c->paused)
        http_exchange_pause(c->exchange, 1);
}

static void on_token(
    void *ctx, struct str token, const struct databricks_error *error)
{
    struct databricks_call *c = ctx;
    c->waiting = NULL;
    if (error != NULL)
        c->handlers->on_done(c->ctx, RC_DENIED, STR("no access token"), error);
    else
        send_with(c, token);
}

static void on_not_sent(void *ctx)
{
    struct databricks_call *c = ctx;
    metrics_add(METRIC_UPSTREAM_FAILURES, 1);
    log_call(c, rc_name(c->not_sent_why));
    c->handlers->on_done(
        c->ctx, c->not_sent_why, STR("request not sent"), NULL);
}

static void on_head(void *ctx, struct http_exchange *x, int status)
{
    struct databricks_call *c = ctx;
    c->status = status;
    c->head_ms = loop_now_ms(c->client->loop);
    struct databricks_answer head = {
        .status = status,
        .retry_after_ms =
            databricks_wait_ms(http_exchange_header(x, STR("retry-after")),
                loop_wall_us(c->client->loop)),
        .workspace = http_exchange_header(x, STR("x-databricks-org-id")),
        .request_id =
            databricks_request_id(http_exchange_header(x, STR("x-request-id")),
                http_exchange_header(x, STR("x-databricks-request-id")),
                http_exchange_header(x, STR("server-timing"))),
        .content_type = http_exchange_header(x, STR("content-type")),
        .mcp_session = http_exchange_header(x, STR("mcp-session-id")),
    };
    error_put(c->upstream_id, sizeof(c->upstream_id), head.request_id);
    head.request_id = str_from_c(c->upstream_id);
    c->handlers->on_head(c->ctx, &head);
}

static void on_data(void *ctx, struct str data)
{
    struct databricks_call *c = ctx;
    c->handlers->on_data(c->ctx, data);
}

static void on_done(void *ctx, enum rc why, struct str reason)
{
    struct databricks_call *c = ctx;
    c->exchange = NULL;
    if (why != RC_OK || c->status >= 300)
        metrics_add(METRIC_UPSTREAM_FAILURES, 1);
    log_call(c, rc_name(why));
    c->handlers->on_done(c->ctx, why, reason, NULL);
}

void call_pause(struct databricks_call *c, bool paused)
{
    c->paused = paused;
    if (c->exchange != NULL)
        http_exchange_pause(c->exchange, paused);
}

bool call_refuse_token(struct databricks_call *c)
{
    if (c->request.user_token.n > 0 || c->client->minter == NULL)
        return false;
    return token_minter_invalidate(c->client->minter, secret_reveal(&c->token));
}

void call_free(struct databricks_call *c)
{
    if (c == NULL)
        return;
    if (c->waiting != NULL)
        token_request_cancel(c->waiting);
    if (c->exchange != NULL) {
        log_call(c, "closed");
        http_exchange_cancel(c->exchange);
    }
    loop_task_cancel(&c->not_sent);
    secret_release(&c->token);
    mem_free(c);
}
