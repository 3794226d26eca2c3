#ifndef DATABRICKS_RESPONSES_DOCUMENT_H
#define DATABRICKS_RESPONSES_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct jv;
struct answer;

enum { RESPONSES_ITEMS_MAX = 128, RESPONSES_ID_SIZE = 96 };

/*
 * Answers of the agent/v1/responses task (MLflow's ResponsesAgent, the OpenAI
 * Responses form). One stream may hold several model turns; a message's text
 * comes as deltas, as a finished item, or as both, and the finished item may
 * say more than the deltas did. What has been said is kept, so that nothing is
 * told twice and a richer text replaces the one before.
 */
struct responses_item {
    char id[RESPONSES_ID_SIZE];
    size_t begin, end; /* its text in `said` */
    bool done;
};

struct responses_reader {
    struct answer *answer;
    struct buf said;
    struct responses_item *items; /* RESPONSES_ITEMS_MAX; NULL: none yet */
    size_t count;
    bool reasoned; /* thinking came as deltas since the last reasoning item */
    bool itemised; /* finished items came in this model turn */
};

void responses_init(
    struct responses_reader *r, struct answer *answer, size_t max_answer);
void responses_release(struct responses_reader *r);

/*
 * Reads one document, an event of a stream or a whole answer. False when it
 * has nothing that this protocol knows. Failures are not read here.
 */
bool responses_read(struct responses_reader *r, const struct jv *document);

#endif
