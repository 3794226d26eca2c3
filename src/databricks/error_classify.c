#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"

#include "databricks/error_int.h"

/*
 * From what a failed call said to one of our codes. The order of the tests is
 * that of their certainty: a guardrail and a full context come as 400 like
 * any mistake of ours, so they are looked for first.
 */

/* Codes that stand in for a status where there is none. */
static const struct {
    const char *code;
    int status;
} code_status[] = {
    {"REQUEST_LIMIT_EXCEEDED", 429},
    {"RATE_LIMIT_EXCEEDED", 429},
    {"RESOURCE_EXHAUSTED", 429},
    {"rate_limit_exceeded", 429},
    {"rate_limit_error", 429},
    {"TEMPORARILY_UNAVAILABLE", 503},
    {"UNAVAILABLE", 503},
    {"overloaded_error", 503},
    {"server_overloaded", 503},
    {"UNAUTHENTICATED", 401},
    {"authentication_error", 401},
    {"invalid_client", 401},
    {"PERMISSION_DENIED", 403},
    {"permission_error", 403},
    {"ENDPOINT_NOT_FOUND", 404},
    {"RESOURCE_DOES_NOT_EXIST", 404},
    {"NOT_FOUND", 404},
    {"DEADLINE_EXCEEDED", 504},
    {"BAD_REQUEST", 400},
    {"INVALID_PARAMETER_VALUE", 400},
    {"MALFORMED_REQUEST", 400},
    {"INVALID_STATE", 400},
    {"invalid_request_error", 400},
    {"INTERNAL_ERROR", 500},
};

static int status_of_code(struct str code)
{
    int64_t number;
    if (num_parse_i64(code, 400, 599, &number) == RC_OK)
        return (int)number;
    for (size_t i = 0; i < sizeof(code_status) / sizeof(*code_status); i++)
        if (str_eq(code, str_from_c(code_status[i].code)))
            return code_status[i].status;
    return 0;
}

/* Whether s holds one of the phrases, letters compared without case. */
static bool says(struct str s, const char *const *phrases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str phrase = str_from_c(phrases[i]);
        for (size_t at = 0; at + phrase.n <= s.n; at++)
            if (str_eq_nocase(str_sub(s, at, phrase.n), phrase))
                return true;
    }
    return false;
}

#define SAYS(s, ...)                                                           \
    says((s), (const char *const[]){__VA_ARGS__},                              \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool blocked(const struct error_facts *f)
{
    return f->input_blocked || f->output_blocked ||
           str_eq(f->code, STR("content_filter")) ||
           SAYS(f->message, "guardrail_triggered", "blocked by input guardrail",
               "blocked by output guardrail", "output guardrail '",
               "input guardrail '");
}

static void classify_blocked(
    const struct error_facts *f, struct databricks_error *e)
{
    bool output = f->output_blocked || SAYS(f->message, "output guardrail");
    databricks_error_make(DATABRICKS_CONTENT_BLOCKED,
        output ? STR("output guardrail") : STR("input guardrail"), e);
    if (output)
        error_put(e->message, sizeof(e->message),
            STR("A content rule of the workspace blocked the answer; ask in "
                "another way."));
    else if (f->personal_data)
        error_put(e->message, sizeof(e->message),
            STR("A content rule of the workspace blocked this message because "
                "it seems to hold personal data; take that out and send it "
                "again."));
}

static bool too_long(int status, const struct error_facts *f)
{
    if (status == 413 || str_eq(f->code, STR("context_length_exceeded")))
        return true;
    return (status == 400 || status == 422 || status == 0) &&
           SAYS(f->message, "too long", "context length", "context window",
               "context_length_exceeded", "reduce the length", "token count",
               "maximum context", "exceeds the limit of");
}

static enum databricks_code code_of_status(int status)
{
    switch (status) {

    case 401:
        return DATABRICKS_UPSTREAM_AUTH;
    case 403:
        return DATABRICKS_UPSTREAM_FORBIDDEN;
    case 404:
        return DATABRICKS_UPSTREAM_NOT_FOUND;
    case 408:
    case 499:
    case 504:
        return DATABRICKS_UPSTREAM_TIMEOUT;
    case 429:
        return DATABRICKS_UPSTREAM_RATE_LIMITED;
    case 502:
    case 503:
        return DATABRICKS_UPSTREAM_UNAVAILABLE;
    default:
        break;
    }
    if (status >= 300 && status < 400)
        return DATABRICKS_UPSTREAM_AUTH;
    bool refused = (status >= 400 && status < 500) || status == 501;
    return refused ? DATABRICKS_UPSTREAM_BAD_REQUEST
                   : DATABRICKS_UPSTREAM_ERROR;
}

static void refine_forbidden(
    const struct error_facts *f, struct databricks_error *e)
{
    if (SAYS(f->message, "IP ACL", "IP access list"))
        error_put(e->message, sizeof(e->message),
            STR("The workspace blocks this server's network address; the "
                "operator must allow it in the workspace's IP access list."));
    else if (SAYS(f->message, "budget"))
        error_put(e->message, sizeof(e->message),
            STR("The budget for this model is used up; choose another model "
                "or tell the operator."));
}

/* "... does not have required scopes: genie, sql" */
static bool lacks_scope(int status, const struct error_facts *f)
{
    return status == 403 && SAYS(f->message, "required scope", "invalid scope",
                                "insufficient_scope");
}

static bool is_scope_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') ||
           str_find_char(STR("-_.:/, "), c) < STR("-_.:/, ").n;
}

static void classify_scope(
    const struct error_facts *f, struct databricks_error *e)
{
    databricks_error_make(DATABRICKS_MISSING_SCOPE, f->message, e);
    size_t at = str_find(f->message, STR("scopes:"));
    struct str rest = str_sub(f->message, at + STR("scopes:").n, f->message.n);
    struct str names = str_trim(str_sub(rest, 0, str_find_char(rest, '\n')));
    while (str_ends_with(names, STR(".")))
        names.n--;
    struct str read = names;
    while (read.n > 0 && is_scope_letter(read.p[0]))
        read = str_sub(read, 1, read.n);
    if (names.n == 0 || read.n > 0)
        return;
    error_put(e->scopes, sizeof(e->scopes), names);
    error_explain_scope(e, false);
}

/* Limits are of several kinds, and people can do something about some. */
static void refine_rate_limit(
    const struct error_facts *f, struct databricks_error *e)
{
    if (SAYS(f->message, "input tokens"))
        error_put(e->message, sizeof(e->message),
            STR("The model has read as much as it may this minute, and each "
                "question sends the whole chat along; wait a minute and try "
                "again, or start a new chat."));
    else if (SAYS(f->message, "output tokens"))
        error_put(e->message, sizeof(e->message),
            STR("The model has written as much as it may this minute; wait a "
                "minute and try again, or ask for a shorter answer."));
    else if (SAYS(f->message, " QPH ", "per hour"))
        error_put(e->message, sizeof(e->message),
            STR("The model has answered as many questions as it may this "
                "hour; try again later or choose another model."));
}

/* A 404 or 409 of an endpoint that is there, but not yet or not now. */
static bool getting_ready(int status, const struct error_facts *f)
{
    return status == 409 ||
           (status == 404 && SAYS(f->message, "not ready", "being created",
                                 "being updated", "provisioning"));
}

static void classify_getting_ready(
    const struct error_facts *f, struct databricks_error *e)
{
    databricks_error_make(DATABRICKS_UPSTREAM_UNAVAILABLE, f->message, e);
    error_put(e->message, sizeof(e->message),
        STR("The model is being started or changed; try again in a few "
            "minutes or choose another model."));
}

/* What was said, without codes in front of it: "BAD_REQUEST: ...". */
static struct str plain_words(const struct error_facts *f)
{
    struct str words = str_trim(f->message), before, after;
    if (str_cut(words, ':', &before, &after) &&
        (str_eq(before, f->code) || str_eq(before, STR("Bad request"))))
        words = str_trim(after);
    while (str_ends_with(words, STR(".")))
        words.n--;
    return words;
}

/* The person is shown what exactly was refused, in the endpoint's words. */
static void refine_bad_request(
    const struct error_facts *f, struct databricks_error *e)
{
    struct str words = plain_words(f), end = STR("); tell the operator.");
    struct str begin = STR("The model's endpoint refused the request (");
    size_t room = sizeof(e->message) - 1 - begin.n - end.n;
    struct buf text;
    if (words.n == 0)
        return;
    words = str_sub(words, 0, utf8_valid_prefix(words));
    buf_init(&text, sizeof(e->message));
    buf_append(&text, begin);
    buf_append(&text, utf8_truncate(words, room));
    buf_append(&text, end);
    error_put(e->message, sizeof(e->message), buf_str(&text));
    buf_release(&text);
}

static void refine_not_implemented(struct databricks_error *e)
{
    error_put(e->message, sizeof(e->message),
        STR("The model's endpoint cannot do what was asked of it; choose "
            "another model or tell the operator."));
}

static void refine(
    int status, const struct error_facts *f, struct databricks_error *e)
{
    if (status >= 300 && status < 400)
        error_put(e->message, sizeof(e->message),
            STR("The workspace sent this application to a sign-in page; the "
                "operator must check its address and credentials."));
    else if (e->code == DATABRICKS_UPSTREAM_FORBIDDEN)
        refine_forbidden(f, e);
    else if (status == 501)
        refine_not_implemented(e);
    else if (e->code == DATABRICKS_UPSTREAM_BAD_REQUEST)
        refine_bad_request(f, e);
    else if (e->code == DATABRICKS_UPSTREAM_RATE_LIMITED)
        refine_rate_limit(f, e);
    if (status == 401)
        e->resend = DATABRICKS_RESEND_NEW_TOKEN;
    else if (status == 429 || status == 503)
        e->resend = DATABRICKS_RESEND_LATER;
}

/* An expired or revoked token is answered with 403, not 401. */
static bool stale_token(int status, const struct error_facts *f)
{
    return status == 403 &&
           SAYS(f->message, "invalid access token", "token is expired",
               "token has expired", "access token expired");
}

static void put_origin(const struct error_facts *f, struct databricks_error *e)
{
    error_put(e->upstream_code, sizeof(e->upstream_code), f->code);
    error_put(e->request_id, sizeof(e->request_id), f->request_id);
    e->retry_after_ms = f->retry_after_ms;
}

void error_classify(
    int status, const struct error_facts *facts, struct databricks_error *ret)
{
    if (status < 300)
        status = status_of_code(facts->code);
    if (blocked(facts)) {
        classify_blocked(facts, ret);
    } else if (too_long(status, facts)) {
        databricks_error_make(DATABRICKS_CONTEXT_TOO_LONG, facts->message, ret);
    } else if (stale_token(status, facts)) {
        databricks_error_make(DATABRICKS_UPSTREAM_AUTH, facts->message, ret);
        ret->resend = DATABRICKS_RESEND_NEW_TOKEN;
    } else if (lacks_scope(status, facts)) {
        classify_scope(facts, ret);
    } else if (getting_ready(status, facts)) {
        classify_getting_ready(facts, ret);
    } else {
        databricks_error_make(code_of_status(status), facts->message, ret);
        refine(status, facts, ret);
    }
    put_origin(facts, ret);
}
