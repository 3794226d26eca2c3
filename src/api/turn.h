#ifndef API_TURN_H
#define API_TURN_H

#include "base/secret.h"
#include "databricks/chat.h"
#include "limits/rate_limiter.h"

#include "api/api_int.h"
#include "api/chat_settings.h"
#include "api/genie_turn.h"
#include "api/probe.h"

/*
 * One turn: a person's question, committed first, then the model's reply, fed
 * into a reply of the hub, then its final state, stored. The turn lives as
 * long as its reply; the request that began it may be long gone.
 *
 *   STORING -> WAITING -> LOADING -> ASKING -> ENDED
 */
enum turn_state {
    TURN_STORING, /* the question is being committed */
    TURN_WAITING, /* until the endpoint has room for it */
    TURN_LOADING, /* what was said before is being read */
    TURN_ASKING,  /* the model is being asked */
    TURN_ENDED,   /* the reply has ended; its final state is or gets stored */
};

/* A tool call of the reply. */
struct turn_tool {
    struct turn_tool *next;
    struct str call_id; /* as the model has it */
    struct str part_id;
    struct str name, arguments;
    int64_t started_ms;
    bool over; /* its result is known */
};

/* What turn_parts.c knows of a reply beside its text. */
struct turn_parts {
    size_t counted_bytes; /* of the reply's text, and their UTF-16 units */
    int64_t counted_units;
    struct str answer;       /* instead of the text up to answer_bytes */
    size_t answer_bytes;     /* 0 while there is no such answer */
    struct str before;       /* the text that this request goes on behind */
    bool apart;              /* new text is a paragraph of its own */
    struct turn_tool *tools; /* the newest first */
    size_t tool_count;
    bool awaits_approval;
    int64_t thinking_since_ms; /* 0: it does not think */
    int64_t thought_ms;
};

/* How much of the chat the model was told with the question. */
struct turn_told {
    size_t messages; /* before the question */
    struct str from; /* id of the first one told */
    bool cut;        /* there are older ones */
    int64_t tokens;  /* estimate */
    int64_t bytes;
};

/* What a person answers to an agent that asked before it used a tool. */
struct turn_approval {
    struct str part_id;               /* empty: nothing was asked */
    struct databricks_approval reply; /* text is the turn's */
    int64_t expected_sequence; /* last event of the reply; -1: not open */
};

struct turn {
    struct api *api;
    struct list link; /* in api->turns */
    struct arena *arena;
    enum turn_state state;
    struct api_request *request; /* NULL: answered, or the client is gone */
    struct store_op *op;         /* under way, or NULL */
    struct store_op *waiting;    /* until nothing is in its way, or NULL */
    void (*checked)(struct turn *turn);        /* goes on after admit_model.c */
    void (*checked_tokens)(struct turn *turn); /* after usage.c */
    struct store_op *look;  /* whether it is to be stopped, or NULL */
    struct turn_wait *wait; /* way to the model, see waiting.c; or NULL */
    struct databricks_chat *chat;
    struct reply *reply;

    struct str request_id;
    struct auth_identity owner;
    struct secret user_token; /* of the owner, until it is stored; or empty */
    struct str session_id;
    struct str question;
    struct str question_id; /* id of the user's message */
    struct str reply_id;
    struct str model;
    bool model_said; /* by the request; else the chat's own or the default */
    bool include_history;
    bool history_said;
    bool untitled;                 /* nobody has named the chat yet */
    bool in_own_name;              /* asked with the person's token */
    struct chat_settings settings; /* of the chat, from begin_reply on */

    /* What the model is told (tell.c). */
    struct store_op *context; /* what was said before, until it answers */
    struct turn_told told;
    struct databricks_chat_request asked; /* last; without its messages */
    unsigned refused;      /* fields of enum model_field given up */
    int64_t most_tokens;   /* its cap of the answer, once it named one */
    bool halved;           /* what was said before was too long: */
    size_t half;           /* so many messages of it at most */
    struct str model_gone; /* the chat's model, which nobody offers now */
    bool other_form;       /* `form`, not that of the task */
    enum databricks_task form;

    bool has_place; /* of the quota */
    int64_t variant, variants;
    int64_t start_sequence; /* number of the reply's first event */

    /* A reply that goes on: what it has, and what was known of it. */
    bool continued;
    struct reply_prior prior;
    struct turn_approval approval;
    struct str prior_sources; /* JSON */
    struct str prior_metrics; /* JSON */

    struct genie_turn genie; /* whether Genie answers */

    int64_t started_ms;
    int64_t begun_us;       /* time of the question and of the reply's row */
    int64_t asked_ms;       /* 0: nobody was asked yet */
    int64_t head_ms;        /* 0: no answer has begun */
    int64_t first_token_ms; /* 0: none yet */
    struct databricks_usage usage;
    bool cut; /* usage is what was known when it was cut */
    struct str finish_reason;
    struct str sources;     /* JSON array, or empty */
    struct str metrics;     /* JSON, from the end on */
    struct str upstream_id; /* Databricks' id of the request, or empty */
    struct str trace_id;    /* absent: none that is known */
    struct str error_code;
    struct str error_message;
    int64_t ended_us;
    struct turn_parts parts;
};

/* ---- admit.c: whether it may begin ---- */

/*
 * Takes one of the places for replies that are being written. False: this
 * person may not start one now, and has been told why.
 */
bool turn_admit(struct api_request *r);

/*
 * Submits what makes the turn's rows, on behalf of its owner, and before that
 * looks whether its endpoint can be asked at all and whether the rate allows
 * it where all processes share one; if not the turn is refused and gone. The
 * op's done finds the turn in ctx and sets turn->op to NULL.
 */
void turn_submit(struct turn *turn, struct store_op *op);

/* The same without a look at anything. */
void turn_submit_now(struct turn *turn, struct store_op *op);

/* ---- admit_model.c: whether the model can be asked ---- */

/*
 * Before anything is stored: does the endpoint rest, do too many wait for it?
 * Then the turn is refused and gone, else next() is called, at once or later.
 */
void turn_check_model(struct turn *turn, void (*next)(struct turn *turn));

/* ---- usage.c: what a person has used ---- */

/*
 * Are there tokens of the day left? Else the turn is refused and gone; next()
 * is called, at once or later.
 */
void turn_check_tokens(struct turn *turn, void (*next)(struct turn *turn));

/* What the reply has cost, as told or estimated; 0 where nothing came. */
void turn_spent(
    struct turn *turn, int64_t *ret_prompt, int64_t *ret_completion);

/* What a person is told of an endpoint that rests; in the arena. */
struct circuit_view;
const char *turn_resting_text(
    struct arena *arena, struct str model, const struct circuit_view *view);
extern const char turn_busy_text[];

/* ---- waiting.c: when the model may be asked ---- */

/*
 * Asks the model as soon as its endpoint has room, or ends the reply when that
 * is not to be. turn_ask() may run inside.
 */
void turn_await(struct turn *turn);

/* databricks_event_fn of the call: an event for turn_on_event(), mostly. */
void turn_hear(void *ctx, const struct databricks_event *event);

/* The head of an answer is there; nothing else yet. */
void turn_hear_head(struct turn *turn, int status);

/* The call is over; error is NULL when the answer is whole. */
void turn_heard_out(struct turn *turn, const struct databricks_error *error);

/* Whatever place or wait the turn has ends here; harmless without one. */
void turn_give_way(struct turn *turn);

/* ---- ask.c: what the model is told, and its answer ---- */

/* Reads what was said before, if it is wanted, and asks the model. */
void turn_ask(struct turn *turn);

/* ---- turn_parts.c: what a reply has beside its text ---- */

/* An event of the model's; see databricks/event.h. */
void turn_on_event(void *ctx, const struct databricks_event *event);

/* UTF-16 code units of the answer so far: where a part stands. */
int64_t turn_at(struct turn *turn);

/*
 * Shows a part of the reply, or shows it anew: a JSON object with "id" and
 * "kind" (docs/api.md). Without "at" it stays where the part of that id was,
 * or stands at the end of the text so far. An id of letters, digits and
 * ".:_-" only. Beyond a bound, or when the reply has ended, it is left out.
 */
void turn_put_part(struct turn *turn, struct str json);

/* The same for a part that is written here: its members go to `w`. */
struct part_writer {
    struct buf json;
    struct json_writer w;
};

void turn_part_begin(struct part_writer *part, struct str id, const char *kind);
void turn_part_end(struct turn *turn, struct part_writer *part);

/* The person's answer becomes a part of the reply that it goes on with. */
void turn_put_approval(struct turn *turn);

/* A part that says a sentence to the person; one for each code. */
void turn_put_notice(struct turn *turn, const char *code, struct str text);

/* The answer and its parts so far are those of `prior`. */
void turn_parts_go_on(struct turn *turn, const struct reply_prior *prior);

/* The reply ends so: what nobody answered is marked. */
void turn_parts_end(struct turn *turn, enum reply_status status);

/* The answer as it is shown, and the parts that belong to it; turn's arena. */
struct str turn_content(struct turn *turn);
struct str turn_part_lines(struct turn *turn);

/* ---- turn.c: its life ---- */

/* A turn for this request; NULL when it was refused (and answered). */
struct turn *turn_new(struct api_request *request);

/*
 * A turn of the same person in the same chat that no request has asked for;
 * NULL when this is not the time for one.
 */
struct turn *turn_new_alone(const struct turn *before);

/* Frees a turn that has no reply. */
void turn_free(struct turn *turn);

/* The request, if the client is still there; it is answered by the caller. */
struct api_request *turn_take_request(struct turn *turn);

/* Copies s into the turn's arena. */
struct str turn_str(struct turn *turn, struct str s);

/* The question is stored: starts the reply, streams it, asks the model. */
void turn_begin_reply(struct turn *turn);

/* Ends the reply; the error members are set before where there is one. */
void turn_end(struct turn *turn, enum reply_status status);

/* Ends the reply as failed. */
void turn_fail(struct turn *turn, const char *code, const char *message);

/* Ends whatever the turn waits for; no more comes from the model. */
void turn_stop_producing(struct turn *turn);

enum store_status turn_stored_status(enum reply_status status);

/* ---- stop.c: stops that come from elsewhere ---- */

/* Stops the reply if it is made on this loop. */
void turn_stop(struct api *api, struct str reply_id);

/* Asks the store for every reply of this loop whether it is to be stopped. */
void turn_look_for_stops(struct api *api);

/* ---- chat.c: what every request that starts a reply needs ---- */

/* The endpoint asked for, or empty; false when it was refused. */
bool turn_read_model(
    struct api_request *r, const struct jv *body, struct str *ret);

/*
 * What the request says of the model (as turn_read_model() gave it) and of
 * include_history; either may be left to the chat's settings.
 */
void turn_set_wishes(
    struct turn *turn, struct str model, const struct jv *body);

/*
 * The turn is stored: takes the chat's settings from the operation, and from
 * them what the request left open. Before turn_begin_reply().
 */
void turn_take_settings(struct turn *turn, const struct store_op *op);

/* A new id, in the turn's arena. */
struct str turn_new_id(struct turn *turn);

/* What there was to store could not be: says so and forgets the turn. */
void turn_refuse(
    struct turn *turn, const struct store_op *op, struct str reply_in_progress);

/* Answers with a problem and forgets the turn. */
void turn_refuse_with(struct turn *turn, enum problem problem,
    const char *detail, const struct problem_extra *extra);

/* The same send again: it gets what the first one got, behind `after`. */
void turn_follow_first(struct turn *turn, struct str reply_id, uint64_t after);

/* ---- ask.c: what becomes of the answer ---- */

extern const struct databricks_chat_handlers turn_answer_handlers;

/* ---- tell.c: what the model is told ---- */

/*
 * The model refused: asks it in another way where that may help and nothing
 * was shown yet. False: the error stands.
 */
bool turn_ask_otherwise(
    struct turn *turn, const struct databricks_error *error);

/* The model answers, or never will: it is not asked again. */
void turn_forget_context(struct turn *turn);

/* ---- way_in.c ---- */

/*
 * Puts into the request in whose name it asks. False when that is not
 * possible: the reply was ended as failed.
 */
bool turn_choose_way(
    struct turn *turn, struct databricks_chat_request *request);

/* Tells the person that it is asked as this application, and why. */
void turn_tell_as_service(struct turn *turn, struct str why);

/* ---- send_queued.c ---- */

/* A reply is complete and stored: sends what waits in its chat, if any does. */
void turn_send_next(const struct turn *ended);

/* ---- again.c ---- */

/*
 * The start_key of the store for the request's Idempotency-Key, absent
 * without one; false when the header was refused.
 */
bool turn_start_key(struct api_request *r, const char *verb, struct str *ret);

/* turn_refuse() for what begins with a message that is there already. */
void turn_refuse_start(
    struct turn *turn, const struct store_op *op, struct str reply_in_progress);

/* ---- go_on.c: replies that go on ---- */

/* Lets turn->reply_id go on; the request is answered whatever comes of it. */
void turn_go_on(struct turn *turn, struct str start_key);

/* The reply that was found to go on: its text, events, numbers. */
void turn_take_prior(
    struct turn *turn, const struct store_continue_reply *reply);

/* How the model is asked to go on; stands behind the text it gave. */
struct str turn_go_on_wish(void);

/* Puts what was known before together with what has come. */
void turn_join_sources(struct turn *turn);
void turn_prior_usage(const struct turn *turn, double *ret_seconds,
    int64_t *ret_tokens, bool *ret_estimated);
double turn_prior_thought(const struct turn *turn); /* seconds */

/* First and last event as JSON, metrics as JSON (turn_wire.c). */
struct str turn_start_json(
    const struct turn *turn, bool continued, struct arena *arena);
struct str turn_final_json(struct turn *turn, enum reply_status status);
struct str turn_metrics_json(struct turn *turn);

#endif
