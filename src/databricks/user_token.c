#include <string.h>

#include "base/crypto.h"
#include "base/json.h"

#include "databricks/error_int.h"
#include "databricks/user_token.h"

enum { CLAIMS_MAX = 64 * 1024, SCOPES_MAX = 16 * 1024 };

/* `scope` is words in one text, `scp` that or a list of texts. */
static void put_scopes(const struct jv *claim, struct buf *out)
{
    struct str text;
    if (jv_string(claim, &text))
        buf_append(out, text);
    for (size_t i = 0; i < jv_count(claim); i++) {
        if (!jv_string(jv_at(claim, i), &text))
            continue;
        if (i > 0)
            buf_append_char(out, ' ');
        buf_append(out, text);
    }
}

bool user_token_scopes(struct str token, struct buf *out)
{
    struct str head, claims, signature;
    struct jv *document = NULL;
    size_t start = out->n;
    if (!str_cut(token, '.', &head, &claims) ||
        !str_cut(claims, '.', &claims, &signature))
        return false;
    struct buf text;
    buf_init(&text, CLAIMS_MAX);
    if (crypto_base64url_decode(&text, claims) == RC_OK &&
        jv_parse(buf_str(&text), NULL, &document) == RC_OK) {
        const struct jv *scope = jv_get(document, "scope");
        put_scopes(scope != NULL ? scope : jv_get(document, "scp"), out);
    }
    jv_free(document);
    buf_release(&text);
    return out->n > start;
}

/* The next of the words that spaces or commas divide; false at the end. */
static bool next_word(struct str *rest, struct str *word)
{
    static const char dividers[] = " ,\t\n";
    size_t n = 0;
    while (rest->n > 0 && strchr(dividers, rest->p[0]) != NULL)
        *rest = str_sub(*rest, 1, rest->n);
    while (n < rest->n && strchr(dividers, rest->p[n]) == NULL)
        n++;
    *word = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return n > 0;
}

static bool has_word(struct str words, struct str wanted)
{
    struct str word;
    while (next_word(&words, &word))
        if (str_eq(word, wanted))
            return true;
    return false;
}

/* One scope goes by more than one name, as the platform's own pages do. */
static bool has_scope(struct str scopes, struct str wanted)
{
    static const struct str alike[][2] = {
        {{"model-serving", 13}, {"serving.serving-endpoints", 25}},
        {{"genie", 5}, {"dashboards.genie", 16}},
        {{"vector-search", 13}, {"ai-search", 9}},
    };
    if (has_word(scopes, STR("all-apis")) || has_word(scopes, wanted))
        return true;
    for (size_t i = 0; i < sizeof(alike) / sizeof(*alike); i++)
        for (size_t k = 0; k < 2; k++)
            if (str_eq(wanted, alike[i][k]) && has_word(scopes, alike[i][!k]))
                return true;
    return false;
}

/* What is wanted and not there, for e->scopes; the needed scope at least. */
static void put_missing(
    struct str scopes, struct str wanted, struct databricks_error *e)
{
    struct buf missing;
    struct str word;
    buf_init(&missing, sizeof(e->scopes));
    if (wanted.n == 0)
        wanted = STR("model-serving");
    while (next_word(&wanted, &word)) {
        if (has_scope(scopes, word))
            continue;
        if (missing.n > 0)
            buf_append(&missing, STR(", "));
        buf_append(&missing, word);
    }
    error_put(e->scopes, sizeof(e->scopes), buf_str(&missing));
    buf_release(&missing);
}

/* A refusal without a reason: perhaps the token's own words tell it. */
static void find_missing(
    struct str token, struct str wanted, struct databricks_error *e)
{
    struct buf scopes;
    buf_init(&scopes, SCOPES_MAX);
    if (user_token_scopes(token, &scopes))
        put_missing(buf_str(&scopes), wanted, e);
    buf_release(&scopes);
}

void error_explain_scope(struct databricks_error *e, bool of_person)
{
    struct buf text;
    buf_init(&text, 2 * sizeof(e->message));
    buf_printf(&text, "%s lacks the scope %s, which the model needs; %s.",
        of_person ? "Your sign-in" : "This application's access token",
        e->scopes,
        of_person ? "ask the operator to add it to the application's "
                    "user_api_scopes, then sign in again"
                  : "the operator must add it");
    error_put(e->message, sizeof(e->message), buf_str(&text));
    buf_release(&text);
}

/* The same failure under another code, with that code's sentence. */
static void rename_error(struct databricks_error *e, enum databricks_code code)
{
    struct databricks_error named;
    databricks_error_make(code, str_from_c(e->detail), &named);
    memcpy(e->message, named.message, sizeof(e->message));
    e->code = code;
    e->retryable = named.retryable;
    e->resend = DATABRICKS_RESEND_NEVER;
}

void user_token_explain(
    struct str token, struct str wanted, struct databricks_error *e)
{
    if (e->code == DATABRICKS_UPSTREAM_AUTH) {
        rename_error(e, DATABRICKS_USER_TOKEN_REFUSED);
        return;
    }
    bool denied = e->code == DATABRICKS_UPSTREAM_FORBIDDEN &&
                  strcmp(e->upstream_code, "PERMISSION_DENIED") == 0;
    if (!denied && e->code != DATABRICKS_MISSING_SCOPE)
        return;
    if (e->scopes[0] == '\0')
        find_missing(token, wanted, e);
    if (e->scopes[0] != '\0') {
        rename_error(e, DATABRICKS_MISSING_SCOPE);
        error_explain_scope(e, true);
    } else if (denied) {
        error_put(e->message, sizeof(e->message),
            STR("You may not use this model; ask for permission to query its "
                "endpoint."));
    }
}

bool user_token_refusal(const struct databricks_error *e)
{
    return e->code == DATABRICKS_MISSING_SCOPE ||
           e->code == DATABRICKS_USER_TOKEN_REFUSED;
}
