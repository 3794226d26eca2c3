#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/sqlite/store_sqlite.h"

#include "bench.h"

void bench_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

int64_t bench_number(const char *text)
{
    int64_t n = 0;
    if (num_parse_i64(str_from_c(text), 0, INT32_MAX, &n) != RC_OK)
        bench_die("%s is not a number", text);
    return n;
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

void samples_add(struct samples *s, int64_t ns)
{
    if (s->count == s->room) {
        s->room = s->room == 0 ? 1024 : 2 * s->room;
        s->ms = mem_realloc(s->ms, s->room * sizeof(*s->ms));
    }
    if (s->count == 0)
        s->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    s->ms[s->count++] = (double)ns / 1e6;
}

void samples_free(struct samples *s)
{
    mem_free(s->ms);
    *s = (struct samples){0};
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void samples_print(struct samples *s, const char *name)
{
    if (s->count == 0)
        bench_die("%s: nothing was measured", name);
    int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - s->cpu_ns;
    qsort(s->ms, s->count, sizeof(*s->ms), compare);
    printf("{\"name\": \"%s\", \"count\": %zu, \"p50\": %.4f, \"p99\": %.4f,"
           " \"max\": %.4f, \"cpu\": %.4f}\n",
        name, s->count, s->ms[s->count / 2], s->ms[s->count * 99 / 100],
        s->ms[s->count - 1],
        s->count < 2 ? 0 : (double)cpu / 1e6 / (double)(s->count - 1));
}

void bench_print(const char *name, double value)
{
    printf("{\"name\": \"%s\", \"value\": %.4f}\n", name, value);
}

void bench_open(struct bench *b, const char *path)
{
    char error[STORE_ERROR_SIZE];
    struct store_sqlite_options options = {.path = path};
    if (loop_new(clock_system(), &b->loop) != RC_OK)
        bench_die("no loop");
    if (store_sqlite_open(&options, &b->store, error) != RC_OK)
        bench_die("%s: %s", path, error);
}

void bench_close(struct bench *b)
{
    store_close(b->store);
    loop_free(b->loop);
}

static void on_done(struct store_op *op)
{
    *(bool *)op->ctx = true;
}

struct store_op *bench_op(
    struct bench *b, enum store_verb verb, const char *user)
{
    struct store_op *op = store_op_new(b->loop, verb, on_done, NULL);
    if (user != NULL)
        op->user_id = store_op_str(op, str_from_c(user));
    return op;
}

void bench_run(struct bench *b, struct store_op *op)
{
    bool done = false;
    op->ctx = &done;
    store_submit(b->store, op);
    while (!done)
        loop_turn(b->loop, 10000);
    if (op->rc != RC_OK)
        bench_die("%s", op->error);
}

struct bench_io bench_io(void)
{
    char line[128];
    struct bench_io io = {0};
    FILE *f = fopen("/proc/self/io", "r");
    if (f == NULL)
        bench_die("no /proc/self/io");
    while (fgets(line, sizeof(line), f) != NULL) {
        struct str name, value, text = str_trim(str_from_c(line));
        str_cut(text, ':', &name, &value);
        int64_t *to = str_eq(name, STR("wchar"))         ? &io.written
                      : str_eq(name, STR("write_bytes")) ? &io.to_disk
                                                         : NULL;
        if (to != NULL &&
            num_parse_i64(str_trim(value), 0, INT64_MAX, to) != RC_OK)
            bench_die("/proc/self/io is not as expected");
    }
    fclose(f);
    return io;
}
