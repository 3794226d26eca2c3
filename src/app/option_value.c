#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

#include "options_int.h"

struct unit {
    const char *name;
    int64_t factor;
    bool written; /* option_format uses it */
};

/* Smallest first. Milliseconds. */
static const struct unit durations[] = {
    {"ms", 1, true},
    {"s", 1000, true},
    {"m", 60000, true},
    {"h", 3600000, true},
    {"d", 86400000, true},
    {NULL, 0, false},
};

/* Smallest first. Decimal units are read but never written. */
static const struct unit sizes[] = {
    {"", 1, false},
    {"B", 1, true},
    {"KB", 1000, false},
    {"KiB", 1024, true},
    {"MB", 1000000, false},
    {"MiB", 1048576, true},
    {"GB", 1000000000, false},
    {"GiB", 1073741824, true},
    {NULL, 0, false},
};

/* Largest unit that divides the value, so that it reads back exactly. */
static void format_units(
    const struct unit *units, int64_t value, struct buf *out)
{
    const struct unit *best = &units[1]; /* "0s", "0B" */
    for (const struct unit *u = units; value != 0 && u->name != NULL; u++)
        if (u->written && (u == units || value % u->factor == 0))
            best = u;
    buf_printf(out, "%" PRId64 "%s", value / best->factor, best->name);
}

static enum rc parse_units(const struct unit *units, struct str text,
    int64_t min, int64_t max, int64_t *ret)
{
    size_t digits = 0;
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    struct str number = str_sub(text, 0, digits);
    struct str name = str_trim(str_sub(text, digits, text.n));
    for (const struct unit *u = units; u->name != NULL; u++) {
        if (!str_eq_nocase(name, str_from_c(u->name)))
            continue;
        int64_t value;
        enum rc rc = num_parse_i64(number, 0, INT64_MAX / u->factor, &value);
        if (rc != RC_OK)
            return rc;
        value *= u->factor;
        if (value < min || value > max)
            return RC_TOO_LARGE;
        *ret = value;
        return RC_OK;
    }
    return RC_INVALID;
}

/* The value as it may be shown: one line, cut, nothing that moves a cursor. */
static void show(const struct app_option *o, struct str text, struct buf *out)
{
    enum { SHOWN = 60 };
    if (o->type == OPTION_SECRET || o->hide_value) {
        buf_append(out, STR("the value"));
        return;
    }
    struct str cut = utf8_truncate(text, SHOWN);
    if (!utf8_valid(cut))
        cut = str_sub(text, 0, utf8_valid_prefix(cut));
    buf_append_char(out, '"');
    for (size_t i = 0; i < cut.n; i++)
        buf_append_char(out,
            (unsigned char)cut.p[i] < ' ' || cut.p[i] == 127 ? '?' : cut.p[i]);
    buf_append(out, cut.n < text.n ? STR("...\"") : STR("\""));
}

static enum rc complain(const struct app_option *o, struct str text,
    const char *what, struct buf *problem)
{
    show(o, text, problem);
    buf_printf(problem, " %s; allowed: ", what);
    option_allowed(o, problem);
    return RC_INVALID;
}

static enum rc complain_number(const struct app_option *o, struct str text,
    enum rc rc, struct buf *problem)
{
    const char *what = "is not a whole number";
    if (rc == RC_TOO_LARGE)
        what = "is out of range";
    else if (o->type == OPTION_DURATION)
        what = "is not a duration";
    else if (o->type == OPTION_BYTES)
        what = "is not a size";
    return complain(o, text, what, problem);
}

static enum rc parse_number(const struct app_option *o, struct str text,
    int64_t *member, struct buf *problem)
{
    enum rc rc;
    if (o->type == OPTION_INTEGER)
        rc = num_parse_i64(text, o->min, o->max, member);
    else
        rc = parse_units(o->type == OPTION_DURATION ? durations : sizes, text,
            o->min, o->max, member);
    return rc == RC_OK ? rc : complain_number(o, text, rc, problem);
}

static enum rc parse_boolean(const struct app_option *o, struct str text,
    bool *member, struct buf *problem)
{
    static const char *const words[][2] = {
        {"false", "true"}, {"0", "1"}, {"no", "yes"}, {"off", "on"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        for (int value = 0; value < 2; value++) {
            if (!str_eq_nocase(text, str_from_c(words[i][value])))
                continue;
            *member = value == 1;
            return RC_OK;
        }
    }
    return complain(o, text, "is neither true nor false", problem);
}

static enum rc parse_enum(const struct app_option *o, struct str text,
    int *member, struct buf *problem)
{
    for (int i = 0; o->choices[i] != NULL; i++) {
        if (str_eq_nocase(text, str_from_c(o->choices[i]))) {
            *member = i;
            return RC_OK;
        }
    }
    return complain(o, text, "is not one of the choices", problem);
}

static bool has_control(struct str text, bool lines)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool line = c == '\n' || c == '\t' || c == '\r';
        if (c == 127 || (c < ' ' && !(lines && line)))
            return true;
    }
    return false;
}

/* Secrets travel in HTTP headers. */
static bool is_visible_ascii(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    return true;
}

/* What is wrong with a text or an item of a list, or NULL. */
static const char *text_fault(const struct app_option *o, struct str text)
{
    if (!utf8_valid(text))
        return "is not valid UTF-8";
    if (has_control(text, o->lines))
        return "holds a control character";
    if (o->type == OPTION_SECRET && !is_visible_ascii(text))
        return "holds a space or a character outside ASCII";
    if (o->check != NULL && text.n > 0 && o->check(text) != NULL)
        return "is not understood";
    return NULL;
}

/* A text, checked but not copied. */
static enum rc check_text(
    const struct app_option *o, struct str text, struct buf *problem)
{
    const char *fault = text_fault(o, text);
    if (fault == NULL && (int64_t)text.n < o->min)
        fault = text.n == 0 ? "is empty" : "is too short";
    if (fault == NULL && (int64_t)text.n > o->max)
        fault = "is too long";
    return fault == NULL ? RC_OK : complain(o, text, fault, problem);
}

static enum rc parse_list(const struct app_option *o, struct str text,
    struct arena *arena, struct app_list *member, struct buf *problem)
{
    struct str *items =
        arena_alloc(arena, ((size_t)o->max + 1) * sizeof(*items));
    size_t count = 0;
    for (struct str item, rest = text; rest.n > 0;) {
        str_cut(rest, o->separator, &item, &rest);
        item = str_trim(item);
        if (item.n == 0)
            continue;
        const char *fault = text_fault(o, item);
        if (item.n > OPTION_ITEM_BYTES)
            fault = "is too long";
        if (fault != NULL)
            return complain(o, item, fault, problem);
        if (count == (size_t)o->max)
            return complain(o, text, "holds too many", problem);
        items[count++] = arena_str(arena, item);
    }
    if ((int64_t)count < o->min)
        return complain(o, text, "holds too few", problem);
    *member = (struct app_list){items, count};
    return RC_OK;
}

static enum rc parse_string(const struct app_option *o, struct str text,
    struct arena *arena, struct str *member, struct buf *problem)
{
    enum rc rc = check_text(o, text, problem);
    if (rc == RC_OK)
        *member = arena_str(arena, text);
    return rc;
}

static enum rc parse_secret(const struct app_option *o, struct str text,
    struct secret *member, struct buf *problem)
{
    enum rc rc = check_text(o, text, problem);
    if (rc == RC_OK)
        secret_set(member, text);
    return rc;
}

enum rc option_parse(const struct app_option *o, struct str text,
    struct arena *arena, void *member, struct buf *problem)
{
    if (o->type != OPTION_STRING || !o->lines)
        text = str_trim(text);
    switch (o->type) {
    case OPTION_STRING:
        return parse_string(o, text, arena, member, problem);
    case OPTION_SECRET:
        return parse_secret(o, text, member, problem);
    case OPTION_INTEGER:
    case OPTION_DURATION:
    case OPTION_BYTES:
        return parse_number(o, text, member, problem);
    case OPTION_BOOLEAN:
        return parse_boolean(o, text, member, problem);
    case OPTION_ENUM:
        return parse_enum(o, text, member, problem);
    case OPTION_LIST:
        return parse_list(o, text, arena, member, problem);
    }
    return RC_INTERNAL;
}

static void format_list(
    const struct app_option *o, const struct app_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            buf_append_char(out, o->separator);
        buf_append(out, list->items[i]);
    }
}

void option_put_address(struct str url, struct buf *out)
{
    size_t begin = str_find(url, STR("://"));
    if (begin == url.n) {
        buf_append(out, url);
        return;
    }
    begin += 3;
    struct str rest = str_sub(url, begin, url.n);
    struct str place = str_sub(rest, 0, str_find_char(rest, '?'));
    size_t at = place.n; /* the last one: a password may hold others */
    while (at > 0 && place.p[at - 1] != '@')
        at--;
    struct str user = str_sub(place, 0, at);
    size_t colon = str_find_char(user, ':');
    buf_append(out, str_sub(url, 0, begin));
    buf_append(out, str_sub(user, 0, colon));
    if (colon < user.n)
        buf_append(out, STR(":********@"));
    buf_append(out, str_sub(place, at, place.n));
    if (place.n < rest.n)
        buf_append(out, STR("?..."));
}

void option_format(
    const struct app_option *o, const void *member, struct buf *out)
{
    switch (o->type) {
    case OPTION_STRING:
        if (o->hide_value)
            option_put_address(*(const struct str *)member, out);
        else
            buf_append(out, *(const struct str *)member);
        break;
    case OPTION_SECRET:
        if (!secret_empty(member))
            buf_append(out, STR("********"));
        break;
    case OPTION_INTEGER:
        buf_printf(out, "%" PRId64, *(const int64_t *)member);
        break;
    case OPTION_DURATION:
        format_units(durations, *(const int64_t *)member, out);
        break;
    case OPTION_BYTES:
        format_units(sizes, *(const int64_t *)member, out);
        break;
    case OPTION_BOOLEAN:
        buf_append(out, *(const bool *)member ? STR("true") : STR("false"));
        break;
    case OPTION_ENUM:
        buf_append(out, str_from_c(o->choices[*(const int *)member]));
        break;
    case OPTION_LIST:
        format_list(o, member, out);
        break;
    }
}

static void allowed_units(
    const struct app_option *o, const struct unit *units, struct buf *out)
{
    format_units(units, o->min, out);
    buf_append(out, STR(" to "));
    format_units(units, o->max, out);
}

static void allowed_choices(const struct app_option *o, struct buf *out)
{
    for (int i = 0; o->choices[i] != NULL; i++) {
        if (i > 0)
            buf_append(
                out, o->choices[i + 1] == NULL ? STR(" or ") : STR(", "));
        buf_append(out, str_from_c(o->choices[i]));
    }
}

static void allowed_text(const struct app_option *o, struct buf *out)
{
    if (o->check != NULL)
        buf_append(out, str_from_c(o->check((struct str){0})));
    else if (o->type == OPTION_SECRET)
        buf_append(out, STR("visible ASCII characters"));
    else
        buf_append(out, o->lines ? STR("text") : STR("one line of text"));
    if (o->min > 1)
        buf_printf(out, ", at least %" PRId64 " bytes", o->min);
    buf_printf(out, ", at most %" PRId64 " bytes", o->max);
}

void option_allowed(const struct app_option *o, struct buf *out)
{
    switch (o->type) {
    case OPTION_STRING:
    case OPTION_SECRET:
        allowed_text(o, out);
        break;
    case OPTION_INTEGER:
        buf_printf(out, "%" PRId64 " to %" PRId64, o->min, o->max);
        break;
    case OPTION_DURATION:
        allowed_units(o, durations, out);
        break;
    case OPTION_BYTES:
        allowed_units(o, sizes, out);
        break;
    case OPTION_BOOLEAN:
        buf_append(out, STR("true or false"));
        break;
    case OPTION_ENUM:
        allowed_choices(o, out);
        break;
    case OPTION_LIST:
        buf_printf(out, "up to %" PRId64 " values separated by \"%c\"", o->max,
            o->separator);
        if (o->check != NULL)
            buf_printf(out, ", each %s", o->check((struct str){0}));
        break;
    }
}

const char *option_metavar(const struct app_option *o)
{
    static const char *const names[] = {
        [OPTION_STRING] = "TEXT",
        [OPTION_SECRET] = "SECRET",
        [OPTION_INTEGER] = "NUMBER",
        [OPTION_DURATION] = "DURATION",
        [OPTION_BYTES] = "SIZE",
        [OPTION_BOOLEAN] = "BOOL",
        [OPTION_ENUM] = "CHOICE",
        [OPTION_LIST] = "LIST",
    };
    return names[o->type];
}
