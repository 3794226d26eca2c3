#ifndef DATABRICKS_TRACE_H
#define DATABRICKS_TRACE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * What an agent tells of its own work, in databricks_output.trace of a piece
 * of its answer. Of that we keep what it retrieved and the id of the trace.
 * Traces come from other people's code: whatever is odd is passed over.
 */
struct jv;

enum {
    TRACE_SOURCES_MAX = 100,
    TRACE_CONTENT_MAX = 64 * 1024, /* of one source's text, in bytes */
    TRACE_TOTAL_MAX = 1024 * 1024, /* of all sources as JSON */
    TRACE_ID_SIZE = 128,
};

/* Of an answer; ends with trace_release. */
struct trace {
    struct buf sources;   /* JSON array of {"page_content","metadata"}, or "" */
    struct buf citations; /* the same for cited pages, without brackets */
    size_t citation_count;
    char id[TRACE_ID_SIZE];
};

void trace_init(struct trace *t);
void trace_release(struct trace *t);

/*
 * Reads the trace of a document, if it has one. The last retriever whose
 * output is a list counts, also across the documents of one answer; texts
 * are cut on a character, and what goes beyond the limits is left out.
 */
void trace_read(struct trace *t, const struct jv *document);

/* The id alone; one that is empty or too long is passed over. */
void trace_set_id(struct trace *t, struct str id);

/* A page that the answer names; the same address and title count once. */
void trace_cite(struct trace *t, struct str url, struct str title);

/* Nothing more comes: cited pages follow what was retrieved. */
void trace_finish(struct trace *t);

#endif
