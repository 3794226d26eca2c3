#include <string.h>

#include "base/utf8.h"

#include "api/title_text.h"

#include "tap.h"

struct row {
    const char *text, *title;
};

static void check(struct str make(struct arena *, struct str),
    const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new();
        CHECK_STR(
            make(arena, str_from_c(rows[i].text)), str_from_c(rows[i].title));
        arena_free(arena);
    }
}

TEST(a_question_names_a_chat_by_its_first_line)
{
    static const struct row rows[] = {
        {"What is DHB?", "What is DHB?"},
        {"\n\n  Plans \t for\u00a0May  \nand June", "Plans for May"},
        {"## Why `free()`?", "Why free()?"},
        {"> - quoted", "quoted"},
        {"#hashtag stays", "#hashtag stays"},
        {"2**3 = ?", "2**3 = ?"},
        {"```python\nprint(1)\n```", "print(1)"},
        {"---\n***", "***"},
        {"", ""},
        {" \n\t\n", ""},
        {"\u202eevil\u2066 \u200bname\ufeff", "evil name"},
        {"one two three four five six seven eight nine ten eleven twelve end",
            "one two three four five six seven eight nine ten eleven…"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"},
    };
    check(title_of_question, rows, sizeof(rows) / sizeof(*rows));
}

TEST(what_a_model_says_becomes_a_plain_line)
{
    static const struct row rows[] = {
        {"Housing risk", "Housing risk"},
        {"\"Housing risk.\"", "Housing risk"},
        {"**Title:** Housing risk", "Housing risk"},
        {"# \u201eMieten in K\u00f6ln\u201c\n\nI chose it because",
            "Mieten in K\u00f6ln"},
        {"*_\u00abLoyers\u00bb_*", "Loyers"},
        {"What now?", "What now?"},
        {"To be continued...", "To be continued..."},
        {"\x01\x02", ""},
        {"\"\"", "\"\""},
        {"line\u2028separator", "line separator"},
        {"snake_case `name`", "snake_case name"},
    };
    check(title_of_said, rows, sizeof(rows) / sizeof(*rows));
}

/* Whatever comes in, what goes out can be shown in one line. */
TEST(no_text_makes_a_title_that_is_none)
{
    static const char *const pieces[] = {"\n", " ", "\"", "*", "`", "#", "a",
        "\u00e9", "\u202e", "\U0001f600", "\xff", "\xe2\x80", "\x1b",
        "title:", "</question>", "\u2028", "\u3000", "word", "..", "\u201c"};
    char text[3000];
    for (int round = 0; round < 20000; round++) {
        struct arena *arena = arena_new();
        size_t n = 0, count = tap_random() % 100;
        for (size_t i = 0; i < count; i++) {
            const char *piece =
                pieces[tap_random() % (sizeof(pieces) / sizeof(*pieces))];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        struct str given = {text, n};
        struct str titles[] = {
            title_of_question(arena, given), title_of_said(arena, given)};
        for (size_t i = 0; i < 2; i++) {
            struct str t = titles[i];
            CHECK(utf8_valid(t) && t.n <= TITLE_MAX_BYTES);
            CHECK(utf8_count(t) <= TITLE_SAID_CHARACTERS + 1);
            CHECK(str_eq(t, str_trim(t)));
            for (size_t k = 0; k < t.n; k++)
                CHECK((unsigned char)t.p[k] >= 0x20 && t.p[k] != 0x7f);
            CHECK(!str_contains(t, STR("\u202e")));
        }
        arena_free(arena);
    }
}
