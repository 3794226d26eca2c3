#include "api/api_int.h"
#include "api/probe.h"

/* The models that people may choose, and what each of them takes. */

enum { MAX_MODELS_JSON = 512 * 1024 };

static struct str state_name(enum endpoint_state state)
{
    switch (state) {
    case ENDPOINT_READY:
        return STR("ready");
    case ENDPOINT_STARTING:
        return STR("starting");
    case ENDPOINT_GONE:
        return STR("gone");
    case ENDPOINT_UNKNOWN:
    case ENDPOINT_UNREACHABLE:
        break;
    }
    return STR("unknown");
}

static void put_thinking(struct json_writer *w, const struct model_traits *t)
{
    bool takes = t->thinking != DATABRICKS_THINKING_UNSAID;
    bool off =
        t->thinking != DATABRICKS_THINKING_EFFORT || t->least_effort != NULL;
    json_key(w, "thinking");
    json_begin_array(w);
    if (takes && off)
        json_put_str(w, STR("off"));
    if (takes) {
        json_put_str(w, STR("low"));
        json_put_str(w, STR("medium"));
        json_put_str(w, STR("high"));
    }
    json_end_array(w);
}

static void put_accepts(struct json_writer *w, const struct endpoint_facts *f)
{
    struct model_traits t = endpoint_traits(f);
    json_key(w, "accepts");
    json_begin_object(w);
    json_key(w, "temperature");
    if (t.temperature)
        json_put_double(w, t.most_temperature);
    else
        json_put_null(w);
    json_member_bool(w, "max_tokens", t.max_tokens);
    if (f->most_tokens > 0)
        json_member_int(w, "most_tokens", f->most_tokens);
    put_thinking(w, &t);
    json_member_bool(w, "thinking_or_temperature", t.either_or);
    json_end_object(w);
}

static void put_model(struct json_writer *w, const struct endpoint_facts *f)
{
    struct str name = str_from_c(f->name), display = str_from_c(f->display);
    bool agent = str_starts_with(str_from_c(f->task_name), STR("agent/")) ||
                 f->task != DATABRICKS_TASK_CHAT;
    json_begin_object(w);
    json_member_str(w, "name", name);
    json_member_str(w, "display_name", display.n > 0 ? display : name);
    json_member_opt(w, "task", str_from_c(f->task_name));
    json_member_str(w, "kind", agent ? STR("agent") : STR("model"));
    json_member_str(w, "state", state_name(f->state));
    put_accepts(w, f);
    json_end_object(w);
}

void api_put_models(struct json_writer *w, struct api *api)
{
    const struct endpoint_facts *f;
    json_key(w, "endpoints");
    json_begin_array(w);
    for (size_t i = 0; (f = endpoint_probe_at(api->probe, i)) != NULL; i++)
        put_model(w, f);
    json_end_array(w);
}

void api_endpoints(struct http_request *http, void *ctx)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, MAX_MODELS_JSON);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    api_put_models(&w, ctx);
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

bool api_model_allowed(const struct api *api, struct str name)
{
    return name.n > 0 && endpoint_probe_offers(api->probe, name);
}
