#include "base/arena.h"

#include "server.h"
#include "tap.h"
#include "version1.h"

/* Runs statements; the first value of the last of them. */
static struct str run(PGconn *h, struct arena *arena, const char *sql)
{
    struct str value = {0};
    PGresult *result = PQexec(h, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0)
        value = arena_str(arena, str_from_c(PQgetvalue(result, 0, 0)));
    else if (status != PGRES_COMMAND_OK)
        tap_fail(__FILE__, __LINE__, "%s", PQerrorMessage(h));
    PQclear(result);
    return value;
}

void version1_make(struct world *w)
{
    char sql[VERSION1_SIZE];
    struct arena *arena = arena_new();
    version1_read(VERSION1_POSTGRES, sql);
    world_open(w);
    store_close(w->store);
    const char *schema = server_schema(w);
    PGconn *h = server_connect(w);
    (void)run(h, arena,
        arena_printf(arena, "DROP SCHEMA \"%s\" CASCADE; CREATE SCHEMA \"%s\"",
            schema, schema)
            .p);
    (void)run(h, arena, sql);
    PQfinish(h);
    arena_free(arena);
    w->store = NULL;
}

struct str version1_value(
    const struct world *w, struct arena *arena, const char *sql)
{
    PGconn *h = server_connect(w);
    struct str value = run(h, arena, sql);
    PQfinish(h);
    return value;
}
