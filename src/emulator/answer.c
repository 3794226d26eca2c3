#include "base/arena.h"
#include "base/id.h"

#include "emulator/emulator_int.h"

enum { OWN_HEADERS = 2, MAX_HEADERS = 6, ERROR_MAX = 64 * 1024 };

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

void emu_answer(struct http_request *r, int status, struct str type,
    struct str body, const struct http_header *extra, size_t extra_count)
{
    struct http_header *h = own_headers(r);
    size_t n = OWN_HEADERS;
    for (size_t i = 0; i < extra_count && n < MAX_HEADERS; i++)
        h[n++] = extra[i];
    http_respond(r, &(struct http_response){.status = status,
                        .content_type = type,
                        .headers = h,
                        .header_count = n,
                        .body = body});
}

void emu_answer_json(struct http_request *r, struct str body)
{
    emu_answer(r, 200, STR("application/json"), body, NULL, 0);
}

void emu_refuse(
    struct http_request *r, int status, struct str code, struct str message)
{
    struct buf body;
    struct http_header challenge = {
        STR("www-authenticate"), STR("Bearer realm=\"DatabricksRealm\"")};
    buf_init(&body, ERROR_MAX);
    emu_write_error(&body, code, message);
    emu_answer(r, status, STR("application/json"), buf_str(&body), &challenge,
        status == 401 ? 1 : 0);
    buf_release(&body);
}

void emu_answer_error(
    struct http_request *r, const struct emu_error_answer *answer)
{
    struct http_header extra[2];
    size_t n = 0;
    if (answer->retry_after.n > 0)
        extra[n++] =
            (struct http_header){STR("retry-after"), answer->retry_after};
    if (answer->location.n > 0)
        extra[n++] = (struct http_header){STR("location"), answer->location};
    emu_answer(r, answer->status, answer->content_type, answer->body, extra, n);
}

struct http_response emu_stream_head(struct http_request *r, struct str type)
{
    return (struct http_response){.status = 200,
        .content_type = type,
        .headers = own_headers(r),
        .header_count = OWN_HEADERS};
}
