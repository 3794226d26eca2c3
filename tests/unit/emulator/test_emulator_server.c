#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "telemetry/log.h"
#include "loop/loop.h"
#include "emulator/emulator.h"

#include "tap.h"

/*
 * The emulator over real sockets, on a loop that the test turns itself and a
 * clock that jumps ahead whenever nothing happens: no thread and no waiting.
 */
#define CLAUDE "/serving-endpoints/databricks-claude-sonnet-4-5/invocations"
#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hello snow\"}]"
#define STREAM "{" HI ",\"stream\":true}"

enum { ANSWER_MAX = 8 * 1024 * 1024, TURNS_MAX = 200'000, STEP_MS = 40 };

static struct clock_manual clock_;
static struct loop *loop;
static struct emulator *emulator;
static struct arena *arena;

static void setup(void)
{
    struct emulator_config config = {0};
    log_set_level(LOG_ERROR);
    clock_manual_init(&clock_, 1000, 1'700'000'000'000'000);
    CHECK(loop_new(&clock_.clock, &loop) == RC_OK);
    config.loop = loop;
    CHECK(emulator_new(&config, &emulator) == RC_OK);
    arena = arena_new();
}

static void teardown(void)
{
    emulator_free(emulator);
    loop_free(loop);
    arena_free(arena);
}

/* ---- A client ---- */

struct client {
    int fd;
    struct buf in;
    bool closed; /* by the emulator, in order */
    bool reset;
};

struct answer {
    int status;
    struct str head;
    struct str body; /* without chunked framing */
    bool whole;      /* the body's end was seen */
};

static void client_open(struct client *c, struct str request)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)emulator_port(emulator)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *c = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    buf_init(&c->in, ANSWER_MAX);
    CHECK(c->fd >= 0);
    CHECK(connect(c->fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    for (size_t sent = 0; sent < request.n;) {
        ssize_t n = send(c->fd, request.p + sent, request.n - sent,
            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            sent += (size_t)n;
        else if (errno != EAGAIN)
            break;
        loop_turn(loop, 0);
    }
}

static void client_close(struct client *c)
{
    close(c->fd);
    buf_release(&c->in);
}

/* One turn; whether anything arrived. */
static bool client_turn(struct client *c)
{
    char bytes[65536];
    loop_turn(loop, 0);
    ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n > 0)
        CHECK(buf_append(&c->in, (struct str){bytes, (size_t)n}) == RC_OK);
    c->closed = n == 0;
    c->reset = n < 0 && errno != EAGAIN;
    return n > 0;
}

/* Reads until the emulator closes; time passes while nothing comes. */
static void client_finish(struct client *c)
{
    for (int i = 0; i < TURNS_MAX && !c->closed && !c->reset; i++)
        if (!client_turn(c))
            clock_manual_advance(&clock_, STEP_MS);
    CHECK(c->closed || c->reset);
}

/* Reads until text has arrived; false if that takes more than a minute. */
static bool client_until(struct client *c, const char *text)
{
    for (int i = 0; i < 60'000 / STEP_MS; i++) {
        if (str_contains(buf_str(&c->in), str_from_c(text)))
            return true;
        if (!client_turn(c))
            clock_manual_advance(&clock_, STEP_MS);
    }
    return false;
}

static int64_t hexadecimal(struct str s)
{
    int64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = (char)(s.p[i] | 0x20);
        v = v * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return v;
}

static struct str dechunk(struct str s, bool *whole)
{
    struct buf out;
    buf_init(&out, ANSWER_MAX);
    *whole = false;
    while (s.n > 0) {
        size_t line = str_find(s, STR("\r\n"));
        size_t n = (size_t)hexadecimal(str_sub(s, 0, line));
        s = str_sub(s, line + 2, s.n);
        if (n == 0) {
            *whole = str_eq(s, STR("\r\n"));
            break;
        }
        buf_append(&out, str_sub(s, 0, n));
        s = str_sub(s, n + 2, s.n);
    }
    struct str body = arena_str(arena, buf_str(&out));
    buf_release(&out);
    return body;
}

static struct answer parse(const struct client *c)
{
    struct answer a = {0};
    struct str all = buf_str(&c->in);
    size_t end = str_find(all, STR("\r\n\r\n"));
    CHECK(end < all.n && str_starts_with(all, STR("HTTP/1.1 ")));
    a.status =
        (all.p[9] - '0') * 100 + (all.p[10] - '0') * 10 + all.p[11] - '0';
    a.head = arena_str(arena, str_sub(all, 0, end));
    struct str rest = str_sub(all, end + 4, all.n);
    a.whole = true;
    if (str_contains(a.head, STR("chunked")))
        a.body = dechunk(rest, &a.whole);
    else
        a.body = arena_str(arena, rest);
    return a;
}

static struct str request_text(
    const char *method, const char *path, const char *headers, const char *body)
{
    return arena_printf(arena,
        "%s %s HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n%s"
        "Content-Length: %zu\r\n\r\n%s",
        method, path, headers, strlen(body), body);
}

static struct str with_token(
    const char *method, const char *path, struct str token, const char *body)
{
    struct str headers = arena_printf(arena,
        "Authorization: Bearer %.*s\r\nContent-Type: application/json\r\n",
        STR_ARG(token));
    return request_text(method, path, arena_c_str(arena, headers), body);
}

static struct answer exchange(struct str request)
{
    struct client c;
    client_open(&c, request);
    client_finish(&c);
    struct answer a = parse(&c);
    client_close(&c);
    return a;
}

static struct answer call(
    const char *method, const char *path, const char *body)
{
    return exchange(with_token(method, path, emulator_default_token(), body));
}

static struct answer invoke(const char *endpoint, const char *body)
{
    struct str path =
        arena_printf(arena, "/serving-endpoints/%s/invocations", endpoint);
    return call("POST", arena_c_str(arena, path), body);
}

static bool holds(struct str text, const char *part)
{
    return str_contains(text, str_from_c(part));
}

/* ---- Tests ---- */

TEST(workspace_tells_about_itself)
{
    setup();
    struct answer a =
        exchange(request_text("GET", "/.well-known/databricks-config", "", ""));
    CHECK_INT(a.status, 200);
    CHECK(holds(a.body, "/oidc\""));
    CHECK(str_contains(a.body, emulator_url(emulator)));
    a = exchange(
        request_text("GET", "/oidc/.well-known/openid-configuration", "", ""));
    CHECK(a.status == 200 && holds(a.body, "\"token_endpoint\":\"http://"));
    a = call("GET", "/api/2.0/preview/scim/v2/Me", "");
    CHECK(a.status == 200 && holds(a.body, "demo.user@example.com"));
    CHECK(holds(a.head, "x-databricks-org-id: "));
    teardown();
}

TEST(workspace_lists_its_endpoints)
{
    setup();
    struct answer a = call("GET", "/api/2.0/serving-endpoints", "");
    CHECK(holds(a.body, "\"databricks-claude-sonnet-4-5\""));
    CHECK(holds(a.body, "llm/v1/embeddings") && !holds(a.body, "\"emu-"));
    a = call("GET", "/api/2.0/serving-endpoints?emulator=all", "");
    CHECK(holds(a.body, "\"emu-stall-midway\""));
    a = call("GET", "/api/2.0/serving-endpoints/databricks-gpt-oss-120b", "");
    CHECK(holds(a.body, "\"task\":\"llm/v1/chat\""));
    CHECK(!holds(a.body, "\"feedback\""));
    a = call("GET", "/api/2.0/serving-endpoints/databricks-docs-assistant", "");
    CHECK(holds(a.body, "\"task\":\"agent/v1/chat\""));
    CHECK(holds(a.body, "{\"name\":\"feedback\","));
    a = call("GET", "/api/2.0/serving-endpoints/nothing", "");
    CHECK_INT(a.status, 404);
    CHECK(holds(a.body, "RESOURCE_DOES_NOT_EXIST"));
    teardown();
}

TEST(calls_without_a_valid_token_are_refused)
{
    setup();
    struct answer a =
        exchange(request_text("GET", "/api/2.0/serving-endpoints", "", ""));
    CHECK_INT(a.status, 401);
    a = exchange(with_token("POST", CLAUDE, STR("dapi-other"), "{" HI "}"));
    CHECK_INT(a.status, 403);
    CHECK_STR(a.body,
        STR("{\"error_code\":403,\"message\":\"Invalid access token.\"}"));
    a = exchange(with_token("GET", "/emulator/stats", STR("a.b.c"), ""));
    CHECK_INT(a.status, 403);
    teardown();
}

static struct answer ask_token(struct str id, struct str secret)
{
    struct buf basic;
    buf_init(&basic, 1000);
    struct str pair =
        arena_printf(arena, "%.*s:%.*s", STR_ARG(id), STR_ARG(secret));
    CHECK(crypto_base64(&basic, pair) == RC_OK);
    struct str headers = arena_printf(arena,
        "Authorization: Basic %s\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n",
        buf_c_str(&basic));
    buf_release(&basic);
    return exchange(
        request_text("POST", "/oidc/v1/token", arena_c_str(arena, headers),
            "grant_type=client_credentials&scope=all-apis"));
}

/* A minted token; *expires_in is -1 when it was not a number. */
static struct str minted(int64_t *expires_in)
{
    struct jv *document;
    struct answer a = ask_token(
        emulator_default_client_id(), emulator_default_client_secret());
    CHECK_INT(a.status, 200);
    CHECK(jv_parse(a.body, NULL, &document) == RC_OK);
    *expires_in = -1;
    jv_int(jv_get(document, "expires_in"), expires_in);
    struct str token = arena_str(arena, jv_get_str(document, "access_token"));
    jv_free(document);
    return token;
}

TEST(tokens_are_minted_and_expire)
{
    setup();
    int64_t seconds;
    struct str token = minted(&seconds);
    CHECK_INT(seconds, 3600);
    struct str me = with_token("GET", "/api/2.0/preview/scim/v2/Me", token, "");
    struct answer a = exchange(me);
    CHECK_INT(a.status, 200);
    CHECK(str_contains(a.body, emulator_default_client_id()));
    clock_manual_advance(&clock_, 3600 * 1000);
    a = exchange(me);
    CHECK(a.status == 403 && holds(a.body, "Invalid access token."));
    a = ask_token(emulator_default_client_id(), STR("wrong"));
    CHECK(a.status == 401 && holds(a.body, "\"error\":\"invalid_client\""));
    teardown();
}

TEST(token_endpoint_has_faults)
{
    setup();
    int64_t seconds;
    struct answer a = call("POST", "/emulator/control",
        "{\"endpoint\":\"oauth-token\",\"fault\":\"expires-in-string\"}");
    CHECK_INT(a.status, 200);
    minted(&seconds);
    CHECK_INT(seconds, -1);
    minted(&seconds);
    CHECK_INT(seconds, 3600);
    call("POST", "/emulator/control",
        "{\"endpoint\":\"oauth-token\",\"fault\":\"error-500\"}");
    a = ask_token(
        emulator_default_client_id(), emulator_default_client_secret());
    CHECK_INT(a.status, 500);
    a = call("POST", "/emulator/control",
        "{\"endpoint\":\"oauth-token\",\"fault\":\"crlf\"}");
    CHECK_INT(a.status, 400);
    teardown();
}

TEST(unknown_routes_and_endpoints_are_told_apart)
{
    setup();
    struct answer a = call("GET", "/api/2.0/nothing", "");
    CHECK_INT(a.status, 404);
    CHECK_STR(a.body,
        STR("{\"error_code\":\"ENDPOINT_NOT_FOUND\",\"message\":\"No API "
            "found for 'GET /api/2.0/nothing'\"}"));
    a = call("PUT", CLAUDE, "{}");
    CHECK(a.status == 404 && holds(a.body, "No API found for 'PUT /"));
    a = invoke("nothing", "{" HI "}");
    CHECK(a.status == 404 && holds(a.body, "The given endpoint does not"));
    a = call("POST", "/serving-endpoints/chat/completions",
        "{\"model\":\"nothing\"," HI "}");
    CHECK(a.status == 404 && holds(a.body, "The given endpoint does not"));
    teardown();
}

TEST(bad_requests_are_refused_in_the_gateways_words)
{
    setup();
    struct answer a = invoke("databricks-meta-llama-3-3-70b-instruct",
        "{" HI ",\"stream_options\":{}}");
    CHECK_INT(a.status, 400);
    CHECK_STR(a.body,
        STR("{\"error_code\":\"BAD_REQUEST\",\"message\":\"Bad request: json: "
            "unknown field \\\"stream_options\\\"\\n\"}"));
    CHECK(holds(a.head, "server-timing: request_id;dur=0;desc=\""));
    a = call("POST", CLAUDE, "{");
    CHECK(a.status == 400 && holds(a.body, "BAD_REQUEST"));
    a = invoke("databricks-gte-large-en", "{" HI "}");
    CHECK(a.status == 400 && holds(a.body, "unknown field"));
    teardown();
}

TEST(payload_has_a_limit)
{
    setup();
    struct client c;
    client_open(
        &c, arena_printf(arena,
                "POST %s HTTP/1.1\r\nHost: demo\r\nAuthorization: Bearer x\r\n"
                "Content-Type: application/json\r\nContent-Length: 4194305\r\n"
                "Connection: close\r\n\r\n{",
                CLAUDE));
    client_finish(&c);
    CHECK_INT(parse(&c).status, 413);
    client_close(&c);
    teardown();
}

TEST(reply_streams_at_the_models_pace)
{
    setup();
    int64_t began = clock_.now_ms;
    struct answer a = call("POST", CLAUDE, STREAM);
    CHECK_INT(a.status, 200);
    CHECK(holds(a.head, "text/event-stream") && a.whole);
    CHECK(str_starts_with(a.body, STR("data: {\"id\":\"msg_bdrk_")));
    CHECK(str_ends_with(a.body, STR("data: [DONE]\n\n")));
    CHECK(clock_.now_ms - began > 1000);
    struct answer b = call("POST", "/serving-endpoints/chat/completions",
        "{\"model\":\"databricks-claude-sonnet-4-5\"," HI "}");
    CHECK(b.status == 200 && holds(b.body, "built-in demo"));
    CHECK(holds(b.body, "\"object\":\"chat.completion\""));
    teardown();
}

/* How long an endpoint takes to answer, on the clock moved by hand. */
static int64_t answer_ms(const char *endpoint)
{
    int64_t began = clock_.now_ms;
    CHECK_INT(invoke(endpoint, "{" HI "}").status, 200);
    return clock_.now_ms - began;
}

TEST(first_bytes_can_take_minutes)
{
    setup();
    CHECK(answer_ms("emu-delay-130000") >= 130'000);
    CHECK(answer_ms("emu-scale-to-zero") >= 10'000);
    CHECK(answer_ms("emu-scale-to-zero") < 10'000);
    teardown();
}

#define SPACE "/api/2.0/genie/spaces/emu-rate-1"

static struct answer start_talk(void)
{
    return call("POST", SPACE "/start-conversation",
        "{\"content\":\"sales by month\"}");
}

TEST(states_of_genie_take_their_time)
{
    static const char *const states[] = {"SUBMITTED", "FETCHING_METADATA",
        "FILTERING_CONTEXT", "ASKING_AI", "PENDING_WAREHOUSE",
        "EXECUTING_QUERY", "COMPLETED", "COMPLETED"};
    struct jv *document;
    setup();
    struct answer a = start_talk();
    CHECK(jv_parse(a.body, NULL, &document) == RC_OK);
    int64_t began = clock_.now_ms;
    struct str path =
        arena_printf(arena, SPACE "/conversations/%.*s/messages/%.*s",
            STR_ARG(jv_get_str(document, "conversation_id")),
            STR_ARG(jv_get_str(document, "message_id")));
    jv_free(document);
    for (int i = 0; i < 8; i++) {
        while (clock_.now_ms < began + 400 * i + 100)
            clock_manual_advance(&clock_, 20);
        a = call("GET", arena_c_str(arena, path), "");
        CHECK(holds(
            a.body, arena_c_str(arena,
                        arena_printf(arena, "\"status\":\"%s\"", states[i]))));
    }
    teardown();
}

TEST(questions_of_a_minute_are_forgotten_after_it)
{
    setup();
    CHECK_INT(start_talk().status, 200);
    CHECK_INT(start_talk().status, 429);
    clock_manual_advance(&clock_, 60'000);
    CHECK_INT(start_talk().status, 200);
    teardown();
}

TEST(faults_by_name_over_the_wire)
{
    static const struct {
        const char *name;
        int status;
        const char *part; /* of the body */
    } cases[] = {
        {"emu-error-429", 429, "REQUEST_LIMIT_EXCEEDED"},
        {"emu-error-418", 418, "error_code"},
        {"emu-html-500", 500, "<pre>"},
        {"emu-text-503", 503, "No webapps"},
        {"emu-empty-504", 504, ""},
        {"emu-guardrail", 400, "input_guardrail_triggered"},
        {"emu-context-too-long", 400, "too long"},
        {"emu-unknown-field", 400, "unknown field"},
        {"emu-ip-acl", 403, "blocked by Databricks IP ACL"},
        {"emu-permission-denied", 403, "PERMISSION_DENIED"},
        {"emu-not-found", 404, "ENDPOINT_NOT_FOUND"},
        {"emu-external-model-error", 400, "external_model_message"},
        {"emu-redirect-login", 302, "login"},
        {"emu-json-although-stream", 200, "\"object\":\"chat.completion\""},
        {"emu-role-null", 200, "\"role\":null"},
        {"emu-empty-200", 200, ""},
    };
    setup();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct answer a = invoke(cases[i].name, STREAM);
        CHECK_INT(a.status, cases[i].status);
        CHECK(holds(a.body, cases[i].part) && a.whole);
        CHECK(cases[i].part[0] != '\0' || a.body.n == 0);
    }
    struct answer a = invoke("emu-error-429-retry-after", STREAM);
    CHECK(holds(a.head, "retry-after: 2\r\n"));
    a = invoke("emu-redirect-login", STREAM);
    CHECK(holds(a.head, "location: /login.html"));
    teardown();
}

TEST(cut_replies_leave_the_body_unfinished)
{
    static const char *const names[] = {"emu-cut-midline", "emu-cut-no-done"};
    setup();
    for (size_t i = 0; i < 2; i++) {
        struct answer a = invoke(names[i], STREAM);
        CHECK(a.status == 200 && !a.whole && a.body.n > 200);
        CHECK(!holds(a.body, "[DONE]"));
    }
    struct answer a = invoke("emu-cut-midline", "{" HI "}");
    CHECK(!a.whole && str_starts_with(a.body, STR("{\"id\":")));
    teardown();
}

TEST(failures_in_a_row_come_to_an_end)
{
    setup();
    CHECK_INT(invoke("emu-fail-2-then-ok", "{" HI "}").status, 503);
    CHECK_INT(invoke("emu-fail-2-then-ok", "{" HI "}").status, 503);
    CHECK_INT(invoke("emu-fail-2-then-ok", "{" HI "}").status, 200);
    CHECK_INT(invoke("emu-fail-2-then-ok", "{" HI "}").status, 503);
    teardown();
}

TEST(expired_token_needs_a_new_one)
{
    setup();
    int64_t seconds;
    static const char path[] =
        "/serving-endpoints/emu-expired-token-once/invocations";
    struct str first = minted(&seconds);
    clock_manual_advance(&clock_, 1000);
    struct str second = minted(&seconds);
    CHECK(!str_eq(first, second));
    struct str old = with_token("POST", path, first, "{" HI "}");
    struct str new = with_token("POST", path, second, "{" HI "}");
    CHECK_INT(exchange(old).status, 403);
    CHECK_INT(exchange(old).status, 403);
    CHECK_INT(exchange(new).status, 200);
    CHECK_INT(exchange(new).status, 403);
    teardown();
}

/* A number of the statistics of one endpoint. */
static int64_t stat_of(const char *endpoint, const char *member)
{
    struct jv *document;
    int64_t value = -1;
    struct answer a = call("GET", "/emulator/stats", "");
    CHECK(jv_parse(a.body, NULL, &document) == RC_OK);
    const struct jv *list = jv_get(document, "endpoints");
    for (size_t i = 0; i < jv_count(list); i++)
        if (str_eq(jv_get_str(jv_at(list, i), "name"), str_from_c(endpoint)))
            jv_int(jv_get(jv_at(list, i), member), &value);
    jv_free(document);
    return value;
}

TEST(leaving_clients_are_noticed)
{
    static const struct {
        const char *name;
        const char *until;
    } cases[] = {{"emu-delay-60000", ""}, {"emu-stall", ""},
        {"emu-stall-after-head", "HTTP/1.1 200"}, {"emu-speed-1", "data: "},
        {"emu-stall-midway", "finish_reason"}};
    setup();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct client c;
        struct str path = arena_printf(
            arena, "/serving-endpoints/%s/invocations", cases[i].name);
        client_open(&c, with_token("POST", arena_c_str(arena, path),
                            emulator_default_token(), STREAM));
        for (int turn = 0; turn < 5; turn++)
            client_turn(&c);
        CHECK(client_until(&c, cases[i].until));
        CHECK_INT(stat_of(cases[i].name, "live"), 1);
        CHECK_INT(stat_of(cases[i].name, "closed_by_client"), 0);
        client_close(&c);
        for (int turn = 0; turn < 5; turn++)
            loop_turn(loop, 0);
        CHECK_INT(stat_of(cases[i].name, "live"), 0);
        CHECK_INT(stat_of(cases[i].name, "closed_by_client"), 1);
        CHECK(stat_of(cases[i].name, "last_closed_ms") > 1'700'000'000'000);
    }
    teardown();
}

TEST(control_sets_the_next_calls)
{
    setup();
    struct answer a = call("POST", "/emulator/control",
        "{\"endpoint\":\"databricks-gpt-oss-120b\",\"fault\":\"error-429\","
        "\"times\":2}");
    CHECK_INT(a.status, 200);
    CHECK_INT(invoke("databricks-gpt-oss-120b", "{" HI "}").status, 429);
    CHECK_INT(invoke("databricks-claude-opus-5", "{" HI "}").status, 200);
    CHECK_INT(invoke("databricks-gpt-oss-120b", "{" HI "}").status, 429);
    CHECK_INT(invoke("databricks-gpt-oss-120b", "{" HI "}").status, 200);
    CHECK_INT(stat_of("databricks-gpt-oss-120b", "calls"), 3);
    call("POST", "/emulator/control",
        "{\"endpoint\":\"*\",\"first_token_ms\":60000}");
    int64_t began = clock_.now_ms;
    CHECK_INT(invoke("databricks-claude-opus-5", "{" HI "}").status, 200);
    CHECK(clock_.now_ms - began >= 60'000);
    teardown();
}

TEST(control_refuses_nonsense)
{
    static const char *const bodies[] = {"", "[]", "{}",
        "{\"endpoint\":\"nothing\"}",
        "{\"endpoint\":\"emu-crlf\",\"fault\":\"nothing\"}",
        "{\"endpoint\":\"emu-crlf\",\"fault\":7}",
        "{\"endpoint\":\"emu-crlf\",\"times\":-1}",
        "{\"endpoint\":\"emu-crlf\",\"tokens_per_second\":0}",
        "{\"endpoint\":\"emu-crlf\",\"first_token_ms\":\"x\"}",
        "{\"endpoint\":\"emu-crlf\",\"speed\":1}"};
    setup();
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
        CHECK_INT(call("POST", "/emulator/control", bodies[i]).status, 400);
    teardown();
}

TEST(stats_hold_no_text)
{
    setup();
    call("POST", CLAUDE, STREAM);
    struct answer a = call("GET", "/emulator/stats", "");
    CHECK(holds(a.body,
        "\"last_request\":{\"fields\":[\"messages\",\"stream\"],\"messages\":1,"
        "\"stream\":true}"));
    CHECK(!holds(a.body, "snow"));
    teardown();
}

TEST(emulator_can_be_freed_in_the_middle)
{
    static const char *const names[] = {
        "emu-speed-5", "emu-stall", "emu-stall-after-head", "emu-delay-5000"};
    struct client c[4];
    setup();
    for (size_t i = 0; i < 4; i++) {
        struct str path =
            arena_printf(arena, "/serving-endpoints/%s/invocations", names[i]);
        client_open(&c[i], with_token("POST", arena_c_str(arena, path),
                               emulator_default_token(), STREAM));
        for (int turn = 0; turn < 20; turn++) {
            client_turn(&c[i]);
            clock_manual_advance(&clock_, STEP_MS);
        }
    }
    teardown();
    for (size_t i = 0; i < 4; i++)
        client_close(&c[i]);
}

TEST(many_streams_at_once)
{
    enum { STREAMS = 200 };
    static struct client c[STREAMS];
    setup();
    for (size_t i = 0; i < STREAMS; i++)
        client_open(&c[i],
            with_token("POST", CLAUDE, emulator_default_token(), STREAM));
    for (size_t i = 0; i < STREAMS; i++) {
        client_finish(&c[i]);
        struct answer a = parse(&c[i]);
        CHECK(a.whole && str_ends_with(a.body, STR("data: [DONE]\n\n")));
        client_close(&c[i]);
    }
    CHECK_INT(stat_of("databricks-claude-sonnet-4-5", "finished"), STREAMS);
    teardown();
}

TEST(errors_come_in_every_shape)
{
    static const struct {
        const char *endpoint;
        int status;
        const char *part;
    } cases[] = {
        {"emu-guardrail-output", 400, "output_guardrail_triggered"},
        {"emu-guardrail-pii", 400, "<EMAIL_ADDRESS>"},
        {"emu-guardrail-named", 400, "input guardrail 'demo-safety'"},
        {"emu-scope-missing", 403, "required scopes: model-serving"},
        {"emu-budget-exhausted", 403, "budget"},
        {"emu-extra-inputs", 400, "Extra inputs"},
        {"emu-missing-parameter", 400, "Missing required"},
        {"emu-external-model-databricks", 400,
            "external_model_message\":{\"error_code"},
        {"emu-rate-limit-tokens", 429, "input tokens per minute"},
        {"emu-rate-limit-gateway", 429, "RATE_LIMIT_EXCEEDED"},
        {"emu-resource-exhausted", 429, "RESOURCE_EXHAUSTED"},
        {"emu-retry-info", 429, "\"retry_delay\":\"2s\""},
        {"emu-retry-date", 429, "RESOURCE_EXHAUSTED"},
        {"emu-openai-error", 500, "{\"error\":{\"message\""},
        {"emu-detail-error", 500, "{\"detail\":"},
        {"emu-old-error", 500, "{\"error\":\"Runtime"},
        {"emu-coded-text", 500, "INTERNAL_ERROR: the"},
        {"emu-title-502", 502, "<title>502 Bad Gateway"},
    };
    setup();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct answer a = invoke(cases[i].endpoint, STREAM);
        CHECK_INT(a.status, cases[i].status);
        CHECK(holds(a.body, cases[i].part));
        if (holds(a.head, "application/json")) {
            struct jv *document;
            CHECK(jv_parse(a.body, NULL, &document) == RC_OK);
            jv_free(document);
        }
    }
    struct answer a = invoke("emu-retry-date", STREAM);
    CHECK(holds(a.head, "retry-after: Tue, 14 Nov 2023 22:13:"));
    a = invoke("emu-retry-date", "{\"stream\":true}");
    CHECK_INT(a.status, 400);
    teardown();
}

#define TRACES "/api/3.0/mlflow/traces/"

TEST(traces_take_assessments)
{
    setup();
    struct answer a = invoke("databricks-weather-agent",
        "{" HI ",\"databricks_options\":{\"return_trace\":true}}");
    size_t at = str_find(a.body, STR("\"trace_id\":\"tr-"));
    CHECK(at < a.body.n);
    struct str id, rest, from = str_sub(a.body, at + 12, a.body.n);
    CHECK(str_cut(from, '"', &id, &rest));
    const char *place = arena_c_str(
        arena, arena_printf(arena, TRACES "%.*s/assessments", STR_ARG(id)));
    a = call("POST", place,
        "{\"assessment\":{\"assessment_name\":\"a\",\"source\":{"
        "\"source_type\":\"HUMAN\",\"source_id\":\"u\"},\"feedback\":{"
        "\"value\":true}}}");
    CHECK(a.status == 200 && holds(a.body, "\"assessment_id\":\"a-"));
    a = call("POST", place, "{\"assessment\":{\"assessment_name\":\"a\"}}");
    CHECK(a.status == 400 && holds(a.body, "INVALID_PARAMETER_VALUE"));
    a = call("GET", "/emulator/assessments", "");
    CHECK(holds(a.body, "\"feedback\":{\"value\":true}"));
    invoke("databricks-weather-agent", "{" HI "}");
    a = call("GET", TRACES "tr-none", "");
    CHECK(a.status == 404 && holds(a.body, "RESOURCE_DOES_NOT_EXIST"));
    teardown();
}

static struct answer as_person(
    const char *method, const char *path, const char *token, const char *body)
{
    return exchange(with_token(method, path, str_from_c(token), body));
}

TEST(tokens_of_people_have_scopes)
{
#define ANN "user-token:ann@example.com:"
    static const char me[] = "/api/2.0/preview/scim/v2/Me";
    setup();
    struct answer a = as_person("GET", me, ANN "genie", "");
    CHECK(a.status == 200 && holds(a.body, "\"userName\":\"ann@example.com\""));
    CHECK(!holds(a.body, "demo.user"));
    a = as_person("POST", CLAUDE, ANN "genie", "{" HI "}");
    CHECK(a.status == 403 && holds(a.body, "required scopes: model-serving"));
    a = as_person("POST", CLAUDE, ANN "genie,model-serving", "{" HI "}");
    CHECK_INT(a.status, 200);
    a = as_person("POST", CLAUDE, ANN, "{" HI "}");
    CHECK_INT(a.status, 403);
    a = as_person("GET", "/emulator/stats", ANN "model-serving", "");
    CHECK(a.status == 403 && holds(a.body, "required scopes: all-apis"));
    a = as_person("GET", "/emulator/stats", ANN "all-apis", "");
    CHECK_INT(a.status, 200);
    a = as_person("GET", me, "user-token:ann:genie", "");
    CHECK(a.status == 403 && holds(a.body, "Invalid access token."));
    teardown();
}

TEST(plain_server_has_errors_of_its_own)
{
    setup();
    struct answer a = call("GET", "/v1/models", "");
    CHECK(a.status == 200 && holds(a.body, "\"databricks-gpt-oss-120b\""));
    CHECK(!holds(a.body, "weather-agent") && !holds(a.body, "gte-large"));
    a = call("POST", "/v1/chat/completions",
        "{\"model\":\"databricks-gpt-oss-120b\"," HI "}");
    CHECK(a.status == 200 && holds(a.body, "\"chat.completion\""));
    a = call("POST", "/v1/chat/completions", "{\"model\":\"none\"," HI "}");
    CHECK(a.status == 404 && holds(a.body, "\"code\":\"model_not_found\""));
    a = call("POST", "/v1/chat/completions",
        "{\"model\":\"emu-error-429-retry-after\"," HI "}");
    CHECK(a.status == 429 && holds(a.head, "retry-after: 2"));
    CHECK(holds(a.body, "\"type\":\"rate_limit_exceeded\""));
    a = call("POST", "/v1/chat/completions", "{\"model\":\"emu-long\"}");
    CHECK(a.status == 400 && holds(a.body, "{\"error\":{\"message\""));
    a = exchange(request_text("GET", "/v1/models", "", ""));
    CHECK(a.status == 401 && holds(a.body, "authentication_error"));
    a = call("GET", "/v1/nothing", "");
    CHECK(a.status == 404 && !holds(a.body, "error_code"));
    a = call(
        "POST", "/v1/chat/completions", "{\"model\":\"emu-text-503\"," HI "}");
    CHECK(a.status == 503 && holds(a.body, "No webapps"));
    teardown();
}
