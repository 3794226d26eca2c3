#include "base/clock.h"
#include "base/json.h"
#include "databricks/client.h"
#include "databricks/fetch.h"
#include "databricks/host.h"
#include "http_client/http_client.h"
#include "loop/loop.h"

#include "app/lakebase.h"

enum { ASK_MS = 15000, TURN_MS = 100, TEXT_MAX = 1024, ANSWER_MAX = 1 << 20 };

/* What it takes to ask once. */
struct asking {
    struct loop *loop;
    struct http_client *http;
    struct databricks_client *client;
    struct buf *host;
    char *error;
    enum rc rc;
    bool done;
};

/* Of an instance, or of an endpoint of an autoscaling one. */
static struct str read_host(const struct jv *document)
{
    struct str host = jv_get_str(document, "read_write_dns");
    if (host.n == 0)
        host = jv_get_str(jv_get(jv_get(document, "status"), "hosts"), "host");
    return host;
}

static void on_answer(void *ctx, const struct fetch_answer *answer,
    const struct databricks_error *error)
{
    struct asking *a = ctx;
    struct jv *document = NULL;
    a->done = true;
    if (error != NULL) {
        a->rc = error->retryable ? RC_IO : RC_DENIED;
        store_error_set(a->error,
            "the workspace does not say where LAKEBASE_ENDPOINT is: %s",
            error->detail[0] != '\0' ? error->detail : error->message);
        return;
    }
    if (jv_parse(answer->body, NULL, &document) == RC_OK)
        buf_append(a->host, read_host(document));
    jv_free(document);
    if (a->host->n > 0)
        return;
    a->rc = RC_INVALID;
    store_error_set(a->error, "LAKEBASE_ENDPOINT has no host now; is it "
                              "stopped?");
}

static enum rc connect(
    struct asking *a, const struct app_config *config, struct str host)
{
    struct http_client_config http = {.max_exchanges = 2,
        .user_agent = STR("databricks-chatbot"),
        .ca_file = config->ca_file};
    struct databricks_config workspace;
    databricks_config_init(&workspace);
    workspace.host = host;
    workspace.client_id = config->databricks_client_id;
    workspace.client_secret = secret_reveal(&config->databricks_client_secret);
    enum rc rc = loop_new(clock_system(), &a->loop);
    if (rc == RC_OK)
        rc = http_client_new(a->loop, &http, &a->http);
    if (rc == RC_OK)
        rc = databricks_client_new(a->loop, a->http, &workspace, &a->client);
    return rc;
}

/* Asks and turns the loop until the answer, which has a deadline. */
static void ask(struct asking *a, struct str name)
{
    struct buf path;
    buf_init(&path, TEXT_MAX);
    buf_append(&path, str_starts_with(name, STR("projects/"))
                          ? STR("/api/2.0/postgres/")
                          : STR("/api/2.0/database/instances/"));
    buf_append(&path, name);
    const struct fetch_request request = {
        .call = {.method = STR("GET"),
            .path = buf_str(&path),
            .label = STR("lakebase"),
            .total_timeout_ms = ASK_MS},
        .max_body = ANSWER_MAX,
    };
    fetch_start(a->client, &request, on_answer, a);
    while (!a->done)
        loop_turn(a->loop, TURN_MS);
    buf_release(&path);
}

enum rc lakebase_find(const struct app_config *config, struct buf *out,
    char error[STORE_ERROR_SIZE])
{
    struct asking a = {.host = out, .error = error};
    struct buf host;
    buf_init(&host, TEXT_MAX);
    enum rc rc = databricks_host_normalise(config->databricks_host, &host);
    if (rc == RC_OK)
        rc = connect(&a, config, buf_str(&host));
    if (rc == RC_OK)
        ask(&a, config->lakebase_endpoint);
    else
        store_error_set(error, "LAKEBASE_ENDPOINT needs a workspace and a "
                               "service principal: DATABRICKS_HOST, "
                               "DATABRICKS_CLIENT_ID and _SECRET");
    databricks_client_free(a.client);
    http_client_free(a.http);
    loop_free(a.loop);
    buf_release(&host);
    return rc == RC_OK ? a.rc : rc;
}
