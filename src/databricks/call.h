#ifndef DATABRICKS_CALL_H
#define DATABRICKS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"

/*
 * One HTTP call to the workspace: waits for a token, sends, reports, writes
 * its line into the log. Used by chats and look-ups; what an answer means is
 * their business.
 */
struct databricks_client;
struct databricks_call;

/* Views stay the caller's and valid until the call is over or freed. */
struct call_request {
    struct str method;
    struct str path;        /* below the workspace's address, or empty with */
    struct str url;         /* the whole address */
    struct str body;        /* JSON, or empty */
    struct str label;       /* for the log: the endpoint's name */
    struct str request_id;  /* for the log: ours */
    struct str user_token;  /* a person's, instead of the client's; or empty */
    struct str mcp_session; /* header Mcp-Session-Id, or empty */
    struct str mcp_version; /* header MCP-Protocol-Version, or empty */
    int64_t first_byte_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t total_timeout_ms;
};

/* on_done is the last. The call may be freed inside any of them. */
struct call_handlers {
    /* head->body is empty; its views are valid during the call. */
    void (*on_head)(void *ctx, const struct databricks_answer *head);
    void (*on_data)(void *ctx, struct str data);
    /*
     * why and reason as of http_client. error is set when there is nothing
     * to send it with: no token was to be had.
     */
    void (*on_done)(void *ctx, enum rc why, struct str reason,
        const struct databricks_error *error);
};

/* RC_BUSY when too many wait for a token; no callback follows then. */
[[nodiscard]] enum rc call_start(struct databricks_client *client,
    const struct call_request *request, const struct call_handlers *handlers,
    void *ctx, struct databricks_call **ret);

/* Closes what is under way; no callback follows. NULL is a no-op. */
void call_free(struct databricks_call *call);

void call_pause(struct databricks_call *call, bool paused);

/*
 * The workspace refused the token that this call was sent with. Whether
 * another may be had: not of a person's.
 */
bool call_refuse_token(struct databricks_call *call);

#endif
