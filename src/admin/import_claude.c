#include "base/buf.h"
#include "base/map.h"

#include "admin/import_formats.h"

/*
 * A conversation of Claude's export: `chat_messages` in order. Newer exports
 * name the message that each one follows; what was seen last is then the path
 * that ends at the last one.
 */
enum { MAX_MESSAGES = 100000, MAX_TEXT = 32 << 20 };

static void add_note(
    struct imported *chat, struct buf *text, const char *what, struct str name)
{
    import_paragraph(
        text, arena_printf(chat->arena, "*[%s%s%.*s: not part of the export]*",
                  what, name.n > 0 ? " " : "", STR_ARG(name)));
    chat->notes++;
}

/* A file whose words are in the export stands below the message. */
static void add_attachments(
    struct imported *chat, const struct jv *message, struct buf *text)
{
    const struct jv *attachments = jv_get(message, "attachments");
    const struct jv *files = jv_get(message, "files");
    for (size_t i = 0; i < jv_count(attachments); i++) {
        const struct jv *a = jv_at(attachments, i);
        struct str words = jv_get_str(a, "extracted_content");
        struct str name = jv_get_str(a, "file_name");
        if (words.n == 0) {
            add_note(chat, text, "the file", name);
            continue;
        }
        import_paragraph(
            text, arena_printf(chat->arena, "*File %.*s:*", STR_ARG(name)));
        import_paragraph(text, words);
    }
    for (size_t i = 0; i < jv_count(files); i++)
        add_note(
            chat, text, "the file", jv_get_str(jv_at(files, i), "file_name"));
}

/* Blocks of text and of thinking; calls of tools are left out. */
static void add_blocks(
    const struct jv *message, struct buf *text, struct buf *reasoning)
{
    const struct jv *blocks = jv_get(message, "content");
    for (size_t i = 0; i < jv_count(blocks); i++) {
        const struct jv *block = jv_at(blocks, i);
        struct str type = jv_get_str(block, "type");
        if (str_eq(type, STR("text")))
            import_paragraph(text, jv_get_str(block, "text"));
        else if (str_eq(type, STR("thinking")))
            import_paragraph(reasoning, jv_get_str(block, "thinking"));
    }
    if (text->n == 0)
        import_paragraph(text, jv_get_str(message, "text"));
}

/* Reads a message; false when nobody that we know has said it. */
static bool read_message(struct imported *chat, const struct jv *message,
    size_t number, struct import_turn *ret)
{
    struct str sender = jv_get_str(message, "sender");
    struct buf text, reasoning;
    bool user = str_eq(sender, STR("human")) || str_eq(sender, STR("user"));
    if (!user && !str_eq(sender, STR("assistant")))
        return false;
    buf_init(&text, MAX_TEXT);
    buf_init(&reasoning, MAX_TEXT);
    add_blocks(message, &text, &reasoning);
    add_attachments(chat, message, &text);
    ret->message = (struct store_message){
        .message_id = import_id(chat->arena, import_str(message, "uuid"),
            chat->session.session_id, number),
        .role = user ? STORE_ROLE_USER : STORE_ROLE_ASSISTANT,
        .created_at_us = import_time(jv_get(message, "created_at")),
        .content = arena_str(chat->arena, buf_str(&text)),
    };
    if (reasoning.n > 0)
        ret->message.reasoning = arena_str(chat->arena, buf_str(&reasoning));
    bool said = text.n > 0 || reasoning.n > 0;
    buf_release(&text);
    buf_release(&reasoning);
    return said;
}

/* Index + 1 of each message by its id. */
static struct map *index_messages(const struct jv *messages)
{
    struct map *map = map_new(MAX_MESSAGES);
    for (size_t i = 0; i < jv_count(messages); i++) {
        struct str id = jv_get_str(jv_at(messages, i), "uuid");
        if (id.n > 0) /* the first one counts where an id is there twice */
            (void)!map_add(map, id, (void *)(uintptr_t)(i + 1));
    }
    return map;
}

/* What each message follows: the one it names, else the one before. */
static void find_parents(
    const struct jv *messages, struct import_turn *turns, size_t count)
{
    struct map *map = index_messages(messages);
    for (size_t i = 0; i < count; i++) {
        struct str id = import_str(jv_at(messages, i), "parent_message_uuid");
        size_t parent = (size_t)(uintptr_t)map_get(map, id);
        turns[i].parent = id.n == 0 ? i : parent <= i ? parent : 0;
    }
    map_free(map);
}

static void read_messages(struct imported *chat, const struct jv *messages)
{
    size_t count = jv_count(messages);
    struct import_turn *turns =
        arena_alloc(chat->arena, (count + 1) * sizeof(*turns));
    for (size_t i = 0; i < count; i++)
        turns[i].empty = !read_message(chat, jv_at(messages, i), i, &turns[i]);
    find_parents(messages, turns, count);
    for (size_t at = count; at > 0; at = turns[at - 1].parent)
        turns[at - 1].on_path = true;
    import_tree(chat, turns, count);
}

enum rc import_claude_chat(
    const struct jv *conversation, struct imported *ret, const char **ret_why)
{
    const struct jv *messages = jv_get(conversation, "chat_messages");
    size_t count = jv_count(messages);
    struct str title = import_str(conversation, "name");
    *ret_why = "no conversation of Claude";
    if (jv_type(messages) != JV_ARRAY)
        return RC_INVALID;
    *ret_why = "more than 100,000 messages";
    if (count > MAX_MESSAGES)
        return RC_INVALID;
    *ret_why = "no message in it";
    if (count == 0)
        return RC_INVALID;
    ret->session = (struct store_session){
        .session_id = import_id(ret->arena, import_str(conversation, "uuid"),
            title, (size_t)import_time(jv_get(conversation, "created_at"))),
        .title = title.n > 0 ? title : (struct str){0},
        .created_at_us = import_time(jv_get(conversation, "created_at")),
        .timestamp_us = import_time(jv_get(conversation, "updated_at")),
        .is_active = true,
    };
    read_messages(ret, messages);
    return import_complete(ret) ? RC_OK : RC_INVALID;
}
