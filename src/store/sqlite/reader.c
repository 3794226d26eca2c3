#include "store/sqlite/engine.h"
#include "store/sqlite/event_log.h"

enum { FREE_TRIES = 5 };

/*
 * A thread that reads. Each operation sees one state of the database; or all
 * of them see the same, in a transaction that stays open.
 */
static enum rc try_read(const struct reader *r, struct store_op *op)
{
    struct db *db = r->db;
    bool open = !sqlite3_get_autocommit(db_handle(db));
    if (db->tail != NULL)
        event_log_begin_reading(r->engine->events, db);
    enum rc rc = open ? RC_OK : db_run(db, &DB_BEGIN);
    if (rc != RC_OK)
        return rc;
    verb_run(db, op);
    if (!r->engine->one_state && !sqlite3_get_autocommit(db_handle(db)))
        (void)db_run(db, &DB_ROLLBACK);
    return RC_OK;
}

/*
 * What an operation wants of a live reply may go into the database after the
 * operation has begun to see it. Then it begins anew, at last with the writer
 * held up.
 */
static void run_read(const struct reader *r, struct store_op *op)
{
    struct verb_given given;
    struct event_log *events = r->db->tail == NULL ? NULL : r->engine->events;
    verb_keep(op, &given);
    for (int i = 0;; i++) {
        bool last = events == NULL || i == FREE_TRIES;
        if (last && events != NULL)
            event_log_hold(events);
        enum rc rc = try_read(r, op);
        if (last && events != NULL)
            event_log_let_go(events);
        if (rc != RC_OK)
            store_op_fail(
                op, rc, "%s: %s", store_verb_name(op->verb), r->db->error);
        if (last || !r->db->tail_moved)
            return;
        verb_restore(op, &given);
    }
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
