#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assets/assets.h"
#include "databricks/host.h"

#include "app/check_config.h"

/* The findings so far. */
struct report {
    struct buf *out;
    struct arena *arena;
    int errors;
};

__attribute__((format(printf, 3, 4))) static void finding(
    struct report *r, const char *kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_printf(r->out, "%-8s ", kind);
    buf_vprintf(r->out, format, args);
    buf_append_char(r->out, '\n');
    va_end(args);
    r->errors += strcmp(kind, "error") == 0;
}

/* The folder a file is in. */
static const char *folder_of(struct arena *arena, struct str path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    if (n == 0)
        return ".";
    return arena_c_str(arena, str_sub(path, 0, n > 1 ? n - 1 : n));
}

static void check_new_database(
    const struct app_config *c, struct report *r, const char *path)
{
    const char *folder = folder_of(r->arena, c->database_path);
    struct stat status;
    if (stat(folder, &status) != 0)
        finding(r, "error",
            "DATABASE_URL: the folder %s cannot be used: %s; make it first",
            folder, strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        finding(r, "error", "DATABASE_URL: %s is not a folder", folder);
    else if (access(folder, W_OK | X_OK) != 0)
        finding(r, "error", "DATABASE_URL: the folder %s cannot be written",
            folder);
    else
        finding(r, "ok", "history: %s will be made", path);
}

static void check_database(const struct app_config *c, struct report *r)
{
    const char *path = arena_c_str(r->arena, c->database_path);
    const char *folder = folder_of(r->arena, c->database_path);
    struct stat status;
    if (c->database_postgres)
        finding(r, "ok", "history: %.*s, not tried here",
            STR_ARG(c->database_shown));
    else if (stat(path, &status) != 0 && errno == ENOENT)
        check_new_database(c, r, path);
    else if (access(path, R_OK) != 0)
        finding(r, "error", "DATABASE_URL: %s cannot be read: %s", path,
            strerror(errno));
    else if (!S_ISREG(status.st_mode))
        finding(r, "error", "DATABASE_URL: %s is not a file", path);
    else if (access(path, W_OK) != 0 || access(folder, W_OK) != 0)
        finding(r, "warning",
            "DATABASE_URL: %s or its folder cannot be written: chats can be "
            "read, nothing can be sent",
            path);
    else
        finding(r, "ok", "history: %s", path);
}

static void check_ca_file(const struct app_config *c, struct report *r)
{
    const char *path = arena_c_str(r->arena, c->ca_file);
    if (c->ca_file.n > 0 && access(path, R_OK) != 0)
        finding(r, "error", "CA_FILE: %s cannot be read: %s", path,
            strerror(errno));
}

static void check_workspace(const struct app_config *c, struct report *r)
{
    struct buf host;
    buf_init(&host, 4096);
    if (c->mode == APP_MODE_DEMO)
        finding(r, "ok", "workspace: the emulator inside this program");
    else if (c->mode == APP_MODE_OPENAI)
        finding(r, "ok", "models at: %.*s", STR_ARG(c->models_url));
    else if (databricks_host_normalise(c->databricks_host, &host) == RC_OK)
        finding(r, "ok", "workspace: %s", buf_c_str(&host));
    else
        finding(r, "error", "DATABRICKS_HOST: no workspace address");
    buf_release(&host);
    if (c->way_in.n > 0)
        finding(r, "ok", "way in: %.*s", STR_ARG(c->way_in));
    if (c->models_url.n > 0 && c->mode != APP_MODE_OPENAI)
        finding(r, "ok", "models at: %.*s", STR_ARG(c->models_url));
    if (str_starts_with(c->models_url, STR("http://")) &&
        !databricks_host_is_loopback(c->models_url))
        finding(r, "warning",
            "OPENAI_BASE_URL: what people write goes to %.*s unencrypted",
            STR_ARG(c->models_url));
    finding(r, "ok", "model: %.*s, and %zu more to choose",
        STR_ARG(c->serving_endpoint_name), c->serving_endpoints.count);
}

static void check_identity(const struct app_config *c, struct report *r)
{
    bool open =
        !str_starts_with(c->host, STR("127.")) && !str_eq(c->host, STR("::1"));
    if (c->databricks_app_name.n > 0) {
        finding(r, "ok", "people: as the proxy of Databricks Apps says");
        if (c->trusted_proxies.count > 0)
            finding(r, "warning",
                "TRUSTED_PROXIES has no effect inside Databricks Apps");
        return;
    }
    bool tokens = c->caller_tokens && c->mode != APP_MODE_DEMO &&
                  c->mode != APP_MODE_OPENAI;
    finding(r, "ok", "people: %.*s, by the link printed at the start%s%s",
        STR_ARG(c->local_user_id),
        c->trusted_proxies.count > 0 ? ", or as a trusted proxy says" : "",
        tokens ? ", or by access tokens of the workspace" : "");
    if (open && !str_starts_with(c->public_url, STR("https://")))
        finding(r, "warning",
            "HOST: the network can reach %.*s over plain HTTP; put a proxy "
            "with TLS before it and name its address in PUBLIC_URL",
            STR_ARG(c->host));
}

static const char *mode_name(enum app_mode mode)
{
    switch (mode) {
    case APP_MODE_DEMO:
        return "demo";
    case APP_MODE_PAT:
        return "personal access token";
    case APP_MODE_OAUTH_M2M:
        return "OAuth for a service principal";
    case APP_MODE_OPENAI:
        return "OpenAI-compatible server";
    }
    return "unknown";
}

bool app_check_config(const struct app_config *c, struct buf *out)
{
    struct report r = {.out = out, .arena = arena_new()};
    check_database(c, &r);
    check_workspace(c, &r);
    check_ca_file(c, &r);
    check_identity(c, &r);
    if (assets_count() == 0)
        finding(&r, "warning",
            "this program was built without the page: run ./run, or build "
            "frontend/ first");
    for (size_t i = 0; i < c->warnings.count; i++)
        finding(&r, "warning", "%.*s", STR_ARG(c->warnings.items[i]));
    if (r.errors > 0)
        buf_printf(out, "Would not start: %d error%s\n", r.errors,
            r.errors == 1 ? "" : "s");
    else
        buf_printf(out, "Would start on %.*s port %d; mode: %s; identity: %s\n",
            STR_ARG(c->host), (int)c->port, mode_name(c->mode),
            c->databricks_app_name.n > 0 ? "Databricks Apps proxy"
                                         : "local sign-in link");
    arena_free(r.arena);
    return r.errors == 0;
}
