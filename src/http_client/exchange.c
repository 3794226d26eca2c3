#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "telemetry/metrics.h"

#include "http_client/http_client_int.h"

enum { FEW_HEADERS = 8, MAX_HEADERS = 200, MAX_HEAD_BYTES = 65536 };

static void on_task(void *ctx);
static void on_deadline(void *ctx);

/* ---- Deadlines ---- */

/* What is waited for, in order of how clearly it can be told. */
enum deadline {
    DEADLINE_CONNECT,
    DEADLINE_HEAD,
    DEADLINE_IDLE,
    DEADLINE_TOTAL
};

enum { DEADLINES = DEADLINE_TOTAL + 1 };

static const char *const deadline_reasons[DEADLINES] = {
    [DEADLINE_CONNECT] = "no connection in time",
    [DEADLINE_HEAD] = "no answer in time",
    [DEADLINE_IDLE] = "the answer stalled",
    [DEADLINE_TOTAL] = "the answer took too long",
};

/* When that deadline is; false when it does not run now. */
static bool deadline_at(
    const struct http_exchange *x, enum deadline which, int64_t *ret_ms)
{
    int64_t from = x->started_ms, span = 0;
    switch (which) {
    case DEADLINE_CONNECT:
        span = x->connected ? 0 : x->limits.connect_timeout_ms;
        break;
    case DEADLINE_HEAD:
        span = x->head_done ? 0 : x->limits.first_byte_timeout_ms;
        break;
    case DEADLINE_IDLE:
        span = x->head_done && !x->paused ? x->limits.idle_timeout_ms : 0;
        from = x->active_ms;
        break;
    case DEADLINE_TOTAL:
        span = x->limits.total_timeout_ms;
        break;
    }
    *ret_ms = from + span;
    return span > 0;
}

static void arm(struct http_exchange *x)
{
    int64_t first = INT64_MAX, at;
    for (int i = 0; i < DEADLINES; i++)
        if (deadline_at(x, (enum deadline)i, &at) && at < first)
            first = at;
    if (first == INT64_MAX)
        loop_timer_stop(x->timer);
    else
        loop_timer_start(x->timer, first - loop_now_ms(x->client->loop));
}

/* ---- Start ---- */

static void set_callbacks(struct http_exchange *x);

enum rc http_client_start(struct http_client *client,
    const struct http_client_request *request,
    const struct http_client_handlers *handlers, void *ctx,
    struct http_exchange **ret)
{
    if (client->count >= client->max_exchanges) {
        metrics_add(METRIC_UPSTREAM_BUSY, 1);
        return RC_BUSY;
    }
    struct http_exchange *x = MEM_NEW(struct http_exchange);
    x->client = client;
    x->handlers = *handlers;
    x->ctx = ctx;
    x->limits = *request;
    x->arena = arena_new();
    x->started_ms = x->active_ms = loop_now_ms(client->loop);
    x->timer = loop_timer_new(client->loop, on_deadline, x);
    loop_task_init(&x->task, on_task, x);
    list_init(&x->link);
    list_push(&client->exchanges, &x->link);
    client->count++;
    x->easy = curl_easy_init();
    enum rc rc =
        x->easy != NULL ? http_exchange_configure(x, request) : RC_NO_MEMORY;
    if (rc != RC_OK) {
        http_exchange_drop(x);
        return rc;
    }
    set_callbacks(x);
    arm(x);
    loop_defer(client->loop, &x->task);
    *ret = x;
    return RC_OK;
}

/* ---- What curl tells; here it must not be called ---- */

/* Makes curl end the exchange with an error of our own. */
static size_t fail(struct http_exchange *x, enum rc rc, const char *reason)
{
    x->failure = rc;
    x->failure_reason = reason;
    return 0;
}

static int on_connected(void *ctx, char *, char *, int, int)
{
    struct http_exchange *x = ctx;
    x->connected = true;
    arm(x);
    return CURL_PREREQFUNC_OK;
}

/* "HTTP/1.1 200 OK": a new head begins, be it after a 100 Continue. */
static void begin_head(struct http_exchange *x, struct str line)
{
    int64_t status = 0;
    struct str version, rest;
    str_cut(line, ' ', &version, &rest);
    if (num_parse_i64(str_sub(rest, 0, 3), 100, 999, &status) != RC_OK)
        status = 0;
    x->status = (int)status;
    x->header_count = 0;
}

static void grow_headers(struct http_exchange *x)
{
    size_t cap = x->header_cap == 0 ? FEW_HEADERS : 2 * x->header_cap;
    void *more = arena_alloc(x->arena, cap * sizeof(*x->headers));
    if (x->header_count > 0)
        memcpy(more, x->headers, x->header_count * sizeof(*x->headers));
    x->headers = more;
    x->header_cap = cap;
}

static void add_header(struct http_exchange *x, struct str line)
{
    struct str name, value;
    if (!str_cut(line, ':', &name, &value))
        return;
    if (x->header_count == x->header_cap)
        grow_headers(x);
    x->headers[x->header_count++] =
        (struct http_client_header){arena_str(x->arena, str_trim(name)),
            arena_str(x->arena, str_trim(value))};
}

/* The answer's body may take minutes, and who needs a header has copied it. */
static void forget_headers(struct http_exchange *x)
{
    arena_free(x->arena);
    x->arena = NULL;
    x->headers = NULL;
    x->header_count = x->header_cap = 0;
}

static void end_head(struct http_exchange *x)
{
    if (x->status < 200)
        return;
    x->head_done = true;
    x->active_ms = loop_now_ms(x->client->loop);
    arm(x);
    x->handlers.on_head(x->ctx, x, x->status);
    forget_headers(x);
}

static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
    struct http_exchange *x = ctx;
    size_t n = size * count;
    struct str line = str_trim((struct str){p, n});
    if (x->cancelled)
        return 0;
    if (x->head_done)
        return n; /* a trailer */
    x->head_bytes += n;
    if (x->head_bytes > MAX_HEAD_BYTES || x->header_count == MAX_HEADERS)
        return fail(x, RC_TOO_LARGE, "the head of the answer is too large");
    if (str_starts_with(line, STR("HTTP/")))
        begin_head(x, line);
    else if (line.n == 0)
        end_head(x);
    else
        add_header(x, line);
    return x->cancelled ? 0 : n;
}

/*
 * A question may hold a long history, and its answer take minutes. curl sends
 * it again only where nothing has been answered.
 */
static void forget_request_body(struct http_exchange *x)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (sent < x->request_bytes)
        return;
    mem_free(x->request_body);
    x->request_body = NULL;
}

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct http_exchange *x = ctx;
    size_t n = size * count;
    if (x->cancelled)
        return 0;
    if (x->paused) {
        x->curl_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    x->body_bytes += n;
    if (x->limits.max_body > 0 && x->body_bytes > x->limits.max_body)
        return fail(x, RC_TOO_LARGE, "the answer is too large");
    if (x->request_body != NULL)
        forget_request_body(x);
    x->active_ms = loop_now_ms(x->client->loop);
    x->handlers.on_data(x->ctx, (struct str){p, n});
    return x->cancelled ? 0 : n;
}

static void set_callbacks(struct http_exchange *x)
{
    curl_easy_setopt(x->easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(x->easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
}

/* ---- What is done outside of curl ---- */

/*
 * curl looks for a connection to use again among all that there are, which
 * takes as long as opening one where thousands are open and none is free.
 */
static bool one_may_be_free(const struct http_client *client)
{
    return client->open > client->attached;
}

static void attach(struct http_exchange *x)
{
    if (!one_may_be_free(x->client))
        curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, 1L);
    x->attached = true;
    x->client->attached++;
    x->client->in_curl++;
    CURLMcode code = curl_multi_add_handle(x->client->multi, x->easy);
    x->client->in_curl--;
    if (code == CURLM_OK)
        return;
    x->attached = false;
    x->client->attached--;
    http_exchange_finish(x, CURLE_FAILED_INIT);
}

/* curl hands over what it has held back before this returns. */
static void resume(struct http_exchange *x)
{
    struct http_client *client = x->client;
    x->curl_paused = false;
    client->in_curl++;
    CURLcode code = curl_easy_pause(x->easy, CURLPAUSE_CONT);
    client->in_curl--;
    if (x->cancelled)
        http_exchange_drop(x);
    else if (code != CURLE_OK)
        http_exchange_finish(x, code);
    http_client_reap(client);
}

static void on_task(void *ctx)
{
    struct http_exchange *x = ctx;
    if (x->cancelled)
        http_exchange_drop(x);
    else if (!x->attached)
        attach(x);
    else if (x->curl_paused && !x->paused)
        resume(x);
}

void http_exchange_pause(struct http_exchange *x, int paused)
{
    if (x->cancelled || x->done || x->paused == (paused != 0))
        return;
    x->paused = paused != 0;
    x->active_ms = loop_now_ms(x->client->loop);
    arm(x);
    if (x->curl_paused && !x->paused)
        loop_defer(x->client->loop, &x->task);
}

void http_exchange_cancel(struct http_exchange *x)
{
    if (x->cancelled || x->done)
        return;
    x->cancelled = true;
    loop_timer_stop(x->timer);
    if (x->client->in_curl > 0)
        loop_defer(x->client->loop, &x->task);
    else
        http_exchange_drop(x);
}

struct str http_exchange_header(const struct http_exchange *x, struct str name)
{
    for (size_t i = x->header_count; i-- > 0;)
        if (str_eq_nocase(x->headers[i].name, name))
            return x->headers[i].value;
    return (struct str){0};
}

/* ---- The end ---- */

/* curl takes an answer that ends in its head for a whole one. */
static enum rc rc_of_code(const struct http_exchange *x, CURLcode code)
{
    if (x->failure != RC_OK)
        return x->failure;
    if (code == CURLE_OK)
        return x->head_done ? RC_OK : RC_CLOSED;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return RC_TIMEOUT;
    if (x->head_done || code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE)
        return RC_CLOSED;
    if (x->connected && (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR))
        return RC_CLOSED;
    return RC_IO;
}

static const char *reason_of(const struct http_exchange *x, CURLcode code)
{
    if (x->failure != RC_OK)
        return x->failure_reason;
    if (code == CURLE_OK)
        return x->head_done ? "" : "the answer ended in its head";
    return x->error[0] != '\0' ? x->error : curl_easy_strerror(code);
}

void http_exchange_finish(struct http_exchange *x, CURLcode code)
{
    if (!x->cancelled) {
        x->done = true;
        loop_timer_stop(x->timer);
        if (x->failure == RC_TIMEOUT || x->failure == RC_TOO_LARGE)
            metrics_add(METRIC_UPSTREAM_CUT, 1);
        x->handlers.on_done(
            x->ctx, rc_of_code(x, code), str_from_c(reason_of(x, code)));
    }
    http_exchange_drop(x);
}

static void on_deadline(void *ctx)
{
    struct http_exchange *x = ctx;
    int64_t now = loop_now_ms(x->client->loop), at;
    for (int i = 0; i < DEADLINES; i++) {
        if (!deadline_at(x, (enum deadline)i, &at) || at > now)
            continue;
        fail(x, RC_TIMEOUT, deadline_reasons[i]);
        http_exchange_finish(x, CURLE_OPERATION_TIMEDOUT);
        return;
    }
    arm(x);
}

void http_exchange_drop(struct http_exchange *x)
{
    struct http_client *client = x->client;
    list_remove(&x->link);
    client->count--;
    loop_task_cancel(&x->task);
    loop_timer_free(x->timer);
    if (x->attached) {
        client->attached--;
        client->in_curl++;
        curl_multi_remove_handle(client->multi, x->easy);
        client->in_curl--;
    }
    if (x->easy != NULL)
        curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->fields);
    mem_free(x->request_body);
    arena_free(x->arena);
    mem_free(x);
}
