#ifndef REPLIES_REPLIES_INT_H
#define REPLIES_REPLIES_INT_H

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "loop/loop.h"

#include "replies/replies.h"

enum {
    REPLIES_WRITE_BATCH = 1024,
    REPLIES_MAX_EVENT = 256 << 10, /* bytes of text, reasoning, and parts */
    REPLIES_JOINED = 2048,         /* bytes that need not wait for more */
};

/* Where a text event ends in the three buffers. */
struct reply_mark {
    uint32_t text_end;
    uint32_t reasoning_end;
    uint32_t parts_end;
};

struct replies {
    struct loop *loop;
    struct replies_config config;
    struct map *by_id;
    struct list dirty;   /* replies with something to write or to finish */
    struct list writing; /* replies of the write under way */
    struct list quiet;   /* all others */
    struct loop_task flush;
    struct loop_timer *retry;
    struct loop_timer *join; /* when the next waiting reply is due */
    bool write_pending;
    int64_t failing_since; /* loop time of the first refusal, or -1 */
    int64_t retry_delay_ms;
};

struct reply {
    struct replies *hub;
    struct list link; /* dirty, writing or quiet */
    struct list viewers;
    size_t viewer_count;
    struct reply_info info;
    struct arena *arena; /* strings of info */
    void *ctx;
    enum reply_status status;
    struct buf text;
    struct buf reasoning;
    struct buf parts; /* every line with its end */
    struct buf final_json;
    struct str first_start; /* of a continued reply: JSON of event 1 */
    uint64_t base;          /* number of the start, or of the new start */
    size_t prior;           /* text events from before it */
    uint64_t *prior_numbers;
    struct reply_mark *marks;
    size_t sealed;  /* events with a mark */
    size_t durable; /* of them in the log */
    size_t mark_cap;
    bool writing;          /* one of its events is being written */
    int64_t next_write_ms; /* loop time before which text waits for more */
    bool stop_asked;
    bool ended;     /* reply_end was called */
    bool finishing; /* finish() is under way */
    bool finished;  /* the final state is stored */
    bool lost;      /* viewers are told the end before it is stored */
    bool left;      /* somebody else has ended it */
    struct loop_task wake;
    struct loop_task release;
};

struct reply_viewer {
    struct reply *reply;
    struct list link;
    uint64_t cursor;
    void (*wake)(void *ctx);
    void *ctx;
};

/* Number of the n-th text event, n = 1, 2... */
uint64_t reply_event_number(const struct reply *reply, size_t n);

/* Text events up to and with a number. */
size_t reply_events_until(const struct reply *reply, uint64_t sequence);

/* Viewers may see the final event. */
bool reply_end_visible(const struct reply *reply);

/* Wakes the viewers at the end of this turn. */
void reply_wake_viewers(struct reply *reply);

/* Puts the reply on the list of what is to be written. */
void reply_mark_dirty(struct reply *reply);

/* A continued reply takes the text it has (prior.c). */
enum rc reply_take_prior(struct reply *reply, const struct reply_prior *prior);

/* Takes the reply out of the hub and frees it; it must have no viewer. */
void reply_free(struct reply *reply);

/* Frees a finished reply that nobody views, at the end of this turn. */
void reply_release(struct reply *reply);

#endif
