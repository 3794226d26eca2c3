#ifndef EMULATOR_TEXT_H
#define EMULATOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * The demonstration text. It says what it is, names the topic words of the
 * question and how many messages came with it, and shows every kind of
 * Markdown. It depends on nothing but its input. Pure.
 */
struct emu_text_input {
    struct str question; /* text of the last user message, UTF-8 */
    size_t messages;     /* how many were given, without system messages */
    bool system;         /* a system message was among them */
    uint64_t hash;       /* of all messages and the emulator's seed */
    size_t characters;   /* aim at so many; 0: as the question asks */
    bool scripts;        /* begin with text in several scripts */
};

enum { EMU_TEXT_MAX = 64 * 1024 };

/* Appends the answer, at most about EMU_TEXT_MAX bytes. */
void emu_text_write(const struct emu_text_input *in, struct buf *out);

/* Appends what the model "thought" before: a few plain sentences. */
void emu_text_write_reasoning(const struct emu_text_input *in, struct buf *out);

/*
 * Length in bytes of the token that begins at byte pos of text: whole
 * characters, often only a part of a word. 0 at the end.
 */
size_t emu_text_token(struct str text, size_t pos, uint64_t hash);

#endif
