#include "base/mem.h"
#include "databricks/chat.h"
#include "databricks/endpoints.h"

#include "api/turn.h"

/*
 * What the workspace last said about the endpoints that people may choose.
 * Each is asked for at most once in a while, one after the other, and never
 * waited for: neither a probe nor a chat must hang on the network.
 */
enum { FRESH_MS = 30000 };

struct probed {
    struct str name;
    const char *state;
    bool traces;
    enum databricks_task task;
    bool known;
    bool wanted; /* is to be asked for */
    int64_t known_ms;
};

struct endpoint_probe {
    struct api *api;
    struct databricks_lookup *lookup; /* under way, or NULL */
    struct probed *asked;             /* by the look-up */
    struct probed *all;
    size_t count;
};

static void ask_next(struct endpoint_probe *probe);

struct endpoint_probe *endpoint_probe_new(struct api *api)
{
    struct endpoint_probe *probe = MEM_NEW(struct endpoint_probe);
    probe->api = api;
    probe->count = api->config.model_count;
    probe->all = mem_zalloc((probe->count + 1) * sizeof(*probe->all));
    for (size_t i = 0; i < probe->count; i++)
        probe->all[i] = (struct probed){
            .name = api->config.models[i],
            .state = "unknown",
            .wanted = true,
        };
    ask_next(probe);
    return probe;
}

void endpoint_probe_free(struct endpoint_probe *probe)
{
    if (probe == NULL)
        return;
    if (probe->lookup != NULL)
        databricks_lookup_cancel(probe->lookup);
    mem_free(probe->all);
    mem_free(probe);
}

static void learn(struct endpoint_probe *probe, struct probed *p,
    const char *state, const struct databricks_endpoint *endpoint)
{
    p->state = state;
    if (endpoint != NULL) {
        p->traces = endpoint->traces;
        p->task = databricks_task_of(endpoint->task);
    }
    p->known = true;
    p->known_ms = loop_now_ms(probe->api->loop);
}

static void on_answer(void *ctx, const struct databricks_endpoint *list,
    size_t n, const struct databricks_error *error)
{
    struct endpoint_probe *probe = ctx;
    probe->lookup = NULL;
    const struct databricks_endpoint *found = n > 0 ? list : NULL;
    const char *state = "unreachable";
    if (error == NULL)
        state = found != NULL && found->ready ? "ready" : "not_ready";
    else if (error->code == DATABRICKS_UPSTREAM_NOT_FOUND)
        state = "not_found";
    learn(probe, probe->asked, state, found);
    ask_next(probe);
}

/* Asks for the first endpoint that is wanted, unless one is asked for. */
static void ask_next(struct endpoint_probe *probe)
{
    for (size_t i = 0; i < probe->count && probe->lookup == NULL; i++) {
        struct probed *p = &probe->all[i];
        if (!p->wanted)
            continue;
        p->wanted = false;
        probe->asked = p;
        if (databricks_endpoints_get(probe->api->config.databricks, p->name,
                on_answer, probe, &probe->lookup) != RC_OK)
            learn(probe, p, "not_found", NULL);
    }
}

/* What is known of an endpoint, NULL if it is none of ours; asks when old. */
static const struct probed *look(struct endpoint_probe *probe, struct str name)
{
    int64_t now = loop_now_ms(probe->api->loop);
    for (size_t i = 0; i < probe->count; i++) {
        struct probed *p = &probe->all[i];
        if (!str_eq(p->name, name))
            continue;
        bool asked = probe->lookup != NULL && probe->asked == p;
        if (!asked && (!p->known || now - p->known_ms >= FRESH_MS))
            p->wanted = true;
        ask_next(probe);
        return p;
    }
    return NULL;
}

const char *endpoint_probe_state(struct endpoint_probe *probe)
{
    const struct probed *p = look(probe, probe->api->config.model);
    return p != NULL ? p->state : "unknown";
}

bool endpoint_probe_traces(struct endpoint_probe *probe, struct str name)
{
    const struct probed *p = look(probe, name);
    return p != NULL && p->traces;
}

enum databricks_task endpoint_probe_task(
    struct endpoint_probe *probe, struct str name)
{
    const struct probed *p = look(probe, name);
    return p != NULL ? p->task : DATABRICKS_TASK_CHAT;
}
