#include "base/json.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"

enum { STATS_MAX = 2 * 1024 * 1024, MAX_TIMES = 1'000'000 };

/* ---- POST /emulator/control ---- */

/* What of the request may be wrong, said in one sentence; NULL: nothing. */
static const char *read_override(
    const struct jv *document, unsigned where, struct emu_override *ret)
{
    const struct jv *v;
    struct str fault;
    *ret = (struct emu_override){.times = 1, .first_token_ms = -1};
    if ((v = jv_get(document, "times")) != NULL &&
        (!jv_int(v, &ret->times) || ret->times < 0 || ret->times > MAX_TIMES))
        return "times must be an integer from 0 to 1000000";
    if ((v = jv_get(document, "tokens_per_second")) != NULL &&
        (!jv_number(v, &ret->tokens_per_second) ||
            !(ret->tokens_per_second > 0 &&
                ret->tokens_per_second <= 1'000'000)))
        return "tokens_per_second must be a number above 0";
    if ((v = jv_get(document, "first_token_ms")) != NULL &&
        (!jv_int(v, &ret->first_token_ms) || ret->first_token_ms < 0 ||
            ret->first_token_ms > 3'600'000))
        return "first_token_ms must be an integer from 0 to 3600000";
    if ((v = jv_get(document, "fault")) != NULL) {
        if (!jv_string(v, &fault) ||
            !emu_fault_parse(fault, where, &ret->fault))
            return "fault is not one that this endpoint can have";
        ret->has_fault = true;
    }
    return NULL;
}

static const char *check_keys(const struct jv *document)
{
    static const char *const known[] = {
        "endpoint", "fault", "times", "tokens_per_second", "first_token_ms"};
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    if (jv_type(document) != JV_OBJECT)
        return "the body must be a JSON object";
    while (jv_each(document, &pos, &key, &value)) {
        bool ok = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
            ok = ok || str_eq(key, str_from_c(known[i]));
        if (!ok)
            return "known fields are endpoint, fault, times, "
                   "tokens_per_second and first_token_ms";
    }
    return NULL;
}

/* Applies the document; NULL, or what is wrong with it. */
static const char *apply(struct emulator *e, const struct jv *document)
{
    struct emu_override override;
    struct str name = jv_get_str(document, "endpoint");
    struct emu_endpoint *endpoint = emu_endpoint_named(e, name);
    /* Without an endpoint: the faults that all of them can have. */
    unsigned faults = endpoint != NULL ? endpoint->faults : EMU_ON_MODEL;
    const char *wrong = check_keys(document);
    if (wrong == NULL)
        wrong = read_override(document, faults, &override);
    if (wrong != NULL)
        return wrong;
    if (str_eq(name, STR("*")))
        e->all = override;
    else if (endpoint != NULL)
        endpoint->override = override;
    else
        return "endpoint must name an endpoint, a service or \"*\"";
    return NULL;
}

void emu_handle_control(struct http_request *request, void *ctx)
{
    struct jv *document;
    const char *wrong = "the body is not JSON";
    if (jv_parse(http_request_body(request), NULL, &document) == RC_OK) {
        wrong = apply(ctx, document);
        jv_free(document);
    }
    if (wrong == NULL)
        emu_answer_json(request, STR("{}"));
    else
        emu_refuse(
            request, 400, STR("INVALID_PARAMETER_VALUE"), str_from_c(wrong));
}

/* ---- GET /emulator/stats ---- */

static void put_last(struct json_writer *w, const struct emu_endpoint *p)
{
    json_key(w, "last_request");
    if (p->last_fields.n == 0) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_raw(w, "fields", buf_str(&p->last_fields));
    json_member_int(w, "messages", (int64_t)p->last_messages);
    json_member_bool(w, "stream", p->last_stream);
    json_end_object(w);
}

static void put_stats(struct json_writer *w, const struct emu_endpoint *p)
{
    json_begin_object(w);
    json_member_str(w, "name", str_from_c(p->name));
    json_member_int(w, "calls", (int64_t)p->calls);
    json_member_int(w, "live", (int64_t)p->live);
    json_member_int(w, "finished", (int64_t)p->finished);
    json_member_int(w, "refused", (int64_t)p->refused);
    json_member_int(w, "closed_by_client", (int64_t)p->closed_by_client);
    json_key(w, "last_closed_ms");
    if (p->closed_by_client > 0)
        json_put_int(w, p->last_closed_us / 1000);
    else
        json_put_null(w);
    put_last(w, p);
    json_end_object(w);
}

void emu_handle_stats(struct http_request *request, void *ctx)
{
    const struct emulator *e = ctx;
    const struct emu_endpoint *p;
    struct json_writer w;
    struct buf body;
    size_t pos = 0;
    buf_init(&body, STATS_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_int(&w, "now_ms", loop_wall_us(e->loop) / 1000);
    json_member_int(&w, "tokens_minted", (int64_t)e->minted);
    json_member_int(&w, "unauthorised", (int64_t)e->unauthorised);
    json_key(&w, "endpoints");
    json_begin_array(&w);
    for (size_t i = 0; i < EMU_SERVICES; i++)
        put_stats(&w, e->services[i]);
    while ((p = map_next(e->endpoints, &pos)) != NULL)
        if (p->calls > 0)
            put_stats(&w, p);
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}
