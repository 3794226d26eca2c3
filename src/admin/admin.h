#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "store/postgres/store_postgres.h"
#include "store/store.h"

/*
 * The subcommands for those who look after a database: backup, restore,
 * check, export, import, feedback, migrate. They work beside a server that
 * serves the same database.
 */

/* A database as the configuration or a flag names it. */
struct admin_database {
    bool postgres;
    const char *path;     /* of SQLite's file */
    const char *conninfo; /* of PostgreSQL; may hold a password */
    const char *shown;    /* for people */
    store_postgres_password_fn *password;
    void *password_ctx;
};

/* What a subcommand is told: its own flags; NULL where not given. */
struct admin_args {
    const char *file; /* the argument without a flag */
    const char *to, *from, *user, *chat, *format;
    const char *until, *rating, *output;
    bool force, replace, all, resume, anonymous;
};

struct admin_call {
    struct admin_args args;
    struct admin_database database; /* the one that is configured */
    struct admin_database target;   /* migrate: that of --to */
};

/* Exit codes; check also ends 1 when it found something. */
enum { ADMIN_DONE = 0, ADMIN_FAILED = 1, ADMIN_MISUSED = 2 };

struct admin_command {
    const char *name;
    const char *summary;      /* one line, for the list of commands */
    const char *usage;        /* several, for its own help */
    const char *flags;        /* names of its flags, with a space before each */
    bool takes_file, targets; /* a FILE; another database with --to */
    int (*run)(const struct admin_call *call);
};

extern const struct admin_command admin_commands[];
extern const size_t admin_command_count;

/* The command of that name, or NULL. */
const struct admin_command *admin_find(const char *name);

/*
 * Takes the command's own arguments out of argv, which keeps the others for
 * the configuration. RC_INVALID: `problem` holds a sentence.
 */
[[nodiscard]] enum rc admin_take_args(const struct admin_command *command,
    int *argc, char **argv, struct admin_args *ret, struct buf *problem);

#endif
