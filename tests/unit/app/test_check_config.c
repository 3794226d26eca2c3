#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/check_config.h"

#include "tap.h"

/* A folder of its own for each test; the tests of paths run inside it. */
static char folder[32];

static void enter(void)
{
    memcpy(folder, "/tmp/check-XXXXXX", sizeof("/tmp/check-XXXXXX"));
    CHECK(mkdtemp(folder) != NULL);
    CHECK(chdir(folder) == 0);
}

static void leave(void)
{
    CHECK(chdir("/") == 0);
    CHECK(rmdir(folder) == 0);
}

/* Checks a configuration of variables (NULL at the end); the report. */
static bool check(char *const *env, struct buf *report)
{
    struct app_config config;
    struct buf problem;
    buf_init(&problem, 4096);
    if (app_config_load(0, NULL, env, NULL, &config, &problem) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", buf_c_str(&problem));
    buf_init(report, 65536);
    bool ok = app_check_config(&config, report);
    app_config_release(&config);
    buf_release(&problem);
    return ok;
}

/* The report holds the text, and whether it lets the server start. */
static void check_report(char *const *env, bool expected, const char *text)
{
    struct buf report;
    bool ok = check(env, &report);
    if (!str_contains(buf_str(&report), str_from_c(text)))
        tap_fail(
            __FILE__, __LINE__, "no \"%s\" in %s", text, buf_c_str(&report));
    CHECK_INT(ok, expected);
    CHECK_INT(str_contains(buf_str(&report), STR("\nWould start on ")), ok);
    CHECK_INT(str_contains(buf_str(&report), STR("Would not start: ")), !ok);
    buf_release(&report);
}

#define ENV(...) ((char *const[]){__VA_ARGS__, NULL})

TEST(check_says_how_it_would_start)
{
    enter();
    check_report((char *const[]){NULL}, true,
        "Would start on 127.0.0.1 port 8000; mode: demo; identity: local "
        "sign-in link\n");
    check_report(ENV("DATABRICKS_HOST=H.example.com/", "DATABRICKS_TOKEN=t"),
        true, "mode: personal access token");
    check_report(ENV("DATABRICKS_HOST=H.example.com/", "DATABRICKS_TOKEN=t"),
        true, "ok       workspace: https://h.example.com\n");
    check_report(ENV("DATABRICKS_HOST=h", "DATABRICKS_CLIENT_ID=i",
                     "DATABRICKS_CLIENT_SECRET=s", "DATABRICKS_APP_NAME=chat",
                     "DATABRICKS_APP_PORT=8001"),
        true,
        "Would start on 0.0.0.0 port 8001; mode: OAuth for a service "
        "principal; identity: Databricks Apps proxy\n");
    leave();
}

TEST(check_looks_at_the_place_of_the_history)
{
    enter();
    check_report(ENV("DATABASE_URL=new.db"), true,
        "ok       history: new.db will be made\n");
    check_report(ENV("DATABASE_URL=absent/new.db"), false,
        "error    DATABASE_URL: the folder absent cannot be used: ");
    check_report(ENV("DATABASE_URL=sqlite:."), false,
        "error    DATABASE_URL: . is not a file\n");
    int fd = open("old.db", O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0);
    close(fd);
    check_report(
        ENV("DATABASE_URL=old.db"), true, "ok       history: old.db\n");
    check_report(ENV("DATABASE_URL=old.db/new.db"), false, "error ");
    CHECK(unlink("old.db") == 0);
    leave();
}

TEST(check_looks_at_the_authorities_file)
{
    enter();
    check_report(ENV("CA_FILE=absent.pem"), false,
        "error    CA_FILE: absent.pem cannot be read: ");
    leave();
}

TEST(check_warns_about_an_open_network)
{
    enter();
    check_report(ENV("HOST=0.0.0.0"), true, "warning  HOST: the network");
    struct buf report;
    CHECK(check(ENV("HOST=0.0.0.0", "PUBLIC_URL=https://c"), &report));
    CHECK(!str_contains(buf_str(&report), STR("warning  HOST")));
    buf_release(&report);
    leave();
}

TEST(check_repeats_the_warnings_and_no_secret)
{
    enter();
    struct buf report;
    CHECK(check(
        ENV("DATABRICKS_HOST=h", "DATABRICKS_TOKEN=dapi-secret",
            "DATABRICKS_CLIENT_ID=i", "DATABRICKS_CLIENT_SECRET=dose-secret",
            "API_TOKEN=0123456789-secret"),
        &report));
    CHECK(str_contains(
        buf_str(&report), STR("way in: personal access token of DATABRICKS_"
                              "TOKEN\n")));
    CHECK(str_contains(
        buf_str(&report), STR("warning  the service principal (OAuth) of ")));
    CHECK(!str_contains(buf_str(&report), STR("-secret")));
    buf_release(&report);
    leave();
}
