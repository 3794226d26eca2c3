#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "databricks/endpoints.h"
#include "telemetry/log.h"

#include "api/api_int.h"
#include "api/probe.h"

/*
 * Endpoints that the operator names are asked for one after the other, each
 * at most once in a while. With discovery the workspace's list is read as
 * well, again and again; what is gone from it is not offered any more.
 */
enum {
    LIST_FRESH_MS = 5000, /* for who looks at all of them */
    FRESH_MS = 30000,
    LIST_AGAIN_MS = 60000,
    LIST_SOON_MS = 5000, /* after a failure */
    REFUSED_MS = 3600000,
    MAX_ENDPOINTS = 200,
};

struct probed {
    struct endpoint_facts facts;
    bool named;   /* by the operator */
    bool known;   /* has been looked up */
    bool wanted;  /* is to be asked for */
    bool listed;  /* by the list that is being read */
    bool by_list; /* the list tells of it: no look-up of its own */
    bool form_learned;
    int64_t known_ms;
    int64_t learned_ms; /* last refusal */
};

struct endpoint_probe {
    struct api *api;
    struct databricks_lookup *lookup; /* of one, under way, or NULL */
    struct probed *asked;             /* by that look-up */
    struct databricks_lookup *list;   /* of all, under way, or NULL */
    struct loop_timer *timer;         /* until the next list */
    bool ever_listed;
    int64_t listed_ms;
    struct probed *all[MAX_ENDPOINTS];
    size_t count;
};

static void ask_next(struct endpoint_probe *probe);
static void ask_list(void *ctx);

/* ---- What is known ---- */

static void copy(char *to, size_t size, struct str from)
{
    from = utf8_truncate(from, size - 1);
    if (from.n > 0)
        memcpy(to, from.p, from.n);
    to[from.n] = '\0';
}

static struct probed *find(const struct endpoint_probe *probe, struct str name)
{
    for (size_t i = 0; i < probe->count; i++)
        if (str_eq(str_from_c(probe->all[i]->facts.name), name))
            return probe->all[i];
    return NULL;
}

/* NULL when there is no room or it is no name. */
static struct probed *add(struct endpoint_probe *probe, struct str name)
{
    if (probe->count == MAX_ENDPOINTS || name.n >= ENDPOINT_NAME_SIZE)
        return NULL;
    struct probed *p = MEM_NEW(struct probed);
    copy(p->facts.name, sizeof(p->facts.name), name);
    p->wanted = true;
    probe->all[probe->count++] = p;
    return p;
}

struct endpoint_probe *endpoint_probe_new(struct api *api)
{
    struct endpoint_probe *probe = MEM_NEW(struct endpoint_probe);
    probe->api = api;
    probe->timer = loop_timer_new(api->loop, ask_list, probe);
    for (size_t i = 0; i < api->config.model_count; i++) {
        struct probed *p = add(probe, api->config.models[i]);
        if (p != NULL)
            p->named = p->facts.offered = true;
    }
    if (api->config.discover)
        ask_list(probe);
    ask_next(probe);
    return probe;
}

void endpoint_probe_free(struct endpoint_probe *probe)
{
    if (probe == NULL)
        return;
    if (probe->lookup != NULL)
        databricks_lookup_cancel(probe->lookup);
    if (probe->list != NULL)
        databricks_lookup_cancel(probe->list);
    loop_timer_free(probe->timer);
    for (size_t i = 0; i < probe->count; i++)
        mem_free(probe->all[i]);
    mem_free(probe);
}

/* ---- Look-ups ---- */

static void learn(struct endpoint_probe *probe, struct probed *p,
    enum endpoint_state state, const struct databricks_endpoint *endpoint)
{
    struct endpoint_facts *f = &p->facts;
    f->state = state;
    if (endpoint != NULL) {
        f->traces = endpoint->traces;
        if (!p->form_learned)
            f->task = databricks_task_of(endpoint->task);
        copy(f->task_name, sizeof(f->task_name), endpoint->task);
        copy(f->display, sizeof(f->display), endpoint->display_name);
        copy(f->user_scopes, sizeof(f->user_scopes),
            str_from_c(endpoint->user_scopes));
    }
    p->known = true;
    p->known_ms = loop_now_ms(probe->api->loop);
}

static enum endpoint_state state_of(const struct databricks_endpoint *endpoint)
{
    return endpoint->ready ? ENDPOINT_READY : ENDPOINT_STARTING;
}

static void on_answer(void *ctx, const struct databricks_endpoint *list,
    size_t n, const struct databricks_error *error)
{
    struct endpoint_probe *probe = ctx;
    enum endpoint_state state = ENDPOINT_UNREACHABLE;
    probe->lookup = NULL;
    if (error == NULL)
        state = n > 0 ? state_of(list) : ENDPOINT_UNKNOWN;
    else if (error->code == DATABRICKS_UPSTREAM_NOT_FOUND)
        state = ENDPOINT_GONE;
    learn(probe, probe->asked, state, n > 0 ? list : NULL);
    ask_next(probe);
}

/* Asks for the first endpoint that is wanted, unless one is asked for. */
static void ask_next(struct endpoint_probe *probe)
{
    for (size_t i = 0; i < probe->count && probe->lookup == NULL; i++) {
        struct probed *p = probe->all[i];
        if (!p->wanted)
            continue;
        p->wanted = false;
        probe->asked = p;
        if (databricks_endpoints_get(probe->api->config.databricks,
                str_from_c(p->facts.name), on_answer, probe,
                &probe->lookup) != RC_OK)
            learn(probe, p, ENDPOINT_GONE, NULL);
    }
}

static void take_listed(
    struct endpoint_probe *probe, const struct databricks_endpoint *endpoint)
{
    struct probed *p = find(probe, endpoint->name);
    if (p == NULL && endpoint->ready)
        p = add(probe, endpoint->name);
    if (p == NULL)
        return;
    p->listed = p->by_list = p->facts.offered = true;
    p->wanted = false;
    learn(probe, p, state_of(endpoint), endpoint);
}

/* What the operator named stays offered, whatever the list says. */
static void drop_unlisted(struct endpoint_probe *probe)
{
    for (size_t i = 0; i < probe->count; i++) {
        struct probed *p = probe->all[i];
        if (!p->listed && !p->named) {
            p->facts.offered = false;
            p->facts.state = ENDPOINT_GONE;
        }
        p->by_list = p->listed;
        p->listed = false;
    }
}

static void on_list(void *ctx, const struct databricks_endpoint *list, size_t n,
    const struct databricks_error *error)
{
    struct endpoint_probe *probe = ctx;
    probe->list = NULL;
    loop_timer_start(
        probe->timer, error == NULL ? LIST_AGAIN_MS : LIST_SOON_MS);
    if (error != NULL) {
        log_warn("the workspace's endpoints cannot be listed; what is known "
                 "stays, and it is tried again",
            LOG_CSTR("code", databricks_code_name(error->code)),
            LOG_CSTR("detail", error->detail));
        return;
    }
    for (size_t i = 0; i < n; i++)
        take_listed(probe, &list[i]);
    drop_unlisted(probe);
    probe->ever_listed = true;
    probe->listed_ms = loop_now_ms(probe->api->loop);
}

static void ask_list(void *ctx)
{
    struct endpoint_probe *probe = ctx;
    if (probe->list == NULL &&
        databricks_endpoints_list(probe->api->config.databricks, on_list, probe,
            &probe->list) != RC_OK)
        loop_timer_start(probe->timer, LIST_SOON_MS);
}

/* ---- Answers ---- */

/* Asks anew when what is known is old. */
static void freshen(struct endpoint_probe *probe, struct probed *p)
{
    int64_t now = loop_now_ms(probe->api->loop);
    bool asked = probe->lookup != NULL && probe->asked == p;
    if (!asked && !p->by_list && (!p->known || now - p->known_ms >= FRESH_MS))
        p->wanted = true;
    if (p->learned_ms != 0 && now - p->learned_ms >= REFUSED_MS) {
        p->facts.refused = 0;
        p->facts.most_tokens = 0;
        p->form_learned = false;
        p->learned_ms = 0;
    }
    ask_next(probe);
}

const char *endpoint_probe_state(struct endpoint_probe *probe)
{
    static const char *const names[] = {
        [ENDPOINT_UNKNOWN] = "unknown",
        [ENDPOINT_READY] = "ready",
        [ENDPOINT_STARTING] = "not_ready",
        [ENDPOINT_GONE] = "not_found",
        [ENDPOINT_UNREACHABLE] = "unreachable",
    };
    return names[endpoint_probe_facts(probe, probe->api->config.model).state];
}

struct endpoint_facts endpoint_probe_facts(
    struct endpoint_probe *probe, struct str name)
{
    struct endpoint_facts usual = {.state = ENDPOINT_UNKNOWN};
    struct probed *p = find(probe, name);
    if (p == NULL && probe->api->config.discover)
        p = add(probe, name);
    if (p != NULL) {
        freshen(probe, p);
        return p->facts;
    }
    copy(usual.name, sizeof(usual.name), name);
    return usual;
}

const struct endpoint_facts *endpoint_probe_at(
    struct endpoint_probe *probe, size_t i)
{
    int64_t now = loop_now_ms(probe->api->loop);
    if (i == 0 && probe->ever_listed && now - probe->listed_ms >= LIST_FRESH_MS)
        ask_list(probe);
    for (size_t at = 0; at < probe->count; at++)
        if (probe->all[at]->facts.offered && i-- == 0) {
            freshen(probe, probe->all[at]);
            return &probe->all[at]->facts;
        }
    return NULL;
}

bool endpoint_probe_offers(const struct endpoint_probe *probe, struct str name)
{
    const struct probed *p = find(probe, name);
    if (p != NULL && p->facts.offered)
        return true;
    /* Nobody is refused for a list that is late or cannot be had. */
    return probe->api->config.discover && !probe->ever_listed &&
           model_name_valid(name);
}

void endpoint_probe_learn(struct endpoint_probe *probe, struct str name,
    const struct model_refusal *refusal)
{
    struct probed *p = find(probe, name);
    if (p == NULL)
        return;
    p->learned_ms = loop_now_ms(probe->api->loop);
    if (refusal->field == MODEL_FIELD_FORM) {
        bool input = p->facts.task == DATABRICKS_TASK_RESPONSES;
        p->form_learned = true;
        p->facts.task =
            input ? DATABRICKS_TASK_CHAT : DATABRICKS_TASK_RESPONSES;
    } else if (refusal->most > 0) {
        p->facts.most_tokens = refusal->most;
    } else {
        p->facts.refused |= refusal->field;
    }
}

struct model_traits endpoint_traits(const struct endpoint_facts *facts)
{
    struct model_traits t =
        model_traits_of(facts->task, str_from_c(facts->name));
    if ((facts->refused & MODEL_FIELD_TEMPERATURE) != 0)
        t.temperature = false;
    if ((facts->refused & MODEL_FIELD_MAX_TOKENS) != 0)
        t.max_tokens = false;
    if ((facts->refused & MODEL_FIELD_THINKING) != 0)
        t.thinking = DATABRICKS_THINKING_UNSAID;
    return t;
}
