#include "base/mem.h"

#include "http_server/http_server_int.h"

enum {
    HEAD_MAX = 1 << 20,
    PULL_MAX = 16 << 20,
    SCRATCH_KEPT = 256 << 10,
};

static void default_size(size_t *value, size_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void default_ms(int64_t *value, int64_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void set_defaults(struct http_server_limits *limits)
{
    default_size(&limits->connections, 10000);
    default_size(&limits->head_bytes, 16384);
    default_size(&limits->headers, 100);
    default_size(&limits->uri_bytes, 8192);
    default_size(&limits->body_bytes, 1 << 20);
    default_ms(&limits->head_timeout_ms, 10000);
    default_ms(&limits->body_timeout_ms, 30000);
    default_ms(&limits->idle_timeout_ms, 75000);
    default_ms(&limits->write_timeout_ms, 30000);
    default_size(&limits->requests_per_connection, 10000);
}

static void on_accept(void *ctx, struct tcp_conn *conn)
{
    http_conn_accept(ctx, conn);
}

enum rc http_server_new(struct loop *loop,
    const struct http_server_config *config, struct http_server **ret)
{
    struct http_server *s = MEM_NEW(struct http_server);
    s->loop = loop;
    s->config = *config;
    set_defaults(&s->config.limits);
    list_init(&s->conns);
    const struct tcp_address address = {
        config->host, config->port, config->share_port, config->listen_fd};
    enum rc rc = tcp_listen(loop, &address, on_accept, s, &s->listener);
    if (rc != RC_OK) {
        mem_free(s);
        return rc;
    }
    s->port = tcp_listener_port(s->listener);
    s->router = http_router_new(config->routes, config->route_count);
    buf_init(&s->head, HEAD_MAX);
    buf_init(&s->pull, PULL_MAX);
    *ret = s;
    return RC_OK;
}

int http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_server_stop_accepting(struct http_server *s)
{
    tcp_listener_free(s->listener);
    s->listener = NULL;
    s->stopping = true;
    LIST_EACH(node, &s->conns)
    http_conn_close_idle(LIST_ITEM(node, struct http_conn, link));
}

size_t http_server_active(const struct http_server *s)
{
    return s->active;
}

void http_server_trim(struct buf *scratch)
{
    size_t max = scratch->max;
    if (scratch->cap <= SCRATCH_KEPT)
        return;
    buf_release(scratch);
    buf_init(scratch, max);
}

void http_server_free(struct http_server *s)
{
    if (s == NULL)
        return;
    tcp_listener_free(s->listener);
    while (!list_empty(&s->conns))
        http_conn_abort(LIST_ITEM(s->conns.next, struct http_conn, link));
    http_router_free(s->router);
    buf_release(&s->head);
    buf_release(&s->pull);
    mem_free(s);
}
