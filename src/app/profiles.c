#include <stddef.h>

#include "base/crypto.h"
#include "base/mem.h"

#include "profiles.h"
#include "small_file.h"

#define SETTINGS STR("__settings__")

/* The keys that say something to us. */
static const struct {
    struct str key;
    size_t offset;
} members[] = {
    {{"host", 4}, offsetof(struct profile, host)},
    {{"token", 5}, offsetof(struct profile, token)},
    {{"client_id", 9}, offsetof(struct profile, client_id)},
    {{"client_secret", 13}, offsetof(struct profile, client_secret)},
    {{"auth_type", 9}, offsetof(struct profile, auth_type)},
};

/* Where the lines go that are read. */
struct reading {
    struct profiles *to;
    struct profile *section; /* NULL: none has begun, or the settings */
    bool settings;
};

static bool begins_comment(char c)
{
    return c == '#' || c == ';';
}

/* A value without its comment and its quotes. */
static struct str value_of(struct str text)
{
    text = str_trim(text);
    char quote = text.n > 0 ? text.p[0] : ' ';
    if (quote == '"' || quote == '\'') {
        struct str inner = str_sub(text, 1, text.n);
        size_t end = str_find_char(inner, quote);
        if (end < inner.n)
            return str_sub(inner, 0, end);
    }
    if (text.n > 0 && begins_comment(text.p[0]))
        return STR("");
    for (size_t i = 1; i < text.n; i++)
        if (begins_comment(text.p[i]) &&
            (text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
            return str_trim(str_sub(text, 0, i));
    return text;
}

static struct profile *find(const struct profiles *p, struct str name)
{
    for (size_t i = 0; i < p->count; i++)
        if (str_eq(p->list[i].name, name))
            return &p->list[i];
    return NULL;
}

/* NULL, or what is wrong with the line that opens a section. */
static const char *open_section(struct reading *r, struct str line)
{
    size_t end = str_find_char(line, ']');
    struct str rest = str_trim(str_sub(line, end + 1, line.n));
    struct str name = str_trim(str_sub(line, 1, end > 0 ? end - 1 : 0));
    if (end == line.n || (rest.n > 0 && !begins_comment(rest.p[0])))
        return "a section is its name in brackets";
    if (name.n == 0)
        return "a section without a name";
    r->settings = str_eq(name, SETTINGS);
    r->section = r->settings ? NULL : find(r->to, name);
    if (r->settings || r->section != NULL)
        return NULL;
    if (r->to->count == PROFILES_MAX)
        return "too many sections";
    r->section = &r->to->list[r->to->count++];
    *r->section = (struct profile){.name = name};
    return NULL;
}

static const char *take_value(struct reading *r, struct str line)
{
    size_t at = str_find_char(line, '='), colon = str_find_char(line, ':');
    if (colon < at)
        at = colon;
    struct str key = str_trim(str_sub(line, 0, at));
    if (at == line.n || key.n == 0)
        return "expected key = value";
    if (r->section == NULL && !r->settings)
        return "a value before the first section";
    struct str value = value_of(str_sub(line, at + 1, line.n));
    if (r->settings && str_eq_nocase(key, STR("default_profile")))
        r->to->chosen = value;
    for (size_t i = 0; r->section && i < sizeof(members) / sizeof(*members);
         i++)
        if (str_eq_nocase(key, members[i].key))
            *(struct str *)(void *)((char *)r->section + members[i].offset) =
                value;
    return NULL;
}

static const char *read_line(struct reading *r, struct str line)
{
    line = str_trim(line);
    if (line.n == 0 || begins_comment(line.p[0]))
        return NULL;
    return line.p[0] == '[' ? open_section(r, line) : take_value(r, line);
}

static enum rc read_lines(struct profiles *p, struct buf *problem)
{
    struct reading r = {.to = p};
    struct str rest = {p->text, p->n}, line;
    if (str_starts_with(rest, STR("\xEF\xBB\xBF")))
        rest = str_sub(rest, 3, rest.n);
    for (int number = 1; rest.n > 0; number++) {
        str_cut(rest, '\n', &line, &rest);
        const char *wrong = read_line(&r, line);
        if (wrong != NULL) {
            buf_printf(problem, "line %d: %s", number, wrong);
            return RC_INVALID;
        }
    }
    return RC_OK;
}

enum rc profiles_parse(
    struct str text, struct profiles *ret, struct buf *problem)
{
    if (text.n > PROFILES_MAX_BYTES) {
        buf_append(problem, STR("is too large"));
        return RC_INVALID;
    }
    struct profiles p = {.text = mem_dup_str(text), .n = text.n};
    p.list = mem_zalloc(PROFILES_MAX * sizeof(*p.list));
    enum rc rc = read_lines(&p, problem);
    if (rc == RC_OK)
        *ret = p;
    else
        profiles_release(&p);
    return rc;
}

enum rc profiles_read(
    const char *path, struct profiles *ret, struct buf *problem)
{
    struct buf text;
    buf_init(&text, PROFILES_MAX_BYTES + 8192);
    enum rc rc = small_file_read(path, &text, problem);
    if (rc == RC_OK || rc == RC_TOO_LARGE)
        rc = profiles_parse(buf_str(&text), ret, problem);
    crypto_wipe(text.p, text.cap);
    buf_release(&text);
    return rc;
}

void profiles_release(struct profiles *p)
{
    crypto_wipe(p->text, p->n);
    mem_free(p->text);
    mem_free(p->list);
    *p = (struct profiles){0};
}

const struct profile *profiles_get(const struct profiles *p, struct str name)
{
    return find(p, name);
}

const struct profile *profiles_default(const struct profiles *p)
{
    if (p->chosen.n > 0)
        return find(p, p->chosen);
    const struct profile *d = find(p, STR("DEFAULT"));
    return d != NULL && d->host.n + d->token.n + d->client_id.n > 0 ? d : NULL;
}

void profiles_put_names(const struct profiles *p, struct buf *out)
{
    for (size_t i = 0; i < p->count; i++)
        buf_printf(out, "%s%.*s", i > 0 ? ", " : "",
            STR_ARG(str_sub(p->list[i].name, 0, 64)));
    if (p->count == 0)
        buf_append(out, STR("none"));
}
