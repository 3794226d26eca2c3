#include <string.h>

#include <libpq-fe.h>

#include "base/arena.h"
#include "store/postgres/store_postgres.h"

#include "tap.h"
#include "world.h"

/* A schema for each world, named after its folder, on the server of PG*. */

static void drop(const char *schema)
{
    struct arena *arena = arena_new();
    PGconn *h = PQconnectdb("");
    struct str sql = arena_printf(arena,
        "SET client_min_messages = error; DROP SCHEMA IF EXISTS \"%s\" CASCADE",
        schema);
    PGresult *result = PQexec(h, sql.p);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        tap_fail(__FILE__, __LINE__, "%s", PQerrorMessage(h));
    PQclear(result);
    PQfinish(h);
    arena_free(arena);
}

static struct store *open_postgres(const char *directory, bool keep)
{
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    const char *schema = strrchr(directory, '/') + 1;
    struct store_postgres_options options = {.schema = schema};
    if (!keep)
        drop(schema);
    if (store_postgres_open(&options, &store, error) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", error);
    return store;
}

const struct backend backend = {.name = "postgres", .open = open_postgres};
