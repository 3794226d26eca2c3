#include "options_int.h"

/* A value that is only used for what is still missing. */
static bool given(const struct app_config *c, const void *member)
{
    return option_setting(c, member)->source != SETTING_DEFAULT;
}

static void derive_address(struct app_config *c)
{
    const char *via = option_setting(c, &c->port)->via;
    bool platform = given(c, &c->port) &&
                    str_eq(str_from_c(via), STR("DATABRICKS_APP_PORT"));
    if (!given(c, &c->host) && platform)
        c->host = STR("0.0.0.0");
    if (str_eq(c->host, STR("localhost")))
        c->host = STR("127.0.0.1");
    if (str_ends_with(c->public_url, STR("/")))
        c->public_url.n--;
}

void app_conninfo_put(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, "%s%s='", out->n > 0 ? " " : "", name);
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\'' || value.p[i] == '\\')
            buf_append_char(out, '\\');
        buf_append_char(out, value.p[i]);
    }
    buf_append_char(out, '\'');
}

static struct str host_conninfo(struct app_config *c)
{
    struct buf b;
    buf_init(&b, 4096);
    app_conninfo_put(&b, "host", c->pg_host);
    struct str conninfo = arena_str(c->arena_, buf_str(&b));
    buf_release(&b);
    return conninfo;
}

static void derive_postgres(struct app_config *c, bool url)
{
    struct buf shown;
    buf_init(&shown, 8192);
    if (url)
        option_put_address(c->database_url, &shown);
    else if (c->pg_host.n > 0)
        buf_printf(&shown, "PostgreSQL on %.*s", STR_ARG(c->pg_host));
    else
        buf_printf(&shown, "Lakebase %.*s", STR_ARG(c->lakebase_endpoint));
    c->database_postgres = true;
    c->database_conninfo = STR("");
    if (url)
        c->database_conninfo = c->database_url;
    else if (c->pg_host.n > 0)
        c->database_conninfo = host_conninfo(c);
    c->database_shown = arena_str(c->arena_, buf_str(&shown));
    c->database_path = STR("");
    buf_release(&shown);
}

static void derive_database(struct app_config *c)
{
    struct str path = c->database_url;
    bool url = option_is_postgres(path);
    bool host = c->pg_host.n > 0 || c->lakebase_endpoint.n > 0;
    if (url || (host && !given(c, &c->database_url))) {
        derive_postgres(c, url);
        return;
    }
    if (str_starts_with(path, STR("sqlite:")))
        path = str_sub(path, STR("sqlite:").n, path.n);
    c->database_path = arena_str(c->arena_, path);
    c->database_shown = c->database_path;
    c->database_conninfo = STR("");
}

/* The space is one of a workspace; without a name it is just Genie. */
static void derive_genie(struct app_config *c)
{
    if (c->genie_space_id.n > 0 && c->mode == APP_MODE_OPENAI) {
        c->genie_space_id = STR("");
        option_warn(c, STR("GENIE_SPACE_ID has no effect without a "
                           "Databricks workspace"));
    }
    if (c->genie_space_name.n == 0)
        c->genie_space_name = STR("Genie");
}

enum rc option_derive(struct app_config *c, struct buf *problem)
{
    derive_address(c);
    derive_database(c);
    if (c->idle_timeout_ms > c->total_timeout_ms)
        option_warn(
            c, STR("IDLE_TIMEOUT is longer than TOTAL_TIMEOUT, which ends a "
                   "reply first"));
    enum rc rc = option_derive_ways(c, problem);
    if (rc == RC_OK)
        derive_genie(c);
    return rc;
}
