#ifndef API_GENIE_ROUTE_H
#define API_GENIE_ROUTE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Whether a question is one about the data of the organisation, which Genie
 * can look up, or one for the model. Pure, and in doubt for the model: a
 * wrong "Genie" costs a person half a minute, a wrong "model" one click. It
 * knows English only.
 */
struct genie_verdict {
    bool genie;
    struct str reason; /* the words that decided, "how many ... clients" */
};

/* The reason lives in the arena; it is empty for the model. */
struct genie_verdict genie_route(struct str question, struct arena *arena);

#endif
