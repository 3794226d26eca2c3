#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http_server/http_server.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "tap.h"

enum { WORKERS = 3, CLIENTS = 120 };

/* A server on a thread of its own; all share one port. */
struct worker {
    struct loop *loop;
    struct http_server *server;
    struct loop_thread *thread;
    int served;
};

static void on_request(struct http_request *r, void *ctx)
{
    struct worker *w = ctx;
    w->served++;
    const struct http_response response = {.status = 200, .body = STR("here")};
    http_respond(r, &response);
}

static const struct http_route routes[] = {{"GET", "/", on_request, "", 0, 0}};

static void run(void *ctx)
{
    struct worker *w = ctx;
    loop_run(w->loop);
}

static void worker_start(struct worker *w, int port)
{
    *w = (struct worker){0};
    const struct http_server_config config = {.host = STR("127.0.0.1"),
        .port = port,
        .share_port = true,
        .routes = routes,
        .route_count = 1,
        .ctx = w};
    CHECK(loop_new(clock_system(), &w->loop) == RC_OK);
    CHECK(http_server_new(w->loop, &config, &w->server) == RC_OK);
    CHECK(loop_thread_start("worker", run, w, &w->thread) == RC_OK);
}

static void worker_end(struct worker *w)
{
    loop_stop(w->loop);
    loop_thread_join(w->thread);
    http_server_free(w->server);
    loop_free(w->loop);
}

static bool ask(int port)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char got[1024];
    size_t n = 0;
    ssize_t more;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
    CHECK(write(fd, request, sizeof(request) - 1) > 0);
    while ((more = read(fd, got + n, sizeof(got) - n)) > 0)
        n += (size_t)more;
    close(fd);
    return str_starts_with((struct str){got, n}, STR("HTTP/1.1 200 OK\r\n")) &&
           str_ends_with((struct str){got, n}, STR("\r\n\r\nhere"));
}

TEST(workers_share_a_port_and_nothing_else)
{
    struct worker w[WORKERS];
    int served = 0, busy = 0;
    log_set_level(LOG_ERROR);
    worker_start(&w[0], 0);
    int port = http_server_port(w[0].server);
    for (size_t i = 1; i < WORKERS; i++)
        worker_start(&w[i], port);
    for (int i = 0; i < CLIENTS; i++)
        CHECK(ask(port));
    for (size_t i = 0; i < WORKERS; i++) {
        worker_end(&w[i]);
        served += w[i].served;
        busy += w[i].served > 0;
    }
    CHECK_INT(served, CLIENTS);
    CHECK(busy > 1);
}
