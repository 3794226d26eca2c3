#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/options.h"

#include "tap.h"

enum { WORDS_MAX = 16 };

/* A load under test: words of the command line and of the environment. */
struct scene {
    char *argv[WORDS_MAX];
    int argc;
    char *env[WORDS_MAX];
    int env_count;
    char path[64];
    struct app_config config;
    struct buf problem;
};

static void scene_init(struct scene *s)
{
    *s = (struct scene){0};
    buf_init(&s->problem, 4096);
}

static void scene_flag(struct scene *s, const char *word)
{
    CHECK(s->argc < WORDS_MAX);
    s->argv[s->argc++] = strdup(word);
}

static void scene_env(struct scene *s, const char *assignment)
{
    CHECK(s->env_count < WORDS_MAX - 1);
    s->env[s->env_count++] = strdup(assignment);
}

/* Writes a .env file; without a call there is none. */
static void scene_dotenv(struct scene *s, const char *text)
{
    memcpy(s->path, "/tmp/dotenv-XXXXXX", sizeof("/tmp/dotenv-XXXXXX"));
    int fd = mkstemp(s->path);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static enum rc scene_load(struct scene *s)
{
    return app_config_load(s->argc, s->argv, s->env,
        s->path[0] == '\0' ? NULL : s->path, &s->config, &s->problem);
}

static void scene_end(struct scene *s)
{
    app_config_release(&s->config);
    buf_release(&s->problem);
    for (int i = 0; i < s->argc; i++)
        free(s->argv[i]);
    for (int i = 0; i < s->env_count; i++)
        free(s->env[i]);
    if (s->path[0] != '\0')
        unlink(s->path);
}

/* The problem with a single flag or, without dashes, variable. */
static void check_refused(const char *word, const char *sentence)
{
    struct scene s;
    scene_init(&s);
    if (word[0] == '-')
        scene_flag(&s, word);
    else
        scene_env(&s, word);
    if (scene_load(&s) != RC_INVALID)
        tap_fail(__FILE__, __LINE__, "%s was accepted", word);
    CHECK_STR(buf_str(&s.problem), str_from_c(sentence));
    scene_end(&s);
}

static bool accepted(const char *word)
{
    struct scene s;
    scene_init(&s);
    if (word[0] == '-')
        scene_flag(&s, word);
    else
        scene_env(&s, word);
    bool ok = scene_load(&s) == RC_OK;
    CHECK(ok == (s.problem.n == 0));
    CHECK_INT(str_find_char(buf_str(&s.problem), '\n'), s.problem.n);
    scene_end(&s);
    return ok;
}

TEST(config_defaults_start_a_demo_on_this_machine)
{
    struct scene s;
    scene_init(&s);
    CHECK(scene_load(&s) == RC_OK);
    const struct app_config *c = &s.config;
    CHECK_STR(c->host, STR("127.0.0.1"));
    CHECK_INT(c->port, 8000);
    CHECK_STR(c->database_path, STR("chat_history.db"));
    CHECK_STR(c->serving_endpoint_name, STR("databricks-claude-sonnet-4-5"));
    CHECK_INT(c->serving_endpoints.count, 0);
    CHECK_INT(c->mode, APP_MODE_DEMO);
    CHECK_INT(c->suggestions.count, 4);
    CHECK_STR(c->suggestions.items[0], STR("Explain housing risk"));
    CHECK_STR(c->suggestions.items[3], STR("What does DHB mean?"));
    CHECK_STR(c->local_user_id, STR("local"));
    CHECK(secret_empty(&c->api_token));
    CHECK_INT(c->shutdown_grace_ms, 10000);
    CHECK_INT(c->sign_in_session_ms, INT64_C(30) * 86400000);
    CHECK_INT(c->max_message_bytes, 256 * 1024);
    CHECK_INT(c->max_reply_bytes, 1024 * 1024);
    CHECK_INT(c->rate_limit_per_minute, 60);
    CHECK_INT(c->warnings.count, 0);
    scene_end(&s);
}

TEST(config_prefers_flag_then_environment_then_dotenv)
{
    struct scene s;
    scene_init(&s);
    scene_flag(&s, "--port=1");
    scene_env(&s, "PORT=2");
    scene_env(&s, "MAX_REPLIES=12");
    scene_dotenv(&s, "PORT=3\nMAX_REPLIES=13\nMAX_TOKENS=23\n");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.port, 1);
    CHECK_INT(s.config.max_replies, 12);
    CHECK_INT(s.config.max_tokens, 23);
    CHECK_INT(s.config.history_messages, 20);
    struct buf out;
    buf_init(&out, 65536);
    app_config_print(&s.config, &out);
    CHECK(str_contains(buf_str(&out), STR("\nPORT=1  # flag: --port\n")));
    CHECK(str_contains(
        buf_str(&out), STR("\nMAX_REPLIES=12  # environment: MAX_REPLIES\n")));
    CHECK(str_contains(buf_str(&out),
        STR("\nMAX_TOKENS=23  # .env file, line 3: MAX_TOKENS\n")));
    CHECK(
        str_contains(buf_str(&out), STR("\nHISTORY_MESSAGES=20  # default\n")));
    buf_release(&out);
    scene_end(&s);
}

TEST(config_on_databricks_apps_listens_where_told)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "PORT=9000");
    scene_env(&s, "DATABRICKS_APP_PORT=8765");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.port, 8765);
    CHECK_STR(s.config.host, STR("0.0.0.0"));
    app_config_release(&s.config);
    scene_env(&s, "HOST=127.0.0.2");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_STR(s.config.host, STR("127.0.0.2"));
    scene_end(&s);
}

TEST(config_knows_every_name_of_the_endpoint)
{
    static const char *const names[] = {"SERVING_ENDPOINT_NAME",
        "DATABRICKS_SERVING_ENDPOINT_NAME", "DATABRICKS_SERVING_ENDPOINT"};
    struct scene s;
    scene_init(&s);
    for (int i = 2; i >= 0; i--) {
        char text[80] = {0};
        size_t n = strlen(names[i]);
        memcpy(text, names[i], n);
        memcpy(text + n, "=model-", 7);
        text[n + 7] = (char)('0' + i);
        scene_env(&s, text);
        CHECK(scene_load(&s) == RC_OK);
        CHECK_STR(s.config.serving_endpoint_name, str_from_c(text + n + 1));
        app_config_release(&s.config);
    }
    scene_end(&s);
}

TEST(config_takes_flags_in_both_forms)
{
    struct scene s;
    scene_init(&s);
    scene_flag(&s, "--port");
    scene_flag(&s, "9001");
    scene_flag(&s, "--host=localhost");
    scene_flag(&s, "--genie-mcp-enabled");
    scene_flag(&s, "--system-prompt=--be nice");
    scene_flag(&s, "--port");
    scene_flag(&s, "9002");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.port, 9002);
    CHECK_STR(s.config.host, STR("127.0.0.1"));
    CHECK(s.config.genie_mcp_enabled);
    CHECK_STR(s.config.system_prompt, STR("--be nice"));
    app_config_release(&s.config);
    scene_flag(&s, "--no-genie-mcp-enabled");
    CHECK(scene_load(&s) == RC_OK);
    CHECK(!s.config.genie_mcp_enabled);
    scene_end(&s);
}

TEST(config_counts_an_empty_variable_as_not_set)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "PORT=");
    scene_env(&s, "DATABASE_URL= ");
    scene_env(&s, "SUGGESTIONS=");
    scene_dotenv(&s, "MAX_REPLIES=\nLOCAL_USER_ID=\"\"\n");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.port, 8000);
    CHECK_INT(s.config.suggestions.count, 4);
    CHECK_INT(s.config.max_replies, 1000);
    CHECK_STR(s.config.local_user_id, STR("local"));
    scene_end(&s);
}

TEST(config_takes_an_empty_flag_for_empty)
{
    struct scene s;
    scene_init(&s);
    scene_flag(&s, "--suggestions=");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.suggestions.count, 0);
    scene_end(&s);
    check_refused("--port=", "--port: \"\" is not a whole number; allowed: "
                             "0 to 65535");
}

TEST(config_names_what_is_wrong)
{
    check_refused(
        "PORT=abc", "PORT: \"abc\" is not a whole number; allowed: 0 to 65535");
    check_refused("DATABRICKS_APP_PORT=65536",
        "DATABRICKS_APP_PORT: \"65536\" is out of range; allowed: 0 to "
        "65535");
    check_refused("--demo=maybe",
        "--demo: \"maybe\" is not one of the choices; allowed: auto, on or "
        "off");
    check_refused("--shutdown-grace=15s",
        "--shutdown-grace: \"15s\" is out of range; allowed: 0s to 14s");
    check_refused("--max-reply-bytes=lots",
        "--max-reply-bytes: \"lots\" is not a size; allowed: 1KiB to 64MiB");
    check_refused("--idle-timeout=30",
        "--idle-timeout: \"30\" is not a duration; allowed: 1s to 1h");
    check_refused("GENIE_MCP_ENABLED=perhaps",
        "GENIE_MCP_ENABLED: \"perhaps\" is neither true nor false; allowed: "
        "true or false");
    check_refused("--port", "--port: needs a value; allowed: 0 to 65535");
    check_refused("HOST=chat.example.org",
        "HOST: \"chat.example.org\" is not understood; allowed: a numeric "
        "address (or localhost), at most 64 bytes");
}

TEST(config_refuses_flags_it_does_not_know)
{
    check_refused("--prot=1", "--prot: unknown flag; did you mean --port?");
    check_refused("--sytem-prompt",
        "--sytem-prompt: unknown flag; did you mean --system-prompt?");
    check_refused("--no-port", "--no-port: unknown flag; --help lists all");
    check_refused("--serving-endpoint-name=x",
        "--serving-endpoint-name: unknown flag; did you mean --endpoint?");
    check_refused("--completely-different",
        "--completely-different: unknown flag; --help lists all");
    check_refused("-p", "unexpected argument \"-p\"; flags begin with --");
    check_refused("--", "--: unknown flag; --help lists all");
}

TEST(config_takes_no_secret_from_the_command_line)
{
    check_refused("--databricks-token=dapi-very-secret",
        "--databricks-token: not a flag, because other users of the machine "
        "can see flags; set DATABRICKS_TOKEN in the environment or in .env");
}

TEST(config_needs_a_value_before_the_next_flag)
{
    struct scene s;
    scene_init(&s);
    scene_flag(&s, "--host");
    scene_flag(&s, "--port=1");
    CHECK(scene_load(&s) == RC_INVALID);
    CHECK(str_starts_with(
        buf_str(&s.problem), STR("--host: needs a value; allowed: ")));
    scene_end(&s);
}

TEST(config_never_shows_a_secret)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "DATABRICKS_HOST=example.cloud.databricks.com");
    scene_env(&s, "DATABRICKS_TOKEN=dapi0123456789");
    scene_env(&s, "DATABRICKS_CLIENT_SECRET=dose0123456789");
    scene_env(&s, "API_TOKEN=0123456789abcdef");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_STR(secret_reveal(&s.config.databricks_token), STR("dapi0123456789"));
    struct buf out;
    buf_init(&out, 65536);
    app_config_print(&s.config, &out);
    CHECK(!str_contains(buf_str(&out), STR("0123456789")));
    CHECK(str_contains(
        buf_str(&out), STR("\nDATABRICKS_TOKEN=********  # environment: ")));
    buf_release(&out);
    scene_end(&s);
    check_refused("API_TOKEN=tiny",
        "API_TOKEN: the value is too short; allowed: visible ASCII "
        "characters, at least 16 bytes, at most 1024 bytes");
    check_refused("DATABRICKS_TOKEN=dapi\r\nX-Evil: 1",
        "DATABRICKS_TOKEN: the value holds a control character; allowed: "
        "visible ASCII characters, at most 8192 bytes");
    check_refused("DATABASE_URL=mysql://me:password@db/chat",
        "DATABASE_URL: the value is not understood; allowed: sqlite:PATH, a "
        "path, or postgres://USER@HOST/DATABASE, at most 4095 bytes");
}

TEST(config_shows_a_bad_value_on_one_line_and_cut)
{
    check_refused("PORT=1\n2\x1b[2J",
        "PORT: \"1?2?[2J\" is not a whole number; allowed: 0 to 65535");
    check_refused("PORT=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "PORT: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "...\" is not a whole number; allowed: 0 to 65535");
    check_refused("LOCAL_USER_NAME=\xff",
        "LOCAL_USER_NAME: \"...\" is not valid UTF-8; allowed: one line of "
        "text, at most 255 bytes");
}

TEST(config_workspace_address_is_checked)
{
    static const char *const good[] = {"DATABRICKS_HOST=h.example.com",
        "DATABRICKS_HOST=https://h.example.com/",
        "DATABRICKS_HOST=https://h.example.com:443/?o=123#x",
        "DATABRICKS_HOST=h.example.com/?o=123", "DATABRICKS_HOST=HTTPS://H",
        "DATABRICKS_HOST=http://127.0.0.1:4711",
        "DATABRICKS_HOST=http://localhost:1/",
        "DATABRICKS_HOST=http://[::1]:80"};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct scene s;
        scene_init(&s);
        scene_env(&s, good[i]);
        scene_env(&s, "DATABRICKS_TOKEN=t");
        if (scene_load(&s) != RC_OK)
            tap_fail(
                __FILE__, __LINE__, "%s: %s", good[i], buf_c_str(&s.problem));
        CHECK_INT(s.config.mode, APP_MODE_PAT);
        scene_end(&s);
    }
    CHECK(!accepted("DATABRICKS_HOST=http://h.example.com"));
    CHECK(!accepted("DATABRICKS_HOST=http://127.0.0.1.example.com"));
    CHECK(!accepted("DATABRICKS_HOST=ftp://h"));
    CHECK(!accepted("DATABRICKS_HOST=https://"));
    CHECK(!accepted("DATABRICKS_HOST=https://me:pw@h"));
    CHECK(!accepted("DATABRICKS_HOST=h:99999"));
    CHECK(!accepted("DATABRICKS_HOST=a b"));
}

/* The mode that DATABRICKS_ variables and DEMO amount to; -1: refused. */
static int mode_of(const char *const *env, size_t *ret_warnings)
{
    struct scene s;
    scene_init(&s);
    for (; *env != NULL; env++)
        scene_env(&s, *env);
    int mode = scene_load(&s) == RC_OK ? (int)s.config.mode : -1;
    *ret_warnings = s.config.warnings.count;
    scene_end(&s);
    return mode;
}

#define WORKSPACE "DATABRICKS_HOST=h"
#define CLIENT_ID "DATABRICKS_CLIENT_ID=i"
#define CLIENT_SECRET "DATABRICKS_CLIENT_SECRET=s"
#define TOKEN "DATABRICKS_TOKEN=t"

TEST(config_credentials_decide_the_mode)
{
    static const struct {
        const char *env[5];
        int mode;
        size_t warnings;
    } cases[] = {
        {{WORKSPACE, TOKEN}, APP_MODE_PAT, 0},
        {{WORKSPACE, CLIENT_ID, CLIENT_SECRET}, APP_MODE_OAUTH_M2M, 0},
        {{WORKSPACE, TOKEN, CLIENT_ID, CLIENT_SECRET}, APP_MODE_PAT, 1},
        {{WORKSPACE}, -1, 0},
        {{WORKSPACE, CLIENT_ID}, -1, 0},
        {{WORKSPACE, CLIENT_SECRET}, -1, 0},
        {{TOKEN}, APP_MODE_DEMO, 1},
        {{"DEMO=off"}, -1, 0},
        {{"DEMO=off", WORKSPACE, TOKEN}, APP_MODE_PAT, 0},
        {{"DEMO=on", WORKSPACE, TOKEN}, APP_MODE_DEMO, 1},
        {{"DEMO=on"}, APP_MODE_DEMO, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        size_t warnings = 0;
        CHECK_INT(mode_of(cases[i].env, &warnings), cases[i].mode);
        CHECK_INT(warnings, cases[i].warnings);
    }
}

TEST(config_warns_about_what_has_no_effect)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "NOT_KNOWN=1");
    scene_dotenv(&s, "# mine\nPROT=9000\nZZZZZZZZZ=1\n");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.warnings.count, 2);
    CHECK(str_ends_with(s.config.warnings.items[0],
        STR(" line 2: PROT is not known and has no effect; did you mean "
            "PORT?")));
    CHECK(str_ends_with(s.config.warnings.items[1],
        STR(" line 3: ZZZZZZZZZ is not known and has no effect")));
    scene_end(&s);
}

TEST(config_env_file_may_be_named_or_refused)
{
    struct scene s;
    scene_init(&s);
    scene_dotenv(&s, "PORT=4000\n");
    scene_flag(&s, "--env-file=");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.port, 8000);
    scene_end(&s);
    check_refused("ENV_FILE=/nonexistent/file",
        "/nonexistent/file: there is no such file");
    check_refused("ENV_FILE=/tmp", "/tmp: cannot be read: Invalid argument");
}

TEST(config_names_the_line_of_a_bad_env_file)
{
    struct scene s;
    scene_init(&s);
    scene_dotenv(&s, "A=1\nPORT=eighty\n");
    CHECK(scene_load(&s) == RC_INVALID);
    CHECK(str_ends_with(buf_str(&s.problem),
        STR(" line 2: PORT: \"eighty\" is not a whole number; allowed: 0 to "
            "65535")));
    scene_end(&s);
    scene_init(&s);
    scene_dotenv(&s, "A=1\n\nnonsense secret\n");
    CHECK(scene_load(&s) == RC_INVALID);
    CHECK(str_ends_with(
        buf_str(&s.problem), STR(": line 3: expected KEY=VALUE")));
    scene_end(&s);
}

TEST(config_lists_are_split_and_trimmed)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "SERVING_ENDPOINTS= a, b-2 ,,c.d,");
    scene_env(&s, "TRUSTED_PROXIES=10.0.0.1,::1");
    scene_env(&s, "SUGGESTIONS=One, two|Three");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_INT(s.config.serving_endpoints.count, 3);
    CHECK_STR(s.config.serving_endpoints.items[1], STR("b-2"));
    CHECK_STR(s.config.serving_endpoints.items[2], STR("c.d"));
    CHECK_INT(s.config.trusted_proxies.count, 2);
    CHECK_INT(s.config.suggestions.count, 2);
    CHECK_STR(s.config.suggestions.items[0], STR("One, two"));
    scene_end(&s);
    CHECK(!accepted("TRUSTED_PROXIES=10.0.0.1,proxy"));
    CHECK(!accepted("SERVING_ENDPOINTS=a/b"));
    CHECK(!accepted("SUGGESTIONS=1|2|3|4|5|6|7|8|9|10|11|12|13"));
}

TEST(config_database_forms)
{
    static const char *const cases[][2] = {
        {"DATABASE_URL=sqlite:x.db", "x.db"},
        {"DATABASE_URL=sqlite:/var/lib/x.db", "/var/lib/x.db"},
        {"DATABASE_URL=data/x.db", "data/x.db"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct scene s;
        scene_init(&s);
        scene_env(&s, cases[i][0]);
        CHECK(scene_load(&s) == RC_OK);
        CHECK_STR(s.config.database_path, str_from_c(cases[i][1]));
        scene_end(&s);
    }
    CHECK(!accepted("DATABASE_URL=sqlite:"));
    CHECK(!accepted("DATABASE_URL=sqlite://x.db"));
    CHECK(!accepted("DATABASE_URL=sqlite::memory:"));
    CHECK(!accepted("DATABASE_URL=:memory:"));
    CHECK(!accepted("DATABASE_URL=mysql://db"));
}

/* One way to name PostgreSQL, and what is made of it. */
static void check_postgres(
    const char *env, const char *conninfo, const char *shown)
{
    struct scene s;
    struct buf out;
    scene_init(&s);
    scene_env(&s, env);
    buf_init(&out, 1 << 20);
    CHECK(scene_load(&s) == RC_OK);
    CHECK(s.config.database_postgres);
    CHECK_STR(s.config.database_conninfo, str_from_c(conninfo));
    CHECK_STR(s.config.database_shown, str_from_c(shown));
    app_config_print(&s.config, &out);
    CHECK(!str_contains(buf_str(&out), STR("hunter")));
    buf_release(&out);
    scene_end(&s);
}

TEST(config_postgres_forms)
{
    check_postgres("DATABASE_URL=postgres://db/chat", "postgres://db/chat",
        "postgres://db/chat");
    check_postgres("DATABASE_URL=postgresql://me:hunter@2@db:5433/chat",
        "postgresql://me:hunter@2@db:5433/chat",
        "postgresql://me:********@db:5433/chat");
    check_postgres("DATABASE_URL=postgres://me@db/chat?password=hunter",
        "postgres://me@db/chat?password=hunter", "postgres://me@db/chat?...");
    check_postgres("PGHOST=db.example.org", "host='db.example.org'",
        "PostgreSQL on db.example.org");
    check_postgres("PGHOST=it's", "host='it\\'s'", "PostgreSQL on it's");
}

TEST(config_a_database_named_wins_over_pghost)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "PGHOST=db");
    scene_env(&s, "DATABASE_URL=x.db");
    CHECK(scene_load(&s) == RC_OK);
    CHECK(!s.config.database_postgres);
    CHECK_STR(s.config.database_path, STR("x.db"));
    scene_end(&s);
}

TEST(config_public_url_forms)
{
    struct scene s;
    scene_init(&s);
    scene_env(&s, "PUBLIC_URL=https://chat.example.org:8443/");
    CHECK(scene_load(&s) == RC_OK);
    CHECK_STR(s.config.public_url, STR("https://chat.example.org:8443"));
    scene_end(&s);
    CHECK(!accepted("PUBLIC_URL=chat.example.org"));
    CHECK(!accepted("PUBLIC_URL=https://chat.example.org/path"));
    CHECK(!accepted("PUBLIC_URL=https://"));
    CHECK(!accepted("PUBLIC_URL=javascript://x"));
}
