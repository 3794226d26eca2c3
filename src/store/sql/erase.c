#include "base/timestamp.h"

#include "store/sql/verbs.h"

/* The end of chats: by their owner out of the trash, or by their age. */

enum { ERASE_CHATS = 50, ERASE_MESSAGES = 5000 };

#define IN_TRASH                                                               \
    "SELECT 1 FROM sessions WHERE session_id = $1 AND user_id = $2"            \
    " AND deleted_at IS NOT NULL"
static const struct sql TRASHED = SQL_EACH(IN_TRASH, IN_TRASH " FOR UPDATE");

/* Chats to be erased: what they are, whose, and how many messages they have. */
#define VICTIMS                                                                \
    "SELECT s.session_id, s.user_id, (SELECT count(*) FROM messages m WHERE"   \
    " m.session_id = s.session_id) FROM sessions s WHERE NOT EXISTS (SELECT 1" \
    " FROM messages m WHERE m.session_id = s.session_id"                       \
    " AND m.status = 'streaming') AND "
#define SKIP " FOR UPDATE OF s SKIP LOCKED"
#define TRASH "s.user_id = $1 AND s.deleted_at IS NOT NULL LIMIT $2"
static const struct sql ALL_TRASH =
    SQL_EACH(VICTIMS TRASH, VICTIMS TRASH " FOR UPDATE OF s");
#define OLD_TRASH(deleted) deleted " < $1 ORDER BY " deleted " LIMIT $2"
static const struct sql EXPIRED_TRASH =
    SQL_EACH(VICTIMS OLD_TRASH("s.deleted_at"),
        VICTIMS OLD_TRASH("s.deleted_at COLLATE \"C\"") SKIP);
#define OLD_CHATS                                                              \
    "s.updated_us < $1 AND s.pinned = 0 ORDER BY s.updated_us LIMIT $2"
static const struct sql EXPIRED_CHATS =
    SQL_EACH(VICTIMS OLD_CHATS, VICTIMS OLD_CHATS SKIP);

/* All that hangs on a chat, what refers to something first. */
#define MESSAGES_OF "(SELECT message_id FROM messages WHERE session_id = $1)"
static const struct sql erasing[] = {
    SQL("DELETE FROM reply_events WHERE reply IN (SELECT reply FROM reply_logs"
        " WHERE message_id IN " MESSAGES_OF ")"),
    SQL("DELETE FROM reply_logs WHERE message_id IN " MESSAGES_OF),
    SQL("DELETE FROM message_variants WHERE message_id IN " MESSAGES_OF),
    SQL("DELETE FROM message_ratings WHERE message_id IN " MESSAGES_OF),
    SQL("DELETE FROM feedback_outbox WHERE message_id IN " MESSAGES_OF),
    SQL("DELETE FROM genie_conversations WHERE session_id = $1"),
    SQL("DELETE FROM queued_messages WHERE session_id = $1"),
    SQL("DELETE FROM messages WHERE session_id = $1"),
    SQL("DELETE FROM sessions WHERE session_id = $1"),
};
static const struct sql ERASE_DRAFT =
    SQL("DELETE FROM drafts WHERE user_id = $1 AND session_id = $2");
static const struct sql OLD_DRAFTS =
    SQL("DELETE FROM drafts WHERE updated_us < $1");

static enum rc erase_chat(
    struct db *db, struct store_op *op, struct str owner, struct str id)
{
    const struct store_change change = {
        .kind = STORE_CHANGE_DELETED, .session_id = id};
    enum rc rc = RC_OK;
    for (size_t i = 0; i < sizeof(erasing) / sizeof(*erasing); i++) {
        struct query q = query_start(db, &erasing[i]);
        query_text(&q, id);
        rc = query_defer(&q);
        if (rc != RC_OK)
            return rc;
    }
    struct query q = query_start(db, &ERASE_DRAFT);
    query_text(&q, owner);
    query_text(&q, id);
    rc = query_defer(&q);
    return rc == RC_OK ? changes_add_for(db, op, owner, &change) : rc;
}

struct victim {
    struct str session_id;
    struct str owner;
};

/* What is to be erased, and how much of it one call does. */
struct victims {
    struct victim *items;
    size_t count;
    bool more;
};

/* Collects from a query of VICTIMS that asks for limit + 1. */
static enum rc collect(
    struct query *q, struct arena *arena, size_t limit, struct victims *v)
{
    int64_t messages = 0;
    *v = (struct victims){0};
    while (!v->more && query_row(q)) {
        if (v->count == limit || messages >= ERASE_MESSAGES) {
            v->more = true;
            break;
        }
        v->items = array_grow(arena, v->items, v->count, sizeof(*v->items));
        v->items[v->count++] = (struct victim){
            .session_id = query_col_text(q, 0, arena),
            .owner = query_col_text(q, 1, arena),
        };
        messages += query_col_int(q, 2);
    }
    return query_end(q);
}

static enum rc erase_all(
    struct db *db, struct store_op *op, const struct victims *v)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < v->count; i++)
        rc = erase_chat(db, op, v->items[i].owner, v->items[i].session_id);
    return rc;
}

static enum rc empty_trash(struct db *db, struct store_op *op)
{
    struct victims v;
    struct query q = query_start(db, &ALL_TRASH);
    query_text(&q, op->user_id);
    query_int(&q, ERASE_CHATS + 1);
    enum rc rc = collect(&q, op->arena, ERASE_CHATS, &v);
    if (rc == RC_OK)
        rc = erase_all(db, op, &v);
    op->erase_session.erased = v.count;
    op->erase_session.more = v.more;
    return rc;
}

static enum rc must_be_trashed(
    struct db *db, const struct store_op *op, struct str session_id)
{
    struct query q = query_start(db, &TRASHED);
    query_text(&q, session_id);
    query_text(&q, op->user_id);
    bool found = query_row(&q);
    enum rc rc = query_end(&q);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc verb_erase_session(struct db *db, struct store_op *op)
{
    struct store_erase_session *e = &op->erase_session;
    struct str streaming = {0};
    if (e->session_id.p == NULL)
        return empty_trash(db, op);
    enum rc rc = must_be_trashed(db, op, e->session_id);
    if (rc == RC_OK)
        rc = streaming_in(db, op, e->session_id, &streaming);
    if (rc == RC_OK && streaming.p != NULL)
        rc = RC_CONFLICT;
    e->erased = 1;
    e->more = false;
    return rc == RC_OK ? erase_chat(db, op, op->user_id, e->session_id) : rc;
}

/* Erases chats of one kind; true in p->more when there are further ones. */
static enum rc purge_chats(struct db *db, struct store_op *op,
    const struct sql *sql, int64_t before_us)
{
    struct store_purge *p = &op->purge;
    size_t limit = p->limit < ERASE_CHATS ? p->limit : ERASE_CHATS;
    char before[TIMESTAMP_SIZE];
    struct victims v;
    struct query q = query_start(db, sql);
    if (sql == &EXPIRED_TRASH)
        query_time(&q, before_us, before);
    else
        query_int(&q, before_us);
    query_int(&q, (int64_t)limit + 1);
    enum rc rc = collect(&q, op->arena, limit, &v);
    if (rc == RC_OK)
        rc = erase_all(db, op, &v);
    p->chats += v.count;
    p->more |= v.more;
    return rc;
}

static enum rc purge_old(struct db *db, struct store_op *op)
{
    struct store_purge *p = &op->purge;
    enum rc rc = RC_OK;
    if (p->trash_us != 0)
        rc = purge_chats(db, op, &EXPIRED_TRASH, p->trash_us);
    if (rc == RC_OK && p->history_us != 0)
        rc = purge_chats(db, op, &EXPIRED_CHATS, p->history_us);
    if (rc != RC_OK || p->history_us == 0)
        return rc;
    struct query q = query_start(db, &OLD_DRAFTS);
    query_int(&q, p->history_us);
    return query_defer(&q);
}

enum rc verb_purge(struct db *db, struct store_op *op)
{
    struct store_purge *p = &op->purge;
    enum rc rc = RC_OK;
    p->logs = p->chats = 0;
    p->more = false;
    if (p->events_us != 0)
        rc = purge_logs(db, p);
    if (rc == RC_OK && p->changes_us != 0)
        rc = purge_changes(db, p);
    if (rc == RC_OK && p->usage_us != 0)
        rc = purge_usage(db, p);
    return rc == RC_OK ? purge_old(db, op) : rc;
}
