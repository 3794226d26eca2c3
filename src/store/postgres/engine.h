#ifndef STORE_POSTGRES_ENGINE_H
#define STORE_POSTGRES_ENGINE_H

#include "store/postgres/pg_int.h"
#include "store/queue.h"

/* Private to src/store/postgres: the store's threads and what they share. */

enum { PG_MAX_BATCH = 1000, PG_MAX_READERS = 16 };

struct pg_engine;

/* A reading thread and its connection. */
struct pg_reader {
    struct pg_engine *engine;
    struct pg pg;
    struct loop_thread *thread;
};

struct pg_engine {
    struct store store;
    struct pg_config config;
    struct queue writes, reads;
    struct pg writer;
    struct loop_thread *writer_thread;
    struct pg_reader readers[PG_MAX_READERS];
    int reader_count;
    struct verb_given given[PG_MAX_BATCH]; /* of the batch that runs */
    struct arena *names;                   /* copies of the options' texts */
};

/* Bodies of the threads; ctx is the engine, the reader. */
void pg_writer_main(void *ctx);
void pg_reader_main(void *ctx);

/* Sends finished operations home and empties the list. */
void pg_engine_complete(
    struct pg_engine *e, struct queue *q, struct list *finished);

#endif
