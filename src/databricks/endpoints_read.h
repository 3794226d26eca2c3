#ifndef DATABRICKS_ENDPOINTS_READ_H
#define DATABRICKS_ENDPOINTS_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "databricks/endpoints.h"

struct jv;

/*
 * Reads the answer of GET /api/2.0/serving-endpoints (or of one endpoint).
 * The views in *ret_list point into document; the caller frees the list with
 * mem_free. RC_INVALID when it is not such an answer.
 */
[[nodiscard]] enum rc endpoints_read_list(const struct jv *document,
    struct databricks_endpoint **ret_list, size_t *ret_count);
[[nodiscard]] enum rc endpoints_read_one(
    const struct jv *document, struct databricks_endpoint *ret);

/* Reads the answer of GET <base>/models: all are taken for chat models. */
[[nodiscard]] enum rc endpoints_read_models(const struct jv *document,
    struct databricks_endpoint **ret_list, size_t *ret_count);

/* Whether people can chat with an endpoint of this task. */
bool endpoint_task_is_chat(struct str task);

#endif
