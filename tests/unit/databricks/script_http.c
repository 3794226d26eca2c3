#include "base/mem.h"

#include "script_http.h"
#include "tap.h"

enum { TEXT_MAX = 1024 * 1024 };

struct http_exchange;

/* An exchange is a request seen through the interface. */
static struct script_request *inner(struct http_exchange *x)
{
    return (struct script_request *)(void *)x;
}

static struct http_exchange *outer(struct script_request *r)
{
    return (struct http_exchange *)(void *)r;
}

void script_http_init(struct http_client *h)
{
    *h = (struct http_client){.refuse = RC_OK};
}

void script_http_release(struct http_client *h)
{
    for (size_t i = 0; i < h->count; i++) {
        buf_release(&h->requests[i].method);
        buf_release(&h->requests[i].url);
        buf_release(&h->requests[i].body);
        buf_release(&h->requests[i].authorization);
    }
}

static void copy(struct buf *to, struct str from)
{
    buf_init(to, TEXT_MAX);
    buf_append(to, from);
}

enum rc http_client_start(struct http_client *h,
    const struct http_client_request *request,
    const struct http_client_handlers *handlers, void *ctx,
    struct http_exchange **ret)
{
    if (h->refuse != RC_OK)
        return h->refuse;
    CHECK(h->count < SCRIPT_REQUESTS_MAX);
    struct script_request *r = &h->requests[h->count++];
    *r = (struct script_request){
        .handlers = *handlers, .ctx = ctx, .open = true};
    copy(&r->method, request->method);
    copy(&r->url, request->url);
    copy(&r->body, request->body);
    struct str authorization = STR("");
    for (size_t i = 0; i < request->header_count; i++)
        if (str_eq(request->headers[i].name, STR("Authorization")))
            authorization = request->headers[i].value;
    copy(&r->authorization, authorization);
    *ret = outer(r);
    return RC_OK;
}

void http_exchange_cancel(struct http_exchange *x)
{
    CHECK(inner(x)->open);
    inner(x)->open = false;
    inner(x)->cancelled = true;
}

void http_exchange_pause(struct http_exchange *x, int paused)
{
    inner(x)->paused = paused != 0;
}

struct str http_exchange_header(const struct http_exchange *x, struct str name)
{
    const struct script_request *r =
        (const struct script_request *)(const void *)x;
    if (str_eq_nocase(name, STR("retry-after")))
        return str_from_c(r->retry_after);
    if (str_eq_nocase(name, STR("content-type")))
        return str_from_c(r->content_type);
    return STR("");
}

struct script_request *script_last(struct http_client *h)
{
    CHECK(h->count > 0);
    return &h->requests[h->count - 1];
}

size_t script_open(const struct http_client *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++)
        n += h->requests[i].open;
    return n;
}

void script_head(struct script_request *r, int status)
{
    if (r->open)
        r->handlers.on_head(r->ctx, outer(r), status);
}

void script_data(struct script_request *r, struct str data)
{
    if (r->open)
        r->handlers.on_data(r->ctx, data);
}

void script_done(struct script_request *r, enum rc rc)
{
    if (!r->open)
        return;
    r->open = false;
    r->handlers.on_done(r->ctx, rc, STR("script"));
}

void script_answer(struct script_request *r, int status, struct str body)
{
    script_head(r, status);
    script_data(r, body);
    script_done(r, RC_OK);
}
