#include "base/timestamp.h"

#include "store/sql/verbs.h"

/*
 * Variants of a message and what hangs on them. The variant shown stands in
 * `messages`, with its rating in `message_ratings` and its log, if it has one;
 * the others stand in `message_variants`, where a number keeps its text.
 */

static const struct sql KEEP = SQL(
    "INSERT INTO message_variants(message_id, variant, user_id, content,"
    " reasoning, model, timestamp, sources, metrics, status, error_code,"
    " error_message, finish_reason, trace_id, last_sequence, rating, reasons,"
    " comment, rated_at, parts, replaced_at) SELECT m.message_id, m.variant, "
    "m.user_id,"
    " coalesce(m.content, ''), m.reasoning, m.model, m.timestamp, m.sources,"
    " m.metrics, m.status, m.error_code, m.error_message, m.finish_reason,"
    " m.trace_id, m.last_sequence, " RATING_OF_MESSAGE(
        "r.rating") ","
                    " " RATING_OF_MESSAGE("r.reasons") ", " RATING_OF_MESSAGE(
                        "r.comment") ","
                                     " " RATING_OF_MESSAGE(
                                         "r.created_at") ", m.parts, $2"
                                                         " FROM messages m "
                                                         "WHERE m.message_id = "
                                                         "$1");
static const struct sql UNRATE =
    SQL("DELETE FROM message_ratings WHERE message_id = $1");
static const struct sql COUNT_UP =
    SQL("UPDATE messages SET variants = variants + 1, variant = variants + 1"
        " WHERE message_id = $1");
static const struct sql REHANG =
    SQL("UPDATE messages SET parent_variant = $3"
        " WHERE parent_id = $1 AND parent_variant = $2");

/* Children come later than what they hang on, so this ends. */
static const struct sql SHOW_BELOW =
    SQL("WITH RECURSIVE below(message_id, variant, hidden, position) AS ("
        " SELECT message_id, variant, hidden, position FROM messages"
        "  WHERE message_id = $1"
        " UNION ALL SELECT c.message_id, c.variant, CASE WHEN b.hidden = 0"
        "  AND c.parent_variant = b.variant THEN 0 ELSE 1 END, c.position"
        "  FROM below b JOIN messages c ON c.parent_id = b.message_id"
        "  AND c.position > b.position)"
        " UPDATE messages SET hidden = below.hidden FROM below"
        " WHERE messages.message_id = below.message_id"
        " AND messages.hidden <> below.hidden");

#define OWN_CHAT                                                               \
    "SELECT s.settings, " UNTITLED " FROM sessions s WHERE s.session_id ="     \
    " (SELECT session_id FROM messages WHERE message_id = $1"                  \
    "  AND user_id = $2) AND s.user_id = $2 AND s.deleted_at IS NULL"
static const struct sql LOCK_CHAT = SQL_EACH(OWN_CHAT, OWN_CHAT " FOR UPDATE");

static const struct sql RESTART =
    SQL("UPDATE messages SET content = '', reasoning = NULL, parts = NULL,"
        " sources = NULL, metrics = NULL, error_code = NULL,"
        " error_message = NULL, finish_reason = NULL, last_sequence = $7, "
        "start_sequence = $7,"
        " status = 'streaming', model = coalesce($2, model), trace_id = $3,"
        " timestamp = $4, start_key = $5, node = $6 WHERE message_id = $1");
static const struct sql LAST_SEQUENCE =
    SQL("SELECT m.last_sequence, coalesce((SELECT max(v.last_sequence)"
        "  FROM message_variants v WHERE v.message_id = m.message_id), 0)"
        " FROM messages m WHERE m.message_id = $1");
/* Its parent when that is a question, else the last question before it. */
static const struct sql QUESTION = SQL(
    "SELECT message_id, content FROM messages WHERE message_id = coalesce("
    "(SELECT p.message_id FROM messages m JOIN messages p"
    "  ON p.message_id = m.parent_id AND p.user_id = m.user_id"
    "  AND lower(p.role) = 'user' WHERE m.message_id = $1),"
    "(SELECT p.message_id FROM messages m JOIN messages p"
    "  ON p.session_id = m.session_id AND p.position < m.position"
    "  AND p.user_id = m.user_id AND p.hidden = 0 AND lower(p.role) = 'user'"
    "  WHERE m.message_id = $1 ORDER BY p.position DESC LIMIT 1))");

static const struct sql REWRITE =
    SQL("UPDATE messages SET content = $2, timestamp = $3, start_key = $4"
        " WHERE message_id = $1");
static const struct sql ANSWER_TO =
    SQL("SELECT message_id, status FROM messages WHERE parent_id = $1"
        " AND parent_variant = $2 AND role = 'assistant'"
        " ORDER BY position LIMIT 1");

static const struct sql SHOW =
    SQL("UPDATE messages SET variant = v.variant, content = v.content,"
        " reasoning = v.reasoning, parts = v.parts, model = v.model,"
        " timestamp = coalesce(v.timestamp, messages.timestamp),"
        " sources = v.sources, metrics = v.metrics, status = v.status,"
        " error_code = v.error_code, error_message = v.error_message,"
        " finish_reason = v.finish_reason, trace_id = v.trace_id,"
        " last_sequence = v.last_sequence, start_sequence = 1,"
        " start_key = NULL FROM message_variants v"
        " WHERE messages.message_id = $1 AND v.message_id = $1"
        " AND v.variant = $2");
/* In PostgreSQL somebody may rate at the same moment. */
#define RATE_AS_KEPT                                                           \
    "INSERT INTO message_ratings(message_id, user_id, rating, created_at,"     \
    " session_id, reasons, comment) SELECT m.message_id, m.user_id, v.rating," \
    " coalesce(v.rated_at, $3), m.session_id, v.reasons, v.comment"            \
    " FROM messages m JOIN message_variants v"                                 \
    " ON v.message_id = m.message_id WHERE m.message_id = $1"                  \
    " AND v.variant = $2 AND v.rating IS NOT NULL"
static const struct sql RERATE = SQL_EACH(RATE_AS_KEPT,
    RATE_AS_KEPT " ON CONFLICT(message_id, user_id)"
                 " DO UPDATE SET rating = excluded.rating,"
                 " reasons = excluded.reasons, comment = excluded.comment");
static const struct sql TAKE_BACK =
    SQL("DELETE FROM message_variants WHERE message_id = $1 AND variant = $2");
static const struct sql HAS_VARIANT =
    SQL("SELECT 1 FROM message_variants WHERE message_id = $1"
        " AND variant = $2");
static const struct sql REVISE =
    SQL("UPDATE sessions SET revision = revision + 1 WHERE session_id = $1");

static const struct sql OTHERS_OF =
    SQL("SELECT " VARIANT_COLUMNS " FROM messages m"
        " JOIN message_variants v ON v.message_id = m.message_id"
        " WHERE m.message_id = $1 ORDER BY v.variant");

/* Runs a statement about a message and a moment. */
static enum rc run_at(
    struct db *db, const struct sql *sql, struct str id, int64_t now_us)
{
    char now[TIMESTAMP_SIZE];
    struct query q = query_start(db, sql);
    query_text(&q, id);
    query_time(&q, now_us, now);
    return query_defer(&q);
}

static enum rc run_for(struct db *db, const struct sql *sql, struct str id)
{
    struct query q = query_start(db, sql);
    query_text(&q, id);
    return query_defer(&q);
}

enum rc tree_show_below(struct db *db, struct str message_id)
{
    return run_for(db, &SHOW_BELOW, message_id);
}

/* What is shown goes to the others, with its rating. */
static enum rc put_away(struct db *db, struct str id, int64_t now_us)
{
    enum rc rc = run_at(db, &KEEP, id, now_us);
    return rc == RC_OK ? run_for(db, &UNRATE, id) : rc;
}

static enum rc rehang(struct db *db, struct str id, int64_t from, int64_t to)
{
    struct query q = query_start(db, &REHANG);
    query_text(&q, id);
    query_int(&q, from);
    query_int(&q, to);
    return query_defer(&q);
}

enum rc tree_new_variant(struct db *db, struct str message_id,
    const struct owned_message *m, bool branch, int64_t now_us)
{
    enum rc rc = put_away(db, message_id, now_us);
    if (rc == RC_OK)
        rc = run_for(db, &COUNT_UP, message_id);
    if (rc != RC_OK)
        return rc;
    return branch ? tree_show_below(db, message_id)
                  : rehang(db, message_id, m->variant, m->variants + 1);
}

enum rc tree_find(struct db *db, struct store_op *op, struct str message_id,
    struct owned_message *ret)
{
    struct query q = query_start(db, &LOCK_CHAT);
    query_text(&q, message_id);
    query_text(&q, op->user_id);
    bool found = query_row(&q);
    if (found) {
        op->settings = query_col_text(&q, 0, op->arena);
        op->untitled = query_col_int(&q, 1) != 0;
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? whose_message(db, op, message_id, ret) : rc;
}

enum rc tree_may_change(struct db *db, struct store_op *op,
    const struct owned_message *m, struct str *ret_streaming)
{
    enum rc rc = streaming_in(db, op, m->session_id, ret_streaming);
    if (rc == RC_OK && (ret_streaming->p != NULL || m->hidden))
        rc = RC_CONFLICT;
    return rc;
}

enum rc tree_question(struct db *db, struct store_op *op, struct str reply_id,
    struct str *ret_id, struct str *ret_text)
{
    *ret_id = *ret_text = (struct str){0};
    struct query q = query_start(db, &QUESTION);
    query_text(&q, reply_id);
    if (query_row(&q)) {
        *ret_id = query_col_text(&q, 0, op->arena);
        *ret_text = query_col_text(&q, 1, op->arena);
    }
    return query_end(&q);
}

/* The chat has been used just now. */
static enum rc touch(struct db *db, struct str session_id, int64_t now_us)
{
    struct turn turn = {.session_id = session_id, .now_us = now_us};
    return put_session(db, &turn, OURS);
}

static bool same_key(const struct owned_message *m, struct str key)
{
    return key.n > 0 && str_eq(m->start_key, key);
}

/* ---- Another answer ---- */

static enum rc restart(struct db *db, struct store_op *op)
{
    const struct store_regenerate *r = &op->regenerate;
    char now[TIMESTAMP_SIZE];
    struct query q = query_start(db, &RESTART);
    query_text(&q, r->message_id);
    query_text(&q, r->model);
    query_text(&q, r->trace_id);
    query_time(&q, r->now_us, now);
    query_text(&q, r->start_key);
    query_text(&q, str_from_c(db->node));
    query_int(&q, r->start_sequence);
    enum rc rc = query_defer(&q);
    if (rc == RC_OK)
        rc = log_start(db, r->message_id);
    if (rc == RC_OK)
        rc = touch(db, r->session_id, r->now_us);
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_MESSAGE, r->session_id, r->message_id);
    return rc;
}

/* Nobody who saw an event of this message has seen that number. */
static enum rc next_sequence(struct db *db, struct str id, int64_t *ret)
{
    int64_t shown = 0, others = 0;
    struct query q = query_start(db, &LAST_SEQUENCE);
    query_text(&q, id);
    if (query_row(&q)) {
        shown = query_col_int(&q, 0);
        others = query_col_int(&q, 1);
    }
    enum rc rc = query_end(&q);
    *ret = (shown > others ? shown : others) + 1;
    return rc;
}

static enum rc start_again(
    struct db *db, struct store_op *op, const struct owned_message *m)
{
    struct store_regenerate *r = &op->regenerate;
    enum rc rc = tree_may_change(db, op, m, &r->streaming_id);
    if (rc == RC_OK)
        rc = next_sequence(db, r->message_id, &r->start_sequence);
    if (rc == RC_OK)
        rc = tree_new_variant(db, r->message_id, m, r->branch, r->now_us);
    if (rc == RC_OK)
        rc = restart(db, op);
    if (rc == RC_OK)
        rc =
            tree_question(db, op, r->message_id, &r->question_id, &r->question);
    r->variant = r->variants = m->variants + 1;
    bool unknown = r->question.n == 0 && !r->has_question;
    return rc == RC_OK && unknown ? RC_INVALID : rc;
}

enum rc verb_regenerate(struct db *db, struct store_op *op)
{
    struct store_regenerate *r = &op->regenerate;
    struct owned_message m = {0};
    r->streaming_id = (struct str){0};
    r->repeated = false;
    enum rc rc = tree_find(db, op, r->message_id, &m);
    if (rc == RC_OK && (m.role != STORE_ROLE_ASSISTANT ||
                           !str_eq(m.session_id, r->session_id)))
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    if (!same_key(&m, r->start_key))
        return start_again(db, op, &m);
    r->repeated = true;
    r->variant = m.variant;
    r->variants = m.variants;
    return tree_question(db, op, r->message_id, &r->question_id, &r->question);
}

/* ---- Another question ---- */

/* The answer that hangs on the variant shown. */
static enum rc find_answer(
    struct db *db, struct store_op *op, const struct owned_message *m)
{
    struct store_edit_turn *e = &op->edit_turn;
    struct query q = query_start(db, &ANSWER_TO);
    query_text(&q, e->message_id);
    query_int(&q, m->variant);
    if (query_row(&q)) {
        e->reply_id = query_col_text(&q, 0, op->arena);
        e->reply_status = store_status_parse(query_col_view(&q, 1));
    }
    enum rc rc = query_end(&q);
    return rc == RC_OK && e->reply_id.p == NULL ? RC_CONFLICT : rc;
}

static enum rc rewrite(struct db *db, struct store_op *op)
{
    const struct store_edit_turn *e = &op->edit_turn;
    char now[TIMESTAMP_SIZE];
    struct query q = query_start(db, &REWRITE);
    query_text(&q, e->message_id);
    query_given(&q, e->content);
    query_time(&q, e->now_us, now);
    query_text(&q, e->start_key);
    return query_defer(&q);
}

static enum rc insert_answer(struct db *db, struct store_op *op)
{
    const struct store_edit_turn *e = &op->edit_turn;
    enum rc rc = insert_message(db, &(struct store_message){
                                        .message_id = e->reply_id,
                                        .session_id = e->session_id,
                                        .user_id = op->user_id,
                                        .content = STR(""),
                                        .role = STORE_ROLE_ASSISTANT,
                                        .model = e->model,
                                        .timestamp_us = e->now_us,
                                        .created_at_us = e->now_us,
                                        .parent_id = e->message_id,
                                        .status = STORE_STREAMING,
                                    });
    return rc == RC_OK ? log_new(db, e->reply_id) : rc;
}

static enum rc note_edit(struct db *db, struct store_op *op)
{
    const struct store_edit_turn *e = &op->edit_turn;
    enum rc rc = touch(db, e->session_id, e->now_us);
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_MESSAGE, e->session_id, e->message_id);
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_MESSAGE, e->session_id, e->reply_id);
    return rc;
}

static enum rc edit(
    struct db *db, struct store_op *op, const struct owned_message *m)
{
    struct store_edit_turn *e = &op->edit_turn;
    enum rc rc = tree_may_change(db, op, m, &e->streaming_id);
    e->reply_id = e->new_reply_id;
    e->reply_status = STORE_STREAMING;
    e->variant = e->variants = m->variants + 1;
    if (rc == RC_OK)
        rc = tree_new_variant(db, e->message_id, m, true, e->now_us);
    if (rc == RC_OK)
        rc = rewrite(db, op);
    if (rc == RC_OK)
        rc = insert_answer(db, op);
    return rc == RC_OK ? note_edit(db, op) : rc;
}

enum rc verb_edit_turn(struct db *db, struct store_op *op)
{
    struct store_edit_turn *e = &op->edit_turn;
    struct owned_message m = {0};
    e->streaming_id = e->reply_id = (struct str){0};
    e->repeated = false;
    enum rc rc = tree_find(db, op, e->message_id, &m);
    if (rc == RC_OK && m.role != STORE_ROLE_USER)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    e->session_id = m.session_id;
    if (!same_key(&m, e->start_key))
        return edit(db, op, &m);
    e->repeated = true;
    e->variant = m.variant;
    e->variants = m.variants;
    return find_answer(db, op, &m);
}

/* ---- Another variant ---- */

static enum rc has_variant(struct db *db, const struct store_switch_variant *s)
{
    struct query q = query_start(db, &HAS_VARIANT);
    query_text(&q, s->message_id);
    query_int(&q, s->variant);
    bool there = query_row(&q);
    enum rc rc = query_end(&q);
    return rc == RC_OK && !there ? RC_NOT_FOUND : rc;
}

/* The variant takes its place, its rating comes back, its copy goes. */
static enum rc bring_out(struct db *db, const struct store_switch_variant *s)
{
    static const struct sql *const steps[] = {&SHOW, &RERATE, &TAKE_BACK};
    char now[TIMESTAMP_SIZE];
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < 3; i++) {
        struct query q = query_start(db, steps[i]);
        query_text(&q, s->message_id);
        query_int(&q, s->variant);
        if (steps[i] == &RERATE)
            query_time(&q, s->now_us, now);
        rc = query_defer(&q);
    }
    return rc;
}

enum rc verb_switch_variant(struct db *db, struct store_op *op)
{
    struct store_switch_variant *s = &op->switch_variant;
    struct owned_message m = {0};
    s->streaming_id = (struct str){0};
    enum rc rc = tree_find(db, op, s->message_id, &m);
    s->session_id = m.session_id;
    if (rc == RC_OK && m.variant == s->variant)
        return RC_OK;
    if (rc == RC_OK)
        rc = has_variant(db, s);
    m.hidden = false; /* what is not shown may be changed here */
    if (rc == RC_OK)
        rc = tree_may_change(db, op, &m, &s->streaming_id);
    if (rc == RC_OK)
        rc = put_away(db, s->message_id, s->now_us);
    if (rc == RC_OK)
        rc = bring_out(db, s);
    if (rc == RC_OK)
        rc = log_drop(db, s->message_id);
    if (rc == RC_OK)
        rc = tree_show_below(db, s->message_id);
    if (rc == RC_OK)
        rc = run_for(db, &REVISE, m.session_id);
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_MESSAGE, m.session_id, s->message_id);
    return rc;
}

/* ---- All of them ---- */

static void add_variant(struct store_op *op, const struct store_message *m)
{
    struct store_list_variants *l = &op->list_variants;
    l->variants =
        array_grow(op->arena, l->variants, l->count, sizeof(*l->variants));
    l->variants[l->count++] = *m;
}

/* The others, and the one shown where its number is. */
static enum rc collect(
    struct db *db, struct store_op *op, const struct store_message *shown)
{
    struct store_list_variants *l = &op->list_variants;
    struct query q = query_start(db, &OTHERS_OF);
    query_text(&q, l->message_id);
    bool placed = false;
    while (query_row(&q)) {
        struct store_message m = message_of(&q, op->arena);
        if (!placed && m.variant > shown->variant) {
            add_variant(op, shown);
            placed = true;
        }
        add_variant(op, &m);
    }
    if (!placed)
        add_variant(op, shown);
    return query_end(&q);
}

enum rc verb_list_variants(struct db *db, struct store_op *op)
{
    struct store_list_variants *l = &op->list_variants;
    struct store_message shown = {0};
    l->variants = NULL;
    l->count = 0;
    enum rc rc = message_get(db, op, l->message_id, &shown);
    if (rc != RC_OK)
        return rc;
    l->shown = shown.variant;
    return collect(db, op, &shown);
}
