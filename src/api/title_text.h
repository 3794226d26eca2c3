#ifndef API_TITLE_TEXT_H
#define API_TITLE_TEXT_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Names of chats, made of text that nobody vouches for. Pure. What comes out
 * is one line of valid UTF-8 in the arena, without characters that act on
 * what stands around them, cut behind a word; empty when nothing is left.
 */
enum {
    TITLE_QUESTION_CHARACTERS = 60,
    TITLE_SAID_CHARACTERS = 80,
    TITLE_MAX_BYTES = 512,
};

/* Of a question: its first line that says something, without marks. */
struct str title_of_question(struct arena *arena, struct str question);

/* Of what a model said when it was asked for a name. */
struct str title_of_said(struct arena *arena, struct str said);

#endif
