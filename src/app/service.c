#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include "app/service.h"

enum { FIRST_PASSED_FD = 3 };

struct service_watchdog {
    struct loop_timer *timer;
    int64_t every_ms;
    bool (*alive)(void *ctx);
    void *ctx;
};

/* A whole number of the environment; 0 when it is absent or none. */
static int64_t number_of(const char *name)
{
    const char *text = getenv(name);
    int64_t n;
    if (text == NULL ||
        num_parse_i64(str_from_c(text), 0, INT64_MAX, &n) != RC_OK)
        return 0;
    return n;
}

/* A variable may have been meant for the process that started this one. */
static bool meant_for_us(const char *pid_name)
{
    return getenv(pid_name) == NULL || number_of(pid_name) == getpid();
}

int service_socket(void)
{
    bool passed = getenv("LISTEN_PID") != NULL && meant_for_us("LISTEN_PID") &&
                  number_of("LISTEN_FDS") > 0;
    if (!passed)
        return 0;
    fcntl(FIRST_PASSED_FD, F_SETFD, FD_CLOEXEC);
    return FIRST_PASSED_FD;
}

void service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = path != NULL ? strlen(path) : 0;
    if (n < 2 || n >= sizeof(address.sun_path))
        return;
    memcpy(address.sun_path, path, n);
    if (path[0] == '@') /* the abstract namespace */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    sendto(fd, state, strlen(state), MSG_NOSIGNAL,
        (const struct sockaddr *)&address, size);
    close(fd);
}

static void on_time(void *ctx)
{
    struct service_watchdog *w = ctx;
    if (w->alive(w->ctx))
        service_notify("WATCHDOG=1");
    loop_timer_start(w->timer, w->every_ms);
}

struct service_watchdog *service_watchdog_new(
    struct loop *loop, bool (*alive)(void *ctx), void *ctx)
{
    int64_t allowed_us = number_of("WATCHDOG_USEC");
    if (allowed_us < 2000 || !meant_for_us("WATCHDOG_PID"))
        return NULL;
    struct service_watchdog *w = MEM_NEW(struct service_watchdog);
    w->every_ms = allowed_us / 2000;
    w->alive = alive;
    w->ctx = ctx;
    w->timer = loop_timer_new(loop, on_time, w);
    loop_timer_start(w->timer, w->every_ms);
    return w;
}

void service_watchdog_free(struct service_watchdog *w)
{
    if (w == NULL)
        return;
    loop_timer_free(w->timer);
    mem_free(w);
}
