#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/sqlite/store_sqlite.h"

#include "files.h"
#include "tap.h"
#include "world.h"

/*
 * How the writer treats what waits: grouping, bounds, other processes' locks,
 * a full disk, damage. A lock held from outside keeps it busy, so that a test
 * decides what waits together.
 */

enum { MAX_OPS = 600 };

/* Counts what came back, by result. */
struct tally {
    int done;
    int by_rc[RC_INTERNAL + 1];
};

static void on_tallied(struct store_op *op)
{
    struct tally *t = op->ctx;
    t->done++;
    t->by_rc[op->rc]++;
    store_op_free(op);
}

static void open_bounded(
    struct world *w, size_t queue_ops, size_t queue_bytes, int busy_ms)
{
    char path[FILES_PATH_SIZE], error[STORE_ERROR_SIZE];
    world_open(w);
    store_close(w->store);
    files_join(path, w->directory, "chat.db");
    struct store_sqlite_options options = {.path = path,
        .queue_ops = queue_ops,
        .queue_bytes = queue_bytes,
        .busy_ms = busy_ms};
    CHECK_INT(store_sqlite_open(&options, &w->store, error), RC_OK);
}

static sqlite3 *lock_from_outside(struct world *w)
{
    char path[FILES_PATH_SIZE];
    files_join(path, w->directory, "chat.db");
    sqlite3 *db = files_connect(path);
    files_exec(db, "BEGIN IMMEDIATE");
    return db;
}

static void unlock(sqlite3 *db)
{
    files_exec(db, "ROLLBACK");
    sqlite3_close(db);
}

static void submit_rating(struct world *w, struct tally *t)
{
    struct store_op *op = store_op_new(w->loop, STORE_RATE, on_tallied, t);
    op->user_id = STR("ann");
    op->rate.message_id = STR("s1-a1");
    op->rate.rating = STORE_RATING_UP;
    store_submit(w->store, op);
}

static void wait_for(struct world *w, const struct tally *t, int done)
{
    while (t->done < done)
        loop_turn(w->loop, 10000);
}

static struct store_stats stats(struct world *w)
{
    struct store_op *op = world_op(w, STORE_STATS, NULL);
    CHECK_INT(world_run(w, op), RC_OK);
    return op->stats;
}

TEST(what_waits_together_is_committed_together)
{
    struct world w;
    struct tally t = {0};
    open_bounded(&w, 0, 0, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    struct store_stats before = stats(&w);
    sqlite3 *outside = lock_from_outside(&w);
    for (int i = 0; i < 500; i++)
        submit_rating(&w, &t);
    unlock(outside);
    wait_for(&w, &t, 500);
    CHECK_INT(t.by_rc[RC_OK], 500);
    struct store_stats after = stats(&w);
    /* the first may have been taken alone, the rest waited together */
    CHECK(after.commits - before.commits <= 2);
    CHECK_INT(after.operations - before.operations, 501);
    CHECK_INT(after.queued, 1);
    world_close(&w);
}

/* Somebody who rates again as soon as that is done. */
struct rater {
    struct world *world;
    struct tally *tally;
    int left;
};

static void rate_again(struct rater *r);

static void on_rated(struct store_op *op)
{
    struct rater *r = op->ctx;
    CHECK_INT(op->rc, RC_OK);
    store_op_free(op);
    r->tally->done++;
    if (--r->left > 0)
        rate_again(r);
}

static void rate_again(struct rater *r)
{
    struct store_op *op = store_op_new(r->world->loop, STORE_RATE, on_rated, r);
    op->user_id = STR("ann");
    op->rate.message_id = STR("s1-a1");
    op->rate.rating = STORE_RATING_UP;
    store_submit(r->world->store, op);
}

TEST(a_crowd_shares_commits)
{
    enum { EACH = 60 };
    struct world w;
    struct tally t = {0};
    struct rater both[2];
    open_bounded(&w, 0, 0, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    struct store_stats before = stats(&w);
    for (size_t i = 0; i < 2; i++) {
        both[i] = (struct rater){&w, &t, EACH};
        rate_again(&both[i]);
    }
    wait_for(&w, &t, 2 * EACH);
    /* one would be committed while the other waits, and so on */
    CHECK(stats(&w).commits - before.commits < EACH * 3 / 2);
    world_close(&w);
}

TEST(only_a_persons_action_waits_for_the_disk)
{
    struct world w;
    open_bounded(&w, 0, 0, 0);
    world_ask(&w, "ann", "s1", 1, "?");
    struct store_stats before = stats(&w);
    CHECK(before.syncs > 0);
    for (int i = 0; i < 20; i++)
        CHECK_INT(world_events(&w, "s1-a1", i + 1, 1), RC_OK);
    struct store_stats after = stats(&w);
    CHECK_INT(after.commits - before.commits, 0);
    CHECK_INT(after.syncs - before.syncs, 0);
    world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "!");
    CHECK_INT(stats(&w).syncs - before.syncs, 1);
    world_close(&w);
}

TEST(events_wait_for_no_commit)
{
    struct world w;
    struct tally t = {0};
    open_bounded(&w, 0, 0, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_ask(&w, "ann", "s1", 2, "?");
    sqlite3 *outside = lock_from_outside(&w);
    submit_rating(&w, &t); /* and the writer waits for the lock */
    for (int i = 0; i < 5; i++)
        CHECK_INT(world_events(&w, "s1-a2", i + 1, 1), RC_OK);
    CHECK_INT(t.done, 0);
    unlock(outside);
    wait_for(&w, &t, 1);
    CHECK_INT(t.by_rc[RC_OK], 1);
    world_close(&w);
}

static void submit_event(void *ctx)
{
    struct store_op *op = ctx;
    store_submit(((struct world *)op->ctx)->store, op);
}

static void on_appended(struct store_op *op)
{
    CHECK_INT(op->rc, RC_OK);
    ((struct world *)op->ctx)->last = op;
}

TEST(events_of_a_reply_that_is_known_are_there_in_the_same_turn)
{
    struct world w;
    struct loop_task task;
    open_bounded(&w, 0, 0, 0);
    world_ask(&w, "ann", "s1", 1, "?");
    CHECK_INT(world_events(&w, "s1-a1", 1, 1), RC_OK);
    store_op_free(w.last);
    w.last = NULL;
    struct store_op *op =
        store_op_new(w.loop, STORE_APPEND_EVENTS, on_appended, &w);
    struct store_event event = {
        .message_id = STR("s1-a1"), .sequence = 2, .text_delta = STR("more")};
    op->append_events.events = &event;
    op->append_events.count = 1;
    loop_task_init(&task, submit_event, op);
    loop_defer(w.loop, &task);
    loop_turn(w.loop, 0);
    CHECK(w.last == op);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("1 more"));
    world_close(&w);
}

TEST(the_queue_is_bounded_by_number)
{
    struct world w;
    struct tally t = {0};
    open_bounded(&w, 7, 0, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    sqlite3 *outside = lock_from_outside(&w);
    for (int i = 0; i < 30; i++)
        submit_rating(&w, &t);
    wait_for(&w, &t, 23);
    CHECK_INT(t.by_rc[RC_BUSY], 23);
    CHECK_INT(stats(&w).refused, 23);
    unlock(outside);
    wait_for(&w, &t, 30);
    CHECK_INT(t.by_rc[RC_OK], 7);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_DOWN), RC_OK);
    world_close(&w);
}

TEST(the_queue_is_bounded_by_bytes)
{
    struct world w;
    struct tally t = {0};
    open_bounded(&w, 0, 10000, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    sqlite3 *outside = lock_from_outside(&w);
    for (int i = 0; i < 6; i++) {
        struct store_op *op = store_op_new(w.loop, STORE_RATE, on_tallied, &t);
        op->user_id = STR("ann");
        op->rate.message_id = STR("s1-a1");
        arena_alloc(op->arena, 3000);
        store_submit(w.store, op);
    }
    wait_for(&w, &t, 3);
    CHECK_INT(t.by_rc[RC_BUSY], 3);
    unlock(outside);
    wait_for(&w, &t, 6);
    CHECK_INT(t.by_rc[RC_OK], 3);
    world_close(&w);
}

TEST(a_lock_held_too_long_is_told_and_survived)
{
    struct world w;
    open_bounded(&w, 0, 0, 20);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    sqlite3 *outside = lock_from_outside(&w);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_BUSY);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("!"));
    unlock(outside);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_OK);
    world_close(&w);
}

TEST(one_bad_operation_does_not_spoil_its_batch)
{
    struct world w;
    struct tally t = {0};
    open_bounded(&w, 0, 0, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    sqlite3 *outside = lock_from_outside(&w);
    for (int i = 0; i < 10; i++) {
        submit_rating(&w, &t);
        struct store_op *op =
            store_op_new(w.loop, STORE_ADD_TURN, on_tallied, &t);
        op->user_id = STR("ann");
        op->add_turn.session_id = arena_printf(op->arena, "bad-%d", i);
        op->add_turn.reply_id = STR("s1-a1"); /* taken */
        op->add_turn.content = STR("?");
        store_submit(w.store, op);
    }
    unlock(outside);
    wait_for(&w, &t, 20);
    CHECK_INT(t.by_rc[RC_OK], 10);
    CHECK_INT(t.by_rc[RC_CONFLICT], 10);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    CHECK(world_chat(&w, "ann", "bad-3") == NULL);
    world_close(&w);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Size of what the database has on disk, its log included. */
static rlim_t largest_file(struct world *w)
{
    static const char *const names[] = {"chat.db", "chat.db-wal"};
    rlim_t largest = 0;
    struct stat st;
    char path[FILES_PATH_SIZE];
    for (size_t i = 0; i < 2; i++) {
        files_join(path, w->directory, names[i]);
        if (stat(path, &st) == 0 && (rlim_t)st.st_size > largest)
            largest = (rlim_t)st.st_size;
    }
    return largest;
}

TEST(a_full_disk_stops_writing_and_nothing_else)
{
    struct world w;
    char session[16];
    int stored = 0;
    enum rc rc = RC_OK;
    open_bounded(&w, 0, 0, 0);
    world_turn(&w, "ann", "s0", 1, "?", "kept");
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(largest_file(&w) + 40000);
    for (; rc == RC_OK && stored < 1000; stored++) {
        snprintf(session, sizeof(session), "s%d", stored + 1);
        rc = world_ask(&w, "ann", session, 1, "will it fit?");
    }
    stored--; /* the last one failed */
    for (int i = 0; i < 5 && rc == RC_FULL; i++)
        rc = world_ask(&w, "ann", "refused", 1, "will it fit?");
    const struct store_message *m = world_message(&w, "ann", "s0-a1");
    bool readable = m != NULL && str_eq(m->content, STR("kept"));
    limit_file_size(0);
    CHECK_INT(rc, RC_FULL);
    CHECK(stored > 0 && stored < 999);
    CHECK(readable);
    CHECK_INT(world_ask(&w, "ann", "refused", 1, "now?"), RC_OK);
    world_reopen(&w);
    for (int i = 1; i <= stored; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        CHECK(world_chat(&w, "ann", session) != NULL);
    }
    snprintf(session, sizeof(session), "s%d", stored + 1);
    CHECK(world_chat(&w, "ann", session) == NULL);
    world_close(&w);
}

/* Fills what is left of a file system; false when it has no small one. */
static bool mount_small(const char *directory)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", directory, "tmpfs", 0, "size=1m") == 0;
}

/* The child's part: a real file system runs out of room and gets it back. */
static int live_on_small_disk(const char *directory)
{
    struct world w = {.now_us = WORLD_NOW_US};
    char ballast[FILES_PATH_SIZE], session[16];
    enum rc rc = RC_OK;
    if (!mount_small(directory))
        return 77;
    files_join(ballast, directory, "ballast");
    static char block[600000];
    files_write(ballast, (struct str){block, sizeof(block)});
    CHECK(loop_new(clock_system(), &w.loop) == RC_OK);
    w.store = backend.open(directory, false);
    world_turn(&w, "ann", "kept", 1, "?", "kept");
    for (int i = 0; rc == RC_OK && i < 1000; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        rc = world_ask(&w, "ann", session, 1, "will it fit?");
    }
    CHECK_INT(rc, RC_FULL);
    CHECK_STR(world_message(&w, "ann", "kept-a1")->content, STR("kept"));
    CHECK_INT(world_ask(&w, "ann", "more", 1, "?"), RC_FULL);
    CHECK(unlink(ballast) == 0);
    CHECK_INT(world_ask(&w, "ann", "more", 1, "?"), RC_OK);
    store_op_free(w.last);
    store_close(w.store);
    loop_free(w.loop);
    return 0;
}

TEST(a_small_file_system_runs_full_and_recovers)
{
    char directory[FILES_PATH_SIZE];
    int status = 0;
    files_directory(directory);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(live_on_small_disk(directory));
    CHECK(waitpid(pid, &status, 0) == pid);
    files_remove(directory);
    CHECK(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        printf("# left out: no right to mount a file system\n");
    else
        CHECK_INT(WEXITSTATUS(status), 0);
}

/* A batch that does not fit as a whole: what fits alone is kept. */
TEST(a_batch_that_does_not_fit_is_done_one_by_one)
{
    enum { BIG = 200000 };
    struct world w;
    struct tally t = {0};
    open_bounded(&w, 0, 0, 0);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    signal(SIGXFSZ, SIG_IGN);
    sqlite3 *outside = lock_from_outside(&w);
    for (int i = 0; i < 3; i++) {
        submit_rating(&w, &t);
        struct store_op *op =
            store_op_new(w.loop, STORE_ADD_TURN, on_tallied, &t);
        char *content = arena_alloc(op->arena, BIG);
        memset(content, 'x', BIG);
        op->user_id = STR("ann");
        op->add_turn.session_id = arena_printf(op->arena, "big-%d", i);
        op->add_turn.reply_id = arena_printf(op->arena, "big-%d-a", i);
        op->add_turn.content = (struct str){content, BIG};
        store_submit(w.store, op);
    }
    limit_file_size(largest_file(&w) + 100000);
    unlock(outside);
    wait_for(&w, &t, 6);
    limit_file_size(0);
    CHECK_INT(t.by_rc[RC_FULL], 3);
    CHECK_INT(t.by_rc[RC_OK], 3);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    CHECK(world_chat(&w, "ann", "big-0") == NULL);
    world_close(&w);
}

/* How often a text is in the database's file, freed pages included. */
static int found_in_file(struct world *w, struct str text)
{
    char path[FILES_PATH_SIZE];
    struct stat st;
    int found = 0;
    files_join(path, w->directory, "chat.db");
    CHECK(stat(path, &st) == 0);
    size_t n = (size_t)st.st_size;
    char *all = mem_alloc(n);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL && fread(all, 1, n, f) == n);
    fclose(f);
    for (size_t i = 0; i + text.n <= n; i++)
        found += memcmp(all + i, text.p, text.n) == 0;
    mem_free(all);
    return found;
}

TEST(what_is_erased_is_written_over)
{
    enum { LONG = 50000 }; /* most of it on pages of its own */
    struct world w;
    const struct str mark = STR("what-nobody-shall-read");
    char *text = mem_zalloc(LONG + 1);
    open_bounded(&w, 0, 0, 0);
    for (size_t i = 0; i + mark.n <= LONG; i += mark.n)
        memcpy(text + i, mark.p, mark.n);
    world_turn(&w, "ann", "kept", 1, "?", "!");
    world_turn(&w, "ann", "s1", 1, "?", text);
    world_reopen(&w);
    CHECK(found_in_file(&w, mark) > 1000);
    struct store_op *op = world_op(&w, STORE_DELETE_SESSION, "ann");
    op->delete_session.session_id = STR("s1");
    op->delete_session.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    op = world_op(&w, STORE_ERASE_SESSION, "ann");
    op->erase_session.session_id = STR("s1");
    op->erase_session.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->erase_session.erased, 1);
    world_reopen(&w);
    CHECK_INT(found_in_file(&w, mark), 0);
    CHECK_STR(world_message(&w, "ann", "kept-a1")->content, STR("!"));
    mem_free(text);
    world_close(&w);
}

TEST(damage_is_told_and_survived)
{
    struct world w;
    char path[FILES_PATH_SIZE], session[16];
    open_bounded(&w, 0, 0, 0);
    for (int i = 0; i < 200; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        world_turn(&w, "ann", session, 1, "What is it?", "It is this.");
    }
    store_close(w.store);
    files_join(path, w.directory, "chat.db");
    FILE *f = fopen(path, "r+b");
    CHECK(f != NULL && fseek(f, 4096, SEEK_SET) == 0);
    for (int i = 4096; i < 200000; i++)
        fputc(0xa5, f);
    fclose(f);
    char error[STORE_ERROR_SIZE];
    struct store_sqlite_options options = {.path = path};
    w.store = NULL;
    enum rc rc = store_sqlite_open(&options, &w.store, error);
    if (rc == RC_OK) {
        CHECK(world_chat(&w, "ann", "s5") == NULL);
        CHECK_INT(w.last->rc, RC_CORRUPT);
        CHECK_INT(world_ask(&w, "ann", "s1", 2, "?"), RC_CORRUPT);
    } else {
        CHECK_INT(rc, RC_CORRUPT);
        CHECK(strstr(error, "damaged") != NULL);
    }
    world_close(&w);
}
