#include <string.h>

#include "base/json.h"
#include "databricks/error.h"

#include "tap.h"

/* What is expected of an answer; NULL and 0 are not looked at. */
struct expected {
    int status;
    const char *body;
    enum databricks_code code;
    enum databricks_resend resend;
    const char *upstream_code;
    const char *says; /* part of the person's sentence */
};

#define NEVER DATABRICKS_RESEND_NEVER
#define LATER DATABRICKS_RESEND_LATER
#define TOKEN DATABRICKS_RESEND_NEW_TOKEN

static struct databricks_error read_answer(int status, struct str body)
{
    struct databricks_error e;
    struct databricks_answer answer = {.status = status, .body = body};
    databricks_error_from_answer(&answer, &e);
    return e;
}

static bool holds(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* One sentence for a person: begins with a capital, ends with a full stop. */
static void check_sentence(const char *message)
{
    size_t n = strlen(message);
    CHECK(n > 20);
    CHECK(message[0] >= 'A' && message[0] <= 'Z');
    for (size_t i = 0; i < n; i++)
        CHECK((unsigned char)message[i] >= ' ');
}

static const struct expected table[] = {
    {400,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"Bad request: json: "
        "unknown field \\\"stream_options\\\"\\n\"}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "BAD_REQUEST",
        "unknown field \"stream_options\""},
    {400,
        "{\"error_code\":\"INVALID_PARAMETER_VALUE\",\"message\":"
        "\"INVALID_PARAMETER_VALUE: Missing required parameter: 'input'\"}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "INVALID_PARAMETER_VALUE",
        "'input'"},
    {400,
        "{\"message\":\"Bad request: rpc error: code = InvalidArgument desc = "
        "max_tokens (10000) cannot exceed 8192.\"}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "", "cannot exceed 8192"},
    {400,
        "{\"error\":\"Received error from databricks-model-serving\","
        "\"external_model_message\":{\"error_code\":\"INVALID_PARAMETER_VALUE\""
        ",\"message\":\"temperature is not a number\"}}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "INVALID_PARAMETER_VALUE",
        "temperature is not a number"},
    {400,
        "{\"error\":\"Received error from openai\",\"external_model_message\":"
        "{\"error\":{\"code\":\"content_filter\",\"message\":\"filtered\"}}}",
        DATABRICKS_CONTENT_BLOCKED, NEVER, "content_filter", "content rule"},
    {400,
        "{\"error\":{\"message\":\"This model's maximum context length is 8192 "
        "tokens.\",\"type\":\"invalid_request_error\",\"code\":"
        "\"context_length_exceeded\"}}",
        DATABRICKS_CONTEXT_TOO_LONG, NEVER, "context_length_exceeded",
        "too long"},
    {400,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"Input is Too Long for "
        "requested model.\"}",
        DATABRICKS_CONTEXT_TOO_LONG, NEVER, "BAD_REQUEST", "too long"},
    {413, "", DATABRICKS_CONTEXT_TOO_LONG, NEVER, "", "too long"},
    {400,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"usage\\\":{},"
        "\\\"input_guardrail\\\":[{\\\"flagged\\\":true,\\\"categories\\\":"
        "{\\\"hate\\\":true}}],\\\"finishReason\\\":"
        "\\\"input_guardrail_triggered\\\"}\"}",
        DATABRICKS_CONTENT_BLOCKED, NEVER, "BAD_REQUEST", "this message"},
    {400,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"input_guardrail\\\""
        ":[{\\\"flagged\\\":false,\\\"pii_detection\\\":true,"
        "\\\"anonymized_input\\\":[{\\\"content\\\":\\\"my secret words\\\"}]}]"
        ",\\\"finishReason\\\":\\\"input_guardrail_triggered\\\"}\"}",
        DATABRICKS_CONTENT_BLOCKED, NEVER, "BAD_REQUEST", "personal data"},
    {400,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"output_"
        "guardrail\\\""
        ":[{\\\"flagged\\\":true}],\\\"finishReason\\\":"
        "\\\"output_guardrail_triggered\\\"}\"}",
        DATABRICKS_CONTENT_BLOCKED, NEVER, "BAD_REQUEST", "the answer"},
    {400, "{\"message\":\"Request blocked by input guardrail 'tone'\"}",
        DATABRICKS_CONTENT_BLOCKED, NEVER, "", "this message"},
    {401, "{\"error_code\":\"UNAUTHENTICATED\",\"message\":\"no\"}",
        DATABRICKS_UPSTREAM_AUTH, TOKEN, "UNAUTHENTICATED", "credentials"},
    {401, "", DATABRICKS_UPSTREAM_AUTH, TOKEN, "", "credentials"},
    {401,
        "{\"error\":\"invalid_client\",\"error_description\":\"Client "
        "authentication failed\"}",
        DATABRICKS_UPSTREAM_AUTH, TOKEN, "invalid_client", "credentials"},
    {403, "{\"error_code\":403,\"message\":\"Invalid access token.\"}",
        DATABRICKS_UPSTREAM_AUTH, TOKEN, "403", "credentials"},
    {403,
        "{\"error_code\":403,\"message\":\"Source IP address: 1.2.3.4 is "
        "blocked by Databricks IP ACL for workspace: 123 [ReqId: ab]\"}",
        DATABRICKS_UPSTREAM_FORBIDDEN, NEVER, "403", "IP access list"},
    {403,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"You do not have "
        "permission 'Query' on the endpoint.\"}",
        DATABRICKS_UPSTREAM_FORBIDDEN, NEVER, "PERMISSION_DENIED",
        "allow it to query"},
    {403,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"Provided token "
        "does not have required scopes: genie\"}",
        DATABRICKS_MISSING_SCOPE, NEVER, "PERMISSION_DENIED", "scope genie"},
    {404,
        "{\"error_code\":\"ENDPOINT_NOT_FOUND\",\"message\":\"The given "
        "endpoint does not exist, please retry after checking.\"}",
        DATABRICKS_UPSTREAM_NOT_FOUND, NEVER, "ENDPOINT_NOT_FOUND",
        "another model"},
    {404, "{\"detail\":\"Not here\",\"status\":\"404\",\"scimType\":\"x\"}",
        DATABRICKS_UPSTREAM_NOT_FOUND, NEVER, "x", NULL},
    {422, "{\"detail\":[{\"msg\":\"field required\",\"input\":\"words\"}]}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "", "field required"},
    {408, "", DATABRICKS_UPSTREAM_TIMEOUT, NEVER, "", "too long"},
    {504, "upstream request timeout", DATABRICKS_UPSTREAM_TIMEOUT, NEVER, "",
        "too long"},
    {429,
        "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":"
        "\"REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPS rate limit.\"}",
        DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "REQUEST_LIMIT_EXCEEDED",
        "rate limit"},
    {429, "", DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "", "rate limit"},
    {500, "<html><head><title>Boom</title></head></html>",
        DATABRICKS_UPSTREAM_ERROR, NEVER, "", "failed"},
    {500, "<html><pre>INTERNAL: broken</pre></html>", DATABRICKS_UPSTREAM_ERROR,
        NEVER, "", "failed"},
    {501, "{\"error_code\":\"NOT_IMPLEMENTED\",\"message\":\"no\"}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "NOT_IMPLEMENTED",
        "another model"},
    {502, "<html></html>", DATABRICKS_UPSTREAM_UNAVAILABLE, NEVER, "",
        "not available"},
    {503, "No webapps are available to handle your request.",
        DATABRICKS_UPSTREAM_UNAVAILABLE, LATER, "", "not available"},
    {503, "TEMPORARILY_UNAVAILABLE: The service is taking a break",
        DATABRICKS_UPSTREAM_UNAVAILABLE, LATER, "TEMPORARILY_UNAVAILABLE",
        "not available"},
    {302, "", DATABRICKS_UPSTREAM_AUTH, NEVER, "", "sign-in page"},
    {403,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"The budget of "
        "this endpoint is exhausted.\"}",
        DATABRICKS_UPSTREAM_FORBIDDEN, NEVER, "PERMISSION_DENIED", "used up"},
    {404,
        "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"The "
        "endpoint is not ready: its deployment is being created.\"}",
        DATABRICKS_UPSTREAM_UNAVAILABLE, NEVER, "RESOURCE_DOES_NOT_EXIST",
        "being started"},
    {409,
        "{\"error_code\":\"ABORTED\",\"message\":\"The endpoint is being "
        "updated.\"}",
        DATABRICKS_UPSTREAM_UNAVAILABLE, NEVER, "ABORTED", "being started"},
    {429,
        "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":"
        "\"REQUEST_LIMIT_EXCEEDED: Exceeded workspace input tokens per minute "
        "rate limit for databricks-claude-sonnet-4-6.\"}",
        DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "REQUEST_LIMIT_EXCEEDED",
        "the whole chat"},
    {429,
        "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":"
        "\"REQUEST_LIMIT_EXCEEDED: Exceeded workspace output tokens per minute "
        "rate limit for databricks-claude-sonnet-4-6.\"}",
        DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "REQUEST_LIMIT_EXCEEDED",
        "shorter answer"},
    {429,
        "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":"
        "\"REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPH rate limit.\"}",
        DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "REQUEST_LIMIT_EXCEEDED",
        "this hour"},
    {400,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"BAD_REQUEST: Model "
        "eu.anthropic.claude-opus-5 does not support the temperature "
        "parameter.\"}",
        DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "BAD_REQUEST",
        "request (Model eu.anthropic"},
    {418, "[1,2]", DATABRICKS_UPSTREAM_BAD_REQUEST, NEVER, "", NULL},
    {500, "\"text\"", DATABRICKS_UPSTREAM_ERROR, NEVER, "", NULL},
};

TEST(every_shape_of_a_failed_call)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const struct expected *x = &table[i];
        struct databricks_error e = read_answer(x->status, str_from_c(x->body));
        if (e.code != x->code || e.resend != x->resend)
            tap_fail(__FILE__, __LINE__, "row %zu: %s %d", i,
                databricks_code_name(e.code), (int)e.resend);
        CHECK_STR(str_from_c(e.upstream_code), str_from_c(x->upstream_code));
        CHECK_INT(e.http_status, x->status);
        check_sentence(e.message);
        if (x->says != NULL && !holds(e.message, x->says))
            tap_fail(__FILE__, __LINE__, "row %zu says: %s", i, e.message);
    }
}

TEST(the_log_never_sees_the_conversation)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct databricks_error e =
            read_answer(table[i].status, str_from_c(table[i].body));
        CHECK(!holds(e.detail, "my secret words"));
        CHECK(!holds(e.message, "my secret words"));
        CHECK(!holds(e.detail, "{"));
    }
    struct databricks_error cut = read_answer(400,
        STR("{\"message\":\"{\\\"input_guardrail\\\":[{\\\"anonymized_input\\\""
            ":\\\"my secret words\\\",\\\"finishReason\\\":"
            "\\\"input_guardrail_triggered"));
    CHECK_INT(cut.code, DATABRICKS_CONTENT_BLOCKED);
    CHECK(!holds(cut.detail, "secret") && !holds(cut.message, "secret"));
}

TEST(waits_and_ids_are_found)
{
    struct databricks_error e = read_answer(429,
        STR("{\"error_code\":\"RESOURCE_EXHAUSTED\",\"message\":\"slow down\","
            "\"details\":[{\"@type\":\"type.googleapis.com/google.rpc."
            "RequestInfo\",\"request_id\":\"r-1\"},{\"@type\":\"type.googleapis"
            ".com/google.rpc.RetryInfo\",\"retry_delay\":\"42s\"}]}"));
    CHECK_INT(e.retry_after_ms, 42000);
    CHECK_STR(str_from_c(e.request_id), STR("r-1"));
    struct databricks_answer answer = {
        .status = 429, .retry_after_ms = 7000, .request_id = STR("r-2")};
    databricks_error_from_answer(&answer, &e);
    CHECK_INT(e.retry_after_ms, 7000);
    CHECK_STR(str_from_c(e.request_id), STR("r-2"));
    CHECK_STR(databricks_request_id(STR(""), STR(""),
                  STR("request_id;dur=0;desc=\"u-1\", client_protocol;x")),
        STR("u-1"));
    CHECK_STR(databricks_request_id(STR("a"), STR(""), STR("x")), STR("a"));
    CHECK_STR(databricks_request_id(STR("a"), STR("b"), STR("")), STR("b"));
    CHECK_STR(
        databricks_request_id(STR(""), STR(""), STR("db;dur=1")), STR(""));
}

/* Wed, 21 Oct 2026 07:27:48 GMT */
static const int64_t some_day_us = 1792567668000000;

TEST(retry_after_is_seconds_or_a_date)
{
    static const struct {
        const char *header;
        int64_t wait_ms;
    } headers[] = {
        {" 7 ", 7000},
        {"1.5", 1500},
        {"999999999", 86400 * 1000},
        {"Wed, 21 Oct 2026 07:28:00 GMT", 12000},
        {"Wednesday, 21-Oct-26 07:28:00 GMT", 12000},
        {"Wed Oct 21 07:28:00 2026", 12000},
        {"Thu, 21 Oct 2027 07:28:00 GMT", 86400 * 1000},
        {"Wed, 21 Oct 2026 07:27:00 GMT", 0},
        {"Wed, 21 Oct 2026 07:28:00 GMT and more", 0},
        {"Wed, 21 Oct", 0},
        {"soon", 0},
        {"-1", 0},
        {"0", 0},
        {"", 0},
        {"nan", 0},
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
        CHECK_INT(
            databricks_wait_ms(str_from_c(headers[i].header), some_day_us),
            headers[i].wait_ms);
}

TEST(failures_inside_a_stream)
{
    static const struct expected inside[] = {
        {0, "{\"error\":\"worker died\"}", DATABRICKS_UPSTREAM_ERROR, NEVER, "",
            "failed"},
        {0, "{\"error\":{\"message\":\"slow\",\"code\":429}}",
            DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "429", NULL},
        {0, "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"x\"}",
            DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "REQUEST_LIMIT_EXCEEDED",
            NULL},
        {0,
            "{\"type\":\"error\",\"code\":\"INTERNAL_ERROR\",\"message\":"
            "\"x\"}",
            DATABRICKS_UPSTREAM_ERROR, NEVER, "INTERNAL_ERROR", NULL},
        {0,
            "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":"
            "\"rate_limit_exceeded\",\"message\":\"x\"}}}",
            DATABRICKS_UPSTREAM_RATE_LIMITED, LATER, "rate_limit_exceeded",
            NULL},
        {0, "{\"error\":{\"message\":\"prompt is too long: 9 tokens\"}}",
            DATABRICKS_CONTEXT_TOO_LONG, NEVER, "", NULL},
        {0, "{\"finishReason\":\"output_guardrail_triggered\"}",
            DATABRICKS_CONTENT_BLOCKED, NEVER, "", "the answer"},
    };
    for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
        struct jv *d;
        struct databricks_error e;
        CHECK_INT(jv_parse(str_from_c(inside[i].body), NULL, &d), RC_OK);
        CHECK(databricks_error_from_event(d, &e));
        jv_free(d);
        CHECK_INT(e.code, inside[i].code);
        CHECK_INT(e.resend, inside[i].resend);
        CHECK_STR(
            str_from_c(e.upstream_code), str_from_c(inside[i].upstream_code));
        CHECK(inside[i].says == NULL || holds(e.message, inside[i].says));
    }
}

TEST(ordinary_events_are_no_failures)
{
    static const char *const fine[] = {"{}", "{\"choices\":[]}",
        "{\"error\":null,\"choices\":[]}", "{\"error\":\"\"}",
        "{\"type\":\"response.completed\"}", "{\"error_code\":null}",
        "{\"trace_id\":\"tr-1\"}", "[]", "1", "\"error\""};
    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        struct jv *d;
        struct databricks_error e;
        CHECK_INT(jv_parse(str_from_c(fine[i]), NULL, &d), RC_OK);
        CHECK(!databricks_error_from_event(d, &e));
        jv_free(d);
    }
}

TEST(transport_failures)
{
    struct databricks_error e;
    databricks_error_from_transport(RC_IO, STR("refused"), false, &e);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_UNREACHABLE);
    CHECK_INT(e.resend, LATER);
    databricks_error_from_transport(RC_CLOSED, STR("reset"), false, &e);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_UNREACHABLE);
    databricks_error_from_transport(RC_CLOSED, STR("reset"), true, &e);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_INTERRUPTED);
    CHECK_INT(e.resend, NEVER);
    databricks_error_from_transport(RC_TIMEOUT, STR("idle"), false, &e);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_TIMEOUT);
    CHECK_INT(e.resend, NEVER);
    databricks_error_from_transport(RC_TOO_LARGE, STR("big"), true, &e);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_BAD_RESPONSE);
    databricks_error_from_transport(RC_BUSY, STR("full"), false, &e);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_UNAVAILABLE);
    check_sentence(e.message);
}

/* Random bytes and random mutations of known bodies must only be read. */
TEST(garbage_is_survived)
{
    tap_seed();
    for (int round = 0; round < 20000; round++) {
        char body[600];
        const struct expected *x =
            &table[tap_random() % (sizeof(table) / sizeof(*table))];
        size_t n = strlen(x->body);
        n = n < sizeof(body) ? n : sizeof(body);
        memcpy(body, x->body, n);
        for (uint64_t i = tap_random() % 6; i > 0 && n > 0; i--)
            body[tap_random() % n] = (char)tap_random();
        n = tap_random() % 3 ? n : tap_random() % (n + 1);
        struct databricks_error e =
            read_answer(x->status, (struct str){body, n});
        check_sentence(e.message);
        CHECK(strlen(e.detail) < sizeof(e.detail));
    }
}
