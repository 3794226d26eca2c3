#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"
#include "base/str.h"
#include "loop/loop.h"
#include "store/copying.h"
#include "store/feedback.h"
#include "store/genie.h"
#include "store/searching.h"
#include "store/telling.h"
#include "store/types.h"
#include "store/usage.h"

/*
 * Where conversations are kept. A caller makes an operation, fills in the
 * arguments of its verb, submits it, and gets it back in `done` on its loop:
 *
 *     struct store_op *op = store_op_new(loop, STORE_RATE, on_rated, self);
 *     op->user_id = store_op_str(op, user_id);
 *     op->rate.message_id = store_op_str(op, id);
 *     op->rate.rating = STORE_RATING_UP;
 *     store_submit(store, op);
 *
 *     static void on_rated(struct store_op *op)
 *     {
 *         struct thing *self = op->ctx;
 *         ... op->rc, op->error, results in op->rate ...
 *         store_op_free(op);
 *     }
 *
 * Absent text is a struct str whose p is NULL; it is an SQL NULL and differs
 * from the empty text. Times are microseconds since the epoch, 0 for absent.
 * JSON travels as text that the store does not look into.
 *
 * Ownership of data: op->user_id is the caller of every verb that does not
 * say otherwise. What belongs to another user does not exist: RC_NOT_FOUND.
 *
 * Any verb can end with RC_BUSY (queue full), RC_FULL, RC_READ_ONLY,
 * RC_CORRUPT, RC_IO, RC_CLOSED (the store is closing), RC_TOO_LARGE (a bound
 * on one value or result) or RC_INTERNAL; nothing has been changed then.
 * Results are valid only with RC_OK, save where a verb says otherwise.
 */
struct store;

enum { STORE_ERROR_SIZE = 256 };

/* Verbs: identifier, name, kind (R reads, W writes, P a person's action). */
#define STORE_VERBS(X)                                                         \
    X(ADD_TURN, "add_turn", P)                                                 \
    X(REGENERATE, "regenerate", P)                                             \
    X(LOAD_CONTEXT, "load_context", R)                                         \
    X(APPEND_EVENTS, "append_events", W)                                       \
    X(FINISH_REPLY, "finish_reply", P)                                         \
    X(READ_EVENTS, "read_events", R)                                           \
    X(GET_MESSAGE, "get_message", R)                                           \
    X(LIST_SESSIONS, "list_sessions", R)                                       \
    X(GET_SESSION, "get_session", R)                                           \
    X(RATE, "rate", P)                                                         \
    X(OUTBOX_TAKE, "outbox_take", W)                                           \
    X(OUTBOX_DONE, "outbox_done", W)                                           \
    X(LIST_RATED, "list_rated", R)                                             \
    X(READ_PATH, "read_path", R)                                               \
    X(RECORD_MESSAGE, "record_message", P)                                     \
    X(DELETE_SESSION, "delete_session", P)                                     \
    X(PURGE, "purge", W)                                                       \
    X(RECOVER, "recover", P)                                                   \
    X(EDIT_TURN, "edit_turn", P)                                               \
    X(CONTINUE_REPLY, "continue_reply", P)                                     \
    X(SWITCH_VARIANT, "switch_variant", P)                                     \
    X(LIST_VARIANTS, "list_variants", R)                                       \
    X(UPDATE_SESSION, "update_session", P)                                     \
    X(ASK_TITLE, "ask_title", W)                                               \
    X(PUT_TITLE, "put_title", W)                                               \
    X(RESTORE_SESSION, "restore_session", P)                                   \
    X(ERASE_SESSION, "erase_session", P)                                       \
    X(QUEUE_PUT, "queue_put", P)                                               \
    X(QUEUE_LIST, "queue_list", R)                                             \
    X(QUEUE_DELETE, "queue_delete", P)                                         \
    X(SEND_QUEUED, "send_queued", P)                                           \
    X(DRAFT_PUT, "draft_put", W)                                               \
    X(DRAFT_LIST, "draft_list", R)                                             \
    X(READ_CHANGES, "read_changes", R)                                         \
    X(SEARCH, "search", R)                                                     \
    X(REQUEST_STOP, "request_stop", P)                                         \
    X(WATCH_REPLY, "watch_reply", W)                                           \
    X(HEARTBEAT, "heartbeat", W)                                               \
    X(TAKE_RATE, "take_rate", W)                                               \
    X(READ_USAGE, "read_usage", R)                                             \
    X(LIST_USERS, "list_users", R)                                             \
    X(READ_PLACES, "read_places", R)                                           \
    X(IMPORT_CHAT, "import_chat", P)                                           \
    X(DUMP_ROWS, "dump_rows", R)                                               \
    X(LOAD_ROWS, "load_rows", P)                                               \
    X(CHECK, "check", R)                                                       \
    X(CREDENTIAL_PUT, "credential_put", P)                                     \
    X(CREDENTIAL_GET, "credential_get", R)                                     \
    X(CREDENTIAL_DELETE, "credential_delete", P)                               \
    X(CREDENTIAL_LIST, "credential_list", R)                                   \
    X(GENIE_GET, "genie_get", R)                                               \
    X(GENIE_PUT, "genie_put", W)                                               \
    X(PING, "ping", W)                                                         \
    X(STATS, "stats", R)

#define STORE_VERB_ENUM(id, name, kind) STORE_##id,
enum store_verb { STORE_VERBS(STORE_VERB_ENUM) STORE_VERB_COUNT };
#undef STORE_VERB_ENUM

const char *store_verb_name(enum store_verb verb);

/*
 * A person's message and the row of the reply to come, in one transaction.
 * Creates the session (owner, e-mail, first_query = content, title) when the
 * id is new. Sent again with the same user_message_id it changes nothing and
 * returns the reply made then: `repeated`, reply_id, reply_status.
 * RC_NOT_FOUND: the session is somebody else's or deleted. RC_CONFLICT: a
 * reply streams in the session (its id is in reply_id), or user_message_id
 * is the caller's message elsewhere (reply_id is absent). An id that is
 * somebody else's message is replaced by a new one.
 */
struct store_add_turn {
    struct str user_email; /* in */
    struct str session_id;
    struct str title;
    struct str user_message_id; /* in and out */
    struct str reply_id;        /* in: id for the reply's row; out */
    struct str content;
    struct str model;
    struct str settings; /* of a session that is made; JSON or absent */
    struct str trace_id;
    int64_t now_us;
    bool repeated; /* out */
    bool session_created;
    enum store_status reply_status;
};

/*
 * Makes an assistant message stream again: its answer so far is kept as a
 * variant with its rating, then text, reasoning, sources, metrics, error,
 * rating and event log are reset and its status is streaming; the numbers of
 * its events are beyond those of every variant before. What followed
 * hangs on the new variant, or, with `branch`, stays with the old one and is
 * hidden. Sent again with the start_key that made the variant shown now it
 * changes nothing: `repeated`.
 * RC_NOT_FOUND: not an assistant message of the caller in that session.
 * RC_CONFLICT: a reply streams in that session (its id in streaming_id), or
 * the message is not shown. RC_INVALID: nobody knows the question.
 */
struct store_regenerate {
    struct str session_id; /* in */
    struct str message_id;
    struct str model;
    struct str trace_id;
    struct str start_key; /* the client's Idempotency-Key, or absent */
    bool branch;
    int64_t now_us;
    bool has_question;   /* the caller knows one if the store does not */
    bool repeated;       /* out */
    struct str question; /* the user's text it answers; may be absent */
    struct str question_id;
    struct str streaming_id;
    int64_t variant;        /* number of the new one */
    int64_t variants;       /* how many there are now */
    int64_t start_sequence; /* of its start; events come behind it */
};

/*
 * Edit and resend: a user's message gets a new variant with this text, what
 * hung on the one shown before is hidden, and the row of a new reply is made.
 * Sent again with the same start_key: `repeated`, reply_id and reply_status
 * of the reply made then. RC_NOT_FOUND: not a user message of the caller.
 * RC_CONFLICT: as REGENERATE.
 */
struct store_edit_turn {
    struct str message_id; /* in */
    struct str new_reply_id;
    struct str content;
    struct str model;
    struct str start_key; /* as in REGENERATE */
    int64_t now_us;
    bool repeated; /* out */
    struct str session_id;
    struct str reply_id;
    struct str streaming_id;
    enum store_status reply_status;
    int64_t variant, variants;
};

/* Lengths of what a logged event adds. */
struct store_event_mark {
    int64_t sequence;
    size_t text_bytes;
    size_t reasoning_bytes;
    size_t parts_bytes;
};

/*
 * Makes a reply that was stopped, interrupted, failed after some text, or cut
 * by a length limit stream again behind the text it has. Its log is opened
 * again: what is appended has sequences from last_sequence + 2 on
 * (last_sequence + 1 is the new start, which is in no log). A log that was
 * purged is replaced by one event, numbered last_sequence, that holds the
 * text. Same start_key as the last continuation: `repeated`.
 * With `answers` a person answers what the reply waits for: it may be complete
 * and without text, but must be as it was at expected_sequence; then it goes
 * on even with a key that was used.
 * RC_NOT_FOUND: not an assistant message of the caller. RC_CONFLICT: as
 * REGENERATE. RC_INVALID: the reply is complete, has no text, or messages hang
 * on it; status and content say which.
 */
struct store_continue_reply {
    struct str message_id; /* in */
    struct str model;      /* absent: the one that began it */
    struct str start_key;
    bool answers;
    int64_t expected_sequence;
    int64_t now_us;
    bool repeated; /* out */
    struct str session_id;
    struct str streaming_id;
    enum store_status status; /* before */
    struct str question_id;   /* may be absent */
    struct str question;
    struct str content; /* so far */
    struct str reasoning;
    struct str parts;
    struct str sources;
    struct str metrics;
    struct str stored_model;
    int64_t last_sequence; /* of the final event before */
    int64_t variant, variants;
    const struct store_event_mark *marks;
    size_t mark_count; /* the logged events, which add up to the text */
};

/*
 * Shows another variant of a message, with its rating, and what hangs on it.
 * RC_NOT_FOUND: no such message of the caller or no such variant.
 * RC_CONFLICT: a reply streams in that session (its id in streaming_id).
 */
struct store_switch_variant {
    struct str message_id; /* in */
    int64_t variant;
    int64_t now_us;
    struct str session_id; /* out */
    struct str streaming_id;
};

/* All variants of a message in order, the one shown too. */
struct store_list_variants {
    struct str message_id;          /* in */
    struct store_message *variants; /* out: `variant` numbers them */
    size_t count;
    int64_t shown;
};

/*
 * Events of any number of replies, whoever owns them (no user_id). Events of
 * a reply that is not streaming, or that are there already, are dropped and
 * counted.
 */
struct store_append_events {
    const struct store_event *events; /* in */
    size_t count;
    size_t dropped; /* out */
};

/*
 * Ends a streaming reply: appends the last events, then writes the message's
 * final values. RC_CONFLICT: it does not stream (any more). RC_NOT_FOUND: no
 * such message of the caller. Tokens count for the caller's day, see
 * READ_USAGE. An absent model leaves the stored one.
 */
struct store_finish_reply {
    struct str message_id;            /* in */
    const struct store_event *events; /* may be NULL */
    size_t event_count;
    enum store_status status; /* anything but streaming */
    struct str content;
    struct str reasoning;
    struct str parts;
    struct str model;
    struct str sources;
    struct str metrics;
    struct str error_code;
    struct str error_message;
    struct str finish_reason;
    struct str trace_id; /* absent leaves the stored one */
    bool tell;           /* as in RATE, of a rating that is there already */
    int64_t last_sequence;
    int64_t timestamp_us;
    int64_t prompt_tokens; /* that it has cost; 0 or less: none */
    int64_t completion_tokens;
};

/* Events after a sequence number, in order, and the message's state. */
struct store_read_events {
    struct str message_id; /* in */
    int64_t after;
    size_t limit;
    size_t max_bytes;           /* of all, but one event at least; 0: any */
    struct store_event *events; /* out */
    size_t count;
    bool more; /* a bound was reached */
    enum store_status status;
    int64_t last_sequence; /* highest stored so far */
    int64_t variant;       /* the log is of this one */
    bool stop_requested;   /* it streams, and somebody wants it stopped */
};

struct store_get_message {
    struct str message_id; /* in */
    bool brief; /* a character of the texts at most; not from the log */
    struct store_message message; /* out */
};

enum store_list {
    STORE_LIST_CURRENT, /* neither archived nor deleted */
    STORE_LIST_PINNED,  /* of the current ones */
    STORE_LIST_ARCHIVED,
    STORE_LIST_TRASH, /* deleted, not yet erased; by time of deletion */
};

/*
 * The caller's chats of one list, newest first. limit 0 means all.
 * max_bytes bounds the result (0: 64 MiB); the list then ends early with a
 * next_cursor. RC_INVALID: the cursor is not one of ours.
 */
struct store_list_sessions {
    enum store_list list; /* in */
    size_t limit;
    size_t max_bytes;
    struct str cursor; /* absent or empty: from the newest */
    bool with_messages;
    struct store_chat *chats; /* out */
    size_t count;
    struct str next_cursor; /* absent: that was all */
};

enum store_page_kind {
    STORE_PAGE_ALL,
    STORE_PAGE_NEWEST,
    STORE_PAGE_OLDEST,
    STORE_PAGE_BEFORE, /* those before a message, the nearest ones */
    STORE_PAGE_AFTER,
    STORE_PAGE_AROUND, /* a message, with as many on either side */
};

/* A run of the messages that a chat shows. */
struct store_page {
    enum store_page_kind kind;
    struct str message_id; /* of the last three */
    size_t limit;          /* messages; at least 1, of all but ALL */
    size_t max_bytes;      /* about; one message at least; 0: 4 MiB */
};

/*
 * One chat of the caller that is not deleted. What a page costs depends on its
 * limit, not on the chat. RC_NOT_FOUND: no such chat, or the message of AROUND
 * is not shown in it. RC_INVALID: the message of BEFORE or AFTER is not of
 * this chat; it may be hidden.
 */
struct store_get_session {
    struct str session_id; /* in */
    bool with_messages;
    struct store_page page;
    struct store_chat chat; /* out */
    bool more_before;       /* older ones than the page's; not with ALL */
    bool more_after;
};

/*
 * A message as a client reports it (the original's POST /error). Creates the
 * session when the id is new. An id that is the caller's assistant message in
 * that session is updated, what it said before is kept as a variant; an
 * absent id or one of somebody else's gets a new id: look at message_id.
 * RC_NOT_FOUND: the session is somebody else's or deleted. RC_CONFLICT: the
 * message streams right now, is a user's, or is in another session.
 */
struct store_record_message {
    struct str user_email; /* in */
    struct str session_id;
    struct str message_id; /* in and out */
    struct str content;
    enum store_role role;
    enum store_status status; /* anything but streaming */
    struct str model;
    struct str sources;
    struct str metrics;
    struct str error_code;
    struct str error_message;
    int64_t timestamp_us;
    int64_t now_us;
};

/*
 * May a model name this chat? Yes once, while the person has not named it:
 * then this caller is the one to ask. RC_NOT_FOUND: no, or none of the
 * caller.
 */
struct store_ask_title {
    struct str session_id; /* in */
};

/*
 * What came of it: the chat is called so unless the person has named it
 * meanwhile; then the name waits until theirs is taken away. The tokens count
 * for the caller's day, also without a title. A chat that is gone is none.
 */
struct store_put_title {
    struct str session_id; /* in */
    struct str title;      /* absent or empty: nothing came of it */
    int64_t prompt_tokens; /* that it has cost; 0 or less: none */
    int64_t completion_tokens;
    int64_t now_us;
};

/*
 * To the trash: the rows stay, marked, until PURGE or ERASE_SESSION. Its reply
 * that streams goes on unseen. RC_NOT_FOUND when there is none to delete.
 */
struct store_delete_session {
    struct str session_id; /* in */
    int64_t now_us;
};

/* Back from the trash. RC_NOT_FOUND: it is not there. */
struct store_restore_session {
    struct str session_id; /* in */
    int64_t now_us;
    struct store_session session; /* out */
};

/*
 * For good: the chat, its messages, variants, ratings, logs, queue and draft.
 * An absent session_id means all of the caller's trash, in several calls while
 * there is `more`; chats in which a reply streams are left there then.
 * RC_NOT_FOUND: it is not in the trash. RC_CONFLICT: a reply streams in it.
 */
struct store_erase_session {
    struct str session_id; /* in */
    int64_t now_us;
    size_t erased; /* out */
    bool more;
};

/*
 * Housekeeping, at most `limit` of each kind a call. A time of 0 leaves that
 * kind alone. Drops the event logs of replies that ended before events_us and
 * credentials that expired before it; changes noted before changes_us; erases
 * chats deleted before trash_us and chats whose last turn was before
 * history_us and that are not pinned, but no chat in which a reply streams,
 * and drafts before history_us; use of days before usage_us, and buckets of
 * TAKE_RATE that are full again. No user_id.
 */
struct store_purge {
    int64_t events_us; /* in */
    int64_t changes_us;
    int64_t trash_us;
    int64_t history_us;
    int64_t usage_us;
    size_t limit;
    size_t logs; /* out: how many went */
    size_t chats;
    bool more; /* a bound was hit: call again soon */
};

/*
 * Streaming messages of nodes that are gone become interrupted, with the text,
 * reasoning and parts their events hold. The end is an event of its own, so
 * last_sequence is one more than the last one in the log (event 1, the start,
 * is in no log). SQLite has one process at a time: with `at_start` all are
 * recovered, without it none. PostgreSQL: those whose node has had no
 * HEARTBEAT for dead_after_us by the database's clock, and with `at_start`
 * those of this node's id; without it only once this node has been heard for
 * as long itself. No user_id.
 */
struct store_recover {
    bool at_start; /* in */
    int64_t now_us;
    int64_t dead_after_us;
    size_t recovered; /* out */
};

/* This process is alive; once before its first reply, then every 3 s. */
struct store_heartbeat {
    int64_t now_us; /* in */
};

/*
 * A message that waits until the chat's reply has ended. Adds it at the end,
 * or, when queue_id is there and the caller's, changes its text and place; what
 * stands there then is in `stored`. An id that is a message of that chat
 * changes nothing: `sent`. RC_NOT_FOUND: no such chat of the caller, or the id
 * is somebody else's or of another chat, or (with `edit`) nothing has it.
 * RC_CONFLICT: the queue is full (STORE_MAX_QUEUED).
 */
enum { STORE_MAX_QUEUED = 50 };

struct store_queued {
    struct str queue_id;
    struct str session_id;
    struct str content;
    struct str settings; /* JSON of the caller: model and the like; or absent */
    int64_t created_us;
};

struct store_queue_put {
    struct store_queued item; /* in */
    bool edit;                /* never adds one */
    bool set_content;         /* false: an edit leaves the text */
    int64_t place;            /* 1: first; 0: an edit leaves it, new: last */
    int64_t now_us;
    struct store_queued stored; /* out */
    bool sent;
};

/* What waits in a chat, in order. */
struct store_queue_list {
    struct str session_id;      /* in */
    struct store_queued *items; /* out */
    size_t count;
};

struct store_queue_delete {
    struct str session_id; /* in */
    struct str queue_id;
    int64_t now_us;
};

/*
 * Takes the first message of the queue and makes the turn of it, as ADD_TURN
 * does, in one transaction; its queue_id becomes the message's id (an id that
 * is taken is replaced in item.queue_id). RC_NOT_FOUND: nothing waits, or
 * another one is first, or no such chat of the caller. RC_CONFLICT: a reply
 * streams in that chat (its id in streaming_id).
 */
struct store_send_queued {
    struct str session_id; /* in */
    struct str queue_id;   /* this one must be the first; absent: whichever */
    struct str reply_id;   /* id for the reply's row */
    struct str model;      /* the default; settings are for the caller */
    int64_t now_us;
    struct store_queued item; /* out: what was sent */
    struct str streaming_id;
};

/* Unsent text of a chat, which need not exist yet; empty text removes it. */
struct store_draft {
    struct str session_id;
    struct str content;
    int64_t updated_us;
};

struct store_draft_put {
    struct store_draft draft; /* in */
};

/* The caller's newest drafts, at most 200; of one chat when session_id is. */
struct store_draft_list {
    struct str session_id;      /* in */
    struct store_draft *drafts; /* out */
    size_t count;
};

/* ---- The change feed ---- */

enum store_change_kind {
    STORE_CHANGE_CHAT,    /* made, renamed, pinned, archived, restored */
    STORE_CHANGE_DELETED, /* to the trash or for good */
    STORE_CHANGE_MESSAGE, /* added, started, ended, rated, another variant */
    STORE_CHANGE_QUEUE,
    STORE_CHANGE_DRAFT,
};

/* "chat", "deleted", "message", "queue", "draft". */
const char *store_change_name(enum store_change_kind kind);

struct store_change {
    int64_t sequence; /* 1, 2, 3... per person */
    enum store_change_kind kind;
    struct str session_id; /* may be absent */
    struct str message_id; /* may be absent */
};

/*
 * Changes of the caller's behind a sequence number, in order. `lost`: some
 * behind it have been purged, the client must look at everything anew.
 * limit 0 asks for `last` only.
 */
struct store_read_changes {
    int64_t after; /* in */
    size_t limit;
    struct store_change *changes; /* out */
    size_t count;
    int64_t last; /* number of the newest */
    bool lost;
};

/* ---- Several processes on one database ---- */

/*
 * The reply is to be stopped, whoever makes it: its maker gets the news
 * STORE_NEWS_STOP. Harmless on one that has ended. RC_NOT_FOUND: none of the
 * caller.
 */
struct store_request_stop {
    struct str message_id;    /* in */
    enum store_status status; /* out */
};

/* From now on what is appended to this log is news to other processes too. */
struct store_watch_reply {
    struct str message_id; /* in */
};

struct store_credential {
    enum store_credential_kind kind;
    struct str hash; /* lower-case SHA-256 hex of the secret */
    struct str user_id;
    struct str email;
    struct str username;
    struct str name; /* what its owner calls it; may be absent */
    int64_t created_us;
    int64_t expires_us;   /* 0: never */
    int64_t last_used_us; /* 0: never */
};

/*
 * Adds a credential of op->user_id, or, when the hash is there and is the
 * caller's, writes its new values (last use, expiry). RC_CONFLICT: the hash
 * is somebody else's.
 */
struct store_credential_put {
    struct store_credential credential; /* in; its user_id is ignored */
};

/*
 * Whose is this? op->user_id is not looked at, it is the question.
 * RC_NOT_FOUND: none of that kind, or expired at now_us.
 */
struct store_credential_get {
    enum store_credential_kind kind; /* in */
    struct str hash;
    int64_t now_us;
    struct store_credential credential; /* out */
};

/* An absent hash deletes all the caller's of that kind. */
struct store_credential_delete {
    enum store_credential_kind kind; /* in */
    struct str hash;
    size_t deleted; /* out */
};

/* The caller's of a kind, newest first, expired ones too. */
struct store_credential_list {
    enum store_credential_kind kind;      /* in */
    struct store_credential *credentials; /* out */
    size_t count;
};

/* Counters since the store was opened, and sizes now. No user_id. */
struct store_stats {
    int64_t schema_version; /* out */
    int64_t operations;
    int64_t failures;
    int64_t commits;
    int64_t syncs; /* commits that waited for the disk */
    int64_t refused;
    int64_t queued;
    int64_t file_bytes;
    int64_t live_replies;
    bool read_only;
};

struct store_op;

/* Receives the finished operation, owns it, and frees it in the end. */
typedef void store_done_fn(struct store_op *op);

/* One operation; the store owns it between store_submit() and `done`. */
struct store_op {
    enum store_verb verb;
    struct arena *arena; /* arguments and results live here */
    void *ctx;           /* the caller's */
    struct str user_id;  /* the caller on whose behalf */
    enum rc rc;
    char error[STORE_ERROR_SIZE]; /* a sentence for the log, "" with RC_OK */
    struct str settings; /* out: the chat's, of verbs that begin a reply */
    bool untitled;       /* the same: ASK_TITLE would say yes */
    union {
        struct store_add_turn add_turn;
        struct store_regenerate regenerate;
        struct store_load_context load_context;
        struct store_append_events append_events;
        struct store_finish_reply finish_reply;
        struct store_read_events read_events;
        struct store_get_message get_message;
        struct store_list_sessions list_sessions;
        struct store_get_session get_session;
        struct store_rate rate;
        struct store_outbox_take outbox_take;
        struct store_outbox_done outbox_done;
        struct store_list_rated list_rated;
        struct store_read_path read_path;
        struct store_record_message record_message;
        struct store_delete_session delete_session;
        struct store_purge purge;
        struct store_recover recover;
        struct store_edit_turn edit_turn;
        struct store_continue_reply continue_reply;
        struct store_switch_variant switch_variant;
        struct store_list_variants list_variants;
        struct store_update_session update_session;
        struct store_ask_title ask_title;
        struct store_put_title put_title;
        struct store_restore_session restore_session;
        struct store_erase_session erase_session;
        struct store_queue_put queue_put;
        struct store_queue_list queue_list;
        struct store_queue_delete queue_delete;
        struct store_send_queued send_queued;
        struct store_draft_put draft_put;
        struct store_draft_list draft_list;
        struct store_read_changes read_changes;
        struct store_search search;
        struct store_request_stop request_stop;
        struct store_watch_reply watch_reply;
        struct store_heartbeat heartbeat;
        struct store_take_rate take_rate;
        struct store_read_usage read_usage;
        struct store_list_users list_users;
        struct store_read_places read_places;
        struct store_import_chat import_chat;
        struct store_dump_rows dump_rows;
        struct store_load_rows load_rows;
        struct store_check check;
        struct store_credential_put credential_put;
        struct store_credential_get credential_get;
        struct store_credential_delete credential_delete;
        struct store_credential_list credential_list;
        struct store_genie_get genie_get;
        struct store_genie_put genie_put;
        struct store_stats stats;
    };

    /* Private to the store. */
    struct loop *loop_;
    store_done_fn *done_;
    struct list link_;
    struct loop_message message_;
    size_t bytes_;
    bool abandoned_;
    bool submitted_;
    bool changed_; /* changes_add() was called for user_id */
};

/* A zeroed operation with its arena; `done` will run on the loop's thread. */
struct store_op *store_op_new(
    struct loop *loop, enum store_verb verb, store_done_fn *done, void *ctx);

/* Frees an operation that is not submitted. NULL is a no-op. */
void store_op_free(struct store_op *op);

/* Copies s into the operation's arena; absent stays absent. */
struct str store_op_str(struct store_op *op, struct str s);

/*
 * The caller is no longer interested: `done` will not run, the operation is
 * freed when it comes back (its effect may still happen). On the operation's
 * loop only. Not submitted: it is freed at once. NULL is a no-op.
 */
void store_op_abandon(struct store_op *op);

/*
 * Hands an operation over. Never fails at once: whatever is wrong arrives in
 * `done`, which never runs before store_submit() has returned. Arguments must
 * live in op->arena or outlive the operation. Operations that write take
 * effect in the order of submission; when `done` reports RC_OK they are
 * committed, a person's action also synced to disk. A reading operation sees
 * every write whose `done` has run. Any thread.
 */
void store_submit(struct store *store, struct store_op *op);

/*
 * Runs what is queued to its end, refuses what comes later (RC_CLOSED), and
 * releases everything; operations still on their way to their loops arrive
 * there. Blocks. No other thread may use the store any more. NULL is a no-op.
 */
void store_close(struct store *store);

/*
 * News of what was committed, by this process or by another on the same
 * database, for those who follow something. Told on the watch's loop, soon
 * after the commit; several commits may be told at once and news may be told
 * twice. STORE_NEWS_ALL: some may have been missed (the connection was lost);
 * look at everything anew.
 */
enum store_news {
    STORE_NEWS_REPLY,   /* id is a message's: its log or state has grown */
    STORE_NEWS_STOP,    /* id is a message's: its maker must stop it */
    STORE_NEWS_CHANGES, /* id is a user's: READ_CHANGES has more */
    STORE_NEWS_OUTBOX,  /* no id: this process has feedback to send */
    STORE_NEWS_ALL,
};

typedef void store_news_fn(void *ctx, enum store_news news, struct str id);

struct store_watch;

/* Tells STOP, OUTBOX and ALL from the beginning. */
struct store_watch *store_watch_new(
    struct store *store, struct loop *loop, store_news_fn *tell, void *ctx);

/*
 * Also (or no longer) tells of this reply or of this person's changes; what was
 * added twice is removed twice. Beyond a bound there is no news: then look.
 */
void store_watch_add(
    struct store_watch *watch, enum store_news news, struct str id);
void store_watch_remove(
    struct store_watch *watch, enum store_news news, struct str id);

/* `tell` is not called any more. Before the store is closed. */
void store_watch_free(struct store_watch *watch); /* NULL is a no-op */

/*
 * For implementations only. A store begins with struct store; submit() and
 * close() do what is said above. store_op_complete() sends the operation back
 * to its loop; store_op_fail() sets rc and a sentence of at most
 * STORE_ERROR_SIZE - 1 bytes.
 */
struct store_class {
    const char *name;
    void (*submit)(struct store *store, struct store_op *op);
    void (*close)(struct store *store);
};

struct store {
    const struct store_class *class;
    struct news *news; /* who watches; made and freed by the class */
};

enum store_kind { STORE_KIND_READ, STORE_KIND_WRITE, STORE_KIND_PERSON };

/* What a verb does: only reads, writes, or acknowledges a person's action. */
enum store_kind store_verb_kind(enum store_verb verb);

void store_op_complete(struct store_op *op);
void store_op_fail(struct store_op *op, enum rc rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A sentence in a fixed field; what does not fit is cut. */
void store_error_set(char error[STORE_ERROR_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
