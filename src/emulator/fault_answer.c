#include "base/json_writer.h"
#include "base/num.h"

#include "emulator/fault.h"

/* Errors that are answered instead of a reply, in all their shapes. */

void emu_write_error(struct buf *out, struct str code, struct str message)
{
    struct json_writer w;
    int64_t number;
    json_writer_init(&w, out);
    json_begin_object(&w);
    if (num_parse_i64(code, 100, 599, &number) == RC_OK)
        json_member_int(&w, "error_code", number);
    else
        json_member_str(&w, "error_code", code);
    json_member_str(&w, "message", message);
    json_end_object(&w);
}

/* Codes and messages as the workspace words them, by status. */
static const struct {
    int status;
    const char *code;
    const char *message;
} by_status[] = {
    {400, "BAD_REQUEST", "Bad request: the demo workspace was told to say so."},
    {401, "UNAUTHENTICATED", "Request had invalid authentication credentials."},
    {403, "403", "Invalid access token."},
    {404, "ENDPOINT_NOT_FOUND",
        "The given endpoint does not exist, please retry after checking the "
        "specified model and version deployment exists."},
    {408, "DEADLINE_EXCEEDED", "Timed out while evaluating the model."},
    {409, "ABORTED", "The endpoint is being updated."},
    {413, "MAX_REQUEST_SIZE_EXCEEDED",
        "Request size cannot exceed 4194304 bytes."},
    {429, "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPS rate limit for this "
        "endpoint. Please use a provisioned throughput Foundation Model APIs "
        "endpoint for a higher rate limit."},
    {499, "CANCELLED", "The request was cancelled."},
    {500, "INTERNAL_ERROR",
        "Encountered an unexpected error while evaluating the model. Verify "
        "that the input is compatible with the model for inference."},
    {501, "NOT_IMPLEMENTED", "Not implemented."},
    {502, "TEMPORARILY_UNAVAILABLE", "Bad gateway."},
    {503, "TEMPORARILY_UNAVAILABLE",
        "The service at /serving-endpoints is temporarily unavailable. Please "
        "try again later."},
    {504, "DEADLINE_EXCEEDED", "The model did not answer within 297 seconds."},
};

struct str emu_code_of_status(int status)
{
    for (size_t i = 0; i < sizeof(by_status) / sizeof(*by_status); i++)
        if (by_status[i].status == status)
            return str_from_c(by_status[i].code);
    return status < 500 ? STR("BAD_REQUEST") : STR("UNKNOWN");
}

static struct str message_of_status(int status)
{
    for (size_t i = 0; i < sizeof(by_status) / sizeof(*by_status); i++)
        if (by_status[i].status == status)
            return str_from_c(by_status[i].message);
    return STR("The demo workspace was told to answer with this status.");
}

/* Errors whose body is written out: the shapes that clients stumble over. */
static const struct {
    enum emu_fault fault;
    int status;
    const char *type;
    const char *location;
    const char *body;
} fixed[] = {
    {EMU_FAULT_HTML_500, 500, "text/html; charset=utf-8", NULL,
        "<html>\n<head><title>Error 500 Internal Server Error</title></head>\n"
        "<body><h2>HTTP ERROR 500</h2>\n<p>Problem accessing "
        "/serving-endpoints. Reason:\n<pre>    Internal Server Error</pre>"
        "</p></body>\n</html>\n"},
    {EMU_FAULT_TEXT_503, 503, "text/plain", NULL,
        "No webapps are available to handle your request. Please try again "
        "later."},
    {EMU_FAULT_EMPTY_504, 504, "", NULL, ""},
    {EMU_FAULT_GUARDRAIL, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"usage\\\":{"
        "\\\"prompt_tokens\\\":0,\\\"total_tokens\\\":0},\\\"input_guardrail"
        "\\\":[{\\\"flagged\\\":true,\\\"categories\\\":{\\\"violent-crimes"
        "\\\":true,\\\"hate\\\":false},\\\"category_scores\\\":null,"
        "\\\"pii_detection\\\":false,\\\"anonymized_input\\\":null}],"
        "\\\"finishReason\\\":\\\"input_guardrail_triggered\\\"}\"}"},
    {EMU_FAULT_CONTEXT_TOO_LONG, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"message\\\":"
        "\\\"prompt is too long: 213462 tokens > 200000 maximum\\\"}\"}"},
    {EMU_FAULT_UNKNOWN_FIELD, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"Bad request: json: "
        "unknown field \\\"stream\\\"\\n\"}"},
    {EMU_FAULT_IP_ACL, 403, "application/json", NULL,
        "{\"error_code\":403,\"message\":\"Source IP address: 192.0.2.4 is "
        "blocked by Databricks IP ACL for workspace: 6051921418418893 "
        "[ReqId: 5fbfbd2e-5a4c-4c5c-9d6e-0d6f8f0f5c11]\"}"},
    {EMU_FAULT_PERMISSION_DENIED, 403, "application/json", NULL,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"You do not have "
        "permission 'Query' on the endpoint.\"}"},
    {EMU_FAULT_NOT_FOUND, 404, "application/json", NULL,
        "{\"error_code\":\"ENDPOINT_NOT_FOUND\",\"message\":\"The given "
        "endpoint does not exist, please retry after checking the specified "
        "model and version deployment exists.\"}"},
    {EMU_FAULT_EXTERNAL_MODEL_ERROR, 400, "application/json", NULL,
        "{\"error\":\"Received error from openai\","
        "\"external_model_message\":{\"error\":{\"message\":\"The response was "
        "filtered due to the prompt triggering the content management "
        "policy.\",\"type\":null,\"param\":\"prompt\",\"code\":"
        "\"content_filter\",\"status\":400}}}"},
    {EMU_FAULT_REDIRECT_LOGIN, 302, "text/html; charset=utf-8",
        "/login.html?next_url=%2Fserving-endpoints",
        "<html><body>Redirecting to the login page.</body></html>\n"},
    {EMU_FAULT_GUARDRAIL_OUTPUT, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"usage\\\":{\\\"pr"
        "ompt_tokens\\\":9,\\\"total_tokens\\\":9},\\\"output_guardrail\\\":["
        "{\\\"flagged\\\":true,\\\"categories\\\":{\\\"violent-crimes\\\":tru"
        "e},\\\"category_scores\\\":null,\\\"pii_detection\\\":false,\\\"anon"
        "ymized_input\\\":null}],\\\"finishReason\\\":\\\"output_guardrail_tr"
        "iggered\\\"}\"}"},
    {EMU_FAULT_GUARDRAIL_PII, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"{\\\"usage\\\":{\\\"pr"
        "ompt_tokens\\\":0,\\\"total_tokens\\\":0},\\\"input_guardrail\\\":[{"
        "\\\"flagged\\\":false,\\\"categories\\\":null,\\\"category_scores\\"
        "\":null,\\\"pii_detection\\\":true,\\\"anonymized_input\\\":[{\\\"ro"
        "le\\\":\\\"user\\\",\\\"content\\\":\\\"Write to <EMAIL_ADDRESS>\\\""
        "}]}],\\\"finishReason\\\":\\\"input_guardrail_triggered\\\"}\"}"},
    {EMU_FAULT_GUARDRAIL_NAMED, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"Request blocked by inp"
        "ut guardrail 'demo-safety'\"}"},
    {EMU_FAULT_SCOPE_MISSING, 403, "application/json", NULL,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"Provided OAuth t"
        "oken does not have required scopes: model-serving\"}"},
    {EMU_FAULT_BUDGET_EXHAUSTED, 403, "application/json", NULL,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"The budget of th"
        "is endpoint is exhausted.\"}"},
    {EMU_FAULT_EXTRA_INPUTS, 400, "application/json", NULL,
        "{\"error_code\":\"BAD_REQUEST\",\"message\":\"stream_options: Extra "
        "inputs are not permitted\"}"},
    {EMU_FAULT_MISSING_PARAMETER, 400, "application/json", NULL,
        "{\"error_code\":\"INVALID_PARAMETER_VALUE\",\"message\":\"INVALID_PA"
        "RAMETER_VALUE: Missing required Chat parameter: 'input'\"}"},
    {EMU_FAULT_EXTERNAL_MODEL_DATABRICKS, 400, "application/json", NULL,
        "{\"error\":\"Received error from databricks-model-serving\",\"extern"
        "al_model_message\":{\"error_code\":\"INVALID_PARAMETER_VALUE\",\"mes"
        "sage\":\"The demo refused the parameters.\"}}"},
    {EMU_FAULT_RATE_LIMIT_TOKENS, 429, "application/json", NULL,
        "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"REQUEST_LIM"
        "IT_EXCEEDED: Exceeded workspace input tokens per minute rate limit f"
        "or this endpoint. Please use a provisioned throughput Foundation Mod"
        "el APIs endpoint for a higher rate limit.\"}"},
    {EMU_FAULT_RATE_LIMIT_GATEWAY, 429, "application/json", NULL,
        "{\"error_code\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"The rate limit"
        " of 100 calls per minute for this user is exceeded.\"}"},
    {EMU_FAULT_RESOURCE_EXHAUSTED, 429, "application/json", NULL,
        "{\"error_code\":\"RESOURCE_EXHAUSTED\",\"message\":\"Too many reques"
        "ts. Please wait a moment and try again.\"}"},
    {EMU_FAULT_RETRY_INFO, 429, "application/json", NULL,
        "{\"error_code\":\"RESOURCE_EXHAUSTED\",\"message\":\"Too many reques"
        "ts. Please wait a moment and try again.\",\"details\":[{\"@type\":\""
        "type.googleapis.com/google.rpc.RequestInfo\",\"request_id\":\"5fbfbd"
        "2e-5a4c-4c5c-9d6e-0d6f8f0f5c11\"},{\"@type\":\"type.googleapis.com/g"
        "oogle.rpc.RetryInfo\",\"retry_delay\":\"2s\"}]}"},
    {EMU_FAULT_RETRY_DATE, 429, "application/json", NULL,
        "{\"error_code\":\"RESOURCE_EXHAUSTED\",\"message\":\"Too many reques"
        "ts. Please wait a moment and try again.\"}"},
    {EMU_FAULT_OPENAI_ERROR, 500, "application/json", NULL,
        "{\"error\":{\"message\":\"The server had an error while processing t"
        "he request.\",\"type\":\"server_error\",\"param\":null,\"code\":null"
        "}}"},
    {EMU_FAULT_DETAIL_ERROR, 500, "application/json", NULL,
        "{\"detail\":\"The agent raised an exception.\"}"},
    {EMU_FAULT_OLD_ERROR, 500, "application/json", NULL,
        "{\"error\":\"RuntimeException: the demo was told to fail.\"}"},
    {EMU_FAULT_CODED_TEXT, 500, "text/plain", NULL,
        "INTERNAL_ERROR: the demo was told to fail."},
    {EMU_FAULT_GENIE_RATE_LIMIT, 429, "application/json", NULL,
        "{\"error_code\":\"RESOURCE_EXHAUSTED\",\"message\":\"Genie accepts 5 "
        "questions per minute and workspace. Please wait a moment and try "
        "again.\"}"},
    {EMU_FAULT_GENIE_SCOPE_MISSING, 403, "application/json", NULL,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"Provided OAuth "
        "token does not have required scopes: genie\"}"},
    {EMU_FAULT_GENIE_PERMISSION_DENIED, 403, "application/json", NULL,
        "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"You need \\\"Can "
        "Run\\\" permission to perform this action.\"}"},
    {EMU_FAULT_SCIM_ERROR, 500, "application/scim+json", NULL,
        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],"
        "\"detail\":\"The demo was told to fail.\",\"status\":\"500\"}"},
    {EMU_FAULT_NUMERIC_ERROR, 500, "application/json", NULL,
        "{\"error_code\":500,\"message\":\"The demo was told to fail.\"}"},
    {EMU_FAULT_NUMERIC_TEXT, 500, "application/json", NULL,
        "{\"error_code\":\"500\",\"message\":\"The demo was told to fail.\"}"},
    {EMU_FAULT_OKTA_ERROR, 401, "application/json", NULL,
        "{\"errorCode\":\"E0000022\",\"errorSummary\":\"The demo was told not "
        "to "
        "know the client.\"}"},
    {EMU_FAULT_NOT_READY, 404, "application/json", NULL,
        "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"The "
        "endpoint "
        "is not ready: its deployment is being created.\"}"},
    {EMU_FAULT_TITLE_502, 502, "text/html; charset=utf-8", NULL,
        "<html><head><title>502 Bad Gateway</title></head><body></body></html"
        ">\n"},
};

/* Status, code and message of the usual kind. */
static void answer_status(
    int status, struct buf *scratch, struct emu_error_answer *ret)
{
    buf_clear(scratch);
    emu_write_error(
        scratch, emu_code_of_status(status), message_of_status(status));
    *ret = (struct emu_error_answer){.status = status,
        .content_type = STR("application/json"),
        .body = buf_str(scratch)};
}

bool emu_fault_answer(const struct emu_fault_choice *choice,
    struct buf *scratch, struct emu_error_answer *ret)
{
    if (choice->fault == EMU_FAULT_ERROR) {
        answer_status((int)choice->arg, scratch, ret);
        return true;
    }
    if (choice->fault == EMU_FAULT_ERROR_RETRY_AFTER) {
        answer_status(429, scratch, ret);
        ret->retry_after = STR("2");
        return true;
    }
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
        if (fixed[i].fault != choice->fault)
            continue;
        *ret = (struct emu_error_answer){.status = fixed[i].status,
            .content_type = str_from_c(fixed[i].type),
            .location = str_from_c(fixed[i].location),
            .body = str_from_c(fixed[i].body)};
        if (choice->fault == EMU_FAULT_EXTRA_INPUTS)
            ret->error_type =
                STR("ValidationException:http://internal.amazon.com/coral/"
                    "com.amazon.bedrock/");
        return true;
    }
    return false;
}
