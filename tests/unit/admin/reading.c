#include <stdio.h>

#include "base/buf.h"

#include "reading.h"
#include "tap.h"

struct str reading_file(const char *path, struct arena *arena)
{
    static char block[1 << 20];
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    size_t n = fread(block, 1, sizeof(block), f);
    CHECK(n > 0 && n < sizeof(block));
    fclose(f);
    return arena_str(arena, (struct str){block, n});
}

/* One chat, with all its texts looked at. */
static void touch(const struct imported *chat)
{
    size_t bytes = chat->session.title.n;
    for (size_t i = 0; i < chat->count; i++) {
        const struct store_message *m = &chat->places[i].message;
        CHECK(m->message_id.n > 0);
        for (size_t k = 0; k < m->content.n; k++)
            bytes += (unsigned char)m->content.p[k];
    }
    CHECK(bytes < SIZE_MAX);
}

static void take(struct reading *r, const struct json_items *items,
    struct str item, size_t number)
{
    struct jv *document = NULL;
    const char *why = NULL;
    struct imported chat = {.arena = arena_new()};
    import_chat_fn *format = NULL;
    enum rc rc = jv_parse(item, NULL, &document);
    if (rc == RC_OK)
        format = import_format(json_items_head(items), document);
    if (format != NULL) {
        rc = format(document, &chat, &why);
        CHECK(rc == RC_OK || (rc == RC_INVALID && why != NULL));
    }
    r->read += format != NULL && rc == RC_OK;
    r->refused += format == NULL || rc != RC_OK;
    if (format != NULL && rc == RC_OK)
        touch(&chat);
    if (r->items++ == number && rc == RC_OK) {
        r->chat = chat;
        r->document = document;
        r->arena = chat.arena;
        return;
    }
    arena_free(chat.arena);
    jv_free(document);
}

static void take_piece(struct reading *r, struct json_items *items,
    struct str piece, size_t number)
{
    struct str item;
    json_items_feed(items, piece);
    for (;;) {
        switch (json_items_next(items, &item)) {
        case JSON_ITEMS_MORE:
            return;
        case JSON_ITEMS_ITEM:
            take(r, items, item, number);
            break;
        case JSON_ITEMS_TOO_LARGE:
            r->too_large++;
            r->items++;
            break;
        case JSON_ITEMS_END:
            r->ended = true;
            return;
        case JSON_ITEMS_BAD:
            r->bad = true;
            return;
        }
    }
}

void reading_run(struct reading *r, struct str text, size_t piece,
    size_t max_item, size_t number)
{
    struct json_items items;
    *r = (struct reading){0};
    json_items_init(&items, max_item);
    for (size_t at = 0; at < text.n && !r->ended && !r->bad; at += piece)
        take_piece(r, &items, str_sub(text, at, piece), number);
    json_items_release(&items);
}

void reading_end(struct reading *r)
{
    jv_free(r->document);
    arena_free(r->arena);
    *r = (struct reading){0};
}
