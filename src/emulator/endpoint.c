#include "base/json.h"
#include "base/json_writer.h"
#include "base/mem.h"

#include "emulator/emulator_int.h"

enum { FIELDS_MAX = 2048, WAKE_MS = 10'000 };

static const struct {
    const char *name;
    unsigned faults;
} services[EMU_SERVICES] = {
    [EMU_OAUTH] = {"oauth-token", EMU_ON_TOKEN},
    [EMU_SIGN_IN] = {"sign-in", EMU_ON_SIGN_IN},
    [EMU_METADATA] = {"metadata", EMU_ON_API},
    [EMU_SCIM] = {"scim", EMU_ON_API},
    [EMU_LISTING] = {"listing", EMU_ON_API | EMU_ON_LISTING},
    [EMU_LAKEBASE] = {"lakebase", EMU_ON_API | EMU_ON_LAKEBASE},
    [EMU_MLFLOW] = {"mlflow", EMU_ON_API},
    [EMU_GENIE] = {"genie", EMU_ON_GENIE},
};

static struct emu_endpoint *endpoint_new(
    struct str name, const struct emu_model *model, unsigned faults)
{
    struct emu_endpoint *p = MEM_NEW(struct emu_endpoint);
    p->name = mem_dup_str(name);
    p->model = model;
    p->faults = faults;
    buf_init(&p->last_fields, FIELDS_MAX);
    return p;
}

static void endpoint_free(struct emu_endpoint *p)
{
    buf_release(&p->last_fields);
    mem_free(p->name);
    mem_free(p);
}

void emu_endpoints_init(struct emulator *e)
{
    e->endpoints = map_new(EMU_MAX_ENDPOINTS);
    for (size_t i = 0; i < EMU_SERVICES; i++)
        e->services[i] = endpoint_new(
            str_from_c(services[i].name), NULL, services[i].faults);
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++)
        emu_endpoint_get(e, str_from_c(emu_catalog_at(i)->name));
}

void emu_endpoints_free(struct emulator *e)
{
    size_t pos = 0;
    struct emu_endpoint *p;
    while ((p = map_next(e->endpoints, &pos)) != NULL)
        endpoint_free(p);
    map_free(e->endpoints);
    for (size_t i = 0; i < EMU_SERVICES; i++)
        endpoint_free(e->services[i]);
}

struct emu_endpoint *emu_endpoint_named(struct emulator *e, struct str name)
{
    for (size_t i = 0; i < EMU_SERVICES; i++)
        if (str_eq(name, str_from_c(services[i].name)))
            return e->services[i];
    return emu_endpoint_get(e, name);
}

struct emu_endpoint *emu_endpoint_get(struct emulator *e, struct str name)
{
    struct emu_endpoint *p = map_get(e->endpoints, name);
    struct emu_fault_choice fault;
    if (p != NULL)
        return p;
    const struct emu_model *model = emu_catalog_find(name, &fault);
    if (model == NULL)
        return NULL;
    p = endpoint_new(name, model, emu_faults_of(model->task));
    p->fault = fault;
    if (map_add(e->endpoints, name, p) != RC_OK) {
        endpoint_free(p);
        return NULL;
    }
    return p;
}

/* Faults that are only a pace become one. */
static void settle(struct emu_behaviour *b, const struct emu_endpoint *p)
{
    if (b->fault.fault == EMU_FAULT_SCALE_TO_ZERO && p->calls == 1)
        b->first_token_ms += WAKE_MS;
    if (b->fault.fault == EMU_FAULT_SPEED)
        b->tokens_per_second = (double)b->fault.arg;
    else if (b->fault.fault == EMU_FAULT_DELAY)
        b->first_token_ms = b->fault.arg;
    else if (b->fault.fault == EMU_FAULT_LONG)
        b->tokens_per_second = 500;
}

struct emu_behaviour emu_endpoint_behaviour(struct emulator *e,
    struct emu_endpoint *endpoint, const struct emu_fault_choice *fault)
{
    struct emu_behaviour b = {*fault, e->tokens_per_second, e->first_token_ms};
    settle(&b, endpoint);
    struct emu_override *o =
        endpoint->override.times > 0 ? &endpoint->override : &e->all;
    if (o->times == 0 || (o == &e->all && endpoint->model == NULL))
        return b;
    o->times--;
    if (o->has_fault) {
        b.fault = o->fault;
        settle(&b, endpoint);
    }
    if (o->tokens_per_second > 0)
        b.tokens_per_second = o->tokens_per_second;
    if (o->first_token_ms >= 0)
        b.first_token_ms = o->first_token_ms;
    return b;
}

void emu_endpoint_note(struct emu_endpoint *endpoint, const struct jv *document,
    const struct emu_chat *chat)
{
    struct json_writer w;
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    endpoint->last_messages = chat->messages;
    endpoint->last_stream = chat->stream;
    buf_clear(&endpoint->last_fields);
    json_writer_init(&w, &endpoint->last_fields);
    json_begin_array(&w);
    while (jv_each(document, &pos, &key, &value))
        json_put_str(&w, key);
    json_end_array(&w);
    if (!buf_ok(&endpoint->last_fields))
        buf_clear(&endpoint->last_fields);
}
