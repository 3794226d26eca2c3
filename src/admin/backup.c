#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/sqlite/store_sqlite.h"

#include "admin/admin_int.h"

enum rc settle(struct place *p)
{
    struct store_op *op = place_op(p, STORE_RECOVER, STR(""));
    op->recover.at_start = true;
    op->recover.now_us = loop_wall_us(p->loop);
    enum rc rc = place_run(p, op);
    if (rc != RC_OK)
        admin_fail_op("cannot end the replies under way in the copy", op);
    store_op_free(op);
    return rc;
}

enum rc private_copy(const char *from, const char *to)
{
    char error[STORE_ERROR_SIZE] = "";
    struct place copy = {0};
    enum rc rc = store_sqlite_copy(from, to, error);
    if (rc == RC_OK)
        rc = store_sqlite_verify(to, error);
    if (rc != RC_OK)
        admin_fail(from, error);
    if (rc == RC_OK)
        rc = place_open_file(to, PLACE_COPY, &copy);
    if (rc == RC_OK)
        rc = settle(&copy);
    place_close(&copy);
    return rc;
}

/* The rows of PostgreSQL in a new file. */
static enum rc copy_rows(
    const struct admin_database *database, const char *part)
{
    struct place from = {0}, to = {0};
    enum rc rc = place_open(database, PLACE_STATE, &from);
    if (rc == RC_OK)
        rc = place_open_file(part, PLACE_OWNED, &to);
    if (rc == RC_OK)
        rc = copy_tables(&from, &to);
    if (rc == RC_OK)
        rc = settle(&to);
    place_close(&to);
    place_close(&from);
    return rc;
}

/* A database that a server has not brought up to date is left to it. */
static enum rc copy_file(const char *path, const char *part)
{
    struct place from = {0};
    enum rc rc = place_open_file(path, PLACE_TOOL, &from);
    place_close(&from);
    return rc == RC_OK ? private_copy(path, part) : rc;
}

static enum rc make(const struct admin_call *call, const char *name)
{
    char error[STORE_ERROR_SIZE] = "";
    struct new_file file;
    bool force = call->args.force;
    enum rc rc = new_file_begin(name, force, false, &file);
    if (rc != RC_OK)
        return rc;
    remove_database(file.part);
    rc = call->database.postgres ? copy_rows(&call->database, file.part)
                                 : copy_file(call->database.path, file.part);
    if (rc == RC_OK) {
        rc = store_sqlite_seal(file.part, error);
        if (rc == RC_OK)
            rc = store_sqlite_verify(file.part, error);
        if (rc != RC_OK)
            admin_fail("the copy is not sound", error);
    }
    char *part = mem_dup_str(str_from_c(file.part));
    if (rc == RC_OK)
        rc = new_file_commit(&file, force);
    remove_database(part); /* what lies beside it; all of it on failure */
    mem_free(part);
    new_file_drop(&file);
    return rc;
}

/* Whether a name is that of the database itself. */
static bool is_source(const struct admin_call *call, const char *name)
{
    struct stat source, target;
    return !call->database.postgres && stat(name, &target) == 0 &&
           stat(call->database.path, &source) == 0 &&
           source.st_dev == target.st_dev && source.st_ino == target.st_ino;
}

int admin_backup(const struct admin_call *call)
{
    char name[sizeof("chat-backup-.db") + STAMP_SIZE], stamp[STAMP_SIZE];
    stamp_now(stamp);
    snprintf(name, sizeof(name), "chat-backup-%s.db", stamp);
    const char *to = call->args.to == NULL ? name : call->args.to;
    if (is_source(call, to))
        return admin_misuse("this is the database itself; name another file");
    if (make(call, to) != RC_OK)
        return ADMIN_FAILED;
    admin_say("The history of %s is in %s, checked.", call->database.shown, to);
    return ADMIN_DONE;
}
