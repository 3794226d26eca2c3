#include <endian.h>
#include <string.h>

#include "base/utf8.h"

#include "databricks/chunk_scanner.h"

/* Digits of a number that fits an int64_t whatever they are. */
enum { DIGITS_MAX = 15 };

struct scan {
    const char *p;
    const char *end;
    struct buf *scratch;
    struct chunk chunk;
};

/* What a member's value must be, for each key that we know. */
typedef bool value_fn(struct scan *s, void *to);

struct member {
    struct str key;
    value_fn *value;
    size_t to; /* offset in struct chunk of what value fills */
};

static void skip_space(struct scan *s)
{
    while (s->p < s->end &&
           (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

/* c with white space around it. */
static bool take(struct scan *s, char c)
{
    skip_space(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    skip_space(s);
    return true;
}

static bool take_word(struct scan *s, struct str word)
{
    if ((size_t)(s->end - s->p) < word.n || memcmp(s->p, word.p, word.n) != 0)
        return false;
    s->p += word.n;
    return true;
}

/*
 * Eight bytes at a time, the first one lowest. A byte of what these give has
 * its high bit set where the byte is meant, and only there up to the first.
 */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define BELOW(eight, byte) (((eight)-EACH(byte)) & ~(eight))
#define EQUAL(eight, byte) BELOW((eight) ^ EACH(byte), 1)

/* Where a string's text stops: a quote, a backslash, a control character. */
static uint64_t stops(uint64_t eight)
{
    return EQUAL(eight, '"') | EQUAL(eight, '\\') | BELOW(eight, ' ');
}

/* The same, and all that is not ASCII. */
static uint64_t not_plain(uint64_t eight)
{
    return stops(eight) | EQUAL(eight, 0x7f) | eight;
}

/* The first byte that `wrong` means, or end. */
static inline const char *find(
    const char *p, const char *end, uint64_t (*wrong)(uint64_t eight))
{
    for (uint64_t eight = 0; p < end; p += sizeof(eight)) {
        size_t left = (size_t)(end - p);
        /* Behind the end there are zeros, which are always wrong. */
        if (left >= sizeof(eight))
            memcpy(&eight, p, sizeof(eight));
        else
            memcpy(memset(&eight, 0, sizeof(eight)), p, left);
        uint64_t found = wrong(le64toh(eight)) & EACH(0x80);
        if (found != 0)
            return p + __builtin_ctzll(found) / 8;
    }
    return end;
}

/* A string of plain ASCII without escapes. */
static bool take_plain(struct scan *s, struct str *ret)
{
    if (s->p == s->end || *s->p != '"')
        return false;
    const char *p = find(s->p + 1, s->end, not_plain);
    if (p == s->end || *p != '"')
        return false;
    *ret = (struct str){s->p + 1, (size_t)(p - s->p) - 1};
    s->p = p + 1;
    return true;
}

static bool plain_or_null(struct scan *s, void *to)
{
    (void)to;
    struct str ignored;
    return take_word(s, STR("null")) || take_plain(s, &ignored);
}

static bool only_null(struct scan *s, void *to)
{
    (void)to;
    return take_word(s, STR("null"));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A whole number from 0 on, without fraction, exponent or leading zero. */
static bool take_number(struct scan *s, int64_t *ret)
{
    const char *from = s->p;
    int64_t n = 0;
    while (s->p < s->end && is_digit(*s->p) && s->p - from < DIGITS_MAX)
        n = n * 10 + (*s->p++ - '0');
    bool ends =
        s->p < s->end && (*s->p == ',' || *s->p == '}' || *s->p == ' ' ||
                             *s->p == '\n' || *s->p == '\r' || *s->p == '\t');
    if (s->p == from || !ends || (*from == '0' && s->p - from > 1))
        return false;
    *ret = n;
    return true;
}

static bool number(struct scan *s, void *to)
{
    (void)to;
    int64_t ignored;
    return take_number(s, &ignored);
}

static bool zero(struct scan *s, void *to)
{
    (void)to;
    int64_t n;
    return take_number(s, &n) && n == 0;
}

static bool count_or_null(struct scan *s, void *to)
{
    return take_word(s, STR("null")) || take_number(s, to);
}

/* ---- text with escapes ---- */

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* \uXXXX, but neither NUL nor half of a pair. */
static bool take_unicode(struct scan *s)
{
    unsigned code = 0;
    if (s->end - s->p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*s->p++);
        if (digit < 0)
            return false;
        code = code << 4 | (unsigned)digit;
    }
    if (code == 0 || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    if (code < 0x80) {
        buf_append_char(s->scratch, (char)code);
        return true;
    }
    if (code < 0x800) {
        buf_append_char(s->scratch, (char)(0xC0 | code >> 6));
    } else {
        buf_append_char(s->scratch, (char)(0xE0 | code >> 12));
        buf_append_char(s->scratch, (char)(0x80 | (code >> 6 & 0x3F)));
    }
    buf_append_char(s->scratch, (char)(0x80 | (code & 0x3F)));
    return true;
}

/* What stands behind a backslash. */
static bool take_escape(struct scan *s)
{
    static const struct str letters = {"\"\\/bfnrt", 8};
    static const char meaning[] = "\"\\/\b\f\n\r\t";
    if (s->p == s->end)
        return false;
    char c = *s->p++;
    if (c == 'u')
        return take_unicode(s);
    size_t i = str_find_char(letters, c);
    if (i == letters.n)
        return false;
    buf_append_char(s->scratch, meaning[i]);
    return true;
}

/* Up to the next quote or backslash; no control character is allowed. */
static bool take_run(struct scan *s, struct str *ret)
{
    const char *p = find(s->p, s->end, stops);
    *ret = (struct str){s->p, (size_t)(p - s->p)};
    s->p = p;
    return p < s->end && (unsigned char)*p >= ' ';
}

static bool text_or_null(struct scan *s, void *to)
{
    struct str *text = to;
    struct str run;
    if (take_word(s, STR("null")))
        return true;
    if (!take_word(s, STR("\"")) || !take_run(s, &run))
        return false;
    if (*s->p == '"') {
        s->p++;
        *text = run;
        return utf8_valid(run);
    }
    buf_clear(s->scratch);
    buf_append(s->scratch, run);
    while (*s->p == '\\') {
        s->p++;
        if (!take_escape(s) || !take_run(s, &run))
            return false;
        buf_append(s->scratch, run);
    }
    s->p++;
    *text = buf_str(s->scratch);
    return buf_ok(s->scratch) && utf8_valid(*text);
}

/* ---- structure ---- */

/* One member; seen has a bit for each key, because none may come twice. */
static bool take_member(
    struct scan *s, const struct member *members, size_t n, unsigned *seen)
{
    struct str key;
    if (!take_plain(s, &key) || !take(s, ':'))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(key, members[i].key))
            continue;
        unsigned bit = 1U << i;
        if (*seen & bit)
            return false;
        *seen |= bit;
        return members[i].value(s, (char *)&s->chunk + members[i].to);
    }
    return false;
}

static bool take_object(struct scan *s, const struct member *members, size_t n)
{
    unsigned seen = 0;
    if (!take(s, '{'))
        return false;
    if (take(s, '}'))
        return true;
    do {
        if (!take_member(s, members, n, &seen))
            return false;
    } while (take(s, ','));
    return take(s, '}');
}

#define COUNT(name) offsetof(struct chunk, counts.name)
#define MEMBERS(table) table, sizeof(table) / sizeof(*table)

static bool delta(struct scan *s, void *to)
{
    static const struct member members[] = {
        {{"content", 7}, text_or_null, offsetof(struct chunk, text)},
        {{"role", 4}, plain_or_null, 0},
    };
    (void)to;
    return take_object(s, MEMBERS(members));
}

static bool choice(struct scan *s)
{
    static const struct member members[] = {
        {{"index", 5}, zero, 0},
        {{"delta", 5}, delta, 0},
        {{"finish_reason", 13}, only_null, 0},
        {{"logprobs", 8}, only_null, 0},
    };
    return take_object(s, MEMBERS(members));
}

/* None or one; a second choice is for the tree. */
static bool choices(struct scan *s, void *to)
{
    (void)to;
    if (!take(s, '['))
        return false;
    return take(s, ']') || (choice(s) && take(s, ']'));
}

static bool usage_or_null(struct scan *s, void *to)
{
    static const struct member members[] = {
        {{"prompt_tokens", 13}, count_or_null, COUNT(prompt)},
        {{"completion_tokens", 17}, count_or_null, COUNT(completion)},
        {{"total_tokens", 12}, number, 0},
        {{"cache_read_input_tokens", 23}, count_or_null, COUNT(cache_read)},
        {{"cache_creation_input_tokens", 27}, count_or_null,
            COUNT(cache_creation)},
    };
    (void)to;
    return take_word(s, STR("null")) || take_object(s, MEMBERS(members));
}

bool chunk_scan(struct str data, struct buf *scratch, struct chunk *ret)
{
    static const struct member members[] = {
        {{"id", 2}, plain_or_null, 0},
        {{"object", 6}, plain_or_null, 0},
        {{"created", 7}, number, 0},
        {{"model", 5}, plain_or_null, 0},
        {{"choices", 7}, choices, 0},
        {{"usage", 5}, usage_or_null, 0},
        {{"system_fingerprint", 18}, plain_or_null, 0},
        {{"service_tier", 12}, plain_or_null, 0},
    };
    struct scan s = {
        .p = data.p,
        .end = data.p + data.n,
        .scratch = scratch,
        .chunk = {.counts = {-1, -1, -1, -1, -1, -1}},
    };
    if (data.n == 0 || !take_object(&s, MEMBERS(members)) || s.p != s.end)
        return false;
    *ret = s.chunk;
    return true;
}
