#include <math.h>
#include <string.h>

#include "words.h"

uint64_t bench_random(void)
{
    static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

double bench_fraction(void)
{
    return (double)(bench_random() >> 11) / 9007199254740992.0;
}

void bench_word(size_t rank, char ret[BENCH_WORD_SIZE])
{
    static const char consonants[] = "bcdfghjklmnprstvwxyz";
    static const char vowels[] = "aeiou";
    size_t n = 0;
    for (size_t rest = rank + 1; rest > 0; rest /= 100) {
        ret[n++] = consonants[rest % 100 / 5];
        ret[n++] = vowels[rest % 5];
    }
    ret[n] = '\0';
}

size_t bench_rank(void)
{
    return (size_t)exp(bench_fraction() * log(BENCH_WORDS)) - 1;
}

size_t bench_text(size_t n, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        bench_word(bench_rank(), out + length);
        length += strlen(out + length);
        out[length++] = i % 12 == 11 ? '.' : ' ';
    }
    out[length] = '\0';
    return length;
}
