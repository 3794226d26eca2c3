#include "base/arena.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/num.h"
#include "base/timestamp.h"

#include "emulator/emulator_int.h"

/*
 * Passwords for the workspace's PostgreSQL, and where it is: on this machine,
 * for a server that somebody else runs.
 */
enum { BODY_MAX = 32 * 1024, TTL_S = 3600, SHORTEST_S = 300 };

#define INSTANCE "demo"
#define BRANCH_ENDPOINT "projects/demo/branches/main/endpoints/primary"
#define HOST "127.0.0.1"

static void refuse(struct http_request *r, struct str why)
{
    emu_refuse(r, 400, STR("INVALID_PARAMETER_VALUE"), why);
}

static void refuse_missing(struct http_request *r, struct str name)
{
    emu_refuse(r, 404, STR("RESOURCE_DOES_NOT_EXIST"),
        arena_printf(
            http_request_arena(r), "%.*s does not exist.", STR_ARG(name)));
}

/* ---- Where it is ---- */

void emu_handle_instance(struct http_request *request, void *ctx)
{
    struct emu_behaviour b;
    struct str name = http_request_param(request, "name");
    if (emu_service_fails(ctx, EMU_LAKEBASE, request, &b))
        return;
    if (!str_eq(name, STR(INSTANCE))) {
        refuse_missing(request, name);
        return;
    }
    emu_answer_json(request,
        STR("{\"name\":\"" INSTANCE "\",\"uid\":"
            "\"5b6c1f0e-8a4d-4c0b-9a57-2f6f1b7c0e12\",\"state\":\"AVAILABLE\","
            "\"capacity\":\"CU_1\",\"pg_version\":\"PG_VERSION_16\","
            "\"read_write_dns\":\"" HOST "\"}"));
}

void emu_handle_branch(struct http_request *request, void *ctx)
{
    struct emu_behaviour b;
    struct str path = http_request_path(request);
    struct str prefix = STR("/api/2.0/postgres/");
    struct str name = str_sub(path, prefix.n, path.n);
    if (emu_service_fails(ctx, EMU_LAKEBASE, request, &b))
        return;
    if (!str_eq(name, STR(BRANCH_ENDPOINT))) {
        refuse_missing(request, name);
        return;
    }
    emu_answer_json(request,
        STR("{\"name\":\"" BRANCH_ENDPOINT "\",\"status\":{\"current_state\":"
            "\"ACTIVE\",\"hosts\":{\"host\":\"" HOST "\"}}}"));
}

/* ---- Passwords: access tokens of the caller ---- */

static void answer_token(struct emulator *e, struct http_request *r,
    int64_t ttl_s, const char *expiry)
{
    struct json_writer w;
    struct buf body;
    char when[TIMESTAMP_SIZE];
    struct str name = emu_caller_name(e, r);
    struct emu_grant grant = {.kind = EMU_TOKEN_ACCESS,
        .subject = name,
        .client = name,
        .scope = STR("postgres"),
        .ttl_ms = ttl_s * 1000};
    timestamp_format(loop_wall_us(e->loop) + ttl_s * 1'000'000, when);
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "token", str_from_c(emu_token_new(e, &grant)->text));
    json_member_str(&w, expiry, str_from_c(when));
    json_end_object(&w);
    emu_answer_json(r, buf_str(&body));
    buf_release(&body);
}

/* {"request_id": "<uuid>", "instance_names": ["demo"]} */
static const char *check_instances(const struct jv *document)
{
    const struct jv *names = jv_get(document, "instance_names");
    struct str name;
    if (jv_count(document) != 2 || jv_get_str(document, "request_id").n == 0)
        return "The body must have request_id and instance_names, no more.";
    if (jv_type(names) != JV_ARRAY || jv_count(names) == 0)
        return "instance_names must name an instance.";
    for (size_t i = 0; i < jv_count(names); i++)
        if (!jv_string(jv_at(names, i), &name) || !str_eq(name, STR(INSTANCE)))
            return "instance_names names what does not exist.";
    return NULL;
}

/* "900s", from five minutes to an hour. */
static bool read_ttl(struct str text, int64_t *ret)
{
    return str_ends_with(text, STR("s")) &&
           num_parse_i64(
               str_sub(text, 0, text.n - 1), SHORTEST_S, TTL_S, ret) == RC_OK;
}

/* {"endpoint": "projects/..."}, and ttl if one likes. */
static const char *check_endpoint(const struct jv *document, int64_t *ttl)
{
    const struct jv *value = jv_get(document, "ttl");
    size_t known = value != NULL ? 2 : 1;
    if (!str_eq(jv_get_str(document, "endpoint"), STR(BRANCH_ENDPOINT)))
        return "endpoint must name an endpoint that exists.";
    if (value != NULL && !read_ttl(jv_get_str(document, "ttl"), ttl))
        return "ttl must be from \"300s\" to \"3600s\".";
    return jv_count(document) == known
               ? NULL
               : "The body may have endpoint and ttl, no more.";
}

static void answer_credentials(
    struct emulator *e, struct http_request *r, bool autoscaling)
{
    struct emu_behaviour b;
    struct jv *document;
    int64_t ttl = TTL_S;
    if (emu_service_fails(e, EMU_LAKEBASE, r, &b))
        return;
    if (!str_eq_nocase(http_request_media_type(r), STR("application/json")) ||
        jv_parse(http_request_body(r), NULL, &document) != RC_OK) {
        refuse(r, STR("The body is not JSON."));
        return;
    }
    const char *wrong = autoscaling ? check_endpoint(document, &ttl)
                                    : check_instances(document);
    jv_free(document);
    if (b.fault.fault == EMU_FAULT_TTL)
        ttl = b.fault.arg;
    if (wrong != NULL)
        refuse(r, str_from_c(wrong));
    else
        answer_token(
            e, r, ttl, autoscaling ? "expire_time" : "expiration_time");
}

void emu_handle_credentials(struct http_request *request, void *ctx)
{
    answer_credentials(ctx, request, false);
}

void emu_handle_autoscaling(struct http_request *request, void *ctx)
{
    answer_credentials(ctx, request, true);
}
