#include <string.h>
#include <sys/socket.h>

#include "fixture.h"
#include "tap.h"

#define H "Host: x\r\n"

enum { ROUNDS = 3000, INPUT_MAX = 4096 };

/* Requests that are spoilt in many ways. */
static const char *const seeds[] = {
    "GET /hello HTTP/1.1\r\n" H "\r\n",
    "GET /items/7?a=b%20c HTTP/1.1\r\n" H "Cookie: a=b\r\n\r\n"
    "GET /q?name=x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "POST /echo HTTP/1.1\r\n" H "Content-Length: 11\r\n\r\nhello world"
    "GET /hello HTTP/1.1\r\n" H "\r\n",
    "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: v\r\n\r\n"
    "HEAD /hello HTTP/1.1\r\n" H "\r\n",
    "OPTIONS * HTTP/1.1\r\n" H "\r\nGET http://y/hello HTTP/1.1\r\n" H "\r\n",
    "POST /small HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
    "Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\n" H "\r\n",
};

/* Pieces that matter to a parser. */
static const char *const pieces[] = {"\r\n", "\n", "\r", " ", "\t", ":",
    "\r\n ", "0", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
    "Host: y\r\n", "%", "%00", "HTTP/1.1", "?", "#", "\x80", "\x7f", ",", ";",
    "fffffffff", "Connection: close\r\n", "GET ", "/"};

static size_t pick(size_t n)
{
    return (size_t)(tap_random() % n);
}

static void replace(struct buf *b, size_t at, size_t gone, struct str with)
{
    char tail[INPUT_MAX];
    if (at + gone > b->n)
        gone = b->n - at;
    size_t n = b->n - at - gone;
    if (b->n + with.n > INPUT_MAX)
        return;
    memcpy(tail, b->p + at + gone, n);
    b->n = at;
    buf_append(b, with);
    buf_append(b, (struct str){tail, n});
}

static void mutate(struct buf *b)
{
    char byte = (char)tap_random();
    struct str piece =
        str_from_c(pieces[pick(sizeof(pieces) / sizeof(*pieces))]);
    switch (pick(5)) {
    case 0:
        replace(b, pick(b->n + 1), 0, piece);
        break;
    case 1:
        replace(b, pick(b->n + 1), 1, (struct str){&byte, 1});
        break;
    case 2:
        replace(b, pick(b->n + 1), pick(8), (struct str){0});
        break;
    case 3:
        replace(b, pick(b->n + 1), pick(4), piece);
        break;
    default:
        b->n = pick(b->n + 1);
    }
}

static void make_input(struct buf *b)
{
    buf_clear(b);
    buf_append(b, str_from_c(seeds[pick(sizeof(seeds) / sizeof(*seeds))]));
    for (size_t i = pick(4); i > 0; i--)
        mutate(b);
}

/* The ids differ from one answer to the next. */
static void remove_ids(struct buf *b)
{
    static const struct str name = {"X-Request-Id: ", 14};
    for (size_t at = 0; (at = str_find(buf_str(b), name)) < b->n;) {
        struct str rest = str_sub(buf_str(b), at, b->n);
        size_t n = str_find_char(rest, '\n');
        memmove(b->p + at, b->p + at + n, b->n - at - n);
        b->n -= n;
    }
}

/* Sends the input in pieces of at most `most` bytes, and all there is back. */
static void exchange(
    struct fixture *f, struct str input, size_t most, struct buf *ret)
{
    struct peer p;
    peer_open(&p, f);
    for (size_t at = 0; at < input.n;) {
        size_t n = most < INPUT_MAX ? 1 + pick(most) : input.n;
        peer_send(&p, str_sub(input, at, n));
        fixture_turn(f);
        at += n;
    }
    fixture_turn(f);
    shutdown(p.fd, SHUT_WR);
    peer_wait_end(&p);
    remove_ids(&p.got);
    buf_clear(ret);
    buf_append(ret, buf_str(&p.got));
    peer_close(&p);
}

/* 100 Continue depends on whether the body was there already. */
static void remove_continue(struct buf *b)
{
    static const struct str line = {"HTTP/1.1 100 Continue\r\n\r\n", 25};
    size_t at = str_find(buf_str(b), line);
    if (at == b->n)
        return;
    memmove(b->p + at, b->p + at + line.n, b->n - at - line.n);
    b->n -= line.n;
}

TEST(answers_do_not_depend_on_how_the_input_is_cut)
{
    struct fixture f;
    struct buf input, whole, cut;
    buf_init(&input, INPUT_MAX);
    buf_init(&whole, 1 << 20);
    buf_init(&cut, 1 << 20);
    fixture_open(&f, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        make_input(&input);
        exchange(&f, buf_str(&input), INPUT_MAX, &whole);
        exchange(&f, buf_str(&input), 1 + pick(40), &cut);
        remove_continue(&whole);
        remove_continue(&cut);
        if (!str_eq(buf_str(&whole), buf_str(&cut)))
            tap_fail(__FILE__, __LINE__, "%.*s\n---\n%.*s\n---\n%.*s",
                STR_ARG(buf_str(&input)), STR_ARG(buf_str(&whole)),
                STR_ARG(buf_str(&cut)));
        CHECK_INT(http_server_active(f.server), 0);
    }
    buf_release(&input);
    buf_release(&whole);
    buf_release(&cut);
    fixture_close(&f);
}
