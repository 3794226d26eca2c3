#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#include "store/sqlite/sqlite_int.h"

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

/* Copies every page of the source in one step. */
static enum rc copy_pages(struct db *from, struct db *to)
{
    sqlite3_backup *backup =
        sqlite3_backup_init(db_handle(to), "main", db_handle(from), "main");
    if (backup == NULL)
        return db_result(to, sqlite3_errcode(db_handle(to)));
    int code = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE)
        return db_result(to, finished);
    return db_result(to, code);
}

static enum rc copy_to(
    const char *path, const char *name, char error[STORE_ERROR_SIZE])
{
    struct db *from = NULL, *to = NULL;
    enum rc rc = db_open(path, DB_READ, 5000, &from, error);
    if (rc == RC_OK)
        rc = db_open(name, DB_WRITE, 0, &to, error);
    if (rc == RC_OK) {
        rc = copy_pages(from, to);
        if (rc != RC_OK)
            memcpy(error, to->error, STORE_ERROR_SIZE);
    }
    db_close(to);
    db_close(from);
    return rc;
}

/* The copy and its name in the directory reach the disk. */
static bool sync_copy(int fd, const char *name)
{
    if (fsync(fd) != 0)
        return false;
    char *directory = mem_dup_str(str_from_c(name));
    char *slash = strrchr(directory, '/');
    if (slash != NULL)
        slash[slash == directory] = '\0';
    int dir_fd = open(
        slash != NULL ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = dir_fd >= 0 && fsync(dir_fd) == 0;
    if (dir_fd >= 0)
        close(dir_fd);
    mem_free(directory);
    return ok;
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
    if (rc == RC_OK && !sync_copy(fd, name.p)) {
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
