#include <string.h>

#include "base/buf.h"

#include "admin/import_formats.h"

/*
 * A conversation of ChatGPT's export: `mapping` holds nodes by id, each with
 * its parent; the chat is the path that ends at `current_node`. A reply is
 * several nodes where tools were used; they become one message.
 */
enum { MAX_NODES = 100000, MAX_TEXT = 32 << 20 };

/* A message that grows while its nodes are read. */
struct draft {
    struct imported *chat;
    struct store_message message;
    struct buf text, reasoning;
    bool open;
};

static void finish(struct draft *d)
{
    struct arena *arena = d->chat->arena;
    if (d->open && (d->text.n > 0 || d->reasoning.n > 0)) {
        d->message.content = arena_str(arena, buf_str(&d->text));
        if (d->reasoning.n > 0)
            d->message.reasoning = arena_str(arena, buf_str(&d->reasoning));
        import_add(d->chat, &d->message);
    }
    buf_clear(&d->text);
    buf_clear(&d->reasoning);
    d->open = false;
}

static void add_note(struct draft *d, const char *what)
{
    struct str note =
        arena_printf(d->chat->arena, "*[%s: not part of the export]*", what);
    import_paragraph(&d->text, note);
    d->chat->notes++;
}

/* One part of a text with images, files or speech in it. */
static void add_part(struct draft *d, const struct jv *part)
{
    struct str text, type;
    if (jv_string(part, &text)) {
        import_paragraph(&d->text, text);
        return;
    }
    type = jv_get_str(part, "content_type");
    text = jv_get_str(part, "text");
    if (text.n > 0)
        import_paragraph(&d->text, text);
    else if (str_contains(type, STR("image")))
        add_note(d, "an image");
    else if (str_contains(type, STR("audio")))
        add_note(d, "a recording");
    else if (jv_type(part) == JV_OBJECT)
        add_note(d, "a file");
}

static void add_parts(struct draft *d, const struct jv *parts)
{
    for (size_t i = 0; i < jv_count(parts); i++)
        add_part(d, jv_at(parts, i));
}

static void add_code(struct draft *d, const struct jv *content)
{
    struct str language = jv_get_str(content, "language");
    struct str code = jv_get_str(content, "text");
    if (str_eq(language, STR("unknown")))
        language = STR("");
    if (code.n > 0)
        import_paragraph(
            &d->text, arena_printf(d->chat->arena, "```%.*s\n%.*s\n```",
                          STR_ARG(language), STR_ARG(code)));
}

static void add_thoughts(struct draft *d, const struct jv *thoughts)
{
    for (size_t i = 0; i < jv_count(thoughts); i++) {
        const struct jv *thought = jv_at(thoughts, i);
        import_paragraph(&d->reasoning, jv_get_str(thought, "summary"));
        import_paragraph(&d->reasoning, jv_get_str(thought, "content"));
    }
}

/* What a node says, by the kind of its content. */
static void add_content(struct draft *d, const struct jv *content)
{
    struct str type = jv_get_str(content, "content_type");
    if (str_eq(type, STR("text")) || str_eq(type, STR("multimodal_text")))
        add_parts(d, jv_get(content, "parts"));
    else if (str_eq(type, STR("code")))
        add_code(d, content);
    else if (str_eq(type, STR("thoughts")))
        add_thoughts(d, jv_get(content, "thoughts"));
    else if (!str_eq(type, STR("reasoning_recap")) &&
             !str_eq(type, STR("user_editable_context")) &&
             !str_eq(type, STR("model_editable_context")))
        import_paragraph(&d->text, jv_get_str(content, "text"));
}

/* Context that the program wrote, and calls to tools, are not shown. */
static bool is_hidden(const struct jv *message)
{
    bool hidden = false;
    double weight = 1;
    struct str recipient = jv_get_str(message, "recipient");
    (void)jv_bool(jv_get(jv_get(message, "metadata"),
                      "is_visually_hidden_from_conversation"),
        &hidden);
    (void)jv_number(jv_get(message, "weight"), &weight);
    return hidden || weight == 0 ||
           (recipient.n > 0 && !str_eq(recipient, STR("all")));
}

static void begin(struct draft *d, struct str id, const struct jv *message,
    enum store_role role)
{
    struct str model = import_str(jv_get(message, "metadata"), "model_slug");
    d->message = (struct store_message){
        .message_id = import_id(
            d->chat->arena, id, d->chat->session.session_id, d->chat->count),
        .role = role,
        .created_at_us = import_time(jv_get(message, "create_time")),
    };
    if (role == STORE_ROLE_ASSISTANT)
        d->message.model = model;
    d->open = true;
}

/* Pictures that a tool has made belong to the reply; its words do not. */
static void add_tool(struct draft *d, const struct jv *message)
{
    const struct jv *content = jv_get(message, "content");
    if (d->open &&
        str_eq(jv_get_str(content, "content_type"), STR("multimodal_text")))
        add_parts(d, jv_get(content, "parts"));
}

static void add_node(struct draft *d, struct str id, const struct jv *node)
{
    const struct jv *message = jv_get(node, "message");
    struct str role = jv_get_str(jv_get(message, "author"), "role");
    bool reply = d->open && d->message.role == STORE_ROLE_ASSISTANT;
    if (is_hidden(message))
        return;
    if (str_eq(role, STR("user"))) {
        finish(d);
        begin(d, id, message, STORE_ROLE_USER);
    } else if (str_eq(role, STR("assistant"))) {
        if (!reply) {
            finish(d);
            begin(d, id, message, STORE_ROLE_ASSISTANT);
        }
    } else {
        if (str_eq(role, STR("tool")) && reply)
            add_tool(d, message);
        return;
    }
    add_content(d, jv_get(message, "content"));
}

/* The node without children that came last, where none is named. */
static struct str last_leaf(const struct jv *mapping)
{
    struct str key, found = {0};
    const struct jv *node;
    int64_t newest = -1;
    for (void *pos = NULL; jv_each(mapping, &pos, &key, &node);) {
        int64_t us =
            import_time(jv_get(jv_get(node, "message"), "create_time"));
        if (jv_count(jv_get(node, "children")) == 0 && us > newest) {
            newest = us;
            found = key;
        }
    }
    return found;
}

static const struct jv *node_of(
    struct arena *arena, const struct jv *mapping, struct str id)
{
    return id.n == 0 ? NULL : jv_get(mapping, arena_c_str(arena, id));
}

/* Ids of the path, from its end to the root; gives their number. */
static size_t read_path(struct imported *chat, const struct jv *conversation,
    struct str *ids, size_t max)
{
    const struct jv *mapping = jv_get(conversation, "mapping");
    struct str id = import_str(conversation, "current_node");
    size_t n = 0;
    if (node_of(chat->arena, mapping, id) == NULL)
        id = last_leaf(mapping);
    while (n < max) { /* a circle ends here too */
        const struct jv *node = node_of(chat->arena, mapping, id);
        if (node == NULL)
            break;
        ids[n++] = id;
        id = import_str(node, "parent");
    }
    return n;
}

static void read_messages(struct imported *chat, const struct jv *conversation,
    struct str *ids, size_t count)
{
    const struct jv *mapping = jv_get(conversation, "mapping");
    struct draft d = {.chat = chat};
    buf_init(&d.text, MAX_TEXT);
    buf_init(&d.reasoning, MAX_TEXT);
    for (size_t i = count; i > 0; i--)
        add_node(&d, ids[i - 1], node_of(chat->arena, mapping, ids[i - 1]));
    finish(&d);
    buf_release(&d.text);
    buf_release(&d.reasoning);
}

enum rc import_chatgpt_chat(
    const struct jv *conversation, struct imported *ret, const char **ret_why)
{
    size_t nodes = jv_count(jv_get(conversation, "mapping"));
    struct str id = import_str(conversation, "conversation_id");
    bool archived = false;
    (void)jv_bool(jv_get(conversation, "is_archived"), &archived);
    *ret_why = "no conversation of ChatGPT";
    if (jv_type(jv_get(conversation, "mapping")) != JV_OBJECT)
        return RC_INVALID;
    *ret_why = "more than 100,000 messages";
    if (nodes > MAX_NODES)
        return RC_INVALID;
    if (id.n == 0)
        id = import_str(conversation, "id");
    struct str title = import_str(conversation, "title");
    ret->session = (struct store_session){
        .session_id = import_id(ret->arena, id, title,
            (size_t)import_time(jv_get(conversation, "create_time"))),
        .title = title.n > 0 ? title : (struct str){0},
        .created_at_us = import_time(jv_get(conversation, "create_time")),
        .timestamp_us = import_time(jv_get(conversation, "update_time")),
        .is_active = true,
        .archived = archived,
    };
    struct str *ids = arena_alloc(ret->arena, (nodes + 1) * sizeof(*ids));
    read_messages(
        ret, conversation, ids, read_path(ret, conversation, ids, nodes));
    *ret_why = "no message in it";
    return import_complete(ret) ? RC_OK : RC_INVALID;
}
