#ifndef DATABRICKS_ANSWER_H
#define DATABRICKS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "databricks/event.h"
#include "databricks/think_splitter.h"
#include "databricks/tool_calls.h"
#include "databricks/trace.h"

/*
 * An answer as it takes shape. Each protocol puts what it reads in here; out
 * come the events, thinking parted from text, usage, finish reason, sources
 * and the trace's id told once at the end.
 */
struct jv;

enum { ANSWER_FINISH_SIZE = 32 };

/* Counts as endpoints send them; -1 until one was seen. */
struct answer_counts {
    int64_t prompt;
    int64_t completion;
    int64_t cache_read;     /* beside prompt (Claude) */
    int64_t cache_creation; /* beside prompt (Claude) */
    int64_t cached;         /* within prompt (OpenAI's form) */
    int64_t reasoning;      /* within completion */
};

/* Embedded. stopped may be set at any time: no event follows. */
struct answer {
    databricks_event_fn *fn;
    void *ctx;
    struct think_splitter think;
    struct answer_counts counts;
    struct trace trace;
    struct tool_calls tools;
    bool apart;   /* the next text is a paragraph of its own */
    bool worded;  /* text was passed on */
    bool spoke;   /* text, reasoning or a tool call was passed on */
    bool stopped; /* nobody listens any more */
    char finish[ANSWER_FINISH_SIZE];
};

/* The answer must not move in memory afterwards. */
void answer_init(struct answer *a, databricks_event_fn *fn, void *ctx);

void answer_release(struct answer *a);

/* The next piece of text, which may hold <think> tags. Empty is a no-op. */
void answer_text(struct answer *a, struct str text);

/*
 * What comes next is another message of the same answer: its text, if there is
 * any, stands apart from the text before.
 */
void answer_next_message(struct answer *a);

/* The whole text instead of what was told; thinking in it is left out. */
void answer_replace(struct answer *a, struct str text);

/* A tool call that is known whole, and what came of one. */
void answer_tool_call(
    struct answer *a, struct str id, struct str name, struct str arguments);
void answer_tool_result(struct answer *a, struct str id, struct str output);

/* A piece of a tool call of a chat stream ("tool_calls": [{index, ...}]). */
void answer_tool_piece(struct answer *a, const struct jv *piece);

/* An item {"type": "mcp_approval_request", ...}. */
void answer_approval(struct answer *a, const struct jv *item);

/* A page that the answer leans on; the same one twice counts once. */
void answer_citation(struct answer *a, struct str url, struct str title);

/* The next piece of thinking. Empty is a no-op. */
void answer_reasoning(struct answer *a, struct str text);

/* Why the model stopped; the last word counts. Empty is a no-op. */
void answer_finish_reason(struct answer *a, struct str reason);

/* What looked like the end was that of one turn of several. */
void answer_goes_on(struct answer *a);

/* The id of the trace alone. Empty is a no-op. */
void answer_trace_id(struct answer *a, struct str id);

/* A usage object: counts so far, so the last of each counts. NULL is fine. */
void answer_usage(struct answer *a, const struct jv *usage);

/* The same counts, read already; -1 for those that were not there. */
void answer_add_counts(struct answer *a, const struct answer_counts *counts);

/* The trace of a document, where it has one; the last counts. */
void answer_trace(struct answer *a, const struct jv *document);

/* No text follows: gives out what was held back. */
void answer_flush(struct answer *a);

/* Gives out finish reason, usage, sources and trace id, where known. */
void answer_end(struct answer *a);

/* What was counted so far. */
struct databricks_usage answer_usage_so_far(const struct answer *a);

/* Whether a finish reason explains that there is no text. */
bool answer_explains_silence(const struct answer *a);

#endif
