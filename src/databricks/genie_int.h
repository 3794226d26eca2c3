#ifndef DATABRICKS_GENIE_INT_H
#define DATABRICKS_GENIE_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/secret.h"
#include "loop/loop.h"
#include "databricks/client_int.h"
#include "databricks/fetch.h"
#include "databricks/genie.h"
#include "databricks/genie_read.h"

/*
 * A question is a chain of requests, one at a time, with waits between:
 *
 *   MCP:  OPEN -> GREET -> LIST -> ASK -> POLL... -> told
 *   REST:                          ASK -> POLL... -> ROWS... -> told
 *                                             `-> RERUN -^
 *
 * From any step before the answer to ASK MCP may give way to REST; from POLL
 * on too, because both know the same conversations.
 */
enum genie_step {
    GENIE_OPEN,  /* initialize */
    GENIE_GREET, /* notifications/initialized */
    GENIE_LIST,  /* tools/list */
    GENIE_ASK,
    GENIE_POLL,
    GENIE_ROWS,
    GENIE_RERUN,
};

struct genie_protocol {
    const char *name;
    enum genie_step first;
    /* Writes the request of g->step: method, path and body. */
    void (*write)(struct databricks_genie *g);
    /* The answer to g->step; goes on from there. */
    void (*read)(struct databricks_genie *g, const struct fetch_answer *answer);
    /* A failure that this protocol has an answer to; false: it has none. */
    bool (*failed)(
        struct databricks_genie *g, const struct databricks_error *error);
};

extern const struct genie_protocol genie_rest;
extern const struct genie_protocol genie_mcp;

struct databricks_genie {
    struct databricks_client *client;
    struct databricks_genie_handlers handlers;
    void *ctx;
    const struct genie_protocol *protocol;
    enum genie_step step;
    struct fetch *fetch;      /* under way, or NULL */
    struct loop_timer *timer; /* until the next step */
    struct loop_task freeing;
    bool dead;

    struct arena *arena;
    struct str space_id, content, request_id, label;
    struct secret user_token; /* empty: as this application */
    bool user_then_service;
    struct genie_result result;
    struct str told_state;   /* that on_state has heard last */
    struct str told_message; /* the same */

    /* The request of this step. */
    struct str method;
    struct buf path, body;
    char upstream_id[80]; /* of the last answer; see result.request_id */

    int64_t started_ms;
    int tries;        /* of this step */
    int polls;        /* since the question was taken */
    int failed_looks; /* times it was seen as failed, and asked again */
    bool executed;    /* it has run a query */
    bool answered;    /* the answer in words is whole */
    bool renewed;     /* a new conversation took the place of the one given */
    bool reran;

    /* MCP. */
    int64_t last_id;
    struct buf session;
    struct str query_tool, poll_tool;
};

/* Takes a step now, or after a wait; the handle may be dead then. */
void genie_go(struct databricks_genie *g, enum genie_step step);
void genie_wait(struct databricks_genie *g, enum genie_step step, int64_t ms);

/* The message was read: tells its state and does what comes next. */
void genie_message_read(struct databricks_genie *g);

/* Rows are not there yet; looks again. */
void genie_wait_for_rows(struct databricks_genie *g);

/* The end. The handle is dead. */
void genie_finish(struct databricks_genie *g);
void genie_fail(
    struct databricks_genie *g, const struct databricks_error *error);
void genie_fail_as(
    struct databricks_genie *g, enum databricks_code code, struct str detail);

/* A failure that may be got over: by waiting, by another protocol. */
void genie_trouble(
    struct databricks_genie *g, const struct databricks_error *error);

/* Genie says that it failed, in its words. */
void genie_refuse(
    struct databricks_genie *g, struct str type, struct str message);

/*
 * The conversation to go on with is not there any more, as a refusal says:
 * asks in a new one, once. False: that is not what it says.
 */
bool genie_renew(struct databricks_genie *g, bool gone, struct str text);

/* ---- genie_error.c ---- */

/* The sentence of a failure as one who asks Genie is to read it. */
void genie_explain(bool as_person, struct databricks_error *error);

#endif
