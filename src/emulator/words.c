#include <stdbool.h>

#include "base/utf8.h"

#include "emulator/words.h"

/* Words looked at; a question may be as long as a request. */
enum { MAX_WORDS = 400, MIN_TOPIC_BYTES = 4 };

static const struct {
    const char *word;
    unsigned wish;
} wishes[] = {
    {"short", EMU_WISH_SHORT},
    {"shortly", EMU_WISH_SHORT},
    {"brief", EMU_WISH_SHORT},
    {"briefly", EMU_WISH_SHORT},
    {"long", EMU_WISH_LONG},
    {"essay", EMU_WISH_LONG},
    {"detailed", EMU_WISH_LONG},
    {"hi", EMU_WISH_HELLO},
    {"hello", EMU_WISH_HELLO},
    {"hey", EMU_WISH_HELLO},
    {"table", EMU_WISH_TABLE},
    {"tables", EMU_WISH_TABLE},
    {"compare", EMU_WISH_TABLE},
    {"list", EMU_WISH_LIST},
    {"steps", EMU_WISH_LIST},
    {"ideas", EMU_WISH_LIST},
    {"task", EMU_WISH_TASKS},
    {"tasks", EMU_WISH_TASKS},
    {"todo", EMU_WISH_TASKS},
    {"checklist", EMU_WISH_TASKS},
    {"plan", EMU_WISH_TASKS},
    {"quote", EMU_WISH_QUOTE},
    {"emoji", EMU_WISH_SCRIPTS},
    {"unicode", EMU_WISH_SCRIPTS},
    {"languages", EMU_WISH_SCRIPTS},
    {"translate", EMU_WISH_SCRIPTS},
    {"link", EMU_WISH_LINKS},
    {"links", EMU_WISH_LINKS},
    {"sources", EMU_WISH_LINKS},
    {"footnote", EMU_WISH_LINKS},
    {"footnotes", EMU_WISH_LINKS},
    {"heading", EMU_WISH_HEADINGS},
    {"headings", EMU_WISH_HEADINGS},
    {"outline", EMU_WISH_HEADINGS},
    {"formula", EMU_WISH_FORMULA},
    {"formulas", EMU_WISH_FORMULA},
    {"equation", EMU_WISH_FORMULA},
    {"math", EMU_WISH_FORMULA},
    {"mathematics", EMU_WISH_FORMULA},
    {"diagram", EMU_WISH_DIAGRAM},
    {"flowchart", EMU_WISH_DIAGRAM},
    {"mermaid", EMU_WISH_DIAGRAM},
    {"code", EMU_WISH_CODE},
    {"program", EMU_WISH_CODE},
    {"function", EMU_WISH_CODE},
    {"script", EMU_WISH_CODE},
    {"python", EMU_WISH_PYTHON},
    {"sql", EMU_WISH_SQL},
    {"query", EMU_WISH_SQL},
    {"c", EMU_WISH_C},
    {"typescript", EMU_WISH_TYPESCRIPT},
    {"javascript", EMU_WISH_TYPESCRIPT},
    {"react", EMU_WISH_TYPESCRIPT},
    {"bash", EMU_WISH_SHELL},
    {"shell", EMU_WISH_SHELL},
};

/* Words that are never a topic. */
static const char *const common[] = {"about", "above", "after", "again", "also",
    "answer", "been", "before", "being", "between", "both", "could", "does",
    "down", "during", "each", "every", "explain", "find", "from", "give",
    "have", "here", "http", "https", "into", "just", "know", "like", "make",
    "many", "message", "more", "most", "much", "must", "need", "only", "other",
    "over", "please", "said", "same", "send", "should", "show", "some", "such",
    "sure", "take", "tell", "than", "thank", "thanks", "that", "their", "them",
    "then", "there", "these", "they", "thing", "think", "this", "those",
    "through", "under", "until", "very", "want", "well", "were", "what", "when",
    "where", "which", "while", "with", "word", "words", "would", "write",
    "your"};

/* Punctuation, symbols and emoji beyond ASCII: they end a word, too. */
static bool symbol_at(struct str s, size_t i)
{
    unsigned char a = (unsigned char)s.p[i];
    unsigned char b = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
    return a == 0xc2 || a == 0xe2 || (a == 0xe3 && b == 0x80) ||
           (a == 0xef && b >= 0xb8) || (a == 0xf0 && b == 0x9f);
}

static bool in_word(struct str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i];
    if (c >= 0x80)
        return !symbol_at(s, i);
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Where the character behind the one at i begins. */
static size_t after_char(struct str s, size_t i)
{
    do
        i++;
    while (i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80);
    return i;
}

/* The next word at or after *pos; empty at the end. */
static struct str next_word(struct str s, size_t *pos)
{
    size_t i = *pos;
    while (i < s.n && !in_word(s, i))
        i = after_char(s, i);
    size_t from = i;
    while (i < s.n && in_word(s, i))
        i = after_char(s, i);
    *pos = i;
    return str_sub(s, from, i - from);
}

static unsigned wish_of(struct str word)
{
    for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
        if (str_eq_nocase(word, str_from_c(wishes[i].word)))
            return wishes[i].wish;
    return 0;
}

static bool is_common(struct str word)
{
    for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
        if (str_eq_nocase(word, str_from_c(common[i])))
            return true;
    return false;
}

static void add_topic(struct emu_words *w, struct str word)
{
    word = utf8_truncate(word, EMU_TOPIC_BYTES);
    if (w->topic_count == EMU_TOPICS || word.n < MIN_TOPIC_BYTES ||
        is_common(word))
        return;
    for (size_t i = 0; i < w->topic_count; i++)
        if (str_eq_nocase(w->topics[i], word))
            return;
    w->topics[w->topic_count++] = word;
}

void emu_words_read(struct str question, struct emu_words *ret)
{
    *ret = (struct emu_words){0};
    size_t pos = 0;
    for (int i = 0; i < MAX_WORDS; i++) {
        struct str word = next_word(question, &pos);
        if (word.n == 0)
            break;
        unsigned wish = wish_of(word);
        ret->wishes |= wish;
        if (wish == 0)
            add_topic(ret, word);
    }
}
