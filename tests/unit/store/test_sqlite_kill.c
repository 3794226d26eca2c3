#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include "files.h"
#include "tap.h"
#include "world.h"

/*
 * kill -9 at random moments. A child keeps several conversations going in one
 * database and reports each operation that was acknowledged through a pipe;
 * it is killed after a random number of reports. Afterwards everything it
 * reported must be there, and no reply may be without a final state.
 */

enum { ROUNDS = 12, CHATS = 6, MAX_REPORTS = 300, MAX_TURNS = 200 };

enum step { ASK, EVENTS, ANSWER, STEPS };

struct report {
    int chat, turn;
    enum step step;
};

/* A conversation of the child: asks, streams, answers, and again. */
struct talk {
    struct child *child;
    struct report at;
    char session[32];
};

struct child {
    struct loop *loop;
    struct store *store;
    int pipe;
    struct talk talks[CHATS];
};

static void next_step(struct talk *t);

static void on_step(struct store_op *op)
{
    struct talk *t = op->ctx;
    if (op->rc != RC_OK) {
        fprintf(stderr, "# child: %s\n", op->error);
        _exit(1);
    }
    store_op_free(op);
    if (write(t->child->pipe, &t->at, sizeof(t->at)) != sizeof(t->at))
        _exit(1);
    t->at.step = (t->at.step + 1) % STEPS;
    t->at.turn += t->at.step == ASK;
    next_step(t);
}

static void fill_ask(struct store_op *op, const struct talk *t)
{
    op->add_turn.session_id = store_op_str(op, text(t->session));
    op->add_turn.user_message_id =
        arena_printf(op->arena, "%s-q%d", t->session, t->at.turn);
    op->add_turn.reply_id =
        arena_printf(op->arena, "%s-a%d", t->session, t->at.turn);
    op->add_turn.content = arena_printf(op->arena, "question %d", t->at.turn);
    op->add_turn.now_us = t->at.turn + 1;
}

static void fill_events(struct store_op *op, const struct talk *t)
{
    struct store_event *events = arena_alloc(op->arena, 3 * sizeof(*events));
    for (int i = 0; i < 3; i++) {
        events[i].message_id =
            arena_printf(op->arena, "%s-a%d", t->session, t->at.turn);
        events[i].sequence = i + 1;
        events[i].text_delta = STR("word ");
    }
    op->append_events.events = events;
    op->append_events.count = 3;
}

static void fill_answer(struct store_op *op, const struct talk *t)
{
    op->finish_reply.message_id =
        arena_printf(op->arena, "%s-a%d", t->session, t->at.turn);
    op->finish_reply.status = STORE_COMPLETE;
    op->finish_reply.content = arena_printf(op->arena, "answer %d", t->at.turn);
    op->finish_reply.last_sequence = 3;
    op->finish_reply.timestamp_us = t->at.turn + 1;
}

static void next_step(struct talk *t)
{
    static const enum store_verb verbs[STEPS] = {
        STORE_ADD_TURN, STORE_APPEND_EVENTS, STORE_FINISH_REPLY};
    static void (*const fills[STEPS])(struct store_op *,
        const struct talk *) = {fill_ask, fill_events, fill_answer};
    struct store_op *op =
        store_op_new(t->child->loop, verbs[t->at.step], on_step, t);
    op->user_id = STR("ann");
    fills[t->at.step](op, t);
    store_submit(t->child->store, op);
}

_Noreturn static void be_the_child(
    const char *directory, int round, int pipe_fd)
{
    struct child c = {.pipe = pipe_fd};
    if (loop_new(clock_system(), &c.loop) != RC_OK)
        _exit(1);
    c.store = backend.open(directory, true);
    for (int i = 0; i < CHATS; i++) {
        struct talk *t = &c.talks[i];
        t->child = &c;
        t->at.chat = i;
        snprintf(t->session, sizeof(t->session), "r%d-c%d", round, i);
        next_step(t);
    }
    for (;;)
        loop_turn(c.loop, 1000);
}

/* What the child reported before it was killed: last turn of each step. */
struct progress {
    int done[CHATS][STEPS]; /* number of turns acknowledged */
    int reports;
};

static bool take_report(int fd, struct progress *p)
{
    struct report r;
    ssize_t n = read(fd, &r, sizeof(r));
    if (n != (ssize_t)sizeof(r))
        return false;
    p->done[r.chat][r.step] = r.turn + 1;
    p->reports++;
    return true;
}

static void run_and_kill(const char *directory, int round, struct progress *p)
{
    int fds[2], status = 0;
    int reports = 1 + (int)(tap_random() % MAX_REPORTS);
    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        be_the_child(directory, round, fds[1]);
    }
    close(fds[1]);
    while (p->reports < reports && take_report(fds[0], p))
        ;
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, &status, 0) == pid);
    while (take_report(fds[0], p))
        ;
    close(fds[0]);
    CHECK(p->reports >= reports);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void check_turn(
    const struct store_chat *c, const struct progress *p, int chat, int turn)
{
    char expected[32];
    const struct store_message *q = &c->messages[2 * turn];
    const struct store_message *a = &c->messages[2 * turn + 1];
    snprintf(expected, sizeof(expected), "question %d", turn);
    CHECK_STR(q->content, text(expected));
    CHECK(a->status == STORE_COMPLETE || a->status == STORE_INTERRUPTED);
    if (a->status == STORE_COMPLETE) {
        snprintf(expected, sizeof(expected), "answer %d", turn);
        CHECK_STR(a->content, text(expected));
    } else {
        CHECK(turn >= p->done[chat][ANSWER]);
        if (turn < p->done[chat][EVENTS])
            CHECK_STR(a->content, STR("word word word "));
    }
}

/* Everything reported is there, in order and whole. */
static void check_chat(
    struct world *w, int round, int chat, const struct progress *p)
{
    char session[32];
    snprintf(session, sizeof(session), "r%d-c%d", round, chat);
    const struct store_chat *c = world_chat(w, "ann", session);
    if (c == NULL) {
        CHECK_INT(p->done[chat][ASK], 0);
        return;
    }
    int turns = (int)c->message_count / 2;
    CHECK_INT(c->message_count % 2, 0);
    CHECK(turns >= p->done[chat][ASK]);
    CHECK(turns <= p->done[chat][ASK] + 1);
    for (int turn = 0; turn < turns; turn++)
        check_turn(c, p, chat, turn);
}

TEST(kill_9_loses_nothing_that_was_acknowledged)
{
    struct world w;
    int reports = 0;
    tap_seed();
    world_open(&w);
    for (int round = 0; round < ROUNDS; round++) {
        struct progress p = {0};
        store_close(w.store);
        w.store = NULL;
        run_and_kill(w.directory, round, &p);
        w.store = backend.open(w.directory, true);
        struct store_op *op = world_op(&w, STORE_RECOVER, NULL);
        op->recover.at_start = true;
        CHECK_INT(world_run(&w, op), RC_OK);
        CHECK(op->recover.recovered <= CHATS);
        for (int chat = 0; chat < CHATS; chat++)
            check_chat(&w, round, chat, &p);
        reports += p.reports;
    }
    printf("# %d acknowledged operations in %d rounds\n", reports, ROUNDS);
    world_close(&w);
}

enum {
    OLD_CHATS = 400,
    OLD_MESSAGES = 20,
    UPGRADES = 12,
    MAX_UPGRADE_MS = 130
};

/* The fixture of the original, made larger, so that an upgrade takes time. */
static void make_old_database(const char *path)
{
    static const char sql[] =
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n"
        "  WHERE i < %d)"
        " INSERT INTO sessions SELECT 'old-' || i, 'ann', NULL, 'q',"
        "  '2025-01-01T00:00:00', 1, '2025-01-01T00:00:00' FROM n;"
        "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n"
        "  WHERE i < %d)"
        " INSERT INTO messages SELECT 'old-m' || i, 'old-' || (1 + i / %d),"
        "  'ann', 'text ' || i, 'user', NULL, '2025-01-01T00:00:00', NULL,"
        "  NULL, '2025-01-01T00:00:00' FROM n";
    char filled[sizeof(sql) + 64];
    files_copy(ORIGINAL_DB, path);
    snprintf(filled, sizeof(filled), sql, OLD_CHATS,
        OLD_CHATS * OLD_MESSAGES - 1, OLD_MESSAGES);
    sqlite3 *db = files_connect(path);
    files_exec(db, filled);
    sqlite3_close(db);
}

/* Opens in a child, which is killed after at most so many milliseconds. */
static bool upgrade_and_kill(const char *directory, int ms)
{
    int fds[2], status = 0;
    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        store_close(backend.open(directory, true));
        _exit(0);
    }
    close(fds[1]);
    struct pollfd wait = {.fd = fds[0], .events = POLLIN};
    poll(&wait, 1, ms);
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, &status, 0) == pid);
    close(fds[0]);
    return WIFSIGNALED(status);
}

TEST(kill_9_during_an_upgrade_loses_nothing)
{
    char path[FILES_PATH_SIZE];
    int killed = 0;
    tap_seed();
    for (int round = 0; round < UPGRADES; round++) {
        struct world w;
        world_open(&w);
        store_close(w.store);
        w.store = NULL;
        files_join(path, w.directory, "chat.db");
        make_old_database(path);
        killed +=
            upgrade_and_kill(w.directory, (int)(tap_random() % MAX_UPGRADE_MS));
        w.store = backend.open(w.directory, true);
        CHECK(files_count(w.directory, "chat.db.backup-", NULL) >= 1);
        const struct store_chat *c = world_chat(&w, "ann", "old-400");
        CHECK(c != NULL);
        CHECK_INT(c->message_count, OLD_MESSAGES);
        CHECK_STR(c->messages[OLD_MESSAGES - 1].content, STR("text 7999"));
        CHECK_INT(world_chat(&w, "ann", "ann-1")->message_count, 4);
        CHECK_INT(world_message(&w, "ann", "m2")->rating, STORE_RATING_UP);
        sqlite3 *db = files_connect(path);
        CHECK_INT(files_number(db, "SELECT count(*) FROM messages"),
            OLD_CHATS * OLD_MESSAGES + 8);
        sqlite3_close(db);
        world_close(&w);
    }
    printf("# %d of %d upgrades were killed\n", killed, UPGRADES);
}
