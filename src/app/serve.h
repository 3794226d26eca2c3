#ifndef APP_SERVE_H
#define APP_SERVE_H

#include "app/options.h"

/*
 * Serves until SIGTERM or SIGINT and then ends in good order. Gives the exit
 * code of the program: 0, or 1 when the server could not start, which has
 * been said on standard error. The configuration stays the caller's.
 */
int app_serve(const struct app_config *config);

#endif
