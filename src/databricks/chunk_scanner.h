#ifndef DATABRICKS_CHUNK_SCANNER_H
#define DATABRICKS_CHUNK_SCANNER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "databricks/answer.h"

/*
 * The common chunk of a chat stream, one piece of text, read without building
 * a tree. The scanner is exact: it says yes only to a document that it has
 * checked to its last byte and that holds nothing beyond what it knows, so
 * that a yes always means what the tree would have said. Everything else
 * (array content, tool calls, errors, traces, odd characters, a finish
 * reason, broken JSON) is a no, and the tree decides.
 */
struct chunk {
    struct str text; /* points into the data or into scratch */
    struct answer_counts counts;
};

/* scratch takes text with escapes; its content is replaced. */
bool chunk_scan(struct str data, struct buf *scratch, struct chunk *ret);

#endif
