#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/sqlite/store_sqlite.h"

#include "tap.h"
#include "world.h"

static struct store *open_sqlite(const char *directory, bool keep)
{
    struct arena *arena = arena_new();
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    struct str path = arena_printf(arena, "%s/chat.db", directory);
    if (!keep)
        unlink(path.p);
    struct store_sqlite_options options = {.path = path.p};
    if (store_sqlite_open(&options, &store, error) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", error);
    arena_free(arena);
    return store;
}

const struct backend backend = {.name = "sqlite", .open = open_sqlite};
