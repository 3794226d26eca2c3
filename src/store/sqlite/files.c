#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#include "store/sqlite/sqlite_int.h"
#include "store/sqlite/store_sqlite.h"

enum { LOCK_MS = 20 };

/* One sentence about a path and why it does not work. */
static void explain(char error[STORE_ERROR_SIZE], const char *what,
    const char *path, const char *why)
{
    store_error_set(error, "%s %.110s: %.50s", what, path, why);
}

static enum rc rc_from_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return RC_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
        return RC_READ_ONLY;
    case EISDIR:
    case ENOTDIR:
    case ENOENT:
    case ENAMETOOLONG:
        return RC_INVALID;
    default:
        return RC_IO;
    }
}

/* Makes the file's directory when only that last step is missing. */
static enum rc make_directory(const char *path, char error[STORE_ERROR_SIZE])
{
    struct stat st;
    char *directory = mem_dup_str(str_from_c(path));
    char *slash = strrchr(directory, '/');
    enum rc rc = RC_OK;
    if (slash != NULL && slash != directory) {
        *slash = '\0';
        if (stat(directory, &st) != 0 && mkdir(directory, 0700) != 0) {
            int number = errno;
            rc = rc_from_errno(number);
            explain(error, "cannot make the directory of the database",
                directory,
                number == ENOENT ? "the directory above it does not exist"
                                 : strerror(number));
        }
    }
    mem_free(directory);
    return rc;
}

/* Sees that the database file is there, and whether it can be written. */
static enum rc make_file(
    const char *path, bool *ret_read_only, char error[STORE_ERROR_SIZE])
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int number = errno;
    if (fd < 0 && rc_from_errno(number) == RC_READ_ONLY) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        *ret_read_only = fd >= 0;
    }
    if (fd < 0) {
        explain(error, "cannot open the database", path, strerror(number));
        return rc_from_errno(number);
    }
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    close(fd);
    if (!regular) {
        explain(error, "cannot open the database", path,
            "it is not a regular file");
        return RC_INVALID;
    }
    return RC_OK;
}

/* Holds PATH.lock, so that one process at a time has the database. */
static enum rc take_lock(
    const char *path, int *ret_fd, char error[STORE_ERROR_SIZE])
{
    struct arena *arena = arena_new();
    struct str name = arena_printf(arena, "%s.lock", path);
    int fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int number = errno;
    arena_free(arena);
    if (fd < 0) {
        explain(error, "cannot lock the database", path, strerror(number));
        return rc_from_errno(number);
    }
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    /* A tool that looks whether somebody serves has it for a moment. */
    for (int i = 0; !locked && errno == EWOULDBLOCK && i < 5; i++) {
        poll(NULL, 0, LOCK_MS);
        locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    }
    if (!locked) {
        bool taken = errno == EWOULDBLOCK;
        explain(error, "cannot lock the database", path,
            taken ? "another process has it open" : strerror(errno));
        close(fd);
        return taken ? RC_CONFLICT : RC_IO;
    }
    *ret_fd = fd;
    return RC_OK;
}

enum rc files_prepare(
    const char *path, struct files *ret, char error[STORE_ERROR_SIZE])
{
    struct files f = {.lock_fd = -1};
    if (path == NULL || path[0] == '\0' || path[0] == ':') {
        explain(error, "this is no path of a database file", path ? path : "",
            "give the name of a file");
        return RC_INVALID;
    }
    enum rc rc = make_directory(path, error);
    if (rc != RC_OK)
        return rc;
    char *resolved = realpath(path, NULL);
    f.path = mem_dup_str(str_from_c(resolved != NULL ? resolved : path));
    free(resolved);
    /* The lock comes first: to open and close a file that this process has
       open already would give up SQLite's own locks on it. */
    rc = take_lock(f.path, &f.lock_fd, error);
    if (rc == RC_READ_ONLY) /* nor can anybody else write there */
        rc = RC_OK;
    if (rc == RC_OK)
        rc = make_file(f.path, &f.read_only, error);
    if (rc == RC_OK && f.lock_fd < 0)
        f.read_only = true;
    if (rc == RC_OK)
        *ret = f;
    else
        files_release(&f);
    return rc;
}

enum rc files_find(
    const char *path, struct files *ret, char error[STORE_ERROR_SIZE])
{
    struct stat st;
    struct files f = {.lock_fd = -1};
    if (path == NULL || stat(path, &st) != 0) {
        explain(error, "cannot open the database", path ? path : "",
            strerror(path ? errno : EINVAL));
        return RC_NOT_FOUND;
    }
    if (!S_ISREG(st.st_mode)) {
        explain(error, "cannot open the database", path,
            "it is not a regular file");
        return RC_INVALID;
    }
    char *resolved = realpath(path, NULL);
    f.path = mem_dup_str(str_from_c(resolved != NULL ? resolved : path));
    free(resolved);
    f.read_only = access(f.path, W_OK) != 0;
    *ret = f;
    return RC_OK;
}

bool store_sqlite_served(const char *path)
{
    struct arena *arena = arena_new();
    char *resolved = realpath(path, NULL);
    struct str name =
        arena_printf(arena, "%s.lock", resolved != NULL ? resolved : path);
    free(resolved);
    int fd = open(name.p, O_RDONLY | O_CLOEXEC);
    bool served =
        fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    arena_free(arena);
    return served;
}

bool sync_folder(const char *path)
{
    char *directory = mem_dup_str(str_from_c(path));
    char *slash = strrchr(directory, '/');
    if (slash != NULL)
        slash[slash == directory] = '\0';
    int fd = open(
        slash != NULL ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    mem_free(directory);
    return ok;
}

/* Renames PATH and what lies beside it, as far as it is there. */
static bool move_database(const char *from, const char *to)
{
    static const char *const beside[] = {"-wal", "-shm", "-events", ""};
    struct arena *arena = arena_new();
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof(beside) / sizeof(*beside); i++)
        ok = rename(arena_printf(arena, "%s%s", from, beside[i]).p,
                 arena_printf(arena, "%s%s", to, beside[i]).p) == 0 ||
             errno == ENOENT;
    arena_free(arena);
    return ok;
}

enum rc store_sqlite_replace(const char *path, const char *with,
    const char *kept, char error[STORE_ERROR_SIZE])
{
    int lock_fd = -1;
    char *resolved = realpath(path, NULL);
    if (resolved != NULL)
        path = resolved;
    enum rc rc = take_lock(path, &lock_fd, error);
    if (rc == RC_OK &&
        (!move_database(path, kept) || rename(with, path) != 0)) {
        explain(error, "cannot replace the database", path, strerror(errno));
        rc = RC_IO;
    }
    if (rc == RC_OK && !sync_folder(path)) {
        explain(error, "cannot sync the folder of", path, strerror(errno));
        rc = RC_IO;
    }
    if (lock_fd >= 0)
        close(lock_fd);
    free(resolved);
    return rc;
}

enum rc files_lock(struct files *f)
{
    char error[STORE_ERROR_SIZE];
    return take_lock(f->path, &f->lock_fd, error);
}

void files_unlock(struct files *f)
{
    close(f->lock_fd);
    f->lock_fd = -1;
}

void files_release(struct files *f)
{
    if (f->lock_fd >= 0)
        close(f->lock_fd);
    mem_free(f->path);
    *f = (struct files){.lock_fd = -1};
}
