#include "histogram.h"

void histogram_add(struct histogram *h, int64_t ns)
{
    if (ns < 1)
        ns = 1;
    int octave = 63 - __builtin_clzll((unsigned long long)ns);
    if (octave >= HISTOGRAM_OCTAVES)
        octave = HISTOGRAM_OCTAVES - 1;
    int64_t step = (INT64_C(1) << octave) / HISTOGRAM_BUCKETS;
    int64_t bucket = step == 0 ? 0 : (ns - (INT64_C(1) << octave)) / step;
    if (bucket >= HISTOGRAM_BUCKETS)
        bucket = HISTOGRAM_BUCKETS - 1;
    h->counts[octave][bucket]++;
    h->total++;
}

double histogram_ms(const struct histogram *h, double part)
{
    unsigned long want = (unsigned long)(part * (double)h->total), seen = 0;
    for (int o = 0; o < HISTOGRAM_OCTAVES; o++)
        for (int b = 0; b < HISTOGRAM_BUCKETS; b++) {
            seen += h->counts[o][b];
            if (seen > want)
                return (double)(INT64_C(1) << o) *
                       (1 + (b + 0.5) / HISTOGRAM_BUCKETS) / 1e6;
        }
    return 0;
}
