#include <assert.h>
#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"

#include "limits/quota.h"

struct quota {
    pthread_mutex_t mutex;
    struct map *by_key; /* size_t: places of one key, above 0 */
    size_t total;
    size_t max_total;
    size_t max_per_key;
};

struct quota *quota_new(size_t max_total, size_t max_per_key)
{
    struct quota *q = MEM_NEW(struct quota);
    pthread_mutex_init(&q->mutex, NULL);
    q->by_key = map_new(max_total);
    q->max_total = max_total;
    q->max_per_key = max_per_key;
    return q;
}

void quota_free(struct quota *q)
{
    if (q == NULL)
        return;
    size_t pos = 0;
    size_t *places;
    while ((places = map_next(q->by_key, &pos)) != NULL)
        mem_free(places);
    map_free(q->by_key);
    pthread_mutex_destroy(&q->mutex);
    mem_free(q);
}

static enum quota_result take(struct quota *q, struct str key)
{
    size_t *places = map_get(q->by_key, key);
    if (places != NULL && *places >= q->max_per_key)
        return QUOTA_KEY_FULL;
    if (q->total >= q->max_total)
        return QUOTA_TOTAL_FULL;
    if (places == NULL) {
        places = MEM_NEW(size_t);
        if (map_add(q->by_key, key, places) != RC_OK) {
            mem_free(places);
            return QUOTA_TOTAL_FULL;
        }
    }
    ++*places;
    q->total++;
    return QUOTA_TAKEN;
}

enum quota_result quota_take(struct quota *q, struct str key)
{
    pthread_mutex_lock(&q->mutex);
    enum quota_result result = take(q, key);
    pthread_mutex_unlock(&q->mutex);
    return result;
}

void quota_give_back(struct quota *q, struct str key)
{
    pthread_mutex_lock(&q->mutex);
    size_t *places = map_get(q->by_key, key);
    assert(places != NULL && q->total > 0);
    q->total--;
    if (--*places == 0)
        mem_free(map_remove(q->by_key, key));
    pthread_mutex_unlock(&q->mutex);
}

size_t quota_taken(struct quota *q)
{
    pthread_mutex_lock(&q->mutex);
    size_t total = q->total;
    pthread_mutex_unlock(&q->mutex);
    return total;
}

size_t quota_taken_by(struct quota *q, struct str key)
{
    pthread_mutex_lock(&q->mutex);
    const size_t *places = map_get(q->by_key, key);
    size_t taken = places == NULL ? 0 : *places;
    pthread_mutex_unlock(&q->mutex);
    return taken;
}
