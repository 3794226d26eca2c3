#include <fcntl.h>
#include <unistd.h>

#include "base/num.h"
#include "limits/circuit.h"
#include "telemetry/metrics.h"

#include "api/api_int.h"
#include "api/probe.h"

/* What the server says about itself. */

enum { MAX_META = 256 * 1024 };

/* Begins a JSON object in a fresh buffer. */
static void begin(struct buf *out, struct json_writer *w)
{
    buf_init(out, MAX_META);
    json_writer_init(w, out);
    json_begin_object(w);
}

void api_root(struct http_request *http, void *)
{
    struct buf out;
    struct json_writer w;
    begin(&out, &w);
    json_member_str(&w, "message", STR("Databricks Chat API is running"));
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

void api_model(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct buf out;
    struct json_writer w;
    begin(&out, &w);
    json_member_str(&w, "model", api->config.model);
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

static void put_list(struct json_writer *w, const char *key,
    const struct str *items, size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_put_str(w, items[i]);
    json_end_array(w);
}

static void put_names(struct json_writer *w, struct api *api)
{
    const struct endpoint_facts *f;
    json_key(w, "models");
    json_begin_array(w);
    for (size_t i = 0; (f = endpoint_probe_at(api->probe, i)) != NULL; i++)
        json_put_str(w, str_from_c(f->name));
    json_end_array(w);
}

/* What holds for a chat that sets nothing itself. */
static void put_defaults(struct json_writer *w, const struct api_config *config)
{
    json_key(w, "defaults");
    json_begin_object(w);
    json_member_int(w, "history_messages", (int64_t)config->history_messages);
    json_member_int(w, "context_tokens", config->context_tokens);
    if (config->max_tokens > 0)
        json_member_int(w, "max_tokens", config->max_tokens);
    json_member_bool(w, "system_prompt", config->system_prompt.n > 0);
    json_end_object(w);
}

void api_client_config(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    const struct api_config *config = &api->config;
    struct buf out;
    struct json_writer w;
    begin(&out, &w);
    json_member_str(&w, "model", config->model);
    put_names(&w, api);
    api_put_models(&w, api);
    put_defaults(&w, config);
    json_member_bool(&w, "demo", config->demo);
    json_member_str(&w, "version", config->version);
    put_list(&w, "suggestions", config->suggestions, config->suggestion_count);
    json_key(&w, "genie");
    if (config->genie_space.n > 0) {
        json_begin_object(&w);
        json_member_str(&w, "name", config->genie_name);
        json_end_object(&w);
    } else {
        json_put_null(&w);
    }
    json_key(&w, "limits");
    json_begin_object(&w);
    json_member_int(&w, "content_bytes", (int64_t)config->max_message_bytes);
    json_end_object(&w);
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

void api_health(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct buf out;
    struct json_writer w;
    begin(&out, &w);
    json_member_str(&w, "status", STR("ok"));
    json_member_str(&w, "version", api->config.version);
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

/* An endpoint that is left alone, or asked for the first time after that. */
static void put_breaker(
    void *ctx, struct str endpoint, const struct circuit_view *view)
{
    struct json_writer *w = ctx;
    json_begin_object(w);
    json_member_str(w, "endpoint", endpoint);
    json_member_str(w, "state", str_from_c(circuit_state_name(view->state)));
    json_member_int(w, "failures", view->failures);
    if (view->resting)
        json_member_int(w, "retry_after", (view->wait_ms + 999) / 1000);
    json_end_object(w);
}

static void put_breakers(struct json_writer *w, const struct api *api)
{
    json_key(w, "breakers");
    json_begin_array(w);
    circuits_each(api->config.circuits, loop_now_ms(api->loop), put_breaker, w);
    json_end_array(w);
}

/*
 * Ready is who can store. An endpoint that does not answer is told, but does
 * not take the server out of service: people can still read their chats.
 */
static void on_ping(struct store_op *op)
{
    struct api_request *r = op->ctx;
    struct api *api = r->api;
    bool stored = op->rc == RC_OK;
    r->op = NULL;
    http_request_on_gone(r->http, NULL, NULL);
    store_op_free(op);
    const char *endpoint = endpoint_probe_state(api->probe);
    bool serving = stored && !api->draining;
    struct buf out;
    struct json_writer w;
    begin(&out, &w);
    json_member_str(&w, "status", serving ? STR("ready") : STR("unavailable"));
    json_member_str(&w, "store", stored ? STR("ok") : STR("failing"));
    json_member_str(&w, "endpoint", str_from_c(endpoint));
    json_member_bool(&w, "draining", api->draining);
    put_breakers(&w, api);
    json_end_object(&w);
    api_respond_json(r->http, serving ? 200 : 503, &out);
}

void api_ready(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    api_store_submit(r, api_store_op(r, STORE_PING, on_ping));
}

/* Of each endpoint that people may choose; their names need no escapes. */
static void put_resting(struct buf *out, const struct api *api)
{
    struct circuit_view view;
    buf_append(out,
        STR("# HELP chatbot_endpoint_resting 1 while an endpoint is left alone "
            "because it kept failing.\n"
            "# TYPE chatbot_endpoint_resting gauge\n"));
    for (size_t i = 0; i < api->config.model_count; i++) {
        struct str name = api->config.models[i];
        circuit_look(api->config.circuits, name, loop_now_ms(api->loop), &view);
        buf_printf(out, "chatbot_endpoint_resting{endpoint=\"%.*s\"} %d\n",
            STR_ARG(name), view.resting);
    }
}

/* The memory of the process in bytes, 0 where that cannot be told. */
static int64_t resident_bytes(void)
{
    char text[128];
    struct str first, rest;
    int64_t pages = 0;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
    if (fd >= 0)
        (void)close(fd);
    if (n <= 0)
        return 0;
    str_cut((struct str){text, (size_t)n}, ' ', &first, &rest);
    str_cut(rest, ' ', &first, &rest);
    (void)num_parse_i64(first, 0, INT64_MAX / 65536, &pages);
    return pages * sysconf(_SC_PAGESIZE);
}

static void put_process(struct buf *out, const struct api *api)
{
    buf_printf(out,
        "# HELP chatbot_build_info 1; the label says which version runs.\n"
        "# TYPE chatbot_build_info gauge\n"
        "chatbot_build_info{version=\"%.*s\"} 1\n"
        "# HELP process_resident_memory_bytes Memory of the process.\n"
        "# TYPE process_resident_memory_bytes gauge\n"
        "process_resident_memory_bytes %lld\n",
        STR_ARG(api->config.version), (long long)resident_bytes());
}

void api_metrics(struct http_request *http, void *ctx)
{
    struct buf out;
    buf_init(&out, MAX_META);
    enum rc rc = metrics_render(&out);
    put_resting(&out, ctx);
    put_process(&out, ctx);
    http_respond(http,
        &(struct http_response){
            .status = rc == RC_OK ? 200 : 500,
            .content_type = STR("text/plain; version=0.0.4; charset=utf-8"),
            .body = buf_str(&out),
        });
    buf_release(&out);
}
