#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "telemetry/metrics.h"

#include "fixture.h"
#include "tap.h"

#define H "Host: x\r\n"
#define C "Host: x\r\nConnection: close\r\n"

/* n times c. */
static struct str repeat(char *space, char c, size_t n)
{
    memset(space, c, n);
    return (struct str){space, n};
}

static int ask_with(
    struct fixture *f, const char *before, size_t n, const char *after)
{
    static char space[1 << 18];
    struct peer p;
    CHECK(n <= sizeof(space));
    peer_open(&p, f);
    peer_send(&p, str_from_c(before));
    peer_send(&p, repeat(space, 'a', n));
    int status = peer_ask(&p, str_from_c(after));
    peer_close(&p);
    return status;
}

TEST(size_of_the_head_is_bounded)
{
    struct http_server_limits limits = {
        .head_bytes = 1000, .uri_bytes = 300, .headers = 5};
    struct fixture f;
    fixture_open(&f, &limits);
    int64_t before = metrics_get(METRIC_HTTP_TOO_LARGE);
    CHECK_INT(ask_with(&f, "GET /", 200, " HTTP/1.1\r\n" C "\r\n"), 200);
    CHECK_INT(
        ask_with(&f, "GET /hello HTTP/1.1\r\n" C "A: ", 800, "\r\n\r\n"), 200);
    CHECK_INT(metrics_get(METRIC_HTTP_TOO_LARGE) - before, 0);
    CHECK_INT(ask_with(&f, "GET /", 400, " HTTP/1.1\r\n" C "\r\n"), 414);
    CHECK_INT(ask_with(&f, "GET /", 200000, ""), 414);
    CHECK_INT(
        ask_with(&f, "GET /hello HTTP/1.1\r\n" C "A: ", 1000, "\r\n\r\n"), 431);
    CHECK_INT(ask_with(&f, "GET /hello HTTP/1.1\r\n" C "A", 200000, ""), 431);
    CHECK_INT(
        ask(&f, "GET /hello HTTP/1.1\r\n" C "A: 1\r\nB: 2\r\nC: 3\r\n\r\n",
            NULL),
        200);
    CHECK_INT(
        ask(&f,
            "GET /hello HTTP/1.1\r\n" C "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n",
            NULL),
        431);
    CHECK_INT(metrics_get(METRIC_HTTP_TOO_LARGE) - before, 5);
    fixture_close(&f);
}

TEST(size_of_the_body_is_bounded_by_server_and_route)
{
    struct http_server_limits limits = {.body_bytes = 100};
    struct fixture f;
    fixture_open(&f, &limits);
    int64_t before = metrics_get(METRIC_HTTP_TOO_LARGE);
#define POST(path, length)                                                     \
    "POST " path " HTTP/1.1\r\n" C "Content-Length: " length "\r\n\r\n"
    CHECK_INT(ask_with(&f, POST("/echo", "100"), 100, ""), 200);
    CHECK_INT(ask_with(&f, POST("/echo", "101"), 0, ""), 413);
    CHECK_INT(ask_with(&f, POST("/small", "10"), 10, ""), 200);
    CHECK_INT(ask_with(&f, POST("/small", "11"), 0, ""), 413);
    CHECK_INT(ask_with(&f, POST("/large", "200000"), 200000, ""), 200);
    CHECK_INT(ask_with(&f, POST("/large", "999999999999"), 10, ""), 413);
    CHECK_INT(f.calls, 3);
    CHECK_INT(metrics_get(METRIC_HTTP_TOO_LARGE) - before, 3);
    fixture_close(&f);
}

TEST(size_of_a_chunked_body_is_bounded)
{
    struct http_server_limits limits = {.body_bytes = 100};
    struct fixture f;
    fixture_open(&f, &limits);
#define CHUNKED "POST /echo HTTP/1.1\r\n" C "Transfer-Encoding: chunked\r\n\r\n"
    CHECK_INT(ask_with(&f, CHUNKED "64\r\n", 100, "\r\n0\r\n\r\n"), 200);
    CHECK_INT(ask_with(&f, CHUNKED "65\r\n", 101, ""), 413);
    CHECK_INT(ask_with(&f, CHUNKED "ffffff\r\n", 200000, ""), 413);
    /* Extensions and trailers count too, though nobody reads them. */
    CHECK_INT(ask_with(&f, CHUNKED "1;", 1000, "\r\nx\r\n0\r\n\r\n"), 200);
    CHECK_INT(ask_with(&f, CHUNKED "1;", 200000, ""), 400);
    CHECK_INT(ask_with(&f, CHUNKED "1\r\nx\r\n0\r\nA: ", 200000, ""), 400);
    CHECK_INT(f.calls, 2);
    fixture_close(&f);
}

TEST(refusal_reaches_a_client_that_goes_on_sending)
{
    static char block[65536];
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p,
        STR("POST /echo HTTP/1.1\r\n" H "Content-Length: 100000000\r\n\r\n"));
    for (int i = 0; i < 100; i++)
        peer_send(&p, (struct str){block, sizeof(block)});
    peer_wait_for(&p, STR("payload_too_large"));
    CHECK_INT(peer_status(&p), 413);
    CHECK_INT(f.calls, 0);
    peer_close(&p);
    fixture_close(&f);
}

TEST(expectation_is_answered_before_the_body_is_sent)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, STR("POST /echo HTTP/1.1\r\n" H
                      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    peer_wait_for(&p, STR("HTTP/1.1 100 Continue\r\n\r\n"));
    peer_send(&p, STR("abc"));
    peer_wait_for(&p, STR("\r\n\r\nabc"));
    CHECK_INT(peer_count(&p, STR("HTTP/1.1 ")), 2);
    CHECK_INT(
        peer_ask(&p, STR("POST /small HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
                         "Content-Length: 11\r\n\r\n")),
        100);
    CHECK_INT(peer_count(&p, STR("100 Continue")), 1);
    CHECK_INT(peer_count(&p, STR("413 ")), 1);
    peer_close(&p);
    fixture_close(&f);
}

/* ---- Deadlines ---- */

TEST(head_that_comes_byte_by_byte_is_cut)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    int64_t before = metrics_get(METRIC_HTTP_TIMEOUTS);
    static const char text[] = "GET /hello HTTP/1.1\r\nHost: x\r\n";
    for (size_t i = 0; i < 10; i++) {
        peer_send(&p, (struct str){text + i, 1});
        fixture_turn(&f);
        peer_read(&p);
        CHECK(!p.ended && p.got.n == 0);
        fixture_advance(&f, i < 9 ? 1000 : 999);
    }
    CHECK_INT(metrics_get(METRIC_HTTP_TIMEOUTS) - before, 0);
    fixture_advance(&f, 1);
    peer_wait_end(&p);
    CHECK_INT(peer_status(&p), 408);
    CHECK_INT(peer_count(&p, STR("Connection: close\r\n")), 1);
    CHECK_INT(metrics_get(METRIC_HTTP_TIMEOUTS) - before, 1);
    peer_close(&p);
    fixture_close(&f);
}

TEST(body_that_does_not_come_is_cut)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    int64_t before = metrics_get(METRIC_HTTP_TIMEOUTS);
    peer_send(
        &p, STR("POST /echo HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc"));
    fixture_turn(&f);
    fixture_advance(&f, 29999);
    peer_send(&p, STR("d"));
    peer_read(&p);
    CHECK(p.got.n == 0);
    fixture_advance(&f, 1);
    peer_wait_end(&p);
    CHECK_INT(peer_status(&p), 408);
    CHECK_INT(f.calls, 0);
    CHECK_INT(metrics_get(METRIC_HTTP_TIMEOUTS) - before, 1);
    peer_close(&p);
    fixture_close(&f);
}

TEST(idle_connection_is_closed_without_a_word)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    peer_wait_for(&p, STR("hello"));
    size_t n = p.got.n;
    fixture_advance(&f, 74999);
    peer_read(&p);
    CHECK(!p.ended);
    fixture_advance(&f, 1);
    peer_wait_end(&p);
    CHECK_INT(p.got.n, n);
    peer_close(&p);
    fixture_close(&f);
}

TEST(peer_that_takes_nothing_is_cut)
{
    static const char *const paths[] = {"GET /big/static HTTP/1.1\r\n" H "\r\n",
        "GET /big/copied HTTP/1.1\r\n" H "\r\n"};
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        struct peer p;
        fixture_open(&f, NULL);
        peer_open(&p, &f);
        int64_t before = metrics_get(METRIC_HTTP_SLOW_READERS);
        peer_send(&p, str_from_c(paths[i]));
        for (int k = 0; k < WAIT_TURNS && f.calls == 0; k++)
            loop_turn(f.loop, 1);
        fixture_advance(&f, 29999);
        CHECK_INT(http_server_active(f.server), 1);
        fixture_advance(&f, 1);
        for (int k = 0; k < 5 && http_server_active(f.server) > 0; k++)
            fixture_advance(&f, 30000);
        CHECK_INT(http_server_active(f.server), 0);
        CHECK_INT(metrics_get(METRIC_HTTP_SLOW_READERS) - before, 1);
        peer_wait_end(&p);
        CHECK(p.got.n < BIG_SIZE);
        peer_close(&p);
        fixture_close(&f);
    }
}

/* Two of the twelve megabytes in each 10 s: slow, but not dead. */
TEST(peer_that_takes_little_is_not_cut)
{
    enum { PIECE = 2 << 20 };
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /big/static HTTP/1.1\r\n" C "\r\n"));
    char *data = mem_alloc(PIECE);
    for (int i = 0; i < 10 && !p.ended; i++) {
        size_t taken = 0;
        for (int k = 0; k < WAIT_TURNS && taken < PIECE && !p.ended; k++) {
            ssize_t n = read(p.fd, data, PIECE - taken);
            p.ended |= n == 0;
            if (n > 0)
                buf_append(&p.got, (struct str){data, (size_t)n});
            taken += n > 0 ? (size_t)n : 0;
            loop_turn(f.loop, n < 0);
        }
        fixture_turn(&f);
        fixture_advance(&f, 10000);
    }
    mem_free(data);
    CHECK_INT(peer_body(&p).n, BIG_SIZE);
    peer_close(&p);
    fixture_close(&f);
}

/* ---- Connections ---- */

TEST(connections_are_bounded)
{
    struct http_server_limits limits = {.connections = 2};
    struct fixture f;
    struct peer p[3];
    fixture_open(&f, &limits);
    int64_t refused = metrics_get(METRIC_HTTP_CONNECTIONS_REFUSED);
    int64_t open = metrics_get(METRIC_HTTP_CONNECTIONS);
    for (size_t i = 0; i < 2; i++) {
        peer_open(&p[i], &f);
        peer_send(&p[i], STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
        peer_wait_for(&p[i], STR("hello"));
    }
    CHECK_INT(metrics_get(METRIC_HTTP_CONNECTIONS) - open, 2);
    peer_open(&p[2], &f);
    CHECK_INT(peer_ask(&p[2], (struct str){0}), 503);
    CHECK_INT(peer_count(&p[2], STR("X-Request-Id: ")), 1);
    CHECK_INT(metrics_get(METRIC_HTTP_CONNECTIONS_REFUSED) - refused, 1);
    peer_close(&p[2]);
    peer_close(&p[0]);
    for (int i = 0; i < WAIT_TURNS; i++)
        if (metrics_get(METRIC_HTTP_CONNECTIONS) - open > 1)
            loop_turn(f.loop, 1);
    CHECK_INT(ask(&f, "GET /hello HTTP/1.1\r\n" C "\r\n", NULL), 200);
    peer_close(&p[1]);
    fixture_close(&f);
    CHECK_INT(metrics_get(METRIC_HTTP_CONNECTIONS), open);
}

TEST(requests_of_a_connection_are_bounded)
{
    struct http_server_limits limits = {.requests_per_connection = 2};
    struct fixture f;
    struct peer p;
    fixture_open(&f, &limits);
    int64_t before = metrics_get(METRIC_HTTP_RECYCLED);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /hello HTTP/1.1\r\n" H "\r\n"
                      "GET /hello HTTP/1.1\r\n" H "\r\n"
                      "GET /hello HTTP/1.1\r\n" H "\r\n"));
    peer_wait_end(&p);
    CHECK_INT(peer_count(&p, STR("HTTP/1.1 200")), 2);
    CHECK_INT(peer_count(&p, STR("Connection: close\r\n")), 1);
    CHECK_INT(metrics_get(METRIC_HTTP_RECYCLED) - before, 1);
    peer_close(&p);
    fixture_close(&f);
}

static void hold_request(struct fixture *f, struct peer *p, const char *field)
{
    char text[200];
    int n = snprintf(
        text, sizeof(text), "GET /later HTTP/1.1\r\n" H "%s\r\n", field);
    peer_open(p, f);
    peer_send(p, (struct str){text, (size_t)n});
    for (int i = 0; i < WAIT_TURNS && f->held == NULL; i++)
        loop_turn(f->loop, 1);
    CHECK(f->held != NULL);
}

TEST(client_that_sends_on_while_it_waits_is_held_back)
{
    static char block[65536];
    struct fixture f;
    struct peer p;
    size_t sent = 0;
    ssize_t n;
    fixture_open(&f, NULL);
    hold_request(&f, &p, "");
    for (int quiet = 0; quiet < 20; quiet++) {
        while ((n = send(p.fd, block, sizeof(block), MSG_NOSIGNAL)) > 0) {
            sent += (size_t)n;
            CHECK(sent < 64 << 20);
        }
        CHECK(errno == EAGAIN);
        fixture_turn(&f);
    }
    CHECK_INT(f.gone, 0);
    peer_close(&p);
    fixture_close(&f);
}

TEST(handler_is_told_at_once_that_the_client_is_gone)
{
    for (int reset = 0; reset < 2; reset++) {
        struct fixture f;
        struct peer p;
        fixture_open(&f, NULL);
        hold_request(&f, &p, "");
        CHECK_INT(http_server_active(f.server), 1);
        if (reset)
            peer_reset(&p);
        else
            shutdown(p.fd, SHUT_WR);
        for (int i = 0; i < WAIT_TURNS && f.gone == 0; i++)
            loop_turn(f.loop, 1);
        CHECK_INT(f.gone, 1);
        CHECK_INT(http_server_active(f.server), 0);
        peer_close(&p);
        fixture_close(&f);
        CHECK_INT(f.gone, 1);
    }
}

TEST(handler_that_does_not_ask_may_answer_into_the_void)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    hold_request(&f, &p, "Forgetful: yes\r\n");
    peer_close(&p);
    for (int i = 0; i < WAIT_TURNS && http_server_active(f.server) > 0; i++)
        loop_turn(f.loop, 1);
    CHECK_INT(http_server_active(f.server), 0);
    CHECK_STR(http_request_path(f.held), STR("/later"));
    struct http_response response = {.status = 200};
    http_respond(f.held, &response);
    CHECK_INT(f.gone, 0);
    fixture_close(&f);
}

TEST(answer_reaches_a_client_that_has_closed_its_side)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, (struct str){0});
    CHECK(send(p.fd, "GET /big/copied HTTP/1.1\r\n" H "\r\n", 37, 0) == 37);
    shutdown(p.fd, SHUT_WR);
    peer_wait_end(&p);
    CHECK_INT(peer_status(&p), 200);
    CHECK_INT(peer_body(&p).n, BIG_SIZE);
    peer_close(&p);
    fixture_close(&f);
}

TEST(body_cut_by_its_client_is_forgotten)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(
        &p, STR("POST /echo HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc"));
    for (int i = 0; i < WAIT_TURNS && http_server_active(f.server) == 0; i++)
        loop_turn(f.loop, 1);
    CHECK_INT(http_server_active(f.server), 1);
    shutdown(p.fd, SHUT_WR);
    peer_wait_end(&p);
    CHECK_INT(p.got.n, 0);
    CHECK_INT(http_server_active(f.server), 0);
    peer_close(&p);
    fixture_close(&f);
}

TEST(large_bodies_arrive_whole)
{
    static const char *const requests[] = {"GET /big/static HTTP/1.1\r\n" C
                                           "\r\n",
        "GET /big/copied HTTP/1.1\r\n" C "\r\n"};
    struct fixture f;
    struct buf all;
    buf_init(&all, 16 << 20);
    fixture_open(&f, NULL);
    for (size_t k = 0; k < 2; k++) {
        CHECK_INT(ask(&f, requests[k], &all), 200);
        size_t at = str_find(buf_str(&all), STR("\r\n\r\n")) + 4;
        CHECK_INT(all.n - at, BIG_SIZE);
        for (size_t i = 0; i < BIG_SIZE; i++)
            CHECK(all.p[at + i] == (char)('a' + i % 23));
    }
    ask(&f, "HEAD /big/static HTTP/1.1\r\n" C "\r\n", &all);
    CHECK(str_contains(buf_str(&all), STR("Content-Length: 12000000\r\n")));
    CHECK(str_ends_with(buf_str(&all), STR("\r\n\r\n")));
    buf_release(&all);
    fixture_close(&f);
}

/* ---- Stopping ---- */

static bool port_refuses(int port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool refused = connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0;
    close(fd);
    return refused;
}

TEST(stopping_closes_idle_connections_and_finishes_the_others)
{
    struct fixture f;
    struct peer idle, busy;
    fixture_open(&f, NULL);
    int port = http_server_port(f.server);
    peer_open(&idle, &f);
    peer_send(&idle, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    peer_wait_for(&idle, STR("hello"));
    hold_request(&f, &busy, "");
    http_server_stop_accepting(f.server);
    peer_wait_end(&idle);
    CHECK(port_refuses(port));
    CHECK_INT(http_server_active(f.server), 1);
    struct http_response response = {.status = 200, .body = STR("done")};
    http_respond(f.held, &response);
    peer_wait_end(&busy);
    CHECK_STR(peer_body(&busy), STR("done"));
    CHECK_INT(peer_count(&busy, STR("Connection: close\r\n")), 1);
    CHECK_INT(http_server_active(f.server), 0);
    peer_close(&idle);
    peer_close(&busy);
    fixture_close(&f);
}

TEST(freeing_the_server_tells_who_waits)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    hold_request(&f, &p, "");
    fixture_close(&f);
    CHECK_INT(f.gone, 1);
    peer_close(&p);
}

TEST(server_says_why_it_cannot_listen)
{
    struct fixture f;
    struct http_server *s = NULL;
    fixture_open(&f, NULL);
    struct http_server_config config = {
        .host = STR("127.0.0.1"), .port = http_server_port(f.server)};
    CHECK(http_server_new(f.loop, &config, &s) == RC_CONFLICT);
    config.host = STR("localhost");
    CHECK(http_server_new(f.loop, &config, &s) == RC_INVALID);
    CHECK(s == NULL);
    fixture_close(&f);
}

TEST(server_without_error_handler_answers_plainly)
{
    struct fixture f;
    fixture_open(&f, NULL);
    http_server_free(f.server);
    struct http_server_config config = {.host = STR("127.0.0.1")};
    struct buf all;
    buf_init(&all, 4096);
    CHECK(http_server_new(f.loop, &config, &f.server) == RC_OK);
    CHECK_INT(ask(&f, "GET /x HTTP/1.1\r\n" C "\r\n", &all), 404);
    CHECK(str_contains(buf_str(&all), STR("application/problem+json")));
    CHECK(str_contains(buf_str(&all), STR("\"code\":\"not_found\"")));
    buf_release(&all);
    fixture_close(&f);
}
