#ifndef DATABRICKS_FETCH_H
#define DATABRICKS_FETCH_H

#include "databricks/call.h"

/*
 * A call whose answer is wanted as one document. A token that has run out is
 * replaced once; nothing else is tried again. An answer that comes as a
 * stream of server-sent events is the first event that the caller takes.
 */
struct fetch;

struct fetch_answer {
    int status;
    struct str body;        /* of the answer or of the event */
    struct str mcp_session; /* header Mcp-Session-Id, may be empty */
    struct str request_id;  /* Databricks' own, may be empty */
};

/*
 * The end: answer, whose views are valid during the call, or error. The
 * handle is dead.
 */
typedef void fetch_fn(void *ctx, const struct fetch_answer *answer,
    const struct databricks_error *error);

struct fetch_request {
    struct call_request call; /* views stay the caller's until the end */
    size_t max_body;
    /* Whether an event is the answer; NULL: the first one is. */
    bool (*takes)(void *ctx, struct str event);
};

/* Neither fails nor calls back here; whatever is wrong is told by fn. */
struct fetch *fetch_start(struct databricks_client *client,
    const struct fetch_request *request, fetch_fn *fn, void *ctx);

/* No callback follows; the handle is dead. NULL is a no-op. */
void fetch_cancel(struct fetch *fetch);

#endif
