#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>

#include "base/str.h"

/*
 * A credential. It is never logged or printed; secret_reveal() is the one
 * place to look at it, so that uses can be found by name.
 */
struct secret {
    char *p_;
    size_t n_;
};

/* Copies value; replaces (and wipes) what was there. */
void secret_set(struct secret *s, struct str value);

/* Wipes and frees; the secret is then empty and reusable. */
void secret_release(struct secret *s);

bool secret_empty(const struct secret *s);

/* View that is valid until the next set or release. */
struct str secret_reveal(const struct secret *s);

#endif
