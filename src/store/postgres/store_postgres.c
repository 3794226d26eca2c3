#include <string.h>

#include "base/mem.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "store/news.h"
#include "store/postgres/engine.h"

/* Opening, closing, and the way of an operation to a thread and back. */

static struct pg_engine *engine_of(struct store *store)
{
    return CONTAINER_OF(store, struct pg_engine, store);
}

/* An operation is done: what happened is counted, whatever it was. */
static void count_result(struct pg_engine *e, const struct store_op *op)
{
    atomic_fetch_add(&e->config.counters.operations, 1);
    metrics_add(METRIC_STORE_OPERATIONS, 1);
    switch ((int)op->rc) {
    case RC_OK:
    case RC_NOT_FOUND:
    case RC_CONFLICT:
    case RC_INVALID:
        return;
    default:
        atomic_fetch_add(&e->config.counters.failures, 1);
        metrics_add(METRIC_STORE_FAILURES, 1);
    }
}

/* What happened is told before who asked for it is, one after the other. */
static void finish(struct pg_engine *e, struct store_op *op)
{
    count_result(e, op);
    news_committed(e->store.news, op);
    store_op_complete(op);
}

void pg_engine_complete(
    struct pg_engine *e, struct queue *q, struct list *finished)
{
    size_t ops = 0, bytes = 0;
    LIST_EACH(node, finished)
    {
        bytes += LIST_ITEM(node, struct store_op, link_)->bytes_;
        ops++;
    }
    queue_finished(q, ops, bytes);
    atomic_fetch_sub(&e->config.counters.queued, (int64_t)ops);
    metrics_add(METRIC_STORE_QUEUE, -(int64_t)ops);
    while (!list_empty(finished)) {
        struct list *node = list_pop(finished);
        finish(e, LIST_ITEM(node, struct store_op, link_));
    }
}

static void engine_submit(struct store *store, struct store_op *op)
{
    struct pg_engine *e = engine_of(store);
    bool read = store_verb_kind(op->verb) == STORE_KIND_READ;
    atomic_fetch_add(&e->config.counters.queued, 1);
    metrics_add(METRIC_STORE_QUEUE, 1);
    enum rc rc = queue_push(read ? &e->reads : &e->writes, op);
    if (rc == RC_OK)
        return;
    atomic_fetch_sub(&e->config.counters.queued, 1);
    metrics_add(METRIC_STORE_QUEUE, -1);
    if (rc == RC_BUSY) {
        atomic_fetch_add(&e->config.counters.refused, 1);
        metrics_add(METRIC_STORE_REFUSED, 1);
    }
    store_op_fail(op, rc, "%s: %s", store_verb_name(op->verb),
        rc == RC_BUSY ? "the queue is full" : "the store is closing");
    store_op_complete(op);
}

static void stop_threads(struct pg_engine *e)
{
    atomic_store(&e->config.closing, true);
    queue_close(&e->writes);
    queue_close(&e->reads);
    pg_listener_wake(&e->listener);
    if (e->writer_thread != NULL)
        loop_thread_join(e->writer_thread);
    for (int i = 0; i < e->reader_count; i++)
        if (e->readers[i].thread != NULL)
            loop_thread_join(e->readers[i].thread);
    if (e->listener.thread != NULL)
        loop_thread_join(e->listener.thread);
}

static void engine_close(struct store *store)
{
    struct pg_engine *e = engine_of(store);
    stop_threads(e);
    for (int i = 0; i < e->reader_count; i++)
        pg_disconnect(&e->readers[i].pg);
    pg_disconnect(&e->writer);
    pg_listener_release(&e->listener);
    queue_release(&e->reads);
    queue_release(&e->writes);
    arena_free(e->names);
    news_free(e->store.news);
    mem_free(e);
}

static const struct store_class engine_class = {
    .name = "postgres",
    .submit = engine_submit,
    .close = engine_close,
};

static const char *copy_or(
    struct arena *arena, const char *text, const char *fallback)
{
    bool given = text != NULL && text[0] != '\0';
    return arena_c_str(arena, str_from_c(given ? text : fallback));
}

static void fill_defaults(struct store_postgres_options *o, struct arena *names)
{
    o->conninfo = copy_or(names, o->conninfo, "");
    o->schema = copy_or(names, o->schema, "databricks_chatbot");
    o->node = copy_or(names, o->node, "main");
    if (o->clock == NULL)
        o->clock = clock_system();
    if (o->readers <= 0)
        o->readers = 2;
    if (o->readers > PG_MAX_READERS)
        o->readers = PG_MAX_READERS;
    if (o->queue_ops == 0)
        o->queue_ops = 10000;
    if (o->queue_bytes == 0)
        o->queue_bytes = 64u << 20;
    if (o->timeout_ms == 0)
        o->timeout_ms = 30000;
    if (o->patience_ms == 0)
        o->patience_ms = 10000;
}

static struct pg_engine *engine_new(
    const struct store_postgres_options *options)
{
    struct pg_engine *e = MEM_NEW(struct pg_engine);
    struct store_postgres_options *o = &e->config.options;
    e->store.class = &engine_class;
    e->store.news = news_new();
    e->names = arena_new();
    e->listener.wake_fd = -1;
    *o = *options;
    fill_defaults(o, e->names);
    pg_init(&e->writer, &e->config);
    for (int i = 0; i < o->readers; i++) {
        e->readers[i].engine = e;
        pg_init(&e->readers[i].pg, &e->config);
    }
    e->reader_count = o->readers;
    queue_init(&e->writes, o->queue_ops, o->queue_bytes);
    queue_init(&e->reads, o->queue_ops, o->queue_bytes);
    return e;
}

/* A text that libpq cannot read is said to be so before it is used. */
static enum rc check_conninfo(
    const struct store_postgres_options *o, char error[STORE_ERROR_SIZE])
{
    char *message = NULL;
    if (o->conninfo[0] == '\0')
        return RC_OK;
    PQconninfoOption *parsed = PQconninfoParse(o->conninfo, &message);
    if (parsed != NULL) {
        PQconninfoFree(parsed);
        return RC_OK;
    }
    /* libpq's own words may repeat a password. */
    store_error_set(error, "the connection's URL or text is malformed");
    PQfreemem(message);
    return RC_INVALID;
}

/* Schema and first connections; those that prepare the schema are not kept. */
static enum rc open_database(struct pg_engine *e, char error[STORE_ERROR_SIZE])
{
    struct pg *pg = MEM_NEW(struct pg);
    pg_init(pg, &e->config);
    enum rc rc = pg_ensure(pg);
    if (rc == RC_OK)
        rc = pg_schema_prepare(pg, clock_wall_us(e->config.options.clock));
    if (rc != RC_OK)
        memcpy(error, pg->db.error, STORE_ERROR_SIZE);
    pg_disconnect(pg);
    mem_free(pg);
    if (rc != RC_OK)
        return rc;
    rc = pg_ensure(&e->writer);
    if (rc != RC_OK)
        memcpy(error, e->writer.db.error, STORE_ERROR_SIZE);
    for (int i = 0; i < e->reader_count; i++) /* they connect when needed */
        e->readers[i].pg.was_up = true;
    return rc;
}

static enum rc start_threads(struct pg_engine *e)
{
    enum rc rc =
        loop_thread_start("store-write", pg_writer_main, e, &e->writer_thread);
    for (int i = 0; rc == RC_OK && i < e->reader_count; i++)
        rc = loop_thread_start("store-read", pg_reader_main, &e->readers[i],
            &e->readers[i].thread);
    if (rc == RC_OK)
        rc = loop_thread_start(
            "store-listen", pg_listener_main, e, &e->listener.thread);
    return rc;
}

enum rc store_postgres_open(const struct store_postgres_options *options,
    struct store **ret, char error[STORE_ERROR_SIZE])
{
    error[0] = '\0';
    struct pg_engine *e = engine_new(options);
    enum rc rc = check_conninfo(&e->config.options, error);
    if (rc == RC_OK && pg_listener_init(e) != RC_OK) {
        store_error_set(error, "too many files are open");
        rc = RC_IO;
    }
    if (rc == RC_OK)
        rc = open_database(e, error);
    if (rc == RC_OK && atomic_load(&e->config.counters.read_only))
        log_warn("PostgreSQL takes no writes: history can be read, nothing "
                 "can be stored.");
    if (rc == RC_OK) {
        rc = start_threads(e);
        if (rc != RC_OK)
            store_error_set(error, "cannot start a thread");
    }
    if (rc != RC_OK) {
        engine_close(&e->store);
        return rc;
    }
    *ret = &e->store;
    return RC_OK;
}
