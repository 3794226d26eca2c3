#include <pthread.h>

#include "base/mem.h"

#include "auth/auth.h"

enum { SECRET_BYTES = 24 };

/* Only the hash of the secret is kept. */
struct auth_link {
    pthread_mutex_t mutex;
    bool usable;
    char hash[CRYPTO_SHA256_HEX_SIZE];
};

struct auth_link *auth_link_new(void)
{
    struct auth_link *link = MEM_NEW(struct auth_link);
    pthread_mutex_init(&link->mutex, NULL);
    return link;
}

void auth_link_free(struct auth_link *link)
{
    if (link == NULL)
        return;
    pthread_mutex_destroy(&link->mutex);
    mem_free(link);
}

void auth_link_renew(struct auth_link *link, struct buf *out)
{
    size_t start = out->n;
    if (crypto_random_token(out, SECRET_BYTES) != RC_OK)
        return;
    pthread_mutex_lock(&link->mutex);
    crypto_sha256_hex(str_sub(buf_str(out), start, out->n), link->hash);
    link->usable = true;
    pthread_mutex_unlock(&link->mutex);
}

bool auth_link_use(struct auth_link *link, struct str secret)
{
    char hash[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(secret, hash);
    pthread_mutex_lock(&link->mutex);
    bool ok =
        link->usable && crypto_equal(str_from_c(hash), str_from_c(link->hash));
    if (ok)
        link->usable = false;
    pthread_mutex_unlock(&link->mutex);
    return ok;
}
