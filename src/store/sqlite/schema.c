#include <stdio.h>
#include <string.h>

#include "store/sql/schema.h"

#include "store/sqlite/sqlite_int.h"

/*
 * The original's three tables, as it creates them. A new database begins with
 * them too, so that there is one way to today's schema.
 */
static const char SQL_BASE[] =
    "CREATE TABLE IF NOT EXISTS sessions("
    " session_id TEXT PRIMARY KEY,"
    " user_id TEXT NOT NULL,"
    " user_email TEXT,"
    " first_query TEXT,"
    " timestamp TEXT NOT NULL,"
    " is_active INTEGER DEFAULT 1,"
    " created_at TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS messages("
    " message_id TEXT PRIMARY KEY,"
    " session_id TEXT NOT NULL REFERENCES sessions(session_id),"
    " user_id TEXT NOT NULL,"
    " content TEXT NOT NULL,"
    " role TEXT NOT NULL,"
    " model TEXT,"
    " timestamp TEXT NOT NULL,"
    " sources TEXT,"
    " metrics TEXT,"
    " created_at TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS message_ratings("
    " message_id TEXT NOT NULL,"
    " user_id TEXT NOT NULL,"
    " session_id TEXT NOT NULL,"
    " rating TEXT CHECK(rating IN ('up', 'down')),"
    " created_at TEXT NOT NULL,"
    " PRIMARY KEY(message_id, user_id))";

/* Columns that must be there; those of the original in case one is missing. */
static const struct {
    const char *table;
    const char *column;
    const char *sql;
} columns[] = {
#define COLUMN(table, name, type)                                              \
    {                                                                          \
#table, #name, "ALTER TABLE " #table " ADD COLUMN " #name " " type     \
    }
    COLUMN(sessions, user_email, "TEXT"),
    COLUMN(sessions, first_query, "TEXT"),
    COLUMN(sessions, timestamp, "TEXT"),
    COLUMN(sessions, is_active, "INTEGER DEFAULT 1"),
    COLUMN(sessions, created_at, "TEXT"),
    COLUMN(sessions, title, "TEXT"),
    COLUMN(sessions, pinned, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(sessions, archived, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(sessions, deleted_at, "TEXT"),
    COLUMN(sessions, revision, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(sessions, settings, "TEXT"),
    COLUMN(sessions, updated_us, "INTEGER"),
    COLUMN(messages, model, "TEXT"),
    COLUMN(messages, timestamp, "TEXT"),
    COLUMN(messages, sources, "TEXT"),
    COLUMN(messages, metrics, "TEXT"),
    COLUMN(messages, created_at, "TEXT"),
    COLUMN(messages, parent_id, "TEXT"),
    COLUMN(messages, status, "TEXT NOT NULL DEFAULT 'complete'"),
    COLUMN(messages, parts, "TEXT"),
    COLUMN(messages, reasoning, "TEXT"),
    COLUMN(messages, error_code, "TEXT"),
    COLUMN(messages, error_message, "TEXT"),
    COLUMN(messages, finish_reason, "TEXT"),
    COLUMN(messages, trace_id, "TEXT"),
    COLUMN(messages, last_sequence, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(messages, position, "INTEGER"),
    COLUMN(message_ratings, session_id, "TEXT"),
    COLUMN(message_ratings, rating, "TEXT"),
    COLUMN(message_ratings, created_at, "TEXT"),
    COLUMN(message_ratings, reasons, "TEXT"),
    COLUMN(message_ratings, comment, "TEXT"),
#undef COLUMN
};

/*
 * What is new. sessions.updated_us and messages.position are the keys of
 * order; they are NULL only in rows that the original wrote, which the two
 * partial indexes find at once. A reply's log hangs on a small number, so
 * that an event does not repeat the message's id.
 */
static const char SQL_ADDED[] =
    "CREATE INDEX sessions_by_owner ON"
    " sessions(user_id, updated_us, session_id) WHERE deleted_at IS NULL;"
    "CREATE INDEX sessions_undated ON sessions(session_id)"
    " WHERE updated_us IS NULL;"
    "CREATE INDEX messages_in_order ON messages(session_id, position);"
    "CREATE INDEX messages_unplaced ON messages(session_id)"
    " WHERE position IS NULL;"
    "CREATE UNIQUE INDEX messages_streaming ON messages(session_id)"
    " WHERE status = 'streaming';"
    "CREATE TABLE message_variants("
    " message_id TEXT NOT NULL,"
    " variant INTEGER NOT NULL,"
    " user_id TEXT NOT NULL,"
    " content TEXT NOT NULL,"
    " reasoning TEXT,"
    " model TEXT,"
    " timestamp TEXT,"
    " sources TEXT,"
    " metrics TEXT,"
    " status TEXT NOT NULL,"
    " error_code TEXT,"
    " error_message TEXT,"
    " finish_reason TEXT,"
    " trace_id TEXT,"
    " rating TEXT,"
    " replaced_at TEXT NOT NULL,"
    " PRIMARY KEY(message_id, variant));"
    "CREATE TABLE reply_logs("
    " reply INTEGER PRIMARY KEY,"
    " message_id TEXT NOT NULL UNIQUE,"
    " finished_us INTEGER);"
    "CREATE INDEX reply_logs_finished ON reply_logs(finished_us)"
    " WHERE finished_us IS NOT NULL;"
    "CREATE TABLE reply_events("
    " reply INTEGER NOT NULL REFERENCES reply_logs(reply),"
    " sequence INTEGER NOT NULL,"
    " payload TEXT,"
    " text_delta TEXT,"
    " reasoning_delta TEXT,"
    " PRIMARY KEY(reply, sequence)) WITHOUT ROWID;"
    "CREATE TABLE credentials("
    " hash TEXT PRIMARY KEY,"
    " kind TEXT NOT NULL CHECK(kind IN ('session', 'token')),"
    " user_id TEXT NOT NULL,"
    " email TEXT,"
    " username TEXT,"
    " name TEXT,"
    " created_us INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL,"
    " last_used_us INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX credentials_by_owner ON"
    " credentials(user_id, kind, created_us);"
    "CREATE TABLE health("
    " id INTEGER PRIMARY KEY CHECK(id = 1),"
    " beats INTEGER NOT NULL);"
    "INSERT INTO health(id, beats) VALUES(1, 0);"
    "CREATE TABLE schema_migrations("
    " version INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " applied_at TEXT NOT NULL)";

static const struct sql SQL_HAS_TABLE = SQL(
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1");
static const struct sql SQL_HAS_COLUMN =
    SQL("SELECT count(*) FROM pragma_table_info($1) WHERE name = $2");
static const struct sql SQL_COUNT_TABLES =
    SQL("SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
static const struct sql SQL_VERSION =
    SQL("SELECT coalesce(max(version), 0) FROM schema_migrations");

static enum rc count_of(struct db *db, const struct sql *sql, struct str first,
    struct str second, int64_t *ret)
{
    int64_t count = 0;
    struct query q = query_start(db, sql);
    if (first.p != NULL)
        query_text(&q, first);
    if (second.p != NULL)
        query_text(&q, second);
    if (query_row(&q))
        count = query_col_int(&q, 0);
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = count;
    return rc;
}

static enum rc has_column(
    struct db *db, const char *table, const char *column, bool *ret)
{
    int64_t n = 0;
    enum rc rc = count_of(
        db, &SQL_HAS_COLUMN, str_from_c(table), str_from_c(column), &n);
    if (rc == RC_OK)
        *ret = n > 0;
    return rc;
}

/* Columns without which rows of a table cannot be the original's. */
static enum rc is_foreign(struct db *db, bool *ret)
{
    static const char *const needed[][2] = {{"sessions", "session_id"},
        {"sessions", "user_id"}, {"messages", "message_id"},
        {"messages", "session_id"}, {"messages", "user_id"},
        {"messages", "content"}, {"messages", "role"}};
    int64_t tables = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        struct str table = str_from_c(needed[i][0]);
        bool there = true;
        rc = count_of(db, &SQL_HAS_TABLE, table, (struct str){0}, &tables);
        if (rc == RC_OK && tables > 0)
            rc = has_column(db, needed[i][0], needed[i][1], &there);
        if (rc != RC_OK)
            return rc;
        if (!there)
            *ret = true;
    }
    return RC_OK;
}

enum rc schema_inspect(struct db *db, struct schema_state *ret_state)
{
    const struct str none = {0};
    struct schema_state state = {0};
    int64_t all = 0, chats = 0, messages = 0, migrations = 0;
    enum rc rc = count_of(db, &SQL_COUNT_TABLES, none, none, &all);
    if (rc == RC_OK)
        rc = count_of(db, &SQL_HAS_TABLE, STR("sessions"), none, &chats);
    if (rc == RC_OK)
        rc = count_of(db, &SQL_HAS_TABLE, STR("messages"), none, &messages);
    if (rc == RC_OK)
        rc = count_of(
            db, &SQL_HAS_TABLE, STR("schema_migrations"), none, &migrations);
    if (rc == RC_OK && migrations > 0)
        rc = count_of(db, &SQL_VERSION, none, none, &state.version);
    state.has_tables = all > 0;
    state.is_foreign = all > 0 && chats + messages == 0;
    if (rc == RC_OK && !state.is_foreign)
        rc = is_foreign(db, &state.is_foreign);
    if (rc == RC_OK)
        *ret_state = state;
    return rc;
}

static enum rc run_script(struct db *db, const char *sql)
{
    return db_result(db, sqlite3_exec(db_handle(db), sql, NULL, NULL, NULL));
}

static enum rc add_columns(struct db *db)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
        bool there = false;
        enum rc rc =
            has_column(db, columns[i].table, columns[i].column, &there);
        if (rc == RC_OK && !there)
            rc = run_script(db, columns[i].sql);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* The original's tables and what version 1 adds to them. */
static enum rc make_first(struct db *db, int64_t now_us)
{
    enum rc rc = run_script(db, SQL_BASE);
    if (rc == RC_OK)
        rc = add_columns(db);
    if (rc == RC_OK)
        rc = run_script(db, SQL_ADDED);
    return rc == RC_OK ? schema_note(db, 1, "first", now_us) : rc;
}

enum rc schema_migrate(struct db *db, int64_t version, int64_t now_us)
{
    enum rc rc = version == 0 ? make_first(db, now_us) : RC_OK;
    if (rc == RC_OK)
        rc = schema_make_keys(db); /* what is added relies on them */
    if (rc == RC_OK)
        rc = schema_advance(db, version, now_us);
    return rc == RC_OK ? schema_adopt_rows(db) : rc;
}
