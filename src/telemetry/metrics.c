#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "telemetry/metrics.h"

#define METRICS_ROW(id, name, type, help) {"chatbot_" name, type, help},
static const struct {
    const char *name;
    const char *type;
    const char *help;
} metrics_rows[] = {METRICS_TABLE(METRICS_ROW)};
#undef METRICS_ROW

static _Atomic int64_t metrics_values[METRIC_COUNT];

void metrics_add(enum metric metric, int64_t n)
{
    atomic_fetch_add_explicit(&metrics_values[metric], n, memory_order_relaxed);
}

int64_t metrics_get(enum metric metric)
{
    return atomic_load_explicit(&metrics_values[metric], memory_order_relaxed);
}

/* ---- How long things take ---- */

/* Upper ends of the buckets in microseconds, and as they are written. */
static const struct {
    int64_t us;
    const char *seconds;
} bounds[] = {{1000, "0.001"}, {2500, "0.0025"}, {5000, "0.005"},
    {10000, "0.01"}, {25000, "0.025"}, {50000, "0.05"}, {100000, "0.1"},
    {250000, "0.25"}, {500000, "0.5"}, {1000000, "1"}, {2500000, "2.5"},
    {5000000, "5"}, {10000000, "10"}, {30000000, "30"}, {60000000, "60"}};

enum { BOUNDS = sizeof(bounds) / sizeof(*bounds) };

#define TIMES_ROW(id, name, help) {"chatbot_" name, help},
static const struct {
    const char *name;
    const char *help;
} times_rows[] = {METRICS_TIMES_TABLE(TIMES_ROW)};
#undef TIMES_ROW

static struct {
    _Atomic int64_t buckets[BOUNDS + 1]; /* not summed up */
    _Atomic int64_t sum_us;
} times[METRIC_TIME_COUNT];

int64_t metrics_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void metrics_took(enum metric_time what, int64_t us)
{
    size_t i = 0;
    us = us < 0 ? 0 : us;
    while (i < BOUNDS && us > bounds[i].us)
        i++;
    atomic_fetch_add_explicit(&times[what].buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&times[what].sum_us, us, memory_order_relaxed);
}

static void put_times(struct buf *out, enum metric_time what)
{
    const char *name = times_rows[what].name;
    int64_t count = 0;
    buf_printf(out, "# HELP %s %s\n# TYPE %s histogram\n", name,
        times_rows[what].help, name);
    for (size_t i = 0; i <= BOUNDS; i++) {
        count +=
            atomic_load_explicit(&times[what].buckets[i], memory_order_relaxed);
        buf_printf(out, "%s_bucket{le=\"%s\"} %" PRId64 "\n", name,
            i < BOUNDS ? bounds[i].seconds : "+Inf", count);
    }
    int64_t us =
        atomic_load_explicit(&times[what].sum_us, memory_order_relaxed);
    buf_printf(out, "%s_sum %.6f\n%s_count %" PRId64 "\n", name,
        (double)us / 1e6, name, count);
}

/* ---- By code ---- */

enum { MAX_CODES = 64, CODE_SIZE = 40 };

#define CODES_ROW(id, name, help) {"chatbot_" name, help},
static const struct {
    const char *name;
    const char *help;
} codes_rows[] = {METRICS_CODES_TABLE(CODES_ROW)};
#undef CODES_ROW

static pthread_mutex_t codes_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct {
        char code[CODE_SIZE];
        int64_t count;
    } items[MAX_CODES];
    size_t used;
    int64_t other;
} codes[METRIC_CODE_COUNT];

static bool is_code(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    (c >= 'A' && c <= 'Z') || c == '_';
        if (!fits)
            return false;
    }
    return s.n > 0 && s.n < CODE_SIZE;
}

/* The counter of a code; called with the lock. */
static int64_t *counter_of(enum metric_code what, struct str code)
{
    size_t i = 0;
    if (!is_code(code))
        return &codes[what].other;
    while (i < codes[what].used &&
           !str_eq(code, str_from_c(codes[what].items[i].code)))
        i++;
    if (i == MAX_CODES)
        return &codes[what].other;
    if (i == codes[what].used) {
        memcpy(codes[what].items[i].code, code.p, code.n);
        codes[what].used++;
    }
    return &codes[what].items[i].count;
}

void metrics_count_code(enum metric_code what, struct str code)
{
    pthread_mutex_lock(&codes_lock);
    ++*counter_of(what, code);
    pthread_mutex_unlock(&codes_lock);
}

static void put_codes(struct buf *out, enum metric_code what)
{
    const char *name = codes_rows[what].name;
    buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", name,
        codes_rows[what].help, name);
    pthread_mutex_lock(&codes_lock);
    for (size_t i = 0; i < codes[what].used; i++)
        buf_printf(out, "%s{code=\"%s\"} %" PRId64 "\n", name,
            codes[what].items[i].code, codes[what].items[i].count);
    if (codes[what].other > 0)
        buf_printf(
            out, "%s{code=\"other\"} %" PRId64 "\n", name, codes[what].other);
    pthread_mutex_unlock(&codes_lock);
}

enum rc metrics_render(struct buf *out)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        const char *name = metrics_rows[i].name;
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", name,
            metrics_rows[i].help, name, metrics_rows[i].type, name,
            metrics_get((enum metric)i));
    }
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        put_times(out, (enum metric_time)i);
    for (int i = 0; i < METRIC_CODE_COUNT; i++)
        put_codes(out, (enum metric_code)i);
    return buf_ok(out) ? RC_OK : RC_TOO_LARGE;
}
