#ifndef STORE_SQLITE_EVENT_LOG_H
#define STORE_SQLITE_EVENT_LOG_H

#include <stdint.h>

#include "base/list.h"
#include "store/sql/sql.h"

/*
 * The events of replies that run: appended to a file (event_file.h), kept in
 * memory for those who follow, and put into the database as one row a reply
 * when it ends. So an event costs some bytes instead of a page of each commit.
 *
 *     append   file, then memory         (no transaction, no sync)
 *     pack     memory -> reply_events    (in the transaction of the end)
 *     settle   forget what was packed    (when that is committed)
 *     start    file -> reply_events      (after a crash; the file is emptied)
 *
 * Appending is for any thread, what `tail` reads for the readers, all else for
 * the writer's thread. No events of a reply come once its end has been
 * submitted.
 */
struct event_log;

struct event_log *event_log_new(const char *database);

/* Closes the file, and removes it when all of it is in the database. */
void event_log_free(struct event_log *log); /* NULL is a no-op */

/*
 * Runs operations APPEND_EVENTS: one write for all; sets their results. Replies
 * are looked up in `places`.
 */
void event_log_append(
    struct event_log *log, struct db *places, struct list *ops);

/*
 * The same where it waits for no thread and looks nothing up. False: nothing
 * has happened.
 */
[[nodiscard]] bool event_log_try_append(
    struct event_log *log, struct db *places, struct list *ops);

/*
 * No events are appended in between: what event_log_pack_all() puts into a
 * transaction is all there is when event_log_settle_all() is called.
 */
void event_log_pause(struct event_log *log);
void event_log_go_on(struct event_log *log);

/* Puts the events of one reply, or of all, into the writer's transaction. */
[[nodiscard]] enum rc event_log_pack(
    struct event_log *log, struct db *writer, struct str message_id);
[[nodiscard]] enum rc event_log_pack_all(
    struct event_log *log, struct db *writer);

/* That transaction is committed, and no more comes of the reply for now. */
void event_log_settle(struct event_log *log, struct str message_id);
void event_log_settle_all(struct event_log *log);

/* Whether every event is in the database. */
bool event_log_is_empty(struct event_log *log);

/* Whether the file has become so large that all should be packed. */
bool event_log_is_long(struct event_log *log);

/* Nothing could be packed: it is time again after so much more. */
void event_log_put_off(struct event_log *log);

/* For readers: what they hand to their connection. */
struct sql_tail *event_log_tail(struct event_log *log);

/* A reading operation begins: it sees the database as it is from here on. */
void event_log_begin_reading(struct event_log *log, struct db *reader);

/* Nothing is settled meanwhile; the writer waits. */
void event_log_hold(struct event_log *log);
void event_log_let_go(struct event_log *log);

/*
 * Takes records (event_file_read) of this database, or of the one that it is
 * a copy of, in the caller's transaction: events of replies that stream here.
 */
[[nodiscard]] enum rc event_log_restore(struct str records, struct db *to);

#endif
