#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "app/admin_run.h"
#include "app/database_password.h"
#include "app/options.h"

/* The configuration of the database, and of a second one. */
struct configs {
    struct app_config config, target;
    bool loaded, target_loaded;
    struct arena *arena;
};

static void complain(const char *what)
{
    fprintf(stderr, "databricks-chatbot: %s\n", what);
}

static bool load(int argc, char **argv, struct app_config *ret)
{
    struct buf problem;
    buf_init(&problem, 8192);
    enum rc rc = app_config_load(argc, argv, environ, ".env", ret, &problem);
    if (rc != RC_OK)
        complain(buf_c_str(&problem));
    buf_release(&problem);
    return rc == RC_OK;
}

static bool describe(
    struct app_config *config, struct arena *arena, struct admin_database *ret)
{
    char error[STORE_ERROR_SIZE] = "";
    *ret = (struct admin_database){
        .postgres = config->database_postgres,
        .path = arena_c_str(arena, config->database_path),
        .shown = arena_c_str(arena, config->database_shown),
    };
    if (database_password_minted(config)) {
        ret->password = database_password_mint;
        ret->password_ctx = config;
    }
    if (database_conninfo(config, arena, &ret->conninfo, error) == RC_OK)
        return true;
    complain(error);
    return false;
}

/* The same configuration with another database: its flag comes last. */
static bool load_target(
    struct configs *c, int argc, char **argv, const char *url)
{
    char **args = arena_alloc(c->arena, ((size_t)argc + 2) * sizeof(*args));
    struct str flag = arena_printf(c->arena, "--database=%s", url);
    for (int i = 0; i < argc; i++)
        args[i] = argv[i];
    args[argc] = (char *)(uintptr_t)flag.p;
    c->target_loaded = load(argc + 1, args, &c->target);
    return c->target_loaded;
}

static int run(struct configs *c, const struct admin_command *command, int argc,
    char **argv)
{
    struct buf problem;
    struct admin_call call = {0};
    buf_init(&problem, 8192);
    enum rc rc = admin_take_args(command, &argc, argv, &call.args, &problem);
    if (rc != RC_OK)
        complain(buf_c_str(&problem));
    buf_release(&problem);
    if (rc == RC_OK)
        c->loaded = load(argc, argv, &c->config);
    if (!c->loaded)
        return ADMIN_MISUSED;
    if (!describe(&c->config, c->arena, &call.database))
        return ADMIN_FAILED;
    if (command->targets && call.args.to != NULL) {
        if (!load_target(c, argc, argv, call.args.to))
            return ADMIN_MISUSED;
        if (!describe(&c->target, c->arena, &call.target))
            return ADMIN_FAILED;
    }
    return command->run(&call);
}

int app_admin_run(const struct admin_command *command, int argc, char **argv)
{
    struct configs c = {.arena = arena_new()};
    /* A limit on file sizes and a reader that left are errors to report. */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    int code = run(&c, command, argc, argv);
    if (c.loaded)
        app_config_release(&c.config);
    if (c.target_loaded)
        app_config_release(&c.target);
    arena_free(c.arena);
    return code;
}
