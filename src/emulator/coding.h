#ifndef EMULATOR_CODING_H
#define EMULATOR_CODING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Content codings: gzip (RFC 1952) and br (RFC 7932). The blocks are stored,
 * not made smaller: clients must undo the coding all the same. Pure.
 */
enum emu_coding { EMU_PLAIN, EMU_GZIP, EMU_BROTLI };

/* What an Accept-Encoding field asks for first of those that we know. */
enum emu_coding emu_coding_asked(struct str accept_encoding);

/* The value of Content-Encoding; "" when there is none. */
struct str emu_coding_name(enum emu_coding coding);

/* One coded body. Zeroed but for the coding at the beginning. */
struct emu_coder {
    enum emu_coding coding;
    bool begun;
    uint32_t crc;
    uint32_t size;
};

/* Appends data in blocks of their own, so that what was put can be read. */
void emu_coder_put(struct emu_coder *c, struct str data, struct buf *out);

/* Appends the body's end. */
void emu_coder_end(struct emu_coder *c, struct buf *out);

#endif
