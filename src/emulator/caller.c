#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"

#include "emulator/emulator_int.h"

/* Who is calling, and what for. */

struct str emu_bearer(const struct http_request *r)
{
    struct str scheme, token;
    struct str value = http_request_header(r, "authorization");
    if (!str_cut(value, ' ', &scheme, &token) ||
        !str_eq_nocase(scheme, STR("bearer")))
        return STR("");
    return str_trim(token);
}

/* Reads "user-token:<e-mail>:<scopes, divided by commas>". */
static bool read_person(struct str token, struct str *email, struct str *scopes)
{
    struct str prefix = STR("user-token:");
    return str_starts_with(token, prefix) &&
           str_cut(str_sub(token, prefix.n, token.n), ':', email, scopes) &&
           str_find_char(*email, '@') < email->n;
}

bool emu_caller(const struct emulator *e, const struct http_request *r,
    struct emu_caller *ret)
{
    struct str token = emu_bearer(r);
    struct str service = secret_reveal(&e->client_id);
    *ret = (struct emu_caller){.separator = ' ', .scopes = STR("all-apis")};
    if (emu_token_revoked(e, token))
        return false;
    if (read_person(token, &ret->person, &ret->scopes)) {
        ret->separator = ',';
        return true;
    }
    if (crypto_equal(token, secret_reveal(&e->token)))
        return true;
    const struct emu_token *known = emu_token_find(e, token, EMU_TOKEN_ACCESS);
    if (known == NULL)
        return false;
    ret->scopes = str_from_c(known->scope);
    ret->service = str_eq(str_from_c(known->subject), service);
    if (!ret->service)
        ret->person = str_from_c(known->subject);
    return true;
}

struct str emu_caller_name(
    const struct emulator *e, const struct http_request *r)
{
    struct emu_caller caller;
    if (!emu_caller(e, r, &caller))
        return STR("");
    return caller.service        ? secret_reveal(&e->client_id)
           : caller.person.n > 0 ? caller.person
                                 : STR(EMU_OWNER);
}

/* What a token must be good for: one of these, the first is the usual name. */
static struct str scopes_for(struct str path)
{
    static const struct {
        const char *prefix;
        const char *scopes;
    } table[] = {
        {"/serving-endpoints/", "model-serving serving.serving-endpoints"},
        {"/api/2.0/serving-endpoints",
            "model-serving serving.serving-endpoints"},
        {"/ai-gateway/", "ai-gateway model-serving serving.serving-endpoints"},
        {"/v1/", "model-serving serving.serving-endpoints"},
        {"/api/2.0/genie", "genie dashboards.genie"},
        {"/api/2.0/mcp/genie", "genie dashboards.genie mcp.genie"},
        {"/api/2.0/database", "postgres"},
        {"/api/2.0/postgres", "postgres"},
        /* Every token of a person has iam.current-user:read. */
        {"/api/2.0/preview/scim/v2/Me", ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (str_starts_with(path, str_from_c(table[i].prefix)))
            return str_from_c(table[i].scopes);
    return STR("all-apis");
}

static bool is_listed(struct str scope, struct str list)
{
    struct str one;
    while (list.n > 0) {
        str_cut(list, ' ', &one, &list);
        if (str_eq(scope, one))
            return true;
    }
    return false;
}

/* Whether the token has one of the scopes; else the caller was told. */
static bool check_scope(
    struct emulator *e, struct http_request *r, const struct emu_caller *caller)
{
    struct str needed = scopes_for(http_request_path(r)), scope, usual;
    struct str rest = caller->scopes;
    bool ok = needed.n == 0;
    while (!ok && rest.n > 0) {
        str_cut(rest, caller->separator, &scope, &rest);
        ok = str_eq(scope, STR("all-apis")) || is_listed(scope, needed);
    }
    if (ok)
        return true;
    str_cut(needed, ' ', &usual, &rest);
    e->unauthorised++;
    emu_refuse(r, 403, STR("PERMISSION_DENIED"),
        arena_printf(http_request_arena(r),
            "Provided OAuth token does not have required scopes: %.*s",
            STR_ARG(usual)));
    return false;
}

bool emu_authorise(struct emulator *e, struct http_request *r)
{
    struct emu_caller caller;
    if (emu_bearer(r).n == 0) {
        e->unauthorised++;
        emu_refuse(r, 401, STR("401"),
            STR("Credential was not sent or was of an unsupported type for "
                "this API."));
        return false;
    }
    if (emu_caller(e, r, &caller))
        return check_scope(e, r, &caller);
    e->unauthorised++;
    emu_refuse(r, 403, STR("403"), STR("Invalid access token."));
    return false;
}

/* ---- POST /emulator/revoke ---- */

void emu_handle_revoke(struct http_request *request, void *ctx)
{
    struct jv *document;
    struct str token;
    if (jv_parse(http_request_body(request), NULL, &document) != RC_OK) {
        emu_refuse(request, 400, STR("INVALID_PARAMETER_VALUE"),
            STR("the body is not JSON"));
        return;
    }
    if (jv_count(document) == 0 && jv_type(document) == JV_OBJECT) {
        emu_tokens_drop_all(ctx);
        emu_answer_json(request, STR("{}"));
    } else if (jv_count(document) == 1 &&
               jv_string(jv_get(document, "token"), &token) && token.n > 0) {
        emu_token_revoke(ctx, token);
        emu_answer_json(request, STR("{}"));
    } else {
        emu_refuse(request, 400, STR("INVALID_PARAMETER_VALUE"),
            STR("the only field is token, a string; without it all are "
                "taken back"));
    }
    jv_free(document);
}
