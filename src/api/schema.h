#ifndef API_SCHEMA_H
#define API_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/json_writer.h"
#include "http_server/http_server.h"

/*
 * Shapes of request bodies: one table validates requests and is printed in
 * the OpenAPI document.
 */
enum api_type {
    API_TEXT, /* string, 1 to max bytes unless empty is allowed */
    API_ID,   /* string of 1 to max of [A-Za-z0-9._-] */
    API_BOOL,
    API_INT,   /* whole number from min on, up to most unless that is 0 */
    API_TIME,  /* ISO 8601 string */
    API_ENUM,  /* one of the words in `words`, separated by '|' */
    API_ARRAY, /* of objects */
    API_WORDS, /* array of words in `words`, at most `max` of them */
    API_OBJECT,
};

struct api_field {
    const char *name;
    enum api_type type;
    bool required;
    bool may_be_empty; /* API_TEXT */
    size_t max;        /* bytes; 0: the server's bound on a message */
    int64_t min, most; /* API_INT */
    const char *words; /* API_ENUM, API_WORDS */
    const char *ref;   /* schema of an API_OBJECT, or of an array's items */
    const char *help;
    const char *example; /* JSON, for the OpenAPI document; or NULL */
};

struct api_schema {
    const char *name;
    const struct api_field *fields;
    size_t count;
};

/* Members that several requests have. */
#define API_FIELD_SESSION(text)                                                \
    {                                                                          \
        .name = "session_id", .type = API_ID, .required = true, .max = 64,     \
        .help = (text), .example = "\"demo-1\""                                \
    }
#define API_FIELD_HISTORY                                                      \
    {                                                                          \
        .name = "include_history", .type = API_BOOL,                           \
        .help = "Tell the model what was said before; default true."           \
    }
#define API_FIELD_ENDPOINT                                                     \
    {                                                                          \
        .name = "serving_endpoint", .type = API_TEXT, .max = 128,              \
        .may_be_empty = true, .help = "One of the models of /chat-api/config." \
    }

/*
 * Parses the request's body and checks it. A member that is null counts as
 * absent; unknown members are ignored. On success the caller owns *ret; else
 * the problem has been sent (it names the field).
 */
bool api_read_body(struct http_request *http, const struct api_schema *schema,
    size_t max_message_bytes, struct jv **ret);

/*
 * Checks the query against a table of API_TEXT, API_INT and API_ENUM. False:
 * the problem has been sent (it names the parameter).
 */
bool api_check_query(struct http_request *http, const struct api_schema *query);

/* Values of a checked query; absent gives "" or the fallback. */
struct str api_query_text(const struct http_request *http, const char *name);
int64_t api_query_int(
    const struct http_request *http, const char *name, int64_t fallback);

/* Whether s is one of the words, which are separated by '|'. */
bool api_is_word(const char *words, struct str s);

/* Values of a checked body; absent gives "" or the fallback. */
struct str api_text(const struct jv *body, const char *name);
bool api_bool(const struct jv *body, const char *name, bool fallback);
int64_t api_int(const struct jv *body, const char *name, int64_t fallback);
int64_t api_time(const struct jv *body, const char *name, int64_t fallback);

/* Writes the schema as JSON Schema. */
void api_put_schema(struct json_writer *w, const struct api_schema *schema,
    size_t max_message_bytes);

/* The same of one query parameter. */
void api_put_query_schema(struct json_writer *w, const struct api_field *f);

#endif
