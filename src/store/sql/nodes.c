#include "store/sql/verbs.h"

/*
 * Several processes on one PostgreSQL: who lives, whose replies are to be
 * ended, and what all of them count together. Times are the database's own
 * there, so that clocks of machines need not agree. SQLite has one process.
 */

enum {
    GAP_US = 10000000, /* a node that was silent for so long begins anew */
};

/* ---- Who lives ---- */

static const struct sql BEAT = SQL_EACH(NULL,
    "INSERT INTO nodes(node, started_us, seen_us) SELECT $1, now, now"
    " FROM (SELECT " SQL_NOW_US " AS now) clock"
    " ON CONFLICT(node) DO UPDATE SET seen_us = excluded.seen_us,"
    " started_us = CASE WHEN nodes.seen_us < excluded.seen_us - $2"
    "  THEN excluded.started_us ELSE nodes.started_us END");
static const struct sql FORGET = SQL_EACH(NULL,
    "DELETE FROM nodes WHERE seen_us < " SQL_NOW_US " - 86400000000::bigint");

enum rc verb_heartbeat(struct db *db, struct store_op *op)
{
    (void)op;
    if (!db_is_postgres(db))
        return RC_OK;
    struct query q = query_start(db, &BEAT);
    query_text(&q, str_from_c(db->node));
    query_int(&q, GAP_US);
    enum rc rc = query_defer(&q);
    return rc == RC_OK ? db_defer(db, &FORGET) : rc;
}

/* ---- Replies of those who do not ---- */

/*
 * When the database was away nobody could be heard. A node therefore judges
 * others only when it has been heard itself for as long as they must have
 * been silent; when it starts it judges at once.
 */
static const struct sql NEXT_LEFT =
    SQL_EACH("SELECT message_id, session_id, user_id FROM messages"
             " WHERE status = 'streaming' LIMIT 1",
        "SELECT m.message_id, m.session_id, m.user_id FROM messages m"
        " WHERE m.status = 'streaming' AND CASE WHEN m.node = $1 THEN $2 = 1"
        "  ELSE NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node = m.node"
        "   AND n.seen_us > " SQL_NOW_US " - $3)"
        "  AND ($2 = 1 OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node = $1"
        "   AND n.started_us > " SQL_NOW_US " - $3)) END"
        " LIMIT 1 FOR UPDATE OF m SKIP LOCKED");
/* The row of a reply that is continued has its new start's number. */
#define INTERRUPTED(larger)                                                    \
    "UPDATE messages SET status = 'interrupted', content = $2,"                \
    " reasoning = $3, last_sequence = " larger "($4, last_sequence + 1),"      \
    " parts = $5 WHERE message_id = $1"
static const struct sql INTERRUPT =
    SQL_EACH(INTERRUPTED("max"), INTERRUPTED("greatest"));
static const struct sql REVISE =
    SQL("UPDATE sessions SET revision = revision + 1 WHERE session_id = $1");

struct left_reply {
    struct str message_id; /* absent: there is none */
    struct str session_id;
    struct str user_id;
};

static enum rc next_left(struct db *db, const struct store_recover *r,
    struct arena *arena, struct left_reply *ret)
{
    struct left_reply left = {0};
    struct query q = query_start(db, &NEXT_LEFT);
    query_text(&q, str_from_c(db->node));
    query_bool(&q, r->at_start);
    query_int(&q, r->dead_after_us);
    if (query_row(&q))
        left = (struct left_reply){
            query_col_text(&q, 0, arena),
            query_col_text(&q, 1, arena),
            query_col_text(&q, 2, arena),
        };
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = left;
    return rc;
}

/* The end is an event of its own, which no log holds. */
static enum rc write_interrupted(
    struct db *db, struct str message_id, const struct log_text *log)
{
    struct query q = query_start(db, &INTERRUPT);
    query_text(&q, message_id);
    query_text(&q, log->content);
    query_text(&q, log->reasoning);
    query_int(&q, (log->last_sequence > 0 ? log->last_sequence : 1) + 1);
    query_text(&q, log->parts);
    return query_defer(&q);
}

static enum rc interrupt(struct db *db, struct store_op *op,
    const struct left_reply *left, struct arena *arena)
{
    struct log_text log;
    enum rc rc = log_collect(db, left->message_id, arena, &log);
    if (rc == RC_OK)
        rc = write_interrupted(db, left->message_id, &log);
    if (rc == RC_OK)
        rc = log_finish(db, left->message_id, op->recover.now_us);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &REVISE);
    query_text(&q, left->session_id);
    rc = query_defer(&q);
    if (rc != RC_OK)
        return rc;
    return changes_add_for(db, op, left->user_id,
        &(struct store_change){.kind = STORE_CHANGE_MESSAGE,
            .session_id = left->session_id,
            .message_id = left->message_id});
}

enum rc verb_recover(struct db *db, struct store_op *op)
{
    struct store_recover *r = &op->recover;
    r->recovered = 0;
    if (!db_is_postgres(db) && !r->at_start)
        return RC_OK;
    for (;;) {
        struct arena *arena = arena_new();
        struct left_reply left = {0};
        enum rc rc = next_left(db, r, arena, &left);
        bool more = rc == RC_OK && left.message_id.p != NULL;
        if (more)
            rc = interrupt(db, op, &left, arena);
        arena_free(arena);
        if (rc != RC_OK || !more)
            return rc;
        r->recovered++;
    }
}

/* ---- Stop and watch ---- */

static const struct sql STATUS =
    SQL("SELECT status FROM messages WHERE message_id = $1 AND user_id = $2"
        " AND role = 'assistant'");
static const struct sql MARK_STOP =
    SQL("UPDATE reply_logs SET stop_requested = 1 WHERE message_id = $1"
        " AND finished_us IS NULL");

enum rc verb_request_stop(struct db *db, struct store_op *op)
{
    struct store_request_stop *r = &op->request_stop;
    bool found = false;
    struct query q = query_start(db, &STATUS);
    query_text(&q, r->message_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        r->status = store_status_parse(query_col_view(&q, 0));
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK || r->status != STORE_STREAMING)
        return rc;
    q = query_start(db, &MARK_STOP);
    query_text(&q, r->message_id);
    return query_defer(&q);
}

static const struct sql WATCH =
    SQL("UPDATE reply_logs SET watched = 1 WHERE message_id = $1"
        " AND watched = 0 AND finished_us IS NULL AND EXISTS (SELECT 1"
        "  FROM messages m WHERE m.message_id = $1 AND m.user_id = $2)");

/* In SQLite there is nobody else to be told. */
enum rc verb_watch_reply(struct db *db, struct store_op *op)
{
    if (!db_is_postgres(db))
        return RC_OK;
    struct query q = query_start(db, &WATCH);
    query_text(&q, op->watch_reply.message_id);
    query_text(&q, op->user_id);
    return query_defer(&q);
}
