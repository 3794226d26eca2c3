#include "base/mem.h"
#include "databricks/endpoints.h"

#include "api/api_int.h"

/*
 * What the workspace last said about the default endpoint. Asked at most once
 * in a while and never waited for: a probe must not hang on the network.
 */
enum { FRESH_MS = 30000 };

struct endpoint_probe {
    struct api *api;
    struct databricks_lookup *lookup; /* under way, or NULL */
    const char *state;
    int64_t known_ms;
    bool known;
};

struct endpoint_probe *endpoint_probe_new(struct api *api)
{
    struct endpoint_probe *probe = MEM_NEW(struct endpoint_probe);
    probe->api = api;
    probe->state = "unknown";
    return probe;
}

void endpoint_probe_free(struct endpoint_probe *probe)
{
    if (probe == NULL)
        return;
    if (probe->lookup != NULL)
        databricks_lookup_cancel(probe->lookup);
    mem_free(probe);
}

static void on_answer(void *ctx, const struct databricks_endpoint *list,
    size_t n, const struct databricks_error *error)
{
    struct endpoint_probe *probe = ctx;
    probe->lookup = NULL;
    probe->known = true;
    probe->known_ms = loop_now_ms(probe->api->loop);
    if (error != NULL)
        probe->state = error->code == DATABRICKS_UPSTREAM_NOT_FOUND
                           ? "not_found"
                           : "unreachable";
    else
        probe->state = n > 0 && list[0].ready ? "ready" : "not_ready";
}

const char *endpoint_probe_state(struct endpoint_probe *probe)
{
    struct api *api = probe->api;
    bool fresh =
        probe->known && loop_now_ms(api->loop) - probe->known_ms < FRESH_MS;
    if (!fresh && probe->lookup == NULL &&
        databricks_endpoints_get(api->config.databricks, api->config.model,
            on_answer, probe, &probe->lookup) != RC_OK)
        probe->state = "not_found";
    return probe->state;
}
