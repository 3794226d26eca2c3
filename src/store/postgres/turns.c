#include "base/id.h"
#include "base/timestamp.h"

#include "store/postgres/pg_int.h"

/* What a person's turn and a reply's end write. */

static const char SQL_SESSION_OWNER[] =
    "SELECT user_id, deleted_at FROM sessions WHERE session_id = $1"
    " FOR UPDATE";
static const char SQL_NEW_SESSION[] =
    "INSERT INTO sessions(session_id, user_id, user_email, first_query, title,"
    " timestamp, is_active, created_at, updated_us, revision)"
    " VALUES($1, $2, $3, $4, $5, $6, 1, $6, $7, 1)";
static const char SQL_TOUCH_SESSION[] =
    "UPDATE sessions SET timestamp = greatest(timestamp, $2),"
    " updated_us = greatest(updated_us, $3), is_active = 1,"
    " revision = revision + 1, first_query = coalesce(first_query, $4),"
    " title = coalesce(title, $5) WHERE session_id = $1";

static const char SQL_WHOSE_MESSAGE[] =
    "SELECT user_id, session_id, role, status, content FROM messages"
    " WHERE message_id = $1";
static const char SQL_REPLY_TO[] =
    "SELECT message_id, status FROM messages WHERE session_id = $1"
    " AND parent_id = $2 AND role = 'assistant' ORDER BY position LIMIT 1";
static const char SQL_STREAMING_IN[] =
    "SELECT message_id FROM messages WHERE session_id = $1"
    " AND status = 'streaming' LIMIT 1";
static const char SQL_INSERT[] =
    "INSERT INTO messages(message_id, session_id, user_id, content, role,"
    " model, timestamp, sources, metrics, created_at, parent_id, status,"
    " error_code, error_message, trace_id, position,"
    " node)"
    " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, coalesce(max(position), 0) + 1, $16 FROM messages"
    " WHERE session_id = $2";

static const char SQL_KEEP_VARIANT[] =
    "INSERT INTO message_variants(message_id, variant, user_id, content,"
    " reasoning, model, timestamp, sources, metrics, status, error_code,"
    " error_message, finish_reason, trace_id, rating, replaced_at)"
    " SELECT m.message_id, (SELECT coalesce(max(v.variant), 0) + 1 FROM"
    "  message_variants v WHERE v.message_id = m.message_id),"
    " m.user_id, coalesce(m.content, ''), m.reasoning, m.model, m.timestamp,"
    " m.sources, m.metrics, m.status, m.error_code, m.error_message,"
    " m.finish_reason, m.trace_id, (SELECT r.rating FROM message_ratings r"
    "  WHERE r.message_id = m.message_id AND r.user_id = m.user_id), $2"
    " FROM messages m WHERE m.message_id = $1";
static const char SQL_COUNT_VARIANTS[] =
    "SELECT count(*) FROM message_variants WHERE message_id = $1";
static const char SQL_UNRATE[] =
    "DELETE FROM message_ratings WHERE message_id = $1";
static const char SQL_RESTART[] =
    "UPDATE messages SET content = '', reasoning = NULL, sources = NULL,"
    " metrics = NULL, error_code = NULL, error_message = NULL,"
    " finish_reason = NULL, last_sequence = 0, status = 'streaming',"
    " model = coalesce($2, model), trace_id = $3, timestamp = $4,"
    " node = $5"
    " WHERE message_id = $1";
static const char SQL_QUESTION[] =
    "SELECT message_id, content FROM messages WHERE message_id = coalesce("
    "(SELECT p.message_id FROM messages m JOIN messages p"
    "  ON p.message_id = m.parent_id AND p.user_id = m.user_id"
    "  WHERE m.message_id = $1),"
    "(SELECT p.message_id FROM messages m JOIN messages p"
    "  ON p.session_id = m.session_id AND p.position < m.position"
    "  AND p.user_id = m.user_id AND lower(p.role) = 'user'"
    "  WHERE m.message_id = $1 ORDER BY p.position DESC LIMIT 1))";

static const char SQL_FINISH[] =
    "UPDATE messages SET status = $3, content = $4, reasoning = $5,"
    " model = coalesce($6, model), sources = $7, metrics = $8,"
    " error_code = $9, error_message = $10, finish_reason = $11,"
    " last_sequence = $12, timestamp = $13 WHERE message_id = $1"
    " AND user_id = $2 AND status = 'streaming'";
static const char SQL_IS_MINE[] =
    "SELECT 1 FROM messages WHERE message_id = $1 AND user_id = $2";
static const char SQL_REVISE[] =
    "UPDATE sessions SET revision = revision + 1 WHERE session_id ="
    " (SELECT session_id FROM messages WHERE message_id = $1)";

static const char SQL_OVERWRITE[] =
    "UPDATE messages SET content = $2, status = $3,"
    " model = coalesce($4, model), sources = $5, metrics = $6,"
    " error_code = $7, error_message = $8, reasoning = NULL,"
    " finish_reason = NULL, timestamp = $9 WHERE message_id = $1";

enum ownership { NOBODYS, OURS, OTHERS };

static enum rc session_owner(
    struct pg *db, struct str id, struct str user_id, enum ownership *ret)
{
    enum ownership found = NOBODYS;
    struct pg_query q = pg_start(db, SQL_SESSION_OWNER);
    pg_text(&q, id);
    if (pg_row(&q)) {
        bool deleted = pg_col_view(&q, 1).p != NULL;
        bool ours = str_eq(pg_col_view(&q, 0), user_id);
        found = ours && !deleted ? OURS : OTHERS;
    }
    enum rc rc = pg_end(&q);
    if (rc == RC_OK)
        *ret = found;
    return rc;
}

/* What is known of a message id; text lives in the operation's arena. */
struct owned_message {
    enum ownership owner;
    struct str session_id;
    struct str content;
    enum store_role role;
    enum store_status status;
};

static enum rc whose_message(struct pg *db, struct store_op *op, struct str id,
    struct owned_message *ret)
{
    struct owned_message m = {0};
    if (id.n == 0) {
        *ret = m;
        return RC_OK;
    }
    struct pg_query q = pg_start(db, SQL_WHOSE_MESSAGE);
    pg_text(&q, id);
    if (pg_row(&q)) {
        m.owner = str_eq(pg_col_view(&q, 0), op->user_id) ? OURS : OTHERS;
        m.session_id = pg_col_text(&q, 1, op->arena);
        m.role = store_role_parse(pg_col_view(&q, 2));
        m.status = store_status_parse(pg_col_view(&q, 3));
        m.content = pg_col_text(&q, 4, op->arena);
    }
    enum rc rc = pg_end(&q);
    if (rc == RC_OK)
        *ret = m;
    return rc;
}

/* Id of the message that streams in a session, absent when none does. */
static enum rc streaming_in(
    struct pg *db, struct store_op *op, struct str session_id, struct str *ret)
{
    struct str id = {0};
    struct pg_query q = pg_start(db, SQL_STREAMING_IN);
    pg_text(&q, session_id);
    if (pg_row(&q))
        id = pg_col_text(&q, 0, op->arena);
    enum rc rc = pg_end(&q);
    if (rc == RC_OK)
        *ret = id;
    return rc;
}

struct turn {
    struct str session_id;
    struct str user_id;
    struct str user_email;
    struct str first_query;
    struct str title;
    int64_t now_us;
};

/* Makes the session of a turn, or marks that something happened in it. */
static enum rc put_session(
    struct pg *db, const struct turn *t, enum ownership owner)
{
    char now[TIMESTAMP_SIZE];
    struct pg_query q =
        pg_start(db, owner == NOBODYS ? SQL_NEW_SESSION : SQL_TOUCH_SESSION);
    pg_text(&q, t->session_id);
    if (owner == NOBODYS) {
        pg_text(&q, t->user_id);
        pg_text(&q, t->user_email);
        pg_text(&q, t->first_query);
        pg_text(&q, t->title);
        pg_time(&q, t->now_us, now);
        pg_int(&q, t->now_us);
    } else {
        pg_time(&q, t->now_us, now);
        pg_int(&q, t->now_us);
        pg_text(&q, t->first_query);
        pg_text(&q, t->title);
    }
    return pg_defer(&q);
}

static enum rc insert_message(struct pg *db, const struct store_message *m)
{
    char timestamp[TIMESTAMP_SIZE], created[TIMESTAMP_SIZE];
    struct pg_query q = pg_start(db, SQL_INSERT);
    pg_text(&q, m->message_id);
    pg_text(&q, m->session_id);
    pg_text(&q, m->user_id);
    pg_given(&q, m->content);
    pg_text(&q, str_from_c(store_role_name(m->role)));
    pg_text(&q, m->model);
    pg_time(&q, m->timestamp_us, timestamp);
    pg_text(&q, m->sources);
    pg_text(&q, m->metrics);
    pg_time(&q, m->created_at_us, created);
    pg_text(&q, m->parent_id);
    pg_text(&q, str_from_c(store_status_name(m->status)));
    pg_text(&q, m->error_code);
    pg_text(&q, m->error_message);
    pg_text(&q, m->trace_id);
    pg_text(&q, str_from_c(db->config->options.node));
    return pg_defer(&q);
}

static struct str fresh_id(struct store_op *op)
{
    char id[ID_SIZE];
    id_new(id);
    return arena_str(op->arena, str_from_c(id));
}

/* Sent again: finds the reply that was made the first time. */
static enum rc repeat_turn(
    struct pg *db, struct store_op *op, const struct owned_message *known)
{
    struct store_add_turn *t = &op->add_turn;
    struct str reply = {0};
    if (!str_eq(known->session_id, t->session_id) ||
        known->role != STORE_ROLE_USER) {
        t->reply_id = reply;
        return RC_CONFLICT;
    }
    struct pg_query q = pg_start(db, SQL_REPLY_TO);
    pg_text(&q, t->session_id);
    pg_text(&q, t->user_message_id);
    if (pg_row(&q)) {
        reply = pg_col_text(&q, 0, op->arena);
        t->reply_status = store_status_parse(pg_col_view(&q, 1));
    }
    enum rc rc = pg_end(&q);
    t->reply_id = reply;
    t->repeated = true;
    return rc == RC_OK && reply.p == NULL ? RC_CONFLICT : rc;
}

/* The user's message and the row of the reply. */
static enum rc insert_turn(
    struct pg *db, struct store_op *op, enum ownership owner)
{
    const struct store_add_turn *t = &op->add_turn;
    struct turn turn = {t->session_id, op->user_id, t->user_email, t->content,
        t->title, t->now_us};
    struct store_message message = {
        .message_id = t->user_message_id,
        .session_id = t->session_id,
        .user_id = op->user_id,
        .content = t->content,
        .role = STORE_ROLE_USER,
        .timestamp_us = t->now_us,
        .created_at_us = t->now_us,
        .status = STORE_COMPLETE,
        .trace_id = t->trace_id,
    };
    enum rc rc = put_session(db, &turn, owner);
    if (rc == RC_OK)
        rc = insert_message(db, &message);
    message.message_id = t->reply_id;
    message.content = STR("");
    message.role = STORE_ROLE_ASSISTANT;
    message.model = t->model;
    message.parent_id = t->user_message_id;
    message.status = STORE_STREAMING;
    if (rc == RC_OK)
        rc = insert_message(db, &message);
    return rc == RC_OK ? pg_log_start(db, t->reply_id) : rc;
}

enum rc pg_verb_add_turn(struct pg *db, struct store_op *op)
{
    struct store_add_turn *t = &op->add_turn;
    enum ownership owner = NOBODYS;
    struct owned_message known = {0};
    struct str streaming = {0};
    t->repeated = t->session_created = false;
    t->reply_status = STORE_STREAMING;
    enum rc rc = session_owner(db, t->session_id, op->user_id, &owner);
    if (rc == RC_OK && owner == OTHERS)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = whose_message(db, op, t->user_message_id, &known);
    if (rc == RC_OK && known.owner == OURS)
        return repeat_turn(db, op, &known);
    if (rc == RC_OK)
        rc = streaming_in(db, op, t->session_id, &streaming);
    if (rc != RC_OK)
        return rc;
    if (streaming.p != NULL) {
        t->reply_id = streaming;
        return RC_CONFLICT;
    }
    if (known.owner == OTHERS || t->user_message_id.n == 0)
        t->user_message_id = fresh_id(op);
    t->session_created = owner == NOBODYS;
    return insert_turn(db, op, owner);
}

/* Keeps what a message says now beside it. */
static enum rc keep_variant(struct pg *db, struct str id, int64_t now_us)
{
    char now[TIMESTAMP_SIZE];
    struct pg_query q = pg_start(db, SQL_KEEP_VARIANT);
    pg_text(&q, id);
    pg_time(&q, now_us, now);
    enum rc rc = pg_defer(&q);
    if (rc != RC_OK)
        return rc;
    q = pg_start(db, SQL_UNRATE);
    pg_text(&q, id);
    return pg_defer(&q);
}

static enum rc restart_message(struct pg *db, struct store_op *op)
{
    struct store_regenerate *r = &op->regenerate;
    char now[TIMESTAMP_SIZE];
    struct pg_query q = pg_start(db, SQL_RESTART);
    pg_text(&q, r->message_id);
    pg_text(&q, r->model);
    pg_text(&q, r->trace_id);
    pg_time(&q, r->now_us, now);
    pg_text(&q, str_from_c(db->config->options.node));
    enum rc rc = pg_defer(&q);
    if (rc != RC_OK)
        return rc;
    struct turn turn = {.session_id = r->session_id, .now_us = r->now_us};
    rc = put_session(db, &turn, OURS);
    return rc == RC_OK ? pg_log_start(db, r->message_id) : rc;
}

/* The question that a reply answers and the number of its variants. */
static enum rc describe_reply(struct pg *db, struct store_op *op)
{
    struct store_regenerate *r = &op->regenerate;
    r->question = r->question_id = (struct str){0};
    struct pg_query q = pg_start(db, SQL_QUESTION);
    pg_text(&q, r->message_id);
    if (pg_row(&q)) {
        r->question_id = pg_col_text(&q, 0, op->arena);
        r->question = pg_col_text(&q, 1, op->arena);
    }
    enum rc rc = pg_end(&q);
    if (rc != RC_OK)
        return rc;
    q = pg_start(db, SQL_COUNT_VARIANTS);
    pg_text(&q, r->message_id);
    if (pg_row(&q))
        r->variants = pg_col_int(&q, 0);
    return pg_end(&q);
}

enum rc pg_verb_regenerate(struct pg *db, struct store_op *op)
{
    struct store_regenerate *r = &op->regenerate;
    enum ownership owner = NOBODYS;
    struct owned_message known = {0};
    r->streaming_id = (struct str){0};
    enum rc rc = session_owner(db, r->session_id, op->user_id, &owner);
    if (rc == RC_OK)
        rc = whose_message(db, op, r->message_id, &known);
    if (rc == RC_OK && (owner != OURS || known.owner != OURS ||
                           known.role != STORE_ROLE_ASSISTANT ||
                           !str_eq(known.session_id, r->session_id)))
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = streaming_in(db, op, r->session_id, &r->streaming_id);
    if (rc == RC_OK && r->streaming_id.p != NULL)
        rc = RC_CONFLICT;
    if (rc == RC_OK)
        rc = keep_variant(db, r->message_id, r->now_us);
    if (rc == RC_OK)
        rc = restart_message(db, op);
    if (rc == RC_OK)
        rc = describe_reply(db, op);
    bool unknown = r->question.n == 0 && !r->has_question;
    return rc == RC_OK && unknown ? RC_INVALID : rc;
}

static enum rc write_end(struct pg *db, struct store_op *op, bool *ret_done)
{
    const struct store_finish_reply *f = &op->finish_reply;
    char timestamp[TIMESTAMP_SIZE];
    struct pg_query q = pg_start(db, SQL_FINISH);
    pg_text(&q, f->message_id);
    pg_text(&q, op->user_id);
    pg_text(&q, str_from_c(store_status_name(f->status)));
    pg_given(&q, f->content);
    pg_text(&q, f->reasoning);
    pg_text(&q, f->model);
    pg_text(&q, f->sources);
    pg_text(&q, f->metrics);
    pg_text(&q, f->error_code);
    pg_text(&q, f->error_message);
    pg_text(&q, f->finish_reason);
    pg_int(&q, f->last_sequence);
    pg_time(&q, f->timestamp_us, timestamp);
    enum rc rc = pg_run(&q);
    *ret_done = rc == RC_OK && pg_changes(db) == 1;
    return rc;
}

/* Why there was no streaming message to end. */
static enum rc why_not_streaming(struct pg *db, struct store_op *op)
{
    struct pg_query q = pg_start(db, SQL_IS_MINE);
    pg_text(&q, op->finish_reply.message_id);
    pg_text(&q, op->user_id);
    bool mine = pg_row(&q);
    enum rc rc = pg_end(&q);
    if (rc != RC_OK)
        return rc;
    return mine ? RC_CONFLICT : RC_NOT_FOUND;
}

enum rc pg_verb_finish_reply(struct pg *db, struct store_op *op)
{
    const struct store_finish_reply *f = &op->finish_reply;
    bool done = false;
    size_t dropped = 0;
    if (f->status == STORE_STREAMING)
        return RC_INVALID;
    enum rc rc = write_end(db, op, &done);
    if (rc == RC_OK && !done)
        return why_not_streaming(db, op);
    if (rc == RC_OK)
        rc = pg_log_append(db, f->events, f->event_count, &dropped);
    if (rc == RC_OK)
        rc = pg_log_finish(db, f->message_id, f->timestamp_us);
    if (rc != RC_OK)
        return rc;
    struct pg_query q = pg_start(db, SQL_REVISE);
    pg_text(&q, f->message_id);
    return pg_defer(&q);
}

static enum rc insert_record(struct pg *db, struct store_op *op)
{
    const struct store_record_message *r = &op->record_message;
    return insert_message(db,
        &(struct store_message){
            .message_id = r->message_id,
            .session_id = r->session_id,
            .user_id = op->user_id,
            .content = r->content,
            .role = r->role,
            .model = r->model,
            .timestamp_us = r->timestamp_us != 0 ? r->timestamp_us : r->now_us,
            .created_at_us = r->now_us,
            .sources = r->sources,
            .metrics = r->metrics,
            .status = r->status,
            .error_code = r->error_code,
            .error_message = r->error_message,
        });
}

/* Writes a client's report over a message; what it said becomes a variant. */
static enum rc overwrite(
    struct pg *db, struct store_op *op, const struct owned_message *known)
{
    const struct store_record_message *r = &op->record_message;
    char timestamp[TIMESTAMP_SIZE];
    if (known->role != STORE_ROLE_ASSISTANT ||
        known->status == STORE_STREAMING ||
        !str_eq(known->session_id, r->session_id))
        return RC_CONFLICT;
    enum rc rc = RC_OK;
    if (known->content.n > 0 && !str_eq(known->content, r->content))
        rc = keep_variant(db, r->message_id, r->now_us);
    if (rc != RC_OK)
        return rc;
    struct pg_query q = pg_start(db, SQL_OVERWRITE);
    pg_text(&q, r->message_id);
    pg_given(&q, r->content);
    pg_text(&q, str_from_c(store_status_name(r->status)));
    pg_text(&q, r->model);
    pg_text(&q, r->sources);
    pg_text(&q, r->metrics);
    pg_text(&q, r->error_code);
    pg_text(&q, r->error_message);
    pg_time(&q, r->timestamp_us != 0 ? r->timestamp_us : r->now_us, timestamp);
    return pg_defer(&q);
}

enum rc pg_verb_record_message(struct pg *db, struct store_op *op)
{
    struct store_record_message *r = &op->record_message;
    struct turn turn = {.session_id = r->session_id,
        .user_id = op->user_id,
        .user_email = r->user_email,
        .now_us = r->now_us};
    enum ownership owner = NOBODYS;
    struct owned_message known = {0};
    if (r->status == STORE_STREAMING)
        return RC_INVALID;
    enum rc rc = session_owner(db, r->session_id, op->user_id, &owner);
    if (rc == RC_OK && owner == OTHERS)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = whose_message(db, op, r->message_id, &known);
    if (rc == RC_OK && known.owner == OURS)
        rc = overwrite(db, op, &known);
    if (rc != RC_OK)
        return rc;
    rc = put_session(db, &turn, owner);
    if (rc != RC_OK || known.owner == OURS)
        return rc;
    if (known.owner == OTHERS || r->message_id.n == 0)
        r->message_id = fresh_id(op);
    return insert_record(db, op);
}
