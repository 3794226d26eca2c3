#ifndef DATABRICKS_ANSWER_H
#define DATABRICKS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "databricks/event.h"
#include "databricks/think_splitter.h"
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
};

/* Embedded. stopped may be set at any time: no event follows. */
struct answer {
    databricks_event_fn *fn;
    void *ctx;
    struct think_splitter think;
    struct answer_counts counts;
    struct trace trace;
    bool spoke;   /* text or reasoning was passed on */
    bool stopped; /* nobody listens any more */
    char finish[ANSWER_FINISH_SIZE];
};

/* The answer must not move in memory afterwards. */
void answer_init(struct answer *a, databricks_event_fn *fn, void *ctx);

void answer_release(struct answer *a);

/* The next piece of text, which may hold <think> tags. Empty is a no-op. */
void answer_text(struct answer *a, struct str text);

/* The next piece of thinking. Empty is a no-op. */
void answer_reasoning(struct answer *a, struct str text);

/* Why the model stopped; the last word counts. Empty is a no-op. */
void answer_finish_reason(struct answer *a, struct str reason);

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
