#include <assert.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "loop/loop.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "databricks/endpoint_name.h"
#include "databricks/error_int.h"
#include "databricks/genie_int.h"
#include "databricks/mcp.h"

enum {
    PATH_BYTES = 1024,
    BODY_BYTES = 256 * 1024,
    ANSWER_BYTES = 16 * 1024 * 1024,
    SESSION_BYTES = 256,
    CALL_TIMEOUT_MS = 60'000,
    ASK_TIMEOUT_MS = 120'000,
    /* Waits between two looks: they grow from the first to the last. */
    FIRST_LOOK_MS = 500,
    LONGEST_LOOK_MS = 5'000,
    MOST_FAILED_LOOKS = 3,
    MOST_TRIES = 3,
    MOST_LOOKS_LOST = 5,
    /* Genie takes five questions a minute (databricks 7.1). */
    LONGEST_ASKED_WAIT_MS = 60'000,
};

static void on_fetched(void *ctx, const struct fetch_answer *answer,
    const struct databricks_error *error);
static bool takes_event(void *ctx, struct str event);
static void on_timer(void *ctx);
static void on_freeing(void *ctx);

static const char *step_name(enum genie_step step)
{
    static const char *const names[] = {
        [GENIE_OPEN] = "open",
        [GENIE_GREET] = "greet",
        [GENIE_LIST] = "list",
        [GENIE_ASK] = "ask",
        [GENIE_POLL] = "poll",
        [GENIE_ROWS] = "rows",
        [GENIE_RERUN] = "rerun",
    };
    return names[step];
}

static void set_step(struct databricks_genie *g, enum genie_step step)
{
    if (g->step != step)
        g->tries = 0;
    log_debug("genie", LOG_STR("request_id", g->request_id),
        LOG_CSTR("protocol", g->protocol->name),
        LOG_CSTR("from", step_name(g->step)), LOG_CSTR("to", step_name(step)));
    g->step = step;
}

/* ---- Start ---- */

static struct databricks_genie *genie_new(struct databricks_client *client,
    const struct databricks_genie_question *question)
{
    struct databricks_genie *g = MEM_NEW(struct databricks_genie);
    g->client = client;
    g->arena = arena_new();
    g->space_id = arena_str(g->arena, question->space_id);
    g->content = arena_str(g->arena, question->content);
    g->request_id = arena_str(g->arena, question->request_id);
    g->label =
        arena_printf(g->arena, "genie:%.*s", STR_ARG(question->space_id));
    secret_set(&g->user_token, question->user_token);
    g->user_then_service = question->user_then_service;
    g->result.conversation_id = arena_str(g->arena, question->conversation_id);
    g->result.row_count = -1;
    g->protocol = question->mcp ? &genie_mcp : &genie_rest;
    g->started_ms = loop_now_ms(client->loop);
    g->timer = loop_timer_new(client->loop, on_timer, g);
    loop_task_init(&g->freeing, on_freeing, g);
    buf_init(&g->path, PATH_BYTES);
    buf_init(&g->body, BODY_BYTES);
    buf_init(&g->session, SESSION_BYTES);
    return g;
}

static void genie_free(struct databricks_genie *g)
{
    loop_task_cancel(&g->freeing);
    fetch_cancel(g->fetch);
    loop_timer_free(g->timer);
    secret_release(&g->user_token);
    buf_release(&g->path);
    buf_release(&g->body);
    buf_release(&g->session);
    arena_free(g->arena);
    mem_free(g);
}

enum rc databricks_genie_start(struct databricks_client *client,
    const struct databricks_genie_question *question,
    const struct databricks_genie_handlers *handlers, void *ctx,
    struct databricks_genie **ret)
{
    if (!endpoint_name_valid(question->space_id) ||
        str_trim(question->content).n == 0)
        return RC_INVALID;
    struct databricks_genie *g = genie_new(client, question);
    g->handlers = *handlers;
    g->ctx = ctx;
    genie_wait(g, g->protocol->first, 0);
    *ret = g;
    return RC_OK;
}

/* ---- The end ---- */

static void on_freeing(void *ctx)
{
    genie_free(ctx);
}

void databricks_genie_cancel(struct databricks_genie *g)
{
    assert(!g->dead);
    g->dead = true;
    fetch_cancel(g->fetch);
    g->fetch = NULL;
    loop_timer_stop(g->timer);
    secret_release(&g->user_token);
    loop_defer(g->client->loop, &g->freeing);
}

static void end(
    struct databricks_genie *g, const struct databricks_error *error)
{
    log_info("genie answered", LOG_STR("request_id", g->request_id),
        LOG_STR("space", g->space_id), LOG_CSTR("protocol", g->protocol->name),
        LOG_STR("state", g->result.state), LOG_INT("polls", g->polls),
        LOG_INT("rows", (int64_t)g->result.rows),
        LOG_CSTR(
            "code", error == NULL ? "" : databricks_code_name(error->code)),
        LOG_INT("ms", loop_now_ms(g->client->loop) - g->started_ms));
    g->dead = true;
    loop_timer_stop(g->timer);
    g->handlers.on_done(g->ctx, error == NULL ? &g->result : NULL, error);
    loop_defer(g->client->loop, &g->freeing);
}

void genie_finish(struct databricks_genie *g)
{
    end(g, NULL);
}

/* What was said already is not lost because its rows cannot be had. */
void genie_fail(
    struct databricks_genie *g, const struct databricks_error *error)
{
    struct databricks_error explained = *error;
    genie_explain(!secret_empty(&g->user_token), &explained);
    error = &explained;
    if (!g->answered) {
        end(g, error);
        return;
    }
    g->result.state = STR("COMPLETED");
    g->result.error_type = str_from_c(databricks_code_name(error->code));
    g->result.error_message = arena_str(g->arena, str_from_c(error->message));
    end(g, NULL);
}

void genie_fail_as(
    struct databricks_genie *g, enum databricks_code code, struct str detail)
{
    struct databricks_error error;
    databricks_error_make(code, detail, &error);
    genie_fail(g, &error);
}

void genie_refuse(
    struct databricks_genie *g, struct str type, struct str message)
{
    g->result.state = STR("FAILED");
    g->result.error_type = arena_str(g->arena, type);
    g->result.error_message =
        arena_str(g->arena, utf8_truncate(message, GENIE_MAX_TEXT));
    genie_finish(g);
}

/* ---- Steps ---- */

void genie_go(struct databricks_genie *g, enum genie_step step)
{
    set_step(g, step);
    buf_clear(&g->path);
    buf_clear(&g->body);
    g->protocol->write(g);
    if (!buf_ok(&g->path) || !buf_ok(&g->body)) {
        genie_fail_as(g, DATABRICKS_UPSTREAM_BAD_REQUEST,
            STR("the question is longer than Genie takes"));
        return;
    }
    bool asks = step == GENIE_ASK || step == GENIE_RERUN;
    const bool mcp = g->protocol == &genie_mcp;
    const struct fetch_request request = {
        .call =
            {
                .method = g->method,
                .path = buf_str(&g->path),
                .body = buf_str(&g->body),
                .label = g->label,
                .request_id = g->request_id,
                .user_token = secret_reveal(&g->user_token),
                .mcp_session = mcp ? buf_str(&g->session) : STR(""),
                .mcp_version =
                    mcp && step != GENIE_OPEN ? MCP_VERSION : STR(""),
                .total_timeout_ms = asks ? ASK_TIMEOUT_MS : CALL_TIMEOUT_MS,
            },
        .max_body = ANSWER_BYTES,
        .takes = mcp ? takes_event : NULL,
    };
    g->tries++;
    g->fetch = fetch_start(g->client, &request, on_fetched, g);
}

/* A stream may hold notifications before the answer. */
static bool takes_event(void *ctx, struct str event)
{
    const struct databricks_genie *g = ctx;
    return mcp_answers(event, g->last_id);
}

void genie_wait(struct databricks_genie *g, enum genie_step step, int64_t ms)
{
    int64_t spent = loop_now_ms(g->client->loop) - g->started_ms;
    set_step(g, step);
    if (spent + ms > g->client->config.total_timeout_ms)
        genie_fail_as(g, DATABRICKS_UPSTREAM_TIMEOUT,
            STR("Genie has not come to an end"));
    else
        loop_timer_start(g->timer, ms);
}

static void on_timer(void *ctx)
{
    struct databricks_genie *g = ctx;
    genie_go(g, g->step);
}

/* Tells where it stands, if that is news; false: the handle is dead. */
static bool tell(struct databricks_genie *g)
{
    if (str_eq(g->told_state, g->result.state) &&
        str_eq(g->told_message, g->result.message_id))
        return true;
    g->told_state = g->result.state;
    g->told_message = g->result.message_id;
    g->handlers.on_state(g->ctx, &g->result);
    return !g->dead;
}

/* ---- What a message leads to ---- */

/* 500 ms, then longer and longer. */
static int64_t look_after(int looks)
{
    int64_t ms = FIRST_LOOK_MS;
    for (int i = 0; i < looks && ms < LONGEST_LOOK_MS; i++)
        ms += ms / 4;
    return ms < LONGEST_LOOK_MS ? ms : LONGEST_LOOK_MS;
}

static void look_again(struct databricks_genie *g, enum genie_step step)
{
    genie_wait(g, step, look_after(g->polls++));
}

void genie_wait_for_rows(struct databricks_genie *g)
{
    look_again(g, GENIE_ROWS);
}

/* It is complete; a query whose rows have not come has them elsewhere. */
static void complete(struct databricks_genie *g)
{
    bool lacks = g->result.column_count == 0 && g->result.sql.n > 0;
    g->answered = true;
    if (!lacks || g->result.message_id.n == 0 ||
        g->result.conversation_id.n == 0) {
        genie_finish(g);
    } else if (g->protocol == &genie_mcp) {
        g->protocol = &genie_rest;
        genie_go(g, GENIE_POLL);
    } else if (g->result.attachment_id.n > 0) {
        genie_go(g, GENIE_ROWS);
    } else {
        genie_finish(g);
    }
}

static void expired(struct databricks_genie *g)
{
    bool known = g->result.message_id.n > 0 && g->result.conversation_id.n > 0;
    if (g->protocol == &genie_mcp && known) {
        g->protocol = &genie_rest;
        genie_go(g, GENIE_POLL);
    } else if (!g->reran && g->result.attachment_id.n > 0) {
        g->reran = true;
        genie_go(g, GENIE_RERUN);
    } else {
        genie_refuse(g, STR("QUERY_RESULT_EXPIRED"),
            STR("The result of the query has expired."));
    }
}

/*
 * A query that failed may be written anew by Genie itself, under the same
 * message (databricks 11, 23): worth a few more looks.
 */
static void failed(struct databricks_genie *g)
{
    if (g->executed && g->failed_looks < MOST_FAILED_LOOKS) {
        g->failed_looks++;
        look_again(g, GENIE_POLL);
        return;
    }
    genie_finish(g);
}

void genie_message_read(struct databricks_genie *g)
{
    struct str state = g->result.state;
    if (str_eq(state, STR("EXECUTING_QUERY")))
        g->executed = true;
    if (genie_state_completed(state)) {
        complete(g);
    } else if (str_eq(state, STR("QUERY_RESULT_EXPIRED"))) {
        expired(g);
    } else if (str_eq(state, STR("FAILED"))) {
        failed(g);
    } else if (genie_state_over(state)) {
        genie_finish(g);
    } else if (g->result.message_id.n == 0) {
        genie_fail_as(g, DATABRICKS_UPSTREAM_BAD_RESPONSE,
            STR("Genie took the question but did not say as what"));
    } else if (tell(g)) {
        look_again(g, GENIE_POLL);
    }
}

/* ---- What fails ---- */

bool genie_renew(struct databricks_genie *g, bool gone, struct str text)
{
    gone = gone || str_contains(text, STR("expired")) ||
           str_contains(text, STR("Expired")) ||
           str_contains(text, STR("not found")) ||
           str_contains(text, STR("Not found")) ||
           str_contains(text, STR("NOT_FOUND"));
    if (!gone || g->renewed || g->step != GENIE_ASK ||
        g->result.conversation_id.n == 0)
        return false;
    log_info("the conversation with Genie is gone; a new one is begun",
        LOG_STR("request_id", g->request_id));
    g->renewed = true;
    g->result.conversation_id = (struct str){0};
    genie_go(g, GENIE_ASK);
    return true;
}

/* The question was not taken because there are too many; asked again. */
static bool ask_later(
    struct databricks_genie *g, const struct databricks_error *error)
{
    struct retry_policy policy = g->client->config.retry;
    policy.max_tries = MOST_TRIES;
    policy.max_asked_ms = LONGEST_ASKED_WAIT_MS;
    const struct retry_state state = {.tries = g->tries};
    struct retry_decision d =
        retry_decide(&policy, &state, error, g->client->config.random());
    if (d.action != RETRY_WAIT)
        return false;
    metrics_add(METRIC_UPSTREAM_RETRIES, 1);
    if (error->code == DATABRICKS_UPSTREAM_RATE_LIMITED) {
        g->result.state = STR("RATE_LIMITED");
        if (!tell(g))
            return true;
    }
    genie_wait(g, g->step, d.wait_ms);
    return true;
}

/* Only looking does no harm twice. */
static bool look_once_more(
    struct databricks_genie *g, const struct databricks_error *error)
{
    bool lost = error->resend == DATABRICKS_RESEND_LATER ||
                error->code == DATABRICKS_UPSTREAM_INTERRUPTED ||
                error->code == DATABRICKS_UPSTREAM_TIMEOUT ||
                error->code == DATABRICKS_UPSTREAM_UNAVAILABLE;
    if (!lost || g->tries >= MOST_LOOKS_LOST)
        return false;
    int64_t asked = error->retry_after_ms;
    int64_t ms = look_after(g->tries * 2);
    genie_wait(
        g, g->step, asked > ms && asked <= LONGEST_ASKED_WAIT_MS ? asked : ms);
    return true;
}

/* The person's token would not do, and this application may ask itself. */
static bool ask_as_service(
    struct databricks_genie *g, const struct databricks_error *error)
{
    bool refused = error->code == DATABRICKS_UPSTREAM_AUTH ||
                   error->code == DATABRICKS_MISSING_SCOPE;
    if (!g->user_then_service || secret_empty(&g->user_token) || !refused ||
        g->step > GENIE_ASK)
        return false;
    log_warn("Genie is asked as this application, not in the person's name",
        LOG_STR("request_id", g->request_id), LOG_CSTR("why", error->message));
    secret_release(&g->user_token);
    genie_go(g, g->protocol->first);
    return true;
}

void genie_trouble(
    struct databricks_genie *g, const struct databricks_error *error)
{
    bool looking = g->step == GENIE_POLL || g->step == GENIE_ROWS;
    if (ask_as_service(g, error) || g->protocol->failed(g, error) ||
        (looking ? look_once_more(g, error) : ask_later(g, error)))
        return;
    genie_fail(g, error);
}

static void on_fetched(void *ctx, const struct fetch_answer *answer,
    const struct databricks_error *error)
{
    struct databricks_genie *g = ctx;
    g->fetch = NULL;
    if (error != NULL) {
        genie_trouble(g, error);
        return;
    }
    if (g->step == GENIE_POLL || g->step == GENIE_ROWS)
        g->tries = 0;
    error_put(g->upstream_id, sizeof(g->upstream_id), answer->request_id);
    g->result.request_id = str_from_c(g->upstream_id);
    g->protocol->read(g, answer);
}
