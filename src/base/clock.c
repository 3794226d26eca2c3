#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

static int64_t system_monotonic_ms(const struct clock *)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_wall_us(const struct clock *)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const struct clock *clock_system(void)
{
    static const struct clock clock = {system_monotonic_ms, system_wall_us};
    return &clock;
}

int64_t clock_monotonic_ms(const struct clock *clock)
{
    return clock->monotonic_ms(clock);
}

int64_t clock_wall_us(const struct clock *clock)
{
    return clock->wall_us(clock);
}

static int64_t manual_monotonic_ms(const struct clock *clock)
{
    return ((const struct clock_manual *)clock)->now_ms;
}

static int64_t manual_wall_us(const struct clock *clock)
{
    return ((const struct clock_manual *)clock)->now_wall_us;
}

void clock_manual_init(struct clock_manual *m, int64_t now_ms, int64_t wall_us)
{
    *m = (struct clock_manual){
        .clock = {manual_monotonic_ms, manual_wall_us},
        .now_ms = now_ms,
        .now_wall_us = wall_us,
    };
}

void clock_manual_advance(struct clock_manual *m, int64_t ms)
{
    m->now_ms += ms;
    m->now_wall_us += ms * 1000;
}
