#include "store/postgres/pg_int.h"

/* Browser sessions and API tokens, by the hash of their secret. */

static const char SQL_PUT[] =
    "INSERT INTO credentials(hash, kind, user_id, email, username, name,"
    " created_us, expires_us, last_used_us)"
    " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    " ON CONFLICT(hash) DO UPDATE SET email = $4, username = $5, name = $6,"
    " expires_us = $8, last_used_us = $9"
    " WHERE credentials.user_id = excluded.user_id"
    " AND credentials.kind = excluded.kind";
static const char SQL_GET[] =
    "SELECT hash, user_id, email, username, name, created_us, expires_us,"
    " last_used_us FROM credentials WHERE hash = $1 AND kind = $2"
    " AND (expires_us = 0 OR expires_us > $3)";
static const char SQL_LIST[] =
    "SELECT hash, user_id, email, username, name, created_us, expires_us,"
    " last_used_us FROM credentials WHERE user_id = $1 AND kind = $2"
    " ORDER BY created_us DESC, hash";
static const char SQL_DELETE_ONE[] =
    "DELETE FROM credentials WHERE user_id = $1 AND kind = $2 AND hash = $3";
static const char SQL_DELETE_ALL[] =
    "DELETE FROM credentials WHERE user_id = $1 AND kind = $2";

static struct str kind_text(enum store_credential_kind kind)
{
    return kind == STORE_CREDENTIAL_TOKEN ? STR("token") : STR("session");
}

/* Columns as in SQL_GET and SQL_LIST. */
static struct store_credential credential_of(const struct pg_query *q,
    struct arena *arena, enum store_credential_kind kind)
{
    return (struct store_credential){
        .kind = kind,
        .hash = pg_col_text(q, 0, arena),
        .user_id = pg_col_text(q, 1, arena),
        .email = pg_col_text(q, 2, arena),
        .username = pg_col_text(q, 3, arena),
        .name = pg_col_text(q, 4, arena),
        .created_us = pg_col_int(q, 5),
        .expires_us = pg_col_int(q, 6),
        .last_used_us = pg_col_int(q, 7),
    };
}

enum rc pg_verb_credential_put(struct pg *db, struct store_op *op)
{
    const struct store_credential *c = &op->credential_put.credential;
    struct pg_query q = pg_start(db, SQL_PUT);
    pg_text(&q, c->hash);
    pg_text(&q, kind_text(c->kind));
    pg_text(&q, op->user_id);
    pg_text(&q, c->email);
    pg_text(&q, c->username);
    pg_text(&q, c->name);
    pg_int(&q, c->created_us);
    pg_int(&q, c->expires_us);
    pg_int(&q, c->last_used_us);
    enum rc rc = pg_run(&q);
    return rc == RC_OK && pg_changes(db) == 0 ? RC_CONFLICT : rc;
}

enum rc pg_verb_credential_get(struct pg *db, struct store_op *op)
{
    struct store_credential_get *g = &op->credential_get;
    bool found = false;
    struct pg_query q = pg_start(db, SQL_GET);
    pg_text(&q, g->hash);
    pg_text(&q, kind_text(g->kind));
    pg_int(&q, g->now_us);
    if (pg_row(&q)) {
        found = true;
        g->credential = credential_of(&q, op->arena, g->kind);
    }
    enum rc rc = pg_end(&q);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc pg_verb_credential_delete(struct pg *db, struct store_op *op)
{
    struct store_credential_delete *d = &op->credential_delete;
    bool all = d->hash.p == NULL;
    struct pg_query q = pg_start(db, all ? SQL_DELETE_ALL : SQL_DELETE_ONE);
    pg_text(&q, op->user_id);
    pg_text(&q, kind_text(d->kind));
    if (!all)
        pg_text(&q, d->hash);
    enum rc rc = pg_run(&q);
    if (rc != RC_OK)
        return rc;
    d->deleted = pg_changes(db);
    return d->deleted == 0 && !all ? RC_NOT_FOUND : RC_OK;
}

enum rc pg_verb_credential_list(struct pg *db, struct store_op *op)
{
    struct store_credential_list *l = &op->credential_list;
    l->credentials = NULL;
    l->count = 0;
    struct pg_query q = pg_start(db, SQL_LIST);
    pg_text(&q, op->user_id);
    pg_text(&q, kind_text(l->kind));
    while (pg_row(&q)) {
        if (l->credentials == NULL)
            l->credentials =
                arena_alloc(op->arena, pg_count(&q) * sizeof(*l->credentials));
        l->credentials[l->count++] = credential_of(&q, op->arena, l->kind);
    }
    return pg_end(&q);
}
