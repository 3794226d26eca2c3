#ifndef APP_EMULATE_H
#define APP_EMULATE_H

#include "base/str.h"

/*
 * Runs the workspace emulator until SIGTERM or SIGINT, after it has printed
 * its address and credentials. Gives the exit code: 0, or 1 when it could not
 * start, which has been said on standard error.
 */
int app_emulate(struct str host, int port);

#endif
