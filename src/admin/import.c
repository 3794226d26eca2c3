#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#include "admin/admin_int.h"
#include "admin/import_formats.h"
#include "admin/json_items.h"

/* Chats of a file into the history. A chat is in memory at a time. */
enum {
    MAX_CHAT = 64 << 20, /* bytes of JSON */
    PIECE = 256 << 10,
    MAX_TOLD = 20, /* skipped chats that are told one by one */
};

struct intake {
    struct place place;
    const struct admin_args *args;
    import_chat_fn *format;
    struct json_items items;
    struct totals totals;
    size_t notes;
    size_t number; /* of the chat in the file */
};

static void skip(struct intake *in, const char *why)
{
    in->totals.skipped++;
    if (in->totals.skipped <= MAX_TOLD)
        admin_say("Skipped chat %zu: %s.", in->number, why);
}

/* Puts a chat that has been read into the history. */
static enum rc put_chat(struct intake *in, struct imported *chat)
{
    struct import what = {.user_id = chat->user_id,
        .session = chat->session,
        .places = chat->places,
        .count = chat->count};
    if (in->args->user != NULL)
        what.user_id = str_from_c(in->args->user);
    if (what.user_id.n == 0) {
        skip(in, "it does not say whose it is; give --user");
        return RC_OK;
    }
    in->totals.chats++;
    in->notes += chat->notes;
    return import_places(&in->place, &what, &in->totals);
}

static enum rc take_document(struct intake *in, const struct jv *document)
{
    const char *why = "";
    if (in->format == NULL)
        in->format = import_format(json_items_head(&in->items), document);
    if (in->format == NULL) {
        admin_fail(in->args->file, "is no export that this program knows");
        return RC_UNSUPPORTED;
    }
    if (in->format != import_own_chat && in->args->user == NULL) {
        admin_fail("say whose chats they become", "import FILE --user ID");
        return RC_INVALID;
    }
    struct imported chat = {.arena = arena_new()};
    enum rc rc = in->format(document, &chat, &why);
    if (rc == RC_OK)
        rc = put_chat(in, &chat);
    else if (rc == RC_INVALID) {
        skip(in, why);
        rc = RC_OK;
    }
    arena_free(chat.arena);
    return rc;
}

static enum rc take_item(struct intake *in, struct str item)
{
    struct jv *document = NULL;
    struct jv_error error = {0};
    in->number++;
    if (jv_parse(item, &error, &document) != RC_OK) {
        skip(in, error.text);
        return RC_OK;
    }
    enum rc rc = take_document(in, document);
    jv_free(document);
    return rc;
}

/* All elements of a piece; *ret_more says whether another is wanted. */
static enum rc take_piece(struct intake *in, bool *ret_more)
{
    struct str item;
    enum rc rc = RC_OK;
    while (rc == RC_OK) {
        switch (json_items_next(&in->items, &item)) {
        case JSON_ITEMS_MORE:
            return RC_OK;
        case JSON_ITEMS_ITEM:
            rc = take_item(in, item);
            break;
        case JSON_ITEMS_TOO_LARGE:
            in->number++;
            skip(in, "it is larger than 64 MiB");
            break;
        case JSON_ITEMS_END:
            *ret_more = false;
            return RC_OK;
        case JSON_ITEMS_BAD:
            admin_fail(in->args->file, "is no export that this program knows");
            return RC_UNSUPPORTED;
        }
    }
    return rc;
}

static enum rc read_pieces(struct intake *in, int fd, char *piece)
{
    enum rc rc = RC_OK;
    bool more = true;
    while (rc == RC_OK && more) {
        ssize_t n = read(fd, piece, PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            admin_fail(in->args->file,
                n < 0 ? strerror(errno)
                      : "ends too early: what was whole has been taken in");
            return RC_INVALID;
        }
        json_items_feed(&in->items, (struct str){piece, (size_t)n});
        rc = take_piece(in, &more);
    }
    return rc;
}

static int import_json(const struct admin_call *call, int fd)
{
    struct intake in = {.args = &call->args};
    struct arena *arena = arena_new();
    if (place_open(&call->database, PLACE_TOOL, &in.place) != RC_OK) {
        arena_free(arena);
        return ADMIN_FAILED;
    }
    json_items_init(&in.items, MAX_CHAT);
    enum rc rc = read_pieces(&in, fd, arena_alloc(arena, PIECE));
    json_items_release(&in.items);
    place_close(&in.place);
    arena_free(arena);
    say_totals("Added", &in.totals);
    if (in.notes > 0)
        admin_say("Images and files that became a note: %zu.", in.notes);
    return rc == RC_OK ? ADMIN_DONE : ADMIN_FAILED;
}

int admin_import(const struct admin_call *call)
{
    static const char sqlite[16] = "SQLite format 3";
    const char *file = call->args.file;
    char start[sizeof(sqlite)] = "";
    if (file == NULL)
        return admin_misuse("say what: import FILE");
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return admin_fail(file, strerror(errno));
    ssize_t n = pread(fd, start, sizeof(start), 0);
    bool database = n == (ssize_t)sizeof(start) &&
                    memcmp(start, sqlite, sizeof(sqlite)) == 0;
    int code = database ? admin_merge(call, file) : import_json(call, fd);
    close(fd);
    return code;
}
