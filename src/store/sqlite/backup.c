#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#include "store/sqlite/event_file.h"
#include "store/sqlite/event_log.h"
#include "store/sqlite/sqlite_int.h"
#include "store/sqlite/store_sqlite.h"

/* PATH.backup-20260102T030405Z, with -2, -3... when that is taken. */
static struct str backup_name(
    struct arena *arena, const char *path, int64_t now_us, int attempt)
{
    time_t now = (time_t)(now_us / 1000000);
    struct tm tm;
    char stamp[32] = "";
    if (gmtime_r(&now, &tm) != NULL)
        strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    struct str name = arena_printf(arena, "%s.backup-%s", path, stamp);
    return attempt < 2 ? name : arena_printf(arena, "%s-%d", name.p, attempt);
}

/* Makes the empty file, so that no existing one is ever overwritten. */
static int create_new(
    const char *path, int64_t now_us, struct arena *arena, struct str *ret_name)
{
    for (int attempt = 1; attempt < 100; attempt++) {
        *ret_name = backup_name(arena, path, now_us, attempt);
        int fd = open(ret_name->p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

enum { STEP_PAGES = 256, MAX_WAITS = 60 };

/*
 * Copies every page of the source. A transaction holds the state that is
 * copied where there is a write-ahead log; where there is none it would hold
 * up who writes, so pages are then copied a few at a time, and from the
 * beginning after somebody has written.
 */
static enum rc copy_pages(struct db *from, struct db *to)
{
    int code = SQLITE_OK;
    sqlite3_backup *backup =
        sqlite3_backup_init(db_handle(to), "main", db_handle(from), "main");
    if (backup == NULL)
        return db_result(to, sqlite3_errcode(db_handle(to)));
    for (int waits = 0; waits < MAX_WAITS;) {
        code = sqlite3_backup_step(backup, STEP_PAGES);
        bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
        if (code != SQLITE_OK && !busy)
            break;
        waits += busy; /* each of them as long as the time-out */
    }
    int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE)
        return db_result(to, finished);
    return db_result(to, code);
}

static const struct sql SQL_JOURNAL = SQL("PRAGMA journal_mode");
static const struct sql SQL_FIRST_TABLE =
    SQL("SELECT count(*) FROM sqlite_master");

/* Begins to read one state of a database that has a write-ahead log. */
static enum rc hold_state(struct db *db)
{
    bool wal = false;
    struct query q = query_start(db, &SQL_JOURNAL);
    if (query_row(&q))
        wal = str_eq(query_col_view(&q, 0), STR("wal"));
    enum rc rc = query_end(&q);
    if (rc == RC_OK && wal)
        rc = db_run(db, &DB_BEGIN);
    if (rc == RC_OK && wal)
        rc = db_run(db, &SQL_FIRST_TABLE);
    return rc;
}

static enum rc copy_to(
    const char *path, const char *name, char error[STORE_ERROR_SIZE])
{
    struct db *from = NULL, *to = NULL;
    enum rc rc = db_open(path, DB_READ, 5000, &from, error);
    if (rc == RC_OK)
        rc = db_open(name, DB_WRITE, 0, &to, error);
    if (rc == RC_OK)
        rc = hold_state(from);
    if (rc != RC_OK && from != NULL && to != NULL)
        memcpy(error, from->error, STORE_ERROR_SIZE);
    if (rc == RC_OK) {
        rc = copy_pages(from, to);
        if (rc != RC_OK)
            memcpy(error, to->error, STORE_ERROR_SIZE);
    }
    db_close(to);
    db_close(from);
    return rc;
}

/* Puts the events of replies that ran into the copy of their database. */
static enum rc add_events(
    struct str records, const char *to, char error[STORE_ERROR_SIZE])
{
    struct db *db = NULL;
    enum rc rc = db_open(to, DB_WRITE, 0, &db, error);
    if (rc != RC_OK)
        return rc;
    rc = db_run(db, &DB_BEGIN_TO_WRITE);
    if (rc == RC_OK)
        rc = event_log_restore(records, db);
    if (rc == RC_OK)
        rc = db_run(db, &DB_COMMIT);
    if (rc != RC_OK)
        memcpy(error, db->error, STORE_ERROR_SIZE);
    db_close(db);
    return rc;
}

/*
 * The events are read first: those that go into the database meanwhile are
 * then in both, and are taken once.
 */
static enum rc copy_with_events(
    const char *from, const char *to, char error[STORE_ERROR_SIZE])
{
    struct buf records;
    enum rc rc = event_file_read(from, &records);
    if (rc != RC_OK) {
        store_error_set(error, "cannot read %.120s-events", from);
        return rc;
    }
    rc = copy_to(from, to, error);
    if (rc == RC_OK && records.n > 0)
        rc = add_events(buf_str(&records), to, error);
    buf_release(&records);
    return rc;
}

enum rc store_sqlite_copy(
    const char *from, const char *to, char error[STORE_ERROR_SIZE])
{
    int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        int number = errno;
        store_error_set(error, "cannot make %.120s: %s", to, strerror(number));
        return number == EEXIST   ? RC_CONFLICT
               : number == ENOSPC ? RC_FULL
                                  : RC_IO;
    }
    enum rc rc = copy_with_events(from, to, error);
    if (rc == RC_OK && !(fsync(fd) == 0 && sync_folder(to))) {
        store_error_set(error, "%s", strerror(errno));
        rc = RC_IO;
    }
    close(fd);
    if (rc != RC_OK)
        unlink(to);
    return rc;
}

static const struct sql SQL_SEAL = SQL("PRAGMA journal_mode = DELETE");

enum rc store_sqlite_seal(const char *path, char error[STORE_ERROR_SIZE])
{
    struct db *db = NULL;
    enum rc rc = db_open(path, DB_WRITE, 5000, &db, error);
    if (rc != RC_OK)
        return rc;
    rc = db_run(db, &SQL_SEAL);
    if (rc != RC_OK)
        memcpy(error, db->error, STORE_ERROR_SIZE);
    db_close(db);
    return rc;
}

static const struct sql SQL_INTEGRITY = SQL("PRAGMA integrity_check(1)");

enum rc store_sqlite_verify(const char *path, char error[STORE_ERROR_SIZE])
{
    struct db *db = NULL;
    bool sound = false;
    enum rc rc = db_open(path, DB_READ, 5000, &db, error);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &SQL_INTEGRITY);
    if (query_row(&q)) {
        struct str answer = query_col_view(&q, 0);
        sound = str_eq(answer, STR("ok"));
        store_error_set(error, "%.*s", STR_ARG(answer));
    }
    rc = query_end(&q);
    if (rc != RC_OK)
        memcpy(error, db->error, STORE_ERROR_SIZE);
    db_close(db);
    return rc == RC_OK && !sound ? RC_CORRUPT : rc;
}

enum rc backup_make(const char *path, int64_t now_us, struct arena *arena,
    struct str *ret_name, char error[STORE_ERROR_SIZE])
{
    struct str name = {0};
    char reason[STORE_ERROR_SIZE] = "";
    int fd = create_new(path, now_us, arena, &name);
    enum rc rc = fd >= 0 ? RC_OK : errno == ENOSPC ? RC_FULL : RC_READ_ONLY;
    if (fd < 0)
        store_error_set(reason, "%s", strerror(errno));
    if (rc == RC_OK)
        rc = copy_to(path, name.p, reason);
    if (rc == RC_OK && !(fsync(fd) == 0 && sync_folder(name.p))) {
        store_error_set(reason, "%s", strerror(errno));
        rc = RC_IO;
    }
    if (fd >= 0)
        close(fd);
    if (rc == RC_OK) {
        *ret_name = name;
        return RC_OK;
    }
    if (fd >= 0)
        unlink(name.p);
    store_error_set(
        error, "cannot make a backup copy before the upgrade: %.120s", reason);
    return rc;
}
