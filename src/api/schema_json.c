#include "base/buf.h"

#include "api/schema.h"

/* Tables of fields as JSON Schema, for the OpenAPI document. */

/* The type of a member that may be absent has null beside it. */
static void put_type(struct json_writer *w, const char *type, bool nullable)
{
    if (!nullable) {
        json_member_str(w, "type", str_from_c(type));
        return;
    }
    json_key(w, "type");
    json_begin_array(w);
    json_put_str(w, str_from_c(type));
    json_put_str(w, STR("null"));
    json_end_array(w);
}

static void put_words(struct json_writer *w, const char *words, bool nullable)
{
    struct str rest = str_from_c(words), word;
    bool more = true;
    json_key(w, "enum");
    json_begin_array(w);
    while (more) {
        more = str_cut(rest, '|', &word, &rest);
        json_put_str(w, word);
    }
    if (nullable)
        json_put_null(w);
    json_end_array(w);
}

static void put_ref(struct json_writer *w, const char *name)
{
    struct buf path;
    buf_init(&path, 256);
    buf_printf(&path, "#/components/schemas/%s", name);
    json_begin_object(w);
    json_member_str(w, "$ref", buf_str(&path));
    json_end_object(w);
    buf_release(&path);
}

static void put_text(
    struct json_writer *w, const struct api_field *f, size_t max)
{
    if (f->type == API_ID)
        json_member_str(w, "pattern", STR("^[A-Za-z0-9._-]+$"));
    else if (!f->may_be_empty)
        json_member_str(w, "pattern", STR("\\S"));
    if (max > 0)
        json_member_int(w, "maxLength", (int64_t)max);
    if (!f->may_be_empty)
        json_member_int(w, "minLength", 1);
}

static void put_array(struct json_writer *w, const struct api_field *f)
{
    if (f->type == API_WORDS)
        json_member_int(w, "maxItems", (int64_t)f->max);
    json_key(w, "items");
    if (f->ref != NULL) {
        put_ref(w, f->ref);
        return;
    }
    json_begin_object(w);
    json_member_str(
        w, "type", f->type == API_WORDS ? STR("string") : STR("object"));
    if (f->type == API_WORDS)
        put_words(w, f->words, false);
    json_end_object(w);
}

static void put_number(struct json_writer *w, const struct api_field *f)
{
    json_member_int(w, "minimum", f->min);
    if (f->most > 0)
        json_member_int(w, "maximum", f->most);
}

/* What there is to say of a field's value beside its type. */
static void put_bounds(
    struct json_writer *w, const struct api_field *f, size_t max, bool nullable)
{
    switch (f->type) {
    case API_TEXT:
    case API_ID:
        put_text(w, f, max);
        break;
    case API_INT:
        put_number(w, f);
        break;
    case API_TIME:
        json_member_str(w, "format", STR("date-time"));
        break;
    case API_ENUM:
        put_words(w, f->words, nullable);
        break;
    case API_ARRAY:
    case API_WORDS:
        put_array(w, f);
        break;
    case API_BOOL:
    case API_OBJECT:
        break;
    }
}

static void put_value(
    struct json_writer *w, const struct api_field *f, size_t max, bool nullable)
{
    static const char *const types[] = {[API_TEXT] = "string",
        [API_ID] = "string",
        [API_BOOL] = "boolean",
        [API_INT] = "integer",
        [API_TIME] = "string",
        [API_ENUM] = "string",
        [API_ARRAY] = "array",
        [API_WORDS] = "array",
        [API_OBJECT] = "object"};
    put_type(w, types[f->type], nullable);
    put_bounds(w, f, max, nullable);
}

/* An object of the shape of another schema. */
static void put_object_ref(struct json_writer *w, const struct api_field *f)
{
    json_key(w, "anyOf");
    json_begin_array(w);
    put_ref(w, f->ref);
    json_begin_object(w);
    json_member_str(w, "type", STR("null"));
    json_end_object(w);
    json_end_array(w);
}

static void put_field(
    struct json_writer *w, const struct api_field *f, size_t max)
{
    json_key(w, f->name);
    json_begin_object(w);
    if (f->type == API_OBJECT && f->ref != NULL)
        put_object_ref(w, f);
    else
        put_value(w, f, max, !f->required);
    json_member_str(w, "description", str_from_c(f->help));
    if (f->example != NULL) {
        json_key(w, "examples");
        json_begin_array(w);
        json_put_raw(w, str_from_c(f->example));
        json_end_array(w);
    }
    json_end_object(w);
}

void api_put_schema(struct json_writer *w, const struct api_schema *schema,
    size_t max_message_bytes)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("object"));
    json_key(w, "required");
    json_begin_array(w);
    for (size_t i = 0; i < schema->count; i++)
        if (schema->fields[i].required)
            json_put_str(w, str_from_c(schema->fields[i].name));
    json_end_array(w);
    json_key(w, "properties");
    json_begin_object(w);
    for (size_t i = 0; i < schema->count; i++) {
        const struct api_field *f = &schema->fields[i];
        put_field(w, f, f->max == 0 ? max_message_bytes : f->max);
    }
    json_end_object(w);
    json_end_object(w);
}

void api_put_query_schema(struct json_writer *w, const struct api_field *f)
{
    json_begin_object(w);
    put_value(w, f, f->max, false);
    json_end_object(w);
}
