#include "base/buf.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "sse/sse_reader.h"

#include "databricks/client_int.h"
#include "databricks/error_int.h"
#include "databricks/fetch.h"

enum { SESSION_MAX = 256 };

struct fetch {
    struct databricks_client *client;
    struct fetch_request request;
    fetch_fn *fn;
    void *ctx;
    struct databricks_call *call;
    struct loop_task failed; /* tells what could not even be begun */
    struct databricks_error error;
    struct sse_reader events;
    bool streams; /* the answer is of events */
    bool taken;   /* body is the event that was taken */
    bool token_renewed;
    bool too_large;
    int status;
    int64_t retry_after_ms;
    char request_id[80];
    struct buf body;
    struct buf session;
};

static void on_head(void *ctx, const struct databricks_answer *head);
static void on_data(void *ctx, struct str data);
static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error);
static void on_event(void *ctx, const struct sse_event *event);

static void fetch_free(struct fetch *f)
{
    call_free(f->call);
    loop_task_cancel(&f->failed);
    sse_reader_release(&f->events);
    buf_release(&f->body);
    buf_release(&f->session);
    mem_free(f);
}

void fetch_cancel(struct fetch *f)
{
    if (f != NULL)
        fetch_free(f);
}

static void fail(struct fetch *f, const struct databricks_error *error)
{
    struct databricks_error copy = *error;
    fetch_fn *fn = f->fn;
    void *ctx = f->ctx;
    fetch_free(f);
    fn(ctx, NULL, &copy);
}

static void on_failed(void *ctx)
{
    struct fetch *f = ctx;
    fail(f, &f->error);
}

static void send(struct fetch *f)
{
    static const struct call_handlers handlers = {
        .on_head = on_head, .on_data = on_data, .on_done = on_done};
    call_free(f->call);
    f->call = NULL;
    f->status = 0;
    buf_clear(&f->body);
    enum rc rc =
        call_start(f->client, &f->request.call, &handlers, f, &f->call);
    if (rc == RC_OK)
        return;
    databricks_error_from_transport(
        rc, STR("too many wait for a token"), false, &f->error);
    loop_defer(f->client->loop, &f->failed);
}

struct fetch *fetch_start(struct databricks_client *client,
    const struct fetch_request *request, fetch_fn *fn, void *ctx)
{
    struct fetch *f = MEM_NEW(struct fetch);
    f->client = client;
    f->request = *request;
    f->fn = fn;
    f->ctx = ctx;
    loop_task_init(&f->failed, on_failed, f);
    sse_reader_init(&f->events, request->max_body, on_event, f);
    buf_init(&f->body, request->max_body);
    buf_init(&f->session, SESSION_MAX);
    send(f);
    return f;
}

static void on_head(void *ctx, const struct databricks_answer *head)
{
    struct fetch *f = ctx;
    f->status = head->status;
    f->streams = str_starts_with(head->content_type, STR("text/event-stream"));
    f->retry_after_ms = head->retry_after_ms;
    error_put(f->request_id, sizeof(f->request_id), head->request_id);
    buf_clear(&f->session);
    (void)buf_append(&f->session, head->mcp_session);
}

/* Only the first event that is taken counts. */
static void on_event(void *ctx, const struct sse_event *event)
{
    struct fetch *f = ctx;
    if (f->request.takes != NULL && !f->request.takes(f->ctx, event->data))
        return;
    (void)buf_append(&f->body, event->data);
    f->taken = true;
    sse_reader_stop(&f->events);
}

static void succeed(struct fetch *f)
{
    struct fetch_answer answer = {
        .status = f->status,
        .body = buf_str(&f->body),
        .mcp_session = buf_str(&f->session),
        .request_id = str_from_c(f->request_id),
    };
    fetch_fn *fn = f->fn;
    void *ctx = f->ctx;
    call_free(f->call);
    f->call = NULL;
    fn(ctx, &answer, NULL);
    fetch_free(f);
}

static void on_data(void *ctx, struct str data)
{
    struct fetch *f = ctx;
    if (!f->streams) {
        (void)buf_append(&f->body, data);
        return;
    }
    if (sse_reader_feed(&f->events, data) != RC_OK)
        f->too_large = true;
    if (f->taken && f->status < 300)
        succeed(f);
}

static void read_failure(struct fetch *f)
{
    struct databricks_error error;
    const struct databricks_answer answer = {
        .status = f->status,
        .body = buf_str(&f->body),
        .retry_after_ms = f->retry_after_ms,
        .request_id = str_from_c(f->request_id),
    };
    databricks_error_from_answer(&answer, &error);
    if (error.resend == DATABRICKS_RESEND_NEW_TOKEN && !f->token_renewed &&
        call_refuse_token(f->call)) {
        f->token_renewed = true;
        send(f);
        return;
    }
    fail(f, &error);
}

static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error)
{
    struct fetch *f = ctx;
    struct databricks_error found;
    if (error != NULL) {
        fail(f, error);
        return;
    }
    if (why == RC_OK && f->streams && sse_reader_finish(&f->events) != RC_OK)
        f->too_large = true;
    if (why != RC_OK || f->too_large || !buf_ok(&f->body)) {
        databricks_error_from_transport(
            why == RC_OK ? RC_TOO_LARGE : why, reason, f->status != 0, &found);
        fail(f, &found);
    } else if (f->status < 200 || f->status >= 300) {
        read_failure(f);
    } else {
        succeed(f);
    }
}
