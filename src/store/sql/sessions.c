#include "base/json_merge.h"
#include "base/timestamp.h"

#include "store/sql/verbs.h"

/* What a person does with whole chats. */

#define OURS_NOW                                                               \
    "SELECT " SESSION_COLUMNS " FROM sessions s WHERE s.session_id = $1"       \
    " AND s.user_id = $2 AND s.deleted_at IS "
static const struct sql CURRENT =
    SQL_EACH(OURS_NOW "NULL", OURS_NOW "NULL FOR UPDATE OF s");
static const struct sql DELETED =
    SQL_EACH(OURS_NOW "NOT NULL", OURS_NOW "NOT NULL FOR UPDATE OF s");

static const struct sql UPDATE =
    SQL("UPDATE sessions SET title = $2, pinned = $3, archived = $4,"
        " settings = $5, titled = $6, revision = revision + 1"
        " WHERE session_id = $1");
static const struct sql ASK_TITLE =
    SQL("UPDATE sessions SET auto_title = '' WHERE session_id = $1"
        " AND user_id = $2 AND deleted_at IS NULL AND titled = 0"
        " AND auto_title IS NULL");
static const struct sql PUT_TITLE =
    SQL("UPDATE sessions SET auto_title = $3, title = CASE WHEN titled = 0"
        " THEN $3 ELSE title END, revision = revision + 1"
        " WHERE session_id = $1 AND user_id = $2");
static const struct sql TO_TRASH =
    SQL("UPDATE sessions SET deleted_at = $3, is_active = 0,"
        " revision = revision + 1 WHERE session_id = $1 AND user_id = $2"
        " AND deleted_at IS NULL");
static const struct sql FROM_TRASH =
    SQL("UPDATE sessions SET deleted_at = NULL, is_active = 1,"
        " revision = revision + 1 WHERE session_id = $1");

static enum rc find_session(struct db *db, const struct sql *sql,
    struct store_op *op, struct str id, struct store_session *ret)
{
    struct store_session s = {0};
    struct query q = query_start(db, sql);
    query_text(&q, id);
    query_text(&q, op->user_id);
    if (query_row(&q))
        s = session_of(&q, op->arena);
    enum rc rc = query_end(&q);
    if (rc == RC_OK && s.session_id.p == NULL)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        *ret = s;
    return rc;
}

static enum rc note(struct db *db, struct store_op *op,
    enum store_change_kind kind, struct str session_id)
{
    return changes_add(db, op, kind, session_id, (struct str){0});
}

enum { MAX_SETTINGS = 256 * 1024 };

/* Settings with nothing in them are absent. */
static enum rc merge(
    struct store_op *op, struct str patch, struct str *settings)
{
    struct buf out;
    if (patch.n == 0)
        return RC_OK;
    buf_init(&out, MAX_SETTINGS);
    enum rc rc = json_merge(*settings, patch, &out);
    if (rc == RC_OK)
        *settings = str_eq(buf_str(&out), STR("{}"))
                        ? (struct str){0}
                        : arena_str(op->arena, buf_str(&out));
    buf_release(&out);
    return rc;
}

static void apply(const struct store_update_session *u, struct store_session *s)
{
    if (u->set_title) {
        s->titled = u->title.n > 0;
        s->title = s->titled             ? u->title
                   : s->auto_title.n > 0 ? s->auto_title
                                         : (struct str){0};
    }
    if (u->set_pinned)
        s->pinned = u->pinned;
    if (u->set_archived)
        s->archived = u->archived;
    s->revision++;
}

enum rc verb_update_session(struct db *db, struct store_op *op)
{
    struct store_update_session *u = &op->update_session;
    struct store_session *s = &u->session;
    enum rc rc = find_session(db, &CURRENT, op, u->session_id, s);
    if (rc != RC_OK)
        return rc;
    if (u->expected_revision != 0 && u->expected_revision != s->revision)
        return RC_CONFLICT;
    if (!u->set_title && !u->set_pinned && !u->set_archived &&
        u->settings.n == 0)
        return RC_OK;
    rc = merge(op, u->settings, &s->settings);
    if (rc != RC_OK)
        return rc;
    apply(u, s);
    struct query q = query_start(db, &UPDATE);
    query_text(&q, s->session_id);
    query_text(&q, s->title);
    query_bool(&q, s->pinned);
    query_bool(&q, s->archived);
    query_text(&q, s->settings);
    query_bool(&q, s->titled);
    rc = query_defer(&q);
    return rc == RC_OK ? note(db, op, STORE_CHANGE_CHAT, s->session_id) : rc;
}

/* One attempt a chat, whichever process makes it. */
enum rc verb_ask_title(struct db *db, struct store_op *op)
{
    int64_t changed = 0;
    struct query q = query_start(db, &ASK_TITLE);
    query_text(&q, op->ask_title.session_id);
    query_text(&q, op->user_id);
    enum rc rc = query_run_counted(&q, &changed);
    return rc == RC_OK && changed == 0 ? RC_NOT_FOUND : rc;
}

enum rc verb_put_title(struct db *db, struct store_op *op)
{
    const struct store_put_title *p = &op->put_title;
    int64_t changed = 0;
    enum rc rc =
        usage_add(db, op, p->now_us, p->prompt_tokens, p->completion_tokens);
    if (rc != RC_OK || p->title.n == 0)
        return rc;
    struct query q = query_start(db, &PUT_TITLE);
    query_text(&q, p->session_id);
    query_text(&q, op->user_id);
    query_text(&q, p->title);
    rc = query_run_counted(&q, &changed);
    return rc == RC_OK && changed > 0
               ? note(db, op, STORE_CHANGE_CHAT, p->session_id)
               : rc;
}

enum rc verb_delete_session(struct db *db, struct store_op *op)
{
    const struct store_delete_session *d = &op->delete_session;
    char now[TIMESTAMP_SIZE];
    int64_t changed = 0;
    struct query q = query_start(db, &TO_TRASH);
    query_text(&q, d->session_id);
    query_text(&q, op->user_id);
    query_time(&q, d->now_us, now);
    enum rc rc = query_run_counted(&q, &changed);
    if (rc == RC_OK && changed == 0)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? note(db, op, STORE_CHANGE_DELETED, d->session_id) : rc;
}

enum rc verb_restore_session(struct db *db, struct store_op *op)
{
    struct store_restore_session *r = &op->restore_session;
    enum rc rc = find_session(db, &DELETED, op, r->session_id, &r->session);
    if (rc != RC_OK)
        return rc;
    r->session.deleted_at_us = 0;
    r->session.is_active = true;
    r->session.revision++;
    struct query q = query_start(db, &FROM_TRASH);
    query_text(&q, r->session_id);
    rc = query_defer(&q);
    return rc == RC_OK ? note(db, op, STORE_CHANGE_CHAT, r->session_id) : rc;
}
