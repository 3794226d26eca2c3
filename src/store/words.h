#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Text as search sees it, character by character: words are runs of letters,
 * digits and the marks on them; everything else stands between words. Two
 * characters are the same when they fold to the same number: case and the
 * accents of Latin letters do not count. That is what the index of either
 * database does (SQLite's unicode61, PostgreSQL's search_words()).
 */
enum word_class {
    WORD_BETWEEN,
    WORD_BLANK, /* between too, and white space */
    WORD_LETTER,
    WORD_WIDE, /* of a script that puts no spaces between words */
};

struct word_char {
    size_t begin, end; /* bytes in the text */
    uint32_t folded;   /* 0: a mark that adds nothing */
    uint32_t code;     /* U+FFFD for a byte that is not UTF-8 */
    enum word_class class;
};

/* The character that begins at byte `at`; false at the end. */
bool word_char_at(struct str text, size_t at, struct word_char *ret);

/* True when it must not be parted from the one before: a mark, a joiner. */
bool word_char_joins(const struct word_char *c);

static inline bool word_char_in_word(const struct word_char *c)
{
    return c->class == WORD_LETTER || c->class == WORD_WIDE;
}

/* True when text has a character of the class. */
bool words_have(struct str text, enum word_class class);

#endif
