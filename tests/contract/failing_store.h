#ifndef TESTS_CONTRACT_FAILING_STORE_H
#define TESTS_CONTRACT_FAILING_STORE_H

#include "store/store.h"

/*
 * A store that fails on demand in front of one that works. Closing it closes
 * the inner one too.
 */
struct store *failing_store_new(struct store *inner);

/*
 * The n-th operation submitted from now on (1: the next) ends with rc instead
 * of being done; with `onwards` all later ones too. n = 0 disarms.
 */
void failing_store_arm(struct store *store, int n, enum rc rc, bool onwards);

/* Only operations of this verb count and fail; STORE_VERB_COUNT: all. */
void failing_store_only(struct store *store, enum store_verb verb);

/* Operations seen that count, and failed, since it was armed. */
int failing_store_seen(const struct store *store);
int failing_store_failed(const struct store *store);

#endif
