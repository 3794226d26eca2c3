#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "databricks/host.h"
#include "databricks/token_minter.h"
#include "http_client/http_client.h"
#include "loop/loop.h"

#include "app/database_password.h"
#include "app/lakebase.h"

enum {
    MINT_MS = 10000,
    TURN_MS = 100,
    HOST_MAX = 1024,
    CONNINFO_MAX = 16 * 1024,
};

/* No host yet: the workspace knows it. */
static bool by_lakebase(const struct app_config *config)
{
    return config->database_postgres && config->database_conninfo.n == 0;
}

bool database_password_minted(const struct app_config *config)
{
    return config->databricks_host.n > 0 &&
           config->databricks_client_id.n > 0 &&
           !secret_empty(&config->databricks_client_secret) &&
           config->database_postgres &&
           (str_starts_with(config->database_conninfo, STR("host=")) ||
               by_lakebase(config)) &&
           getenv("PGPASSWORD") == NULL;
}

/* A socket in the file system or this machine: nobody listens in between. */
static bool is_near(struct str pg_host)
{
    return str_starts_with(pg_host, STR("/")) ||
           str_starts_with(pg_host, STR("@")) ||
           databricks_host_is_loopback(pg_host);
}

static void put_defaults(
    const struct app_config *config, struct str host, struct buf *all)
{
    if (getenv("PGUSER") == NULL)
        app_conninfo_put(all, "user", config->databricks_client_id);
    if (getenv("PGDATABASE") == NULL)
        app_conninfo_put(all, "dbname", STR("databricks_postgres"));
    if (getenv("PGSSLMODE") == NULL && !is_near(host))
        app_conninfo_put(all, "sslmode", STR("require"));
}

enum rc database_conninfo(const struct app_config *config, struct arena *arena,
    const char **ret, char error[STORE_ERROR_SIZE])
{
    struct buf all, found;
    enum rc rc = RC_OK;
    buf_init(&all, CONNINFO_MAX);
    buf_init(&found, HOST_MAX);
    struct str host = config->pg_host;
    if (by_lakebase(config)) {
        rc = lakebase_find(config, &found, error);
        host = buf_str(&found);
        app_conninfo_put(&all, "host", host);
    }
    buf_append(&all, config->database_conninfo);
    if (database_password_minted(config))
        put_defaults(config, host, &all);
    if (rc == RC_OK)
        *ret = arena_c_str(arena, buf_str(&all));
    buf_release(&found);
    buf_release(&all);
    return rc;
}

/* What it takes to ask for one token. */
struct minting {
    struct loop *loop;
    struct http_client *http;
    struct token_minter *minter;
    struct secret *password;
    char *error;
    enum rc rc;
    bool done;
};

static uint64_t random_number(void)
{
    uint64_t n;
    crypto_random(&n, sizeof(n));
    return n;
}

static void on_token(
    void *ctx, struct str token, const struct databricks_error *error)
{
    struct minting *m = ctx;
    m->done = true;
    if (error == NULL) {
        secret_set(m->password, token);
        return;
    }
    m->rc = error->retryable ? RC_IO : RC_DENIED;
    store_error_set(m->error, "no token for PostgreSQL from the workspace: %s",
        error->message);
}

static enum rc make_minter(
    struct minting *m, const struct app_config *config, struct str host)
{
    struct http_client_config http = {.max_exchanges = 2,
        .user_agent = STR("databricks-chatbot"),
        .ca_file = config->ca_file};
    struct token_minter_config minter = {
        .host = host,
        .client_id = config->databricks_client_id,
        .client_secret = secret_reveal(&config->databricks_client_secret),
        .max_waiting = 1,
        .wait_timeout_ms = MINT_MS,
        .request_timeout_ms = MINT_MS,
        .random = random_number,
    };
    enum rc rc = loop_new(clock_system(), &m->loop);
    if (rc == RC_OK)
        rc = http_client_new(m->loop, &http, &m->http);
    if (rc == RC_OK)
        rc = token_minter_new(m->loop, m->http, &minter, &m->minter);
    return rc;
}

/* Asks and turns the loop until the answer, which comes within MINT_MS. */
static enum rc ask(struct minting *m)
{
    struct token_request *request = NULL;
    enum rc rc = token_minter_get(m->minter, on_token, m, &request);
    while (rc == RC_OK && !m->done)
        loop_turn(m->loop, TURN_MS);
    return rc == RC_OK ? m->rc : rc;
}

enum rc database_password_mint(void *ctx, bool renew,
    struct secret *ret_password, char error[STORE_ERROR_SIZE])
{
    const struct app_config *config = ctx;
    struct minting m = {.password = ret_password, .error = error};
    struct buf host;
    (void)renew; /* nothing is kept: each one is new */
    buf_init(&host, HOST_MAX);
    error[0] = '\0';
    enum rc rc = databricks_host_normalise(config->databricks_host, &host);
    if (rc == RC_OK)
        rc = make_minter(&m, config, buf_str(&host));
    if (rc == RC_OK)
        rc = ask(&m);
    if (rc != RC_OK && error[0] == '\0')
        store_error_set(
            error, "no token for PostgreSQL can be asked for: %s", rc_name(rc));
    token_minter_free(m.minter);
    http_client_free(m.http);
    loop_free(m.loop);
    buf_release(&host);
    return rc;
}
