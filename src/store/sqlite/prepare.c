#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sql/schema.h"
#include "telemetry/log.h"

#include "store/sqlite/sqlite_int.h"

/* Brings a database file to today's schema before the store uses it. */

/* Closes a step: COMMIT when all went well, else ROLLBACK. */
static enum rc end_transaction(
    struct db *db, enum rc rc, char error[STORE_ERROR_SIZE])
{
    if (rc == RC_OK)
        rc = db_run(db, &DB_COMMIT);
    if (rc == RC_OK)
        return RC_OK;
    if (error[0] == '\0')
        memcpy(error, db->error, STORE_ERROR_SIZE);
    if (!sqlite3_get_autocommit(db_handle(db)))
        (void)db_run(db, &DB_ROLLBACK);
    return rc;
}

static const struct sql SQL_NO_FOREIGN_KEYS = SQL("PRAGMA foreign_keys = OFF");
static const struct sql SQL_JOURNAL = SQL("PRAGMA journal_mode = WAL");

/*
 * Has an effect on a new file only. A commit writes whole pages, and a turn
 * touches some fifty trees' leaves: smaller ones write half as much, for a
 * fifth more time to read.
 */
static const struct sql SQL_SMALL_PAGES = SQL("PRAGMA page_size = 1024");

/* Room to work in: an upgrade touches every row. */
static const struct sql SQL_LARGE_CACHE = SQL("PRAGMA cache_size = -131072");

/*
 * The backup is made while this connection holds the right to write, so that
 * the copy is what the upgrade begins with.
 */
static enum rc upgrade(struct db *db, const struct files *files,
    const struct schema_state *state, int64_t now_us,
    char error[STORE_ERROR_SIZE])
{
    struct arena *arena = arena_new();
    struct str backup = {0};
    bool keeps = state->has_tables && !files->is_copy;
    if (keeps)
        log_info("Upgrading the database; a large one takes a while.",
            LOG_CSTR("database", files->path));
    enum rc rc = db_run(db, &SQL_NO_FOREIGN_KEYS);
    if (rc == RC_OK)
        rc = db_run(db, &SQL_LARGE_CACHE);
    if (rc == RC_OK)
        rc = db_run(db, &DB_BEGIN_TO_WRITE);
    if (rc == RC_OK && keeps)
        rc = backup_make(files->path, now_us, arena, &backup, error);
    if (rc == RC_OK)
        rc = schema_migrate(db, state->version, now_us);
    rc = end_transaction(db, rc, error);
    if (rc == RC_OK && keeps)
        log_info("The database was upgraded; a copy of it as it was is kept.",
            LOG_CSTR("database", files->path), LOG_STR("copy", backup));
    arena_free(arena);
    return rc;
}

/* Takes in rows that the original wrote after the upgrade. */
static enum rc adopt(struct db *db, char error[STORE_ERROR_SIZE])
{
    bool needs = false;
    enum rc rc = schema_needs_adoption(db, &needs);
    if (rc == RC_OK && !needs)
        return RC_OK;
    if (rc == RC_OK)
        rc = db_run(db, &SQL_NO_FOREIGN_KEYS);
    if (rc == RC_OK)
        rc = db_run(db, &DB_BEGIN_TO_WRITE);
    if (rc == RC_OK)
        rc = schema_adopt_rows(db);
    return end_transaction(db, rc, error);
}

/* Turns the write-ahead log on; some file systems cannot have one. */
static enum rc set_journal(struct db *db, const char *path)
{
    bool wal = false;
    struct query q = query_start(db, &SQL_JOURNAL);
    if (query_row(&q))
        wal = str_eq(query_col_view(&q, 0), STR("wal"));
    enum rc rc = query_end(&q);
    if (rc == RC_OK && !wal)
        log_warn("This file system has no write-ahead log for SQLite: reading"
                 " will wait for writing.",
            LOG_CSTR("database", path));
    return rc;
}

/* Says what is wrong with a database that cannot be used as it is. */
static enum rc judge(const struct files *files, const struct schema_state *s,
    char error[STORE_ERROR_SIZE])
{
    if (s->version > SCHEMA_VERSION) {
        store_error_set(error,
            "the database %.80s was made by a newer version of this program"
            " (schema %" PRId64 ", known here: %d)",
            files->path, s->version, SCHEMA_VERSION);
        return RC_UNSUPPORTED;
    }
    if (s->is_foreign) {
        store_error_set(error,
            "the database %.80s belongs to another program: it has none of"
            " the tables of this one",
            files->path);
        return RC_UNSUPPORTED;
    }
    if (files->read_only && s->version < SCHEMA_VERSION) {
        store_error_set(error,
            "the database %.80s must be upgraded or created, but cannot be"
            " written",
            files->path);
        return RC_READ_ONLY;
    }
    return RC_OK;
}

/* True when the last process left commits that are not in the file yet. */
static bool has_log(const char *path)
{
    struct stat st;
    struct arena *arena = arena_new();
    struct str name = arena_printf(arena, "%s-wal", path);
    bool has = stat(name.p, &st) == 0 && st.st_size > 0;
    arena_free(arena);
    return has;
}

/*
 * Opens a file that cannot be written. Where even the small files beside it
 * cannot be made, SQLite is told that the file does not change.
 */
static enum rc open_unwritable(const struct files *files, int busy_ms,
    struct schema_state *ret_state, enum db_mode *ret_mode,
    char error[STORE_ERROR_SIZE])
{
    static const enum db_mode modes[] = {DB_READ, DB_READ_FROZEN};
    enum rc rc = RC_IO;
    for (size_t i = 0; i < 2; i++) {
        struct db *db = NULL;
        if (modes[i] == DB_READ_FROZEN && has_log(files->path))
            break;
        rc = db_open(files->path, modes[i], busy_ms, &db, error);
        if (rc == RC_OK) {
            rc = schema_inspect(db, ret_state);
            memcpy(error, db->error, STORE_ERROR_SIZE);
            db_close(db);
        }
        if (rc == RC_OK) {
            *ret_mode = modes[i];
            error[0] = '\0';
            return RC_OK;
        }
    }
    return rc;
}

/* The same for one that can: inspected, upgraded, journal set. */
static enum rc open_writable(const struct files *files, int busy_ms,
    int64_t now_us, char error[STORE_ERROR_SIZE])
{
    struct db *db = NULL;
    struct schema_state state = {0};
    enum rc rc = db_open(files->path, DB_WRITE, busy_ms, &db, error);
    if (rc != RC_OK)
        return rc;
    rc = schema_inspect(db, &state);
    if (rc == RC_OK)
        rc = judge(files, &state, error);
    if (rc == RC_OK && !state.has_tables)
        rc = db_run(db, &SQL_SMALL_PAGES);
    if (rc == RC_OK && state.version < SCHEMA_VERSION)
        rc = upgrade(db, files, &state, now_us, error);
    if (rc == RC_OK)
        rc = adopt(db, error);
    if (rc == RC_OK)
        rc = set_journal(db, files->path);
    if (rc != RC_OK && error[0] == '\0')
        memcpy(error, db->error, STORE_ERROR_SIZE);
    db_close(db);
    return rc;
}

/* A reader's own words around SQLite's. */
static void explain_open(
    const struct files *files, enum rc rc, char error[STORE_ERROR_SIZE])
{
    char reason[STORE_ERROR_SIZE];
    if (strncmp(error, "SQLite: ", 8) != 0)
        return;
    memcpy(reason, error, sizeof(reason));
    store_error_set(error, "cannot use the database %.80s: %.90s", files->path,
        rc == RC_CORRUPT ? "it is damaged or not an SQLite database" : reason);
}

enum rc schema_prepare(const struct files *files, int busy_ms, int64_t now_us,
    enum db_mode *ret_mode, char error[STORE_ERROR_SIZE])
{
    struct schema_state state = {0};
    enum rc rc;
    if (files->read_only) {
        rc = open_unwritable(files, busy_ms, &state, ret_mode, error);
        if (rc == RC_OK)
            rc = judge(files, &state, error);
        if (rc == RC_OK)
            log_warn("The database cannot be written: history can be read,"
                     " nothing can be stored.",
                LOG_CSTR("database", files->path));
    } else {
        rc = open_writable(files, busy_ms, now_us, error);
    }
    if (rc != RC_OK)
        explain_open(files, rc, error);
    return rc;
}

static enum rc judge_use(const struct files *files,
    const struct schema_state *state, bool rows, char error[STORE_ERROR_SIZE])
{
    enum rc rc = judge(files, state, error);
    if (rc != RC_OK)
        return rc;
    if (state->version == SCHEMA_VERSION && !rows)
        return RC_OK;
    store_error_set(error,
        "the database %.80s is not as this version keeps it (schema %" PRId64
        ", here %d%s): start the server with it once",
        files->path, state->version, SCHEMA_VERSION,
        rows ? ", and rows of the original application" : "");
    return RC_UNSUPPORTED;
}

enum rc schema_require(
    const struct files *files, int busy_ms, char error[STORE_ERROR_SIZE])
{
    struct db *db = NULL;
    struct schema_state state = {0};
    bool rows = false;
    enum rc rc = db_open(files->path, DB_READ, busy_ms, &db, error);
    if (rc == RC_OK) {
        rc = schema_inspect(db, &state);
        if (rc == RC_OK && state.version == SCHEMA_VERSION)
            rc = schema_needs_adoption(db, &rows);
        memcpy(error, db->error, STORE_ERROR_SIZE);
        db_close(db);
    }
    if (rc == RC_OK)
        return judge_use(files, &state, rows, error);
    explain_open(files, rc, error);
    return rc;
}
