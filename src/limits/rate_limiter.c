#include <pthread.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

#include "limits/rate_limiter.h"

enum { MINUTE_MS = 60000 };

/* level is in thousandths of an action, so that no rate is rounded to zero. */
struct bucket {
    struct list link; /* least recently used first */
    char *key;
    int64_t level;
    int64_t filled_ms;
};

struct rate_limiter {
    pthread_mutex_t mutex;
    struct map *buckets;
    struct list by_use;
    int64_t per_minute;
    size_t max_keys;
};

struct rate_limiter *rate_limiter_new(int64_t per_minute, size_t max_keys)
{
    struct rate_limiter *l = MEM_NEW(struct rate_limiter);
    pthread_mutex_init(&l->mutex, NULL);
    l->buckets = map_new(max_keys);
    list_init(&l->by_use);
    l->per_minute = per_minute;
    l->max_keys = max_keys;
    return l;
}

static void forget(struct rate_limiter *l, struct bucket *b)
{
    map_remove(l->buckets, str_from_c(b->key));
    list_remove(&b->link);
    mem_free(b->key);
    mem_free(b);
}

void rate_limiter_free(struct rate_limiter *l)
{
    if (l == NULL)
        return;
    LIST_EACH(node, &l->by_use)
    forget(l, LIST_ITEM(node, struct bucket, link));
    map_free(l->buckets);
    pthread_mutex_destroy(&l->mutex);
    mem_free(l);
}

/* The key's bucket, made full when it is new. */
static struct bucket *find(
    struct rate_limiter *l, struct str key, int64_t now_ms)
{
    struct bucket *b = map_get(l->buckets, key);
    if (b != NULL)
        return b;
    if (map_count(l->buckets) >= l->max_keys)
        forget(l, LIST_ITEM(l->by_use.next, struct bucket, link));
    b = MEM_NEW(struct bucket);
    b->key = mem_dup_str(key);
    b->level = l->per_minute * 1000;
    b->filled_ms = now_ms;
    list_init(&b->link);
    if (map_add(l->buckets, key, b) != RC_OK) {
        mem_free(b->key);
        mem_free(b);
        return NULL;
    }
    return b;
}

static void fill(const struct rate_limiter *l, struct bucket *b, int64_t now_ms)
{
    int64_t elapsed = now_ms - b->filled_ms;
    if (elapsed > MINUTE_MS)
        elapsed = MINUTE_MS;
    if (elapsed < 0)
        elapsed = 0;
    b->filled_ms = now_ms;
    b->level += elapsed * l->per_minute * 1000 / MINUTE_MS;
    if (b->level > l->per_minute * 1000)
        b->level = l->per_minute * 1000;
}

static bool take(struct rate_limiter *l, struct str key, int64_t now_ms,
    int64_t *ret_wait_ms)
{
    struct bucket *b = find(l, key, now_ms);
    if (b == NULL)
        return true;
    list_remove(&b->link);
    list_push(&l->by_use, &b->link);
    fill(l, b, now_ms);
    if (b->level >= 1000) {
        b->level -= 1000;
        return true;
    }
    int64_t per_ms = l->per_minute * 1000;
    *ret_wait_ms = ((1000 - b->level) * MINUTE_MS + per_ms - 1) / per_ms;
    return false;
}

bool rate_limiter_take(struct rate_limiter *l, struct str key, int64_t now_ms,
    int64_t *ret_wait_ms)
{
    if (l->per_minute == 0)
        return true;
    pthread_mutex_lock(&l->mutex);
    bool ok = take(l, key, now_ms, ret_wait_ms);
    pthread_mutex_unlock(&l->mutex);
    return ok;
}

int64_t rate_limiter_left(
    struct rate_limiter *l, struct str key, int64_t now_ms)
{
    int64_t left = l->per_minute;
    pthread_mutex_lock(&l->mutex);
    struct bucket *b = map_get(l->buckets, key);
    if (b != NULL) {
        fill(l, b, now_ms);
        left = b->level / 1000;
    }
    pthread_mutex_unlock(&l->mutex);
    return left;
}
