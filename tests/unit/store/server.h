#ifndef TESTS_UNIT_STORE_SERVER_H
#define TESTS_UNIT_STORE_SERVER_H

#include <libpq-fe.h>

#include "world.h"

/* What tests of the PostgreSQL store do with the server behind its back. */

/* A connection as its owner, in a world's schema (NULL: in none). */
PGconn *server_connect(const struct world *w);

/* Statements; fails the test on any error. The first value, as a number. */
long long server_exec(PGconn *h, const char *sql);

/* The same on a connection of its own. */
void server_run(const char *sql);

/* Signals the server's process; the cluster starts another one. */
void server_signal(int number);

const char *server_schema(const struct world *w);

#endif
