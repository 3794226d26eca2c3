#include <time.h>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "store/sqlite/engine.h"
#include "store/sqlite/event_log.h"

/*
 * The thread that writes. Whatever waits is run in one transaction and
 * committed once; only then are the operations completed. With a person's
 * action among them the commit waits for the disk. Events of replies that run
 * need no transaction: another thread appends them to a file, so that none
 * waits for the disk, and this one puts them into the database when their
 * reply ends.
 *
 * An operation that fails has nearly always written nothing by then. Where it
 * has, the batch is undone and done again one by one: a savepoint for each
 * would copy every page that it touches, and end the index's word list early.
 */

enum {
    CROWD_GAP_US = 4000,    /* between the beginnings of two commits */
    CROWD_LASTS_US = 100000 /* after the last sign of it */
};

static enum rc set_synchronous(struct engine *e, bool full)
{
    if (e->synchronous_full == full)
        return RC_OK;
    enum rc rc = db_run(e->writer, full ? &DB_SYNC_FULL : &DB_SYNC_NORMAL);
    if (rc == RC_OK)
        e->synchronous_full = full;
    return rc;
}

/* Pages that become free are written over only for what somebody erases. */
static enum rc set_wiping(struct engine *e, bool wipes)
{
    if (e->wipes == wipes)
        return RC_OK;
    enum rc rc = db_run(e->writer, wipes ? &DB_WIPE : &DB_NO_WIPE);
    if (rc == RC_OK)
        e->wipes = wipes;
    return rc;
}

static bool in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db_handle(db));
}

/* What ends a reply wants its events in the database; some verbs want all. */
static enum rc pack_for(struct engine *e, const struct store_op *op)
{
    if (e->events == NULL)
        return RC_OK;
    switch ((int)op->verb) {
    case STORE_FINISH_REPLY:
        return event_log_pack(
            e->events, e->writer, op->finish_reply.message_id);
    case STORE_RECOVER:
    case STORE_LOAD_ROWS:
        return event_log_pack_all(e->events, e->writer);
    default:
        return RC_OK;
    }
}

/* The operation is committed, or has changed nothing. */
static void settle_for(struct engine *e, const struct store_op *op)
{
    switch ((int)op->verb) {
    case STORE_FINISH_REPLY:
        if (op->rc == RC_OK)
            event_log_settle(e->events, op->finish_reply.message_id);
        return;
    case STORE_RECOVER:
    case STORE_LOAD_ROWS:
        if (op->rc == RC_OK)
            event_log_settle_all(e->events);
        return;
    default:
        return;
    }
}

static void settle(struct engine *e, struct list *batch)
{
    LIST_EACH(node, batch)
    if (e->events != NULL)
        settle_for(e, LIST_ITEM(node, struct store_op, link_));
}

/* Undoes everything; what went wrong stays told. */
static void roll_back(struct db *db)
{
    char error[STORE_ERROR_SIZE];
    if (!in_transaction(db))
        return;
    memcpy(error, db->error, sizeof(error));
    (void)db_run(db, &DB_ROLLBACK);
    memcpy(db->error, error, sizeof(error));
}

/* Runs one operation. False: what it has changed must not be committed. */
static bool run_one(struct engine *e, struct store_op *op)
{
    struct db *db = e->writer;
    int64_t changes = sqlite3_total_changes64(db_handle(db));
    enum rc rc = pack_for(e, op);
    if (rc == RC_OK)
        verb_run(db, op);
    else
        store_op_fail(op, rc, "%s", db->error);
    return in_transaction(db) &&
           (op->rc == RC_OK ||
               changes == sqlite3_total_changes64(db_handle(db)));
}

static enum rc commit(struct engine *e)
{
    struct db *db = e->writer;
    enum rc rc = db_run(db, &DB_COMMIT);
    if (rc == RC_OK) {
        atomic_fetch_add(&e->counters.commits, 1);
        metrics_add(METRIC_STORE_COMMITS, 1);
        if (e->synchronous_full)
            atomic_fetch_add(&e->counters.syncs, 1);
    } else {
        roll_back(db);
    }
    return rc;
}

/*
 * Does a batch as one transaction. On failure nothing of it is there; `told`:
 * an operation failed, and says so itself.
 */
static enum rc run_transaction(
    struct engine *e, struct list *batch, bool *ret_told)
{
    struct db *db = e->writer;
    int64_t began_us = metrics_now_us();
    enum rc rc = db_run(db, &DB_BEGIN_TO_WRITE);
    if (rc != RC_OK)
        return rc;
    LIST_EACH(node, batch)
    {
        struct store_op *op = LIST_ITEM(node, struct store_op, link_);
        if (run_one(e, op))
            continue;
        roll_back(db);
        *ret_told = op->rc != RC_OK;
        return *ret_told ? op->rc : RC_IO;
    }
    rc = commit(e);
    if (rc == RC_OK)
        metrics_took(METRIC_TIME_STORE_COMMIT, metrics_now_us() - began_us);
    return rc;
}

static bool wants_sync(struct list *batch)
{
    LIST_EACH(node, batch)
    {
        const struct store_op *op = LIST_ITEM(node, struct store_op, link_);
        if (store_verb_kind(op->verb) == STORE_KIND_PERSON)
            return true;
    }
    return false;
}

/* Whether what is in a batch takes away what somebody had written. */
static bool wants_wiping(struct list *batch)
{
    LIST_EACH(node, batch)
    switch ((int)LIST_ITEM(node, struct store_op, link_)->verb) {
    case STORE_ERASE_SESSION:
    case STORE_PURGE:
    case STORE_QUEUE_DELETE:
    case STORE_DRAFT_PUT:
    case STORE_CREDENTIAL_DELETE:
        return true;
    default:
        break;
    }
    return false;
}

/* Whether something in a batch puts the events of all replies away. */
static bool wants_all_events(struct list *batch)
{
    LIST_EACH(node, batch)
    {
        const struct store_op *op = LIST_ITEM(node, struct store_op, link_);
        if (op->verb == STORE_RECOVER || op->verb == STORE_LOAD_ROWS)
            return true;
    }
    return false;
}

static void fail_all(struct list *batch, enum rc rc, const char *why)
{
    LIST_EACH(node, batch)
    {
        struct store_op *op = LIST_ITEM(node, struct store_op, link_);
        store_op_fail(op, rc, "%s: %s", store_verb_name(op->verb), why);
    }
}

/* What the operations were given, kept, or put back after a failure. */
static void keep_given(struct engine *e, struct list *batch)
{
    size_t i = 0;
    LIST_EACH(node, batch)
    verb_keep(LIST_ITEM(node, struct store_op, link_), &e->given[i++]);
}

static void restore_given(struct engine *e, struct list *batch)
{
    size_t i = 0;
    LIST_EACH(node, batch)
    verb_restore(LIST_ITEM(node, struct store_op, link_), &e->given[i++]);
}

/* One attempt; false when the batch is to be tried one by one. */
static bool try_batch(struct engine *e, struct list *batch)
{
    bool told = false, single = batch->next->next == batch;
    keep_given(e, batch);
    enum rc rc = set_synchronous(e, wants_sync(batch));
    if (rc == RC_OK)
        rc = set_wiping(e, wants_wiping(batch));
    if (rc == RC_OK)
        rc = run_transaction(e, batch, &told);
    if (rc == RC_OK) {
        settle(e, batch);
        return true;
    }
    if (single && told)
        return true;
    restore_given(e, batch);
    if (!single)
        return false;
    fail_all(batch, rc, e->writer->error);
    return true;
}

/*
 * A batch that failed as a whole is done again one by one: the disk may have
 * room for the small ones, and one bad operation must not spoil the rest.
 */
static void run_batch(struct engine *e, struct list *batch)
{
    if (try_batch(e, batch))
        return;
    struct list finished, single;
    list_init(&finished);
    while (!list_empty(batch)) {
        list_init(&single);
        list_push(&single, list_pop(batch));
        (void)try_batch(e, &single);
        list_splice(&finished, &single);
    }
    list_splice(batch, &finished);
}

/* Puts the events of all replies into the database. */
static enum rc pack_paused(struct engine *e)
{
    enum rc rc = db_run(e->writer, &DB_BEGIN_TO_WRITE);
    if (rc != RC_OK)
        return rc;
    rc = event_log_pack_all(e->events, e->writer);
    if (rc == RC_OK)
        rc = commit(e);
    if (rc == RC_OK)
        event_log_settle_all(e->events);
    else
        roll_back(e->writer);
    return rc;
}

static enum rc pack_all(struct engine *e)
{
    event_log_pause(e->events);
    enum rc rc = event_log_is_empty(e->events) ? RC_OK : pack_paused(e);
    event_log_go_on(e->events);
    return rc;
}

static void run_writes(struct engine *e, struct list *batch)
{
    if (!list_empty(batch)) {
        bool all = e->events != NULL && wants_all_events(batch);
        if (all)
            event_log_pause(e->events);
        run_batch(e, batch);
        if (all)
            event_log_go_on(e->events);
        engine_complete(e, &e->writes, batch);
    }
    if (e->events != NULL && event_log_is_long(e->events) &&
        pack_all(e) != RC_OK)
        event_log_put_off(e->events);
}

/* When commits began, and how long there has been a crowd. */
struct pace {
    int64_t last_us, crowd_until_us;
};

/*
 * Who comes while a batch is committed, or with somebody else, is one of a
 * crowd: what a commit costs is shared by more of it when the next begins some
 * milliseconds later. Alone, nobody waits.
 */
static void gather(struct engine *e, struct pace *p)
{
    int64_t now_us = metrics_now_us(),
            wait_us = p->last_us + CROWD_GAP_US - now_us;
    if (queue_waits(&e->writes))
        p->crowd_until_us = now_us + CROWD_LASTS_US;
    if (wait_us > 0 && now_us < p->crowd_until_us)
        nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
}

static bool take_writes(struct engine *e, struct pace *p, struct list *batch)
{
    gather(e, p);
    bool taken = queue_take(&e->writes, batch, ENGINE_MAX_BATCH);
    p->last_us = metrics_now_us();
    if (batch->next != batch->prev)
        p->crowd_until_us = p->last_us + CROWD_LASTS_US;
    return taken;
}

void writer_main(void *ctx)
{
    struct engine *e = ctx;
    struct list batch;
    struct pace pace = {0};
    list_init(&batch);
    while (take_writes(e, &pace, &batch)) {
        if (e->writer != NULL) {
            run_writes(e, &batch);
            continue;
        }
        fail_all(&batch, RC_READ_ONLY, "the database is read-only");
        engine_complete(e, &e->writes, &batch);
    }
    if (e->events != NULL && pack_all(e) != RC_OK)
        log_warn("The last events of replies stay in the file beside the"
                 " database until the next start.");
}
