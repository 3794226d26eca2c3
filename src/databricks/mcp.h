#ifndef DATABRICKS_MCP_H
#define DATABRICKS_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/*
 * The Model Context Protocol's documents: JSON-RPC 2.0 requests and their
 * answers (databricks 7.2). Pure; who sends them is another matter.
 */
#define MCP_VERSION STR("2025-06-18")

struct mcp_argument {
    const char *name;
    struct str value; /* left out when empty */
};

/* Each appends one document. */
void mcp_write_initialize(struct buf *out, int64_t id);
void mcp_write_initialized(struct buf *out);
void mcp_write_list(struct buf *out, int64_t id);
void mcp_write_call(struct buf *out, int64_t id, struct str tool,
    const struct mcp_argument *arguments, size_t count);

enum mcp_verdict {
    MCP_RESULT,     /* text is what the tool said, if it was one */
    MCP_TOOL_ERROR, /* text is why the tool failed */
    MCP_ERROR,      /* text and code: the server did not take the request */
    MCP_UNREADABLE,
};

struct jv;

struct mcp_answer {
    enum mcp_verdict verdict;
    int64_t code;
    struct str text;         /* in the arena */
    struct jv *document;     /* to be freed by the caller; may be NULL */
    const struct jv *result; /* in the document */
};

enum { MCP_METHOD_NOT_FOUND = -32601 };

/* Reads the answer to request `id`, alone or in a batch. */
void mcp_read(
    struct str body, int64_t id, struct arena *arena, struct mcp_answer *ret);

/* Whether a document is an answer to request `id`, not a notification. */
bool mcp_answers(struct str body, int64_t id);

/*
 * The tool of a list whose name begins with `prefix`: the one that ends with
 * `suffix`, else the first. Empty: there is none. A view into the document.
 */
struct str mcp_find_tool(
    const struct jv *result, struct str prefix, struct str suffix);

#endif
