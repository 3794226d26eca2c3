#include <string.h>

#include "options_int.h"

enum { WIDTH = 79 };

/* Appends words, breaking lines at WIDTH; each new line gets the prefix. */
static void put_wrapped(struct buf *out, struct str text, const char *prefix)
{
    size_t begin = strlen(prefix), column = begin;
    buf_append(out, str_from_c(prefix));
    for (struct str word, rest = text; rest.n > 0;) {
        str_cut(rest, ' ', &word, &rest);
        if (column > begin && column + 1 + word.n > WIDTH) {
            buf_printf(out, "\n%s", prefix);
            column = begin;
        } else if (column > begin) {
            buf_append_char(out, ' ');
            column++;
        }
        buf_append(out, word);
        column += word.n;
    }
    buf_append_char(out, '\n');
}

/* The default as a person reads it. */
static void put_default(const struct app_option *o, struct buf *out)
{
    if (o->fallback == NULL)
        buf_append(out, STR("not set"));
    else
        buf_append(out, str_from_c(o->fallback));
    if (o->note != NULL)
        buf_printf(out, " (%s)", o->note);
}

/* The variables besides the one people should use. */
static void put_other_variables(const struct app_option *o, struct buf *out)
{
    const char *lead = " Also ";
    for (int k = 0; k < OPTION_ENV_MAX && o->env[k] != NULL; k++) {
        if (strcmp(o->env[k], o->name) == 0)
            continue;
        buf_printf(out, "%s%s", lead, o->env[k]);
        lead = ", ";
    }
    if (lead[0] == ',')
        buf_append_char(out, '.');
}

static void help_of(const struct app_option *o, struct buf *out)
{
    struct buf text;
    buf_init(&text, 4096);
    if (o->flag == NULL)
        buf_printf(out, "  (no flag)");
    else if (o->type == OPTION_BOOLEAN)
        buf_printf(out, "  --%s, --no-%s", o->flag, o->flag);
    else
        buf_printf(out, "  --%s %s", o->flag, option_metavar(o));
    buf_printf(out, "   %s\n", o->name);
    buf_printf(&text, "%s Takes ", o->help);
    option_allowed(o, &text);
    buf_append(&text, STR(". Default: "));
    put_default(o, &text);
    buf_append_char(&text, '.');
    put_other_variables(o, &text);
    put_wrapped(out, buf_str(&text), "      ");
    buf_release(&text);
}

void app_options_help(struct buf *out)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || table[i].section != table[i - 1].section)
            buf_printf(out, "\n%s\n", option_section_title(table[i].section));
        help_of(&table[i], out);
    }
}

/* ---- docs/configuration.md ---- */

/* Text of a table cell: a bar would end it. */
static void put_cell(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|')
            buf_append_char(out, '\\');
        buf_append_char(out, text.p[i]);
    }
}

static void markdown_row(const struct app_option *o, struct buf *out)
{
    struct buf cell;
    buf_init(&cell, 4096);
    buf_append(out, STR("| "));
    for (int k = 0; k < OPTION_ENV_MAX && o->env[k] != NULL; k++)
        buf_printf(out, "%s`%s`", k > 0 ? ", " : "", o->env[k]);
    if (o->flag == NULL)
        buf_append(out, STR(" | none | "));
    else if (o->type == OPTION_BOOLEAN)
        buf_printf(out, " | `--%s`, `--no-%s` | ", o->flag, o->flag);
    else
        buf_printf(out, " | `--%s` | ", o->flag);
    if (o->fallback != NULL)
        buf_printf(&cell, "`%s`", o->fallback);
    if (o->note != NULL)
        buf_printf(&cell, "; %s", o->note);
    put_cell(out, buf_str(&cell));
    buf_append(out, STR(" | "));
    buf_clear(&cell);
    option_allowed(o, &cell);
    put_cell(out, buf_str(&cell));
    buf_append(out, STR(" | "));
    put_cell(out, str_from_c(o->help));
    buf_append(out, STR(" |\n"));
    buf_release(&cell);
}

void app_options_markdown(struct buf *out)
{
    static const char intro[] =
        "<!-- Printed by the program from its option table; bring it up to "
        "date with\n     tools/check_options.py --write -->\n"
        "# Configuration\n\n"
        "A value is taken from the flag, else from the environment, else "
        "from the file\n`.env` in the working folder, else from the default. "
        "A variable that is set but\nempty counts as not set. Where a row "
        "names several variables the first one set\nwins. A flag that is "
        "not known, or a value that is not understood, stops the\nstart "
        "with a sentence that says what is allowed (exit code 2); variables "
        "of the\nenvironment that are not known are ignored, those in "
        "`.env` are warned about.\n\n"
        "Where credentials of several kinds are there, "
        "[ways-in.md](ways-in.md) says which\nare used.\n\n"
        "Flags are written `--port 9000` or `--port=9000`. Durations have a "
        "unit: `250ms`,\n`30s`, `5m`, `12h`, `30d`. Sizes may have one: "
        "`65536`, `64KiB`, `1MiB`, `1MB`.\nSecrets have no flag, because "
        "other users of a machine can see flags.\n\n"
        "`databricks-chatbot print-config` shows every value and where it "
        "came from,\nwith secrets masked; `databricks-chatbot check-config` "
        "tests them without\nstarting.\n";
    size_t count;
    const struct app_option *table = option_table(&count);
    buf_append(out, str_from_c(intro));
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || table[i].section != table[i - 1].section)
            buf_printf(out,
                "\n## %s\n\n"
                "| Variable | Flag | Default | Takes | Meaning |\n"
                "|---|---|---|---|---|\n",
                option_section_title(table[i].section));
        markdown_row(&table[i], out);
    }
}

/* ---- .env.example ---- */

/* A value in the form that the .env reader takes. */
static void put_env_value(struct buf *out, struct str text)
{
    bool quote = false;
    for (size_t i = 0; i < text.n; i++)
        quote = quote || strchr(" #'\"\\|", text.p[i]) != NULL;
    if (quote)
        buf_append_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("\"\\", text.p[i]) != NULL)
            buf_append_char(out, '\\');
        buf_append_char(out, text.p[i]);
    }
    if (quote)
        buf_append_char(out, '"');
}

void app_options_env_example(struct buf *out)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    buf_append(out,
        STR("# Copy to .env and take the # away where you want another value "
            "than the\n# default. Printed by the program from its option "
            "table; bring it up to date\n# with tools/check_options.py "
            "--write. All about it: docs/configuration.md\n"));
    for (size_t i = 0; i < count; i++) {
        const struct app_option *o = &table[i];
        if (i == 0 || o->section != table[i - 1].section)
            buf_printf(
                out, "\n# ==== %s ====\n", option_section_title(o->section));
        if (o->offset == offsetof(struct app_config, env_file))
            continue; /* has no effect inside such a file */
        buf_append_char(out, '\n');
        put_wrapped(out, str_from_c(o->help), "# ");
        buf_printf(out, "#%s=", o->name);
        put_env_value(out, str_from_c(o->fallback));
        buf_append_char(out, '\n');
    }
}

/* ---- print-config ---- */

static void put_source(const struct app_setting *s, struct buf *out)
{
    switch (s->source) {
    case SETTING_DEFAULT:
        buf_append(out, STR("default"));
        break;
    case SETTING_PROFILE:
        buf_printf(out, "profile %s", s->via);
        break;
    case SETTING_DOTENV:
        buf_printf(out, ".env file, line %d: %s", s->line, s->via);
        break;
    case SETTING_ENVIRONMENT:
        buf_printf(out, "environment: %s", s->via);
        break;
    case SETTING_FLAG:
        buf_printf(out, "flag: --%s", s->via);
        break;
    }
}

/* A value on one line: line breaks of texts are shown as \n. */
static void put_line(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\n')
            buf_append(out, STR("\\n"));
        else if ((unsigned char)c >= ' ')
            buf_append_char(out, c);
    }
}

void app_config_print(const struct app_config *c, struct buf *out)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    struct buf value;
    buf_init(&value, 256 * 1024);
    for (size_t i = 0; i < count; i++) {
        const struct app_option *o = &table[i];
        if (i == 0 || o->section != table[i - 1].section)
            buf_printf(out, "%s# %s\n", i == 0 ? "" : "\n",
                option_section_title(o->section));
        buf_clear(&value);
        option_format(o, option_value(c, o), &value);
        buf_printf(out, "%s=", o->name);
        put_line(out, buf_str(&value));
        buf_append(out, STR("  # "));
        put_source(&c->settings_[i], out);
        buf_append_char(out, '\n');
    }
    buf_release(&value);
}
