#ifndef REPLIES_REPLIES_H
#define REPLIES_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/*
 * Live replies and those who watch them. This folder knows neither HTTP nor
 * the model's protocol nor the store: a producer appends text, a log makes it
 * durable, viewers follow.
 *
 * A reply is an append-only sequence of events numbered 1, 2, 3, ...: event 1
 * says that it started, the following ones carry text, the last one its final
 * state. Text is kept once, in one buffer; an event is a pair of offsets:
 *
 *   text    |Hello |there, how| are you?|
 *   event    2      3          4          (5: final)
 *                              ^ sealed   ^ being written
 *            ^ durable: what a viewer may see
 *
 * Beside the text a reply has reasoning and parts (tool calls and the like,
 * one JSON object a line), each in a buffer of its own; an event has a range
 * of all three, of parts whole lines only.
 *
 * A continued reply begins with the text it has, as the events it came in; a
 * new start follows their final event L, and the numbers go on:
 *
 *   text    |Hello |there, |how are you?|
 *   event    2      3       L+2          (L+3: final)      L+1: start
 *            ^ prior: durable from the beginning
 *
 * A viewer is never shown an event that is not in the log yet. What arrives
 * while a write is under way becomes one event of the next write, so the
 * number of events follows the speed of the log, not that of the model.
 *
 * One struct replies per loop; nothing here may be called from another
 * thread.
 */
struct loop;
struct replies;
struct reply;
struct reply_viewer;

enum reply_status {
    REPLY_STREAMING,
    REPLY_COMPLETE,
    REPLY_STOPPED,     /* a person stopped it */
    REPLY_ERROR,       /* it failed; what came before is kept */
    REPLY_INTERRUPTED, /* cut by a restart or a lost upstream */
};

/* "streaming", "complete", "stopped", "error" or "interrupted". */
const char *reply_status_name(enum reply_status status);

/* What one event adds, as it goes to the log. */
struct reply_delta {
    struct str reply_id;
    uint64_t sequence;
    struct str text;
    struct str reasoning;
    struct str parts; /* whole lines */
};

enum {
    REPLIES_MAX_PART = 512 << 10, /* bytes of one part */
    REPLIES_MAX_PARTS = 4 << 20,  /* of all parts of a reply */
};

struct replies_handlers {
    /*
     * Append these events to the log in one transaction, then call
     * replies_written(). The views are valid during this call only. At most
     * one write is under way.
     */
    void (*write)(void *ctx, const struct reply_delta *deltas, size_t n);
    /*
     * Every event of the reply is in the log: store its final state, then
     * call reply_finished().
     */
    void (*finish)(void *ctx, struct reply *reply);
    /*
     * Stop producing and call reply_end() with this status (now or later).
     * Called at most once per reply and not after reply_end().
     */
    void (*stop)(void *ctx, struct reply *reply, enum reply_status status);
    /*
     * The log has refused for longer than patience_ms: stop producing and
     * call reply_end() with REPLY_ERROR. Viewers are told at once; writing is
     * tried on, so that nothing is lost when the log comes back.
     */
    void (*lost)(void *ctx, struct reply *reply, enum rc why);
    /* The reply is about to be freed: release reply_ctx(). */
    void (*forget)(void *ctx, struct reply *reply);
};

struct replies_config {
    size_t max_replies;  /* not finished, at once */
    size_t max_text;     /* bytes of text and of reasoning of one reply */
    size_t max_viewers;  /* of one reply */
    int64_t patience_ms; /* how long the log may refuse */
    int64_t join_ms;     /* between two writes of one reply, at least */
    struct replies_handlers handlers;
    void *ctx;
};

struct replies *replies_new(
    struct loop *loop, const struct replies_config *config);

/* Forgets every reply; viewers must be gone. NULL is a no-op. */
void replies_free(struct replies *hub);

/* The write has ended. Anything but RC_OK: it is tried again later. */
void replies_written(struct replies *hub, enum rc rc);

/* The reply with this id whose final state is not stored yet, or NULL. */
struct reply *replies_find(const struct replies *hub, struct str reply_id);

/* Replies that have not ended, of one owner or (empty owner) of all. */
size_t replies_live(const struct replies *hub, struct str owner);

/* Replies whose final state is not stored yet. */
size_t replies_unfinished(const struct replies *hub);

/* Asks every live reply to stop with this status. */
void replies_stop_all(struct replies *hub, enum reply_status status);

/* A text event that a continued reply has already. */
struct reply_prior_event {
    uint64_t sequence;
    size_t text_bytes;
    size_t reasoning_bytes;
    size_t parts_bytes;
};

/* What a continued reply has; the events are in order and add up to it. */
struct reply_prior {
    struct str start; /* JSON object of event 1, for those who saw nothing */
    struct str text;
    struct str reasoning;
    struct str parts;
    const struct reply_prior_event *events;
    size_t event_count;
    uint64_t last_sequence; /* of its final event, not below any other */
};

/* Who and what a reply is; copied by reply_start. */
struct reply_info {
    struct str reply_id;
    struct str owner;   /* only this user may see it */
    struct str session; /* the chat it belongs to */
    struct str start;   /* JSON object of event 1, or of the new start */
    uint64_t base;      /* number of the start; 0: 1, or behind the prior */
    const struct reply_prior *prior; /* NULL: it begins with nothing */
};

/*
 * RC_BUSY at the limit, RC_CONFLICT while a reply of that id is not finished;
 * a finished one gives up its id. RC_TOO_LARGE, RC_INVALID: the prior text is
 * beyond the bound, or its events do not add up to it.
 */
[[nodiscard]] enum rc reply_start(struct replies *hub,
    const struct reply_info *info, void *reply_ctx, struct reply **ret);

/*
 * New text, whole UTF-8 characters. RC_TOO_LARGE when the reply is full: it
 * takes nothing more, the producer ends it. Ignored after reply_end().
 */
enum rc reply_add_text(struct reply *reply, struct str text);
enum rc reply_add_reasoning(struct reply *reply, struct str text);

/*
 * A part: JSON without a line break. RC_TOO_LARGE when it is beyond a bound:
 * it is left out, and the reply takes what comes after. Ignored after
 * reply_end().
 */
enum rc reply_add_part(struct reply *reply, struct str json);

/*
 * The producer is done. final_json is the JSON object of the last event. A
 * second call changes nothing.
 */
void reply_end(
    struct reply *reply, enum reply_status status, struct str final_json);

/* finish() has ended. Anything but RC_OK: it is tried again later. */
void reply_finished(struct reply *reply, enum rc rc);

/*
 * The reply is no longer ours: the store holds an end of it that somebody
 * else wrote. Nothing more is written; its id is free; viewers are told that
 * it LEFT. The producer has stopped. Not from inside write() or finish().
 */
void reply_leave(struct reply *reply);

/* Stops a live reply; harmless on any other. */
void reply_stop(struct reply *reply, enum reply_status status);

const struct reply_info *reply_info(const struct reply *reply);
void *reply_ctx(const struct reply *reply);
enum reply_status reply_status(const struct reply *reply);
struct str reply_text(const struct reply *reply);
struct str reply_reasoning(const struct reply *reply);
struct str reply_parts(const struct reply *reply); /* lines */

/* Number of the last event that viewers may see. */
uint64_t reply_last_sequence(const struct reply *reply);

/* Number the final event has or will have if nothing more is added. */
uint64_t reply_final_sequence(const struct reply *reply);

/* What a viewer gets. Views are valid until the next call on the reply. */
enum reply_event_type {
    REPLY_EVENT_START,
    REPLY_EVENT_DELTA,
    REPLY_EVENT_RESET, /* as DELTA, but it is all there is so far */
    REPLY_EVENT_FINAL,
};

struct reply_event {
    enum reply_event_type type;
    uint64_t sequence; /* of the last event this one stands for */
    struct str text;   /* DELTA, RESET */
    struct str reasoning;
    struct str parts; /* lines */
    struct str json;  /* START, FINAL: the members */
};

enum reply_next {
    REPLY_NEXT_EVENT, /* *ret is filled and the cursor moved */
    REPLY_NEXT_WAIT,  /* nothing new; wake will be called */
    REPLY_NEXT_END,   /* the final event was given */
    REPLY_NEXT_LEFT,  /* the store has the rest */
};

/*
 * Follows a reply from behind event `after` (0: from the start). wake(ctx) is
 * called, from the loop and never from inside this call, when there is
 * something new. A viewer holds its reply. RC_BUSY at the limit. Where the
 * events before and behind `after` have become one, or `after` is of a reply
 * that had this id before, the first is a RESET.
 */
[[nodiscard]] enum rc reply_view(struct reply *reply, uint64_t after,
    void (*wake)(void *ctx), void *ctx, struct reply_viewer **ret);

/* Number of the last event it was given, or where it began. */
uint64_t reply_viewer_cursor(const struct reply_viewer *viewer);

/*
 * The next event; neighbouring deltas are joined up to max_bytes of text, so
 * that a late viewer gets few events.
 */
enum reply_next reply_viewer_next(
    struct reply_viewer *viewer, size_t max_bytes, struct reply_event *ret);

/* Ends the view. NULL is a no-op. */
void reply_viewer_free(struct reply_viewer *viewer);

#endif
