#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/secret.h"
#include "loop/loop.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "databricks/call.h"
#include "databricks/chat.h"
#include "databricks/chat_body.h"
#include "databricks/chat_protocol.h"
#include "databricks/client_int.h"
#include "databricks/endpoint_name.h"
#include "databricks/user_token.h"

/*
 * A chat is a call that may have to be made again:
 *
 *   asking --> answering --> (said all) --> over --> told
 *     ^  |         |                         ^
 *     |  +-failed--+--> waiting              |
 *     +------(retry)-------+------(give up)--+
 *
 * "over" and "told" differ because the receiver may have paused: events that
 * one network read had brought, and the end, wait in `held` until it resumes.
 */
enum chat_state {
    CHAT_ASKING,    /* a call is under way */
    CHAT_LINGERING, /* all is said; the peer may end the exchange itself */
    CHAT_WAITING,   /* until the next try */
    CHAT_OVER,      /* the end is known, not yet told */
    CHAT_DEAD,      /* told or cancelled; freed at the end of the turn */
};

enum {
    BODY_MAX = 16 * 1024 * 1024,
    SCOPES_MAX = 1024,
    URL_MAX = 1024,
    /* So long the exchange may take to end by itself, for reuse. */
    LINGER_MS = 1000,
};

struct held_event {
    struct list link;
    struct databricks_event event;
    char text[];
};

struct databricks_chat {
    struct databricks_client *client;
    struct databricks_chat_handlers handlers;
    void *ctx;
    enum chat_state state;
    struct databricks_call *call;
    struct chat_protocol *protocol;
    struct loop_timer *timer; /* of lingering and waiting */
    struct loop_task task;    /* tells what is held, or frees */
    struct retry_state retry;
    bool stream;
    bool paused;
    struct databricks_error *error; /* NULL: it has not failed */
    struct list held;
    struct buf body;
    struct buf url;
    struct secret user_token; /* empty: as this application */
    struct buf user_scopes;
    bool user_then_service;
    char endpoint[ENDPOINT_NAME_SIZE];
    char request_id[ID_SIZE];
};

static void ask(struct databricks_chat *chat);
static void on_event(void *ctx, const struct databricks_event *event);
static void on_head(void *ctx, const struct databricks_answer *head);
static void on_data(void *ctx, struct str data);
static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error);
static void on_timer(void *ctx);
static void on_task(void *ctx);

static const char *state_name(enum chat_state state)
{
    static const char *const names[] = {
        [CHAT_ASKING] = "asking",
        [CHAT_LINGERING] = "lingering",
        [CHAT_WAITING] = "waiting",
        [CHAT_OVER] = "over",
        [CHAT_DEAD] = "dead",
    };
    return names[state];
}

static void set_state(struct databricks_chat *chat, enum chat_state state)
{
    log_debug("chat", LOG_CSTR("request_id", chat->request_id),
        LOG_CSTR("from", state_name(chat->state)),
        LOG_CSTR("to", state_name(state)));
    chat->state = state;
}

/* The end is known: nothing more is asked, read or awaited. */
static void set_over(
    struct databricks_chat *chat, const struct databricks_error *error)
{
    call_free(chat->call);
    chat->call = NULL;
    loop_timer_stop(chat->timer);
    if (error != NULL) {
        chat->error = MEM_NEW(struct databricks_error);
        *chat->error = *error;
    }
    set_state(chat, CHAT_OVER);
    loop_defer(chat->client->loop, &chat->task);
}

/* ---- start ---- */

static void copy_id(char *to, size_t size, struct str from)
{
    from = str_sub(from, 0, size - 1);
    memcpy(to, from.n ? from.p : "", from.n);
    to[from.n] = '\0';
}

static struct databricks_chat *chat_new(struct databricks_client *client,
    const struct databricks_chat_request *request)
{
    struct databricks_chat *chat = MEM_NEW(struct databricks_chat);
    chat->client = client;
    chat->stream = request->stream;
    chat->timer = loop_timer_new(client->loop, on_timer, chat);
    loop_task_init(&chat->task, on_task, chat);
    list_init(&chat->held);
    buf_init(&chat->body, BODY_MAX);
    buf_init(&chat->url, URL_MAX);
    client_put_chat_url(client, request->endpoint, request->task, &chat->url);
    copy_id(chat->endpoint, sizeof(chat->endpoint), request->endpoint);
    copy_id(chat->request_id, sizeof(chat->request_id), request->request_id);
    secret_set(&chat->user_token, request->user_token);
    buf_init(&chat->user_scopes, SCOPES_MAX);
    buf_append(&chat->user_scopes, request->user_scopes);
    chat->user_then_service = request->user_then_service;
    return chat;
}

static void chat_free(struct databricks_chat *chat)
{
    loop_task_cancel(&chat->task);
    chat_protocol_free(chat->protocol);
    struct list *node;
    while ((node = list_pop(&chat->held)) != NULL)
        mem_free(LIST_ITEM(node, struct held_event, link));
    loop_timer_free(chat->timer);
    buf_release(&chat->body);
    buf_release(&chat->url);
    buf_release(&chat->user_scopes);
    secret_release(&chat->user_token);
    mem_free(chat->error);
    mem_free(chat);
}

enum rc databricks_chat_start(struct databricks_client *client,
    const struct databricks_chat_request *request,
    const struct databricks_chat_handlers *handlers, void *ctx,
    struct databricks_chat **ret)
{
    if (!databricks_client_takes(client, request->endpoint))
        return RC_INVALID;
    struct databricks_chat *chat = chat_new(client, request);
    chat->handlers = *handlers;
    chat->ctx = ctx;
    struct databricks_chat_request asked = *request;
    asked.name_model = client->base.n > 0;
    enum rc rc = chat_body_write(&asked, asked.stream, &chat->body);
    if (rc == RC_INVALID) {
        chat_free(chat);
        return rc;
    }
    struct databricks_error error;
    if (rc != RC_OK) {
        databricks_error_make(DATABRICKS_CONTEXT_TOO_LONG,
            STR("the request exceeds what we send"), &error);
        set_over(chat, &error);
    } else {
        ask(chat);
    }
    *ret = chat;
    return RC_OK;
}

/* ---- asking ---- */

static enum rc start_call(struct databricks_chat *chat)
{
    static const struct call_handlers handlers = {
        .on_head = on_head, .on_data = on_data, .on_done = on_done};
    const struct databricks_config *config = &chat->client->config;
    const struct call_request request = {
        .method = STR("POST"),
        .url = buf_str(&chat->url),
        .body = buf_str(&chat->body),
        .label = str_from_c(chat->endpoint),
        .request_id = str_from_c(chat->request_id),
        .user_token = secret_reveal(&chat->user_token),
        .first_byte_timeout_ms = config->first_byte_timeout_ms,
        .idle_timeout_ms = config->idle_timeout_ms,
        .total_timeout_ms = config->total_timeout_ms,
    };
    return call_start(chat->client, &request, &handlers, chat, &chat->call);
}

/* Sends the request, for the first time or again. */
static void ask(struct databricks_chat *chat)
{
    call_free(chat->call);
    chat->call = NULL;
    chat_protocol_free(chat->protocol);
    chat->protocol = chat_protocol_new(chat->client->config.max_line,
        chat->client->config.max_answer, on_event, chat);
    chat->retry.tries++;
    set_state(chat, CHAT_ASKING);
    enum rc rc = start_call(chat);
    if (rc != RC_OK) {
        struct databricks_error error;
        databricks_error_from_transport(
            rc, STR("too many wait for a token"), false, &error);
        set_over(chat, &error);
        return;
    }
    call_pause(chat->call, chat->paused);
}

/* Once, without a stream: the endpoint said nothing when asked for one. */
static void ask_whole(struct databricks_chat *chat)
{
    struct str wish = STR(",\"stream\":true}");
    if (str_ends_with(buf_str(&chat->body), wish)) {
        chat->body.n -= wish.n;
        buf_append_char(&chat->body, '}');
    }
    chat->stream = false;
    metrics_add(METRIC_UPSTREAM_RETRIES, 1);
    ask(chat);
}

/* ---- what comes back ---- */

static void hold(
    struct databricks_chat *chat, const struct databricks_event *event)
{
    struct held_event *held = mem_alloc(sizeof(*held) + event->text.n);
    held->event = *event;
    if (event->text.n)
        memcpy(held->text, event->text.p, event->text.n);
    held->event.text.p = held->text;
    list_init(&held->link);
    list_push(&chat->held, &held->link);
}

static void tell(
    struct databricks_chat *chat, const struct databricks_event *event)
{
    if (chat->paused || !list_empty(&chat->held))
        hold(chat, event);
    else
        chat->handlers.on_event(chat->ctx, event);
}

static void on_event(void *ctx, const struct databricks_event *event)
{
    struct databricks_chat *chat = ctx;
    chat->retry.shown = true;
    buf_release(&chat->body); /* it is never sent again */
    tell(chat, event);
}

static void on_head(void *ctx, const struct databricks_answer *head)
{
    struct databricks_chat *chat = ctx;
    chat_protocol_head(chat->protocol, head);
    if (chat->handlers.on_head != NULL)
        chat->handlers.on_head(chat->ctx, head->status, head->request_id);
}

/*
 * The person's token would not do, and this application may ask in its own
 * name. False when it may not.
 */
static bool ask_as_service(
    struct databricks_chat *chat, const struct databricks_error *error)
{
    if (secret_empty(&chat->user_token) || !chat->user_then_service ||
        chat->retry.shown || !user_token_refusal(error))
        return false;
    call_free(chat->call);
    chat->call = NULL;
    secret_release(&chat->user_token);
    const struct databricks_event event = {.type = DATABRICKS_EVENT_AS_SERVICE,
        .text = str_from_c(error->message)};
    tell(chat, &event);
    if (chat->state == CHAT_DEAD)
        return true;
    chat->retry.tries--;
    ask(chat);
    return true;
}

static void wait_and_retry(struct databricks_chat *chat,
    const struct databricks_error *error, int64_t wait_ms)
{
    const struct databricks_event event = {
        .type = DATABRICKS_EVENT_RETRY,
        .retry = {.wait_ms = wait_ms,
            .asked = error->retry_after_ms > 0,
            .next_try = chat->retry.tries + 1,
            .max_tries = chat->client->config.retry.max_tries,
            .code = error->code},
    };
    metrics_add(METRIC_UPSTREAM_RETRIES, 1);
    call_free(chat->call);
    chat->call = NULL;
    set_state(chat, CHAT_WAITING);
    loop_timer_start(chat->timer, wait_ms);
    tell(chat, &event);
}

static void give_up_or_retry(
    struct databricks_chat *chat, const struct databricks_error *error)
{
    if (ask_as_service(chat, error))
        return;
    const struct databricks_config *config = &chat->client->config;
    struct retry_decision d =
        retry_decide(&config->retry, &chat->retry, error, config->random());
    switch (d.action) {
    case RETRY_GIVE_UP:
        break;
    case RETRY_WAIT:
        wait_and_retry(chat, error, d.wait_ms);
        return;
    case RETRY_NEW_TOKEN:
        chat->retry.token_renewed = true;
        if (!call_refuse_token(chat->call))
            break;
        metrics_add(METRIC_UPSTREAM_RETRIES, 1);
        chat->retry.tries--;
        ask(chat);
        return;
    }
    set_over(chat, error);
}

/* The answer has ended, one way or another. */
static void conclude(
    struct databricks_chat *chat, enum rc why, struct str reason)
{
    struct databricks_error error;
    enum chat_verdict verdict =
        chat_protocol_end(chat->protocol, why, reason, &error);
    if (chat->state == CHAT_DEAD)
        return; /* cancelled by the receiver of the last events */
    switch (verdict) {
    case CHAT_COMPLETE:
        set_over(chat, NULL);
        break;
    case CHAT_EMPTY:
        if (chat->stream) {
            ask_whole(chat);
            break;
        }
        databricks_error_make(DATABRICKS_UPSTREAM_BAD_RESPONSE,
            STR("the answer has no text"), &error);
        set_over(chat, &error);
        break;
    case CHAT_FAILED:
        if (!secret_empty(&chat->user_token))
            user_token_explain(secret_reveal(&chat->user_token),
                buf_str(&chat->user_scopes), &error);
        give_up_or_retry(chat, &error);
        break;
    }
}

static void on_data(void *ctx, struct str data)
{
    struct databricks_chat *chat = ctx;
    enum chat_progress progress = chat_protocol_data(chat->protocol, data);
    if (chat->state != CHAT_ASKING)
        return;
    if (progress == CHAT_SAID_ALL) {
        set_state(chat, CHAT_LINGERING);
        loop_timer_start(chat->timer, LINGER_MS);
    } else if (progress == CHAT_BROKEN) {
        conclude(chat, RC_OK, STR(""));
    }
}

static void on_done(void *ctx, enum rc why, struct str reason,
    const struct databricks_error *error)
{
    struct databricks_chat *chat = ctx;
    loop_timer_stop(chat->timer);
    if (error != NULL)
        set_over(chat, error);
    else
        conclude(chat, why, reason);
}

static void on_timer(void *ctx)
{
    struct databricks_chat *chat = ctx;
    if (chat->state == CHAT_WAITING)
        ask(chat);
    else if (chat->state == CHAT_LINGERING)
        conclude(chat, RC_OK, STR(""));
}

/* ---- telling and tearing down ---- */

static void tell_held(struct databricks_chat *chat)
{
    while (
        !chat->paused && chat->state != CHAT_DEAD && !list_empty(&chat->held)) {
        struct list *node = list_pop(&chat->held);
        struct held_event *held = LIST_ITEM(node, struct held_event, link);
        chat->handlers.on_event(chat->ctx, &held->event);
        mem_free(held);
    }
}

static void on_task(void *ctx)
{
    struct databricks_chat *chat = ctx;
    tell_held(chat);
    if (chat->state == CHAT_OVER && !chat->paused) {
        set_state(chat, CHAT_DEAD);
        chat->handlers.on_done(chat->ctx, chat->error);
    }
    if (chat->state == CHAT_DEAD)
        chat_free(chat);
}

struct databricks_usage databricks_chat_usage(
    const struct databricks_chat *chat)
{
    if (chat->protocol == NULL)
        return (struct databricks_usage){-1, -1, -1, -1};
    return chat_protocol_usage(chat->protocol);
}

void databricks_chat_cancel(struct databricks_chat *chat)
{
    assert(chat->state != CHAT_DEAD);
    set_state(chat, CHAT_DEAD);
    if (chat->protocol != NULL)
        chat_protocol_stop(chat->protocol);
    call_free(chat->call);
    chat->call = NULL;
    loop_timer_stop(chat->timer);
    loop_defer(chat->client->loop, &chat->task);
}

void databricks_chat_pause(struct databricks_chat *chat, bool paused)
{
    if (chat->paused == paused)
        return;
    chat->paused = paused;
    if (chat->call != NULL)
        call_pause(chat->call, paused);
    if (!paused)
        loop_defer(chat->client->loop, &chat->task);
}
