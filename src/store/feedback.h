#ifndef STORE_FEEDBACK_H
#define STORE_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "store/telling.h"
#include "store/types.h"

/* Verbs of ratings and of what becomes of them; see store/store.h. */

/*
 * Sets or (STORE_RATING_NONE) withdraws the caller's rating of a message.
 * Reasons and comment that are not `set` stay; a vote for the other side
 * drops the reasons, which are words for the one side only. Withdrawing drops
 * both. With `tell` a message that has a trace is noted in the outbox.
 */
struct store_rate {
    struct str message_id; /* in */
    enum store_rating rating;
    bool set_reasons, set_comment;
    struct str reasons; /* JSON array of words; absent: none */
    struct str comment; /* absent: none */
    bool tell;
    int64_t now_us;
    struct str stored_reasons; /* out: as it stands now */
    struct str stored_comment;
};

/*
 * The outbox of feedback: of each trace what is to be told about it next, not
 * a list of what was said. Who sends reads the rating as it is then, so that
 * an old vote cannot overtake a new one.
 */
struct store_outbox_item {
    struct str message_id;
    struct str trace_id;
    struct str user_id;
    struct str user_email;    /* may be absent */
    struct str assessment_id; /* known from before, or absent */
    bool doubtful;            /* taken before: there may be one unknown to us */
    int64_t takes;            /* which take this is */
    int64_t revision;         /* of the rating */
    int64_t tries;            /* since the rating changed, this one too */
    int64_t age_us;           /* since the first of them */
    enum store_rating rating; /* now */
    struct str reasons;
    struct str comment;
};

/*
 * Takes what is due, at most `limit`, and keeps others from it for lease_us.
 * With at_start the leases of a process before this one do not count, where
 * there can be but one (SQLite). Times go by the database's clock where it
 * has one. No user_id.
 */
struct store_outbox_take {
    size_t limit; /* in */
    int64_t lease_us;
    int64_t now_us;
    bool at_start;
    struct store_outbox_item *items; /* out */
    size_t count;
    int64_t waiting;    /* not told yet, what was taken now too */
    int64_t next_in_us; /* when to look again; -1: nothing else waits */
};

/*
 * What became of an item: told, to be tried again after a while, or given up,
 * with the reason, until the rating changes again. If it has changed
 * meanwhile it is due at once. Without effect when somebody else has taken
 * the item since. No user_id.
 */
enum store_outbox_end {
    STORE_OUTBOX_TOLD,
    STORE_OUTBOX_LATER,
    STORE_OUTBOX_GAVE_UP
};

struct store_outbox_done {
    struct str message_id; /* in */
    struct str trace_id;
    struct str assessment_id; /* absent: there is none */
    int64_t takes;
    int64_t revision;
    enum store_outbox_end end;
    int64_t delay_us;
    struct str failure; /* no text of people; absent when told */
    int64_t now_us;
};

/*
 * Rated replies of everybody, for evaluation, in the order of their ids: first
 * those that are shown in their place, then, with `others`, the other
 * variants. Chats in the trash are left out. Bounded also in bytes: `more`,
 * and the last one says behind what to go on. No user_id.
 */
struct store_rated {
    struct store_message message;
    struct str user_email; /* may be absent */
    int64_t rated_us;
};

struct store_list_rated {
    struct str after; /* in: a message's id; absent: from the first */
    int64_t after_variant;
    bool others;
    size_t limit;
    struct store_rated *items; /* out */
    size_t count;
    bool more;
};

/*
 * What was said before a message, along the variants that it hangs on: its
 * question, and what a model is told with it, as LOAD_CONTEXT says, oldest
 * first; the newest that fit the bounds. No user_id.
 */
struct store_read_path {
    struct str message_id; /* in */
    size_t max_messages;
    size_t max_bytes;
    struct store_context_message *messages; /* out */
    size_t count;
    bool truncated; /* there was more before */
};

#endif
