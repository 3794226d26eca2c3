#include "base/arena.h"
#include "base/crypto.h"

#include "emulator/emulator_int.h"
#include "emulator/form.h"
#include "emulator/oauth.h"

/*
 * GET /oidc/v1/authorize: the person is signed in already and agrees at once.
 * A code comes back only where the client may get it; other mistakes go back
 * to the client too, once it is sure that it is one.
 */
enum { CODE_MS = 600'000, ADDRESS_MAX = 2048, CHALLENGE_SIZE = 43 };

/* A place on this machine, or the one that the demo's client registered. */
static bool redirect_known(struct str uri)
{
    static const char *const known[] = {
        "http://localhost:", "http://localhost/",
        "http://127.0.0.1:", "http://127.0.0.1/", "https://chat.example.com/"};
    if (uri.n > ADDRESS_MAX || str_contains(uri, STR("#")))
        return false;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (str_starts_with(uri, str_from_c(known[i])))
            return true;
    return false;
}

static struct str query(const struct http_request *r, const char *name)
{
    struct str value = STR("");
    http_request_query(r, name, &value);
    return value;
}

/* Goes back to the client with one more member, and the state. */
static void go_back(struct http_request *r, const char *key, struct str value,
    const char *description)
{
    struct arena *a = http_request_arena(r);
    struct str uri = query(r, "redirect_uri"), state = query(r, "state");
    const char *joint = str_contains(uri, STR("?")) ? "&" : "?";
    struct str more = STR(""), place;
    if (description != NULL) {
        struct str text = emu_form_encode(a, str_from_c(description));
        more = arena_printf(a, "&error_description=%.*s", STR_ARG(text));
    }
    struct str encoded = emu_form_encode(a, value);
    struct str kept = emu_form_encode(a, state);
    place = arena_printf(a, "%.*s%s%s=%.*s%.*s&state=%.*s", STR_ARG(uri), joint,
        key, STR_ARG(encoded), STR_ARG(more), STR_ARG(kept));
    struct http_header location = {STR("location"), place};
    emu_answer(r, 302, STR(""), STR(""), &location, 1);
}

/* What is wrong with the request, as OAuth calls it; NULL: nothing. */
static const char *wrong_with(const struct http_request *r, const char **ret)
{
    struct str scope = query(r, "scope");
    *ret = "state must be set";
    if (query(r, "state").n == 0)
        return "invalid_request";
    *ret = "response_type must be code";
    if (!str_eq(query(r, "response_type"), STR("code")))
        return "unsupported_response_type";
    *ret = "code_challenge_method must be S256";
    if (!str_eq(query(r, "code_challenge_method"), STR("S256")))
        return "invalid_request";
    *ret = "code_challenge must be base64url of a SHA-256";
    if (query(r, "code_challenge").n != CHALLENGE_SIZE)
        return "invalid_request";
    *ret = "scope names what nobody knows, or nothing";
    return scope.n == 0 || !emu_scopes_known(scope) ? "invalid_scope" : NULL;
}

static void give_code(struct emulator *e, struct http_request *r)
{
    struct str person = query(r, "login_hint");
    struct emu_grant grant = {.kind = EMU_TOKEN_CODE,
        .subject = person.n > 0 ? person : STR(EMU_OWNER),
        .client = query(r, "client_id"),
        .scope = query(r, "scope"),
        .nonce = query(r, "nonce"),
        .redirect_uri = query(r, "redirect_uri"),
        .challenge = query(r, "code_challenge"),
        .ttl_ms = CODE_MS};
    const struct emu_token *code = emu_token_new(e, &grant);
    go_back(r, "code", str_from_c(code->text), NULL);
}

void emu_handle_authorize(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    const char *description = NULL, *wrong;
    struct emu_behaviour b;
    if (emu_service_fails(e, EMU_SIGN_IN, request, &b))
        return;
    struct str client = query(request, "client_id");
    if (!str_eq(client, secret_reveal(&e->client_id)) &&
        !str_eq(client, STR(EMU_PUBLIC_CLIENT))) {
        emu_refuse(request, 400, STR("INVALID_PARAMETER_VALUE"),
            STR("OAuth application with that client_id not available."));
        return;
    }
    if (!redirect_known(query(request, "redirect_uri"))) {
        emu_refuse(request, 400, STR("INVALID_PARAMETER_VALUE"),
            STR("redirect_uri is not registered for the OAuth application."));
        return;
    }
    wrong = wrong_with(request, &description);
    if (wrong == NULL && b.fault.fault == EMU_FAULT_ACCESS_DENIED) {
        wrong = "access_denied";
        description = "The person did not agree";
    }
    if (wrong != NULL) {
        go_back(request, "error", str_from_c(wrong), description);
        return;
    }
    give_code(e, request);
}
