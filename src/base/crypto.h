#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/* Thin names over OpenSSL's libcrypto; no cryptography of our own. */

/* Fills p with n random bytes fit for keys; aborts if the system has none. */
void crypto_random(void *p, size_t n);

/* n random bytes as base64url without padding, appended to out. */
enum rc crypto_random_token(struct buf *out, size_t n);

enum { CRYPTO_SHA256_SIZE = 32, CRYPTO_SHA256_HEX_SIZE = 65 };

void crypto_sha256(struct str data, unsigned char ret[CRYPTO_SHA256_SIZE]);

/* Lower-case hexadecimal and a NUL. */
void crypto_sha256_hex(struct str data, char ret[CRYPTO_SHA256_HEX_SIZE]);

/* Equality in a time that depends only on the lengths. */
bool crypto_equal(struct str a, struct str b);

/* Standard base64 with padding (RFC 4648 section 4), appended to out. */
enum rc crypto_base64(struct buf *out, struct str data);

/* The same, decoded; RC_INVALID on anything that is not base64. */
enum rc crypto_base64_decode(struct buf *out, struct str text);

/* As it stands in tokens: URL letters, no padding (section 5). */
enum rc crypto_base64url_decode(struct buf *out, struct str text);

/* Overwrites memory in a way the compiler keeps. */
void crypto_wipe(void *p, size_t n);

#endif
