#ifndef STORE_POSTGRES_PG_INT_H
#define STORE_POSTGRES_PG_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/str.h"
#include "store/postgres/store_postgres.h"
#include "store/sql/sql.h"
#include "store/store.h"

/* Private to src/store/postgres. */

enum {
    PG_MAX_SENT = 500, /* queries whose results are not read yet */
    PG_STATE_SIZE = 6,
};

/* What all connections of a store share; constant but for counts and `closing`.
 */
struct pg_config {
    struct store_postgres_options options;
    struct sql_counters counters;
    atomic_bool closing;   /* nobody waits for the server any more */
    atomic_int connects;   /* connections made so far */
    atomic_int writer_pid; /* the server's process that writes for us */
};

/* A query that is under way. */
struct pg_sent {
    int statement;
    bool prepares;
    size_t *dropped; /* counts those that changed no row; may be NULL */
};

/*
 * One connection, used by one thread, in libpq's pipeline mode: what is sent
 * with query_defer() is answered together with the next query that reads.
 */
struct pg {
    struct db db;
    PGconn *h; /* NULL: not connected */
    struct pg_config *config;
    struct sql_index index;
    bool prepared[SQL_MAX_STATEMENTS];
    struct pg_sent sent[PG_MAX_SENT];
    size_t sent_count;
    enum rc deferred;          /* first failure of what was deferred */
    bool lost;                 /* the connection is of no more use */
    char state[PG_STATE_SIZE]; /* SQLSTATE of the last failure */
    bool was_up; /* answered since the last time that nobody could wait */
    int64_t retry_at_ms, backoff_ms;
    int connects; /* of all threads, when this one failed to make one */
};

/* Makes a zeroed one ready for pg_ensure(). */
void pg_init(struct pg *pg, struct pg_config *config);

/*
 * Sees to it that there is a connection with our settings. After a loss it
 * waits up to patience_ms for the server, once; then it fails at once, except
 * for one attempt each time the growing delay is over or another thread has
 * connected.
 */
[[nodiscard]] enum rc pg_ensure(struct pg *pg);
void pg_disconnect(struct pg *pg);

/* Notes that the server or the way to it failed; RC_IO. */
enum rc pg_lose(struct pg *pg, const char *why);

/* True when the failure may go away by doing it all again. */
bool pg_transient(const struct pg *pg);

/* Fails with what a result says; fills pg->state and the error. */
enum rc pg_failure(struct pg *pg, const PGresult *result);

/* The next result, waited for up to timeout_ms. */
[[nodiscard]] enum rc pg_next_result(struct pg *pg, PGresult **ret);

/* How verbs reach PostgreSQL (query.c). */
extern const struct sql_driver pg_driver;

/*
 * Makes the schema or brings it to today's version, one process at a time,
 * and finds out whether the database can be written. Sentence in pg->db.error.
 */
[[nodiscard]] enum rc pg_schema_prepare(struct pg *pg, int64_t now_us);

#endif
