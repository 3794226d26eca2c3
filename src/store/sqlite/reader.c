#include "store/sqlite/engine.h"

/*
 * A thread that reads. Each operation sees one state of the database; or all
 * of them see the same, in a transaction that stays open.
 */
static void run_read(const struct reader *r, struct store_op *op)
{
    struct db *db = r->db;
    bool open = !sqlite3_get_autocommit(db_handle(db));
    enum rc rc = open ? RC_OK : db_run(db, &DB_BEGIN);
    if (rc != RC_OK) {
        store_op_fail(op, rc, "%s: %s", store_verb_name(op->verb), db->error);
        return;
    }
    verb_run(db, op);
    if (!r->engine->one_state && !sqlite3_get_autocommit(db_handle(db)))
        (void)db_run(db, &DB_ROLLBACK);
}

void reader_main(void *ctx)
{
    struct reader *r = ctx;
    struct list one;
    list_init(&one);
    while (queue_take(&r->engine->reads, &one, 1)) {
        run_read(r, LIST_ITEM(one.next, struct store_op, link_));
        engine_complete(r->engine, &r->engine->reads, &one);
    }
}
