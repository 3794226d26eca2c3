#include "store/sql/verbs.h"

/*
 * What must hold in every database of ours. Each question asks for the ids of
 * what breaks a rule and is answered by no row when all is well.
 */
enum { MAX_COUNTED = 1000, MAX_EXAMPLES = 5 };

#define RESTORE "restore the chat from a backup, or import an export of it"
#define DEFECT                                                                 \
    "no loss of text by itself; keep a backup and report it as a defect"

#define UP_TO " LIMIT 1000"
#define PARENT " LEFT JOIN messages p ON p.message_id = m.parent_id"

/* A log is the shown text's own, unless somebody wrote over the message. */
#define ADDS_UP(sum)                                                           \
    "SELECT m.message_id FROM messages m JOIN reply_logs l"                    \
    " ON l.message_id = m.message_id WHERE l.finished_us IS NOT NULL"          \
    " AND m.status IN ('complete', 'stopped', 'interrupted')"                  \
    " AND m.last_sequence > 0"                                                 \
    " AND EXISTS(SELECT 1 FROM reply_events x WHERE x.reply = l.reply)"        \
    " AND m.content <> coalesce((SELECT " sum "), '')" UP_TO

static const struct question {
    const char *name, *wrong, *advice;
    struct sql sql; /* $1: processes serve this database */
} questions[] = {
    {"integrity", "the database finds its own file or indexes damaged",
        "stop the server, keep the file, and put the newest good backup in"
        " place (restore --replace)",
        SQL_EACH("SELECT integrity_check FROM pragma_integrity_check(100)"
                 " WHERE integrity_check <> 'ok'",
            "SELECT c.relname FROM pg_catalog.pg_index i"
            " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema()"
            " AND NOT (i.indisvalid AND i.indisready)"
            " UNION ALL SELECT o.conname FROM pg_catalog.pg_constraint o"
            " JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace"
            " WHERE n.nspname = current_schema() AND NOT o.convalidated"
            " LIMIT 1000")},
    {"chats", "messages without a chat", RESTORE,
        SQL("SELECT m.message_id FROM messages m LEFT JOIN sessions s"
            " ON s.session_id = m.session_id WHERE s.session_id IS "
            "NULL" UP_TO)},
    {"owners", "messages in a chat of somebody else",
        "nobody sees them; " RESTORE,
        SQL("SELECT m.message_id FROM messages m JOIN sessions s"
            " ON s.session_id = m.session_id"
            " WHERE s.user_id <> m.user_id" UP_TO)},
    {"order", "messages at the same place of a chat", DEFECT,
        SQL("SELECT session_id FROM messages GROUP BY session_id, position"
            " HAVING count(*) > 1" UP_TO)},
    {"parents", "messages that follow one which is not in their chat", DEFECT,
        SQL("SELECT m.message_id FROM messages m" PARENT
            " AND p.session_id = m.session_id AND p.position < m.position"
            " WHERE m.parent_id IS NOT NULL AND p.message_id IS NULL" UP_TO)},
    {"branches", "messages that follow a variant which is not there", DEFECT,
        SQL("SELECT m.message_id FROM messages m JOIN messages p"
            " ON p.message_id = m.parent_id"
            " WHERE m.parent_variant < 1"
            " OR m.parent_variant > p.variants" UP_TO)},
    {"shown", "messages shown or hidden against the variant they follow",
        "switch the variant to and fro in the page; " DEFECT,
        SQL("SELECT m.message_id FROM messages m" PARENT
            " WHERE m.hidden <> CASE WHEN p.message_id IS NULL THEN 0"
            " WHEN p.hidden <> 0 OR p.variant <> m.parent_variant THEN 1"
            " ELSE 0 END" UP_TO)},
    {"variants", "messages whose variants are not numbered from 1 on", DEFECT,
        SQL("SELECT m.message_id FROM messages m LEFT JOIN"
            " (SELECT message_id, count(*) AS n, min(variant) AS least,"
            "  max(variant) AS most FROM message_variants"
            "  GROUP BY message_id) v ON v.message_id = m.message_id"
            " WHERE m.variant < 1 OR m.variant > m.variants"
            " OR m.variants <> 1 + coalesce(v.n, 0)"
            " OR v.least < 1 OR v.most > m.variants"
            " OR EXISTS(SELECT 1 FROM message_variants o WHERE"
            "  o.message_id = m.message_id AND o.variant = m.variant)" UP_TO)},
    {"variants kept", "variants of a message that is not there",
        "they take room and nothing else; " DEFECT,
        SQL("SELECT v.message_id FROM message_variants v LEFT JOIN messages m"
            " ON m.message_id = v.message_id"
            " WHERE m.message_id IS NULL" UP_TO)},
    {"ratings", "ratings of a message that is not there, or in another chat",
        "they are not shown; " DEFECT,
        SQL("SELECT r.message_id FROM message_ratings r LEFT JOIN messages m"
            " ON m.message_id = r.message_id AND m.session_id = r.session_id"
            " WHERE m.message_id IS NULL" UP_TO)},
    {"replies under way", "replies that stream although nobody makes them",
        "start the server: it keeps them as interrupted, with their text",
        SQL_EACH("SELECT message_id FROM messages WHERE status = 'streaming'"
                 " AND $1 = 0 LIMIT 1000",
            "SELECT m.message_id FROM messages m"
            " WHERE m.status = 'streaming' AND NOT EXISTS(SELECT 1 FROM nodes n"
            "  WHERE n.node = m.node AND n.seen_us > 1000000 *"
            "  (extract(epoch FROM clock_timestamp()) - 30)) LIMIT 1000")},
    {"logs", "replies that stream without a log",
        "stop that reply; start the server anew if it does not end",
        SQL("SELECT m.message_id FROM messages m LEFT JOIN reply_logs l"
            " ON l.message_id = m.message_id WHERE m.status = 'streaming'"
            " AND (l.message_id IS NULL OR l.finished_us IS NOT NULL)" UP_TO)},
    {"texts", "replies whose text is not what their log adds up to",
        "compare the message with its reply_events; " DEFECT,
        SQL_EACH(ADDS_UP("group_concat(t.text_delta, '') FROM (SELECT"
                         " e.text_delta FROM reply_events e"
                         " WHERE e.reply = l.reply ORDER BY e.sequence) t"),
            ADDS_UP("string_agg(e.text_delta, '' ORDER BY e.sequence)"
                    " FROM reply_events e WHERE e.reply = l.reply"))},
    {"events", "events of a log that is not there",
        "they take room and nothing else; " DEFECT,
        SQL("SELECT CAST(e.reply AS TEXT) FROM reply_events e"
            " LEFT JOIN reply_logs l ON l.reply = e.reply"
            " WHERE l.reply IS NULL" UP_TO)},
    {"queue", "queued messages of a chat of somebody else", DEFECT,
        SQL("SELECT q.queue_id FROM queued_messages q LEFT JOIN sessions s"
            " ON s.session_id = q.session_id AND s.user_id = q.user_id"
            " WHERE s.session_id IS NULL" UP_TO)},
    {"feeds", "changes with a number that their feed has not come to", DEFECT,
        SQL("SELECT c.user_id FROM changes c LEFT JOIN feeds f"
            " ON f.user_id = c.user_id"
            " WHERE coalesce(f.last, 0) < c.sequence" UP_TO)},
    {"search", "messages or titles that search does not find",
        "search misses them, nothing else does; " DEFECT,
        SQL("SELECT m.message_id FROM messages m LEFT JOIN search_documents d"
            " ON d.message_id = m.message_id WHERE m.content <> ''"
            " AND m.status <> 'streaming' AND d.message_id IS NULL"
            " UNION ALL SELECT s.session_id FROM sessions s"
            " LEFT JOIN search_documents d ON d.session_id = s.session_id"
            " WHERE coalesce(nullif(s.title, ''), s.first_query, '') <> ''"
            " AND d.session_id IS NULL" UP_TO)},
    {"search index", "entries of search for what is not there",
        "search may show them, nothing else does; " DEFECT,
        SQL("SELECT coalesce(d.message_id, d.session_id) FROM search_documents"
            " d LEFT JOIN messages m ON m.message_id = d.message_id"
            " LEFT JOIN sessions s ON s.session_id = d.session_id"
            " WHERE m.message_id IS NULL AND s.session_id IS NULL" UP_TO)},
};

enum rc verb_check(struct db *db, struct store_op *op)
{
    struct store_check *c = &op->check;
    if (c->index >= sizeof(questions) / sizeof(*questions))
        return RC_NOT_FOUND;
    const struct question *question = &questions[c->index];
    c->name = question->name;
    c->wrong = question->wrong;
    c->advice = question->advice;
    c->count = 0;
    c->example_count = 0;
    c->examples = arena_alloc(op->arena, MAX_EXAMPLES * sizeof(*c->examples));
    struct query q = query_start(db, &question->sql);
    query_bool(&q, c->served);
    while (query_row(&q) && c->count < MAX_COUNTED) {
        if (c->example_count < MAX_EXAMPLES)
            c->examples[c->example_count++] = query_col_text(&q, 0, op->arena);
        c->count++;
    }
    return query_end(&q);
}
