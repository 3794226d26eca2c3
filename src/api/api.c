#include "base/mem.h"
#include "databricks/client.h"
#include "telemetry/log.h"

#include "api/callers.h"
#include "api/listen.h"
#include "api/outbox.h"
#include "api/probe.h"
#include "api/titles.h"

enum {
    STORE_PATIENCE_MS = 20000,
    JOIN_MS = 40, /* nobody reads faster */
    VIEWERS_PER_REPLY = 64,
    PURGE_EVERY_MS = 15 * 60 * 1000,
    PURGE_AGAIN_MS = 1000, /* there was more than one call does */
    PURGE_LIMIT = 500,
    BODY_OVERHEAD = 64 * 1024, /* of a request beside its message */
    ESCAPE_GROWTH = 6,         /* JSON may write one byte as \u00XX */
};

static const int64_t DAY_US = INT64_C(24) * 3600 * 1000000;

/* Logs of ended replies and changes stay so long for those who resume. */
enum { KEEP_EVENTS_DAYS = 7, KEEP_USAGE_DAYS = 32 };

static void on_purged(struct store_op *op)
{
    struct api *api = op->ctx;
    api->purge_op = NULL;
    if (op->rc != RC_OK)
        log_warn("could not drop what is old; trying again later",
            LOG_RC(op->rc), LOG_CSTR("why", op->error));
    bool more = op->rc == RC_OK && op->purge.more;
    if (op->rc == RC_OK && op->purge.chats > 0)
        log_info("erased chats that were older than the retention allows",
            LOG_INT("chats", (int64_t)op->purge.chats));
    store_op_free(op);
    loop_timer_start(api->purge, more ? PURGE_AGAIN_MS : PURGE_EVERY_MS);
}

/* The time before which is too old; 0 days: nothing ever is. */
static int64_t days_ago(const struct api *api, int64_t days)
{
    return days == 0 ? 0 : loop_wall_us(api->loop) - days * DAY_US;
}

static void purge(void *ctx)
{
    struct api *api = ctx;
    struct store_op *op = store_op_new(api->loop, STORE_PURGE, on_purged, api);
    op->purge.events_us = days_ago(api, KEEP_EVENTS_DAYS);
    op->purge.changes_us = days_ago(api, KEEP_EVENTS_DAYS);
    op->purge.trash_us = days_ago(api, api->config.trash_days);
    op->purge.history_us = days_ago(api, api->config.history_days);
    op->purge.usage_us = days_ago(api, KEEP_USAGE_DAYS);
    op->purge.limit = PURGE_LIMIT;
    api->purge_op = op;
    store_submit(api->config.store, op);
}

static struct http_route *make_routes(void)
{
    struct http_route *routes = mem_zalloc(api_route_count * sizeof(*routes));
    for (size_t i = 0; i < api_route_count; i++)
        routes[i] = (struct http_route){
            .method = api_route_table[i].method,
            .pattern = api_route_table[i].pattern,
            .handler = api_route_table[i].handler,
            .summary = api_route_table[i].summary,
            .flags = api_route_table[i].flags,
        };
    return routes;
}

struct api *api_new(const struct api_config *config)
{
    struct api *api = MEM_NEW(struct api);
    api->config = *config;
    api->loop = config->loop;
    list_init(&api->turns);
    list_init(&api->streams);
    api->listening = listening_new(api);
    api->routes = make_routes();
    api->cache = config->cache;
    api->probe = endpoint_probe_new(api);
    api->titles = titles_new(api);
    api->feeds = feeds_new(api);
    api->callers = callers_new(api);
    if (config->api_token.n > 0)
        crypto_sha256_hex(config->api_token, api->api_token_hash);
    api->replies =
        replies_new(api->loop, &(struct replies_config){
                                   .max_replies = config->max_replies * 4 + 64,
                                   .max_text = config->max_reply_bytes,
                                   .max_viewers = VIEWERS_PER_REPLY,
                                   .patience_ms = STORE_PATIENCE_MS,
                                   .join_ms = JOIN_MS,
                                   .handlers = reply_log_handlers(),
                                   .ctx = api,
                               });
    api->tells_feedback =
        config->tells_feedback && !databricks_client_plain(config->databricks);
    if (config->keeps_house && api->tells_feedback)
        api->outbox = outbox_new(api);
    api->purge = loop_timer_new(api->loop, purge, api);
    if (config->keeps_house)
        loop_timer_start(api->purge, PURGE_EVERY_MS);
    return api;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    outbox_free(api->outbox);
    titles_free(api->titles);
    store_op_abandon(api->purge_op);
    store_op_abandon(api->write_op);
    store_op_free(api->doubtful_write);
    loop_timer_free(api->purge);
    replies_free(api->replies);
    api_free_turns(api);
    listening_free(api->listening);
    endpoint_probe_free(api->probe);
    feeds_free(api->feeds);
    callers_free(api->callers);
    mem_free(api->routes);
    mem_free(api);
}

void api_attach(struct api *api, struct http_server_config *config)
{
    config->routes = api->routes;
    config->route_count = api_route_count;
    config->fallback = api_page;
    config->before = api_before;
    config->on_error = problem_on_error;
    config->ctx = api;
    if (config->limits.body_bytes == 0)
        config->limits.body_bytes =
            api->config.max_message_bytes * ESCAPE_GROWTH + BODY_OVERHEAD;
}

void api_drain(struct api *api)
{
    api->draining = true;
    feeds_drain(api->feeds);
    titles_drain(api->titles);
    outbox_drain(api->outbox);
}

void api_interrupt(struct api *api)
{
    replies_stop_all(api->replies, REPLY_INTERRUPTED);
}

void api_dismiss(struct api *api)
{
    api_dismiss_streams(api);
}

size_t api_unfinished(const struct api *api)
{
    return replies_unfinished(api->replies) + api_turns_storing(api);
}
