#ifndef APP_WORKER_H
#define APP_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "api/api.h"
#include "base/rc.h"
#include "databricks/client.h"

/*
 * One loop with everything that belongs to it: HTTP server, HTTP client,
 * Databricks client, api. What workers share comes in from outside.
 */
struct worker;

struct worker_config {
    struct api_config api; /* loop and databricks are set by the worker */
    struct databricks_config databricks;
    struct str host; /* to listen on */
    int port;
    bool share_port; /* with other workers */
    int listen_fd;   /* a bound socket instead, of all workers; 0: none */
    size_t max_connections;
    bool quiet; /* no access log */
    struct str ca_file;
    struct str user_agent;
};

/*
 * Starts listening on `loop`. Errors are those of http_server_new: RC_CONFLICT
 * the port is taken, RC_DENIED it is not allowed, RC_INVALID no such address;
 * or of databricks_client_new.
 */
[[nodiscard]] enum rc worker_new(
    struct loop *loop, const struct worker_config *config, struct worker **ret);
void worker_free(struct worker *w); /* NULL is a no-op */

int worker_port(const struct worker *w);

/* No new connection and no new reply from now on. */
void worker_drain(struct worker *w);

/* Ends the live replies as interrupted. */
void worker_interrupt(struct worker *w);

/* Tells those who wait for something to come again later, elsewhere. */
void worker_dismiss(struct worker *w);

/* Every reply is stored and every request answered. */
bool worker_idle(const struct worker *w);

/* Every reply is stored. */
bool worker_saved(const struct worker *w);

#endif
