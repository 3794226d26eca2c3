#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/api_int.h"

/* Signing in and out, who am I, and API tokens for scripts. */

enum { TOKEN_BYTES = 32 };

static const struct api_field token_fields[] = {
    {.name = "name",
        .type = API_TEXT,
        .required = true,
        .max = 100,
        .help = "What the token is for; shown in the list.",
        .example = "\"nightly report\""},
};
const struct api_schema api_token_schema = {"TokenRequest", token_fields, 1};

static const struct api_field sign_in_query_fields[] = {
    {.name = "token", .type = API_TEXT, .help = "The secret of the link."},
};
const struct api_schema api_sign_in_query = {"", sign_in_query_fields,
    sizeof(sign_in_query_fields) / sizeof(*sign_in_query_fields)};

void api_login(struct http_request *http, void *)
{
    const struct auth_identity *who = &api_request(http)->identity;
    struct buf out;
    struct json_writer w;
    buf_init(&out, 8192);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_key(&w, "user_info");
    json_begin_object(&w);
    json_member_str(&w, "email", who->email);
    json_member_str(&w, "user_id", who->user_id);
    json_member_str(&w, "username", who->username);
    json_end_object(&w);
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

/* "chatbot_session=<value>; ..." for max_age seconds (0: delete it). */
static struct str session_cookie(struct http_request *http,
    const struct api *api, struct str value, int64_t max_age_s)
{
    return arena_printf(http_request_arena(http),
        "chatbot_session=%.*s; Path=/; HttpOnly; SameSite=Lax; "
        "Max-Age=%lld%s",
        STR_ARG(value), (long long)max_age_s,
        api->config.secure_cookie ? "; Secure" : "");
}

static void end_session(struct api_request *r)
{
    struct str where = r->api->config.logout_url;
    api_redirect(r->http, where.n > 0 ? where : STR("/signed-out"),
        session_cookie(r->http, r->api, (struct str){0}, 0));
}

static void on_session_deleted(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (op->rc == RC_NOT_FOUND)
        op->rc = RC_OK;
    if (!api_store_done(r, op))
        return;
    store_op_free(op);
    end_session(r);
}

void api_logout(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str site = http_request_header(http, "Sec-Fetch-Site");
    if (str_eq(site, STR("cross-site"))) {
        problem_respond(http, PROBLEM_CROSS_SITE_REQUEST,
            "Another site cannot sign you out.", NULL);
        return;
    }
    struct str cookie = http_request_cookie(http, "chatbot_session");
    if (cookie.n == 0) {
        end_session(r);
        return;
    }
    char hash[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(cookie, hash);
    auth_cache_remove(api->cache, str_from_c(hash));
    r->identity = api->config.local_user;
    struct store_op *op =
        api_store_op(r, STORE_CREDENTIAL_DELETE, on_session_deleted);
    op->credential_delete.kind = STORE_CREDENTIAL_SESSION;
    op->credential_delete.hash = store_op_str(op, str_from_c(hash));
    api_store_submit(r, op);
}

/* A new secret, and an operation that stores its hash for the caller. */
static struct store_op *new_credential(struct api_request *r,
    enum store_credential_kind kind, int64_t life_us, store_done_fn *done,
    struct str *ret_secret)
{
    struct buf secret;
    char hash[CRYPTO_SHA256_HEX_SIZE];
    buf_init(&secret, 128);
    if (crypto_random_token(&secret, TOKEN_BYTES) != RC_OK)
        return NULL;
    *ret_secret = arena_str(http_request_arena(r->http), buf_str(&secret));
    crypto_sha256_hex(buf_str(&secret), hash);
    buf_release(&secret);
    struct store_op *op = api_store_op(r, STORE_CREDENTIAL_PUT, done);
    int64_t now = loop_wall_us(r->api->loop);
    op->credential_put.credential = (struct store_credential){
        .kind = kind,
        .hash = store_op_str(op, str_from_c(hash)),
        .email = store_op_str(op, r->identity.email),
        .username = store_op_str(op, r->identity.username),
        .created_us = now,
        .expires_us = life_us == 0 ? 0 : now + life_us,
    };
    return op;
}

static void on_signed_in(struct store_op *op)
{
    struct api_request *r = op->ctx;
    struct api *api = r->api;
    if (!api_store_done(r, op))
        return;
    store_op_free(op);
    metrics_add(METRIC_SIGN_INS, 1);
    log_info("signed in by the one-time link",
        LOG_STR("request_id", http_request_id(r->http)));
    api_redirect(r->http, STR("/"),
        session_cookie(
            r->http, api, r->new_secret, api->config.session_ms / 1000));
    if (api->config.on_link_used != NULL)
        api->config.on_link_used(api->config.ctx);
}

void api_sign_in(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str token = {0};
    if (!str_eq(http_request_method(http), STR("GET"))) {
        /* Link previews and mail scanners look; only a person's click counts.
         */
        api_respond_empty(http, 204, NULL, 0);
        return;
    }
    http_request_query(http, "token", &token);
    if (api->config.link == NULL || token.n == 0 ||
        !auth_link_use(api->config.link, token)) {
        metrics_add(METRIC_SIGN_IN_FAILURES, 1);
        log_warn("refused a sign-in link that is not valid (any more)",
            LOG_STR("request_id", http_request_id(http)));
        api_redirect(http, STR("/signed-out?reason=link"), (struct str){0});
        return;
    }
    r->identity = api->config.local_user;
    struct store_op *op = new_credential(r, STORE_CREDENTIAL_SESSION,
        api->config.session_ms * 1000, on_signed_in, &r->new_secret);
    api_store_submit(r, op);
}

static void put_token(struct json_writer *w, const struct store_credential *c)
{
    json_member_str(w, "token_id", c->hash);
    json_member_str(w, "name", c->name);
    api_member_time(w, "created_at", c->created_us);
    api_member_time(w, "expires_at", c->expires_us);
}

static void on_token_created(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    struct buf out;
    struct json_writer w;
    buf_init(&out, 8192);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "token", r->new_secret);
    put_token(&w, &op->credential_put.credential);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 201, &out);
}

void api_create_token(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct jv *body;
    if (!api_read_body(
            http, &api_token_schema, api->config.max_message_bytes, &body))
        return;
    struct store_op *op = new_credential(
        r, STORE_CREDENTIAL_TOKEN, 0, on_token_created, &r->new_secret);
    op->credential_put.credential.name =
        store_op_str(op, api_text(body, "name"));
    jv_free(body);
    api_store_submit(r, op);
}

static void on_tokens(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    struct buf out;
    struct json_writer w;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_key(&w, "tokens");
    json_begin_array(&w);
    for (size_t i = 0; i < op->credential_list.count; i++) {
        json_begin_object(&w);
        put_token(&w, &op->credential_list.credentials[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

void api_list_tokens(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct store_op *op = api_store_op(r, STORE_CREDENTIAL_LIST, on_tokens);
    op->credential_list.kind = STORE_CREDENTIAL_TOKEN;
    api_store_submit(r, op);
}

static void on_token_deleted(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    bool found = op->credential_delete.deleted > 0;
    store_op_free(op);
    if (found)
        api_respond_empty(r->http, 204, NULL, 0);
    else
        problem_respond(r->http, PROBLEM_NOT_FOUND,
            "There is no such token of yours.", NULL);
}

void api_delete_token(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str hash = http_request_param(http, "id");
    auth_cache_remove(api->cache, hash);
    struct store_op *op =
        api_store_op(r, STORE_CREDENTIAL_DELETE, on_token_deleted);
    op->credential_delete.kind = STORE_CREDENTIAL_TOKEN;
    op->credential_delete.hash = store_op_str(op, hash);
    api_store_submit(r, op);
}
