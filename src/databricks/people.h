#ifndef DATABRICKS_PEOPLE_H
#define DATABRICKS_PEOPLE_H

#include <stdbool.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"

/* Whose an access token is, as the workspace says it (SCIM). */
struct databricks_client;
struct databricks_who;

struct databricks_person {
    struct str id;        /* within the workspace */
    struct str workspace; /* its id; may be empty */
    struct str user_name; /* an e-mail address; a service principal's is none */
    struct str email;     /* may be empty */
};

/* On success error is NULL and person is valid during the call. */
typedef void databricks_who_fn(void *ctx,
    const struct databricks_person *person,
    const struct databricks_error *error);

/*
 * Asks whose the token is, which is copied. DATABRICKS_USER_TOKEN_REFUSED
 * says that it is nobody's any more. RC_INVALID where there is no workspace.
 */
[[nodiscard]] enum rc databricks_who_ask(struct databricks_client *client,
    struct str token, databricks_who_fn *fn, void *ctx,
    struct databricks_who **ret);

/* The callback will not run; the handle is dead. */
void databricks_who_cancel(struct databricks_who *who);

#endif
