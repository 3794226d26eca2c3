#ifndef EMULATOR_GENIE_STATE_H
#define EMULATOR_GENIE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/fault.h"

/* The states that a message of Genie's goes through. Pure. */

/* The i-th state under the fault; behind the last one it stays that. */
const char *emu_genie_state(enum emu_fault fault, size_t i);

/* Whether polls, and not time, lead from one state to the next. */
bool emu_genie_steps(enum emu_fault fault);

/* Whether nothing comes after the state. */
bool emu_genie_ended(const char *state);

/* Of a message that has FAILED: its error's type and words. */
void emu_genie_error(
    enum emu_fault fault, const char **ret_type, const char **ret_text);

#endif
