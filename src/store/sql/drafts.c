#include "store/sql/verbs.h"

/* Text that a person has not sent yet, one a chat. */

enum { MAX_DRAFTS = 200 };

static const struct sql PUT =
    SQL("INSERT INTO drafts(user_id, session_id, content, updated_us)"
        " VALUES($1, $2, $3, $4) ON CONFLICT(user_id, session_id) DO UPDATE"
        " SET content = excluded.content, updated_us = excluded.updated_us"
        " WHERE drafts.content <> excluded.content");
static const struct sql REMOVE =
    SQL("DELETE FROM drafts WHERE user_id = $1 AND session_id = $2");
#define OLDEST(all)                                                            \
    "DELETE FROM drafts WHERE user_id = $1 AND session_id IN (SELECT"          \
    " session_id FROM drafts WHERE user_id = $1"                               \
    " ORDER BY updated_us DESC, session_id LIMIT " all " OFFSET $2)"
static const struct sql DROP_OLDEST = SQL_EACH(OLDEST("-1"), OLDEST("ALL"));
static const struct sql LIST =
    SQL("SELECT session_id, content, updated_us FROM drafts WHERE user_id = $1"
        " ORDER BY updated_us DESC, session_id LIMIT $2");
static const struct sql ONE =
    SQL("SELECT session_id, content, updated_us FROM drafts WHERE user_id = $1"
        " AND session_id = $2");

static enum rc drop_oldest(struct db *db, const struct store_op *op)
{
    struct query q = query_start(db, &DROP_OLDEST);
    query_text(&q, op->user_id);
    query_int(&q, MAX_DRAFTS);
    return query_defer(&q);
}

enum rc verb_draft_put(struct db *db, struct store_op *op)
{
    const struct store_draft *d = &op->draft_put.draft;
    bool removes = d->content.n == 0;
    int64_t changed = 0;
    struct query q = query_start(db, removes ? &REMOVE : &PUT);
    query_text(&q, op->user_id);
    query_text(&q, d->session_id);
    if (!removes) {
        query_text(&q, d->content);
        query_int(&q, d->updated_us);
    }
    enum rc rc = query_run_counted(&q, &changed);
    if (rc != RC_OK || changed == 0)
        return rc;
    if (!removes)
        rc = drop_oldest(db, op);
    if (rc != RC_OK)
        return rc;
    return changes_add(
        db, op, STORE_CHANGE_DRAFT, d->session_id, (struct str){0});
}

enum rc verb_draft_list(struct db *db, struct store_op *op)
{
    struct store_draft_list *l = &op->draft_list;
    bool one = l->session_id.p != NULL;
    l->drafts = NULL;
    l->count = 0;
    struct query q = query_start(db, one ? &ONE : &LIST);
    query_text(&q, op->user_id);
    if (one)
        query_text(&q, l->session_id);
    else
        query_int(&q, MAX_DRAFTS);
    while (query_row(&q)) {
        l->drafts =
            array_grow(op->arena, l->drafts, l->count, sizeof(*l->drafts));
        l->drafts[l->count++] = (struct store_draft){
            .session_id = query_col_text(&q, 0, op->arena),
            .content = query_col_text(&q, 1, op->arena),
            .updated_us = query_col_int(&q, 2),
        };
    }
    return query_end(&q);
}
