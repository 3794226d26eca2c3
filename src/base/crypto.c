#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/crypto.h"

void crypto_random(void *p, size_t n)
{
    if (n > INT_MAX || RAND_bytes(p, (int)n) != 1)
        abort();
}

enum rc crypto_random_token(struct buf *out, size_t n)
{
    unsigned char bytes[64];
    if (n > sizeof(bytes))
        return RC_TOO_LARGE;
    crypto_random(bytes, n);
    size_t start = out->n;
    enum rc rc = crypto_base64(out, (struct str){(const char *)bytes, n});
    crypto_wipe(bytes, sizeof(bytes));
    if (rc != RC_OK)
        return rc;
    size_t keep = start;
    for (size_t i = start; i < out->n; i++) {
        char c = out->p[i];
        if (c != '=')
            out->p[keep++] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
    }
    out->n = keep;
    return RC_OK;
}

void crypto_sha256(struct str data, unsigned char ret[CRYPTO_SHA256_SIZE])
{
    static const unsigned char nothing[1];
    SHA256(data.n ? (const unsigned char *)data.p : nothing, data.n, ret);
}

void crypto_sha256_hex(struct str data, char ret[CRYPTO_SHA256_HEX_SIZE])
{
    unsigned char digest[CRYPTO_SHA256_SIZE];
    crypto_sha256(data, digest);
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < CRYPTO_SHA256_SIZE; i++) {
        ret[2 * i] = hex[digest[i] >> 4];
        ret[2 * i + 1] = hex[digest[i] & 15];
    }
    ret[2 * CRYPTO_SHA256_SIZE] = '\0';
}

bool crypto_equal(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

enum rc crypto_base64(struct buf *out, struct str data)
{
    if (data.n > INT_MAX / 2)
        return RC_TOO_LARGE;
    char *at;
    enum rc rc = buf_reserve(out, (data.n + 2) / 3 * 4 + 1, &at);
    if (rc != RC_OK)
        return rc;
    int n = EVP_EncodeBlock(
        (unsigned char *)at, (const unsigned char *)data.p, (int)data.n);
    buf_commit(out, (size_t)n);
    return RC_OK;
}

enum rc crypto_base64_decode(struct buf *out, struct str text)
{
    if (text.n == 0)
        return RC_OK;
    if (text.n % 4 != 0 || text.n > INT_MAX / 2)
        return RC_INVALID;
    char *at;
    enum rc rc = buf_reserve(out, text.n / 4 * 3, &at);
    if (rc != RC_OK)
        return rc;
    int n = EVP_DecodeBlock(
        (unsigned char *)at, (const unsigned char *)text.p, (int)text.n);
    if (n < 0)
        return RC_INVALID;
    n -= str_ends_with(text, STR("==")) ? 2 : str_ends_with(text, STR("="));
    buf_commit(out, (size_t)n);
    return RC_OK;
}

enum rc crypto_base64url_decode(struct buf *out, struct str text)
{
    struct buf standard;
    buf_init(&standard, text.n + 4);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        buf_append_char(&standard, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    while (standard.n % 4 != 0)
        buf_append_char(&standard, '=');
    enum rc rc = crypto_base64_decode(out, buf_str(&standard));
    buf_release(&standard);
    return rc;
}

void crypto_wipe(void *p, size_t n)
{
    if (p != NULL)
        OPENSSL_cleanse(p, n);
}
