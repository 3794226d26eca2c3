#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "telemetry/metrics.h"

#include "fixture.h"
#include "tap.h"

#define H "Host: x\r\n"
#define C "Host: x\r\nConnection: close\r\n"

/* What must be refused, and how; NULs are written as '\1'. */
static const struct {
    const char *text;
    int status;
} malformed[] = {
    {"GET /hello HTTP/1.1\n" C "\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: x\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" C "\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\r\n" C "\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A: b\r\n\tc\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n " H "\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A : b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A\t: b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A b: c\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "Abc\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H ": b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A(b: c\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "\xc3\xa9: c\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A: b\1c\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A\1: c\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A: b\x02\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H "A: b\x7f\r\n\r\n", 400},
    {"GET /hel\1lo HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hel\tlo HTTP/1.1\r\n" H "\r\n", 400},
    {"GET\t/hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET  /hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello  HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello HTTP/1.1 \r\n" H "\r\n", 400},
    {" GET /hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello\r\n" H "\r\n", 400},
    {"GET /hello\r\n\r\n", 400},
    {"GET HTTP/1.1\r\n" H "\r\n", 400},
    {"/hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /he llo HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello HTTP/0.9\r\n" H "\r\n", 400},
    {"GET /hello HTTP/1.2\r\n" H "\r\n", 400},
    {"GET /hello HTTP/2.0\r\n" H "\r\n", 400},
    {"GET /hello HTTP/1.10\r\n" H "\r\n", 400},
    {"GET /hello HTTP/1\r\n" H "\r\n", 400},
    {"GET /hello http/1.1\r\n" H "\r\n", 400},
    {"GET /hello XTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello HTTP/1.1x\r\n" H "\r\n", 400},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03", 400},
    {"\r\n\r\n\r\n\r\n\r\n\r\nGET /hello HTTP/1.1\r\n" H "\r\n", 400},
    {"G(T /hello HTTP/1.1\r\n" H "\r\n", 400},
    {"G\xc3\xa9T /hello HTTP/1.1\r\n" H "\r\n", 400},
    {"BREW /hello HTTP/1.1\r\n" H "\r\n", 501},
    {"get /hello HTTP/1.1\r\n" H "\r\n", 501},
    {"CONNECT x:80 HTTP/1.1\r\n" H "\r\n", 501},
    {"CONNECT /hello HTTP/1.1\r\n" H "\r\n", 501},
    {"GET hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET * HTTP/1.1\r\n" H "\r\n", 400},
    {"GET x:80 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET ?a HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello#a HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hell\xc3\xb6 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET ftp://x/hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET http:///hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET http://a b/hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET http://u@x/hello HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/% HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/%4 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/%zz HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/%00 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/%ff HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/%c0%80 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /items/%ed%a0%80 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /q?name=%f HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /q?name=%fe HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /hello HTTP/1.1\r\nA: b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\n" H H "\r\n", 400},
    {"GET /hello HTTP/1.0\r\n" H "host: y\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: a:999999\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
    {"GET /hello HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n"
     "Content-Length: 3\r\n\r\nabc",
        400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3, 3\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: -3\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3 3\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length:\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: abc\r\n\r\nabc", 400},
    {"POST /echo HTTP/1.1\r\n" H
     "Content-Length: 99999999999999999999999\r\n\r\nabc",
        400},
    {"POST /echo HTTP/1.1\r\n" H
     "Content-Length: 18446744073709551619\r\n\r\nabc",
        400},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n"
     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        400},
    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
     "Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        400},
    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400},
    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\n\r\n", 501},
    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", 501},
    {"POST /echo HTTP/1.1\r\n" H
     "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        501},
    {"POST /echo HTTP/1.1\r\n" H
     "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        400},
    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        501},
    {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", 501},
    {"POST /echo HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400},
#define CHUNKED "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
    {CHUNKED "x\r\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "-3\r\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "+3\r\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED " 3\r\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "\r\n3\r\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "3\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "3\rabc\r\n0\r\n\r\n", 400},
    {CHUNKED "3;a\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "3;a=b\nabc\r\n0\r\n\r\n", 400},
    {CHUNKED "3\r\nabc\n0\r\n\r\n", 400},
    {CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400},
    {CHUNKED "3\r\nabc0\r\n\r\n", 400},
    {CHUNKED "3\r\nabc\r\n0\n\r\n", 400},
    {CHUNKED "3\r\nabc\r\n0\r\n\n", 400},
    {CHUNKED "3\r\nabc\r\n0\r\nA b\r\n\r\n", 400},
    {CHUNKED "3\r\nabc\r\n0\r\nA: b\n\r\n", 400},
    {CHUNKED "3\r\nabc\r\n0\r\nA: b\x01\r\n\r\n", 400},
    {CHUNKED "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", 400},
};

enum { MALFORMED = sizeof(malformed) / sizeof(*malformed) };

static struct str with_nuls(const char *text, char *space, size_t size)
{
    size_t n = strlen(text);
    CHECK(n < size);
    for (size_t i = 0; i < n; i++)
        space[i] = text[i] == '\1' ? '\0' : text[i];
    return (struct str){space, n};
}

static void check_refused(struct fixture *f, size_t i, bool by_byte)
{
    char space[1024];
    struct peer p;
    struct str text = with_nuls(malformed[i].text, space, sizeof(space));
    peer_open(&p, f);
    for (size_t at = 0; by_byte && at < text.n; at++)
        peer_send(&p, str_sub(text, at, 1));
    int status = peer_ask(&p, by_byte ? (struct str){0} : text);
    if (status != malformed[i].status || f->calls > 0)
        tap_fail(__FILE__, __LINE__, "row %zu: %d (calls %d) for %s", i, status,
            f->calls, malformed[i].text);
    CHECK_INT(peer_count(&p, STR("HTTP/1.1 ")), 1);
    CHECK_INT(peer_count(&p, STR("Connection: close\r\n")), 1);
    peer_close(&p);
}

TEST(malformed_requests_are_refused_and_the_connection_ends)
{
    struct fixture f;
    fixture_open(&f, NULL);
    int64_t before = metrics_get(METRIC_HTTP_BAD_REQUESTS);
    for (size_t i = 0; i < MALFORMED; i++)
        check_refused(&f, i, false);
    CHECK_INT(metrics_get(METRIC_HTTP_BAD_REQUESTS) - before, MALFORMED);
    fixture_close(&f);
}

TEST(malformed_requests_are_refused_when_they_come_byte_by_byte)
{
    struct fixture f;
    fixture_open(&f, NULL);
    for (size_t i = 0; i < MALFORMED; i++)
        check_refused(&f, i, true);
    fixture_close(&f);
}

/* ---- What must be understood ---- */

static const struct {
    const char *text;
    int status;
    const char *body;
} good[] = {
    {"GET /hello HTTP/1.1\r\n" C "\r\n", 200, "hello"},
    {"GET /hello HTTP/1.0\r\n\r\n", 200, "hello"},
    {"\r\n\r\nGET /hello HTTP/1.1\r\n" C "\r\n", 200, "hello"},
    {"GET /hello?x=1 HTTP/1.1\r\n" C "\r\n", 200, "hello"},
    {"GET /h%65llo HTTP/1.1\r\n" C "\r\n", 200, "hello"},
    {"GET http://other:80/hello HTTP/1.1\r\n" C "\r\n", 200, "hello"},
    {"GET HTTP://other HTTP/1.1\r\n" C "\r\n", 200, "page"},
    {"GET http://other?a HTTP/1.1\r\n" C "\r\n", 200, "page"},
    {"GET /hello HTTP/1.1\r\nhOST: [::1]:80\r\nConnection: close\r\n\r\n", 200,
        "hello"},
    {"GET /hello HTTP/1.1\r\nHost:x\r\nconnection:a, CLOSE \r\nEmpty:\r\n\r\n",
        200, "hello"},
    {"GET /hello HTTP/1.1\r\n" C "Upgrade: websocket\r\n"
     "Connection: upgrade\r\n\r\n",
        200, "hello"},
    {"GET /slash/ HTTP/1.1\r\n" C "\r\n", 200, "hello"},
    {"GET /slash HTTP/1.1\r\n" C "\r\n", 200, "page"},
    {"GET / HTTP/1.1\r\n" C "\r\n", 200, "page"},
    {"GET //hello HTTP/1.1\r\n" C "\r\n", 200, "page"},
    {"GET /items/7 HTTP/1.1\r\n" C "\r\n", 200, "item 7/"},
    {"GET /items/ HTTP/1.1\r\n" C "\r\n", 200, "page"},
    {"GET /items/list HTTP/1.1\r\n" C "\r\n", 200, "list /"},
    {"GET /items/a%20b%2Fc%c3%a9+ HTTP/1.1\r\n" C "\r\n", 200,
        "item a b/c\xc3\xa9+/"},
    {"DELETE /items/7 HTTP/1.1\r\n" C "\r\n", 200, "delete 7/"},
    {"GET /items/1/parts/2 HTTP/1.1\r\n" C "\r\n", 200, "part 1/2"},
    {"GET /items/1/parts/all HTTP/1.1\r\n" C "\r\n", 200, "parts 1/"},
    {"GET /q?name=a+b%26c&name=d HTTP/1.1\r\n" C "\r\n", 200, "a b&c"},
    {"GET /q?x&n%61me=y HTTP/1.1\r\n" C "\r\n", 200, "y"},
    {"GET /q?name HTTP/1.1\r\n" C "\r\n", 200, ""},
    {"GET /q?names=1 HTTP/1.1\r\n" C "\r\n", 200, "(none)"},
    {"GET /about?secret=1 HTTP/1.1\r\n" C
     "Cookie: a=1; b=two\r\nCookie: b=3\r\nX-Thing: \t v w \t\r\n"
     "Content-Type: Text/Plain ; charset=x\r\nX-Request-Id: id-1\r\n\r\n",
        200, "GET|/about|two|Text/Plain|v w|id-1|127.0.0.1"},
    {"GET /secret HTTP/1.1\r\n" C "\r\n", 401, ""},
    {"GET /secret HTTP/1.1\r\n" C "Key: k\r\n\r\n", 200, "hello"},
    {"POST /echo HTTP/1.1\r\n" C "Content-Length: 3\r\n\r\nabc", 200, "abc"},
    {"POST /echo HTTP/1.1\r\n" C "Content-Length: 0\r\n\r\n", 200, ""},
    {"POST /echo HTTP/1.1\r\n" C "Content-Length: 0003\r\n\r\nabc", 200, "abc"},
    {"POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"},
    {"POST /echo HTTP/1.1\r\n" C "\r\n", 200, ""},
    {"POST /echo HTTP/1.1\r\n" C "Transfer-Encoding: Chunked\r\n\r\n"
     "3\r\nabc\r\n0a;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n",
        200, "abc0123456789"},
    {"POST /echo HTTP/1.1\r\n" C "Upgrade: h2c\r\nConnection: upgrade\r\n"
     "Content-Length: 3\r\n\r\nabc",
        200, "abc"},
    {"POST /items/7 HTTP/1.1\r\n" C "\r\n", 405, "method_not_allowed"},
    {"DELETE /items/list HTTP/1.1\r\n" C "\r\n", 405, "method_not_allowed"},
    {"POST /nowhere HTTP/1.1\r\n" C "\r\n", 404, "not_found"},
    {"TRACE /nowhere HTTP/1.1\r\n" C "\r\n", 404, "not_found"},
    {"OPTIONS /nowhere HTTP/1.1\r\n" C "\r\n", 404, "not_found"},
    {"OPTIONS * HTTP/1.1\r\n" C "\r\n", 204, ""},
    {"OPTIONS /echo HTTP/1.1\r\n" C "\r\n", 204, ""},
    {"HEAD /hello HTTP/1.1\r\n" C "\r\n", 200, ""},
    {"HEAD / HTTP/1.1\r\n" C "\r\n", 200, ""},
};

enum { GOOD = sizeof(good) / sizeof(*good) };

TEST(requests_are_understood)
{
    struct fixture f;
    fixture_open(&f, NULL);
    for (size_t i = 0; i < GOOD; i++) {
        struct peer p;
        peer_open(&p, &f);
        int status = peer_ask(&p, str_from_c(good[i].text));
        if (status != good[i].status)
            tap_fail(__FILE__, __LINE__, "%d for %s", status, good[i].text);
        CHECK_STR(peer_body(&p), str_from_c(good[i].body));
        peer_close(&p);
    }
    fixture_close(&f);
}

/* The id would be a new one each time. */
static void remove_id(struct buf *b)
{
    struct str s = buf_str(b);
    size_t at = str_find(s, STR("X-Request-Id: "));
    size_t end = at + str_find_char(str_sub(s, at, s.n), '\n');
    if (at == s.n)
        return;
    memmove(b->p + at, b->p + end, b->n - end);
    b->n -= end - at;
}

TEST(requests_may_be_split_at_every_byte)
{
    struct fixture f;
    struct buf whole;
    buf_init(&whole, 4096);
    fixture_open(&f, NULL);
    for (size_t i = 0; i < GOOD; i++) {
        struct str text = str_from_c(good[i].text);
        ask(&f, good[i].text, &whole);
        remove_id(&whole);
        for (size_t at = 1; at < text.n; at++) {
            struct peer p;
            peer_open(&p, &f);
            peer_send(&p, str_sub(text, 0, at));
            loop_turn(f.loop, 0);
            peer_ask(&p, str_sub(text, at, text.n));
            remove_id(&p.got);
            CHECK_STR(buf_str(&p.got), buf_str(&whole));
            peer_close(&p);
        }
    }
    buf_release(&whole);
    fixture_close(&f);
}

TEST(pipelined_requests_are_answered_in_order)
{
    struct fixture f;
    struct peer p;
    struct buf text, expected;
    buf_init(&text, 1 << 20);
    buf_init(&expected, 1 << 20);
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    for (int i = 0; i < 500; i++)
        buf_printf(&text,
            i % 2 ? "GET /items/%d HTTP/1.1\r\n" H "\r\n"
                  : "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n%5d",
            i);
    peer_send(&p, buf_str(&text));
    peer_wait_for(&p, STR("item 499/"));
    CHECK_INT(peer_count(&p, STR("HTTP/1.1 200 OK")), 500);
    struct str rest = buf_str(&p.got);
    for (int i = 0; i < 500; i++) {
        buf_clear(&expected);
        buf_printf(&expected, i % 2 ? "\r\n\r\nitem %d/" : "\r\n\r\n%5d", i);
        size_t at = str_find(rest, buf_str(&expected));
        CHECK(at < rest.n);
        rest = str_sub(rest, at + expected.n, rest.n);
    }
    CHECK_INT(rest.n, 0);
    CHECK(!p.ended);
    peer_close(&p);
    buf_release(&text);
    buf_release(&expected);
    fixture_close(&f);
}

TEST(pipelined_request_waits_for_an_answer_that_comes_later)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /later HTTP/1.1\r\n" H "\r\n"
                      "GET /hello HTTP/1.1\r\n" H "\r\n"));
    for (int i = 0; i < WAIT_TURNS && f.held == NULL; i++)
        loop_turn(f.loop, 1);
    fixture_turn(&f);
    CHECK_INT(f.calls, 1);
    CHECK_INT(http_server_active(f.server), 1);
    struct http_response response = {.status = 201, .body = STR("at last")};
    http_respond(f.held, &response);
    peer_wait_for(&p, STR("hello"));
    CHECK_INT(peer_status(&p), 201);
    CHECK_INT(peer_count(&p, STR("at lastHTTP/1.1 200 OK")), 1);
    CHECK_INT(http_server_active(f.server), 0);
    CHECK_INT(f.gone, 0);
    peer_close(&p);
    fixture_close(&f);
}

TEST(what_follows_a_refused_request_is_not_looked_at)
{
    struct fixture f;
    struct peer p;
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    CHECK_INT(peer_ask(&p, STR("GET /hello HTTP/1.1\r\nBad Header: x\r\n\r\n"
                               "GET /hello HTTP/1.1\r\n" H "\r\n")),
        400);
    CHECK_INT(f.calls, 0);
    peer_close(&p);
    fixture_close(&f);
}

TEST(answers_say_whether_the_connection_stays)
{
    struct fixture f;
    struct buf all;
    struct peer p;
    buf_init(&all, 4096);
    fixture_open(&f, NULL);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    peer_wait_for(&p, STR("hello"));
    CHECK_INT(peer_count(&p, STR("Connection:")), 0);
    peer_send(&p, STR("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    peer_wait_for(&p, STR("Connection: keep-alive\r\n"));
    peer_send(&p, STR("GET /nothing HTTP/1.1\r\n" H "\r\n"));
    peer_wait_for(&p, STR("page"));
    peer_send(&p, STR("POST /nothing HTTP/1.1\r\n" H "\r\n"));
    peer_wait_for(&p, STR("not_found"));
    CHECK_INT(peer_count(&p, STR("Connection: close")), 0);
    CHECK_INT(peer_ask(&p, STR("GET /hello HTTP/1.0\r\n\r\n")), 200);
    CHECK_INT(peer_count(&p, STR("Connection: close")), 1);
    peer_close(&p);
    buf_release(&all);
    fixture_close(&f);
}

TEST(allow_lists_the_methods_of_the_path)
{
    struct fixture f;
    struct buf all;
    buf_init(&all, 4096);
    fixture_open(&f, NULL);
    ask(&f, "POST /items/7 HTTP/1.1\r\n" C "\r\n", &all);
    CHECK(str_contains(
        buf_str(&all), STR("Allow: GET, HEAD, DELETE, OPTIONS\r\n")));
    ask(&f, "OPTIONS /echo HTTP/1.1\r\n" C "\r\n", &all);
    CHECK(str_contains(buf_str(&all), STR("Allow: POST, PUT, OPTIONS\r\n")));
    CHECK(!str_contains(buf_str(&all), STR("Content-Length")));
    buf_release(&all);
    fixture_close(&f);
}

TEST(response_headers_cannot_be_split)
{
    struct fixture f;
    struct buf all;
    buf_init(&all, 4096);
    fixture_open(&f, NULL);
    CHECK_INT(ask(&f, "GET /tricky HTTP/1.1\r\n" C "\r\n", &all), 304);
    CHECK(!str_contains(buf_str(&all), STR("X-Bad")));
    CHECK(!str_contains(buf_str(&all), STR("X-Nul")));
    CHECK(!str_contains(buf_str(&all), STR("Set-Cookie")));
    CHECK(str_contains(buf_str(&all), STR("ETag: \"e\"\r\n")));
    CHECK(str_contains(buf_str(&all), STR("Content-Length: 5\r\n")));
    CHECK(str_ends_with(buf_str(&all), STR("\r\n\r\n")));
    CHECK(str_contains(
        buf_str(&all), STR("Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n")));
    buf_release(&all);
    fixture_close(&f);
}

TEST(request_id_of_a_proxy_is_kept_when_it_is_plain)
{
    struct fixture f;
    struct buf all;
    buf_init(&all, 4096);
    fixture_open(&f, NULL);
    ask(&f, "GET /hello HTTP/1.1\r\n" C "X-Request-Id: abc-1\r\n\r\n", &all);
    CHECK(str_contains(buf_str(&all), STR("X-Request-Id: abc-1\r\n")));
    ask(&f, "GET /hello HTTP/1.1\r\n" C "X-Request-Id: a b\r\n\r\n", &all);
    CHECK(!str_contains(buf_str(&all), STR("X-Request-Id: a b\r\n")));
    CHECK(str_contains(buf_str(&all), STR("X-Request-Id: ")));
    buf_release(&all);
    fixture_close(&f);
}
