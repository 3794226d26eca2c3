#include "base/id.h"
#include "base/num.h"
#include "base/timestamp.h"

#include "api/problem.h"
#include "api/schema.h"

bool api_is_word(const char *words, struct str s)
{
    struct str rest = str_from_c(words), word;
    bool more = true;
    while (more) {
        more = str_cut(rest, '|', &word, &rest);
        if (str_eq(word, s))
            return true;
    }
    return false;
}

/* NULL when v fits, else what is wrong with it, to follow the field's name. */
static const char *text_fault(
    const struct api_field *f, const struct jv *v, size_t max)
{
    struct str s;
    int64_t us;
    if (!jv_string(v, &s))
        return "must be a string";
    if (f->type == API_ENUM)
        return api_is_word(f->words, s) ? NULL
                                        : "is not one of the known words";
    if (f->type == API_TIME)
        return timestamp_parse(s, &us) == RC_OK
                   ? NULL
                   : "must be an ISO 8601 date and time";
    if (s.n == 0 && !f->may_be_empty)
        return "must not be empty";
    if (s.n > max)
        return "is too long";
    if (f->type == API_ID && !id_valid(s, max))
        return "may hold only letters, digits, '.', '_' and '-'";
    if (!f->may_be_empty && str_trim(s).n == 0)
        return "must not be blank";
    return NULL;
}

static const char *array_fault(const struct jv *v)
{
    if (jv_type(v) != JV_ARRAY)
        return "must be an array of objects";
    for (size_t i = 0; i < jv_count(v); i++)
        if (jv_type(jv_at(v, i)) != JV_OBJECT)
            return "must be an array of objects";
    return NULL;
}

static const char *words_fault(const struct api_field *f, const struct jv *v)
{
    struct str word;
    if (jv_type(v) != JV_ARRAY)
        return "must be an array of words";
    if (jv_count(v) > f->max)
        return "has too many words";
    for (size_t i = 0; i < jv_count(v); i++)
        if (!jv_string(jv_at(v, i), &word) || !api_is_word(f->words, word))
            return "may hold only the known words";
    return NULL;
}

static const char *int_fault(const struct api_field *f, const struct jv *v)
{
    int64_t n;
    if (!jv_int(v, &n))
        return "must be a whole number";
    if (f->most > 0 && n > f->most)
        return "is too large";
    return n < f->min ? "is too small" : NULL;
}

static const char *field_fault(
    const struct api_field *f, const struct jv *v, size_t max)
{
    switch (f->type) {
    case API_TEXT:
    case API_ID:
    case API_TIME:
    case API_ENUM:
        return text_fault(f, v, max);
    case API_BOOL:
        return jv_type(v) == JV_BOOL ? NULL : "must be true or false";
    case API_INT:
        return int_fault(f, v);
    case API_ARRAY:
        return array_fault(v);
    case API_WORDS:
        return words_fault(f, v);
    case API_OBJECT:
        return jv_type(v) == JV_OBJECT ? NULL : "must be an object";
    }
    return NULL;
}

static bool refuse(struct http_request *http, const struct api_field *f,
    const char *fault, size_t max)
{
    struct arena *a = http_request_arena(http);
    struct str detail = arena_printf(a, "Field '%s' %s.", f->name, fault);
    if (str_eq(str_from_c(fault), STR("is too long")))
        detail = arena_printf(a,
            "Field '%s' is too long: at most %zu bytes are taken.", f->name,
            max);
    problem_respond(http, PROBLEM_INVALID_REQUEST, detail.p,
        &(struct problem_extra){.field = f->name});
    return false;
}

static bool check_fields(struct http_request *http,
    const struct api_schema *schema, size_t max_message_bytes,
    const struct jv *doc)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct api_field *f = &schema->fields[i];
        const struct jv *v = jv_get(doc, f->name);
        size_t max = f->max == 0 ? max_message_bytes : f->max;
        if (jv_is_null(v)) {
            if (f->required)
                return refuse(http, f, "is missing", max);
            continue;
        }
        const char *fault = field_fault(f, v, max);
        if (fault != NULL)
            return refuse(http, f, fault, max);
    }
    return true;
}

bool api_read_body(struct http_request *http, const struct api_schema *schema,
    size_t max_message_bytes, struct jv **ret)
{
    if (!str_eq_nocase(
            http_request_media_type(http), STR("application/json"))) {
        problem_respond(http, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
            "Send the body as Content-Type: application/json.", NULL);
        return false;
    }
    struct jv_error error;
    struct jv *doc;
    if (jv_parse(http_request_body(http), &error, &doc) != RC_OK) {
        struct str detail = arena_printf(http_request_arena(http),
            "The body is not valid JSON: %s (at byte %zu).", error.text,
            error.offset);
        problem_respond(http, PROBLEM_INVALID_JSON, detail.p, NULL);
        return false;
    }
    bool ok = jv_type(doc) == JV_OBJECT;
    if (!ok)
        problem_respond(http, PROBLEM_INVALID_REQUEST,
            "The body must be a JSON object.", NULL);
    else
        ok = check_fields(http, schema, max_message_bytes, doc);
    if (!ok) {
        jv_free(doc);
        return false;
    }
    *ret = doc;
    return true;
}

struct str api_text(const struct jv *body, const char *name)
{
    return jv_get_str(body, name);
}

bool api_bool(const struct jv *body, const char *name, bool fallback)
{
    bool v = fallback;
    jv_bool(jv_get(body, name), &v);
    return v;
}

int64_t api_int(const struct jv *body, const char *name, int64_t fallback)
{
    int64_t n = fallback;
    jv_int(jv_get(body, name), &n);
    return n;
}

int64_t api_time(const struct jv *body, const char *name, int64_t fallback)
{
    int64_t us = fallback;
    if (timestamp_parse(api_text(body, name), &us) != RC_OK)
        return fallback;
    return us;
}

/* ---- The query ---- */

/* What is wrong with a value, to follow the parameter's name; or NULL. */
static const char *query_fault(
    struct arena *a, const struct api_field *f, struct str value)
{
    int64_t n;
    int64_t most = f->most > 0 ? f->most : INT64_MAX - 1;
    if (f->type == API_ENUM && !api_is_word(f->words, value))
        return arena_printf(a, "must be one of: %s", f->words).p;
    if (f->type == API_INT && num_parse_i64(value, f->min, most, &n) != RC_OK)
        return arena_printf(a, "must be a whole number from %lld to %lld",
            (long long)f->min, (long long)most)
            .p;
    if (f->type == API_TEXT && f->max > 0 && value.n > f->max)
        return arena_printf(a, "is too long: at most %zu bytes", f->max).p;
    return NULL;
}

bool api_check_query(struct http_request *http, const struct api_schema *query)
{
    struct arena *a = http_request_arena(http);
    for (size_t i = 0; i < query->count; i++) {
        const struct api_field *f = &query->fields[i];
        struct str value = {0};
        const char *fault = NULL;
        if (http_request_query(http, f->name, &value))
            fault = query_fault(a, f, value);
        else if (f->required)
            fault = "is missing";
        if (fault == NULL)
            continue;
        problem_respond(http, PROBLEM_INVALID_REQUEST,
            arena_printf(a, "Query value '%s' %s.", f->name, fault).p,
            &(struct problem_extra){.field = f->name});
        return false;
    }
    return true;
}

struct str api_query_text(const struct http_request *http, const char *name)
{
    struct str value = {0};
    (void)http_request_query(http, name, &value);
    return value;
}

int64_t api_query_int(
    const struct http_request *http, const char *name, int64_t fallback)
{
    int64_t n;
    struct str value = api_query_text(http, name);
    return num_parse_i64(value, INT64_MIN, INT64_MAX, &n) == RC_OK ? n
                                                                   : fallback;
}
