#include "base/timestamp.h"

#include "store/postgres/pg_int.h"

/* The table of verbs, and those that need no file of their own. */

static const char SQL_RATABLE[] =
    "SELECT m.session_id FROM messages m"
    " JOIN sessions s ON s.session_id = m.session_id"
    " WHERE m.message_id = $1 AND m.user_id = $2 AND s.user_id = $2"
    " AND s.deleted_at IS NULL";
static const char SQL_RATE[] =
    "INSERT INTO message_ratings(message_id, user_id, rating, created_at,"
    " session_id) VALUES($1, $2, $3, $4, $5) ON CONFLICT(message_id, user_id)"
    " DO UPDATE SET rating = excluded.rating,"
    " created_at = excluded.created_at";
static const char SQL_UNRATE[] =
    "DELETE FROM message_ratings WHERE message_id = $1 AND user_id = $2";
static const char SQL_DELETE[] =
    "UPDATE sessions SET deleted_at = $3, is_active = 0,"
    " revision = revision + 1 WHERE session_id = $1 AND user_id = $2"
    " AND deleted_at IS NULL";
static const char SQL_BEAT[] =
    "UPDATE health SET beats = beats + 1 WHERE id = 1";
static const char SQL_BEATS[] = "SELECT beats FROM health WHERE id = 1";
static const char SQL_STATS[] =
    "SELECT (SELECT max(version) FROM schema_migrations),"
    " (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_catalog.pg_class c"
    "  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    "  WHERE n.nspname = current_schema() AND c.relkind = 'r'),"
    " (SELECT count(*) FROM messages WHERE status = 'streaming')";

static enum rc write_rating(
    struct pg *db, struct store_op *op, struct str session_id)
{
    const struct store_rate *r = &op->rate;
    char now[TIMESTAMP_SIZE];
    struct pg_query q = pg_start(db, SQL_RATE);
    pg_text(&q, r->message_id);
    pg_text(&q, op->user_id);
    pg_text(&q, str_from_c(store_rating_name(r->rating)));
    pg_time(&q, r->now_us, now);
    pg_text(&q, session_id);
    return pg_defer(&q);
}

enum rc pg_verb_rate(struct pg *db, struct store_op *op)
{
    const struct store_rate *r = &op->rate;
    struct str session_id = {0};
    struct pg_query q = pg_start(db, SQL_RATABLE);
    pg_text(&q, r->message_id);
    pg_text(&q, op->user_id);
    if (pg_row(&q))
        session_id = pg_col_text(&q, 0, op->arena);
    enum rc rc = pg_end(&q);
    if (rc == RC_OK && session_id.p == NULL)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    if (r->rating != STORE_RATING_NONE)
        return write_rating(db, op, session_id);
    q = pg_start(db, SQL_UNRATE);
    pg_text(&q, r->message_id);
    pg_text(&q, op->user_id);
    return pg_defer(&q);
}

enum rc pg_verb_delete_session(struct pg *db, struct store_op *op)
{
    const struct store_delete_session *d = &op->delete_session;
    char now[TIMESTAMP_SIZE];
    struct pg_query q = pg_start(db, SQL_DELETE);
    pg_text(&q, d->session_id);
    pg_text(&q, op->user_id);
    pg_time(&q, d->now_us, now);
    enum rc rc = pg_run(&q);
    return rc == RC_OK && pg_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc pg_verb_ping(struct pg *db, struct store_op *op)
{
    (void)op;
    bool there = false;
    enum rc rc = pg_defer_sql(db, SQL_BEAT);
    if (rc != RC_OK)
        return rc;
    struct pg_query q = pg_start(db, SQL_BEATS);
    there = pg_row(&q);
    rc = pg_end(&q);
    return rc == RC_OK && !there ? RC_CORRUPT : rc;
}

enum rc pg_verb_stats(struct pg *db, struct store_op *op)
{
    const struct pg_counters *c = &db->config->counters;
    struct store_stats *s = &op->stats;
    *s = (struct store_stats){.operations = c->operations,
        .failures = c->failures,
        .commits = c->commits,
        .syncs = c->syncs,
        .refused = c->refused,
        .queued = c->queued,
        .read_only = c->read_only};
    struct pg_query q = pg_start(db, SQL_STATS);
    if (pg_row(&q)) {
        s->schema_version = pg_col_int(&q, 0);
        s->file_bytes = pg_col_int(&q, 1);
        s->live_replies = pg_col_int(&q, 2);
    }
    return pg_end(&q);
}

static pg_verb_fn *const verbs[STORE_VERB_COUNT] = {
    [STORE_ADD_TURN] = pg_verb_add_turn,
    [STORE_REGENERATE] = pg_verb_regenerate,
    [STORE_LOAD_CONTEXT] = pg_verb_load_context,
    [STORE_APPEND_EVENTS] = pg_verb_append_events,
    [STORE_FINISH_REPLY] = pg_verb_finish_reply,
    [STORE_READ_EVENTS] = pg_verb_read_events,
    [STORE_GET_MESSAGE] = pg_verb_get_message,
    [STORE_LIST_SESSIONS] = pg_verb_list_sessions,
    [STORE_GET_SESSION] = pg_verb_get_session,
    [STORE_RATE] = pg_verb_rate,
    [STORE_RECORD_MESSAGE] = pg_verb_record_message,
    [STORE_DELETE_SESSION] = pg_verb_delete_session,
    [STORE_PURGE] = pg_verb_purge,
    [STORE_RECOVER] = pg_verb_recover,
    [STORE_CREDENTIAL_PUT] = pg_verb_credential_put,
    [STORE_CREDENTIAL_GET] = pg_verb_credential_get,
    [STORE_CREDENTIAL_DELETE] = pg_verb_credential_delete,
    [STORE_CREDENTIAL_LIST] = pg_verb_credential_list,
    [STORE_PING] = pg_verb_ping,
    [STORE_STATS] = pg_verb_stats,
};

void pg_verb_run(struct pg *db, struct store_op *op)
{
    db->error[0] = '\0';
    enum rc rc =
        verbs[op->verb] == NULL ? RC_UNSUPPORTED : verbs[op->verb](db, op);
    if (rc == RC_OK) {
        op->rc = RC_OK;
        op->error[0] = '\0';
        return;
    }
    store_op_fail(op, rc, "%s: %s", store_verb_name(op->verb),
        db->error[0] != '\0' ? db->error : rc_name(rc));
}
