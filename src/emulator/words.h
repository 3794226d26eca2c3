#ifndef EMULATOR_WORDS_H
#define EMULATOR_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* What a question asks for, by the words in it. */
enum emu_wish {
    EMU_WISH_SHORT = 1,
    EMU_WISH_LONG = 1 << 1,
    EMU_WISH_HELLO = 1 << 2,
    EMU_WISH_TABLE = 1 << 3,
    EMU_WISH_LIST = 1 << 4,
    EMU_WISH_TASKS = 1 << 5,
    EMU_WISH_QUOTE = 1 << 6,
    EMU_WISH_SCRIPTS = 1 << 7,
    EMU_WISH_LINKS = 1 << 8,
    EMU_WISH_CODE = 1 << 9, /* code in any language */
    EMU_WISH_PYTHON = 1 << 10,
    EMU_WISH_SQL = 1 << 11,
    EMU_WISH_C = 1 << 12,
    EMU_WISH_TYPESCRIPT = 1 << 13,
    EMU_WISH_SHELL = 1 << 14,
    EMU_WISH_HEADINGS = 1 << 15,
    EMU_WISH_FORMULA = 1 << 16,
    EMU_WISH_DIAGRAM = 1 << 17,
};

enum { EMU_TOPICS = 4, EMU_TOPIC_BYTES = 40 };

struct emu_words {
    unsigned wishes;
    struct str topics[EMU_TOPICS]; /* views of the question */
    size_t topic_count;
};

/* Reads the question's words; letters and digits of any script count. */
void emu_words_read(struct str question, struct emu_words *ret);

#endif
