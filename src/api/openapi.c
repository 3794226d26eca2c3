#include "base/num.h"

#include "api/openapi_int.h"

/*
 * The interface described for programs, as OpenAPI 3.1: paths, parameters,
 * bodies and refusals from the tables that the server itself works by, what it
 * answers from openapi/.
 */
enum { MAX_DOCUMENT = 1024 * 1024, MAX_REF = 128 };

static const char description[] =
    "The interface of databricks-chatbot, which its own page uses. A limit "
    "on the length of a text counts bytes of UTF-8. A member of a request "
    "that is null counts as absent, one that is not known is ignored. Clients "
    "must ignore members and kinds of events that they do not know.";

/* ---- Pieces ---- */

void openapi_put_ref(
    struct json_writer *w, const char *section, struct str name)
{
    struct buf path;
    buf_init(&path, MAX_REF);
    buf_printf(&path, "#/components/%s/%.*s", section, STR_ARG(name));
    json_begin_object(w);
    json_member_str(w, "$ref", buf_str(&path));
    json_end_object(w);
    buf_release(&path);
}

/* The members of a section of openapi/. */
static void put_texts(struct json_writer *w, const char *section)
{
    for (size_t i = 0; i < openapi_text_count; i++)
        if (str_eq(str_from_c(openapi_texts[i].section), str_from_c(section)))
            json_member_raw(
                w, openapi_texts[i].name, str_from_c(openapi_texts[i].json));
}

static void put_section(struct json_writer *w, const char *section)
{
    json_key(w, section);
    json_begin_object(w);
    put_texts(w, section);
    json_end_object(w);
}

/* "get" for "GET". */
static void put_method_key(struct json_writer *w, const char *method)
{
    char lower[16];
    size_t n = 0;
    for (; method[n] != '\0' && n + 1 < sizeof(lower); n++)
        lower[n] = (char)(method[n] - 'A' + 'a');
    lower[n] = '\0';
    json_key(w, lower);
}

/* ---- What is sent ---- */

static void put_query(struct json_writer *w, const struct api_schema *query)
{
    for (size_t i = 0; query != NULL && i < query->count; i++) {
        const struct api_field *f = &query->fields[i];
        json_begin_object(w);
        json_member_str(w, "name", str_from_c(f->name));
        json_member_str(w, "in", STR("query"));
        json_member_bool(w, "required", f->required);
        json_member_str(w, "description", str_from_c(f->help));
        json_key(w, "schema");
        api_put_query_schema(w, f);
        if (f->example != NULL)
            json_member_raw(w, "example", str_from_c(f->example));
        json_end_object(w);
    }
}

static void put_parameters(struct json_writer *w, const struct api_route *r)
{
    struct str rest = str_from_c(r->pattern), part, name;
    json_key(w, "parameters");
    json_begin_array(w);
    while (str_cut(rest, '{', &part, &rest)) {
        str_cut(rest, '}', &name, &rest);
        openapi_put_ref(w, "parameters", name);
    }
    put_query(w, r->query);
    if ((r->flags & API_IDEMPOTENCY_KEY) != 0)
        openapi_put_ref(w, "parameters", STR("Idempotency-Key"));
    if ((r->flags & API_LAST_EVENT_ID) != 0)
        openapi_put_ref(w, "parameters", STR("Last-Event-ID"));
    json_end_array(w);
}

static void put_body(struct json_writer *w, const struct api_route *r)
{
    json_key(w, "requestBody");
    json_begin_object(w);
    json_member_bool(w, "required", (r->flags & API_BODY_OPTIONAL) == 0);
    json_key(w, "content");
    json_begin_object(w);
    json_key(w, "application/json");
    json_begin_object(w);
    json_key(w, "schema");
    openapi_put_ref(w, "schemas", str_from_c(r->body->name));
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
}

/* ---- What is answered ---- */

static void put_header_ref(struct json_writer *w, const char *name)
{
    json_key(w, name);
    openapi_put_ref(w, "headers", str_from_c(name));
}

void openapi_put_headers(
    struct json_writer *w, const struct api_route *r, int64_t status)
{
    bool later = status == 429 || status == 503;
    json_key(w, "headers");
    json_begin_object(w);
    put_header_ref(w, "X-Request-Id");
    if (status == 303)
        put_header_ref(w, "Location");
    if (later)
        put_header_ref(w, "Retry-After");
    if ((r->flags & API_COUNTED) != 0 && (status == 200 || status == 429)) {
        put_header_ref(w, "RateLimit");
        put_header_ref(w, "RateLimit-Policy");
    }
    json_end_object(w);
}

static void put_key(struct json_writer *w, struct str text)
{
    struct buf key;
    buf_init(&key, MAX_REF);
    buf_append(&key, text);
    json_key(w, buf_c_str(&key));
    buf_release(&key);
}

/* "Chat", or "application/json Export, text/markdown Markdown". */
static void put_content(struct json_writer *w, struct str forms)
{
    struct str form, media_type, schema;
    json_key(w, "content");
    json_begin_object(w);
    while (forms.n > 0) {
        str_cut(forms, ',', &form, &forms);
        if (!str_cut(str_trim(form), ' ', &media_type, &schema)) {
            schema = media_type;
            media_type = STR("application/json");
        }
        put_key(w, media_type);
        json_begin_object(w);
        json_key(w, "schema");
        openapi_put_ref(w, "schemas", schema);
        json_end_object(w);
    }
    json_end_object(w);
}

static struct str meaning(struct str status)
{
    static const struct {
        const char *status;
        const char *text;
    } meanings[] = {{"200", "Done."}, {"201", "Made."},
        {"204", "Done; there is nothing (more) to say."}, {"303", "Go there."},
        {"503", "Not now."}};
    for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
        if (str_eq(status, str_from_c(meanings[i].status)))
            return str_from_c(meanings[i].text);
    return STR("Answer.");
}

/* One of "200 Chat", "200 text/event-stream ReplyStream", "204". */
static void put_answer(
    struct json_writer *w, const struct api_route *r, struct str answer)
{
    struct str status, forms;
    int64_t number = 0;
    str_cut(answer, ' ', &status, &forms);
    (void)num_parse_i64(status, 100, 599, &number);
    put_key(w, status);
    json_begin_object(w);
    json_member_str(w, "description", meaning(status));
    openapi_put_headers(w, r, number);
    if (forms.n > 0)
        put_content(w, forms);
    json_end_object(w);
}

/* ---- The document ---- */

static void put_operation(struct json_writer *w, const struct api_route *r)
{
    struct str rest = str_from_c(r->answer), answer;
    bool more = true;
    put_method_key(w, r->method);
    json_begin_object(w);
    json_member_str(w, "operationId", str_from_c(r->id));
    json_member_str(w, "summary", str_from_c(r->summary));
    json_key(w, "tags");
    json_begin_array(w);
    json_put_str(w, str_from_c(r->tag));
    json_end_array(w);
    put_parameters(w, r);
    if (r->body != NULL)
        put_body(w, r);
    if ((r->flags & API_PUBLIC) != 0)
        json_member_raw(w, "security", STR("[]"));
    json_key(w, "responses");
    json_begin_object(w);
    while (more) {
        more = str_cut(rest, '|', &answer, &rest);
        put_answer(w, r, answer);
    }
    openapi_put_refusals(w, r);
    json_end_object(w);
    json_end_object(w);
}

/* Rows of one pattern stand side by side or apart: each path is put once. */
static bool first_of_pattern(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(str_from_c(api_route_table[k].pattern),
                str_from_c(api_route_table[i].pattern)))
            return false;
    return true;
}

static void put_paths(struct json_writer *w)
{
    json_key(w, "paths");
    json_begin_object(w);
    for (size_t i = 0; i < api_route_count; i++) {
        struct str pattern = str_from_c(api_route_table[i].pattern);
        if (!first_of_pattern(i))
            continue;
        json_key(w, api_route_table[i].pattern);
        json_begin_object(w);
        for (size_t k = i; k < api_route_count; k++)
            if (str_eq(str_from_c(api_route_table[k].pattern), pattern))
                put_operation(w, &api_route_table[k]);
        json_end_object(w);
    }
    json_end_object(w);
}

static bool first_of_body(size_t i)
{
    const struct api_schema *body = api_route_table[i].body;
    for (size_t k = 0; k < i; k++)
        if (api_route_table[k].body == body)
            return false;
    return body != NULL;
}

static void put_codes(struct json_writer *w)
{
    json_key(w, "ProblemCode");
    json_begin_object(w);
    json_member_str(w, "type", STR("string"));
    json_key(w, "enum");
    json_begin_array(w);
    for (int i = 0; i < PROBLEM_COUNT; i++)
        json_put_str(w, str_from_c(problem_code((enum problem)i)));
    json_end_array(w);
    json_end_object(w);
}

static void put_schemas(struct json_writer *w, size_t max_message_bytes)
{
    json_key(w, "schemas");
    json_begin_object(w);
    put_texts(w, "schemas");
    put_codes(w);
    for (size_t i = 0; i < api_route_count; i++) {
        if (!first_of_body(i))
            continue;
        json_key(w, api_route_table[i].body->name);
        api_put_schema(w, api_route_table[i].body, max_message_bytes);
    }
    json_end_object(w);
}

static void put_components(struct json_writer *w, size_t max_message_bytes)
{
    json_key(w, "components");
    json_begin_object(w);
    put_schemas(w, max_message_bytes);
    json_key(w, "responses");
    json_begin_object(w);
    json_key(w, "Usual");
    openapi_put_usual(w);
    json_end_object(w);
    put_section(w, "parameters");
    put_section(w, "headers");
    put_section(w, "securitySchemes");
    json_end_object(w);
}

void api_describe(struct buf *out, struct str version, size_t max_message_bytes)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "openapi", STR("3.1.0"));
    json_key(&w, "info");
    json_begin_object(&w);
    json_member_str(&w, "title", STR("databricks-chatbot"));
    json_member_str(&w, "version", version);
    json_member_str(&w, "description", str_from_c(description));
    json_end_object(&w);
    put_texts(&w, "document");
    put_paths(&w);
    put_components(&w, max_message_bytes);
    json_end_object(&w);
}

void api_openapi(struct http_request *http, void *ctx)
{
    const struct api_config *config = &((struct api *)ctx)->config;
    struct buf out;
    buf_init(&out, MAX_DOCUMENT);
    api_describe(&out, config->version, config->max_message_bytes);
    api_respond_json(http, 200, &out);
}
