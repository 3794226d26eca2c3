#ifndef ASSETS_ASSETS_INT_H
#define ASSETS_ASSETS_INT_H

#include "assets.h"

/* What tools/embed_assets.py writes: files sorted by the bytes of path. */
struct assets_set {
    const struct asset *items;
    _Atomic(char *) *unpacked; /* identity of each, once it was asked for */
    size_t count;
};

extern const struct assets_set assets_embedded;

#endif
