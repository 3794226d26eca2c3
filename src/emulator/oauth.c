#include <inttypes.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/num.h"

#include "emulator/emulator_int.h"

enum { TOKEN_MAX = 4096, TTL_SECONDS = 3600 };

/* ---- Tokens: header.claims.signature, each base64url ---- */

static void append_base64url(struct buf *out, struct str data)
{
    size_t from = out->n;
    crypto_base64(out, data);
    for (size_t i = from; i < out->n; i++) {
        char *c = &out->p[i];
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
    while (out->n > from && out->p[out->n - 1] == '=')
        out->n--;
}

/* Appends the signature of text to out. */
static void append_signature(
    const struct emulator *e, struct str text, struct buf *out)
{
    struct buf keyed;
    unsigned char digest[CRYPTO_SHA256_SIZE];
    struct str key = {(const char *)e->key, EMU_KEY_SIZE};
    struct str inner = {(const char *)digest, sizeof(digest)};
    crypto_sha256(text, digest);
    buf_init(&keyed, EMU_KEY_SIZE + sizeof(digest));
    buf_append(&keyed, key);
    buf_append(&keyed, inner);
    crypto_sha256(buf_str(&keyed), digest);
    buf_release(&keyed);
    append_base64url(out, inner);
}

/* Claims as in a token of a service principal. */
static void write_claims(const struct emulator *e, int64_t ttl, struct buf *out)
{
    struct json_writer w;
    char id[ID_SIZE];
    struct str client = secret_reveal(&e->client_id);
    int64_t now = loop_wall_us(e->loop) / 1000;
    id_new(id);
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "client_id", client);
    json_member_str(&w, "scope", STR("all-apis"));
    json_member_str(&w, "sub", client);
    json_member_str(&w, "jti", str_from_c(id));
    json_member_int(&w, "iat", now / 1000);
    json_member_int(&w, "exp", now / 1000 + ttl);
    json_member_int(&w, "exp_ms", now + ttl * 1000);
    json_end_object(&w);
}

static void mint(struct emulator *e, int64_t ttl, struct buf *out)
{
    struct buf claims;
    buf_init(&claims, TOKEN_MAX);
    write_claims(e, ttl, &claims);
    append_base64url(
        out, STR("{\"typ\":\"at+jwt\",\"alg\":\"none\",\"kid\":\"demo\"}"));
    buf_append_char(out, '.');
    append_base64url(out, buf_str(&claims));
    struct buf signature;
    buf_init(&signature, TOKEN_MAX);
    append_signature(e, buf_str(out), &signature);
    buf_append_char(out, '.');
    buf_append(out, buf_str(&signature));
    buf_release(&signature);
    buf_release(&claims);
    e->minted++;
}

/* Whether the claims say that the token still lives. */
static bool claims_alive(const struct emulator *e, struct str claims)
{
    struct buf text;
    struct jv *document;
    int64_t expiry = 0;
    buf_init(&text, TOKEN_MAX);
    if (crypto_base64url_decode(&text, claims) == RC_OK &&
        jv_parse(buf_str(&text), NULL, &document) == RC_OK) {
        jv_int(jv_get(document, "exp_ms"), &expiry);
        jv_free(document);
    }
    buf_release(&text);
    return expiry > loop_wall_us(e->loop) / 1000;
}

static bool minted_here(const struct emulator *e, struct str token)
{
    struct buf expected;
    struct str head, claims, signature;
    if (token.n > TOKEN_MAX || !str_cut(token, '.', &head, &claims) ||
        !str_cut(claims, '.', &claims, &signature))
        return false;
    buf_init(&expected, TOKEN_MAX);
    append_signature(e, str_sub(token, 0, head.n + 1 + claims.n), &expected);
    bool ok = crypto_equal(buf_str(&expected), signature);
    buf_release(&expected);
    return ok && claims_alive(e, claims);
}

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

struct str emu_person(const struct http_request *r)
{
    struct str email, scopes;
    return read_person(emu_bearer(r), &email, &scopes) ? email : STR("");
}

bool emu_is_service_principal(
    const struct emulator *e, const struct http_request *r)
{
    return emu_person(r).n == 0 &&
           !crypto_equal(emu_bearer(r), secret_reveal(&e->token));
}

/* What a token must be good for, by the path asked for; "": nothing. */
static struct str scope_of(struct str path)
{
    static const struct {
        const char *prefix;
        const char *scope;
    } table[] = {
        {"/serving-endpoints/", "model-serving"},
        {"/api/2.0/serving-endpoints", "model-serving"},
        {"/api/2.0/genie", "genie"},
        {"/api/2.0/mcp/genie", "genie"},
        {"/v1/", "model-serving"},
        {"/api/2.0/preview/scim/v2/Me", ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (str_starts_with(path, str_from_c(table[i].prefix)))
            return str_from_c(table[i].scope);
    return STR("all-apis");
}

/* Whether a person's token has the scope; else the caller was told. */
static bool check_scope(
    struct emulator *e, struct http_request *r, struct str scopes)
{
    struct str needed = scope_of(http_request_path(r)), scope;
    bool ok = needed.n == 0;
    while (!ok && scopes.n > 0) {
        str_cut(scopes, ',', &scope, &scopes);
        ok = str_eq(scope, needed) || str_eq(scope, STR("all-apis"));
    }
    if (ok)
        return true;
    e->unauthorised++;
    emu_refuse(r, 403, STR("PERMISSION_DENIED"),
        arena_printf(http_request_arena(r),
            "Provided OAuth token does not have required scopes: %.*s",
            STR_ARG(needed)));
    return false;
}

bool emu_authorise(struct emulator *e, struct http_request *r)
{
    struct str token = emu_bearer(r), email, scopes;
    if (read_person(token, &email, &scopes))
        return check_scope(e, r, scopes);
    if (token.n == 0) {
        e->unauthorised++;
        emu_refuse(r, 401, STR("401"),
            STR("Credential was not sent or was of an unsupported type for "
                "this API."));
        return false;
    }
    if (crypto_equal(token, secret_reveal(&e->token)) || minted_here(e, token))
        return true;
    e->unauthorised++;
    emu_refuse(r, 403, STR("403"), STR("Invalid access token."));
    return false;
}

/* ---- POST /oidc/v1/token ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Decodes application/x-www-form-urlencoded text into the arena. */
static struct str form_decode(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int high = -1, low = -1;
        if (s.p[i] == '%' && i + 2 < s.n) {
            high = hex_digit(s.p[i + 1]);
            low = hex_digit(s.p[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            p[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            p[n++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return (struct str){p, n};
}

/* Value of a form field, or "". */
static struct str form_get(
    const struct http_request *r, struct arena *a, struct str name)
{
    struct str rest = http_request_body(r), pair, key, value;
    while (rest.n > 0) {
        str_cut(rest, '&', &pair, &rest);
        str_cut(pair, '=', &key, &value);
        if (str_eq(key, name))
            return form_decode(a, value);
    }
    return STR("");
}

static void refuse_token(struct http_request *r, int status, struct str error,
    struct str description)
{
    struct buf body;
    struct json_writer w;
    struct http_header challenge = {
        STR("www-authenticate"), STR("Basic realm=\"databricks\"")};
    buf_init(&body, 1024);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "error", error);
    json_member_str(&w, "error_description", description);
    json_end_object(&w);
    emu_answer(r, status, STR("application/json"), buf_str(&body), &challenge,
        status == 401 ? 1 : 0);
    buf_release(&body);
}

/* Basic credentials, or client_id and client_secret of the form. */
static bool client_known(const struct emulator *e, struct http_request *r)
{
    struct arena *a = http_request_arena(r);
    struct str scheme, text, id, secret;
    struct str value = http_request_header(r, "authorization");
    struct buf plain;
    if (value.n == 0)
        return crypto_equal(form_get(r, a, STR("client_id")),
                   secret_reveal(&e->client_id)) &&
               crypto_equal(form_get(r, a, STR("client_secret")),
                   secret_reveal(&e->client_secret));
    buf_init(&plain, TOKEN_MAX);
    bool ok =
        str_cut(value, ' ', &scheme, &text) &&
        str_eq_nocase(scheme, STR("basic")) &&
        crypto_base64_decode(&plain, str_trim(text)) == RC_OK &&
        str_cut(buf_str(&plain), ':', &id, &secret) &&
        crypto_equal(form_decode(a, id), secret_reveal(&e->client_id)) &&
        crypto_equal(form_decode(a, secret), secret_reveal(&e->client_secret));
    buf_release(&plain);
    return ok;
}

/* Whether the request is one for client credentials; else it was told. */
static bool check_token_request(
    const struct emulator *e, struct http_request *r)
{
    struct arena *a = http_request_arena(r);
    struct str scope = form_get(r, a, STR("scope"));
    if (!str_eq_nocase(http_request_media_type(r),
            STR("application/x-www-form-urlencoded"))) {
        refuse_token(r, 400, STR("invalid_request"),
            STR("The body must be application/x-www-form-urlencoded"));
        return false;
    }
    if (!str_eq(form_get(r, a, STR("grant_type")), STR("client_credentials"))) {
        refuse_token(r, 400, STR("unsupported_grant_type"),
            STR("The grant type is not supported"));
        return false;
    }
    if (!client_known(e, r)) {
        refuse_token(
            r, 401, STR("invalid_client"), STR("Client authentication failed"));
        return false;
    }
    if (scope.n > 0 && !str_eq(scope, STR("all-apis"))) {
        refuse_token(
            r, 400, STR("invalid_scope"), STR("The scope is not supported"));
        return false;
    }
    return true;
}

static void answer_token(struct emulator *e, struct http_request *r,
    const struct emu_fault_choice *fault)
{
    struct json_writer w;
    struct buf body, token;
    int64_t ttl = fault->fault == EMU_FAULT_TTL ? fault->arg : TTL_SECONDS;
    buf_init(&body, 2 * TOKEN_MAX);
    buf_init(&token, TOKEN_MAX);
    mint(e, ttl, &token);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "access_token", buf_str(&token));
    json_member_str(&w, "scope", STR("all-apis"));
    json_member_str(&w, "token_type", STR("Bearer"));
    if (fault->fault == EMU_FAULT_EXPIRES_IN_STRING)
        json_member_str(&w, "expires_in",
            arena_printf(http_request_arena(r), "%" PRId64, ttl));
    else if (fault->fault != EMU_FAULT_EXPIRES_IN_MISSING)
        json_member_int(&w, "expires_in", ttl);
    json_end_object(&w);
    emu_answer_json(r, buf_str(&body));
    buf_release(&token);
    buf_release(&body);
}

void emu_handle_token(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    struct emu_endpoint *service = e->services[EMU_OAUTH];
    service->calls++;
    if (!check_token_request(e, request)) {
        service->refused++;
        return;
    }
    struct emu_behaviour b =
        emu_endpoint_behaviour(e, service, &service->fault);
    if (b.fault.fault == EMU_FAULT_ERROR && b.fault.arg == 401) {
        service->refused++;
        refuse_token(request, 401, STR("invalid_client"),
            STR("Client authentication failed"));
    } else if (!emu_answered_with_fault(e, service, request, &b.fault)) {
        service->finished++;
        answer_token(e, request, &b.fault);
    }
}
