#include <string.h>

#include "columns.h"
#include "files.h"
#include "tap.h"
#include "world.h"

static struct world world;
static sqlite3 *db;
static sqlite3_stmt *statement;

void columns_open(void)
{
    char path[FILES_PATH_SIZE];
    world_open(&world);
    files_join(path, world.directory, "chat.db");
    db = files_connect(path);
    CHECK_INT(sqlite3_prepare_v2(db,
                  "SELECT t.name, c.name, c.type FROM sqlite_master t,"
                  " pragma_table_info(t.name) c WHERE t.type = 'table'"
                  " AND t.name NOT LIKE 'sqlite%'",
                  -1, &statement, NULL),
        SQLITE_OK);
}

static struct str text_of(int column)
{
    return str_from_c((const char *)sqlite3_column_text(statement, column));
}

bool columns_next(struct column *ret)
{
    if (sqlite3_step(statement) != SQLITE_ROW)
        return false;
    ret->table = text_of(0);
    ret->name = text_of(1);
    ret->whole = str_contains(text_of(2), STR("INT"));
    return true;
}

void columns_close(void)
{
    sqlite3_finalize(statement);
    sqlite3_close(db);
    world_close(&world);
}
