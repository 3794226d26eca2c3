#include "api/api_int.h"

/* The interface described for people. */

enum { MAX_PAGE = 512 * 1024 };

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
    buf_init(&out, MAX_PAGE);
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
            buf_append(&out, STR(" Query:</p>"));
            put_fields(&out, r->query);
        } else {
            buf_append(&out, STR("</p>"));
        }
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
