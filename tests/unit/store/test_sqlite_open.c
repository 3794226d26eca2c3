#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/sqlite/store_sqlite.h"

#include "files.h"
#include "tap.h"
#include "world.h"

/* What happens when the database is not as it should be at the start. */

enum { NOBODY = 65534 };

static enum rc try_open(
    const char *path, struct store **ret, char error[STORE_ERROR_SIZE])
{
    struct store_sqlite_options options = {.path = path, .busy_ms = 50};
    return store_sqlite_open(&options, ret, error);
}

/* Opening must fail with rc and a sentence that holds these words. */
static void check_refused(const char *path, enum rc rc, const char *words)
{
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    enum rc got = try_open(path, &store, error);
    if (got != rc || store != NULL || strstr(error, words) == NULL)
        tap_fail(
            __FILE__, __LINE__, "%s: %s, \"%s\"", path, rc_name(got), error);
}

/* A start and a stop of the store. */
static void use_once(const char *path)
{
    char error[STORE_ERROR_SIZE] = "";
    struct store *store = NULL;
    if (try_open(path, &store, error) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s: %s", path, error);
    store_close(store);
}

TEST(a_missing_file_and_its_directory_are_made)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    struct stat st;
    files_directory(top);
    files_join(path, top, "new/chat.db");
    CHECK_INT(try_open(path, &store, error), RC_OK);
    CHECK(stat(path, &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    store_close(store);
    use_once(path);
    files_join(path, top, "new");
    CHECK_INT(files_count(path, "chat.db.backup", NULL), 0);
    files_remove(top);
}

TEST(a_new_file_has_small_pages_and_another_keeps_its_own)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    files_directory(top);
    files_join(path, top, "chat.db");
    use_once(path);
    sqlite3 *db = files_connect(path);
    CHECK_INT(files_number(db, "PRAGMA page_size"), 1024);
    files_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192;"
                   " VACUUM");
    sqlite3_close(db);
    use_once(path);
    db = files_connect(path);
    CHECK_INT(files_number(db, "PRAGMA page_size"), 8192);
    CHECK_INT(
        files_number(db, "SELECT count(*) FROM schema_migrations") > 0, 1);
    sqlite3_close(db);
    files_remove(top);
}

TEST(a_path_that_cannot_be_is_refused_in_one_sentence)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    files_directory(top);
    files_join(path, top, "no/such/chat.db");
    check_refused(path, RC_INVALID, "directory above it does not exist");
    check_refused(top, RC_INVALID, "directory");
    files_join(path, top, "file");
    files_write(path, STR("x"));
    files_join(path, top, "file/chat.db");
    check_refused(path, RC_INVALID, "Not a directory");
    check_refused("", RC_INVALID, "no path of a database file");
    check_refused(":memory:", RC_INVALID, "no path of a database file");
    check_refused("/dev/null", RC_INVALID, "not a regular file");
    files_remove(top);
}

TEST(what_is_not_a_database_is_refused_and_left_alone)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE], content[3000];
    struct stat st;
    memset(content, 'x', sizeof(content));
    files_directory(top);
    files_join(path, top, "chat.db");
    files_write(path, (struct str){content, sizeof(content)});
    check_refused(path, RC_CORRUPT, "not an SQLite database");
    CHECK(stat(path, &st) == 0);
    CHECK_INT(st.st_size, sizeof(content));
    CHECK_INT(files_count(top, "chat.db.backup", NULL), 0);
    files_remove(top);
}

TEST(a_database_of_another_program_is_refused)
{
    static const char *const schemas[] = {"CREATE TABLE songs(id, title)",
        "CREATE TABLE messages(id, body); CREATE TABLE sessions(token)"};
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    files_directory(top);
    files_join(path, top, "chat.db");
    for (size_t i = 0; i < 2; i++) {
        files_write(path, STR(""));
        sqlite3 *db = files_connect(path);
        files_exec(db, schemas[i]);
        sqlite3_close(db);
        check_refused(path, RC_UNSUPPORTED, "another program");
    }
    files_remove(top);
}

TEST(a_database_of_a_newer_version_is_refused)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    files_directory(top);
    files_join(path, top, "chat.db");
    use_once(path);
    sqlite3 *db = files_connect(path);
    files_exec(db, "INSERT INTO schema_migrations VALUES(99, 'x', '')");
    sqlite3_close(db);
    check_refused(path, RC_UNSUPPORTED, "newer version");
    check_refused(path, RC_UNSUPPORTED, "schema 99");
    files_remove(top);
}

TEST(two_openings_of_one_database_are_refused)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE], other[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    files_directory(top);
    files_join(path, top, "chat.db");
    files_join(other, top, "alias.db");
    CHECK_INT(try_open(path, &store, error), RC_OK);
    CHECK(symlink(path, other) == 0);
    check_refused(path, RC_CONFLICT, "another process has it open");
    check_refused(other, RC_CONFLICT, "another process has it open");
    store_close(store);
    CHECK_INT(try_open(other, &store, error), RC_OK);
    store_close(store);
    files_remove(top);
}

/* Root may write everything: tests of permissions step down for a while. */
static bool step_down(void)
{
    return geteuid() != 0 || seteuid(NOBODY) == 0;
}

static void step_up(void)
{
    if (getuid() == 0 && seteuid(0) != 0)
        tap_fail(__FILE__, __LINE__, "cannot become root again");
}

static void check_reads_but_no_writes(struct world *w)
{
    CHECK_STR(world_message(w, "ann", "s1-a1")->content, STR("kept"));
    CHECK_INT(world_ask(w, "ann", "s1", 2, "?"), RC_READ_ONLY);
    CHECK_INT(world_rate(w, "ann", "s1-a1", STORE_RATING_UP), RC_READ_ONLY);
    CHECK_INT(world_run(w, world_op(w, STORE_PING, NULL)), RC_READ_ONLY);
    struct store_op *op = world_op(w, STORE_STATS, NULL);
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK(op->stats.read_only);
    CHECK_INT(world_message(w, "ann", "s1-a1")->rating, STORE_RATING_NONE);
}

/* Opens the world's database with the given modes, and sees what works. */
static void try_unwritable(mode_t directory_mode, mode_t file_mode)
{
    struct world w;
    char path[FILES_PATH_SIZE], error[STORE_ERROR_SIZE];
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "kept");
    store_close(w.store);
    w.store = NULL;
    files_join(path, w.directory, "chat.db");
    CHECK(chmod(path, file_mode) == 0);
    CHECK(chmod(w.directory, directory_mode) == 0);
    CHECK(step_down());
    enum rc rc = try_open(path, &w.store, error);
    step_up();
    CHECK_INT(rc, RC_OK);
    check_reads_but_no_writes(&w);
    CHECK(chmod(w.directory, 0755) == 0);
    world_close(&w);
}

TEST(a_read_only_file_is_served_for_reading)
{
    try_unwritable(0777, 0444);
}

TEST(a_read_only_directory_is_served_for_reading)
{
    try_unwritable(0555, 0444);
}

/*
 * A process was killed, then the medium became read-only: its last commits
 * are in the log, and to serve the file without them would show old data.
 */
TEST(a_log_that_cannot_be_read_is_not_ignored)
{
    struct world w;
    char path[FILES_PATH_SIZE], other[FILES_PATH_SIZE];
    char log[FILES_PATH_SIZE], copy[FILES_PATH_SIZE];
    files_directory(other);
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "only in the log");
    files_join(path, w.directory, "chat.db");
    files_join(copy, other, "chat.db");
    files_copy(path, copy);
    files_join(log, w.directory, "chat.db-wal");
    files_join(copy, other, "chat.db-wal");
    files_copy(log, copy);
    CHECK(chmod(copy, 0444) == 0);
    files_join(copy, other, "chat.db");
    CHECK(chmod(copy, 0444) == 0 && chmod(other, 0555) == 0);
    CHECK(step_down());
    check_refused(copy, RC_READ_ONLY, "cannot use the database");
    step_up();
    world_close(&w);
    files_remove(other);
}

TEST(an_unwritable_place_for_a_new_database_is_refused)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    files_directory(top);
    CHECK(chmod(top, 0555) == 0);
    files_join(path, top, "chat.db");
    CHECK(step_down());
    check_refused(path, RC_READ_ONLY, "Permission denied");
    files_join(path, top, "new/chat.db");
    check_refused(path, RC_READ_ONLY, "Permission denied");
    step_up();
    files_remove(top);
}

TEST(a_read_only_file_of_the_original_is_not_upgraded)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    files_directory(top);
    files_join(path, top, "chat.db");
    files_copy(ORIGINAL_DB, path);
    CHECK(chmod(path, 0444) == 0);
    CHECK(step_down());
    check_refused(path, RC_READ_ONLY, "cannot be written");
    step_up();
    files_remove(top);
}
