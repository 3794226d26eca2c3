#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#include "databricks/error_int.h"

#define CODE_NAME(id, name) [DATABRICKS_##id] = name,
static const char *const code_names[] = {DATABRICKS_CODE_TABLE(CODE_NAME)};
#undef CODE_NAME

const char *databricks_code_name(enum databricks_code code)
{
    return code_names[code];
}

void error_put(char *to, size_t size, struct str s)
{
    s = utf8_truncate(str_sub(s, 0, utf8_valid_prefix(s)), size - 1);
    for (size_t i = 0; i < s.n; i++)
        to[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 127 ? ' ' : s.p[i];
    to[s.n] = '\0';
}

/* What a person reads by default, and whether trying again may help. */
static const struct {
    const char *message;
    bool retryable;
} usual[] = {
    [DATABRICKS_UPSTREAM_UNREACHABLE] =
        {"The model's server cannot be reached; try again, and tell the "
         "operator if it stays so.",
            true},
    [DATABRICKS_UPSTREAM_TIMEOUT] =
        {"The model took too long to answer; try again, perhaps with a shorter "
         "question.",
            true},
    [DATABRICKS_UPSTREAM_RATE_LIMITED] =
        {"The model's rate limit is reached; wait a moment and try again.",
            true},
    [DATABRICKS_UPSTREAM_UNAVAILABLE] =
        {"The model is not available right now; try again in a minute.", true},
    [DATABRICKS_UPSTREAM_AUTH] =
        {"This application's credentials were refused; the operator must "
         "renew them.",
            false},
    [DATABRICKS_UPSTREAM_FORBIDDEN] =
        {"This application may not use the model; the operator must allow it "
         "to query the endpoint.",
            false},
    [DATABRICKS_UPSTREAM_NOT_FOUND] =
        {"There is no such model; choose another model or tell the operator.",
            false},
    [DATABRICKS_MISSING_SCOPE] =
        {"The access token lacks a scope that the model needs; the operator "
         "must add it.",
            false},
    [DATABRICKS_USER_TOKEN_MISSING] =
        {"Models are asked in your name here, but your sign-in brought no "
         "access token; the operator must turn on user authorization for this "
         "application.",
            false},
    [DATABRICKS_USER_TOKEN_REFUSED] =
        {"The workspace no longer takes your sign-in; reload the page to sign "
         "in again, then try again.",
            true},
    [DATABRICKS_GENIE_FAILED] =
        {"Genie could not answer the question; ask in other words, or ask the "
         "model instead.",
            true},
    [DATABRICKS_UPSTREAM_BAD_REQUEST] =
        {"The model's endpoint refused the request; tell the operator if it "
         "stays so.",
            false},
    [DATABRICKS_UPSTREAM_BAD_RESPONSE] =
        {"The model's endpoint sent an answer that cannot be understood; try "
         "again.",
            true},
    [DATABRICKS_UPSTREAM_INTERRUPTED] =
        {"The connection to the model was lost before the answer was complete; "
         "try again.",
            true},
    [DATABRICKS_UPSTREAM_ERROR] =
        {"The model failed while answering; try again.", true},
    [DATABRICKS_CONTENT_BLOCKED] =
        {"A content rule of the workspace blocked this message; change it and "
         "send it again.",
            false},
    [DATABRICKS_CONTEXT_TOO_LONG] =
        {"The conversation is too long for this model; start a new chat or "
         "send a shorter message.",
            false},
};

bool databricks_code_final(struct str name)
{
    for (size_t i = 0; i < sizeof(code_names) / sizeof(*code_names); i++)
        if (str_eq(name, str_from_c(code_names[i])))
            return !usual[i].retryable;
    return false;
}

static void set_message(struct databricks_error *e, struct str message)
{
    error_put(e->message, sizeof(e->message), message);
}

void databricks_error_make(
    enum databricks_code code, struct str detail, struct databricks_error *ret)
{
    *ret = (struct databricks_error){
        .code = code, .retryable = usual[code].retryable};
    set_message(ret, str_from_c(usual[code].message));
    /* A document inside the text may repeat the conversation. */
    detail = str_sub(detail, 0, str_find_char(detail, '{'));
    error_put(ret->detail, sizeof(ret->detail), detail);
}

void databricks_error_midway(struct databricks_error *e)
{
    static const struct {
        enum databricks_code code;
        const char *message;
    } midway[] = {
        {DATABRICKS_UPSTREAM_TIMEOUT, "The model fell silent in the middle of "
                                      "its answer; continue or try again."},
        {DATABRICKS_UPSTREAM_INTERRUPTED,
            "The connection to the model was lost in the middle of its answer; "
            "continue or try again."},
        {DATABRICKS_UPSTREAM_ERROR, "The model failed in the middle of its "
                                    "answer; continue or try again."},
        {DATABRICKS_UPSTREAM_BAD_RESPONSE,
            "The rest of the model's answer cannot be understood; continue or "
            "try again."},
    };
    for (size_t i = 0; i < sizeof(midway) / sizeof(*midway); i++)
        if (midway[i].code == e->code)
            set_message(e, str_from_c(midway[i].message));
}

void databricks_error_from_transport(enum rc why, struct str reason,
    bool got_bytes, struct databricks_error *ret)
{
    if (why == RC_TIMEOUT) {
        databricks_error_make(DATABRICKS_UPSTREAM_TIMEOUT, reason, ret);
    } else if (why == RC_TOO_LARGE) {
        databricks_error_make(DATABRICKS_UPSTREAM_BAD_RESPONSE, reason, ret);
    } else if (why == RC_BUSY) {
        databricks_error_make(DATABRICKS_UPSTREAM_UNAVAILABLE, reason, ret);
        set_message(ret, STR("Too many questions are being answered right "
                             "now; try again in a minute."));
    } else if (got_bytes) {
        databricks_error_make(DATABRICKS_UPSTREAM_INTERRUPTED, reason, ret);
    } else {
        databricks_error_make(DATABRICKS_UPSTREAM_UNREACHABLE, reason, ret);
        ret->resend = DATABRICKS_RESEND_LATER;
    }
}

/* Text that is not JSON; a document of unknown shape is never repeated. */
static void from_plain_body(
    const struct databricks_answer *answer, struct databricks_error *ret)
{
    struct error_facts facts;
    error_facts_from_text(answer->body, &facts);
    error_classify(answer->status, &facts, ret);
}

void databricks_error_from_answer(
    const struct databricks_answer *answer, struct databricks_error *ret)
{
    struct jv *document = NULL, *nested = NULL;
    if (jv_parse(answer->body, NULL, &document) == RC_OK &&
        jv_type(document) == JV_OBJECT) {
        struct error_facts facts;
        error_facts_from_json(document, &facts, &nested);
        error_classify(answer->status, &facts, ret);
    } else {
        from_plain_body(answer, ret);
    }
    jv_free(nested);
    jv_free(document);
    ret->http_status = answer->status;
    if (answer->retry_after_ms > 0)
        ret->retry_after_ms = answer->retry_after_ms;
    if (answer->request_id.n)
        error_put(ret->request_id, sizeof(ret->request_id), answer->request_id);
}

bool databricks_error_from_event(
    const struct jv *document, struct databricks_error *ret)
{
    struct error_facts facts;
    struct jv *nested;
    error_facts_from_json(document, &facts, &nested);
    bool failed = facts.is_error || facts.input_blocked || facts.output_blocked;
    if (failed)
        error_classify(0, &facts, ret);
    jv_free(nested);
    return failed;
}

struct str databricks_request_id(struct str x_request_id,
    struct str x_databricks_request_id, struct str server_timing)
{
    if (x_databricks_request_id.n)
        return x_databricks_request_id;
    if (x_request_id.n)
        return x_request_id;
    /* request_id;dur=0;desc="<uuid>", other;desc=... */
    struct str mine = str_sub(server_timing,
        str_find(server_timing, STR("request_id")), server_timing.n);
    struct str key = STR("desc=\"");
    size_t at = str_find(mine, key);
    if (at == mine.n)
        return STR("");
    mine = str_sub(mine, at + key.n, mine.n);
    return str_sub(mine, 0, str_find_char(mine, '"'));
}
