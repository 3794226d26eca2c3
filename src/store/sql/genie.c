#include "store/sql/verbs.h"

/* Conversations with Genie, one a chat and space. */

#define OURS_IS                                                                \
    " FROM sessions WHERE session_id = $1 AND user_id = $2"                    \
    " AND deleted_at IS NULL"

static const struct sql GET =
    SQL("SELECT conversation_id FROM genie_conversations WHERE space_id = $3"
        " AND session_id IN (SELECT session_id" OURS_IS ")");
static const struct sql IS_OURS = SQL("SELECT 1" OURS_IS);
static const struct sql PUT =
    SQL("INSERT INTO genie_conversations(session_id, space_id,"
        " conversation_id, updated_us) VALUES($1, $2, $3, $4)"
        " ON CONFLICT(session_id, space_id) DO UPDATE SET conversation_id ="
        " excluded.conversation_id, updated_us = excluded.updated_us");
static const struct sql FORGET =
    SQL("DELETE FROM genie_conversations WHERE session_id = $1"
        " AND space_id = $2");

enum rc verb_genie_get(struct db *db, struct store_op *op)
{
    struct store_genie_get *g = &op->genie_get;
    struct query q = query_start(db, &GET);
    g->conversation_id = (struct str){0};
    query_text(&q, g->session_id);
    query_text(&q, op->user_id);
    query_text(&q, g->space_id);
    if (query_row(&q))
        g->conversation_id = query_col_text(&q, 0, op->arena);
    enum rc rc = query_end(&q);
    return rc == RC_OK && g->conversation_id.p == NULL ? RC_NOT_FOUND : rc;
}

enum rc verb_genie_put(struct db *db, struct store_op *op)
{
    const struct store_genie_put *g = &op->genie_put;
    bool forgets = g->conversation_id.n == 0;
    struct query q = query_start(db, &IS_OURS);
    query_text(&q, g->session_id);
    query_text(&q, op->user_id);
    bool ours = query_row(&q);
    enum rc rc = query_end(&q);
    if (rc != RC_OK || !ours)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    q = query_start(db, forgets ? &FORGET : &PUT);
    query_text(&q, g->session_id);
    query_text(&q, g->space_id);
    if (!forgets) {
        query_text(&q, g->conversation_id);
        query_int(&q, g->now_us);
    }
    return query_defer(&q);
}
