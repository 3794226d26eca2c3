#include <string.h>

#include "store/sqlite/sqlite_int.h"

/*
 * Rows that the original application wrote, before the upgrade or after it
 * (somebody went back to it for a while), have no position, no sort key, and
 * may break rules that it never checked. Nothing is dropped: what does not
 * fit gets an id or a session of its own.
 */

/* The same id twice can only be where the table lacks its primary key. */
static const struct sql SQL_DOUBLE_SESSIONS = SQL(
    "UPDATE sessions SET session_id = 'double-' || lower(hex(randomblob(16))),"
    " deleted_at = coalesce(timestamp, created_at, '1970-01-01T00:00:00Z')"
    " WHERE session_id IS NULL OR rowid NOT IN"
    " (SELECT min(rowid) FROM sessions GROUP BY session_id)");
static const struct sql SQL_DOUBLE_MESSAGES = SQL(
    "UPDATE messages SET message_id = 'double-' || lower(hex(randomblob(16)))"
    " WHERE message_id IS NULL OR rowid NOT IN"
    " (SELECT min(rowid) FROM messages GROUP BY message_id)");

static const struct sql SQL_SESSIONS_KEYED =
    SQL("SELECT count(*) FROM pragma_table_info('sessions')"
        " WHERE pk = 1 AND name = 'session_id'");
static const struct sql SQL_MESSAGES_KEYED =
    SQL("SELECT count(*) FROM pragma_table_info('messages')"
        " WHERE pk = 1 AND name = 'message_id'");
static const struct sql SQL_KEY_SESSIONS =
    SQL("CREATE UNIQUE INDEX IF NOT EXISTS sessions_by_id"
        " ON sessions(session_id)");
static const struct sql SQL_KEY_MESSAGES =
    SQL("CREATE UNIQUE INDEX IF NOT EXISTS messages_by_id"
        " ON messages(message_id)");

/* A message whose session is missing gets one, with what is known of it. */
static const struct sql SQL_MISSING_SESSIONS =
    SQL("INSERT INTO sessions(session_id, user_id, first_query, timestamp,"
        " is_active, created_at)"
        " SELECT m.session_id, m.user_id,"
        " (SELECT q.content FROM messages q WHERE q.session_id = m.session_id"
        "  AND q.user_id = m.user_id AND q.role = 'user'"
        "  ORDER BY q.created_at, q.rowid LIMIT 1),"
        " coalesce(max(m.timestamp), max(m.created_at), ''), 1,"
        " coalesce(min(m.created_at), min(m.timestamp), '')"
        " FROM messages m WHERE m.position IS NULL"
        " AND m.session_id IS NOT NULL AND m.user_id IS NOT NULL"
        " AND NOT EXISTS(SELECT 1 FROM sessions s"
        "  WHERE s.session_id = m.session_id)"
        " GROUP BY m.session_id");

/*
 * A message in a session of another user: its own user gets a session for it,
 * named after both, so that nobody sees what is not theirs and nobody loses
 * what is.
 */
static const struct sql SQL_SPLIT_SESSIONS =
    SQL("INSERT INTO sessions(session_id, user_id, first_query, timestamp,"
        " is_active, created_at)"
        " SELECT m.session_id || '-' || m.user_id, m.user_id, min(m.content),"
        " coalesce(max(m.timestamp), max(m.created_at), ''), 1,"
        " coalesce(min(m.created_at), min(m.timestamp), '')"
        " FROM messages m JOIN sessions s ON s.session_id = m.session_id"
        " WHERE m.position IS NULL AND s.user_id <> m.user_id"
        " AND NOT EXISTS(SELECT 1 FROM sessions t"
        "  WHERE t.session_id = m.session_id || '-' || m.user_id)"
        " GROUP BY m.session_id, m.user_id");
static const struct sql SQL_SPLIT_MESSAGES =
    SQL("UPDATE messages SET session_id = session_id || '-' || user_id"
        " WHERE position IS NULL AND EXISTS(SELECT 1 FROM sessions s"
        "  WHERE s.session_id = messages.session_id"
        "  AND s.user_id <> messages.user_id)"
        " AND EXISTS(SELECT 1 FROM sessions t WHERE t.session_id ="
        "  messages.session_id || '-' || messages.user_id"
        "  AND t.user_id = messages.user_id)");

/* The original stored its apologies as answers; the model must not see them.
 */
static const struct sql SQL_MARK_ERRORS = SQL(
    "UPDATE messages SET status = 'error' WHERE position IS NULL"
    " AND role = 'assistant' AND status = 'complete'"
    " AND (content LIKE 'Sorry, I encountered an error.%'"
    " OR content LIKE 'The service is currently experiencing high demand%')");

static const struct sql SQL_PLACE =
    SQL("UPDATE messages SET position = ranked.place FROM"
        " (SELECT rowid AS id, coalesce((SELECT max(o.position) FROM messages o"
        "   WHERE o.session_id = m.session_id), 0) + row_number() OVER"
        "   (PARTITION BY session_id ORDER BY sqlite_us(created_at),"
        "    sqlite_us(timestamp), rowid) AS place"
        "  FROM messages m WHERE position IS NULL) AS ranked"
        " WHERE messages.rowid = ranked.id");

/* Each hangs on the one before it, as that is shown. */
static const struct sql SQL_LINK =
    SQL("UPDATE messages SET (parent_id, parent_variant) ="
        " (SELECT p.message_id, p.variant FROM messages p"
        "  WHERE p.session_id = messages.session_id AND p.hidden = 0"
        "  AND p.position < messages.position"
        "  ORDER BY p.position DESC LIMIT 1)"
        " WHERE parent_id IS NULL AND EXISTS(SELECT 1 FROM messages p"
        "  WHERE p.session_id = messages.session_id AND p.hidden = 0"
        "  AND p.position < messages.position)");

static const struct sql SQL_DATE =
    SQL("UPDATE sessions SET updated_us = max(sqlite_us(timestamp),"
        " coalesce((SELECT max(sqlite_us(coalesce(m.timestamp, m.created_at)))"
        "  FROM messages m WHERE m.session_id = sessions.session_id), 0))"
        " WHERE updated_us IS NULL");

static const struct sql SQL_NEEDS =
    SQL("SELECT EXISTS(SELECT 1 FROM messages INDEXED BY messages_unplaced"
        "  WHERE position IS NULL)"
        " OR EXISTS(SELECT 1 FROM sessions INDEXED BY sessions_undated"
        "  WHERE updated_us IS NULL)");

/* SQL function sqlite_us(text): microseconds since the epoch, or 0. */
static void us_function(
    sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const void *p = sqlite3_value_text(values[0]);
    int n = sqlite3_value_bytes(values[0]);
    struct str text = {p, p == NULL ? 0 : (size_t)n};
    sqlite3_result_int64(context, sql_time(text));
}

/* Removes doubles and makes ids unique where the table does not. */
static enum rc make_keys(struct db *db, const struct sql *sql_keyed,
    const struct sql *sql_double, const struct sql *sql_key)
{
    int64_t keyed = 0;
    struct query q = query_start(db, sql_keyed);
    if (query_row(&q))
        keyed = query_col_int(&q, 0);
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        rc = db_run(db, sql_double);
    if (rc == RC_OK && keyed == 0)
        rc = db_run(db, sql_key);
    return rc;
}

enum rc schema_make_keys(struct db *db)
{
    enum rc rc = make_keys(
        db, &SQL_SESSIONS_KEYED, &SQL_DOUBLE_SESSIONS, &SQL_KEY_SESSIONS);
    if (rc == RC_OK)
        rc = make_keys(
            db, &SQL_MESSAGES_KEYED, &SQL_DOUBLE_MESSAGES, &SQL_KEY_MESSAGES);
    return rc;
}

enum rc schema_adopt_rows(struct db *db)
{
    static const struct sql *const steps[] = {&SQL_MISSING_SESSIONS,
        &SQL_SPLIT_SESSIONS, &SQL_SPLIT_MESSAGES, &SQL_MARK_ERRORS, &SQL_PLACE,
        &SQL_LINK, &SQL_DATE};
    enum rc rc = db_result(
        db, sqlite3_create_function_v2(db_handle(db), "sqlite_us", 1,
                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                us_function, NULL, NULL, NULL));
    if (rc == RC_OK)
        rc = schema_make_keys(db);
    for (size_t i = 0; rc == RC_OK && i < sizeof(steps) / sizeof(*steps); i++)
        rc = db_run(db, steps[i]);
    return rc;
}

enum rc schema_needs_adoption(struct db *db, bool *ret)
{
    bool needs = false;
    struct query q = query_start(db, &SQL_NEEDS);
    if (query_row(&q))
        needs = query_col_int(&q, 0) != 0;
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = needs;
    return rc;
}
