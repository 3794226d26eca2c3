#include "store/sql/verbs.h"

/*
 * A reply that streams again behind the text it has. Its final event L stays
 * where it was, L + 1 is the new start, and neither is in the log.
 */

static const struct sql REPLY =
    SQL("SELECT finish_reason, last_sequence, start_sequence, reasoning,"
        " sources, metrics, model, parts FROM messages WHERE message_id = $1");
static const struct sql HAS_CHILD =
    SQL("SELECT 1 FROM messages WHERE parent_id = $1 AND parent_variant = $2"
        " LIMIT 1");
static const struct sql OPEN_LOG =
    SQL("UPDATE reply_logs SET finished_us = NULL WHERE message_id = $1");
static const struct sql GO_ON =
    SQL("UPDATE messages SET status = 'streaming', error_code = NULL,"
        " error_message = NULL, finish_reason = NULL,"
        " model = coalesce($2, model), start_key = $3, last_sequence = $4,"
        " start_sequence = $4, node = $5 WHERE message_id = $1");

/* What is read of a reply before it is judged. */
struct ended {
    struct owned_message m;
    struct str finish_reason;
    int64_t last_sequence;
    int64_t start_sequence;
};

static enum rc read_reply(struct db *db, struct store_op *op, struct ended *ret)
{
    struct store_continue_reply *c = &op->continue_reply;
    struct query q = query_start(db, &REPLY);
    query_text(&q, c->message_id);
    if (query_row(&q)) {
        ret->finish_reason = query_col_text(&q, 0, op->arena);
        ret->last_sequence = query_col_int(&q, 1);
        ret->start_sequence = query_col_int(&q, 2);
        c->reasoning = query_col_text(&q, 3, op->arena);
        c->sources = query_col_text(&q, 4, op->arena);
        c->metrics = query_col_text(&q, 5, op->arena);
        c->stored_model = query_col_text(&q, 6, op->arena);
        c->parts = query_col_text(&q, 7, op->arena);
    }
    c->session_id = ret->m.session_id;
    c->content = ret->m.content;
    c->status = ret->m.status;
    c->variant = ret->m.variant;
    c->variants = ret->m.variants;
    return query_end(&q);
}

/* Whether a reply that ended so may have gone on. */
static bool was_cut(const struct ended *e)
{
    bool by_length = str_eq(e->finish_reason, STR("length")) ||
                     str_eq(e->finish_reason, STR("max_tokens"));
    switch (e->m.status) {
    case STORE_COMPLETE:
        return by_length;
    case STORE_STOPPED:
    case STORE_INTERRUPTED:
        return true;
    case STORE_FAILED:
        return e->last_sequence > 0; /* else a client's sentence */
    case STORE_STREAMING:
        break;
    }
    return false;
}

/* What is answered is what the person has seen. */
static bool is_as_expected(const struct store_op *op, const struct ended *e)
{
    const struct store_continue_reply *c = &op->continue_reply;
    return c->answers && e->m.status != STORE_STREAMING &&
           e->last_sequence == c->expected_sequence;
}

static enum rc may_go_on(
    struct db *db, const struct store_op *op, const struct ended *e)
{
    bool fit = was_cut(e) && e->m.content.n > 0;
    if (op->continue_reply.answers)
        fit = is_as_expected(op, e);
    if (!fit)
        return RC_INVALID;
    struct query q = query_start(db, &HAS_CHILD);
    query_text(&q, op->continue_reply.message_id);
    query_int(&q, e->m.variant);
    bool child = query_row(&q);
    enum rc rc = query_end(&q);
    return rc == RC_OK && child ? RC_INVALID : rc;
}

struct marking {
    struct store_op *op;
    struct store_event_mark *marks;
};

static void add_mark(struct marking *m, struct store_event_mark mark)
{
    struct store_continue_reply *c = &m->op->continue_reply;
    m->marks =
        array_grow(m->op->arena, m->marks, c->mark_count, sizeof(*m->marks));
    m->marks[c->mark_count++] = mark;
    c->marks = m->marks;
}

/* Whether the log says what the message says. */
static enum rc log_is_whole(struct db *db, struct store_op *op, bool *ret)
{
    const struct store_continue_reply *c = &op->continue_reply;
    struct log_text log;
    enum rc rc = log_collect(db, c->message_id, op->arena, &log);
    if (rc == RC_OK)
        *ret = c->mark_count > 0 && log.last_sequence <= c->last_sequence &&
               str_eq(log.content, c->content) &&
               str_eq(log.reasoning, c->reasoning) &&
               str_eq(log.parts, c->parts);
    return rc;
}

static bool take_mark(void *ctx, const struct store_event *event)
{
    add_mark(
        ctx, (struct store_event_mark){event->sequence, event->text_delta.n,
                 event->reasoning_delta.n, event->payload.n});
    return true;
}

/* The log's events, by their lengths. */
static enum rc read_marks(struct db *db, struct store_op *op)
{
    struct store_continue_reply *c = &op->continue_reply;
    struct marking marking = {.op = op};
    c->marks = NULL;
    c->mark_count = 0;
    return log_each(db, c->message_id, 0, SIZE_MAX, take_mark, &marking);
}

/* The log as one event that holds all there is. */
static enum rc rewrite_log(struct db *db, struct store_op *op)
{
    struct store_continue_reply *c = &op->continue_reply;
    struct store_event all = {.message_id = c->message_id,
        .sequence = c->last_sequence,
        .payload = c->parts,
        .text_delta = c->content,
        .reasoning_delta = c->reasoning};
    struct marking marking = {.op = op};
    c->mark_count = 0;
    add_mark(&marking, (struct store_event_mark){c->last_sequence, c->content.n,
                           c->reasoning.n, c->parts.n});
    enum rc rc = log_start(db, c->message_id);
    return rc == RC_OK ? log_append(db, &all, 1, NULL) : rc;
}

static enum rc open_log(struct db *db, struct store_op *op)
{
    bool whole = false;
    enum rc rc = read_marks(db, op);
    if (rc == RC_OK)
        rc = log_is_whole(db, op, &whole);
    if (rc != RC_OK || !whole)
        return rc == RC_OK ? rewrite_log(db, op) : rc;
    struct query q = query_start(db, &OPEN_LOG);
    query_text(&q, op->continue_reply.message_id);
    return query_defer(&q);
}

static enum rc write_start(struct db *db, struct store_op *op)
{
    const struct store_continue_reply *c = &op->continue_reply;
    struct turn turn = {.session_id = c->session_id, .now_us = c->now_us};
    struct query q = query_start(db, &GO_ON);
    query_text(&q, c->message_id);
    query_text(&q, c->model);
    query_text(&q, c->start_key);
    query_int(&q, c->last_sequence + 1);
    query_text(&q, str_from_c(db->node));
    enum rc rc = query_defer(&q);
    if (rc == RC_OK)
        rc = put_session(db, &turn, OURS);
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_MESSAGE, c->session_id, c->message_id);
    return rc;
}

static enum rc go_on(struct db *db, struct store_op *op, const struct ended *e)
{
    struct store_continue_reply *c = &op->continue_reply;
    enum rc rc = tree_may_change(db, op, &e->m, &c->streaming_id);
    if (rc == RC_OK)
        rc = may_go_on(db, op, e);
    /* Event 1 is the start, so that an end is 2 at least. */
    c->last_sequence = e->last_sequence > 2 ? e->last_sequence : 2;
    if (rc == RC_OK)
        rc = open_log(db, op);
    if (rc == RC_OK)
        rc =
            tree_question(db, op, c->message_id, &c->question_id, &c->question);
    return rc == RC_OK ? write_start(db, op) : rc;
}

enum rc verb_continue_reply(struct db *db, struct store_op *op)
{
    struct store_continue_reply *c = &op->continue_reply;
    struct ended e = {0};
    c->streaming_id = (struct str){0};
    c->repeated = false;
    enum rc rc = tree_find(db, op, c->message_id, &e.m);
    if (rc == RC_OK && e.m.role != STORE_ROLE_ASSISTANT)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = read_reply(db, op, &e);
    bool same = c->start_key.n > 0 && str_eq(c->start_key, e.m.start_key) &&
                !is_as_expected(op, &e);
    if (rc != RC_OK || !same)
        return rc == RC_OK ? go_on(db, op, &e) : rc;
    c->repeated = true;
    c->last_sequence = e.start_sequence - 1;
    return RC_OK;
}
