#ifndef BASE_RSA_H
#define BASE_RSA_H

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/* Signatures of RS256 (RFC 7518), by OpenSSL's libcrypto. */
struct rsa_key;

/* A new key of 2048 bits; takes a good part of a second. Aborts on failure. */
struct rsa_key *rsa_key_new(void);

/* NULL is a no-op. */
void rsa_key_free(struct rsa_key *key);

/* Appends the signature of data (RSASSA-PKCS1-v1_5, SHA-256) to out. */
enum rc rsa_key_sign(
    const struct rsa_key *key, struct str data, struct buf *out);

/* Appends the public modulus, big-endian; the exponent is 65537. */
enum rc rsa_key_modulus(const struct rsa_key *key, struct buf *out);

#endif
