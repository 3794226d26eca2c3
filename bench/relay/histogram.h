#ifndef BENCH_RELAY_HISTOGRAM_H
#define BENCH_RELAY_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 64, HISTOGRAM_OCTAVES = 40 };

/* Times from 1 ns to 2^40 ns, each known to 1/64 of itself. Zero is empty. */
struct histogram {
    unsigned long counts[HISTOGRAM_OCTAVES][HISTOGRAM_BUCKETS];
    unsigned long total;
};

void histogram_add(struct histogram *h, int64_t ns);

/* Milliseconds that so large a part (0 to 1) stays below; 0 of nothing. */
double histogram_ms(const struct histogram *h, double part);

#endif
