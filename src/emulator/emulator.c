#include "base/arena.h"
#include "base/mem.h"

#include "emulator/emulator_int.h"

enum {
    PAYLOAD_MAX = 4 * 1024 * 1024, /* databricks 3.4 */
    CONNECTIONS = 25'000,
    WRITE_TIMEOUT_MS = 300'000, /* a client may hold a stream back */
    REQUESTS_PER_CONNECTION = 1'000'000,
    URL_MAX = 128,
};

static const double TOKENS_PER_SECOND = 50;
static const int64_t FIRST_TOKEN_MS = 400;

struct str emulator_default_token(void)
{
    return STR("dapi-demo-of-the-built-in-emulator");
}

struct str emulator_default_client_id(void)
{
    return STR("7d2b8f36-5c1e-4a86-9a43-0f1de3a0c5b2");
}

struct str emulator_default_client_secret(void)
{
    return STR("dose-demo-of-the-built-in-emulator");
}

struct str emulator_default_endpoint(void)
{
    return str_from_c(emu_catalog_at(0)->name);
}

struct str emulator_default_genie_space(void)
{
    return STR(EMU_GENIE_SPACE);
}

/* ---- Routes ---- */

#define GENIE "/api/2.0/genie/spaces"
#define TALKS GENIE "/{space_id}/conversations"
#define TALK TALKS "/{conversation_id}"
#define MESSAGE TALK "/messages/{message_id}"
#define ATTACHMENT MESSAGE "/attachments/{attachment_id}"

static const struct http_route routes[] = {
    {"GET", "/.well-known/databricks-config", emu_handle_config,
        "Host metadata", 0, EMU_ROUTE_OPEN},
    {"GET", "/oidc/.well-known/oauth-authorization-server", emu_handle_oidc,
        "OAuth metadata", 0, EMU_ROUTE_OPEN},
    {"GET", "/oidc/.well-known/openid-configuration", emu_handle_oidc,
        "OpenID metadata", 0, EMU_ROUTE_OPEN},
    {"GET", "/oidc/jwks.json", emu_handle_keys, "Keys of its tokens", 0,
        EMU_ROUTE_OPEN},
    {"GET", "/oidc/v1/authorize", emu_handle_authorize, "Signs a person in", 0,
        EMU_ROUTE_OPEN},
    {"POST", "/oidc/v1/token", emu_handle_token, "Mints an access token", 0,
        EMU_ROUTE_OPEN},
    {"GET", "/api/2.0/preview/scim/v2/Me", emu_handle_me, "Who is calling", 0,
        0},
    {"GET", "/api/2.0/serving-endpoints", emu_handle_list, "All endpoints", 0,
        0},
    {"GET", "/api/2.0/serving-endpoints/{name}", emu_handle_get, "One endpoint",
        0, 0},
    {"POST", "/serving-endpoints/{name}/invocations", emu_handle_invocation,
        "Asks an endpoint", PAYLOAD_MAX, 0},
    {"POST", "/serving-endpoints/{name}/chat/completions",
        emu_handle_invocation, "Asks an endpoint", PAYLOAD_MAX, 0},
    {"POST", "/serving-endpoints/{name}/responses", emu_handle_invocation,
        "Asks an endpoint", PAYLOAD_MAX, 0},
    {"POST", "/serving-endpoints/responses", emu_handle_completion,
        "Asks the agent that \"model\" names", PAYLOAD_MAX, 0},
    {"POST", "/serving-endpoints/completions", emu_handle_completion,
        "Asks the agent that \"model\" names", PAYLOAD_MAX, 0},
    {"POST", "/serving-endpoints/chat/completions", emu_handle_completion,
        "Asks the endpoint that \"model\" names", PAYLOAD_MAX, 0},
    {"POST", "/ai-gateway/mlflow/v1/chat/completions", emu_handle_gateway,
        "Asks the endpoint or model service that \"model\" names", PAYLOAD_MAX,
        0},
    {"POST", "/v1/chat/completions", emu_handle_completion,
        "Asks the model that \"model\" names", PAYLOAD_MAX, 0},
    {"GET", "/v1/models", emu_handle_models, "All models", 0, 0},
    {"GET", "/api/3.0/mlflow/traces/{trace_id}", emu_handle_trace,
        "A trace with what was said of it", 0, 0},
    {"POST", "/api/3.0/mlflow/traces/{trace_id}/assessments", emu_handle_assess,
        "Says something of a trace", 0, 0},
    {"PATCH", "/api/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}",
        emu_handle_assessment, "Changes that", 0, 0},
    {"DELETE", "/api/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}",
        emu_handle_assessment, "Takes it back", 0, 0},
    {"GET", GENIE, emu_handle_genie_spaces, "Genie's spaces", 0, 0},
    {"GET", GENIE "/{space_id}", emu_handle_genie_space, "One space", 0, 0},
    {"POST", GENIE "/{space_id}/start-conversation", emu_handle_genie_start,
        "Asks the first question", 0, 0},
    {"GET", TALKS, emu_handle_genie_conversations, "The caller's talks", 0, 0},
    {"DELETE", TALK, emu_handle_genie_forget, "Deletes one", 0, 0},
    {"GET", TALK "/messages", emu_handle_genie_messages, "Its messages", 0, 0},
    {"POST", TALK "/messages", emu_handle_genie_ask, "Asks the next question",
        0, 0},
    {"GET", MESSAGE, emu_handle_genie_message, "How far it is", 0, 0},
    {"DELETE", MESSAGE, emu_handle_genie_message, "Deletes it", 0, 0},
    {"POST", MESSAGE "/feedback", emu_handle_genie_feedback, "Rates it", 0, 0},
    {"GET", ATTACHMENT "/query-result", emu_handle_genie_result,
        "Rows of its query", 0, 0},
    {"POST", ATTACHMENT "/execute-query", emu_handle_genie_execute,
        "Runs its query again", 0, 0},
    {"POST", "/api/2.0/mcp/genie/{space_id}", emu_handle_genie_mcp,
        "Genie as an MCP server", 0, 0},
    {"POST", "/api/2.0/database/credentials", emu_handle_credentials,
        "A password for database instances", 0, 0},
    {"GET", "/api/2.0/database/instances/{name}", emu_handle_instance,
        "Where an instance is", 0, 0},
    {"POST", "/api/2.0/postgres/credentials", emu_handle_autoscaling,
        "A password for an autoscaling endpoint", 0, 0},
    {"GET",
        "/api/2.0/postgres/projects/{project}/branches/{branch}/endpoints/"
        "{endpoint}",
        emu_handle_branch, "Where such an endpoint is", 0, 0},
    {"POST", "/emulator/revoke", emu_handle_revoke, "Takes tokens back", 0, 0},
    {"GET", "/emulator/assessments", emu_handle_assessments,
        "What was said of all traces", 0, 0},
    {"POST", "/emulator/control", emu_handle_control,
        "Sets how an endpoint behaves", 0, 0},
    {"GET", "/emulator/stats", emu_handle_stats, "What was asked for", 0, 0},
};

static bool before(
    struct http_request *request, const struct http_route *route, void *ctx)
{
    return (route->flags & EMU_ROUTE_OPEN) != 0 || emu_authorise(ctx, request);
}

/* No route (whatever the reason), or what was no request. */
static void on_error(struct http_request *request, int status, const char *code,
    const char *detail, struct str allow, void *ctx)
{
    (void)code;
    (void)allow;
    if (status == 404 || status == 405) {
        struct str method = http_request_method(request);
        struct str path = http_request_path(request);
        if (emu_authorise(ctx, request))
            emu_refuse(request, 404, STR("ENDPOINT_NOT_FOUND"),
                arena_printf(http_request_arena(request),
                    "No API found for '%.*s %.*s'", STR_ARG(method),
                    STR_ARG(path)));
        return;
    }
    emu_refuse(request, status, emu_code_of_status(status),
        status == 413 ? STR("Request size cannot exceed 4194304 bytes.")
                      : str_from_c(detail));
}

/* ---- Life ---- */

static struct str either(struct str given, struct str otherwise)
{
    return given.n > 0 ? given : otherwise;
}

static void configure(struct emulator *e, const struct emulator_config *config)
{
    e->loop = config->loop;
    e->seed = config->seed;
    e->tokens_per_second = config->tokens_per_second > 0
                               ? config->tokens_per_second
                               : TOKENS_PER_SECOND;
    e->first_token_ms = config->first_token_ms == 0  ? FIRST_TOKEN_MS
                        : config->first_token_ms < 0 ? 0
                                                     : config->first_token_ms;
    secret_set(&e->token, either(config->token, emulator_default_token()));
    secret_set(
        &e->client_id, either(config->client_id, emulator_default_client_id()));
    secret_set(&e->client_secret,
        either(config->client_secret, emulator_default_client_secret()));
}

static void write_url(struct emulator *e, struct str host)
{
    bool v6 = str_find_char(host, ':') < host.n;
    buf_printf(&e->url, v6 ? "http://[%.*s]:%d" : "http://%.*s:%d",
        STR_ARG(host), e->port);
}

enum rc emulator_new(
    const struct emulator_config *config, struct emulator **ret)
{
    struct emulator *e = MEM_NEW(struct emulator);
    struct str host = either(config->host, STR("127.0.0.1"));
    struct http_server_config server = {.host = host,
        .port = config->port,
        .limits = {.connections = CONNECTIONS,
            .write_timeout_ms = WRITE_TIMEOUT_MS,
            .requests_per_connection = REQUESTS_PER_CONNECTION},
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(*routes),
        .before = before,
        .on_error = on_error,
        .ctx = e};
    buf_init(&e->url, URL_MAX);
    list_init(&e->calls);
    configure(e, config);
    emu_endpoints_init(e);
    emu_mlflow_init(e);
    emu_genie_init(e);
    emu_tokens_init(e);
    enum rc rc = http_server_new(e->loop, &server, &e->server);
    if (rc != RC_OK) {
        emulator_free(e);
        return rc;
    }
    e->port = http_server_port(e->server);
    write_url(e, host);
    *ret = e;
    return RC_OK;
}

void emulator_free(struct emulator *e)
{
    if (e == NULL)
        return;
    http_server_free(e->server);
    emu_calls_free(e);
    emu_endpoints_free(e);
    emu_mlflow_free(e);
    emu_genie_free(e);
    emu_tokens_free(e);
    secret_release(&e->token);
    secret_release(&e->client_id);
    secret_release(&e->client_secret);
    buf_release(&e->url);
    mem_free(e);
}

struct str emulator_url(const struct emulator *e)
{
    return buf_str(&e->url);
}

int emulator_port(const struct emulator *e)
{
    return e->port;
}

void emulator_print_help(struct buf *out)
{
    static const struct {
        unsigned where;
        const char *heading;
    } sections[] = {
        {EMU_ON_MODEL | EMU_ON_CHAT, "Endpoints emu-<fault>"},
        {EMU_ON_AGENT | EMU_ON_RESPONSES, "Endpoints emu-responses-<fault>"},
        {EMU_ON_GENIE, "Genie spaces emu-<fault>"},
        {EMU_ON_TOKEN, "Token endpoint (POST /emulator/control)"},
    };
    buf_append(out, STR("Endpoints:\n"));
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++)
        buf_printf(out, "  %-40s %s\n", emu_catalog_at(i)->name,
            emu_catalog_at(i)->about);
    for (size_t s = 0; s < sizeof(sections) / sizeof(*sections); s++) {
        buf_printf(out, "\n%s:\n", sections[s].heading);
        for (size_t i = 0; emu_fault_at(i) != NULL; i++)
            if ((emu_fault_at(i)->where & sections[s].where) != 0)
                buf_printf(out, "  %-40s %s\n", emu_fault_at(i)->pattern,
                    emu_fault_at(i)->about);
    }
}
