#ifndef DATABRICKS_LOGIN_H
#define DATABRICKS_LOGIN_H

#include <stdbool.h>

#include "base/str.h"

/*
 * A tool that works in the person's own name at some other service needs them
 * to sign in there first. Its output then says so in a sentence of which this
 * is what counts; both are views of the text.
 */
struct databricks_login {
    struct str connection;
    struct str url; /* https only */
};

/* False when the text asks for no sign-in, or names no safe address. */
bool databricks_login_find(struct str text, struct databricks_login *ret);

#endif
