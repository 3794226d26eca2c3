#include "base/crypto.h"
#include "base/mem.h"
#include "base/secret.h"

void secret_set(struct secret *s, struct str value)
{
    char *copy = value.n == 0 ? NULL : mem_dup_str(value);
    secret_release(s);
    *s = (struct secret){copy, value.n};
}

void secret_release(struct secret *s)
{
    crypto_wipe(s->p_, s->n_);
    mem_free(s->p_);
    *s = (struct secret){0};
}

bool secret_empty(const struct secret *s)
{
    return s->n_ == 0;
}

struct str secret_reveal(const struct secret *s)
{
    return (struct str){s->p_, s->n_};
}
