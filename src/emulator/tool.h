#ifndef EMULATOR_TOOL_H
#define EMULATOR_TOOL_H

#include "base/str.h"

#include "emulator/reply.h"

/* The one tool of the demo's agents. It looks nothing up and says so. */

struct str emu_tool_name(void);

/* A JSON document, as it stands in a call. */
struct str emu_tool_arguments(void);

/* What the tool gave back; that the person must sign in, if told to. */
struct str emu_tool_output(const struct emu_reply *r);

#endif
