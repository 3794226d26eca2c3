#ifndef DATABRICKS_ENDPOINT_NAME_H
#define DATABRICKS_ENDPOINT_NAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* Longest name of a serving endpoint that we take, with its NUL. */
enum { ENDPOINT_NAME_SIZE = 129, ENDPOINT_PATH_MAX = 256 };

/*
 * Servers that are no workspace name models as they like: "llama3.2:3b",
 * "system.ai.claude-sonnet-4-5", "org/model@7". Never part of a path.
 */
bool model_name_valid(struct str name);

/* Letters, digits, '-', '_' and '.': nothing that a path must escape. */
bool endpoint_name_valid(struct str name);

/* Appends "/serving-endpoints/<name>/invocations". */
void endpoint_path(struct buf *out, struct str name);

#endif
