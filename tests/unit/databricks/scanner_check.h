#ifndef TESTS_DATABRICKS_SCANNER_CHECK_H
#define TESTS_DATABRICKS_SCANNER_CHECK_H

#include "base/str.h"

/*
 * Holds the chunk scanner against the tree: whenever it says yes, the tree
 * must read the same text and the same counts out of the same bytes.
 */
enum scanner_check {
    SCANNER_LEAVES,  /* the document is for the tree */
    SCANNER_AGREES,  /* both read the same */
    SCANNER_DIFFERS, /* what both read is on stderr */
};

enum scanner_check scanner_check(struct str data);

#endif
