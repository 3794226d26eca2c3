#ifndef TESTS_DATABRICKS_TRANSCRIPTS_H
#define TESTS_DATABRICKS_TRANSCRIPTS_H

#include <stddef.h>

#include "base/str.h"
#include "databricks/error.h"

/* Answers of serving endpoints in the shapes that are seen in the wild. */
struct transcript {
    const char *name;
    int status;
    const char *body;
    /*
     * What is made of it: "T(text)", "R(reasoning)", "F(finish)",
     * "U(prompt,completion,cached)", "S(sources)", "I(trace id)", "C(tool
     * call)", "O(its output)", "A(approval)", "X(text instead)" in order, then
     * the verdict: "complete", "empty" or one of our codes.
     */
    const char *trace;
};

extern const struct transcript transcripts[];
extern const size_t transcript_count;

#endif
