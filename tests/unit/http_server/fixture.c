#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "telemetry/log.h"

#include "fixture.h"
#include "tap.h"

static char big[BIG_SIZE];

static struct http_response text_response(struct str body)
{
    return (struct http_response){
        .status = 200, .content_type = STR("text/plain"), .body = body};
}

static void respond_text(struct http_request *r, struct str body)
{
    struct http_response response = text_response(body);
    http_respond(r, &response);
}

static void on_hello(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    respond_text(r, STR("hello"));
}

static void on_echo(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    respond_text(r, http_request_body(r));
}

static void on_item(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    respond_text(r, arena_printf(http_request_arena(r), "%s %.*s/%.*s",
                        http_request_route(r)->summary,
                        STR_ARG(http_request_param(r, "id")),
                        STR_ARG(http_request_param(r, "part"))));
}

static void on_query(struct http_request *r, void *ctx)
{
    struct str value = STR("(none)");
    ((struct fixture *)ctx)->calls++;
    http_request_query(r, "name", &value);
    respond_text(r, value);
}

static void on_gone(void *ctx)
{
    struct fixture *f = ctx;
    f->gone++;
    f->held = NULL;
}

static void on_later(struct http_request *r, void *ctx)
{
    struct fixture *f = ctx;
    f->calls++;
    f->held = r;
    if (str_eq(http_request_header(r, "Forgetful"), STR("")))
        http_request_on_gone(r, on_gone, f);
}

static void on_big(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    struct http_response response = text_response((struct str){big, BIG_SIZE});
    if (http_request_param(r, "kind").n == 6)
        response.body_life = HTTP_BODY_STATIC;
    http_respond(r, &response);
}

static void on_tricky(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    const struct http_header headers[] = {
        {STR("X-Bad"), STR("a\r\nSet-Cookie: b")},
        {STR("X-Bad: x"), STR("y")},
        {STR("ETag"), STR("\"e\"")},
        {STR("X-Nul"), {"a\0b", 3}},
    };
    struct http_response response = {.status = 304,
        .headers = headers,
        .header_count = 4,
        .body = STR("12345"),
        .omit_body = true};
    http_respond(r, &response);
}

static void on_about(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    respond_text(
        r, arena_printf(http_request_arena(r),
               "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s",
               STR_ARG(http_request_method(r)), STR_ARG(http_request_path(r)),
               STR_ARG(http_request_cookie(r, "b")),
               STR_ARG(http_request_media_type(r)),
               STR_ARG(http_request_header(r, "x-thing")),
               STR_ARG(http_request_id(r)), STR_ARG(http_request_peer(r))));
}

static enum http_pull pull(void *ctx, struct buf *out)
{
    struct test_source *s = ctx;
    s->pulls++;
    if (s->endless > 0) {
        char *p;
        CHECK(buf_reserve(out, s->endless, &p) == RC_OK);
        memset(p, 'x', s->endless);
        buf_commit(out, s->endless);
        s->given += s->endless;
        return HTTP_PULL_MORE;
    }
    buf_append(out, buf_str(&s->ready));
    s->given += s->ready.n;
    buf_clear(&s->ready);
    return s->end ? HTTP_PULL_END : HTTP_PULL_WAIT;
}

static void closed(void *ctx)
{
    struct test_source *s = ctx;
    s->closed++;
    s->stream = NULL;
}

void fixture_begin_stream(struct fixture *f, struct http_request *r)
{
    const struct http_header header = {STR("Cache-Control"), STR("no-cache")};
    const struct http_response head = {.status = 200,
        .content_type = STR("text/event-stream"),
        .headers = &header,
        .header_count = 1};
    const struct http_source source = {pull, closed, &f->source};
    f->source.stream = http_stream_begin(r, &head, &source);
}

static void on_stream(struct http_request *r, void *ctx)
{
    struct fixture *f = ctx;
    f->calls++;
    fixture_begin_stream(f, r);
}

static bool before(
    struct http_request *r, const struct http_route *route, void *ctx)
{
    (void)ctx;
    if ((route->flags & 1) == 0 || http_request_header(r, "Key").n > 0)
        return true;
    struct http_response response = {.status = 401};
    http_respond(r, &response);
    return false;
}

static void on_error(struct http_request *r, int status, const char *code,
    const char *detail, struct str allow, void *ctx)
{
    struct fixture *f = ctx;
    f->errors++;
    CHECK(code[0] != '\0' && detail[0] != '\0');
    CHECK((allow.n > 0) == (status == 405));
    const struct http_header header = {STR("Allow"), allow};
    const struct http_response response = {.status = status,
        .content_type = STR("text/plain"),
        .headers = &header,
        .header_count = allow.n > 0,
        .body = str_from_c(code)};
    http_respond(r, &response);
}

static void fallback(struct http_request *r, void *ctx)
{
    ((struct fixture *)ctx)->calls++;
    respond_text(r, STR("page"));
}

static const struct http_route routes[] = {
    {"GET", "/hello", on_hello, "", 0, 0},
    {"POST", "/echo", on_echo, "", 0, 0},
    {"PUT", "/echo", on_echo, "", 0, 0},
    {"POST", "/small", on_echo, "", 10, 0},
    {"POST", "/large", on_echo, "", 1 << 22, 0},
    {"GET", "/items/{id}", on_item, "item", 0, 0},
    {"DELETE", "/items/{id}", on_item, "delete", 0, 0},
    {"GET", "/items/list", on_item, "list", 0, 0},
    {"GET", "/items/{id}/parts/{part}", on_item, "part", 0, 0},
    {"GET", "/items/{id}/parts/all", on_item, "parts", 0, 0},
    {"GET", "/slash/", on_hello, "", 0, 0},
    {"GET", "/q", on_query, "", 0, 0},
    {"GET", "/later", on_later, "", 0, 0},
    {"GET", "/big/{kind}", on_big, "", 0, 0},
    {"GET", "/tricky", on_tricky, "", 0, 0},
    {"GET", "/about", on_about, "", 0, 0},
    {"GET", "/stream", on_stream, "", 0, 0},
    {"GET", "/secret", on_hello, "", 0, 1},
};

void fixture_open(struct fixture *f, const struct http_server_limits *limits)
{
    memset(f, 0, sizeof(*f));
    for (size_t i = 0; i < BIG_SIZE; i++)
        big[i] = (char)('a' + i % 23);
    log_set_level(LOG_ERROR);
    clock_manual_init(&f->clock, 0, 1700000000 * INT64_C(1000000));
    CHECK(loop_new(&f->clock.clock, &f->loop) == RC_OK);
    struct http_server_config config = {.host = STR("127.0.0.1"),
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(*routes),
        .fallback = fallback,
        .before = before,
        .on_error = on_error,
        .ctx = f};
    if (limits != NULL)
        config.limits = *limits;
    CHECK(http_server_new(f->loop, &config, &f->server) == RC_OK);
    buf_init(&f->source.ready, 1 << 20);
    f->source.fixture = f;
}

void fixture_close(struct fixture *f)
{
    http_server_free(f->server);
    loop_free(f->loop);
    buf_release(&f->source.ready);
}

void fixture_turn(struct fixture *f)
{
    for (int i = 0; i < 4; i++)
        loop_turn(f->loop, 0);
}

void fixture_advance(struct fixture *f, int64_t ms)
{
    clock_manual_advance(&f->clock, ms);
    fixture_turn(f);
}

void peer_open(struct peer *p, struct fixture *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)http_server_port(f->server))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(p, 0, sizeof(*p));
    p->fixture = f;
    buf_init(&p->got, 256 << 20);
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(p->fd, (struct sockaddr *)&a, sizeof(a)) == 0);
    CHECK(fcntl(p->fd, F_SETFL, O_NONBLOCK) == 0);
}

void peer_close(struct peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    buf_release(&p->got);
}

void peer_send(struct peer *p, struct str data)
{
    for (int i = 0; i < WAIT_TURNS && data.n > 0; i++) {
        ssize_t n = send(p->fd, data.p, data.n, MSG_NOSIGNAL);
        if (n > 0)
            data = str_sub(data, (size_t)n, data.n);
        else if (errno != EAGAIN)
            return; /* the server has closed: the answer says why */
        loop_turn(p->fixture->loop, data.n > 0);
    }
}

void peer_read(struct peer *p)
{
    char data[65536];
    ssize_t n;
    while ((n = read(p->fd, data, sizeof(data))) > 0)
        CHECK(buf_append(&p->got, (struct str){data, (size_t)n}) == RC_OK);
    if (n == 0 || errno != EAGAIN)
        p->ended = true;
}

void peer_wait_end(struct peer *p)
{
    for (int i = 0; i < WAIT_TURNS && !p->ended; i++) {
        loop_turn(p->fixture->loop, i > 20);
        peer_read(p);
    }
    CHECK(p->ended);
}

void peer_wait_for(struct peer *p, struct str text)
{
    for (int i = 0; i < WAIT_TURNS && !str_contains(buf_str(&p->got), text);
         i++) {
        loop_turn(p->fixture->loop, i > 20);
        peer_read(p);
    }
    if (!str_contains(buf_str(&p->got), text))
        CHECK_STR(buf_str(&p->got), text);
}

int peer_status(const struct peer *p)
{
    int64_t status = 0;
    struct str got = buf_str(&p->got);
    if (!str_starts_with(got, STR("HTTP/1.1 ")) ||
        num_parse_i64(str_sub(got, 9, 3), 100, 599, &status) != RC_OK)
        return 0;
    return (int)status;
}

int peer_ask(struct peer *p, struct str data)
{
    peer_send(p, data);
    peer_wait_end(p);
    return peer_status(p);
}

struct str peer_body(const struct peer *p)
{
    struct str got = buf_str(&p->got);
    return str_sub(got, str_find(got, STR("\r\n\r\n")) + 4, got.n);
}

size_t peer_count(const struct peer *p, struct str text)
{
    struct str rest = buf_str(&p->got);
    size_t count = 0, at;
    while ((at = str_find(rest, text)) < rest.n) {
        rest = str_sub(rest, at + text.n, rest.n);
        count++;
    }
    return count;
}

void peer_reset(struct peer *p)
{
    struct linger hard = {.l_onoff = 1};
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(p->fd);
    p->fd = -1;
}

int ask(struct fixture *f, const char *text, struct buf *ret_all)
{
    struct peer p;
    peer_open(&p, f);
    int status = peer_ask(&p, str_from_c(text));
    if (ret_all != NULL) {
        buf_clear(ret_all);
        buf_append(ret_all, buf_str(&p.got));
    }
    peer_close(&p);
    return status;
}
