#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { MAX_DEPTH = 128 };

/* A struct jv is a json_t seen from outside; these two are the border. */
static const json_t *inner(const struct jv *v)
{
    return (const json_t *)(const void *)v;
}

static const struct jv *outer(const json_t *v)
{
    return (const struct jv *)(const void *)v;
}

/*
 * jansson's own depth limit is 2048; ours is lower, and checked before the
 * tree is built, because a deep document is always a mistake or an attack.
 */
static bool too_deep(struct str text, size_t *offset)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > MAX_DEPTH) {
                *offset = i;
                return true;
            }
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

static enum rc fail(struct jv_error *error, size_t offset, const char *text)
{
    if (error != NULL) {
        error->offset = offset;
        snprintf(error->text, sizeof(error->text), "%s", text);
    }
    return RC_INVALID;
}

enum rc jv_parse(struct str text, struct jv_error *error, struct jv **ret)
{
    size_t offset;
    if (too_deep(text, &offset))
        return fail(error, offset, "nested deeper than 128 levels");
    json_error_t je;
    json_t *root = json_loadb(text.n ? text.p : "", text.n,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);
    if (root == NULL && strstr(je.text, "JSON_ALLOW_NUL") != NULL)
        return fail(error, (size_t)je.position,
            "a string holds the character NUL, which is not allowed");
    if (root == NULL)
        return fail(error, je.position < 0 ? 0 : (size_t)je.position, je.text);
    *ret = (struct jv *)(void *)root;
    return RC_OK;
}

void jv_free(struct jv *root)
{
    json_decref((json_t *)(void *)root);
}

enum jv_type jv_type(const struct jv *v)
{
    if (v == NULL)
        return JV_NONE;
    switch (json_typeof(inner(v))) {
    case JSON_OBJECT:
        return JV_OBJECT;
    case JSON_ARRAY:
        return JV_ARRAY;
    case JSON_STRING:
        return JV_STRING;
    case JSON_INTEGER:
        return JV_INTEGER;
    case JSON_REAL:
        return JV_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JV_BOOL;
    case JSON_NULL:
        return JV_NULL;
    }
    return JV_NONE;
}

const struct jv *jv_get(const struct jv *object, const char *key)
{
    return outer(json_object_get(inner(object), key));
}

size_t jv_count(const struct jv *v)
{
    return jv_type(v) == JV_OBJECT ? json_object_size(inner(v))
                                   : json_array_size(inner(v));
}

const struct jv *jv_at(const struct jv *array, size_t i)
{
    return outer(json_array_get(inner(array), i));
}

bool jv_each(const struct jv *object, void **pos, struct str *ret_key,
    const struct jv **ret_value)
{
    if (jv_type(object) != JV_OBJECT)
        return false;
    /* jansson iterates over non-const objects but does not change them. */
    json_t *o = (json_t *)(uintptr_t)object;
    *pos = *pos == NULL ? json_object_iter(o) : json_object_iter_next(o, *pos);
    if (*pos == NULL)
        return false;
    *ret_key = str_from_c(json_object_iter_key(*pos));
    *ret_value = outer(json_object_iter_value(*pos));
    return true;
}

bool jv_is_null(const struct jv *v)
{
    return v == NULL || jv_type(v) == JV_NULL;
}

bool jv_string(const struct jv *v, struct str *ret)
{
    if (jv_type(v) != JV_STRING)
        return false;
    *ret =
        (struct str){json_string_value(inner(v)), json_string_length(inner(v))};
    return true;
}

bool jv_bool(const struct jv *v, bool *ret)
{
    if (jv_type(v) != JV_BOOL)
        return false;
    *ret = json_is_true(inner(v));
    return true;
}

bool jv_int(const struct jv *v, int64_t *ret)
{
    if (jv_type(v) != JV_INTEGER)
        return false;
    *ret = json_integer_value(inner(v));
    return true;
}

bool jv_number(const struct jv *v, double *ret)
{
    enum jv_type type = jv_type(v);
    if (type != JV_INTEGER && type != JV_REAL)
        return false;
    *ret = json_number_value(inner(v));
    return true;
}

struct str jv_get_str(const struct jv *object, const char *key)
{
    struct str s = {0};
    jv_string(jv_get(object, key), &s);
    return s;
}

static int dump_part(const char *p, size_t n, void *out)
{
    return buf_append(out, (struct str){p, n}) == RC_OK ? 0 : -1;
}

enum rc jv_dump(const struct jv *v, struct buf *out)
{
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    if (json_dump_callback(inner(v), dump_part, out, flags) != 0)
        return RC_TOO_LARGE;
    return RC_OK;
}
