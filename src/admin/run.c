#include <stdarg.h>
#include <stdio.h>

#include "store/sqlite/store_sqlite.h"

#include "admin/admin_int.h"

/* A store whose answers are waited for, and what a command says. */
enum {
    TURN_MS = 1000,
    BUSY_MS = 30000,      /* a server's transaction is over by then */
    TIMEOUT_MS = 3600000, /* a check may read all there is */
};

int admin_fail(const char *what, const char *why)
{
    fprintf(stderr, "databricks-chatbot: %s%s%s\n", what,
        why[0] != '\0' ? ": " : "", why);
    return ADMIN_FAILED;
}

int admin_fail_op(const char *what, const struct store_op *op)
{
    return admin_fail(what, op->error);
}

int admin_misuse(const char *what)
{
    admin_fail(what, "");
    return ADMIN_MISUSED;
}

void admin_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static enum rc open_store(const struct admin_database *d, enum place_use use,
    struct store **ret, char error[STORE_ERROR_SIZE])
{
    struct store_postgres_options postgres = {.conninfo = d->conninfo,
        .readers = 1,
        .tool = use == PLACE_TOOL || use == PLACE_STATE,
        .one_state = use == PLACE_STATE,
        .timeout_ms = TIMEOUT_MS,
        .password = d->password,
        .password_ctx = d->password_ctx};
    struct store_sqlite_options sqlite = {.path = d->path,
        .readers = 1,
        .busy_ms = BUSY_MS,
        .is_copy = use == PLACE_COPY,
        .one_state = use == PLACE_STATE,
        .tool = use == PLACE_TOOL || use == PLACE_STATE};
    return d->postgres ? store_postgres_open(&postgres, ret, error)
                       : store_sqlite_open(&sqlite, ret, error);
}

enum rc place_open(const struct admin_database *database, enum place_use use,
    struct place *ret)
{
    char error[STORE_ERROR_SIZE] = "";
    struct place p = {.shown = database->shown};
    enum rc rc = loop_new(clock_system(), &p.loop);
    if (rc == RC_OK)
        rc = open_store(database, use, &p.store, error);
    if (rc == RC_OK) {
        *ret = p;
        return RC_OK;
    }
    loop_free(p.loop);
    admin_fail("cannot open the history", error);
    return rc;
}

enum rc place_open_file(const char *path, enum place_use use, struct place *ret)
{
    struct admin_database database = {.path = path, .shown = path};
    return place_open(&database, use, ret);
}

void place_close(struct place *p)
{
    store_close(p->store);
    loop_free(p->loop);
    *p = (struct place){0};
}

static void on_done(struct store_op *op)
{
    *(bool *)op->ctx = true;
}

struct store_op *place_op(
    struct place *p, enum store_verb verb, struct str user_id)
{
    struct store_op *op = store_op_new(p->loop, verb, on_done, NULL);
    op->user_id = store_op_str(op, user_id);
    return op;
}

enum rc place_run(struct place *p, struct store_op *op)
{
    bool done = false;
    op->ctx = &done;
    store_submit(p->store, op);
    while (!done)
        loop_turn(p->loop, TURN_MS);
    op->ctx = NULL;
    return op->rc;
}
