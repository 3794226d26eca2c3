#ifndef DATABRICKS_AGENT_DOCUMENT_H
#define DATABRICKS_AGENT_DOCUMENT_H

#include <stdbool.h>

struct jv;
struct answer;

enum { AGENT_ID_SIZE = 96 };

/*
 * Answers of the agent/v2/chat task (MLflow's ChatAgent). Deltas with the same
 * id are pieces of one message; an answer has several when the agent used
 * tools. Zeroed at the beginning.
 */
struct agent_reader {
    char message_id[AGENT_ID_SIZE]; /* of the last delta */
};

/*
 * Reads one document, a piece of a stream ({"delta": {...}}) or a whole answer
 * ({"messages": [...]}), into *answer. False when it is neither.
 */
bool agent_document_read(struct agent_reader *reader, const struct jv *document,
    struct answer *answer);

#endif
