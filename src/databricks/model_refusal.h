#ifndef DATABRICKS_MODEL_REFUSAL_H
#define DATABRICKS_MODEL_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "databricks/chat.h"
#include "databricks/error.h"

/*
 * Whether a failed call says that the endpoint does not take something we
 * sent. Pure. Only a 400 (or 422) that names it counts: any other one would
 * be refused again.
 */
enum model_field {
    MODEL_FIELD_TEMPERATURE = 1,
    MODEL_FIELD_MAX_TOKENS = 2, /* at all, or above `most` */
    MODEL_FIELD_THINKING = 4,
    MODEL_FIELD_TRACE = 8,
    MODEL_FIELD_CONTEXT = 16,
    MODEL_FIELD_STREAM = 64, /* it answers at once only */
    MODEL_FIELD_FORM = 32, /* messages where input is wanted, or the reverse */
};

struct model_refusal {
    enum model_field field;
    int64_t most; /* of max_tokens; 0: none of it is taken */
};

/* False when nothing that was sent is named. */
bool model_refusal_read(const struct databricks_error *error,
    const struct databricks_chat_request *sent, struct model_refusal *ret);

/* Words for a person: "temperature", "the limit of the answer" and so on. */
const char *model_field_words(enum model_field field);

#endif
