#ifndef DATABRICKS_GENIE_READ_H
#define DATABRICKS_GENIE_READ_H

#include <stdbool.h>

#include "base/arena.h"
#include "databricks/genie.h"

/*
 * What Genie's documents say, added to a result; pure. Texts are copied into
 * the arena and cut to their bounds. What a document does not tell stays as
 * it was.
 */
struct jv;

/* A GenieMessage, or what start-conversation answers (databricks 7.1). */
void genie_read_message(const struct jv *document, struct arena *arena,
    struct genie_result *result);

enum genie_statement {
    GENIE_STATEMENT_NONE,    /* the document holds none */
    GENIE_STATEMENT_RUNNING, /* look again */
    GENIE_STATEMENT_READY,   /* its rows were read */
    GENIE_STATEMENT_FAILED,  /* error_type and error_message were set */
    GENIE_STATEMENT_GONE,    /* its result has expired */
};

/* {"statement_response": ...} with rows of either protocol. */
enum genie_statement genie_read_statement(const struct jv *document,
    struct arena *arena, struct genie_result *result);

/*
 * The text of a tool's answer (databricks 7.2): JSON within JSON, in any of
 * its forms, or plain words.
 */
void genie_read_tool_text(
    struct str text, struct arena *arena, struct genie_result *result);

/* Whether Genie has ended with this message, and whether it went well. */
bool genie_state_over(struct str state);
bool genie_state_completed(struct str state);

#endif
