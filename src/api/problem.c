#include "base/json_writer.h"
#include "telemetry/metrics.h"

#include "api/problem.h"
#include "api/usage.h"

#define API_PROBLEM_ROW(id, status, code, title) {status, code, title},
static const struct {
    int status;
    const char *code;
    const char *title;
} problem_rows[] = {API_PROBLEM_TABLE(API_PROBLEM_ROW)};
#undef API_PROBLEM_ROW

enum { MAX_PROBLEM = 8192 };

const char *problem_code(enum problem problem)
{
    return problem_rows[problem].code;
}

const char *problem_title(enum problem problem)
{
    return problem_rows[problem].title;
}

int problem_status(enum problem problem)
{
    return problem_rows[problem].status;
}

static void write_problem(struct buf *out, const struct http_request *http,
    enum problem problem, const char *detail, const struct problem_extra *extra)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "type", STR("about:blank"));
    json_member_str(&w, "title", str_from_c(problem_rows[problem].title));
    json_member_int(&w, "status", problem_rows[problem].status);
    json_member_str(&w, "code", str_from_c(problem_rows[problem].code));
    json_member_str(&w, "detail", str_from_c(detail));
    json_member_str(&w, "request_id", http_request_id(http));
    if (extra->field != NULL)
        json_member_str(&w, "field", str_from_c(extra->field));
    if (extra->retry_after_ms > 0)
        json_member_int(
            &w, "retry_after", (extra->retry_after_ms + 999) / 1000);
    if (extra->message_id.n > 0)
        json_member_str(&w, "message_id", extra->message_id);
    if (extra->revision > 0)
        json_member_int(&w, "revision", extra->revision);
    json_end_object(&w);
}

void problem_respond(struct http_request *http, enum problem problem,
    const char *detail, const struct problem_extra *extra)
{
    static const struct problem_extra nothing;
    if (extra == NULL)
        extra = &nothing;
    metrics_count_code(
        METRIC_CODE_REFUSALS, str_from_c(problem_rows[problem].code));
    struct buf body;
    buf_init(&body, MAX_PROBLEM);
    write_problem(&body, http, problem, detail, extra);
    struct http_header headers[4 + USAGE_HEADERS];
    size_t n = 0;
    headers[n++] = (struct http_header){STR("Cache-Control"), STR("no-store")};
    if (extra->retry_after_ms > 0)
        headers[n++] = (struct http_header){STR("Retry-After"),
            arena_printf(http_request_arena(http), "%lld",
                (long long)((extra->retry_after_ms + 999) / 1000))};
    if (extra->allow.n > 0)
        headers[n++] = (struct http_header){STR("Allow"), extra->allow};
    if (problem == PROBLEM_UNAUTHENTICATED)
        headers[n++] =
            (struct http_header){STR("WWW-Authenticate"), STR("Bearer")};
    n += usage_headers(http, headers + n);
    http_respond(http, &(struct http_response){
                           .status = problem_rows[problem].status,
                           .content_type = STR("application/problem+json"),
                           .headers = headers,
                           .header_count = n,
                           .body = buf_str(&body),
                       });
    buf_release(&body);
}

enum problem problem_of_store(enum rc rc, const char **ret_detail)
{
    switch (rc) {
    case RC_NOT_FOUND:
        *ret_detail = "There is no such chat or message of yours.";
        return PROBLEM_NOT_FOUND;
    case RC_INVALID:
        *ret_detail = "A value of the request is not valid.";
        return PROBLEM_INVALID_REQUEST;
    case RC_CONFLICT:
        *ret_detail = "That is not possible right now; look again.";
        return PROBLEM_CONFLICT;
    case RC_TOO_LARGE:
        *ret_detail = "That is too large; ask for less at a time.";
        return PROBLEM_PAYLOAD_TOO_LARGE;
    case RC_FULL:
        *ret_detail = "The server's disk is full, so nothing was saved. Tell "
                      "its operator; then try again.";
        return PROBLEM_STORAGE_FULL;
    case RC_READ_ONLY:
        *ret_detail = "The server cannot write to its database, so nothing "
                      "was saved. Tell its operator.";
        return PROBLEM_STORAGE_READ_ONLY;
    case RC_INTERNAL:
        *ret_detail = "The server made a mistake; its log has the details.";
        return PROBLEM_INTERNAL;
    case RC_OK:
    case RC_BUSY:
    case RC_DENIED:
    case RC_IO:
    case RC_CORRUPT:
    case RC_TIMEOUT:
    case RC_CANCELLED:
    case RC_CLOSED:
    case RC_NO_MEMORY:
    case RC_UNSUPPORTED:
        break;
    }
    *ret_detail = "The database does not answer, so nothing was saved. Try "
                  "again in a moment.";
    return PROBLEM_STORAGE_UNAVAILABLE;
}

void problem_on_error(struct http_request *http, int status, const char *code,
    const char *detail, struct str allow, void *)
{
    enum problem best = PROBLEM_INTERNAL;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        if (str_eq(str_from_c(problem_rows[i].code), str_from_c(code))) {
            best = (enum problem)i;
            break;
        }
        if (problem_rows[i].status == status && best == PROBLEM_INTERNAL)
            best = (enum problem)i;
    }
    problem_respond(
        http, best, detail, &(struct problem_extra){.allow = allow});
}
