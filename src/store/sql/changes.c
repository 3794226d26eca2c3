#include "store/sql/verbs.h"

/*
 * What happened to a person's chats, numbered 1, 2, 3... without a gap: the
 * number is raised and used in one transaction. In PostgreSQL the row of
 * `feeds` stays locked until the commit, so that who sees a number sees all
 * those before it.
 */

static const struct sql RAISE =
    SQL("INSERT INTO feeds(user_id, last) VALUES($1, 1)"
        " ON CONFLICT(user_id) DO UPDATE SET last = feeds.last + 1");

#define NOW_SQLITE                                                             \
    "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"
#define ADDED(now)                                                             \
    "INSERT INTO changes(user_id, sequence, kind, session_id, message_id,"     \
    " at_us) SELECT $1, last, $2, $3, $4, " now                                \
    " FROM feeds WHERE user_id = $1"
static const struct sql ADD = SQL_EACH(ADDED(NOW_SQLITE), ADDED(SQL_NOW_US));

/*
 * SQLite has no index by time: a person's changes are in its order, so those
 * before the first new one are the old ones.
 */
#define PURGE_THESE(these)                                                     \
    "DELETE FROM changes WHERE (user_id, sequence) IN (" these " LIMIT $2)"
static const struct sql PURGE = SQL_EACH(
    PURGE_THESE("SELECT c.user_id, c.sequence FROM feeds f CROSS JOIN changes c"
                " ON c.user_id = f.user_id AND c.sequence < coalesce((SELECT"
                "  min(k.sequence) FROM changes k WHERE k.user_id = f.user_id"
                "  AND k.at_us >= $1), f.last + 1)"),
    PURGE_THESE("SELECT user_id, sequence FROM changes WHERE at_us < $1"
                " ORDER BY at_us"));
static const struct sql LAST = SQL("SELECT last FROM feeds WHERE user_id = $1");
static const struct sql BEHIND =
    SQL("SELECT sequence, kind, session_id, message_id FROM changes"
        " WHERE user_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");

enum rc changes_add_for(struct db *db, struct store_op *op, struct str user_id,
    const struct store_change *change)
{
    struct query q = query_start(db, &RAISE);
    query_text(&q, user_id);
    enum rc rc = query_defer(&q);
    if (rc != RC_OK)
        return rc;
    q = query_start(db, &ADD);
    query_text(&q, user_id);
    query_text(&q, str_from_c(store_change_name(change->kind)));
    query_text(&q, change->session_id);
    query_text(&q, change->message_id);
    op->changed_ |= str_eq(user_id, op->user_id);
    return query_defer(&q);
}

enum rc changes_add(struct db *db, struct store_op *op,
    enum store_change_kind kind, struct str session_id, struct str message_id)
{
    return changes_add_for(db, op, op->user_id,
        &(struct store_change){
            .kind = kind, .session_id = session_id, .message_id = message_id});
}

enum rc purge_changes(struct db *db, struct store_purge *p)
{
    int64_t changed = 0;
    struct query q = query_start(db, &PURGE);
    query_int(&q, p->changes_us);
    query_int(&q, (int64_t)p->limit);
    enum rc rc = query_run_counted(&q, &changed);
    p->more |= changed == (int64_t)p->limit;
    return rc;
}

static enum store_change_kind kind_of(struct str name)
{
    static const enum store_change_kind all[] = {STORE_CHANGE_CHAT,
        STORE_CHANGE_DELETED, STORE_CHANGE_QUEUE, STORE_CHANGE_DRAFT};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (str_eq(name, str_from_c(store_change_name(all[i]))))
            return all[i];
    return STORE_CHANGE_MESSAGE;
}

static enum rc read_behind(struct db *db, struct store_op *op)
{
    struct store_read_changes *r = &op->read_changes;
    struct query q = query_start(db, &BEHIND);
    query_text(&q, op->user_id);
    query_int(&q, r->after);
    query_int(&q, (int64_t)r->limit);
    while (query_row(&q)) {
        r->changes =
            array_grow(op->arena, r->changes, r->count, sizeof(*r->changes));
        r->changes[r->count++] = (struct store_change){
            .sequence = query_col_int(&q, 0),
            .kind = kind_of(query_col_view(&q, 1)),
            .session_id = query_col_text(&q, 2, op->arena),
            .message_id = query_col_text(&q, 3, op->arena),
        };
    }
    return query_end(&q);
}

/*
 * Numbers have no gaps, so the first one behind the cursor tells whether some
 * were purged. A cursor beyond the last is of another database's feed.
 */
static bool is_lost(const struct store_read_changes *r)
{
    if (r->after > r->last)
        return true;
    if (r->limit == 0)
        return false;
    return r->count > 0 ? r->changes[0].sequence != r->after + 1
                        : r->after < r->last;
}

enum rc verb_read_changes(struct db *db, struct store_op *op)
{
    struct store_read_changes *r = &op->read_changes;
    r->changes = NULL;
    r->count = 0;
    r->last = 0;
    struct query q = query_start(db, &LAST);
    query_text(&q, op->user_id);
    if (query_row(&q))
        r->last = query_col_int(&q, 0);
    enum rc rc = query_end(&q);
    if (rc == RC_OK && r->limit > 0 && r->after < r->last)
        rc = read_behind(db, op);
    if (rc != RC_OK)
        return rc;
    if (r->count > 0 && r->changes[r->count - 1].sequence > r->last)
        r->last = r->changes[r->count - 1].sequence;
    r->lost = is_lost(r);
    return RC_OK;
}
