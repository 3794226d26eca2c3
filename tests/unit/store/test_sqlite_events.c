#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/store_sqlite.h"

#include "files.h"
#include "tap.h"
#include "world.h"

/*
 * The file of events beside the database. A crash is a copy of all files of a
 * store that is open: what a killed process would have left.
 */

static const char *const FILES[] = {"chat.db", "chat.db-wal", "chat.db-events"};

static void open_events(struct world *w)
{
    world_open(w);
    world_ask(w, "ann", "s1", 1, "?");
}

static long size_of(const struct world *w, const char *name)
{
    char path[FILES_PATH_SIZE];
    struct stat st;
    files_join(path, w->directory, name);
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

/* Copies what a crash now would leave into an empty directory. */
static void crash(const struct world *w, char ret[FILES_PATH_SIZE])
{
    char from[FILES_PATH_SIZE], to[FILES_PATH_SIZE];
    files_directory(ret);
    for (size_t i = 0; i < sizeof(FILES) / sizeof(*FILES); i++) {
        files_join(from, w->directory, FILES[i]);
        files_join(to, ret, FILES[i]);
        if (access(from, F_OK) == 0)
            files_copy(from, to);
    }
}

/* The store that a restart after the crash would open. */
static void restart(struct world *w, const char *directory)
{
    *w = (struct world){.now_us = WORLD_NOW_US};
    CHECK(strlen(directory) < sizeof(w->directory));
    memcpy(w->directory, directory, strlen(directory) + 1);
    CHECK(loop_new(clock_system(), &w->loop) == RC_OK);
    w->store = backend.open(w->directory, true);
}

static void recover(struct world *w)
{
    struct store_op *op = world_op(w, STORE_RECOVER, NULL);
    op->recover.at_start = true;
    op->recover.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
}

static const struct store_read_events *read_after(
    struct world *w, const char *id, int64_t after)
{
    struct store_op *op = world_op(w, STORE_READ_EVENTS, "ann");
    op->read_events.message_id = store_op_str(op, text(id));
    op->read_events.after = after;
    op->read_events.limit = 1000;
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->read_events;
}

/* That of every event from `first` to `last` there is what world_events put. */
static void check_events(struct world *w, const char *id, int first, int last)
{
    for (int after = first - 1; after <= last; after++) {
        const struct store_read_events *r = read_after(w, id, after);
        CHECK_INT(r->count, last - after);
        for (int i = 0; i < last - after; i++) {
            char payload[32];
            int n = after + 1 + i;
            snprintf(payload, sizeof(payload), "{\"n\":%d}", n);
            CHECK_INT(r->events[i].sequence, n);
            CHECK_STR(r->events[i].payload, text(payload));
            CHECK((r->events[i].reasoning_delta.p == NULL) == (n % 2 == 1));
        }
    }
}

TEST(events_of_a_live_reply_are_in_no_table_until_its_end)
{
    struct world w;
    char path[FILES_PATH_SIZE];
    open_events(&w);
    for (int i = 2; i < 30; i++)
        CHECK_INT(world_events(&w, "s1-a1", i, 1), RC_OK);
    files_join(path, w.directory, "chat.db");
    sqlite3 *db = files_connect(path);
    CHECK_INT(files_number(db, "SELECT count(*) FROM reply_events"), 0);
    check_events(&w, "s1-a1", 2, 29);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    CHECK_INT(files_number(db, "SELECT count(*) FROM reply_events"), 1);
    check_events(&w, "s1-a1", 2, 29);
    sqlite3_close(db);
    CHECK(size_of(&w, "chat.db-events") <= 8);
    store_close(w.store);
    CHECK_INT(size_of(&w, "chat.db-events"), -1);
    w.store = backend.open(w.directory, true);
    check_events(&w, "s1-a1", 2, 29);
    world_close(&w);
}

TEST(an_event_costs_few_bytes)
{
    struct world w;
    open_events(&w);
    world_events(&w, "s1-a1", 2, 1);
    long before = size_of(&w, "chat.db-events");
    long wal = size_of(&w, "chat.db-wal");
    CHECK_INT(world_events(&w, "s1-a1", 3, 7), RC_OK);
    long each = (size_of(&w, "chat.db-events") - before) / 7;
    CHECK(each > 0 && each <= 40 + 12); /* texts of 12 bytes at most */
    CHECK_INT(size_of(&w, "chat.db-wal"), wal);
    world_close(&w);
}

TEST(a_crash_loses_no_event)
{
    struct world w, after;
    char copy[FILES_PATH_SIZE];
    open_events(&w);
    world_ask(&w, "bob", "s2", 1, "?");
    world_events(&w, "s1-a1", 2, 5);
    world_events(&w, "s2-a1", 2, 3);
    world_events(&w, "s1-a1", 7, 5);
    crash(&w, copy);
    world_close(&w);
    restart(&after, copy);
    CHECK_INT(size_of(&after, "chat.db-events"), -1);
    check_events(&after, "s1-a1", 2, 11);
    recover(&after);
    const struct store_message *m = world_message(&after, "ann", "s1-a1");
    CHECK_INT(m->status, STORE_INTERRUPTED);
    CHECK_STR(m->content, STR("2 3 4 5 6 7 8 9 10 11 "));
    CHECK_INT(m->last_sequence, 12);
    CHECK_STR(world_message(&after, "bob", "s2-a1")->content, STR("2 3 4 "));
    world_close(&after);
}

TEST(a_crash_in_the_middle_of_a_write_loses_only_that)
{
    struct world w, after;
    char copy[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    open_events(&w);
    world_events(&w, "s1-a1", 2, 3);
    long whole = size_of(&w, "chat.db-events");
    world_events(&w, "s1-a1", 5, 1);
    long more = size_of(&w, "chat.db-events");
    for (long size = 0; size <= more; size += size < whole - 2 ? 7 : 1) {
        crash(&w, copy);
        files_join(path, copy, "chat.db-events");
        CHECK(truncate(path, size) == 0);
        restart(&after, copy);
        const struct store_read_events *r = read_after(&after, "s1-a1", 1);
        CHECK(r->count <= 4);
        if (size >= whole)
            CHECK_INT(r->count, size == more ? 4 : 3);
        check_events(&after, "s1-a1", 2, 1 + (int)r->count);
        world_close(&after);
    }
    world_close(&w);
}

TEST(damage_in_the_file_ends_what_is_taken_from_it)
{
    struct world w, after;
    char copy[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    open_events(&w);
    world_events(&w, "s1-a1", 2, 4);
    long size = size_of(&w, "chat.db-events");
    for (long at = 0; at < size; at += 3) {
        crash(&w, copy);
        files_join(path, copy, "chat.db-events");
        FILE *f = fopen(path, "r+b");
        CHECK(f != NULL && fseek(f, at, SEEK_SET) == 0);
        int c = fgetc(f);
        CHECK(fseek(f, at, SEEK_SET) == 0 && fputc(c ^ 0x55, f) != EOF);
        fclose(f);
        restart(&after, copy);
        size_t n = read_after(&after, "s1-a1", 1)->count;
        CHECK(n < 4);
        check_events(&after, "s1-a1", 2, 1 + (int)n);
        world_close(&after);
    }
    world_close(&w);
}

/* The file of another time beside a database that has gone on. */
static void put_old_file(const char *from, const char *to)
{
    char a[FILES_PATH_SIZE], b[FILES_PATH_SIZE];
    files_join(a, from, "chat.db-events");
    files_join(b, to, "chat.db-events");
    files_copy(a, b);
}

TEST(events_of_an_earlier_variant_are_not_taken_for_this_one)
{
    struct world w, after;
    char old[FILES_PATH_SIZE], copy[FILES_PATH_SIZE];
    open_events(&w);
    world_events(&w, "s1-a1", 2, 4);
    crash(&w, old);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
    op->regenerate.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    crash(&w, copy);
    put_old_file(old, copy);
    restart(&after, copy);
    CHECK_INT(read_after(&after, "s1-a1", 0)->count, 0);
    world_close(&after);
    world_close(&w);
    files_remove(old);
}

TEST(events_that_are_in_the_database_too_count_once)
{
    struct world w, after;
    char old[FILES_PATH_SIZE], copy[FILES_PATH_SIZE];
    open_events(&w);
    world_events(&w, "s1-a1", 2, 4);
    crash(&w, old);
    world_reopen(&w); /* packs them, and the reply still streams */
    world_events(&w, "s1-a1", 6, 2);
    check_events(&w, "s1-a1", 2, 7);
    crash(&w, copy);
    restart(&after, copy);
    check_events(&after, "s1-a1", 2, 7);
    store_close(after.store);
    put_old_file(old, copy);
    after.store = backend.open(after.directory, true);
    check_events(&after, "s1-a1", 2, 7);
    CHECK_STR(
        world_message(&after, "ann", "s1-a1")->content, STR("2 3 4 5 6 7 "));
    world_close(&after);
    world_close(&w);
    files_remove(old);
}

/* Appends one event of so many bytes. */
static enum rc append_large(struct world *w, int64_t sequence, size_t n)
{
    struct store_op *op = world_op(w, STORE_APPEND_EVENTS, NULL);
    struct store_event *e = ARENA_NEW(op->arena, struct store_event);
    char *p = arena_alloc(op->arena, n);
    memset(p, 'x', n);
    *e = (struct store_event){
        .message_id = STR("s1-a1"), .sequence = sequence, .text_delta = {p, n}};
    op->append_events.events = e;
    op->append_events.count = 1;
    return world_run(w, op);
}

TEST(a_long_file_is_emptied_while_replies_go_on)
{
    enum { EACH = 250000, EVENTS = 80 };
    struct world w;
    long largest = 0;
    open_events(&w);
    for (int i = 0; i < EVENTS; i++) {
        CHECK_INT(append_large(&w, 2 + i, EACH), RC_OK);
        long size = size_of(&w, "chat.db-events");
        largest = size > largest ? size : largest;
    }
    CHECK(largest < 10 << 20);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->content.n, EACH * EVENTS);
    for (int i = 0; i < EVENTS; i += 9) {
        const struct store_read_events *r = read_after(&w, "s1-a1", 1 + i);
        CHECK_INT(r->count, EVENTS - i);
        CHECK_INT(r->events[0].sequence, 2 + i);
        CHECK_INT(r->events[0].text_delta.n, EACH);
    }
    world_close(&w);
}

TEST(an_event_that_found_no_room_comes_again)
{
    struct world w, after;
    struct rlimit limit;
    char copy[FILES_PATH_SIZE];
    open_events(&w);
    world_events(&w, "s1-a1", 2, 2);
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    rlim_t before = limit.rlim_cur;
    signal(SIGXFSZ, SIG_IGN);
    limit.rlim_cur = (rlim_t)size_of(&w, "chat.db-events") + 100;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    enum rc rc = append_large(&w, 4, 1000);
    limit.rlim_cur = before;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK_INT(rc, RC_FULL);
    CHECK_INT(read_after(&w, "s1-a1", 0)->count, 2);
    CHECK_INT(world_events(&w, "s1-a1", 4, 2), RC_OK);
    CHECK_INT(w.last->append_events.dropped, 0);
    crash(&w, copy);
    world_close(&w);
    restart(&after, copy);
    check_events(&after, "s1-a1", 2, 5);
    world_close(&after);
}

TEST(a_copy_beside_a_server_has_the_events)
{
    struct world w, after;
    char copy[FILES_PATH_SIZE], from[FILES_PATH_SIZE], to[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE] = "";
    open_events(&w);
    world_events(&w, "s1-a1", 2, 6);
    files_directory(copy);
    files_join(from, w.directory, "chat.db");
    files_join(to, copy, "chat.db");
    CHECK_INT(store_sqlite_copy(from, to, error), RC_OK);
    CHECK_INT(world_events(&w, "s1-a1", 8, 1), RC_OK);
    check_events(&w, "s1-a1", 2, 8);
    world_close(&w);
    restart(&after, copy);
    check_events(&after, "s1-a1", 2, 7);
    world_close(&after);
}

TEST(a_tool_takes_the_events_in_where_no_server_is)
{
    struct world w, after;
    char copy[FILES_PATH_SIZE], path[FILES_PATH_SIZE];
    char error[STORE_ERROR_SIZE] = "";
    open_events(&w);
    world_events(&w, "s1-a1", 2, 6);
    crash(&w, copy);
    restart(&after, copy);
    store_close(after.store);
    put_old_file(w.directory, copy);
    files_join(path, copy, "chat.db");
    struct store_sqlite_options options = {.path = path, .tool = true};
    CHECK_INT(store_sqlite_open(&options, &after.store, error), RC_OK);
    check_events(&after, "s1-a1", 2, 7);
    CHECK_INT(size_of(&after, "chat.db-events"), -1);
    world_close(&after);
    files_join(path, w.directory, "chat.db");
    struct store *tool = NULL;
    CHECK_INT(store_sqlite_open(&options, &tool, error), RC_OK);
    store_close(tool);
    CHECK(size_of(&w, "chat.db-events") > 8); /* it is the server's */
    CHECK_INT(world_events(&w, "s1-a1", 8, 1), RC_OK);
    world_close(&w);
}
