#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "loop/tcp.h"

#include "tap.h"

enum { TURNS = 20000, TURN_MS = 100 };

/* A listener that accepts one connection, and the other end of it. */
struct pair {
    struct clock_manual clock;
    struct loop *loop;
    struct tcp_listener *listener;
    struct tcp_conn *conn;
    int peer;
    struct buf got;
    int ends;
    enum rc last_end;
    int drains;
    bool echo;
};

static void on_data(void *ctx, struct str data)
{
    struct pair *p = ctx;
    CHECK(buf_append(&p->got, data) == RC_OK);
    if (p->echo)
        tcp_conn_write(p->conn, &data, 1);
}

static void on_end(void *ctx, enum rc why)
{
    struct pair *p = ctx;
    p->ends++;
    p->last_end = why;
}

static void on_drain(void *ctx)
{
    struct pair *p = ctx;
    p->drains++;
}

static const struct tcp_handlers handlers = {on_data, on_end, on_drain};

static void on_accept(void *ctx, struct tcp_conn *conn)
{
    struct pair *p = ctx;
    CHECK(p->conn == NULL);
    p->conn = conn;
}

static enum rc listen_on(struct loop *loop, struct str host, int port,
    bool share, void *ctx, struct tcp_listener **ret)
{
    const struct tcp_address address = {host, port, share, 0};
    return tcp_listen(loop, &address, on_accept, ctx, ret);
}

static int dial(int port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return fd;
}

static void pair_open(struct pair *p)
{
    memset(p, 0, sizeof(*p));
    clock_manual_init(&p->clock, 0, 0);
    buf_init(&p->got, 64 << 20);
    CHECK(loop_new(&p->clock.clock, &p->loop) == RC_OK);
    CHECK(listen_on(p->loop, STR("127.0.0.1"), 0, false, p, &p->listener) ==
          RC_OK);
    p->peer = dial(tcp_listener_port(p->listener));
    while (p->conn == NULL)
        loop_turn(p->loop, TURN_MS);
    tcp_conn_start(p->conn, &handlers, p);
}

static void pair_close(struct pair *p)
{
    if (p->conn != NULL)
        tcp_conn_close(p->conn, false, 0);
    tcp_listener_free(p->listener);
    loop_free(p->loop);
    close(p->peer);
    buf_release(&p->got);
}

/* Reads what the peer has got into out; false at its end. */
static bool peer_read(struct pair *p, struct buf *out)
{
    char data[65536];
    ssize_t n;
    while ((n = read(p->peer, data, sizeof(data))) > 0)
        buf_append(out, (struct str){data, (size_t)n});
    return n < 0 && errno == EAGAIN;
}

TEST(tcp_echoes)
{
    struct pair p;
    struct buf back;
    buf_init(&back, 100);
    pair_open(&p);
    p.echo = true;
    CHECK_STR(tcp_conn_peer(p.conn), STR("127.0.0.1"));
    CHECK(write(p.peer, "hello", 5) == 5);
    for (int i = 0; i < TURNS && back.n < 5; i++) {
        loop_turn(p.loop, TURN_MS);
        CHECK(peer_read(&p, &back));
    }
    CHECK_STR(buf_str(&back), STR("hello"));
    CHECK_INT(p.drains, 0);
    CHECK_INT(tcp_conn_pending(p.conn), 0);
    buf_release(&back);
    pair_close(&p);
}

TEST(tcp_write_joins_parts_and_keeps_order_behind_a_slow_reader)
{
    struct pair p;
    struct buf sent, back;
    buf_init(&sent, 64 << 20);
    buf_init(&back, 64 << 20);
    pair_open(&p);
    while (tcp_conn_pending(p.conn) < 1 << 20) {
        char *to;
        struct str parts[40];
        for (size_t i = 0; i < 40; i++) {
            size_t n = tap_random() % 5000;
            CHECK(buf_reserve(&sent, n, &to) == RC_OK);
            memset(to, (int)(tap_random() & 127), n);
            buf_commit(&sent, n);
            parts[i] = (struct str){NULL, n};
        }
        size_t at = sent.n;
        for (size_t i = 40; i-- > 0;)
            parts[i].p = sent.p + (at -= parts[i].n);
        tcp_conn_write(p.conn, parts, 40);
    }
    for (int i = 0; i < TURNS && back.n < sent.n; i++) {
        loop_turn(p.loop, 0);
        CHECK(peer_read(&p, &back));
    }
    for (int i = 0; i < TURNS && p.drains == 0; i++)
        loop_turn(p.loop, TURN_MS);
    CHECK(str_eq(buf_str(&sent), buf_str(&back)));
    CHECK_INT(p.drains, 1);
    CHECK_INT(tcp_conn_pending(p.conn), 0);
    buf_release(&sent);
    buf_release(&back);
    pair_close(&p);
}

TEST(tcp_pause_holds_the_peer_back)
{
    static char block[65536];
    struct pair p;
    pair_open(&p);
    tcp_conn_pause(p.conn, true);
    size_t sent = 0;
    ssize_t n;
    while ((n = write(p.peer, block, sizeof(block))) > 0) {
        sent += (size_t)n;
        loop_turn(p.loop, 0);
        CHECK(sent < 64 << 20);
    }
    CHECK(n < 0 && errno == EAGAIN);
    CHECK_INT(p.got.n, 0);
    tcp_conn_pause(p.conn, false);
    for (int i = 0; i < TURNS && p.got.n < sent; i++)
        loop_turn(p.loop, TURN_MS);
    CHECK_INT(p.got.n, sent);
    pair_close(&p);
}

TEST(tcp_tells_that_the_peer_closed)
{
    struct pair p;
    pair_open(&p);
    CHECK(write(p.peer, "bye", 3) == 3);
    CHECK(shutdown(p.peer, SHUT_WR) == 0);
    for (int i = 0; i < TURNS && p.ends == 0; i++)
        loop_turn(p.loop, TURN_MS);
    CHECK_INT(p.ends, 1);
    CHECK(p.last_end == RC_CLOSED);
    CHECK_STR(buf_str(&p.got), STR("bye"));
    struct str answer = STR("and you");
    tcp_conn_write(p.conn, &answer, 1);
    tcp_conn_pause(p.conn, true);
    tcp_conn_pause(p.conn, false);
    loop_turn(p.loop, 0);
    CHECK_INT(p.ends, 1);
    struct buf back;
    buf_init(&back, 100);
    CHECK(peer_read(&p, &back));
    CHECK_STR(buf_str(&back), answer);
    buf_release(&back);
    pair_close(&p);
}

static void reset_peer(struct pair *p)
{
    struct linger hard = {.l_onoff = 1};
    setsockopt(p->peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(p->peer);
    p->peer = -1;
}

TEST(tcp_write_to_a_lost_peer_fails_once_and_later)
{
    struct pair p;
    pair_open(&p);
    tcp_conn_pause(p.conn, true);
    reset_peer(&p);
    struct str data = STR("nobody hears this");
    for (int i = 0; i < 5; i++) {
        tcp_conn_write(p.conn, &data, 1);
        tcp_conn_write(p.conn, &data, 1);
    }
    CHECK_INT(p.ends, 0);
    loop_turn(p.loop, 0);
    loop_turn(p.loop, 0);
    CHECK_INT(p.ends, 1);
    CHECK(p.last_end == RC_IO);
    tcp_conn_write(p.conn, &data, 1);
    loop_turn(p.loop, 0);
    CHECK_INT(p.ends, 1);
    pair_close(&p);
}

TEST(tcp_reset_is_seen_while_reading)
{
    struct pair p;
    pair_open(&p);
    reset_peer(&p);
    for (int i = 0; i < TURNS && p.ends == 0; i++)
        loop_turn(p.loop, TURN_MS);
    CHECK_INT(p.ends, 1);
    CHECK(p.last_end == RC_IO);
    pair_close(&p);
}

/* Fills what the system takes and more, then closes. */
static void write_and_close(struct pair *p, size_t n)
{
    char *data = mem_zalloc(n);
    struct str s = {data, n};
    tcp_conn_write(p->conn, &s, 1);
    mem_free(data);
    CHECK(tcp_conn_pending(p->conn) > 0);
    tcp_conn_close(p->conn, true, 2000);
    p->conn = NULL;
}

TEST(tcp_close_with_flush_delivers_although_input_is_unread)
{
    enum { N = 8 << 20 };
    struct pair p;
    struct buf back;
    buf_init(&back, N);
    pair_open(&p);
    tcp_conn_pause(p.conn, true);
    CHECK(write(p.peer, "unread", 6) == 6);
    write_and_close(&p, N);
    bool open = true;
    for (int i = 0; i < TURNS && open; i++) {
        loop_turn(p.loop, 0);
        open = peer_read(&p, &back);
        if (open)
            CHECK(write(p.peer, "more", 4) == 4 || errno == EAGAIN);
    }
    CHECK(!open);
    CHECK_INT(back.n, N);
    buf_release(&back);
    pair_close(&p);
}

TEST(tcp_close_gives_up_after_the_linger_time)
{
    struct pair p;
    struct buf back;
    buf_init(&back, 64 << 20);
    pair_open(&p);
    write_and_close(&p, 16 << 20);
    clock_manual_advance(&p.clock, 1999);
    for (int i = 0; i < 3; i++)
        loop_turn(p.loop, 0);
    clock_manual_advance(&p.clock, 1);
    for (int i = 0; i < 3; i++)
        loop_turn(p.loop, 0);
    for (int i = 0; i < TURNS && peer_read(&p, &back); i++)
        loop_turn(p.loop, TURN_MS);
    CHECK(back.n > 0 && back.n < 16 << 20);
    buf_release(&back);
    pair_close(&p);
}

TEST(tcp_connection_still_sending_is_dropped_with_its_loop)
{
    struct pair p;
    pair_open(&p);
    write_and_close(&p, 16 << 20);
    pair_close(&p);
}

TEST(tcp_listen_refuses_what_it_cannot)
{
    struct pair p;
    struct tcp_listener *l = NULL;
    pair_open(&p);
    int port = tcp_listener_port(p.listener);
    static const char *const bad[] = {"", "localhost", "1.2.3", "::g",
        "256.0.0.1", "203.0.113.77",
        "a name that is much longer than any numeric address can ever be"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(listen_on(p.loop, str_from_c(bad[i]), 0, false, &p, &l) ==
              RC_INVALID);
    CHECK(listen_on(p.loop, STR("127.0.0.1"), 65536, false, &p, &l) ==
          RC_INVALID);
    CHECK(listen_on(p.loop, STR("127.0.0.1"), port, false, &p, &l) ==
          RC_CONFLICT);
    CHECK(l == NULL);
    pair_close(&p);
}

TEST(tcp_listeners_share_a_port_when_asked)
{
    struct pair p;
    struct tcp_listener *a, *b;
    pair_open(&p);
    CHECK(listen_on(p.loop, STR("127.0.0.1"), 0, true, &p, &a) == RC_OK);
    CHECK(listen_on(p.loop, STR("127.0.0.1"), tcp_listener_port(a), true, &p,
              &b) == RC_OK);
    tcp_listener_free(a);
    tcp_listener_free(b);
    pair_close(&p);
}

TEST(tcp_ipv4_peer_of_an_ipv6_socket_has_its_own_name)
{
    struct pair p;
    pair_open(&p);
    tcp_conn_close(p.conn, false, 0);
    p.conn = NULL;
    struct tcp_listener *six;
    if (listen_on(p.loop, STR("::"), 0, false, &p, &six) == RC_OK) {
        int fd = dial(tcp_listener_port(six));
        while (p.conn == NULL)
            loop_turn(p.loop, TURN_MS);
        CHECK_STR(tcp_conn_peer(p.conn), STR("127.0.0.1"));
        tcp_listener_free(six);
        close(fd);
    }
    pair_close(&p);
}
