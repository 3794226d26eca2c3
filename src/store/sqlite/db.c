#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/timestamp.h"

#include "store/sqlite/sqlite_int.h"

/* Errors of the file system carry more in errno than in SQLite's code. */
static enum rc rc_from_io(int system_errno)
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
    int number = sqlite3_system_errno(db->h);
    for (size_t i = 0; number == 0 && i < 2; i++) {
        sqlite3_file *file = NULL;
        sqlite3_file_control(db->h, "main", files[i], &file);
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
            sqlite3_extended_errcode(db->h) == code ? sqlite3_errmsg(db->h)
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
    sqlite3_limit(db->h, SQLITE_LIMIT_LENGTH, DB_MAX_VALUE + (1 << 20));
    sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int code = sqlite3_busy_timeout(db->h, busy_ms);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db->h,
            "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0;"
            "PRAGMA temp_store = MEMORY",
            NULL, NULL, NULL);
    if (code == SQLITE_OK && mode != DB_WRITE)
        code = sqlite3_exec(db->h, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return db_result(db, code);
}

enum rc db_open(const char *path, enum db_mode mode, int busy_ms,
    struct db **ret, char error[STORE_ERROR_SIZE])
{
    struct db *db = MEM_NEW(struct db);
    enum rc rc = RC_NO_MEMORY;
    int code = open_handle(path, mode, &db->h);
    if (db->h != NULL)
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
    for (size_t i = 0; i < db->cached; i++)
        sqlite3_finalize(db->cache[i].stmt);
    sqlite3_close(db->h);
    mem_free(db);
}

/* The prepared form of sql, from the cache or put there. */
static int cached_statement(struct db *db, const char *sql, sqlite3_stmt **ret)
{
    for (size_t i = 0; i < db->cached; i++) {
        if (db->cache[i].sql == sql) {
            *ret = db->cache[i].stmt;
            return SQLITE_OK;
        }
    }
    assert(db->cached < DB_MAX_STATEMENTS);
    int code = sqlite3_prepare_v3(
        db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);
    if (code == SQLITE_OK) {
        db->cache[db->cached].sql = sql;
        db->cache[db->cached++].stmt = *ret;
    }
    return code;
}

struct query query_start(struct db *db, const char *sql)
{
    struct query q = {.db = db};
    q.code = cached_statement(db, sql, &q.stmt);
    return q;
}

void query_text(struct query *q, struct str s)
{
    if (q->code != SQLITE_OK)
        return;
    int at = ++q->bound;
    if (s.p == NULL)
        q->code = sqlite3_bind_null(q->stmt, at);
    else if (s.n > DB_MAX_VALUE)
        q->code = SQLITE_TOOBIG;
    else
        q->code = sqlite3_bind_text64(
            q->stmt, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
}

void query_given(struct query *q, struct str s)
{
    query_text(q, s.p == NULL ? STR("") : s);
}

void query_int(struct query *q, int64_t n)
{
    if (q->code == SQLITE_OK)
        q->code = sqlite3_bind_int64(q->stmt, ++q->bound, n);
}

void query_time(struct query *q, int64_t wall_us, char buf[])
{
    timestamp_format(wall_us, buf);
    query_text(q, str_from_c(buf));
}

bool query_row(struct query *q)
{
    if (q->code != SQLITE_OK && q->code != SQLITE_ROW)
        return false;
    q->code = sqlite3_step(q->stmt);
    return q->code == SQLITE_ROW;
}

enum rc query_end(struct query *q)
{
    enum rc rc = db_result(q->db, q->code);
    if (q->stmt != NULL) {
        sqlite3_reset(q->stmt);
        sqlite3_clear_bindings(q->stmt);
    }
    return rc;
}

enum rc query_run(struct query *q)
{
    while (query_row(q))
        ;
    return query_end(q);
}

enum rc db_run(struct db *db, const char *sql)
{
    struct query q = query_start(db, sql);
    return query_run(&q);
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->h);
}

int64_t query_col_int(const struct query *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

struct str query_col_view(const struct query *q, int column)
{
    const void *p = sqlite3_column_text(q->stmt, column);
    int n = sqlite3_column_bytes(q->stmt, column);
    return (struct str){p, p == NULL ? 0 : (size_t)n};
}

struct str query_col_text(
    const struct query *q, int column, struct arena *arena)
{
    struct str view = query_col_view(q, column);
    return view.p == NULL ? view : arena_str(arena, view);
}

int64_t sqlite_time(struct str text)
{
    int64_t us = 0;
    double number = 0;
    if (timestamp_parse(str_trim(text), &us) == RC_OK)
        return us;
    if (num_parse_double(str_trim(text), &number) != RC_OK || number < 0)
        return 0;
    if (number < 1e11) /* seconds, as time.time() gives them */
        return (int64_t)(number * 1e6);
    return number < 1e14 ? (int64_t)(number * 1e3) : 0;
}

int64_t query_col_time(const struct query *q, int column)
{
    return sqlite_time(query_col_view(q, column));
}

void *array_grow(struct arena *arena, void *items, size_t count, size_t size)
{
    if (count != 0 && (count < 16 || (count & (count - 1)) != 0))
        return items;
    void *bigger = arena_alloc(arena, (count == 0 ? 16 : 2 * count) * size);
    if (count > 0)
        memcpy(bigger, items, count * size);
    return bigger;
}
