#ifndef API_OPENAPI_INT_H
#define API_OPENAPI_INT_H

#include <stddef.h>

#include "api/api_int.h"

/*
 * The part of the OpenAPI document that is written by hand, as JSON: a member
 * of a section. Made from the files of openapi/ by tools/embed_openapi.py.
 */
struct openapi_text {
    const char *section; /* "schemas" */
    const char *name;    /* "Chat" */
    const char *json;
};

extern const struct openapi_text openapi_texts[];
extern const size_t openapi_text_count;

/* {"$ref": "#/components/<section>/<name>"} */
void openapi_put_ref(
    struct json_writer *w, const char *section, struct str name);

/* Member "headers" of a response. */
void openapi_put_headers(
    struct json_writer *w, const struct api_route *r, int64_t status);

/* Members of "responses": each refusal of the operation by its status. */
void openapi_put_refusals(struct json_writer *w, const struct api_route *r);

/* The response for what belongs to HTTP itself and can meet any request. */
void openapi_put_usual(struct json_writer *w);

#endif
