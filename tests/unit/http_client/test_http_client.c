#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "http_client/http_client.h"
#include "loop/loop.h"
#include "loop/tcp.h"
#include "telemetry/metrics.h"

#include "tap.h"

enum { TURNS = 5000, MAX_CONNS = 8 };

/* An upstream on the same loop that says what the test tells it to. */
struct upstream {
    struct tcp_listener *listener;
    struct upstream_conn {
        struct fixture *fixture;
        struct tcp_conn *tcp;
        struct buf got;
        bool ended;
    } conns[MAX_CONNS];
    size_t count;
};

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_client *client;
    struct upstream up;
    char url[64];
};

/* What one exchange has told. */
struct result {
    struct fixture *fixture;
    struct http_exchange *x;
    int heads;
    int status;
    struct buf body;
    int pieces;
    int dones;
    enum rc rc;
    char reason[200];
    char type[64];
    /* What the callbacks are to do. */
    bool cancel_in_head;
    bool cancel_in_data;
    bool cancel_in_done;
    bool pause_in_data;
    struct result *cancel_other;
    struct result *start_other;
    bool started; /* http_client_start has returned */
};

static void conn_data(void *ctx, struct str data)
{
    struct upstream_conn *c = ctx;
    buf_append(&c->got, data);
}

static void conn_end(void *ctx, enum rc)
{
    struct upstream_conn *c = ctx;
    c->ended = true;
}

static void conn_drain(void *)
{
}

static void on_accept(void *ctx, struct tcp_conn *tcp)
{
    static const struct tcp_handlers handlers = {
        conn_data, conn_end, conn_drain};
    struct fixture *f = ctx;
    CHECK(f->up.count < MAX_CONNS);
    struct upstream_conn *c = &f->up.conns[f->up.count++];
    c->fixture = f;
    c->tcp = tcp;
    buf_init(&c->got, 1 << 20);
    tcp_conn_start(tcp, &handlers, c);
}

static void fixture_open(struct fixture *f, size_t max_exchanges)
{
    memset(f, 0, sizeof(*f));
    clock_manual_init(&f->clock, 0, 0);
    CHECK(loop_new(&f->clock.clock, &f->loop) == RC_OK);
    const struct tcp_address address = {.host = STR("127.0.0.1")};
    CHECK(
        tcp_listen(f->loop, &address, on_accept, f, &f->up.listener) == RC_OK);
    snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d/path?q=1",
        tcp_listener_port(f->up.listener));
    struct http_client_config config = {
        .max_exchanges = max_exchanges, .user_agent = STR("tester/1")};
    CHECK(http_client_new(f->loop, &config, &f->client) == RC_OK);
}

static void upstream_close(struct upstream_conn *c)
{
    if (c->tcp != NULL)
        tcp_conn_close(c->tcp, true, 1000);
    c->tcp = NULL;
}

static void fixture_close(struct fixture *f)
{
    http_client_free(f->client);
    tcp_listener_free(f->up.listener);
    for (size_t i = 0; i < f->up.count; i++) {
        upstream_close(&f->up.conns[i]);
        buf_release(&f->up.conns[i].got);
    }
    loop_free(f->loop);
}

static void start_get(struct fixture *f, struct result *r);

static void on_head(void *ctx, struct http_exchange *x, int status)
{
    struct result *r = ctx;
    CHECK(r->started && x == r->x);
    r->heads++;
    r->status = status;
    struct str type = http_exchange_header(x, STR("content-TYPE"));
    snprintf(r->type, sizeof(r->type), "%.*s", STR_ARG(type));
    if (r->cancel_in_head)
        http_exchange_cancel(x);
}

static void on_data(void *ctx, struct str data)
{
    struct result *r = ctx;
    CHECK_INT(r->heads, 1);
    CHECK_INT(r->dones, 0);
    CHECK_INT(http_exchange_header(r->x, STR("content-type")).n, 0);
    r->pieces++;
    CHECK(buf_append(&r->body, data) == RC_OK);
    if (r->cancel_in_data)
        http_exchange_cancel(r->x);
    if (r->pause_in_data)
        http_exchange_pause(r->x, true);
    if (r->cancel_other != NULL)
        http_exchange_cancel(r->cancel_other->x);
    if (r->start_other != NULL)
        start_get(r->fixture, r->start_other);
    r->cancel_other = r->start_other = NULL;
}

static void on_done(void *ctx, enum rc rc, struct str reason)
{
    struct result *r = ctx;
    CHECK(r->started);
    r->dones++;
    r->rc = rc;
    snprintf(r->reason, sizeof(r->reason), "%.*s", STR_ARG(reason));
    if (r->cancel_in_done)
        http_exchange_cancel(r->x);
    if (r->start_other != NULL)
        start_get(r->fixture, r->start_other);
    r->start_other = NULL;
}

static const struct http_client_handlers handlers = {on_head, on_data, on_done};

static void result_init(struct result *r)
{
    memset(r, 0, sizeof(*r));
    buf_init(&r->body, 64 << 20);
}

static void start(struct fixture *f, struct result *r,
    const struct http_client_request *request)
{
    r->fixture = f;
    CHECK(http_client_start(f->client, request, &handlers, r, &r->x) == RC_OK);
    CHECK(r->heads == 0 && r->dones == 0);
    r->started = true;
}

static struct http_client_request get_request(struct fixture *f)
{
    return (struct http_client_request){
        .method = STR("GET"), .url = str_from_c(f->url)};
}

static void start_get(struct fixture *f, struct result *r)
{
    struct http_client_request request = get_request(f);
    start(f, r, &request);
}

#define UNTIL(f, condition)                                                    \
    do {                                                                       \
        for (int i_ = 0; i_ < TURNS && !(condition); i_++)                     \
            loop_turn((f)->loop, i_ > 20);                                     \
        CHECK(condition);                                                      \
    } while (0)

/* Some turns, for what must not happen. */
static void settle(struct fixture *f)
{
    for (int i = 0; i < 10; i++)
        loop_turn(f->loop, 1);
}

static bool has_request(const struct upstream_conn *c)
{
    return str_contains(buf_str(&c->got), STR("\r\n\r\n"));
}

/* Waits until connection i has a request, and answers it. */
static void answer(struct fixture *f, size_t i, struct str text)
{
    struct upstream_conn *c = &f->up.conns[i];
    UNTIL(f, f->up.count > i && has_request(c));
    tcp_conn_write(c->tcp, &text, 1);
}

TEST(client_sends_what_is_asked_and_nothing_else)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    const struct http_client_header headers[] = {
        {STR("X-One"), STR("1")}, {STR("X-Empty"), STR("")}};
    struct http_client_request request = get_request(&f);
    request.headers = headers;
    request.header_count = 2;
    start(&f, &r, &request);
    answer(&f, 0,
        STR("HTTP/1.1 200 OK\r\nContent-Type: a\r\nContent-Type: b/c\r\n"
            "Content-Length: 5\r\n\r\nhello"));
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_OK && r.reason[0] == '\0');
    CHECK_INT(r.status, 200);
    CHECK_STR(str_from_c(r.type), STR("b/c"));
    CHECK_STR(buf_str(&r.body), STR("hello"));
    struct buf expected;
    buf_init(&expected, 1000);
    buf_printf(&expected,
        "GET /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
        "User-Agent: tester/1\r\nAccept: */*\r\nX-One: 1\r\nX-Empty:\r\n\r\n",
        tcp_listener_port(f.up.listener));
    CHECK_STR(buf_str(&f.up.conns[0].got), buf_str(&expected));
    buf_release(&expected);
    buf_release(&r.body);
    fixture_close(&f);
}

static void check_body_request(
    const char *method, struct str body, bool typed, const char *length)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    const struct http_client_header header = {
        STR("content-type"), STR("application/json")};
    struct http_client_request request = get_request(&f);
    request.method = str_from_c(method);
    request.body = body;
    request.headers = &header;
    request.header_count = typed;
    start(&f, &r, &request);
    answer(&f, 0, STR("HTTP/1.1 204 No Content\r\n\r\n"));
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_OK);
    struct str got = buf_str(&f.up.conns[0].got);
    CHECK(str_starts_with(got, str_from_c(method)));
    CHECK(str_contains(got, str_from_c(length)));
    CHECK(!str_contains(got, STR("Expect")));
    CHECK_INT(str_contains(got, STR("ontent-")), length[0] != '\0');
    CHECK_INT(str_contains(got, STR("ype:")), typed);
    CHECK(str_ends_with(got, body));
    buf_release(&r.body);
    fixture_close(&f);
}

TEST(client_sends_bodies_with_any_method)
{
    static char large[100000];
    memset(large, 'x', sizeof(large));
    check_body_request("POST", STR("{}"), true, "Content-Length: 2\r\n");
    check_body_request("POST", STR(""), false, "Content-Length: 0\r\n");
    check_body_request("PUT", STR("a"), false, "Content-Length: 1\r\n");
    check_body_request("PATCH", STR("ab"), true, "Content-Length: 2\r\n");
    check_body_request("DELETE", STR(""), false, "");
    check_body_request("POST", (struct str){large, sizeof(large)}, true,
        "Content-Length: 100000\r\n");
}

TEST(client_delivers_chunks_as_they_come_and_keeps_the_connection)
{
    struct fixture f;
    struct result r, again;
    fixture_open(&f, 0);
    result_init(&r);
    result_init(&again);
    start_get(&f, &r);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
    UNTIL(&f, r.heads == 1);
    CHECK_INT(r.pieces, 0);
    answer(&f, 0, STR("3\r\nabc\r\n"));
    UNTIL(&f, r.pieces == 1);
    CHECK_STR(buf_str(&r.body), STR("abc"));
    answer(&f, 0, STR("2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"));
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_OK);
    CHECK_STR(buf_str(&r.body), STR("abcde"));
    buf_clear(&f.up.conns[0].got);
    start_get(&f, &again);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz"));
    UNTIL(&f, again.dones == 1);
    CHECK_INT(f.up.count, 1);
    buf_release(&r.body);
    buf_release(&again.body);
    fixture_close(&f);
}

/* Answers, ends the connection, and what is made of it. */
static const struct {
    const char *name;
    const char *text;
    int status;
    const char *body;
    enum rc rc;
} endings[] = {
    {"error page",
        "HTTP/1.1 502 Bad\r\nContent-Type: text/html\r\n"
        "Content-Length: 6\r\n\r\n<html>",
        502, "<html>", RC_OK},
    {"redirect",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
        "Content-Length: 0\r\n\r\n",
        302, "", RC_OK},
    {"informational",
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        200, "a", RC_OK},
    {"until close", "HTTP/1.0 200 OK\r\n\r\nabc", 200, "abc", RC_OK},
    {"cut in a chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nab",
        200, "ab", RC_CLOSED},
    {"cut between chunks",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nab\r\n",
        200, "ab", RC_CLOSED},
    {"cut in a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 200,
        "abc", RC_CLOSED},
    {"no body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, "",
        RC_CLOSED},
    {"cut in the head", "HTTP/1.1 200 OK\r\nContent-Le", 0, "", RC_CLOSED},
    {"nothing", "", 0, "", RC_CLOSED},
    {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz",
        200, "", RC_CLOSED},
    {"not HTTP", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3 and more\r\n\r\n", 0,
        "", RC_IO},
};

TEST(client_tells_whole_answers_from_cut_ones)
{
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        struct fixture f;
        struct result r;
        fixture_open(&f, 0);
        result_init(&r);
        start_get(&f, &r);
        answer(&f, 0, str_from_c(endings[i].text));
        upstream_close(&f.up.conns[0]);
        UNTIL(&f, r.dones == 1);
        if (r.rc != endings[i].rc || r.status != endings[i].status)
            tap_fail(__FILE__, __LINE__, "%s: %s, %d, %s", endings[i].name,
                rc_name(r.rc), r.status, r.reason);
        CHECK_STR(buf_str(&r.body), str_from_c(endings[i].body));
        CHECK_INT(r.heads, r.status != 0);
        CHECK_INT(r.reason[0] == '\0', r.rc == RC_OK);
        buf_release(&r.body);
        fixture_close(&f);
    }
}

static void check_unreachable(struct fixture *f, const char *url)
{
    struct result r;
    result_init(&r);
    struct http_client_request request = get_request(f);
    request.url = str_from_c(url);
    start(f, &r, &request);
    UNTIL(f, r.dones == 1);
    CHECK(r.rc == RC_IO && r.reason[0] != '\0' && r.heads == 0);
    buf_release(&r.body);
}

TEST(client_reports_what_cannot_be_reached)
{
    struct fixture f;
    char url[64];
    fixture_open(&f, 0);
    int port = tcp_listener_port(f.up.listener);
    tcp_listener_free(f.up.listener);
    f.up.listener = NULL;
    settle(&f);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
    check_unreachable(&f, url);
    snprintf(url, sizeof(url), "https://localhost:%d/", port);
    check_unreachable(&f, url);
    check_unreachable(&f, "http://nowhere.invalid/");
    fixture_close(&f);
}

static void answer_clear_text(struct fixture *f, struct upstream_conn *c)
{
    struct str text = STR("HTTP/1.1 400 Bad\r\n\r\n");
    UNTIL(f, f->up.count > 0 && c->got.n > 0);
    tcp_conn_write(c->tcp, &text, 1);
}

TEST(client_reports_a_failed_tls_handshake)
{
    struct fixture f;
    struct result r;
    char url[64];
    fixture_open(&f, 0);
    result_init(&r);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/",
        tcp_listener_port(f.up.listener));
    struct http_client_request request = get_request(&f);
    request.url = str_from_c(url);
    start(&f, &r, &request);
    answer_clear_text(&f, &f.up.conns[0]);
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_IO && r.heads == 0);
    CHECK(strstr(r.reason, "SSL") != NULL);
    buf_release(&r.body);
    fixture_close(&f);
}

/* ---- Deadlines ---- */

static void advance(struct fixture *f, int64_t ms)
{
    clock_manual_advance(&f->clock, ms);
    settle(f);
}

TEST(client_waits_for_the_head_only_so_long)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    int64_t before = metrics_get(METRIC_UPSTREAM_CUT);
    struct http_client_request request = get_request(&f);
    request.connect_timeout_ms = 100;
    request.first_byte_timeout_ms = 500;
    request.idle_timeout_ms = 50;
    start(&f, &r, &request);
    answer(&f, 0, STR("HTTP/1.1 200"));
    advance(&f, 499);
    CHECK_INT(r.dones, 0);
    advance(&f, 1);
    CHECK_INT(r.dones, 1);
    CHECK(r.rc == RC_TIMEOUT && r.reason[0] != '\0');
    UNTIL(&f, f.up.conns[0].ended);
    CHECK_INT(metrics_get(METRIC_UPSTREAM_CUT) - before, 1);
    buf_release(&r.body);
    fixture_close(&f);
}

TEST(client_ends_an_answer_that_stalls_unless_it_is_paused)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    struct http_client_request request = get_request(&f);
    request.first_byte_timeout_ms = 500;
    request.idle_timeout_ms = 100;
    start(&f, &r, &request);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
    UNTIL(&f, r.heads == 1);
    for (int i = 1; i <= 5; i++) {
        advance(&f, 99);
        answer(&f, 0, STR("a"));
        UNTIL(&f, r.pieces == i);
    }
    http_exchange_pause(r.x, true);
    advance(&f, 10000);
    CHECK_INT(r.dones, 0);
    http_exchange_pause(r.x, false);
    advance(&f, 99);
    CHECK_INT(r.dones, 0);
    advance(&f, 1);
    CHECK_INT(r.dones, 1);
    CHECK(r.rc == RC_TIMEOUT);
    buf_release(&r.body);
    fixture_close(&f);
}

TEST(client_ends_an_answer_that_never_ends)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    struct http_client_request request = get_request(&f);
    request.idle_timeout_ms = 100;
    request.total_timeout_ms = 450;
    start(&f, &r, &request);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\n\r\n"));
    for (int i = 1; i <= 5; i++) {
        answer(&f, 0, STR("a"));
        UNTIL(&f, r.pieces == i);
        advance(&f, 89);
    }
    CHECK_INT(r.dones, 0);
    advance(&f, 5);
    CHECK_INT(r.dones, 1);
    CHECK(r.rc == RC_TIMEOUT);
    buf_release(&r.body);
    fixture_close(&f);
}

/* A listener whose queue is full lets connects hang. */
static int full_listener(int *ret_port, int clients[2])
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof(a);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 0) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
    for (int i = 0; i < 2; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(clients[i], (struct sockaddr *)&a, n);
    }
    *ret_port = ntohs(a.sin_port);
    return fd;
}

TEST(client_waits_for_a_connection_only_so_long)
{
    struct fixture f;
    struct result r;
    int port, clients[2], fd = full_listener(&port, clients);
    fixture_open(&f, 0);
    result_init(&r);
    struct http_client_request request = get_request(&f);
    snprintf(f.url, sizeof(f.url), "http://127.0.0.1:%d/", port);
    request.url = str_from_c(f.url);
    request.connect_timeout_ms = 100;
    request.first_byte_timeout_ms = 500;
    start(&f, &r, &request);
    advance(&f, 99);
    CHECK_INT(r.dones, 0);
    advance(&f, 1);
    CHECK_INT(r.dones, 1);
    CHECK(r.rc == RC_TIMEOUT);
    for (int i = 0; i < 2; i++)
        close(clients[i]);
    close(fd);
    buf_release(&r.body);
    fixture_close(&f);
}

/* ---- Bounds ---- */

TEST(client_cuts_an_answer_that_is_too_large)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    struct http_client_request request = get_request(&f);
    request.max_body = 5;
    start(&f, &r, &request);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\n\r\nabcde"));
    UNTIL(&f, r.body.n == 5);
    CHECK_INT(r.dones, 0);
    answer(&f, 0, STR("f"));
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_TOO_LARGE);
    CHECK_STR(buf_str(&r.body), STR("abcde"));
    buf_release(&r.body);
    fixture_close(&f);
}

static void check_big_head(const char *field, int times)
{
    struct fixture f;
    struct result r;
    struct buf head;
    fixture_open(&f, 0);
    result_init(&r);
    buf_init(&head, 1 << 20);
    buf_append(&head, STR("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i < times; i++)
        buf_printf(&head, "X-%d: %s\r\n", i, field);
    buf_append(&head, STR("\r\n"));
    start_get(&f, &r);
    answer(&f, 0, buf_str(&head));
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_TOO_LARGE && r.heads == 0);
    buf_release(&head);
    buf_release(&r.body);
    fixture_close(&f);
}

TEST(client_cuts_a_head_that_is_too_large)
{
    static char long_value[40000];
    memset(long_value, 'v', sizeof(long_value) - 1);
    check_big_head(long_value, 2);
    check_big_head("v", 201);
}

TEST(client_runs_only_so_many_at_once)
{
    struct fixture f;
    struct result r[3];
    fixture_open(&f, 2);
    for (size_t i = 0; i < 3; i++)
        result_init(&r[i]);
    start_get(&f, &r[0]);
    start_get(&f, &r[1]);
    struct http_client_request request = get_request(&f);
    int64_t before = metrics_get(METRIC_UPSTREAM_BUSY);
    CHECK(http_client_start(f.client, &request, &handlers, &r[2], &r[2].x) ==
          RC_BUSY);
    CHECK_INT(metrics_get(METRIC_UPSTREAM_BUSY) - before, 1);
    http_exchange_cancel(r[0].x);
    start_get(&f, &r[2]);
    for (size_t i = 0; i < 3; i++)
        buf_release(&r[i].body);
    fixture_close(&f);
}

TEST(client_refuses_what_is_no_request)
{
    static const char *const urls[] = {"", "/path", "ftp://127.0.0.1/",
        "file:///etc/passwd", "http://", "http://a b/", "http://a/\r\nX: y",
        "127.0.0.1", "http://127.0.0.1:99999/", "javascript:1"};
    const struct http_client_header headers[] = {{STR("A"), STR("b\r\nC: d")},
        {STR("A\n"), STR("b")}, {STR("A:B"), STR("c")}, {STR(""), STR("b")},
        {STR("A"), {"b\0c", 3}}};
    struct fixture f;
    struct http_exchange *x = NULL;
    fixture_open(&f, 1);
    struct http_client_request request = get_request(&f);
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        request.url = str_from_c(urls[i]);
        CHECK(http_client_start(f.client, &request, &handlers, NULL, &x) ==
              RC_INVALID);
    }
    request = get_request(&f);
    request.header_count = 1;
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        request.headers = &headers[i];
        CHECK(http_client_start(f.client, &request, &handlers, NULL, &x) ==
              RC_INVALID);
    }
    request = get_request(&f);
    request.method = STR("GET /x HTTP/1.1\r\nA:");
    CHECK(http_client_start(f.client, &request, &handlers, NULL, &x) ==
          RC_INVALID);
    CHECK(x == NULL);
    settle(&f);
    fixture_close(&f);
}

/* ---- Back-pressure and cancelling ---- */

TEST(client_holds_the_peer_back_while_paused)
{
    enum { N = 16 << 20 };
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    r.pause_in_data = true;
    start_get(&f, &r);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n"));
    char *data = mem_alloc(N);
    for (size_t i = 0; i < N; i++)
        data[i] = (char)(i % 251);
    answer(&f, 0, (struct str){data, N});
    UNTIL(&f, r.pieces == 1);
    settle(&f);
    CHECK_INT(r.pieces, 1);
    CHECK(r.body.n <= 65536);
    CHECK(tcp_conn_pending(f.up.conns[0].tcp) > N / 4);
    http_exchange_pause(r.x, false);
    CHECK_INT(r.pieces, 1);
    UNTIL(&f, r.pieces == 2);
    settle(&f);
    CHECK_INT(r.pieces, 2);
    r.pause_in_data = false;
    http_exchange_pause(r.x, false);
    UNTIL(&f, r.dones == 1);
    CHECK(r.rc == RC_OK);
    CHECK(str_eq(buf_str(&r.body), (struct str){data, N}));
    mem_free(data);
    buf_release(&r.body);
    fixture_close(&f);
}

static void check_silent_after_cancel(
    struct fixture *f, struct result *r, int heads, int pieces)
{
    settle(f);
    CHECK_INT(r->dones, 0);
    CHECK_INT(r->heads, heads);
    CHECK_INT(r->pieces, pieces);
    UNTIL(f, f->up.conns[0].ended);
    buf_release(&r->body);
    fixture_close(f);
}

#define WHOLE STR("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd")

TEST(client_is_silent_after_cancel_in_the_head)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    r.cancel_in_head = true;
    start_get(&f, &r);
    answer(&f, 0, WHOLE);
    UNTIL(&f, r.heads == 1);
    check_silent_after_cancel(&f, &r, 1, 0);
}

TEST(client_is_silent_after_cancel_in_the_data)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    r.cancel_in_data = true;
    start_get(&f, &r);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\n\r\nabc"));
    UNTIL(&f, r.pieces == 1);
    check_silent_after_cancel(&f, &r, 1, 1);
}

TEST(client_is_silent_after_cancel_while_waiting)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    start_get(&f, &r);
    UNTIL(&f, f.up.count == 1 && has_request(&f.up.conns[0]));
    http_exchange_cancel(r.x);
    check_silent_after_cancel(&f, &r, 0, 0);
}

TEST(client_is_silent_after_cancel_while_paused)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    r.pause_in_data = true;
    start_get(&f, &r);
    answer(&f, 0, STR("HTTP/1.1 200 OK\r\n\r\nabc"));
    UNTIL(&f, r.pieces == 1);
    answer(&f, 0, STR("def"));
    settle(&f);
    http_exchange_pause(r.x, false);
    http_exchange_cancel(r.x);
    check_silent_after_cancel(&f, &r, 1, 1);
}

TEST(client_never_sends_what_is_cancelled_at_once)
{
    struct fixture f;
    struct result r;
    fixture_open(&f, 0);
    result_init(&r);
    start_get(&f, &r);
    http_exchange_cancel(r.x);
    settle(&f);
    CHECK_INT(f.up.count, 0);
    CHECK_INT(r.dones, 0);
    buf_release(&r.body);
    fixture_close(&f);
}

TEST(client_callbacks_may_cancel_and_start_others)
{
    struct fixture f;
    struct result r[4];
    fixture_open(&f, 0);
    for (size_t i = 0; i < 4; i++)
        result_init(&r[i]);
    r[0].cancel_other = &r[1];
    r[0].start_other = &r[2];
    r[2].start_other = &r[3];
    r[0].cancel_in_done = true;
    start_get(&f, &r[0]);
    UNTIL(&f, f.up.count == 1 && has_request(&f.up.conns[0]));
    start_get(&f, &r[1]);
    UNTIL(&f, f.up.count == 2 && has_request(&f.up.conns[1]));
    answer(&f, 0, WHOLE);
    UNTIL(&f, r[0].dones == 1);
    UNTIL(&f, f.up.conns[1].ended);
    CHECK_INT(r[1].dones + r[1].heads, 0);
    buf_clear(&f.up.conns[0].got);
    UNTIL(&f, f.up.conns[0].got.n > 0 || f.up.count == 3);
    answer(&f, f.up.count == 3 ? 2 : 0, WHOLE);
    UNTIL(&f, r[2].pieces == 1 && r[2].dones == 1);
    CHECK(r[2].rc == RC_OK);
    CHECK(r[3].started);
    for (size_t i = 0; i < 4; i++)
        buf_release(&r[i].body);
    fixture_close(&f);
}

TEST(client_free_ends_what_runs)
{
    struct fixture f;
    struct result r[2];
    fixture_open(&f, 0);
    result_init(&r[0]);
    result_init(&r[1]);
    start_get(&f, &r[0]);
    UNTIL(&f, f.up.count == 1 && has_request(&f.up.conns[0]));
    start_get(&f, &r[1]);
    fixture_close(&f);
    CHECK_INT(r[0].dones + r[1].dones, 0);
    buf_release(&r[0].body);
    buf_release(&r[1].body);
}

/* ---- Several clients, each on its own loop and thread ---- */

static void many_requests(void *ctx)
{
    int *completed = ctx;
    struct fixture f;
    fixture_open(&f, 0);
    for (int i = 0; i < 50; i++) {
        struct result r;
        result_init(&r);
        start_get(&f, &r);
        answer(&f, 0, WHOLE);
        UNTIL(&f, r.dones == 1);
        buf_clear(&f.up.conns[0].got);
        *completed += r.rc == RC_OK;
        buf_release(&r.body);
    }
    fixture_close(&f);
}

TEST(clients_of_several_threads_do_not_meet)
{
    struct loop_thread *threads[3];
    int completed[3] = {0};
    for (size_t i = 0; i < 3; i++)
        CHECK(loop_thread_start("client", many_requests, &completed[i],
                  &threads[i]) == RC_OK);
    for (size_t i = 0; i < 3; i++) {
        loop_thread_join(threads[i]);
        CHECK_INT(completed[i], 50);
    }
}
