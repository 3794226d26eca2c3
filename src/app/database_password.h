#ifndef APP_DATABASE_PASSWORD_H
#define APP_DATABASE_PASSWORD_H

#include "app/options.h"
#include "base/secret.h"
#include "store/store.h"

/*
 * Databricks' managed PostgreSQL takes the service principal's OAuth access
 * token as the password; it is looked at when a connection is made, and only
 * then. True when this configuration asks for that: PGHOST and credentials of
 * a service principal are there, PGPASSWORD is not.
 */
bool database_password_minted(const struct app_config *config);

/*
 * What libpq is to connect with, in the arena. Where the password is minted,
 * the service principal is the user and databricks_postgres the database, and
 * the password goes to another machine by TLS only, unless PGUSER, PGDATABASE
 * or PGSSLMODE say otherwise. Where LAKEBASE_ENDPOINT names the database the
 * workspace is asked for its host; a failure says why in error.
 */
[[nodiscard]] enum rc database_conninfo(const struct app_config *config,
    struct arena *arena, const char **ret, char error[STORE_ERROR_SIZE]);

/*
 * A store_postgres_password_fn; ctx is the struct app_config. Mints a token on
 * the calling thread, with a loop that lives only so long.
 */
enum rc database_password_mint(void *ctx, bool renew,
    struct secret *ret_password, char error[STORE_ERROR_SIZE]);

#endif
