#include "base/id.h"
#include "databricks/host.h"

#include "options_int.h"
#include "profiles.h"

/*
 * Which way in to the models is taken where several are open. Never an error
 * because there are too many; docs/ways-in.md has the order, the line at the
 * start says which it was and what was left aside.
 */

/* One that is open; kind is a name of DATABRICKS_AUTH_TYPE. */
struct way {
    struct str kind;
    enum app_mode mode;
    bool of_profile;
};

/* What the options and the file hold, while it is decided. */
struct choice {
    struct app_config *c;
    struct buf *problem;
    struct profiles file;
    const struct profile *profile; /* the one that is meant, or NULL */
    struct str path;
    bool foreign; /* the profile is of another workspace */
    struct str kind;
};

static bool given(const struct app_config *c, const void *member)
{
    return option_setting(c, member)->source != SETTING_DEFAULT;
}

static bool has_own(const struct app_config *c)
{
    return !secret_empty(&c->databricks_token) ||
           c->databricks_client_id.n > 0 ||
           !secret_empty(&c->databricks_client_secret);
}

static enum rc refuse(struct choice *ch, struct str sentence)
{
    buf_append(ch->problem, sentence);
    return RC_INVALID;
}

/* ---- the file ---- */

/* A file is only read when it is asked for: a demo stays one. */
static bool wants_file(const struct app_config *c)
{
    return given(c, &c->config_profile) || given(c, &c->config_file) ||
           (c->demo == APP_DEMO_OFF && c->databricks_host.n == 0 &&
               c->openai_base_url.n == 0 && !has_own(c));
}

static struct str file_path(const struct app_config *c)
{
    struct str path = c->config_file;
    if (!str_starts_with(path, STR("~/")))
        return path;
    return arena_printf(c->arena_, "%.*s/%.*s", STR_ARG(c->home_),
        STR_ARG(str_sub(path, 2, path.n)));
}

static enum rc refuse_profile(struct choice *ch, struct str name)
{
    if (name.n == 0)
        buf_printf(ch->problem,
            "%.*s: names no default profile; choose one by "
            "DATABRICKS_CONFIG_PROFILE: ",
            STR_ARG(ch->path));
    else
        buf_printf(ch->problem,
            "%.*s: has no profile \"%.*s\"; it has: ", STR_ARG(ch->path),
            STR_ARG(str_sub(name, 0, 64)));
    profiles_put_names(&ch->file, ch->problem);
    return RC_INVALID;
}

static enum rc choose_profile(struct choice *ch)
{
    const struct app_config *c = ch->c;
    struct str name = c->config_profile;
    if (name.n > 0)
        ch->profile = profiles_get(&ch->file, name);
    else
        ch->profile = profiles_default(&ch->file);
    return ch->profile != NULL
               ? RC_OK
               : refuse_profile(ch, name.n > 0 ? name : ch->file.chosen);
}

static enum rc read_file(struct choice *ch)
{
    const struct app_config *c = ch->c;
    struct buf why;
    ch->path = file_path(c);
    buf_init(&why, 1024);
    enum rc rc =
        profiles_read(arena_c_str(c->arena_, ch->path), &ch->file, &why);
    bool named = given(c, &c->config_profile) || given(c, &c->config_file);
    if (rc == RC_NOT_FOUND && !named) {
        buf_release(&why);
        return RC_OK;
    }
    if (rc == RC_NOT_FOUND)
        buf_append(&why, STR("there is no such file"));
    if (rc != RC_OK)
        buf_printf(ch->problem, "%.*s: %s", STR_ARG(ch->path), buf_c_str(&why));
    buf_release(&why);
    return rc == RC_OK ? choose_profile(ch) : RC_INVALID;
}

/* ---- what a profile says ---- */

static void set_from_profile(struct choice *ch, const void *member)
{
    *option_setting_of(ch->c, member) = (struct app_setting){
        SETTING_PROFILE, arena_c_str(ch->c->arena_, ch->profile->name), 0};
}

/* Takes the profile's workspace where none was named otherwise. */
static enum rc take_host(struct choice *ch)
{
    struct app_config *c = ch->c;
    struct str host = ch->profile->host;
    struct buf ours, theirs;
    if (host.n > 0 && option_check_workspace(host) != NULL) {
        buf_printf(ch->problem,
            "%.*s: the host of profile \"%.*s\" is no workspace address",
            STR_ARG(ch->path), STR_ARG(ch->profile->name));
        return RC_INVALID;
    }
    if (c->databricks_host.n == 0 && host.n > 0) {
        c->databricks_host = arena_str(c->arena_, host);
        set_from_profile(ch, &c->databricks_host);
        return RC_OK;
    }
    buf_init(&ours, 4096);
    buf_init(&theirs, 4096);
    ch->foreign =
        host.n > 0 &&
        (databricks_host_normalise(host, &theirs) != RC_OK ||
            databricks_host_normalise(c->databricks_host, &ours) != RC_OK ||
            !str_eq(buf_str(&ours), buf_str(&theirs)));
    buf_release(&ours);
    buf_release(&theirs);
    return RC_OK;
}

static void take_credentials(struct choice *ch, const struct way *way)
{
    struct app_config *c = ch->c;
    if (way->mode == APP_MODE_PAT) {
        secret_set(&c->databricks_token, ch->profile->token);
        set_from_profile(ch, &c->databricks_token);
        return;
    }
    c->databricks_client_id = arena_str(c->arena_, ch->profile->client_id);
    set_from_profile(ch, &c->databricks_client_id);
    secret_set(&c->databricks_client_secret, ch->profile->client_secret);
    set_from_profile(ch, &c->databricks_client_secret);
}

/* ---- the choice ---- */

/* Those that are open, strongest first. */
static size_t open_ways(const struct choice *ch, struct way ways[4])
{
    const struct app_config *c = ch->c;
    const struct profile *p = ch->foreign ? NULL : ch->profile;
    size_t n = 0;
    if (!secret_empty(&c->databricks_token))
        ways[n++] = (struct way){STR("pat"), APP_MODE_PAT, false};
    if (c->databricks_client_id.n > 0 &&
        !secret_empty(&c->databricks_client_secret))
        ways[n++] = (struct way){STR("oauth-m2m"), APP_MODE_OAUTH_M2M, false};
    if (p != NULL && p->token.n > 0)
        ways[n++] = (struct way){STR("pat"), APP_MODE_PAT, true};
    if (p != NULL && p->client_id.n > 0 && p->client_secret.n > 0)
        ways[n++] = (struct way){STR("oauth-m2m"), APP_MODE_OAUTH_M2M, true};
    return n;
}

static struct str describe(const struct choice *ch, const struct way *way)
{
    struct str what = way->mode == APP_MODE_PAT
                          ? STR("personal access token")
                          : STR("service principal (OAuth)");
    if (way->of_profile)
        return arena_printf(ch->c->arena_, "%.*s of profile %.*s in %.*s",
            STR_ARG(what), STR_ARG(ch->profile->name), STR_ARG(ch->path));
    return arena_printf(ch->c->arena_, "%.*s of %s", STR_ARG(what),
        way->mode == APP_MODE_PAT
            ? "DATABRICKS_TOKEN"
            : "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET");
}

/* Which kind was asked for; empty: any. */
static enum rc choose_kind(struct choice *ch)
{
    const struct app_config *c = ch->c;
    struct str where = STR("DATABRICKS_AUTH_TYPE");
    ch->kind = c->databricks_auth_type;
    if (ch->kind.n == 0 && ch->profile != NULL && !ch->foreign && !has_own(c)) {
        ch->kind = ch->profile->auth_type;
        where = arena_printf(c->arena_, "%.*s: auth_type of profile %.*s",
            STR_ARG(ch->path), STR_ARG(ch->profile->name));
    }
    if (ch->kind.n == 0 || str_eq(ch->kind, STR("pat")) ||
        str_eq(ch->kind, STR("oauth-m2m")))
        return RC_OK;
    buf_printf(ch->problem,
        "%.*s: \"%.*s\" is not supported here; supported: pat (a personal "
        "access token) and oauth-m2m (client id and secret of a service "
        "principal); or DEMO=on to try without",
        STR_ARG(where), STR_ARG(str_sub(ch->kind, 0, 64)));
    return RC_INVALID;
}

static enum rc refuse_all(struct choice *ch)
{
    const struct app_config *c = ch->c;
    bool id = c->databricks_client_id.n > 0;
    bool key = !secret_empty(&c->databricks_client_secret);
    if (ch->kind.n > 0) {
        buf_printf(ch->problem, "the kind of sign-in asked for is %.*s, but %s",
            STR_ARG(ch->kind),
            str_eq(ch->kind, STR("pat"))
                ? "there is no DATABRICKS_TOKEN and no token in a profile"
                : "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET are not "
                  "both set, nor are both in a profile");
        return RC_INVALID;
    }
    if (id != key)
        return refuse(ch, id ? STR("DATABRICKS_CLIENT_SECRET: not set, but "
                                   "DATABRICKS_CLIENT_ID is; set both")
                             : STR("DATABRICKS_CLIENT_ID: not set, but "
                                   "DATABRICKS_CLIENT_SECRET is; set both"));
    if (ch->foreign)
        return refuse(ch,
            STR("DATABRICKS_HOST names another workspace than the profile, "
                "whose credentials are not sent there; set DATABRICKS_TOKEN, "
                "or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or no "
                "DATABRICKS_HOST"));
    if (ch->profile != NULL) {
        buf_printf(ch->problem,
            "%.*s: profile \"%.*s\" has neither a token nor a client_id and "
            "client_secret",
            STR_ARG(ch->path), STR_ARG(ch->profile->name));
        return RC_INVALID;
    }
    return refuse(
        ch, STR("DATABRICKS_HOST is set without credentials; set "
                "DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and "
                "DATABRICKS_CLIENT_SECRET, or DATABRICKS_CONFIG_PROFILE, or "
                "DEMO=on to try without"));
}

/* The line that says what was chosen, and what was not and why. */
static void explain(struct choice *ch, const struct way *ways, size_t n,
    const struct way *taken)
{
    struct app_config *c = ch->c;
    c->way_in = describe(ch, taken);
    if (c->databricks_auth_type.n > 0)
        c->way_in = arena_printf(c->arena_,
            "%.*s, as DATABRICKS_AUTH_TYPE says", STR_ARG(c->way_in));
    for (size_t i = 0; i < n; i++)
        if (&ways[i] != taken)
            option_warn(
                c, arena_printf(c->arena_, "the %.*s is not used: the %.*s %s",
                       STR_ARG(describe(ch, &ways[i])),
                       STR_ARG(describe(ch, taken)),
                       c->databricks_auth_type.n > 0
                           ? "is what DATABRICKS_AUTH_TYPE asks for"
                           : "comes first"));
    if (ch->foreign)
        option_warn(
            c, arena_printf(c->arena_,
                   "profile %.*s is not used: DATABRICKS_HOST names another "
                   "workspace",
                   STR_ARG(ch->profile->name)));
}

static enum rc choose_way(struct choice *ch)
{
    struct way ways[4];
    if (choose_kind(ch) != RC_OK)
        return RC_INVALID;
    size_t n = open_ways(ch, ways);
    const struct way *taken = NULL;
    for (size_t i = n; i > 0; i--)
        if (ch->kind.n == 0 || str_eq(ways[i - 1].kind, ch->kind))
            taken = &ways[i - 1];
    if (taken == NULL)
        return refuse_all(ch);
    ch->c->mode = taken->mode;
    explain(ch, ways, n, taken);
    if (taken->of_profile)
        take_credentials(ch, taken);
    return RC_OK;
}

/* ---- servers that are no workspace ---- */

/* Puts the base path in its form; whether it is one of the workspace. */
static enum rc read_base(struct choice *ch, bool *ret_of_workspace)
{
    struct app_config *c = ch->c;
    struct buf base, host;
    buf_init(&base, 4096);
    buf_init(&host, 4096);
    enum rc rc = databricks_base_normalise(c->openai_base_url, &base);
    c->models_url = arena_str(c->arena_, buf_str(&base));
    bool known = c->databricks_host.n > 0 &&
                 databricks_host_normalise(c->databricks_host, &host) == RC_OK;
    *ret_of_workspace = known && secret_empty(&c->openai_api_key) &&
                        databricks_base_trusted(c->models_url, buf_str(&host));
    buf_release(&base);
    buf_release(&host);
    if (rc != RC_OK)
        return refuse(ch, STR("OPENAI_BASE_URL: is no address"));
    return RC_OK;
}

static enum rc take_plain(struct choice *ch)
{
    struct app_config *c = ch->c;
    c->mode = APP_MODE_OPENAI;
    c->way_in = secret_empty(&c->openai_api_key) ? STR("without a key")
                                                 : STR("key of OPENAI_API_KEY");
    if (!given(c, &c->serving_endpoint_name))
        return refuse(ch, STR("SERVING_ENDPOINT_NAME: not set; name the model "
                              "to ask at OPENAI_BASE_URL"));
    if (c->databricks_host.n > 0)
        option_warn(c, STR("models are asked at OPENAI_BASE_URL, not at "
                           "DATABRICKS_HOST"));
    if (c->user_auth != APP_AS_SERVICE)
        option_warn(c, STR("DATABRICKS_USER_AUTH has no effect: "
                           "OPENAI_BASE_URL is no workspace, and nobody's "
                           "token is sent there"));
    c->user_auth = APP_AS_SERVICE;
    return RC_OK;
}

/* ---- all together ---- */

static void warn_about_demo(struct app_config *c)
{
    if (c->demo == APP_DEMO_ON && c->databricks_host.n > 0)
        option_warn(
            c, STR("DEMO is on: DATABRICKS_HOST is not used, answers come from "
                   "the emulator"));
    else if (c->databricks_host.n == 0 && has_own(c))
        option_warn(
            c, STR("credentials are set but DATABRICKS_HOST is not: answers "
                   "come from the emulator"));
}

/* A workspace names its endpoints more narrowly than others their models. */
static enum rc check_names(struct choice *ch)
{
    const struct app_config *c = ch->c;
    const struct app_list *more = &c->serving_endpoints;
    for (size_t i = 0; i <= more->count; i++) {
        struct str name =
            i < more->count ? more->items[i] : c->serving_endpoint_name;
        if (id_valid(name, 127))
            continue;
        buf_printf(ch->problem,
            "%s: \"%.*s\" is no name of a serving endpoint; allowed: letters, "
            "digits, \".\", \"_\" and \"-\", at most 127 (with "
            "OPENAI_BASE_URL also \":\", \"/\", \"@\" and \"+\")",
            i < more->count ? "SERVING_ENDPOINTS" : "SERVING_ENDPOINT_NAME",
            STR_ARG(name));
        return RC_INVALID;
    }
    return RC_OK;
}

static enum rc derive(struct choice *ch)
{
    struct app_config *c = ch->c;
    bool base = c->openai_base_url.n > 0, of_workspace = false;
    if (c->demo == APP_DEMO_ON) {
        c->mode = APP_MODE_DEMO;
        warn_about_demo(c);
        return check_names(ch);
    }
    if (wants_file(c) && read_file(ch) != RC_OK)
        return RC_INVALID;
    if (ch->profile != NULL && take_host(ch) != RC_OK)
        return RC_INVALID;
    if (base && read_base(ch, &of_workspace) != RC_OK)
        return RC_INVALID;
    if (base && !of_workspace)
        return take_plain(ch);
    if (c->databricks_host.n > 0)
        return choose_way(ch) == RC_OK && (base || check_names(ch) == RC_OK)
                   ? RC_OK
                   : RC_INVALID;
    if (ch->profile != NULL) {
        buf_printf(ch->problem,
            "%.*s: profile \"%.*s\" has no host; set DATABRICKS_HOST",
            STR_ARG(ch->path), STR_ARG(ch->profile->name));
        return RC_INVALID;
    }
    if (c->demo == APP_DEMO_OFF)
        return refuse(ch, STR("DATABRICKS_HOST: not set, but DEMO is off; name "
                              "the workspace, or leave DEMO at auto"));
    c->mode = APP_MODE_DEMO;
    warn_about_demo(c);
    return check_names(ch);
}

enum rc option_derive_ways(struct app_config *c, struct buf *problem)
{
    struct choice ch = {.c = c, .problem = problem};
    enum rc rc = derive(&ch);
    profiles_release(&ch.file);
    return rc;
}
