#ifndef EMULATOR_VALIDATE_H
#define EMULATOR_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

#include "emulator/catalog.h"

/* Of an agent that asks before it uses a tool. */
enum emu_approval {
    EMU_APPROVAL_NONE,
    EMU_APPROVAL_WANTED, /* the answer asks */
    EMU_APPROVAL_GIVEN,
    EMU_APPROVAL_DENIED,
};

/*
 * Reads a request of the chat tasks as strictly as the gateway and the
 * model behind it: whatever a real endpoint may refuse is refused.
 */
struct emu_chat {
    bool stream;
    bool return_trace;     /* asked for, of one that gives it */
    int64_t max_tokens;    /* 0: not given */
    const struct jv *stop; /* array of strings, or NULL */
    struct str question;   /* text of the last user message */
    size_t messages;       /* without system messages */
    bool system;
    uint64_t hash;         /* of all messages, without the seed */
    int64_t prompt_tokens; /* estimated */
    enum emu_approval approval;
    struct str partial; /* the answer that is to go on; empty: none */
};

/*
 * How a last user message behind an answer begins that asks to go on with it.
 * Question, messages and hash are then those of the answer.
 */
#define EMU_GO_ON "Continue your last answer exactly where it stopped"

struct emu_refusal {
    int status;
    struct str code;
    struct str message;
};

/*
 * Strings of *ret and *ret_refusal live in the document or in the arena.
 * False: refused, and only *ret_refusal is filled.
 */
bool emu_validate_chat(const struct emu_model *model, const struct jv *document,
    struct arena *arena, struct emu_chat *ret, struct emu_refusal *ret_refusal);

#endif
