#include "base/json.h"
#include "base/num.h"

#include "databricks/token_life.h"

enum {
    DEFAULT_SECONDS = 3600,
    MAX_SECONDS = 24 * 3600,
    STALE_MAX_MS = 20 * 60 * 1000,
    EARLY_MS = 40 * 1000,
    TOKEN_SIZE_MAX = 16 * 1024,
};

struct token_life token_life_make(int64_t now_ms, int64_t seconds)
{
    int64_t ms = seconds * 1000;
    int64_t stale = ms / 2 < STALE_MAX_MS ? ms / 2 : STALE_MAX_MS;
    int64_t early = ms / 2 < EARLY_MS ? ms / 2 : EARLY_MS;
    return (struct token_life){
        .stale_ms = now_ms + ms - stale,
        .expires_ms = now_ms + ms - early,
    };
}

bool token_is_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n > 0 && s.n <= TOKEN_SIZE_MAX;
}

static int64_t read_seconds(const struct jv *v)
{
    int64_t seconds = DEFAULT_SECONDS;
    double real;
    struct str text;
    if (jv_string(v, &text)) {
        if (num_parse_i64(str_trim(text), 1, MAX_SECONDS, &seconds) != RC_OK)
            return DEFAULT_SECONDS;
    } else if (jv_number(v, &real) && real >= 1) {
        seconds = real < MAX_SECONDS ? (int64_t)real : MAX_SECONDS;
    }
    return seconds;
}

enum rc token_answer_read(
    struct str body, struct secret *ret_token, int64_t *ret_seconds)
{
    struct jv *document;
    if (jv_parse(body, NULL, &document) != RC_OK)
        return RC_INVALID;
    enum rc rc = RC_INVALID;
    struct str token = jv_get_str(document, "access_token");
    if (token_is_printable(token)) {
        secret_set(ret_token, token);
        *ret_seconds = read_seconds(jv_get(document, "expires_in"));
        rc = RC_OK;
    }
    jv_free(document);
    return rc;
}
