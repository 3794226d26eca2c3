#ifndef STORE_SQL_VERBS_H
#define STORE_SQL_VERBS_H

#include "store/sql/sql.h"

/* Private to src/store/sql: the verbs, and what several of them need. */

verb_fn verb_add_turn, verb_regenerate, verb_finish_reply,
    verb_record_message;                                         /* turns.c */
verb_fn verb_edit_turn, verb_switch_variant, verb_list_variants; /* tree.c */
verb_fn verb_continue_reply;                                   /* continue.c */
verb_fn verb_append_events, verb_read_events;                  /* events.c */
verb_fn verb_load_context, verb_get_message, verb_get_session; /* read.c */
verb_fn verb_list_sessions;                                    /* list.c */
verb_fn verb_update_session, verb_delete_session, verb_restore_session,
    verb_ask_title, verb_put_title;     /* sessions.c */
verb_fn verb_erase_session, verb_purge; /* erase.c */
verb_fn verb_queue_put, verb_queue_list, verb_queue_delete,
    verb_send_queued;                    /* queue.c */
verb_fn verb_draft_put, verb_draft_list; /* drafts.c */
verb_fn verb_read_changes;               /* changes.c */
verb_fn verb_credential_put, verb_credential_get, verb_credential_delete,
    verb_credential_list;                /* credentials.c */
verb_fn verb_take_rate, verb_read_usage; /* usage.c */
verb_fn verb_heartbeat, verb_recover, verb_request_stop,
    verb_watch_reply;                                    /* nodes.c */
verb_fn verb_search;                                     /* search.c */
verb_fn verb_dump_rows, verb_load_rows, verb_list_users; /* rows.c */
verb_fn verb_read_places, verb_import_chat;              /* import.c */
verb_fn verb_genie_get, verb_genie_put;                  /* genie.c */
verb_fn verb_check;                                      /* check.c */
verb_fn verb_rate;                                       /* feedback.c */
verb_fn verb_outbox_take, verb_outbox_done;              /* outbox.c */
verb_fn verb_list_rated, verb_read_path;                 /* rated.c */

/* PostgreSQL's own clock in microseconds: those of machines need not agree. */
#define SQL_NOW_US "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

/* ---- turns.c ---- */

/* OTHERS: somebody else's, or (a session) deleted. */
enum ownership { NOBODYS, OURS, OTHERS };

/*
 * Whose a session is; PostgreSQL also locks its row until the commit. One of
 * the caller's leaves its settings in op.
 */
enum rc session_owner(
    struct db *db, struct store_op *op, struct str id, enum ownership *ret);

/* What is known of a message id; text lives in the operation's arena. */
struct owned_message {
    enum ownership owner;
    struct str session_id;
    struct str content;
    enum store_role role;
    enum store_status status;
    int64_t variant, variants;
    struct str start_key; /* absent: what is shown was begun without one */
    bool hidden;
};

enum rc whose_message(struct db *db, struct store_op *op, struct str id,
    struct owned_message *ret);

/* Id of the message that streams in a session, absent when none does. */
enum rc streaming_in(
    struct db *db, struct store_op *op, struct str session_id, struct str *ret);

struct turn {
    struct str session_id;
    struct str user_id;
    struct str user_email;
    struct str first_query;
    struct str title;
    int64_t now_us;
    struct str settings;
};

/* Makes the session of a turn, or marks that something happened in it. */
enum rc put_session(struct db *db, const struct turn *t, enum ownership owner);

/*
 * Adds a message's row behind the last one of its session. It hangs on the
 * variant shown of parent_id, or, without one, of the last message shown.
 */
enum rc insert_message(struct db *db, const struct store_message *m);

struct str fresh_id(struct store_op *op);

/* ---- tree.c ---- */

/*
 * Keeps what a message says now, with its rating, and makes room for a new
 * variant, which gets the number m->variants + 1. What hangs on the old one
 * hangs on the new one then, or, with branch, is hidden.
 */
enum rc tree_new_variant(struct db *db, struct str message_id,
    const struct owned_message *m, bool branch, int64_t now_us);

/* Hides and shows what hangs on a message, as its variant shown says. */
enum rc tree_show_below(struct db *db, struct str message_id);

/*
 * A message of the caller in a chat that is there, whose settings are left in
 * op; locks the chat.
 */
enum rc tree_find(struct db *db, struct store_op *op, struct str message_id,
    struct owned_message *ret);

/*
 * RC_CONFLICT when a reply streams in the message's chat (*ret_streaming is
 * its id) or when the message is not shown.
 */
enum rc tree_may_change(struct db *db, struct store_op *op,
    const struct owned_message *m, struct str *ret_streaming);

/* The question that a reply answers; both absent when there is none. */
enum rc tree_question(struct db *db, struct store_op *op, struct str reply_id,
    struct str *ret_id, struct str *ret_text);

/* ---- events.c ---- */

/* The text, reasoning and parts that a reply's log holds, in arena. */
struct log_text {
    struct str content;
    struct str reasoning; /* absent when there is none, as the parts */
    struct str parts;
    int64_t last_sequence;
};

enum rc log_collect(struct db *db, struct str message_id, struct arena *arena,
    struct log_text *ret);

/* Forgets a message's log. */
enum rc log_drop(struct db *db, struct str message_id);

/* Makes the log of a reply whose message is new. */
enum rc log_new(struct db *db, struct str message_id);

/* Starts an empty log for a reply that begins (again). */
enum rc log_start(struct db *db, struct str message_id);

/*
 * Appends to the log of a streaming reply. `dropped` (or NULL) counts what
 * was not taken, as in query_defer_counted().
 */
enum rc log_append(struct db *db, const struct store_event *events,
    size_t count, size_t *dropped);

/* Marks the log as ended: it takes no more and may be purged later. */
enum rc log_finish(struct db *db, struct str message_id, int64_t now_us);

/* Drops what replies that ended before events_us have left; p->logs, more. */
enum rc purge_logs(struct db *db, struct store_purge *p);

/* The events of a log's row; `row` is the row as if it were one event. */
struct pack_reader {
    struct store_event row;
    struct str marks; /* absent: it is one event */
    size_t text_at, reasoning_at, parts_at;
    int64_t sequence;
    bool over;
};

void pack_begin(
    struct pack_reader *r, const struct store_event *row, struct str marks);

/* The next event, a view into the row. RC_NOT_FOUND: it was the last one. */
enum rc pack_next(struct pack_reader *r, struct store_event *ret);

/*
 * Gives the events of a log behind `after` in order, wherever they are, until
 * take() says that it is enough; up to `limit` at least.
 */
typedef bool log_take_fn(void *ctx, const struct store_event *event);
enum rc log_each(struct db *db, struct str message_id, int64_t after,
    size_t limit, log_take_fn *take, void *ctx);

/* ---- changes.c ---- */

/* The same as changes_add() for another person than the caller. */
enum rc changes_add_for(struct db *db, struct store_op *op, struct str user_id,
    const struct store_change *change);

/* Forgets changes noted before changes_us. */
enum rc purge_changes(struct db *db, struct store_purge *p);

/* ---- feedback.c ---- */

/* A rating as it stands; reasons and comment may be absent. */
struct rated {
    enum store_rating rating;
    struct str reasons;
    struct str comment;
};

/* Reads a column that is RATED(). */
void rated_of(
    const struct query *q, int column, struct arena *arena, struct rated *ret);

/* ---- outbox.c ---- */

/*
 * What was rated of this message is to be told, if it has a trace: a rating,
 * or that there is none any more.
 */
enum rc outbox_note(struct db *db, struct str message_id);

/* ---- usage.c ---- */

/* Adds what something has cost to the day of op->user_id. */
enum rc usage_add(struct db *db, const struct store_op *op, int64_t at_us,
    int64_t prompt_tokens, int64_t completion_tokens);

/* Forgets days before usage_us, and buckets that are full again. */
enum rc purge_usage(struct db *db, const struct store_purge *p);

/* ---- read.c ---- */

/* One row more than asked for tells that there are more; 0 means all. */
int64_t bound_of(size_t limit);

/* A table that the original made may hold a rating twice. */
#define RATING_OF_MESSAGE(what)                                                \
    "(SELECT " what " FROM message_ratings r WHERE"                            \
    " r.message_id = m.message_id AND r.user_id = m.user_id"                   \
    " ORDER BY r.created_at DESC LIMIT 1)"

/*
 * Rating, reasons and comment as one value for rated_of(), so that a chat of
 * ten thousand messages looks for each rating once. NULL without a rating;
 * neither a rating nor JSON holds a control character.
 */
#define RATED_SEPARATOR '\x1f'
#define RATED(r)                                                               \
    r ".rating || '\x1f' || coalesce(" r ".reasons, '') || '\x1f' ||"          \
      " coalesce(" r ".comment, '')"

/* What message_of() takes, of a row of messages called m. */
#define MESSAGE_COLUMNS_WITH(content, reasoning, parts)                        \
    "m.message_id, m.session_id, m.user_id, " content ", m.role, m.model,"     \
    " m.timestamp, m.created_at, m.sources, m.metrics,"                        \
    " " RATING_OF_MESSAGE(                                                     \
        RATED("r")) ","                                                        \
                    " m.parent_id, m.status, " reasoning                       \
                    ", m.error_code, m.error_message,"                         \
                    " m.finish_reason, m.trace_id, m.last_sequence, "          \
                    "m.variant, m.variants,"                                   \
                    " m.hidden, m.parent_variant, " parts
#define MESSAGE_COLUMNS                                                        \
    MESSAGE_COLUMNS_WITH("m.content", "m.reasoning", "m.parts")

/* The same of a variant v that is not shown, of a message m. */
#define VARIANT_COLUMNS                                                        \
    "m.message_id, m.session_id, m.user_id, v.content, m.role, v.model,"       \
    " v.timestamp, m.created_at, v.sources, v.metrics, " RATED(                \
        "v") ","                                                               \
             " m.parent_id, v.status, v.reasoning, v.error_code, "             \
             "v.error_message,"                                                \
             " v.finish_reason, v.trace_id, v.last_sequence, v.variant, "      \
             "m.variants,"                                                     \
             " m.hidden, m.parent_variant, v.parts"

enum { MESSAGE_COLUMN_COUNT = 24 };

struct store_message message_of(const struct query *q, struct arena *arena);

/* Messages that were collected from the newest on, in their order. */
void context_reverse(struct store_context_message *items, size_t count);

/* No model was asked to name this row of sessions, nor did the person. */
#define UNTITLED "CASE WHEN titled = 0 AND auto_title IS NULL THEN 1 ELSE 0 END"

/* What session_of() takes, of a row of sessions called s. */
#define SESSION_COLUMNS                                                        \
    "s.session_id, s.user_id, s.user_email, s.first_query, s.title,"           \
    " s.updated_us, s.created_at, s.is_active, s.pinned, s.archived,"          \
    " s.revision, s.deleted_at, (SELECT count(*) FROM queued_messages w"       \
    "  WHERE w.session_id = s.session_id), s.settings, s.auto_title, s.titled"

struct store_session session_of(const struct query *q, struct arena *arena);

/* Fills in what the log of a message that still streams holds so far. */
enum rc add_live_text(
    struct db *db, struct arena *arena, struct store_message *m);

/* A message of the caller, with its live text. RC_NOT_FOUND. */
enum rc message_get(struct db *db, struct store_op *op, struct str message_id,
    struct store_message *ret);

/* Adds the messages of a chat whose session is filled in. */
enum rc add_messages(
    struct db *db, struct arena *arena, struct store_chat *chat);

/* ---- page.c: some of the messages ---- */

/* The page that GET_SESSION asks for; the session is filled in. */
enum rc page_read(struct db *db, struct store_op *op);

#endif
