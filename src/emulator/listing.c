#include "base/arena.h"
#include "base/crypto.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"

enum { BODY_MAX = 1024 * 1024, ID_DIGITS = 32 };

/* What a listing tells of an endpoint. */
struct listed {
    struct str name;
    const struct emu_model *model;
    enum emu_fault fault; /* of its name */
    bool detailed;
};

static bool is_agent(const struct emu_model *m)
{
    return m->task != EMU_TASK_CHAT && m->task != EMU_TASK_EMBEDDINGS;
}

static void put_state(struct json_writer *w, const struct listed *l)
{
    json_key(w, "state");
    json_begin_object(w);
    json_member_str(w, "ready",
        l->fault == EMU_FAULT_NOT_READY ? STR("NOT_READY") : STR("READY"));
    json_member_str(w, "config_update",
        l->fault == EMU_FAULT_UPDATING        ? STR("IN_PROGRESS")
        : l->fault == EMU_FAULT_UPDATE_FAILED ? STR("UPDATE_FAILED")
                                              : STR("NOT_UPDATING"));
    json_end_object(w);
}

static void put_foundation_model(
    struct json_writer *w, struct str entity, const struct emu_model *m)
{
    json_key(w, "foundation_model");
    json_begin_object(w);
    json_member_str(w, "name", entity);
    json_member_str(w, "display_name", str_from_c(m->display));
    json_member_str(w, "description", str_from_c(m->about));
    json_end_object(w);
}

static void put_deployment(struct json_writer *w, const struct listed *l)
{
    bool ready = l->fault != EMU_FAULT_NOT_READY;
    json_key(w, "state");
    json_begin_object(w);
    json_member_str(w, "deployment",
        ready ? STR("DEPLOYMENT_READY") : STR("DEPLOYMENT_CREATING"));
    json_member_str(w, "deployment_state_message",
        ready ? STR("") : STR("The container is being built."));
    json_end_object(w);
}

/* Agents are models of the catalogue, the others are the platform's own. */
static void put_entity(struct json_writer *w, struct http_request *r,
    const struct listed *l, struct str name)
{
    const struct emu_model *m = l->model;
    struct str entity = arena_printf(http_request_arena(r), "%s.%.*s",
        is_agent(m) ? "demo.agents" : "system.ai", STR_ARG(name));
    json_begin_object(w);
    json_member_str(w, "name", name);
    json_member_str(w, "entity_name", entity);
    json_member_str(w, "entity_version", STR("1"));
    if (!is_agent(m))
        put_foundation_model(w, entity, m);
    json_member_bool(w, "scale_to_zero_enabled",
        (m->flags & EMU_SLEEPS) != 0 || l->fault == EMU_FAULT_SCALE_TO_ZERO);
    if (l->detailed)
        put_deployment(w, l);
    json_end_object(w);
}

static void put_routes(struct json_writer *w, struct str name)
{
    json_key(w, "traffic_config");
    json_begin_object(w);
    json_key(w, "routes");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "served_model_name", name);
    json_member_int(w, "traffic_percentage", 100);
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
}

static void put_config(
    struct json_writer *w, struct http_request *r, const struct listed *l)
{
    json_key(w, "config");
    json_begin_object(w);
    json_key(w, "served_entities");
    json_begin_array(w);
    put_entity(w, r, l, l->name);
    if ((l->model->flags & EMU_TRACE) != 0)
        put_entity(w, r, l, STR("feedback"));
    json_end_array(w);
    if (l->detailed) {
        put_routes(w, l->name);
        json_member_int(w, "config_version", 0);
    }
    json_end_object(w);
}

/* Members that only some endpoints have. */
static void put_more(struct json_writer *w, const struct listed *l)
{
    const char *tile = l->model->tile;
    if ((l->model->flags & EMU_GATEWAY) != 0)
        json_member_raw(w, "ai_gateway",
            STR("{\"usage_tracking_config\":{\"enabled\":true},\"rate_limits\":"
                "[{\"calls\":100,\"tokens\":null,\"key\":\"user\","
                "\"renewal_period\":\"minute\",\"principal\":null}],"
                "\"guardrails\":{\"input\":{\"safety\":true,\"pii\":{"
                "\"behavior\":\"BLOCK\"},\"invalid_keywords\":[],"
                "\"valid_topics\":[]},\"output\":{}}}"));
    if (l->fault == EMU_FAULT_PERSONAL) {
        json_member_raw(w, "auth_policy",
            STR("{\"user_auth_policy\":{\"api_scopes\":[\"model-serving\","
                "\"genie\"]}}"));
        tile = is_agent(l->model) ? "MULTI_AGENT_SUPERVISOR" : NULL;
    }
    if (tile != NULL) {
        json_key(w, "tile_endpoint_metadata");
        json_begin_object(w);
        json_member_str(w, "problem_type", str_from_c(tile));
        json_end_object(w);
    }
}

static void put_endpoint(
    struct json_writer *w, struct http_request *r, const struct listed *l)
{
    char id[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(l->name, id);
    json_begin_object(w);
    json_member_str(w, "name", l->name);
    json_member_str(w, "id", (struct str){id, ID_DIGITS});
    json_member_str(w, "creator", STR("system"));
    json_member_int(w, "creation_timestamp", 1'700'000'000'000);
    json_member_int(w, "last_updated_timestamp", 1'700'000'000'000);
    if (l->fault != EMU_FAULT_NO_TASK)
        json_member_str(w, "task", emu_task_name(l->model->task));
    put_state(w, l);
    put_config(w, r, l);
    json_member_raw(w, "tags",
        (l->model->flags & EMU_TRACE) != 0
            ? STR("[{\"key\":\"MONITOR_EXPERIMENT_ID\",\"value\":"
                  "\"3049812345678901\"}]")
            : STR("[]"));
    put_more(w, l);
    if (l->detailed) {
        json_member_str(w, "permission_level", STR("CAN_QUERY"));
        json_member_bool(w, "route_optimized", false);
        json_member_str(w, "description", str_from_c(l->model->about));
    }
    json_end_object(w);
}

/* How the endpoint with a fault is called; "": no endpoint can have it. */
static struct str faulty_name(
    struct http_request *r, const struct emu_fault_info *info)
{
    unsigned chat = EMU_ON_MODEL | EMU_ON_CHAT;
    if ((info->where & (chat | emu_faults_of(EMU_TASK_RESPONSES))) == 0)
        return STR("");
    return arena_printf(http_request_arena(r), "emu-%s%s",
        (info->where & chat) != 0 ? "" : "responses-", info->example);
}

/* The endpoints whose names ask for a fault, one example of each. */
static void put_faulty(struct json_writer *w, struct http_request *r)
{
    const struct emu_fault_info *info;
    struct emu_fault_choice fault;
    for (size_t i = 0; (info = emu_fault_at(i)) != NULL; i++) {
        struct str name = faulty_name(r, info);
        struct listed l = {.name = name};
        if (name.n == 0 || (l.model = emu_catalog_find(name, &fault)) == NULL)
            continue;
        l.fault = fault.fault;
        put_endpoint(w, r, &l);
    }
}

/* Whether discovery was told to go wrong; then it did. */
static bool failed_by_order(struct emulator *e, struct http_request *r)
{
    struct emu_behaviour b;
    if (emu_service_fails(e, EMU_LISTING, r, &b))
        return true;
    if (b.fault.fault == EMU_FAULT_EMPTY_LISTING)
        emu_answer_json(r, STR("{}"));
    return b.fault.fault == EMU_FAULT_EMPTY_LISTING;
}

void emu_handle_list(struct http_request *request, void *ctx)
{
    struct json_writer w;
    struct buf body;
    struct str which;
    if (failed_by_order(ctx, request))
        return;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "endpoints");
    json_begin_array(&w);
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++) {
        struct listed l = {.model = emu_catalog_at(i)};
        l.name = str_from_c(l.model->name);
        put_endpoint(&w, request, &l);
    }
    if (http_request_query(request, "emulator", &which) &&
        str_eq(which, STR("all")))
        put_faulty(&w, request);
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_models(struct http_request *request, void *ctx)
{
    (void)ctx;
    struct json_writer w;
    struct buf body;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "object", STR("list"));
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++) {
        if (emu_catalog_at(i)->task != EMU_TASK_CHAT)
            continue;
        json_begin_object(&w);
        json_member_str(&w, "id", str_from_c(emu_catalog_at(i)->name));
        json_member_str(&w, "object", STR("model"));
        json_member_int(&w, "created", 1'700'000'000);
        json_member_str(&w, "owned_by", STR("demo"));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_get(struct http_request *request, void *ctx)
{
    struct emulator *e = ctx;
    struct json_writer w;
    struct buf body;
    struct str name = http_request_param(request, "name");
    if (failed_by_order(e, request))
        return;
    const struct emu_endpoint *endpoint = emu_endpoint_get(e, name);
    if (endpoint == NULL) {
        emu_refuse(request, 404, STR("RESOURCE_DOES_NOT_EXIST"),
            arena_printf(http_request_arena(request),
                "Serving endpoint with name %.*s not found", STR_ARG(name)));
        return;
    }
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    put_endpoint(&w, request,
        &(struct listed){.name = name,
            .model = endpoint->model,
            .fault = endpoint->fault.fault,
            .detailed = true});
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}
