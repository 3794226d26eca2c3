#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/num.h"

#include "databricks/error_int.h"

/* Longest wait that is believed; more is a mistake of the sender. */
static const double seconds_max = 86400;

int64_t error_seconds_ms(struct str text)
{
    text = str_trim(text);
    if (str_ends_with(text, STR("s")))
        text = str_sub(text, 0, text.n - 1);
    double seconds;
    if (num_parse_double(text, &seconds) != RC_OK || seconds <= 0)
        return 0;
    return (int64_t)((seconds > seconds_max ? seconds_max : seconds) * 1000);
}

/* The three ways in which HTTP writes a date; all are GMT. */
static bool parse_http_date(struct str text, time_t *ret)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
    char copy[40];
    if (text.n >= sizeof(copy))
        return false;
    memcpy(copy, text.n ? text.p : "", text.n);
    copy[text.n] = '\0';
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct tm tm = {0};
        const char *end = strptime(copy, forms[i], &tm);
        if (end == NULL || *end != '\0')
            continue;
        *ret = timegm(&tm);
        return true;
    }
    return false;
}

int64_t databricks_wait_ms(struct str retry_after, int64_t wall_us)
{
    time_t then;
    retry_after = str_trim(retry_after);
    if (!parse_http_date(retry_after, &then))
        return error_seconds_ms(retry_after);
    int64_t wait = (int64_t)then * 1000 - wall_us / 1000;
    int64_t longest = (int64_t)seconds_max * 1000;
    if (wait <= 0)
        return 0;
    return wait < longest ? wait : longest;
}

/* The first of these members that is a string with something in it. */
static struct str first_string(
    const struct jv *object, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str s = jv_get_str(object, keys[i]);
        if (s.n)
            return s;
    }
    return STR("");
}

/* FastAPI: "detail" is text or a list of {msg, loc, input}. */
static struct str detail_message(const struct jv *detail)
{
    struct str s = STR("");
    if (!jv_string(detail, &s))
        s = jv_get_str(jv_at(detail, 0), "msg");
    return s;
}

static struct str find_message(const struct jv *d)
{
    static const char *const here[] = {"message"};
    static const char *const foreign[] = {
        "message", "error_description", "errorSummary"};
    const struct jv *external = jv_get(d, "external_model_message");
    const struct jv *candidates[] = {external, jv_get(external, "error"),
        jv_get(d, "error"), jv_get(jv_get(d, "response"), "error"), d};
    struct str s = first_string(d, here, 1);
    for (size_t i = 0; s.n == 0 && i < 5; i++)
        s = first_string(candidates[i], foreign, 3);
    if (s.n == 0)
        s = jv_get_str(d, "error");
    if (s.n == 0)
        s = detail_message(jv_get(d, "detail"));
    return s;
}

/* Codes that come as numbers, as text that outlives the document. */
static struct str number_code(const struct jv *v)
{
    static const struct {
        int64_t number;
        struct str text;
    } known[] = {
        {400, {"400", 3}},
        {401, {"401", 3}},
        {403, {"403", 3}},
        {404, {"404", 3}},
        {408, {"408", 3}},
        {413, {"413", 3}},
        {429, {"429", 3}},
        {500, {"500", 3}},
        {502, {"502", 3}},
        {503, {"503", 3}},
        {504, {"504", 3}},
    };
    int64_t number;
    if (!jv_int(v, &number))
        return STR("");
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (known[i].number == number)
            return known[i].text;
    return STR("");
}

static struct str code_of(const struct jv *object)
{
    static const char *const keys[] = {
        "error_code", "code", "errorCode", "scimType", "type"};
    struct str s = number_code(jv_get(object, "error_code"));
    if (s.n == 0)
        s = number_code(jv_get(object, "code"));
    return s.n ? s : first_string(object, keys, 5);
}

/* "error" and "response.failed" name the event, not the failure. */
static bool names_event(struct str code)
{
    return str_eq(code, STR("error")) || str_starts_with(code, STR("response"));
}

static struct str find_code(const struct jv *d)
{
    const struct jv *external = jv_get(d, "external_model_message");
    const struct jv *candidates[] = {external, jv_get(external, "error"),
        jv_get(d, "error"), jv_get(jv_get(d, "response"), "error")};
    struct str s = code_of(d);
    if (names_event(s))
        s = STR("");
    for (size_t i = 0; s.n == 0 && i < 4; i++)
        s = code_of(candidates[i]);
    if (s.n == 0 && jv_get(d, "error_description") != NULL)
        s = jv_get_str(d, "error");
    return s;
}

/* google.rpc details: RetryInfo and RequestInfo. */
static void read_details(const struct jv *list, struct error_facts *f)
{
    for (size_t i = 0; i < jv_count(list); i++) {
        const struct jv *item = jv_at(list, i);
        struct str delay = jv_get_str(item, "retry_delay");
        if (delay.n == 0)
            delay = jv_get_str(item, "retryDelay");
        if (delay.n)
            f->retry_after_ms = error_seconds_ms(delay);
        struct str id = jv_get_str(item, "request_id");
        if (id.n)
            f->request_id = id;
    }
}

/* A verdict of a guardrail: {"input_guardrail":[...],"finishReason":...}. */
static void read_guardrail(const struct jv *d, struct error_facts *f)
{
    struct str why = jv_get_str(d, "finishReason");
    f->input_blocked = str_contains(why, STR("input_guardrail_triggered"));
    f->output_blocked = str_contains(why, STR("output_guardrail_triggered"));
    const struct jv *verdict = jv_at(jv_get(d, "input_guardrail"), 0);
    if (verdict == NULL)
        verdict = jv_at(jv_get(d, "output_guardrail"), 0);
    bool found = false;
    if (jv_bool(jv_get(verdict, "pii_detection"), &found) && found)
        f->personal_data = true;
}

/* A message that holds a document: of a guardrail, or of the provider. */
static void read_nested(struct error_facts *f, struct jv **ret_nested)
{
    struct str text = str_trim(f->message);
    struct jv *inner = NULL;
    if (!str_starts_with(text, STR("{")) ||
        jv_parse(text, NULL, &inner) != RC_OK)
        return;
    *ret_nested = inner;
    read_guardrail(inner, f);
    /* The rest of such a document may repeat the conversation. */
    f->message = find_message(inner);
    if (f->code.n == 0)
        f->code = find_code(inner);
}

static bool speaks_of_failure(const struct jv *d)
{
    const struct jv *error = jv_get(d, "error");
    struct str type = jv_get_str(d, "type"), text = STR("");
    bool told =
        jv_string(error, &text) ? text.n > 0 : jv_type(error) == JV_OBJECT;
    return told || !jv_is_null(jv_get(d, "error_code")) ||
           !jv_is_null(jv_get(d, "external_model_message")) ||
           str_eq(type, STR("error")) || str_eq(type, STR("response.failed"));
}

void error_facts_from_json(
    const struct jv *document, struct error_facts *ret, struct jv **ret_nested)
{
    *ret = (struct error_facts){.is_error = speaks_of_failure(document)};
    *ret_nested = NULL;
    ret->code = find_code(document);
    ret->message = find_message(document);
    read_details(jv_get(document, "details"), ret);
    read_guardrail(document, ret);
    read_nested(ret, ret_nested);
}

static bool is_code_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

/* "CODE: message". */
static bool split_code(struct str body, struct str *code, struct str *message)
{
    struct str before, after;
    if (!str_cut(body, ':', &before, &after) || before.n == 0 ||
        !str_starts_with(after, STR(" ")))
        return false;
    for (size_t i = 0; i < before.n; i++)
        if (!is_code_letter(before.p[i]))
            return false;
    *code = before;
    *message = str_trim(after);
    return true;
}

/* What stands between two tags, without tags of its own. */
static struct str between(struct str s, struct str open, struct str close)
{
    size_t at = str_find(s, open);
    if (at == s.n)
        return STR("");
    s = str_sub(s, at + open.n, s.n);
    return str_trim(str_sub(s, 0, str_find(s, close)));
}

void error_facts_from_text(struct str body, struct error_facts *ret)
{
    *ret = (struct error_facts){.is_error = true};
    body = str_trim(body);
    ret->input_blocked = str_contains(body, STR("input_guardrail_triggered"));
    ret->output_blocked = str_contains(body, STR("output_guardrail_triggered"));
    if (str_starts_with(body, STR("{")) || str_starts_with(body, STR("[")))
        return; /* a broken document is not for anybody's eyes */
    if (split_code(body, &ret->code, &ret->message))
        return;
    if (!str_starts_with(body, STR("<"))) {
        ret->message = body;
        return;
    }
    ret->message = between(body, STR("<pre>"), STR("</pre>"));
    if (ret->message.n == 0)
        ret->message = between(body, STR("<title>"), STR("</title>"));
}
