#ifndef API_PARTS_H
#define API_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json_writer.h"
#include "base/str.h"

/*
 * What a reply consists of beside its text: tool calls, approvals, results,
 * notices. Each is a JSON object on a line of its own that begins with
 *
 *     {"id":"tool-call_1","kind":"tool","at":17,
 *
 * where `at` counts the UTF-16 code units of the answer's text before it. A
 * line replaces the one before with the same id. The part of kind "answer"
 * stands for the text: what was said up to its `at` is its `text` instead,
 * and every other `at` counts in the text as it is then.
 */
enum { PARTS_MAX = 256 }; /* different ids of a reply; more are left out */

struct part {
    struct str id, kind;
    int64_t at;
    struct str json;
};

struct part_list {
    struct part items[PARTS_MAX];
    size_t count;
};

/* The head of a line; false when it is none. Views of the line. */
bool part_read(struct str line, struct part *ret);

/* All lines, the last of each id in the place of its first; arena's. */
const struct part_list *parts_fold(struct arena *arena, struct str lines);

const struct part *parts_find(const struct part_list *list, struct str id);

/* The text with what an answer part says instead; arena's or content itself. */
struct str parts_content(
    struct arena *arena, struct str content, struct str lines);

/* The lines that are left when the answer part went into the text. */
struct str parts_without_answer(struct arena *arena, struct str lines);

/*
 * Member "parts" of a message: folded, without what is over. When the reply
 * has ended the answer part is in the text, and tools that run no more are
 * unanswered.
 */
void parts_member(struct json_writer *w, struct str lines, bool ended);

#endif
