#ifndef STORE_GENIE_H
#define STORE_GENIE_H

#include <stdint.h>

#include "base/str.h"

/* The conversation with a Genie space that belongs to a chat. */

/* RC_NOT_FOUND: none, or no such chat of the caller. */
struct store_genie_get {
    struct str session_id; /* in */
    struct str space_id;
    struct str conversation_id; /* out */
};

/*
 * Takes the place of the one before; an absent or empty conversation_id only
 * forgets that. RC_NOT_FOUND: no such chat of the caller. It is gone with the
 * chat.
 */
struct store_genie_put {
    struct str session_id; /* in */
    struct str space_id;
    struct str conversation_id;
    int64_t now_us;
};

#endif
