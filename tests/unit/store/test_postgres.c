#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/postgres/store_postgres.h"

#include "server.h"
#include "tap.h"
#include "version1.h"
#include "world.h"

/* What the PostgreSQL store does beyond the contract: loss and company. */

enum { OPS = 300 };

static enum rc open_as(const struct world *w, const char *conninfo,
    const char *node, struct store **ret)
{
    char error[STORE_ERROR_SIZE];
    struct store_postgres_options options = {
        .schema = server_schema(w), .conninfo = conninfo, .node = node};
    return store_postgres_open(&options, ret, error);
}

struct turns {
    int done, stored;
    bool ok[OPS];
};

static struct turns turns;

static void on_turn(struct store_op *op)
{
    int *at = op->ctx;
    turns.ok[*at] = op->rc == RC_OK;
    turns.stored += op->rc == RC_OK;
    turns.done++;
    if (op->rc != RC_OK)
        printf("# %s\n", op->error);
    store_op_free(op);
}

static int numbers[OPS];

static void submit_turn(struct world *w, int i)
{
    numbers[i] = i;
    struct store_op *op =
        store_op_new(w->loop, STORE_ADD_TURN, on_turn, &numbers[i]);
    struct store_add_turn *t = &op->add_turn;
    op->user_id = STR("ann");
    t->session_id = arena_printf(op->arena, "s%d", i);
    t->user_message_id = arena_printf(op->arena, "s%d-q1", i);
    t->reply_id = arena_printf(op->arena, "s%d-a1", i);
    t->content = STR("?");
    t->now_us = WORLD_NOW_US;
    store_submit(w->store, op);
}

static void wait_turns(struct world *w, int count)
{
    while (turns.done < count)
        loop_turn(w->loop, 100);
}

/* Every turn that was acknowledged is there. */
static void check_turns(struct world *w, int count)
{
    char name[16];
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        const struct store_chat *c = world_chat(w, "ann", name);
        if (turns.ok[i] && (c == NULL || c->message_count != 2))
            tap_fail(__FILE__, __LINE__, "turn %d was lost", i);
    }
}

/* Ends the server in one way again and again while turns are sent. */
static void run_under_signal(int number)
{
    struct world w;
    turns = (struct turns){0};
    world_open(&w);
    for (int i = 0; i < OPS; i++) {
        submit_turn(&w, i);
        if (i % 10 == 9)
            wait_turns(&w, i - 5);
        if (i == 50 || i == 200)
            server_signal(number);
    }
    wait_turns(&w, OPS);
    check_turns(&w, OPS);
    printf("# %d of %d acknowledged\n", turns.stored, OPS);
    CHECK(turns.stored > OPS / 2);
    world_close(&w);
}

TEST(a_restart_under_load_loses_nothing_acknowledged)
{
    run_under_signal(SIGINT);
}

TEST(a_crash_under_load_loses_nothing_acknowledged)
{
    run_under_signal(SIGQUIT);
}

TEST(connections_cut_under_load_are_made_again)
{
    struct world w;
    turns = (struct turns){0};
    world_open(&w);
    for (int i = 0; i < OPS; i++) {
        submit_turn(&w, i);
        if (i % 20 == 19) {
            server_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                       " WHERE application_name = 'databricks-chatbot'");
            wait_turns(&w, i - 5);
        }
    }
    wait_turns(&w, OPS);
    CHECK_INT(turns.stored, OPS);
    check_turns(&w, OPS);
    world_close(&w);
}

/* Ends the connections to a server whose socket cannot be found any more. */
static void go_away(const char *link)
{
    CHECK(unlink(link) == 0);
    server_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
               " WHERE application_name = 'databricks-chatbot'");
}

TEST(a_server_that_stays_away_is_an_error_until_it_is_back)
{
    char error[STORE_ERROR_SIZE];
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    store_close(w.store);
    const char *link = arena_printf(arena, "%s/server", w.directory).p;
    CHECK(symlink(getenv("PGHOST"), link) == 0);
    struct store_postgres_options options = {.schema = server_schema(&w),
        .conninfo = arena_printf(arena, "host=%s", link).p,
        .patience_ms = 300};
    CHECK_INT(store_postgres_open(&options, &w.store, error), RC_OK);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    go_away(link);
    CHECK_INT(world_ask(&w, "ann", "s2", 1, "?"), RC_IO);
    CHECK(strstr(w.last->error, "cannot be used") != NULL);
    CHECK(world_message(&w, "ann", "s1-a1") == NULL);
    CHECK_INT(w.last->rc, RC_IO);
    CHECK(symlink(getenv("PGHOST"), link) == 0);
    while (world_ask(&w, "ann", "s2", 1, "?") != RC_OK)
        CHECK_INT(w.last->rc, RC_IO);
    for (int i = 0; i < 4; i++) /* whichever connection reads */
        CHECK(world_message(&w, "ann", "s1-a1") != NULL);
    CHECK_INT(world_chat(&w, "ann", "s2")->message_count, 2);
    arena_free(arena);
    world_close(&w);
}

TEST(what_waits_together_is_committed_together)
{
    struct world w;
    turns = (struct turns){0};
    world_open(&w);
    for (int i = 0; i < OPS; i++)
        submit_turn(&w, i);
    wait_turns(&w, OPS);
    CHECK_INT(turns.stored, OPS);
    struct store_op *op = world_op(&w, STORE_STATS, NULL);
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->stats.commits < OPS / 3);
    CHECK_INT(op->stats.syncs, op->stats.commits);
    world_close(&w);
}

struct opening {
    const struct world *world;
    pthread_t thread;
    struct store *store;
    enum rc rc;
};

static void *open_one(void *ctx)
{
    struct opening *o = ctx;
    o->rc = open_as(o->world, NULL, NULL, &o->store);
    return NULL;
}

/* Several at once; then one that stays. */
static void open_at_once(struct world *w)
{
    enum { STORES = 6 };
    struct opening opening[STORES];
    for (int i = 0; i < STORES; i++) {
        opening[i] = (struct opening){.world = w};
        pthread_create(&opening[i].thread, NULL, open_one, &opening[i]);
    }
    for (int i = 0; i < STORES; i++) {
        pthread_join(opening[i].thread, NULL);
        CHECK_INT(opening[i].rc, RC_OK);
        store_close(opening[i].store);
    }
    w->store = backend.open(w->directory, true);
}

TEST(stores_that_open_an_empty_database_at_once_all_succeed)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    store_close(w.store);
    server_run(
        arena_printf(arena, "DROP SCHEMA \"%s\" CASCADE", server_schema(&w)).p);
    open_at_once(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    arena_free(arena);
    world_close(&w);
}

TEST(stores_that_open_an_old_database_at_once_all_succeed)
{
    struct world w;
    version1_make(&w);
    open_at_once(&w);
    CHECK_INT(world_chat(&w, "ann", "s1")->message_count, 4);
    world_close(&w);
}

/* Opening fails with one sentence that holds a text and no line break. */
static void check_refused(const char *conninfo, enum rc rc, const char *says)
{
    char error[STORE_ERROR_SIZE] = "";
    struct store *store = NULL;
    struct store_postgres_options options = {.conninfo = conninfo};
    CHECK_INT(store_postgres_open(&options, &store, error), rc);
    if (strstr(error, says) == NULL)
        tap_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", says, error);
    CHECK(strchr(error, '\n') == NULL);
    CHECK(strstr(error, "wrong one") == NULL);
    CHECK(store == NULL);
}

TEST(what_prevents_opening_is_said_in_a_sentence)
{
    check_refused("host=127.0.0.1 password='wrong one'", RC_DENIED,
        "password authentication failed");
    check_refused("host=127.0.0.1 port=1", RC_IO, "Connection refused");
    check_refused("host=/nonexistent", RC_IO, "No such file");
    check_refused("dbname=absent", RC_NOT_FOUND, "\"absent\" does not exist");
    check_refused("postgres://me:wrong one@h:x/%zz", RC_INVALID, "malformed");
}

struct passwords {
    int asked, renewed;
};

static enum rc give_password(void *ctx, bool renew, struct secret *ret_password,
    char error[STORE_ERROR_SIZE])
{
    struct passwords *p = ctx;
    (void)error;
    p->asked++;
    p->renewed += renew;
    secret_set(
        ret_password, renew ? str_from_c(getenv("CHATBOT_TEST_PG_PASSWORD"))
                            : STR("expired"));
    return RC_OK;
}

TEST(a_refused_password_is_asked_for_once_more)
{
    char error[STORE_ERROR_SIZE];
    struct world w;
    struct store *store = NULL;
    struct passwords passwords = {0};
    world_open(&w);
    struct store_postgres_options options = {.schema = server_schema(&w),
        .conninfo = "host=127.0.0.1",
        .password = give_password,
        .password_ctx = &passwords};
    CHECK_INT(store_postgres_open(&options, &store, error), RC_OK);
    store_close(store);
    CHECK(passwords.renewed >= 1);
    CHECK_INT(passwords.asked, 2 * passwords.renewed);
    world_close(&w);
}

TEST(a_database_that_takes_no_writes_can_be_read)
{
    struct world w;
    struct store *store = NULL;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(open_as(&w, "options='-c default_transaction_read_only=on'", NULL,
                  &store),
        RC_OK);
    store_close(w.store);
    w.store = store;
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("!"));
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_READ_ONLY);
    struct store_op *op = world_op(&w, STORE_STATS, NULL);
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->stats.read_only);
    CHECK_INT(world_ask(&w, "ann", "s2", 1, "?"), RC_READ_ONLY);
    op = world_op(&w, STORE_STATS, NULL);
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(op->stats.read_only);
    world_close(&w);
}

static void on_counted(struct store_op *op)
{
    int *good = op->ctx;
    *good += op->rc == RC_OK ? 1 : 1000;
    store_op_free(op);
}

TEST(closing_at_once_still_reads_what_was_asked)
{
    enum { READS = 20 };
    struct world w;
    int counted = 0;
    world_open(&w);
    world_reopen(&w);
    for (int i = 0; i < READS; i++)
        store_submit(
            w.store, store_op_new(w.loop, STORE_STATS, on_counted, &counted));
    store_close(w.store);
    while (counted < READS)
        loop_turn(w.loop, 100);
    CHECK_INT(counted, READS);
    w.store = NULL;
    world_close(&w);
}

TEST(text_is_stored_without_nul)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply.message_id = STR("s1-a1");
    op->finish_reply.content = STR("a\0b\0");
    op->finish_reply.timestamp_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("ab"));
    world_close(&w);
}

TEST(text_that_is_no_utf8_fails_alone)
{
    struct world w;
    turns = (struct turns){0};
    world_open(&w);
    world_ask(&w, "ann", "bad", 1, "?");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply.message_id = STR("bad-a1");
    op->finish_reply.content = STR("\xff");
    op->finish_reply.timestamp_us = w.now_us;
    for (int i = 0; i < 20; i++)
        submit_turn(&w, i);
    CHECK_INT(world_run(&w, op), RC_INVALID);
    wait_turns(&w, 20);
    CHECK_INT(turns.stored, 20);
    CHECK_INT(world_message(&w, "ann", "bad-a1")->status, STORE_STREAMING);
    world_close(&w);
}
