#ifndef DATABRICKS_GENIE_H
#define DATABRICKS_GENIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"

/*
 * One question to a Genie space: an answer in words, the query that Genie
 * wrote, and its rows. Two protocols lead there (databricks 7.1 and 7.2): the
 * Conversation API, and the space's MCP server. Where MCP is asked for and
 * the workspace does not speak it, the Conversation API is used, as long as
 * the question has not been handed over; never the other way round.
 */
struct databricks_client;
struct databricks_genie;

enum {
    GENIE_MAX_ROWS = 1000,        /* kept of a result */
    GENIE_MAX_COLUMNS = 100,      /* the same */
    GENIE_MAX_CELL = 4 * 1024,    /* bytes of one value */
    GENIE_MAX_CELLS = 320 * 1024, /* bytes of all values */
    GENIE_MAX_SUGGESTIONS = 6,
    GENIE_MAX_TEXT = 64 * 1024, /* bytes of each text */
};

struct genie_column {
    struct str name;
    struct str type; /* "LONG", "STRING"...; may be empty */
};

/* What is known of the answer. Text is UTF-8; views live in an arena. */
struct genie_result {
    struct str conversation_id;
    struct str message_id;
    struct str attachment_id; /* of the query, may be empty */
    struct str state;         /* "COMPLETED", see databricks 7.1 */
    struct str text;          /* the answer in words, may be empty */
    struct str description;   /* what the query does */
    struct str title;
    struct str sql;
    const struct genie_column *columns;
    size_t column_count;
    const struct str *cells; /* row after row; an SQL NULL has no p */
    size_t rows;             /* of them */
    int64_t row_count;       /* rows of the result; -1: not told */
    bool truncated;          /* Genie itself left out more rows than that */
    const struct str *suggestions;
    size_t suggestion_count;
    struct str request_id; /* Databricks' id of the last call, or empty */
    struct str error_type; /* in Genie's words, both may be empty */
    struct str error_message;
};

/* All views are copied by start. */
struct databricks_genie_question {
    struct str space_id;
    struct str content;
    struct str conversation_id; /* to go on with; empty: a new one */
    bool mcp;
    struct str request_id; /* ours, for the log; may be empty */
    struct str user_token; /* to ask in a person's name; or empty */
    /* As this application where that token is refused or lacks a scope. */
    bool user_then_service;
};

/*
 * on_state whenever Genie's state, or the ids of conversation and message,
 * are known anew; on_done exactly once and last: result with RC_OK semantics
 * (Genie may have failed: result->state is FAILED and its error is set), or
 * error, when Genie could not be asked. Neither runs before start has
 * returned. Inside on_state the question may be cancelled; inside on_done the
 * handle is dead, and the views are valid during the call.
 */
struct databricks_genie_handlers {
    void (*on_state)(void *ctx, const struct genie_result *so_far);
    void (*on_done)(void *ctx, const struct genie_result *result,
        const struct databricks_error *error);
};

/* RC_INVALID when the space's id is none or the question is empty. */
[[nodiscard]] enum rc databricks_genie_start(struct databricks_client *client,
    const struct databricks_genie_question *question,
    const struct databricks_genie_handlers *handlers, void *ctx,
    struct databricks_genie **ret);

/*
 * Closes what is under way; no callback follows. Genie itself may go on: it
 * cannot be told. Not to be called after on_done.
 */
void databricks_genie_cancel(struct databricks_genie *genie);

#endif
