#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"

/*
 * A hash map from text to pointers, with a maximum number of entries. Keys
 * are copied, values are the caller's. The hash is seeded per process.
 */
struct map;

struct map *map_new(size_t max_entries);

/* Frees the map and its keys, not the values. NULL is a no-op. */
void map_free(struct map *m);

/* RC_CONFLICT when the key is there already, RC_BUSY when the map is full. */
[[nodiscard]] enum rc map_add(struct map *m, struct str key, void *value);

/* The value, or NULL. */
void *map_get(const struct map *m, struct str key);

/* Removes the entry and returns its value, or NULL. */
void *map_remove(struct map *m, struct str key);

size_t map_count(const struct map *m);

/*
 * Iteration in no particular order: start with *pos = 0; returns the next
 * value or NULL at the end. The map must not change in between.
 */
void *map_next(const struct map *m, size_t *pos);

#endif
