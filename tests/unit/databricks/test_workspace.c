#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "databricks/chat.h"
#include "databricks/client.h"
#include "databricks/endpoints.h"
#include "emulator/emulator.h"
#include "http_client/http_client.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "tap.h"

/*
 * The client against the workspace emulator, both as they are, on one loop
 * over real sockets. Only the deadlines and waits are shorter than in life.
 */
enum {
    TEXT_MAX = 1024 * 1024,
    TURN_MS = 20,
    TURNS_MAX = 1500,
    BRIEF_MS = 150, /* what a stalled endpoint is given here */
};

struct fixture {
    struct loop *loop;
    struct emulator *emulator;
    struct http_client *http;
    struct databricks_client *client;
};

struct talk {
    struct databricks_chat *chat;
    struct buf text;
    struct buf reasoning;
    struct buf sources;
    struct buf trace_id;
    char finish[32];
    struct databricks_usage usage;
    bool done;
    bool failed;
    struct databricks_error error;
    int events;
    int retries;
    struct databricks_retry retry; /* the last one */
    int cancel_at;
    bool cancelled;
    bool return_trace;
};

static uint64_t no_jitter(void)
{
    return 0;
}

static void client_init(struct fixture *f, bool personal, int64_t brief_ms)
{
    struct databricks_config config;
    databricks_config_init(&config);
    config.host = emulator_url(f->emulator);
    config.token = personal ? emulator_default_token() : STR("");
    config.client_id = emulator_default_client_id();
    config.client_secret = emulator_default_client_secret();
    config.random = no_jitter;
    config.retry.max_asked_ms = 0; /* do not wait for Retry-After here */
    if (brief_ms > 0) {
        config.first_byte_timeout_ms = brief_ms;
        config.idle_timeout_ms = brief_ms;
        config.lookup_timeout_ms = brief_ms;
    }
    CHECK_INT(
        databricks_client_new(f->loop, f->http, &config, &f->client), RC_OK);
}

static void fixture_init(struct fixture *f, bool personal, int64_t brief_ms)
{
    log_set_level(LOG_ERROR);
    *f = (struct fixture){.loop = NULL};
    CHECK_INT(loop_new(clock_system(), &f->loop), RC_OK);
    struct emulator_config emulator = {
        .loop = f->loop, .tokens_per_second = 100000, .first_token_ms = -1};
    CHECK_INT(emulator_new(&emulator, &f->emulator), RC_OK);
    struct http_client_config http = {
        .max_exchanges = 100, .user_agent = STR("test")};
    CHECK_INT(http_client_new(f->loop, &http, &f->http), RC_OK);
    client_init(f, personal, brief_ms);
}

static void fixture_release(struct fixture *f)
{
    loop_turn(f->loop, 0);
    databricks_client_free(f->client);
    http_client_free(f->http);
    emulator_free(f->emulator);
    loop_free(f->loop);
}

static void on_event(void *ctx, const struct databricks_event *e)
{
    struct talk *t = ctx;
    CHECK(!t->done && !t->cancelled);
    switch (e->type) {
    case DATABRICKS_EVENT_TEXT:
        buf_append(&t->text, e->text);
        break;
    case DATABRICKS_EVENT_REASONING:
        buf_append(&t->reasoning, e->text);
        break;
    case DATABRICKS_EVENT_USAGE:
        t->usage = e->usage;
        break;
    case DATABRICKS_EVENT_FINISH_REASON:
        CHECK(e->text.n < sizeof(t->finish));
        memcpy(t->finish, e->text.p, e->text.n);
        break;
    case DATABRICKS_EVENT_SOURCES:
        CHECK_INT(t->sources.n, 0);
        buf_append(&t->sources, e->text);
        break;
    case DATABRICKS_EVENT_TRACE_ID:
        CHECK_INT(t->trace_id.n, 0);
        buf_append(&t->trace_id, e->text);
        break;
    case DATABRICKS_EVENT_TOOL_CALL:
    case DATABRICKS_EVENT_TOOL_RESULT:
    case DATABRICKS_EVENT_APPROVAL:
    case DATABRICKS_EVENT_REPLACE:
    case DATABRICKS_EVENT_AS_SERVICE:
        break;
    case DATABRICKS_EVENT_RETRY:
        CHECK(t->text.n == 0 && e->retry.next_try <= e->retry.max_tries);
        t->retries++;
        t->retry = e->retry;
        return;
    }
    if (++t->events == t->cancel_at) {
        t->cancelled = true;
        databricks_chat_cancel(t->chat);
    }
}

static void on_done(void *ctx, const struct databricks_error *error)
{
    struct talk *t = ctx;
    CHECK(!t->done && !t->cancelled);
    t->done = true;
    t->failed = error != NULL;
    if (error != NULL)
        t->error = *error;
}

static void talk_start(
    struct fixture *f, struct talk *t, struct str endpoint, bool stream)
{
    static const struct databricks_chat_handlers handlers = {
        .on_event = on_event, .on_done = on_done};
    static const struct databricks_message messages[] = {
        {DATABRICKS_ROLE_USER, {"Show a table with emoji", 23}},
        {DATABRICKS_ROLE_ASSISTANT, {"", 0}},
        {DATABRICKS_ROLE_USER, {"and a list", 10}}};
    struct databricks_chat_request request = {.endpoint = endpoint,
        .messages = messages,
        .message_count = 3,
        .system_prompt = STR("Be kind."),
        .max_tokens = 8000,
        .return_trace = t->return_trace,
        .stream = stream};
    *t = (struct talk){.usage = {-1, -1, -1},
        .cancel_at = t->cancel_at,
        .return_trace = t->return_trace};
    buf_init(&t->sources, TEXT_MAX);
    buf_init(&t->trace_id, TEXT_MAX);
    buf_init(&t->text, TEXT_MAX);
    buf_init(&t->reasoning, TEXT_MAX);
    CHECK_INT(
        databricks_chat_start(f->client, &request, &handlers, t, &t->chat),
        RC_OK);
}

static void talk_release(struct talk *t)
{
    buf_release(&t->text);
    buf_release(&t->reasoning);
    buf_release(&t->sources);
    buf_release(&t->trace_id);
}

/* Begins, with what *t wishes, and waits for the end. */
static void talk_as_wished(
    struct fixture *f, struct talk *t, struct str endpoint, bool stream)
{
    talk_start(f, t, endpoint, stream);
    for (int i = 0; i < TURNS_MAX * 100 && !t->done; i++)
        loop_turn(f->loop, TURN_MS);
    if (!t->done)
        tap_fail(__FILE__, __LINE__, "%.*s never ends", STR_ARG(endpoint));
}

static void talk(
    struct fixture *f, struct talk *t, struct str endpoint, bool stream)
{
    *t = (struct talk){.cancel_at = 0};
    talk_as_wished(f, t, endpoint, stream);
}

static void check_complete(const struct talk *t, struct str endpoint)
{
    if (t->failed)
        tap_fail(__FILE__, __LINE__, "%.*s: %s (%s)", STR_ARG(endpoint),
            databricks_code_name(t->error.code), t->error.detail);
    CHECK(t->text.n > 100);
    CHECK_STR(str_from_c(t->finish), STR("stop"));
}

/* Streamed and whole, an endpoint says the same. */
static void check_endpoint(
    struct fixture *f, struct str endpoint, bool reasons, bool counts)
{
    struct talk streamed, whole;
    talk(f, &streamed, endpoint, true);
    check_complete(&streamed, endpoint);
    talk(f, &whole, endpoint, false);
    check_complete(&whole, endpoint);
    CHECK_STR(buf_str(&streamed.text), buf_str(&whole.text));
    CHECK_STR(buf_str(&streamed.reasoning), buf_str(&whole.reasoning));
    if ((streamed.reasoning.n > 0) != reasons)
        tap_fail(__FILE__, __LINE__, "%.*s: %zu bytes of reasoning",
            STR_ARG(endpoint), streamed.reasoning.n);
    CHECK(!str_contains(buf_str(&streamed.text), STR("<think>")));
    if (counts) {
        CHECK(streamed.usage.prompt_tokens > 0);
        CHECK(streamed.usage.completion_tokens > 0);
        CHECK_INT(
            streamed.usage.completion_tokens, whole.usage.completion_tokens);
    }
    talk_release(&streamed);
    talk_release(&whole);
}

TEST(every_endpoint_of_the_catalogue)
{
    struct fixture f;
    fixture_init(&f, true, 0);
    check_endpoint(&f, STR("databricks-claude-sonnet-4-5"), false, true);
    check_endpoint(&f, STR("databricks-claude-sonnet-5-thinking"), true, true);
    check_endpoint(&f, STR("databricks-claude-opus-5"), false, true);
    check_endpoint(&f, STR("databricks-gpt-oss-120b"), true, true);
    check_endpoint(
        &f, STR("databricks-meta-llama-3-3-70b-instruct"), false, true);
    check_endpoint(&f, STR("qwq-32b-think"), true, true);
    check_endpoint(&f, STR("databricks-docs-assistant"), false, true);
    fixture_release(&f);
}

/* Streamed and whole, an agent tells its sources when it is asked to. */
TEST(an_agent_tells_its_sources)
{
    struct fixture f;
    fixture_init(&f, true, 0);
    for (int i = 0; i < 4; i++) {
        struct talk t = {.return_trace = i % 2 == 0};
        struct jv *sources = NULL;
        talk_as_wished(&f, &t, STR("databricks-docs-assistant"), i < 2);
        check_complete(&t, STR("databricks-docs-assistant"));
        CHECK_INT(t.sources.n > 0, t.return_trace);
        CHECK_INT(t.trace_id.n > 0, t.return_trace);
        if (t.return_trace) {
            CHECK_INT(jv_parse(buf_str(&t.sources), NULL, &sources), RC_OK);
            CHECK_INT(jv_count(sources), 3);
            CHECK(str_starts_with(
                jv_get_str(jv_get(jv_at(sources, 1), "metadata"), "url"),
                STR("dbfs:/")));
            CHECK_INT(
                jv_type(jv_get(jv_at(sources, 2), "metadata")), JV_OBJECT);
        }
        jv_free(sources);
        talk_release(&t);
    }
    fixture_release(&f);
}

/* Why only those are asked that are known to take it. */
TEST(a_plain_model_refuses_to_be_asked_for_its_trace)
{
    struct fixture f;
    struct talk t = {.return_trace = true};
    fixture_init(&f, true, 0);
    talk_as_wished(&f, &t, STR("databricks-claude-sonnet-4-5"), true);
    CHECK(t.failed && t.error.code == DATABRICKS_UPSTREAM_BAD_REQUEST);
    talk_release(&t);
    fixture_release(&f);
}

TEST(streams_that_are_unusual_but_right)
{
    static const char *const names[] = {"emu-no-done", "emu-role-null",
        "emu-utf8-split", "emu-crlf", "emu-comments", "emu-huge-line",
        "emu-json-although-stream", "emu-empty-200", "emu-speed-100000"};
    struct fixture f;
    fixture_init(&f, true, 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        check_endpoint(&f, str_from_c(names[i]), false, true);
    fixture_release(&f);
}

struct fault {
    const char *endpoint;
    enum databricks_code code;
    bool partial; /* text comes before the failure */
};

static void check_faults(
    struct fixture *f, const struct fault *faults, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct talk t;
        talk(f, &t, str_from_c(faults[i].endpoint), true);
        if (!t.failed || t.error.code != faults[i].code ||
            (t.text.n > 0) != faults[i].partial)
            tap_fail(__FILE__, __LINE__, "%s: %s, %zu bytes of text (%s)",
                faults[i].endpoint,
                t.failed ? databricks_code_name(t.error.code) : "complete",
                t.text.n, t.error.detail);
        CHECK(strlen(t.error.message) > 20);
        talk_release(&t);
    }
}

#define CHECK_FAULTS(f, table)                                                 \
    check_faults((f), (table), sizeof(table) / sizeof(*(table)))

TEST(every_fault_that_ends_a_reply)
{
    static const struct fault faults[] = {
        {"emu-error-400", DATABRICKS_UPSTREAM_BAD_REQUEST, false},
        {"emu-error-401", DATABRICKS_UPSTREAM_AUTH, false},
        {"emu-error-403", DATABRICKS_UPSTREAM_AUTH, false},
        {"emu-error-404", DATABRICKS_UPSTREAM_NOT_FOUND, false},
        {"emu-error-408", DATABRICKS_UPSTREAM_TIMEOUT, false},
        {"emu-error-413", DATABRICKS_CONTEXT_TOO_LONG, false},
        {"emu-error-429", DATABRICKS_UPSTREAM_RATE_LIMITED, false},
        {"emu-error-500", DATABRICKS_UPSTREAM_ERROR, false},
        {"emu-error-502", DATABRICKS_UPSTREAM_UNAVAILABLE, false},
        {"emu-error-504", DATABRICKS_UPSTREAM_TIMEOUT, false},
        {"emu-error-429-retry-after", DATABRICKS_UPSTREAM_RATE_LIMITED, false},
        {"emu-html-500", DATABRICKS_UPSTREAM_ERROR, false},
        {"emu-text-503", DATABRICKS_UPSTREAM_UNAVAILABLE, false},
        {"emu-empty-504", DATABRICKS_UPSTREAM_TIMEOUT, false},
        {"emu-guardrail", DATABRICKS_CONTENT_BLOCKED, false},
        {"emu-context-too-long", DATABRICKS_CONTEXT_TOO_LONG, false},
        {"emu-unknown-field", DATABRICKS_UPSTREAM_BAD_REQUEST, false},
        {"emu-ip-acl", DATABRICKS_UPSTREAM_FORBIDDEN, false},
        {"emu-permission-denied", DATABRICKS_UPSTREAM_FORBIDDEN, false},
        {"emu-not-found", DATABRICKS_UPSTREAM_NOT_FOUND, false},
        {"emu-external-model-error", DATABRICKS_CONTENT_BLOCKED, false},
        {"emu-redirect-login", DATABRICKS_UPSTREAM_AUTH, false},
        {"emu-fail-3-then-ok", DATABRICKS_UPSTREAM_UNAVAILABLE, false},
        {"emu-error-in-stream", DATABRICKS_UPSTREAM_ERROR, false},
        {"emu-error-event-midway", DATABRICKS_UPSTREAM_ERROR, true},
        {"emu-typed-error-midway", DATABRICKS_UPSTREAM_ERROR, true},
        {"emu-cut-midline", DATABRICKS_UPSTREAM_INTERRUPTED, true},
        {"emu-cut-no-done", DATABRICKS_UPSTREAM_INTERRUPTED, true},
        {"no-such-endpoint", DATABRICKS_UPSTREAM_NOT_FOUND, false},
        {"databricks-gte-large-en", DATABRICKS_UPSTREAM_BAD_REQUEST, false},
    };
    struct fixture f;
    fixture_init(&f, true, 0);
    CHECK_FAULTS(&f, faults);
    fixture_release(&f);
}

TEST(silence_ends_in_a_timeout)
{
    static const struct fault faults[] = {
        {"emu-stall", DATABRICKS_UPSTREAM_TIMEOUT, false},
        {"emu-stall-after-head", DATABRICKS_UPSTREAM_TIMEOUT, false},
        {"emu-stall-midway", DATABRICKS_UPSTREAM_TIMEOUT, true},
    };
    struct fixture f;
    fixture_init(&f, true, BRIEF_MS);
    CHECK_FAULTS(&f, faults);
    fixture_release(&f);
}

TEST(two_failures_before_the_reply_are_bridged)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, true, 0);
    talk(&f, &t, STR("emu-fail-2-then-ok"), true);
    check_complete(&t, STR("emu-fail-2-then-ok"));
    CHECK_INT(t.retries, 2);
    CHECK_INT(t.retry.next_try, 3);
    CHECK(t.retry.code == DATABRICKS_UPSTREAM_UNAVAILABLE && !t.retry.asked);
    talk_release(&t);
    fixture_release(&f);
}

TEST(nobody_listens)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, true, 0);
    databricks_client_free(f.client);
    struct databricks_config config;
    databricks_config_init(&config);
    config.host = STR("http://127.0.0.1:1");
    config.token = STR("dapi1");
    config.random = no_jitter;
    CHECK_INT(databricks_client_new(f.loop, f.http, &config, &f.client), RC_OK);
    talk(&f, &t, STR("m1"), true);
    CHECK(t.failed && t.error.code == DATABRICKS_UPSTREAM_UNREACHABLE);
    talk_release(&t);
    fixture_release(&f);
}

/* ---- the emulator's own doors ---- */

struct door {
    struct buf body;
    bool done;
    int status;
};

static void door_head(void *ctx, struct http_exchange *x, int status)
{
    (void)x;
    struct door *d = ctx;
    d->status = status;
}

static void door_data(void *ctx, struct str data)
{
    struct door *d = ctx;
    buf_append(&d->body, data);
}

static void door_done(void *ctx, enum rc rc, struct str reason)
{
    (void)reason;
    struct door *d = ctx;
    CHECK_INT(rc, RC_OK);
    d->done = true;
}

/* POSTs body (or GETs when it is empty); the answer's body is in *d. */
static void knock(
    struct fixture *f, struct str path, struct str body, struct door *d)
{
    static const struct http_client_handlers handlers = {
        .on_head = door_head, .on_data = door_data, .on_done = door_done};
    struct buf url, bearer;
    *d = (struct door){.done = false};
    buf_init(&d->body, TEXT_MAX);
    buf_init(&url, 300);
    buf_append(&url, emulator_url(f->emulator));
    buf_append(&url, path);
    buf_init(&bearer, 300);
    buf_append(&bearer, STR("Bearer "));
    buf_append(&bearer, emulator_default_token());
    const struct http_client_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("Authorization"), buf_str(&bearer)}};
    const struct http_client_request request = {
        .method = body.n ? STR("POST") : STR("GET"),
        .url = buf_str(&url),
        .headers = headers,
        .header_count = 2,
        .body = body};
    struct http_exchange *x;
    CHECK_INT(http_client_start(f->http, &request, &handlers, d, &x), RC_OK);
    for (int i = 0; i < TURNS_MAX && !d->done; i++)
        loop_turn(f->loop, TURN_MS);
    CHECK_INT(d->status, 200);
    buf_release(&url);
    buf_release(&bearer);
}

static void control(struct fixture *f, struct str settings)
{
    struct door d;
    knock(f, STR("/emulator/control"), settings, &d);
    buf_release(&d.body);
}

/* A number that the statistics give for an endpoint. */
static int64_t stat_of(struct fixture *f, struct str name, const char *what)
{
    struct door d;
    struct jv *document;
    int64_t n = -1;
    knock(f, STR("/emulator/stats"), STR(""), &d);
    CHECK_INT(jv_parse(buf_str(&d.body), NULL, &document), RC_OK);
    const struct jv *list = jv_get(document, "endpoints");
    for (size_t i = 0; i < jv_count(list); i++)
        if (str_eq(jv_get_str(jv_at(list, i), "name"), name))
            (void)jv_int(jv_get(jv_at(list, i), what), &n);
    jv_free(document);
    buf_release(&d.body);
    return n;
}

TEST(stopping_closes_the_upstream)
{
    struct str endpoint = STR("emu-stall-midway");
    struct fixture f;
    struct talk t = {.cancel_at = 2};
    fixture_init(&f, true, 0);
    talk_start(&f, &t, endpoint, true);
    for (int i = 0; i < TURNS_MAX && !t.cancelled; i++)
        loop_turn(f.loop, TURN_MS);
    CHECK(t.cancelled);
    int64_t closed = 0;
    for (int i = 0; i < TURNS_MAX && closed == 0; i++)
        closed = stat_of(&f, endpoint, "closed_by_client");
    CHECK_INT(closed, 1);
    CHECK_INT(t.events, 2);
    talk_release(&t);
    fixture_release(&f);
}

/* B2: after whatever failure, the next chat asks for a stream again. */
TEST(b2_streaming_goes_on_after_every_kind_of_failure)
{
    struct str endpoint = STR("databricks-claude-sonnet-4-5");
    struct fixture f;
    struct talk t;
    fixture_init(&f, true, 0);
    static const char *const settings[] = {
        "error-429", "cut-midline", "error-event-midway", "html-500"};
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        struct buf body;
        buf_init(&body, 300);
        buf_printf(&body,
            "{\"endpoint\":\"%.*s\",\"fault\":\"%s\",\"times\":3}",
            STR_ARG(endpoint), settings[i]);
        control(&f, buf_str(&body));
        talk(&f, &t, endpoint, true);
        CHECK(t.failed);
        talk_release(&t);
        control(&f,
            STR("{\"endpoint\":\"databricks-claude-sonnet-4-5\",\"times\":0}"));
        talk(&f, &t, endpoint, true);
        check_complete(&t, endpoint);
        CHECK(t.events > 10);
        talk_release(&t);
        buf_release(&body);
    }
    fixture_release(&f);
}

TEST(a_service_principal_signs_in_once_for_many)
{
    struct fixture f;
    struct talk t[5];
    fixture_init(&f, false, 0);
    for (int i = 0; i < 5; i++) {
        t[i] = (struct talk){.cancel_at = 0};
        talk_start(&f, &t[i], STR("emu-speed-100000"), true);
    }
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < TURNS_MAX && !t[i].done; k++)
            loop_turn(f.loop, TURN_MS);
        check_complete(&t[i], STR("emu-speed-100000"));
        talk_release(&t[i]);
    }
    CHECK_INT(stat_of(&f, STR("oauth-token"), "calls"), 1);
    fixture_release(&f);
}

TEST(an_expired_token_is_renewed_behind_the_persons_back)
{
    struct fixture f;
    struct talk t;
    fixture_init(&f, false, 0);
    talk(&f, &t, STR("emu-expired-token-once"), true);
    check_complete(&t, STR("emu-expired-token-once"));
    talk_release(&t);
    CHECK_INT(stat_of(&f, STR("oauth-token"), "calls"), 2);
    fixture_release(&f);
}

TEST(every_way_the_token_endpoint_answers)
{
    static const struct {
        const char *fault;
        bool works;
        enum databricks_code code;
    } ways[] = {
        {"expires-in-string", true, 0},
        {"expires-in-missing", true, 0},
        {"ttl-5", true, 0},
        {"error-401", false, DATABRICKS_UPSTREAM_AUTH},
        {"error-403", false, DATABRICKS_UPSTREAM_AUTH},
        {"error-429", false, DATABRICKS_UPSTREAM_RATE_LIMITED},
        {"error-503", false, DATABRICKS_UPSTREAM_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        struct fixture f;
        struct talk t;
        struct buf body;
        fixture_init(&f, false, 300);
        buf_init(&body, 300);
        buf_printf(&body,
            "{\"endpoint\":\"oauth-token\",\"fault\":\"%s\",\"times\":1000000}",
            ways[i].fault);
        control(&f, buf_str(&body));
        talk(&f, &t, STR("emu-speed-100000"), true);
        if (t.failed == ways[i].works ||
            (t.failed && t.error.code != ways[i].code))
            tap_fail(__FILE__, __LINE__, "%s: %s", ways[i].fault,
                t.failed ? databricks_code_name(t.error.code) : "complete");
        talk_release(&t);
        buf_release(&body);
        fixture_release(&f);
    }
}

/* ---- discovery ---- */

struct seen {
    size_t n;
    bool done, ready, embeddings, traces;
    enum databricks_code code;
    bool failed;
};

static void on_endpoints(void *ctx, const struct databricks_endpoint *list,
    size_t n, const struct databricks_error *error)
{
    struct seen *s = ctx;
    s->done = true;
    s->failed = error != NULL;
    s->code = error != NULL ? error->code : 0;
    s->n = n;
    s->ready = n > 0;
    for (size_t i = 0; i < n; i++) {
        s->ready = s->ready && list[i].ready;
        s->traces = list[i].traces;
        if (str_eq(list[i].task, STR("llm/v1/embeddings")))
            s->embeddings = true;
    }
}

static void wait_for(struct fixture *f, const struct seen *s)
{
    for (int i = 0; i < TURNS_MAX && !s->done; i++)
        loop_turn(f->loop, TURN_MS);
    CHECK(s->done);
}

TEST(what_the_workspace_serves)
{
    struct fixture f;
    struct databricks_lookup *lookup;
    struct seen s = {.n = 0};
    fixture_init(&f, false, 0);
    CHECK_INT(
        databricks_endpoints_list(f.client, on_endpoints, &s, &lookup), RC_OK);
    wait_for(&f, &s);
    CHECK(!s.failed && s.ready && !s.embeddings);
    CHECK_INT(s.n, 12);
    s = (struct seen){.n = 0};
    CHECK_INT(databricks_endpoints_get(f.client, emulator_default_endpoint(),
                  on_endpoints, &s, &lookup),
        RC_OK);
    wait_for(&f, &s);
    CHECK(!s.failed && s.ready && !s.traces);
    s = (struct seen){.n = 0};
    CHECK_INT(databricks_endpoints_get(f.client,
                  STR("databricks-docs-assistant"), on_endpoints, &s, &lookup),
        RC_OK);
    wait_for(&f, &s);
    CHECK(!s.failed && s.traces);
    s = (struct seen){.n = 0};
    CHECK_INT(databricks_endpoints_get(
                  f.client, STR("none"), on_endpoints, &s, &lookup),
        RC_OK);
    wait_for(&f, &s);
    CHECK(s.failed && s.code == DATABRICKS_UPSTREAM_NOT_FOUND);
    fixture_release(&f);
}
