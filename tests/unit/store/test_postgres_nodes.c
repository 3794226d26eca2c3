#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres/store_postgres.h"

#include "server.h"
#include "tap.h"
#include "world.h"

/* Two stores on one schema, as two processes have them. */

struct nodes {
    struct world a, b;
};

static void nodes_open(struct nodes *n)
{
    char error[STORE_ERROR_SIZE];
    world_open(&n->a);
    n->b = n->a;
    n->b.store = NULL;
    struct store_postgres_options options = {
        .schema = server_schema(&n->a), .node = "b"};
    CHECK_INT(store_postgres_open(&options, &n->b.store, error), RC_OK);
}

static void nodes_close(struct nodes *n)
{
    store_op_free(n->b.last);
    store_close(n->b.store);
    world_close(&n->a);
}

/* What b has been told. */
struct heard {
    struct store_watch *watch;
    int all, stops, replies, changes;
    char last_reply[32], last_stop[32];
};

static void hear(void *ctx, enum store_news news, struct str id)
{
    struct heard *h = ctx;
    if (news == STORE_NEWS_ALL)
        h->all++;
    if (news == STORE_NEWS_STOP) {
        h->stops++;
        snprintf(h->last_stop, sizeof(h->last_stop), "%.*s", STR_ARG(id));
    }
    if (news == STORE_NEWS_REPLY) {
        h->replies++;
        snprintf(h->last_reply, sizeof(h->last_reply), "%.*s", STR_ARG(id));
    }
    if (news == STORE_NEWS_CHANGES)
        h->changes++;
}

static void wait_more(struct nodes *n, const int *count, int than)
{
    while (*count <= than)
        loop_turn(n->b.loop, 100);
}

/*
 * Begins to hear; b listens when this returns, and nothing is under way: stops
 * that nobody asked for are sent until the last of them has come back.
 */
static void hear_begin(struct nodes *n, struct heard *h)
{
    char probe[32] = "", notify[128];
    *h = (struct heard){0};
    h->watch = store_watch_new(n->b.store, n->b.loop, hear, h);
    for (int number = 1; number == 1 || strcmp(h->last_stop, probe) != 0;
         number++) {
        snprintf(probe, sizeof(probe), "probe-%d", number);
        snprintf(notify, sizeof(notify), "NOTIFY \"%s\", 's:%s'",
            server_schema(&n->a), probe);
        server_run(notify);
        for (int i = 0; i < 20 && strcmp(h->last_stop, probe) != 0; i++)
            loop_turn(n->b.loop, 50);
    }
    h->stops = 0;
}

static void watch_reply(struct nodes *n, const char *message_id)
{
    struct store_op *op = world_op(&n->b, STORE_WATCH_REPLY, "ann");
    op->watch_reply.message_id = store_op_str(op, text(message_id));
    CHECK_INT(world_run(&n->b, op), RC_OK);
}

TEST(a_watched_reply_is_news_to_the_other_node)
{
    struct nodes n;
    struct heard h;
    nodes_open(&n);
    hear_begin(&n, &h);
    world_ask(&n.a, "ann", "s1", 1, "?");
    world_ask(&n.a, "ann", "s2", 1, "?");
    store_watch_add(h.watch, STORE_NEWS_REPLY, STR("s1-a1"));
    store_watch_add(h.watch, STORE_NEWS_REPLY, STR("s2-a1"));
    watch_reply(&n, "s2-a1");
    world_events(&n.a, "s1-a1", 2, 1); /* nobody said it was watched */
    world_events(&n.a, "s2-a1", 2, 1);
    wait_more(&n, &h.replies, 0);
    CHECK_STR(text(h.last_reply), STR("s2-a1"));
    CHECK_INT(h.replies, 1);
    int before = h.replies;
    world_answer(&n.a, "ann", "s2", 1, STORE_COMPLETE, "2");
    wait_more(&n, &h.replies, before);
    CHECK_INT(world_message(&n.b, "ann", "s2-a1")->status, STORE_COMPLETE);
    store_watch_free(h.watch);
    nodes_close(&n);
}

TEST(a_stop_reaches_the_other_node)
{
    struct nodes n;
    struct heard h;
    nodes_open(&n);
    hear_begin(&n, &h);
    world_ask(&n.b, "ann", "s1", 1, "?");
    struct store_op *op = world_op(&n.a, STORE_REQUEST_STOP, "ann");
    op->request_stop.message_id = STR("s1-a1");
    CHECK_INT(world_run(&n.a, op), RC_OK);
    wait_more(&n, &h.stops, 0);
    CHECK_STR(text(h.last_stop), STR("s1-a1"));
    store_watch_free(h.watch);
    nodes_close(&n);
}

TEST(changes_are_news_to_the_other_node)
{
    struct nodes n;
    struct heard h;
    nodes_open(&n);
    hear_begin(&n, &h);
    store_watch_add(h.watch, STORE_NEWS_CHANGES, STR("ann"));
    world_ask(&n.a, "bob", "s1", 1, "?");
    world_ask(&n.a, "ann", "s2", 1, "?");
    wait_more(&n, &h.changes, 0);
    struct store_op *op = world_op(&n.b, STORE_READ_CHANGES, "ann");
    op->read_changes.limit = 100;
    CHECK_INT(world_run(&n.b, op), RC_OK);
    CHECK(op->read_changes.count > 0);
    CHECK_STR(op->read_changes.changes[0].session_id, STR("s2"));
    store_watch_free(h.watch);
    nodes_close(&n);
}

TEST(what_a_node_did_itself_is_told_once)
{
    struct nodes n;
    struct heard h;
    nodes_open(&n);
    hear_begin(&n, &h);
    world_ask(&n.b, "ann", "s1", 1, "?");
    watch_reply(&n, "s1-a1");
    store_watch_add(h.watch, STORE_NEWS_REPLY, STR("s1-a1"));
    world_events(&n.b, "s1-a1", 2, 1);
    wait_more(&n, &h.replies, 0);
    /* What came to b's connection before this has been heard too. */
    struct store_op *op = world_op(&n.a, STORE_REQUEST_STOP, "ann");
    op->request_stop.message_id = STR("s1-a1");
    CHECK_INT(world_run(&n.a, op), RC_OK);
    wait_more(&n, &h.stops, 0);
    CHECK_INT(h.replies, 1);
    store_watch_free(h.watch);
    nodes_close(&n);
}

TEST(after_a_restart_of_the_server_news_arrive_again)
{
    struct nodes n;
    struct heard h;
    nodes_open(&n);
    hear_begin(&n, &h);
    world_ask(&n.a, "ann", "s1", 1, "?");
    watch_reply(&n, "s1-a1");
    store_watch_add(h.watch, STORE_NEWS_REPLY, STR("s1-a1"));
    int before = h.all;
    server_signal(SIGINT);
    wait_more(&n, &h.all, before);
    CHECK_INT(world_events(&n.a, "s1-a1", 2, 1), RC_OK);
    wait_more(&n, &h.replies, 0);
    CHECK_STR(world_message(&n.b, "ann", "s1-a1")->content, STR("2 "));
    store_watch_free(h.watch);
    nodes_close(&n);
}

static void heartbeat(struct world *w)
{
    struct store_op *op = world_op(w, STORE_HEARTBEAT, NULL);
    op->heartbeat.now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
}

static size_t recover(struct world *w, int64_t dead_after_us)
{
    struct store_op *op = world_op(w, STORE_RECOVER, NULL);
    op->recover.now_us = w->now_us;
    op->recover.dead_after_us = dead_after_us;
    CHECK_INT(world_run(w, op), RC_OK);
    return op->recover.recovered;
}

TEST(a_node_that_falls_silent_is_recovered_by_the_other)
{
    enum { LONG_US = 600000000, SHORT_US = 100000 };
    struct nodes n;
    struct heard h;
    nodes_open(&n);
    hear_begin(&n, &h);
    heartbeat(&n.a);
    heartbeat(&n.b);
    world_ask(&n.a, "ann", "s1", 1, "?");
    world_events(&n.a, "s1-a1", 2, 3);
    world_ask(&n.b, "ann", "s2", 1, "?");
    CHECK_INT(recover(&n.b, LONG_US), 0);
    int before = h.all;
    while (recover(&n.b, SHORT_US) == 0)
        heartbeat(&n.b);
    wait_more(&n, &h.all, before);
    const struct store_message *m = world_message(&n.b, "ann", "s1-a1");
    CHECK_INT(m->status, STORE_INTERRUPTED);
    CHECK_STR(m->content, STR("2 3 4 "));
    CHECK_INT(m->last_sequence, 5);
    CHECK_INT(world_message(&n.b, "ann", "s2-a1")->status, STORE_STREAMING);
    /* It was not dead after all: what it still says comes too late. */
    CHECK_INT(world_events(&n.a, "s1-a1", 5, 1), RC_OK);
    CHECK_INT(n.a.last->append_events.dropped, 1);
    CHECK_INT(
        world_answer(&n.a, "ann", "s1", 1, STORE_COMPLETE, "all"), RC_CONFLICT);
    store_watch_free(h.watch);
    nodes_close(&n);
}

/* Nobody could be heard while the database was away. */
TEST(a_node_that_was_silent_itself_does_not_judge)
{
    enum { LONG_US = 600000000 };
    struct nodes n;
    nodes_open(&n);
    heartbeat(&n.a);
    world_ask(&n.a, "ann", "s1", 1, "?");
    PGconn *h = server_connect(&n.a);
    server_exec(h, "UPDATE nodes SET started_us = 0, seen_us = 0");
    heartbeat(&n.b);
    CHECK_INT(recover(&n.b, LONG_US), 0);
    server_exec(h, "UPDATE nodes SET started_us = 0 WHERE node = 'b'");
    heartbeat(&n.b);
    CHECK_INT(recover(&n.b, LONG_US), 1);
    PQfinish(h);
    nodes_close(&n);
}

TEST(a_node_not_seen_for_a_day_is_forgotten)
{
    struct nodes n;
    nodes_open(&n);
    heartbeat(&n.a);
    PGconn *h = server_connect(&n.a);
    server_exec(h, "UPDATE nodes SET seen_us = seen_us - 86400000000");
    heartbeat(&n.b);
    CHECK_INT(server_exec(h, "SELECT count(*) FROM nodes"), 1);
    PQfinish(h);
    nodes_close(&n);
}

static bool take(struct world *w)
{
    struct store_op *op = world_op(w, STORE_TAKE_RATE, "ann");
    op->take_rate.per_minute = 1;
    op->take_rate.burst = 4;
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK((op->take_rate.retry_after_us > 0) == !op->take_rate.allowed);
    return op->take_rate.allowed;
}

TEST(a_rate_is_counted_by_both)
{
    struct nodes n;
    nodes_open(&n);
    for (int i = 0; i < 2; i++) {
        CHECK(take(&n.a));
        CHECK(take(&n.b));
    }
    CHECK(!take(&n.a));
    CHECK(!take(&n.b));
    nodes_close(&n);
}

struct answers {
    int done, ok;
    const char *user; /* who asks; NULL: ann */
};

static void on_done(struct store_op *op)
{
    struct answers *answers = op->ctx;
    answers->ok += op->rc == RC_OK;
    answers->done++;
    if (op->rc != RC_OK)
        printf("# %s\n", op->error);
    store_op_free(op);
}

static void submit_turn(
    struct world *w, const char *session, struct answers *answers)
{
    struct store_op *op =
        store_op_new(w->loop, STORE_ADD_TURN, on_done, answers);
    struct store_add_turn *t = &op->add_turn;
    op->user_id = answers->user == NULL ? STR("ann") : text(answers->user);
    t->session_id = store_op_str(op, text(session));
    t->user_message_id = arena_printf(op->arena, "%s-q2", session);
    t->reply_id = arena_printf(op->arena, "%s-a2", session);
    t->content = STR("?");
    t->now_us = WORLD_NOW_US;
    store_submit(w->store, op);
}

static void wait_answers(struct world *w, const struct answers *a, int count)
{
    while (a->done < count)
        loop_turn(w->loop, 100);
}

/* Until a connection of the store waits for a lock. */
static void wait_blocked(PGconn *h)
{
    while (server_exec(h,
               "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
               " 'Lock' AND application_name = 'databricks-chatbot'") == 0)
        ;
}

/*
 * While the writer waits for s0, turns in s1 and s2 come to wait together; then
 * it locks s1 and wants s2, and somebody who has s2 wants s1.
 */
TEST(a_deadlock_between_two_writers_is_resolved)
{
    struct world w;
    struct answers answers = {0};
    world_open(&w);
    world_turn(&w, "ann", "s0", 1, "?", "!");
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    PGconn *first = server_connect(&w), *second = server_connect(&w);
    PGconn *look = server_connect(NULL);
    server_exec(first, "BEGIN; SELECT 1 FROM sessions WHERE session_id = 's0'"
                       " FOR UPDATE");
    server_exec(second, "SET deadlock_timeout = '60s'; BEGIN; SELECT 1 FROM"
                        " sessions WHERE session_id = 's2' FOR UPDATE");
    submit_turn(&w, "s0", &answers);
    wait_blocked(look);
    submit_turn(&w, "s1", &answers);
    submit_turn(&w, "s2", &answers);
    server_exec(first, "ROLLBACK");
    wait_answers(&w, &answers, 1);
    wait_blocked(look);
    server_exec(
        second, "UPDATE sessions SET title = title WHERE session_id = 's1'");
    server_exec(second, "COMMIT");
    wait_answers(&w, &answers, 3);
    CHECK_INT(answers.ok, 3);
    CHECK_INT(world_chat(&w, "ann", "s1")->message_count, 4);
    CHECK_INT(world_chat(&w, "ann", "s2")->message_count, 4);
    PQfinish(first);
    PQfinish(second);
    PQfinish(look);
    world_close(&w);
}

/*
 * Both write for the same two people, in opposite order, while the server is
 * restarted: every turn is stored once or refused, and the numbers of the
 * changes have no gap.
 */
TEST(two_writers_lose_nothing_when_the_server_restarts)
{
    enum { TURNS = 150 };
    struct nodes n;
    struct answers ann = {.user = "ann"}, bob = {.user = "bob"};
    struct arena *arena = arena_new();
    nodes_open(&n);
    for (int i = 0; i < TURNS; i++) {
        submit_turn(&n.a, arena_printf(arena, "a-ann-%d", i).p, &ann);
        submit_turn(&n.b, arena_printf(arena, "b-bob-%d", i).p, &bob);
        submit_turn(&n.a, arena_printf(arena, "a-bob-%d", i).p, &bob);
        submit_turn(&n.b, arena_printf(arena, "b-ann-%d", i).p, &ann);
        if (i % 10 == 9)
            loop_turn(n.a.loop, 1);
        if (i == TURNS / 2)
            server_signal(SIGINT);
    }
    wait_answers(&n.a, &ann, 2 * TURNS);
    wait_answers(&n.a, &bob, 2 * TURNS);
    PGconn *h = server_connect(&n.a);
    long long stored = server_exec(
        h, "SELECT count(*) FROM messages WHERE role = 'assistant'");
    printf("# %d of %d acknowledged, %lld stored\n", ann.ok + bob.ok, 4 * TURNS,
        stored);
    CHECK(stored >= ann.ok + bob.ok);
    CHECK(ann.ok + bob.ok > 2 * TURNS);
    CHECK_INT(
        server_exec(h, "SELECT count(*) FROM messages WHERE role = 'user'"),
        stored);
    CHECK_INT(server_exec(h,
                  "SELECT count(*) FROM feeds f WHERE last <> (SELECT count(*)"
                  " FROM changes c WHERE c.user_id = f.user_id)"),
        0);
    PQfinish(h);
    arena_free(arena);
    nodes_close(&n);
}

/* A connection counts its own when it ends. */
static long long count_deadlocks(void)
{
    PGconn *h = server_connect(NULL);
    long long count =
        server_exec(h, "SELECT sum(deadlocks)::bigint FROM pg_stat_database");
    PQfinish(h);
    return count;
}

/*
 * The same without a restart: that both write for the same people at once
 * makes each wait for the other, but never both.
 */
TEST(two_writers_for_the_same_people_do_not_deadlock)
{
    enum { ROUNDS = 60, PEOPLE = 6 };
    static const char *const people[PEOPLE] = {
        "ann", "bob", "cleo", "dan", "eve", "f\"i\\n,{n}"};
    struct nodes n;
    struct answers answers[PEOPLE];
    struct arena *arena = arena_new();
    long long before = count_deadlocks();
    nodes_open(&n);
    for (size_t i = 0; i < PEOPLE; i++) {
        answers[i] = (struct answers){.user = people[i]};
        world_turn(
            &n.a, people[i], arena_printf(arena, "s%zu", i).p, 1, "?", "!");
    }
    for (int i = 0; i < ROUNDS; i++) {
        for (size_t p = 0; p < PEOPLE; p++) {
            size_t other = PEOPLE - 1 - p;
            submit_turn(
                &n.a, arena_printf(arena, "a-%zu-%d", p, i).p, &answers[p]);
            submit_turn(&n.b, arena_printf(arena, "b-%zu-%d", other, i).p,
                &answers[other]);
        }
        if (i % 4 == 3)
            loop_turn(n.a.loop, 1);
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        wait_answers(&n.a, &answers[i], 2 * ROUNDS);
        CHECK_INT(answers[i].ok, 2 * ROUNDS);
    }
    arena_free(arena);
    nodes_close(&n);
    CHECK_INT(count_deadlocks(), before);
}
