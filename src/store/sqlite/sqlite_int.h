#ifndef STORE_SQLITE_SQLITE_INT_H
#define STORE_SQLITE_SQLITE_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/str.h"
#include "store/store.h"

/* Private to src/store/sqlite. */

enum {
    DB_MAX_STATEMENTS = 64,
    DB_MAX_VALUE = 64 << 20,    /* bytes of one text */
    DB_MAX_RESULT = 256 << 20,  /* bytes of one operation's result */
    DB_DEFAULT_LIST = 64 << 20, /* bytes of a list that names no bound */
    DB_SCHEMA_VERSION = 1,
};

/* One connection, used by one thread, with its prepared statements. */
struct db {
    sqlite3 *h;
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } cache[DB_MAX_STATEMENTS];
    size_t cached;
    const struct db_counters *counters; /* for STATS */
    char error[STORE_ERROR_SIZE];       /* of the last failed query */
};

/* What the store counts; read by STATS from any thread. */
struct db_counters {
    _Atomic int64_t operations, failures, commits, syncs, refused, queued;
    _Atomic bool read_only;
};

enum db_mode { DB_READ, DB_READ_FROZEN, DB_WRITE };

/*
 * Opens a connection with the settings that all of ours have. DB_READ_FROZEN
 * is for a file on a medium that nobody can write. On failure db->error tells.
 */
[[nodiscard]] enum rc db_open(const char *path, enum db_mode mode, int busy_ms,
    struct db **ret, char error[STORE_ERROR_SIZE]);
void db_close(struct db *db); /* NULL is a no-op */

/* Maps SQLite's result; fills db->error unless it is a good one. */
enum rc db_result(struct db *db, int code);

/*
 * A prepared statement in use. Parameters are bound in order; the first error
 * sticks and every later call does nothing; query_end() (or query_run())
 * tells it and makes the statement free for the next use.
 *
 *     struct query q = query_start(db, SQL_X);
 *     query_text(&q, id);
 *     while (query_row(&q))
 *         n = query_col_int(&q, 0);
 *     rc = query_end(&q);
 */
struct query {
    struct db *db;
    sqlite3_stmt *stmt;
    int bound;
    int code;
};

/* sql is constant text: the cache knows it by its address. */
struct query query_start(struct db *db, const char *sql);
void query_text(struct query *q, struct str s);  /* absent binds NULL */
void query_given(struct query *q, struct str s); /* absent binds '' */
void query_int(struct query *q, int64_t n);
void query_time(struct query *q, int64_t wall_us, char buf[]); /* ISO text */
bool query_row(struct query *q);
enum rc query_end(struct query *q);

/* Runs a statement that gives no rows. */
enum rc query_run(struct query *q);

/* The same for a statement without parameters. */
enum rc db_run(struct db *db, const char *sql);

/* Rows changed by the last statement that ran. */
int64_t db_changes(const struct db *db);

/* Values of the current row; text is a view until the next row or end. */
int64_t query_col_int(const struct query *q, int column);
struct str query_col_view(const struct query *q, int column);
struct str query_col_text(
    const struct query *q, int column, struct arena *arena);

/* Text in either ISO form or a number of seconds; 0 when it is neither. */
int64_t query_col_time(const struct query *q, int column);
int64_t sqlite_time(struct str text);

/* The array with room for one more element; it doubles inside the arena. */
void *array_grow(struct arena *arena, void *items, size_t count, size_t size);

/* Schema (schema.c, upgrade.c, backup.c, prepare.c) */
struct schema_state {
    int64_t version; /* 0: none of ours yet */
    bool has_tables; /* of the original or ours */
    bool is_foreign; /* a database of some other program */
};

[[nodiscard]] enum rc schema_inspect(
    struct db *db, struct schema_state *ret_state);

/* Creates or upgrades everything inside the caller's transaction. */
[[nodiscard]] enum rc schema_migrate(struct db *db, int64_t now_us);

/* Gives rows that the original wrote what our columns need. */
[[nodiscard]] enum rc schema_adopt_rows(struct db *db);

/* True when there are such rows. */
[[nodiscard]] enum rc schema_needs_adoption(struct db *db, bool *ret);

/* Copies the database to PATH.backup-TIME, synced; name in ret_name. */
[[nodiscard]] enum rc backup_make(const char *path, int64_t now_us,
    struct arena *arena, struct str *ret_name, char error[STORE_ERROR_SIZE]);

/* The file and what lies around it (files.c) */
struct files {
    char *path; /* resolved */
    int lock_fd;
    bool read_only;
};

[[nodiscard]] enum rc files_prepare(
    const char *path, struct files *ret, char error[STORE_ERROR_SIZE]);
void files_release(struct files *f);

/* All of it in order; *ret_mode is how readers are to open the file. */
[[nodiscard]] enum rc schema_prepare(const struct files *files, int busy_ms,
    int64_t now_us, enum db_mode *ret_mode, char error[STORE_ERROR_SIZE]);

/* Verbs */
typedef enum rc verb_fn(struct db *db, struct store_op *op);

verb_fn verb_add_turn, verb_regenerate, verb_finish_reply,
    verb_record_message; /* turns.c */
verb_fn verb_append_events, verb_read_events, verb_purge,
    verb_recover; /* events.c */
verb_fn verb_load_context, verb_get_message, verb_list_sessions,
    verb_get_session;                                          /* read.c */
verb_fn verb_rate, verb_delete_session, verb_ping, verb_stats; /* verbs.c */
verb_fn verb_credential_put, verb_credential_get, verb_credential_delete,
    verb_credential_list; /* credentials.c */

/* Runs the operation's verb and sets its rc and error. */
void verb_run(struct db *db, struct store_op *op);

/* The text and reasoning that a reply's log holds, in arena. */
struct log_text {
    struct str content;
    struct str reasoning; /* absent when there is none */
    int64_t last_sequence;
};

enum rc log_collect(struct db *db, struct str message_id, struct arena *arena,
    struct log_text *ret);

/* Starts an empty log for a reply that begins (again). */
enum rc log_start(struct db *db, struct str message_id);

/* Appends to the log of a streaming reply; counts what it drops. */
enum rc log_append(struct db *db, const struct store_event *events,
    size_t count, size_t *ret_dropped);

/* Marks the log as ended: it takes no more and may be purged later. */
enum rc log_finish(struct db *db, struct str message_id, int64_t now_us);

#endif
