#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

#include "store/news.h"

/*
 * A topic is a reply or a person that somebody follows. A watch that follows
 * it has a subscription, which hangs on the topic and, while there is news
 * that the watch has not been told, on the watch's list of pending ones:
 *
 *     topics (map)                 watches
 *     "r" + id --> subscription --> watch --> pending: subscription, ...
 *              `-> subscription --> watch     stops: id, id, ...
 *
 * So news costs no memory, however fast it comes. Everything is behind one
 * mutex; `tell` is called without it.
 */
enum { MAX_KEY = 4096 };

struct topic {
    enum store_news kind;
    struct str id;
    char *key;
    struct list subscriptions;
};

struct subscription {
    struct topic *topic;
    struct store_watch *watch;
    struct list of_topic;
    struct list of_watch;
    struct list pending; /* linked: there is news */
    size_t count;        /* how often it was asked for */
};

struct news {
    pthread_mutex_t mutex;
    struct map *topics;
    struct list watches;
    atomic_size_t topic_count; /* read without the mutex */
    atomic_size_t watch_count;
};

struct store_watch {
    struct news *news;
    struct loop *loop;
    store_news_fn *tell;
    void *ctx;
    struct list link;          /* in news->watches */
    struct list subscriptions; /* by of_watch */
    struct list pending;       /* subscriptions with news */
    char *stops[NEWS_MAX_STOPS];
    size_t stop_count;
    bool all;    /* something may have been missed */
    bool outbox; /* feedback is to be sent */
    bool posted; /* the message is on its way */
    struct loop_message message;
    bool telling; /* inside deliver(); only on the loop's thread */
    bool freed;   /* the same */
};

struct news *news_new(void)
{
    struct news *news = MEM_NEW(struct news);
    pthread_mutex_init(&news->mutex, NULL);
    news->topics = map_new(NEWS_MAX_TOPICS);
    list_init(&news->watches);
    return news;
}

void news_free(struct news *news)
{
    if (news == NULL)
        return;
    map_free(news->topics);
    pthread_mutex_destroy(&news->mutex);
    mem_free(news);
}

static struct str make_key(struct buf *out, enum store_news kind, struct str id)
{
    buf_init(out, MAX_KEY);
    buf_append_char(out, kind == STORE_NEWS_REPLY ? 'r' : 'c');
    buf_append(out, id);
    return buf_str(out);
}

static struct topic *find_topic(
    const struct news *news, enum store_news kind, struct str id)
{
    struct buf key;
    struct topic *topic = map_get(news->topics, make_key(&key, kind, id));
    buf_release(&key);
    return topic;
}

/* ---- On its way to the loop; the mutex is held ---- */

static void post(struct store_watch *watch)
{
    if (watch->posted)
        return;
    watch->posted = true;
    loop_post(watch->loop, &watch->message);
}

static void tell_topic(
    const struct news *news, enum store_news kind, struct str id)
{
    struct topic *topic = find_topic(news, kind, id);
    if (topic == NULL)
        return;
    LIST_EACH(node, &topic->subscriptions)
    {
        struct subscription *s = LIST_ITEM(node, struct subscription, of_topic);
        if (list_empty(&s->pending))
            list_push(&s->watch->pending, &s->pending);
        post(s->watch);
    }
}

static void add_stop(struct store_watch *watch, struct str id)
{
    if (watch->stop_count < NEWS_MAX_STOPS)
        watch->stops[watch->stop_count++] = mem_dup_str(id);
    else
        watch->all = true;
}

static void tell_everybody(
    struct news *news, enum store_news kind, struct str id)
{
    LIST_EACH(node, &news->watches)
    {
        struct store_watch *watch = LIST_ITEM(node, struct store_watch, link);
        if (kind == STORE_NEWS_STOP)
            add_stop(watch, id);
        else if (kind == STORE_NEWS_OUTBOX)
            watch->outbox = true;
        else
            watch->all = true;
        post(watch);
    }
}

void news_tell(struct news *news, enum store_news kind, struct str id)
{
    bool topical = kind == STORE_NEWS_REPLY || kind == STORE_NEWS_CHANGES;
    if (atomic_load(topical ? &news->topic_count : &news->watch_count) == 0)
        return;
    pthread_mutex_lock(&news->mutex);
    if (topical)
        tell_topic(news, kind, id);
    else
        tell_everybody(news, kind, id);
    pthread_mutex_unlock(&news->mutex);
}

/* ---- What an operation is news of ---- */

/* Events of one reply lie side by side, so that each is told once. */
static void emit_appended(
    const struct store_append_events *a, news_emit_fn *emit, void *ctx)
{
    for (size_t i = 0; i < a->count; i++)
        if (i == 0 ||
            !str_eq(a->events[i].message_id, a->events[i - 1].message_id))
            emit(ctx, STORE_NEWS_REPLY, a->events[i].message_id);
}

void news_of(const struct store_op *op, news_emit_fn *emit, void *ctx)
{
    if (op->rc != RC_OK)
        return;
    switch ((int)op->verb) {
    case STORE_APPEND_EVENTS:
        emit_appended(&op->append_events, emit, ctx);
        break;
    case STORE_FINISH_REPLY:
        emit(ctx, STORE_NEWS_REPLY, op->finish_reply.message_id);
        break;
    case STORE_REGENERATE:
        emit(ctx, STORE_NEWS_REPLY, op->regenerate.message_id);
        break;
    case STORE_CONTINUE_REPLY:
        emit(ctx, STORE_NEWS_REPLY, op->continue_reply.message_id);
        break;
    case STORE_RATE:
        if (op->rate.tell)
            emit(ctx, STORE_NEWS_OUTBOX, (struct str){0});
        break;
    case STORE_REQUEST_STOP:
        if (op->request_stop.status == STORE_STREAMING)
            emit(ctx, STORE_NEWS_STOP, op->request_stop.message_id);
        break;
    case STORE_RECOVER:
        if (op->recover.recovered > 0)
            emit(ctx, STORE_NEWS_ALL, (struct str){0});
        break;
    default:
        break;
    }
    if (op->changed_)
        emit(ctx, STORE_NEWS_CHANGES, op->user_id);
}

static void tell_committed(void *ctx, enum store_news kind, struct str id)
{
    news_tell(ctx, kind, id);
}

void news_committed(struct news *news, const struct store_op *op)
{
    if (news != NULL && atomic_load(&news->watch_count) > 0)
        news_of(op, tell_committed, news);
}

/* ---- On the loop ---- */

static void watch_release(struct store_watch *watch)
{
    for (size_t i = 0; i < watch->stop_count; i++)
        mem_free(watch->stops[i]);
    mem_free(watch);
}

/* What the watch is to be told, taken at once. */
struct bundle {
    struct list pending;
    char *stops[NEWS_MAX_STOPS];
    size_t stop_count;
    bool all, outbox;
};

static void take_bundle(struct store_watch *watch, struct bundle *bundle)
{
    list_init(&bundle->pending);
    pthread_mutex_lock(&watch->news->mutex);
    watch->posted = false;
    list_splice(&bundle->pending, &watch->pending);
    bundle->stop_count = watch->stop_count;
    for (size_t i = 0; i < watch->stop_count; i++)
        bundle->stops[i] = watch->stops[i];
    watch->stop_count = 0;
    bundle->all = watch->all;
    bundle->outbox = watch->outbox;
    watch->all = watch->outbox = false;
    pthread_mutex_unlock(&watch->news->mutex);
}

/* The next one with news; a copy, for it may be removed when it is told. */
static char *take_pending(
    struct news *news, struct list *pending, enum store_news *ret_kind)
{
    char *id = NULL;
    pthread_mutex_lock(&news->mutex);
    struct list *node = list_pop(pending);
    if (node != NULL) {
        const struct subscription *s =
            LIST_ITEM(node, struct subscription, pending);
        id = mem_dup_str(s->topic->id);
        *ret_kind = s->topic->kind;
    }
    pthread_mutex_unlock(&news->mutex);
    return id;
}

static void tell_one(struct store_watch *watch, enum store_news kind, char *id)
{
    if (!watch->freed)
        watch->tell(watch->ctx, kind, str_from_c(id));
    mem_free(id);
}

/* Tells what there is; the watch may be freed by whom it tells. */
static void deliver(void *ctx)
{
    struct store_watch *watch = ctx;
    struct bundle bundle;
    enum store_news kind;
    char *id;
    if (watch->freed) {
        watch_release(watch);
        return;
    }
    take_bundle(watch, &bundle);
    watch->telling = true;
    if (bundle.all)
        tell_one(watch, STORE_NEWS_ALL, NULL);
    if (bundle.outbox)
        tell_one(watch, STORE_NEWS_OUTBOX, NULL);
    for (size_t i = 0; i < bundle.stop_count; i++)
        tell_one(watch, STORE_NEWS_STOP, bundle.stops[i]);
    while (!watch->freed &&
           (id = take_pending(watch->news, &bundle.pending, &kind)) != NULL)
        tell_one(watch, kind, id);
    watch->telling = false;
    if (watch->freed && !watch->posted)
        watch_release(watch);
}

struct store_watch *store_watch_new(
    struct store *store, struct loop *loop, store_news_fn *tell, void *ctx)
{
    struct news *news = store->news;
    struct store_watch *watch = MEM_NEW(struct store_watch);
    *watch = (struct store_watch){
        .news = news, .loop = loop, .tell = tell, .ctx = ctx};
    list_init(&watch->link);
    list_init(&watch->subscriptions);
    list_init(&watch->pending);
    list_init(&watch->message.link);
    watch->message.fn = deliver;
    watch->message.ctx = watch;
    pthread_mutex_lock(&news->mutex);
    list_push(&news->watches, &watch->link);
    atomic_fetch_add(&news->watch_count, 1);
    pthread_mutex_unlock(&news->mutex);
    return watch;
}

/* ---- Subscriptions; the mutex is held ---- */

static struct topic *topic_new(
    struct news *news, enum store_news kind, struct str id)
{
    struct buf key;
    struct topic *topic = MEM_NEW(struct topic);
    topic->kind = kind;
    if (map_add(news->topics, make_key(&key, kind, id), topic) == RC_OK) {
        list_init(&topic->subscriptions);
        topic->key = mem_dup_str(buf_str(&key));
        topic->id = str_sub(str_from_c(topic->key), 1, buf_str(&key).n);
        atomic_fetch_add(&news->topic_count, 1);
    } else {
        mem_free(topic);
        topic = NULL;
    }
    buf_release(&key);
    return topic;
}

static void topic_drop(struct news *news, struct topic *topic)
{
    map_remove(news->topics, str_from_c(topic->key));
    atomic_fetch_sub(&news->topic_count, 1);
    mem_free(topic->key);
    mem_free(topic);
}

static struct subscription *find_subscription(
    const struct store_watch *watch, const struct topic *topic)
{
    for (struct list *n = topic->subscriptions.next; n != &topic->subscriptions;
         n = n->next) {
        struct subscription *s = LIST_ITEM(n, struct subscription, of_topic);
        if (s->watch == watch)
            return s;
    }
    return NULL;
}

static void subscribe(struct store_watch *watch, struct topic *topic)
{
    struct subscription *s = find_subscription(watch, topic);
    if (s == NULL) {
        s = MEM_NEW(struct subscription);
        s->topic = topic;
        s->watch = watch;
        list_init(&s->pending);
        list_init(&s->of_topic);
        list_init(&s->of_watch);
        list_push(&topic->subscriptions, &s->of_topic);
        list_push(&watch->subscriptions, &s->of_watch);
    }
    s->count++;
}

static void subscription_drop(struct subscription *s)
{
    struct topic *topic = s->topic;
    list_remove(&s->pending);
    list_remove(&s->of_watch);
    list_remove(&s->of_topic);
    if (list_empty(&topic->subscriptions))
        topic_drop(s->watch->news, topic);
    mem_free(s);
}

void store_watch_add(
    struct store_watch *watch, enum store_news kind, struct str id)
{
    struct news *news = watch->news;
    pthread_mutex_lock(&news->mutex);
    struct topic *topic = find_topic(news, kind, id);
    if (topic == NULL)
        topic = topic_new(news, kind, id);
    if (topic != NULL)
        subscribe(watch, topic);
    pthread_mutex_unlock(&news->mutex);
}

void store_watch_remove(
    struct store_watch *watch, enum store_news kind, struct str id)
{
    struct news *news = watch->news;
    pthread_mutex_lock(&news->mutex);
    struct topic *topic = find_topic(news, kind, id);
    struct subscription *s =
        topic == NULL ? NULL : find_subscription(watch, topic);
    if (s != NULL && --s->count == 0)
        subscription_drop(s);
    pthread_mutex_unlock(&news->mutex);
}

void store_watch_free(struct store_watch *watch)
{
    if (watch == NULL)
        return;
    struct news *news = watch->news;
    pthread_mutex_lock(&news->mutex);
    LIST_EACH(node, &watch->subscriptions)
    subscription_drop(LIST_ITEM(node, struct subscription, of_watch));
    list_remove(&watch->link);
    atomic_fetch_sub(&news->watch_count, 1);
    bool posted = watch->posted;
    pthread_mutex_unlock(&news->mutex);
    watch->freed = true;
    if (!posted && !watch->telling)
        watch_release(watch);
}
