#ifndef STORE_POSTGRES_STORE_POSTGRES_H
#define STORE_POSTGRES_STORE_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/secret.h"
#include "store/store.h"

/*
 * Gives the password of a new connection, such as a token that expires.
 * `renew` is true after the server refused the last one. Called on threads of
 * the store, several at once, and may block. What it gives is wiped after use.
 * On failure `error` holds one sentence.
 */
typedef enum rc store_postgres_password_fn(void *ctx, bool renew,
    struct secret *ret_password, char error[STORE_ERROR_SIZE]);

/* Zero members take the value in the comment. */
struct store_postgres_options {
    const char *conninfo;      /* URL or libpq's key=value text: the PG*
                                  variables of the environment */
    const char *schema;        /* where the tables are: databricks_chatbot */
    const char *node;          /* RECOVER is for replies of this node: main */
    const struct clock *clock; /* clock_system() */
    store_postgres_password_fn *password; /* as in conninfo or PGPASSWORD */
    void *password_ctx;
    bool tool;          /* neither make nor upgrade tables: RC_UNSUPPORTED */
    bool one_state;     /* all reading sees the state of the first */
    int readers;        /* threads that read: 2; 1 with one_state */
    size_t queue_ops;   /* operations waiting or running: 10,000 */
    size_t queue_bytes; /* of their arguments: 64 MiB */
    int timeout_ms;     /* longest wait for an answer: 30,000 */
    int patience_ms;    /* wait for a server that went away: 10,000 */
};

/*
 * Connects, makes or upgrades the schema and starts the threads; blocks, so do
 * it before the loop runs. Any number of processes may do so at once. Text is
 * stored without NUL characters, which PostgreSQL does not take.
 *
 * When the server goes away, operations wait for it for patience_ms and are
 * then refused with RC_IO, until it is back. What was under way is done again
 * when it certainly did not happen, and else ends with RC_IO.
 *
 * On failure `error` holds one sentence that says what is wrong: RC_IO the
 * server cannot be reached, RC_DENIED it refuses the user or the password or
 * gives no right to the schema, RC_NOT_FOUND no such database, RC_UNSUPPORTED
 * the tables were made by a newer version, RC_READ_ONLY, RC_FULL, RC_INVALID
 * (conninfo).
 */
[[nodiscard]] enum rc store_postgres_open(
    const struct store_postgres_options *options, struct store **ret,
    char error[STORE_ERROR_SIZE]);

#endif
