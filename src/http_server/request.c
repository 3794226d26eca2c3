#include <string.h>

#include "base/mem.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "http_server/http_server_int.h"

enum { ID_MAX = 64, STATUS_GONE = 499 };

/* ---- Life ---- */

void http_request_close_stream(struct http_request *r)
{
    if (!r->stream.open)
        return;
    r->stream.open = false;
    r->stream.source.closed(r->stream.source.ctx);
}

static void free_request(void *ctx)
{
    struct http_request *r = ctx;
    http_request_close_stream(r);
    buf_release(&r->body);
    buf_release(&r->stream.head);
    arena_free(r->arena);
    mem_free(r);
}

struct http_request *http_request_new(struct http_conn *c)
{
    struct http_request *r = MEM_NEW(struct http_request);
    r->conn = c;
    r->loop = c->server->loop;
    r->arena = arena_new();
    r->peer = arena_str(r->arena, tcp_conn_peer(c->tcp));
    r->arrived_ms = loop_now_ms(r->loop);
    r->body_max = c->server->config.limits.body_bytes;
    r->quiet = c->server->config.quiet;
    buf_init(&r->body, r->body_max);
    loop_task_init(&r->release, free_request, r);
    c->server->active++;
    return r;
}

void http_request_identify(struct http_request *r)
{
    struct str id = http_request_header(r, "X-Request-Id");
    struct str connection = http_request_header(r, "Connection");
    if (id_valid(id, ID_MAX)) {
        memcpy(r->id, id.p, id.n);
        r->id[id.n] = '\0';
    } else {
        id_new(r->id);
    }
    if (r->minor == 0)
        r->keep_alive = http_header_has_token(connection, STR("keep-alive"));
    else
        r->keep_alive = !http_header_has_token(connection, STR("close"));
}

void http_request_release(struct http_request *r)
{
    if (r->conn != NULL) {
        r->conn->server->active--;
        r->conn->request = NULL;
        r->conn = NULL;
    }
    loop_defer(r->loop, &r->release);
}

/*
 * A handler that did not ask to be told still holds the request: it stays
 * until the handler answers into the void.
 */
void http_request_abandon(struct http_request *r)
{
    http_request_account(r, true);
    r->conn->server->active--;
    r->conn->request = NULL;
    r->conn = NULL;
    if (r->handed && !r->answered && r->on_gone == NULL)
        return;
    if (r->handed && !r->answered)
        r->on_gone(r->on_gone_ctx);
    http_request_close_stream(r);
    loop_defer(r->loop, &r->release);
}

/* The first word of what is no request may be anything, a credential too. */
static struct str method_for_log(struct str method)
{
    static const char *const known[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (str_eq(method, str_from_c(known[i])))
            return method;
    return STR("-");
}

void http_request_account(struct http_request *r, bool aborted)
{
    int status = r->status != 0 ? r->status : STATUS_GONE;
    metrics_add(METRIC_HTTP_REQUESTS, 1);
    if (status >= 500)
        metrics_add(METRIC_HTTP_ERRORS_5XX, 1);
    else if (status >= 400)
        metrics_add(METRIC_HTTP_ERRORS_4XX, 1);
    if (r->quiet)
        return;
    /* A path that no route knows may hold anything: it is not written. */
    log_info(aborted ? "request aborted by the client" : "request",
        LOG_STR("method", method_for_log(r->method)),
        LOG_CSTR("route", r->route != NULL ? r->route->pattern : "-"),
        LOG_STR("user", r->user_mark), LOG_INT("status", status),
        LOG_INT("bytes", r->bytes_sent),
        LOG_INT("ms", loop_now_ms(r->loop) - r->arrived_ms),
        LOG_CSTR("request_id", r->id), LOG_STR("peer", r->peer));
}

/* ---- What is asked ---- */

struct str http_request_method(const struct http_request *r)
{
    return r->method;
}

struct str http_request_path(const struct http_request *r)
{
    return r->path;
}

struct str http_request_param(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->param_count; i++)
        if (str_eq(r->param_names[i], str_from_c(name)))
            return r->param_values[i];
    return (struct str){0};
}

bool http_request_query(
    const struct http_request *r, const char *name, struct str *ret)
{
    struct str rest = r->query, pair, key, value;
    while (rest.n > 0) {
        str_cut(rest, '&', &pair, &rest);
        str_cut(pair, '=', &key, &value);
        if (!http_url_decode(r->arena, key, true, &key) ||
            !str_eq(key, str_from_c(name)))
            continue;
        return http_url_decode(r->arena, value, true, ret);
    }
    return false;
}

struct str http_request_header(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (str_eq_nocase(r->headers[i].name, str_from_c(name)))
            return r->headers[i].value;
    return (struct str){0};
}

size_t http_request_header_count(const struct http_request *r, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < r->header_count; i++)
        count += str_eq_nocase(r->headers[i].name, str_from_c(name));
    return count;
}

struct str http_request_cookie(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++) {
        struct str rest = r->headers[i].value, pair, key, value;
        if (!str_eq_nocase(r->headers[i].name, STR("Cookie")))
            continue;
        while (rest.n > 0) {
            str_cut(rest, ';', &pair, &rest);
            if (str_cut(pair, '=', &key, &value) &&
                str_eq(str_trim(key), str_from_c(name)))
                return str_trim(value);
        }
    }
    return (struct str){0};
}

bool http_header_has_token(struct str value, struct str token)
{
    struct str part;
    while (value.n > 0) {
        str_cut(value, ',', &part, &value);
        if (str_eq_nocase(str_trim(part), token))
            return true;
    }
    return false;
}

struct str http_request_body(const struct http_request *r)
{
    return buf_str(&r->body);
}

struct str http_request_media_type(const struct http_request *r)
{
    struct str type = http_request_header(r, "Content-Type");
    return str_trim(str_sub(type, 0, str_find_char(type, ';')));
}

struct str http_request_peer(const struct http_request *r)
{
    return r->peer;
}

struct str http_request_id(const struct http_request *r)
{
    return str_from_c(r->id);
}

struct arena *http_request_arena(struct http_request *r)
{
    return r->arena;
}

struct loop *http_request_loop(const struct http_request *r)
{
    return r->loop;
}

const struct http_route *http_request_route(const struct http_request *r)
{
    return r->route;
}

void http_request_set_user_mark(struct http_request *r, struct str mark)
{
    r->user_mark = mark;
}

void http_request_set_user_data(struct http_request *r, void *data)
{
    r->user_data = data;
}

void *http_request_user_data(const struct http_request *r)
{
    return r->user_data;
}

int64_t http_request_arrived_ms(const struct http_request *r)
{
    return r->arrived_ms;
}

void http_request_on_gone(
    struct http_request *r, void (*fn)(void *ctx), void *ctx)
{
    r->on_gone = fn;
    r->on_gone_ctx = ctx;
}
