#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"
#include "base/str.h"
#include "loop/loop.h"

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
    X(RECORD_MESSAGE, "record_message", P)                                     \
    X(DELETE_SESSION, "delete_session", P)                                     \
    X(PURGE_EVENTS, "purge_events", W)                                         \
    X(RECOVER, "recover", P)                                                   \
    X(CREDENTIAL_PUT, "credential_put", P)                                     \
    X(CREDENTIAL_GET, "credential_get", R)                                     \
    X(CREDENTIAL_DELETE, "credential_delete", P)                               \
    X(CREDENTIAL_LIST, "credential_list", R)                                   \
    X(PING, "ping", W)                                                         \
    X(STATS, "stats", R)

#define STORE_VERB_ENUM(id, name, kind) STORE_##id,
enum store_verb { STORE_VERBS(STORE_VERB_ENUM) STORE_VERB_COUNT };
#undef STORE_VERB_ENUM

enum store_role { STORE_ROLE_USER, STORE_ROLE_ASSISTANT };

/* A message is STREAMING until its reply ends in one of the other states. */
enum store_status {
    STORE_COMPLETE,
    STORE_STREAMING,
    STORE_STOPPED,
    STORE_FAILED, /* "error" in the tables and on the wire */
    STORE_INTERRUPTED,
};

enum store_rating { STORE_RATING_NONE, STORE_RATING_UP, STORE_RATING_DOWN };

/* A browser session or an API token. */
enum store_credential_kind { STORE_CREDENTIAL_SESSION, STORE_CREDENTIAL_TOKEN };

/*
 * Names as they stand in the tables and on the wire: "user", "assistant";
 * "complete", "streaming", "stopped", "error", "interrupted"; "up", "down".
 * store_rating_name() is NULL for STORE_RATING_NONE.
 */
const char *store_verb_name(enum store_verb verb);
const char *store_role_name(enum store_role role);
const char *store_status_name(enum store_status status);
const char *store_rating_name(enum store_rating rating);

/* The reverse; what is unknown reads as assistant, complete, none. */
enum store_role store_role_parse(struct str text);
enum store_status store_status_parse(struct str text);
enum store_rating store_rating_parse(struct str text);

struct store_session {
    struct str session_id;
    struct str user_id;
    struct str user_email;  /* may be absent */
    struct str first_query; /* may be absent */
    struct str title;       /* may be absent */
    int64_t timestamp_us;   /* last turn */
    int64_t created_at_us;
    bool is_active;
    bool pinned;
    bool archived;
    int64_t deleted_at_us; /* 0: not deleted */
    int64_t revision;      /* grows with every change of the chat */
};

struct store_message {
    struct str message_id;
    struct str session_id;
    struct str user_id;
    struct str content; /* never absent */
    enum store_role role;
    struct str model; /* may be absent, as all text below */
    int64_t timestamp_us;
    int64_t created_at_us;
    struct str sources; /* JSON */
    struct str metrics; /* JSON */
    enum store_rating rating;
    struct str parent_id; /* of a reply: the user message it answers */
    enum store_status status;
    struct str reasoning;
    struct str error_code;
    struct str error_message;
    struct str finish_reason;
    struct str trace_id;
    int64_t last_sequence; /* of the reply's events; 0: none */
};

/* A chat with its messages in order. */
struct store_chat {
    struct store_session session;
    struct store_message *messages; /* NULL when not asked for */
    size_t message_count;
};

/*
 * One event of a reply's log. The deltas are what the event adds to the
 * message's content and reasoning: RECOVER rebuilds both from them. The
 * payload is the caller's own encoding; it may be absent when the deltas say
 * everything.
 */
struct store_event {
    struct str message_id;
    int64_t sequence; /* 1, 2, 3... per reply */
    struct str payload;
    struct str text_delta;
    struct str reasoning_delta;
};

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
    struct str trace_id;
    int64_t now_us;
    bool repeated; /* out */
    bool session_created;
    enum store_status reply_status;
};

/*
 * Makes an assistant message stream again: its answer so far is kept as a
 * variant with its rating, then text, reasoning, sources, metrics, error,
 * rating and event log are reset and its status is streaming.
 * RC_NOT_FOUND: not an assistant message of the caller in that session.
 * RC_CONFLICT: a reply streams in that session (its id in streaming_id).
 * RC_INVALID: nobody knows the question.
 */
struct store_regenerate {
    struct str session_id; /* in */
    struct str message_id;
    struct str model;
    struct str trace_id;
    int64_t now_us;
    bool has_question;   /* the caller knows one if the store does not */
    struct str question; /* out: the user's text it answers; may be absent */
    struct str question_id;
    struct str streaming_id;
    int64_t variants; /* answers now kept beside the live one */
};

struct store_context_message {
    enum store_role role;
    struct str content;
};

/*
 * What the model is told of a chat before a given message: user messages and
 * complete, stopped or interrupted replies that have text, oldest first; the
 * newest ones that fit both bounds. A question that was refused for what it
 * says (its reply failed with content_blocked or context_too_long) is left
 * out, because it would block every later turn (databricks 3.5). An absent
 * before_id means up to the end. RC_NOT_FOUND: no such session or message of
 * the caller.
 */
struct store_load_context {
    struct str session_id; /* in */
    struct str before_id;
    size_t max_messages;
    size_t max_bytes;
    struct store_context_message *messages; /* out */
    size_t count;
    bool truncated; /* older messages were left out */
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
 * such message of the caller. An absent model leaves the stored one.
 */
struct store_finish_reply {
    struct str message_id;            /* in */
    const struct store_event *events; /* may be NULL */
    size_t event_count;
    enum store_status status; /* anything but streaming */
    struct str content;
    struct str reasoning;
    struct str model;
    struct str sources;
    struct str metrics;
    struct str error_code;
    struct str error_message;
    struct str finish_reason;
    int64_t last_sequence;
    int64_t timestamp_us;
};

/* Events after a sequence number, in order, and the message's state. */
struct store_read_events {
    struct str message_id; /* in */
    int64_t after;
    size_t limit;
    struct store_event *events; /* out */
    size_t count;
    enum store_status status;
    int64_t last_sequence; /* highest stored so far */
};

struct store_get_message {
    struct str message_id;        /* in */
    struct store_message message; /* out */
};

/*
 * The caller's chats that are not deleted, newest first. limit 0 means all.
 * max_bytes bounds the result (0: 64 MiB); the list then ends early with a
 * next_cursor. RC_INVALID: the cursor is not one of ours.
 */
struct store_list_sessions {
    size_t limit; /* in */
    size_t max_bytes;
    struct str cursor; /* absent or empty: from the newest */
    bool with_messages;
    struct store_chat *chats; /* out */
    size_t count;
    struct str next_cursor; /* absent: that was all */
};

/* One chat of the caller that is not deleted. */
struct store_get_session {
    struct str session_id; /* in */
    bool with_messages;
    struct store_chat chat; /* out */
};

/* Sets or (STORE_RATING_NONE) withdraws the caller's rating. */
struct store_rate {
    struct str message_id; /* in */
    enum store_rating rating;
    int64_t now_us;
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

/* Soft: the rows stay, marked. RC_NOT_FOUND when there is none to delete. */
struct store_delete_session {
    struct str session_id; /* in */
    int64_t now_us;
};

/*
 * Drops the event logs of replies that ended before a time and credentials
 * that expired before it, at most `limit` logs. No user_id.
 */
struct store_purge_events {
    int64_t before_us; /* in */
    size_t limit;
    size_t purged; /* out: logs dropped */
};

/*
 * At the start, before anything else: every streaming message becomes
 * interrupted, with the text and reasoning its events hold. The end is an
 * event of its own, so last_sequence is one more than the last one in the log
 * (event 1, the start, is in no log). No user_id.
 */
struct store_recover {
    int64_t now_us;   /* in */
    size_t recovered; /* out */
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
        struct store_record_message record_message;
        struct store_delete_session delete_session;
        struct store_purge_events purge_events;
        struct store_recover recover;
        struct store_credential_put credential_put;
        struct store_credential_get credential_get;
        struct store_credential_delete credential_delete;
        struct store_credential_list credential_list;
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
