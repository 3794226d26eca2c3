#ifndef DATABRICKS_TOOL_CALLS_H
#define DATABRICKS_TOOL_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * The tool calls of an answer that come in pieces, put together: the pieces of
 * one call have the same index; id and name come once, the arguments bit by
 * bit. And tool calls as JSON for the events.
 */
struct jv;

enum {
    TOOL_CALLS_MAX = 32,         /* in one answer; more are left out */
    TOOL_TEXT_MAX = 64 * 1024,   /* bytes of one text; the rest is cut */
    TOOL_JSON_MAX = 1024 * 1024, /* of one event */
};

struct tool_call {
    int64_t index;
    struct buf id, name, arguments;
};

/* Of an answer; ends with tool_calls_release. */
struct tool_calls {
    struct tool_call *calls; /* TOOL_CALLS_MAX; NULL: there is none */
    size_t count;
};

void tool_calls_release(struct tool_calls *t);

/* {"index": n, "id": ..., "function": {"name": ..., "arguments": ...}} */
void tool_calls_piece(struct tool_calls *t, const struct jv *piece);

/* Appends the objects of databricks_event to out. */
void tool_call_write(
    struct buf *out, struct str id, struct str name, struct str arguments);
void tool_result_write(struct buf *out, struct str id, struct str output);
void tool_approval_write(struct buf *out, const struct jv *item);

#endif
