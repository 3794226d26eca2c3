#include <stdatomic.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/map.h"
#include "base/mem.h"

/* Open addressing with linear probing; deletion shifts entries back. */
struct entry {
    char *key;
    size_t key_n;
    uint64_t hash;
    void *value;
};

struct map {
    struct entry *entries;
    size_t slots; /* power of two */
    size_t count;
    size_t max;
};

/* One random seed per process, so that nobody can prepare collisions. */
static uint64_t hash_seed(void)
{
    static _Atomic uint64_t seed;
    uint64_t s = atomic_load(&seed);
    if (s == 0) {
        uint64_t fresh = 0;
        crypto_random(&fresh, sizeof(fresh));
        fresh |= 1;
        if (atomic_compare_exchange_strong(&seed, &s, fresh))
            s = fresh;
    }
    return s;
}

/* FNV-1a over the bytes, finished with an avalanche of a seeded state. */
static uint64_t hash_str(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u ^ hash_seed();
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 33);
}

struct map *map_new(size_t max_entries)
{
    struct map *m = MEM_NEW(struct map);
    m->slots = 16;
    m->max = max_entries;
    m->entries = mem_zalloc(m->slots * sizeof(*m->entries));
    return m;
}

void map_free(struct map *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->slots; i++)
        mem_free(m->entries[i].key);
    mem_free(m->entries);
    mem_free(m);
}

/* The slot that holds key, or the free one where it would go. */
static size_t find_slot(const struct map *m, struct str key, uint64_t hash)
{
    size_t i = hash & (m->slots - 1);
    for (;; i = (i + 1) & (m->slots - 1)) {
        const struct entry *e = &m->entries[i];
        if (e->key == NULL)
            return i;
        if (e->hash == hash && str_eq((struct str){e->key, e->key_n}, key))
            return i;
    }
}

static void grow(struct map *m)
{
    struct entry *old = m->entries;
    size_t old_slots = m->slots;
    m->slots *= 2;
    m->entries = mem_zalloc(m->slots * sizeof(*m->entries));
    for (size_t i = 0; i < old_slots; i++) {
        if (old[i].key == NULL)
            continue;
        struct str key = {old[i].key, old[i].key_n};
        m->entries[find_slot(m, key, old[i].hash)] = old[i];
    }
    mem_free(old);
}

enum rc map_add(struct map *m, struct str key, void *value)
{
    uint64_t hash = hash_str(key);
    if (m->entries[find_slot(m, key, hash)].key != NULL)
        return RC_CONFLICT;
    if (m->count >= m->max)
        return RC_BUSY;
    if ((m->count + 1) * 4 > m->slots * 3)
        grow(m);
    m->entries[find_slot(m, key, hash)] =
        (struct entry){mem_dup_str(key), key.n, hash, value};
    m->count++;
    return RC_OK;
}

void *map_get(const struct map *m, struct str key)
{
    const struct entry *e = &m->entries[find_slot(m, key, hash_str(key))];
    return e->key == NULL ? NULL : e->value;
}

/* Moves later entries of the probe run into the hole, so no marker stays. */
static void close_hole(struct map *m, size_t hole)
{
    size_t mask = m->slots - 1;
    for (size_t i = (hole + 1) & mask; m->entries[i].key != NULL;
         i = (i + 1) & mask) {
        size_t home = m->entries[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        m->entries[hole] = m->entries[i];
        hole = i;
    }
    m->entries[hole] = (struct entry){0};
}

void *map_remove(struct map *m, struct str key)
{
    size_t slot = find_slot(m, key, hash_str(key));
    struct entry *e = &m->entries[slot];
    if (e->key == NULL)
        return NULL;
    void *value = e->value;
    mem_free(e->key);
    m->count--;
    close_hole(m, slot);
    return value;
}

size_t map_count(const struct map *m)
{
    return m->count;
}

void *map_next(const struct map *m, size_t *pos)
{
    while (*pos < m->slots) {
        const struct entry *e = &m->entries[(*pos)++];
        if (e->key != NULL)
            return e->value;
    }
    return NULL;
}
