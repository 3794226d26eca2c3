#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "emulator/emulator.h"

#include "app/admin_run.h"
#include "app/check_config.h"
#include "app/emulate.h"
#include "app/options.h"
#include "app/serve.h"

#include "options_int.h"

/* Exit codes of the program. */
enum { DONE = 0, FAILED = 1, MISUSED = 2 };

enum { PAGE_BYTES = 1024 * 1024, EMULATOR_PORT = 8090 };

/* argv holds the arguments behind the command. */
typedef int command_fn(int argc, char **argv);

static command_fn serve, emulate, print_version, check, print_config,
    print_interface, help;

static const struct command {
    const char *name;
    command_fn *run;
    const char *help;
} commands[] = {
    {"serve", serve, "serve the chat (also without a command)"},
    {"emulator", emulate,
        "run a Databricks workspace for tests; --host, "
        "--port"},
    {"check-config", check, "test the configuration without starting"},
    {"print-config", print_config,
        "show every value and its source; --format=text, markdown or\n"
        "                env-example"},
    {"openapi", print_interface,
        "show the HTTP interface as an OpenAPI document"},
    {"version", print_version, "show the version"},
    {"help", help, "show this text"},
};

/* Writes a page to standard output and releases it; gives the exit code. */
static int put_page(struct buf *page, int code)
{
    size_t n = page->n;
    bool ok = buf_ok(page) && fwrite(page->p, 1, n, stdout) == n &&
              fflush(stdout) == 0;
    buf_release(page);
    if (!ok)
        fprintf(stderr, "databricks-chatbot: cannot write the output\n");
    return ok ? code : FAILED;
}

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "databricks-chatbot: %s%s\n", what, why);
    return MISUSED;
}

/* Loads the configuration or says what is wrong with it. */
static enum rc load(int argc, char **argv, char *const *env, const char *dotenv,
    struct app_config *ret)
{
    struct buf problem;
    buf_init(&problem, 8192);
    enum rc rc = app_config_load(argc, argv, env, dotenv, ret, &problem);
    if (rc != RC_OK)
        complain(buf_c_str(&problem), "");
    buf_release(&problem);
    return rc;
}

static int serve(int argc, char **argv)
{
    struct app_config config;
    if (load(argc, argv, environ, ".env", &config) != RC_OK)
        return MISUSED;
    int code = app_serve(&config);
    app_config_release(&config);
    return code;
}

/* The first flag given that the emulator has no use for, or NULL. */
static const char *useless_to_emulator(const struct app_config *c)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        const void *value = option_value(c, &table[i]);
        if (option_setting(c, value)->source == SETTING_FLAG &&
            value != &c->host && value != &c->port)
            return table[i].flag;
    }
    return NULL;
}

/* Its address comes from flags alone: HOST and PORT are the server's. */
static int emulate(int argc, char **argv)
{
    struct app_config config;
    char *const nothing[] = {NULL};
    if (load(argc, argv, nothing, NULL, &config) != RC_OK)
        return MISUSED;
    const char *useless = useless_to_emulator(&config);
    int code;
    if (useless != NULL) {
        code =
            complain("the emulator takes --host and --port, not --", useless);
    } else {
        bool given =
            option_setting(&config, &config.port)->source == SETTING_FLAG;
        code =
            app_emulate(config.host, given ? (int)config.port : EMULATOR_PORT);
    }
    app_config_release(&config);
    return code;
}

static int check(int argc, char **argv)
{
    struct app_config config;
    if (load(argc, argv, environ, ".env", &config) != RC_OK)
        return MISUSED;
    struct buf page;
    buf_init(&page, PAGE_BYTES);
    int code = app_check_config(&config, &page) ? DONE : MISUSED;
    app_config_release(&config);
    return put_page(&page, code);
}

static int print_values(int argc, char **argv)
{
    struct app_config config;
    if (load(argc, argv, environ, ".env", &config) != RC_OK)
        return MISUSED;
    struct buf page;
    buf_init(&page, PAGE_BYTES);
    app_config_print(&config, &page);
    app_config_release(&config);
    return put_page(&page, DONE);
}

/* Takes --format out of the arguments; the rest are options. */
static const char *take_format(int *argc, char **argv)
{
    static const char flag[] = "--format";
    const char *format = "text";
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strncmp(argv[i], "--format=", sizeof(flag)) == 0)
            format = argv[i] + sizeof(flag);
        else if (strcmp(argv[i], flag) == 0)
            format = i + 1 < *argc ? argv[++i] : "";
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    return format;
}

static int print_config(int argc, char **argv)
{
    struct buf page;
    const char *format = take_format(&argc, argv);
    if (strcmp(format, "text") == 0)
        return print_values(argc, argv);
    bool markdown = strcmp(format, "markdown") == 0;
    if (!markdown && strcmp(format, "env-example") != 0)
        return complain("--format: allowed: text, markdown or env-example", "");
    if (argc > 0)
        return complain("takes nothing beside --format: ", argv[0]);
    buf_init(&page, PAGE_BYTES);
    if (markdown)
        app_options_markdown(&page);
    else
        app_options_env_example(&page);
    return put_page(&page, DONE);
}

static int print_interface(int argc, char **argv)
{
    struct app_config config;
    if (load(argc, argv, environ, ".env", &config) != RC_OK)
        return MISUSED;
    struct buf page;
    buf_init(&page, PAGE_BYTES);
    api_describe(&page, STR(CHATBOT_VERSION), (size_t)config.max_message_bytes);
    buf_append_char(&page, '\n');
    app_config_release(&config);
    return put_page(&page, DONE);
}

static int print_version(int argc, char **argv)
{
    if (argc > 0)
        return complain("version takes no ", argv[0]);
    struct buf page;
    buf_init(&page, PAGE_BYTES);
    buf_append(&page, STR("databricks-chatbot " CHATBOT_VERSION "\n"));
    return put_page(&page, DONE);
}

static void put_commands(struct buf *out)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        buf_printf(out, "  %-13s %s\n", commands[i].name, commands[i].help);
    buf_append(
        out, STR("\nFor the history, beside a server (help NAME says more)\n"));
    for (size_t i = 0; i < admin_command_count; i++)
        buf_printf(out, "  %-13s %s\n", admin_commands[i].name,
            admin_commands[i].summary);
}

static int help_with(const struct admin_command *command)
{
    struct buf page;
    buf_init(&page, PAGE_BYTES);
    buf_printf(&page,
        "Usage: databricks-chatbot %s\nA FLAG is one of the configuration, "
        "such as --database; help lists all.\n",
        command->usage);
    return put_page(&page, DONE);
}

static int help(int argc, char **argv)
{
    struct buf page;
    const struct admin_command *command = argc > 0 ? admin_find(argv[0]) : NULL;
    if (command != NULL)
        return help_with(command);
    buf_init(&page, PAGE_BYTES);
    if (argc > 0 && strcmp(argv[0], "emulator") == 0) {
        buf_printf(&page,
            "Usage: databricks-chatbot emulator [--host ADDRESS] [--port "
            "NUMBER]\n\nListens on 127.0.0.1 port %d unless told "
            "otherwise.\n\n",
            EMULATOR_PORT);
        emulator_print_help(&page);
        return put_page(&page, DONE);
    }
    buf_append(&page,
        STR("Private chat over the models that a Databricks workspace "
            "serves.\n\nUsage: databricks-chatbot [COMMAND] [FLAG...]\n\n"
            "Commands\n"));
    put_commands(&page);
    buf_append(&page,
        STR("\nA value is taken from the flag, else from the environment "
            "variable beside it,\nelse from the file .env, else from the "
            "default.\n"));
    app_options_help(&page);
    return put_page(&page, DONE);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

/* --help and --version count wherever they stand. */
static const struct command *asked_instead(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return find_command("help");
        if (strcmp(argv[i], "--version") == 0)
            return find_command("version");
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    const struct command *command = find_command(name == NULL ? "serve" : name);
    const struct admin_command *admin = name == NULL ? NULL : admin_find(name);
    if (command == NULL && admin == NULL)
        return complain("no such command (help lists all): ", name);
    int first = name == NULL ? 1 : 2;
    const struct command *instead = asked_instead(argc, argv);
    if (instead != NULL)
        return instead->run(name != NULL && instead->run == help, argv + 1);
    if (admin != NULL)
        return app_admin_run(admin, argc - first, argv + first);
    return command->run(argc - first, argv + first);
}
