#include <string.h>

#include "base/map.h"

#include "admin/import_formats.h"

/*
 * Turns that follow the same turn and are of the same role stand at one place,
 * as its variants.
 */
struct group {
    size_t first, shown; /* turns */
    size_t count;
};

/* Where turns become places. */
struct grouping {
    struct imported *chat;
    struct import_turn *turns;
    struct group *groups;
    size_t count;
    struct map *by_key; /* index + 1 by parent and role */
};

/* The turn that one follows, past those that said nothing; 0: none. */
static size_t parent_of(const struct grouping *g, size_t turn)
{
    size_t parent = g->turns[turn].parent;
    while (parent != 0 && g->turns[parent - 1].empty)
        parent = g->turns[parent - 1].parent;
    return parent;
}

static void put_turn(struct grouping *g, size_t turn)
{
    struct import_turn *t = &g->turns[turn];
    struct str key = arena_printf(g->chat->arena, "%zu %s", parent_of(g, turn),
        store_role_name(t->message.role));
    size_t at = (size_t)(uintptr_t)map_get(g->by_key, key);
    if (at == 0) {
        at = ++g->count;
        g->groups[at - 1] = (struct group){.first = turn, .shown = turn};
        (void)!map_add(g->by_key, key, (void *)(uintptr_t)at);
    }
    struct group *group = &g->groups[at - 1];
    t->group = at - 1;
    t->message.variant = (int64_t)++group->count;
    if (t->on_path || !g->turns[group->shown].on_path)
        group->shown = turn;
}

static void begin_place(const struct grouping *g, const struct group *group,
    struct store_place *place)
{
    size_t parent = parent_of(g, group->first);
    place->parent_variant = 1;
    place->others = arena_alloc(
        g->chat->arena, (group->count) * sizeof(struct store_message));
    if (parent == 0)
        return;
    const struct import_turn *p = &g->turns[parent - 1];
    place->parent_variant = p->message.variant;
    place->message.parent_id =
        g->turns[g->groups[p->group].first].message.message_id;
}

/* A turn as a variant of its place, whose id is that of the first one. */
static void put_variant(const struct grouping *g, size_t turn)
{
    const struct import_turn *t = &g->turns[turn];
    const struct group *group = &g->groups[t->group];
    const struct store_message *first = &g->turns[group->first].message;
    struct store_place *place = &g->chat->places[t->group];
    struct store_message m = t->message;
    if (turn == group->first)
        begin_place(g, group, place);
    m.message_id = first->message_id;
    m.parent_id = place->message.parent_id;
    m.variants = (int64_t)group->count;
    m.timestamp_us =
        m.created_at_us != 0 ? m.created_at_us : g->chat->session.created_at_us;
    m.created_at_us = first->created_at_us;
    if (turn == group->shown) {
        place->message = m;
        return;
    }
    struct store_message *others =
        (struct store_message *)(uintptr_t)place->others;
    others[place->other_count++] = m;
}

void import_tree(struct imported *chat, struct import_turn *turns, size_t count)
{
    struct grouping g = {.chat = chat, .turns = turns};
    g.groups = arena_alloc(chat->arena, (count + 1) * sizeof(*g.groups));
    g.by_key = map_new(count + 1);
    for (size_t i = 0; i < count; i++)
        if (!turns[i].empty)
            put_turn(&g, i);
    chat->places =
        arena_alloc(chat->arena, (g.count + 1) * sizeof(*chat->places));
    chat->count = g.count;
    for (size_t i = 0; i < count; i++)
        if (!turns[i].empty)
            put_variant(&g, i);
    map_free(g.by_key);
}
