#ifndef DATABRICKS_MODEL_TRAITS_H
#define DATABRICKS_MODEL_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "databricks/chat.h"

/*
 * What an endpoint takes beside messages, as far as its task and its name
 * tell. Pure. Endpoints refuse what they do not know, and the workspace says
 * nowhere what a model knows, so this is a table of what was seen; what it
 * gets wrong is learned from refusals (model_refusal.h).
 */
struct model_traits {
    bool temperature;
    double most_temperature; /* what is above is lowered to it */
    bool max_tokens;
    enum databricks_thinking thinking; /* how more of it is asked for */
    /* Thinking and a temperature exclude each other. */
    bool either_or;
    const char *least_effort; /* said when none is wished; NULL: nothing */
};

struct model_traits model_traits_of(
    enum databricks_task task, struct str endpoint);

/* How much an answer is to be thought over. */
enum model_effort {
    MODEL_EFFORT_UNSET,
    MODEL_EFFORT_OFF,
    MODEL_EFFORT_LOW,
    MODEL_EFFORT_MEDIUM,
    MODEL_EFFORT_HIGH,
};

struct model_wishes {
    int64_t max_tokens; /* 0: none */
    bool has_temperature;
    double temperature;
    enum model_effort effort;
};

/*
 * Puts into a request what an endpoint takes of the wishes. A budget for
 * thinking counts among max_tokens, so one that would leave no answer is not
 * asked for, and where there is no limit yet the request gets one.
 */
void model_traits_apply(const struct model_traits *traits,
    const struct model_wishes *wishes, struct databricks_chat_request *request);

#endif
