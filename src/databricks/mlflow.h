#ifndef DATABRICKS_MLFLOW_H
#define DATABRICKS_MLFLOW_H

#include <stdbool.h>

#include "base/str.h"
#include "databricks/error.h"

/*
 * What a person thinks of a reply, kept in MLflow as an assessment of the
 * reply's trace: one a trace and person, made, changed or deleted so that it
 * says what is given here.
 */
struct databricks_client;
struct mlflow_call;

struct mlflow_feedback {
    struct str trace_id;
    struct str source_id;     /* who: an e-mail address or an id */
    struct str assessment_id; /* known from before; or empty */
    /* There may be one although its id is not known: look before making one. */
    bool doubtful;
    bool withdrawn; /* there shall be none; the rest is not looked at */
    bool up;
    struct str comment;
    struct str reasons;    /* JSON array of words, or empty */
    struct str message_id; /* of the reply, in our history */
};

/*
 * The end; the handle is dead. assessment_id is the one that is there as far
 * as is known, with an error too; empty: none is. A trace that is not found
 * may only be late: UPSTREAM_NOT_FOUND.
 */
typedef void mlflow_done_fn(
    void *ctx, struct str assessment_id, const struct databricks_error *error);

/* Texts are copied. Neither fails nor calls back before it has returned. */
struct mlflow_call *mlflow_tell(struct databricks_client *client,
    const struct mlflow_feedback *feedback, mlflow_done_fn *fn, void *ctx);

/* No callback follows; the handle is dead. NULL is a no-op. */
void mlflow_cancel(struct mlflow_call *call);

#endif
