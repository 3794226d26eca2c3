#include "store/sql/verbs.h"

/*
 * The outbox of feedback. A row says that what is told of a trace may not be
 * what was rated; who sends reads the rating when it takes the row.
 *
 *   RATE: due at once --> TAKE: leased --> DONE: told (due_us NULL)
 *             ^                              later (due_us), given up (NULL)
 *             `--- rated meanwhile, or the lease ran out
 */

/* A rating is told, and that it is gone if somebody may know of it. */
static const struct sql NOTE =
    SQL("INSERT INTO feedback_outbox(message_id, trace_id, user_id, due_us)"
        " SELECT m.message_id, m.trace_id, m.user_id, 0 FROM messages m"
        " WHERE m.message_id = $1 AND m.trace_id IS NOT NULL AND (EXISTS"
        "  (SELECT 1 FROM message_ratings r WHERE r.message_id = m.message_id)"
        "  OR EXISTS (SELECT 1 FROM feedback_outbox o WHERE"
        "   o.message_id = m.message_id AND o.trace_id = m.trace_id))"
        " ON CONFLICT(message_id, trace_id) DO UPDATE SET due_us = 0,"
        " tries = 0, since_us = NULL, failure = NULL,"
        " revision = feedback_outbox.revision + 1");

#define DUE(now, leases, more)                                                 \
    "SELECT o.message_id, o.trace_id, o.user_id, s.user_email,"                \
    " o.assessment_id, o.takes, o.revision, o.tries,"                          \
    " " now " - coalesce(o.since_us, " now "),"                                \
    " coalesce((SELECT " RATED(                                                \
        "r") " FROM message_ratings r WHERE"                                   \
             "   r.message_id = m.message_id AND r.user_id = m.user_id"        \
             "   AND m.trace_id = o.trace_id ORDER BY r.created_at DESC "      \
             "LIMIT 1),"                                                       \
             "  (SELECT " RATED(                                               \
                 "v") " FROM message_variants v WHERE"                         \
                      "   v.message_id = o.message_id AND v.trace_id = "       \
                      "o.trace_id"                                             \
                      "   AND v.rating IS NOT NULL ORDER BY v.variant DESC "   \
                      "LIMIT 1))"                                              \
                      " FROM feedback_outbox o JOIN messages m ON "            \
                      "m.message_id = o.message_id"                            \
                      " JOIN sessions s ON s.session_id = m.session_id"        \
                      " WHERE o.due_us <= " now " AND o.lease_us <= " leases   \
                      " ORDER BY o.due_us, o.message_id LIMIT $1" more
static const struct sql DUE_NOW = SQL_EACH(DUE("$2", "$3", ""),
    DUE(SQL_NOW_US, SQL_NOW_US, " FOR UPDATE OF o SKIP LOCKED"));
#define LEASE(now, length)                                                     \
    "UPDATE feedback_outbox SET takes = takes + 1, tries = tries + 1,"         \
    " lease_us = " now " + " length ", since_us = coalesce(since_us, " now ")" \
    " WHERE message_id = $1 AND trace_id = $2"
static const struct sql LEASE_ONE =
    SQL_EACH(LEASE("$4", "$3"), LEASE(SQL_NOW_US, "CAST($3 AS BIGINT)"));
/* What waits, and in how long the first of it is to be looked at. */
#define WAITING(now, larger)                                                   \
    "SELECT count(*), min(" larger "(due_us, lease_us)) - " now                \
    " FROM feedback_outbox WHERE due_us IS NOT NULL"
static const struct sql WAITING_NOW =
    SQL_EACH(WAITING("$1", "max"), WAITING(SQL_NOW_US, "greatest"));

/* $5: 1 told, 2 later, 3 given up. */
#define DONE(now)                                                              \
    "UPDATE feedback_outbox SET lease_us = 0, assessment_id = $3,"             \
    " due_us = CASE WHEN revision <> $4 THEN 0 WHEN $5 = 2 THEN " now          \
    "  + CAST($6 AS BIGINT) END,"                                              \
    " tries = CASE WHEN $5 = 1 THEN 0 ELSE tries END,"                         \
    " since_us = CASE WHEN $5 = 1 THEN NULL ELSE since_us END, failure = $7"   \
    " WHERE message_id = $1 AND trace_id = $2 AND takes = $8"
static const struct sql DONE_WITH = SQL_EACH(DONE("$9"), DONE(SQL_NOW_US));
/* Nothing is told of this trace any more. */
static const struct sql FORGET =
    SQL("DELETE FROM feedback_outbox WHERE message_id = $1 AND trace_id = $2"
        " AND assessment_id IS NULL AND due_us IS NULL AND failure IS NULL");

enum rc outbox_note(struct db *db, struct str message_id)
{
    struct query q = query_start(db, &NOTE);
    query_text(&q, message_id);
    return query_defer(&q);
}

static enum rc read_due(struct db *db, struct store_op *op)
{
    struct store_outbox_take *t = &op->outbox_take;
    struct query q = query_start(db, &DUE_NOW);
    query_int(&q, (int64_t)t->limit);
    query_int(&q, t->now_us);
    query_int(&q, t->at_start ? INT64_MAX : t->now_us);
    while (query_row(&q)) {
        struct rated rated;
        rated_of(&q, 9, op->arena, &rated);
        t->items = array_grow(op->arena, t->items, t->count, sizeof(*t->items));
        t->items[t->count++] = (struct store_outbox_item){
            .message_id = query_col_text(&q, 0, op->arena),
            .trace_id = query_col_text(&q, 1, op->arena),
            .user_id = query_col_text(&q, 2, op->arena),
            .user_email = query_col_text(&q, 3, op->arena),
            .assessment_id = query_col_text(&q, 4, op->arena),
            .doubtful = query_col_int(&q, 5) > 0,
            .takes = query_col_int(&q, 5) + 1,
            .revision = query_col_int(&q, 6),
            .tries = query_col_int(&q, 7) + 1,
            .age_us = query_col_int(&q, 8),
            .rating = rated.rating,
            .reasons = rated.reasons,
            .comment = rated.comment,
        };
    }
    return query_end(&q);
}

static enum rc lease_all(struct db *db, const struct store_outbox_take *t)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < t->count; i++) {
        struct query q = query_start(db, &LEASE_ONE);
        query_text(&q, t->items[i].message_id);
        query_text(&q, t->items[i].trace_id);
        query_int(&q, t->lease_us);
        query_int(&q, t->now_us);
        rc = query_defer(&q);
    }
    return rc;
}

static enum rc count_waiting(struct db *db, struct store_op *op)
{
    struct store_outbox_take *t = &op->outbox_take;
    struct query q = query_start(db, &WAITING_NOW);
    query_int(&q, t->now_us);
    if (query_row(&q)) {
        t->waiting = query_col_int(&q, 0);
        t->next_in_us = query_col_null(&q, 1) ? -1 : query_col_int(&q, 1);
        if (t->waiting > 0 && t->next_in_us < 0)
            t->next_in_us = 0;
    }
    return query_end(&q);
}

enum rc verb_outbox_take(struct db *db, struct store_op *op)
{
    struct store_outbox_take *t = &op->outbox_take;
    t->items = NULL;
    t->count = 0;
    t->waiting = 0;
    t->next_in_us = -1;
    enum rc rc = read_due(db, op);
    if (rc == RC_OK)
        rc = lease_all(db, t);
    return rc == RC_OK ? count_waiting(db, op) : rc;
}

enum rc verb_outbox_done(struct db *db, struct store_op *op)
{
    const struct store_outbox_done *d = &op->outbox_done;
    struct query q = query_start(db, &DONE_WITH);
    query_text(&q, d->message_id);
    query_text(&q, d->trace_id);
    query_text(&q, d->assessment_id);
    query_int(&q, d->revision);
    query_int(&q, (int64_t)d->end + 1);
    query_int(&q, d->delay_us);
    query_text(&q, d->failure);
    query_int(&q, d->takes);
    query_int(&q, d->now_us);
    enum rc rc = query_defer(&q);
    if (rc != RC_OK)
        return rc;
    q = query_start(db, &FORGET);
    query_text(&q, d->message_id);
    query_text(&q, d->trace_id);
    return query_defer(&q);
}
