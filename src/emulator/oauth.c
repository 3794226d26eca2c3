#include <inttypes.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"
#include "emulator/form.h"
#include "emulator/oauth.h"

/* POST /oidc/v1/token: four ways to an access token. */
enum {
    FORM_MAX = 16 * 1024,
    TTL_SECONDS = 3600,
    MS = 1000,
    VERIFIER_MIN = 43,
    VERIFIER_MAX = 128,
};

static const int64_t REFRESH_MS = 7 * 24 * 3600 * INT64_C(1000);

#define JWT_BEARER "urn:ietf:params:oauth:grant-type:jwt-bearer"

/* Who asks, and what the answer will be about. */
struct asked {
    struct emulator *e;
    struct http_request *r;
    bool known; /* the client has shown its secret */
    struct emu_grant grant;
    bool about_person; /* refresh and id tokens make sense */
};

/* ---- Scopes ---- */

struct str emu_scopes_all(void)
{
    return STR("all-apis email offline_access openid profile sql genie "
               "model-serving postgres iam.current-user:read "
               "iam.access-control:read");
}

bool emu_scopes_within(struct str scopes, struct str allowed)
{
    struct str one, other, rest;
    while (scopes.n > 0) {
        bool found = false;
        str_cut(scopes, ' ', &one, &scopes);
        for (rest = allowed; rest.n > 0 && !found;) {
            str_cut(rest, ' ', &other, &rest);
            found = str_eq(one, other);
        }
        if (!found)
            return false;
    }
    return true;
}

bool emu_scopes_known(struct str scopes)
{
    return emu_scopes_within(scopes, emu_scopes_all());
}

static bool has_scope(const struct asked *a, struct str scope)
{
    return emu_scopes_within(scope, a->grant.scope);
}

/* ---- Refusals ---- */

static bool refuse(
    const struct asked *a, int status, struct str error, struct str description)
{
    struct buf body;
    struct json_writer w;
    struct http_header challenge = {
        STR("www-authenticate"), STR("Basic realm=\"databricks\"")};
    buf_init(&body, FORM_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "error", error);
    json_member_str(&w, "error_description", description);
    json_end_object(&w);
    emu_answer(a->r, status, STR("application/json"), buf_str(&body),
        &challenge, status == 401 ? 1 : 0);
    buf_release(&body);
    return false;
}

static bool refuse_client(const struct asked *a)
{
    return refuse(
        a, 401, STR("invalid_client"), STR("Client authentication failed"));
}

static bool refuse_grant(const struct asked *a, struct str why)
{
    return refuse(a, 400, STR("invalid_grant"), why);
}

static bool refuse_scope(const struct asked *a)
{
    return refuse(
        a, 400, STR("invalid_scope"), STR("The scope is not supported"));
}

/* ---- The client ---- */

/* Basic credentials, or client_id and client_secret of the form. */
static bool secret_shown(const struct emulator *e, struct http_request *r)
{
    struct arena *a = http_request_arena(r);
    struct str scheme, text, id, secret;
    struct str value = http_request_header(r, "authorization");
    struct buf plain;
    if (value.n == 0)
        return crypto_equal(emu_form_get(r, STR("client_id")),
                   secret_reveal(&e->client_id)) &&
               crypto_equal(emu_form_get(r, STR("client_secret")),
                   secret_reveal(&e->client_secret));
    buf_init(&plain, FORM_MAX);
    bool ok =
        str_cut(value, ' ', &scheme, &text) &&
        str_eq_nocase(scheme, STR("basic")) &&
        crypto_base64_decode(&plain, str_trim(text)) == RC_OK &&
        str_cut(buf_str(&plain), ':', &id, &secret) &&
        crypto_equal(emu_form_decode(a, id), secret_reveal(&e->client_id)) &&
        crypto_equal(
            emu_form_decode(a, secret), secret_reveal(&e->client_secret));
    buf_release(&plain);
    return ok;
}

/* With its secret, or as the client that has none. */
static bool check_client(struct asked *a)
{
    struct str id = emu_form_get(a->r, STR("client_id"));
    a->known = secret_shown(a->e, a->r);
    a->grant.client =
        a->known ? secret_reveal(&a->e->client_id) : STR(EMU_PUBLIC_CLIENT);
    bool public = str_eq(id, STR(EMU_PUBLIC_CLIENT)) &&
                  http_request_header(a->r, "authorization").n == 0 &&
                  emu_form_get(a->r, STR("client_secret")).n == 0;
    return a->known || public || refuse_client(a);
}

/* ---- The four ways; each fills a->grant or refuses ---- */

static bool by_credentials(struct asked *a)
{
    struct str scope = emu_form_get(a->r, STR("scope"));
    if (!a->known)
        return refuse_client(a);
    a->grant.subject = secret_reveal(&a->e->client_id);
    a->grant.scope = scope.n > 0 ? scope : STR("all-apis");
    bool personal =
        has_scope(a, STR("offline_access")) || has_scope(a, STR("openid"));
    return (emu_scopes_known(a->grant.scope) && !personal) || refuse_scope(a);
}

/* Whether the verifier belongs to the challenge (RFC 7636, S256). */
static bool verified(struct str verifier, struct str challenge)
{
    unsigned char digest[CRYPTO_SHA256_SIZE];
    struct buf text;
    if (verifier.n < VERIFIER_MIN || verifier.n > VERIFIER_MAX)
        return false;
    crypto_sha256(verifier, digest);
    buf_init(&text, FORM_MAX);
    emu_base64url(&text, (struct str){(const char *)digest, sizeof(digest)});
    bool ok = crypto_equal(buf_str(&text), challenge);
    buf_release(&text);
    return ok;
}

/* Takes over what an earlier token stood for. */
static void take_over(struct asked *a, const struct emu_token *t)
{
    struct arena *arena = http_request_arena(a->r);
    a->grant.subject = arena_str(arena, str_from_c(t->subject));
    a->grant.scope = arena_str(arena, str_from_c(t->scope));
    a->grant.nonce = arena_str(arena, str_from_c(t->nonce));
    a->about_person = true;
}

/* A code is good once, whether what came with it was right or not. */
static bool by_code(struct asked *a)
{
    struct emu_token *code =
        emu_token_find(a->e, emu_form_get(a->r, STR("code")), EMU_TOKEN_CODE);
    if (code == NULL)
        return refuse_grant(a, STR("The code is unknown, used or expired"));
    bool client = str_eq(a->grant.client, str_from_c(code->client));
    bool place = str_eq(emu_form_get(a->r, STR("redirect_uri")),
        str_from_c(code->redirect_uri));
    bool proof = verified(
        emu_form_get(a->r, STR("code_verifier")), str_from_c(code->challenge));
    take_over(a, code);
    emu_token_drop(a->e, code);
    if (!client)
        return refuse_grant(a, STR("The code was given to another client"));
    if (!place)
        return refuse_grant(a, STR("redirect_uri is not that of the code"));
    return proof || refuse_grant(a, STR("code_verifier is wrong"));
}

/* A refresh token is good once; the next one comes with the answer. */
static bool by_refresh(struct asked *a)
{
    struct str scope = emu_form_get(a->r, STR("scope"));
    struct emu_token *token = emu_token_find(
        a->e, emu_form_get(a->r, STR("refresh_token")), EMU_TOKEN_REFRESH);
    if (token == NULL || !str_eq(a->grant.client, str_from_c(token->client)))
        return refuse_grant(
            a, STR("The refresh token is unknown, used or expired"));
    if (!emu_scopes_within(scope, str_from_c(token->scope)))
        return refuse_scope(a);
    take_over(a, token);
    if (scope.n > 0)
        a->grant.scope = scope;
    emu_token_drop(a->e, token);
    return true;
}

/* The only issuer that the demo trusts is itself: its id tokens will do. */
static bool by_assertion(struct asked *a)
{
    struct str scope = emu_form_get(a->r, STR("scope"));
    const struct emu_token *token = emu_token_find(
        a->e, emu_form_get(a->r, STR("assertion")), EMU_TOKEN_ID);
    if (token == NULL)
        return refuse_grant(a, STR("The assertion is unknown or expired"));
    take_over(a, token);
    a->about_person = false;
    a->grant.scope = scope.n > 0 ? scope : STR("all-apis");
    return emu_scopes_known(a->grant.scope) || refuse_scope(a);
}

static const struct {
    const char *type;
    bool (*read)(struct asked *a);
} ways[] = {
    {"client_credentials", by_credentials},
    {"authorization_code", by_code},
    {"refresh_token", by_refresh},
    {JWT_BEARER, by_assertion},
};

/* Whether a token is to be given; else the client was told. */
static bool check_request(struct asked *a)
{
    struct str type = emu_form_get(a->r, STR("grant_type"));
    if (!str_eq_nocase(http_request_media_type(a->r),
            STR("application/x-www-form-urlencoded")))
        return refuse(a, 400, STR("invalid_request"),
            STR("The body must be application/x-www-form-urlencoded"));
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
        if (str_eq(type, str_from_c(ways[i].type)))
            return check_client(a) && ways[i].read(a);
    return refuse(a, 400, STR("unsupported_grant_type"),
        STR("The grant type is not supported"));
}

/* ---- The answer ---- */

static void put_token(struct json_writer *w, struct asked *a, const char *key,
    enum emu_token_kind kind, int64_t ttl_ms)
{
    a->grant.kind = kind;
    a->grant.ttl_ms = ttl_ms;
    json_member_str(w, key, str_from_c(emu_token_new(a->e, &a->grant)->text));
}

static void put_lifetime(struct json_writer *w, const struct asked *a,
    enum emu_fault fault, int64_t ttl)
{
    if (fault == EMU_FAULT_EXPIRES_IN_STRING)
        json_member_str(w, "expires_in",
            arena_printf(http_request_arena(a->r), "%" PRId64, ttl));
    else if (fault != EMU_FAULT_EXPIRES_IN_MISSING)
        json_member_int(w, "expires_in", ttl);
}

static void answer(struct asked *a, const struct emu_fault_choice *fault)
{
    struct json_writer w;
    struct buf body;
    int64_t ttl = fault->fault == EMU_FAULT_TTL ? fault->arg : TTL_SECONDS;
    buf_init(&body, 2 * FORM_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    put_token(&w, a, "access_token", EMU_TOKEN_ACCESS, ttl * MS);
    a->e->minted++;
    if (fault->fault != EMU_FAULT_TOKEN_ONLY) {
        json_member_str(&w, "scope", a->grant.scope);
        json_member_str(&w, "token_type", STR("Bearer"));
        put_lifetime(&w, a, fault->fault, ttl);
        if (a->about_person && has_scope(a, STR("openid")))
            put_token(&w, a, "id_token", EMU_TOKEN_ID, ttl * MS);
        if (a->about_person && has_scope(a, STR("offline_access")))
            put_token(&w, a, "refresh_token", EMU_TOKEN_REFRESH, REFRESH_MS);
    }
    json_end_object(&w);
    struct http_header cache = {STR("cache-control"), STR("no-store")};
    emu_answer(a->r, 200, STR("application/json"), buf_str(&body), &cache, 1);
    buf_release(&body);
}

void emu_handle_token(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    struct emu_endpoint *service = e->services[EMU_OAUTH];
    struct asked asked = {.e = e, .r = request};
    service->calls++;
    if (!check_request(&asked)) {
        service->refused++;
        return;
    }
    struct emu_behaviour b =
        emu_endpoint_behaviour(e, service, &service->fault);
    if (b.fault.fault == EMU_FAULT_ERROR && b.fault.arg == 401) {
        service->refused++;
        refuse_client(&asked);
    } else if (!emu_answered_with_fault(e, service, request, &b.fault)) {
        service->finished++;
        answer(&asked, &b.fault);
    }
}

void emu_handle_keys(struct http_request *request, void *ctx)
{
    struct buf body;
    buf_init(&body, FORM_MAX);
    emu_tokens_write_keys(ctx, &body);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}
