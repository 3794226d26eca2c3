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
#include "store/store.h"

/* Private to src/store/postgres. */

enum {
    PG_MAX_STATEMENTS = 99,
    PG_MAX_PARAMETERS = 16,
    PG_MAX_SENT = 500,          /* queries whose results are not read yet */
    PG_MAX_VALUE = 64 << 20,    /* bytes of one text */
    PG_MAX_RESULT = 256 << 20,  /* bytes of one operation's result */
    PG_DEFAULT_LIST = 64 << 20, /* bytes of a list that names no bound */
    PG_SCHEMA_VERSION = 1,
    PG_STATE_SIZE = 6,
};

/* What the store counts; read by STATS from any thread. */
struct pg_counters {
    _Atomic int64_t operations, failures, commits, syncs, refused, queued;
    _Atomic bool read_only;
};

/* What all connections of a store share; constant but for counts and `closing`.
 */
struct pg_config {
    struct store_postgres_options options;
    struct pg_counters counters;
    atomic_bool closing; /* nobody waits for the server any more */
    atomic_int connects; /* connections made so far */
};

/* A query that is under way. */
struct pg_sent {
    int statement;
    bool prepares;
    size_t *dropped; /* counts those that changed no row; may be NULL */
};

/*
 * One connection, used by one thread, in libpq's pipeline mode: what is sent
 * with pg_defer() is answered together with the next pg_row() or pg_run().
 */
struct pg {
    PGconn *h; /* NULL: not connected */
    struct pg_config *config;
    struct {
        const char *sql;
        bool prepared;
    } cache[PG_MAX_STATEMENTS];
    int cached;
    struct pg_sent sent[PG_MAX_SENT];
    size_t sent_count;
    size_t changed;            /* rows, by the last pg_run() */
    enum rc deferred;          /* first failure of what was deferred */
    bool lost;                 /* the connection is of no more use */
    char state[PG_STATE_SIZE]; /* SQLSTATE of the last failure */
    char error[STORE_ERROR_SIZE];
    bool was_up; /* answered since the last time that nobody could wait */
    int64_t retry_at_ms, backoff_ms;
    int connects; /* of all threads, when this one failed to make one */
};

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

/* Fails with what a result says; fills pg->state and pg->error. */
enum rc pg_failure(struct pg *pg, const PGresult *result);

/* The next result, waited for up to timeout_ms. */
[[nodiscard]] enum rc pg_next_result(struct pg *pg, PGresult **ret);

/*
 * A prepared statement in use. Parameters are bound in order and must live
 * until it runs; the first error sticks and every later call does nothing;
 * pg_end() (or pg_run(), pg_defer()) tells it.
 *
 *     struct pg_query q = pg_start(pg, SQL_X);
 *     pg_text(&q, id);
 *     while (pg_row(&q))
 *         n = pg_col_int(&q, 0);
 *     rc = pg_end(&q);
 */
struct pg_query {
    struct pg *pg;
    int statement;
    int bound;
    enum rc rc;
    PGresult *result; /* NULL before the first row was asked for */
    int row;
    Oid types[PG_MAX_PARAMETERS];
    const char *values[PG_MAX_PARAMETERS];
    int lengths[PG_MAX_PARAMETERS];
    unsigned char numbers[PG_MAX_PARAMETERS][8];
    char *cleaned[PG_MAX_PARAMETERS]; /* texts that had a NUL */
};

/* sql is constant text: the cache knows it by its address. */
struct pg_query pg_start(struct pg *pg, const char *sql);
void pg_text(struct pg_query *q, struct str s);  /* absent binds NULL */
void pg_given(struct pg_query *q, struct str s); /* absent binds '' */
void pg_int(struct pg_query *q, int64_t n);
void pg_time(struct pg_query *q, int64_t wall_us, char buf[]); /* ISO text */
bool pg_row(struct pg_query *q);
enum rc pg_end(struct pg_query *q);

/* Runs a statement that gives no rows, and waits for the answer. */
enum rc pg_run(struct pg_query *q);

/* Sends it only; its failure becomes pg->deferred. */
enum rc pg_defer(struct pg_query *q);
enum rc pg_defer_counted(struct pg_query *q, size_t *dropped);

/* The same for a statement without parameters. */
enum rc pg_run_sql(struct pg *pg, const char *sql);
enum rc pg_defer_sql(struct pg *pg, const char *sql);

/* Reads the answers to all that was deferred. */
[[nodiscard]] enum rc pg_settle(struct pg *pg);

/* Rows changed by the last pg_run(). */
size_t pg_changes(const struct pg *pg);

/* Rows there are; valid after the first pg_row(). */
size_t pg_count(const struct pg_query *q);

/* Values of the current row; text is a view until pg_end(). */
int64_t pg_col_int(const struct pg_query *q, int column);
struct str pg_col_view(const struct pg_query *q, int column);
struct str pg_col_text(
    const struct pg_query *q, int column, struct arena *arena);
int64_t pg_col_time(const struct pg_query *q, int column);

/*
 * Makes the schema or brings it to today's version, one process at a time,
 * and finds out whether the database can be written. Sentence in pg->error.
 */
[[nodiscard]] enum rc pg_schema_prepare(struct pg *pg, int64_t now_us);

/* Verbs */
typedef enum rc pg_verb_fn(struct pg *pg, struct store_op *op);

pg_verb_fn pg_verb_add_turn, pg_verb_regenerate, pg_verb_finish_reply,
    pg_verb_record_message; /* turns.c */
pg_verb_fn pg_verb_append_events, pg_verb_read_events, pg_verb_purge,
    pg_verb_recover; /* events.c */
pg_verb_fn pg_verb_load_context, pg_verb_get_message, pg_verb_list_sessions,
    pg_verb_get_session; /* read.c */
pg_verb_fn pg_verb_rate, pg_verb_delete_session, pg_verb_ping,
    pg_verb_stats; /* verbs.c */
pg_verb_fn pg_verb_credential_put, pg_verb_credential_get,
    pg_verb_credential_delete, pg_verb_credential_list; /* credentials.c */

/* Runs the operation's verb and sets its rc and error. */
void pg_verb_run(struct pg *pg, struct store_op *op);

/* The text and reasoning that a reply's log holds, in arena. */
struct pg_log_text {
    struct str content;
    struct str reasoning; /* absent when there is none */
    int64_t last_sequence;
};

enum rc pg_log_collect(struct pg *pg, struct str message_id,
    struct arena *arena, struct pg_log_text *ret);

/* Starts an empty log for a reply that begins (again). */
enum rc pg_log_start(struct pg *pg, struct str message_id);

/*
 * Appends to the log of a streaming reply; counts what it drops, at the
 * latest when pg_settle() returns.
 */
enum rc pg_log_append(struct pg *pg, const struct store_event *events,
    size_t count, size_t *dropped);

/* Marks the log as ended: it takes no more and may be purged later. */
enum rc pg_log_finish(struct pg *pg, struct str message_id, int64_t now_us);

#endif
