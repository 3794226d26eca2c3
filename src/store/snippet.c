#include "store/snippet.h"
#include "store/words.h"

enum {
    BEFORE_MATCH = 60, /* bytes of the snippet in front of the first match */
    EDGE = 24,         /* how far the edge may move to where a word ends */
    LONG_PREFIX = 4,   /* letters from which on the index is asked */
    MARKS = 64,        /* ... and to where the marks on a letter end */
};

/* What a term looks like folded; a space stands for all between two words. */
struct needle {
    uint32_t *codes;
    size_t n;
    bool prefix;
    bool excluded;
    bool anywhere; /* also inside a word */
    bool indexed;
};

struct finder {
    struct needle needles[STORE_MAX_TERMS];
    size_t count;
};

bool term_is_indexed(const struct store_term *term)
{
    struct word_char c;
    size_t letters = 0; /* of the last word */
    for (size_t at = 0; word_char_at(term->text, at, &c); at = c.end) {
        if (c.class == WORD_WIDE)
            return false;
        letters = word_char_in_word(&c) ? letters + (c.folded != 0) : 0;
    }
    return letters >= (term->prefix ? LONG_PREFIX : 1);
}

static struct needle needle_of(
    struct arena *arena, const struct store_term *term)
{
    struct word_char c;
    struct needle needle = {.prefix = term->prefix,
        .excluded = term->excluded,
        .anywhere = words_have(term->text, WORD_WIDE),
        .indexed = term_is_indexed(term)};
    needle.codes =
        arena_alloc(arena, (term->text.n + 1) * sizeof(*needle.codes));
    for (size_t at = 0; word_char_at(term->text, at, &c); at = c.end) {
        uint32_t code = word_char_in_word(&c) ? c.folded : ' ';
        if (code != 0)
            needle.codes[needle.n++] = code;
    }
    return needle;
}

struct finder *finder_new(
    struct arena *arena, const struct store_search_query *query)
{
    struct finder *f = ARENA_NEW(arena, struct finder);
    for (size_t i = 0; i < query->term_count; i++) {
        struct needle needle = needle_of(arena, &query->terms[i]);
        if (needle.n > 0)
            f->needles[f->count++] = needle;
    }
    return f;
}

/* The next character that folds to something. */
static bool next_char(struct str text, size_t at, struct word_char *c)
{
    while (word_char_at(text, at, c)) {
        if (c->folded != 0)
            return true;
        at = c->end;
    }
    return false;
}

/* Behind the marks that belong to what ends at `at`. */
static size_t skip_marks(struct str text, size_t at)
{
    struct word_char c;
    while (word_char_at(text, at, &c) && word_char_joins(&c))
        at = c.end;
    return at;
}

/* One step of a comparison: moves *at behind what code stands for. */
static bool match_code(struct str text, uint32_t code, size_t *at)
{
    struct word_char c;
    if (code != ' ') {
        if (!next_char(text, *at, &c) || !word_char_in_word(&c))
            return false;
        *at = c.end;
        return c.folded == code;
    }
    size_t from = *at = skip_marks(text, *at);
    while (word_char_at(text, *at, &c) && !word_char_in_word(&c))
        *at = c.end;
    return *at > from;
}

/* Where the needle ends that begins at `at`, or 0. */
static size_t match_at(struct str text, size_t at, const struct needle *needle)
{
    struct word_char c;
    for (size_t i = 0; i < needle->n; i++) {
        if (!match_code(text, needle->codes[i], &at))
            return 0;
    }
    at = skip_marks(text, at);
    bool open = needle->prefix || needle->anywhere;
    bool goes_on = !open && word_char_at(text, at, &c) && word_char_in_word(&c);
    return goes_on ? 0 : at;
}

/* A walk over a text, from match to match. */
struct walk {
    struct str text;
    size_t at;
    bool in_word; /* the character before `at` is of a word */
    size_t begin, end;
};

/* The longest needle that begins at this character ends where? 0: none. */
static size_t longest_at(
    const struct finder *f, const struct walk *walk, const struct word_char *c)
{
    size_t longest = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct needle *needle = &f->needles[i];
        if (needle->excluded || needle->codes[0] != c->folded ||
            (walk->in_word && !needle->anywhere))
            continue;
        size_t end = match_at(walk->text, c->begin, needle);
        if (end > longest)
            longest = end;
    }
    return longest;
}

/* The next match that begins before `limit`, in walk->begin and end. */
static bool walk_next(const struct finder *f, struct walk *walk, size_t limit)
{
    struct word_char c;
    while (walk->at < limit && word_char_at(walk->text, walk->at, &c)) {
        size_t end = 0;
        if (word_char_in_word(&c) && c.folded != 0)
            end = longest_at(f, walk, &c);
        walk->in_word = word_char_in_word(&c);
        walk->at = end > c.end ? end : c.end;
        if (end > 0) {
            walk->begin = c.begin;
            walk->end = end;
            return true;
        }
    }
    return false;
}

bool finder_looks(const struct finder *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!f->needles[i].indexed)
            return true;
    }
    return false;
}

static bool occurs(const struct needle *needle, struct str text)
{
    struct word_char c;
    bool in_word = false;
    for (size_t at = 0; word_char_at(text, at, &c); at = c.end) {
        bool may_begin = word_char_in_word(&c) && c.folded != 0 &&
                         (!in_word || needle->anywhere);
        if (may_begin && c.folded == needle->codes[0] &&
            match_at(text, at, needle) > 0)
            return true;
        in_word = word_char_in_word(&c);
    }
    return false;
}

bool finder_accepts(const struct finder *f, struct str text)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct needle *needle = &f->needles[i];
        if (!needle->indexed && occurs(needle, text) == needle->excluded)
            return false;
    }
    return true;
}

/*
 * The first place not before `at` where a text may be cut. A heap of marks is
 * cut all the same, between two of them.
 */
static size_t cut_after(struct str text, size_t at)
{
    struct word_char c;
    while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80)
        at++;
    size_t limit = at + MARKS;
    bool joined = str_ends_with(str_sub(text, 0, at), STR("\xe2\x80\x8d"));
    for (; at < limit && word_char_at(text, at, &c); at = c.end) {
        if (!joined && !word_char_joins(&c))
            break;
        joined = c.code == 0x200d;
    }
    return at;
}

/* The beginning of a word soon behind `at`, or the next place to cut. */
static size_t edge_after(struct str text, size_t at, size_t limit)
{
    struct word_char c;
    size_t first = cut_after(text, at);
    bool blank = false;
    for (size_t i = first; i < limit && word_char_at(text, i, &c); i = c.end) {
        if (blank && c.class != WORD_BLANK)
            return i;
        blank = c.class == WORD_BLANK;
    }
    return first < limit ? first : limit;
}

/* Part of the text for a snippet whose first match begins at `match`. */
static void choose_window(
    struct str text, size_t match, size_t *ret_from, size_t *ret_to)
{
    size_t from = 0, to = text.n;
    if (match > BEFORE_MATCH && text.n > SNIPPET_BYTES) {
        from = match - BEFORE_MATCH;
        size_t limit = from + EDGE;
        from = cut_after(text, edge_after(text, from, limit));
        from = from < match ? from : match;
    }
    if (text.n - from > SNIPPET_BYTES + EDGE) {
        to = from + SNIPPET_BYTES;
        to = cut_after(text, edge_after(text, to, to + EDGE));
    }
    *ret_from = from;
    *ret_to = to;
}

struct store_snippet finder_snippet(
    const struct finder *f, struct str text, struct arena *arena)
{
    struct store_snippet s = {0};
    struct walk walk = {.text = text};
    size_t from, to;
    bool found = walk_next(f, &walk, text.n);
    choose_window(text, found ? walk.begin : 0, &from, &to);
    while (found && s.match_count < STORE_MAX_MATCHES) {
        size_t end = walk.end < to ? walk.end : to;
        s.matches[s.match_count].begin = (uint32_t)(walk.begin - from);
        s.matches[s.match_count++].end = (uint32_t)(end - from);
        found = walk_next(f, &walk, to);
    }
    s.text = arena_str(arena, str_sub(text, from, to - from));
    s.cut_before = from > 0;
    s.cut_after = to < text.n;
    return s;
}
