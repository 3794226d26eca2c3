#include "base/buf.h"
#include "base/map.h"

#include "admin/import_formats.h"

/*
 * A conversation of ChatGPT's export: `mapping` holds nodes by id, each with
 * its parent and children; what was seen last is the path that ends at
 * `current_node`. Other paths are questions that were edited and replies that
 * were made anew. A reply is several nodes where tools were used; they become
 * one message.
 */
enum { MAX_NODES = 100000, MAX_TEXT = 32 << 20 };

/* A node that is still to be read. */
struct pending {
    struct str id;
    size_t turn; /* that its parent belongs to, from 1; 0: none */
    bool alone;  /* it is its parent's only child */
};

struct draft {
    struct imported *chat;
    const struct jv *mapping;
    struct import_turn *turns;
    size_t count;
    size_t open; /* number of the turn that grows; 0: none */
    struct buf text, reasoning;
    struct pending *stack;
    size_t waiting;
    struct map *seen, *path; /* ids */
};

static void finish(struct draft *d)
{
    struct arena *arena = d->chat->arena;
    if (d->open != 0) {
        struct import_turn *t = &d->turns[d->open - 1];
        t->empty = d->text.n == 0 && d->reasoning.n == 0;
        t->message.content = arena_str(arena, buf_str(&d->text));
        if (d->reasoning.n > 0)
            t->message.reasoning = arena_str(arena, buf_str(&d->reasoning));
    }
    buf_clear(&d->text);
    buf_clear(&d->reasoning);
    d->open = 0;
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

static size_t begin(struct draft *d, const struct pending *at,
    const struct jv *message, enum store_role role)
{
    struct import_turn *t = &d->turns[d->count];
    finish(d);
    *t = (struct import_turn){.parent = at->turn};
    t->message = (struct store_message){
        .message_id = import_id(
            d->chat->arena, at->id, d->chat->session.session_id, d->count),
        .role = role,
        .created_at_us = import_time(jv_get(message, "create_time")),
    };
    if (role == STORE_ROLE_ASSISTANT)
        t->message.model =
            import_str(jv_get(message, "metadata"), "model_slug");
    d->open = ++d->count;
    return d->open;
}

/* Pictures that a tool has made belong to the reply; its words do not. */
static void add_tool(struct draft *d, const struct jv *message)
{
    const struct jv *content = jv_get(message, "content");
    if (str_eq(jv_get_str(content, "content_type"), STR("multimodal_text")))
        add_parts(d, jv_get(content, "parts"));
}

/* Reads a node; gives the turn that what follows it follows. */
static size_t add_node(
    struct draft *d, const struct pending *at, const struct jv *node)
{
    const struct jv *message = jv_get(node, "message");
    struct str role = jv_get_str(jv_get(message, "author"), "role");
    size_t turn = at->turn;
    bool growing = turn != 0 && turn == d->open && at->alone &&
                   d->turns[turn - 1].message.role == STORE_ROLE_ASSISTANT;
    if (is_hidden(message))
        return turn;
    if (str_eq(role, STR("user"))) {
        turn = begin(d, at, message, STORE_ROLE_USER);
    } else if (str_eq(role, STR("assistant"))) {
        if (!growing)
            turn = begin(d, at, message, STORE_ROLE_ASSISTANT);
    } else {
        if (str_eq(role, STR("tool")) && growing)
            add_tool(d, message);
        return turn;
    }
    add_content(d, jv_get(message, "content"));
    return turn;
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

/* A node is read once, whatever names it. */
static void push(struct draft *d, struct str id, size_t turn, bool alone)
{
    if (id.n == 0 || node_of(d->chat->arena, d->mapping, id) == NULL ||
        map_add(d->seen, id, d) != RC_OK)
        return;
    d->stack[d->waiting++] = (struct pending){id, turn, alone};
}

/* Everything below what is pushed, each branch to its end. */
static void read_below(struct draft *d)
{
    while (d->waiting > 0) {
        struct pending at = d->stack[--d->waiting];
        const struct jv *node = node_of(d->chat->arena, d->mapping, at.id);
        const struct jv *children = jv_get(node, "children");
        size_t count = jv_count(children);
        size_t turn = add_node(d, &at, node);
        if (turn != 0 && map_get(d->path, at.id) != NULL)
            d->turns[turn - 1].on_path = true;
        for (size_t i = count; i > 0; i--) {
            struct str child = {0};
            if (jv_string(jv_at(children, i - 1), &child))
                push(d, child, turn, count == 1);
        }
    }
}

/* The path's own root first, then whatever else has no parent. */
static void read_all(struct draft *d, struct str oldest)
{
    struct str key;
    const struct jv *node;
    push(d, oldest, 0, false);
    read_below(d);
    for (void *pos = NULL; jv_each(d->mapping, &pos, &key, &node);) {
        struct str parent = import_str(node, "parent");
        if (node_of(d->chat->arena, d->mapping, parent) == NULL)
            push(d, key, 0, false);
        read_below(d);
    }
    finish(d);
}

static void read_messages(
    struct imported *chat, const struct jv *conversation, size_t nodes)
{
    struct arena *arena = chat->arena;
    struct str *ids = arena_alloc(arena, (nodes + 1) * sizeof(*ids));
    size_t length = read_path(chat, conversation, ids, nodes);
    struct draft d = {.chat = chat,
        .mapping = jv_get(conversation, "mapping"),
        .turns = arena_alloc(arena, (nodes + 1) * sizeof(*d.turns)),
        .stack = arena_alloc(arena, (nodes + 1) * sizeof(*d.stack)),
        .seen = map_new(nodes + 1),
        .path = map_new(nodes + 1)};
    buf_init(&d.text, MAX_TEXT);
    buf_init(&d.reasoning, MAX_TEXT);
    for (size_t i = 0; i < length; i++)
        (void)!map_add(d.path, ids[i], chat);
    read_all(&d, length > 0 ? ids[length - 1] : (struct str){0});
    import_tree(chat, d.turns, d.count);
    map_free(d.seen);
    map_free(d.path);
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
    read_messages(ret, conversation, nodes);
    *ret_why = "no message in it";
    return import_complete(ret) ? RC_OK : RC_INVALID;
}
