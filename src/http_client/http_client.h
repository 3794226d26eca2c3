#ifndef HTTP_CLIENT_HTTP_CLIENT_H
#define HTTP_CLIENT_HTTP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/*
 * Outgoing HTTP on a loop (libcurl's multi interface): connection reuse,
 * shared TLS sessions, HTTP/2 where offered, certificates verified, redirects
 * never followed (a redirect of an API call is an answer of its own, see
 * databricks 3.1), no compression asked for.
 */
struct loop;
struct http_client;

struct http_client_config {
    size_t max_exchanges;  /* at once; more are refused with RC_BUSY */
    struct str user_agent; /* e.g. "databricks-chatbot/0.1.0" */
    struct str ca_file;    /* PEM bundle; empty: the system's */
};

[[nodiscard]] enum rc http_client_new(struct loop *loop,
    const struct http_client_config *config, struct http_client **ret);

/* Cancels what still runs, without callbacks. NULL is a no-op. */
void http_client_free(struct http_client *client);

/* A header of a request or an answer. */
struct http_client_header {
    struct str name;
    struct str value;
};

/* All views are copied by start. Times are in milliseconds, 0 means none. */
struct http_client_request {
    struct str method; /* "GET", "POST", ... */
    struct str url;
    const struct http_client_header *headers;
    size_t header_count;
    struct str body;
    int64_t connect_timeout_ms;
    int64_t first_byte_timeout_ms; /* from start to the status line */
    int64_t idle_timeout_ms;       /* between two pieces of the body */
    int64_t total_timeout_ms;
    size_t max_body; /* bytes of answer; more ends with RC_TOO_LARGE */
};

struct http_exchange;

/*
 * What happens, in order: on_head once (unless the exchange fails before),
 * on_data any number of times, on_done exactly once and last, unless the
 * exchange is cancelled. Inside any of them the exchange may be cancelled.
 */
struct http_client_handlers {
    void (*on_head)(void *ctx, struct http_exchange *x, int status);
    void (*on_data)(void *ctx, struct str data);
    /*
     * RC_OK: a whole answer arrived (of any status). Else: RC_TIMEOUT,
     * RC_CLOSED (cut in the middle), RC_IO (not reached, TLS failed; reason
     * says what), RC_TOO_LARGE. reason is a short English text for the log.
     */
    void (*on_done)(void *ctx, enum rc rc, struct str reason);
};

/* RC_BUSY at the limit, RC_INVALID for a URL that is not http(s). */
[[nodiscard]] enum rc http_client_start(struct http_client *client,
    const struct http_client_request *request,
    const struct http_client_handlers *handlers, void *ctx,
    struct http_exchange **ret);

/* Closes the request at once; no callback follows. */
void http_exchange_cancel(struct http_exchange *x);

/* While paused no on_data comes and the peer is held back. */
void http_exchange_pause(struct http_exchange *x, int paused);

/* Header of the answer (last of that name), valid in on_head only. */
struct str http_exchange_header(const struct http_exchange *x, struct str name);

#endif
