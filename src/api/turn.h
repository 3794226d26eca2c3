#ifndef API_TURN_H
#define API_TURN_H

#include "databricks/chat.h"
#include "limits/rate_limiter.h"

#include "api/api_int.h"

/*
 * One turn: a person's question, committed first, then the model's reply, fed
 * into a reply of the hub, then its final state, stored. The turn lives as
 * long as its reply; the request that began it may be long gone.
 *
 *   STORING -> LOADING -> ASKING -> ENDED
 */
enum turn_state {
    TURN_STORING, /* the question is being committed */
    TURN_LOADING, /* what was said before is being read */
    TURN_ASKING,  /* the model is being asked */
    TURN_ENDED,   /* the reply has ended; its final state is or gets stored */
};

struct turn {
    struct api *api;
    struct list link; /* in api->turns */
    struct arena *arena;
    enum turn_state state;
    struct api_request *request; /* NULL: answered, or the client is gone */
    struct store_op *op;         /* under way, or NULL */
    struct databricks_chat *chat;
    struct reply *reply;

    struct str request_id;
    struct auth_identity owner;
    struct str session_id;
    struct str question;
    struct str question_id; /* id of the user's message */
    struct str reply_id;
    struct str model;
    bool include_history;
    bool regenerate;

    int64_t started_ms;
    int64_t first_token_ms; /* 0: none yet */
    struct databricks_usage usage;
    struct str finish_reason;
    struct str sources; /* JSON array, or empty */
    struct str metrics; /* JSON, from the end on */
    struct str error_code;
    struct str error_message;
    int64_t ended_us;
};

/* A turn for this request; NULL when it was refused (and answered). */
struct turn *turn_new(struct api_request *request);

/* Frees a turn that has no reply. */
void turn_free(struct turn *turn);

/* Copies s into the turn's arena. */
struct str turn_str(struct turn *turn, struct str s);

/* The question is stored: starts the reply, streams it, asks the model. */
void turn_begin_reply(struct turn *turn);

/* Ends the reply; the error members are set before where there is one. */
void turn_end(struct turn *turn, enum reply_status status);

/* First and last event as JSON, metrics as JSON (turn_wire.c). */
struct str turn_start_json(struct turn *turn);
struct str turn_final_json(struct turn *turn, enum reply_status status);
struct str turn_metrics_json(struct turn *turn);

#endif
