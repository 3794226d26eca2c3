#include "base/num.h"

#include "emulator/fault.h"

#define MODEL EMU_ON_MODEL
#define TOKEN EMU_ON_TOKEN
#define AGENT EMU_ON_AGENT
#define RESPONSES EMU_ON_RESPONSES
#define CHAT EMU_ON_CHAT
#define GENIE EMU_ON_GENIE
#define MODEL_OR_GENIE (EMU_ON_MODEL | EMU_ON_GENIE)
#define SIGN_IN EMU_ON_SIGN_IN
#define LISTING EMU_ON_LISTING
#define ANY                                                                    \
    (EMU_ON_MODEL | EMU_ON_TOKEN | EMU_ON_API | EMU_ON_GENIE | EMU_ON_SIGN_IN)

static const struct emu_fault_info table[] = {
    {"speed-<n>", "speed-500", EMU_FAULT_SPEED, MODEL, 1, 100'000,
        "n tokens a second"},
    {"delay-<n>", "delay-3000", EMU_FAULT_DELAY, MODEL_OR_GENIE, 0, 600'000,
        "n ms until the reply begins; of Genie: each state lasts n ms"},
    {"long", "long", EMU_FAULT_LONG, MODEL, 0, 0,
        "16,000 characters at 500 tokens a second"},
    {"error-<n>", "error-429", EMU_FAULT_ERROR, ANY, 400, 599,
        "status n with the workspace's usual body for it"},
    {"error-429-retry-after", "error-429-retry-after",
        EMU_FAULT_ERROR_RETRY_AFTER, MODEL, 0, 0, "429 with Retry-After: 2"},
    {"fail-<n>-then-ok", "fail-2-then-ok", EMU_FAULT_FAIL_THEN_OK, MODEL, 1,
        100, "n calls get 503, the next one a reply, and so on"},
    {"html-500", "html-500", EMU_FAULT_HTML_500, MODEL_OR_GENIE, 0, 0,
        "500 with an HTML page"},
    {"text-503", "text-503", EMU_FAULT_TEXT_503, MODEL_OR_GENIE, 0, 0,
        "503 with plain text"},
    {"empty-504", "empty-504", EMU_FAULT_EMPTY_504, MODEL_OR_GENIE, 0, 0,
        "504 without a body"},
    {"guardrail", "guardrail", EMU_FAULT_GUARDRAIL, MODEL, 0, 0,
        "400 of an input guardrail, JSON inside the message"},
    {"context-too-long", "context-too-long", EMU_FAULT_CONTEXT_TOO_LONG, MODEL,
        0, 0, "400: the prompt is longer than the model's context"},
    {"unknown-field", "unknown-field", EMU_FAULT_UNKNOWN_FIELD, MODEL, 0, 0,
        "400: unknown field \"stream\""},
    {"expired-token-once", "expired-token-once", EMU_FAULT_EXPIRED_TOKEN_ONCE,
        MODEL, 0, 0,
        "403 \"Invalid access token.\" until another token is sent"},
    {"ip-acl", "ip-acl", EMU_FAULT_IP_ACL, MODEL, 0, 0,
        "403 of the workspace's IP access list"},
    {"permission-denied", "permission-denied", EMU_FAULT_PERMISSION_DENIED,
        MODEL, 0, 0, "403: no permission to query the endpoint"},
    {"not-found", "not-found", EMU_FAULT_NOT_FOUND, MODEL, 0, 0,
        "404: the endpoint does not exist"},
    {"external-model-error", "external-model-error",
        EMU_FAULT_EXTERNAL_MODEL_ERROR, MODEL, 0, 0,
        "400 with the provider's error inside"},
    {"redirect-login", "redirect-login", EMU_FAULT_REDIRECT_LOGIN,
        MODEL_OR_GENIE, 0, 0, "302 to a login page"},
    {"guardrail-output", "guardrail-output", EMU_FAULT_GUARDRAIL_OUTPUT, MODEL,
        0, 0, "400 of an output guardrail"},
    {"guardrail-pii", "guardrail-pii", EMU_FAULT_GUARDRAIL_PII, MODEL, 0, 0,
        "400: personal data in the question"},
    {"guardrail-named", "guardrail-named", EMU_FAULT_GUARDRAIL_NAMED, MODEL, 0,
        0, "400 of a guardrail of the newer gateway"},
    {"scope-missing", "scope-missing", EMU_FAULT_SCOPE_MISSING, MODEL, 0, 0,
        "403: the token lacks the scope model-serving"},
    {"budget-exhausted", "budget-exhausted", EMU_FAULT_BUDGET_EXHAUSTED, MODEL,
        0, 0, "403 of a gateway budget"},
    {"extra-inputs", "extra-inputs", EMU_FAULT_EXTRA_INPUTS, MODEL, 0, 0,
        "400 passed through from Bedrock"},
    {"missing-parameter", "missing-parameter", EMU_FAULT_MISSING_PARAMETER,
        MODEL, 0, 0, "400 INVALID_PARAMETER_VALUE"},
    {"external-model-databricks", "external-model-databricks",
        EMU_FAULT_EXTERNAL_MODEL_DATABRICKS, MODEL, 0, 0,
        "400 of another workspace behind this one"},
    {"rate-limit-tokens", "rate-limit-tokens", EMU_FAULT_RATE_LIMIT_TOKENS,
        MODEL, 0, 0, "429: input tokens a minute"},
    {"rate-limit-gateway", "rate-limit-gateway", EMU_FAULT_RATE_LIMIT_GATEWAY,
        MODEL, 0, 0, "429 of a limit set on the endpoint"},
    {"resource-exhausted", "resource-exhausted", EMU_FAULT_RESOURCE_EXHAUSTED,
        MODEL, 0, 0, "429 RESOURCE_EXHAUSTED"},
    {"retry-info", "retry-info", EMU_FAULT_RETRY_INFO, MODEL_OR_GENIE, 0, 0,
        "429 whose details have a RetryInfo of 2 s"},
    {"retry-date", "retry-date", EMU_FAULT_RETRY_DATE, MODEL, 0, 0,
        "429 with Retry-After as a date, 2 s ahead"},
    {"openai-error", "openai-error", EMU_FAULT_OPENAI_ERROR, MODEL, 0, 0,
        "500 in the shape of OpenAI"},
    {"detail-error", "detail-error", EMU_FAULT_DETAIL_ERROR, MODEL, 0, 0,
        "500 in the shape of FastAPI"},
    {"old-error", "old-error", EMU_FAULT_OLD_ERROR, MODEL, 0, 0,
        "500 in the shape of API 1.2"},
    {"coded-text", "coded-text", EMU_FAULT_CODED_TEXT, MODEL, 0, 0,
        "500 with \"CODE: message\" as text"},
    {"title-502", "title-502", EMU_FAULT_TITLE_502, MODEL, 0, 0,
        "502 with an HTML page that has only a title"},
    {"stall", "stall", EMU_FAULT_STALL, ANY, 0, 0, "never answers"},
    {"stall-after-head", "stall-after-head", EMU_FAULT_STALL_AFTER_HEAD, MODEL,
        0, 0, "200, then nothing"},
    {"stall-midway", "stall-midway", EMU_FAULT_STALL_MIDWAY, MODEL, 0, 0,
        "half of the text, then nothing"},
    {"cut-midline", "cut-midline", EMU_FAULT_CUT_MIDLINE, MODEL, 0, 0,
        "connection closed inside a data line"},
    {"cut-no-done", "cut-no-done", EMU_FAULT_CUT_NO_DONE, MODEL, 0, 0,
        "connection closed between two events"},
    {"no-done", "no-done", EMU_FAULT_NO_DONE, MODEL, 0, 0,
        "whole reply, regular end, but no [DONE]"},
    {"error-in-stream", "error-in-stream", EMU_FAULT_ERROR_IN_STREAM, MODEL, 0,
        0, "200, then an error as the first event"},
    {"error-event-midway", "error-event-midway", EMU_FAULT_ERROR_EVENT_MIDWAY,
        MODEL, 0, 0, "half of the text, then an error event"},
    {"typed-error-midway", "typed-error-midway", EMU_FAULT_TYPED_ERROR_MIDWAY,
        MODEL, 0, 0, "the same with an event of type \"error\""},
    {"text-error-midway", "text-error-midway", EMU_FAULT_TEXT_ERROR_MIDWAY,
        MODEL, 0, 0, "the same with a text as the error, and [DONE]"},
    {"object-error-midway", "object-error-midway",
        EMU_FAULT_OBJECT_ERROR_MIDWAY, MODEL, 0, 0,
        "the same with an object as the error"},
    {"json-although-stream", "json-although-stream",
        EMU_FAULT_JSON_ALTHOUGH_STREAM, MODEL, 0, 0,
        "one JSON document although a stream was asked for"},
    {"empty-200", "empty-200", EMU_FAULT_EMPTY_200, MODEL, 0, 0,
        "a stream without any event"},
    {"role-null", "role-null", EMU_FAULT_ROLE_NULL, MODEL, 0, 0,
        "\"role\": null in each delta"},
    {"utf8-split", "utf8-split", EMU_FAULT_UTF8_SPLIT, MODEL, 0, 0,
        "characters split across TCP segments"},
    {"crlf", "crlf", EMU_FAULT_CRLF, MODEL, 0, 0, "lines end with CR LF"},
    {"comments", "comments", EMU_FAULT_COMMENTS, MODEL, 0, 0,
        "comment, event: and id: lines between the data"},
    {"huge-line", "huge-line", EMU_FAULT_HUGE_LINE, MODEL, 0, 0,
        "one data line of 300 KB (a trace)"},
    {"refusal", "refusal", EMU_FAULT_REFUSAL, MODEL, 0, 0,
        "the model will not help and says so"},
    {"scim-error", "scim-error", EMU_FAULT_SCIM_ERROR, MODEL, 0, 0,
        "500 in the shape of SCIM"},
    {"numeric-error", "numeric-error", EMU_FAULT_NUMERIC_ERROR, MODEL, 0, 0,
        "500 whose error_code is a number"},
    {"numeric-text", "numeric-text", EMU_FAULT_NUMERIC_TEXT, MODEL, 0, 0,
        "500 whose error_code is a number in a string"},
    {"guardrail-mask", "guardrail-mask", EMU_FAULT_GUARDRAIL_MASK, MODEL, 0, 0,
        "200; a guardrail has replaced an address by <EMAIL_ADDRESS>"},
    {"gzip", "gzip", EMU_FAULT_GZIP, MODEL, 0, 0,
        "the body is gzip, whether that was asked for or not"},
    {"cached-tokens", "cached-tokens", EMU_FAULT_CACHED_TOKENS,
        CHAT | RESPONSES, 0, 0, "usage with tokens from the prompt's cache"},
    {"trace-event", "trace-event", EMU_FAULT_TRACE_EVENT, AGENT, 0, 0,
        "an event with nothing but a trace_id before [DONE]"},
    {"usage-null", "usage-null", EMU_FAULT_USAGE_NULL, CHAT, 0, 0,
        "\"usage\": null everywhere"},
    {"end-turn", "end-turn", EMU_FAULT_END_TURN, CHAT, 0, 0,
        "the finish reason is end_turn"},
    {"citations", "citations", EMU_FAULT_CITATIONS, CHAT, 0, 0,
        "text as content arrays; the first has citations"},
    {"hidden-reasoning", "hidden-reasoning", EMU_FAULT_HIDDEN_REASONING, CHAT,
        0, 0, "a block of encrypted reasoning before the text"},
    {"object-output", "object-output", EMU_FAULT_OBJECT_OUTPUT, RESPONSES, 0, 0,
        "the tool's output is an object, not a string"},
    {"tool-fragments", "tool-fragments", EMU_FAULT_TOOL_FRAGMENTS, CHAT, 0, 0,
        "text, then two tool calls in fragments"},
    {"tool-only", "tool-only", EMU_FAULT_TOOL_ONLY, CHAT, 0, 0,
        "the same without text: content is null"},
    {"tool-login", "tool-login", EMU_FAULT_TOOL_LOGIN, AGENT, 0, 0,
        "a tool says that the person must sign in somewhere first"},
    {"response-failed", "response-failed", EMU_FAULT_RESPONSE_FAILED, RESPONSES,
        0, 0, "half of the text, then response.failed"},
    {"response-incomplete", "response-incomplete",
        EMU_FAULT_RESPONSE_INCOMPLETE, RESPONSES, 0, 0,
        "half of the text, then response.incomplete (length)"},
    {"response-filtered", "response-filtered", EMU_FAULT_RESPONSE_FILTERED,
        RESPONSES, 0, 0,
        "half of the text, then response.incomplete (content filter)"},
    {"expires-in-string", "expires-in-string", EMU_FAULT_EXPIRES_IN_STRING,
        TOKEN, 0, 0, "expires_in as a string"},
    {"expires-in-missing", "expires-in-missing", EMU_FAULT_EXPIRES_IN_MISSING,
        TOKEN, 0, 0, "no expires_in"},
    {"ttl-<n>", "ttl-5", EMU_FAULT_TTL, TOKEN | EMU_ON_LAKEBASE, 1, 86'400,
        "tokens live n seconds"},
    {"token-only", "token-only", EMU_FAULT_TOKEN_ONLY, TOKEN, 0, 0,
        "nothing but access_token"},
    {"okta-error", "okta-error", EMU_FAULT_OKTA_ERROR, TOKEN, 0, 0,
        "401 with errorCode and errorSummary"},
    {"access-denied", "access-denied", EMU_FAULT_ACCESS_DENIED, SIGN_IN, 0, 0,
        "the person does not agree"},
    {"not-ready", "not-ready", EMU_FAULT_NOT_READY, MODEL, 0, 0,
        "listed as NOT_READY and DEPLOYMENT_CREATING; 404 when asked"},
    {"updating", "updating", EMU_FAULT_UPDATING, MODEL, 0, 0,
        "listed with a change IN_PROGRESS; it answers"},
    {"update-failed", "update-failed", EMU_FAULT_UPDATE_FAILED, MODEL, 0, 0,
        "listed with UPDATE_FAILED; it answers"},
    {"scale-to-zero", "scale-to-zero", EMU_FAULT_SCALE_TO_ZERO, MODEL, 0, 0,
        "listed as one that sleeps; the first answer is slow"},
    {"no-task", "no-task", EMU_FAULT_NO_TASK, MODEL, 0, 0,
        "listed without its task"},
    {"personal", "personal", EMU_FAULT_PERSONAL, MODEL, 0, 0,
        "wants the person's own token, and is listed so"},
    {"empty", "empty", EMU_FAULT_EMPTY_LISTING, LISTING, 0, 0,
        "a workspace without endpoints: {}"},
    {"late-trace", "late-trace", EMU_FAULT_LATE_TRACE, AGENT, 0, 0,
        "the trace is not there for the first two calls"},
    {"step", "step", EMU_FAULT_GENIE_STEP, GENIE, 0, 0,
        "each poll shows the next state"},
    {"never-ends", "never-ends", EMU_FAULT_GENIE_NEVER_ENDS, GENIE, 0, 0,
        "ASKING_AI for ever"},
    {"unknown-status", "unknown-status", EMU_FAULT_GENIE_UNKNOWN_STATUS, GENIE,
        0, 0, "states that nobody has heard of, one a poll"},
    {"retries-itself", "retries-itself", EMU_FAULT_GENIE_RETRIES_ITSELF, GENIE,
        0, 0, "FAILED after EXECUTING_QUERY, then once more, one a poll"},
    {"cancelled", "cancelled", EMU_FAULT_GENIE_CANCELLED, GENIE, 0, 0,
        "ends as CANCELLED"},
    {"failed", "failed", EMU_FAULT_GENIE_FAILED, GENIE, 0, 0,
        "FAILED: SQL_EXECUTION_EXCEPTION"},
    {"failed-rate", "failed-rate", EMU_FAULT_GENIE_FAILED_RATE, GENIE, 0, 0,
        "FAILED: RATE_LIMIT_EXCEEDED_GENERIC_EXCEPTION"},
    {"failed-filter", "failed-filter", EMU_FAULT_GENIE_FAILED_FILTER, GENIE, 0,
        0, "FAILED: CONTENT_FILTER_EXCEPTION"},
    {"failed-timeout", "failed-timeout", EMU_FAULT_GENIE_FAILED_TIMEOUT, GENIE,
        0, 0, "FAILED: REPLY_PROCESS_TIMEOUT_EXCEPTION"},
    {"failed-context", "failed-context", EMU_FAULT_GENIE_FAILED_CONTEXT, GENIE,
        0, 0, "FAILED: CONTEXT_EXCEEDED_EXCEPTION"},
    {"failed-tables", "failed-tables", EMU_FAULT_GENIE_FAILED_TABLES, GENIE, 0,
        0, "FAILED: TABLES_MISSING_EXCEPTION"},
    {"text-only", "text-only", EMU_FAULT_GENIE_TEXT_ONLY, GENIE, 0, 0,
        "an answer in words, without a query"},
    {"asks-back", "asks-back", EMU_FAULT_GENIE_ASKS_BACK, GENIE, 0, 0,
        "a question in return (FOLLOW_UP_QUESTION)"},
    {"several", "several", EMU_FAULT_GENIE_SEVERAL, GENIE, 0, 0,
        "two queries and two texts"},
    {"no-rows", "no-rows", EMU_FAULT_GENIE_NO_ROWS, GENIE, 0, 0,
        "a result without rows and without data_array"},
    {"truncated", "truncated", EMU_FAULT_GENIE_TRUNCATED, GENIE, 0, 0,
        "5,000 rows of more"},
    {"expired-result", "expired-result", EMU_FAULT_GENIE_EXPIRED_RESULT, GENIE,
        0, 0, "QUERY_RESULT_EXPIRED until it is run again"},
    {"expired-fetch", "expired-fetch", EMU_FAULT_GENIE_EXPIRED_FETCH, GENIE, 0,
        0, "the same, seen only when the result is fetched"},
    {"running-result", "running-result", EMU_FAULT_GENIE_RUNNING_RESULT, GENIE,
        0, 0, "the result is PENDING and RUNNING first"},
    {"failed-result", "failed-result", EMU_FAULT_GENIE_FAILED_RESULT, GENIE, 0,
        0, "COMPLETED, but the statement has failed"},
    {"rate-<n>", "rate-5", EMU_FAULT_GENIE_RATE, GENIE, 1, 1'000,
        "429 beyond n questions a minute"},
    {"rate-limit", "rate-limit", EMU_FAULT_GENIE_RATE_LIMIT, GENIE, 0, 0,
        "429 for each question"},
    {"scope-missing", "scope-missing", EMU_FAULT_GENIE_SCOPE_MISSING, GENIE, 0,
        0, "403: the token lacks the scope genie"},
    {"permission-denied", "permission-denied",
        EMU_FAULT_GENIE_PERMISSION_DENIED, GENIE, 0, 0,
        "403: no permission to run the space"},
    {"forgets", "forgets", EMU_FAULT_GENIE_FORGETS, GENIE, 0, 0,
        "a conversation that goes on has expired"},
    {"poll-fails-<n>", "poll-fails-2", EMU_FAULT_GENIE_POLL_FAILS, GENIE, 1,
        100, "n polls get 503, the next ones an answer"},
    {"tool-error", "tool-error", EMU_FAULT_GENIE_TOOL_ERROR, GENIE, 0, 0,
        "MCP: isError; REST: 500"},
    {"rpc-error", "rpc-error", EMU_FAULT_GENIE_RPC_ERROR, GENIE, 0, 0,
        "MCP: an error of JSON-RPC; REST: 500"},
    {"sse", "sse", EMU_FAULT_GENIE_SSE, GENIE, 0, 0,
        "MCP answers are event streams"},
    {"sse-notified", "sse-notified", EMU_FAULT_GENIE_SSE_NOTIFIED, GENIE, 0, 0,
        "the same, with comments and notifications before the answer"},
    {"session-required", "session-required", EMU_FAULT_GENIE_SESSION_REQUIRED,
        GENIE, 0, 0, "MCP wants the session that initialize began"},
    {"newer-content", "newer-content", EMU_FAULT_GENIE_NEWER_CONTENT, GENIE, 0,
        0, "MCP: content as an object of lists, and structuredContent"},
    {"plain-content", "plain-content", EMU_FAULT_GENIE_PLAIN_CONTENT, GENIE, 0,
        0, "MCP: content is plain text"},
};

#undef MODEL
#undef CHAT
#undef SIGN_IN
#undef LISTING
#undef GENIE
#undef MODEL_OR_GENIE
#undef TOKEN
#undef AGENT
#undef RESPONSES
#undef ANY

const struct emu_fault_info *emu_fault_at(size_t i)
{
    return i < sizeof(table) / sizeof(*table) ? &table[i] : NULL;
}

/* Matches name against one row; the number, if any, goes to *arg. */
static bool matches(
    const struct emu_fault_info *info, struct str name, int64_t *arg)
{
    struct str pattern = str_from_c(info->pattern);
    struct str mark = STR("<n>");
    size_t at = str_find(pattern, mark);
    *arg = 0;
    if (at == pattern.n)
        return str_eq(pattern, name);
    struct str before = str_sub(pattern, 0, at);
    struct str after = str_sub(pattern, at + mark.n, pattern.n);
    if (!str_starts_with(name, before) || !str_ends_with(name, after) ||
        name.n <= before.n + after.n)
        return false;
    struct str number = str_sub(name, at, name.n - before.n - after.n);
    return num_parse_i64(number, info->min, info->max, arg) == RC_OK;
}

bool emu_fault_parse(
    struct str name, unsigned where, struct emu_fault_choice *ret)
{
    int64_t arg;
    for (size_t i = 0; emu_fault_at(i) != NULL; i++) {
        const struct emu_fault_info *info = emu_fault_at(i);
        if ((info->where & where) != 0 && matches(info, name, &arg)) {
            *ret = (struct emu_fault_choice){info->fault, arg};
            return true;
        }
    }
    if (!str_eq(name, STR("none")))
        return false;
    *ret = (struct emu_fault_choice){EMU_FAULT_NONE, 0};
    return true;
}
