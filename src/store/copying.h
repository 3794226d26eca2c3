#ifndef STORE_COPYING_H
#define STORE_COPYING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "store/types.h"

/* Verbs of the subcommands that copy, import and check; see store/store.h. */

struct store_table; /* store/tables.h */

/* Everybody who has a chat, in order of their id. No user_id. */
struct store_list_users {
    struct str after; /* in: absent or empty: from the first */
    size_t limit;
    struct store_user {
        struct str user_id;
        struct str email; /* may be absent */
        int64_t chats;
    } * users; /* out */
    size_t count;
};

/*
 * A message with all that stands at its place: what is shown (`variant` is
 * its number, `variants` how many there are), the others, and the variant of
 * its parent on which it hangs.
 */
struct store_place {
    struct store_message message;
    int64_t parent_variant;
    const struct store_message *others; /* in order, with their ratings */
    size_t other_count;
};

/*
 * A chat of the caller as a tree, in the trash too: its places in the order
 * they were made, hidden ones too. One that streams has the text of its log.
 * Bounded also in bytes: look at `next`. RC_NOT_FOUND: none of the caller.
 */
struct store_read_places {
    struct str session_id; /* in */
    int64_t after;         /* 0: from the first */
    size_t limit;
    struct store_session session; /* out */
    struct store_place *places;
    size_t count;
    int64_t next; /* behind which to go on; 0: that was all */
};

/*
 * A chat from elsewhere, of the caller, or a part of one behind parts that
 * came before: parents come before children. Chats and messages that are
 * there stay as they are. An id that is taken by something else gives way to
 * one made of it, of the chat and the caller, so that importing again changes
 * nothing. A parent that is not there is replaced by the message before.
 * RC_INVALID: something in it streams.
 */
struct store_import_chat {
    struct store_session session; /* in; user_id and revision are not used */
    const struct store_place *places;
    size_t count;
    int64_t now_us;
    struct str session_id; /* out: of the chat as it is here */
    bool created;          /* the chat was not there */
    bool in_trash;
    size_t added;   /* messages */
    size_t present; /* messages that were there */
};

/*
 * A table as rows of values, for copies from one database to another. Tables
 * and columns are those of store/tables.h; rows come in order of the table's
 * key, behind `after` (a key as text, absent: from the first). No user_id.
 */
struct store_value {
    enum { STORE_VALUE_NULL, STORE_VALUE_INT, STORE_VALUE_TEXT } type;
    int64_t number;
    struct str text;
};

struct store_dump_rows {
    const struct store_table *table; /* in */
    struct str after;
    size_t limit;
    struct store_value *values; /* out: rows x columns */
    size_t count;               /* rows */
    struct str next;            /* absent: that was all */
};

/*
 * Adds rows whose key is not there and what they refer to is; or writes anew
 * (removes) those whose key is there. For databases that nobody uses
 * meanwhile, except to add.
 */
enum store_load { STORE_LOAD_ADD, STORE_LOAD_UPDATE, STORE_LOAD_REMOVE };

struct store_load_rows {
    const struct store_table *table; /* in */
    enum store_load how;
    const struct store_value *values;
    size_t count;
    size_t written; /* out */
    size_t left;    /* the others */
};

/*
 * One of the questions that a healthy database answers with "none": begin
 * with index 0 and go on until RC_NOT_FOUND. `served` says that processes are
 * serving this database, which own what streams. No user_id.
 */
struct store_check {
    size_t index; /* in */
    bool served;
    const char *name;  /* out; what is asked, in few words */
    const char *wrong; /* what it means if there is one */
    const char *advice;
    int64_t count;        /* how many there are, at most 1,000 counted */
    struct str *examples; /* of which some, at most 5 */
    size_t example_count;
};

#endif
