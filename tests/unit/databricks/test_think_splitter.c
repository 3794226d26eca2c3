#include <string.h>

#include "base/buf.h"
#include "databricks/think_splitter.h"

#include "tap.h"

/* "r(...)" and "t(...)", neighbours of a kind joined. */
struct trace {
    struct buf text;
    char kind;
};

static void note(void *ctx, bool reasoning, struct str text)
{
    struct trace *t = ctx;
    CHECK(text.n > 0);
    char kind = reasoning ? 'r' : 't';
    if (t->kind != kind)
        buf_printf(&t->text, "%s%c(", t->kind ? ")" : "", kind);
    t->kind = kind;
    buf_append(&t->text, text);
}

static void split(const struct str *parts, size_t n, struct str want)
{
    struct trace t = {.kind = 0};
    buf_init(&t.text, 65536);
    struct think_splitter s;
    think_splitter_init(&s, note, &t);
    for (size_t i = 0; i < n; i++)
        think_splitter_feed(&s, parts[i]);
    think_splitter_finish(&s);
    if (t.kind)
        buf_append_char(&t.text, ')');
    CHECK_STR(buf_str(&t.text), want);
    buf_release(&t.text);
}

static const struct {
    const char *text;
    const char *want;
} cases[] = {
    {"plain", "t(plain)"},
    {"", ""},
    {" \n\n", ""},
    {"  indented", "t(  indented)"},
    {"<think>why</think>answer", "r(why)t(answer)"},
    {"\n <think>\nwhy\n</think>\n\nanswer\n", "r(\nwhy\n)t(answer\n)"},
    {"<think>a</think> <think>b</think>c", "r(ab)t(c)"},
    {"<think>never closed", "r(never closed)"},
    {"<think>a</thin", "r(a</thin)"},
    {"<think>a</ think></think>b", "r(a</ think>)t(b)"},
    {"<think>a<</think>b", "r(a<)t(b)"},
    {"<think></think>b", "t(b)"},
    {"<think>", ""},
    {"<thinker>", "t(<thinker>)"},
    {"<thin", "t(<thin)"},
    {"<", "t(<)"},
    {"a <think> b </think>", "t(a <think> b </think>)"},
    {"<think>\xE2\x82\xAC</think>\xC3\xA4", "r(\xE2\x82\xAC)t(\xC3\xA4)"},
    {"                                                                  x",
        "t(                                                                  "
        "x)"},
};

TEST(thinking_is_parted_at_every_split)
{
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
        struct str s = str_from_c(cases[c].text);
        struct str want = str_from_c(cases[c].want);
        split(&s, 1, want);
        for (size_t i = 0; i <= s.n; i++)
            for (size_t j = i; j <= s.n; j++) {
                struct str parts[] = {
                    str_sub(s, 0, i), str_sub(s, i, j - i), str_sub(s, j, s.n)};
                split(parts, 3, want);
            }
    }
}
