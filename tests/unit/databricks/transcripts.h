#ifndef TESTS_DATABRICKS_TRANSCRIPTS_H
#define TESTS_DATABRICKS_TRANSCRIPTS_H

#include <stddef.h>

#include "base/str.h"

/*
 * Answers of serving endpoints in the shapes that are seen in the wild: the
 * files of tests/data/answers, whose README tells how they are written. They
 * are there, in the order of their names, when the first test begins.
 */
struct transcript {
    const char *name; /* "chat/plain_stream" */
    int status;
    struct str body;
    const char *trace; /* what is made of it, see the README */
};

extern const struct transcript *transcripts;
extern size_t transcript_count;

#endif
