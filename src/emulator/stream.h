#ifndef EMULATOR_STREAM_H
#define EMULATOR_STREAM_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "http_server/http_server.h"

#include "emulator/fault.h"
#include "emulator/protocol.h"
#include "emulator/reply.h"

/*
 * The bytes of a streamed reply, when they are due and with the faults asked
 * for. Knows no socket and no clock: the time is a parameter.
 */
enum emu_stream_next {
    EMU_NEXT_GO,
    EMU_NEXT_STALL, /* nothing more ever comes */
    EMU_NEXT_END,
    EMU_NEXT_ABORT, /* the connection is cut */
};

/* Embedded; the members are the stream's own. */
struct emu_stream {
    const struct emu_protocol *protocol;
    const struct emu_reply *reply; /* NULL: only what carry holds */
    enum emu_fault fault;
    double tokens_per_second;
    struct emu_cursor cursor;
    struct buf carry; /* written, but not to be handed out yet */
    int64_t carry_due_us;
    int64_t due_us; /* of the next event */
    uint64_t events;
    enum emu_stream_next next; /* once carry is empty */
};

/* reply must outlive the stream; the first event is due at now_us. */
void emu_stream_init(struct emu_stream *s, const struct emu_protocol *protocol,
    const struct emu_reply *reply, const struct emu_fault_choice *fault,
    double tokens_per_second, int64_t now_us);

/* Only text, then next. */
void emu_stream_init_raw(
    struct emu_stream *s, struct str text, enum emu_stream_next next);

void emu_stream_release(struct emu_stream *s);

/*
 * Appends what is due, at most about 32 KiB. With HTTP_PULL_WAIT, *ret_wait_ms
 * says how long until there is more, below 0 for ever.
 */
enum http_pull emu_stream_pull(struct emu_stream *s, int64_t now_us,
    struct buf *out, int64_t *ret_wait_ms);

#endif
