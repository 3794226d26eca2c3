#ifndef HTTP_CLIENT_HTTP_CLIENT_INT_H
#define HTTP_CLIENT_HTTP_CLIENT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "loop/loop.h"

#include "http_client/http_client.h"

struct http_client {
    struct loop *loop;
    CURLM *multi;
    CURLSH *share; /* TLS sessions; used by this loop's thread only */
    struct loop_timer *timer;
    struct list exchanges;
    struct list sockets;
    size_t count;
    size_t attached; /* of them, those that curl has */
    size_t open;     /* connections, kept ones included */
    size_t max_exchanges;
    int in_curl; /* inside a call that must not be re-entered */
    char *user_agent;
    char *ca_file; /* NULL: the system's */
};

struct http_exchange {
    struct list link;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *fields;
    char *request_body; /* NULL once all of it is sent and answered */
    curl_off_t request_bytes;
    struct arena *arena; /* of the answer's head; NULL behind it */
    struct http_client_handlers handlers;
    void *ctx;
    struct loop_task task; /* attach, resume or drop outside of curl */
    struct loop_timer *timer;
    struct http_client_request limits; /* its times and sizes only */
    int64_t started_ms;
    int64_t active_ms; /* of the last piece */
    bool attached;     /* curl has it */
    bool connected;
    bool head_done;
    bool done;        /* on_done is being called */
    bool cancelled;   /* no callback any more */
    bool paused;      /* by its owner */
    bool curl_paused; /* curl holds a piece back until it is resumed */
    enum rc failure;  /* why we made curl fail */
    const char *failure_reason;
    int status;
    struct http_client_header *headers;
    size_t header_count, header_cap;
    size_t head_bytes;
    size_t body_bytes;
    char error[CURL_ERROR_SIZE];
};

/* ---- exchange.c ---- */

/* Ends x with what curl says about it, and frees it. */
void http_exchange_finish(struct http_exchange *x, CURLcode code);

/* Frees x from any state, without a callback; not inside curl. */
void http_exchange_drop(struct http_exchange *x);

/* ---- request.c ---- */

/* Sets up x->easy; RC_INVALID for what is no http(s) request. */
[[nodiscard]] enum rc http_exchange_configure(
    struct http_exchange *x, const struct http_client_request *request);

/* ---- client.c ---- */

/* Ends the exchanges that curl has finished; not inside curl. */
void http_client_reap(struct http_client *client);

#endif
