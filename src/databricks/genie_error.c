#include "base/buf.h"

#include "databricks/error_int.h"
#include "databricks/genie_int.h"

/* What a refusal of the workspace means for one who asks Genie. */
static const char *const sentences[] = {
    [DATABRICKS_UPSTREAM_RATE_LIMITED] =
        "Genie takes only a few questions a minute from this workspace; try "
        "again in a minute.",
    [DATABRICKS_UPSTREAM_FORBIDDEN] =
        "This Genie space, or its warehouse, may not be used; the operator "
        "must allow it.",
    [DATABRICKS_UPSTREAM_NOT_FOUND] =
        "There is no such Genie space, or it is not shared with this "
        "application; tell the operator.",
    [DATABRICKS_UPSTREAM_TIMEOUT] =
        "Genie took too long to answer; try again, or ask for less.",
    [DATABRICKS_UPSTREAM_BAD_RESPONSE] =
        "Genie gave an answer that cannot be read; try again.",
    [DATABRICKS_UPSTREAM_BAD_REQUEST] =
        "Genie refused the question; ask in other words.",
    [DATABRICKS_UPSTREAM_INTERRUPTED] =
        "The answer of Genie was cut; try again.",
    [DATABRICKS_UPSTREAM_UNAVAILABLE] =
        "Genie is not available right now; try again in a minute.",
    [DATABRICKS_UPSTREAM_ERROR] =
        "Genie failed to answer; try again in a minute.",
};

static void explain_scope(bool as_person, struct databricks_error *error)
{
    struct buf text;
    buf_init(&text, sizeof(error->message));
    buf_printf(&text,
        "%s lacks the scope %s, which Genie needs; the operator must add it.",
        as_person ? "Your sign-in" : "This application's access token",
        error->scopes[0] != '\0' ? error->scopes : "genie");
    error_put(error->message, sizeof(error->message), buf_str(&text));
    buf_release(&text);
}

void genie_explain(bool as_person, struct databricks_error *error)
{
    if (error->code == DATABRICKS_MISSING_SCOPE) {
        explain_scope(as_person, error);
        return;
    }
    if (error->code == DATABRICKS_UPSTREAM_AUTH && as_person)
        databricks_error_make(
            DATABRICKS_USER_TOKEN_REFUSED, str_from_c(error->detail), error);
    if (error->code < sizeof(sentences) / sizeof(*sentences) &&
        sentences[error->code] != NULL)
        error_put(error->message, sizeof(error->message),
            str_from_c(sentences[error->code]));
}
