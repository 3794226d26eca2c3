#include <signal.h>
#include <stdio.h>

#include "emulator/emulator.h"
#include "loop/loop.h"

#include "app/emulate.h"

static void on_signal(void *ctx)
{
    loop_stop(ctx);
}

/* In the form of a .env file, so that it can be copied there. */
static void print_access(const struct emulator *e)
{
    printf("# A Databricks workspace for demos and tests. Its models only "
           "demonstrate.\n"
           "DATABRICKS_HOST=%.*s\n"
           "DATABRICKS_TOKEN=%.*s\n"
           "# or, instead of the token:\n"
           "#DATABRICKS_CLIENT_ID=%.*s\n"
           "#DATABRICKS_CLIENT_SECRET=%.*s\n"
           "SERVING_ENDPOINT_NAME=%.*s\n",
        STR_ARG(emulator_url(e)), STR_ARG(emulator_default_token()),
        STR_ARG(emulator_default_client_id()),
        STR_ARG(emulator_default_client_secret()),
        STR_ARG(emulator_default_endpoint()));
    fflush(stdout);
}

static void run(struct loop *loop, const struct emulator *e)
{
    struct loop_signal *on_term =
        loop_signal_new(loop, SIGTERM, on_signal, loop);
    struct loop_signal *on_int = loop_signal_new(loop, SIGINT, on_signal, loop);
    print_access(e);
    loop_run(loop);
    loop_signal_free(on_term);
    loop_signal_free(on_int);
}

int app_emulate(struct str host, int port)
{
    struct loop *loop;
    struct emulator *emulator;
    signal(SIGPIPE, SIG_IGN);
    enum rc rc = loop_new(clock_system(), &loop);
    if (rc != RC_OK) {
        fprintf(stderr, "databricks-chatbot: cannot make an event loop\n");
        return 1;
    }
    struct emulator_config config = {.loop = loop, .host = host, .port = port};
    rc = emulator_new(&config, &emulator);
    if (rc == RC_OK) {
        run(loop, emulator);
        emulator_free(emulator);
    } else {
        fprintf(stderr,
            "databricks-chatbot: the emulator cannot listen on %.*s port %d: "
            "%s; choose another with --port\n",
            STR_ARG(host), port,
            rc == RC_CONFLICT ? "another program uses it" : rc_name(rc));
    }
    loop_free(loop);
    return rc == RC_OK ? 0 : 1;
}
