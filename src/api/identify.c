#include "databricks/token_life.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/callers.h"

/*
 * Who asks: first the proxy's headers (where they are believed), then a
 * bearer token, then the cookie of a browser session. Nobody: 401.
 */

struct api_request *api_request(struct http_request *http)
{
    return http_request_user_data(http);
}

bool api_peer_trusted(const struct api *api, const struct http_request *http)
{
    if (api->config.proxy_identity)
        return true;
    struct str peer = http_request_peer(http);
    for (size_t i = 0; i < api->config.trusted_proxy_count; i++)
        if (str_eq(peer, api->config.trusted_proxies[i]))
            return true;
    return false;
}

/* Refuses what another site made the person's browser do. */
static bool own_request(struct api_request *r)
{
    struct http_request *http = r->http;
    struct str method = http_request_method(http);
    if (str_eq(method, STR("GET")) || str_eq(method, STR("HEAD")))
        return true;
    bool trusted = api_peer_trusted(r->api, http);
    struct auth_origin origin = {
        .kind = r->identity.kind,
        .sec_fetch_site = http_request_header(http, "Sec-Fetch-Site"),
        .origin = http_request_header(http, "Origin"),
        .host = http_request_header(http, "Host"),
        .forwarded_host = trusted
                              ? http_request_header(http, "X-Forwarded-Host")
                              : (struct str){0},
    };
    if (!auth_cross_site(&origin))
        return true;
    problem_respond(http, PROBLEM_CROSS_SITE_REQUEST,
        "This request was not made by this site's own page. Scripts use an "
        "API token in the Authorization header.",
        NULL);
    return false;
}

enum { MARK_SIZE = 12 };

/* Tells people apart in the log without naming them. */
static struct str mark_of(struct api_request *r)
{
    char hash[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(r->identity.user_id, hash);
    return arena_str(
        http_request_arena(r->http), (struct str){hash, MARK_SIZE});
}

static bool admit(struct api_request *r)
{
    if (r->identity.kind != AUTH_NOBODY) {
        if (log_enabled(LOG_INFO)) /* else nobody reads it */
            http_request_set_user_mark(r->http, mark_of(r));
        return own_request(r);
    }
    problem_respond(r->http, PROBLEM_UNAUTHENTICATED,
        r->api->config.link != NULL
            ? "Sign in with the link that the server printed when it "
              "started, or send an API token as a bearer token."
            : "Sign in through the proxy in front of this server.",
        NULL);
    return false;
}

static struct str bearer_of(const struct api_request *r)
{
    return auth_bearer_token(http_request_header(r->http, "Authorization"));
}

/* What the workspace said of the caller's token. */
static void conclude(struct api_request *r, enum callers_verdict verdict)
{
    if (verdict == CALLERS_UNSURE) {
        problem_respond(r->http, PROBLEM_IDENTITY_UNAVAILABLE,
            "The workspace does not say now whose this access token is. Try "
            "again in a moment.",
            &(struct problem_extra){.retry_after_ms = 5000});
        return;
    }
    if (verdict == CALLERS_KNOWN)
        r->user_token = bearer_of(r);
    if (admit(r))
        http_request_route(r->http)->handler(r->http, r->api);
}

/* No token of ours: perhaps one of the workspace's. */
static void ask_workspace(struct api_request *r)
{
    enum callers_verdict verdict =
        callers_ask(r->api->callers, r, bearer_of(r), conclude);
    if (verdict != CALLERS_PENDING)
        conclude(r, verdict);
}

static void on_credential(struct store_op *op)
{
    struct api_request *r = op->ctx;
    struct api *api = r->api;
    if (op->rc == RC_NOT_FOUND)
        op->rc = RC_OK, op->credential_get.credential.user_id.n = 0;
    if (!api_store_done(r, op))
        return;
    const struct store_credential *c = &op->credential_get.credential;
    if (c->user_id.n > 0) {
        struct arena *a = http_request_arena(r->http);
        r->identity = (struct auth_identity){
            .kind =
                c->kind == STORE_CREDENTIAL_TOKEN ? AUTH_BEARER : AUTH_COOKIE,
            .user_id = arena_str(a, c->user_id),
            .email = arena_str(a, c->email),
            .username = arena_str(a, c->username),
        };
        auth_cache_put(api->cache, r->credential_hash, loop_now_ms(api->loop),
            &r->identity);
    }
    bool strange =
        c->user_id.n == 0 && op->credential_get.kind == STORE_CREDENTIAL_TOKEN;
    store_op_free(op);
    if (strange)
        ask_workspace(r);
    else if (admit(r))
        http_request_route(r->http)->handler(r->http, api);
}

/* True: the identity is known. False: the store has been asked. */
static bool look_up(
    struct api_request *r, enum store_credential_kind kind, struct str secret)
{
    struct api *api = r->api;
    struct arena *arena = http_request_arena(r->http);
    char hash[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(secret, hash);
    r->credential_hash = arena_str(arena, str_from_c(hash));
    if (kind == STORE_CREDENTIAL_TOKEN && api->api_token_hash[0] != '\0' &&
        crypto_equal(r->credential_hash, str_from_c(api->api_token_hash))) {
        r->identity = api->config.local_user;
        r->identity.kind = AUTH_BEARER;
        return true;
    }
    if (auth_cache_get(api->cache, r->credential_hash, loop_now_ms(api->loop),
            arena, &r->identity))
        return true;
    if (kind == STORE_CREDENTIAL_TOKEN && callers_known(api->callers, r)) {
        r->user_token = secret;
        return true;
    }
    struct store_op *op = api_store_op(r, STORE_CREDENTIAL_GET, on_credential);
    op->credential_get.kind = kind;
    op->credential_get.hash = store_op_str(op, r->credential_hash);
    op->credential_get.now_us = loop_wall_us(api->loop);
    api_store_submit(r, op);
    return false;
}

/*
 * A header that came twice may have been sent by the client and completed by
 * the proxy: then nobody knows who is who.
 */
static bool said_once(const struct http_request *http)
{
    return http_request_header_count(http, "X-Forwarded-User") == 1 &&
           http_request_header_count(http, "X-Forwarded-Email") <= 1 &&
           http_request_header_count(http, "X-Forwarded-Preferred-Username") <=
               1;
}

static bool by_proxy(struct api_request *r)
{
    return api_peer_trusted(r->api, r->http) && said_once(r->http) &&
           auth_from_proxy(http_request_arena(r->http),
               http_request_header(r->http, "X-Forwarded-User"),
               http_request_header(r->http, "X-Forwarded-Email"),
               http_request_header(r->http, "X-Forwarded-Preferred-Username"),
               &r->identity);
}

/*
 * The token with which the proxy lets us act in the person's name: believed
 * where the rest of its headers is.
 */
static void take_user_token(struct api_request *r)
{
    if (http_request_header_count(r->http, "X-Forwarded-Access-Token") != 1)
        return;
    struct str token = http_request_header(r->http, "X-Forwarded-Access-Token");
    if (token_is_printable(token))
        r->user_token = token;
}

bool api_before(
    struct http_request *http, const struct http_route *route, void *ctx)
{
    struct api_request *r =
        ARENA_NEW(http_request_arena(http), struct api_request);
    r->api = ctx;
    r->http = http;
    http_request_set_user_data(http, r);
    if ((route->flags & API_PUBLIC) != 0)
        return true;
    if (by_proxy(r)) {
        take_user_token(r);
        return admit(r);
    }
    struct str token = bearer_of(r);
    struct str cookie = http_request_cookie(http, "chatbot_session");
    if (token.n > 0 && !look_up(r, STORE_CREDENTIAL_TOKEN, token))
        return false;
    if (token.n == 0 && cookie.n > 0 &&
        !look_up(r, STORE_CREDENTIAL_SESSION, cookie))
        return false;
    return admit(r);
}
