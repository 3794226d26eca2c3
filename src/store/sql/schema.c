#include "base/timestamp.h"

#include "store/sql/schema.h"

/*
 * PostgreSQL compares texts of different collations not at all, and version 1
 * gave every id of a chat or a message the one that goes by bytes.
 */
#define WITH_IDS(text) SQL_EACH(text("TEXT"), text("TEXT COLLATE \"C\""))

/* Several variants of a message, and what hangs on which. */
#define COLUMN(table, name, type)                                              \
    SQL("ALTER TABLE " #table " ADD COLUMN " #name " " type)

#define QUEUED_MESSAGES(ID)                                                    \
    "CREATE TABLE queued_messages("                                            \
    " queue_id " ID " PRIMARY KEY,"                                            \
    " session_id " ID " NOT NULL REFERENCES sessions(session_id),"             \
    " user_id TEXT NOT NULL,"                                                  \
    " content TEXT NOT NULL,"                                                  \
    " settings TEXT,"                                                          \
    " place BIGINT NOT NULL,"                                                  \
    " created_us BIGINT NOT NULL)"

#define DRAFTS(ID)                                                             \
    "CREATE TABLE drafts("                                                     \
    " user_id TEXT NOT NULL,"                                                  \
    " session_id " ID " NOT NULL,"                                             \
    " content TEXT NOT NULL,"                                                  \
    " updated_us BIGINT NOT NULL,"                                             \
    " PRIMARY KEY(user_id, session_id))"

#define CHANGES(ID)                                                            \
    "CREATE TABLE changes("                                                    \
    " user_id TEXT NOT NULL,"                                                  \
    " sequence BIGINT NOT NULL,"                                               \
    " kind TEXT NOT NULL,"                                                     \
    " session_id " ID ","                                                      \
    " message_id " ID ","                                                      \
    " at_us BIGINT NOT NULL,"                                                  \
    " PRIMARY KEY(user_id, sequence))"

/*
 * due_us: when to tell, 0 at once, NULL when nothing is to be told; nobody
 * else takes it until lease_us. takes: how often it was taken, revision: how
 * often it was rated, tries and since_us: since the rating changed.
 */
#define FEEDBACK_OUTBOX(ID)                                                    \
    "CREATE TABLE feedback_outbox("                                            \
    " message_id " ID " NOT NULL REFERENCES messages(message_id),"             \
    " trace_id TEXT NOT NULL,"                                                 \
    " user_id TEXT NOT NULL,"                                                  \
    " assessment_id TEXT,"                                                     \
    " due_us BIGINT,"                                                          \
    " lease_us BIGINT NOT NULL DEFAULT 0,"                                     \
    " since_us BIGINT,"                                                        \
    " tries BIGINT NOT NULL DEFAULT 0,"                                        \
    " takes BIGINT NOT NULL DEFAULT 0,"                                        \
    " revision BIGINT NOT NULL DEFAULT 1,"                                     \
    " failure TEXT,"                                                           \
    " PRIMARY KEY(message_id, trace_id))"

#define GENIE_CONVERSATIONS(ID)                                                \
    "CREATE TABLE genie_conversations("                                        \
    " session_id " ID " NOT NULL REFERENCES sessions(session_id),"             \
    " space_id TEXT NOT NULL,"                                                 \
    " conversation_id TEXT NOT NULL,"                                          \
    " updated_us BIGINT NOT NULL,"                                             \
    " PRIMARY KEY(session_id, space_id))"

static const struct sql second[] = {
    COLUMN(messages, variant, "BIGINT NOT NULL DEFAULT 1"),
    COLUMN(messages, variants, "BIGINT NOT NULL DEFAULT 1"),
    COLUMN(messages, parent_variant, "BIGINT NOT NULL DEFAULT 1"),
    COLUMN(messages, hidden, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(messages, start_key, "TEXT"),
    COLUMN(messages, start_sequence, "BIGINT NOT NULL DEFAULT 1"),
    SQL_EACH(
        "ALTER TABLE messages ADD COLUMN node TEXT NOT NULL DEFAULT ''", NULL),
    COLUMN(message_variants, last_sequence, "BIGINT NOT NULL DEFAULT 0"),
    SQL("UPDATE messages SET variants = 1 + (SELECT count(*) FROM"
        " message_variants v WHERE v.message_id = messages.message_id)"
        " WHERE message_id IN (SELECT message_id FROM message_variants)"),
    SQL("UPDATE messages SET variant = variants WHERE variants > 1"),
    SQL("UPDATE messages SET parent_id = (SELECT p.message_id FROM messages p"
        " WHERE p.session_id = messages.session_id"
        " AND p.position < messages.position"
        " ORDER BY p.position DESC LIMIT 1) WHERE parent_id IS NULL"),
    SQL("UPDATE messages SET parent_variant = coalesce((SELECT p.variant"
        " FROM messages p WHERE p.message_id = messages.parent_id), 1)"
        " WHERE parent_id IN (SELECT message_id FROM message_variants)"),
    SQL("CREATE INDEX messages_by_parent ON messages(parent_id)"),

    /* Several processes: who lives, who looks on, what is to be stopped. */
    COLUMN(reply_logs, watched, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(reply_logs, stop_requested, "INTEGER NOT NULL DEFAULT 0"),
    SQL("CREATE TABLE nodes("
        " node TEXT PRIMARY KEY,"
        " started_us BIGINT NOT NULL,"
        " seen_us BIGINT NOT NULL)"),
    SQL("CREATE TABLE rate_buckets("
        " user_id TEXT PRIMARY KEY,"
        " millitokens BIGINT NOT NULL,"
        " updated_us BIGINT NOT NULL)"),

    /* Lists by state. */
    SQL_EACH("CREATE INDEX sessions_in_trash ON sessions(user_id, deleted_at)"
             " WHERE deleted_at IS NOT NULL",
        "CREATE INDEX sessions_in_trash ON sessions(user_id,"
        " deleted_at COLLATE \"C\") WHERE deleted_at IS NOT NULL"),
    SQL_EACH("CREATE INDEX sessions_by_deletion ON sessions(deleted_at)"
             " WHERE deleted_at IS NOT NULL",
        "CREATE INDEX sessions_by_deletion ON sessions(deleted_at"
        " COLLATE \"C\") WHERE deleted_at IS NOT NULL"),
    SQL("DROP INDEX sessions_by_owner"),
    SQL("CREATE INDEX sessions_by_owner ON"
        " sessions(user_id, archived, updated_us, session_id)"
        " WHERE deleted_at IS NULL"),
    SQL("CREATE INDEX sessions_by_age ON sessions(updated_us)"
        " WHERE pinned = 0"),
    SQL("CREATE INDEX sessions_pinned ON"
        " sessions(user_id, archived, updated_us, session_id)"
        " WHERE pinned = 1 AND deleted_at IS NULL"),

    /* What waits to be sent, and what is not written to its end. */
    WITH_IDS(QUEUED_MESSAGES),
    SQL("CREATE INDEX queued_messages_in_order ON"
        " queued_messages(session_id, place)"),
    WITH_IDS(DRAFTS),

    /* The change feed: a number per person, and what it stands for. */
    SQL("CREATE TABLE feeds("
        " user_id TEXT PRIMARY KEY,"
        " last BIGINT NOT NULL)"),
    WITH_IDS(CHANGES),
    SQL("CREATE INDEX changes_by_time ON changes(at_us)"),
};

/* What a reply consists of beside text, and what becomes of a rating. */
static const struct sql fourth[] = {
    COLUMN(message_variants, parts, "TEXT"),
    COLUMN(message_variants, reasons, "TEXT"),
    COLUMN(message_variants, comment, "TEXT"),
    COLUMN(message_variants, rated_at, "TEXT"),
    WITH_IDS(FEEDBACK_OUTBOX),
    SQL("CREATE INDEX feedback_outbox_due ON feedback_outbox(due_us)"
        " WHERE due_us IS NOT NULL"),
    WITH_IDS(GENIE_CONVERSATIONS),
    /* day is YYYY-MM-DD in UTC. */
    SQL("CREATE TABLE usage_days("
        " user_id TEXT NOT NULL,"
        " day TEXT NOT NULL,"
        " prompt_tokens BIGINT NOT NULL,"
        " completion_tokens BIGINT NOT NULL,"
        " PRIMARY KEY(user_id, day))"),
};

/*
 * auto_title: what a model named the chat, '' once it was asked; titled: the
 * title is the person's. Chats that are there keep the names they have.
 */
static const struct sql fifth[] = {
    COLUMN(sessions, auto_title, "TEXT"),
    COLUMN(sessions, titled, "INTEGER NOT NULL DEFAULT 0"),
    SQL("UPDATE sessions SET auto_title = ''"),
};

/* Two messages that are shown are neighbours, whatever is hidden in between. */
static const struct sql sixth[] = {
    SQL("CREATE INDEX messages_shown ON messages(session_id, position)"
        " WHERE hidden = 0"),
};

/* Several events of a log in one row, see packs.c. */
static const struct sql seventh[] = {COLUMN(reply_events, marks, "TEXT")};

/* SQLite: a number of the feed is one page to write, not three. */
static const struct sql ninth[] = {
    SQL_EACH("ALTER TABLE changes RENAME TO changes_before", NULL),
    SQL_EACH("CREATE TABLE changes("
             " user_id TEXT NOT NULL,"
             " sequence BIGINT NOT NULL,"
             " kind TEXT NOT NULL,"
             " session_id TEXT,"
             " message_id TEXT,"
             " at_us BIGINT NOT NULL,"
             " PRIMARY KEY(user_id, sequence)) WITHOUT ROWID",
        NULL),
    SQL_EACH("INSERT INTO changes SELECT user_id, sequence, kind, session_id,"
             " message_id, at_us FROM changes_before",
        NULL),
    SQL_EACH("DROP TABLE changes_before", NULL),
};

/* The statements that lead from one version to the next. */
static const struct schema_step step_second = {2,
    "variants, feed, queue, several processes", second,
    sizeof(second) / sizeof(*second)};

static const struct schema_step step_fourth = {4,
    "parts, feedback, Genie, use by day", fourth,
    sizeof(fourth) / sizeof(*fourth)};

static const struct schema_step step_fifth = {
    5, "titles by a model", fifth, sizeof(fifth) / sizeof(*fifth)};

static const struct schema_step step_sixth = {
    6, "messages shown, in order", sixth, sizeof(sixth) / sizeof(*sixth)};

static const struct schema_step step_seventh = {
    7, "packed events", seventh, sizeof(seventh) / sizeof(*seventh)};

static const struct schema_step step_ninth = {
    9, "changes in one tree", ninth, sizeof(ninth) / sizeof(*ninth)};

static const struct schema_step *const steps[] = {&step_second, &schema_search,
    &step_fourth, &step_fifth, &step_sixth, &step_seventh,
    &schema_search_triggers, &step_ninth};

static const struct sql NOTE =
    SQL("INSERT INTO schema_migrations(version, name, applied_at)"
        " VALUES($1, $2, $3)");

enum rc schema_note(
    struct db *db, int64_t version, const char *name, int64_t now_us)
{
    char now[TIMESTAMP_SIZE];
    struct query q = query_start(db, &NOTE);
    query_int(&q, version);
    query_text(&q, str_from_c(name));
    query_time(&q, now_us, now);
    return query_run(&q);
}

static enum rc run_step(
    struct db *db, const struct schema_step *step, int64_t now_us)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < step->count; i++) {
        const struct sql *sql = &step->statements[i];
        if ((db_is_postgres(db) ? sql->postgres : sql->sqlite) != NULL)
            rc = db_defer(db, sql);
    }
    return rc == RC_OK ? schema_note(db, step->version, step->name, now_us)
                       : rc;
}

enum rc schema_advance(struct db *db, int64_t version, int64_t now_us)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
        if (rc == RC_OK && steps[i]->version > version)
            rc = run_step(db, steps[i], now_us);
    return rc;
}
