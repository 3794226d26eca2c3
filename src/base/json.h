#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * Reading JSON documents (RFC 8259). A value belongs to the document it came
 * from; jv_free() on the root ends them all. Every accessor accepts NULL
 * and values of another type and then says "not there", so that a chain of
 * lookups needs one check at its end. Strings are valid UTF-8 without NUL.
 */
struct jv;

enum jv_type {
    JV_NONE, /* NULL was passed */
    JV_NULL,
    JV_BOOL,
    JV_INTEGER,
    JV_REAL,
    JV_STRING,
    JV_ARRAY,
    JV_OBJECT,
};

/* Where parsing stopped and why, for a message to a person. */
struct jv_error {
    size_t offset; /* bytes from the start */
    char text[160];
};

/*
 * Parses all of text. RC_INVALID with *error (may be NULL) filled on bad
 * syntax, duplicate object keys, invalid UTF-8, a NUL in a string or nesting
 * deeper than 128. On RC_OK the caller owns *ret.
 */
[[nodiscard]] enum rc jv_parse(
    struct str text, struct jv_error *error, struct jv **ret);

/* Frees a root that jv_parse returned. NULL is a no-op. */
void jv_free(struct jv *root);

enum jv_type jv_type(const struct jv *v);

/* Member of an object or NULL. */
const struct jv *jv_get(const struct jv *object, const char *key);

/* Number of elements of an array or members of an object, else 0. */
size_t jv_count(const struct jv *v);

/* Element of an array or NULL. */
const struct jv *jv_at(const struct jv *array, size_t i);

/*
 * Members of an object one after the other: start with *pos = NULL; false at
 * the end. The key is valid as long as the document.
 */
bool jv_each(const struct jv *object, void **pos, struct str *ret_key,
    const struct jv **ret_value);

bool jv_is_null(const struct jv *v); /* JSON null or not there */
bool jv_string(const struct jv *v, struct str *ret);
bool jv_bool(const struct jv *v, bool *ret);
bool jv_int(const struct jv *v, int64_t *ret); /* integers only */
bool jv_number(const struct jv *v, double *ret);

/* The string member key of object, or the empty string. */
struct str jv_get_str(const struct jv *object, const char *key);

/* Appends v as compact JSON. RC_TOO_LARGE when out is full. */
enum rc jv_dump(const struct jv *v, struct buf *out);

#endif
