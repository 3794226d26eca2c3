#include "base/num.h"

#include "databricks/model_traits.h"

enum {
    LEAST_BUDGET = 1024,
    /* Of max_tokens beside a budget for thinking, where nobody set it. */
    ROOM_TO_ANSWER = 8192,
};

/* Where word begins in name as a part of it between '-', '.' or '_'; or n. */
static size_t find_part(struct str name, struct str word)
{
    size_t at = 0;
    while (at < name.n) {
        size_t i = at + str_find(str_sub(name, at, name.n), word);
        if (i >= name.n)
            return name.n;
        if (i == 0 || str_find_char(STR("-_./:"), name.p[i - 1]) < 5)
            return i;
        at = i + 1;
    }
    return name.n;
}

static bool has_part(struct str name, struct str word)
{
    return find_part(name, word) < name.n;
}

/*
 * Generation of a Claude, in tenths: databricks-claude-3-7-sonnet is 37,
 * databricks-claude-sonnet-4 40, claude-opus-4-5-20251101 45. 0: unknown. A
 * number of more than two digits is a date.
 */
static int generation(struct str name)
{
    struct str rest = str_sub(name, find_part(name, STR("claude")), name.n);
    struct str word;
    int64_t n;
    int found = 0;
    bool more = rest.n > 0, first = true;
    while (more) {
        more = str_cut(rest, '-', &word, &rest);
        if (num_parse_i64(word, 0, 99, &n) != RC_OK) {
            if (!first)
                break;
            continue;
        }
        found += (int)(first ? n * 10 : n % 10);
        if (!first)
            break;
        first = false;
    }
    return found;
}

static struct model_traits of_claude(struct str name)
{
    int age = generation(name);
    struct model_traits t = {.temperature = true,
        .most_temperature = 1,
        .max_tokens = true,
        .either_or = true};
    if (age >= 46)
        t.thinking = DATABRICKS_THINKING_ADAPTIVE;
    else if (age >= 37)
        t.thinking = DATABRICKS_THINKING_BUDGET;
    if (age >= 50)
        t.temperature = false;
    return t;
}

/* The reasoning models of OpenAI, which know no temperature. */
static struct model_traits of_gpt(struct str name)
{
    bool fixed = has_part(name, STR("chat"));
    struct model_traits t = {
        .temperature = fixed, .most_temperature = 2, .max_tokens = true};
    if (!fixed) {
        t.thinking = DATABRICKS_THINKING_EFFORT;
        t.least_effort =
            has_part(name, STR("gpt-5-")) && (has_part(name, STR("gpt-5-1")) ||
                                                 has_part(name, STR("gpt-5-2")))
                ? "none"
                : "minimal";
    }
    return t;
}

struct model_traits model_traits_of(
    enum databricks_task task, struct str endpoint)
{
    struct model_traits t = {
        .temperature = true, .most_temperature = 2, .max_tokens = true};
    if (task == DATABRICKS_TASK_AGENT)
        return (struct model_traits){.temperature = false};
    if (task == DATABRICKS_TASK_RESPONSES)
        return (struct model_traits){
            .max_tokens = true, .thinking = DATABRICKS_THINKING_EFFORT};
    if (has_part(endpoint, STR("claude")))
        return of_claude(endpoint);
    if (has_part(endpoint, STR("gpt-5")))
        return of_gpt(endpoint);
    if (has_part(endpoint, STR("gpt-oss")) || has_part(endpoint, STR("gemini")))
        t.thinking = DATABRICKS_THINKING_EFFORT;
    return t;
}

static const char *effort_word(
    const struct model_traits *traits, enum model_effort effort)
{
    switch (effort) {
    case MODEL_EFFORT_UNSET:
        return NULL;
    case MODEL_EFFORT_OFF:
        return traits->least_effort;
    case MODEL_EFFORT_LOW:
        return "low";
    case MODEL_EFFORT_MEDIUM:
        return "medium";
    case MODEL_EFFORT_HIGH:
        return "high";
    }
    return NULL;
}

static int64_t budget_of(enum model_effort effort)
{
    if (effort == MODEL_EFFORT_LOW)
        return 2048;
    return effort == MODEL_EFFORT_MEDIUM ? 8192 : 16384;
}

/* A budget stands within max_tokens and leaves half of it at least. */
static void apply_budget(
    enum model_effort effort, struct databricks_chat_request *r)
{
    int64_t budget = budget_of(effort);
    if (r->max_tokens == 0)
        r->max_tokens = budget + ROOM_TO_ANSWER;
    else if (budget > r->max_tokens / 2)
        budget = r->max_tokens / 2;
    if (budget < LEAST_BUDGET)
        return;
    r->thinking = DATABRICKS_THINKING_BUDGET;
    r->thinking_budget = budget;
}

static void apply_thinking(const struct model_traits *traits,
    enum model_effort effort, struct databricks_chat_request *r)
{
    const char *word = effort_word(traits, effort);
    if (word == NULL || traits->thinking == DATABRICKS_THINKING_UNSAID)
        return;
    if (traits->thinking == DATABRICKS_THINKING_BUDGET) {
        if (traits->max_tokens)
            apply_budget(effort, r);
        return;
    }
    r->thinking = traits->thinking;
    r->effort = word;
}

void model_traits_apply(const struct model_traits *traits,
    const struct model_wishes *wishes, struct databricks_chat_request *request)
{
    double most = traits->most_temperature;
    request->max_tokens = traits->max_tokens ? wishes->max_tokens : 0;
    apply_thinking(traits, wishes->effort, request);
    request->has_temperature =
        wishes->has_temperature && traits->temperature &&
        !(traits->either_or && request->thinking != DATABRICKS_THINKING_UNSAID);
    request->temperature =
        wishes->temperature > most ? most : wishes->temperature;
}
