#include "base/crypto.h"
#include "base/mem.h"

#include "databricks/client_int.h"
#include "databricks/endpoint_name.h"
#include "databricks/token_minter.h"

enum {
    SECOND = 1000,
    HOST_MAX = 512,
    WAITING_MAX = 20000,
    MEGABYTE = 1024 * 1024,
};

static uint64_t random_number(void)
{
    uint64_t n;
    crypto_random(&n, sizeof(n));
    return n;
}

void databricks_config_init(struct databricks_config *config)
{
    *config = (struct databricks_config){
        .connect_timeout_ms = 10 * SECOND,
        .first_byte_timeout_ms = 300 * SECOND,
        .idle_timeout_ms = 120 * SECOND,
        .total_timeout_ms = 600 * SECOND,
        .lookup_timeout_ms = 15 * SECOND,
        .max_line = 8 * MEGABYTE,
        .max_answer = 64 * MEGABYTE,
        .retry = retry_policy_default(),
        .random = random_number,
    };
}

/* The client keeps no second copy of the credentials. */
static enum rc make_minter(
    struct databricks_client *c, const struct databricks_config *config)
{
    struct token_minter_config minter = {
        .host = buf_str(&c->host),
        .token = config->token,
        .client_id = config->client_id,
        .client_secret = config->client_secret,
        .max_waiting = WAITING_MAX,
        .wait_timeout_ms = config->lookup_timeout_ms,
        .request_timeout_ms = config->lookup_timeout_ms,
        .random = config->random,
    };
    if (databricks_client_plain(c) && config->token.n == 0)
        return RC_OK;
    return token_minter_new(c->loop, c->http, &minter, &c->minter);
}

/* A workspace lists its endpoints itself, its gateway does not. */
static bool lists_models(
    const struct databricks_client *c, const struct databricks_config *config)
{
    struct buf own;
    buf_init(&own, HOST_MAX + 64);
    buf_append(&own, config->host);
    buf_append(&own, STR("/serving-endpoints"));
    bool same = str_eq(buf_str(&c->base), buf_str(&own));
    buf_release(&own);
    return c->base.n > 0 && (databricks_client_plain(c) || !same);
}

enum rc databricks_client_new(struct loop *loop, struct http_client *http,
    const struct databricks_config *config, struct databricks_client **ret)
{
    if (config->host.n + config->base.n == 0 || config->host.n > HOST_MAX ||
        config->base.n > HOST_MAX)
        return RC_INVALID;
    struct databricks_client *c = MEM_NEW(struct databricks_client);
    c->loop = loop;
    c->http = http;
    c->config = *config;
    c->config.host = c->config.base = c->config.token = STR("");
    c->config.client_id = c->config.client_secret = STR("");
    buf_init(&c->host, HOST_MAX);
    buf_append(&c->host, config->host);
    buf_init(&c->base, HOST_MAX);
    buf_append(&c->base, config->base);
    c->lists_models = lists_models(c, config);
    enum rc rc = make_minter(c, config);
    if (rc != RC_OK) {
        buf_release(&c->host);
        buf_release(&c->base);
        mem_free(c);
        return rc;
    }
    *ret = c;
    return RC_OK;
}

bool databricks_client_plain(const struct databricks_client *c)
{
    return c->host.n == 0;
}

bool databricks_client_takes(
    const struct databricks_client *c, struct str model)
{
    return c->base.n > 0 ? model_name_valid(model) : endpoint_name_valid(model);
}

void client_put_chat_url(const struct databricks_client *c, struct str model,
    enum databricks_task task, struct buf *out)
{
    if (c->base.n == 0) {
        buf_append(out, buf_str(&c->host));
        endpoint_path(out, model);
        return;
    }
    buf_append(out, buf_str(&c->base));
    switch (task) {
    case DATABRICKS_TASK_CHAT:
        buf_append(out, STR("/chat/completions"));
        break;
    case DATABRICKS_TASK_AGENT:
        buf_append(out, STR("/completions"));
        break;
    case DATABRICKS_TASK_RESPONSES:
        buf_append(out, STR("/responses"));
        break;
    }
}

void databricks_client_free(struct databricks_client *c)
{
    if (c == NULL)
        return;
    token_minter_free(c->minter);
    buf_release(&c->host);
    buf_release(&c->base);
    mem_free(c);
}
