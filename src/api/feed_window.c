#include <string.h>

#include "base/json_writer.h"
#include "sse/sse_writer.h"

#include "api/feed_window.h"

struct change {
    struct list link;
    int64_t sequence;
    enum store_change_kind kind;
    struct str session_id, message_id; /* in text */
    char text[];
};

static struct change *change_of(struct list *node)
{
    return LIST_ITEM(node, struct change, link);
}

/* Appends s to a place; absent and empty are the same here. */
static struct str keep(char **place, struct str s)
{
    struct str kept = {*place, s.n};
    if (s.n > 0)
        memcpy(*place, s.p, s.n);
    *place += s.n;
    return kept;
}

static struct change *change_new(const struct store_change *from)
{
    struct change *c =
        mem_alloc(sizeof(*c) + from->session_id.n + from->message_id.n);
    char *place = c->text;
    list_init(&c->link);
    c->sequence = from->sequence;
    c->kind = from->kind;
    c->session_id = keep(&place, from->session_id);
    c->message_id = keep(&place, from->message_id);
    return c;
}

static void drop(struct feed_window *w, struct change *c)
{
    list_remove(&c->link);
    mem_free(c);
    w->count--;
}

/* The change in the window that says the same, or NULL. */
static struct change *find_same(
    struct feed_window *w, const struct store_change *change)
{
    LIST_EACH(node, &w->changes)
    {
        struct change *c = change_of(node);
        if (c->kind == change->kind &&
            str_eq(c->session_id, change->session_id) &&
            str_eq(c->message_id, change->message_id))
            return c;
    }
    return NULL;
}

void feed_window_init(struct feed_window *w, int64_t last)
{
    list_init(&w->changes);
    w->count = 0;
    w->base = w->last = last;
}

void feed_window_clear(struct feed_window *w, int64_t last)
{
    LIST_EACH(node, &w->changes)
    drop(w, change_of(node));
    w->base = w->last = last;
}

void feed_window_add(struct feed_window *w, const struct store_change *change)
{
    struct change *same = find_same(w, change);
    if (same != NULL)
        drop(w, same);
    if (w->count == FEED_WINDOW_MAX) {
        struct change *oldest = change_of(w->changes.next);
        w->base = oldest->sequence;
        drop(w, oldest);
    }
    list_push(&w->changes, &change_new(change)->link);
    w->count++;
    w->last = change->sequence;
}

static void write_change(struct buf *out, const struct change *c)
{
    struct json_writer w;
    buf_printf(out, "id: %lld\n", (long long)c->sequence);
    sse_begin_data(out);
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "kind", str_from_c(store_change_name(c->kind)));
    json_member_opt(&w, "session_id", c->session_id);
    json_member_opt(&w, "message_id", c->message_id);
    json_end_object(&w);
    sse_end_data(out);
    sse_write_end(out);
}

bool feed_window_write(
    const struct feed_window *w, int64_t *cursor, size_t max, struct buf *out)
{
    size_t start = out->n;
    for (struct list *n = w->changes.next; n != &w->changes; n = n->next) {
        const struct change *c = change_of(n);
        if (c->sequence <= *cursor)
            continue;
        if (out->n - start >= max)
            return false;
        write_change(out, c);
        *cursor = c->sequence;
    }
    if (*cursor < w->last)
        *cursor = w->last;
    return true;
}
