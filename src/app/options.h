#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/secret.h"
#include "base/str.h"

/* Values of an option that holds several. */
struct app_list {
    const struct str *items;
    size_t count;
};

enum app_user_auth {
    APP_AS_SERVICE,
    APP_AS_USER,
    APP_AS_USER_THEN_SERVICE,
};

enum app_demo { APP_DEMO_AUTO, APP_DEMO_ON, APP_DEMO_OFF };

/* How the models are reached: what the options amount to. */
enum app_mode {
    APP_MODE_DEMO,      /* the emulator inside this program */
    APP_MODE_PAT,       /* DATABRICKS_TOKEN */
    APP_MODE_OAUTH_M2M, /* DATABRICKS_CLIENT_ID and _SECRET */
    APP_MODE_OPENAI,    /* a server that is no workspace */
};

struct app_setting;

/*
 * The configuration, one member an option of the table in options_table.c,
 * which says more about each. Strings are empty when not set. Times are in
 * milliseconds, sizes in bytes.
 */
struct app_config {
    /* Server */
    struct str host; /* numeric address */
    int64_t port;
    int64_t workers;       /* 0: one per core */
    struct str public_url; /* without a slash at its end */
    int64_t shutdown_grace_ms;
    int64_t max_connections;
    int log_level; /* enum log_level */
    bool access_log;
    struct str env_file;

    /* History */
    struct str database_url;
    struct str pg_host;
    struct str lakebase_endpoint;
    bool database_postgres;       /* derived from both, as what follows */
    struct str database_path;     /* of SQLite's file */
    struct str database_conninfo; /* PostgreSQL's; may hold a password; empty:
                                     see lakebase_endpoint */
    struct str database_shown;    /* without one, for people */

    /* Databricks workspace */
    struct str databricks_host; /* as given */
    struct secret databricks_token;
    struct str databricks_client_id;
    struct secret databricks_client_secret;
    struct str config_profile;
    struct str config_file;
    struct str databricks_auth_type;
    struct str databricks_app_name; /* not empty: behind the Apps proxy */
    int user_auth;                  /* enum app_user_auth */
    int mlflow_feedback;            /* 0: auto, 1: off */
    int demo;                       /* enum app_demo, as given */
    enum app_mode mode;             /* derived */
    struct str way_in;              /* derived: for people */
    struct str ca_file;
    int64_t connect_timeout_ms;
    int64_t first_byte_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t total_timeout_ms;

    /* Another model server */
    struct str openai_base_url; /* as given */
    struct secret openai_api_key;
    struct str models_url; /* derived: of an OpenAI-compatible interface */

    /* Models and replies */
    struct str serving_endpoint_name;
    struct app_list serving_endpoints; /* further ones */
    bool discover_endpoints;
    struct str system_prompt;
    int64_t max_tokens; /* 0: not sent */
    int64_t trash_days;
    int64_t history_days;
    int64_t history_messages;
    int64_t history_bytes;
    int64_t context_tokens;
    struct app_list suggestions;
    bool auto_title;
    struct str title_endpoint; /* empty: the one that answered */

    /* Identity */
    struct str local_user_id;
    struct str local_user_email;
    struct str local_user_name;
    bool caller_tokens;      /* of the workspace, believed */
    struct secret api_token; /* empty: no bearer access */
    int64_t sign_in_session_ms;
    struct app_list trusted_proxies; /* numeric addresses */

    /* Limits; 0 is "off" where the table says so */
    int64_t rate_limit_per_minute;
    int64_t max_replies_per_user;
    int64_t tokens_per_day;
    int64_t max_replies;
    int64_t endpoint_concurrency;
    int64_t endpoint_queue;
    int64_t endpoint_queue_wait_ms;
    int64_t breaker_failures;
    int64_t breaker_rest_ms;
    int64_t max_message_bytes;
    int64_t max_reply_bytes;

    /* Genie: the space is empty where there is none */
    struct str genie_space_id;
    struct str genie_space_name;
    bool genie_mcp_enabled;

    /* One sentence each, for the log at the start. */
    struct app_list warnings;

    /* Private. */
    struct arena *arena_;
    struct str home_;
    struct app_setting *settings_;
};

/*
 * Fills *ret from, in this order, the flags in argv[0..argc) (program and
 * command already taken away), the environment env (NULL-terminated
 * "NAME=value"), the file that ENV_FILE names or else `dotenv` (may be NULL
 * or absent), and the defaults. Texts are copied. On RC_INVALID *ret is
 * untouched and `problem` holds one sentence without line break that names
 * the option, what is wrong with it and what is allowed; never a secret. The
 * caller ends *ret with app_config_release().
 */
[[nodiscard]] enum rc app_config_load(int argc, char *const *argv,
    char *const *env, const char *dotenv, struct app_config *ret,
    struct buf *problem);

/* Wipes secrets and frees all that the configuration holds. */
void app_config_release(struct app_config *c);

/* Every option with its value and where it came from; secrets masked. */
void app_config_print(const struct app_config *c, struct buf *out);

/* Appends name='value' to what libpq connects with, quoted as it needs. */
void app_conninfo_put(struct buf *out, const char *name, struct str value);

/* What the option table says: for --help, docs/configuration.md and
 * .env.example. */
void app_options_help(struct buf *out);
void app_options_markdown(struct buf *out);
void app_options_env_example(struct buf *out);

#endif
