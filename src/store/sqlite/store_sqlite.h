#ifndef STORE_SQLITE_STORE_SQLITE_H
#define STORE_SQLITE_STORE_SQLITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/rc.h"
#include "store/store.h"

/* Zero members take the value in the comment. */
struct store_sqlite_options {
    const char *path;          /* of the database file */
    const struct clock *clock; /* clock_system(); names the backup copy */
    int readers;               /* threads that read: 2; 1 with one_state */
    size_t queue_ops;          /* operations waiting or running: 10,000 */
    size_t queue_bytes;        /* of their arguments: 64 MiB */
    int busy_ms;               /* wait for another process's lock: 5,000 */
    bool one_state;            /* all reading sees the state of the first */
    bool is_copy; /* of a database that is kept: an upgrade keeps no other */
    bool tool;    /* beside a server that may be running, see below */
};

/*
 * Opens the database and starts its threads; blocks, so do it before the loop
 * runs. A missing file is created, and so is its directory when the parent
 * exists. A database of the original application is copied beside itself
 * (PATH.backup-YYYYMMDDTHHMMSSZ), then upgraded in place. A file that cannot
 * be written is opened for reading when its schema is current: verbs that
 * write then end with RC_READ_ONLY.
 *
 * On failure `error` holds one sentence that says what is wrong and what to
 * do: RC_CONFLICT another process has it open, RC_CORRUPT not a database or
 * damaged, RC_UNSUPPORTED made by a newer version, RC_READ_ONLY, RC_FULL,
 * RC_IO, RC_INVALID (path).
 */
[[nodiscard]] enum rc store_sqlite_open(
    const struct store_sqlite_options *options, struct store **ret,
    char error[STORE_ERROR_SIZE]);

/*
 * With `tool` the file must be there, of today's schema, and without rows
 * that only the original application has written (RC_UNSUPPORTED: let a server
 * open it once). Nothing is created or upgraded and the server's lock is not
 * taken: the two processes take turns by SQLite's own locks, a transaction
 * each, and wait for each other for busy_ms.
 */

/* Whether a process serves this database file right now. */
bool store_sqlite_served(const char *path);

/*
 * Copies a database, as it is at one moment, into a new file, which is synced
 * with its name. Writers go on meanwhile where there is a write-ahead log,
 * and else wait while a few pages are copied at a time. RC_CONFLICT: `to` is
 * there already; on any other failure it is removed.
 */
[[nodiscard]] enum rc store_sqlite_copy(
    const char *from, const char *to, char error[STORE_ERROR_SIZE]);

/*
 * Makes a database that nobody has open stand alone in its file: without a
 * write-ahead log, so that it can be read where nothing can be written.
 */
[[nodiscard]] enum rc store_sqlite_seal(
    const char *path, char error[STORE_ERROR_SIZE]);

/*
 * Puts the file `with` in the place of the database at `path`, which is kept
 * under the name `kept` with what lies beside it. RC_CONFLICT: a process
 * serves it. A database that is not there is no error.
 */
[[nodiscard]] enum rc store_sqlite_replace(const char *path, const char *with,
    const char *kept, char error[STORE_ERROR_SIZE]);

/*
 * Whether the file is a sound database: its structure is read whole. When not,
 * RC_CORRUPT and `error` says the first thing that is wrong.
 */
[[nodiscard]] enum rc store_sqlite_verify(
    const char *path, char error[STORE_ERROR_SIZE]);

#endif
