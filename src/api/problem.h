#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "http_server/http_server.h"

/*
 * Errors on the wire: application/problem+json (RFC 9457) with a stable
 * `code`, the request's id, and `detail`, which the original's clients read.
 * docs/errors.md lists every code.
 */
#define API_PROBLEM_TABLE(X)                                                   \
    X(INVALID_JSON, 400, "invalid_json", "Not valid JSON")                     \
    X(INVALID_REQUEST, 422, "invalid_request", "Request not valid")            \
    X(MALFORMED_REQUEST, 400, "malformed_request", "Not valid HTTP")           \
    X(UNAUTHENTICATED, 401, "unauthenticated", "Sign-in needed")               \
    X(CROSS_SITE_REQUEST, 403, "cross_site_request",                           \
        "Request from another site refused")                                   \
    X(NOT_FOUND, 404, "not_found", "Not found")                                \
    X(METHOD_NOT_ALLOWED, 405, "method_not_allowed", "Method not allowed")     \
    X(REQUEST_TIMEOUT, 408, "request_timeout", "Request took too long")        \
    X(REPLY_IN_PROGRESS, 409, "reply_in_progress",                             \
        "A reply is still being written")                                      \
    X(REVISION_CONFLICT, 409, "revision_conflict", "Changed meanwhile")        \
    X(QUEUE_FULL, 409, "queue_full", "Too many messages wait")                 \
    X(CONFLICT, 409, "conflict", "Not possible in this state")                 \
    X(EVENTS_GONE, 410, "events_gone", "These events are no longer kept")      \
    X(PAYLOAD_TOO_LARGE, 413, "payload_too_large", "Request body too large")   \
    X(URI_TOO_LONG, 414, "uri_too_long", "Address too long")                   \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type",                   \
        "Content type not supported")                                          \
    X(RATE_LIMITED, 429, "rate_limited", "Too many requests")                  \
    X(QUOTA_EXHAUSTED, 429, "quota_exhausted", "Used up for today")            \
    X(HEADERS_TOO_LARGE, 431, "headers_too_large", "Headers too large")        \
    X(INTERNAL, 500, "internal", "Defect in the server")                       \
    X(NOT_IMPLEMENTED, 501, "not_implemented", "Not supported")                \
    X(IDENTITY_UNAVAILABLE, 503, "identity_unavailable",                       \
        "Identity could not be checked")                                       \
    X(STORAGE_UNAVAILABLE, 503, "storage_unavailable", "Storage unavailable")  \
    X(STORAGE_READ_ONLY, 503, "storage_readonly", "Storage is read-only")      \
    X(OVERLOADED, 503, "overloaded", "Server is busy")                         \
    X(ENDPOINT_RESTING, 503, "endpoint_resting", "Model is resting")           \
    X(ENDPOINT_BUSY, 503, "endpoint_busy", "Too many wait for the model")      \
    X(SHUTTING_DOWN, 503, "shutting_down", "Server is restarting")             \
    X(STORAGE_FULL, 507, "storage_full", "Storage is full")

#define API_PROBLEM_ENUM(id, status, code, title) PROBLEM_##id,
enum problem { API_PROBLEM_TABLE(API_PROBLEM_ENUM) PROBLEM_COUNT };
#undef API_PROBLEM_ENUM

const char *problem_code(enum problem problem);
const char *problem_title(enum problem problem);
int problem_status(enum problem problem);

/* What more there is to say; all of it optional. */
struct problem_extra {
    const char *field;      /* the member of the request that is wrong */
    int64_t retry_after_ms; /* adds Retry-After (rounded up to seconds) */
    struct str message_id;  /* the reply that is in the way */
    int64_t revision;       /* of the chat as it is now */
    struct str allow;       /* value of Allow, for 405 */
};

/* Responds; detail is one sentence that says what to do. */
void problem_respond(struct http_request *http, enum problem problem,
    const char *detail, const struct problem_extra *extra);

/* The problem that an error of the store is, with a sentence for a person. */
enum problem problem_of_store(enum rc rc, const char **ret_detail);

/* http_error_fn of the server. */
void problem_on_error(struct http_request *http, int status, const char *code,
    const char *detail, struct str allow, void *ctx);

#endif
