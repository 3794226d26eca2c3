#include <assert.h>
#include <string.h>
#include <time.h>

#include "base/json_writer.h"
#include "telemetry/log.h"

#include "http_server/http_server_int.h"

enum {
    STATIC_PIECE = 65536, /* of a body that need not be copied whole */
    FAULT_BODY_MAX = 2048,
};

static const char *reason_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } table[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"},
        {204, "No Content"}, {206, "Partial Content"},
        {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"},
        {304, "Not Modified"}, {307, "Temporary Redirect"},
        {308, "Permanent Redirect"}, {400, "Bad Request"},
        {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {406, "Not Acceptable"},
        {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
        {412, "Precondition Failed"}, {413, "Content Too Large"},
        {414, "URI Too Long"}, {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"}, {422, "Unprocessable Content"},
        {428, "Precondition Required"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"}, {501, "Not Implemented"},
        {502, "Bad Gateway"}, {503, "Service Unavailable"},
        {504, "Gateway Timeout"}, {507, "Insufficient Storage"}};
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].status == status)
            return table[i].phrase;
    return "";
}

/* The Date field, made once a second. */
static const char *date_now(struct http_server *s)
{
    int64_t now_s = loop_wall_us(s->loop) / 1000000;
    if (now_s != s->date_s || s->date[0] == '\0') {
        time_t t = (time_t)now_s;
        struct tm tm;
        gmtime_r(&t, &tm);
        strftime(s->date, sizeof(s->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        s->date_s = now_s;
    }
    return s->date;
}

static bool name_valid(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ':')
            return false;
    return name.n > 0;
}

static bool value_valid(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static void put_header(struct buf *out, struct str name, struct str value)
{
    if (!name_valid(name) || !value_valid(value)) {
        log_warn("response header dropped: it holds control characters",
            LOG_STR("name", name));
        return;
    }
    buf_append(out, name);
    buf_append(out, STR(": "));
    buf_append(out, value);
    buf_append(out, STR("\r\n"));
}

static bool may_keep_alive(const struct http_request *r)
{
    const struct http_conn *c = r->conn;
    return r->keep_alive && r->complete && !c->server->stopping &&
           !c->peer_ended &&
           c->requests < c->server->config.limits.requests_per_connection;
}

static bool has_no_body(const struct http_request *r, int status)
{
    return str_eq(r->method, STR("HEAD")) || status == 204 || status == 304;
}

static void put_head(struct buf *out, const struct http_request *r,
    const struct http_response *response)
{
    struct http_conn *c = r->conn;
    buf_clear(out);
    buf_append(out, STR("HTTP/1.1 "));
    buf_append_number(out, (uint64_t)response->status);
    buf_append_char(out, ' ');
    buf_append(out, str_from_c(reason_phrase(response->status)));
    buf_append(out, STR("\r\nDate: "));
    buf_append(out, str_from_c(date_now(c->server)));
    buf_append(out, STR("\r\n"));
    if (response->content_type.n > 0)
        put_header(out, STR("Content-Type"), response->content_type);
    buf_append(out, STR("X-Request-Id: "));
    buf_append(out, str_from_c(r->id));
    buf_append(out, STR("\r\nX-Content-Type-Options: nosniff\r\n"));
    for (size_t i = 0; i < response->header_count; i++)
        put_header(out, response->headers[i].name, response->headers[i].value);
    if (!c->keep_alive)
        buf_append(out, STR("Connection: close\r\n"));
    else if (r->minor == 0)
        buf_append(out, STR("Connection: keep-alive\r\n"));
}

/* Marks r as answered; false when nobody is there to read it. */
static bool begin(struct http_request *r, int status)
{
    assert(!r->answered);
    r->answered = true;
    r->on_gone = NULL;
    r->status = status;
    return r->conn != NULL;
}

void http_respond(struct http_request *r, const struct http_response *response)
{
    if (!begin(r, response->status)) {
        http_request_release(r);
        return;
    }
    struct http_conn *c = r->conn;
    struct buf *out = &c->server->head;
    bool silent = has_no_body(r, response->status);
    c->keep_alive = may_keep_alive(r);
    put_head(out, r, response);
    if (response->status != 204 &&
        (response->status != 304 || response->omit_body)) {
        buf_append(out, STR("Content-Length: "));
        buf_append_number(out, response->body.n);
        buf_append(out, STR("\r\n"));
    }
    buf_append(out, STR("\r\n"));
    assert(buf_ok(out));
    struct str body = response->body, rest = {0};
    if (silent || response->omit_body)
        body.n = 0;
    r->bytes_sent = body.n;
    if (response->body_life == HTTP_BODY_STATIC && body.n > STATIC_PIECE) {
        rest = str_sub(body, STATIC_PIECE, body.n);
        body.n = STATIC_PIECE;
    }
    const struct str parts[] = {buf_str(out), body};
    http_conn_send(c, parts, 2, rest);
}

struct http_stream *http_stream_begin(struct http_request *r,
    const struct http_response *head, const struct http_source *source)
{
    bool there = begin(r, head->status);
    r->stream.source = *source;
    r->stream.open = true;
    if (!there) {
        http_request_release(r);
        return &r->stream;
    }
    struct http_conn *c = r->conn;
    struct buf *out = &c->server->head;
    c->keep_alive = may_keep_alive(r) && r->minor > 0;
    put_head(out, r, head);
    r->stream.silent = has_no_body(r, head->status);
    r->stream.chunked = r->minor > 0 && !r->stream.silent;
    if (r->stream.chunked)
        buf_append(out, STR("Transfer-Encoding: chunked\r\n"));
    buf_append(out, STR("\r\n"));
    assert(buf_ok(out));
    buf_init(&r->stream.head, out->n);
    buf_append(&r->stream.head, buf_str(out));
    http_conn_stream(c);
    return &r->stream;
}

void http_stream_wake(struct http_stream *s)
{
    struct http_request *r = CONTAINER_OF(s, struct http_request, stream);
    s->woken = true;
    if (r->conn != NULL && tcp_conn_pending(r->conn->tcp) == 0)
        loop_defer(r->loop, &r->conn->work);
}

/* A problem document, for a server that was given no on_error. */
static void respond_plainly(
    struct http_request *r, const struct http_fault *fault, struct str allow)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, FAULT_BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_int(&w, "status", fault->status);
    json_member_str(&w, "code", str_from_c(fault->code));
    json_member_str(&w, "detail", str_from_c(fault->detail));
    json_end_object(&w);
    const struct http_header header = {STR("Allow"), allow};
    const struct http_response response = {.status = fault->status,
        .content_type = STR("application/problem+json"),
        .headers = &header,
        .header_count = allow.n > 0,
        .body = buf_str(&body)};
    http_respond(r, &response);
    buf_release(&body);
}

void http_respond_fault(
    struct http_request *r, const struct http_fault *fault, struct str allow)
{
    const struct http_server_config *config = &r->conn->server->config;
    if (config->on_error != NULL)
        config->on_error(
            r, fault->status, fault->code, fault->detail, allow, config->ctx);
    else
        respond_plainly(r, fault, allow);
}
