#include "base/json.h"
#include "base/utf8.h"

#include "exports/export.h"

/* Tool calls, notices, tables and sources, as Markdown. */

enum { MOST_PARTS = 1000, LEAST_FENCE = 3, SOURCE_BYTES = 120 };

/* ---- Text that is not ours ---- */

/* In HTML, on one line. */
static void put_html(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '<')
            buf_append(out, STR("&lt;"));
        else if (c == '>')
            buf_append(out, STR("&gt;"));
        else if (c == '&')
            buf_append(out, STR("&amp;"));
        else
            buf_append_char(out, c < ' ' ? ' ' : (char)c);
    }
}

/* On one line, without what would mean something in Markdown. */
static void put_plain(struct buf *out, struct str text)
{
    const struct str marks = STR("\\`*_[]<>|#&");
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (str_find_char(marks, (char)c) < marks.n)
            buf_append_char(out, '\\');
        buf_append_char(out, c < ' ' ? ' ' : (char)c);
    }
}

/* In a fence that is longer than any run of backticks inside. */
static void put_fenced(struct buf *out, const char *language, struct str text)
{
    size_t longest = 0, run = 0;
    if (text.n == 0)
        return;
    for (size_t i = 0; i < text.n; i++) {
        run = text.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    size_t fence = longest < LEAST_FENCE ? LEAST_FENCE : longest + 1;
    for (size_t i = 0; i < fence; i++)
        buf_append_char(out, '`');
    buf_printf(out, "%s\n", language);
    buf_append(out, text);
    buf_append_char(out, '\n');
    for (size_t i = 0; i < fence; i++)
        buf_append_char(out, '`');
    buf_append(out, STR("\n\n"));
}

void export_markdown_fold(struct buf *out, const char *what, struct str name)
{
    buf_printf(out, "<details><summary>%s%s", what, name.n > 0 ? ": " : "");
    put_html(out, name);
    buf_append(out, STR("</summary>\n\n"));
}

void export_markdown_fold_end(struct buf *out)
{
    while (out->n > 0 && out->p[out->n - 1] == '\n')
        out->n--;
    buf_append(out, STR("\n\n</details>\n\n"));
}

/* ---- Parts ---- */

static struct str language_of(struct str text)
{
    struct jv *root = NULL;
    bool json = jv_parse(text, NULL, &root) == RC_OK;
    jv_free(root);
    return json ? STR("json") : STR("");
}

static void put_tool(struct buf *out, const struct jv *part)
{
    struct str arguments = jv_get_str(part, "arguments");
    export_markdown_fold(out, "Tool", jv_get_str(part, "name"));
    put_fenced(out, language_of(arguments).p, arguments);
    put_fenced(out, "", jv_get_str(part, "output"));
    export_markdown_fold_end(out);
}

static void put_approval(struct buf *out, const struct jv *part)
{
    struct str answer = jv_get_str(part, "answer");
    buf_append(out, STR("> Asked to use "));
    put_plain(out, jv_get_str(part, "name"));
    buf_append(out, STR(": "));
    put_plain(out, answer.n > 0 ? answer : STR("not answered"));
    buf_append(out, STR("\n\n"));
}

static void put_notice(struct buf *out, const struct jv *part)
{
    buf_append(out, STR("> "));
    put_plain(out, jv_get_str(part, "text"));
    buf_append(out, STR("\n\n"));
}

static void put_cell(struct buf *out, const struct jv *cell)
{
    struct str text = STR("");
    (void)jv_string(cell, &text);
    buf_append(out, STR("| "));
    put_plain(out, text);
    if (text.n > 0)
        buf_append_char(out, ' ');
}

static void put_table(struct buf *out, const struct jv *part)
{
    const struct jv *columns = jv_get(part, "columns");
    const struct jv *rows = jv_get(part, "rows");
    size_t width = jv_count(columns);
    if (width == 0)
        return;
    for (size_t k = 0; k < width; k++)
        put_cell(out, jv_get(jv_at(columns, k), "name"));
    buf_append(out, STR("|\n"));
    for (size_t k = 0; k < width; k++)
        buf_append(out, STR("|---"));
    buf_append(out, STR("|\n"));
    for (size_t i = 0; i < jv_count(rows); i++) {
        for (size_t k = 0; k < width; k++)
            put_cell(out, jv_at(jv_at(rows, i), k));
        buf_append(out, STR("|\n"));
    }
    buf_append_char(out, '\n');
}

static void put_genie(struct buf *out, const struct jv *part)
{
    struct str sql = jv_get_str(part, "sql");
    if (sql.n > 0) {
        export_markdown_fold(out, "Query", jv_get_str(part, "title"));
        put_fenced(out, "sql", sql);
        export_markdown_fold_end(out);
    }
    put_table(out, part);
}

static void put_part(struct buf *out, const struct jv *part)
{
    static const struct {
        const char *kind;
        void (*put)(struct buf *out, const struct jv *part);
    } kinds[] = {{"tool", put_tool}, {"approval", put_approval},
        {"notice", put_notice}, {"genie", put_genie}};
    struct str kind = jv_get_str(part, "kind");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (str_eq(kind, str_from_c(kinds[i].kind)))
            kinds[i].put(out, part);
}

/* Whether a part of the same id comes later, which then stands instead. */
static bool comes_again(struct jv *const *parts, size_t i, size_t count)
{
    struct str id = jv_get_str(parts[i], "id");
    for (size_t k = i + 1; id.n > 0 && k < count; k++)
        if (str_eq(jv_get_str(parts[k], "id"), id))
            return true;
    return false;
}

void export_markdown_parts(struct buf *out, struct str lines)
{
    struct jv *parts[MOST_PARTS];
    size_t count = 0;
    while (lines.n > 0 && count < MOST_PARTS) {
        struct str line;
        str_cut(lines, '\n', &line, &lines);
        if (line.n > 0 && jv_parse(line, NULL, &parts[count]) == RC_OK)
            count++;
    }
    for (size_t i = 0; i < count; i++)
        if (!comes_again(parts, i, count))
            put_part(out, parts[i]);
    for (size_t i = 0; i < count; i++)
        jv_free(parts[i]);
}

/* ---- Sources ---- */

/* An address between < and >; what would end it is coded. */
static void put_address(struct buf *out, struct str url)
{
    buf_append(out, STR("(<"));
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c <= ' ' || c == '<' || c == '>' || c == '\\' || c == 0x7f)
            buf_printf(out, "%%%02X", c);
        else
            buf_append_char(out, (char)c);
    }
    buf_append(out, STR(">)"));
}

static struct str first_of(
    const struct jv *object, const char *const *keys, size_t count)
{
    struct str found = {0};
    for (size_t i = 0; i < count && found.n == 0; i++)
        found = jv_get_str(object, keys[i]);
    return found;
}

/* Only pages of the web are linked. */
static void put_source(struct buf *out, const struct jv *source)
{
    static const char *const names[] = {"title", "name", "source", "doc_uri"};
    static const char *const places[] = {"url", "doc_uri", "source"};
    const struct jv *metadata = jv_get(source, "metadata");
    struct str name = first_of(metadata, names, 4);
    struct str url = first_of(metadata, places, 3);
    bool web = str_starts_with(url, STR("https://")) ||
               str_starts_with(url, STR("http://"));
    if (name.n == 0)
        name = web ? url : str_trim(jv_get_str(source, "page_content"));
    if (web)
        buf_append_char(out, '[');
    put_plain(out, utf8_truncate(name, SOURCE_BYTES));
    if (web) {
        buf_append_char(out, ']');
        put_address(out, url);
    }
}

void export_markdown_sources(struct buf *out, struct str json)
{
    struct jv *list = NULL;
    if (json.n == 0 || jv_parse(json, NULL, &list) != RC_OK)
        return;
    bool any = jv_type(list) == JV_ARRAY && jv_count(list) > 0;
    if (any)
        buf_append(out, STR("\n### Sources\n\n"));
    for (size_t i = 0; any && i < jv_count(list); i++) {
        buf_printf(out, "%zu. ", i + 1);
        put_source(out, jv_at(list, i));
        buf_append_char(out, '\n');
    }
    jv_free(list);
}
