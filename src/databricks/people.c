#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "loop/loop.h"

#include "databricks/call.h"
#include "databricks/client_int.h"
#include "databricks/error_int.h"
#include "databricks/people.h"
#include "databricks/user_token.h"

enum { DOCUMENT_MAX = 1024 * 1024, WORKSPACE_ID_SIZE = 64 };

#define ME_PATH STR("/api/2.0/preview/scim/v2/Me")

struct databricks_who {
    struct databricks_client *client;
    databricks_who_fn *fn;
    void *ctx;
    struct secret token;
    struct databricks_call *call;
    struct buf body;
    int status;
    char workspace[WORKSPACE_ID_SIZE];
};

static void on_head(void *ctx, const struct databricks_answer *head)
{
    struct databricks_who *w = ctx;
    w->status = head->status;
    error_put(w->workspace, sizeof(w->workspace), head->workspace);
}

static void on_data(void *ctx, struct str data)
{
    struct databricks_who *w = ctx;
    (void)buf_append(&w->body, data);
}

void databricks_who_cancel(struct databricks_who *w)
{
    call_free(w->call);
    buf_release(&w->body);
    secret_release(&w->token);
    mem_free(w);
}

/* The primary address, else the first. */
static struct str read_email(const struct jv *emails)
{
    struct str email = jv_get_str(jv_at(emails, 0), "value");
    for (size_t i = 0; i < jv_count(emails); i++) {
        bool primary = false;
        if (jv_bool(jv_get(jv_at(emails, i), "primary"), &primary) && primary)
            email = jv_get_str(jv_at(emails, i), "value");
    }
    return email;
}

static enum rc read_person(const struct jv *d, struct databricks_person *ret)
{
    bool active = true;
    (void)jv_bool(jv_get(d, "active"), &active);
    ret->id = jv_get_str(d, "id");
    ret->user_name = jv_get_str(d, "userName");
    ret->email = read_email(jv_get(d, "emails"));
    if (ret->email.n == 0 &&
        str_find_char(ret->user_name, '@') < ret->user_name.n)
        ret->email = ret->user_name;
    if (ret->id.n == 0 || ret->user_name.n == 0)
        return RC_INVALID;
    return active ? RC_OK : RC_DENIED;
}

/* The end: the handle is gone before the caller hears of it. */
static void tell(struct databricks_who *w, const struct databricks_error *error)
{
    struct databricks_error found;
    struct databricks_person person = {0};
    struct jv *document = NULL;
    enum rc rc = RC_OK;
    if (error == NULL) {
        rc = buf_ok(&w->body) ? jv_parse(buf_str(&w->body), NULL, &document)
                              : RC_TOO_LARGE;
        if (rc == RC_OK)
            rc = read_person(document, &person);
    }
    if (rc != RC_OK) {
        databricks_error_make(rc == RC_DENIED
                                  ? DATABRICKS_USER_TOKEN_REFUSED
                                  : DATABRICKS_UPSTREAM_BAD_RESPONSE,
            STR("the workspace names nobody"), &found);
        error = &found;
    }
    char workspace[WORKSPACE_ID_SIZE];
    error_put(workspace, sizeof(workspace), str_from_c(w->workspace));
    person.workspace = str_from_c(workspace);
    databricks_who_fn *fn = w->fn;
    void *ctx = w->ctx;
    databricks_who_cancel(w);
    fn(ctx, error == NULL ? &person : NULL, error);
    jv_free(document);
}

static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error)
{
    struct databricks_who *w = ctx;
    struct databricks_error found;
    struct databricks_answer answer = {
        .status = w->status, .body = buf_str(&w->body)};
    if (error == NULL && why != RC_OK) {
        databricks_error_from_transport(why, reason, w->status != 0, &found);
        error = &found;
    } else if (error == NULL && w->status != 200) {
        databricks_error_from_answer(&answer, &found);
        user_token_explain(secret_reveal(&w->token), STR(""), &found);
        error = &found;
    }
    if (error != NULL) {
        found = *error;
        error = &found;
    }
    tell(w, error);
}

enum rc databricks_who_ask(struct databricks_client *client, struct str token,
    databricks_who_fn *fn, void *ctx, struct databricks_who **ret)
{
    static const struct call_handlers handlers = {
        .on_head = on_head, .on_data = on_data, .on_done = on_done};
    if (databricks_client_plain(client) || token.n == 0)
        return RC_INVALID;
    struct databricks_who *w = MEM_NEW(struct databricks_who);
    w->client = client;
    w->fn = fn;
    w->ctx = ctx;
    secret_set(&w->token, token);
    buf_init(&w->body, DOCUMENT_MAX);
    const struct call_request request = {
        .method = STR("GET"),
        .path = ME_PATH,
        .label = ME_PATH,
        .user_token = secret_reveal(&w->token),
        .total_timeout_ms = client->config.lookup_timeout_ms,
    };
    enum rc rc = call_start(client, &request, &handlers, w, &w->call);
    if (rc != RC_OK) {
        databricks_who_cancel(w);
        return rc;
    }
    *ret = w;
    return RC_OK;
}
