#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "databricks/chat.h"
#include "databricks/client.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "script_http.h"
#include "tap.h"

enum { SECOND = 1000, LOG_MAX = 65536 };

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_client http;
    struct databricks_client *client;
};

/* One chat and what its receiver was told: "T(a)T(b)F(stop)done". */
struct talk {
    struct databricks_chat *chat;
    struct buf log;
    bool done;
    int cancel_at; /* at that event, 0: never */
    int pause_at;
    int events;
    int retries;
    struct databricks_retry retry; /* the last one */
    struct databricks_error error;
};

static uint64_t full_jitter(void)
{
    return 1000; /* the whole first second: 1000 % 1001 */
}

static void fixture_init(struct fixture *f, struct str personal)
{
    log_set_level(LOG_ERROR);
    clock_manual_init(&f->clock, 1000, 0);
    CHECK_INT(loop_new(&f->clock.clock, &f->loop), RC_OK);
    script_http_init(&f->http);
    struct databricks_config config;
    databricks_config_init(&config);
    config.host = STR("https://h");
    config.token = personal;
    config.client_id = STR("id");
    config.client_secret = STR("secret");
    config.random = full_jitter;
    CHECK_INT(
        databricks_client_new(f->loop, &f->http, &config, &f->client), RC_OK);
}

static void turn(struct fixture *f)
{
    for (int i = 0; i < 4; i++)
        loop_turn(f->loop, 0);
}

static void fixture_release(struct fixture *f)
{
    turn(f);
    CHECK_INT(script_open(&f->http), 0);
    databricks_client_free(f->client);
    script_http_release(&f->http);
    loop_free(f->loop);
}

static void advance(struct fixture *f, int64_t ms)
{
    clock_manual_advance(&f->clock, ms);
    turn(f);
}

static void on_event(void *ctx, const struct databricks_event *e)
{
    struct talk *t = ctx;
    CHECK(!t->done);
    if (e->type == DATABRICKS_EVENT_RETRY) {
        t->retry = e->retry;
        CHECK_INT(e->retry.next_try, ++t->retries + 1);
        return;
    }
    t->events++;
    bool as_service = e->type == DATABRICKS_EVENT_AS_SERVICE;
    buf_printf(&t->log, "%c(%.*s)", as_service ? 'A' : "TRUFSI"[e->type],
        as_service ? (int)0 : (int)e->text.n, e->text.n ? e->text.p : "");
    if (t->events == t->pause_at)
        databricks_chat_pause(t->chat, true);
    if (t->events == t->cancel_at)
        databricks_chat_cancel(t->chat);
}

static void on_done(void *ctx, const struct databricks_error *error)
{
    struct talk *t = ctx;
    CHECK(!t->done);
    t->done = true;
    if (error != NULL)
        t->error = *error;
    buf_append(&t->log, error == NULL
                            ? STR("done")
                            : str_from_c(databricks_code_name(error->code)));
}

static enum rc start(
    struct fixture *f, struct talk *t, struct databricks_chat_request request)
{
    static const struct databricks_chat_handlers handlers = {
        .on_event = on_event, .on_done = on_done};
    *t = (struct talk){.done = false};
    buf_init(&t->log, LOG_MAX);
    return databricks_chat_start(f->client, &request, &handlers, t, &t->chat);
}

static const struct databricks_message hi[] = {
    {DATABRICKS_ROLE_USER, {"Hi", 2}}};

static void talk_start(struct fixture *f, struct talk *t)
{
    struct databricks_chat_request request = {.endpoint = STR("m1"),
        .messages = hi,
        .message_count = 1,
        .stream = true};
    CHECK_INT(start(f, t, request), RC_OK);
    CHECK_INT(t->log.n, 0);
    turn(f);
}

static void talk_end(struct talk *t, struct str log)
{
    CHECK_STR(buf_str(&t->log), log);
    buf_release(&t->log);
}

#define DELTA(text)                                                            \
    "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define STOP                                                                   \
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"
#define BUSY                                                                   \
    STR("{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"slow\"}")

TEST(a_stream_from_question_to_end)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    struct script_request *r = script_last(&f.http);
    CHECK_STR(buf_str(&r->method), STR("POST"));
    CHECK_STR(
        buf_str(&r->url), STR("https://h/serving-endpoints/m1/invocations"));
    CHECK_STR(buf_str(&r->authorization), STR("Bearer dapi1"));
    CHECK_STR(buf_str(&r->body),
        STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
            "\"stream\":true}"));
    script_head(r, 200);
    script_data(r, STR(DELTA("He")));
    CHECK_STR(buf_str(&t.log), STR("T(He)"));
    script_data(r, STR(DELTA("llo") STOP DONE));
    script_done(r, RC_OK);
    turn(&f);
    talk_end(&t, STR("T(He)T(llo)F(stop)done"));
    fixture_release(&f);
}

TEST(names_and_questions_are_checked_at_once)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    static const char *const bad[] = {"", "a/b", "a b", "a?b", "..", "a\r\nb"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct databricks_chat_request request = {
            .endpoint = str_from_c(bad[i]), .messages = hi, .message_count = 1};
        CHECK_INT(start(&f, &t, request), RC_INVALID);
    }
    CHECK_INT(
        start(&f, &t, (struct databricks_chat_request){.endpoint = STR("m1")}),
        RC_INVALID);
    CHECK_INT(f.http.count, 0);
    fixture_release(&f);
}

TEST(a_peer_that_stays_after_the_end_mark_is_left)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    struct script_request *r = script_last(&f.http);
    script_head(r, 200);
    script_data(r, STR(DELTA("x") STOP DONE));
    turn(&f);
    CHECK(!t.done);
    advance(&f, SECOND);
    CHECK(r->cancelled);
    talk_end(&t, STR("T(x)F(stop)done"));
    fixture_release(&f);
}

TEST(cancel_closes_the_upstream_at_once_and_is_silent)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    struct script_request *r = script_last(&f.http);
    script_head(r, 200);
    script_data(r, STR(DELTA("x")));
    databricks_chat_cancel(t.chat);
    CHECK(r->cancelled);
    advance(&f, 60 * SECOND);
    talk_end(&t, STR("T(x)"));
    fixture_release(&f);
}

TEST(cancel_inside_an_event_drops_the_rest_of_the_read)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    t.cancel_at = 2;
    struct script_request *r = script_last(&f.http);
    script_head(r, 200);
    script_data(r, STR(DELTA("a") DELTA("b") DELTA("c") STOP DONE));
    CHECK(r->cancelled);
    turn(&f);
    talk_end(&t, STR("T(a)T(b)"));
    fixture_release(&f);
}

/* The last event comes out of the end of the exchange. */
TEST(cancel_inside_the_last_event)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    t.cancel_at = 2;
    script_answer(script_last(&f.http), 200, STR(DELTA("a") STOP DONE));
    turn(&f);
    talk_end(&t, STR("T(a)F(stop)"));
    fixture_release(&f);
}

TEST(cancel_in_every_other_state)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR(""));
    talk_start(&f, &t); /* waits for a token */
    databricks_chat_cancel(t.chat);
    turn(&f);
    talk_end(&t, STR(""));
    script_answer(script_last(&f.http), 200, STR("{\"access_token\":\"t\"}"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 429, BUSY);
    databricks_chat_cancel(t.chat); /* waits for the next try */
    advance(&f, 60 * SECOND);
    talk_end(&t, STR(""));
    CHECK_INT(f.http.count, 2);
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 404, STR(""));
    databricks_chat_cancel(t.chat); /* the end is known, not told */
    turn(&f);
    talk_end(&t, STR(""));
    struct databricks_chat_request request = {
        .endpoint = STR("m1"), .messages = hi, .message_count = 1};
    CHECK_INT(start(&f, &t, request), RC_OK);
    databricks_chat_cancel(t.chat); /* nothing has happened yet */
    turn(&f);
    talk_end(&t, STR(""));
    fixture_release(&f);
}

TEST(a_paused_chat_keeps_what_one_read_brought)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    t.pause_at = 1;
    struct script_request *r = script_last(&f.http);
    script_head(r, 200);
    script_data(r, STR(DELTA("a") DELTA("b") DELTA("c") STOP));
    CHECK(r->paused);
    script_done(r, RC_OK);
    advance(&f, 60 * SECOND);
    CHECK_STR(buf_str(&t.log), STR("T(a)"));
    t.pause_at = 2;
    databricks_chat_pause(t.chat, false);
    CHECK_STR(buf_str(&t.log), STR("T(a)"));
    turn(&f);
    CHECK_STR(buf_str(&t.log), STR("T(a)T(b)"));
    databricks_chat_pause(t.chat, false);
    turn(&f);
    talk_end(&t, STR("T(a)T(b)T(c)F(stop)done"));
    fixture_release(&f);
}

TEST(a_paused_chat_can_be_cancelled)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    t.pause_at = 1;
    script_answer(script_last(&f.http), 200, STR(DELTA("a") DELTA("b") DONE));
    databricks_chat_pause(t.chat, false);
    t.cancel_at = 2;
    turn(&f);
    talk_end(&t, STR("T(a)T(b)"));
    fixture_release(&f);
}

TEST(b19_three_tries_with_growing_waits)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 429, BUSY);
    advance(&f, 999);
    CHECK_INT(f.http.count, 1);
    advance(&f, 1);
    CHECK_INT(f.http.count, 2);
    script_answer(script_last(&f.http), 503, STR("later"));
    advance(&f, 1000); /* 1000 % 2001 */
    CHECK_INT(f.http.count, 3);
    script_answer(script_last(&f.http), 429, BUSY);
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 3);
    CHECK_INT(t.retries, 2);
    CHECK(t.error.retryable);
    talk_end(&t, STR("upstream_rate_limited"));
    fixture_release(&f);
}

TEST(b19_retry_after_is_waited_for)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    script_last(&f.http)->retry_after = "7";
    script_answer(script_last(&f.http), 429, BUSY);
    turn(&f);
    CHECK(t.retry.asked && t.retry.wait_ms >= 7000);
    CHECK(t.retry.code == DATABRICKS_UPSTREAM_RATE_LIMITED);
    advance(&f, 6999);
    CHECK_INT(f.http.count, 1);
    advance(&f, 250);
    CHECK_INT(f.http.count, 2);
    script_last(&f.http)->retry_after = "3600";
    script_answer(script_last(&f.http), 429, BUSY);
    turn(&f);
    CHECK_INT(t.error.retry_after_ms, 3600 * SECOND);
    talk_end(&t, STR("upstream_rate_limited"));
    fixture_release(&f);
}

TEST(a_refused_connection_is_tried_again_and_a_timeout_is_not)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    script_done(script_last(&f.http), RC_IO);
    advance(&f, SECOND);
    CHECK_INT(f.http.count, 2);
    script_answer(script_last(&f.http), 200, STR(DELTA("x") STOP DONE));
    turn(&f);
    talk_end(&t, STR("T(x)F(stop)done"));
    talk_start(&f, &t);
    script_done(script_last(&f.http), RC_TIMEOUT);
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 3);
    talk_end(&t, STR("upstream_timeout"));
    fixture_release(&f);
}

/* B3: the whole answer was fetched again and put behind the partial one. */
TEST(b3_a_cut_in_the_middle_keeps_the_text_and_sends_nothing_again)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    struct script_request *r = script_last(&f.http);
    script_head(r, 200);
    script_data(r, STR(DELTA("part")));
    script_done(r, RC_CLOSED);
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 1);
    talk_end(&t, STR("T(part)upstream_interrupted"));
    talk_start(&f, &t);
    r = script_last(&f.http);
    script_head(r, 200);
    script_data(r, STR(DELTA("part") "data: {\"error\":{\"code\":429}}\n\n"));
    CHECK(r->cancelled);
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 2);
    talk_end(&t, STR("T(part)upstream_rate_limited"));
    fixture_release(&f);
}

/* B2: one failure turned streaming off for a day. */
TEST(b2_the_next_chat_streams_whatever_happened_to_the_last)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 200, STR(DONE));
    turn(&f);
    script_answer(script_last(&f.http), 200, STR(""));
    turn(&f);
    CHECK_INT(f.http.count, 2);
    talk_end(&t, STR("upstream_bad_response"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 500, STR(""));
    turn(&f);
    talk_end(&t, STR("upstream_error"));
    talk_start(&f, &t);
    CHECK(str_contains(
        buf_str(&script_last(&f.http)->body), STR("\"stream\":true")));
    script_answer(script_last(&f.http), 200, STR(DELTA("x") STOP DONE));
    turn(&f);
    talk_end(&t, STR("T(x)F(stop)done"));
    fixture_release(&f);
}

/* B20: the fallback went to a URL with "{uuid.uuid4()}" in it. */
TEST(b20_an_empty_stream_falls_back_once_to_the_same_place)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 200, STR(STOP DONE));
    turn(&f);
    CHECK_INT(f.http.count, 2);
    struct script_request *r = script_last(&f.http);
    CHECK_STR(
        buf_str(&r->url), STR("https://h/serving-endpoints/m1/invocations"));
    CHECK_STR(buf_str(&r->body),
        STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"));
    script_answer(r, 200,
        STR("{\"choices\":[{\"message\":{\"content\":\"whole\"},"
            "\"finish_reason\":\"stop\"}]}"));
    turn(&f);
    talk_end(&t, STR("T(whole)F(stop)done"));
    fixture_release(&f);
}

TEST(an_expired_token_is_renewed_once)
{
    struct str expired =
        STR("{\"error_code\":403,\"message\":\"Invalid access token.\"}");
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR(""));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 200, STR("{\"access_token\":\"t1\"}"));
    turn(&f);
    CHECK_STR(buf_str(&script_last(&f.http)->authorization), STR("Bearer t1"));
    script_answer(script_last(&f.http), 403, expired);
    turn(&f);
    CHECK_STR(
        buf_str(&script_last(&f.http)->url), STR("https://h/oidc/v1/token"));
    script_answer(script_last(&f.http), 200, STR("{\"access_token\":\"t2\"}"));
    turn(&f);
    CHECK_STR(buf_str(&script_last(&f.http)->authorization), STR("Bearer t2"));
    script_answer(script_last(&f.http), 403, expired);
    turn(&f);
    CHECK_INT(f.http.count, 4);
    talk_end(&t, STR("upstream_auth"));
    fixture_release(&f);
}

TEST(neither_a_personal_token_nor_an_ip_block_is_tried_again)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 401, STR(""));
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 1);
    talk_end(&t, STR("upstream_auth"));
    talk_start(&f, &t);
    script_answer(script_last(&f.http), 403,
        STR("{\"error_code\":403,\"message\":\"Source IP address: 1.2.3.4 is "
            "blocked by Databricks IP ACL for workspace: 1\"}"));
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 2);
    talk_end(&t, STR("upstream_forbidden"));
    fixture_release(&f);
}

#define NARROW                                                                 \
    STR("{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"The token does "  \
        "not have required scopes: sql\"}")

static void talk_as_ann(
    struct fixture *f, struct talk *t, bool then_service, int at)
{
    char token[] = "ann"; /* is copied, as all of the request */
    struct databricks_chat_request request = {.endpoint = STR("m1"),
        .messages = hi,
        .message_count = 1,
        .stream = true,
        .user_token = {token, 3},
        .user_then_service = then_service};
    CHECK_INT(start(f, t, request), RC_OK);
    t->cancel_at = at > 0 ? at : 0;
    t->pause_at = at < 0 ? -at : 0;
    token[0] = 'x';
    turn(f);
    CHECK_STR(
        buf_str(&script_last(&f->http)->authorization), STR("Bearer ann"));
}

TEST(a_persons_token_is_neither_renewed_nor_replaced)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR(""));
    talk_as_ann(&f, &t, false, 0);
    script_answer(script_last(&f.http), 401, STR(""));
    advance(&f, 60 * SECOND);
    talk_end(&t, STR("user_token_refused"));
    talk_as_ann(&f, &t, false, 0);
    script_answer(script_last(&f.http), 403, NARROW);
    advance(&f, 60 * SECOND);
    CHECK_STR(str_from_c(t.error.scopes), STR("sql"));
    talk_end(&t, STR("missing_scope"));
    CHECK_INT(f.http.count, 2); /* and no token was minted */
    fixture_release(&f);
}

TEST(a_persons_token_that_lacks_a_scope_makes_room_for_ours)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    talk_as_ann(&f, &t, true, 0);
    script_answer(script_last(&f.http), 403, NARROW);
    turn(&f);
    CHECK_STR(
        buf_str(&script_last(&f.http)->authorization), STR("Bearer dapi1"));
    script_answer(script_last(&f.http), 200, STR(DELTA("Hello") STOP DONE));
    turn(&f);
    talk_end(&t, STR("A()T(Hello)F(stop)done"));

    /* Cancelled in the event that tells of it. */
    talk_as_ann(&f, &t, true, 1);
    script_answer(script_last(&f.http), 403, NARROW);
    advance(&f, 60 * SECOND);
    CHECK_INT(f.http.count, 3);
    talk_end(&t, STR("A()"));

    /* Paused there: the call is made, its answer waits. */
    talk_as_ann(&f, &t, true, -1);
    script_answer(script_last(&f.http), 403, NARROW);
    turn(&f);
    CHECK(script_last(&f.http)->paused);
    databricks_chat_pause(t.chat, false);
    script_answer(script_last(&f.http), 200, STR(DELTA("Yes") STOP DONE));
    turn(&f);
    talk_end(&t, STR("A()T(Yes)F(stop)done"));

    /* What is refused once more is ours: the end. */
    talk_as_ann(&f, &t, true, 0);
    script_answer(script_last(&f.http), 403, NARROW);
    turn(&f);
    script_answer(script_last(&f.http), 403, NARROW);
    advance(&f, 60 * SECOND);
    talk_end(&t, STR("A()missing_scope"));
    fixture_release(&f);
}

TEST(without_a_token_there_is_no_call)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR(""));
    talk_start(&f, &t);
    script_answer(
        script_last(&f.http), 401, STR("{\"error\":\"invalid_client\"}"));
    turn(&f);
    CHECK_INT(f.http.count, 1);
    talk_end(&t, STR("upstream_auth"));
    fixture_release(&f);
}

/* What is written to standard error while it lies in a file. */
struct captured {
    int saved;
    int file;
};

static void capture_begin(struct captured *c)
{
    char name[] = "/tmp/test-chat-XXXXXX";
    fflush(stderr);
    c->saved = dup(STDERR_FILENO);
    c->file = mkstemp(name);
    CHECK(c->saved >= 0 && c->file >= 0);
    unlink(name);
    dup2(c->file, STDERR_FILENO);
}

static void capture_end(struct captured *c, struct buf *ret)
{
    char bytes[4096];
    ssize_t n;
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    lseek(c->file, 0, SEEK_SET);
    while ((n = read(c->file, bytes, sizeof(bytes))) > 0)
        buf_append(ret, (struct str){bytes, (size_t)n});
    close(c->file);
}

/* B22: prompts and answers were printed to the log. */
TEST(b22_the_log_holds_neither_words_nor_tokens)
{
    static const struct databricks_message secret[] = {
        {DATABRICKS_ROLE_USER, {"my secret", 9}}};
    struct databricks_chat_request request = {.endpoint = STR("m1"),
        .messages = secret,
        .message_count = 1,
        .system_prompt = STR("secret too"),
        .stream = true};
    struct fixture f;
    struct talk t;
    struct captured captured;
    struct buf log;
    buf_init(&log, LOG_MAX);
    fixture_init(&f, STR(""));
    capture_begin(&captured);
    log_set_level(LOG_DEBUG);
    enum rc rc = start(&f, &t, request);
    turn(&f);
    script_answer(script_last(&f.http), 200,
        STR("{\"access_token\":\"secret-token\",\"expires_in\":\"9\"}"));
    turn(&f);
    script_answer(script_last(&f.http), 200,
        STR(DELTA(
            "a secret answer") "data: {\"error\":{\"message\":"
                               "\"{\\\"input\\\":\\\"my secret\\\"}\"}}\n\n"));
    turn(&f);
    log_set_level(LOG_ERROR);
    capture_end(&captured, &log);
    CHECK_INT(rc, RC_OK);
    CHECK(str_contains(buf_str(&log), STR("endpoint=m1")));
    CHECK(!str_contains(buf_str(&log), STR("secret")));
    CHECK(strstr(t.error.detail, "secret") == NULL);
    buf_release(&log);
    talk_end(&t, STR("T(a secret answer)upstream_error"));
    fixture_release(&f);
}

TEST(a_full_http_client_is_told)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    f.http.refuse = RC_BUSY;
    talk_start(&f, &t);
    turn(&f);
    talk_end(&t, STR("upstream_unavailable"));
    fixture_release(&f);
}

TEST(a_question_beyond_every_limit_is_told)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, STR("dapi1"));
    size_t n = 17 * 1024 * 1024;
    char *text = mem_alloc(n);
    memset(text, 'x', n);
    struct databricks_message huge = {DATABRICKS_ROLE_USER, {text, n}};
    struct databricks_chat_request request = {
        .endpoint = STR("m1"), .messages = &huge, .message_count = 1};
    CHECK_INT(start(&f, &t, request), RC_OK);
    turn(&f);
    CHECK_INT(f.http.count, 0);
    talk_end(&t, STR("context_too_long"));
    CHECK_INT(start(&f, &t, request), RC_OK);
    databricks_chat_cancel(t.chat);
    turn(&f);
    talk_end(&t, STR(""));
    mem_free(text);
    fixture_release(&f);
}
