#ifndef HTTP_SERVER_HTTP_SERVER_INT_H
#define HTTP_SERVER_HTTP_SERVER_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llhttp.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/list.h"
#include "loop/loop.h"
#include "loop/tcp.h"

#include "http_server/http_server.h"

struct http_router;

/* What is wrong with a request, as on_error hears it. Static constants. */
struct http_fault {
    int status;
    const char *code;
    const char *detail;
};

/* ---- scan.c: line discipline, stricter than any parser must be ---- */

/*
 * Looks at every byte of a head (or of the framing of a chunked body) before
 * the parser does. Lines end in CRLF and nothing else, no control characters,
 * no folded header lines.
 */
struct http_scan {
    bool framing;     /* chunk lines: no end to find, no folding to refuse */
    bool cr;          /* the last byte was a CR */
    bool done;        /* the empty line was seen */
    size_t lines;     /* lines ended so far, the empty one not counted */
    size_t line_size; /* bytes of the current line */
    size_t seen;      /* bytes in all */
};

/* Scans until done or the end of s. NULL when nothing is wrong. */
const struct http_fault *http_scan(struct http_scan *scan, struct str s);

/* ---- The request ---- */

struct http_stream {
    struct http_source source;
    bool open;  /* source.closed has not been called */
    bool woken; /* pull may have something */
    bool chunked;
    bool silent;     /* the response has no body: HEAD, 204, 304 */
    struct buf head; /* not sent yet */
};

struct http_request {
    struct http_conn *conn; /* NULL: the client is gone */
    struct loop *loop;
    struct arena *arena;
    struct str method;
    struct str path;
    struct str query;
    unsigned minor; /* of HTTP/1.x */
    struct http_header *headers;
    size_t header_count;
    size_t header_cap;
    bool complete;   /* the body has arrived */
    bool keep_alive; /* the client wants it */
    size_t body_max;
    struct buf body;
    const struct http_route *route;
    const struct str *param_names;
    struct str *param_values;
    size_t param_count;
    char id[ID_SIZE + 64];
    struct str peer;
    int64_t arrived_ms;
    void *user_data;
    struct str user_mark; /* who asks, for the access log */
    bool quiet;           /* no line in it */
    void (*on_gone)(void *ctx);
    void *on_gone_ctx;
    bool handed; /* a handler has it, or on_error */
    bool answered;
    int status;
    size_t bytes_sent; /* of the body */
    struct http_stream stream;
    struct loop_task release;
};

/* ---- parse.c ---- */

/*
 * Parses a whole head, which it copies, into r, whose arena must be there.
 * parser is then ready for the body; r->complete tells that there is none.
 */
const struct http_fault *http_parse_head(
    llhttp_t *parser, struct http_request *r, struct str head, size_t lines);

/*
 * Feeds bytes of the body; *ret_used is how many belong to this request.
 * framing must be zeroed before the first call of a request.
 */
const struct http_fault *http_parse_body(llhttp_t *parser,
    struct http_request *r, struct http_scan *framing, struct str data,
    size_t *ret_used);

/* ---- target.c ---- */

/* Splits the target into path and query, and checks their encoding. */
const struct http_fault *http_split_target(
    struct http_request *r, struct str target, struct str *ret_authority);

/* Decodes %xx, and '+' when plus is set; false if it is not valid. */
bool http_url_decode(
    struct arena *arena, struct str s, bool plus, struct str *ret);

/* host, host:port or [v6]:port and nothing else. */
bool http_authority_valid(struct str authority);

/* ---- router.c ---- */

struct http_match {
    const struct http_route *route; /* NULL: see below */
    bool known;                     /* the path exists, the method does not */
    struct str allow;               /* then: value of Allow */
};

struct http_router *http_router_new(
    const struct http_route *routes, size_t count);
void http_router_free(struct http_router *router);

/* Finds the route of r and sets its parameters. */
struct http_match http_router_match(
    const struct http_router *router, struct http_request *r);

/* ---- conn.c ---- */

enum http_conn_state {
    HTTP_CONN_IDLE,       /* between requests */
    HTTP_CONN_HEAD,       /* part of a head has arrived */
    HTTP_CONN_BODY,       /* part of a body is missing */
    HTTP_CONN_HANDLING,   /* a handler has the request */
    HTTP_CONN_RESPONDING, /* all is said, the client has not taken it yet */
    HTTP_CONN_STREAMING,  /* a source drives */
    HTTP_CONN_CLOSED,     /* the memory goes at the end of the turn */
};

struct http_conn {
    struct list link;
    struct http_server *server;
    struct tcp_conn *tcp;
    enum http_conn_state state;
    bool processing; /* input is being worked on further up the stack */
    bool peer_ended; /* it will send no more */
    bool keep_alive; /* after the current response */
    struct buf in;
    size_t blank_lines;
    struct http_scan scan;
    llhttp_t parser;
    struct http_request *request;
    size_t requests;
    struct str body_rest; /* of a static body */
    size_t pending_seen;  /* at the last look of the write deadline */
    struct loop_timer *timer;
    struct loop_task work;
};

struct http_server {
    struct loop *loop;
    struct http_server_config config;
    struct http_router *router;
    struct tcp_listener *listener;
    int port;
    struct list conns;
    size_t conn_count;
    size_t active;
    bool stopping;
    struct buf head; /* scratch: head of a response */
    struct buf pull; /* scratch: what a source has just given */
    int64_t date_s;
    char date[32];
};

void http_conn_accept(struct http_server *s, struct tcp_conn *tcp);

/* Ends the connection and what it carries; frees it at once. */
void http_conn_abort(struct http_conn *c);

/* Closes a connection that is between requests. */
void http_conn_close_idle(struct http_conn *c);

/* The response is complete in head and body; sends it and goes on. */
void http_conn_send(struct http_conn *c, const struct str *parts, size_t n,
    struct str static_rest);

/* The head of a stream is made; the source is asked at the turn's end. */
void http_conn_stream(struct http_conn *c);

/* ---- server.c ---- */

/* Gives back the storage of a scratch buffer that has grown large. */
void http_server_trim(struct buf *scratch);

/* ---- request.c ---- */

struct http_request *http_request_new(struct http_conn *c);

/* Sets what depends on the headers: id, keep-alive. */
void http_request_identify(struct http_request *r);

/* Tells who waits for it that nobody listens any more; may free it. */
void http_request_abandon(struct http_request *r);

/* Tells the source of its stream, once, that it is over. */
void http_request_close_stream(struct http_request *r);

/* Closes its stream and frees it at the end of the turn. */
void http_request_release(struct http_request *r);

/* Reads a list-valued header; true when the token is in it. */
bool http_header_has_token(struct str value, struct str token);

/* One line in the log, and the counters. */
void http_request_account(struct http_request *r, bool aborted);

/* ---- response.c ---- */

/* Answers with the server's on_error, or plainly when there is none. */
void http_respond_fault(
    struct http_request *r, const struct http_fault *fault, struct str allow);

#endif
