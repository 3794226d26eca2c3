#ifndef STORE_POSTGRES_ENGINE_H
#define STORE_POSTGRES_ENGINE_H

#include "store/postgres/pg_int.h"
#include "store/queue.h"

/* Private to src/store/postgres: the store's threads and what they share. */

enum { PG_MAX_BATCH = 1000, PG_MAX_READERS = 16 };

struct pg_engine;

/* A reading thread and its connection. */
struct pg_reader {
    bool began; /* the transaction that stays open */
    struct pg_engine *engine;
    struct pg pg;
    struct loop_thread *thread;
};

/* The thread that hears what other processes did. */
struct pg_listener {
    struct pg pg;
    struct sql listen; /* the statement, with our channel in it */
    int wake_fd;       /* readable when the store closes */
    bool refused;      /* the server did not let us listen */
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
    struct pg_listener listener;
    struct verb_given given[PG_MAX_BATCH]; /* of the batch that runs */
    struct arena *names;                   /* copies of the options' texts */
};

/* Bodies of the threads; ctx is the engine, or the reader. */
void pg_writer_main(void *ctx);
void pg_reader_main(void *ctx);
void pg_listener_main(void *ctx);

/* Before and after the thread; from another one, to end its waiting. */
[[nodiscard]] enum rc pg_listener_init(struct pg_engine *e);
void pg_listener_release(struct pg_listener *l);
void pg_listener_wake(struct pg_listener *l);

/*
 * Locks the feeds of all people whose operations are in a batch, so that two
 * processes cannot wait for each other (people.c).
 */
[[nodiscard]] enum rc pg_lock_people(struct pg *pg, struct list *batch);

/*
 * Adds to the transaction of a batch what other processes are to hear of it
 * (notify.c).
 */
[[nodiscard]] enum rc pg_notify(struct pg *pg, struct list *batch);

/* Sends finished operations home and empties the list. */
void pg_engine_complete(
    struct pg_engine *e, struct queue *q, struct list *finished);

#endif
