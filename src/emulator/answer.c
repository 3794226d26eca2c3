#include "base/arena.h"
#include "base/id.h"
#include "base/json.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"

enum {
    OWN_HEADERS = 2,
    MAX_HEADERS = 8,
    ERROR_MAX = 64 * 1024,
    CODED_MAX = 32 * 1024 * 1024
};

/* What the gateway puts on every answer. */
static struct http_header *own_headers(struct http_request *r)
{
    struct arena *a = http_request_arena(r);
    struct http_header *h =
        arena_alloc(a, MAX_HEADERS * sizeof(struct http_header));
    char id[ID_SIZE];
    id_new(id);
    h[0] = (struct http_header){STR("server"), STR("databricks")};
    h[1] = (struct http_header){
        STR("server-timing"), arena_printf(a,
                                  "request_id;dur=0;desc=\"%s\", "
                                  "client_protocol;dur=0;desc=\"HTTP/1.1\"",
                                  id)};
    return h;
}

enum emu_coding emu_coding_of(const struct http_request *r)
{
    return emu_coding_asked(http_request_header(r, "accept-encoding"));
}

/* What says how the body is coded; the new number of headers. */
static size_t add_coding(
    struct http_header *h, size_t n, enum emu_coding coding)
{
    h[n++] = (struct http_header){STR("vary"), STR("Accept-Encoding")};
    if (coding != EMU_PLAIN)
        h[n++] = (struct http_header){
            STR("content-encoding"), emu_coding_name(coding)};
    return n;
}

static void respond(struct http_request *r, struct http_response *response,
    enum emu_coding coding)
{
    size_t n = OWN_HEADERS;
    struct emu_coder coder = {.coding = coding};
    struct buf coded;
    struct http_header *h = own_headers(r);
    for (size_t i = 0; i < response->header_count && n < MAX_HEADERS - 2; i++)
        h[n++] = response->headers[i];
    response->headers = h;
    response->header_count = add_coding(h, n, coding);
    buf_init(&coded, CODED_MAX);
    emu_coder_put(&coder, response->body, &coded);
    emu_coder_end(&coder, &coded);
    response->body = buf_str(&coded);
    http_respond(r, response);
    buf_release(&coded);
}

void emu_answer(struct http_request *r, int status, struct str type,
    struct str body, const struct http_header *extra, size_t extra_count)
{
    respond(r,
        &(struct http_response){.status = status,
            .content_type = type,
            .headers = extra,
            .header_count = extra_count,
            .body = body},
        body.n > 0 ? emu_coding_of(r) : EMU_PLAIN);
}

void emu_answer_coded(
    struct http_request *r, struct str body, enum emu_coding coding)
{
    respond(r,
        &(struct http_response){.status = 200,
            .content_type = STR("application/json"),
            .body = body},
        coding);
}

void emu_answer_json(struct http_request *r, struct str body)
{
    emu_answer(r, 200, STR("application/json"), body, NULL, 0);
}

/* Asked by the paths of a plain OpenAI-compatible server. */
static bool is_plain(const struct http_request *r)
{
    return str_starts_with(http_request_path(r), STR("/v1/"));
}

/* The error as such a server words it. */
static void write_plain_error(
    struct buf *out, int status, struct str code, struct str message)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_key(&w, "error");
    json_begin_object(&w);
    json_member_str(&w, "message", message);
    json_member_str(&w, "type",
        status == 401 || status == 403 ? STR("authentication_error")
        : status == 429                ? STR("rate_limit_exceeded")
        : status < 500                 ? STR("invalid_request_error")
                                       : STR("server_error"));
    json_member_null(&w, "param");
    json_member_opt(&w, "code",
        str_eq(code, STR("ENDPOINT_NOT_FOUND")) ? STR("model_not_found")
                                                : STR(""));
    json_end_object(&w);
    json_end_object(&w);
}

void emu_refuse(
    struct http_request *r, int status, struct str code, struct str message)
{
    struct buf body;
    struct http_header challenge = {
        STR("www-authenticate"), STR("Bearer realm=\"DatabricksRealm\"")};
    buf_init(&body, ERROR_MAX);
    if (is_plain(r))
        write_plain_error(&body, status, code, message);
    else
        emu_write_error(&body, code, message);
    emu_answer(r, status, STR("application/json"), buf_str(&body), &challenge,
        status == 401 ? 1 : 0);
    buf_release(&body);
}

void emu_answer_error(
    struct http_request *r, const struct emu_error_answer *answer)
{
    struct http_header extra[4];
    size_t n = 0;
    struct buf body;
    struct jv *document;
    buf_init(&body, ERROR_MAX);
    buf_append(&body, answer->body);
    if (is_plain(r) && jv_parse(answer->body, NULL, &document) == RC_OK) {
        struct str message = jv_get_str(document, "message");
        if (message.n > 0) {
            buf_clear(&body);
            write_plain_error(&body, answer->status,
                jv_get_str(document, "error_code"), message);
        }
        jv_free(document);
    }
    if (answer->retry_after.n > 0)
        extra[n++] =
            (struct http_header){STR("retry-after"), answer->retry_after};
    if (answer->location.n > 0)
        extra[n++] = (struct http_header){STR("location"), answer->location};
    if (answer->error_type.n > 0) {
        extra[n++] =
            (struct http_header){STR("x-amzn-errortype"), answer->error_type};
        extra[n++] = (struct http_header){STR("x-amzn-requestid"),
            STR("0b7f4a52-6f0c-4b9e-8d53-2d1a9d0c7e11")};
    }
    emu_answer(
        r, answer->status, answer->content_type, buf_str(&body), extra, n);
    buf_release(&body);
}

struct http_response emu_stream_head(
    struct http_request *r, struct str type, enum emu_coding coding)
{
    struct http_header *h = own_headers(r);
    return (struct http_response){.status = 200,
        .content_type = type,
        .headers = h,
        .header_count = add_coding(h, OWN_HEADERS, coding)};
}
