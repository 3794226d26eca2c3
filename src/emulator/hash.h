#ifndef EMULATOR_HASH_H
#define EMULATOR_HASH_H

#include <stdint.h>

#include "base/str.h"

/* Repeatable pseudo-randomness: same input and seed, same demonstration. */

/* Hash of s, continued from h (FNV-1a). */
static inline uint64_t emu_hash(uint64_t h, struct str s)
{
    h ^= 0xcbf29ce484222325U;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3U;
    return h;
}

/* Spreads every bit of x over the result (splitmix64's last step). */
static inline uint64_t emu_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

#endif
