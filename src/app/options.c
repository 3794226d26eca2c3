#include <inttypes.h>
#include <string.h>

#include "base/mem.h"

#include "dotenv.h"
#include "options_int.h"

enum { WARNINGS_MAX = 64, NAME_MAX_BYTES = 64, SIMILAR_EDITS = 3 };

/* What a load is made of. */
struct loading {
    struct app_config config;
    struct buf *problem;
    struct dotenv dotenv;
    const char *dotenv_path;
    struct str *warnings;
};

void *option_member(struct app_config *c, const struct app_option *o)
{
    return (char *)c + o->offset;
}

const void *option_value(const struct app_config *c, const struct app_option *o)
{
    return (const char *)c + o->offset;
}

const struct app_setting *option_setting(
    const struct app_config *c, const void *member)
{
    return option_setting_of(c, member);
}

struct app_setting *option_setting_of(
    const struct app_config *c, const void *member)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++)
        if (option_value(c, &table[i]) == member)
            return &c->settings_[i];
    return NULL;
}

int option_by_flag(struct str flag)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].flag != NULL && str_eq(flag, str_from_c(table[i].flag)))
            return (int)i;
    return -1;
}

int option_by_env(struct str name)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < OPTION_ENV_MAX && table[i].env[k] != NULL; k++)
            if (str_eq(name, str_from_c(table[i].env[k])))
                return (int)i;
    return -1;
}

/* Edits between two names (Levenshtein), both at most NAME_MAX_BYTES. */
static size_t distance(struct str a, struct str b)
{
    size_t row[NAME_MAX_BYTES + 1];
    for (size_t k = 0; k <= b.n; k++)
        row[k] = k;
    for (size_t i = 0; i < a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.n; k++) {
            size_t best = diagonal + (a.p[i] != b.p[k]);
            diagonal = row[k + 1];
            if (row[k] + 1 < best)
                best = row[k] + 1;
            if (diagonal + 1 < best)
                best = diagonal + 1;
            row[k + 1] = best;
        }
    }
    return row[b.n];
}

/* Keeps candidate when it is nearer than what was found before. */
static void nearer(
    struct str wanted, const char *candidate, size_t *edits, const char **ret)
{
    struct str c = str_from_c(candidate);
    if (c.n == 0 || c.n > NAME_MAX_BYTES || wanted.n > NAME_MAX_BYTES)
        return;
    size_t d = distance(wanted, c);
    if (d < *edits && d <= c.n / 3 + 1) {
        *edits = d;
        *ret = candidate;
    }
}

const char *option_similar_flag(struct str flag)
{
    size_t count, edits = SIMILAR_EDITS + 1;
    const struct app_option *table = option_table(&count);
    const char *found = NULL;
    for (size_t i = 0; i < count; i++)
        nearer(flag, table[i].flag, &edits, &found);
    return found;
}

const char *option_similar_env(struct str name)
{
    size_t count, edits = SIMILAR_EDITS + 1;
    const struct app_option *table = option_table(&count);
    const char *found = NULL;
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < OPTION_ENV_MAX; k++)
            nearer(name, table[i].env[k], &edits, &found);
    return found;
}

/* Sets an option; the problem begins with where the value stands. */
static enum rc set(
    struct loading *l, int index, struct str text, struct app_setting setting)
{
    size_t count;
    const struct app_option *o = &option_table(&count)[index];
    struct buf problem;
    buf_init(&problem, 1024);
    enum rc rc = option_parse(
        o, text, l->config.arena_, option_member(&l->config, o), &problem);
    if (rc == RC_OK) {
        l->config.settings_[index] = setting;
    } else {
        if (setting.source == SETTING_FLAG)
            buf_printf(l->problem, "--%s: ", setting.via);
        else if (setting.source == SETTING_DOTENV)
            buf_printf(l->problem, "%s line %d: %s: ", l->dotenv_path,
                setting.line, setting.via);
        else
            buf_printf(l->problem, "%s: ", setting.via);
        buf_append(l->problem, buf_str(&problem));
    }
    buf_release(&problem);
    return rc;
}

static bool is_set(const struct loading *l, size_t index)
{
    return l->config.settings_[index].source != SETTING_DEFAULT;
}

void option_warn(struct app_config *c, struct str text)
{
    if (c->warnings.count == WARNINGS_MAX)
        return;
    struct str *items =
        arena_alloc(c->arena_, (c->warnings.count + 1) * sizeof(*items));
    if (c->warnings.count > 0)
        memcpy(items, c->warnings.items, c->warnings.count * sizeof(*items));
    items[c->warnings.count] = arena_str(c->arena_, text);
    c->warnings = (struct app_list){items, c->warnings.count + 1};
}

/* ---- Flags ---- */

/* Says that a flag is not known, and what may have been meant. */
static enum rc refuse_flag(struct loading *l, struct str name)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    if (name.n > NAME_MAX_BYTES)
        name.n = NAME_MAX_BYTES;
    char upper[NAME_MAX_BYTES + 1] = {0};
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        upper[i] = c == '-' ? '_' : (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    int index = option_by_env(str_from_c(upper));
    if (index >= 0 && table[index].flag == NULL) {
        buf_printf(l->problem,
            "--%.*s: not a flag, because other users of the machine can see "
            "flags; set %s in the environment or in .env",
            STR_ARG(name), table[index].name);
        return RC_INVALID;
    }
    const char *similar =
        index >= 0 ? table[index].flag : option_similar_flag(name);
    buf_printf(l->problem, "--%.*s: unknown flag", STR_ARG(name));
    if (similar != NULL)
        buf_printf(l->problem, "; did you mean --%s?", similar);
    else
        buf_append(l->problem, STR("; --help lists all"));
    return RC_INVALID;
}

/* Index of the boolean that "no-NAME" switches off, or -1. */
static int negated_flag(struct str name)
{
    size_t count;
    if (!str_starts_with(name, STR("no-")))
        return -1;
    int index = option_by_flag(str_sub(name, 3, name.n));
    if (index >= 0 && option_table(&count)[index].type != OPTION_BOOLEAN)
        return -1;
    return index;
}

/* One flag at argv[*at]; moves *at to the last argument it took. */
static enum rc read_flag(
    struct loading *l, int argc, char *const *argv, int *at)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    struct str argument = str_from_c(argv[*at]);
    if (!str_starts_with(argument, STR("--"))) {
        buf_printf(l->problem,
            "unexpected argument \"%.*s\"; flags begin "
            "with --",
            STR_ARG(str_sub(argument, 0, NAME_MAX_BYTES)));
        return RC_INVALID;
    }
    struct str name, value;
    bool given = str_cut(str_sub(argument, 2, argument.n), '=', &name, &value);
    int index = option_by_flag(name);
    bool negated = index < 0 && !given;
    if (negated)
        index = negated_flag(name);
    if (index < 0)
        return refuse_flag(l, name);
    const struct app_option *o = &table[index];
    struct app_setting setting = {SETTING_FLAG, o->flag, 0};
    if (!given && o->type == OPTION_BOOLEAN) {
        value = negated ? STR("false") : STR("true");
    } else if (!given) {
        if (*at + 1 == argc || strncmp(argv[*at + 1], "--", 2) == 0) {
            buf_printf(l->problem, "--%s: needs a value; allowed: ", o->flag);
            option_allowed(o, l->problem);
            return RC_INVALID;
        }
        value = str_from_c(argv[++*at]);
    }
    return set(l, index, value, setting);
}

static enum rc read_flags(struct loading *l, int argc, char *const *argv)
{
    for (int i = 0; i < argc; i++) {
        enum rc rc = read_flag(l, argc, argv, &i);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* ---- Environment, .env, defaults ---- */

/* The value of a variable, empty when it is not set. */
static struct str env_get(char *const *env, const char *name)
{
    size_t n = strlen(name);
    for (; env != NULL && *env != NULL; env++)
        if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
            return str_from_c(*env + n + 1);
    return (struct str){0};
}

/* Strongest variable first; an empty one counts as not set. */
static enum rc read_environment(struct loading *l, char *const *env)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < OPTION_ENV_MAX && !is_set(l, i); k++) {
            const char *name = table[i].env[k];
            struct str value = {0};
            if (name != NULL)
                value = str_trim(env_get(env, name));
            if (value.n == 0)
                continue;
            enum rc rc = set(l, (int)i, value,
                (struct app_setting){SETTING_ENVIRONMENT, name, 0});
            if (rc != RC_OK)
                return rc;
        }
    }
    return RC_OK;
}

static enum rc apply_dotenv(struct loading *l)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < OPTION_ENV_MAX && !is_set(l, i); k++) {
            const struct dotenv_entry *e =
                table[i].env[k] == NULL
                    ? NULL
                    : dotenv_get(&l->dotenv, table[i].env[k]);
            if (e == NULL || str_trim(e->value).n == 0)
                continue;
            enum rc rc = set(l, (int)i, e->value,
                (struct app_setting){SETTING_DOTENV, table[i].env[k], e->line});
            if (rc != RC_OK)
                return rc;
        }
    }
    return RC_OK;
}

static void warn_unknown_keys(struct loading *l)
{
    for (size_t i = 0; i < l->dotenv.count; i++) {
        const struct dotenv_entry *e = &l->dotenv.entries[i];
        if (option_by_env(e->key) >= 0)
            continue;
        struct str key = str_sub(e->key, 0, NAME_MAX_BYTES);
        const char *similar = option_similar_env(key);
        option_warn(&l->config,
            arena_printf(l->config.arena_,
                "%s line %d: %.*s is not known and has no effect%s%s%s",
                l->dotenv_path, e->line, STR_ARG(key),
                similar == NULL ? "" : "; did you mean ",
                similar == NULL ? "" : similar, similar == NULL ? "" : "?"));
    }
}

/* The file that ENV_FILE names must be there, the usual one may be. */
static enum rc read_dotenv(struct loading *l, const char *usual)
{
    struct app_config *c = &l->config;
    bool named = option_setting(c, &c->env_file)->source != SETTING_DEFAULT;
    if (named && c->env_file.n == 0)
        return RC_OK;
    l->dotenv_path = named ? arena_c_str(c->arena_, c->env_file) : usual;
    if (l->dotenv_path == NULL)
        return RC_OK;
    struct buf problem;
    buf_init(&problem, 1024);
    enum rc rc = dotenv_read(l->dotenv_path, &l->dotenv, &problem);
    if (rc == RC_NOT_FOUND && named)
        buf_append(&problem, STR("there is no such file"));
    else if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    if (rc != RC_OK)
        buf_printf(l->problem, "%s: %s", l->dotenv_path, buf_c_str(&problem));
    buf_release(&problem);
    if (rc != RC_OK)
        return RC_INVALID;
    warn_unknown_keys(l);
    return apply_dotenv(l);
}

static enum rc set_defaults(struct loading *l)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_set(l, i) || table[i].fallback == NULL)
            continue;
        enum rc rc = set(l, (int)i, str_from_c(table[i].fallback),
            (struct app_setting){SETTING_DEFAULT, table[i].name, 0});
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

enum rc app_config_load(int argc, char *const *argv, char *const *env,
    const char *dotenv, struct app_config *ret, struct buf *problem)
{
    size_t count;
    option_table(&count);
    struct loading l = {.problem = problem};
    l.config.arena_ = arena_new();
    l.config.settings_ =
        arena_alloc(l.config.arena_, count * sizeof(*l.config.settings_));
    l.config.home_ = arena_str(l.config.arena_, env_get(env, "HOME"));
    enum rc rc = read_flags(&l, argc, argv);
    if (rc == RC_OK)
        rc = read_environment(&l, env);
    if (rc == RC_OK)
        rc = read_dotenv(&l, dotenv);
    if (rc == RC_OK)
        rc = set_defaults(&l);
    if (rc == RC_OK)
        rc = option_derive(&l.config, problem);
    dotenv_release(&l.dotenv);
    if (rc == RC_OK)
        *ret = l.config;
    else
        app_config_release(&l.config);
    return rc;
}

void app_config_release(struct app_config *c)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].type == OPTION_SECRET)
            secret_release(option_member(c, &table[i]));
    arena_free(c->arena_);
    *c = (struct app_config){0};
}
