#ifndef HTTP_SERVER_HTTP_SERVER_H
#define HTTP_SERVER_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * An HTTP/1.1 server (RFC 9112) on a loop, parsed by llhttp in strict mode.
 * A request reaches its handler when it has arrived completely, body
 * included. Requests of one connection are handled one after the other
 * (pipelining is answered in order). While a response is being made nothing
 * more is read from that connection than one pipelined request's worth.
 */
struct loop;
struct http_server;
struct http_request;
struct http_stream;

/* Bounds; zero means the default in brackets. Times in milliseconds. */
struct http_server_limits {
    size_t connections;             /* open at once [10000] */
    size_t head_bytes;              /* request line and headers [16384] */
    size_t headers;                 /* number of header fields [100] */
    size_t uri_bytes;               /* [8192] */
    size_t body_bytes;              /* [1 MiB]; a route may raise or lower it */
    int64_t head_timeout_ms;        /* first byte to end of headers [10000] */
    int64_t body_timeout_ms;        /* end of headers to end of body [30000] */
    int64_t idle_timeout_ms;        /* keep-alive without a request [75000] */
    int64_t write_timeout_ms;       /* a peer that takes nothing [30000] */
    size_t requests_per_connection; /* then it is closed [10000] */
};

typedef void http_handler_fn(struct http_request *request, void *ctx);

/* One row of the route table. pattern: "/chat-api/messages/{id}/rate". */
struct http_route {
    const char *method;
    const char *pattern;
    http_handler_fn *handler;
    const char *summary; /* one line, for the documentation */
    size_t max_body;     /* 0: the server's */
    unsigned flags;      /* free for the layer above */
};

/*
 * Answers what went wrong before a handler could run, or what no route
 * matched: status is 400, 404, 405, 408, 413, 414, 415, 431, 501 or 503; code
 * is the problem code, detail one sentence for a person, allow the value of
 * Allow (405 only). The callee must respond (http_respond).
 */
typedef void http_error_fn(struct http_request *request, int status,
    const char *code, const char *detail, struct str allow, void *ctx);

struct http_server_config {
    struct str host; /* numeric address */
    int port;        /* 0: any free one */
    bool share_port; /* several servers (workers) listen on it */
    int listen_fd;   /* a bound socket to take instead of both; 0: none */
    bool quiet;      /* no access log */
    struct http_server_limits limits;
    const struct http_route *routes;
    size_t route_count;
    /* Called for a GET or HEAD that no route's pattern matches; NULL: 404. */
    http_handler_fn *fallback;
    /* Called before the route's handler; false: it has responded already. */
    bool (*before)(struct http_request *request, const struct http_route *route,
        void *ctx);
    http_error_fn *on_error;
    void *ctx; /* given to every function above */
};

[[nodiscard]] enum rc http_server_new(struct loop *loop,
    const struct http_server_config *config, struct http_server **ret);

int http_server_port(const struct http_server *s);

/* Stops listening; open connections finish the request they are in. */
void http_server_stop_accepting(struct http_server *s);

/* Requests and streams that are not answered to their end. */
size_t http_server_active(const struct http_server *s);

/* Closes everything (sources get their closed call). NULL is a no-op. */
void http_server_free(struct http_server *s);

/* ---- The request: views are valid until the response has ended. ---- */

struct str http_request_method(const struct http_request *r);
/* Path as sent, without the query: percent-encoded. */
struct str http_request_path(const struct http_request *r);
/* Value of a {name} of the pattern, percent-decoded, valid UTF-8. */
struct str http_request_param(const struct http_request *r, const char *name);
/* Percent-decoded query value; false when the name is not there. */
bool http_request_query(
    const struct http_request *r, const char *name, struct str *ret);
/* Header value without surrounding space, name without case; "" if none. */
struct str http_request_header(const struct http_request *r, const char *name);
/* How often the header was sent. */
size_t http_request_header_count(
    const struct http_request *r, const char *name);
/* Value of a cookie, or "". */
struct str http_request_cookie(const struct http_request *r, const char *name);
struct str http_request_body(const struct http_request *r);
/* Media type of Content-Type without parameters, lower case is not forced. */
struct str http_request_media_type(const struct http_request *r);
struct str http_request_peer(const struct http_request *r);
/*
 * Id for logs and answers: the proxy's X-Request-Id when it is a plain id of
 * at most 64 characters, else a new UUID.
 */
struct str http_request_id(const struct http_request *r);
struct arena *http_request_arena(struct http_request *r);
struct loop *http_request_loop(const struct http_request *r);
const struct http_route *http_request_route(const struct http_request *r);
/* Free for the layer above: who asks, and so on. */
void http_request_set_user_data(struct http_request *r, void *data);
/* Who asks, as the access log may say it; lives as long as the request. */
void http_request_set_user_mark(struct http_request *r, struct str mark);
void *http_request_user_data(const struct http_request *r);
/* Time the request had arrived completely, loop_now_ms() scale. */
int64_t http_request_arrived_ms(const struct http_request *r);

/*
 * fn(ctx) is called if the client goes away before the response has ended;
 * afterwards the request is dead and must not be used. NULL clears it. It is
 * not called once http_respond or http_stream_begin was called.
 */
void http_request_on_gone(
    struct http_request *r, void (*fn)(void *ctx), void *ctx);

/* ---- The response: exactly one of respond and stream_begin. ---- */

struct http_header {
    struct str name;
    struct str value;
};

enum http_body_life {
    HTTP_BODY_COPY,   /* body is copied when it cannot be sent at once */
    HTTP_BODY_STATIC, /* body lives as long as the program (assets) */
};

struct http_response {
    int status;
    struct str content_type;           /* empty: no Content-Type */
    const struct http_header *headers; /* further fields; names unique */
    size_t header_count;
    struct str body;
    enum http_body_life body_life;
    /* For HEAD and 304: Content-Length to state without sending a body. */
    bool omit_body;
};

/*
 * Answers. Adds Date, Content-Length, X-Request-Id, X-Content-Type-Options
 * and Connection where needed; header values with CR, LF or NUL are dropped
 * with a warning in the log. The request is dead afterwards. May be called
 * inside the handler or any time later on the same loop.
 */
void http_respond(struct http_request *r, const struct http_response *response);

/*
 * A response of unknown length that the client's readiness drives. pull
 * appends at most about 64 KiB to out and says what is next; it is called
 * again only when the client has taken what was there. closed is called
 * exactly once, at the end, whatever the reason, and frees the source.
 */
enum http_pull {
    HTTP_PULL_MORE, /* there is more right now */
    HTTP_PULL_WAIT, /* call me after http_stream_wake() */
    HTTP_PULL_END,  /* that was all */
    /*
     * Send what out holds, then close the connection with the body
     * unfinished (no last chunk), so that the client sees a cut.
     */
    HTTP_PULL_ABORT,
};

struct http_source {
    enum http_pull (*pull)(void *ctx, struct buf *out);
    void (*closed)(void *ctx);
    void *ctx;
};

/* Headers are sent at once. Chunked for HTTP/1.1, until close for 1.0. */
struct http_stream *http_stream_begin(struct http_request *r,
    const struct http_response *head, const struct http_source *source);

/*
 * There is something to pull: it is pulled at the end of this turn. Many
 * wakes in a turn are one. Harmless while the client is slow.
 */
void http_stream_wake(struct http_stream *s);

#endif
