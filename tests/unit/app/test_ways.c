#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/options.h"

#include "tap.h"

/*
 * Which way in is taken: variables and a file of profiles in, the mode and
 * the sentence about it out.
 */
enum { WORDS_MAX = 16 };

struct scene {
    char home[32]; /* a folder with .databrickscfg */
    char variable[64];
    struct app_config config;
    struct buf problem;
    enum rc rc;
};

static const char file[] = "[DEFAULT]\n"
                           "host = https://default.example\n"
                           "token = dapi-default\n"
                           "[sp]\n"
                           "host = sp.example\n"
                           "client_id = sp-id\n"
                           "client_secret = sp-secret\n"
                           "[both]\n"
                           "host = both.example\n"
                           "token = dapi-both\n"
                           "client_id = both-id\n"
                           "client_secret = both-secret\n"
                           "auth_type = oauth-m2m\n"
                           "[cli]\n"
                           "host = cli.example\n"
                           "auth_type = databricks-cli\n"
                           "[bare]\n"
                           "token = dapi-bare\n"
                           "[empty]\n"
                           "host = empty.example\n"
                           "[bad]\n"
                           "host = http://bad.example\n";

/* Loads with these variables, NULL at the end. */
static void load(struct scene *s, ...)
{
    char *env[WORDS_MAX] = {s->variable};
    size_t n = 1;
    va_list args;
    *s = (struct scene){.home = "/tmp/home-XXXXXX"};
    CHECK(mkdtemp(s->home) != NULL);
    char path[64];
    snprintf(s->variable, sizeof(s->variable), "HOME=%s", s->home);
    snprintf(path, sizeof(path), "%s/.databrickscfg", s->home);
    FILE *f = fopen(path, "w");
    CHECK(f != NULL && fputs(file, f) >= 0 && fclose(f) == 0);
    va_start(args, s);
    for (char *word; (word = va_arg(args, char *)) != NULL;)
        env[n++] = word;
    va_end(args);
    CHECK(n < WORDS_MAX);
    buf_init(&s->problem, 4096);
    s->rc = app_config_load(0, NULL, env, NULL, &s->config, &s->problem);
    unlink(path);
    rmdir(s->home);
}

static void end(struct scene *s)
{
    if (s->rc == RC_OK)
        app_config_release(&s->config);
    buf_release(&s->problem);
}

static bool contains(struct str s, const char *word)
{
    return str_contains(s, str_from_c(word));
}

/* The mode, words of the sentence, the host, and how many were left aside. */
static void check_way(struct scene *s, enum app_mode mode, const char *words,
    const char *host, size_t warnings)
{
    if (s->rc != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", buf_c_str(&s->problem));
    CHECK_INT(s->config.mode, mode);
    if (!contains(s->config.way_in, words))
        tap_fail(__FILE__, __LINE__, "%.*s: not \"%s\"",
            STR_ARG(s->config.way_in), words);
    CHECK_STR(s->config.databricks_host, str_from_c(host));
    CHECK_INT(s->config.warnings.count, warnings);
    end(s);
}

static void check_refused(struct scene *s, const char *words)
{
    CHECK_INT(s->rc, RC_INVALID);
    if (!contains(buf_str(&s->problem), words))
        tap_fail(__FILE__, __LINE__, "%s: not \"%s\"", buf_c_str(&s->problem),
            words);
    CHECK(!contains(buf_str(&s->problem), "secret\n"));
    end(s);
}

TEST(ways_a_file_that_nobody_named_is_not_read)
{
    struct scene s;
    load(&s, NULL);
    check_way(&s, APP_MODE_DEMO, "", "", 0);
    load(&s, "DEMO=on", "DATABRICKS_CONFIG_PROFILE=sp", NULL);
    check_way(&s, APP_MODE_DEMO, "", "", 0);
    load(&s, "OPENAI_API_KEY=k", NULL);
    check_way(&s, APP_MODE_DEMO, "", "", 0);
}

TEST(ways_profiles)
{
    struct scene s;
    load(&s, "DATABRICKS_CONFIG_PROFILE=sp", NULL);
    CHECK_STR(s.config.databricks_client_id, STR("sp-id"));
    CHECK_STR(
        secret_reveal(&s.config.databricks_client_secret), STR("sp-secret"));
    check_way(
        &s, APP_MODE_OAUTH_M2M, "of profile sp in /tmp/home-", "sp.example", 0);
    load(&s, "DATABRICKS_CONFIG_FILE=~/.databrickscfg", NULL);
    check_way(
        &s, APP_MODE_PAT, "profile DEFAULT", "https://default.example", 0);
    /* As Databricks' tools do it when nothing else says anything. */
    load(&s, "DEMO=off", NULL);
    check_way(
        &s, APP_MODE_PAT, "profile DEFAULT", "https://default.example", 0);
    load(&s, "DATABRICKS_CONFIG_PROFILE=both", NULL);
    check_way(&s, APP_MODE_OAUTH_M2M, "profile both", "both.example", 1);
    load(
        &s, "DATABRICKS_CONFIG_PROFILE=both", "DATABRICKS_AUTH_TYPE=pat", NULL);
    check_way(
        &s, APP_MODE_PAT, "as DATABRICKS_AUTH_TYPE says", "both.example", 1);
    load(&s, "DATABRICKS_CONFIG_PROFILE=bare", "DATABRICKS_HOST=other.example",
        NULL);
    check_way(&s, APP_MODE_PAT, "profile bare", "other.example", 0);
}

TEST(ways_what_is_set_comes_before_a_profile)
{
    struct scene s;
    load(&s, "DATABRICKS_CONFIG_PROFILE=sp", "DATABRICKS_TOKEN=t", NULL);
    CHECK_STR(secret_reveal(&s.config.databricks_token), STR("t"));
    check_way(&s, APP_MODE_PAT, "of DATABRICKS_TOKEN", "sp.example", 1);
    load(&s, "DATABRICKS_CONFIG_PROFILE=sp", "DATABRICKS_TOKEN=t",
        "DATABRICKS_HOST=https://sp.example/?o=1", NULL);
    check_way(
        &s, APP_MODE_PAT, "of DATABRICKS_TOKEN", "https://sp.example/?o=1", 1);
    load(&s, "DATABRICKS_HOST=h", "DATABRICKS_TOKEN=t",
        "DATABRICKS_CLIENT_ID=i", "DATABRICKS_CLIENT_SECRET=s", NULL);
    check_way(&s, APP_MODE_PAT, "of DATABRICKS_TOKEN", "h", 1);
    load(&s, "DATABRICKS_HOST=h", "DATABRICKS_TOKEN=t",
        "DATABRICKS_CLIENT_ID=i", "DATABRICKS_CLIENT_SECRET=s",
        "DATABRICKS_AUTH_TYPE=oauth-m2m", NULL);
    check_way(&s, APP_MODE_OAUTH_M2M, "DATABRICKS_CLIENT_ID", "h", 1);
}

TEST(ways_a_profile_is_not_sent_to_another_workspace)
{
    struct scene s;
    load(&s, "DATABRICKS_CONFIG_PROFILE=sp", "DATABRICKS_HOST=other.example",
        NULL);
    check_refused(&s, "DATABRICKS_HOST names another workspace");
    load(&s, "DATABRICKS_CONFIG_PROFILE=sp", "DATABRICKS_HOST=other.example",
        "DATABRICKS_TOKEN=t", NULL);
    CHECK(contains(s.config.warnings.items[0], "profile sp is not used"));
    check_way(&s, APP_MODE_PAT, "of DATABRICKS_TOKEN", "other.example", 1);
}

TEST(ways_that_are_refused)
{
    struct scene s;
    load(&s, "DATABRICKS_CONFIG_PROFILE=cli", NULL);
    check_refused(&s, "auth_type of profile cli: \"databricks-cli\" is not "
                      "supported here; supported: pat");
    load(&s, "DATABRICKS_HOST=h", "DATABRICKS_TOKEN=t",
        "DATABRICKS_AUTH_TYPE=azure-cli", NULL);
    check_refused(&s, "DATABRICKS_AUTH_TYPE: \"azure-cli\" is not supported");
    load(&s, "DATABRICKS_HOST=h", "DATABRICKS_TOKEN=t",
        "DATABRICKS_AUTH_TYPE=oauth-m2m", NULL);
    check_refused(&s, "the kind of sign-in asked for is oauth-m2m, but");
    load(&s, "DATABRICKS_CONFIG_PROFILE=gone", NULL);
    check_refused(&s, "has no profile \"gone\"; it has: DEFAULT, sp, both");
    load(&s, "DATABRICKS_CONFIG_FILE=/nowhere/cfg", NULL);
    check_refused(&s, "/nowhere/cfg: there is no such file");
    load(&s, "DATABRICKS_CONFIG_PROFILE=bare", NULL);
    check_refused(&s, "profile \"bare\" has no host");
    load(&s, "DATABRICKS_CONFIG_PROFILE=empty", NULL);
    check_refused(&s, "profile \"empty\" has neither a token nor");
    load(&s, "DATABRICKS_CONFIG_PROFILE=bad", NULL);
    check_refused(&s, "the host of profile \"bad\" is no workspace address");
}

TEST(ways_other_servers)
{
    struct scene s;
    load(&s, "OPENAI_BASE_URL=localhost:11434",
        "SERVING_ENDPOINT_NAME=llama3.2:3b", "SERVING_ENDPOINTS=org/m@2", NULL);
    CHECK_STR(s.config.models_url, STR("http://localhost:11434/v1"));
    CHECK(secret_empty(&s.config.openai_api_key));
    check_way(&s, APP_MODE_OPENAI, "without a key", "", 0);
    load(&s, "OPENAI_BASE_URL=http://gpu.lan:8000/v1/chat/completions/",
        "OPENAI_API_KEY=k", "SERVING_ENDPOINT_NAME=m", NULL);
    CHECK_STR(s.config.models_url, STR("http://gpu.lan:8000/v1"));
    check_way(&s, APP_MODE_OPENAI, "OPENAI_API_KEY", "", 0);
    load(&s, "OPENAI_BASE_URL=http://gpu.lan/v1", NULL);
    check_refused(&s, "SERVING_ENDPOINT_NAME: not set; name the model");
    load(&s, "SERVING_ENDPOINT_NAME=llama3.2:3b", NULL);
    check_refused(&s, "\"llama3.2:3b\" is no name of a serving endpoint");
    load(&s, "OPENAI_BASE_URL=http://gpu.lan/v1", "SERVING_ENDPOINT_NAME=m",
        "DATABRICKS_USER_AUTH=user", NULL);
    CHECK_INT(s.config.user_auth, APP_AS_SERVICE);
    check_way(&s, APP_MODE_OPENAI, "", "", 1);
}

/* The workspace's credentials go to the workspace and to nobody else. */
TEST(ways_base_paths_of_a_workspace)
{
    static const char *const own[] = {
        "OPENAI_BASE_URL=https://h.example/serving-endpoints",
        "OPENAI_BASE_URL=https://h.example/ai-gateway/mlflow/v1",
        "OPENAI_BASE_URL=https://1.ai-gateway.cloud.databricks.com/mlflow/v1"};
    static const char *const others[] = {
        "OPENAI_BASE_URL=https://h.example.evil.example/serving-endpoints",
        "OPENAI_BASE_URL=http://h.example/serving-endpoints",
        "OPENAI_BASE_URL=http://1.ai-gateway.cloud.databricks.com/v1",
        "OPENAI_BASE_URL=https://ai-gateway.cloud.databricks.com.evil.example",
        "OPENAI_BASE_URL=https://h.example:8443/serving-endpoints"};
    struct scene s;
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        load(&s, own[i], "DATABRICKS_HOST=h.example", "DATABRICKS_TOKEN=t",
            "SERVING_ENDPOINT_NAME=system.ai.claude", NULL);
        check_way(&s, APP_MODE_PAT, "DATABRICKS_TOKEN", "h.example", 0);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        load(&s, others[i], "DATABRICKS_HOST=h.example", "DATABRICKS_TOKEN=t",
            "SERVING_ENDPOINT_NAME=m", NULL);
        check_way(&s, APP_MODE_OPENAI, "without a key", "h.example", 1);
    }
    load(&s, own[0], "DATABRICKS_HOST=h.example", "DATABRICKS_TOKEN=t",
        "OPENAI_API_KEY=k", "SERVING_ENDPOINT_NAME=m", NULL);
    check_way(&s, APP_MODE_OPENAI, "OPENAI_API_KEY", "h.example", 1);
}
