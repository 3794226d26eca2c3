#ifndef STORE_TELLING_H
#define STORE_TELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "store/types.h"

/* What a model is told, and how a chat is set; see store/store.h. */

struct store_context_message {
    struct str message_id;
    enum store_role role;
    struct str content;
    struct str parts; /* lines, of a reply of Genie's; else absent */
};

/*
 * What the model is told of a chat before a given message: user messages and
 * complete, stopped or interrupted replies that have text, oldest first; the
 * newest ones that fit both bounds. A question that was refused for what it
 * says (its reply failed with content_blocked or context_too_long, or ended
 * with content_filter, and is left out too) is left out, because it would
 * block every later turn (databricks 3.5). An absent
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
    bool truncated;   /* older messages were left out */
    struct str model; /* of the newest reply among them, or absent */
    struct str metrics;
};

/*
 * Changes what the person may change of a chat; what is not `set` stays. With
 * expected_revision the chat must still have it: RC_CONFLICT else, nothing is
 * changed and session says how it stands. settings is an object whose members
 * take the place of their namesakes; null takes one away. RC_INVALID: it is
 * none. RC_NOT_FOUND: none of the caller.
 */
struct store_update_session {
    struct str session_id; /* in */
    bool set_title, set_pinned, set_archived;
    struct str settings; /* JSON; absent or empty: as they are */
    struct str title;    /* absent or empty: the automatic one */
    bool pinned, archived;
    int64_t expected_revision; /* 0: any */
    int64_t now_us;
    struct store_session session; /* out */
};

#endif
