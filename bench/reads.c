#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "store/search_language.h"

#include "bench.h"

/*
 * reads PATH CHATS PERSONS ROUNDS: how long lists, searches and the longest
 * chat take in what `fill` made, beside the same file asked by SQLite alone.
 */

enum { PAGE = 50, HITS = 20 };

struct subject {
    struct bench b;
    sqlite3 *raw;
    int persons, rounds;
    char user[32];
};

static const char *pick_person(struct subject *s)
{
    snprintf(s->user, sizeof(s->user), "person-%d",
        (int)(bench_random() % (uint64_t)s->persons));
    return s->user;
}

static sqlite3_stmt *prepare(struct subject *s, const char *sql)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(s->raw, sql, -1, &stmt, NULL) != SQLITE_OK)
        bench_die("%s: %s", sql, sqlite3_errmsg(s->raw));
    return stmt;
}

/* The reference: one message by its key, by SQLite alone. */
static void measure_point(struct subject *s, int chats)
{
    struct samples all = {0};
    char id[48];
    sqlite3_stmt *q =
        prepare(s, "SELECT content FROM messages WHERE message_id = ?");
    for (int i = 0; i < s->rounds * 4; i++) {
        snprintf(id, sizeof(id), "chat-%d-m%d",
            1 + (int)(bench_random() % (uint64_t)(chats - 1)),
            1 + (int)(bench_random() % 20));
        int64_t begin = bench_now_ns();
        sqlite3_bind_text(q, 1, id, -1, SQLITE_STATIC);
        if (sqlite3_step(q) != SQLITE_ROW || sqlite3_column_bytes(q, 0) == 0)
            bench_die("%s is not there", id);
        sqlite3_reset(q);
        samples_add(&all, bench_now_ns() - begin);
    }
    sqlite3_finalize(q);
    samples_print(&all, "reference: a row by its key, SQLite alone");
    samples_free(&all);
}

/* The smallest thing that the store can be asked. */
static void measure_message(struct subject *s, int chats)
{
    struct samples all = {0};
    for (int i = 0; i < s->rounds; i++) {
        int chat = 1 + (int)(bench_random() % (uint64_t)(chats - 1));
        snprintf(s->user, sizeof(s->user), "person-%d", chat % s->persons);
        struct store_op *op = bench_op(&s->b, STORE_GET_MESSAGE, s->user);
        op->get_message.message_id =
            arena_printf(op->arena, "chat-%d-m2", chat);
        int64_t begin = bench_now_ns();
        bench_run(&s->b, op);
        samples_add(&all, bench_now_ns() - begin);
        store_op_free(op);
    }
    samples_print(&all, "one message through the store");
    samples_free(&all);
}

static void measure_list(struct subject *s)
{
    struct samples all = {0};
    for (int i = 0; i < s->rounds; i++) {
        struct store_op *op =
            bench_op(&s->b, STORE_LIST_SESSIONS, pick_person(s));
        op->list_sessions.limit = PAGE;
        int64_t begin = bench_now_ns();
        bench_run(&s->b, op);
        samples_add(&all, bench_now_ns() - begin);
        if (op->list_sessions.count == 0)
            bench_die("%s has no chats", s->user);
        store_op_free(op);
    }
    samples_print(&all, "session list");
    samples_free(&all);
}

/* What is typed: W a word as they come, C a common one, R a rare one. */
static const char *const searches[] = {"W", "C", "R", "W W", "C W", "\"C C\"",
    "C*", "CC*", "R*", "C -C", "C from:me", "C rating:up",
    "C after:2025-06-01 before:2025-06-08", "W in:title"};

static void type(const char *pattern, char *out)
{
    char word[BENCH_WORD_SIZE];
    size_t n = 0;
    for (const char *p = pattern; *p != '\0'; p++) {
        size_t rank = *p == 'W'   ? bench_rank()
                      : *p == 'C' ? bench_random() % 20
                      : *p == 'R' ? 20000 + bench_random() % 40000
                                  : BENCH_WORDS;
        if (rank == BENCH_WORDS) {
            out[n++] = *p;
            continue;
        }
        bench_word(rank, word);
        memcpy(out + n, word, strlen(word));
        n += strlen(word);
    }
    out[n] = '\0';
}

static void search(struct subject *s, const char *typed)
{
    struct str error;
    struct store_op *op = bench_op(&s->b, STORE_SEARCH, pick_person(s));
    struct store_search_query *q =
        ARENA_NEW(op->arena, struct store_search_query);
    struct str text = store_op_str(op, str_from_c(typed));
    if (search_language_parse(text, op->arena, q, &error) != RC_OK)
        bench_die("%s: %.*s", typed, STR_ARG(error));
    op->search.query = q;
    op->search.limit = HITS;
    bench_run(&s->b, op);
    store_op_free(op);
}

static void measure_searches(struct subject *s)
{
    struct samples all = {0};
    char typed[256], name[128];
    for (size_t k = 0; k < sizeof(searches) / sizeof(*searches); k++) {
        struct samples some = {0};
        for (int i = 0; i < s->rounds; i++) {
            type(searches[k], typed);
            int64_t begin = bench_now_ns();
            search(s, typed);
            int64_t took = bench_now_ns() - begin;
            samples_add(&some, took);
            samples_add(&all, took);
        }
        size_t n = (size_t)snprintf(name, sizeof(name), "search: ");
        for (const char *p = searches[k]; *p != '\0'; p++) {
            if (*p == '"')
                name[n++] = '\\';
            name[n++] = *p;
        }
        name[n] = '\0';
        samples_print(&some, name);
        samples_free(&some);
    }
    samples_print(&all, "search, all kinds");
    samples_free(&all);
}

static void measure_longest(struct subject *s, int rounds)
{
    struct samples ours = {0}, raw = {0};
    sqlite3_stmt *q = prepare(s, "SELECT * FROM messages WHERE"
                                 " session_id = 'chat-0' ORDER BY position");
    for (int i = 0; i < rounds; i++) {
        struct store_op *op = bench_op(&s->b, STORE_GET_SESSION, "person-0");
        op->get_session.session_id = STR("chat-0");
        op->get_session.with_messages = true;
        int64_t begin = bench_now_ns();
        bench_run(&s->b, op);
        samples_add(&ours, bench_now_ns() - begin);
        size_t expected = op->get_session.chat.message_count, rows = 0;
        store_op_free(op);
        begin = bench_now_ns();
        while (sqlite3_step(q) == SQLITE_ROW) {
            for (int c = 0; c < sqlite3_column_count(q); c++)
                (void)sqlite3_column_text(q, c);
            rows++;
        }
        sqlite3_reset(q);
        samples_add(&raw, bench_now_ns() - begin);
        if (rows != expected || rows == 0)
            bench_die("%zu messages of %zu", expected, rows);
    }
    sqlite3_finalize(q);
    samples_print(&raw, "reference: the longest chat's rows, SQLite alone");
    samples_print(&ours, "the longest chat");
    samples_free(&ours);
    samples_free(&raw);
}

int main(int argc, char **argv)
{
    struct subject s = {0};
    if (argc != 5)
        bench_die("usage: reads PATH CHATS PERSONS ROUNDS");
    int chats = (int)bench_number(argv[2]);
    s.persons = (int)bench_number(argv[3]);
    s.rounds = (int)bench_number(argv[4]);
    bench_open(&s.b, argv[1]);
    if (sqlite3_open_v2(argv[1], &s.raw, SQLITE_OPEN_READONLY, NULL) !=
        SQLITE_OK)
        bench_die("%s", sqlite3_errmsg(s.raw));
    measure_point(&s, chats);
    measure_message(&s, chats);
    measure_list(&s);
    measure_searches(&s);
    measure_longest(&s, s.rounds < 20 ? s.rounds : 20);
    sqlite3_close(s.raw);
    bench_close(&s.b);
    return 0;
}
