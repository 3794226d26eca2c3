#include "store/sql/schema.h"

/* Several variants of a message, and what hangs on which. */
#define COLUMN(table, name, type)                                              \
    SQL("ALTER TABLE " #table " ADD COLUMN " #name " " type)

static const struct sql second[] = {
    COLUMN(messages, variant, "BIGINT NOT NULL DEFAULT 1"),
    COLUMN(messages, variants, "BIGINT NOT NULL DEFAULT 1"),
    COLUMN(messages, parent_variant, "BIGINT NOT NULL DEFAULT 1"),
    COLUMN(messages, hidden, "INTEGER NOT NULL DEFAULT 0"),
    COLUMN(messages, start_key, "TEXT"),
    SQL_EACH(
        "ALTER TABLE messages ADD COLUMN node TEXT NOT NULL DEFAULT ''", NULL),
    COLUMN(message_variants, last_sequence, "BIGINT NOT NULL DEFAULT 0"),
    SQL("UPDATE messages SET variants = 1 + (SELECT count(*) FROM"
        " message_variants v WHERE v.message_id = messages.message_id)"),
    SQL("UPDATE messages SET variant = variants"),
    SQL("UPDATE messages SET parent_id = (SELECT p.message_id FROM messages p"
        " WHERE p.session_id = messages.session_id"
        " AND p.position < messages.position"
        " ORDER BY p.position DESC LIMIT 1) WHERE parent_id IS NULL"),
    SQL("UPDATE messages SET parent_variant = coalesce((SELECT p.variant"
        " FROM messages p WHERE p.message_id = messages.parent_id), 1)"),
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
    SQL("CREATE INDEX sessions_pinned ON sessions(user_id, updated_us)"
        " WHERE pinned = 1 AND deleted_at IS NULL"),

    /* What waits to be sent, and what is not written to its end. */
    SQL("CREATE TABLE queued_messages("
        " queue_id TEXT PRIMARY KEY,"
        " session_id TEXT NOT NULL REFERENCES sessions(session_id),"
        " user_id TEXT NOT NULL,"
        " content TEXT NOT NULL,"
        " settings TEXT,"
        " place BIGINT NOT NULL,"
        " created_us BIGINT NOT NULL)"),
    SQL("CREATE INDEX queued_messages_in_order ON"
        " queued_messages(session_id, place)"),
    SQL("CREATE TABLE drafts("
        " user_id TEXT NOT NULL,"
        " session_id TEXT NOT NULL,"
        " content TEXT NOT NULL,"
        " updated_us BIGINT NOT NULL,"
        " PRIMARY KEY(user_id, session_id))"),

    /* The change feed: a number per person, and what it stands for. */
    SQL("CREATE TABLE feeds("
        " user_id TEXT PRIMARY KEY,"
        " last BIGINT NOT NULL)"),
    SQL("CREATE TABLE changes("
        " user_id TEXT NOT NULL,"
        " sequence BIGINT NOT NULL,"
        " kind TEXT NOT NULL,"
        " session_id TEXT,"
        " message_id TEXT,"
        " at_us BIGINT NOT NULL,"
        " PRIMARY KEY(user_id, sequence))"),
    SQL("CREATE INDEX changes_by_time ON changes(at_us)"),
};

const struct schema_step schema_steps[] = {
    {2, "variants, feed, queue, several processes", second,
        sizeof(second) / sizeof(*second)},
};
const size_t schema_step_count = sizeof(schema_steps) / sizeof(*schema_steps);
