#ifndef STORE_SQLITE_STORE_SQLITE_H
#define STORE_SQLITE_STORE_SQLITE_H

#include <stddef.h>

#include "base/clock.h"
#include "base/rc.h"
#include "store/store.h"

/* Zero members take the value in the comment. */
struct store_sqlite_options {
    const char *path;          /* of the database file */
    const struct clock *clock; /* clock_system(); names the backup copy */
    int readers;               /* threads that read: 2 */
    size_t queue_ops;          /* operations waiting or running: 10,000 */
    size_t queue_bytes;        /* of their arguments: 64 MiB */
    int busy_ms;               /* wait for another process's lock: 5,000 */
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

#endif
