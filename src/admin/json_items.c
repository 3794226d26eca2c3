#include <string.h>

#include "admin/json_items.h"

enum { HEAD_BYTES = 64 << 10 };

enum state { BEFORE, BETWEEN, INSIDE, OVER, BAD };

void json_items_init(struct json_items *r, size_t max_item)
{
    *r = (struct json_items){.state = BEFORE};
    buf_init(&r->head, HEAD_BYTES);
    buf_init(&r->item, max_item);
}

void json_items_release(struct json_items *r)
{
    buf_release(&r->head);
    buf_release(&r->item);
}

void json_items_feed(struct json_items *r, struct str piece)
{
    r->input = piece;
}

struct str json_items_head(const struct json_items *r)
{
    return buf_str(&r->head);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Follows strings and brackets; true when c closes what was opened first. */
static bool track(struct json_items *r, char c)
{
    if (r->in_string) {
        if (r->escaped)
            r->escaped = false;
        else if (c == '\\')
            r->escaped = true;
        else if (c == '"')
            r->in_string = false;
        return false;
    }
    if (c == '"')
        r->in_string = true;
    else if (c == '[' || c == '{')
        r->depth++;
    else if (c == ']' || c == '}')
        return --r->depth == 0;
    return false;
}

/* Up to the array: at once, or as a member of the outermost object. */
static void read_head(struct json_items *r)
{
    while (r->input.n > 0 && r->state == BEFORE) {
        char c = r->input.p[0];
        r->input = str_sub(r->input, 1, r->input.n);
        bool outside = !r->in_string;
        if (buf_append_char(&r->head, c) != RC_OK ||
            (r->depth == 0 && !is_space(c) && c != '[' && c != '{' &&
                (unsigned char)c < 0x80)) {
            r->state = BAD;
            return;
        }
        if (outside && c == '[' && r->depth <= 1) {
            r->state = BETWEEN;
            r->depth = 0;
            return;
        }
        if (track(r, c)) /* the object is over */
            r->state = BAD;
    }
}

/* Between two elements: commas and the end of the array. */
static void read_gap(struct json_items *r)
{
    while (r->input.n > 0 && r->state == BETWEEN) {
        char c = r->input.p[0];
        if (c == ']') {
            r->state = OVER;
        } else if (is_space(c) || c == ',') {
            r->input = str_sub(r->input, 1, r->input.n);
        } else {
            r->state = INSIDE;
            buf_clear(&r->item);
        }
    }
}

static unsigned hex_of(const char *p)
{
    unsigned n = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 0x10000;
        if (digit > 15)
            return 0x10000; /* no number: the parser will say so */
        n = n << 4 | digit;
    }
    return n;
}

static bool is_escape(const char *p, const char *end)
{
    return end - p >= 6 && p[0] == '\\' && p[1] == 'u';
}

/* Replaces \u0000 and surrogates without their other half, in place. */
static void mend(char *p, size_t n)
{
    char *end = p + n;
    while (p < end) {
        if (!is_escape(p, end)) {
            p += *p == '\\' && end - p > 1 ? 2 : 1;
            continue;
        }
        unsigned first = hex_of(p + 2);
        bool high = first >= 0xd800 && first < 0xdc00;
        unsigned second = high && is_escape(p + 6, end) ? hex_of(p + 8) : 0;
        if (high && second >= 0xdc00 && second < 0xe000) {
            p += 12;
            continue;
        }
        if (first == 0 || (first >= 0xd800 && first < 0xe000))
            memcpy(p, "\\ufffd", 6);
        p += 6;
    }
}

/* Takes bytes of an element; true when it is whole. */
static bool read_item(struct json_items *r)
{
    size_t n = 0;
    bool whole = false;
    while (n < r->input.n && !whole) {
        char c = r->input.p[n];
        if (r->depth == 0 && !r->in_string && (c == ',' || c == ']'))
            whole = true; /* a number or a word ended before it */
        else if (n++, track(r, c))
            whole = true;
    }
    if (!r->too_large && buf_append(&r->item, str_sub(r->input, 0, n)) != RC_OK)
        r->too_large = true;
    r->input = str_sub(r->input, n, r->input.n);
    return whole;
}

static enum json_items_event give(struct json_items *r, struct str *ret_item)
{
    bool too_large = r->too_large;
    r->state = BETWEEN;
    r->depth = 0;
    r->too_large = false;
    if (too_large)
        return JSON_ITEMS_TOO_LARGE;
    mend(r->item.p, r->item.n);
    *ret_item = buf_str(&r->item);
    return JSON_ITEMS_ITEM;
}

enum json_items_event json_items_next(
    struct json_items *r, struct str *ret_item)
{
    if (r->state == BEFORE)
        read_head(r);
    if (r->state == BETWEEN)
        read_gap(r);
    if (r->state == INSIDE && read_item(r))
        return give(r, ret_item);
    if (r->state == OVER)
        return JSON_ITEMS_END;
    return r->state == BAD ? JSON_ITEMS_BAD : JSON_ITEMS_MORE;
}
