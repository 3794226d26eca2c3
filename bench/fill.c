#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/timestamp.h"

#include "bench.h"

/*
 * fill PATH MESSAGES PERSONS LONGEST: a database of chats of 20 messages, the
 * persons' in turn, and one chat of LONGEST messages, the first person's.
 */

enum {
    CHAT = 20,
    QUESTION_WORDS = 20,
    ANSWER_WORDS = 120,
    COMMIT = 20000,
    APART_US = 30000000, /* a message every half minute */
};

static const int64_t first_us = INT64_C(1735689600000000); /* 2025-01-01 */

static sqlite3 *db;
static sqlite3_stmt *add_session, *add_message, *add_rating;

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        bench_die("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        bench_die("%s: %s", sql, sqlite3_errmsg(db));
    return stmt;
}

static void step(sqlite3_stmt *stmt)
{
    if (sqlite3_step(stmt) != SQLITE_DONE)
        bench_die("%s", sqlite3_errmsg(db));
    sqlite3_reset(stmt);
}

static void put(sqlite3_stmt *stmt, int at, const char *text)
{
    sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
}

struct chat {
    int number;
    char id[32], user[32];
};

static int64_t made; /* messages so far */

static void write_message(const struct chat *chat, int position)
{
    static char text[BENCH_WORD_SIZE * 2 * ANSWER_WORDS];
    char id[48], parent[48], time[TIMESTAMP_SIZE];
    bool answer = position % 2 == 0;
    size_t words = answer ? ANSWER_WORDS : QUESTION_WORDS;
    bench_text(words / 2 + bench_random() % words, text);
    timestamp_format(first_us + made++ * APART_US, time);
    snprintf(id, sizeof(id), "%s-m%d", chat->id, position);
    snprintf(parent, sizeof(parent), "%s-m%d", chat->id, position - 1);
    put(add_message, 1, id);
    put(add_message, 2, chat->id);
    put(add_message, 3, chat->user);
    put(add_message, 4, text);
    put(add_message, 5, answer ? "assistant" : "user");
    put(add_message, 6, time);
    put(add_message, 7, position > 1 ? parent : NULL);
    sqlite3_bind_int(add_message, 8, position);
    step(add_message);
    if (answer && bench_random() % 50 == 0) {
        put(add_rating, 1, id);
        put(add_rating, 2, chat->user);
        put(add_rating, 3, chat->id);
        put(add_rating, 4, bench_random() % 2 ? "up" : "down");
        put(add_rating, 5, time);
        step(add_rating);
    }
    if (made % COMMIT == 0)
        run("COMMIT; BEGIN");
}

static void write_chat(struct chat *chat, int person, int length)
{
    char title[BENCH_WORD_SIZE * 8], time[TIMESTAMP_SIZE];
    snprintf(chat->id, sizeof(chat->id), "chat-%d", chat->number++);
    snprintf(chat->user, sizeof(chat->user), "person-%d", person);
    timestamp_format(first_us + made * APART_US, time);
    bench_text(6, title);
    put(add_session, 1, chat->id);
    put(add_session, 2, chat->user);
    put(add_session, 3, title);
    put(add_session, 4, time);
    sqlite3_bind_int64(
        add_session, 5, first_us + (made + length - 1) * APART_US);
    step(add_session);
    for (int i = 1; i <= length; i++)
        write_message(chat, i);
}

static void open_database(const char *path)
{
    struct bench b;
    bench_open(&b, path); /* makes the tables */
    bench_close(&b);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        bench_die("%s: %s", path, sqlite3_errmsg(db));
    run("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
    add_session =
        prepare("INSERT INTO sessions(session_id, user_id, first_query, title,"
                " timestamp, created_at, updated_us, revision)"
                " VALUES(?1, ?2, ?3, ?3, ?4, ?4, ?5, 1)");
    add_message = prepare(
        "INSERT INTO messages(message_id, session_id, user_id, content, role,"
        " model, timestamp, created_at, parent_id, status, position)"
        " VALUES(?1, ?2, ?3, ?4, ?5, 'model', ?6, ?6, ?7, 'complete', ?8)");
    add_rating = prepare("INSERT INTO message_ratings(message_id, user_id,"
                         " session_id, rating, created_at)"
                         " VALUES(?, ?, ?, ?, ?)");
}

int main(int argc, char **argv)
{
    struct chat chat = {0};
    if (argc != 5)
        bench_die("usage: fill PATH MESSAGES PERSONS LONGEST");
    int64_t wanted = bench_number(argv[2]);
    int persons = (int)bench_number(argv[3]);
    int64_t begin = bench_now_ns();
    open_database(argv[1]);
    run("BEGIN");
    write_chat(&chat, 0, (int)bench_number(argv[4]));
    while (made < wanted)
        write_chat(&chat, chat.number % persons, CHAT);
    run("COMMIT; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)");
    bench_print("seconds to fill", (double)(bench_now_ns() - begin) / 1e9);
    bench_print("chats", chat.number);
    sqlite3_finalize(add_session);
    sqlite3_finalize(add_message);
    sqlite3_finalize(add_rating);
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
