#ifndef STORE_SQL_SQL_H
#define STORE_SQL_SQL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"
#include "base/str.h"
#include "store/store.h"

/*
 * SQL as the verbs write it, whichever database runs it. Private to
 * src/store. A driver (store/sqlite, store/postgres) brings the connection;
 * the verbs in this folder bring the statements, once.
 */

enum {
    SQL_MAX_PARAMETERS = 32,
    SQL_MAX_STATEMENTS = 256,    /* of one connection */
    SQL_MAX_VALUE = 64 << 20,    /* bytes of one text */
    SQL_MAX_RESULT = 256 << 20,  /* bytes of one operation's result */
    SQL_DEFAULT_LIST = 64 << 20, /* bytes of a list that names no bound */
};

/*
 * A statement's text. Parameters are $1, $2, ... in both dialects and are
 * bound in that order; a dialect need not use the last ones. Statements are
 * constants: a connection knows the prepared form by the address of this
 * struct.
 *
 *     static const struct sql INSERT_DRAFT = SQL("INSERT INTO ...");
 *     static const struct sql OWNER = SQL_EACH("SELECT ...",
 *         "SELECT ... FOR UPDATE");
 */
struct sql {
    const char *sqlite;
    const char *postgres;
};

#define SQL(text)                                                              \
    {                                                                          \
        (text), (text)                                                         \
    }
#define SQL_EACH(sqlite_text, postgres_text)                                   \
    {                                                                          \
        (sqlite_text), (postgres_text)                                         \
    }

/* What the store counts; read by STATS from any thread. */
struct sql_counters {
    _Atomic int64_t operations, failures, commits, syncs, refused, queued;
    _Atomic bool read_only;
};

struct query;
struct sql_driver;
struct sql_tail;

/* A connection, used by one thread; a driver's own begins with this. */
struct db {
    const struct sql_driver *driver;
    const struct sql_counters *counters; /* for STATS */
    struct sql_tail *tail;               /* or NULL, see below */
    uint64_t tail_state;                 /* the driver's */
    bool tail_moved;                     /* since the reading began */
    const char *node;                    /* whose replies are begun here */
    char error[STORE_ERROR_SIZE];        /* of the last failed query */
};

/* A value bound to a parameter. Text is not copied. */
struct sql_value {
    enum { SQL_NULL, SQL_INT, SQL_TEXT } type;
    int64_t number;
    struct str text;
};

/*
 * A statement in use. Parameters are bound in order and must live until it
 * runs; the first error sticks and every later call does nothing; query_end()
 * (or query_run(), query_defer()) tells it and frees the statement.
 *
 *     struct query q = query_start(db, &SQL_X);
 *     query_text(&q, id);
 *     while (query_row(&q))
 *         n = query_col_int(&q, 0);
 *     rc = query_end(&q);
 *
 * Several may be in use at once.
 */
struct query {
    struct db *db;
    const struct sql *sql;
    struct sql_value values[SQL_MAX_PARAMETERS];
    int count;
    enum rc rc;
    bool running; /* the driver's: the first row was asked for */
    void *handle; /* the driver's: statement, result */
    int row;      /* the driver's */
    int code;     /* the driver's */
};

struct query query_start(struct db *db, const struct sql *sql);
void query_text(struct query *q, struct str s);  /* absent binds NULL */
void query_given(struct query *q, struct str s); /* absent binds '' */
void query_int(struct query *q, int64_t n);
void query_bool(struct query *q, bool b);                      /* 0 or 1 */
void query_time(struct query *q, int64_t wall_us, char buf[]); /* ISO text */
bool query_row(struct query *q);
enum rc query_end(struct query *q);

/* Runs a statement that gives no rows. *ret_changed (or NULL): rows changed. */
enum rc query_run(struct query *q);
enum rc query_run_counted(struct query *q, int64_t *ret_changed);

/*
 * The same, but the answer may be waited for later: by the next query that
 * reads, and by the end of the operation, which fails then. Use it for what
 * needs no answer: one wait per operation instead of one per statement.
 * `dropped` (or NULL) counts the statements that changed no row, once the
 * answers are in; it must live until the operation's end.
 */
enum rc query_defer(struct query *q);
enum rc query_defer_counted(struct query *q, size_t *dropped);

/* Waits for the answers to all that was deferred. */
enum rc db_settle(struct db *db);

/* Statements without parameters. */
enum rc db_run(struct db *db, const struct sql *sql);
enum rc db_defer(struct db *db, const struct sql *sql);

bool db_is_postgres(const struct db *db);

/* Values of the current row; a view is valid until the next row or the end. */
bool query_col_null(const struct query *q, int column);
int64_t query_col_int(const struct query *q, int column);
struct str query_col_view(const struct query *q, int column);
struct str query_col_text(
    const struct query *q, int column, struct arena *arena);

/* Text in either ISO form or a number of seconds; 0 when it is neither. */
int64_t query_col_time(const struct query *q, int column);
int64_t sql_time(struct str text);

/* The array with room for one more element; it doubles inside the arena. */
void *array_grow(struct arena *arena, void *items, size_t count, size_t size);

/*
 * A verb. It may run more than once for one operation, from the beginning,
 * with its effects undone and its arguments and results as the caller gave
 * them.
 */
typedef enum rc verb_fn(struct db *db, struct store_op *op);

/* Runs the operation's verb and sets its rc and error. */
void verb_run(struct db *db, struct store_op *op);

/* ---- changes.c: what happened, for the change feed ---- */

/*
 * Notes that something of op->user_id changed, in the transaction of the
 * verb, and marks the operation so that the feeds of that person wake up when
 * it is committed. Absent ids are allowed where the kind has none.
 */
enum rc changes_add(struct db *db, struct store_op *op,
    enum store_change_kind kind, struct str session_id, struct str message_id);

/* ---- packs.c: what a driver that has a tail writes ---- */

/* Where an event of a pack ends in the texts of all; absent or not. */
struct log_mark {
    int64_t sequence;
    uint32_t text_end, reasoning_end, parts_end;
    bool has_text, has_reasoning, has_parts;
};

/* Events of one reply, one behind the other. */
struct log_pack {
    struct str message_id;
    struct str text, reasoning, parts;
    const struct log_mark *marks;
    size_t count; /* not 0 */
};

/* The log of a reply that streams, and the last event in the table, or 0. */
struct log_place {
    int64_t variant;
    int64_t start_sequence;
    int64_t last_sequence;
};

/* RC_NOT_FOUND: no reply of that id streams. */
enum rc log_find_open(
    struct db *db, struct str message_id, struct log_place *ret);

/* Adds a pack to a log that is open, as one row; else does nothing. */
enum rc log_append_pack(struct db *db, const struct log_pack *pack);

/* ---- For drivers only ---- */

/* Events behind a number, at most `limit`. */
struct tail_reading {
    struct str message_id; /* in */
    int64_t after;
    size_t limit;
    struct arena *arena;
    struct store_event *events; /* out: in order, in arena */
    size_t count;
};

/*
 * Events of live replies that are in no table yet; some may be in the table
 * too. RC_BUSY: some have gone there that this reading does not see; the
 * operation is to be run anew.
 */
struct sql_tail {
    enum rc (*read)(struct db *db, struct tail_reading *reading);
    /* Number of the last of them, 0: there is none. */
    int64_t (*last)(struct db *db, struct str message_id);
};

/*
 * The arguments of an operation before a verb wrote its results among them,
 * and back again before the verb runs once more.
 */
enum {
    VERB_GIVEN_AT = offsetof(struct store_op, add_turn),
    VERB_GIVEN_SIZE = offsetof(struct store_op, loop_) - VERB_GIVEN_AT,
};

struct verb_given {
    char bytes[VERB_GIVEN_SIZE];
};

void verb_keep(const struct store_op *op, struct verb_given *given);
void verb_restore(struct store_op *op, const struct verb_given *given);

/* Numbers statements from 0 on, by their address. Begins zeroed. */
enum { SQL_SLOTS = 2 * SQL_MAX_STATEMENTS };

struct sql_index {
    struct {
        const struct sql *sql;
        int number;
    } slots[SQL_SLOTS];
    int count;
};

int sql_index(struct sql_index *index, const struct sql *sql);

struct sql_driver {
    bool postgres;
    /* Each sets q->rc and db->error when it fails. */
    bool (*row)(struct query *q); /* prepares, binds and runs when it must */
    void (*end)(struct query *q);
    enum rc (*run)(struct query *q, int64_t *ret_changed);
    enum rc (*defer)(struct query *q, size_t *dropped);
    enum rc (*settle)(struct db *db);
    bool (*col_null)(const struct query *q, int column);
    int64_t (*col_int)(const struct query *q, int column);
    struct str (*col_view)(const struct query *q, int column);
};

#endif
