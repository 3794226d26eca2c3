#ifndef DATABRICKS_ENDPOINT_NAME_H
#define DATABRICKS_ENDPOINT_NAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* Longest name of a serving endpoint that we take, with its NUL. */
enum { ENDPOINT_NAME_SIZE = 129, ENDPOINT_PATH_MAX = 256 };

/* Letters, digits, '-', '_' and '.': nothing that a path must escape. */
bool endpoint_name_valid(struct str name);

/* Appends "/serving-endpoints/<name>/invocations". */
void endpoint_path(struct buf *out, struct str name);

#endif
