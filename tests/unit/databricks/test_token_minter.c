#include "base/clock.h"
#include "databricks/token_life.h"
#include "databricks/token_minter.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "script_http.h"
#include "tap.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_client http;
    struct token_minter *minter;
};

/* One caller and what it was told. */
struct caller {
    struct token_request *request;
    int answers;
    char token[64];
    bool failed;
    enum databricks_code code;
};

static uint64_t no_jitter(void)
{
    return 0;
}

static void fixture_init(struct fixture *f, struct str personal)
{
    log_set_level(LOG_ERROR);
    clock_manual_init(&f->clock, 1000, 0);
    CHECK_INT(loop_new(&f->clock.clock, &f->loop), RC_OK);
    script_http_init(&f->http);
    struct token_minter_config config = {
        .host = STR("https://h"),
        .token = personal,
        .client_id = STR("id:1"),
        .client_secret = STR("dose%x"),
        .max_waiting = 3,
        .wait_timeout_ms = 15 * SECOND,
        .request_timeout_ms = 10 * SECOND,
        .random = no_jitter,
    };
    CHECK_INT(token_minter_new(f->loop, &f->http, &config, &f->minter), RC_OK);
}

static void fixture_release(struct fixture *f)
{
    token_minter_free(f->minter);
    script_http_release(&f->http);
    loop_free(f->loop);
}

static void advance(struct fixture *f, int64_t ms)
{
    clock_manual_advance(&f->clock, ms);
    loop_turn(f->loop, 0);
}

static void on_answer(
    void *ctx, struct str token, const struct databricks_error *error)
{
    struct caller *c = ctx;
    c->answers++;
    c->failed = error != NULL;
    if (error != NULL)
        c->code = error->code;
    CHECK(token.n < sizeof(c->token));
    for (size_t i = 0; i < token.n; i++)
        c->token[i] = token.p[i];
    c->token[token.n] = '\0';
}

static void ask(struct fixture *f, struct caller *c)
{
    *c = (struct caller){.answers = 0};
    CHECK_INT(token_minter_get(f->minter, on_answer, c, &c->request), RC_OK);
    CHECK_INT(c->answers, 0);
}

static void check_token(const struct caller *c, struct str token)
{
    CHECK_INT(c->answers, 1);
    CHECK(!c->failed);
    CHECK_STR(str_from_c(c->token), token);
}

static void mint(struct fixture *f, struct str token)
{
    struct buf body;
    buf_init(&body, 1000);
    buf_printf(&body, "{\"access_token\":\"%.*s\",\"expires_in\":3600}",
        STR_ARG(token));
    script_answer(script_last(&f->http), 200, buf_str(&body));
    buf_release(&body);
    loop_turn(f->loop, 0);
}

TEST(a_personal_token_is_given_as_it_is)
{
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    struct caller c;
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("dapi1"));
    CHECK(!token_minter_invalidate(f.minter, STR("dapi1")));
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("dapi1"));
    CHECK_INT(f.http.count, 0);
    fixture_release(&f);
}

TEST(one_request_serves_everybody)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller a, b, c;
    ask(&f, &a);
    ask(&f, &b);
    loop_turn(f.loop, 0);
    CHECK_INT(f.http.count, 1);
    struct script_request *r = script_last(&f.http);
    CHECK_STR(buf_str(&r->url), STR("https://h/oidc/v1/token"));
    CHECK_STR(
        buf_str(&r->body), STR("grant_type=client_credentials&scope=all-apis"));
    /* base64 of "id%3A1:dose%25x" */
    CHECK_STR(buf_str(&r->authorization), STR("Basic aWQlM0ExOmRvc2UlMjV4"));
    mint(&f, STR("t1"));
    check_token(&a, STR("t1"));
    check_token(&b, STR("t1"));
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("t1"));
    CHECK_INT(f.http.count, 1);
    fixture_release(&f);
}

TEST(a_stale_token_is_renewed_behind_the_callers_back)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    mint(&f, STR("t1"));
    advance(&f, 39 * MINUTE);
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("t1"));
    CHECK_INT(f.http.count, 1);
    advance(&f, 2 * MINUTE);
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("t1"));
    CHECK_INT(f.http.count, 2);
    ask(&f, &c);
    loop_turn(f.loop, 0);
    CHECK_INT(f.http.count, 2);
    mint(&f, STR("t2"));
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("t2"));
    fixture_release(&f);
}

TEST(a_token_is_not_used_in_its_last_40_seconds)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    mint(&f, STR("t1"));
    advance(&f, 60 * MINUTE - 40 * SECOND);
    ask(&f, &c);
    loop_turn(f.loop, 0);
    CHECK_INT(c.answers, 0);
    mint(&f, STR("t2"));
    check_token(&c, STR("t2"));
    fixture_release(&f);
}

TEST(a_refused_token_is_dropped_once)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    mint(&f, STR("t1"));
    CHECK(token_minter_invalidate(f.minter, STR("t1")));
    ask(&f, &c);
    mint(&f, STR("t2"));
    check_token(&c, STR("t2"));
    /* A second call that was sent with the old one changes nothing. */
    CHECK(token_minter_invalidate(f.minter, STR("t1")));
    ask(&f, &c);
    loop_turn(f.loop, 0);
    check_token(&c, STR("t2"));
    CHECK_INT(f.http.count, 2);
    fixture_release(&f);
}

TEST(a_token_dropped_before_its_delivery_is_not_delivered)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    mint(&f, STR("t1"));
    ask(&f, &c);
    CHECK(token_minter_invalidate(f.minter, STR("t1")));
    loop_turn(f.loop, 0);
    CHECK_INT(c.answers, 0);
    mint(&f, STR("t2"));
    check_token(&c, STR("t2"));
    fixture_release(&f);
}

TEST(refused_credentials_are_told_at_once)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller a, b;
    ask(&f, &a);
    script_answer(script_last(&f.http), 400,
        STR("{\"error\":\"invalid_client\",\"error_description\":\"no\"}"));
    loop_turn(f.loop, 0);
    CHECK_INT(a.answers, 1);
    CHECK(a.failed && a.code == DATABRICKS_UPSTREAM_AUTH);
    CHECK_INT(f.http.count, 1);
    /* Without jitter the pause is 0 ms: the next caller asks again. */
    ask(&f, &b);
    CHECK_INT(f.http.count, 2);
    mint(&f, STR("t1"));
    check_token(&b, STR("t1"));
    fixture_release(&f);
}

TEST(a_passing_failure_keeps_the_callers_waiting)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    f.http.requests[0].retry_after = "5";
    script_answer(script_last(&f.http), 503, STR("try later"));
    loop_turn(f.loop, 0);
    CHECK_INT(c.answers, 0);
    advance(&f, 5 * SECOND - 1);
    CHECK_INT(f.http.count, 1);
    advance(&f, 1);
    CHECK_INT(f.http.count, 2);
    script_done(script_last(&f.http), RC_IO);
    advance(&f, 10 * SECOND);
    CHECK_INT(c.answers, 1);
    CHECK(c.failed && c.code == DATABRICKS_UPSTREAM_UNREACHABLE);
    fixture_release(&f);
}

TEST(a_silent_token_endpoint_ends_in_a_timeout)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    advance(&f, 15 * SECOND - 1);
    CHECK_INT(c.answers, 0);
    advance(&f, 1);
    CHECK_INT(c.answers, 1);
    CHECK(c.failed && c.code == DATABRICKS_UPSTREAM_TIMEOUT);
    fixture_release(&f);
}

TEST(the_queue_is_bounded_and_can_be_left)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c[4];
    struct token_request *none;
    for (int i = 0; i < 3; i++)
        ask(&f, &c[i]);
    CHECK_INT(token_minter_get(f.minter, on_answer, &c[3], &none), RC_BUSY);
    token_request_cancel(c[1].request);
    ask(&f, &c[3]);
    mint(&f, STR("t1"));
    CHECK_INT(c[1].answers, 0);
    check_token(&c[0], STR("t1"));
    check_token(&c[3], STR("t1"));
    ask(&f, &c[0]);
    token_request_cancel(c[0].request);
    loop_turn(f.loop, 0);
    CHECK_INT(c[0].answers, 0);
    ask(&f, &c[2]);
    fixture_release(&f);
}

TEST(nothing_is_left_behind_by_a_minter_freed_while_it_asks)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    struct caller c;
    ask(&f, &c);
    token_minter_free(f.minter);
    f.minter = NULL;
    CHECK_INT(script_open(&f.http), 0);
    loop_turn(f.loop, 0);
    CHECK_INT(c.answers, 0);
    fixture_release(&f);
}

static int64_t seconds_of(const char *answer)
{
    struct secret token = {0};
    int64_t seconds = -1;
    if (token_answer_read(str_from_c(answer), &token, &seconds) == RC_OK)
        CHECK_STR(secret_reveal(&token), STR("t"));
    secret_release(&token);
    return seconds;
}

TEST(every_form_of_expires_in)
{
    CHECK_INT(seconds_of("{\"access_token\":\"t\",\"expires_in\":900}"), 900);
    CHECK_INT(
        seconds_of("{\"access_token\":\"t\",\"expires_in\":\"900\"}"), 900);
    CHECK_INT(seconds_of("{\"access_token\":\"t\",\"expires_in\":900.7}"), 900);
    CHECK_INT(seconds_of("{\"access_token\":\"t\"}"), 3600);
    CHECK_INT(seconds_of("{\"access_token\":\"t\",\"expires_in\":null}"), 3600);
    CHECK_INT(
        seconds_of("{\"access_token\":\"t\",\"expires_in\":\"soon\"}"), 3600);
    CHECK_INT(seconds_of("{\"access_token\":\"t\",\"expires_in\":-1}"), 3600);
    CHECK_INT(
        seconds_of("{\"access_token\":\"t\",\"expires_in\":1e30}"), 86400);
    CHECK_INT(seconds_of("{\"access_token\":\"\"}"), -1);
    CHECK_INT(seconds_of("{\"access_token\":\"a b\"}"), -1);
    CHECK_INT(seconds_of("{\"access_token\":\"a\\r\\nX: y\"}"), -1);
    CHECK_INT(seconds_of("[]"), -1);
    CHECK_INT(seconds_of("<html>"), -1);
}

TEST(short_lives_are_lived_too)
{
    struct token_life hour = token_life_make(0, 3600);
    CHECK_INT(hour.stale_ms, 40 * MINUTE);
    CHECK_INT(hour.expires_ms, 60 * MINUTE - 40 * SECOND);
    struct token_life minutes = token_life_make(0, 600);
    CHECK_INT(minutes.stale_ms, 5 * MINUTE);
    struct token_life brief = token_life_make(0, 10);
    CHECK_INT(brief.stale_ms, 5 * SECOND);
    CHECK_INT(brief.expires_ms, 5 * SECOND);
}

TEST(credentials_are_needed_and_must_fit_a_header)
{
    struct token_minter_config config = {
        .host = STR("https://h"), .client_id = STR("id"), .random = no_jitter};
    struct token_minter *m;
    CHECK_INT(token_minter_new(NULL, NULL, &config, &m), RC_INVALID);
    config.token = STR("a\nb");
    CHECK_INT(token_minter_new(NULL, NULL, &config, &m), RC_INVALID);
}
