#include "base/buf.h"
#include "base/crypto.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/secret.h"
#include "http_client/http_client.h"
#include "loop/loop.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "databricks/error_int.h"
#include "databricks/retry.h"
#include "databricks/token_life.h"
#include "databricks/token_minter.h"

/*
 * Two things happen apart from each other. A refresh: one request to the
 * token endpoint, started by whoever finds the token stale or gone, at most
 * one at a time, with growing pauses after failures. And callers: answered at
 * the end of the turn when a token is there, else waiting in a queue, each
 * with its own deadline.
 */
enum {
    ANSWER_MAX = 64 * 1024,
    PAUSE_BASE_MS = 1000,
    PAUSE_CAP_MS = 5 * 1000, /* well below what a caller waits */
    CONNECT_MS = 10 * 1000,
};

struct token_minter {
    struct loop *loop;
    struct http_client *http;
    struct token_minter_config config; /* scalars; texts are below */
    struct buf url;
    struct secret authorization; /* of the token request; empty: personal */
    struct secret token;
    struct token_life life;

    struct http_exchange *refresh; /* under way, or NULL */
    int status;
    int64_t retry_after_ms;
    struct buf answer;
    int failures;    /* one after the other */
    int64_t next_ms; /* no refresh before */
    bool refused;    /* the last failure will not mend by waiting */
    struct databricks_error error; /* the last failure */
    struct loop_timer *pause;

    struct list queue;     /* requests without a token */
    struct list answering; /* requests to be answered this turn */
    size_t waiting;        /* length of queue */
};

struct token_request {
    struct list link; /* in queue or answering */
    bool queued;
    struct token_minter *minter;
    token_minter_fn *fn;
    void *ctx;
    struct loop_task answer; /* pending: will be answered this turn */
    struct loop_timer *deadline;
    bool failed; /* answer with the error */
    struct databricks_error error;
};

static void start_refresh(struct token_minter *m);
static void on_head(void *ctx, struct http_exchange *x, int status);
static void on_data(void *ctx, struct str data);
static void on_done(void *ctx, enum rc rc, struct str reason);

static bool is_personal(const struct token_minter *m)
{
    return secret_empty(&m->authorization);
}

static bool token_valid(const struct token_minter *m)
{
    return !secret_empty(&m->token) &&
           (is_personal(m) || loop_now_ms(m->loop) < m->life.expires_ms);
}

static bool token_stale(const struct token_minter *m)
{
    return !is_personal(m) && loop_now_ms(m->loop) >= m->life.stale_ms;
}

/* ---- making and freeing ---- */

/* As in a form (RFC 6749, 2.3.1), so that a colon in an id does no harm. */
static void append_encoded(struct buf *out, struct str s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct str letters = {plain, sizeof(plain) - 1};
    for (size_t i = 0; i < s.n; i++) {
        if (str_find_char(letters, s.p[i]) < letters.n)
            buf_append_char(out, s.p[i]);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
    }
}

static void wipe(struct buf *b)
{
    crypto_wipe(b->p, b->cap);
    buf_release(b);
}

/* "Basic base64(id:secret)". RC_INVALID when there is no such pair. */
static enum rc make_authorization(
    struct token_minter *m, const struct token_minter_config *config)
{
    if (config->client_id.n == 0 || config->client_secret.n == 0)
        return RC_INVALID;
    struct buf pair, header;
    buf_init(&pair, ANSWER_MAX);
    buf_init(&header, ANSWER_MAX);
    append_encoded(&pair, config->client_id);
    buf_append_char(&pair, ':');
    append_encoded(&pair, config->client_secret);
    buf_append(&header, STR("Basic "));
    crypto_base64(&header, buf_str(&pair));
    enum rc rc = buf_ok(&pair) && buf_ok(&header) ? RC_OK : RC_INVALID;
    if (rc == RC_OK)
        secret_set(&m->authorization, buf_str(&header));
    wipe(&pair);
    wipe(&header);
    return rc;
}

static enum rc take_credentials(
    struct token_minter *m, const struct token_minter_config *config)
{
    if (config->token.n == 0)
        return make_authorization(m, config);
    if (!token_is_printable(config->token))
        return RC_INVALID;
    secret_set(&m->token, config->token);
    return RC_OK;
}

static void on_pause_over(void *ctx)
{
    struct token_minter *m = ctx;
    if (!list_empty(&m->queue))
        start_refresh(m);
}

enum rc token_minter_new(struct loop *loop, struct http_client *http,
    const struct token_minter_config *config, struct token_minter **ret)
{
    struct token_minter *m = MEM_NEW(struct token_minter);
    enum rc rc = take_credentials(m, config);
    if (rc != RC_OK) {
        mem_free(m);
        return rc;
    }
    m->loop = loop;
    m->http = http;
    m->config = *config;
    m->config.host = m->config.token = STR("");
    m->config.client_id = m->config.client_secret = STR("");
    buf_init(&m->url, ANSWER_MAX);
    buf_append(&m->url, config->host);
    buf_append(&m->url, STR("/oidc/v1/token"));
    buf_init(&m->answer, ANSWER_MAX);
    list_init(&m->queue);
    list_init(&m->answering);
    m->pause = loop_timer_new(loop, on_pause_over, m);
    *ret = m;
    return RC_OK;
}

static void request_free(struct token_request *r)
{
    list_remove(&r->link);
    loop_task_cancel(&r->answer);
    loop_timer_free(r->deadline);
    mem_free(r);
}

void token_minter_free(struct token_minter *m)
{
    if (m == NULL)
        return;
    if (m->refresh != NULL)
        http_exchange_cancel(m->refresh);
    list_splice(&m->queue, &m->answering);
    while (!list_empty(&m->queue))
        request_free(LIST_ITEM(m->queue.next, struct token_request, link));
    loop_timer_free(m->pause);
    wipe(&m->answer);
    buf_release(&m->url);
    secret_release(&m->authorization);
    secret_release(&m->token);
    mem_free(m);
}

/* ---- callers ---- */

static void wait_in_queue(struct token_request *r)
{
    struct token_minter *m = r->minter;
    list_remove(&r->link);
    list_push(&m->queue, &r->link);
    r->queued = true;
    m->waiting++;
    loop_timer_start(r->deadline, m->config.wait_timeout_ms);
}

static void leave_queue(struct token_request *r)
{
    if (r->queued)
        r->minter->waiting--;
    r->queued = false;
    list_remove(&r->link);
    loop_timer_stop(r->deadline);
}

/* Answered at the end of this turn, with a failure if there is one. */
static void answer_later(
    struct token_request *r, const struct databricks_error *error)
{
    leave_queue(r);
    list_push(&r->minter->answering, &r->link);
    r->failed = error != NULL;
    if (error != NULL)
        r->error = *error;
    loop_defer(r->minter->loop, &r->answer);
}

static void answer_all(
    struct token_minter *m, const struct databricks_error *error)
{
    while (!list_empty(&m->queue))
        answer_later(
            LIST_ITEM(m->queue.next, struct token_request, link), error);
}

static void answer_now(void *ctx)
{
    struct token_request *r = ctx;
    struct token_minter *m = r->minter;
    if (!r->failed && !token_valid(m)) {
        /* Refused by the workspace since: the queue again. */
        wait_in_queue(r);
        start_refresh(m);
        return;
    }
    token_minter_fn *fn = r->fn;
    void *to = r->ctx;
    struct databricks_error error = r->error;
    bool failed = r->failed;
    request_free(r);
    if (failed)
        fn(to, STR(""), &error);
    else
        fn(to, secret_reveal(&m->token), NULL);
}

static void on_deadline(void *ctx)
{
    struct token_request *r = ctx;
    struct databricks_error error = r->minter->error;
    if (r->minter->failures == 0)
        databricks_error_make(DATABRICKS_UPSTREAM_TIMEOUT,
            STR("no access token in time"), &error);
    answer_later(r, &error);
}

enum rc token_minter_get(struct token_minter *m, token_minter_fn *fn, void *ctx,
    struct token_request **ret)
{
    bool valid = token_valid(m);
    if (!valid && m->waiting >= m->config.max_waiting)
        return RC_BUSY;
    struct token_request *r = MEM_NEW(struct token_request);
    list_init(&r->link);
    r->minter = m;
    r->fn = fn;
    r->ctx = ctx;
    loop_task_init(&r->answer, answer_now, r);
    r->deadline = loop_timer_new(m->loop, on_deadline, r);
    bool pausing = loop_now_ms(m->loop) < m->next_ms;
    if (valid)
        answer_later(r, NULL);
    else if (pausing && m->refused)
        answer_later(r, &m->error);
    else
        wait_in_queue(r);
    if (!valid || token_stale(m))
        start_refresh(m);
    *ret = r;
    return RC_OK;
}

void token_request_cancel(struct token_request *r)
{
    leave_queue(r);
    request_free(r);
}

bool token_minter_invalidate(struct token_minter *m, struct str token)
{
    if (is_personal(m))
        return false;
    if (crypto_equal(secret_reveal(&m->token), token))
        secret_release(&m->token);
    return true;
}

/* ---- the refresh ---- */

static void refresh_failed(
    struct token_minter *m, const struct databricks_error *error)
{
    m->error = *error;
    m->refused = error->resend != DATABRICKS_RESEND_LATER;
    int64_t wait = retry_backoff_ms(
        PAUSE_BASE_MS, PAUSE_CAP_MS, m->failures++, m->config.random());
    if (m->retry_after_ms > wait)
        wait =
            m->retry_after_ms < PAUSE_CAP_MS ? m->retry_after_ms : PAUSE_CAP_MS;
    m->next_ms = loop_now_ms(m->loop) + wait;
    log_warn("no new access token; trying again after a pause",
        LOG_CSTR("code", databricks_code_name(error->code)),
        LOG_INT("status", error->http_status),
        LOG_CSTR("detail", error->detail), LOG_INT("pause_ms", wait));
    if (m->refused)
        answer_all(m, error);
    loop_timer_start(m->pause, wait);
}

static void refresh_succeeded(struct token_minter *m, int64_t seconds)
{
    m->life = token_life_make(loop_now_ms(m->loop), seconds);
    m->failures = 0;
    m->next_ms = 0;
    m->refused = false;
    loop_timer_stop(m->pause);
    metrics_add(METRIC_TOKEN_REFRESHES, 1);
    log_debug("new access token", LOG_INT("seconds", seconds));
    answer_all(m, NULL);
}

static enum rc send_refresh(struct token_minter *m)
{
    static const struct http_client_handlers handlers = {
        .on_head = on_head, .on_data = on_data, .on_done = on_done};
    const struct http_client_header headers[] = {
        {STR("Authorization"), secret_reveal(&m->authorization)},
        {STR("Content-Type"), STR("application/x-www-form-urlencoded")},
        {STR("Accept"), STR("application/json")},
    };
    const struct http_client_request request = {
        .method = STR("POST"),
        .url = buf_str(&m->url),
        .headers = headers,
        .header_count = 3,
        .body = STR("grant_type=client_credentials&scope=all-apis"),
        .connect_timeout_ms = CONNECT_MS,
        .total_timeout_ms = m->config.request_timeout_ms,
        .max_body = ANSWER_MAX,
    };
    return http_client_start(m->http, &request, &handlers, m, &m->refresh);
}

/* At most one at a time, and none within the pause after a failure. */
static void start_refresh(struct token_minter *m)
{
    if (m->refresh != NULL || is_personal(m) ||
        loop_now_ms(m->loop) < m->next_ms)
        return;
    m->status = 0;
    m->retry_after_ms = 0;
    buf_clear(&m->answer);
    enum rc rc = send_refresh(m);
    if (rc != RC_OK) {
        struct databricks_error error;
        databricks_error_from_transport(
            rc, STR("token request not sent"), false, &error);
        error.resend = DATABRICKS_RESEND_LATER;
        refresh_failed(m, &error);
    }
}

static void on_head(void *ctx, struct http_exchange *x, int status)
{
    struct token_minter *m = ctx;
    m->status = status;
    m->retry_after_ms = databricks_wait_ms(
        http_exchange_header(x, STR("retry-after")), loop_wall_us(m->loop));
}

static void on_data(void *ctx, struct str data)
{
    struct token_minter *m = ctx;
    (void)buf_append(&m->answer, data);
}

/* Bad credentials come as 400 and 403 too: this call can mean nothing else. */
static void refused_answer(
    const struct databricks_answer *answer, struct databricks_error *error)
{
    struct databricks_error found;
    databricks_error_from_answer(answer, &found);
    *error = found;
    if (found.code == DATABRICKS_UPSTREAM_BAD_REQUEST)
        databricks_error_make(
            DATABRICKS_UPSTREAM_AUTH, str_from_c(found.detail), error);
    if (answer->status >= 500)
        error->resend = DATABRICKS_RESEND_LATER;
    error->http_status = answer->status;
}

/* RC_OK, or *error says why the answer holds no token. */
static enum rc read_answer(struct token_minter *m, enum rc rc,
    struct str reason, struct databricks_error *error)
{
    int64_t seconds;
    if (rc != RC_OK) {
        databricks_error_from_transport(rc, reason, m->status != 0, error);
        error->resend = DATABRICKS_RESEND_LATER;
        return rc;
    }
    if (m->status != 200) {
        struct databricks_answer answer = {
            .status = m->status, .body = buf_str(&m->answer)};
        refused_answer(&answer, error);
        return RC_DENIED;
    }
    if (token_answer_read(buf_str(&m->answer), &m->token, &seconds) != RC_OK) {
        databricks_error_make(DATABRICKS_UPSTREAM_AUTH,
            STR("the token endpoint's answer holds no token"), error);
        return RC_INVALID;
    }
    refresh_succeeded(m, seconds);
    return RC_OK;
}

static void on_done(void *ctx, enum rc rc, struct str reason)
{
    struct token_minter *m = ctx;
    m->refresh = NULL;
    struct databricks_error error;
    if (read_answer(m, rc, reason, &error) != RC_OK)
        refresh_failed(m, &error);
    crypto_wipe(m->answer.p, m->answer.n);
    buf_clear(&m->answer);
}
