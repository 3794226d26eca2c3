#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/store_sqlite.h"

#include "files.h"
#include "tap.h"
#include "world.h"

/* A store that a tool opens beside the one that serves the same file. */

static enum rc open_tool(const char *path, bool one_state, struct store **ret,
    char error[STORE_ERROR_SIZE])
{
    struct store_sqlite_options options = {
        .path = path, .tool = true, .one_state = one_state};
    return store_sqlite_open(&options, ret, error);
}

/* The served store of a world, and a second world on the same file. */
struct pair {
    struct world server, tool;
    char path[FILES_PATH_SIZE];
};

static void open_pair(struct pair *p, bool one_state)
{
    char error[STORE_ERROR_SIZE];
    world_open(&p->server);
    p->tool = p->server;
    p->tool.last = NULL;
    files_join(p->path, p->server.directory, "chat.db");
    if (open_tool(p->path, one_state, &p->tool.store, error) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", error);
}

static void close_pair(struct pair *p)
{
    store_op_free(p->tool.last);
    store_close(p->tool.store);
    world_close(&p->server);
}

TEST(a_tool_and_a_server_see_what_the_other_writes)
{
    struct pair p;
    open_pair(&p, false);
    CHECK(store_sqlite_served(p.path));
    for (int turn = 1; turn <= 20; turn++) {
        world_turn(&p.server, "ann", "s1", turn, "question", "answer");
        world_turn(&p.tool, "ann", "s2", turn, "question", "answer");
        CHECK_INT(world_chat(&p.tool, "ann", "s1")->message_count, 2 * turn);
        CHECK_INT(world_chat(&p.server, "ann", "s2")->message_count, 2 * turn);
    }
    close_pair(&p);
}

TEST(a_tool_of_one_state_sees_nothing_new)
{
    struct pair p;
    open_pair(&p, true);
    world_turn(&p.server, "ann", "s1", 1, "question", "answer");
    CHECK_INT(world_chat(&p.tool, "ann", "s1")->message_count, 2);
    world_turn(&p.server, "ann", "s1", 2, "question", "answer");
    CHECK_INT(world_chat(&p.server, "ann", "s1")->message_count, 4);
    CHECK_INT(world_chat(&p.tool, "ann", "s1")->message_count, 2);
    close_pair(&p);
}

TEST(a_server_that_is_gone_serves_no_more)
{
    char path[FILES_PATH_SIZE], error[STORE_ERROR_SIZE];
    struct world w;
    struct store *tool = NULL;
    world_open(&w);
    files_join(path, w.directory, "chat.db");
    store_close(w.store);
    CHECK(!store_sqlite_served(path));
    CHECK_INT(open_tool(path, false, &tool, error), RC_OK);
    CHECK(!store_sqlite_served(path));
    w.store = backend.open(w.directory, true);
    CHECK(store_sqlite_served(path));
    store_close(tool);
    world_close(&w);
}

TEST(a_tool_makes_and_upgrades_nothing)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    struct stat before, after;
    files_directory(top);
    files_join(path, top, "none.db");
    CHECK_INT(open_tool(path, false, &store, error), RC_NOT_FOUND);
    CHECK(access(path, F_OK) != 0);
    files_join(path, top, "chat.db");
    files_copy(ORIGINAL_DB, path);
    CHECK(stat(path, &before) == 0);
    CHECK_INT(open_tool(path, false, &store, error), RC_UNSUPPORTED);
    CHECK(strstr(error, "start the server with it once") != NULL);
    CHECK(stat(path, &after) == 0);
    CHECK_INT(after.st_mtime, before.st_mtime);
    CHECK_INT(files_count(top, "chat.db", NULL), 1);
    files_write(path, STR("no database, but long enough to look like one"));
    CHECK_INT(open_tool(path, false, &store, error), RC_CORRUPT);
    CHECK_INT(open_tool(top, false, &store, error), RC_INVALID);
    CHECK(store == NULL);
    files_remove(top);
}

TEST(a_copy_is_whole_and_stands_alone)
{
    char copy[FILES_PATH_SIZE], error[STORE_ERROR_SIZE];
    struct world w;
    char path[FILES_PATH_SIZE];
    world_open(&w);
    files_join(path, w.directory, "chat.db");
    files_join(copy, w.directory, "copy.db");
    world_turn(&w, "ann", "s1", 1, "question", "answer");
    CHECK_INT(store_sqlite_copy(path, copy, error), RC_OK);
    CHECK_INT(store_sqlite_copy(path, copy, error), RC_CONFLICT);
    CHECK_INT(store_sqlite_seal(copy, error), RC_OK);
    CHECK_INT(store_sqlite_verify(copy, error), RC_OK);
    CHECK_INT(files_count(w.directory, "copy.db", NULL), 1);
    sqlite3 *db = files_connect(copy);
    CHECK_INT(files_number(db, "SELECT count(*) FROM messages"), 2);
    sqlite3_close(db);
    CHECK_INT(files_count(w.directory, "copy.db", NULL), 1);
    world_close(&w);
}

TEST(a_replaced_database_is_kept_and_a_served_one_stays)
{
    char path[FILES_PATH_SIZE], copy[FILES_PATH_SIZE], kept[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE];
    struct world w;
    world_open(&w);
    files_join(path, w.directory, "chat.db");
    files_join(copy, w.directory, "copy.db");
    files_join(kept, w.directory, "kept.db");
    CHECK_INT(store_sqlite_copy(path, copy, error), RC_OK);
    world_turn(&w, "ann", "s1", 1, "question", "answer");
    CHECK_INT(store_sqlite_replace(path, copy, kept, error), RC_CONFLICT);
    CHECK(world_chat(&w, "ann", "s1") != NULL);
    store_close(w.store);
    CHECK_INT(store_sqlite_replace(path, copy, kept, error), RC_OK);
    w.store = backend.open(w.directory, true);
    CHECK(world_chat(&w, "ann", "s1") == NULL);
    CHECK(access(kept, F_OK) == 0 && access(copy, F_OK) != 0);
    world_close(&w);
}
