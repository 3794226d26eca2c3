#include "base/buf.h"
#include "base/utf8.h"

#include "api/title_text.h"

enum { LINE_MAX = 4096 };

/* Bytes of the character at the beginning of s, which is valid UTF-8. */
static size_t character(struct str s)
{
    unsigned char lead = (unsigned char)s.p[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return n < s.n ? n : s.n;
}

enum kind { SHOWN, SPACE, HIDDEN };

/*
 * What becomes of a character. Hidden are those that turn the direction of
 * writing or have no width; the two joiners of words and emoji stay.
 */
static enum kind kind_of(struct str c)
{
    static const char *const hidden[] = {"\u200b", "\u200e", "\u200f", "\u202a",
        "\u202b", "\u202c", "\u202d", "\u202e", "\u2060", "\u2066", "\u2067",
        "\u2068", "\u2069", "\ufeff"};
    unsigned char lead = (unsigned char)c.p[0];
    if (c.n == 1)
        return lead <= 0x20 || lead == 0x7f ? SPACE : SHOWN;
    if (c.n == 2 && lead == 0xc2 && (unsigned char)c.p[1] <= 0xa0)
        return SPACE;
    if (str_eq(c, STR("\u2028")) || str_eq(c, STR("\u2029")) ||
        str_eq(c, STR("\u3000")))
        return SPACE;
    for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
        if (str_eq(c, str_from_c(hidden[i])))
            return HIDDEN;
    return SHOWN;
}

/* Words with one blank between them. */
static void tidy(struct str line, struct buf *out)
{
    bool blank = false;
    while (line.n > 0) {
        struct str c = str_sub(line, 0, character(line));
        enum kind kind = kind_of(c);
        line = str_sub(line, c.n, line.n);
        blank |= kind == SPACE;
        if (kind != SHOWN)
            continue;
        if (blank && out->n > 0)
            buf_append_char(out, ' ');
        blank = false;
        buf_append(out, c);
    }
}

static struct str without(struct arena *arena, struct str s, struct str mark)
{
    struct buf out;
    buf_init(&out, LINE_MAX);
    for (size_t at; s.n > 0; s = str_sub(s, at + mark.n, s.n)) {
        at = str_find(s, mark);
        buf_append(&out, str_sub(s, 0, at));
    }
    struct str kept = arena_str(arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

/* Without the marks of a heading, a quotation, an item of a list. */
static struct str without_lead(struct str s)
{
    for (;;) {
        size_t n = 0;
        while (n < s.n && s.p[n] == '#')
            n++;
        if (n == 0 && s.n > 0 &&
            (s.p[0] == '>' || s.p[0] == '-' || s.p[0] == '*' || s.p[0] == '+'))
            n = 1;
        if (n == 0 || n >= s.n || s.p[n] != ' ')
            return s;
        s = str_trim(str_sub(s, n, s.n));
    }
}

/* At most so many characters, the last word whole where that is possible. */
static struct str cut(struct arena *arena, struct str s, size_t most)
{
    size_t end = 0, word = 0;
    for (size_t i = 0; i < most && end < s.n; i++) {
        if (s.p[end] == ' ')
            word = end;
        end += character(str_sub(s, end, s.n));
    }
    if (end == s.n)
        return s;
    if (s.p[end] != ' ' && word >= end / 2)
        end = word;
    return arena_printf(
        arena, "%.*s\u2026", STR_ARG(str_trim(str_sub(s, 0, end))));
}

/* The first line with something in it that is no fence of code. */
static struct str first_line(struct arena *arena, struct str text)
{
    while (text.n > 0) {
        struct str line;
        struct buf out;
        str_cut(text, '\n', &line, &text);
        buf_init(&out, LINE_MAX);
        tidy(utf8_truncate(line, LINE_MAX / 2), &out);
        struct str kept = arena_str(arena, without_lead(buf_str(&out)));
        buf_release(&out);
        if (kept.n > 0 && !str_starts_with(kept, STR("```")) &&
            !str_starts_with(kept, STR("~~~")) && !str_eq(kept, STR("---")))
            return kept;
    }
    return (struct str){0};
}

static struct str valid(struct str s)
{
    return str_sub(s, 0, utf8_valid_prefix(s));
}

struct str title_of_question(struct arena *arena, struct str question)
{
    struct str line = first_line(arena, valid(question));
    line = str_trim(without(arena, line, STR("`")));
    return cut(arena, line, TITLE_QUESTION_CHARACTERS);
}

/* Takes a pair of quotation marks or the like away from around s. */
static bool unquote(struct str *s)
{
    static const struct {
        const char *open, *close;
    } pairs[] = {
        {"\"", "\""},
        {"'", "'"},
        {"*", "*"},
        {"_", "_"},
        {"\u201c", "\u201d"},
        {"\u201e", "\u201c"},
        {"\u2018", "\u2019"},
        {"\u00ab", "\u00bb"},
        {"\u300c", "\u300d"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        struct str open = str_from_c(pairs[i].open);
        struct str close = str_from_c(pairs[i].close);
        if (s->n <= open.n + close.n || !str_starts_with(*s, open) ||
            !str_ends_with(*s, close))
            continue;
        *s = str_trim(str_sub(*s, open.n, s->n - open.n - close.n));
        return true;
    }
    return false;
}

/* "Title: Beans" is what some models say. */
static struct str without_label(struct str s)
{
    const struct str label = STR("title:");
    if (s.n > label.n && str_eq_nocase(str_sub(s, 0, label.n), label))
        return str_trim(str_sub(s, label.n, s.n));
    return s;
}

struct str title_of_said(struct arena *arena, struct str said)
{
    struct str s = first_line(arena, valid(said));
    s = without(arena, without(arena, s, STR("`")), STR("**"));
    s = without_label(without_lead(str_trim(s)));
    while (unquote(&s))
        ;
    if (str_ends_with(s, STR(".")) && !str_ends_with(s, STR("..")))
        s.n--;
    return cut(arena, str_trim(s), TITLE_SAID_CHARACTERS);
}
