#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "telemetry/metrics.h"

#include "fixture.h"
#include "tap.h"

#define H "Host: x\r\n"
#define STREAM "GET /stream HTTP/1.1\r\n" H "\r\n"

static void begin(struct fixture *f, struct peer *p, struct str request)
{
    peer_open(p, f);
    peer_send(p, request);
    peer_wait_for(p, STR("\r\n\r\n"));
}

static void give(struct fixture *f, struct str data)
{
    buf_append(&f->source.ready, data);
    http_stream_wake(f->source.stream);
}

static void give_end(struct fixture *f)
{
    f->source.end = true;
    http_stream_wake(f->source.stream);
}

TEST(stream_sends_its_head_at_once)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM));
    CHECK_INT(peer_status(&p), 200);
    CHECK_INT(peer_count(&p, STR("Transfer-Encoding: chunked\r\n")), 1);
    CHECK_INT(peer_count(&p, STR("Content-Length")), 0);
    CHECK_INT(peer_count(&p, STR("Connection")), 0);
    CHECK_INT(peer_count(&p, STR("Cache-Control: no-cache\r\n")), 1);
    CHECK_INT(peer_body(&p).n, 0);
    CHECK_INT(http_server_active(f.server), 1);
    peer_close(&p);
    fixture_close(&f);
    CHECK_INT(f.source.closed, 1);
}

TEST(stream_joins_the_wakes_of_a_turn)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM));
    int pulls = f.source.pulls;
    give(&f, STR("one "));
    give(&f, STR("two"));
    http_stream_wake(f.source.stream);
    CHECK_INT(f.source.pulls, pulls);
    peer_wait_for(&p, STR("two\r\n"));
    CHECK_STR(peer_body(&p), STR("7\r\none two\r\n"));
    CHECK_INT(f.source.pulls, pulls + 1);
    http_stream_wake(f.source.stream);
    fixture_turn(&f);
    peer_read(&p);
    CHECK_STR(peer_body(&p), STR("7\r\none two\r\n"));
    give(&f, STR("three"));
    give_end(&f);
    peer_wait_for(&p, STR("\r\n0\r\n\r\n"));
    CHECK_STR(peer_body(&p), STR("7\r\none two\r\n5\r\nthree\r\n0\r\n\r\n"));
    CHECK_INT(f.source.closed, 1);
    CHECK_INT(http_server_active(f.server), 0);
    peer_close(&p);
    fixture_close(&f);
    CHECK_INT(f.source.closed, 1);
}

TEST(stream_leaves_the_connection_open_for_the_next_request)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM "GET /hello HTTP/1.1\r\n" H "\r\n"));
    fixture_turn(&f);
    CHECK_INT(f.calls, 1);
    give_end(&f);
    peer_wait_for(&p, STR("0\r\n\r\nHTTP/1.1 200 OK"));
    peer_wait_for(&p, STR("hello"));
    CHECK_INT(f.calls, 2);
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_to_an_old_client_ends_with_the_connection)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(
        &f, &p, STR("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    CHECK_INT(peer_count(&p, STR("Transfer-Encoding")), 0);
    CHECK_INT(peer_count(&p, STR("Connection: close\r\n")), 1);
    give(&f, STR("plain"));
    give_end(&f);
    peer_wait_end(&p);
    CHECK_STR(peer_body(&p), STR("plain"));
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_asked_with_head_has_no_body)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(&f, &p, STR("HEAD /stream HTTP/1.1\r\n" H "\r\n"));
    CHECK_INT(f.source.closed, 1);
    CHECK_INT(f.source.pulls, 0);
    peer_send(&p, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    peer_wait_for(&p, STR("\r\n\r\nHTTP/1.1 200 OK"));
    peer_close(&p);
    fixture_close(&f);
}

/* Turns until the source is not asked any more. */
static void fill(struct fixture *f)
{
    int pulls = -1;
    while (pulls != f->source.pulls) {
        pulls = f->source.pulls;
        for (int i = 0; i < 50; i++)
            fixture_turn(f);
        CHECK(f->source.given < 64 << 20);
    }
}

TEST(stream_waits_for_a_slow_reader)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    f.source.endless = 65536;
    peer_open(&p, &f);
    peer_send(
        &p, STR("GET /stream HTTP/1.1\r\n" H "Connection: close\r\n\r\n"));
    fill(&f);
    int pulls = f.source.pulls;
    for (int i = 0; i < 100; i++)
        http_stream_wake(f.source.stream);
    fixture_turn(&f);
    CHECK_INT(f.source.pulls, pulls);
    /* What is not in the system's buffers is one piece at most. */
    size_t given = f.source.given;
    f.source.endless = 0;
    f.source.end = true;
    peer_wait_end(&p);
    struct str body = peer_body(&p);
    size_t received = 0;
    for (size_t i = 0; i < body.n; i++)
        received += body.p[i] == 'x';
    CHECK_INT(received, given);
    CHECK_INT(f.source.pulls, pulls + 1);
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_to_a_reader_that_stopped_is_cut)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    f.source.endless = 65536;
    peer_open(&p, &f);
    peer_send(&p, STR(STREAM));
    fill(&f);
    int64_t before = metrics_get(METRIC_HTTP_SLOW_READERS);
    fixture_advance(&f, 29999);
    CHECK_INT(f.source.closed, 0);
    for (int i = 0; i < 3 && f.source.closed == 0; i++)
        fixture_advance(&f, 30000);
    CHECK_INT(f.source.closed, 1);
    CHECK_INT(metrics_get(METRIC_HTTP_SLOW_READERS) - before, 1);
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_without_news_may_last)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM));
    fixture_advance(&f, 3600000);
    CHECK_INT(f.source.closed, 0);
    give(&f, STR("late"));
    peer_wait_for(&p, STR("late"));
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_sees_at_once_that_the_client_is_gone)
{
    for (int reset = 0; reset < 2; reset++) {
        struct fixture f;
        struct peer p;
        fixture_open(&f, NULL);
        begin(&f, &p, STR(STREAM));
        if (reset)
            peer_reset(&p);
        else
            peer_close(&p);
        for (int i = 0; i < WAIT_TURNS && f.source.closed == 0; i++)
            loop_turn(f.loop, 1);
        CHECK_INT(f.source.closed, 1);
        CHECK_INT(http_server_active(f.server), 0);
        if (reset)
            peer_close(&p);
        fixture_close(&f);
        CHECK_INT(f.source.closed, 1);
    }
}

TEST(stream_does_not_read_a_client_that_goes_on_sending)
{
    static char block[65536];
    struct fixture f;
    struct peer p;
    size_t sent = 0;
    ssize_t n;
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM));
    for (int quiet = 0; quiet < 20; quiet++) {
        while ((n = send(p.fd, block, sizeof(block), MSG_NOSIGNAL)) > 0) {
            sent += (size_t)n;
            CHECK(sent < 64 << 20);
        }
        CHECK(errno == EAGAIN);
        fixture_turn(&f);
    }
    give(&f, STR("still here"));
    peer_wait_for(&p, STR("still here"));
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_goes_on_while_the_server_stops)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM));
    http_server_stop_accepting(f.server);
    fixture_turn(&f);
    CHECK_INT(http_server_active(f.server), 1);
    give(&f, STR("to the end"));
    give_end(&f);
    peer_wait_end(&p);
    CHECK_STR(peer_body(&p), STR("a\r\nto the end\r\n0\r\n\r\n"));
    CHECK_INT(http_server_active(f.server), 0);
    peer_close(&p);
    fixture_close(&f);
}

TEST(stream_may_begin_after_the_client_has_left)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /later HTTP/1.1\r\n" H "Forgetful: yes\r\n\r\n"));
    for (int i = 0; i < WAIT_TURNS && f.held == NULL; i++)
        loop_turn(f.loop, 1);
    peer_close(&p);
    while (http_server_active(f.server) > 0)
        loop_turn(f.loop, 1);
    fixture_begin_stream(&f, f.held);
    http_stream_wake(f.source.stream);
    CHECK_INT(f.source.closed, 0);
    fixture_turn(&f);
    CHECK_INT(f.source.closed, 1);
    CHECK_INT(f.source.pulls, 0);
    fixture_close(&f);
}

/* Removes the chunked coding; what is broken fails the test. */
static void dechunk(struct str in, struct buf *out)
{
    for (;;) {
        struct str line, rest;
        char *end;
        CHECK(str_cut(in, '\n', &line, &rest));
        size_t size = strtoul(line.p, &end, 16);
        CHECK(*end == '\r' && size + 2 <= rest.n);
        CHECK_STR(str_sub(rest, size, 2), STR("\r\n"));
        if (size == 0)
            return;
        buf_append(out, str_sub(rest, 0, size));
        in = str_sub(rest, size + 2, rest.n);
    }
}

TEST(stream_loses_nothing_whatever_the_pieces)
{
    struct fixture f;
    struct peer p;
    struct buf sent, got;
    buf_init(&sent, 64 << 20);
    buf_init(&got, 64 << 20);
    fixture_open(&f, NULL);
    begin(&f, &p, STR(STREAM));
    for (int i = 0; i < 3000; i++) {
        char piece[4000];
        size_t n = tap_random() % sizeof(piece);
        memset(piece, 'a' + i % 26, n);
        if (f.source.ready.n + n < 1 << 20) {
            buf_append(&sent, (struct str){piece, n});
            give(&f, (struct str){piece, n});
        }
        if (tap_random() % 4 == 0)
            loop_turn(f.loop, 0);
        if (tap_random() % 50 == 0)
            peer_read(&p);
    }
    give_end(&f);
    peer_wait_for(&p, STR("\r\n0\r\n\r\n"));
    dechunk(peer_body(&p), &got);
    CHECK(str_eq(buf_str(&got), buf_str(&sent)));
    buf_release(&sent);
    buf_release(&got);
    peer_close(&p);
    fixture_close(&f);
}
