#ifndef STORE_SQLITE_ENGINE_H
#define STORE_SQLITE_ENGINE_H

#include <stdatomic.h>
#include <string.h>

#include "store/queue.h"
#include "store/sqlite/sqlite_int.h"

/* Private to src/store/sqlite: the store's threads and what they share. */

enum { ENGINE_MAX_BATCH = 1000, ENGINE_MAX_READERS = 16 };

struct engine;
struct event_log;

/* A reading thread and its connection. */
struct reader {
    struct engine *engine;
    struct db *db;
    struct loop_thread *thread;
};

struct engine {
    struct store store;
    struct event_log *events; /* NULL: they go to the database at once */
    struct files files;
    struct queue writes, reads;
    struct queue appends; /* of events; unused without an event log */
    struct db *writer;    /* NULL when the file cannot be written */
    bool synchronous_full;
    bool wipes;        /* what is deleted is written over */
    bool one_state;    /* a reading transaction does not end */
    struct db *places; /* where replies of events are looked up */
    atomic_int_least64_t append_slow_until_us; /* appender.c */
    struct loop_thread *writer_thread, *append_thread;
    struct reader readers[ENGINE_MAX_READERS];
    int reader_count;
    struct sql_counters counters;
    struct verb_given given[ENGINE_MAX_BATCH]; /* of the batch that runs */
};

/*
 * Appends events on the caller's thread, if nothing can hold that up. False:
 * nothing has happened, the operation belongs into the queue.
 */
[[nodiscard]] bool append_now(struct engine *e, struct store_op *op);

/* Bodies of the threads; ctx is the engine, the reader. */
void writer_main(void *ctx);
void append_main(void *ctx);
void reader_main(void *ctx);

/* Sends finished operations home and empties the list. */
void engine_complete(struct engine *e, struct queue *q, struct list *finished);

#endif
