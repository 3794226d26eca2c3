#ifndef BASE_JSON_MERGE_H
#define BASE_JSON_MERGE_H

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * Members of one JSON object put over those of another: a member of patch
 * takes the place of its namesake, null takes it away, members below are not
 * looked into. Empty text is an empty object. RC_INVALID when one of them is
 * no object, RC_TOO_LARGE when out is full.
 */
[[nodiscard]] enum rc json_merge(
    struct str object, struct str patch, struct buf *out);

#endif
