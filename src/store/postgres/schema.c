#include <inttypes.h>

#include "store/sql/schema.h"

#include "store/postgres/pg_int.h"

/*
 * The tables: the names and columns of the SQLite store, and the node that a
 * live reply belongs to. Times are text as there. Text that is a key of order
 * compares by bytes, whatever the database's collation.
 */

/* Two processes at once do this one after the other. */
static const struct sql SQL_LOCK =
    SQL("SELECT pg_advisory_xact_lock(1667785076, hashtext($1))");
static const struct sql SQL_HAS_TABLES =
    SQL("SELECT count(*) FROM pg_catalog.pg_tables"
        " WHERE schemaname = $1 AND tablename = 'schema_migrations'");
static const struct sql SQL_VERSION =
    SQL("SELECT coalesce(max(version), 0) FROM schema_migrations");
static const struct sql SQL_IS_READ_ONLY =
    SQL("SELECT current_setting('transaction_read_only')");
/* Only one that is missing: making one needs a right on the database. */
static const struct sql SQL_SCHEMA = SQL(
    "DO $do$ BEGIN"
    " IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace"
    "  WHERE nspname = current_setting('chatbot.schema')) THEN"
    "  EXECUTE format('CREATE SCHEMA %I', current_setting('chatbot.schema'));"
    " END IF; END $do$");

static const struct sql first_version[] = {
    SQL("CREATE TABLE sessions("
        " session_id TEXT COLLATE \"C\" PRIMARY KEY,"
        " user_id TEXT NOT NULL,"
        " user_email TEXT,"
        " first_query TEXT,"
        " timestamp TEXT COLLATE \"C\" NOT NULL,"
        " is_active INTEGER DEFAULT 1,"
        " created_at TEXT COLLATE \"C\" NOT NULL,"
        " title TEXT,"
        " pinned INTEGER NOT NULL DEFAULT 0,"
        " archived INTEGER NOT NULL DEFAULT 0,"
        " deleted_at TEXT,"
        " revision BIGINT NOT NULL DEFAULT 0,"
        " settings TEXT,"
        " updated_us BIGINT NOT NULL)"),
    SQL("CREATE INDEX sessions_by_owner ON"
        " sessions(user_id, updated_us, session_id) WHERE deleted_at IS NULL"),
    SQL("CREATE TABLE messages("
        " message_id TEXT COLLATE \"C\" PRIMARY KEY,"
        " session_id TEXT COLLATE \"C\" NOT NULL REFERENCES "
        "sessions(session_id),"
        " user_id TEXT NOT NULL,"
        " content TEXT NOT NULL,"
        " role TEXT NOT NULL,"
        " model TEXT,"
        " timestamp TEXT NOT NULL,"
        " sources TEXT,"
        " metrics TEXT,"
        " created_at TEXT NOT NULL,"
        " parent_id TEXT COLLATE \"C\","
        " status TEXT NOT NULL DEFAULT 'complete',"
        " parts TEXT,"
        " reasoning TEXT,"
        " error_code TEXT,"
        " error_message TEXT,"
        " finish_reason TEXT,"
        " trace_id TEXT,"
        " last_sequence BIGINT NOT NULL DEFAULT 0,"
        " position BIGINT NOT NULL,"
        " node TEXT NOT NULL)"),
    SQL("CREATE UNIQUE INDEX messages_in_order ON messages(session_id, "
        "position)"),
    SQL("CREATE UNIQUE INDEX messages_streaming ON messages(session_id)"
        " WHERE status = 'streaming'"),
    SQL("CREATE TABLE message_ratings("
        " message_id TEXT COLLATE \"C\" NOT NULL,"
        " user_id TEXT NOT NULL,"
        " session_id TEXT COLLATE \"C\" NOT NULL,"
        " rating TEXT CHECK(rating IN ('up', 'down')),"
        " created_at TEXT NOT NULL,"
        " reasons TEXT,"
        " comment TEXT,"
        " PRIMARY KEY(message_id, user_id))"),
    SQL("CREATE TABLE message_variants("
        " message_id TEXT COLLATE \"C\" NOT NULL,"
        " variant BIGINT NOT NULL,"
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
        " PRIMARY KEY(message_id, variant))"),
    SQL("CREATE TABLE reply_logs("
        " reply BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " message_id TEXT COLLATE \"C\" NOT NULL UNIQUE,"
        " finished_us BIGINT)"),
    SQL("CREATE INDEX reply_logs_finished ON reply_logs(finished_us)"
        " WHERE finished_us IS NOT NULL"),
    SQL("CREATE TABLE reply_events("
        " reply BIGINT NOT NULL,"
        " sequence BIGINT NOT NULL,"
        " payload TEXT,"
        " text_delta TEXT,"
        " reasoning_delta TEXT,"
        " PRIMARY KEY(reply, sequence))"),
    SQL("CREATE TABLE credentials("
        " hash TEXT COLLATE \"C\" PRIMARY KEY,"
        " kind TEXT NOT NULL CHECK(kind IN ('session', 'token')),"
        " user_id TEXT NOT NULL,"
        " email TEXT,"
        " username TEXT,"
        " name TEXT,"
        " created_us BIGINT NOT NULL,"
        " expires_us BIGINT NOT NULL,"
        " last_used_us BIGINT NOT NULL)"),
    SQL("CREATE INDEX credentials_by_owner ON"
        " credentials(user_id, kind, created_us)"),
    SQL("CREATE TABLE health("
        " id INTEGER PRIMARY KEY CHECK(id = 1),"
        " beats BIGINT NOT NULL)"),
    SQL("INSERT INTO health(id, beats) VALUES(1, 0)"),
    SQL("CREATE TABLE schema_migrations("
        " version BIGINT PRIMARY KEY,"
        " name TEXT NOT NULL,"
        " applied_at TEXT NOT NULL)"),
};

static const struct sql SQL_BEGIN = SQL("BEGIN");
static const struct sql SQL_COMMIT = SQL("COMMIT");
static enum rc find_version(struct pg *pg, int64_t *ret)
{
    int64_t tables = 0, version = 0;
    struct query q = query_start(&pg->db, &SQL_HAS_TABLES);
    query_text(&q, str_from_c(pg->config->options.schema));
    if (query_row(&q))
        tables = query_col_int(&q, 0);
    enum rc rc = query_end(&q);
    if (rc == RC_OK && tables > 0) {
        q = query_start(&pg->db, &SQL_VERSION);
        if (query_row(&q))
            version = query_col_int(&q, 0);
        rc = query_end(&q);
    }
    if (rc == RC_OK)
        *ret = version;
    return rc;
}

static enum rc judge_version(struct pg *pg, int64_t version)
{
    if (version <= SCHEMA_VERSION)
        return RC_OK;
    store_error_set(pg->db.error,
        "the tables in PostgreSQL's schema %.60s were made by a newer version"
        " of this program (schema %" PRId64 ", known here: %d)",
        pg->config->options.schema, version, SCHEMA_VERSION);
    return RC_UNSUPPORTED;
}

static enum rc make_first(struct pg *pg, int64_t now_us)
{
    enum rc rc = db_run(&pg->db, &SQL_SCHEMA);
    size_t count = sizeof(first_version) / sizeof(*first_version);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        rc = db_defer(&pg->db, &first_version[i]);
    return rc == RC_OK ? schema_note(&pg->db, 1, "first", now_us) : rc;
}

/* What is inside the transaction; another process may have been faster. */
static enum rc migrate_locked(struct pg *pg, int64_t now_us)
{
    int64_t version = 0;
    struct query q = query_start(&pg->db, &SQL_LOCK);
    query_text(&q, str_from_c(pg->config->options.schema));
    enum rc rc = query_run(&q);
    if (rc == RC_OK)
        rc = find_version(pg, &version);
    if (rc == RC_OK)
        rc = judge_version(pg, version);
    if (rc == RC_OK && version == 0)
        rc = make_first(pg, now_us);
    return rc == RC_OK ? schema_advance(&pg->db, version, now_us) : rc;
}

static enum rc migrate(struct pg *pg, int64_t now_us)
{
    enum rc rc = db_run(&pg->db, &SQL_BEGIN);
    if (rc == RC_OK)
        rc = migrate_locked(pg, now_us);
    return rc == RC_OK ? db_run(&pg->db, &SQL_COMMIT) : rc;
}

static enum rc find_read_only(struct pg *pg)
{
    struct query q = query_start(&pg->db, &SQL_IS_READ_ONLY);
    if (query_row(&q))
        atomic_store(&pg->config->counters.read_only,
            str_eq(query_col_view(&q, 0), STR("on")));
    return query_end(&q);
}

/* A tool leaves it to a server to make and upgrade tables. */
static enum rc refuse_version(struct pg *pg, int64_t version)
{
    store_error_set(pg->db.error,
        "the tables in PostgreSQL's schema %.60s are not as this version keeps"
        " them (schema %" PRId64 ", here %d): start the server with it once",
        pg->config->options.schema, version, SCHEMA_VERSION);
    return RC_UNSUPPORTED;
}

enum rc pg_schema_prepare(struct pg *pg, int64_t now_us)
{
    int64_t version = 0;
    enum rc rc = find_version(pg, &version);
    if (rc == RC_OK)
        rc = judge_version(pg, version);
    if (rc == RC_OK && version < SCHEMA_VERSION)
        rc = pg->config->options.tool ? refuse_version(pg, version)
                                      : migrate(pg, now_us);
    return rc == RC_OK ? find_read_only(pg) : rc;
}
