#ifndef DATABRICKS_ERROR_INT_H
#define DATABRICKS_ERROR_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "databricks/error.h"

/*
 * What the body of a failed call says, whatever its shape. Views point into
 * the document or the body it was read from.
 */
struct error_facts {
    struct str code;    /* "REQUEST_LIMIT_EXCEEDED", "403", may be empty */
    struct str message; /* may be empty */
    struct str request_id;
    int64_t retry_after_ms; /* of google.rpc.RetryInfo, 0: none */
    bool input_blocked;     /* a guardrail refused the question */
    bool output_blocked;    /* a guardrail refused the answer */
    bool personal_data;     /* the guardrail found personal data */
    bool is_error;          /* the document speaks of a failure at all */
};

struct jv;

/*
 * Reads a JSON document. *ret_nested receives a document that lay inside the
 * message as text, or NULL; the caller frees it after the last use of facts.
 */
void error_facts_from_json(
    const struct jv *document, struct error_facts *ret, struct jv **ret_nested);

/* Reads text or HTML. */
void error_facts_from_text(struct str body, struct error_facts *ret);

/* Fills *ret from what is known; status 0 when the status was a success. */
void error_classify(
    int status, const struct error_facts *facts, struct databricks_error *ret);

/* "42s", "1.5s", "7" or empty as milliseconds; 0 when it is none of these. */
int64_t error_seconds_ms(struct str text);

/*
 * Says in the message which scopes (e->scopes, not empty) are missing: in a
 * person's token, or in the server's own.
 */
void error_explain_scope(struct databricks_error *e, bool of_person);

/* Copies s, cut to whole characters, as a C string; control bytes -> ' '. */
void error_put(char *to, size_t size, struct str s);

#endif
