#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/mem.h"
#include "store/sqlite/store_sqlite.h"

#include "admin/admin_int.h"

static char *joined(const char *a, const char *b)
{
    struct arena *arena = arena_new();
    char *copy = mem_dup_str(arena_printf(arena, "%s%s", a, b));
    arena_free(arena);
    return copy;
}

static enum rc explain(const char *name)
{
    int number = errno;
    admin_fail(name, strerror(number));
    return number == ENOSPC || number == EDQUOT || number == EFBIG ? RC_FULL
                                                                   : RC_IO;
}

enum rc new_file_begin(
    const char *name, bool force, bool make, struct new_file *ret)
{
    struct stat st;
    if (!force && lstat(name, &st) == 0) {
        admin_fail(name, "is there already; --force replaces it");
        return RC_CONFLICT;
    }
    if (store_sqlite_served(name)) {
        admin_fail(name, "is the database of a server that runs");
        return RC_CONFLICT;
    }
    struct new_file f = {
        .name = joined(name, ""), .part = joined(name, ".part"), .fd = -1};
    unlink(f.part); /* what an interrupted run has left */
    if (make) {
        f.fd = open(f.part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (f.fd < 0) {
            enum rc rc = explain(f.part);
            mem_free(f.name);
            mem_free(f.part);
            return rc;
        }
    }
    *ret = f;
    return RC_OK;
}

enum rc new_file_standard_output(struct new_file *ret)
{
    *ret = (struct new_file){.fd = STDOUT_FILENO};
    return RC_OK;
}

enum rc new_file_write(struct new_file *f, struct str text)
{
    while (text.n > 0) {
        ssize_t n = write(f->fd, text.p, text.n);
        if (n < 0 && errno != EINTR)
            return explain(f->part != NULL ? f->part : "standard output");
        if (n > 0)
            text = str_sub(text, (size_t)n, text.n);
    }
    return RC_OK;
}

/* The name in its directory reaches the disk. */
static bool sync_directory(const char *name)
{
    char *directory = joined(name, "");
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

static bool sync_file(const struct new_file *f)
{
    int fd = f->fd >= 0 ? f->fd : open(f->part, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (f->fd < 0 && fd >= 0)
        close(fd);
    return ok;
}

static void release(struct new_file *f)
{
    if (f->fd >= 0 && f->part != NULL)
        close(f->fd);
    mem_free(f->name);
    mem_free(f->part);
    *f = (struct new_file){.fd = -1};
}

enum rc new_file_commit(struct new_file *f, bool force)
{
    unsigned flags = force ? 0 : RENAME_NOREPLACE;
    if (f->part == NULL) {
        release(f);
        return RC_OK;
    }
    bool ok = sync_file(f) &&
              renameat2(AT_FDCWD, f->part, AT_FDCWD, f->name, flags) == 0;
    if (!ok && errno == EINVAL) /* a file system without that flag */
        ok = rename(f->part, f->name) == 0;
    if (!ok || !sync_directory(f->name)) {
        enum rc rc = explain(f->name);
        new_file_drop(f);
        return rc;
    }
    release(f);
    return RC_OK;
}

void new_file_drop(struct new_file *f)
{
    if (f->part != NULL)
        unlink(f->part);
    release(f);
}

char *temporary_name(void)
{
    char id[ID_SIZE];
    const char *directory = getenv("TMPDIR");
    struct arena *arena = arena_new();
    id_new(id);
    if (directory == NULL || directory[0] == '\0')
        directory = "/var/tmp";
    char *name = mem_dup_str(
        arena_printf(arena, "%s/databricks-chatbot-%s.db", directory, id));
    arena_free(arena);
    return name;
}

void remove_database(const char *path)
{
    static const char *const beside[] = {
        "", "-wal", "-shm", "-events", ".lock"};
    for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
        char *name = joined(path, beside[i]);
        unlink(name);
        mem_free(name);
    }
}

void stamp_now(char ret[STAMP_SIZE])
{
    time_t now = (time_t)(clock_wall_us(clock_system()) / 1000000);
    struct tm tm;
    ret[0] = '\0';
    if (gmtime_r(&now, &tm) != NULL)
        strftime(ret, STAMP_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}
