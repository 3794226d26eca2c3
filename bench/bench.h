#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"
#include "store/store.h"

#include "words.h"

/* What the programs that measure the store share. */

int64_t bench_now_ns(void);

/* Times, in the order they were taken. */
struct samples {
    double *ms;
    size_t count, room;
    int64_t cpu_ns; /* of the process when the first one was taken */
};

void samples_add(struct samples *s, int64_t ns);
void samples_free(struct samples *s);

/*
 * One line of JSON: {"name": ..., "count", "p50", "p99", "max", "cpu"}, all in
 * milliseconds; cpu is the process's time for one. Sorts.
 */
void samples_print(struct samples *s, const char *name);

/* {"name": ..., "value": ...} */
void bench_print(const char *name, double value);

/* The store of a directory's chat.db with a loop of our own. */
struct bench {
    struct loop *loop;
    struct store *store;
};

void bench_open(struct bench *b, const char *path);
void bench_close(struct bench *b);

struct store_op *bench_op(
    struct bench *b, enum store_verb verb, const char *user);

/* Submits and waits; ends the program unless the result is RC_OK. */
void bench_run(struct bench *b, struct store_op *op);

/* Bytes that this process has handed to write(), and to the disk. */
struct bench_io {
    int64_t written, to_disk;
};

struct bench_io bench_io(void);

/* A number from the command line; ends the program when it is none. */
int64_t bench_number(const char *text);

_Noreturn void bench_die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
