#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "socket.h"

/*
 * Asks for one document again and again, on several connections that are kept
 * open. Each answer must be a 200 with a length, as long as the first one was.
 *
 *     documents --port P --path /file --connections 8 --seconds 5
 *               [--header 'Name: value']
 *
 * One line of JSON says how many there were; the status is 1 when one was
 * wrong.
 */
enum { MAX_CONNECTIONS = 256, MAX_HEAD = 8192, READ_SIZE = 64 * 1024 };

struct asker {
    int fd;
    bool asking; /* the request is not sent yet */
    bool in_body;
    size_t head_size;
    size_t left; /* bytes of the body still to come */
    int64_t asked_ns;
    char head[MAX_HEAD];
};

static struct asker askers[MAX_CONNECTIONS];
static struct histogram times;
static char request[2048];
static int port, poller, request_size;
static long answers, wrong;
static size_t length;
static bool length_known;

static void start(struct asker *a)
{
    a->asking = true;
    a->in_body = false;
    a->head_size = 0;
    a->fd = connect_to(port);
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = a};
    epoll_ctl(poller, EPOLL_CTL_ADD, a->fd, &event);
}

static void ask(struct asker *a)
{
    a->asking = false;
    a->asked_ns = now_ns();
    if (send(a->fd, request, (size_t)request_size, MSG_NOSIGNAL) !=
        request_size)
        wrong++;
}

/* Looks at a whole head; false when it is not what it should be. */
static bool take_head(struct asker *a)
{
    const char *field = strcasestr(a->head, "\r\ncontent-length:");
    if (strncmp(a->head, "HTTP/1.1 200 ", 13) != 0 || field == NULL)
        return false;
    a->left = strtoul(field + 17, NULL, 10);
    if (length_known && a->left != length)
        return false;
    length = a->left;
    length_known = true;
    a->in_body = true;
    return true;
}

static void finish(struct asker *a)
{
    histogram_add(&times, now_ns() - a->asked_ns);
    answers++;
    a->in_body = false;
    a->head_size = 0;
    ask(a);
}

/* Takes n bytes of an answer. */
static void take(struct asker *a, const char *data, size_t n)
{
    for (size_t i = 0; i < n && wrong == 0;) {
        if (a->in_body) {
            size_t part = n - i < a->left ? n - i : a->left;
            a->left -= part;
            i += part;
        } else if (a->head_size + 1 < MAX_HEAD) {
            a->head[a->head_size++] = data[i++];
            a->head[a->head_size] = '\0';
            bool whole = a->head_size >= 4 &&
                         memcmp(a->head + a->head_size - 4, "\r\n\r\n", 4) == 0;
            if (whole && !take_head(a)) {
                fprintf(stderr, "documents: %s\n", a->head);
                wrong++;
            }
        } else {
            wrong++;
        }
        if (a->in_body && a->left == 0)
            finish(a);
    }
}

static void on_ready(struct asker *a, uint32_t events)
{
    static char data[READ_SIZE];
    if (a->asking && (events & EPOLLOUT) != 0)
        ask(a);
    for (;;) {
        ssize_t n = recv(a->fd, data, sizeof(data), 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) { /* so many requests a connection, then another one */
            close(a->fd);
            start(a);
            return;
        }
        take(a, data, (size_t)n);
    }
}

int main(int argc, char **argv)
{
    const char *header = option(argc, argv, "--header", "");
    long count = number_option(argc, argv, "--connections", 8);
    long seconds = number_option(argc, argv, "--seconds", 5);
    port = (int)number_option(argc, argv, "--port", 0);
    request_size = snprintf(request, sizeof(request),
        "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n",
        option(argc, argv, "--path", "/"), header, header[0] ? "\r\n" : "");
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (long i = 0; i < count && i < MAX_CONNECTIONS; i++)
        start(&askers[i]);
    int64_t until = now_ns() + seconds * INT64_C(1000000000);
    while (now_ns() < until && wrong == 0) {
        struct epoll_event events[MAX_CONNECTIONS];
        int n = epoll_wait(poller, events, MAX_CONNECTIONS, 10);
        for (int i = 0; i < n; i++)
            on_ready(events[i].data.ptr, events[i].events);
    }
    printf("{\"requests\": %ld, \"wrong\": %ld, \"length\": %zu, "
           "\"p50\": %.3f, \"p99\": %.3f}\n",
        answers, wrong, length, histogram_ms(&times, 0.5),
        histogram_ms(&times, 0.99));
    return wrong > 0 || answers == 0;
}
