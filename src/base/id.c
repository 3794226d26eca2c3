#include <string.h>

#include "base/crypto.h"
#include "base/id.h"

enum { POOL_IDS = 32 };

static void format(unsigned char *b, int version, char ret[ID_SIZE])
{
    b[6] = (unsigned char)((b[6] & 0x0f) | version << 4);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const char hex[] = "0123456789abcdef";
    char *out = ret;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[b[i] >> 4];
        *out++ = hex[b[i] & 15];
    }
    *out = '\0';
}

/*
 * Random bytes for the next ids of this thread: asking for many at once costs
 * little more than asking for sixteen. What was given is not kept.
 */
static void take_random(unsigned char ret[16])
{
    static _Thread_local unsigned char pool[POOL_IDS * 16];
    static _Thread_local size_t left;
    if (left == 0) {
        crypto_random(pool, sizeof(pool));
        left = sizeof(pool);
    }
    left -= 16;
    memcpy(ret, pool + left, 16);
    crypto_wipe(pool + left, 16);
}

void id_new(char ret[ID_SIZE])
{
    unsigned char b[16];
    take_random(b);
    format(b, 4, ret);
}

void id_of(struct str text, char ret[ID_SIZE])
{
    unsigned char b[CRYPTO_SHA256_SIZE];
    crypto_sha256(text, b);
    format(b, 8, ret);
}

bool id_valid(struct str s, size_t max)
{
    if (s.n == 0 || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}
