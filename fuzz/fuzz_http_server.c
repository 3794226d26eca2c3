#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http_server/http_server.h"
#include "loop/loop.h"
#include "telemetry/log.h"

/*
 * What a client may send: the first byte of the input says in how large
 * pieces the rest is sent. Whatever it is, the server must answer or close,
 * and forget the connection.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MAX_INPUT = 65536, MAX_TURNS = 10000 };

static struct clock_manual hands;
static struct loop *loop;
static struct http_server *server;

static void on_echo(struct http_request *r, void *)
{
    struct str value = {0};
    http_request_query(r, "name", &value);
    http_request_cookie(r, "c");
    const struct http_header headers[] = {
        {STR("X-Param"), http_request_param(r, "id")},
        {STR("X-Type"), http_request_media_type(r)}, {STR("X-Query"), value}};
    const struct http_response response = {.status = 200,
        .headers = headers,
        .header_count = 3,
        .body = http_request_body(r)};
    http_respond(r, &response);
}

static const struct http_route routes[] = {
    {"GET", "/a/{id}", on_echo, "", 0, 0},
    {"POST", "/a/{id}", on_echo, "", 1000, 0},
    {"PUT", "/a/b", on_echo, "", 0, 0},
};

static void start_server(void)
{
    const struct http_server_config config = {.host = STR("127.0.0.1"),
        .limits = {.head_bytes = 4096, .uri_bytes = 512, .headers = 20},
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(*routes)};
    log_set_level(LOG_ERROR);
    clock_manual_init(&hands, 0, 0);
    bool ok = loop_new(&hands.clock, &loop) == RC_OK &&
              http_server_new(loop, &config, &server) == RC_OK;
    assert(ok);
    (void)ok;
}

static int dial(void)
{
    struct linger hard = {.l_onoff = 1};
    struct sockaddr_in a = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)http_server_port(server))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        close(fd);
        return -1;
    }
    /* A reset leaves no port behind that waits. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void send_pieces(
    int fd, const unsigned char *data, size_t size, size_t piece)
{
    while (size > 0) {
        size_t n = size < piece ? size : piece;
        ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
        loop_turn(loop, 0);
        if (sent < 0 && errno != EAGAIN)
            return;
        data += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
}

/* Reads until the server has closed. */
static void read_answer(int fd)
{
    static char answer[65536];
    for (int i = 0; i < MAX_TURNS; i++) {
        ssize_t n = read(fd, answer, sizeof(answer));
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return;
        loop_turn(loop, n < 0);
    }
    abort(); /* it neither answers nor closes */
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0 || size > MAX_INPUT)
        return 0;
    if (server == NULL)
        start_server();
    int fd = dial();
    if (fd < 0)
        return 0;
    send_pieces(fd, data + 1, size - 1, data[0] < 250 ? data[0] + 1U : size);
    shutdown(fd, SHUT_WR);
    read_answer(fd);
    close(fd);
    assert(http_server_active(server) == 0);
    return 0;
}
