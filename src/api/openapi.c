#include "api/api_int.h"

/* The interface described: for programs as OpenAPI 3.1, for people as HTML. */

enum { MAX_DOCUMENT = 512 * 1024 };

static const struct api_schema *const schemas[] = {&api_chat_schema,
    &api_regenerate_schema, &api_approve_schema, &api_error_schema,
    &api_token_schema, &api_chat_update_schema, &api_queue_schema,
    &api_queue_update_schema, &api_draft_schema, &api_rate_schema};

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

static void put_parameter(struct json_writer *w, struct str name,
    const char *in, struct str description)
{
    json_begin_object(w);
    json_member_str(w, "name", name);
    json_member_str(w, "in", str_from_c(in));
    json_member_bool(w, "required", str_eq(str_from_c(in), STR("path")));
    if (description.n > 0)
        json_member_str(w, "description", description);
    json_member_raw(w, "schema", STR("{\"type\":\"string\"}"));
    json_end_object(w);
}

/* The {names} of the pattern and the "name: meaning; ..." of the query. */
static void put_parameters(struct json_writer *w, const struct api_route *r)
{
    struct str rest = str_from_c(r->pattern), part, name;
    json_key(w, "parameters");
    json_begin_array(w);
    while (str_cut(rest, '{', &part, &rest)) {
        str_cut(rest, '}', &name, &rest);
        put_parameter(w, name, "path", (struct str){0});
    }
    rest = str_from_c(r->query);
    while (rest.n > 0) {
        struct str meaning;
        str_cut(rest, ';', &part, &rest);
        str_cut(part, ':', &name, &meaning);
        put_parameter(w, str_trim(name), "query", str_trim(meaning));
    }
    json_end_array(w);
}

static void put_body(struct json_writer *w, const struct api_route *r)
{
    struct buf ref;
    buf_init(&ref, 256);
    buf_printf(&ref,
        "{\"required\":%s,\"content\":{\"application/json\":{\"schema\":"
        "{\"$ref\":\"#/components/schemas/%s\"}}}}",
        (r->flags & API_BODY_OPTIONAL) == 0 ? "true" : "false", r->body->name);
    json_member_raw(w, "requestBody", buf_str(&ref));
    buf_release(&ref);
}

static void put_operation(struct json_writer *w, const struct api_route *r)
{
    bool stream = (r->flags & API_STREAM) != 0;
    put_method_key(w, r->method);
    json_begin_object(w);
    json_member_str(w, "summary", str_from_c(r->summary));
    put_parameters(w, r);
    if (r->body != NULL)
        put_body(w, r);
    if ((r->flags & API_PUBLIC) != 0)
        json_member_raw(w, "security", STR("[]"));
    json_member_raw(w, "responses",
        stream ? STR("{\"200\":{\"description\":\"Events\",\"content\":"
                     "{\"text/event-stream\":{}}},\"default\":"
                     "{\"$ref\":\"#/components/responses/Problem\"}}")
               : STR("{\"2XX\":{\"description\":\"Done\"},\"default\":"
                     "{\"$ref\":\"#/components/responses/Problem\"}}"));
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

static void put_components(struct json_writer *w, const struct api *api)
{
    json_key(w, "components");
    json_begin_object(w);
    json_key(w, "schemas");
    json_begin_object(w);
    for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
        json_key(w, schemas[i]->name);
        api_put_schema(w, schemas[i], api->config.max_message_bytes);
    }
    json_member_raw(w, "Problem",
        STR("{\"type\":\"object\",\"required\":[\"status\",\"code\","
            "\"detail\",\"request_id\"],\"properties\":{"
            "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
            "\"status\":{\"type\":\"integer\"},"
            "\"code\":{\"type\":\"string\"},"
            "\"detail\":{\"type\":\"string\"},"
            "\"request_id\":{\"type\":\"string\"},"
            "\"field\":{\"type\":\"string\"},"
            "\"retry_after\":{\"type\":\"integer\"},"
            "\"message_id\":{\"type\":\"string\"},"
            "\"revision\":{\"type\":\"integer\"}}}"));
    json_member_raw(w, "Part",
        STR("{\"type\":\"object\",\"required\":[\"id\",\"kind\",\"at\"],"
            "\"description\":\"What a reply has beside its text; one that "
            "comes again takes the place of the one before.\","
            "\"properties\":{\"id\":{\"type\":\"string\"},"
            "\"kind\":{\"type\":\"string\",\"examples\":[\"tool\","
            "\"approval\",\"notice\"]},"
            "\"at\":{\"type\":\"integer\",\"minimum\":0,\"description\":"
            "\"UTF-16 code units of the text before it\"}},"
            "\"additionalProperties\":true}"));
    json_end_object(w);
    json_member_raw(w, "responses",
        STR("{\"Problem\":{\"description\":\"What went wrong\",\"content\":"
            "{\"application/problem+json\":{\"schema\":"
            "{\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
    json_member_raw(w, "securitySchemes",
        STR("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
            "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\","
            "\"name\":\"chatbot_session\"}}"));
    json_end_object(w);
}

void api_openapi(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_DOCUMENT);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "openapi", STR("3.1.0"));
    json_key(&w, "info");
    json_begin_object(&w);
    json_member_str(&w, "title", STR("databricks-chatbot"));
    json_member_str(&w, "version", api->config.version);
    json_end_object(&w);
    json_member_raw(&w, "security", STR("[{\"bearer\":[]},{\"session\":[]}]"));
    put_paths(&w);
    put_components(&w, api);
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

/* Table text holds no markup of its own; these three could still start some. */
static void put_html(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '&')
            buf_append(out, STR("&amp;"));
        else if (s.p[i] == '<')
            buf_append(out, STR("&lt;"));
        else if (s.p[i] == '"')
            buf_append(out, STR("&quot;"));
        else
            buf_append_char(out, s.p[i]);
    }
}

static void put_fields(struct buf *out, const struct api_schema *schema)
{
    buf_append(out, STR("<ul>"));
    for (size_t i = 0; i < schema->count; i++) {
        buf_append(out, STR("<li><code>"));
        put_html(out, str_from_c(schema->fields[i].name));
        buf_append(out, schema->fields[i].required ? STR("</code>, required: ")
                                                   : STR("</code>: "));
        put_html(out, str_from_c(schema->fields[i].help));
        buf_append(out, STR("</li>"));
    }
    buf_append(out, STR("</ul>"));
}

void api_docs(struct http_request *http, void *)
{
    struct buf out;
    buf_init(&out, MAX_DOCUMENT);
    buf_append(&out,
        STR("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width\">"
            "<title>databricks-chatbot API</title>"
            "<h1>databricks-chatbot API</h1><p>For programs: "
            "<a href=\"/chat-api/openapi.json\">openapi.json</a>.</p><dl>"));
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *r = &api_route_table[i];
        buf_append(&out, STR("<dt><code>"));
        put_html(&out, str_from_c(r->method));
        buf_append_char(&out, ' ');
        put_html(&out, str_from_c(r->pattern));
        buf_append(&out, STR("</code></dt><dd><p>"));
        put_html(&out, str_from_c(r->summary));
        if (r->query != NULL) {
            buf_append(&out, STR(" Query: "));
            put_html(&out, str_from_c(r->query));
            buf_append_char(&out, '.');
        }
        buf_append(&out, STR("</p>"));
        if (r->body != NULL)
            put_fields(&out, r->body);
        buf_append(&out, STR("</dd>"));
    }
    buf_append(&out, STR("</dl></html>"));
    static const struct http_header headers[] = {
        {{"Content-Security-Policy", 23},
            {"default-src 'none'; frame-ancestors 'none'", 42}}};
    http_respond(http, &(struct http_response){
                           .status = 200,
                           .content_type = STR("text/html; charset=utf-8"),
                           .headers = headers,
                           .header_count = 1,
                           .body = buf_str(&out),
                       });
    buf_release(&out);
}
