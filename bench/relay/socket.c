#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "socket.h"

static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    perror(what);
    exit(1);
}

int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int new_socket(void)
{
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(fd, "socket");
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)),
        "TCP_NODELAY");
    return fd;
}

int listen_on(int *port)
{
    struct sockaddr_in address = loopback(*port);
    socklen_t size = sizeof(address);
    int fd = new_socket();
    must(bind(fd, (struct sockaddr *)&address, size), "bind");
    must(listen(fd, SOMAXCONN), "listen");
    must(getsockname(fd, (struct sockaddr *)&address, &size), "getsockname");
    *port = ntohs(address.sin_port);
    return fd;
}

int connect_to(int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = new_socket();
    int done = connect(fd, (struct sockaddr *)&address, sizeof(address));
    if (done < 0 && errno != EINPROGRESS)
        must(done, "connect");
    return fd;
}

void raise_descriptor_limit(void)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

const char *option(
    int argc, char *const *argv, const char *name, const char *fallback)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return fallback;
}

long number_option(int argc, char *const *argv, const char *name, long fallback)
{
    const char *text = option(argc, argv, name, NULL);
    bool found = text != NULL;
    long number = 0;
    for (; text != NULL && *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return found ? number : fallback;
}
