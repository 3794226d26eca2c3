#ifndef API_EVENT_WIRE_H
#define API_EVENT_WIRE_H

#include "api/api_int.h"

/* Events of a reply as a client gets them, wherever they come from. */

/*
 * The members of the first event and of the final one, from a message as the
 * store holds it: a reply in memory and one in the store say the same. When
 * continued, what comes goes behind what the client has.
 */
struct str event_start_json(
    struct arena *arena, const struct store_message *m, bool continued);
struct str event_final_json(struct arena *arena, const struct store_message *m);

/* What all events of a reply begin with, written once. */
struct event_start {
    struct str id;   /* "id: <reply>." */
    struct str data; /* of the data, up to the text */
};

struct event_start event_start_of(struct arena *arena, struct str reply_id);

/* One event as server-sent event. */
void event_put(struct buf *out, const struct event_start *start,
    const struct reply_event *event);

/*
 * A piece of an event too large to be sent at once: RESET or DELTA with some
 * of its text, and without an id, so that a client which is cut in between
 * comes again for the whole. The event's number is not used.
 */
void event_put_piece(struct buf *out, const struct event_start *start,
    const struct reply_event *piece);

/* "event: done", after the final event. */
void event_put_done(struct buf *out);

#endif
