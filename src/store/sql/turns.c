#include "base/id.h"
#include "base/timestamp.h"

#include "store/sql/verbs.h"

/* What a person's turn and a reply's end write. */

#define OWNER                                                                  \
    "SELECT user_id, deleted_at, settings, " UNTITLED                          \
    " FROM sessions WHERE session_id = $1"
static const struct sql SQL_SESSION_OWNER =
    SQL_EACH(OWNER, OWNER " FOR UPDATE");
static const struct sql SQL_NEW_SESSION = SQL(
    "INSERT INTO sessions(session_id, user_id, user_email, first_query, title,"
    " timestamp, is_active, created_at, updated_us, revision, settings)"
    " VALUES($1, $2, $3, $4, $5, $6, 1, $6, $7, 1, $8)");
#define TOUCH(later, larger)                                                   \
    "UPDATE sessions SET timestamp = " later ", updated_us = " larger          \
    "(updated_us, $3), is_active = 1, revision = revision + 1,"                \
    " first_query = coalesce(first_query, $4), title = coalesce(title, $5)"    \
    " WHERE session_id = $1"
static const struct sql SQL_TOUCH_SESSION =
    SQL_EACH(TOUCH("coalesce(max(timestamp, $2), $2)", "max"),
        TOUCH("greatest(timestamp, $2)", "greatest"));

static const struct sql SQL_WHOSE_MESSAGE =
    SQL("SELECT user_id, session_id, role, status, content, variant, variants,"
        " start_key, hidden FROM messages WHERE message_id = $1");
static const struct sql SQL_REPLY_TO =
    SQL("SELECT message_id, status FROM messages WHERE session_id = $1"
        " AND parent_id = $2 AND role = 'assistant' ORDER BY position LIMIT 1");
static const struct sql SQL_STREAMING_IN =
    SQL("SELECT message_id FROM messages WHERE session_id = $1"
        " AND status = 'streaming' LIMIT 1");
/*
 * $11 is the parent; absent: the last message shown. SQLite would put what is
 * selected from the table that it inserts into in a table of its own first.
 */
#define INSERT_MESSAGE                                                         \
    "INSERT INTO messages(message_id, session_id, user_id, content, role,"     \
    " model, timestamp, sources, metrics, created_at, parent_id,"              \
    " parent_variant, status, error_code, error_message, trace_id, position,"  \
    " node)"
#define NEXT_POSITION                                                          \
    "(SELECT coalesce(max(position), 0) + 1 AS position FROM messages"         \
    "  WHERE session_id = $2)"
#define IS_PARENT                                                              \
    "p.message_id = coalesce($11, (SELECT l.message_id FROM messages l"        \
    " WHERE l.session_id = $2 AND l.hidden = 0"                                \
    " ORDER BY l.position DESC LIMIT 1))"
#define PARENT(column) "(SELECT " column " FROM messages p WHERE " IS_PARENT ")"
static const struct sql SQL_INSERT = SQL_EACH(INSERT_MESSAGE
    " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
    " " PARENT("p.message_id") ", coalesce(" PARENT(
        "p.variant") ", 1), $12, $13, $14, $15, " NEXT_POSITION ", $16)",
    INSERT_MESSAGE " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
                   " p.message_id, coalesce(p.variant, 1), $12, $13, $14, $15,"
                   " n.position, $16 FROM " NEXT_POSITION " n"
                   " LEFT JOIN messages p ON " IS_PARENT);

static const struct sql SQL_FINISH =
    SQL("UPDATE messages SET status = $3, content = $4, reasoning = $5,"
        " model = coalesce($6, model), sources = $7, metrics = $8,"
        " error_code = $9, error_message = $10, finish_reason = $11,"
        " last_sequence = $12, timestamp = $13,"
        " trace_id = coalesce($14, trace_id), parts = $15 WHERE message_id = $1"
        " AND user_id = $2 AND status = 'streaming'");
#define STREAMING                                                              \
    "SELECT session_id, status FROM messages WHERE message_id = $1"            \
    " AND user_id = $2"
static const struct sql SQL_STREAMING =
    SQL_EACH(STREAMING, STREAMING " FOR UPDATE");
static const struct sql SQL_REVISE =
    SQL("UPDATE sessions SET revision = revision + 1 WHERE session_id = $1");

static const struct sql SQL_OVERWRITE =
    SQL("UPDATE messages SET content = $2, status = $3,"
        " model = coalesce($4, model), sources = $5, metrics = $6,"
        " error_code = $7, error_message = $8, reasoning = NULL,"
        " finish_reason = NULL, parts = NULL, trace_id = NULL, timestamp = $9,"
        " last_sequence = 0"
        " WHERE message_id = $1");

enum rc session_owner(
    struct db *db, struct store_op *op, struct str id, enum ownership *ret)
{
    enum ownership found = NOBODYS;
    struct query q = query_start(db, &SQL_SESSION_OWNER);
    query_text(&q, id);
    if (query_row(&q)) {
        bool deleted = query_col_view(&q, 1).p != NULL;
        bool ours = str_eq(query_col_view(&q, 0), op->user_id);
        found = ours && !deleted ? OURS : OTHERS;
        if (found == OURS) {
            op->settings = query_col_text(&q, 2, op->arena);
            op->untitled = query_col_int(&q, 3) != 0;
        }
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = found;
    return rc;
}

enum rc whose_message(struct db *db, struct store_op *op, struct str id,
    struct owned_message *ret)
{
    struct owned_message m = {0};
    if (id.n == 0) {
        *ret = m;
        return RC_OK;
    }
    struct query q = query_start(db, &SQL_WHOSE_MESSAGE);
    query_text(&q, id);
    if (query_row(&q)) {
        m.owner = str_eq(query_col_view(&q, 0), op->user_id) ? OURS : OTHERS;
        m.session_id = query_col_text(&q, 1, op->arena);
        m.role = store_role_parse(query_col_view(&q, 2));
        m.status = store_status_parse(query_col_view(&q, 3));
        m.content = query_col_text(&q, 4, op->arena);
        m.variant = query_col_int(&q, 5);
        m.variants = query_col_int(&q, 6);
        m.start_key = query_col_text(&q, 7, op->arena);
        m.hidden = query_col_int(&q, 8) != 0;
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = m;
    return rc;
}

/* Id of the message that streams in a session, absent when none does. */
enum rc streaming_in(
    struct db *db, struct store_op *op, struct str session_id, struct str *ret)
{
    struct str id = {0};
    struct query q = query_start(db, &SQL_STREAMING_IN);
    query_text(&q, session_id);
    if (query_row(&q))
        id = query_col_text(&q, 0, op->arena);
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = id;
    return rc;
}

/* Makes the session of a turn, or marks that something happened in it. */
enum rc put_session(struct db *db, const struct turn *t, enum ownership owner)
{
    char now[TIMESTAMP_SIZE];
    struct query q = query_start(
        db, owner == NOBODYS ? &SQL_NEW_SESSION : &SQL_TOUCH_SESSION);
    query_text(&q, t->session_id);
    if (owner == NOBODYS) {
        query_text(&q, t->user_id);
        query_text(&q, t->user_email);
        query_text(&q, t->first_query);
        query_text(&q, t->title);
        query_time(&q, t->now_us, now);
        query_int(&q, t->now_us);
        query_text(&q, t->settings);
    } else {
        query_time(&q, t->now_us, now);
        query_int(&q, t->now_us);
        query_text(&q, t->first_query);
        query_text(&q, t->title);
    }
    return query_defer(&q);
}

enum rc insert_message(struct db *db, const struct store_message *m)
{
    char timestamp[TIMESTAMP_SIZE], created[TIMESTAMP_SIZE];
    struct query q = query_start(db, &SQL_INSERT);
    query_text(&q, m->message_id);
    query_text(&q, m->session_id);
    query_text(&q, m->user_id);
    query_given(&q, m->content);
    query_text(&q, str_from_c(store_role_name(m->role)));
    query_text(&q, m->model);
    query_time(&q, m->timestamp_us, timestamp);
    query_text(&q, m->sources);
    query_text(&q, m->metrics);
    query_time(&q, m->created_at_us, created);
    query_text(&q, m->parent_id);
    query_text(&q, str_from_c(store_status_name(m->status)));
    query_text(&q, m->error_code);
    query_text(&q, m->error_message);
    query_text(&q, m->trace_id);
    query_text(&q, str_from_c(db->node));
    return query_defer(&q);
}

struct str fresh_id(struct store_op *op)
{
    char id[ID_SIZE];
    id_new(id);
    return arena_str(op->arena, str_from_c(id));
}

/* Tells the feed of a message and of the session made for it. */
static enum rc note_message(struct db *db, struct store_op *op,
    enum ownership owner, const struct store_message *m)
{
    enum rc rc = RC_OK;
    if (owner == NOBODYS)
        rc = changes_add(
            db, op, STORE_CHANGE_CHAT, m->session_id, (struct str){0});
    if (rc != RC_OK)
        return rc;
    return changes_add(
        db, op, STORE_CHANGE_MESSAGE, m->session_id, m->message_id);
}

/* Sent again: finds the reply that was made the first time. */
static enum rc repeat_turn(
    struct db *db, struct store_op *op, const struct owned_message *known)
{
    struct store_add_turn *t = &op->add_turn;
    struct str reply = {0};
    if (!str_eq(known->session_id, t->session_id) ||
        known->role != STORE_ROLE_USER) {
        t->reply_id = reply;
        return RC_CONFLICT;
    }
    struct query q = query_start(db, &SQL_REPLY_TO);
    query_text(&q, t->session_id);
    query_text(&q, t->user_message_id);
    if (query_row(&q)) {
        reply = query_col_text(&q, 0, op->arena);
        t->reply_status = store_status_parse(query_col_view(&q, 1));
    }
    enum rc rc = query_end(&q);
    t->reply_id = reply;
    t->repeated = true;
    return rc == RC_OK && reply.p == NULL ? RC_CONFLICT : rc;
}

/* The user's message and the row of the reply. */
static enum rc insert_turn(
    struct db *db, struct store_op *op, enum ownership owner)
{
    const struct store_add_turn *t = &op->add_turn;
    struct turn turn = {t->session_id, op->user_id, t->user_email, t->content,
        t->title, t->now_us, t->settings};
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
    if (rc == RC_OK)
        rc = log_new(db, t->reply_id);
    return rc == RC_OK ? note_message(db, op, owner, &message) : rc;
}

enum rc verb_add_turn(struct db *db, struct store_op *op)
{
    struct store_add_turn *t = &op->add_turn;
    enum ownership owner = NOBODYS;
    struct owned_message known = {0};
    struct str streaming = {0};
    t->repeated = t->session_created = false;
    t->reply_status = STORE_STREAMING;
    enum rc rc = session_owner(db, op, t->session_id, &owner);
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
    if (t->session_created) {
        op->settings = t->settings;
        op->untitled = true;
    }
    return insert_turn(db, op, owner);
}

static enum rc write_end(struct db *db, struct store_op *op)
{
    const struct store_finish_reply *f = &op->finish_reply;
    char timestamp[TIMESTAMP_SIZE];
    struct query q = query_start(db, &SQL_FINISH);
    query_text(&q, f->message_id);
    query_text(&q, op->user_id);
    query_text(&q, str_from_c(store_status_name(f->status)));
    query_given(&q, f->content);
    query_text(&q, f->reasoning);
    query_text(&q, f->model);
    query_text(&q, f->sources);
    query_text(&q, f->metrics);
    query_text(&q, f->error_code);
    query_text(&q, f->error_message);
    query_text(&q, f->finish_reason);
    query_int(&q, f->last_sequence);
    query_time(&q, f->timestamp_us, timestamp);
    query_text(&q, f->trace_id);
    query_text(&q, f->parts);
    return query_defer(&q);
}

/* The chat of a reply of the caller that streams. */
static enum rc find_streaming(
    struct db *db, struct store_op *op, struct str *ret_session)
{
    enum rc found = RC_NOT_FOUND;
    struct query q = query_start(db, &SQL_STREAMING);
    query_text(&q, op->finish_reply.message_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        *ret_session = query_col_text(&q, 0, op->arena);
        bool streams =
            store_status_parse(query_col_view(&q, 1)) == STORE_STREAMING;
        found = streams ? RC_OK : RC_CONFLICT;
    }
    enum rc rc = query_end(&q);
    return rc == RC_OK ? found : rc;
}

enum rc verb_finish_reply(struct db *db, struct store_op *op)
{
    const struct store_finish_reply *f = &op->finish_reply;
    struct str session_id = {0};
    if (f->status == STORE_STREAMING)
        return RC_INVALID;
    enum rc rc = find_streaming(db, op, &session_id);
    if (rc == RC_OK)
        rc = write_end(db, op);
    if (rc == RC_OK)
        rc = log_append(db, f->events, f->event_count, NULL);
    if (rc == RC_OK)
        rc = log_finish(db, f->message_id, f->timestamp_us);
    if (rc == RC_OK)
        rc = usage_add(
            db, op, f->timestamp_us, f->prompt_tokens, f->completion_tokens);
    if (rc == RC_OK && f->tell && f->trace_id.p != NULL)
        rc = outbox_note(db, f->message_id);
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_MESSAGE, session_id, f->message_id);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &SQL_REVISE);
    query_text(&q, session_id);
    return query_defer(&q);
}

static struct store_message message_of_record(const struct store_op *op)
{
    const struct store_record_message *r = &op->record_message;
    return (struct store_message){
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
    };
}

/* Writes a client's report over a message; what it said becomes a variant. */
static enum rc overwrite(
    struct db *db, struct store_op *op, const struct owned_message *known)
{
    const struct store_record_message *r = &op->record_message;
    char timestamp[TIMESTAMP_SIZE];
    if (known->role != STORE_ROLE_ASSISTANT ||
        known->status == STORE_STREAMING ||
        !str_eq(known->session_id, r->session_id))
        return RC_CONFLICT;
    enum rc rc = RC_OK;
    if (known->content.n > 0 && !str_eq(known->content, r->content))
        rc = tree_new_variant(db, r->message_id, known, false, r->now_us);
    if (rc == RC_OK)
        rc = log_drop(db, r->message_id);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &SQL_OVERWRITE);
    query_text(&q, r->message_id);
    query_given(&q, r->content);
    query_text(&q, str_from_c(store_status_name(r->status)));
    query_text(&q, r->model);
    query_text(&q, r->sources);
    query_text(&q, r->metrics);
    query_text(&q, r->error_code);
    query_text(&q, r->error_message);
    query_time(
        &q, r->timestamp_us != 0 ? r->timestamp_us : r->now_us, timestamp);
    return query_defer(&q);
}

enum rc verb_record_message(struct db *db, struct store_op *op)
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
    enum rc rc = session_owner(db, op, r->session_id, &owner);
    if (rc == RC_OK && owner == OTHERS)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = whose_message(db, op, r->message_id, &known);
    if (rc == RC_OK && known.owner == OURS)
        rc = overwrite(db, op, &known);
    if (rc != RC_OK)
        return rc;
    rc = put_session(db, &turn, owner);
    if (known.owner == OTHERS || r->message_id.n == 0)
        r->message_id = fresh_id(op);
    struct store_message message = message_of_record(op);
    if (rc == RC_OK && known.owner != OURS)
        rc = insert_message(db, &message);
    return rc == RC_OK ? note_message(db, op, owner, &message) : rc;
}
