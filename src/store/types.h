#ifndef STORE_TYPES_H
#define STORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* What a store keeps: chats and their messages, and the words for them. */

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
    struct str auto_title;  /* a model's; "": one was asked; absent: none */
    bool titled;            /* title is the person's own */
    int64_t timestamp_us;   /* last turn */
    int64_t created_at_us;
    bool is_active;
    bool pinned;
    bool archived;
    int64_t deleted_at_us; /* 0: not deleted */
    int64_t revision;      /* grows with every change of the chat */
    int64_t queued;        /* messages that wait to be sent */
    struct str settings; /* JSON of the caller: model and the like; or absent */
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
    struct str reasons;   /* of the rating, a JSON array of words */
    struct str comment;   /* on the rating */
    struct str parent_id; /* of a reply: the user message it answers */
    enum store_status status;
    struct str reasoning;
    struct str parts; /* JSON objects, one a line, see store_event */
    struct str error_code;
    struct str error_message;
    struct str finish_reason;
    struct str trace_id;
    int64_t last_sequence;  /* of the reply's events; 0: none */
    int64_t variant;        /* number of the one shown: 1, 2... */
    int64_t variants;       /* how many there are; 1: never made anew */
    int64_t parent_variant; /* variant of the parent that it hangs on */
    bool hidden;            /* belongs to a variant that is not shown */
};

/*
 * The tree. A message is a place in a chat with a stable id; what stands
 * there are variants, numbered from 1 in the order they were made, one of
 * which is shown. A message hangs on one variant of the message before it
 * (parent_id): switching a variant hides what hangs on the others and shows
 * what hangs on it. Lists, context and exports see what is shown.
 *
 *     q1 -- a1 (variant 1) -- q2 -- a2        hidden while 2 is shown
 *            \ (variant 2) -- q3 -- a3
 */

/* A chat with its shown messages in order. */
struct store_chat {
    struct store_session session;
    struct store_message *messages; /* NULL when not asked for */
    size_t message_count;
};

/*
 * One event of a reply's log. The deltas are what the event adds to the
 * message's content and reasoning, the payload what it adds to its parts (the
 * caller's own encoding, in whole lines; or absent): RECOVER rebuilds all
 * three from them.
 */
struct store_event {
    struct str message_id;
    int64_t sequence; /* 1, 2, 3... per reply */
    struct str payload;
    struct str text_delta;
    struct str reasoning_delta;
};

#endif
