#ifndef TESTS_DATABRICKS_SCRIPT_HTTP_H
#define TESTS_DATABRICKS_SCRIPT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "http_client/http_client.h"

/*
 * An http_client whose answers are written by the test: every request is
 * recorded, nothing moves by itself. Stands in for src/http_client.
 */
struct script_request {
    struct http_client_handlers handlers;
    void *ctx;
    struct buf method, url, body, authorization;
    const char *retry_after; /* headers of the answer */
    const char *content_type;
    bool open; /* neither done nor cancelled */
    bool cancelled;
    bool paused;
};

enum { SCRIPT_REQUESTS_MAX = 64 };

struct http_client {
    struct script_request requests[SCRIPT_REQUESTS_MAX];
    size_t count;
    enum rc refuse; /* RC_OK: requests are taken */
};

void script_http_init(struct http_client *h);
void script_http_release(struct http_client *h);

/* The newest request; the test fails when there is none. */
struct script_request *script_last(struct http_client *h);

/* Requests that are neither done nor cancelled. */
size_t script_open(const struct http_client *h);

/* A piece of an answer to r; ignored once r is cancelled. */
void script_head(struct script_request *r, int status);
void script_data(struct script_request *r, struct str data);
void script_done(struct script_request *r, enum rc rc);

/* All of an answer. */
void script_answer(struct script_request *r, int status, struct str body);

#endif
