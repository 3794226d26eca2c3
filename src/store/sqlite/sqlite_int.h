#ifndef STORE_SQLITE_SQLITE_INT_H
#define STORE_SQLITE_SQLITE_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/str.h"
#include "store/sql/sql.h"
#include "store/store.h"

/* Private to src/store/sqlite. */

enum db_mode { DB_READ, DB_READ_FROZEN, DB_WRITE };

/*
 * Opens a connection with the settings that all of ours have. DB_READ_FROZEN
 * is for a file on a medium that nobody can write. On failure db->error tells.
 */
[[nodiscard]] enum rc db_open(const char *path, enum db_mode mode, int busy_ms,
    struct db **ret, char error[STORE_ERROR_SIZE]);
void db_close(struct db *db); /* NULL is a no-op */

/* Of a connection that db_open() made. */
sqlite3 *db_handle(const struct db *db);

/* What errno after a failed write means for a store. */
enum rc rc_from_io(int system_errno);

/* Maps SQLite's result; fills db->error unless it is a good one. */
enum rc db_result(struct db *db, int code);

extern const struct sql DB_BEGIN, DB_BEGIN_TO_WRITE, DB_COMMIT, DB_ROLLBACK,
    DB_SYNC_FULL, DB_SYNC_NORMAL, DB_WIPE, DB_NO_WIPE;

/* Schema (schema.c, upgrade.c, backup.c, prepare.c) */
struct schema_state {
    int64_t version; /* 0: none of ours yet */
    bool has_tables; /* of the original or ours */
    bool is_foreign; /* a database of some other program */
};

[[nodiscard]] enum rc schema_inspect(
    struct db *db, struct schema_state *ret_state);

/* Makes everything or upgrades a version, in the caller's transaction. */
[[nodiscard]] enum rc schema_migrate(
    struct db *db, int64_t version, int64_t now_us);

/* One id, one row; rows that share one get ids of their own. */
[[nodiscard]] enum rc schema_make_keys(struct db *db);

/* Gives rows that the original wrote what our columns need. */
[[nodiscard]] enum rc schema_adopt_rows(struct db *db);

/* True when there are such rows. */
[[nodiscard]] enum rc schema_needs_adoption(struct db *db, bool *ret);

/* Copies the database to PATH.backup-TIME, synced; name in ret_name. */
[[nodiscard]] enum rc backup_make(const char *path, int64_t now_us,
    struct arena *arena, struct str *ret_name, char error[STORE_ERROR_SIZE]);

/* The file and what lies around it (files.c) */
struct files {
    char *path; /* resolved */
    int lock_fd;
    bool read_only;
    bool is_copy; /* an upgrade keeps no other one */
};

[[nodiscard]] enum rc files_prepare(
    const char *path, struct files *ret, char error[STORE_ERROR_SIZE]);

/* The name of a file in its directory reaches the disk. */
bool sync_folder(const char *path);

/* The same for a file that must be there and whose lock is another's. */
[[nodiscard]] enum rc files_find(
    const char *path, struct files *ret, char error[STORE_ERROR_SIZE]);
void files_release(struct files *f);

/* The server's lock, for a while, of a file that was found. */
[[nodiscard]] enum rc files_lock(struct files *f);
void files_unlock(struct files *f);

/* All of it in order; *ret_mode is how readers are to open the file. */
[[nodiscard]] enum rc schema_prepare(const struct files *files, int busy_ms,
    int64_t now_us, enum db_mode *ret_mode, char error[STORE_ERROR_SIZE]);

/* Only looks whether the database can be used as it is. */
[[nodiscard]] enum rc schema_require(
    const struct files *files, int busy_ms, char error[STORE_ERROR_SIZE]);

#endif
