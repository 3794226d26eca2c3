#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Text as long and as varied as what people write, the same in every run. */

/* Numbers that are the same in every run. */
uint64_t bench_random(void);
double bench_fraction(void); /* 0 <= x < 1 */

/* The name of a word by its rank: 0 is the most common of BENCH_WORDS. */
enum { BENCH_WORDS = 60000, BENCH_WORD_SIZE = 16 };

void bench_word(size_t rank, char ret[BENCH_WORD_SIZE]);

/* A rank as words are distributed in speech (Zipf). */
size_t bench_rank(void);

/* Sentences of n words into out, which has room for BENCH_WORD_SIZE * n. */
size_t bench_text(size_t n, char *out);

#endif
