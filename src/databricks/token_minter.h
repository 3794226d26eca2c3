#ifndef DATABRICKS_TOKEN_MINTER_H
#define DATABRICKS_TOKEN_MINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"

/*
 * Access tokens for one workspace on one loop: a personal access token that
 * never changes, or OAuth client credentials that are renewed early, by one
 * request at a time, whoever asks. A caller waits only while there is no
 * valid token at all.
 */
struct loop;
struct http_client;
struct token_minter;
struct token_request;

struct token_minter_config {
    struct str host;  /* normalised, see databricks/host.h */
    struct str token; /* personal access token; empty: use the client's */
    struct str client_id;
    struct str client_secret;
    size_t max_waiting;         /* callers at once without a token */
    int64_t wait_timeout_ms;    /* longest wait of a caller */
    int64_t request_timeout_ms; /* of one token request */
    uint64_t (*random)(void);
};

/*
 * Views are copied. RC_INVALID without credentials, or with a personal token
 * that cannot stand in a header.
 */
[[nodiscard]] enum rc token_minter_new(struct loop *loop,
    struct http_client *http, const struct token_minter_config *config,
    struct token_minter **ret);

/* Waiting callers are dropped without a callback. NULL is a no-op. */
void token_minter_free(struct token_minter *minter);

/*
 * The answer to one request: token on success (valid during the call), else
 * error. The request is over and its handle dead.
 */
typedef void token_minter_fn(
    void *ctx, struct str token, const struct databricks_error *error);

/*
 * Asks for a token. RC_BUSY when too many callers wait already. After a
 * failure that waiting does not mend (credentials refused), callers get that
 * failure at once until the next attempt is due.
 */
[[nodiscard]] enum rc token_minter_get(struct token_minter *minter,
    token_minter_fn *fn, void *ctx, struct token_request **ret);

/* The callback will not run; the handle is dead. */
void token_request_cancel(struct token_request *request);

/*
 * The workspace refused this token: it is not given out again. Whether asking
 * again may bring another one: not with a personal token.
 */
bool token_minter_invalidate(struct token_minter *minter, struct str token);

#endif
