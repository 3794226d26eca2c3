#include "base/arena.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"
#include "emulator/hash.h"
#include "emulator/oauth.h"

enum { BODY_MAX = 64 * 1024 };

/* "<url><path>" in the request's arena. */
static struct str address(
    const struct emulator *e, struct http_request *r, const char *path)
{
    return arena_printf(
        http_request_arena(r), "%.*s%s", STR_ARG(buf_str(&e->url)), path);
}

static void put_strings(struct json_writer *w, const char *key, struct str list)
{
    struct str one;
    json_key(w, key);
    json_begin_array(w);
    while (list.n > 0) {
        str_cut(list, ' ', &one, &list);
        json_put_str(w, one);
    }
    json_end_array(w);
}

void emu_handle_config(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    struct json_writer w;
    struct buf body;
    struct emu_behaviour b;
    if (emu_service_fails(e, EMU_METADATA, request, &b))
        return;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "oidc_endpoint", address(e, request, "/oidc"));
    json_member_str(
        &w, "account_id", STR("2f6e1a44-0d3c-4c6e-9a51-6f8d1b7c0e11"));
    json_member_str(&w, "workspace_id", STR(EMU_WORKSPACE_ID));
    json_member_str(&w, "cloud", STR("AWS"));
    json_member_str(&w, "host_type", STR("WORKSPACE_HOST"));
    json_key(&w, "token_federation_default_oidc_audiences");
    json_begin_array(&w);
    json_put_str(&w, address(e, request, "/oidc/v1/token"));
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_oidc(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    struct json_writer w;
    struct buf body;
    struct emu_behaviour b;
    if (emu_service_fails(e, EMU_METADATA, request, &b))
        return;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "issuer", address(e, request, "/oidc"));
    json_member_str(&w, "authorization_endpoint",
        address(e, request, "/oidc/v1/authorize"));
    json_member_str(
        &w, "token_endpoint", address(e, request, "/oidc/v1/token"));
    json_member_str(&w, "jwks_uri", address(e, request, "/oidc/jwks.json"));
    put_strings(&w, "scopes_supported", emu_scopes_all());
    put_strings(&w, "response_types_supported", STR("code"));
    put_strings(&w, "response_modes_supported", STR("query"));
    put_strings(&w, "grant_types_supported",
        STR("client_credentials authorization_code refresh_token "
            "urn:ietf:params:oauth:grant-type:jwt-bearer"));
    put_strings(&w, "code_challenge_methods_supported", STR("S256"));
    put_strings(&w, "token_endpoint_auth_methods_supported",
        STR("client_secret_basic client_secret_post none"));
    put_strings(&w, "subject_types_supported", STR("public"));
    put_strings(&w, "id_token_signing_alg_values_supported", STR("RS256"));
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

static void put_group(struct json_writer *w)
{
    json_key(w, "groups");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "display", STR("users"));
    json_member_str(w, "value", STR("1"));
    json_member_str(w, "type", STR("direct"));
    json_member_str(w, "$ref", STR("Groups/1"));
    json_end_object(w);
    json_end_array(w);
}

/* The members that only a person has. */
static void put_person(struct json_writer *w, struct str email)
{
    json_key(w, "name");
    json_begin_object(w);
    json_member_str(w, "givenName", STR("Demo"));
    json_member_str(w, "familyName", STR("User"));
    json_end_object(w);
    json_key(w, "emails");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "value", email);
    json_member_str(w, "type", STR("work"));
    json_member_bool(w, "primary", true);
    json_end_object(w);
    json_end_array(w);
}

/* The same for the same name, another one for another. */
static struct str id_of_name(struct http_request *r, struct str name)
{
    return arena_printf(http_request_arena(r), "%016llu",
        (unsigned long long)(emu_hash(1, name) % 10'000'000'000'000'000));
}

static void put_caller(struct json_writer *w, struct http_request *r,
    const struct emu_caller *caller, struct str name)
{
    struct str display = caller->service        ? STR("Demo service principal")
                         : caller->person.n > 0 ? caller->person
                                                : STR("Demo User");
    json_begin_object(w);
    json_member_str(w, "id", id_of_name(r, name));
    json_member_str(w, "userName", name);
    json_member_str(w, "displayName", display);
    json_member_bool(w, "active", true);
    if (!caller->service)
        put_person(w, name);
    put_group(w);
    json_end_object(w);
}

void emu_handle_me(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    struct emu_caller caller;
    struct json_writer w;
    struct buf body;
    struct emu_behaviour b;
    struct http_header org = {
        STR("x-databricks-org-id"), STR(EMU_WORKSPACE_ID)};
    if (emu_service_fails(e, EMU_SCIM, request, &b) ||
        !emu_caller(e, request, &caller))
        return;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    put_caller(&w, request, &caller, emu_caller_name(e, request));
    emu_answer(
        request, 200, STR("application/scim+json"), buf_str(&body), &org, 1);
    buf_release(&body);
}
