#include "base/mem.h"
#include "http_client/http_client.h"
#include "http_server/http_server.h"

#include "app/worker.h"

struct worker {
    struct http_client *http;
    struct databricks_client *databricks;
    struct api *api;
    struct http_server *server;
};

static enum rc start_server(
    struct worker *w, struct loop *loop, const struct worker_config *config)
{
    struct http_server_config server = {
        .host = config->host,
        .port = config->port,
        .share_port = config->share_port,
        .listen_fd = config->listen_fd,
        .quiet = config->quiet,
        .limits = {.connections = config->max_connections},
    };
    api_attach(w->api, &server);
    return http_server_new(loop, &server, &w->server);
}

enum rc worker_new(
    struct loop *loop, const struct worker_config *config, struct worker **ret)
{
    struct worker *w = MEM_NEW(struct worker);
    struct http_client_config http = {
        .max_exchanges = config->api.max_replies + 64,
        .user_agent = config->user_agent,
        .ca_file = config->ca_file,
    };
    enum rc rc = http_client_new(loop, &http, &w->http);
    if (rc == RC_OK)
        rc = databricks_client_new(
            loop, w->http, &config->databricks, &w->databricks);
    if (rc == RC_OK) {
        struct api_config api = config->api;
        api.loop = loop;
        api.databricks = w->databricks;
        w->api = api_new(&api);
        rc = start_server(w, loop, config);
    }
    if (rc != RC_OK) {
        worker_free(w);
        return rc;
    }
    *ret = w;
    return RC_OK;
}

void worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    http_server_free(w->server);
    api_free(w->api);
    databricks_client_free(w->databricks);
    http_client_free(w->http);
    mem_free(w);
}

int worker_port(const struct worker *w)
{
    return http_server_port(w->server);
}

void worker_drain(struct worker *w)
{
    http_server_stop_accepting(w->server);
    api_drain(w->api);
}

void worker_interrupt(struct worker *w)
{
    api_interrupt(w->api);
}

void worker_dismiss(struct worker *w)
{
    api_dismiss(w->api);
}

bool worker_saved(const struct worker *w)
{
    return api_unfinished(w->api) == 0;
}

bool worker_idle(const struct worker *w)
{
    return worker_saved(w) && http_server_active(w->server) == 0;
}
