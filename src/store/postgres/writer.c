#include <poll.h>
#include <string.h>

#include "telemetry/metrics.h"

#include "store/postgres/engine.h"

/*
 * The thread that writes. Whatever waits is run in one transaction, each
 * operation behind a savepoint of its own, and committed once; only then are
 * the operations completed. With a person's action or a reply's events among
 * them the commit waits for the disk. What needs no answer at once goes through
 * the pipeline without waiting:
 *
 *     BEGIN, SAVEPOINT, INSERT..., RELEASE, SAVEPOINT, ... -> one wait
 *     COMMIT                                               -> one wait
 *
 * A connection that is lost before COMMIT was sent has changed nothing: the
 * batch is run again. If it is lost while COMMIT is under way, the number
 * of the transaction tells what became of it.
 */

enum { STATUS_TRIES = 20, STATUS_PAUSE_MS = 100, NUMBER_SIZE = 24 };

static const struct sql SQL_BEGIN = SQL("BEGIN");
static const struct sql SQL_COMMIT = SQL("COMMIT");
static const struct sql SQL_ROLLBACK = SQL("ROLLBACK");
static const struct sql SQL_SAVE = SQL("SAVEPOINT one");
static const struct sql SQL_UNDO = SQL("ROLLBACK TO one");
static const struct sql SQL_RELEASE = SQL("RELEASE one");
static const struct sql SQL_RELAX = SQL("SET LOCAL synchronous_commit = off");
static const struct sql SQL_NUMBER =
    SQL("SELECT pg_current_xact_id_if_assigned()");
static const struct sql SQL_OUTCOME = SQL("SELECT pg_xact_status($1::xid8)");

/* The transaction that is under way. */
struct transaction {
    char number[NUMBER_SIZE]; /* empty: it changes nothing */
    bool committing;          /* COMMIT was sent */
    bool full;                /* the commit waits for the disk */
    int64_t began_us;
};

static struct store_op *op_of(struct list *node)
{
    return LIST_ITEM(node, struct store_op, link_);
}

static void keep_all(struct pg_engine *e, struct list *batch)
{
    size_t i = 0;
    LIST_EACH(node, batch)
    verb_keep(op_of(node), &e->given[i++]);
}

static void restore_all(struct pg_engine *e, struct list *batch)
{
    size_t i = 0;
    LIST_EACH(node, batch)
    verb_restore(op_of(node), &e->given[i++]);
}

/* Runs one operation so that its failure leaves the others alone. */
static enum rc run_guarded(struct pg *pg, struct store_op *op)
{
    enum rc rc = db_defer(&pg->db, &SQL_SAVE);
    if (rc != RC_OK)
        return rc;
    verb_run(&pg->db, op);
    if (pg->lost || pg->deferred != RC_OK)
        return pg->lost ? RC_IO : pg->deferred;
    if (op->rc != RC_OK && pg_transient(pg))
        return op->rc;
    if (op->rc != RC_OK)
        rc = db_defer(&pg->db, &SQL_UNDO);
    return rc == RC_OK ? db_defer(&pg->db, &SQL_RELEASE) : rc;
}

static enum rc run_operations(
    struct pg *pg, struct list *batch, struct transaction *t)
{
    enum rc rc = db_defer(&pg->db, &SQL_BEGIN);
    if (rc == RC_OK && !t->full)
        rc = db_defer(&pg->db, &SQL_RELAX);
    if (rc == RC_OK)
        rc = pg_lock_people(pg, batch);
    LIST_EACH(node, batch)
    {
        if (rc == RC_OK)
            rc = run_guarded(pg, op_of(node));
    }
    if (rc == RC_OK)
        rc = pg_notify(pg, batch);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(&pg->db, &SQL_NUMBER);
    if (query_row(&q)) {
        struct str number = query_col_view(&q, 0);
        for (size_t i = 0; i < number.n && i < NUMBER_SIZE - 1; i++)
            t->number[i] = number.p[i];
    }
    return query_end(&q);
}

/* Does a batch as one transaction. */
static enum rc run_transaction(
    struct pg_engine *e, struct list *batch, struct transaction *t)
{
    struct pg *pg = &e->writer;
    pg->state[0] = '\0';
    pg->deferred = RC_OK;
    enum rc rc = run_operations(pg, batch, t);
    if (rc == RC_OK) {
        t->committing = true;
        rc = db_run(&pg->db, &SQL_COMMIT);
    }
    if (rc == RC_OK || pg->lost)
        return rc;
    char error[STORE_ERROR_SIZE], state[PG_STATE_SIZE];
    memcpy(error, pg->db.error, sizeof(error));
    memcpy(state, pg->state, sizeof(state));
    t->committing = false; /* the server said no */
    (void)db_settle(&pg->db);
    pg->deferred = RC_OK;
    (void)db_run(&pg->db, &SQL_ROLLBACK);
    pg->deferred = RC_OK;
    memcpy(pg->db.error, error, sizeof(error));
    memcpy(pg->state, state, sizeof(state));
    return rc;
}

static void count_commit(struct pg_engine *e, const struct transaction *t)
{
    if (t->number[0] != '\0')
        atomic_store(&e->config.counters.read_only, false);
    atomic_fetch_add(&e->config.counters.commits, 1);
    metrics_add(METRIC_STORE_COMMITS, 1);
    metrics_took(METRIC_TIME_STORE_COMMIT, metrics_now_us() - t->began_us);
    if (t->full)
        atomic_fetch_add(&e->config.counters.syncs, 1);
}

enum outcome { DONE, NOT_DONE, UNKNOWN };

static enum outcome ask_outcome(struct pg *pg, const struct transaction *t)
{
    enum outcome outcome = UNKNOWN;
    struct query q = query_start(&pg->db, &SQL_OUTCOME);
    query_text(&q, str_from_c(t->number));
    if (query_row(&q)) {
        struct str status = query_col_view(&q, 0);
        if (str_eq(status, STR("committed")))
            outcome = DONE;
        else if (str_eq(status, STR("aborted")))
            outcome = NOT_DONE;
    }
    return query_end(&q) == RC_OK ? outcome : UNKNOWN;
}

/* What became of a transaction whose connection was lost. */
static enum outcome find_outcome(struct pg *pg, const struct transaction *t)
{
    enum outcome outcome = UNKNOWN;
    if (!t->committing || t->number[0] == '\0')
        return NOT_DONE;
    for (int i = 0; outcome == UNKNOWN && i < STATUS_TRIES; i++) {
        if (pg_ensure(pg) != RC_OK)
            return UNKNOWN;
        outcome = ask_outcome(pg, t);
        if (outcome == UNKNOWN)
            (void)poll(NULL, 0, STATUS_PAUSE_MS);
    }
    return outcome;
}

/*
 * Also for events: what a viewer has seen must outlive the database's crash,
 * which the server itself survives. A commit that does not wait may be gone
 * then with later ones there, a hole in the middle of a text.
 */
static bool wants_sync(struct list *batch)
{
    LIST_EACH(node, batch)
    {
        enum store_verb verb = op_of(node)->verb;
        if (verb == STORE_APPEND_EVENTS ||
            store_verb_kind(verb) == STORE_KIND_PERSON)
            return true;
    }
    return false;
}

static void fail_all(struct list *batch, enum rc rc, const char *why)
{
    LIST_EACH(node, batch)
    {
        struct store_op *op = op_of(node);
        store_op_fail(op, rc, "%s: %s", store_verb_name(op->verb), why);
    }
}

/* What is to be done next with a batch. */
enum verdict { FINISHED, CONFLICT, LOST, REFUSED };

/* One attempt. REFUSED: nothing happened; *ret_rc and pg->db.error say why. */
static enum verdict attempt(
    struct pg_engine *e, struct list *batch, enum rc *ret_rc)
{
    struct transaction t = {
        .full = wants_sync(batch), .began_us = metrics_now_us()};
    *ret_rc = pg_ensure(&e->writer);
    if (*ret_rc != RC_OK)
        return REFUSED;
    atomic_store(&e->config.writer_pid, PQbackendPID(e->writer.h));
    *ret_rc = run_transaction(e, batch, &t);
    if (*ret_rc == RC_OK) {
        count_commit(e, &t);
        return FINISHED;
    }
    if (!e->writer.lost)
        return pg_transient(&e->writer) ? CONFLICT : REFUSED;
    switch (find_outcome(&e->writer, &t)) {
    case DONE:
        count_commit(e, &t);
        return FINISHED;
    case NOT_DONE:
        return LOST;
    case UNKNOWN:
        break;
    }
    fail_all(batch, RC_IO,
        "the connection was lost while it was being stored; whether it was "
        "is not known");
    return FINISHED;
}

/*
 * Runs a batch, again when the connection was lost before anything happened,
 * and once more after a deadlock and the like; false when all of it was
 * refused.
 */
static bool try_batch(struct pg_engine *e, struct list *batch, enum rc *ret_rc)
{
    enum verdict verdict = LOST;
    int left[] = {[CONFLICT] = 1, [LOST] = 6};
    keep_all(e, batch);
    while ((verdict == LOST || verdict == CONFLICT) && left[verdict]-- > 0) {
        verdict = attempt(e, batch, ret_rc);
        if (verdict != FINISHED)
            restore_all(e, batch);
    }
    return verdict == FINISHED;
}

/*
 * A batch that failed as a whole is done again one by one: the disk may have
 * room for the small ones, and one bad operation must not spoil the rest.
 * Without a server there is nothing to try.
 */
static void run_batch(struct pg_engine *e, struct list *batch)
{
    enum rc rc = RC_OK;
    struct list finished, single;
    if (try_batch(e, batch, &rc))
        return;
    if (batch->next->next == batch || e->writer.h == NULL) {
        fail_all(batch, rc, e->writer.db.error);
        return;
    }
    list_init(&finished);
    while (!list_empty(batch)) {
        list_init(&single);
        list_push(&single, list_pop(batch));
        if (!try_batch(e, &single, &rc))
            fail_all(&single, rc, e->writer.db.error);
        list_splice(&finished, &single);
    }
    list_splice(batch, &finished);
}

void pg_writer_main(void *ctx)
{
    struct pg_engine *e = ctx;
    struct list batch;
    list_init(&batch);
    while (queue_take(&e->writes, &batch, PG_MAX_BATCH)) {
        run_batch(e, &batch);
        pg_engine_complete(e, &e->writes, &batch);
    }
}
