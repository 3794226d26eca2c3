#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"

#include "store/sqlite/sqlite_int.h"

/* One connection, used by one thread, with its prepared statements. */
struct sqlite_db {
    struct db db;
    sqlite3 *h;
    struct sql_index index;
    sqlite3_stmt *statements[SQL_MAX_STATEMENTS];
};

static struct sqlite_db *sqlite_of(const struct db *db)
{
    return (struct sqlite_db *)((uintptr_t)db - offsetof(struct sqlite_db, db));
}

sqlite3 *db_handle(const struct db *db)
{
    return sqlite_of(db)->h;
}

const struct sql DB_BEGIN = SQL("BEGIN");
const struct sql DB_BEGIN_TO_WRITE = SQL("BEGIN IMMEDIATE");
const struct sql DB_COMMIT = SQL("COMMIT");
const struct sql DB_ROLLBACK = SQL("ROLLBACK");
const struct sql DB_SYNC_FULL = SQL("PRAGMA synchronous = FULL");
const struct sql DB_SYNC_NORMAL = SQL("PRAGMA synchronous = NORMAL");
const struct sql DB_WIPE = SQL("PRAGMA secure_delete = ON");
const struct sql DB_NO_WIPE = SQL("PRAGMA secure_delete = FAST");

/* Errors of the file system carry more in errno than in SQLite's code. */
enum rc rc_from_io(int system_errno)
{
    switch (system_errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return RC_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
        return RC_READ_ONLY;
    default:
        return RC_IO;
    }
}

static enum rc rc_from_sqlite(int code, int system_errno)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return RC_OK;
    case SQLITE_FULL:
        return RC_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return RC_READ_ONLY;
    case SQLITE_CANTOPEN:
        if (system_errno == EMFILE || system_errno == ENFILE)
            return RC_IO;
        return rc_from_io(system_errno) == RC_FULL ? RC_FULL : RC_READ_ONLY;
    case SQLITE_IOERR:
        return rc_from_io(system_errno);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return RC_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return RC_BUSY;
    case SQLITE_TOOBIG:
        return RC_TOO_LARGE;
    case SQLITE_NOMEM:
        return RC_NO_MEMORY;
    case SQLITE_CONSTRAINT:
        return RC_CONFLICT;
    default:
        return RC_INTERNAL;
    }
}

/*
 * What the system said to the last failure. A failed commit does not reach
 * sqlite3_system_errno(), but the file that failed remembers it.
 */
static int last_errno(const struct db *db)
{
    static const int files[] = {
        SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};
    int number = sqlite3_system_errno(db_handle(db));
    for (size_t i = 0; number == 0 && i < 2; i++) {
        sqlite3_file *file = NULL;
        sqlite3_file_control(db_handle(db), "main", files[i], &file);
        if (file != NULL && file->pMethods != NULL)
            file->pMethods->xFileControl(
                file, SQLITE_FCNTL_LAST_ERRNO, &number);
    }
    return number;
}

enum rc db_result(struct db *db, int code)
{
    enum rc rc = rc_from_sqlite(code, 0);
    if (rc == RC_IO || (code & 0xff) == SQLITE_CANTOPEN)
        rc = rc_from_sqlite(code, last_errno(db));
    if (rc != RC_OK)
        store_error_set(db->error, "SQLite: %s (%d)",
            sqlite3_extended_errcode(db_handle(db)) == code
                ? sqlite3_errmsg(db_handle(db))
                : sqlite3_errstr(code),
            code);
    return rc;
}

/* The name for SQLite's URI form: what has a meaning there is escaped. */
static struct str frozen_uri(struct arena *arena, const char *path)
{
    struct buf b;
    buf_init(&b, 3 * strlen(path) + 64);
    buf_append(&b, STR("file:"));
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == '%' || *p == '?' || *p == '#')
            buf_printf(&b, "%%%02X", (unsigned char)*p);
        else
            buf_append_char(&b, *p);
    }
    buf_append(&b, STR("?immutable=1"));
    struct str uri = arena_str(arena, buf_str(&b));
    buf_release(&b);
    return uri;
}

static int open_handle(const char *path, enum db_mode mode, sqlite3 **ret)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == DB_WRITE)
        return sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_READWRITE, NULL);
    if (mode == DB_READ)
        return sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_READONLY, NULL);
    struct arena *arena = arena_new();
    int code = sqlite3_open_v2(frozen_uri(arena, path).p, ret,
        flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    arena_free(arena);
    return code;
}

/* Settings of every connection; those of the writer come with the journal. */
static enum rc configure(struct db *db, enum db_mode mode, int busy_ms)
{
    sqlite3_limit(
        db_handle(db), SQLITE_LIMIT_LENGTH, SQL_MAX_VALUE + (1 << 20));
    /* The writer's triggers use FTS5, which is safe but not yet marked so. */
    sqlite3_db_config(
        db_handle(db), SQLITE_DBCONFIG_TRUSTED_SCHEMA, mode == DB_WRITE, NULL);
    sqlite3_db_config(db_handle(db), SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int code = sqlite3_busy_timeout(db_handle(db), busy_ms);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db_handle(db),
            "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0;"
            "PRAGMA temp_store = MEMORY",
            NULL, NULL, NULL);
    if (code == SQLITE_OK && mode != DB_WRITE)
        code = sqlite3_exec(
            db_handle(db), "PRAGMA query_only = ON", NULL, NULL, NULL);
    return db_result(db, code);
}

/* The statement with ?1, ?2... for $1, $2... */
static char *in_dialect(const struct sql *sql)
{
    char *text = mem_dup_str(str_from_c(sql->sqlite));
    for (char *p = text; *p != '\0'; p++)
        if (p[0] == '$' && p[1] >= '1' && p[1] <= '9')
            *p = '?';
    return text;
}

/* The prepared form of a statement, from the cache or put there. */
static int prepared(
    struct sqlite_db *s, const struct sql *sql, sqlite3_stmt **ret)
{
    int at = sql_index(&s->index, sql), code = SQLITE_OK;
    if (s->statements[at] == NULL) {
        char *text = in_dialect(sql);
        code = sqlite3_prepare_v3(s->h, text, -1, SQLITE_PREPARE_PERSISTENT,
            &s->statements[at], NULL);
        mem_free(text);
    }
    *ret = s->statements[at];
    return code;
}

static int bind_value(
    sqlite3_stmt *statement, int at, const struct sql_value *value)
{
    switch (value->type) {
    case SQL_INT:
        return sqlite3_bind_int64(statement, at, value->number);
    case SQL_TEXT:
        return sqlite3_bind_text64(statement, at, value->text.p, value->text.n,
            SQLITE_STATIC, SQLITE_UTF8);
    case SQL_NULL:
        break;
    }
    return sqlite3_bind_null(statement, at);
}

/* Prepares and binds; a statement may leave out its last parameters. */
static int begin(struct query *q)
{
    sqlite3_stmt *statement = NULL;
    q->running = true;
    int code = prepared(sqlite_of(q->db), q->sql, &statement);
    if (code != SQLITE_OK)
        return code;
    q->handle = statement;
    int count = sqlite3_bind_parameter_count(statement);
    for (int i = 0; code == SQLITE_OK && i < q->count && i < count; i++)
        code = bind_value(statement, i + 1, &q->values[i]);
    return code;
}

static bool driver_row(struct query *q)
{
    if (!q->running)
        q->code = begin(q);
    else if (q->code != SQLITE_ROW)
        return false;
    if (q->code == SQLITE_OK || q->code == SQLITE_ROW)
        q->code = sqlite3_step(q->handle);
    q->rc = db_result(q->db, q->code);
    return q->code == SQLITE_ROW;
}

static void driver_end(struct query *q)
{
    sqlite3_reset(q->handle);
    if (q->handle != NULL)
        sqlite3_clear_bindings(q->handle);
    q->handle = NULL;
}

static enum rc driver_run(struct query *q, int64_t *ret_changed)
{
    while (driver_row(q))
        ;
    if (q->rc == RC_OK)
        *ret_changed = sqlite3_changes64(db_handle(q->db));
    return q->rc;
}

/* There is nothing to wait for. */
static enum rc driver_defer(struct query *q, size_t *dropped)
{
    int64_t changed = 0;
    enum rc rc = driver_run(q, &changed);
    if (rc == RC_OK && dropped != NULL)
        *dropped += changed == 0;
    return rc;
}

static enum rc driver_settle(struct db *db)
{
    (void)db;
    return RC_OK;
}

static bool driver_col_null(const struct query *q, int column)
{
    return sqlite3_column_type(q->handle, column) == SQLITE_NULL;
}

static int64_t driver_col_int(const struct query *q, int column)
{
    return sqlite3_column_int64(q->handle, column);
}

static struct str driver_col_view(const struct query *q, int column)
{
    const void *p = sqlite3_column_text(q->handle, column);
    int n = sqlite3_column_bytes(q->handle, column);
    return (struct str){p, p == NULL ? 0 : (size_t)n};
}

static const struct sql_driver driver = {
    .row = driver_row,
    .end = driver_end,
    .run = driver_run,
    .defer = driver_defer,
    .settle = driver_settle,
    .col_null = driver_col_null,
    .col_int = driver_col_int,
    .col_view = driver_col_view,
};

/* Nobody asks SQLite how much it has: its threads need no lock to count. */
static void set_up_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum rc db_open(const char *path, enum db_mode mode, int busy_ms,
    struct db **ret, char error[STORE_ERROR_SIZE])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_library);
    struct sqlite_db *s = MEM_NEW(struct sqlite_db);
    struct db *db = &s->db;
    db->driver = &driver;
    db->node = "";
    enum rc rc = RC_NO_MEMORY;
    int code = open_handle(path, mode, &s->h);
    if (s->h != NULL)
        rc = db_result(db, code);
    if (rc == RC_OK)
        rc = configure(db, mode, busy_ms);
    if (rc == RC_OK) {
        *ret = db;
        return RC_OK;
    }
    memcpy(error, db->error, STORE_ERROR_SIZE);
    db_close(db);
    return rc;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    struct sqlite_db *s = sqlite_of(db);
    for (int i = 0; i < s->index.count; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->h);
    mem_free(s);
}
