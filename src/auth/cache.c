#include <pthread.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

#include "auth/auth.h"

struct entry {
    struct list link; /* oldest first */
    char *hash;
    struct arena *arena;
    struct auth_identity identity;
    int64_t known_ms;
};

struct auth_cache {
    pthread_mutex_t mutex;
    struct map *by_hash;
    struct list by_age;
    size_t max_entries;
    int64_t ttl_ms;
};

struct auth_cache *auth_cache_new(size_t max_entries, int64_t ttl_ms)
{
    struct auth_cache *cache = MEM_NEW(struct auth_cache);
    pthread_mutex_init(&cache->mutex, NULL);
    cache->by_hash = map_new(max_entries);
    list_init(&cache->by_age);
    cache->max_entries = max_entries;
    cache->ttl_ms = ttl_ms;
    return cache;
}

static void forget(struct auth_cache *cache, struct entry *e)
{
    map_remove(cache->by_hash, str_from_c(e->hash));
    list_remove(&e->link);
    arena_free(e->arena);
    mem_free(e->hash);
    mem_free(e);
}

void auth_cache_free(struct auth_cache *cache)
{
    if (cache == NULL)
        return;
    LIST_EACH(node, &cache->by_age)
    forget(cache, LIST_ITEM(node, struct entry, link));
    map_free(cache->by_hash);
    pthread_mutex_destroy(&cache->mutex);
    mem_free(cache);
}

static struct auth_identity copy(
    struct arena *arena, const struct auth_identity *i)
{
    return (struct auth_identity){
        .kind = i->kind,
        .user_id = arena_str(arena, i->user_id),
        .email = arena_str(arena, i->email),
        .username = arena_str(arena, i->username),
    };
}

/* What is known of a hash and not too old, or NULL. */
static struct entry *find(
    struct auth_cache *cache, struct str hash, int64_t now_ms)
{
    struct entry *e = map_get(cache->by_hash, hash);
    if (e == NULL || now_ms - e->known_ms < cache->ttl_ms)
        return e;
    forget(cache, e);
    return NULL;
}

bool auth_cache_get(struct auth_cache *cache, struct str hash, int64_t now_ms,
    struct arena *arena, struct auth_identity *ret)
{
    pthread_mutex_lock(&cache->mutex);
    const struct entry *e = find(cache, hash, now_ms);
    if (e != NULL)
        *ret = copy(arena, &e->identity);
    pthread_mutex_unlock(&cache->mutex);
    return e != NULL;
}

static void remove_hash(struct auth_cache *cache, struct str hash)
{
    struct entry *e = map_get(cache->by_hash, hash);
    if (e != NULL)
        forget(cache, e);
}

static void put(struct auth_cache *cache, struct str hash, int64_t now_ms,
    const struct auth_identity *identity)
{
    remove_hash(cache, hash);
    if (map_count(cache->by_hash) >= cache->max_entries)
        forget(cache, LIST_ITEM(cache->by_age.next, struct entry, link));
    struct entry *e = MEM_NEW(struct entry);
    if (map_add(cache->by_hash, hash, e) != RC_OK) {
        mem_free(e);
        return;
    }
    e->hash = mem_dup_str(hash);
    e->arena = arena_new();
    e->identity = copy(e->arena, identity);
    e->known_ms = now_ms;
    list_init(&e->link);
    list_push(&cache->by_age, &e->link);
}

void auth_cache_put(struct auth_cache *cache, struct str hash, int64_t now_ms,
    const struct auth_identity *identity)
{
    pthread_mutex_lock(&cache->mutex);
    put(cache, hash, now_ms, identity);
    pthread_mutex_unlock(&cache->mutex);
}

void auth_cache_remove(struct auth_cache *cache, struct str hash)
{
    pthread_mutex_lock(&cache->mutex);
    remove_hash(cache, hash);
    pthread_mutex_unlock(&cache->mutex);
}
