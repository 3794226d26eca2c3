#include <string.h>

#include "admin/admin_int.h"

/* The table of commands and the reading of their arguments. */

const struct admin_command admin_commands[] = {
    {.name = "backup",
        .summary = "copy the history into a file; --to FILE, --force",
        .usage = "backup [--to FILE] [--force] [FLAG...]\n\n"
                 "Copies the whole history, as it is at one moment, into a "
                 "SQLite file, while the\nserver goes on. The file is checked "
                 "before it gets its name. Of PostgreSQL too.\n\n"
                 "  --to FILE    its name; chat-backup-TIME.db in this "
                 "folder\n"
                 "  --force      replace FILE if it is there\n",
        .flags = " to force",
        .run = admin_backup},
    {.name = "restore",
        .summary = "bring back what is missing, from a backup; --from FILE",
        .usage = "restore --from FILE [--user ID] [--chat ID] [--replace] "
                 "[FLAG...]\n\n"
                 "Brings back chats and messages that the history no longer "
                 "has, while the server\ngoes on. What is there stays as it "
                 "is. Running it again changes nothing.\n\n"
                 "  --from FILE  a backup, or any database file of this "
                 "program or the original\n"
                 "  --user ID    only this person's chats\n"
                 "  --chat ID    only this chat, also out of the trash\n"
                 "  --replace    put FILE in the place of the whole history; "
                 "only while no server\n"
                 "               runs; the old file is kept beside it "
                 "(SQLite)\n",
        .flags = " from user chat replace",
        .run = admin_restore},
    {.name = "check",
        .summary = "look for damage in the history",
        .usage = "check [FLAG...]\n\n"
                 "Reads the whole history and tells what is wrong with it and "
                 "what to do. Ends with\n0 when all is well, 1 when something "
                 "is wrong, 2 when it cannot tell.\n",
        .flags = "",
        .run = admin_check},
    {.name = "export",
        .summary = "write chats as JSON or Markdown; --user ID or --all",
        .usage = "export --user ID | --all [--format json|markdown] "
                 "[--to NAME] [--force] [FLAG...]\n\n"
                 "  --user ID    this person's chats\n"
                 "  --all        everybody's\n"
                 "  --format F   json: one file that import reads "
                 "(docs/export-format.md);\n"
                 "               markdown: a readable file a chat\n"
                 "  --to NAME    of the file (json; standard output), or of "
                 "the folder (markdown)\n"
                 "  --force      replace files that are there\n",
        .flags = " user all format to force",
        .run = admin_export},
    {.name = "import",
        .summary = "take chats in: an export, of ChatGPT or Claude too",
        .usage = "import FILE [--user ID] [FLAG...]\n\n"
                 "Adds the chats of FILE to the history, while the server "
                 "goes on. FILE is an export\nof this program, "
                 "conversations.json of ChatGPT or Claude, or a database "
                 "file of this\nprogram or the original. Importing again "
                 "changes nothing.\n\n"
                 "  --user ID    whose chats they become; of a database "
                 "file: only this person's\n",
        .flags = " user",
        .takes_file = true,
        .run = admin_import},
    {.name = "feedback",
        .summary = "write rated replies with their context; feedback export",
        .usage = "feedback export [--from TIME] [--until TIME] [--rating "
                 "up|down] [--user ID]\n"
                 "                [--anonymous] [--output FILE] [--force] "
                 "[FLAG...]\n\n"
                 "Writes every rated reply as a line of JSON, with what was "
                 "asked and said before it\n(docs/export-format.md), for "
                 "evaluation, while the server goes on.\n\n"
                 "  --from TIME    rated at that time or later: 2026-01-31 or "
                 "2026-01-31T12:00:00Z\n"
                 "  --until TIME   rated before it\n"
                 "  --rating R     only up or only down\n"
                 "  --user ID      only this person's\n"
                 "  --anonymous    people as hashes that nobody can lead "
                 "back\n"
                 "  --output FILE  its name; standard output\n"
                 "  --force        replace FILE if it is there\n",
        .flags = " from until rating user anonymous output force",
        .takes_file = true,
        .run = admin_feedback},
    {.name = "migrate",
        .summary = "copy the history to another database; --to URL",
        .usage = "migrate --to URL [--resume] [FLAG...]\n\n"
                 "Copies every table from the configured database to URL "
                 "(sqlite:FILE or postgres://...)\nand compares every row "
                 "afterwards. The source is not changed and may be served "
                 "meanwhile.\n\n"
                 "  --to URL     the target, which must be empty\n"
                 "  --resume     go on with a target that migrate has filled "
                 "before: it is made equal\n"
                 "               to the source\n",
        .flags = " to resume",
        .targets = true,
        .run = admin_migrate},
};
const size_t admin_command_count =
    sizeof(admin_commands) / sizeof(*admin_commands);

const struct admin_command *admin_find(const char *name)
{
    for (size_t i = 0; i < admin_command_count; i++)
        if (strcmp(admin_commands[i].name, name) == 0)
            return &admin_commands[i];
    return NULL;
}

/* Where the value of a flag goes; *ret_switch for one without a value. */
static const char **member_of(
    struct admin_args *a, struct str name, bool **ret_switch)
{
    const struct {
        const char *name;
        const char **value;
        bool *given;
    } all[] = {{"to", &a->to, NULL}, {"from", &a->from, NULL},
        {"user", &a->user, NULL}, {"chat", &a->chat, NULL},
        {"format", &a->format, NULL}, {"force", NULL, &a->force},
        {"replace", NULL, &a->replace}, {"all", NULL, &a->all},
        {"resume", NULL, &a->resume}, {"until", &a->until, NULL},
        {"rating", &a->rating, NULL}, {"output", &a->output, NULL},
        {"anonymous", NULL, &a->anonymous}};
    *ret_switch = NULL;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (!str_eq(name, str_from_c(all[i].name)))
            continue;
        *ret_switch = all[i].given;
        return all[i].value;
    }
    return NULL;
}

/* Whether a command has this flag. */
static bool has_flag(const struct admin_command *command, struct str name)
{
    struct str flags = str_from_c(command->flags), flag;
    while (flags.n > 0) {
        str_cut(flags, ' ', &flag, &flags);
        if (flag.n > 0 && str_eq(flag, name))
            return true;
    }
    return false;
}

/* The value of the flag at *at: behind "=" or the next argument. */
static enum rc take_value(
    int argc, char **argv, int *at, const char **ret, struct buf *problem)
{
    const char *equals = strchr(argv[*at], '=');
    if (equals != NULL && equals[1] != '\0') {
        *ret = equals + 1;
        return RC_OK;
    }
    if (equals != NULL || *at + 1 == argc || argv[*at + 1][0] == '\0' ||
        strncmp(argv[*at + 1], "--", 2) == 0) {
        buf_printf(problem, "%.*s: needs a value", (int)strcspn(argv[*at], "="),
            argv[*at]);
        return RC_INVALID;
    }
    *ret = argv[++*at];
    return RC_OK;
}

enum rc admin_take_args(const struct admin_command *command, int *argc,
    char **argv, struct admin_args *ret, struct buf *problem)
{
    struct admin_args args = {0};
    int kept = 0, at = 0;
    if (command->takes_file && *argc > 0 && argv[0][0] != '-')
        args.file = argv[at++];
    for (; at < *argc; at++) {
        struct str flag = str_from_c(argv[at]), name, rest;
        bool *given = NULL;
        str_cut(str_sub(flag, 2, flag.n), '=', &name, &rest);
        if (!str_starts_with(flag, STR("--")) || !has_flag(command, name)) {
            argv[kept++] = argv[at];
            continue;
        }
        const char **value = member_of(&args, name, &given);
        if (value == NULL)
            *given = true;
        else if (take_value(*argc, argv, &at, value, problem) != RC_OK)
            return RC_INVALID;
    }
    *argc = kept;
    *ret = args;
    return RC_OK;
}
