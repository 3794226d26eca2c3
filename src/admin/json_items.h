#ifndef ADMIN_JSON_ITEMS_H
#define ADMIN_JSON_ITEMS_H

#include "base/buf.h"
#include "base/str.h"

/*
 * The elements of a long JSON array, one after the other, out of text that
 * comes in pieces; pure. The array is the document, or the first array that
 * is a member of it. An element is text to be parsed by others; one that is
 * larger than the bound is passed over. In an element, what no text of ours
 * may hold (\u0000, half a surrogate pair) is replaced by U+FFFD.
 */
struct json_items {
    struct buf head; /* everything up to the array */
    struct buf item;
    int state;
    int depth;
    bool in_string, escaped, too_large;
    struct str input; /* not read yet */
};

enum json_items_event {
    JSON_ITEMS_MORE,      /* feed the next piece */
    JSON_ITEMS_ITEM,      /* *ret_item is one, until the next call */
    JSON_ITEMS_TOO_LARGE, /* one was passed over */
    JSON_ITEMS_END,       /* the array is over; what follows is not read */
    JSON_ITEMS_BAD,       /* this is no document with an array */
};

void json_items_init(struct json_items *r, size_t max_item);
void json_items_release(struct json_items *r);

/* The piece must live until JSON_ITEMS_MORE comes. */
void json_items_feed(struct json_items *r, struct str piece);
enum json_items_event json_items_next(
    struct json_items *r, struct str *ret_item);

/* What stood before the array. */
struct str json_items_head(const struct json_items *r);

#endif
