#ifndef DATABRICKS_EVENT_H
#define DATABRICKS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "databricks/error.h"

/*
 * What a model's answer consists of, whatever the protocol it came by. New
 * kinds are added at the end; a receiver ignores those it does not know.
 */
enum databricks_event_type {
    DATABRICKS_EVENT_TEXT,      /* text: the next piece of the answer */
    DATABRICKS_EVENT_REASONING, /* text: the next piece of the thinking */
    DATABRICKS_EVENT_USAGE,     /* usage; at most once, near the end */
    /*
     * text: "stop", "length", "tool_calls", "content_filter" or another word
     * of the model's; at most once.
     */
    DATABRICKS_EVENT_FINISH_REASON,
    /*
     * text: what an agent retrieved, a JSON array of at least one
     * {"page_content": string, "metadata": object}, at most 1 MiB; at most
     * once, at the end.
     */
    DATABRICKS_EVENT_SOURCES,
    /* text: what the workspace calls its trace of the answer; at most once. */
    DATABRICKS_EVENT_TRACE_ID,
    /*
     * text: what an agent asks a tool to do, a JSON object {"id": string,
     * "name": string, "arguments": string}, each text at most 64 KiB.
     */
    DATABRICKS_EVENT_TOOL_CALL,
    /*
     * text: what the tool said, {"id": string, "output": string}, and
     * "cut": true when it said more.
     */
    DATABRICKS_EVENT_TOOL_RESULT,
    /*
     * text: what an agent asks a person to allow before it goes on,
     * {"id", "name", "arguments", "server_label"}, all strings.
     */
    DATABRICKS_EVENT_APPROVAL,
    /* text: the whole answer so far, instead of the text told before. */
    DATABRICKS_EVENT_REPLACE,
    /*
     * text: a sentence, why the question was asked again as this application
     * and not in the person's name. Nothing of an answer came before.
     */
    DATABRICKS_EVENT_AS_SERVICE,
    /*
     * retry: the call failed and is made again after a while. Nothing of an
     * answer came before.
     */
    DATABRICKS_EVENT_RETRY,
};

struct databricks_retry {
    int64_t wait_ms;
    bool asked; /* upstream said how long */
    int next_try, max_tries;
    enum databricks_code code; /* of what failed */
};

/* Token counts; -1 where the endpoint did not tell. */
struct databricks_usage {
    int64_t prompt_tokens; /* includes what came from a cache */
    int64_t completion_tokens;
    int64_t cached_tokens;    /* of the prompt */
    int64_t reasoning_tokens; /* of the completion */
};

/* Views are valid during the call. Text is UTF-8, never empty, whole
 * characters. */
struct databricks_event {
    enum databricks_event_type type;
    struct str text;
    struct databricks_usage usage;
    struct databricks_retry retry;
};

typedef void databricks_event_fn(
    void *ctx, const struct databricks_event *event);

#endif
