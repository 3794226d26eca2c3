#include "base/arena.h"
#include "base/crypto.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"
#include "emulator/hash.h"

enum { BODY_MAX = 512 * 1024, ID_DIGITS = 32 };

static const char WORKSPACE_ID[] = "6051921418418893";

/* "<url><path>" in the request's arena. */
static struct str address(
    const struct emulator *e, struct http_request *r, const char *path)
{
    return arena_printf(
        http_request_arena(r), "%.*s%s", STR_ARG(buf_str(&e->url)), path);
}

static void put_strings(struct json_writer *w, const char *key, struct str list)
{
    struct str one;
    json_key(w, key);
    json_begin_array(w);
    while (list.n > 0) {
        str_cut(list, ' ', &one, &list);
        json_put_str(w, one);
    }
    json_end_array(w);
}

void emu_handle_config(struct http_request *request, void *ctx)
{
    const struct emulator *e = ctx;
    struct json_writer w;
    struct buf body;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "oidc_endpoint", address(e, request, "/oidc"));
    json_member_str(
        &w, "account_id", STR("2f6e1a44-0d3c-4c6e-9a51-6f8d1b7c0e11"));
    json_member_str(&w, "workspace_id", str_from_c(WORKSPACE_ID));
    json_member_str(&w, "cloud", STR("AWS"));
    json_member_str(&w, "host_type", STR("WORKSPACE_HOST"));
    json_key(&w, "token_federation_default_oidc_audiences");
    json_begin_array(&w);
    json_put_str(&w, address(e, request, "/oidc/v1/token"));
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

/* Only what is there: client credentials. */
void emu_handle_oidc(struct http_request *request, void *ctx)
{
    const struct emulator *e = ctx;
    struct json_writer w;
    struct buf body;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "issuer", address(e, request, "/oidc"));
    json_member_str(&w, "authorization_endpoint",
        address(e, request, "/oidc/v1/authorize"));
    json_member_str(
        &w, "token_endpoint", address(e, request, "/oidc/v1/token"));
    json_member_str(&w, "jwks_uri", address(e, request, "/oidc/jwks.json"));
    put_strings(&w, "scopes_supported", STR("all-apis"));
    put_strings(&w, "response_types_supported", STR("code"));
    put_strings(&w, "grant_types_supported", STR("client_credentials"));
    put_strings(&w, "code_challenge_methods_supported", STR("S256"));
    put_strings(&w, "token_endpoint_auth_methods_supported",
        STR("client_secret_basic client_secret_post"));
    put_strings(&w, "subject_types_supported", STR("public"));
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

static void put_group(struct json_writer *w)
{
    json_key(w, "groups");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "display", STR("users"));
    json_member_str(w, "value", STR("1"));
    json_member_str(w, "type", STR("direct"));
    json_member_str(w, "$ref", STR("Groups/1"));
    json_end_object(w);
    json_end_array(w);
}

/* The members that only a person has. */
static void put_person(struct json_writer *w, struct str email)
{
    json_key(w, "name");
    json_begin_object(w);
    json_member_str(w, "givenName", STR("Demo"));
    json_member_str(w, "familyName", STR("User"));
    json_end_object(w);
    json_key(w, "emails");
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "value", email);
    json_member_str(w, "type", STR("work"));
    json_member_bool(w, "primary", true);
    json_end_object(w);
    json_end_array(w);
}

/* The same for the same person, another one for another. */
static struct str id_of(struct http_request *r, struct str email)
{
    return arena_printf(http_request_arena(r), "%016llu",
        (unsigned long long)(emu_hash(1, email) % 10'000'000'000'000'000));
}

void emu_handle_me(struct http_request *request, void *ctx)
{
    const struct emulator *e = ctx;
    struct json_writer w;
    struct buf body;
    bool service = emu_is_service_principal(e, request);
    struct str person = emu_person(request);
    struct str email = person.n > 0 ? person : STR("demo.user@example.com");
    struct http_header org = {
        STR("x-databricks-org-id"), str_from_c(WORKSPACE_ID)};
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "id",
        service        ? STR("8041460813056072")
        : person.n > 0 ? id_of(request, person)
                       : STR("5041460813056051"));
    json_member_str(
        &w, "userName", service ? secret_reveal(&e->client_id) : email);
    json_member_str(&w, "displayName",
        service        ? STR("Demo service principal")
        : person.n > 0 ? person
                       : STR("Demo User"));
    json_member_bool(&w, "active", true);
    if (!service)
        put_person(&w, email);
    put_group(&w);
    json_end_object(&w);
    emu_answer(
        request, 200, STR("application/scim+json"), buf_str(&body), &org, 1);
    buf_release(&body);
}

/* ---- Serving endpoints ---- */

static void put_state(struct json_writer *w)
{
    json_key(w, "state");
    json_begin_object(w);
    json_member_str(w, "ready", STR("READY"));
    json_member_str(w, "config_update", STR("NOT_UPDATING"));
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

/* Agents are models of the catalogue, the others are the platform's own. */
static void put_entity(struct json_writer *w, struct http_request *r,
    struct str name, const struct emu_model *m, bool detailed)
{
    bool agent = m->task != EMU_TASK_CHAT && m->task != EMU_TASK_EMBEDDINGS;
    struct str entity = arena_printf(http_request_arena(r), "%s.%.*s",
        agent ? "demo.agents" : "system.ai", STR_ARG(name));
    json_begin_object(w);
    json_member_str(w, "name", name);
    json_member_str(w, "entity_name", entity);
    json_member_str(w, "entity_version", STR("1"));
    if (!agent)
        put_foundation_model(w, entity, m);
    json_member_bool(w, "scale_to_zero_enabled", false);
    if (detailed) {
        json_key(w, "state");
        json_begin_object(w);
        json_member_str(w, "deployment", STR("DEPLOYMENT_READY"));
        json_member_str(w, "deployment_state_message", STR(""));
        json_end_object(w);
    }
    json_end_object(w);
}

static void put_config(struct json_writer *w, struct http_request *r,
    struct str name, const struct emu_model *m, bool detailed)
{
    json_key(w, "config");
    json_begin_object(w);
    json_key(w, "served_entities");
    json_begin_array(w);
    put_entity(w, r, name, m, detailed);
    if ((m->flags & EMU_TRACE) != 0)
        put_entity(w, r, STR("feedback"), m, detailed);
    json_end_array(w);
    if (detailed) {
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
        json_member_int(w, "config_version", 0);
    }
    json_end_object(w);
}

static void put_endpoint(struct json_writer *w, struct http_request *r,
    struct str name, const struct emu_model *m, bool detailed)
{
    char id[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(name, id);
    json_begin_object(w);
    json_member_str(w, "name", name);
    json_member_str(w, "id", (struct str){id, ID_DIGITS});
    json_member_str(w, "creator", STR("system"));
    json_member_int(w, "creation_timestamp", 1'700'000'000'000);
    json_member_int(w, "last_updated_timestamp", 1'700'000'000'000);
    json_member_str(w, "task", emu_task_name(m->task));
    put_state(w);
    put_config(w, r, name, m, detailed);
    json_key(w, "tags");
    json_begin_array(w);
    json_end_array(w);
    if (detailed) {
        json_member_str(w, "permission_level", STR("CAN_QUERY"));
        json_member_bool(w, "route_optimized", false);
        json_member_str(w, "description", str_from_c(m->about));
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
        if (name.n > 0)
            put_endpoint(w, r, name, emu_catalog_find(name, &fault), false);
    }
}

void emu_handle_list(struct http_request *request, void *ctx)
{
    (void)ctx;
    struct json_writer w;
    struct buf body;
    struct str which;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "endpoints");
    json_begin_array(&w);
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++) {
        const struct emu_model *m = emu_catalog_at(i);
        put_endpoint(&w, request, str_from_c(m->name), m, false);
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
    const struct emu_endpoint *endpoint = emu_endpoint_get(e, name);
    if (endpoint == NULL) {
        emu_refuse(request, 404, STR("RESOURCE_DOES_NOT_EXIST"),
            arena_printf(http_request_arena(request),
                "Serving endpoint with name %.*s not found", STR_ARG(name)));
        return;
    }
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    put_endpoint(&w, request, name, endpoint->model, true);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}
