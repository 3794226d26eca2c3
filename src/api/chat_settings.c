#include "api/api_int.h"
#include "api/chat_settings.h"

static const char *const thinking_names[] = {
    [CHAT_THINKING_UNSET] = "",
    [CHAT_THINKING_OFF] = "off",
    [CHAT_THINKING_LOW] = "low",
    [CHAT_THINKING_MEDIUM] = "medium",
    [CHAT_THINKING_HIGH] = "high",
};
static const char *const route_names[] = {
    [CHAT_ROUTE_AUTO] = "auto",
    [CHAT_ROUTE_GENIE] = "genie",
    [CHAT_ROUTE_MODEL] = "model",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Place of a word in a list of names, 0 when it is none of them. */
static size_t word_of(struct str word, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(word, str_from_c(names[i])))
            return i;
    return 0;
}

/* A whole number within bounds, else the fallback. */
static int64_t number_of(const struct jv *object, const char *key, int64_t min,
    int64_t max, int64_t fallback)
{
    int64_t n;
    bool fits = jv_int(jv_get(object, key), &n) && n >= min && n <= max;
    return fits ? n : fallback;
}

void chat_settings_read(
    struct str json, struct arena *arena, struct chat_settings *ret)
{
    struct jv *doc = NULL;
    *ret = (struct chat_settings){
        .include_history = true,
        .history_messages = CHAT_HISTORY_USUAL,
    };
    if (json.n == 0 || jv_parse(json, NULL, &doc) != RC_OK)
        return;
    ret->model = arena_str(arena, jv_get_str(doc, "model"));
    ret->system_prompt = arena_str(arena, jv_get_str(doc, "system_prompt"));
    ret->has_temperature =
        jv_number(jv_get(doc, "temperature"), &ret->temperature);
    ret->max_tokens = number_of(doc, "max_tokens", 1, CHAT_MAX_TOKENS, 0);
    ret->thinking = (enum chat_thinking)word_of(
        jv_get_str(doc, "thinking"), thinking_names, COUNT(thinking_names));
    jv_bool(jv_get(doc, "include_history"), &ret->include_history);
    ret->history_messages = number_of(
        doc, "history_messages", 0, CHAT_MAX_HISTORY, CHAT_HISTORY_USUAL);
    ret->route = (enum chat_route)word_of(
        jv_get_str(doc, "route"), route_names, COUNT(route_names));
    jv_free(doc);
}

/* ---- What a person sends ---- */

static const char *model_fault(const struct api *api, const struct jv *v)
{
    struct str name;
    return jv_string(v, &name) && api_model_allowed(api, name)
               ? NULL
               : "must be one of the models this server offers; GET "
                 "/chat-api/config lists them";
}

static const char *prompt_fault(const struct api *, const struct jv *v)
{
    struct str text;
    if (!jv_string(v, &text))
        return "must be text";
    return text.n <= CHAT_MAX_PROMPT ? NULL : "is too long: 16 KiB at most";
}

static const char *temperature_fault(const struct api *, const struct jv *v)
{
    double t;
    return jv_number(v, &t) && t >= 0 && t <= 2 ? NULL
                                                : "must be a number from 0 to "
                                                  "2";
}

static const char *max_tokens_fault(const struct api *, const struct jv *v)
{
    int64_t n;
    return jv_int(v, &n) && n >= 1 && n <= CHAT_MAX_TOKENS
               ? NULL
               : "must be a whole number from 1 to 1000000";
}

static const char *thinking_fault(const struct api *, const struct jv *v)
{
    struct str word;
    return jv_string(v, &word) &&
                   word_of(word, thinking_names, COUNT(thinking_names)) > 0
               ? NULL
               : "must be 'off', 'low', 'medium' or 'high'";
}

static const char *bool_fault(const struct api *, const struct jv *v)
{
    return jv_type(v) == JV_BOOL ? NULL : "must be true or false";
}

static const char *history_fault(const struct api *, const struct jv *v)
{
    int64_t n;
    return jv_int(v, &n) && n >= 0 && n <= CHAT_MAX_HISTORY
               ? NULL
               : "must be a whole number from 0 (all messages) to 1000";
}

static const char *route_fault(const struct api *, const struct jv *v)
{
    struct str word;
    if (jv_string(v, &word))
        for (size_t i = 0; i < COUNT(route_names); i++)
            if (str_eq(word, str_from_c(route_names[i])))
                return NULL;
    return "must be 'auto', 'genie' or 'model'";
}

static const struct {
    const char *name;
    const char *field;
    const char *(*fault)(const struct api *api, const struct jv *v);
} members[] = {
    {"model", "settings.model", model_fault},
    {"system_prompt", "settings.system_prompt", prompt_fault},
    {"temperature", "settings.temperature", temperature_fault},
    {"max_tokens", "settings.max_tokens", max_tokens_fault},
    {"thinking", "settings.thinking", thinking_fault},
    {"include_history", "settings.include_history", bool_fault},
    {"history_messages", "settings.history_messages", history_fault},
    {"route", "settings.route", route_fault},
};

/* What is wrong with one member, to follow its name; or NULL. */
static const char *member_fault(const struct api *api, struct str name,
    const struct jv *value, const char **ret_field)
{
    for (size_t i = 0; i < COUNT(members); i++) {
        if (!str_eq(name, str_from_c(members[i].name)))
            continue;
        *ret_field = members[i].field;
        return jv_is_null(value) ? NULL : members[i].fault(api, value);
    }
    *ret_field = "settings";
    return "is not known";
}

const char *chat_settings_fault(const struct api *api, const struct jv *change,
    struct arena *arena, const char **ret_field)
{
    void *pos = NULL;
    struct str name;
    const struct jv *value;
    while (jv_each(change, &pos, &name, &value)) {
        const char *fault = member_fault(api, name, value, ret_field);
        if (fault != NULL)
            return arena_printf(arena, "Field 'settings.%.*s' %s.",
                STR_ARG(str_sub(name, 0, 64)), fault)
                .p;
    }
    return NULL;
}

enum { MAX_SETTINGS = 64 * 1024 };

bool api_read_settings(
    struct api_request *r, const struct jv *body, struct str *ret)
{
    const struct jv *change = jv_get(body, "settings");
    struct arena *arena = http_request_arena(r->http);
    struct problem_extra extra = {0};
    struct buf out;
    *ret = (struct str){0};
    if (jv_is_null(change))
        return true;
    const char *fault =
        chat_settings_fault(r->api, change, arena, &extra.field);
    if (fault != NULL) {
        problem_respond(r->http, PROBLEM_INVALID_REQUEST, fault, &extra);
        return false;
    }
    buf_init(&out, MAX_SETTINGS);
    if (jv_dump(change, &out) == RC_OK)
        *ret = arena_str(arena, buf_str(&out));
    buf_release(&out);
    return true;
}
