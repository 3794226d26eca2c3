#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rsa.h"

enum { BITS = 2048, BYTES = BITS / 8 };

struct rsa_key {
    EVP_PKEY *pair;
};

struct rsa_key *rsa_key_new(void)
{
    struct rsa_key *key = MEM_NEW(struct rsa_key);
    key->pair = EVP_RSA_gen(BITS);
    if (key->pair == NULL)
        abort();
    return key;
}

void rsa_key_free(struct rsa_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pair);
    mem_free(key);
}

enum rc rsa_key_sign(
    const struct rsa_key *key, struct str data, struct buf *out)
{
    size_t n = BYTES;
    char *to;
    if (buf_reserve(out, n, &to) != RC_OK)
        return RC_TOO_LARGE;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL ||
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pair) != 1 ||
        EVP_DigestSign(ctx, (unsigned char *)to, &n,
            (const unsigned char *)data.p, data.n) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
    buf_commit(out, n);
    return RC_OK;
}

enum rc rsa_key_modulus(const struct rsa_key *key, struct buf *out)
{
    BIGNUM *n = NULL;
    char *to;
    if (buf_reserve(out, BYTES, &to) != RC_OK)
        return RC_TOO_LARGE;
    if (EVP_PKEY_get_bn_param(key->pair, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        BN_bn2binpad(n, (unsigned char *)to, BYTES) != BYTES)
        abort();
    BN_free(n);
    buf_commit(out, BYTES);
    return RC_OK;
}
