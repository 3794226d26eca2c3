#ifndef APP_ADMIN_RUN_H
#define APP_ADMIN_RUN_H

#include "admin/admin.h"

/*
 * Runs a subcommand for those who look after a database, with the arguments
 * behind its name: its own and the configuration's. Gives the exit code.
 */
int app_admin_run(const struct admin_command *command, int argc, char **argv);

#endif
