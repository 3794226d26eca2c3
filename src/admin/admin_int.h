#ifndef ADMIN_ADMIN_INT_H
#define ADMIN_ADMIN_INT_H

#include "admin/admin.h"
#include "base/arena.h"
#include "loop/loop.h"

/* Private to src/admin. */

/* The commands. */
int admin_backup(const struct admin_call *call);
int admin_restore(const struct admin_call *call);
int admin_check(const struct admin_call *call);
int admin_export(const struct admin_call *call);
int admin_import(const struct admin_call *call);
int admin_feedback(const struct admin_call *call);
int admin_migrate(const struct admin_call *call);

/* ---- run.c: databases and operations ---- */

/* A database in use, with a loop for its answers. */
struct place {
    struct loop *loop;
    struct store *store;
    const char *shown;
};

/*
 * TOOL: beside a server. STATE: the same, and all reading sees one state of
 * the database. OWNED: ours alone; made and upgraded when need be.
 * COPY: the same, of a database that is kept.
 */
enum place_use { PLACE_TOOL, PLACE_STATE, PLACE_OWNED, PLACE_COPY };

/* Says what is wrong on standard error when it fails. */
[[nodiscard]] enum rc place_open(const struct admin_database *database,
    enum place_use use, struct place *ret);
[[nodiscard]] enum rc place_open_file(
    const char *path, enum place_use use, struct place *ret);
void place_close(struct place *p); /* one that was never opened: zeroed */

/* A new operation on behalf of a user (absent: nobody). */
struct store_op *place_op(
    struct place *p, enum store_verb verb, struct str user_id);

/* Waits for the result; the operation stays the caller's. */
enum rc place_run(struct place *p, struct store_op *op);

/* Says what went wrong on standard error; gives ADMIN_FAILED. */
int admin_fail(const char *what, const char *why);

/* The same for an operation that failed. */
int admin_fail_op(const char *what, const struct store_op *op);

/* Wrong use: ADMIN_MISUSED. */
int admin_misuse(const char *what);

/* A line on standard output. */
void admin_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- files.c: files that are there whole or not at all ---- */

/* NAME, written as NAME.part until it is whole. */
struct new_file {
    char *name;
    char *part;
    int fd; /* -1: made by somebody else, who knows the name `part` */
};

/*
 * Refuses a name that is there unless forced, and a served database always.
 * With `make` the empty part is made and fd is open. Says what is wrong on
 * standard error.
 */
[[nodiscard]] enum rc new_file_begin(
    const char *name, bool force, bool make, struct new_file *ret);

/* Standard output in the form of a file; commit and drop leave it alone. */
[[nodiscard]] enum rc new_file_standard_output(struct new_file *ret);

/* Appends. */
[[nodiscard]] enum rc new_file_write(struct new_file *f, struct str text);

/* Syncs, renames, syncs the directory, and releases; says what fails. */
[[nodiscard]] enum rc new_file_commit(struct new_file *f, bool force);

/* Removes what is there so far and releases. Harmless after commit. */
void new_file_drop(struct new_file *f);

/* A name in the directory for temporary files, which does not exist. */
char *temporary_name(void);

/* Removes a database file of ours and what lies beside it. */
void remove_database(const char *path);

/* "20260102T030405Z" */
enum { STAMP_SIZE = 17 };
void stamp_now(char ret[STAMP_SIZE]);

/* ---- chats.c: going through chats, and copying them ---- */

struct totals {
    size_t chats, new_chats;   /* looked at; made */
    size_t added, present;     /* messages */
    size_t untrashed, skipped; /* chats */
};

/* Called for each chat; not RC_OK ends the walk. */
typedef enum rc chat_fn(
    void *ctx, const struct store_user *user, const struct store_session *chat);

/*
 * Goes through the chats of a user (absent: of everybody), newest first, in
 * pages. Says what fails on standard error.
 */
[[nodiscard]] enum rc each_chat(
    struct place *p, struct str user_id, bool trash, chat_fn *fn, void *ctx);

/* Called for a page of a chat's places, which it may change. */
typedef enum rc places_fn(void *ctx, const struct store_session *session,
    struct store_place *places, size_t count);

/* Reads a chat page by page; RC_NOT_FOUND is not told on standard error. */
[[nodiscard]] enum rc each_page(struct place *p, struct str user_id,
    struct str session_id, places_fn *fn, void *ctx);

/*
 * Takes a chat (or the next part of one) in; `untrash` takes it out of the
 * trash. What streams there has been interrupted here.
 */
struct import {
    struct str user_id;
    struct store_session session;
    struct store_place *places;
    size_t count;
    bool untrash;
};

[[nodiscard]] enum rc import_places(
    struct place *p, const struct import *what, struct totals *totals);

/* One chat from one database into another, for the same user. */
struct chat_copy {
    struct place *from, *to;
    struct str user_id;
    struct str session_id;
    bool untrash;
    struct totals *totals;
};

[[nodiscard]] enum rc copy_chat(const struct chat_copy *c);

/* Says what was added and what was there. */
void say_totals(const char *verb, const struct totals *t);

/* ---- tables.c: whole tables, row by row ---- */

/* Copies all rows that are not there. Says what fails. */
[[nodiscard]] enum rc copy_tables(struct place *from, struct place *to);

/* How two tables compare. */
struct comparison {
    size_t same, different, missing, extra;
    char from_digest[65], to_digest[65];
};

/*
 * Reads both tables by key and compares all values. `amend` is a set of
 * 1 << enum store_load: rows that are missing are then added, those that
 * differ written anew, those too many removed, so that the target equals the
 * source.
 */
[[nodiscard]] enum rc compare_table(struct place *from, struct place *to,
    const struct store_table *table, unsigned amend, struct comparison *ret);

/* True when no table of the catalogue has a row. */
[[nodiscard]] enum rc tables_empty(struct place *p, bool *ret);

/* ---- restore.c ---- */

/*
 * Adds what the history lacks of the chats in a database file, as the call's
 * user and chat say. Gives the exit code.
 */
int admin_merge(const struct admin_call *call, const char *file);

/* ---- backup.c ---- */

/*
 * Makes a copy of an SQLite database that is ours alone: upgraded, with the
 * replies that streamed kept as interrupted. Says what fails.
 */
[[nodiscard]] enum rc private_copy(const char *from, const char *to);

/* Ends what streams in a database that is ours alone. */
[[nodiscard]] enum rc settle(struct place *p);

#endif
