#ifndef DATABRICKS_ENDPOINTS_H
#define DATABRICKS_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"

/*
 * What the workspace serves. A look-up is advice for people and probes: no
 * chat waits for one.
 */
struct databricks_client;
struct databricks_lookup;

enum { DATABRICKS_SCOPES_SIZE = 256 };

struct databricks_endpoint {
    struct str name;
    struct str display_name; /* for people; may be empty */
    struct str task; /* "llm/v1/chat", "agent/v1/responses", ..., or empty */
    bool ready;      /* state.ready is READY */
    bool traces;     /* tells of its work when asked: return_trace */
    /*
     * Wants to be asked in a person's name, whose token has these scopes,
     * divided by spaces; empty: it does not matter to it.
     */
    char user_scopes[DATABRICKS_SCOPES_SIZE];
};

/*
 * On success error is NULL and list holds n endpoints, valid during the call;
 * else list is NULL. The handle is dead.
 */
typedef void databricks_endpoints_fn(void *ctx,
    const struct databricks_endpoint *list, size_t n,
    const struct databricks_error *error);

/* All endpoints one can chat with (task llm/v1/chat and agent tasks). */
[[nodiscard]] enum rc databricks_endpoints_list(
    struct databricks_client *client, databricks_endpoints_fn *fn, void *ctx,
    struct databricks_lookup **ret);

/*
 * One endpoint by name, whatever its task; the list then has one member, or
 * none where a server that is no workspace does not tell.
 * RC_INVALID for something that is no endpoint name.
 */
[[nodiscard]] enum rc databricks_endpoints_get(struct databricks_client *client,
    struct str name, databricks_endpoints_fn *fn, void *ctx,
    struct databricks_lookup **ret);

/* The callback will not run; the handle is dead. */
void databricks_lookup_cancel(struct databricks_lookup *lookup);

#endif
