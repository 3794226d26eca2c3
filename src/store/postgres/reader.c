#include "store/postgres/engine.h"

/* A thread that reads. Each operation sees one state of the database. */

static const struct sql SQL_BEGIN =
    SQL("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

static const struct sql SQL_ROLLBACK = SQL("ROLLBACK");

static enum rc try_read(struct pg *pg, struct store_op *op)
{
    enum rc rc = pg_ensure(pg);
    if (rc == RC_OK)
        rc = db_defer(&pg->db, &SQL_BEGIN);
    if (rc != RC_OK) {
        store_op_fail(
            op, rc, "%s: %s", store_verb_name(op->verb), pg->db.error);
        return rc;
    }
    verb_run(&pg->db, op);
    rc = pg->deferred;
    pg->deferred = RC_OK;
    if (!pg->lost)
        (void)db_run(&pg->db, &SQL_ROLLBACK);
    pg->deferred = RC_OK;
    return rc;
}

/* Reading may always be done again. */
static void run_read(struct pg *pg, struct store_op *op)
{
    (void)try_read(pg, op);
    if (pg->lost)
        (void)try_read(pg, op);
}

void pg_reader_main(void *ctx)
{
    struct pg_reader *r = ctx;
    struct list one;
    list_init(&one);
    while (queue_take(&r->engine->reads, &one, 1)) {
        run_read(&r->pg, LIST_ITEM(one.next, struct store_op, link_));
        pg_engine_complete(r->engine, &r->engine->reads, &one);
    }
}
