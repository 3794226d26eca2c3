#include <inttypes.h>
#include <stdio.h>

#include "store/sqlite/store_sqlite.h"

#include "admin/admin_int.h"

/* Exit codes of check. */
enum { SOUND = 0, WRONG = 1, UNKNOWN = 2 };

static void report(const struct store_check *c)
{
    if (c->count == 0) {
        admin_say("ok     %s", c->name);
        return;
    }
    admin_say("WRONG  %s: %s: %" PRId64, c->name, c->wrong, c->count);
    for (size_t i = 0; i < c->example_count; i++)
        admin_say("         %.*s", STR_ARG(c->examples[i]));
    if ((int64_t)c->example_count < c->count)
        admin_say("         ...");
    admin_say("       What to do: %s.", c->advice);
}

/* Asks all questions; gives the number answered with something. */
static int ask_all(struct place *p, bool served, int *ret_wrong)
{
    for (size_t i = 0;; i++) {
        struct store_op *op = place_op(p, STORE_CHECK, STR(""));
        op->check.index = i;
        op->check.served = served;
        enum rc rc = place_run(p, op);
        if (rc == RC_OK) {
            report(&op->check);
            *ret_wrong += op->check.count > 0;
        } else if (rc != RC_NOT_FOUND) {
            admin_fail_op("cannot check", op);
        }
        *ret_wrong += rc == RC_CORRUPT;
        store_op_free(op);
        if (rc != RC_OK && rc != RC_CORRUPT)
            return rc == RC_NOT_FOUND ? SOUND : UNKNOWN;
    }
}

int admin_check(const struct admin_call *call)
{
    const struct admin_database *d = &call->database;
    struct place p;
    int wrong = 0;
    bool served = d->postgres || store_sqlite_served(d->path);
    enum rc rc = place_open(d, PLACE_TOOL, &p);
    if (rc != RC_OK)
        return rc == RC_CORRUPT ? WRONG : UNKNOWN;
    int code = ask_all(&p, served, &wrong);
    place_close(&p);
    if (code != SOUND)
        return code;
    if (wrong == 0)
        admin_say("The history of %s is sound.", d->shown);
    else
        admin_say("%d kind%s of damage found.", wrong, wrong == 1 ? "" : "s");
    return wrong == 0 ? SOUND : WRONG;
}
