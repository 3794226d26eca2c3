#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/*
 * Where time comes from. Logic takes a struct clock (or `now`) and never asks
 * the system, so that tests turn the hands themselves.
 */
struct clock {
    /* Milliseconds that never go back; no particular origin. */
    int64_t (*monotonic_ms)(const struct clock *clock);
    /* Microseconds since 1970-01-01T00:00:00Z. */
    int64_t (*wall_us)(const struct clock *clock);
};

/* The machine's clock; lives for ever. */
const struct clock *clock_system(void);

int64_t clock_monotonic_ms(const struct clock *clock);
int64_t clock_wall_us(const struct clock *clock);

/* A clock that only moves when told. Embed it, init it, set the members. */
struct clock_manual {
    struct clock clock;
    int64_t now_ms;
    int64_t now_wall_us;
};

void clock_manual_init(struct clock_manual *m, int64_t now_ms, int64_t wall_us);

/* Moves both hands. */
void clock_manual_advance(struct clock_manual *m, int64_t ms);

#endif
