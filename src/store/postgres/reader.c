#include "store/postgres/engine.h"

/*
 * A thread that reads. Each operation sees one state of the database; or all
 * of them see the same, in a transaction that stays open.
 */

static const struct sql SQL_BEGIN =
    SQL("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

static const struct sql SQL_ROLLBACK = SQL("ROLLBACK");

/* A state that the connection took along is not there any more. */
static enum rc begin(struct pg_reader *r)
{
    struct pg *pg = &r->pg;
    bool one_state = pg->config->options.one_state;
    if (r->began && pg->lost) {
        store_error_set(pg->db.error, "the connection was lost in between");
        return RC_IO;
    }
    enum rc rc = pg_ensure(pg);
    if (rc == RC_OK && !r->began)
        rc = db_defer(&pg->db, &SQL_BEGIN);
    r->began = rc == RC_OK && one_state;
    return rc;
}

static void try_read(struct pg_reader *r, struct store_op *op)
{
    struct pg *pg = &r->pg;
    enum rc rc = begin(r);
    if (rc != RC_OK) {
        store_op_fail(
            op, rc, "%s: %s", store_verb_name(op->verb), pg->db.error);
        return;
    }
    verb_run(&pg->db, op);
    pg->deferred = RC_OK;
    if (!pg->lost && !r->began)
        (void)db_run(&pg->db, &SQL_ROLLBACK);
    pg->deferred = RC_OK;
}

/* Reading may always be done again, but for a state that is gone. */
static void run_read(struct pg_reader *r, struct store_op *op)
{
    try_read(r, op);
    if (r->pg.lost && !r->began)
        try_read(r, op);
}

void pg_reader_main(void *ctx)
{
    struct pg_reader *r = ctx;
    struct list one;
    list_init(&one);
    while (queue_take(&r->engine->reads, &one, 1)) {
        run_read(r, LIST_ITEM(one.next, struct store_op, link_));
        pg_engine_complete(r->engine, &r->engine->reads, &one);
    }
}
