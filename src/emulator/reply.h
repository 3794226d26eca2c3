#ifndef EMULATOR_REPLY_H
#define EMULATOR_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#include "emulator/catalog.h"
#include "emulator/validate.h"

/*
 * One reply: what is said, and the order in which a stream says it. How it
 * is written is the protocol's business (protocol.h). Pure.
 */
enum { EMU_ID_SIZE = 48 };

enum emu_piece_kind {
    EMU_PIECE_START, /* before anything is said, such as the role */
    EMU_PIECE_REASONING,
    EMU_PIECE_BETWEEN, /* behind it: a signature, or an agent's tool calls */
    EMU_PIECE_TEXT,
    EMU_PIECE_CALLS, /* a chat model's tool calls, in fragments */
    EMU_PIECE_FINISH,
    EMU_PIECE_USAGE, /* nothing but the token counts */
    EMU_PIECE_KINDS,
};

struct emu_reply {
    const struct emu_model *model;
    char id[EMU_ID_SIZE];
    int64_t created; /* seconds since the epoch */
    struct buf reasoning;
    struct buf text;
    struct buf signature;
    uint64_t hash;
    struct str finish; /* "stop", "length" and so on */
    int64_t prompt_tokens;
    int64_t completion_tokens;
    int64_t thought_tokens; /* of the completion's */
    /* how many; of the text: whether it comes in pieces at all */
    size_t events[EMU_PIECE_KINDS];
    enum emu_approval approval;
    enum emu_fault fault;
    bool role_null;  /* write the role as null */
    bool refuses;    /* the text is a refusal */
    bool calls;      /* it ends with tool calls */
    bool tool_login; /* the tool wants the person to sign in */
    bool trace;      /* the answer ends with a trace of its making */
};

struct emu_reply_options {
    uint64_t seed;
    uint64_t number; /* of the call, part of the id */
    int64_t created;
    enum emu_fault fault; /* what is said and how may depend on it */
};

/* Fills *r; end it with emu_reply_release. */
void emu_reply_init(struct emu_reply *r, const struct emu_model *model,
    const struct emu_chat *chat, const struct emu_reply_options *options);

void emu_reply_release(struct emu_reply *r);

struct emu_piece {
    enum emu_piece_kind kind;
    struct str text;
    bool first;     /* of its kind */
    size_t index;   /* among those of its kind; 0 for text and reasoning */
    int64_t number; /* among all */
    int64_t tokens; /* completion tokens up to and with this piece */
};

/* Where a stream stands in its reply; zeroed at the beginning. */
struct emu_cursor {
    enum emu_piece_kind kind;
    size_t pos;
    int64_t tokens;
    int64_t pieces;
    bool ended;
};

/* The next piece; false when there is none any more. */
bool emu_reply_next(const struct emu_reply *r, struct emu_cursor *cursor,
    struct emu_piece *ret);

/* Whether half of the text lies behind the cursor. */
bool emu_reply_midway(const struct emu_reply *r, const struct emu_cursor *c);

#endif
