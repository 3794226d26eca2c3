#include <string.h>

#include "databricks/think_splitter.h"

#define OPEN STR("<think>")
#define CLOSE STR("</think>")

void think_splitter_init(struct think_splitter *s, think_fn *fn, void *ctx)
{
    *s = (struct think_splitter){.fn = fn, .ctx = ctx};
}

static void give(struct think_splitter *s, bool reasoning, struct str text)
{
    if (text.n)
        s->fn(s->ctx, reasoning, text);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* What was held is text after all. */
static void give_held(struct think_splitter *s, bool reasoning)
{
    struct str held = {s->held, s->n};
    s->n = 0;
    give(s, reasoning, held);
}

/* Where the tag begins within what is held: behind the white space. */
static size_t held_tag(const struct think_splitter *s)
{
    size_t at = 0;
    while (at < s->n && is_space(s->held[at]))
        at++;
    return at;
}

/*
 * One byte before the answer has begun: white space and the beginning of an
 * opening tag are held, anything else begins the answer.
 */
static void take_before(struct think_splitter *s, char c)
{
    size_t tag = held_tag(s);
    bool fits = s->n < THINK_HELD_MAX &&
                (c == OPEN.p[s->n - tag] || (tag == s->n && is_space(c)));
    if (fits && s->state == THINK_AFTER && is_space(c))
        return;
    if (fits) {
        s->held[s->n++] = c;
        if (s->n - tag == OPEN.n) {
            s->n = 0;
            s->state = THINK_INSIDE;
        }
        return;
    }
    s->state = THINK_TEXT;
    give_held(s, false);
}

/* Length of the longest end of text that begins a closing tag. */
static size_t partial_close(struct str text)
{
    size_t n = text.n < CLOSE.n - 1 ? text.n : CLOSE.n - 1;
    while (n > 0 && memcmp(text.p + text.n - n, CLOSE.p, n) != 0)
        n--;
    return n;
}

/*
 * Inside the tags: completes a closing tag whose beginning is held, or finds
 * that it is none. Returns what of text is left.
 */
static struct str finish_held(struct think_splitter *s, struct str text)
{
    while (text.n && s->n && s->n < CLOSE.n) {
        if (text.p[0] != CLOSE.p[s->n]) {
            give_held(s, true);
            return text;
        }
        s->held[s->n++] = text.p[0];
        text = str_sub(text, 1, text.n);
    }
    if (s->n == CLOSE.n) {
        s->n = 0;
        s->state = THINK_AFTER;
    }
    return text;
}

/* Gives out the thinking in text; what follows a closing tag is returned. */
static struct str take_inside(struct think_splitter *s, struct str text)
{
    text = finish_held(s, text);
    if (s->state != THINK_INSIDE || text.n == 0)
        return text;
    size_t at = str_find(text, CLOSE);
    if (at < text.n) {
        give(s, true, str_sub(text, 0, at));
        s->state = THINK_AFTER;
        return str_sub(text, at + CLOSE.n, text.n);
    }
    size_t keep = partial_close(text);
    give(s, true, str_sub(text, 0, text.n - keep));
    memcpy(s->held, text.p + text.n - keep, keep);
    s->n = keep;
    return STR("");
}

void think_splitter_feed(struct think_splitter *s, struct str text)
{
    while (text.n) {
        switch (s->state) {
        case THINK_TEXT:
            give(s, false, text);
            return;
        case THINK_INSIDE:
            text = take_inside(s, text);
            break;
        case THINK_BEFORE:
        case THINK_AFTER:
            take_before(s, text.p[0]);
            if (s->state != THINK_TEXT)
                text = str_sub(text, 1, text.n);
            break;
        }
    }
}

void think_splitter_finish(struct think_splitter *s)
{
    if (s->state == THINK_INSIDE)
        give_held(s, true);
    else if (held_tag(s) < s->n)
        give_held(s, false);
    s->n = 0;
}
