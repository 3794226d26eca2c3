#include "base/mem.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "http_server/http_server_int.h"

enum {
    READ_MAX = 128 * 1024, /* above what one read brings */
    KEEP_CAP = 4096,       /* an idle connection keeps no more storage */
    LINGER_MS = 2000,
    MAX_BLANK_LINES = 4,
    REQUEST_LINE_EXTRA = 64, /* method and version beside the target */
    STATIC_PIECE = 65536,
    CHUNK_LINE = 2 * sizeof(size_t) + 2,
};

static const struct http_fault head_late = {
    408, "request_timeout", "The head of the request did not arrive in time."};
static const struct http_fault body_late = {
    408, "request_timeout", "The body of the request did not arrive in time."};
static const struct http_fault long_uri = {
    414, "uri_too_long", "The request target is too long."};
static const struct http_fault big_head = {431, "headers_too_large",
    "The header fields of the request are too large or too many."};
static const struct http_fault blank = {
    400, "malformed_request", "A request was expected."};
static const struct http_fault too_many = {
    503, "overloaded", "The server has too many connections; try again."};
static const struct http_fault big_body = {
    413, "payload_too_large", "The body of the request is too large."};
static const struct http_fault not_found = {
    404, "not_found", "There is nothing at this address."};
static const struct http_fault bad_method = {
    405, "method_not_allowed", "This address does not take that method."};

/* ---- States ---- */

static const struct http_server_limits *limits_of(const struct http_conn *c)
{
    return &c->server->config.limits;
}

/* The only place that changes the state; sets the deadline that goes with it.
 */
static void enter(struct http_conn *c, enum http_conn_state state)
{
    c->state = state;
    switch (state) {
    case HTTP_CONN_IDLE:
        loop_timer_start(c->timer, limits_of(c)->idle_timeout_ms);
        break;
    case HTTP_CONN_HEAD:
        loop_timer_start(c->timer, limits_of(c)->head_timeout_ms);
        break;
    case HTTP_CONN_BODY:
        loop_timer_start(c->timer, limits_of(c)->body_timeout_ms);
        break;
    case HTTP_CONN_HANDLING:
    case HTTP_CONN_RESPONDING:
    case HTTP_CONN_STREAMING:
    case HTTP_CONN_CLOSED:
        loop_timer_stop(c->timer);
        break;
    }
}

static bool is_reading(const struct http_conn *c)
{
    return c->state == HTTP_CONN_IDLE || c->state == HTTP_CONN_HEAD ||
           c->state == HTTP_CONN_BODY;
}

static void destroy(struct http_conn *c)
{
    list_remove(&c->link);
    loop_task_cancel(&c->work);
    loop_timer_free(c->timer);
    buf_release(&c->in);
    mem_free(c);
}

/* The peer is let go; the memory stays until the end of the turn. */
static void close_conn(struct http_conn *c, bool flush)
{
    if (c->state == HTTP_CONN_CLOSED)
        return;
    if (c->request != NULL)
        http_request_abandon(c->request);
    tcp_conn_close(c->tcp, flush, LINGER_MS);
    enter(c, HTTP_CONN_CLOSED);
    c->server->conn_count--;
    metrics_add(METRIC_HTTP_CONNECTIONS, -1);
    loop_defer(c->server->loop, &c->work);
}

void http_conn_close_idle(struct http_conn *c)
{
    if (c->state == HTTP_CONN_IDLE)
        close_conn(c, true);
}

void http_conn_abort(struct http_conn *c)
{
    close_conn(c, false);
    destroy(c);
}

/* ---- Reading a request ---- */

static void count_fault(const struct http_fault *fault)
{
    switch (fault->status) {
    case 400:
    case 501:
        metrics_add(METRIC_HTTP_BAD_REQUESTS, 1);
        break;
    case 408:
        metrics_add(METRIC_HTTP_TIMEOUTS, 1);
        break;
    case 413:
    case 414:
    case 431:
        metrics_add(METRIC_HTTP_TOO_LARGE, 1);
        break;
    default:
        break;
    }
}

/* Answers what cannot be handled; without its body the connection ends. */
static void refuse(
    struct http_conn *c, const struct http_fault *fault, struct str allow)
{
    if (c->request == NULL) {
        c->request = http_request_new(c);
        http_request_identify(c->request);
    }
    count_fault(fault);
    c->request->handed = true;
    enter(c, HTTP_CONN_HANDLING);
    http_respond_fault(c->request, fault, allow);
}

static void refuse_for_good(struct http_conn *c, const struct http_fault *fault)
{
    if (c->request != NULL)
        c->request->complete = false;
    refuse(c, fault, (struct str){0});
}

static void answer_options(struct http_request *r, struct str allow)
{
    const struct http_header header = {STR("Allow"), allow};
    const struct http_response response = {
        .status = 204, .headers = &header, .header_count = 1};
    http_respond(r, &response);
}

/* The request is here as a whole. */
static void handle(struct http_conn *c)
{
    struct http_request *r = c->request;
    const struct http_server_config *config = &c->server->config;
    enter(c, HTTP_CONN_HANDLING);
    r->handed = true;
    r->arrived_ms = loop_now_ms(r->loop);
    if (r->route == NULL) {
        config->fallback(r, config->ctx);
        return;
    }
    if (config->before == NULL || config->before(r, r->route, config->ctx))
        r->route->handler(r, config->ctx);
}

/* Finds who answers; false when it has been answered here. */
static bool route(struct http_conn *c)
{
    const struct str all = STR("DELETE, GET, HEAD, OPTIONS, POST, PUT");
    struct http_request *r = c->request;
    bool options = str_eq(r->method, STR("OPTIONS"));
    struct http_match match = http_router_match(c->server->router, r);
    r->route = match.route;
    if (match.route != NULL && match.route->max_body > 0)
        r->body_max = match.route->max_body;
    if (match.route != NULL)
        return true;
    enter(c, HTTP_CONN_HANDLING);
    if (options && (match.known || str_eq(r->path, STR("*"))))
        answer_options(r, match.known ? match.allow : all);
    else if (match.known)
        refuse(c, &bad_method, match.allow);
    else if (c->server->config.fallback == NULL ||
             (!str_eq(r->method, STR("GET")) &&
                 !str_eq(r->method, STR("HEAD"))))
        refuse(c, &not_found, (struct str){0});
    else
        return true;
    return false;
}

static void expect_body(struct http_conn *c)
{
    struct http_request *r = c->request;
    struct str line = STR("HTTP/1.1 100 Continue\r\n\r\n");
    enter(c, HTTP_CONN_BODY);
    c->scan = (struct http_scan){0};
    if (c->parser.content_length > r->body_max) {
        refuse_for_good(c, &big_body);
        return;
    }
    buf_init(&r->body, r->body_max);
    if (r->minor > 0 && c->in.n == 0 &&
        str_eq_nocase(http_request_header(r, "Expect"), STR("100-continue")))
        tcp_conn_write(c->tcp, &line, 1);
}

static void begin_request(struct http_conn *c, size_t head_size)
{
    struct http_request *r = http_request_new(c);
    c->request = r;
    c->requests++;
    const struct http_fault *fault = http_parse_head(
        &c->parser, r, str_sub(buf_str(&c->in), 0, head_size), c->scan.lines);
    buf_consume(&c->in, head_size);
    c->scan = (struct http_scan){0};
    c->blank_lines = 0;
    http_request_identify(r);
    if (fault != NULL)
        refuse_for_good(c, fault);
    else if (!route(c))
        return;
    else if (r->complete)
        handle(c);
    else
        expect_body(c);
}

static const struct http_fault *head_too_large(const struct http_conn *c)
{
    const struct http_server_limits *limits = limits_of(c);
    struct str in = buf_str(&c->in);
    size_t line = c->scan.lines > 0 ? str_find_char(in, '\r') : c->scan.seen;
    if (line > limits->uri_bytes + REQUEST_LINE_EXTRA)
        return &long_uri;
    if (c->scan.seen > limits->head_bytes ||
        c->scan.lines > limits->headers + 1)
        return &big_head;
    return NULL;
}

/* Servers should be kind to an empty line or two before a request. */
static bool skip_blank_line(struct http_conn *c)
{
    buf_consume(&c->in, c->scan.seen);
    c->scan = (struct http_scan){0};
    if (++c->blank_lines <= MAX_BLANK_LINES)
        return true;
    refuse_for_good(c, &blank);
    return false;
}

/* Works on a head; false when more input is needed (or none is wanted). */
static bool step_head(struct http_conn *c)
{
    if (c->state == HTTP_CONN_IDLE)
        enter(c, HTTP_CONN_HEAD);
    const struct http_fault *fault =
        http_scan(&c->scan, str_sub(buf_str(&c->in), c->scan.seen, c->in.n));
    if (c->scan.done && c->scan.lines == 0)
        return skip_blank_line(c);
    if (fault == NULL)
        fault = head_too_large(c);
    if (fault != NULL) {
        refuse_for_good(c, fault);
        return false;
    }
    if (!c->scan.done)
        return false;
    begin_request(c, c->scan.seen);
    return true;
}

static bool step_body(struct http_conn *c)
{
    size_t used = 0;
    const struct http_fault *fault = http_parse_body(
        &c->parser, c->request, &c->scan, buf_str(&c->in), &used);
    if (fault != NULL) {
        refuse_for_good(c, fault);
        return false;
    }
    buf_consume(&c->in, used);
    if (!c->request->complete)
        return false;
    c->scan = (struct http_scan){0};
    handle(c);
    return true;
}

/*
 * While a response is made one more head may wait, not more. It may be made
 * for minutes, beside thousands: then no storage waits for the next request.
 */
static void hold_back(struct http_conn *c)
{
    bool reading = is_reading(c);
    bool full = !reading && c->in.n >= limits_of(c)->head_bytes;
    tcp_conn_pause(c->tcp, full);
    if (c->in.n == 0 && c->in.cap > (reading ? KEEP_CAP : 0))
        buf_release(&c->in);
}

/* Handles what has arrived, request after request. */
static void process(struct http_conn *c)
{
    bool more = true;
    c->processing = true;
    while (more && is_reading(c) && c->in.n > 0)
        more = c->state == HTTP_CONN_BODY ? step_body(c) : step_head(c);
    c->processing = false;
    if (c->state == HTTP_CONN_CLOSED)
        return;
    if (c->peer_ended && is_reading(c))
        close_conn(c, true);
    else
        hold_back(c);
}

static void on_data(void *ctx, struct str data)
{
    struct http_conn *c = ctx;
    if (buf_append(&c->in, data) != RC_OK) {
        close_conn(c, false);
        return;
    }
    process(c);
}

/*
 * Nothing more will come. A response that is on its way is still delivered;
 * who waits for a handler or follows a stream is taken to be gone.
 */
static void on_end(void *ctx, enum rc why)
{
    struct http_conn *c = ctx;
    c->peer_ended = true;
    if (why == RC_CLOSED && c->state == HTTP_CONN_RESPONDING)
        c->keep_alive = false;
    else if (why == RC_CLOSED && is_reading(c))
        process(c);
    else
        close_conn(c, false);
}

/* ---- Writing a response ---- */

static void response_done(struct http_conn *c)
{
    http_request_account(c->request, false);
    http_request_release(c->request);
    if (c->requests >= limits_of(c)->requests_per_connection)
        metrics_add(METRIC_HTTP_RECYCLED, 1);
    if (!c->keep_alive || c->server->stopping) {
        close_conn(c, true);
        return;
    }
    enter(c, HTTP_CONN_IDLE);
    if (!c->processing)
        loop_defer(c->server->loop, &c->work);
}

/* Something is unsent: the peer must take some of it in time. */
static void watch_writing(struct http_conn *c)
{
    c->pending_seen = tcp_conn_pending(c->tcp);
    loop_timer_start(c->timer, limits_of(c)->write_timeout_ms);
}

static void send_static_rest(struct http_conn *c)
{
    while (c->body_rest.n > 0 && tcp_conn_pending(c->tcp) == 0) {
        struct str piece = str_sub(c->body_rest, 0, STATIC_PIECE);
        c->body_rest = str_sub(c->body_rest, piece.n, c->body_rest.n);
        tcp_conn_write(c->tcp, &piece, 1);
    }
}

/* After each write of a complete response. */
static void settle(struct http_conn *c)
{
    send_static_rest(c);
    if (tcp_conn_pending(c->tcp) > 0)
        watch_writing(c);
    else
        response_done(c);
}

void http_conn_send(struct http_conn *c, const struct str *parts, size_t n,
    struct str static_rest)
{
    enter(c, HTTP_CONN_RESPONDING);
    c->body_rest = static_rest;
    tcp_conn_write(c->tcp, parts, n);
    settle(c);
}

void http_conn_stream(struct http_conn *c)
{
    enter(c, HTTP_CONN_STREAMING);
    c->request->stream.woken = true;
    loop_defer(c->server->loop, &c->work);
}

/* Size of a chunk in hexadecimal and CR LF. */
static struct str chunk_line(char space[CHUNK_LINE], size_t size)
{
    size_t at = CHUNK_LINE;
    space[--at] = '\n';
    space[--at] = '\r';
    do {
        space[--at] = "0123456789abcdef"[size % 16];
        size /= 16;
    } while (size > 0);
    return (struct str){space + at, CHUNK_LINE - at};
}

/* One write: the head if it is unsent, a chunk, and the last chunk. */
static void write_chunk(
    struct http_conn *c, struct http_request *r, struct str data, bool last)
{
    char line[CHUNK_LINE];
    struct str parts[5] = {buf_str(&r->stream.head)};
    size_t n = 1;
    bool chunked = r->stream.chunked;
    if (chunked && data.n > 0) {
        parts[n++] = chunk_line(line, data.n);
    }
    parts[n++] = data;
    if (chunked && data.n > 0)
        parts[n++] = STR("\r\n");
    if (chunked && last)
        parts[n++] = STR("0\r\n\r\n");
    r->bytes_sent += data.n;
    tcp_conn_write(c->tcp, parts, n);
    buf_release(&r->stream.head);
}

static enum http_pull pull(struct http_request *r, struct buf *out)
{
    buf_clear(out);
    r->stream.woken = false;
    if (r->stream.silent)
        return HTTP_PULL_END;
    return r->stream.source.pull(r->stream.source.ctx, out);
}

/* What the client has not taken holds the source back. */
static void pump(struct http_conn *c)
{
    struct http_request *r = c->request;
    struct buf *out = &c->server->pull;
    if (!r->stream.woken || tcp_conn_pending(c->tcp) > 0)
        return;
    enum http_pull next = pull(r, out);
    if (!buf_ok(out)) {
        log_error("stream cut: its source gave too much at once",
            LOG_CSTR("request_id", r->id));
        close_conn(c, false);
        return;
    }
    write_chunk(c, r, buf_str(out), next == HTTP_PULL_END);
    http_server_trim(out);
    if (next == HTTP_PULL_ABORT) {
        close_conn(c, true);
        return;
    }
    if (next == HTTP_PULL_END) {
        http_request_close_stream(r);
        enter(c, HTTP_CONN_RESPONDING);
        settle(c);
        return;
    }
    r->stream.woken |= next == HTTP_PULL_MORE;
    if (tcp_conn_pending(c->tcp) > 0)
        watch_writing(c);
    else if (r->stream.woken)
        loop_defer(c->server->loop, &c->work);
}

static void on_drain(void *ctx)
{
    struct http_conn *c = ctx;
    if (c->state == HTTP_CONN_RESPONDING) {
        settle(c);
    } else if (c->state == HTTP_CONN_STREAMING) {
        loop_timer_stop(c->timer);
        loop_defer(c->server->loop, &c->work);
    }
}

/* ---- Deadlines, deferred work, start ---- */

static void check_progress(struct http_conn *c)
{
    if (tcp_conn_pending(c->tcp) < c->pending_seen) {
        watch_writing(c);
        return;
    }
    metrics_add(METRIC_HTTP_SLOW_READERS, 1);
    close_conn(c, false);
}

static void on_deadline(void *ctx)
{
    struct http_conn *c = ctx;
    switch (c->state) {
    case HTTP_CONN_IDLE:
        close_conn(c, true);
        break;
    case HTTP_CONN_HEAD:
        refuse_for_good(c, &head_late);
        break;
    case HTTP_CONN_BODY:
        refuse_for_good(c, &body_late);
        break;
    case HTTP_CONN_RESPONDING:
    case HTTP_CONN_STREAMING:
        check_progress(c);
        break;
    case HTTP_CONN_HANDLING:
    case HTTP_CONN_CLOSED:
        break;
    }
}

static void on_work(void *ctx)
{
    struct http_conn *c = ctx;
    if (c->state == HTTP_CONN_CLOSED)
        destroy(c);
    else if (c->state == HTTP_CONN_STREAMING)
        pump(c);
    else if (is_reading(c))
        process(c);
}

static struct http_conn *new_conn(struct http_server *s, struct tcp_conn *tcp)
{
    struct http_conn *c = MEM_NEW(struct http_conn);
    c->server = s;
    c->tcp = tcp;
    buf_init(&c->in, s->config.limits.head_bytes + READ_MAX);
    c->timer = loop_timer_new(s->loop, on_deadline, c);
    loop_task_init(&c->work, on_work, c);
    list_init(&c->link);
    list_push(&s->conns, &c->link);
    s->conn_count++;
    metrics_add(METRIC_HTTP_CONNECTIONS, 1);
    return c;
}

void http_conn_accept(struct http_server *s, struct tcp_conn *tcp)
{
    static const struct tcp_handlers handlers = {on_data, on_end, on_drain};
    struct http_conn *c = new_conn(s, tcp);
    tcp_conn_start(tcp, &handlers, c);
    enter(c, HTTP_CONN_IDLE);
    if (s->conn_count <= s->config.limits.connections)
        return;
    metrics_add(METRIC_HTTP_CONNECTIONS_REFUSED, 1);
    refuse_for_good(c, &too_many);
}
