#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#include "loop/loop_int.h"
#include "loop/tcp.h"

enum { BACKLOG = 1024, PEER_SIZE = 64, MAX_PARTS = 16 };

struct tcp_listener {
    uv_tcp_t uv;
    struct loop *loop;
    tcp_accept_fn *fn;
    void *ctx;
};

/* Bytes the system did not take at once. */
struct tcp_chunk {
    uv_write_t request;
    struct tcp_conn *conn;
    char data[];
};

struct tcp_conn {
    uv_tcp_t uv;
    struct loop *loop;
    struct tcp_handlers handlers;
    void *ctx;
    bool started; /* handlers are set */
    bool reading;
    bool failed;             /* a write failed; what follows is swallowed */
    bool ended;              /* the peer has closed its side */
    bool closed;             /* the owner is gone: call nobody */
    bool shut;               /* our side is shut down after the last byte */
    struct list link;        /* in loop->closing_conns */
    struct loop_task report; /* tells the owner that a write failed */
    struct loop_timer *linger;
    uv_shutdown_t shutdown;
    char peer[PEER_SIZE];
};

/* ---- Listening ---- */

static enum rc rc_of_bind(int error)
{
    switch (error) {
    case UV_EADDRINUSE:
        return RC_CONFLICT;
    case UV_EACCES:
    case UV_EPERM:
        return RC_DENIED;
    case UV_EADDRNOTAVAIL:
    case UV_EINVAL:
    case UV_EAFNOSUPPORT:
        return RC_INVALID;
    default:
        return RC_IO;
    }
}

static void free_handle_data(uv_handle_t *handle)
{
    mem_free(handle->data);
}

static enum rc parse_address(
    const struct tcp_address *address, struct sockaddr_storage *ret)
{
    char text[PEER_SIZE];
    struct str host = address->host;
    if (host.n == 0 || host.n >= sizeof(text) || address->port < 0 ||
        address->port > 65535)
        return RC_INVALID;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    memset(ret, 0, sizeof(*ret));
    if (uv_ip4_addr(text, address->port, (struct sockaddr_in *)ret) == 0)
        return RC_OK;
    if (uv_ip6_addr(text, address->port, (struct sockaddr_in6 *)ret) == 0)
        return RC_OK;
    return RC_INVALID;
}

static void on_connection(uv_stream_t *handle, int status);

static int bind_and_listen(
    uv_tcp_t *uv, const struct sockaddr_storage *address, bool share)
{
    int fd, one = 1, error = uv_fileno((const uv_handle_t *)uv, &fd);
    if (error == 0 && share &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) != 0)
        error = uv_translate_sys_error(errno);
    if (error == 0)
        error = uv_tcp_bind(uv, (const struct sockaddr *)address, 0);
    if (error == 0)
        error = uv_listen((uv_stream_t *)uv, BACKLOG, on_connection);
    return error;
}

static bool is_tcp_socket(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof(address);
    int type = 0;
    socklen_t type_size = sizeof(type);
    return getsockname(fd, (struct sockaddr *)&address, &n) == 0 &&
           (address.ss_family == AF_INET || address.ss_family == AF_INET6) &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 &&
           type == SOCK_STREAM;
}

static int adopt_and_listen(uv_tcp_t *uv, int fd)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0)
        return uv_translate_sys_error(errno);
    int error = uv_tcp_open(uv, own);
    if (error != 0) {
        close(own);
        return error;
    }
    return uv_listen((uv_stream_t *)uv, BACKLOG, on_connection);
}

enum rc tcp_listen(struct loop *loop, const struct tcp_address *address,
    tcp_accept_fn *fn, void *ctx, struct tcp_listener **ret)
{
    struct sockaddr_storage bound = {.ss_family = AF_UNSPEC};
    bool given = address->fd > 0;
    if (given ? !is_tcp_socket(address->fd)
              : parse_address(address, &bound) != RC_OK)
        return RC_INVALID;
    struct tcp_listener *l = MEM_NEW(struct tcp_listener);
    l->loop = loop;
    l->fn = fn;
    l->ctx = ctx;
    int error = uv_tcp_init_ex(&loop->uv, &l->uv, bound.ss_family);
    if (error != 0) {
        mem_free(l);
        return rc_of_bind(error);
    }
    l->uv.data = l;
    error = given ? adopt_and_listen(&l->uv, address->fd)
                  : bind_and_listen(&l->uv, &bound, address->share);
    if (error != 0) {
        tcp_listener_free(l);
        return rc_of_bind(error);
    }
    *ret = l;
    return RC_OK;
}

int tcp_listener_port(const struct tcp_listener *l)
{
    struct sockaddr_storage address;
    int n = sizeof(address);
    uv_tcp_getsockname(&l->uv, (struct sockaddr *)&address, &n);
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

void tcp_listener_free(struct tcp_listener *l)
{
    if (l != NULL)
        uv_close((uv_handle_t *)&l->uv, free_handle_data);
}

/* ---- A connection's life ---- */

static void report_failure(void *ctx);

/* An IPv4 peer of an IPv6 socket is shown as what it is. */
static void read_peer(struct tcp_conn *c)
{
    static const char mapped[] = "::ffff:";
    struct sockaddr_storage address;
    int n = sizeof(address);
    if (uv_tcp_getpeername(&c->uv, (struct sockaddr *)&address, &n) != 0 ||
        uv_ip_name(
            (const struct sockaddr *)&address, c->peer, sizeof(c->peer)) != 0)
        c->peer[0] = '\0';
    size_t skip = sizeof(mapped) - 1;
    if (strncmp(c->peer, mapped, skip) == 0 && strchr(c->peer, '.') != NULL)
        memmove(c->peer, c->peer + skip, strlen(c->peer + skip) + 1);
}

static void on_connection(uv_stream_t *handle, int status)
{
    struct tcp_listener *l = handle->data;
    loop_touch(l->loop);
    if (status < 0)
        return;
    struct tcp_conn *c = MEM_NEW(struct tcp_conn);
    uv_tcp_init(&l->loop->uv, &c->uv);
    c->uv.data = c;
    c->loop = l->loop;
    list_init(&c->link);
    loop_task_init(&c->report, report_failure, c);
    if (uv_accept(handle, (uv_stream_t *)&c->uv) != 0) {
        uv_close((uv_handle_t *)&c->uv, free_handle_data);
        return;
    }
    uv_tcp_nodelay(&c->uv, 1);
    read_peer(c);
    l->fn(l->ctx, c);
}

static void on_alloc(uv_handle_t *handle, size_t, uv_buf_t *ret)
{
    struct tcp_conn *c = handle->data;
    *ret = uv_buf_init(c->loop->read_buffer, LOOP_READ_SIZE);
}

static void drop(struct tcp_conn *c);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void set_reading(struct tcp_conn *c, bool on)
{
    if (on == c->reading)
        return;
    c->reading = on;
    if (on)
        uv_read_start((uv_stream_t *)&c->uv, on_alloc, on_read);
    else
        uv_read_stop((uv_stream_t *)&c->uv);
}

/*
 * After the owner's close what still arrives is thrown away: closing a socket
 * with unread bytes would make the system take back what was just sent.
 */
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct tcp_conn *c = stream->data;
    loop_touch(c->loop);
    if (n == 0 || (n > 0 && c->closed))
        return;
    if (n > 0) {
        c->handlers.on_data(c->ctx, (struct str){buf->base, (size_t)n});
        return;
    }
    set_reading(c, false);
    c->ended = true;
    if (n != UV_EOF)
        c->failed = true;
    if (!c->closed)
        c->handlers.on_end(c->ctx, n == UV_EOF ? RC_CLOSED : RC_IO);
    else if (c->failed || c->shut)
        drop(c);
}

void tcp_conn_start(
    struct tcp_conn *c, const struct tcp_handlers *handlers, void *ctx)
{
    c->handlers = *handlers;
    c->ctx = ctx;
    c->started = true;
    set_reading(c, true);
}

void tcp_conn_pause(struct tcp_conn *c, bool paused)
{
    if (!c->ended && !c->failed)
        set_reading(c, !paused);
}

struct str tcp_conn_peer(const struct tcp_conn *c)
{
    return str_from_c(c->peer);
}

/* ---- Writing ---- */

static void report_failure(void *ctx)
{
    struct tcp_conn *c = ctx;
    if (!c->closed && c->started)
        c->handlers.on_end(c->ctx, RC_IO);
}

static void fail(struct tcp_conn *c)
{
    if (c->failed)
        return;
    c->failed = true;
    set_reading(c, false);
    if (c->closed)
        drop(c);
    else
        loop_defer(c->loop, &c->report);
}

static void on_written(uv_write_t *request, int status)
{
    struct tcp_chunk *chunk = request->data;
    struct tcp_conn *c = chunk->conn;
    loop_touch(c->loop);
    mem_free(chunk);
    if (status < 0) {
        if (!uv_is_closing((uv_handle_t *)&c->uv))
            fail(c);
        return;
    }
    if (tcp_conn_pending(c) == 0 && !c->closed && c->started)
        c->handlers.on_drain(c->ctx);
}

/* Copies what follows the first `skip` bytes of the parts and queues it. */
static void queue_rest(
    struct tcp_conn *c, const struct str *parts, size_t n, size_t skip)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        total += parts[i].n;
    struct tcp_chunk *chunk = mem_alloc(sizeof(*chunk) + total - skip);
    chunk->conn = c;
    chunk->request.data = chunk;
    for (size_t i = 0; i < n; i++) {
        size_t cut = skip < parts[i].n ? skip : parts[i].n;
        skip -= cut;
        if (parts[i].n > cut)
            memcpy(chunk->data + at, parts[i].p + cut, parts[i].n - cut);
        at += parts[i].n - cut;
    }
    uv_buf_t buf = uv_buf_init(chunk->data, (unsigned)at);
    if (uv_write(&chunk->request, (uv_stream_t *)&c->uv, &buf, 1, on_written) !=
        0) {
        mem_free(chunk);
        fail(c);
    }
}

static void write_some(struct tcp_conn *c, const struct str *parts, size_t n)
{
    uv_buf_t bufs[MAX_PARTS];
    unsigned count = 0;
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n == 0)
            continue;
        /* libuv's buffer is not const; it only reads from it here. */
        bufs[count++] = (uv_buf_t){
            .base = (char *)(uintptr_t)parts[i].p, .len = parts[i].n};
        total += parts[i].n;
    }
    if (c->failed || count == 0)
        return;
    int taken = uv_try_write((uv_stream_t *)&c->uv, bufs, count);
    if (taken < 0 && taken != UV_EAGAIN)
        fail(c);
    else if (taken < 0)
        queue_rest(c, parts, n, 0);
    else if ((size_t)taken < total)
        queue_rest(c, parts, n, (size_t)taken);
}

void tcp_conn_write(struct tcp_conn *c, const struct str *parts, size_t n)
{
    assert(!c->closed);
    for (size_t i = 0; i < n; i += MAX_PARTS)
        write_some(c, parts + i, n - i < MAX_PARTS ? n - i : MAX_PARTS);
}

size_t tcp_conn_pending(const struct tcp_conn *c)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&c->uv);
}

/* ---- Closing ---- */

static void drop(struct tcp_conn *c)
{
    if (uv_is_closing((uv_handle_t *)&c->uv))
        return;
    c->closed = true;
    list_remove(&c->link);
    loop_task_cancel(&c->report);
    loop_timer_free(c->linger);
    c->linger = NULL;
    uv_close((uv_handle_t *)&c->uv, free_handle_data);
}

static void on_linger(void *ctx)
{
    drop(ctx);
}

/* All is sent; wait for the peer's end unless it has come already. */
static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct tcp_conn *c = request->data;
    loop_touch(c->loop);
    if (uv_is_closing((uv_handle_t *)&c->uv))
        return;
    c->shut = true;
    if (status < 0 || c->ended)
        drop(c);
}

void tcp_conn_close(struct tcp_conn *c, bool flush, int64_t linger_ms)
{
    assert(!c->closed);
    c->closed = true;
    loop_task_cancel(&c->report);
    if (!flush || c->failed || linger_ms <= 0) {
        drop(c);
        return;
    }
    list_push(&c->loop->closing_conns, &c->link);
    c->linger = loop_timer_new(c->loop, on_linger, c);
    loop_timer_start(c->linger, linger_ms);
    c->shutdown.data = c;
    if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->uv, on_shutdown) != 0) {
        drop(c);
        return;
    }
    if (!c->ended)
        set_reading(c, true);
}

void loop_abort_conns(struct loop *loop)
{
    LIST_EACH(node, &loop->closing_conns)
    drop(LIST_ITEM(node, struct tcp_conn, link));
}
