#ifndef EMULATOR_PROTOCOL_H
#define EMULATOR_PROTOCOL_H

#include "base/buf.h"

#include "emulator/reply.h"

/*
 * How replies are put into JSON. One of these per protocol; a new protocol
 * needs nothing else of a stream. Pure.
 */
struct emu_protocol {
    /* Fills events[]: how many events there are beside text and reasoning. */
    void (*prepare)(struct emu_reply *r);
    /* The JSON document of one event, without SSE framing. */
    void (*write_piece)(const struct emu_reply *r,
        const struct emu_piece *piece, struct buf *out);
    /* The answer as one document. */
    void (*write_whole)(const struct emu_reply *r, struct buf *out);
};

/* From the prompt's cache, where a fault asks for it. */
enum { EMU_CACHED_TOKENS = 1200 };

/* llm/v1/chat and agent/v1/chat. */
extern const struct emu_protocol emu_protocol_chat;

/* agent/v2/chat. */
extern const struct emu_protocol emu_protocol_agent;

/* agent/v1/responses. */
extern const struct emu_protocol emu_protocol_responses;

/* The protocol of a model's task; NULL when one cannot chat with it. */
const struct emu_protocol *emu_protocol_of(const struct emu_model *model);

#endif
