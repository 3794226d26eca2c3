#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "store/search_language.h"
#include "store/snippet.h"
#include "store/words.h"

#include "tap.h"

/* What a person types, and the piece of a text that is shown for it. */

static struct arena *arena;

/* The query as "word|"a phrase"|-not|pref*", or the sentence. */
static struct str parsed(const char *typed, struct store_search_query *ret)
{
    struct str error;
    struct str out = STR("");
    *ret = (struct store_search_query){0};
    if (search_language_parse(str_from_c(typed), arena, ret, &error) != RC_OK)
        return error;
    CHECK_INT(error.n, 0);
    for (size_t i = 0; i < ret->term_count; i++) {
        const struct store_term *t = &ret->terms[i];
        out = arena_printf(arena, "%.*s%s%s%.*s%s", STR_ARG(out),
            i > 0 ? "|" : "", t->excluded ? "-" : "", STR_ARG(t->text),
            t->prefix ? "*" : "");
    }
    return out;
}

static void check_parsed(const char *typed, const char *expected)
{
    struct store_search_query q;
    CHECK_STR(parsed(typed, &q), str_from_c(expected));
}

#define PARSED(typed, expected) check_parsed(typed, expected)

TEST(what_is_typed_becomes_terms)
{
    arena = arena_new();
    PARSED("one two", "one|two");
    PARSED("  one\t\xe3\x80\x80two\n", "one|two");
    PARSED("\"one two\" three", "one two|three");
    PARSED("\xe2\x80\x9cone two\xe2\x80\x9d three", "one two|three");
    PARSED("\"one  ,two", "one two");
    PARSED("on*", "on*");
    PARSED("\"one tw*\"", "one tw*");
    PARSED("\"one tw\"* x", "one tw*|x");
    PARSED("one -two -\"three four\" -fi*", "one|-two|-three four|-fi*");
    PARSED("foo-bar don't a.b_c", "foo bar|don t|a b c");
    PARSED("https://x.org/y?z=1", "https x org y z 1");
    PARSED("note: that:this", "note|that this");
    PARSED("one - ... ? ** two", "one|two");
    PARSED("AND OR NOT", "AND|OR|NOT");
    PARSED("cafe\xcc\x81 \xcc\x81", "cafe\xcc\x81");
    PARSED("\xe5\x8c\x97*", "\xe5\x8c\x97*");
    PARSED("one\xff\xfetwo", "one two");
    arena_free(arena);
}

TEST(filters_are_read)
{
    struct store_search_query q;
    arena = arena_new();
    parsed("x IN:Title", &q);
    CHECK(q.titles_only && !q.has_role && q.rating == STORE_RATING_NONE);
    parsed("x from:me rating:up", &q);
    CHECK(q.has_role && q.role == STORE_ROLE_USER);
    CHECK_INT(q.rating, STORE_RATING_UP);
    parsed("from:assistant x rating:down", &q);
    CHECK(q.has_role && q.role == STORE_ROLE_ASSISTANT);
    CHECK_INT(q.rating, STORE_RATING_DOWN);
    parsed("x after:2026-01-02 before:2026-01-04", &q);
    CHECK_INT(q.from_us, INT64_C(1767312000000000));
    CHECK_INT(q.until_us, INT64_C(1767484800000000));
    parsed("x before:1970-01-01", &q);
    CHECK(q.until_us < 0);
    parsed("x", &q);
    CHECK(q.from_us == 0 && q.until_us == 0);
    arena_free(arena);
}

TEST(what_cannot_be_searched_gets_a_sentence)
{
    static const char none[] = "Write at least one word to search for.";
    static const char not [] =
        "Write also a word that must be there, without a minus.";
    static const char day[] = "Write a day as in after:2026-01-31.";
    char many[128] = "", longer[SEARCH_MAX_TEXT + 2];
    arena = arena_new();
    PARSED("", none);
    PARSED(" \t ", none);
    PARSED("?! \"\" -", none);
    PARSED("rating:up", none);
    PARSED("-one", not );
    PARSED("-one -\"two\" from:me", not );
    PARSED("x after:2026-02-30", day);
    PARSED("x after:yesterday", day);
    PARSED("x after:2026-1-1", day);
    PARSED("x after:2026-01-01T10:00:00", day);
    PARSED("x after:", day);
    PARSED("x before:2026-13-01", "Write a day as in before:2026-01-31.");
    PARSED("x after:2026-01-02 before:2026-01-02",
        "The day of before: must be later than the one of after:.");
    PARSED("x from:you", "Write from:me or from:assistant.");
    PARSED("x rating:five", "Write rating:up or rating:down.");
    PARSED("x in:body", "Write in:title to search titles only.");
    PARSED("x -from:me", "Leave out the minus before from:.");
    PARSED("x from:me from:me", "Write only one from:.");
    PARSED("x in:title from:me",
        "A title has no author and no rating: leave out in:title, or from:"
        " and rating:.");
    PARSED("a*", "Write at least two letters before the star.");
    for (int i = 0; i <= STORE_MAX_TERMS; i++)
        memcpy(many + 2 * i, "x ", 3);
    PARSED(many, "Use at most 16 words and phrases.");
    many[2 * STORE_MAX_TERMS] = '\0';
    PARSED(many, "x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x");
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    PARSED(longer, "Write a shorter search: at most 1000 bytes.");
    arena_free(arena);
}

/* Matches of a snippet in brackets, "..." where it is cut. */
static struct str shown(const char *typed, struct str text)
{
    struct store_search_query q;
    char out[2048];
    size_t n = 0;
    parsed(typed, &q);
    struct store_snippet s = finder_snippet(finder_new(arena, &q), text, arena);
    n += (size_t)snprintf(out, 8, "%s", s.cut_before ? "..." : "");
    for (size_t i = 0, m = 0; i <= s.text.n; i++) {
        if (m < s.match_count && i == s.matches[m].end)
            out[n++] = ']', m++;
        if (m < s.match_count && i == s.matches[m].begin)
            out[n++] = '[';
        if (i < s.text.n)
            out[n++] = s.text.p[i];
    }
    n += (size_t)snprintf(out + n, 8, "%s", s.cut_after ? "..." : "");
    return arena_str(arena, (struct str){out, n});
}

TEST(matches_are_whole_words_unless_asked_otherwise)
{
    arena = arena_new();
    CHECK_STR(shown("cat", STR("concat cats cat CAT")),
        STR("concat cats [cat] [CAT]"));
    CHECK_STR(shown("ca*", STR("concat cats cat")), STR("concat [ca]ts [ca]t"));
    CHECK_STR(shown("\"a cat\"", STR("a, cat; a dog cat")),
        STR("[a, cat]; a dog cat"));
    CHECK_STR(shown("\"a cat\" a", STR("a cat a")), STR("[a cat] [a]"));
    CHECK_STR(shown("cat -dog", STR("dog cat")), STR("dog [cat]"));
    CHECK_STR(shown("none", STR("dog cat")), STR("dog cat"));
    CHECK_STR(shown("none", STR("")), STR(""));
    arena_free(arena);
}

TEST(a_cut_parts_no_character_and_no_mark)
{
    struct buf text;
    arena = arena_new();
    for (size_t before = 0; before < 130; before++) {
        buf_init(&text, 10000);
        for (size_t i = 0; i < before; i++)
            buf_append(&text, i % 3 == 0 ? STR("e\xcc\x81\xcc\xa3")
                                         : STR("\xf0\x9f\x91\xa9\xe2\x80\x8d"
                                               "\xf0\x9f\x91\xa7"));
        buf_append(&text, STR(" needle "));
        for (size_t i = 0; i < 100; i++)
            buf_append(&text, STR("o\xcc\x88"));
        struct str s = shown("needle", buf_str(&text));
        CHECK(utf8_valid(s));
        CHECK(str_contains(s, STR("[needle]")));
        if (str_starts_with(s, STR("..."))) {
            struct word_char c;
            CHECK(word_char_at(s, 3, &c) && !word_char_joins(&c));
            CHECK(c.code != 0x1f467);
        }
        CHECK(str_ends_with(s, STR("o\xcc\x88...")));
        buf_release(&text);
    }
    arena_free(arena);
}

TEST(a_heap_of_marks_is_cut)
{
    struct buf text;
    arena = arena_new();
    buf_init(&text, 100000);
    buf_append(&text, STR("e"));
    for (size_t i = 0; i < 40000; i++)
        buf_append(&text, STR("\xcc\x81"));
    struct str s = shown("e", buf_str(&text));
    CHECK(s.n < 400);
    CHECK(utf8_valid(s));
    buf_release(&text);
    arena_free(arena);
}

/* Whatever is typed and wherever it is looked for: sentences and bounds. */
TEST(random_bytes_do_no_harm)
{
    static const char *const bits[] = {"\"", "-", "*", ":", " ", "from:", "me",
        "in:title", "after:", "2026-01-01", "a", "b", "\xcc\x81",
        "\xe5\x8c\x97", "\xf0\x9f\x98\x80", "\xff", "\xc3", "ab", "\n"};
    arena = arena_new();
    for (int round = 0; round < 3000; round++) {
        char typed[256] = "";
        struct str error;
        char body[2048];
        size_t n = 0;
        struct store_search_query q = {0};
        for (size_t k = tap_random() % 20; k > 0; k--)
            n += (size_t)snprintf(typed + n, sizeof(typed) - n, "%s",
                bits[tap_random() % (sizeof(bits) / sizeof(*bits))]);
        if (tap_random() % 4 == 0 && n > 0)
            typed[tap_random() % n] = (char)(1 + tap_random() % 255);
        size_t length = tap_random() % sizeof(body);
        for (size_t i = 0; i < length; i++)
            body[i] = tap_random() % 3
                          ? "ab \xcc\x81\xe5\x8c\x97"[tap_random() % 8]
                          : (char)tap_random();
        enum rc rc =
            search_language_parse((struct str){typed, n}, arena, &q, &error);
        CHECK((rc == RC_OK) == (error.n == 0));
        if (rc != RC_OK)
            continue;
        struct finder *f = finder_new(arena, &q);
        struct str text = {body, utf8_valid_prefix((struct str){body, length})};
        finder_accepts(f, text);
        struct store_snippet s = finder_snippet(f, text, arena);
        CHECK(utf8_valid(s.text));
        for (size_t i = 0; i < s.match_count; i++) {
            CHECK(s.matches[i].begin < s.matches[i].end);
            CHECK(s.matches[i].end <= s.text.n);
            CHECK(i == 0 || s.matches[i].begin >= s.matches[i - 1].end);
            CHECK(utf8_valid(str_sub(s.text, 0, s.matches[i].begin)));
            CHECK(utf8_valid(str_sub(s.text, 0, s.matches[i].end)));
        }
        struct str raw = {body, length};
        finder_snippet(f, raw, arena);
    }
    arena_free(arena);
}
