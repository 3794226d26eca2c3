#ifndef BENCH_RELAY_MARK_H
#define BENCH_RELAY_MARK_H

#include <stdint.h>

/*
 * Numbers within a token's text: ten signs are the digits, because digits would
 * be words of the search's index, and no answer has as many different ones.
 */

enum { MARK_SIZE = 19 };

/* Writes a number, without an end; gives its length. */
int mark_put(char out[MARK_SIZE], int64_t n);

/* The value of a sign, -1 for all others. */
int mark_value(char c);

#endif
