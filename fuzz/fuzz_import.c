#include <assert.h>
#include <stddef.h>

#include "admin/import_formats.h"
#include "admin/json_items.h"

/*
 * A file that somebody wants to import: the first byte of the input says in
 * how large pieces the rest is read. Whatever it is, it is read or refused.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MAX_ITEM = 32768 };

static void read_chat(const struct json_items *items, struct str item)
{
    struct jv *document = NULL;
    const char *why = NULL;
    struct imported chat = {.arena = arena_new()};
    import_chat_fn *format = NULL;
    if (jv_parse(item, NULL, &document) == RC_OK)
        format = import_format(json_items_head(items), document);
    if (format != NULL && format(document, &chat, &why) == RC_OK)
        for (size_t i = 0; i < chat.count; i++)
            assert(chat.places[i].message.message_id.n > 0);
    arena_free(chat.arena);
    jv_free(document);
}

/* All elements of a piece; false when no more is to come. */
static bool read_piece(struct json_items *items, struct str piece)
{
    struct str item;
    json_items_feed(items, piece);
    for (;;) {
        switch (json_items_next(items, &item)) {
        case JSON_ITEMS_MORE:
            return true;
        case JSON_ITEMS_ITEM:
            read_chat(items, item);
            break;
        case JSON_ITEMS_TOO_LARGE:
            break;
        case JSON_ITEMS_END:
        case JSON_ITEMS_BAD:
            return false;
        }
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t piece = 1 + data[0];
    struct str text = {(const char *)data + 1, size - 1};
    struct json_items items;
    json_items_init(&items, MAX_ITEM);
    for (size_t at = 0; at < text.n; at += piece)
        if (!read_piece(&items, str_sub(text, at, piece)))
            break;
    json_items_release(&items);
    return 0;
}
