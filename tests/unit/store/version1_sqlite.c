#include <unistd.h>

#include "files.h"
#include "tap.h"
#include "version1.h"

void version1_make(struct world *w)
{
    char path[FILES_PATH_SIZE];
    char sql[VERSION1_SIZE];
    version1_read(VERSION1_SQLITE, sql);
    world_open(w);
    store_close(w->store);
    files_join(path, w->directory, "chat.db");
    CHECK(unlink(path) == 0);
    files_write(path, STR(""));
    sqlite3 *db = files_connect(path);
    files_exec(db, sql);
    sqlite3_close(db);
    w->store = NULL;
}

struct str version1_value(
    const struct world *w, struct arena *arena, const char *sql)
{
    char path[FILES_PATH_SIZE];
    sqlite3_stmt *stmt = NULL;
    struct str value = {0};
    files_join(path, w->directory, "chat.db");
    sqlite3 *db = files_connect(path);
    CHECK_INT(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        value = arena_str(
            arena, str_from_c((const char *)sqlite3_column_text(stmt, 0)));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}
