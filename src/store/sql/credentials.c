#include "store/sql/verbs.h"

/* Browser sessions and API tokens, by the hash of their secret. */

static const struct sql SQL_PUT =
    SQL("INSERT INTO credentials(hash, kind, user_id, email, username, name,"
        " created_us, expires_us, last_used_us)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT(hash) DO UPDATE SET email = $4, username = $5, name = $6,"
        " expires_us = $8, last_used_us = $9"
        " WHERE credentials.user_id = excluded.user_id"
        " AND credentials.kind = excluded.kind");
static const struct sql SQL_GET =
    SQL("SELECT hash, user_id, email, username, name, created_us, expires_us,"
        " last_used_us FROM credentials WHERE hash = $1 AND kind = $2"
        " AND (expires_us = 0 OR expires_us > $3)");
static const struct sql SQL_LIST =
    SQL("SELECT hash, user_id, email, username, name, created_us, expires_us,"
        " last_used_us FROM credentials WHERE user_id = $1 AND kind = $2"
        " ORDER BY created_us DESC, hash");
static const struct sql SQL_DELETE_ONE = SQL(
    "DELETE FROM credentials WHERE user_id = $1 AND kind = $2 AND hash = $3");
static const struct sql SQL_DELETE_ALL =
    SQL("DELETE FROM credentials WHERE user_id = $1 AND kind = $2");

static struct str kind_text(enum store_credential_kind kind)
{
    return kind == STORE_CREDENTIAL_TOKEN ? STR("token") : STR("session");
}

/* Columns as in SQL_GET and SQL_LIST. */
static struct store_credential credential_of(
    const struct query *q, struct arena *arena, enum store_credential_kind kind)
{
    return (struct store_credential){
        .kind = kind,
        .hash = query_col_text(q, 0, arena),
        .user_id = query_col_text(q, 1, arena),
        .email = query_col_text(q, 2, arena),
        .username = query_col_text(q, 3, arena),
        .name = query_col_text(q, 4, arena),
        .created_us = query_col_int(q, 5),
        .expires_us = query_col_int(q, 6),
        .last_used_us = query_col_int(q, 7),
    };
}

enum rc verb_credential_put(struct db *db, struct store_op *op)
{
    const struct store_credential *c = &op->credential_put.credential;
    struct query q = query_start(db, &SQL_PUT);
    query_text(&q, c->hash);
    query_text(&q, kind_text(c->kind));
    query_text(&q, op->user_id);
    query_text(&q, c->email);
    query_text(&q, c->username);
    query_text(&q, c->name);
    query_int(&q, c->created_us);
    query_int(&q, c->expires_us);
    query_int(&q, c->last_used_us);
    int64_t changed = 0;
    enum rc rc = query_run_counted(&q, &changed);
    return rc == RC_OK && changed == 0 ? RC_CONFLICT : rc;
}

enum rc verb_credential_get(struct db *db, struct store_op *op)
{
    struct store_credential_get *g = &op->credential_get;
    bool found = false;
    struct query q = query_start(db, &SQL_GET);
    query_text(&q, g->hash);
    query_text(&q, kind_text(g->kind));
    query_int(&q, g->now_us);
    if (query_row(&q)) {
        found = true;
        g->credential = credential_of(&q, op->arena, g->kind);
    }
    enum rc rc = query_end(&q);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc verb_credential_delete(struct db *db, struct store_op *op)
{
    struct store_credential_delete *d = &op->credential_delete;
    bool all = d->hash.p == NULL;
    struct query q = query_start(db, all ? &SQL_DELETE_ALL : &SQL_DELETE_ONE);
    query_text(&q, op->user_id);
    query_text(&q, kind_text(d->kind));
    if (!all)
        query_text(&q, d->hash);
    int64_t changed = 0;
    enum rc rc = query_run_counted(&q, &changed);
    if (rc != RC_OK)
        return rc;
    d->deleted = (size_t)changed;
    return d->deleted == 0 && !all ? RC_NOT_FOUND : RC_OK;
}

enum rc verb_credential_list(struct db *db, struct store_op *op)
{
    struct store_credential_list *l = &op->credential_list;
    l->credentials = NULL;
    l->count = 0;
    struct query q = query_start(db, &SQL_LIST);
    query_text(&q, op->user_id);
    query_text(&q, kind_text(l->kind));
    while (query_row(&q)) {
        l->credentials = array_grow(
            op->arena, l->credentials, l->count, sizeof(*l->credentials));
        l->credentials[l->count++] = credential_of(&q, op->arena, l->kind);
    }
    return query_end(&q);
}
