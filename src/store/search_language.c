#include "base/timestamp.h"

#include "store/search_language.h"
#include "store/words.h"

enum { SHORTEST_PREFIX = 2 };

struct parser {
    struct str rest;
    struct arena *arena;
    struct store_search_query query;
    size_t wanted;    /* terms that are not excluded */
    unsigned filters; /* a bit for each that was there */
    struct str error;
};

typedef enum rc filter_fn(struct parser *p, struct str value);

static filter_fn set_place, set_author, set_rating, set_after, set_before;

static const struct filter {
    const char *name;
    filter_fn *set;
} filters[] = {{"in", set_place}, {"from", set_author}, {"rating", set_rating},
    {"after", set_after}, {"before", set_before}};

static enum rc refuse(struct parser *p, const char *sentence)
{
    p->error = str_from_c(sentence);
    return RC_INVALID;
}

static enum rc set_place(struct parser *p, struct str value)
{
    if (!str_eq_nocase(value, STR("title")))
        return refuse(p, "Write in:title to search titles only.");
    p->query.titles_only = true;
    return RC_OK;
}

static enum rc set_author(struct parser *p, struct str value)
{
    bool me = str_eq_nocase(value, STR("me"));
    if (!me && !str_eq_nocase(value, STR("assistant")))
        return refuse(p, "Write from:me or from:assistant.");
    p->query.has_role = true;
    p->query.role = me ? STORE_ROLE_USER : STORE_ROLE_ASSISTANT;
    return RC_OK;
}

static enum rc set_rating(struct parser *p, struct str value)
{
    bool up = str_eq_nocase(value, STR("up"));
    if (!up && !str_eq_nocase(value, STR("down")))
        return refuse(p, "Write rating:up or rating:down.");
    p->query.rating = up ? STORE_RATING_UP : STORE_RATING_DOWN;
    return RC_OK;
}

/* The beginning of a day, YYYY-MM-DD. */
static bool day_of(struct str value, int64_t *ret_us)
{
    char back[TIMESTAMP_SIZE];
    const size_t n = sizeof("YYYY-MM-DD") - 1;
    if (value.n != n || timestamp_parse(value, ret_us) != RC_OK)
        return false;
    timestamp_format(*ret_us, back); /* another one: 30 February */
    return str_eq(value, str_sub(str_from_c(back), 0, n));
}

static enum rc set_after(struct parser *p, struct str value)
{
    if (!day_of(value, &p->query.from_us))
        return refuse(p, "Write a day as in after:2026-01-31.");
    return RC_OK;
}

static enum rc set_before(struct parser *p, struct str value)
{
    if (!day_of(value, &p->query.until_us))
        return refuse(p, "Write a day as in before:2026-01-31.");
    if (p->query.until_us == 0) /* which would mean any day */
        p->query.until_us = -1;
    return RC_OK;
}

static void skip_to(struct parser *p, size_t at)
{
    p->rest = str_sub(p->rest, at, p->rest.n);
}

static bool is_quote(const struct word_char *c)
{
    return c->code == '"' || (c->code >= 0x201c && c->code <= 0x201f);
}

static void skip_blanks(struct parser *p)
{
    struct word_char c;
    while (word_char_at(p->rest, 0, &c) && c.class == WORD_BLANK)
        skip_to(p, c.end);
}

static bool take_minus(struct parser *p)
{
    bool there = p->rest.n > 0 && p->rest.p[0] == '-';
    if (there)
        skip_to(p, 1);
    return there;
}

/* What stands before the next blank, or, quoted, before the next quote. */
static struct str take_until(struct parser *p, bool quoted)
{
    struct word_char c;
    struct str all = p->rest;
    size_t at = 0, behind = all.n;
    for (; word_char_at(all, at, &c); at = c.end) {
        if (quoted ? is_quote(&c) : c.class == WORD_BLANK) {
            behind = c.end;
            break;
        }
    }
    skip_to(p, behind);
    return str_sub(all, 0, at);
}

/* The words of a text with one space between two. */
static struct str words_of(struct parser *p, struct str text)
{
    struct word_char c;
    char *words = arena_alloc(p->arena, text.n + 1);
    size_t n = 0;
    bool between = false;
    for (size_t at = 0; word_char_at(text, at, &c); at = c.end) {
        bool lone_mark = c.folded == 0 && (n == 0 || between);
        if (!word_char_in_word(&c) || lone_mark) {
            between = n > 0;
            continue;
        }
        if (between)
            words[n++] = ' ';
        between = false;
        for (size_t i = c.begin; i < c.end; i++)
            words[n++] = text.p[i];
    }
    return (struct str){words, n};
}

/* Characters of the last word. */
static size_t last_word_length(struct str words)
{
    struct word_char c;
    size_t n = 0;
    for (size_t at = 0; word_char_at(words, at, &c); at = c.end)
        n = c.class == WORD_BLANK ? 0 : n + (c.folded != 0);
    return n;
}

static enum rc add_term(struct parser *p, struct str text, bool excluded)
{
    struct store_term term = {.text = words_of(p, text), .excluded = excluded};
    struct str trimmed = str_trim(text);
    term.prefix = str_ends_with(trimmed, STR("*"));
    if (term.text.n == 0) /* nothing but punctuation */
        return RC_OK;
    if (p->query.term_count == STORE_MAX_TERMS) {
        p->error = arena_printf(
            p->arena, "Use at most %d words and phrases.", STORE_MAX_TERMS);
        return RC_INVALID;
    }
    if (term.prefix && !words_have(term.text, WORD_WIDE) &&
        last_word_length(term.text) < SHORTEST_PREFIX)
        return refuse(p, "Write at least two letters before the star.");
    p->query.terms[p->query.term_count++] = term;
    p->wanted += !excluded;
    return RC_OK;
}

static const struct filter *filter_named(struct str name)
{
    for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
        if (str_eq_nocase(name, str_from_c(filters[i].name)))
            return &filters[i];
    }
    return NULL;
}

/* "name:value", excluded or not. */
static enum rc add_filter(struct parser *p, const struct filter *filter,
    struct str value, bool excluded)
{
    unsigned bit = 1u << (filter - filters);
    const char *fault = excluded           ? "Leave out the minus before"
                        : p->filters & bit ? "Write only one"
                                           : NULL;
    if (fault != NULL) {
        p->error = arena_printf(p->arena, "%s %s:.", fault, filter->name);
        return RC_INVALID;
    }
    p->filters |= bit;
    return filter->set(p, value);
}

static enum rc add_item(struct parser *p)
{
    struct word_char c;
    struct str name, value;
    bool excluded = take_minus(p);
    if (word_char_at(p->rest, 0, &c) && is_quote(&c)) {
        skip_to(p, c.end);
        struct str text = take_until(p, true);
        if (str_starts_with(p->rest, STR("*"))) /* "..."* as in "...*" */
            text.n += (size_t)(p->rest.p + 1 - (text.p + text.n));
        return add_term(p, text, excluded);
    }
    struct str item = take_until(p, false);
    if (str_cut(item, ':', &name, &value)) {
        const struct filter *filter = filter_named(name);
        if (filter != NULL)
            return add_filter(p, filter, value, excluded);
    }
    return add_term(p, item, excluded);
}

/* What no single item can tell. */
static enum rc check_whole(struct parser *p)
{
    const struct store_search_query *q = &p->query;
    if (q->titles_only && (q->has_role || q->rating != STORE_RATING_NONE))
        return refuse(p, "A title has no author and no rating: leave out"
                         " in:title, or from: and rating:.");
    if (q->from_us != 0 && q->until_us != 0 && q->from_us >= q->until_us)
        return refuse(p, "The day of before: must be later than the one of"
                         " after:.");
    if (p->wanted == 0 && q->term_count > 0)
        return refuse(p, "Write also a word that must be there, without a"
                         " minus.");
    if (p->wanted == 0)
        return refuse(p, "Write at least one word to search for.");
    return RC_OK;
}

enum rc search_language_parse(struct str text, struct arena *arena,
    struct store_search_query *ret, struct str *error)
{
    struct parser p = {.rest = text, .arena = arena};
    enum rc rc = RC_OK;
    if (text.n > SEARCH_MAX_TEXT)
        rc = refuse(&p, "Write a shorter search: at most 1000 bytes.");
    skip_blanks(&p);
    for (; rc == RC_OK && p.rest.n > 0; skip_blanks(&p))
        rc = add_item(&p);
    if (rc == RC_OK)
        rc = check_whole(&p);
    if (rc == RC_OK)
        *ret = p.query;
    *error = p.error;
    return rc;
}
