#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#include "databricks/endpoint_name.h"
#include "databricks/endpoints_read.h"
#include "databricks/error_int.h"

bool endpoint_task_is_chat(struct str task)
{
    return str_eq(task, STR("llm/v1/chat")) ||
           str_starts_with(task, STR("agent/"));
}

/*
 * Deployed agents have a second served entity of this name; others of an agent
 * task take the same option. Plain models refuse it.
 */
static bool gives_traces(const struct jv *document)
{
    const struct jv *entities =
        jv_get(jv_get(document, "config"), "served_entities");
    if (str_starts_with(jv_get_str(document, "task"), STR("agent/")))
        return true;
    for (size_t i = 0; i < jv_count(entities); i++)
        if (str_eq(jv_get_str(jv_at(entities, i), "name"), STR("feedback")))
            return true;
    return false;
}

/* Only models of the workspace's own have a name for people. */
static struct str display_name(const struct jv *document)
{
    const struct jv *entities =
        jv_get(jv_get(document, "config"), "served_entities");
    struct str name = STR("");
    for (size_t i = 0; name.n == 0 && i < jv_count(entities); i++)
        name = jv_get_str(
            jv_get(jv_at(entities, i), "foundation_model"), "display_name");
    return name;
}

/*
 * Agents that work with what the person may see say so: with the scopes of
 * a policy, or by being a supervisor of others.
 */
static void read_user_scopes(const struct jv *document, char *out, size_t size)
{
    const struct jv *scopes =
        jv_get(jv_get(jv_get(document, "auth_policy"), "user_auth_policy"),
            "api_scopes");
    struct str problem =
        jv_get_str(jv_get(document, "tile_endpoint_metadata"), "problem_type");
    struct buf all;
    buf_init(&all, size);
    for (size_t i = 0; i < jv_count(scopes); i++) {
        struct str scope;
        if (!jv_string(jv_at(scopes, i), &scope) || scope.n == 0)
            continue;
        if (all.n > 0)
            buf_append_char(&all, ' ');
        buf_append(&all, scope);
    }
    if (str_eq(problem, STR("MULTI_AGENT_SUPERVISOR")) && buf_ok(&all))
        buf_append(
            &all, all.n > 0 ? STR(" model-serving") : STR("model-serving"));
    error_put(out, size, buf_str(&all));
    buf_release(&all);
}

enum rc endpoints_read_one(
    const struct jv *document, struct databricks_endpoint *ret)
{
    struct str name = jv_get_str(document, "name");
    if (!endpoint_name_valid(name))
        return RC_INVALID;
    *ret = (struct databricks_endpoint){
        .name = name,
        .display_name = display_name(document),
        .task = jv_get_str(document, "task"),
        .ready = str_eq(
            jv_get_str(jv_get(document, "state"), "ready"), STR("READY")),
        .traces = gives_traces(document),
    };
    read_user_scopes(document, ret->user_scopes, sizeof(ret->user_scopes));
    return RC_OK;
}

enum rc endpoints_read_list(const struct jv *document,
    struct databricks_endpoint **ret_list, size_t *ret_count)
{
    if (jv_type(document) != JV_OBJECT)
        return RC_INVALID;
    const struct jv *all = jv_get(document, "endpoints");
    size_t n = 0, count = jv_type(all) == JV_ARRAY ? jv_count(all) : 0;
    struct databricks_endpoint *list = mem_zalloc((count + 1) * sizeof(*list));
    for (size_t i = 0; i < count; i++)
        if (endpoints_read_one(jv_at(all, i), &list[n]) == RC_OK &&
            endpoint_task_is_chat(list[n].task))
            n++;
    *ret_list = list;
    *ret_count = n;
    return RC_OK;
}

enum rc endpoints_read_models(const struct jv *document,
    struct databricks_endpoint **ret_list, size_t *ret_count)
{
    const struct jv *all = jv_get(document, "data");
    if (jv_type(all) != JV_ARRAY)
        return RC_INVALID;
    size_t n = 0, count = jv_count(all);
    struct databricks_endpoint *list = mem_zalloc((count + 1) * sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        struct str name = jv_get_str(jv_at(all, i), "id");
        if (model_name_valid(name))
            list[n++] = (struct databricks_endpoint){
                .name = name, .task = STR("llm/v1/chat"), .ready = true};
    }
    *ret_list = list;
    *ret_count = n;
    return RC_OK;
}
