#ifndef DATABRICKS_USER_TOKEN_H
#define DATABRICKS_USER_TOKEN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "databricks/error.h"

/*
 * The access token of a person, as a proxy hands it on or a caller sends it:
 * it is good for some scopes only and is not ours to renew.
 */

/*
 * Appends the scopes that the token names (claim `scope` or `scp` of a JWT),
 * divided by spaces; false when it is no JWT or names none. Nothing is
 * verified: this is for telling people what is missing, never for letting
 * anybody in.
 */
bool user_token_scopes(struct str token, struct buf *out);

/*
 * Puts into e what the refusal of a person's token means for that person.
 * wanted holds the scopes that the endpoint is known to demand, divided by
 * spaces; may be empty.
 */
void user_token_explain(
    struct str token, struct str wanted, struct databricks_error *e);

/* Whether another way in may help where this refused a person's token. */
bool user_token_refusal(const struct databricks_error *e);

#endif
