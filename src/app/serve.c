#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/id.h"
#include "databricks/host.h"
#include "emulator/emulator.h"
#include "limits/admission.h"
#include "limits/circuit.h"
#include "limits/quota.h"
#include "limits/rate_limiter.h"
#include "loop/loop.h"
#include "store/postgres/store_postgres.h"
#include "store/sqlite/store_sqlite.h"
#include "telemetry/log.h"

#include "app/database_password.h"
#include "app/demo.h"
#include "app/descriptors.h"
#include "app/node.h"
#include "app/serve.h"
#include "app/service.h"
#include "app/workers.h"

/*
 * The composition root: opens what is shared, starts the worker, waits for a
 * signal, and ends everything in reverse order.
 *
 *   SIGTERM -> drain (replies may finish) -> grace over -> interrupt -> saved
 */
enum {
    EXIT_START_FAILED = 1,
    LIMITER_USERS = 100000,
    LIMITED_ENDPOINTS = 1000,
    BREAKER_WINDOW_MS = 10 * 60 * 1000,
    BREAKER_MAX_REST_MS = 5 * 60 * 1000,
    LOOK_AGAIN_MS = 50,
    CACHED_CREDENTIALS = 10000,
    CREDENTIAL_FRESH_MS = 30000,
    CALLER_FRESH_MS = 60000,  /* what the workspace said of a token */
    REFUSAL_FRESH_MS = 10000, /* and when it was none of its own */
    SAVE_MS = 900,            /* for storing what was interrupted */
};

struct server {
    const struct app_config *config;
    struct loop *loop;
    struct demo *demo;
    struct store *store;
    struct node *node;
    struct rate_limiter *limiter;
    struct auth_link *link;
    struct auth_cache *credentials;
    struct auth_cache *workspace_callers;
    struct auth_cache *refused_callers;
    struct quota *quota;
    struct circuits *circuits;
    struct admission *admission;
    struct workers *workers;
    struct arena *arena;
    struct buf databricks_host;
    struct loop_signal *on_term;
    struct loop_signal *on_int;
    struct loop_timer *look_again;
    struct service_watchdog *watchdog;
    int port;
    int64_t stop_at_ms; /* end of the grace time; 0: not stopping */
    bool interrupted;
};

static bool behind_apps_proxy(const struct app_config *config)
{
    return config->databricks_app_name.n > 0;
}

/* The address as a person types it. */
static void put_url(const struct server *s, struct buf *out)
{
    struct str host = s->config->host;
    if (s->config->public_url.n > 0) {
        buf_append(out, s->config->public_url);
        return;
    }
    bool any = str_eq(host, STR("0.0.0.0")) || str_eq(host, STR("::"));
    bool local = str_eq(host, STR("127.0.0.1")) || str_eq(host, STR("::1"));
    bool v6 = str_find_char(host, ':') < host.n;
    if (any || local)
        host = STR("localhost");
    buf_printf(out,
        v6 && !any && !local ? "http://[%.*s]:%d" : "http://%.*s:%d",
        STR_ARG(host), s->port);
}

static void print_link(void *ctx)
{
    struct server *s = ctx;
    struct buf line;
    buf_init(&line, 4096);
    buf_append(&line, STR("Sign in (works once): "));
    put_url(s, &line);
    buf_append(&line, STR("/chat-api/signin?token="));
    auth_link_renew(s->link, &line);
    printf("%s\n", buf_c_str(&line));
    fflush(stdout);
    buf_release(&line);
}

static void print_banner(struct server *s)
{
    struct buf url;
    buf_init(&url, 4096);
    put_url(s, &url);
    printf("databricks-chatbot %s\n", CHATBOT_VERSION);
    if (s->demo != NULL)
        printf("Demo mode: no Databricks workspace is configured, so a "
               "built-in emulator answers with demonstration texts.\nSet "
               "DATABRICKS_HOST and credentials, a profile or another model "
               "server (see .env.example) to talk to your models.\n");
    else if (s->databricks_host.n > 0)
        printf("Workspace: %s\nWay in: %.*s\n", buf_c_str(&s->databricks_host),
            STR_ARG(s->config->way_in));
    else
        printf("Way in: %.*s\n", STR_ARG(s->config->way_in));
    if (s->config->models_url.n > 0)
        printf("Models at: %.*s\n", STR_ARG(s->config->models_url));
    printf("Model: %.*s\nHistory: %.*s\nServing %s\n",
        STR_ARG(s->config->serving_endpoint_name),
        STR_ARG(s->config->database_shown), buf_c_str(&url));
    fflush(stdout);
    buf_release(&url);
    if (s->link != NULL)
        print_link(s);
}

/* Stops the start: one line that says why. */
static enum rc refuse(enum rc rc, const char *what, const char *why)
{
    fprintf(stderr, "databricks-chatbot: %s: %s\n", what, why);
    return rc;
}

/* ---- start ---- */

/* A process that starts again is another node. */
static const char *new_node_id(struct arena *arena)
{
    char id[ID_SIZE];
    id_new(id);
    return arena_c_str(arena, str_from_c(id));
}

static enum rc open_postgres(struct server *s, char error[STORE_ERROR_SIZE])
{
    struct store_postgres_options options = {.node = new_node_id(s->arena)};
    enum rc rc =
        database_conninfo(s->config, s->arena, &options.conninfo, error);
    if (rc != RC_OK)
        return rc;
    if (database_password_minted(s->config)) {
        options.password = database_password_mint;
        options.password_ctx = (void *)(uintptr_t)s->config;
    }
    return store_postgres_open(&options, &s->store, error);
}

static enum rc open_sqlite(struct server *s, char error[STORE_ERROR_SIZE])
{
    struct store_sqlite_options options = {
        .path = arena_c_str(s->arena, s->config->database_path)};
    return store_sqlite_open(&options, &s->store, error);
}

static enum rc open_store(struct server *s)
{
    char error[STORE_ERROR_SIZE];
    enum rc rc = s->config->database_postgres ? open_postgres(s, error)
                                              : open_sqlite(s, error);
    return rc == RC_OK ? RC_OK : refuse(rc, "cannot open the history", error);
}

static uint64_t random_number(void)
{
    uint64_t n;
    crypto_random(&n, sizeof(n));
    return n;
}

/* Where the models are, and how to be let in. */
static enum rc choose_workspace(struct server *s, struct databricks_config *ret)
{
    const struct app_config *config = s->config;
    databricks_config_init(ret);
    ret->random = random_number;
    ret->connect_timeout_ms = config->connect_timeout_ms;
    ret->first_byte_timeout_ms = config->first_byte_timeout_ms;
    ret->idle_timeout_ms = config->idle_timeout_ms;
    ret->total_timeout_ms = config->total_timeout_ms;
    if (config->mode == APP_MODE_DEMO) {
        enum rc rc = demo_start(&s->demo);
        if (rc != RC_OK)
            return refuse(rc, "cannot start the demo workspace", rc_name(rc));
        ret->host = demo_url(s->demo);
        ret->token = emulator_default_token();
        return RC_OK;
    }
    ret->base = config->models_url;
    if (config->mode == APP_MODE_OPENAI) {
        ret->token = secret_reveal(&config->openai_api_key);
        return RC_OK;
    }
    enum rc rc =
        databricks_host_normalise(config->databricks_host, &s->databricks_host);
    if (rc != RC_OK)
        return refuse(rc, "DATABRICKS_HOST",
            "is not the address of a workspace; it looks like "
            "https://dbc-1234.cloud.databricks.com");
    ret->host = buf_str(&s->databricks_host);
    if (config->mode == APP_MODE_PAT) {
        ret->token = secret_reveal(&config->databricks_token);
    } else {
        ret->client_id = config->databricks_client_id;
        ret->client_secret = secret_reveal(&config->databricks_client_secret);
    }
    return RC_OK;
}

/* The default model first, then the others, each once. */
static void choose_models(struct server *s, struct api_config *api)
{
    const struct app_config *config = s->config;
    const struct app_list *more = &config->serving_endpoints;
    struct str *models =
        arena_alloc(s->arena, (more->count + 1) * sizeof(*models));
    models[0] = config->serving_endpoint_name;
    api->model_count = 1;
    for (size_t i = 0; i < more->count; i++)
        if (!str_eq(more->items[i], models[0]))
            models[api->model_count++] = more->items[i];
    api->model = models[0];
    api->models = models;
}

static enum api_user_auth user_auth(const struct app_config *config)
{
    switch ((enum app_user_auth)config->user_auth) {
    case APP_AS_USER:
        return API_AS_USER;
    case APP_AS_USER_THEN_SERVICE:
        return API_AS_USER_THEN_SERVICE;
    case APP_AS_SERVICE:
        break;
    }
    return API_AS_SERVICE;
}

static void fill_identity(struct server *s, struct api_config *api)
{
    const struct app_config *config = s->config;
    api->proxy_identity = behind_apps_proxy(config);
    api->user_auth = user_auth(config);
    api->trusted_proxies = config->trusted_proxies.items;
    api->trusted_proxy_count = config->trusted_proxies.count;
    api->local_user = (struct auth_identity){
        .kind = AUTH_COOKIE,
        .user_id = config->local_user_id,
        .email = config->local_user_email,
        .username = config->local_user_name.n > 0 ? config->local_user_name
                                                  : config->local_user_id,
    };
    api->api_token = secret_reveal(&config->api_token);
    api->session_ms = config->sign_in_session_ms;
    api->secure_cookie = str_starts_with(config->public_url, STR("https://"));
    if (!behind_apps_proxy(config))
        s->link = auth_link_new();
    else if (s->databricks_host.n > 0)
        api->logout_url = arena_printf(
            s->arena, "%s/login.html", buf_c_str(&s->databricks_host));
    api->link = s->link;
    s->credentials = auth_cache_new(CACHED_CREDENTIALS, CREDENTIAL_FRESH_MS);
    api->cache = s->credentials;
    if (config->caller_tokens && s->databricks_host.n > 0) {
        s->workspace_callers =
            auth_cache_new(CACHED_CREDENTIALS, CALLER_FRESH_MS);
        s->refused_callers =
            auth_cache_new(CACHED_CREDENTIALS, REFUSAL_FRESH_MS);
    }
    api->workspace_callers = s->workspace_callers;
    api->refused_callers = s->refused_callers;
    api->on_link_used = print_link;
    api->ctx = s;
}

/* The demo has a space of its own. */
static void choose_genie(
    const struct app_config *config, struct api_config *api)
{
    bool demo = config->mode == APP_MODE_DEMO;
    api->genie_space =
        demo ? emulator_default_genie_space() : config->genie_space_id;
    api->genie_name = demo ? STR("Demo sales") : config->genie_space_name;
}

/* The demo's last suggestion, where nobody has chosen any, is for Genie. */
static void suggest_genie(struct server *s, struct api_config *api)
{
    struct str usual = STR("What does DHB mean?");
    size_t n = api->suggestion_count;
    if (!api->demo || n == 0 || !str_eq(api->suggestions[n - 1], usual))
        return;
    struct str *own = arena_alloc(s->arena, n * sizeof(*own));
    for (size_t i = 0; i + 1 < n; i++)
        own[i] = api->suggestions[i];
    own[n - 1] = STR("How many clients do we have by region?");
    api->suggestions = own;
}

static void fill_api(struct server *s, struct api_config *api)
{
    const struct app_config *config = s->config;
    *api = (struct api_config){
        .store = s->store,
        .limiter = s->limiter,
        .version = STR(CHATBOT_VERSION),
        .demo = config->mode == APP_MODE_DEMO,
        .suggestions = config->suggestions.items,
        .suggestion_count = config->suggestions.count,
        .auto_title = config->auto_title,
        .title_endpoint = config->title_endpoint,
        .system_prompt = config->system_prompt,
        .genie_mcp = config->genie_mcp_enabled,
        .max_tokens = config->max_tokens,
        .trash_days = config->trash_days,
        .history_days = config->history_days,
        .tells_feedback = config->mlflow_feedback == 0,
        .history_messages = (size_t)config->history_messages,
        .history_bytes = (size_t)config->history_bytes,
        .context_tokens = config->context_tokens,
        .discover = config->discover_endpoints,
        .max_message_bytes = (size_t)config->max_message_bytes,
        .max_reply_bytes = (size_t)config->max_reply_bytes,
        .max_replies = (size_t)config->max_replies,
        .quota = s->quota,
        .rate_per_minute = config->rate_limit_per_minute,
        .max_replies_per_user = config->max_replies_per_user,
        .tokens_per_day = config->tokens_per_day,
        .circuits = s->circuits,
        .admission = s->admission,
        .queue_wait_ms = config->endpoint_queue_wait_ms,
        .shared_rate =
            config->database_postgres ? config->rate_limit_per_minute : 0,
    };
    choose_genie(config, api);
    suggest_genie(s, api);
    choose_models(s, api);
    fill_identity(s, api);
}

/* 0 asks for one per core. */
static int worker_count(const struct app_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (config->workers > 0)
        return (int)config->workers;
    return cores < 1 ? 1 : (int)cores;
}

static enum rc refuse_to_listen(struct server *s, enum rc rc, bool given)
{
    if (given)
        return refuse(rc, "cannot listen",
            "what the service manager passed is no TCP socket; LISTEN_FDS is "
            "for ListenStream= with a port");
    struct str where = arena_printf(s->arena, "cannot listen on %.*s port %d",
        STR_ARG(s->config->host), (int)s->config->port);
    return refuse(rc, where.p,
        rc == RC_CONFLICT  ? "another program uses that port; choose another "
                             "one with --port"
        : rc == RC_DENIED  ? "that is not allowed; ports below 1024 need "
                             "privileges, choose another with --port"
        : rc == RC_INVALID ? "--host must be a numeric address of this "
                             "machine, such as 127.0.0.1 or 0.0.0.0"
                           : rc_name(rc));
}

/* What all loops count together. */
static void make_limits(struct server *s)
{
    const struct app_config *config = s->config;
    s->limiter = rate_limiter_new(
        config->database_postgres ? 0 : config->rate_limit_per_minute,
        LIMITER_USERS);
    s->quota = quota_new(
        (size_t)config->max_replies, (size_t)config->max_replies_per_user);
    s->circuits = circuits_new(&(struct circuit_config){
        .failures = (int)config->breaker_failures,
        .window_ms = BREAKER_WINDOW_MS,
        .rest_ms = config->breaker_rest_ms,
        .max_rest_ms = BREAKER_MAX_REST_MS,
        .max_endpoints = LIMITED_ENDPOINTS,
    });
    s->admission = admission_new(&(struct admission_config){
        .places = (size_t)config->endpoint_concurrency,
        .max_waiting = (size_t)config->endpoint_queue,
        .max_endpoints = LIMITED_ENDPOINTS,
    });
}

static enum rc start_workers(struct server *s)
{
    const struct app_config *config = s->config;
    struct worker_config worker = {
        .host = config->host,
        .port = (int)config->port,
        .listen_fd = service_socket(),
        .max_connections = descriptors_for_connections(config),
        .quiet = !config->access_log,
        .ca_file = config->ca_file,
        .user_agent = STR("databricks-chatbot/" CHATBOT_VERSION),
    };
    enum rc rc = choose_workspace(s, &worker.databricks);
    if (rc != RC_OK)
        return rc;
    make_limits(s);
    fill_api(s, &worker.api);
    rc = workers_new(s->loop, &worker, worker_count(config), &s->workers);
    if (rc == RC_OK) {
        s->port = workers_port(s->workers);
        return RC_OK;
    }
    return refuse_to_listen(s, rc, worker.listen_fd > 0);
}

static bool all_turn(void *ctx)
{
    struct server *s = ctx;
    return workers_alive(s->workers);
}

/* ---- stop ---- */

/* Every reply is stored: whoever still follows something may go. */
static bool all_over(struct server *s)
{
    if (workers_saved(s->workers))
        workers_dismiss(s->workers);
    return workers_idle(s->workers);
}

static void look(void *ctx)
{
    struct server *s = ctx;
    int64_t now = loop_now_ms(s->loop);
    bool over = now >= s->stop_at_ms;
    if (!s->interrupted && over && !workers_saved(s->workers)) {
        log_warn("grace time is over; replies still running are kept as "
                 "interrupted");
        workers_dismiss(s->workers);
        workers_interrupt(s->workers);
        s->interrupted = true;
        s->stop_at_ms = now + SAVE_MS;
        over = false;
    }
    if (over || all_over(s))
        loop_stop(s->loop);
    else
        loop_timer_start(s->look_again, LOOK_AGAIN_MS);
}

static void on_stop_signal(void *ctx)
{
    struct server *s = ctx;
    int64_t now = loop_now_ms(s->loop);
    if (s->stop_at_ms == 0) {
        log_info("stopping; running replies may finish",
            LOG_INT("grace_ms", s->config->shutdown_grace_ms));
        service_notify("STOPPING=1");
        workers_drain(s->workers);
        s->stop_at_ms = now + s->config->shutdown_grace_ms;
    } else if (!s->interrupted) {
        s->stop_at_ms = now;
    }
    look(s);
}

static void stop(struct server *s)
{
    loop_signal_free(s->on_term);
    loop_signal_free(s->on_int);
    loop_timer_free(s->look_again);
    service_watchdog_free(s->watchdog);
    workers_free(s->workers);
    node_free(s->node);
    store_close(s->store);
    workers_free_loops(s->workers);
    demo_stop(s->demo);
    rate_limiter_free(s->limiter);
    quota_free(s->quota);
    circuits_free(s->circuits);
    admission_free(s->admission);
    auth_link_free(s->link);
    auth_cache_free(s->credentials);
    auth_cache_free(s->workspace_callers);
    auth_cache_free(s->refused_callers);
    loop_free(s->loop);
    buf_release(&s->databricks_host);
    arena_free(s->arena);
}

static enum rc start(struct server *s)
{
    s->arena = arena_new();
    buf_init(&s->databricks_host, 1024);
    enum rc rc = loop_new(clock_system(), &s->loop);
    if (rc != RC_OK)
        return refuse(rc, "cannot make an event loop", rc_name(rc));
    rc = open_store(s);
    if (rc != RC_OK)
        return rc;
    s->node = node_new(s->loop, s->store, s->config->database_postgres);
    rc = start_workers(s);
    if (rc != RC_OK)
        return rc;
    s->look_again = loop_timer_new(s->loop, look, s);
    s->watchdog = service_watchdog_new(s->loop, all_turn, s);
    s->on_term = loop_signal_new(s->loop, SIGTERM, on_stop_signal, s);
    s->on_int = loop_signal_new(s->loop, SIGINT, on_stop_signal, s);
    return RC_OK;
}

int app_serve(const struct app_config *config)
{
    struct server s = {.config = config};
    signal(SIGPIPE, SIG_IGN);
    /* A limit on file sizes is then a full disk, which the store knows. */
    signal(SIGXFSZ, SIG_IGN);
    log_set_level((enum log_level)config->log_level);
    for (size_t i = 0; i < config->warnings.count; i++)
        log_warn(arena_c_str(config->arena_, config->warnings.items[i]));
    enum rc rc = start(&s);
    if (rc == RC_OK) {
        print_banner(&s);
        service_notify("READY=1");
        loop_run(s.loop);
        log_info("stopped");
    }
    stop(&s);
    return rc == RC_OK ? 0 : EXIT_START_FAILED;
}
