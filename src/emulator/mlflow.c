#include "base/arena.h"
#include "base/id.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/mem.h"

#include "emulator/emulator_int.h"

/*
 * Traces of replies that were asked for one, and what people say of them.
 * A trace is there once its reply has begun.
 */
enum {
    MAX_TRACES = 10'000,
    MAX_ASSESSMENTS = 100, /* of one trace */
    MAX_DOCUMENT = 16 * 1024,
    BODY_MAX = 4 * 1024 * 1024,
};

#define NAME "assessment_name"

/* Members that are kept as they came. */
static const char *const kept[] = {NAME, "source", "feedback", "expectation",
    "rationale", "metadata", "span_id"};

enum { KEPT = sizeof(kept) / sizeof(*kept) };

struct assessment {
    struct list link;
    char id[ID_SIZE];
    struct buf values[KEPT]; /* JSON; empty: not there */
};

struct trace {
    char *id;
    struct list assessments;
    size_t count;
    int late; /* so many calls do not find it */
};

/* ---- What is kept ---- */

static void assessment_free(struct assessment *a)
{
    list_remove(&a->link);
    for (size_t i = 0; i < KEPT; i++)
        buf_release(&a->values[i]);
    mem_free(a);
}

static void trace_free(struct trace *t)
{
    LIST_EACH(node, &t->assessments)
    {
        assessment_free(LIST_ITEM(node, struct assessment, link));
    }
    mem_free(t->id);
    mem_free(t);
}

void emu_mlflow_init(struct emulator *e)
{
    e->traces = map_new(MAX_TRACES);
}

void emu_mlflow_free(struct emulator *e)
{
    size_t pos = 0;
    struct trace *t;
    while ((t = map_next(e->traces, &pos)) != NULL)
        trace_free(t);
    map_free(e->traces);
}

void emu_mlflow_add_trace(struct emulator *e, const char *reply_id, int late)
{
    struct trace *t = MEM_NEW(struct trace);
    struct buf id;
    buf_init(&id, MAX_DOCUMENT);
    buf_printf(&id, "tr-%s", reply_id);
    t->id = mem_dup_str(buf_str(&id));
    list_init(&t->assessments);
    t->late = late;
    if (map_add(e->traces, buf_str(&id), t) != RC_OK)
        trace_free(t);
    buf_release(&id);
}

static struct assessment *find(struct trace *t, struct str id)
{
    LIST_EACH(node, &t->assessments)
    {
        struct assessment *a = LIST_ITEM(node, struct assessment, link);
        if (str_eq(str_from_c(a->id), id))
            return a;
    }
    return NULL;
}

/* ---- Answers ---- */

static void put_assessment(
    struct json_writer *w, const struct trace *t, const struct assessment *a)
{
    json_begin_object(w);
    json_member_str(w, "assessment_id", str_from_c(a->id));
    json_member_str(w, "trace_id", str_from_c(t->id));
    for (size_t i = 0; i < KEPT; i++)
        if (a->values[i].n > 0)
            json_member_raw(w, kept[i], buf_str(&a->values[i]));
    json_end_object(w);
}

static void put_trace(struct json_writer *w, const struct trace *t)
{
    json_begin_object(w);
    json_member_str(w, "trace_id", str_from_c(t->id));
    json_key(w, "assessments");
    json_begin_array(w);
    LIST_EACH(node, &t->assessments)
    {
        put_assessment(w, t, LIST_ITEM(node, struct assessment, link));
    }
    json_end_array(w);
    json_end_object(w);
}

static void answer_assessment(
    struct http_request *r, const struct trace *t, const struct assessment *a)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "assessment");
    put_assessment(&w, t, a);
    json_end_object(&w);
    emu_answer_json(r, buf_str(&body));
    buf_release(&body);
}

static void refuse_missing(struct http_request *r, const char *what)
{
    emu_refuse(r, 404, STR("RESOURCE_DOES_NOT_EXIST"),
        arena_printf(http_request_arena(r), "%s was not found.", what));
}

/* The trace of the path; NULL when the caller has been answered. */
static struct trace *trace_of(struct emulator *e, struct http_request *r)
{
    struct emu_behaviour b;
    if (emu_service_fails(e, EMU_MLFLOW, r, &b))
        return NULL;
    struct trace *t = map_get(e->traces, http_request_param(r, "trace_id"));
    bool there = t != NULL && t->late == 0;
    if (there)
        return t;
    if (t != NULL)
        t->late--;
    refuse_missing(r, "The trace");
    return NULL;
}

/* ---- What may be said ---- */

static bool is_one_of(struct str s, const char *const list[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_from_c(list[i])))
            return true;
    return false;
}

static const char *check_source(const struct jv *source)
{
    static const char *const types[] = {"HUMAN", "LLM_JUDGE", "CODE"};
    if (!is_one_of(jv_get_str(source, "source_type"), types, 3))
        return "`source.source_type` must be HUMAN, LLM_JUDGE or CODE.";
    if (jv_get_str(source, "source_id").n == 0)
        return "`source.source_id` must be set.";
    return NULL;
}

static const char *check_metadata(const struct jv *metadata)
{
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    if (metadata == NULL)
        return NULL;
    if (jv_type(metadata) != JV_OBJECT)
        return "`metadata` must be a map of strings.";
    while (jv_each(metadata, &pos, &key, &value))
        if (jv_type(value) != JV_STRING)
            return "`metadata` must be a map of strings.";
    return NULL;
}

/* Values of the members that are there. */
static const char *check_values(const struct jv *a)
{
    const struct jv *feedback = jv_get(a, "feedback");
    const struct jv *rationale = jv_get(a, "rationale");
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    while (jv_each(a, &pos, &key, &value))
        if (!is_one_of(key, kept, KEPT) && !str_eq(key, STR("trace_id")) &&
            !str_eq(key, STR("assessment_id")))
            return "The assessment has an unknown field.";
    if (feedback != NULL && jv_get(feedback, "value") == NULL)
        return "`feedback.value` must be set.";
    if (rationale != NULL && jv_type(rationale) != JV_STRING)
        return "`rationale` must be a string.";
    return check_metadata(jv_get(a, "metadata"));
}

static const char *check_new(const struct jv *a, const struct trace *t)
{
    struct str name = jv_get_str(a, NAME), id = jv_get_str(a, "trace_id");
    const char *wrong = check_values(a);
    if (wrong != NULL)
        return wrong;
    if (id.n > 0 && !str_eq(id, str_from_c(t->id)))
        return "`trace_id` is not that of the path.";
    if (name.n == 0)
        return "`assessment_name` must be set.";
    if (str_find_char(name, '.') < name.n)
        return "`assessment_name` must not contain '.'.";
    if ((jv_get(a, "feedback") == NULL) == (jv_get(a, "expectation") == NULL))
        return "Exactly one of `feedback` and `expectation` must be set.";
    return check_source(jv_get(a, "source"));
}

/* Each field of the mask may be changed and is given. */
static const char *check_change(const struct jv *a, struct str mask)
{
    static const char *const fields[] = {
        NAME, "feedback", "expectation", "rationale", "metadata"};
    struct str field;
    const char *wrong = check_values(a);
    if (jv_get(a, "source") != NULL)
        return "The field `source` may not be updated.";
    if (wrong != NULL || mask.n == 0)
        return wrong != NULL ? wrong : "`update_mask` must be set.";
    while (mask.n > 0) {
        str_cut(mask, ',', &field, &mask);
        if (!is_one_of(field, fields, sizeof(fields) / sizeof(*fields)))
            return "`update_mask` names a field that may not be updated.";
        bool given = false;
        for (size_t i = 0; i < KEPT; i++)
            given = given || (str_eq(field, str_from_c(kept[i])) &&
                                 jv_get(a, kept[i]) != NULL);
        if (!given)
            return "`update_mask` names a field that is not given.";
    }
    return NULL;
}

/* ---- Changes ---- */

/* Takes over the members that the mask names; an empty one names all. */
static void take(struct assessment *to, const struct jv *from, struct str mask)
{
    for (size_t i = 0; i < KEPT; i++) {
        const struct jv *value = jv_get(from, kept[i]);
        struct str rest = mask, field;
        bool named = mask.n == 0;
        while (rest.n > 0) {
            str_cut(rest, ',', &field, &rest);
            named = named || str_eq(field, str_from_c(kept[i]));
        }
        if (value == NULL || !named)
            continue;
        buf_clear(&to->values[i]);
        if (jv_dump(value, &to->values[i]) != RC_OK)
            buf_clear(&to->values[i]);
    }
}

static struct assessment *assessment_new(struct trace *t)
{
    struct assessment *a = MEM_NEW(struct assessment);
    id_new(a->id);
    a->id[0] = 'a';
    a->id[1] = '-';
    for (size_t i = 0; i < KEPT; i++)
        buf_init(&a->values[i], MAX_DOCUMENT);
    list_init(&a->link);
    list_push(&t->assessments, &a->link);
    t->count++;
    return a;
}

/* Creates, or changes the given assessment; NULL, or what is wrong. */
static const char *apply(
    struct trace *t, const struct jv *document, struct assessment **a)
{
    void *pos = NULL;
    struct str key, mask = jv_get_str(document, "update_mask");
    const struct jv *value, *given = jv_get(document, "assessment");
    const char *wrong;
    while (jv_each(document, &pos, &key, &value))
        if (!str_eq(key, STR("assessment")) &&
            (*a == NULL || !str_eq(key, STR("update_mask"))))
            return "The request has an unknown field.";
    if (jv_type(given) != JV_OBJECT)
        return "`assessment` must be an object.";
    wrong = *a == NULL ? check_new(given, t) : check_change(given, mask);
    if (wrong == NULL && *a == NULL && t->count >= MAX_ASSESSMENTS)
        return "The trace has too many assessments.";
    if (wrong != NULL)
        return wrong;
    if (*a == NULL)
        *a = assessment_new(t);
    take(*a, given, mask);
    return NULL;
}

static void change(
    struct http_request *r, struct trace *t, struct assessment *a)
{
    struct jv *document;
    const char *wrong = "The body is not JSON.";
    if (str_eq_nocase(http_request_media_type(r), STR("application/json")) &&
        jv_parse(http_request_body(r), NULL, &document) == RC_OK) {
        wrong = apply(t, document, &a);
        jv_free(document);
    }
    if (wrong == NULL)
        answer_assessment(r, t, a);
    else
        emu_refuse(r, 400, STR("INVALID_PARAMETER_VALUE"), str_from_c(wrong));
}

/* ---- Handlers ---- */

void emu_handle_trace(struct http_request *request, void *ctx)
{
    struct json_writer w;
    struct buf body;
    const struct trace *t = trace_of(ctx, request);
    if (t == NULL)
        return;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "trace");
    json_begin_object(&w);
    json_key(&w, "trace_info");
    put_trace(&w, t);
    json_end_object(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_assess(struct http_request *request, void *ctx)
{
    struct trace *t = trace_of(ctx, request);
    if (t != NULL)
        change(request, t, NULL);
}

/* PATCH and DELETE of one assessment. */
void emu_handle_assessment(struct http_request *request, void *ctx)
{
    struct trace *t = trace_of(ctx, request);
    if (t == NULL)
        return;
    struct assessment *a =
        find(t, http_request_param(request, "assessment_id"));
    if (a == NULL) {
        refuse_missing(request, "The assessment");
    } else if (str_eq(http_request_method(request), STR("PATCH"))) {
        change(request, t, a);
    } else {
        assessment_free(a);
        t->count--;
        emu_answer_json(request, STR("{}"));
    }
}

void emu_handle_assessments(struct http_request *request, void *ctx)
{
    const struct emulator *e = ctx;
    const struct trace *t;
    struct json_writer w;
    struct buf body;
    size_t pos = 0;
    buf_init(&body, BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "traces");
    json_begin_array(&w);
    while ((t = map_next(e->traces, &pos)) != NULL)
        if (t->count > 0)
            put_trace(&w, t);
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}
