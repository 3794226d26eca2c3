#include "store/sql/verbs.h"

/* The table of verbs, and those that need no file of their own. */

static const struct sql SQL_BEAT =
    SQL("UPDATE health SET beats = beats + 1 WHERE id = 1");
static const struct sql SQL_BEATS =
    SQL("SELECT beats FROM health WHERE id = 1");
#define STATS(bytes)                                                           \
    "SELECT (SELECT max(version) FROM schema_migrations), " bytes              \
    ", (SELECT count(*) FROM messages WHERE status = 'streaming')"
static const struct sql SQL_STATS =
    SQL_EACH(STATS("(SELECT page_count FROM pragma_page_count) *"
                   " (SELECT page_size FROM pragma_page_size)"),
        STATS("(SELECT sum(pg_total_relation_size(c.oid))"
              " FROM pg_catalog.pg_class c"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
              " WHERE n.nspname = current_schema() AND c.relkind = 'r')"));

static enum rc verb_ping(struct db *db, struct store_op *op)
{
    (void)op;
    bool there = false;
    enum rc rc = db_defer(db, &SQL_BEAT);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &SQL_BEATS);
    there = query_row(&q);
    rc = query_end(&q);
    return rc == RC_OK && !there ? RC_CORRUPT : rc;
}

static enum rc verb_stats(struct db *db, struct store_op *op)
{
    const struct sql_counters *c = db->counters;
    struct store_stats *s = &op->stats;
    *s = (struct store_stats){.operations = c->operations,
        .failures = c->failures,
        .commits = c->commits,
        .syncs = c->syncs,
        .refused = c->refused,
        .queued = c->queued,
        .read_only = c->read_only};
    struct query q = query_start(db, &SQL_STATS);
    if (query_row(&q)) {
        s->schema_version = query_col_int(&q, 0);
        s->file_bytes = query_col_int(&q, 1);
        s->live_replies = query_col_int(&q, 2);
    }
    return query_end(&q);
}

static verb_fn *const verbs[STORE_VERB_COUNT] = {
    [STORE_ADD_TURN] = verb_add_turn,
    [STORE_REGENERATE] = verb_regenerate,
    [STORE_LOAD_CONTEXT] = verb_load_context,
    [STORE_APPEND_EVENTS] = verb_append_events,
    [STORE_FINISH_REPLY] = verb_finish_reply,
    [STORE_READ_EVENTS] = verb_read_events,
    [STORE_GET_MESSAGE] = verb_get_message,
    [STORE_LIST_SESSIONS] = verb_list_sessions,
    [STORE_GET_SESSION] = verb_get_session,
    [STORE_RATE] = verb_rate,
    [STORE_OUTBOX_TAKE] = verb_outbox_take,
    [STORE_OUTBOX_DONE] = verb_outbox_done,
    [STORE_LIST_RATED] = verb_list_rated,
    [STORE_READ_PATH] = verb_read_path,
    [STORE_RECORD_MESSAGE] = verb_record_message,
    [STORE_DELETE_SESSION] = verb_delete_session,
    [STORE_PURGE] = verb_purge,
    [STORE_RECOVER] = verb_recover,
    [STORE_EDIT_TURN] = verb_edit_turn,
    [STORE_CONTINUE_REPLY] = verb_continue_reply,
    [STORE_SWITCH_VARIANT] = verb_switch_variant,
    [STORE_LIST_VARIANTS] = verb_list_variants,
    [STORE_REQUEST_STOP] = verb_request_stop,
    [STORE_WATCH_REPLY] = verb_watch_reply,
    [STORE_HEARTBEAT] = verb_heartbeat,
    [STORE_TAKE_RATE] = verb_take_rate,
    [STORE_READ_USAGE] = verb_read_usage,
    [STORE_UPDATE_SESSION] = verb_update_session,
    [STORE_ASK_TITLE] = verb_ask_title,
    [STORE_PUT_TITLE] = verb_put_title,
    [STORE_RESTORE_SESSION] = verb_restore_session,
    [STORE_ERASE_SESSION] = verb_erase_session,
    [STORE_QUEUE_PUT] = verb_queue_put,
    [STORE_QUEUE_LIST] = verb_queue_list,
    [STORE_QUEUE_DELETE] = verb_queue_delete,
    [STORE_SEND_QUEUED] = verb_send_queued,
    [STORE_DRAFT_PUT] = verb_draft_put,
    [STORE_DRAFT_LIST] = verb_draft_list,
    [STORE_READ_CHANGES] = verb_read_changes,
    [STORE_SEARCH] = verb_search,
    [STORE_LIST_USERS] = verb_list_users,
    [STORE_READ_PLACES] = verb_read_places,
    [STORE_IMPORT_CHAT] = verb_import_chat,
    [STORE_DUMP_ROWS] = verb_dump_rows,
    [STORE_LOAD_ROWS] = verb_load_rows,
    [STORE_CHECK] = verb_check,
    [STORE_CREDENTIAL_PUT] = verb_credential_put,
    [STORE_CREDENTIAL_GET] = verb_credential_get,
    [STORE_CREDENTIAL_DELETE] = verb_credential_delete,
    [STORE_CREDENTIAL_LIST] = verb_credential_list,
    [STORE_GENIE_GET] = verb_genie_get,
    [STORE_GENIE_PUT] = verb_genie_put,
    [STORE_PING] = verb_ping,
    [STORE_STATS] = verb_stats,
};

void verb_run(struct db *db, struct store_op *op)
{
    db->error[0] = '\0';
    op->changed_ = false;
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
