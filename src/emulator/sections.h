#ifndef EMULATOR_SECTIONS_H
#define EMULATOR_SECTIONS_H

#include <stddef.h>

/*
 * Parts of the demonstration text, as templates: "{a|b}" is one of a and b,
 * "$1".."$4" a topic word, "$a" all of them, "$n" how many messages came,
 * "$s" the number of the part. Text between "\x01" and "\x02" is taken as it
 * is (code).
 */
struct emu_section {
    unsigned wish; /* EMU_WISH_ it fulfils */
    const char *heading;
    const char *body;
};

/* The i-th section, or NULL behind the end. */
const struct emu_section *emu_section_at(size_t i);

#endif
