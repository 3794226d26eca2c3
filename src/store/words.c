#include <utf8proc.h>

#include "store/words.h"

/* Scripts that are written without spaces, or (Hangul) glue endings on. */
static const struct {
    uint32_t first, last;
} wide[] = {
    {0x0e00, 0x0eff},   /* Thai, Lao */
    {0x1000, 0x109f},   /* Myanmar */
    {0x1100, 0x11ff},   /* Hangul */
    {0x1780, 0x17ff},   /* Khmer */
    {0x2e80, 0x2fdf},   /* radicals */
    {0x3005, 0x3007},   /* marks of iteration */
    {0x3021, 0x30ff},   /* numerals, Hiragana, Katakana */
    {0x3100, 0x31ff},   /* Bopomofo, Hangul, Katakana */
    {0x3400, 0x9fff},   /* Han */
    {0xa960, 0xa97f},   /* Hangul */
    {0xac00, 0xd7ff},   /* Hangul */
    {0xf900, 0xfaff},   /* Han */
    {0xff66, 0xffdc},   /* halfwidth forms */
    {0x1b000, 0x1b16f}, /* Kana */
    {0x20000, 0x3ffff}, /* Han */
};

static bool is_wide(uint32_t code)
{
    for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
        if (code < wide[i].first)
            return false;
        if (code <= wide[i].last)
            return true;
    }
    return false;
}

static enum word_class class_of(uint32_t code)
{
    switch ((int)utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return is_wide(code) ? WORD_WIDE : WORD_LETTER;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return WORD_BLANK;
    default:
        return WORD_BETWEEN;
    }
}

/* Lower case without the accents of a Latin letter. */
static uint32_t fold(uint32_t code)
{
    utf8proc_int32_t parts[8] = {0};
    int boundary = UTF8PROC_BOUNDCLASS_START;
    if (code >= 0x300 && code <= 0x36f) /* a mark on the letter before */
        return 0;
    utf8proc_int32_t lower = utf8proc_tolower((utf8proc_int32_t)code);
    if (lower == 0x3c2) /* a sigma at the end of a word */
        return 0x3c3;
    utf8proc_ssize_t n =
        utf8proc_decompose_char(lower, parts, 8, UTF8PROC_DECOMPOSE, &boundary);
    bool latin = n > 0 && parts[0] >= 'a' && parts[0] <= 'z';
    return (uint32_t)(latin ? parts[0] : lower);
}

static void classify_ascii(unsigned char c, struct word_char *ret)
{
    bool upper = c >= 'A' && c <= 'Z';
    bool part = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    ret->code = c;
    ret->folded = upper ? (uint32_t)(c + 32) : c;
    ret->class = part ? WORD_LETTER : blank ? WORD_BLANK : WORD_BETWEEN;
}

bool word_char_at(struct str text, size_t at, struct word_char *ret)
{
    utf8proc_int32_t code = -1;
    if (at >= text.n)
        return false;
    *ret = (struct word_char){.begin = at, .end = at + 1};
    unsigned char first = (unsigned char)text.p[at];
    if (first < 0x80) {
        classify_ascii(first, ret);
        return true;
    }
    utf8proc_ssize_t left =
        text.n - at > 4 ? 4 : (utf8proc_ssize_t)text.n - (utf8proc_ssize_t)at;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text.p + at, left, &code);
    if (n <= 0) {
        ret->code = ret->folded = 0xfffd;
        return true;
    }
    ret->end = at + (size_t)n;
    ret->code = (uint32_t)code;
    ret->folded = fold(ret->code);
    ret->class = class_of(ret->code);
    return true;
}

bool word_char_joins(const struct word_char *c)
{
    int category = (int)utf8proc_category((utf8proc_int32_t)c->code);
    bool mark = category == UTF8PROC_CATEGORY_MN ||
                category == UTF8PROC_CATEGORY_MC ||
                category == UTF8PROC_CATEGORY_ME;
    bool skin = c->code >= 0x1f3fb && c->code <= 0x1f3ff;
    bool tag = c->code >= 0xe0020 && c->code <= 0xe007f;
    return mark || skin || tag || c->code == 0x200d;
}

bool words_have(struct str text, enum word_class class)
{
    struct word_char c;
    for (size_t at = 0; word_char_at(text, at, &c); at = c.end) {
        if (c.class == class)
            return true;
    }
    return false;
}
