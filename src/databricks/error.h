#ifndef DATABRICKS_ERROR_H
#define DATABRICKS_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/* What went wrong upstream; the names are part of our HTTP interface. */
#define DATABRICKS_CODE_TABLE(X)                                               \
    X(UPSTREAM_UNREACHABLE, "upstream_unreachable")                            \
    X(UPSTREAM_TIMEOUT, "upstream_timeout")                                    \
    X(UPSTREAM_RATE_LIMITED, "upstream_rate_limited")                          \
    X(UPSTREAM_UNAVAILABLE, "upstream_unavailable")                            \
    X(UPSTREAM_AUTH, "upstream_auth")                                          \
    X(UPSTREAM_FORBIDDEN, "upstream_forbidden")                                \
    X(UPSTREAM_NOT_FOUND, "upstream_not_found")                                \
    X(MISSING_SCOPE, "missing_scope")                                          \
    X(USER_TOKEN_MISSING, "user_token_missing")                                \
    X(USER_TOKEN_REFUSED, "user_token_refused")                                \
    X(UPSTREAM_BAD_REQUEST, "upstream_bad_request")                            \
    X(UPSTREAM_BAD_RESPONSE, "upstream_bad_response")                          \
    X(UPSTREAM_INTERRUPTED, "upstream_interrupted")                            \
    X(UPSTREAM_ERROR, "upstream_error")                                        \
    X(GENIE_FAILED, "genie_failed")                                            \
    X(CONTENT_BLOCKED, "content_blocked")                                      \
    X(CONTEXT_TOO_LONG, "context_too_long")

#define DATABRICKS_CODE_ENUM(id, name) DATABRICKS_##id,
enum databricks_code { DATABRICKS_CODE_TABLE(DATABRICKS_CODE_ENUM) };
#undef DATABRICKS_CODE_ENUM

/* "upstream_unreachable" and so on; never NULL. */
const char *databricks_code_name(enum databricks_code code);

/* Whether name is one of these and trying again cannot help. */
bool databricks_code_final(struct str name);

/* Whether and how the same request may be sent again by us. */
enum databricks_resend {
    DATABRICKS_RESEND_NEVER,
    DATABRICKS_RESEND_LATER,     /* after a wait */
    DATABRICKS_RESEND_NEW_TOKEN, /* once, with a new access token */
};

/*
 * A failure, as a plain value that may be copied. message is one sentence for
 * the person who waits: what happened and what to do. detail is for the log:
 * capped, without credentials and without conversation text (a gateway may
 * echo it; such parts are left out).
 */
struct databricks_error {
    enum databricks_code code;
    enum databricks_resend resend;
    bool retryable;  /* the person may try the same again with some hope */
    int http_status; /* 0 when there was none */
    int64_t retry_after_ms; /* how long upstream asks to wait, 0: unknown */
    char message[240];
    char detail[320];
    char upstream_code[64]; /* e.g. "REQUEST_LIMIT_EXCEEDED", may be empty */
    char request_id[80];    /* Databricks' id of the request, may be empty */
    char scopes[96];        /* that the access token lacks, may be empty */
};

/* What an answer that is not a success looked like. */
struct databricks_answer {
    int status;
    struct str body;         /* as much as was kept of it */
    int64_t retry_after_ms;  /* see databricks_wait_ms() */
    struct str request_id;   /* see databricks_request_id() */
    struct str workspace;    /* header X-Databricks-Org-Id */
    struct str content_type; /* these two are known to on_head of a call */
    struct str mcp_session;
};

/*
 * How long a header Retry-After asks to wait, whether it has seconds or a date
 * of HTTP; 0 when it has neither or is past. wall_us is the time now.
 */
int64_t databricks_wait_ms(struct str retry_after, int64_t wall_us);

/* Reads every error shape there is (JSON of all kinds, text, HTML, empty). */
void databricks_error_from_answer(
    const struct databricks_answer *answer, struct databricks_error *ret);

/*
 * Part of the answer's text stands already: where another try would only have
 * begun anew, the sentence now says that the reply can go on.
 */
void databricks_error_midway(struct databricks_error *e);

struct jv;

/*
 * Whether a JSON document inside a stream with status 200 says that the call
 * failed; then *ret is filled.
 */
bool databricks_error_from_event(
    const struct jv *document, struct databricks_error *ret);

/*
 * The exchange itself failed: why is http_client's verdict, reason its text,
 * got_bytes whether any part of an answer had come.
 */
void databricks_error_from_transport(enum rc why, struct str reason,
    bool got_bytes, struct databricks_error *ret);

/* A failure found by our own code, with the usual sentence for its code. */
void databricks_error_make(
    enum databricks_code code, struct str detail, struct databricks_error *ret);

/*
 * The id of a request from the headers of its answer: x-request-id,
 * x-databricks-request-id or the desc of server-timing's request_id; each may
 * be empty. The result is a view into one of them.
 */
struct str databricks_request_id(struct str x_request_id,
    struct str x_databricks_request_id, struct str server_timing);

#endif
