#include "base/timestamp.h"

#include "store/sql/verbs.h"

/* What people say of replies. */

static const struct sql RATABLE =
    SQL("SELECT m.session_id FROM messages m"
        " JOIN sessions s ON s.session_id = m.session_id"
        " WHERE m.message_id = $1 AND m.user_id = $2 AND s.user_id = $2"
        " AND s.deleted_at IS NULL");
static const struct sql RERATE =
    SQL("UPDATE message_ratings SET rating = $3, created_at = $4,"
        " reasons = CASE WHEN $7 = 1 THEN $5 WHEN rating = $3 THEN reasons END,"
        " comment = CASE WHEN $8 = 1 THEN $6 ELSE comment END"
        " WHERE message_id = $1 AND user_id = $2");
static const struct sql RATE =
    SQL("INSERT INTO message_ratings(message_id, user_id, rating, created_at,"
        " reasons, comment, session_id) SELECT $1, $2, $3, $4, $5, $6, $7"
        " WHERE NOT EXISTS (SELECT 1 FROM message_ratings"
        "  WHERE message_id = $1 AND user_id = $2)");
static const struct sql UNRATE =
    SQL("DELETE FROM message_ratings WHERE message_id = $1 AND user_id = $2");
static const struct sql STANDING =
    SQL("SELECT " RATING_OF_MESSAGE(RATED("r")) " FROM messages m"
                                                " WHERE m.message_id = $1");

/* A part of a value that is RATED(); an empty one is absent. */
static struct str part_of(struct str *rest, struct arena *arena)
{
    struct str part;
    str_cut(*rest, RATED_SEPARATOR, &part, rest);
    return part.n == 0 ? (struct str){0} : arena_str(arena, part);
}

void rated_of(
    const struct query *q, int column, struct arena *arena, struct rated *ret)
{
    struct str rest = query_col_view(q, column), word;
    *ret = (struct rated){0};
    if (rest.p == NULL)
        return;
    str_cut(rest, RATED_SEPARATOR, &word, &rest);
    ret->rating = store_rating_parse(word);
    ret->reasons = part_of(&rest, arena);
    ret->comment = part_of(&rest, arena);
}

static enum rc write_rating(
    struct db *db, struct store_op *op, struct str session_id)
{
    static const struct sql *const steps[] = {&RERATE, &RATE};
    const struct store_rate *r = &op->rate;
    char now[TIMESTAMP_SIZE];
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < 2; i++) {
        struct query q = query_start(db, steps[i]);
        query_text(&q, r->message_id);
        query_text(&q, op->user_id);
        query_text(&q, str_from_c(store_rating_name(r->rating)));
        query_time(&q, r->now_us, now);
        query_text(&q, r->reasons);
        query_text(&q, r->comment);
        if (steps[i] == &RERATE) {
            query_bool(&q, r->set_reasons);
            query_bool(&q, r->set_comment);
        } else {
            query_text(&q, session_id);
        }
        rc = query_defer(&q);
    }
    return rc;
}

static enum rc withdraw(struct db *db, const struct store_op *op)
{
    struct query q = query_start(db, &UNRATE);
    query_text(&q, op->rate.message_id);
    query_text(&q, op->user_id);
    return query_defer(&q);
}

/* The chat of a message that the caller may rate. */
static enum rc find_chat(
    struct db *db, struct store_op *op, struct str *ret_session)
{
    struct query q = query_start(db, &RATABLE);
    query_text(&q, op->rate.message_id);
    query_text(&q, op->user_id);
    *ret_session = (struct str){0};
    if (query_row(&q))
        *ret_session = query_col_text(&q, 0, op->arena);
    enum rc rc = query_end(&q);
    return rc == RC_OK && ret_session->p == NULL ? RC_NOT_FOUND : rc;
}

static enum rc read_standing(struct db *db, struct store_op *op)
{
    struct rated rated = {0};
    struct query q = query_start(db, &STANDING);
    query_text(&q, op->rate.message_id);
    if (query_row(&q))
        rated_of(&q, 0, op->arena, &rated);
    op->rate.stored_reasons = rated.reasons;
    op->rate.stored_comment = rated.comment;
    return query_end(&q);
}

enum rc verb_rate(struct db *db, struct store_op *op)
{
    struct store_rate *r = &op->rate;
    struct str session_id;
    enum rc rc = find_chat(db, op, &session_id);
    if (rc == RC_OK)
        rc = r->rating == STORE_RATING_NONE ? withdraw(db, op)
                                            : write_rating(db, op, session_id);
    if (rc == RC_OK && r->tell)
        rc = outbox_note(db, r->message_id);
    if (rc == RC_OK)
        rc = read_standing(db, op);
    if (rc != RC_OK)
        return rc;
    return changes_add(db, op, STORE_CHANGE_MESSAGE, session_id, r->message_id);
}
