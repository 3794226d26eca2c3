#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "emulator/hash.h"
#include "emulator/sections.h"
#include "emulator/text.h"
#include "emulator/words.h"

#include "tap.h"

static struct buf written(struct str question, uint64_t hash)
{
    struct emu_text_input in = {
        .question = question, .messages = 3, .hash = hash};
    struct buf out;
    buf_init(&out, EMU_TEXT_MAX);
    emu_text_write(&in, &out);
    CHECK(buf_ok(&out));
    return out;
}

static bool holds(const struct buf *text, const char *part)
{
    return str_contains(buf_str(text), str_from_c(part));
}

TEST(text_says_that_it_is_a_demo)
{
    static const char *const questions[] = {"", "hi", "short", "a long one",
        "please compare prices", "python", "\xe4\xbd\xa0\xe5\xa5\xbd"};
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
        struct buf text = written(str_from_c(questions[i]), tap_random());
        CHECK(holds(&text, "built-in demo"));
        CHECK(holds(&text, "not a") || holds(&text, "no language model"));
        CHECK(holds(&text, "3 messages"));
        buf_release(&text);
    }
}

TEST(text_is_the_same_for_the_same_input)
{
    struct str question = STR("What about quarterly revenue?");
    struct buf a = written(question, 7), b = written(question, 7);
    struct buf other = written(question, 8);
    CHECK_STR(buf_str(&a), buf_str(&b));
    CHECK(!str_eq(buf_str(&a), buf_str(&other)));
    CHECK(holds(&a, "*quarterly*") && holds(&a, "*revenue*"));
    buf_release(&a);
    buf_release(&b);
    buf_release(&other);
}

TEST(text_follows_the_wish)
{
    struct buf s = written(STR("In short: what is snow?"), 1);
    struct buf l = written(STR("A long text about snow"), 1);
    struct buf t = written(STR("Show a table of snow"), 1);
    struct buf c = written(STR("Some python for snow"), 1);
    struct buf q = written(STR("a sql query, a checklist, a quote"), 1);
    struct buf f = written(STR("a formula and a diagram"), 1);
    CHECK(s.n < 250 && str_find_char(buf_str(&s), '\n') == s.n);
    size_t length = utf8_count(buf_str(&l));
    CHECK(length >= 4000 && length < 6500);
    CHECK(holds(&t, "|:---"));
    CHECK(holds(&c, "```python\n"));
    CHECK(holds(&q, "```sql\n") && holds(&q, "- [x]") && holds(&q, "\n> "));
    CHECK(holds(&f, "$$\n\\mathbb{E}[C]") && holds(&f, "```mermaid\n"));
    struct buf *all[] = {&s, &l, &t, &c, &q, &f};
    for (size_t i = 0; i < 6; i++)
        buf_release(all[i]);
}

TEST(text_has_no_sign_of_a_template_left)
{
    for (int i = 0; i < 300; i++) {
        struct buf text = written(STR("a long outline for snow"), tap_random());
        CHECK(utf8_valid(buf_str(&text)));
        CHECK(!holds(&text, "$a") && !holds(&text, "$n"));
        CHECK(!holds(&text, "$s") && !holds(&text, "$1"));
        CHECK(!holds(&text, "\x01") && !holds(&text, "\x02"));
        buf_release(&text);
    }
}

TEST(every_section_is_wished_for_by_one_word)
{
    unsigned seen = 0;
    for (size_t i = 0; emu_section_at(i) != NULL; i++) {
        CHECK((emu_section_at(i)->wish & seen) == 0);
        seen |= emu_section_at(i)->wish;
    }
}

TEST(words_of_any_script_are_topics)
{
    struct emu_words w;
    emu_words_read(STR("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82, "
                       "Gr\xc3\xbc\xc3\x9f"
                       "e \xe2\x80\x94 snow* SNOW\xf0\x9f\x8e\x89 about|ice"),
        &w);
    CHECK_INT(w.topic_count, 3);
    CHECK_STR(w.topics[0], STR("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5"
                               "\xd1\x82"));
    CHECK_STR(w.topics[1], STR("Gr\xc3\xbc\xc3\x9f"
                               "e"));
    CHECK_STR(w.topics[2], STR("snow"));
}

TEST(words_of_random_text_stay_whole)
{
    static const char *const parts[] = {"a", " ", "\xc3\xa9", "\xe2\x80\x8f",
        "\xe4\xbd\xa0", "\xf0\x9f\x8e\x89", "zz", "\xf0\xa0\x80\x80", "-",
        "\xef\xb8\x8f"};
    for (int i = 0; i < 2000; i++) {
        char text[200];
        struct str s = {text, 0};
        for (int k = 0; k < 30; k++) {
            struct str part = str_from_c(parts[tap_random() % 10]);
            memcpy(text + s.n, part.p, part.n);
            s.n += part.n;
        }
        struct emu_words w;
        emu_words_read(s, &w);
        for (size_t k = 0; k < w.topic_count; k++)
            CHECK(utf8_valid(w.topics[k]) && w.topics[k].n <= EMU_TOPIC_BYTES);
    }
}

TEST(tokens_add_up_and_split_words)
{
    struct buf text = written(STR("emoji, a long text"), 5);
    struct str all = buf_str(&text);
    size_t pos = 0, inside = 0;
    while (pos < all.n) {
        size_t n = emu_text_token(all, pos, 99);
        CHECK(n > 0 && pos + n <= all.n);
        CHECK(utf8_valid(str_sub(all, pos, n)));
        inside += pos > 0 && all.p[pos] != ' ' && all.p[pos] != '\n';
        pos += n;
    }
    CHECK_INT(emu_text_token(all, all.n, 99), 0);
    CHECK(inside > 100);
    buf_release(&text);
}
