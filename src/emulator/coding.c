#include "emulator/coding.h"

enum { BLOCK = 0xffff };

static const char *const names[] = {
    [EMU_PLAIN] = "", [EMU_GZIP] = "gzip", [EMU_BROTLI] = "br"};

struct str emu_coding_name(enum emu_coding coding)
{
    return str_from_c(names[coding]);
}

enum emu_coding emu_coding_asked(struct str accept_encoding)
{
    struct str one, rest = accept_encoding, parameters;
    while (rest.n > 0) {
        str_cut(rest, ',', &one, &rest);
        str_cut(one, ';', &one, &parameters);
        for (int i = EMU_GZIP; i <= EMU_BROTLI; i++)
            if (str_eq_nocase(str_trim(one), str_from_c(names[i])) &&
                !str_eq(str_trim(parameters), STR("q=0")))
                return (enum emu_coding)i;
    }
    return EMU_PLAIN;
}

/* CRC-32 of RFC 1952, bit by bit: bodies here are small. */
static uint32_t crc_over(uint32_t crc, struct str s)
{
    crc = ~crc;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1)));
    }
    return ~crc;
}

/* The n low bytes of x, the lowest first. */
static void put_le(struct buf *out, uint32_t x, int n)
{
    for (; n > 0; n--) {
        buf_append_char(out, (char)(x & 0xff));
        x >>= 8;
    }
}

static void begin(struct emu_coder *c, struct buf *out)
{
    if (c->begun)
        return;
    c->begun = true;
    if (c->coding == EMU_GZIP)
        buf_append(out, STR("\x1f\x8b\x08\0\0\0\0\0\0\xff"));
}

/*
 * A stored block. gzip: a byte that says so, the length, its complement. br:
 * bits from the lowest on, not last (1), four nibbles of length (2), the
 * length less one (16), uncompressed (1); before all that, once, a window of
 * 16 bits (1).
 */
static void put_block(
    struct emu_coder *c, struct str data, bool first, struct buf *out)
{
    uint32_t n = (uint32_t)data.n;
    if (c->coding == EMU_GZIP) {
        put_le(out, 0, 1);
        put_le(out, n, 2);
        put_le(out, ~n, 2);
    } else {
        uint32_t head = (n - 1) << 3 | 1U << 19;
        put_le(out, first ? head << 1 : head, 3);
    }
    buf_append(out, data);
}

void emu_coder_put(struct emu_coder *c, struct str data, struct buf *out)
{
    if (c->coding == EMU_PLAIN) {
        buf_append(out, data);
        return;
    }
    bool first = !c->begun;
    begin(c, out);
    c->crc = crc_over(c->crc, data);
    c->size += (uint32_t)data.n;
    while (data.n > 0) {
        put_block(c, str_sub(data, 0, BLOCK), first, out);
        data = str_sub(data, BLOCK, data.n);
        first = false;
    }
}

void emu_coder_end(struct emu_coder *c, struct buf *out)
{
    bool first = !c->begun;
    if (c->coding == EMU_PLAIN)
        return;
    begin(c, out);
    if (c->coding == EMU_GZIP) {
        put_le(out, 1, 1); /* the last block, empty */
        put_le(out, 0xffff0000U, 4);
        put_le(out, c->crc, 4);
        put_le(out, c->size, 4);
    } else {
        put_le(out, first ? 6 : 3, 1); /* last and empty */
    }
}
