#include "base/map.h"
#include "base/mem.h"

#include "api/listen.h"
#include "api/outbox.h"
#include "api/turn.h"

/* Listeners by the reply they follow; one list holds those of one reply. */
enum { MAX_FOLLOWED = 200000 };

struct followed {
    struct list listeners;
};

struct listening {
    struct api *api;
    struct store_watch *watch;
    struct map *by_id; /* struct followed */
};

static void tell_list(struct list *listeners)
{
    LIST_EACH(node, listeners)
    {
        struct listener *l = LIST_ITEM(node, struct listener, link);
        l->fn(l->ctx);
    }
}

static void tell_all(struct listening *l)
{
    size_t pos = 0;
    struct followed *f;
    while ((f = map_next(l->by_id, &pos)) != NULL)
        tell_list(&f->listeners);
}

static void on_news(void *ctx, enum store_news news, struct str id)
{
    struct listening *l = ctx;
    struct followed *f;
    switch (news) {
    case STORE_NEWS_REPLY:
        f = map_get(l->by_id, id);
        if (f != NULL)
            tell_list(&f->listeners);
        break;
    case STORE_NEWS_STOP:
        turn_stop(l->api, id);
        break;
    case STORE_NEWS_ALL:
        tell_all(l);
        turn_look_for_stops(l->api);
        break;
    case STORE_NEWS_OUTBOX:
        outbox_wake(l->api->outbox);
        break;
    case STORE_NEWS_CHANGES:
        break;
    }
}

struct listening *listening_new(struct api *api)
{
    struct listening *l = MEM_NEW(struct listening);
    l->api = api;
    l->by_id = map_new(MAX_FOLLOWED);
    l->watch = store_watch_new(api->config.store, api->loop, on_news, l);
    return l;
}

void listening_free(struct listening *l)
{
    if (l == NULL)
        return;
    store_watch_free(l->watch);
    map_free(l->by_id);
    mem_free(l);
}

static struct followed *follow(struct listening *l, struct str reply_id)
{
    struct followed *f = map_get(l->by_id, reply_id);
    if (f != NULL)
        return f;
    f = MEM_NEW(struct followed);
    list_init(&f->listeners);
    if (map_add(l->by_id, reply_id, f) == RC_OK) {
        store_watch_add(l->watch, STORE_NEWS_REPLY, reply_id);
        return f;
    }
    mem_free(f);
    return NULL;
}

void listener_begin(struct listening *l, struct listener *listener)
{
    struct followed *f = follow(l, listener->reply_id);
    list_init(&listener->link);
    listener->of = l;
    if (f != NULL) /* beyond the bound there is only the poll */
        list_push(&f->listeners, &listener->link);
}

void listener_end(struct listener *listener)
{
    struct listening *l = listener->of;
    if (l == NULL)
        return;
    list_remove(&listener->link);
    listener->of = NULL;
    struct followed *f = map_get(l->by_id, listener->reply_id);
    if (f == NULL || !list_empty(&f->listeners))
        return;
    store_watch_remove(l->watch, STORE_NEWS_REPLY, listener->reply_id);
    mem_free(map_remove(l->by_id, listener->reply_id));
}
