#include <inttypes.h>

#include "base/mem.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "store/news.h"
#include "store/sqlite/engine.h"
#include "store/sqlite/event_file.h"
#include "store/sqlite/event_log.h"
#include "store/sqlite/store_sqlite.h"

/* Opening, closing, and the way of an operation to a thread and back. */

static struct engine *engine_of(struct store *store)
{
    return CONTAINER_OF(store, struct engine, store);
}

/* An operation is done: what happened is counted, whatever it was. */
static void count_result(struct engine *e, const struct store_op *op)
{
    atomic_fetch_add(&e->counters.operations, 1);
    metrics_add(METRIC_STORE_OPERATIONS, 1);
    switch ((int)op->rc) {
    case RC_OK:
    case RC_NOT_FOUND:
    case RC_CONFLICT:
    case RC_INVALID:
        return;
    default:
        atomic_fetch_add(&e->counters.failures, 1);
        metrics_add(METRIC_STORE_FAILURES, 1);
    }
}

/* What happened is told before who asked for it is, one after the other. */
static void finish(struct engine *e, struct store_op *op)
{
    count_result(e, op);
    news_committed(e->store.news, op);
    store_op_complete(op);
}

void engine_complete(struct engine *e, struct queue *q, struct list *finished)
{
    size_t ops = 0, bytes = 0;
    LIST_EACH(node, finished)
    {
        bytes += LIST_ITEM(node, struct store_op, link_)->bytes_;
        ops++;
    }
    queue_finished(q, ops, bytes);
    atomic_fetch_sub(&e->counters.queued, (int64_t)ops);
    metrics_add(METRIC_STORE_QUEUE, -(int64_t)ops);
    while (!list_empty(finished)) {
        struct list *node = list_pop(finished);
        finish(e, LIST_ITEM(node, struct store_op, link_));
    }
}

static bool appends(const struct engine *e, const struct store_op *op)
{
    return op->verb == STORE_APPEND_EVENTS && e->events != NULL;
}

static struct queue *queue_for(struct engine *e, const struct store_op *op)
{
    if (store_verb_kind(op->verb) == STORE_KIND_READ)
        return &e->reads;
    return appends(e, op) ? &e->appends : &e->writes;
}

static void engine_submit(struct store *store, struct store_op *op)
{
    struct engine *e = engine_of(store);
    if (appends(e, op) && append_now(e, op)) {
        finish(e, op);
        return;
    }
    atomic_fetch_add(&e->counters.queued, 1);
    metrics_add(METRIC_STORE_QUEUE, 1);
    enum rc rc = queue_push(queue_for(e, op), op);
    if (rc == RC_OK)
        return;
    atomic_fetch_sub(&e->counters.queued, 1);
    metrics_add(METRIC_STORE_QUEUE, -1);
    if (rc == RC_BUSY) {
        atomic_fetch_add(&e->counters.refused, 1);
        metrics_add(METRIC_STORE_REFUSED, 1);
    }
    store_op_fail(op, rc, "%s: %s", store_verb_name(op->verb),
        rc == RC_BUSY ? "the queue is full" : "the store is closing");
    store_op_complete(op);
}

/* Releases whatever has been made so far; threads must have ended. */
static void engine_free(struct engine *e)
{
    for (int i = 0; i < e->reader_count; i++)
        db_close(e->readers[i].db);
    db_close(e->places);
    db_close(e->writer);
    event_log_free(e->events);
    files_release(&e->files);
    queue_release(&e->reads);
    queue_release(&e->appends);
    queue_release(&e->writes);
    news_free(e->store.news);
    mem_free(e);
}

static void stop_threads(struct engine *e)
{
    queue_close(&e->appends);
    if (e->append_thread != NULL)
        loop_thread_join(e->append_thread);
    queue_close(&e->writes);
    queue_close(&e->reads);
    if (e->writer_thread != NULL)
        loop_thread_join(e->writer_thread);
    for (int i = 0; i < e->reader_count; i++)
        if (e->readers[i].thread != NULL)
            loop_thread_join(e->readers[i].thread);
}

static void engine_close(struct store *store)
{
    struct engine *e = engine_of(store);
    stop_threads(e);
    engine_free(e);
}

static const struct store_class engine_class = {
    .name = "sqlite",
    .submit = engine_submit,
    .close = engine_close,
};

static const struct sql SQL_JOURNAL_LIMIT =
    SQL("PRAGMA journal_size_limit = 67108864");
static const struct sql SQL_PAGE_SIZE = SQL("PRAGMA page_size");

/* Of the write-ahead log: pages that every commit touches are copied into the
 * file once for that much. */
enum { CHECKPOINT_BYTES = 16 << 20 };

static enum rc set_checkpoint(struct db *db)
{
    int64_t bytes = 0;
    struct query q = query_start(db, &SQL_PAGE_SIZE);
    if (query_row(&q))
        bytes = query_col_int(&q, 0);
    enum rc rc = query_end(&q);
    if (rc == RC_OK && bytes > 0)
        sqlite3_wal_autocheckpoint(
            db_handle(db), (int)(CHECKPOINT_BYTES / bytes));
    return rc;
}

static enum rc open_writer(
    struct engine *e, int busy_ms, char error[STORE_ERROR_SIZE])
{
    enum rc rc = db_open(e->files.path, DB_WRITE, busy_ms, &e->writer, error);
    if (rc != RC_OK)
        return rc;
    e->writer->counters = &e->counters;
    e->synchronous_full = true;
    rc = db_run(e->writer, &DB_SYNC_FULL);
    if (rc == RC_OK)
        rc = db_run(e->writer, &DB_NO_WIPE);
    if (rc == RC_OK)
        rc = db_run(e->writer, &SQL_JOURNAL_LIMIT);
    if (rc == RC_OK)
        rc = set_checkpoint(e->writer);
    if (rc != RC_OK)
        memcpy(error, e->writer->error, STORE_ERROR_SIZE);
    return rc;
}

static enum rc open_readers(struct engine *e, int count, enum db_mode mode,
    int busy_ms, char error[STORE_ERROR_SIZE])
{
    for (int i = 0; i < count; i++) {
        struct reader *r = &e->readers[i];
        enum rc rc = db_open(e->files.path, mode, busy_ms, &r->db, error);
        if (rc != RC_OK)
            return rc;
        r->engine = e;
        r->db->counters = &e->counters;
        if (e->events != NULL)
            r->db->tail = event_log_tail(e->events);
        e->reader_count++;
    }
    return RC_OK;
}

static enum rc start_threads(struct engine *e)
{
    enum rc rc =
        loop_thread_start("store-write", writer_main, e, &e->writer_thread);
    if (rc == RC_OK && e->events != NULL)
        rc = loop_thread_start(
            "store-append", append_main, e, &e->append_thread);
    for (int i = 0; rc == RC_OK && i < e->reader_count; i++)
        rc = loop_thread_start(
            "store-read", reader_main, &e->readers[i], &e->readers[i].thread);
    return rc;
}

/* What a process that was killed has left beside the database. */
static enum rc take_in_events(struct engine *e, char error[STORE_ERROR_SIZE])
{
    struct db *db = e->writer;
    struct buf records;
    enum rc rc = event_file_read(e->files.path, &records);
    if (rc != RC_OK) {
        store_error_set(error, "cannot read %.120s-events", e->files.path);
        return rc;
    }
    if (records.n > 0) {
        rc = db_run(db, &DB_BEGIN_TO_WRITE);
        if (rc == RC_OK)
            rc = event_log_restore(buf_str(&records), db);
        if (rc == RC_OK)
            rc = db_run(db, &DB_COMMIT);
        if (rc != RC_OK)
            memcpy(error, db->error, STORE_ERROR_SIZE);
    }
    buf_release(&records);
    if (rc == RC_OK)
        event_file_remove(e->files.path);
    return rc;
}

/* A tool does the same where no server is at work. */
static enum rc take_in_unserved(struct engine *e, char error[STORE_ERROR_SIZE])
{
    struct files *f = &e->files;
    if (!event_file_exists(f->path) || store_sqlite_served(f->path) ||
        files_lock(f) != RC_OK)
        return RC_OK;
    enum rc rc = take_in_events(e, error);
    files_unlock(f);
    return rc;
}

static void fill_defaults(struct store_sqlite_options *o)
{
    if (o->clock == NULL)
        o->clock = clock_system();
    if (o->readers <= 0)
        o->readers = 2;
    if (o->one_state)
        o->readers = 1;
    if (o->readers > ENGINE_MAX_READERS)
        o->readers = ENGINE_MAX_READERS;
    if (o->queue_ops == 0)
        o->queue_ops = 10000;
    if (o->queue_bytes == 0)
        o->queue_bytes = 64u << 20;
    if (o->busy_ms == 0)
        o->busy_ms = 5000;
}

/* Schema and connections of an engine whose file is there and locked. */
static enum rc open_database(struct engine *e,
    const struct store_sqlite_options *o, char error[STORE_ERROR_SIZE])
{
    enum db_mode mode = DB_READ;
    int64_t now_us = clock_wall_us(o->clock);
    enum rc rc =
        o->tool ? schema_require(&e->files, o->busy_ms, error)
                : schema_prepare(&e->files, o->busy_ms, now_us, &mode, error);
    if (rc == RC_OK && !e->files.read_only)
        rc = open_writer(e, o->busy_ms, error);
    if (rc == RC_OK && e->writer != NULL)
        rc = o->tool ? take_in_unserved(e, error) : take_in_events(e, error);
    if (rc == RC_OK && e->writer != NULL && !o->tool)
        e->events = event_log_new(e->files.path);
    if (rc == RC_OK && e->events != NULL)
        rc = db_open(e->files.path, DB_READ, o->busy_ms, &e->places, error);
    if (rc == RC_OK)
        rc = open_readers(e, o->readers, mode, o->busy_ms, error);
    return rc;
}

enum rc store_sqlite_open(const struct store_sqlite_options *options,
    struct store **ret, char error[STORE_ERROR_SIZE])
{
    struct store_sqlite_options o = *options;
    struct files files;
    fill_defaults(&o);
    error[0] = '\0';
    enum rc rc = o.tool ? files_find(o.path, &files, error)
                        : files_prepare(o.path, &files, error);
    if (rc != RC_OK)
        return rc;
    files.is_copy = o.is_copy;
    struct engine *e = MEM_NEW(struct engine);
    e->store.class = &engine_class;
    e->one_state = o.one_state;
    e->store.news = news_new();
    e->files = files;
    queue_init(&e->writes, o.queue_ops, o.queue_bytes);
    queue_init(&e->reads, o.queue_ops, o.queue_bytes);
    queue_init(&e->appends, o.queue_ops, o.queue_bytes);
    rc = open_database(e, &o, error);
    if (rc == RC_OK) {
        e->counters.read_only = e->files.read_only;
        rc = start_threads(e);
        if (rc != RC_OK)
            store_error_set(error, "cannot start a thread");
    }
    if (rc == RC_OK) {
        *ret = &e->store;
        return RC_OK;
    }
    stop_threads(e);
    engine_free(e);
    return rc;
}
