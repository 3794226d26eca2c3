#ifndef EMULATOR_OAUTH_H
#define EMULATOR_OAUTH_H

#include <stdbool.h>

#include "base/str.h"

/* Shared by what hands out codes and tokens. */

/* Of a client without a secret, as the command line tool is. */
#define EMU_PUBLIC_CLIENT "databricks-cli"

/* Every scope that can be asked for, divided by spaces. */
struct str emu_scopes_all(void);

/* Whether all of them can be asked for. */
bool emu_scopes_known(struct str scopes);

/* Whether each of scopes is one of those allowed. */
bool emu_scopes_within(struct str scopes, struct str allowed);

#endif
