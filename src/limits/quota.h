#ifndef LIMITS_QUOTA_H
#define LIMITS_QUOTA_H

#include <stddef.h>

#include "base/str.h"

/*
 * How much is going on at once, in all and for each key (a user). Safe from
 * any thread, so that all worker loops share one.
 */
struct quota;

struct quota *quota_new(size_t max_total, size_t max_per_key);
void quota_free(struct quota *q); /* NULL is a no-op */

enum quota_result { QUOTA_TAKEN, QUOTA_KEY_FULL, QUOTA_TOTAL_FULL };

/* Takes a place; only QUOTA_TAKEN is to be given back. */
enum quota_result quota_take(struct quota *q, struct str key);
void quota_give_back(struct quota *q, struct str key);

/* Places taken now, in all and by one key. */
size_t quota_taken(struct quota *q);
size_t quota_taken_by(struct quota *q, struct str key);

#endif
