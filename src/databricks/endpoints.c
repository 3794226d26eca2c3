#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "loop/loop.h"

#include "databricks/call.h"
#include "databricks/client_int.h"
#include "databricks/endpoint_name.h"
#include "databricks/endpoints.h"
#include "databricks/endpoints_read.h"
#include "databricks/error_int.h"

enum { LISTING_MAX = 16 * 1024 * 1024, URL_MAX = 1024 };

#define LISTING_PATH STR("/api/2.0/serving-endpoints")

struct databricks_lookup {
    struct databricks_client *client;
    databricks_endpoints_fn *fn;
    void *ctx;
    struct databricks_call *call;
    struct buf url;
    struct buf body;
    bool one;                      /* a single endpoint, not the list */
    char name[ENDPOINT_NAME_SIZE]; /* its name */
    int status;
    struct retry_state retry;
    struct loop_task not_started;
    struct databricks_error error;
};

static void on_head(void *ctx, const struct databricks_answer *head);
static void on_data(void *ctx, struct str data);
static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error);

static void lookup_free(struct databricks_lookup *l)
{
    call_free(l->call);
    loop_task_cancel(&l->not_started);
    buf_release(&l->url);
    buf_release(&l->body);
    mem_free(l);
}

void databricks_lookup_cancel(struct databricks_lookup *l)
{
    lookup_free(l);
}

/* The end: the handle is gone before the caller hears of it. */
static void fail(
    struct databricks_lookup *l, const struct databricks_error *error)
{
    struct databricks_error copy = *error;
    databricks_endpoints_fn *fn = l->fn;
    void *ctx = l->ctx;
    lookup_free(l);
    fn(ctx, NULL, 0, &copy);
}

static void on_not_started(void *ctx)
{
    struct databricks_lookup *l = ctx;
    fail(l, &l->error);
}

static void ask(struct databricks_lookup *l)
{
    static const struct call_handlers handlers = {
        .on_head = on_head, .on_data = on_data, .on_done = on_done};
    const struct call_request request = {
        .method = STR("GET"),
        .url = buf_str(&l->url),
        .label = l->client->lists_models ? STR("models") : LISTING_PATH,
        .total_timeout_ms = l->client->config.lookup_timeout_ms,
    };
    call_free(l->call);
    l->call = NULL;
    l->status = 0;
    l->retry.tries++;
    buf_clear(&l->body);
    enum rc rc = call_start(l->client, &request, &handlers, l, &l->call);
    if (rc != RC_OK) {
        databricks_error_from_transport(
            rc, STR("too many wait for a token"), false, &l->error);
        loop_defer(l->client->loop, &l->not_started);
    }
}

static struct databricks_lookup *lookup_new(
    struct databricks_client *client, databricks_endpoints_fn *fn, void *ctx)
{
    struct databricks_lookup *l = MEM_NEW(struct databricks_lookup);
    l->client = client;
    l->fn = fn;
    l->ctx = ctx;
    buf_init(&l->url, URL_MAX);
    buf_init(&l->body, LISTING_MAX);
    if (client->lists_models) {
        buf_append(&l->url, buf_str(&client->base));
        buf_append(&l->url, STR("/models"));
    } else {
        buf_append(&l->url, buf_str(&client->host));
        buf_append(&l->url, LISTING_PATH);
    }
    loop_task_init(&l->not_started, on_not_started, l);
    return l;
}

enum rc databricks_endpoints_list(struct databricks_client *client,
    databricks_endpoints_fn *fn, void *ctx, struct databricks_lookup **ret)
{
    struct databricks_lookup *l = lookup_new(client, fn, ctx);
    ask(l);
    *ret = l;
    return RC_OK;
}

enum rc databricks_endpoints_get(struct databricks_client *client,
    struct str name, databricks_endpoints_fn *fn, void *ctx,
    struct databricks_lookup **ret)
{
    if (client->lists_models ? !model_name_valid(name)
                             : !endpoint_name_valid(name))
        return RC_INVALID;
    struct databricks_lookup *l = lookup_new(client, fn, ctx);
    l->one = true;
    error_put(l->name, sizeof(l->name), name);
    if (!client->lists_models) {
        buf_append_char(&l->url, '/');
        buf_append(&l->url, name);
    }
    ask(l);
    *ret = l;
    return RC_OK;
}

static void on_head(void *ctx, const struct databricks_answer *head)
{
    struct databricks_lookup *l = ctx;
    l->status = head->status;
}

static void on_data(void *ctx, struct str data)
{
    struct databricks_lookup *l = ctx;
    (void)buf_append(&l->body, data);
}

static void succeed(struct databricks_lookup *l, struct jv *document,
    struct databricks_endpoint *list, size_t n)
{
    databricks_endpoints_fn *fn = l->fn;
    void *ctx = l->ctx;
    lookup_free(l);
    fn(ctx, list, n, NULL);
    jv_free(document);
}

/*
 * Of all models the one that was asked for, also by its short name. Servers
 * know their models by more names than they list.
 */
static void succeed_with_model(struct databricks_lookup *l, struct jv *document,
    const struct databricks_endpoint *list, size_t n)
{
    struct str name = str_from_c(l->name);
    struct databricks_endpoint found = {.name = name};
    for (size_t i = 0; i < n; i++) {
        struct str rest = str_sub(list[i].name, name.n, list[i].name.n);
        if (str_starts_with(list[i].name, name) &&
            (rest.n == 0 || str_eq(rest, STR(":latest"))))
            found = list[i];
    }
    succeed(l, document, &found, found.ready ? 1 : 0);
}

static void read_success(struct databricks_lookup *l)
{
    struct jv *document = NULL;
    struct databricks_endpoint one, *list = NULL;
    size_t n = 1;
    enum rc rc = buf_ok(&l->body) ? jv_parse(buf_str(&l->body), NULL, &document)
                                  : RC_TOO_LARGE;
    bool listed = l->client->lists_models;
    if (rc == RC_OK && l->one && !listed)
        rc = endpoints_read_one(document, &one);
    else if (rc == RC_OK)
        rc = listed ? endpoints_read_models(document, &list, &n)
                    : endpoints_read_list(document, &list, &n);
    if (rc == RC_OK && l->one && listed) {
        succeed_with_model(l, document, list, n);
        mem_free(list);
        return;
    }
    if (rc == RC_OK) {
        succeed(l, document, l->one ? &one : list, n);
        mem_free(list);
        return;
    }
    jv_free(document);
    struct databricks_error error;
    databricks_error_make(DATABRICKS_UPSTREAM_BAD_RESPONSE,
        STR("the list of endpoints cannot be read"), &error);
    fail(l, &error);
}

/* A look-up is asked once; only a token that has run out is replaced. */
static void read_failure(
    struct databricks_lookup *l, const struct databricks_error *error)
{
    struct retry_policy policy = {.max_tries = 1};
    struct retry_decision d =
        retry_decide(&policy, &l->retry, error, l->client->config.random());
    if (d.action == RETRY_NEW_TOKEN && call_refuse_token(l->call)) {
        l->retry.token_renewed = true;
        ask(l);
        return;
    }
    fail(l, error);
}

static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error)
{
    struct databricks_lookup *l = ctx;
    struct databricks_error found;
    struct databricks_answer answer = {
        .status = l->status, .body = buf_str(&l->body)};
    if (error != NULL) {
        fail(l, error);
    } else if (why != RC_OK) {
        databricks_error_from_transport(why, reason, l->status != 0, &found);
        fail(l, &found);
    } else if (l->status != 200) {
        databricks_error_from_answer(&answer, &found);
        if (l->client->lists_models && l->one &&
            found.code == DATABRICKS_UPSTREAM_NOT_FOUND)
            succeed(l, NULL, NULL, 0); /* it lists nothing */
        else
            read_failure(l, &found);
    } else {
        read_success(l);
    }
}
