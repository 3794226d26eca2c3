#include "api/openapi_int.h"

/*
 * What an operation can refuse, for the OpenAPI document: that follows from
 * what it reads and who may ask, and from the row of the route table.
 */

static bool reads(const struct api_route *r)
{
    return str_eq(str_from_c(r->method), STR("GET"));
}

/* Refusals that belong to HTTP itself and can meet any request. */
static const enum problem usual[] = {PROBLEM_MALFORMED_REQUEST,
    PROBLEM_REQUEST_TIMEOUT, PROBLEM_PAYLOAD_TOO_LARGE, PROBLEM_URI_TOO_LONG,
    PROBLEM_HEADERS_TOO_LARGE, PROBLEM_INTERNAL, PROBLEM_NOT_IMPLEMENTED,
    PROBLEM_OVERLOADED};

static void mark(bool can[], const enum problem problems[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        can[problems[i]] = true;
}

static void mark_identity(const struct api_route *r, bool can[])
{
    static const enum problem all[] = {PROBLEM_UNAUTHENTICATED,
        PROBLEM_IDENTITY_UNAVAILABLE, PROBLEM_STORAGE_UNAVAILABLE};
    static const enum problem changes[] = {PROBLEM_CROSS_SITE_REQUEST,
        PROBLEM_STORAGE_FULL, PROBLEM_STORAGE_READ_ONLY};
    if ((r->flags & API_PUBLIC) != 0)
        return;
    mark(can, all, sizeof(all) / sizeof(*all));
    if (!reads(r))
        mark(can, changes, sizeof(changes) / sizeof(*changes));
}

static void mark_input(const struct api_route *r, bool can[])
{
    static const enum problem body[] = {PROBLEM_INVALID_JSON,
        PROBLEM_INVALID_REQUEST, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
        PROBLEM_PAYLOAD_TOO_LARGE};
    struct str pattern = str_from_c(r->pattern);
    if (r->body != NULL)
        mark(can, body, sizeof(body) / sizeof(*body));
    if (r->query != NULL || (r->flags & API_IDEMPOTENCY_KEY) != 0)
        can[PROBLEM_INVALID_REQUEST] = true;
    if (str_find_char(pattern, '{') < pattern.n)
        can[PROBLEM_NOT_FOUND] = true;
}

static void mark_turn(const struct api_route *r, bool can[])
{
    static const enum problem turn[] = {PROBLEM_RATE_LIMITED,
        PROBLEM_QUOTA_EXHAUSTED, PROBLEM_REPLY_IN_PROGRESS, PROBLEM_CONFLICT,
        PROBLEM_OVERLOADED, PROBLEM_ENDPOINT_RESTING, PROBLEM_ENDPOINT_BUSY,
        PROBLEM_SHUTTING_DOWN};
    if ((r->flags & API_COUNTED) != 0)
        mark(can, turn, sizeof(turn) / sizeof(*turn));
}

/* {"allOf": [Problem, {"properties": {"code": {"enum": [...]}}}]} */
static void put_problem_schema(
    struct json_writer *w, const bool can[], int status)
{
    json_begin_object(w);
    json_key(w, "allOf");
    json_begin_array(w);
    openapi_put_ref(w, "schemas", STR("Problem"));
    json_begin_object(w);
    json_key(w, "properties");
    json_begin_object(w);
    json_key(w, "code");
    json_begin_object(w);
    json_key(w, "enum");
    json_begin_array(w);
    for (int i = 0; i < PROBLEM_COUNT; i++)
        if (can[i] &&
            (status == 0 || problem_status((enum problem)i) == status))
            json_put_str(w, str_from_c(problem_code((enum problem)i)));
    json_end_array(w);
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
}

/* The refusals of one status; 0: whatever their status. */
static void put_problem(struct json_writer *w, const struct api_route *r,
    const bool can[], int status)
{
    struct buf text;
    buf_init(&text, 1024);
    for (int i = 0; i < PROBLEM_COUNT; i++)
        if (can[i] &&
            (status == 0 || problem_status((enum problem)i) == status))
            buf_printf(&text, "%s%s", text.n > 0 ? "; " : "",
                problem_title((enum problem)i));
    buf_append_char(&text, '.');
    json_begin_object(w);
    json_member_str(w, "description", buf_str(&text));
    openapi_put_headers(w, r, status);
    json_key(w, "content");
    json_begin_object(w);
    json_key(w, "application/problem+json");
    json_begin_object(w);
    json_key(w, "schema");
    put_problem_schema(w, can, status);
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
    buf_release(&text);
}

/* A status that is described by itself takes in the usual ones of that one. */
static void mark_usual(bool can[])
{
    for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
        for (int k = 0; k < PROBLEM_COUNT; k++)
            if (can[k] &&
                problem_status((enum problem)k) == problem_status(usual[i]))
                can[usual[i]] = true;
}

static void mark_all(const struct api_route *r, bool can[])
{
    mark_identity(r, can);
    mark_input(r, can);
    mark_turn(r, can);
    for (size_t i = 0; i < API_ROUTE_PROBLEMS && r->problems[i] != 0; i++)
        can[r->problems[i]] = true;
    mark_usual(can);
}

/* Whether it is the first one marked that has its status. */
static bool first_of_status(const bool can[], int problem)
{
    int status = problem_status((enum problem)problem);
    for (int i = 0; i < problem; i++)
        if (can[i] && problem_status((enum problem)i) == status)
            return false;
    return can[problem];
}

void openapi_put_refusals(struct json_writer *w, const struct api_route *r)
{
    bool can[PROBLEM_COUNT] = {0};
    mark_all(r, can);
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        struct buf key;
        int status = problem_status((enum problem)i);
        if (!first_of_status(can, i))
            continue;
        buf_init(&key, 16);
        buf_printf(&key, "%d", status);
        json_key(w, buf_c_str(&key));
        buf_release(&key);
        put_problem(w, r, can, status);
    }
    json_key(w, "default");
    openapi_put_ref(w, "responses", STR("Usual"));
}

void openapi_put_usual(struct json_writer *w)
{
    static const struct api_route any = {.flags = API_PUBLIC};
    bool can[PROBLEM_COUNT] = {0};
    mark(can, usual, sizeof(usual) / sizeof(*usual));
    put_problem(w, &any, can, 0);
}
