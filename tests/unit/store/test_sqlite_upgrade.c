#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "store/sqlite/store_sqlite.h"

#include "files.h"
#include "tap.h"
#include "world.h"

/* A database of the original application is taken over with nothing lost. */

enum { UPGRADE_SECONDS = 1767323045 }; /* 2026-01-02T03:04:05Z */

static int64_t us(const char *iso)
{
    int64_t wall_us = 0;
    CHECK_INT(timestamp_parse(text(iso), &wall_us), RC_OK);
    return wall_us;
}

/* A world on a copy of a fixture. */
static void open_fixture(struct world *w, const char *fixture)
{
    char path[FILES_PATH_SIZE];
    world_open(w);
    store_close(w->store);
    files_join(path, w->directory, "chat.db");
    files_copy(fixture, path);
    w->store = backend.open(w->directory, true);
}

static sqlite3 *connect(struct world *w)
{
    char path[FILES_PATH_SIZE];
    files_join(path, w->directory, "chat.db");
    return files_connect(path);
}

static const struct store_list_sessions *list(struct world *w, const char *user)
{
    struct store_op *op = world_op(w, STORE_LIST_SESSIONS, user);
    op->list_sessions.with_messages = true;
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->list_sessions;
}

TEST(every_chat_of_the_original_is_shown)
{
    struct world w;
    open_fixture(&w, ORIGINAL_DB);
    const struct store_list_sessions *l = list(&w, "ann");
    CHECK_INT(l->count, 2);
    CHECK_STR(l->chats[0].session.session_id, STR("ann-2"));
    CHECK_INT(l->chats[0].message_count, 2);
    const struct store_chat *c = &l->chats[1];
    CHECK_STR(c->session.first_query, STR("What does DHB mean?"));
    CHECK_STR(c->session.user_email, STR("ann@example.org"));
    CHECK(c->session.is_active && c->session.title.p == NULL);
    CHECK_INT(c->session.created_at_us, us("2025-03-01T09:30:00.123456"));
    CHECK_INT(c->message_count, 4);
    const struct store_message *m = &c->messages[1];
    CHECK_STR(m->message_id, STR("m2"));
    CHECK_STR(m->content, STR("District Health Board – a «DHB»."));
    CHECK_STR(m->model, STR("databricks-claude-sonnet-4-5"));
    CHECK_INT(m->rating, STORE_RATING_UP);
    CHECK_INT(m->status, STORE_COMPLETE);
    CHECK_INT(m->timestamp_us, us("2025-03-01T09:31:00.123456"));
    CHECK(str_contains(m->sources, STR("\"page_content\"")));
    CHECK_STR(
        m->metrics, STR("{\"timeToFirstToken\": 0.9, \"totalTime\": 6.01}"));
    CHECK_INT(c->messages[2].timestamp_us, us("2025-03-01T09:32:00"));
    CHECK(c->messages[0].model.p == NULL && c->messages[0].parent_id.p == NULL);
    l = list(&w, "bob");
    CHECK_INT(l->count, 1);
    CHECK_INT(l->chats[0].messages[1].rating, STORE_RATING_DOWN);
    world_close(&w);
}

/* B11: they were stored as answers, and went to the model as history. */
TEST(B11_apologies_stored_by_the_original_are_known_as_errors)
{
    struct world w;
    open_fixture(&w, ORIGINAL_DB);
    CHECK_INT(world_message(&w, "ann", "m4")->status, STORE_FAILED);
    struct store_op *op = world_op(&w, STORE_LOAD_CONTEXT, "ann");
    op->load_context.session_id = STR("ann-1");
    op->load_context.max_messages = 20;
    op->load_context.max_bytes = 10000;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->load_context.count, 3);
    world_close(&w);
}

TEST(an_upgraded_chat_goes_on)
{
    struct world w;
    open_fixture(&w, ORIGINAL_DB);
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("ann-1");
    op->regenerate.message_id = STR("m4");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_STR(op->regenerate.question, STR("And FOC?"));
    op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply.message_id = STR("m4");
    op->finish_reply.content = STR("Free of charge.");
    CHECK_INT(world_run(&w, op), RC_OK);
    w.now_us = us("2026-01-01");
    world_turn(&w, "ann", "ann-1", 1, "More?", "Yes.");
    CHECK_INT(world_rate(&w, "ann", "m2", STORE_RATING_NONE), RC_OK);
    CHECK_INT(world_rate(&w, "ann", "m6", STORE_RATING_DOWN), RC_OK);
    const struct store_list_sessions *l = list(&w, "ann");
    CHECK_STR(l->chats[0].session.session_id, STR("ann-1"));
    CHECK_INT(l->chats[0].message_count, 6);
    CHECK_STR(l->chats[0].messages[3].content, STR("Free of charge."));
    CHECK_STR(l->chats[0].messages[5].content, STR("Yes."));
    world_close(&w);
}

/* Rows of the old tables that are not the same in the new one. */
static long long rows_lost(struct world *w, const char *backup)
{
    static const char *const sql[] = {
        "SELECT count(*) FROM (SELECT session_id, user_id, user_email,"
        " first_query, timestamp, is_active, created_at FROM old.sessions"
        " EXCEPT SELECT session_id, user_id, user_email, first_query,"
        " timestamp, is_active, created_at FROM main.sessions)",
        "SELECT count(*) FROM (SELECT message_id, session_id, user_id,"
        " content, role, model, timestamp, sources, metrics, created_at FROM"
        " old.messages EXCEPT SELECT message_id, session_id, user_id,"
        " content, role, model, timestamp, sources, metrics, created_at FROM"
        " main.messages)",
        "SELECT count(*) FROM (SELECT message_id, user_id, session_id,"
        " rating, created_at FROM old.message_ratings EXCEPT SELECT"
        " message_id, user_id, session_id, rating, created_at FROM"
        " main.message_ratings)"};
    char attach[FILES_PATH_SIZE + 32];
    long long lost = 0;
    sqlite3 *db = connect(w);
    snprintf(attach, sizeof(attach), "ATTACH '%s' AS old", backup);
    files_exec(db, attach);
    for (size_t i = 0; i < 3; i++)
        lost += files_number(db, sql[i]);
    sqlite3_close(db);
    return lost;
}

TEST(the_upgrade_leaves_a_backup_and_changes_no_old_value)
{
    struct world w;
    char backup[FILES_PATH_SIZE];
    open_fixture(&w, ORIGINAL_DB);
    CHECK_INT(files_count(w.directory, "chat.db.backup-", backup), 1);
    sqlite3 *copy = files_connect(backup);
    CHECK_INT(files_number(copy, "SELECT count(*) FROM messages"), 8);
    CHECK_INT(files_number(copy,
                  "SELECT count(*) FROM sqlite_master WHERE type = 'index'"
                  " AND name LIKE 'idx\\_%' ESCAPE '\\'"),
        7);
    CHECK_INT(files_number(
                  copy, "SELECT count(*) FROM pragma_table_info('messages')"),
        10);
    sqlite3_close(copy);
    CHECK_INT(rows_lost(&w, backup), 0);
    world_reopen(&w);
    CHECK_INT(files_count(w.directory, "chat.db.backup-", NULL), 1);
    world_close(&w);
}

static int64_t fixed_wall_us(const struct clock *clock)
{
    (void)clock;
    return UPGRADE_SECONDS * (int64_t)1000000;
}

TEST(the_backup_is_named_after_the_time_and_overwrites_nothing)
{
    struct clock clock = {.wall_us = fixed_wall_us};
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    struct stat st;
    files_directory(top);
    files_join(path, top, "chat.db.backup-20260102T030405Z");
    files_write(path, STR("somebody's"));
    files_join(path, top, "chat.db");
    files_copy(ORIGINAL_DB, path);
    struct store_sqlite_options options = {.path = path, .clock = &clock};
    CHECK_INT(store_sqlite_open(&options, &store, error), RC_OK);
    store_close(store);
    files_join(path, top, "chat.db.backup-20260102T030405Z");
    CHECK(stat(path, &st) == 0 && st.st_size == 10);
    files_join(path, top, "chat.db.backup-20260102T030405Z-2");
    CHECK(stat(path, &st) == 0 && st.st_size > 1000);
    CHECK_INT(st.st_mode & 0777, 0600);
    files_remove(top);
}

/* Everything a user can see, for counting. */
static size_t messages_of(struct world *w, const char *user)
{
    size_t n = 0;
    const struct store_list_sessions *l = list(w, user);
    for (size_t i = 0; i < l->count; i++)
        n += l->chats[i].message_count;
    return n;
}

TEST(an_odd_database_loses_nothing)
{
    struct world w;
    open_fixture(&w, ODD_DB);
    CHECK_INT(messages_of(&w, "ann"), 6 + 2 + 1 + 2);
    CHECK_INT(messages_of(&w, "bob"), 2 + 1);
    CHECK_INT(messages_of(&w, "cat"), 8);
    const struct store_chat *c = world_chat(&w, "ann", "gone");
    CHECK(c != NULL);
    CHECK_STR(c->session.first_query, STR("Where was I?"));
    CHECK_INT(c->message_count, 2);
    c = world_chat(&w, "bob", "ann-1-bob");
    CHECK(c != NULL);
    CHECK_STR(c->messages[0].content, STR("Bob's stray"));
    CHECK_STR(world_message(&w, "ann", "m2")->content,
        STR("District Health Board – a «DHB»."));
    CHECK_STR(world_message(&w, "ann", "empty")->content, STR(""));
    sqlite3 *db = connect(&w);
    CHECK_INT(files_number(db, "SELECT count(*) FROM messages"), 24);
    CHECK_INT(files_number(db, "SELECT count(*) FROM message_ratings"), 3);
    CHECK_INT(files_number(db, "SELECT count(*) FROM notes"), 1);
    CHECK_INT(files_number(
                  db, "SELECT count(*) FROM messages WHERE title = 'theirs'"),
        1);
    CHECK_INT(
        files_number(db, "SELECT count(*) FROM sessions WHERE team = 'blue'"),
        12);
    CHECK_INT(files_number(db, "SELECT count(*) FROM messages WHERE content ="
                               " 'A second m2' AND message_id LIKE 'double-%'"),
        1);
    sqlite3_close(db);
    world_close(&w);
}

TEST(odd_times_are_read_where_they_mean_something)
{
    static const char *const expected[] = {"2025-03-01T10:00:00Z",
        "2025-03-01T10:00:00Z", "2025-02-28T21:00:00.5Z",
        "2025-03-01T10:00:00.25Z", "2025-03-01T10:00:00.25Z", "1970-01-01",
        "1970-01-01", "1970-01-01"};
    struct world w;
    char session[16];
    open_fixture(&w, ODD_DB);
    for (int i = 0; i < 8; i++) {
        snprintf(session, sizeof(session), "cat-%d", i);
        const struct store_chat *c = world_chat(&w, "cat", session);
        CHECK(c != NULL);
        CHECK_INT(c->session.timestamp_us, us(expected[i]));
        CHECK_INT(c->messages[0].timestamp_us, us(expected[i]));
    }
    world_close(&w);
}

TEST(an_odd_database_can_be_used)
{
    struct world w;
    open_fixture(&w, ODD_DB);
    world_turn(&w, "ann", "gone", 1, "Still there?", "Yes.");
    CHECK_INT(world_rate(&w, "ann", "gone-a1", STORE_RATING_UP), RC_OK);
    CHECK_INT(world_message(&w, "ann", "gone-a1")->rating, STORE_RATING_UP);
    CHECK_INT(world_ask(&w, "bob", "gone", 2, "?"), RC_NOT_FOUND);
    CHECK_INT(world_ask(&w, "ann", "gone", 1, "?"), RC_OK);
    CHECK(w.last->add_turn.repeated);
    world_close(&w);
}

/* Somebody goes back to the original for a day, and comes again. */
TEST(rows_written_by_the_original_later_are_taken_in)
{
    struct world w;
    open_fixture(&w, ORIGINAL_DB);
    store_close(w.store);
    sqlite3 *db = connect(&w);
    files_exec(db,
        "INSERT INTO sessions (session_id, user_id, user_email, first_query,"
        " timestamp, is_active, created_at) VALUES ('late', 'ann', NULL,"
        " 'Late', '2025-06-01T00:00:00', 1, '2025-06-01T00:00:00');"
        "INSERT INTO messages (message_id, session_id, user_id, content, role,"
        " timestamp, created_at) VALUES ('late-1', 'late', 'ann', 'Late',"
        " 'user', '2025-06-01T00:00:00', '2025-06-01T00:00:00'), ('late-2',"
        " 'ann-1', 'ann', 'More', 'user', '2025-06-01T00:00:00',"
        " '2025-06-01T00:00:00')");
    sqlite3_close(db);
    w.store = backend.open(w.directory, true);
    const struct store_list_sessions *l = list(&w, "ann");
    CHECK_INT(l->count, 3);
    CHECK_STR(l->chats[0].session.session_id, STR("late"));
    CHECK_INT(l->chats[0].session.timestamp_us, us("2025-06-01"));
    const struct store_chat *c = world_chat(&w, "ann", "ann-1");
    CHECK_STR(c->messages[c->message_count - 1].content, STR("More"));
    CHECK_INT(files_count(w.directory, "chat.db.backup-", NULL), 1);
    world_close(&w);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

TEST(without_room_for_the_backup_nothing_is_touched)
{
    char top[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE];
    struct store *store = NULL;
    files_directory(top);
    files_join(path, top, "chat.db");
    files_copy(ORIGINAL_DB, path);
    struct store_sqlite_options options = {.path = path};
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(16384);
    enum rc rc = store_sqlite_open(&options, &store, error);
    limit_file_size(0);
    CHECK_INT(rc, RC_FULL);
    CHECK(strstr(error, "backup copy") != NULL);
    CHECK_INT(files_count(top, "chat.db.backup-", NULL), 0);
    sqlite3 *db = files_connect(path);
    CHECK_INT(
        files_number(db, "SELECT count(*) FROM pragma_table_info('messages')"),
        10);
    sqlite3_close(db);
    CHECK_INT(store_sqlite_open(&options, &store, error), RC_OK);
    store_close(store);
    files_remove(top);
}
