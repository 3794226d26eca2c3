#include <inttypes.h>
#include <stdatomic.h>

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

enum rc metrics_render(struct buf *out)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        const char *name = metrics_rows[i].name;
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", name,
            metrics_rows[i].help, name, metrics_rows[i].type, name,
            metrics_get((enum metric)i));
    }
    return buf_ok(out) ? RC_OK : RC_TOO_LARGE;
}
