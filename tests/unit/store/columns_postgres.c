#include <string.h>

#include <libpq-fe.h>

#include "base/arena.h"

#include "columns.h"
#include "tap.h"
#include "world.h"

static struct world world;
static PGconn *connection;
static PGresult *result;
static int row;

void columns_open(void)
{
    struct arena *arena = arena_new();
    world_open(&world);
    connection = PQconnectdb("");
    struct str sql = arena_printf(arena,
        "SELECT c.table_name, c.column_name, c.data_type"
        " FROM information_schema.columns c JOIN information_schema.tables t"
        " ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
        " WHERE c.table_schema = '%s' AND t.table_type = 'BASE TABLE'",
        strrchr(world.directory, '/') + 1);
    result = PQexec(connection, sql.p);
    CHECK_INT(PQresultStatus(result), PGRES_TUPLES_OK);
    arena_free(arena);
    row = 0;
}

bool columns_next(struct column *ret)
{
    if (row == PQntuples(result))
        return false;
    ret->table = str_from_c(PQgetvalue(result, row, 0));
    ret->name = str_from_c(PQgetvalue(result, row, 1));
    ret->whole = strstr(PQgetvalue(result, row, 2), "int") != NULL;
    row++;
    return true;
}

void columns_close(void)
{
    PQclear(result);
    PQfinish(connection);
    world_close(&world);
}
