#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../words.h"
#include "mark.h"
#include "socket.h"

/*
 * A model that speaks at a given pace. Every POST is answered with a stream of
 * chat.completion.chunk events; the text of each is "~<number>.<time>~": its
 * number from 0 and the moment it was sent in nanoseconds, so that whoever
 * reads it at the other end of a relay knows what is missing and how late it
 * is. Everything else is a 404.
 *
 *     model --port 0 --tokens 200 --every-us 50000 [--width 8]
 *
 * A token comes so often in each stream, 0: as fast as they are taken; width
 * is how long the text is at least. Prints its port.
 */
enum {
    MAX_REQUEST = 256 * 1024,
    MAX_FDS = 65536,
    SLOT_NS = 1000000, /* of the wheel of streams that are due */
    SLOTS = 4096,
    BURST = 64, /* tokens of a stream without a pace, before others go on */
    MAX_OUT = 16 * 1024,
};

struct stream {
    int fd;
    char *request; /* as far as it has come */
    size_t request_size;
    long sent; /* tokens; -1: no answer is being given */
    int64_t next_ns;
    struct stream *next; /* in its slot */
    bool waiting;        /* in a slot */
    bool blocked;        /* until the socket takes more */
    size_t out_size;
    char out[MAX_OUT];
};

static struct stream *streams[MAX_FDS];
static struct stream *wheel[SLOTS];
static int64_t turned_ns; /* slots before this time have been emptied */
static long tokens, width;
static int64_t every_ns;
static int poller;

static void wait_for_turn(struct stream *s)
{
    int64_t slot = s->next_ns / SLOT_NS;
    if (slot <= turned_ns / SLOT_NS)
        slot = turned_ns / SLOT_NS + 1;
    s->next = wheel[slot % SLOTS];
    wheel[slot % SLOTS] = s;
    s->waiting = true;
}

static void forget(struct stream *s)
{
    for (int i = 0; s->waiting && i < SLOTS; i++)
        for (struct stream **at = &wheel[i]; *at != NULL; at = &(*at)->next)
            if (*at == s) {
                *at = s->next;
                s->waiting = false;
                break;
            }
    streams[s->fd] = NULL;
    close(s->fd);
    free(s->request);
    free(s);
}

static void put_chunk(struct stream *s, const char *data, size_t n)
{
    s->out_size += (size_t)snprintf(
        s->out + s->out_size, MAX_OUT - s->out_size, "%zx\r\n", n);
    memcpy(s->out + s->out_size, data, n);
    s->out_size += n;
    memcpy(s->out + s->out_size, "\r\n", 2);
    s->out_size += 2;
}

static void put_token(struct stream *s)
{
    char event[512], text[128], word[BENCH_WORD_SIZE];
    bench_word(bench_rank(), word);
    int n = snprintf(text, sizeof(text), " %s~", word);
    n += mark_put(text + n, s->sent);
    text[n++] = '.';
    n += mark_put(text + n, now_ns());
    text[n++] = '~';
    while (n < width && n < 100)
        text[n++] = ' ';
    text[n] = '\0';
    n = snprintf(event, sizeof(event),
        "data: {\"id\":\"msg_bench\",\"object\":\"chat.completion.chunk\","
        "\"created\":1700000000,\"model\":\"bench\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}],\"usage\":{"
        "\"prompt_tokens\":9,\"completion_tokens\":%ld,\"total_tokens\":%ld}}"
        "\n\n",
        text, s->sent + 1, s->sent + 10);
    put_chunk(s, event, (size_t)n);
    s->sent++;
}

static void put_end(struct stream *s)
{
    static const char end[] =
        "data: {\"id\":\"msg_bench\",\"object\":\"chat.completion.chunk\","
        "\"created\":1700000000,\"model\":\"bench\",\"choices\":[{\"index\":0,"
        "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    put_chunk(s, end, sizeof(end) - 1);
    memcpy(s->out + s->out_size, "0\r\n\r\n", 5);
    s->out_size += 5;
    s->sent = -1;
}

/* Writes what there is; false when the stream is gone. */
static bool push_out(struct stream *s)
{
    ssize_t n = send(s->fd, s->out, s->out_size, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        forget(s);
        return false;
    }
    size_t taken = n < 0 ? 0 : (size_t)n;
    memmove(s->out, s->out + taken, s->out_size - taken);
    s->out_size -= taken;
    s->blocked = s->out_size > 0;
    return true;
}

/* Says what is due by now. */
static void speak(struct stream *s, int64_t now)
{
    for (int burst = 0; s->sent >= 0 && !s->blocked; burst++) {
        if (s->next_ns > now || burst == BURST) {
            wait_for_turn(s);
            return;
        }
        if (s->sent < tokens)
            put_token(s);
        else
            put_end(s);
        if (s->sent >= 0 && every_ns > 0)
            s->next_ns += every_ns;
        if (!push_out(s))
            return;
    }
}

/* Length of the body that a head announces; 0 without one. */
static size_t body_length(const char *head)
{
    const char *field = strcasestr(head, "\r\ncontent-length:");
    return field == NULL ? 0 : strtoul(field + 17, NULL, 10);
}

static void answer(struct stream *s, int64_t now)
{
    static const char stream[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    static const char none[] =
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}";
    bool asked = strncmp(s->request, "POST ", 5) == 0;
    const char *text = asked ? stream : none;
    memcpy(s->out, text, strlen(text));
    s->out_size = strlen(text);
    s->sent = asked ? 0 : -1;
    /* Not all at the same moment, as people do not ask at the same one. */
    s->next_ns = now + (every_ns > 0 ? s->fd * 7919 % every_ns : 0);
    if (push_out(s))
        speak(s, now);
}

/* The next request, once all of it is here. */
static void look_for_request(struct stream *s)
{
    char *end = s->request_size == 0 ? NULL : strstr(s->request, "\r\n\r\n");
    if (end == NULL || s->sent >= 0)
        return;
    size_t size = (size_t)(end + 4 - s->request) + body_length(s->request);
    if (s->request_size < size)
        return;
    answer(s, now_ns());
    if (size >= s->request_size) {
        s->request_size = 0;
        return;
    }
    memmove(s->request, s->request + size, s->request_size - size + 1);
    s->request_size -= size;
}

/* False when there is nothing more to read now. */
static bool read_some(struct stream *s)
{
    int fd = s->fd;
    ssize_t n = recv(
        fd, s->request + s->request_size, MAX_REQUEST - 1 - s->request_size, 0);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        forget(s);
        return false;
    }
    s->request_size += (size_t)n;
    s->request[s->request_size] = '\0';
    look_for_request(s);
    return streams[fd] == s;
}

static void read_request(struct stream *s)
{
    if (s->request == NULL)
        s->request = malloc(MAX_REQUEST);
    while (read_some(s))
        continue;
}

static void take_in(int listening)
{
    int fd;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MAX_FDS) {
            close(fd);
            continue;
        }
        struct stream *s = calloc(1, sizeof(*s));
        s->fd = fd;
        s->sent = -1;
        streams[fd] = s;
        struct epoll_event event = {
            .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static void on_ready(const struct epoll_event *event)
{
    struct stream *s = streams[event->data.fd];
    if (s != NULL && (event->events & EPOLLOUT) != 0 && s->blocked &&
        push_out(s))
        speak(s, now_ns());
    s = streams[event->data.fd];
    if (s != NULL && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        read_request(s);
}

/* Lets all speak whose time has come. */
static void turn(void)
{
    int64_t now = now_ns();
    while (turned_ns + SLOT_NS <= now) {
        turned_ns += SLOT_NS;
        struct stream **slot = &wheel[turned_ns / SLOT_NS % SLOTS];
        struct stream *due = *slot;
        *slot = NULL;
        while (due != NULL) {
            struct stream *s = due;
            due = s->next;
            s->waiting = false;
            speak(s, now);
        }
    }
}

int main(int argc, char **argv)
{
    int port = (int)number_option(argc, argv, "--port", 0);
    tokens = number_option(argc, argv, "--tokens", 200);
    width = number_option(argc, argv, "--width", 0);
    every_ns = number_option(argc, argv, "--every-us", 50000) * 1000;
    raise_descriptor_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    int listening = listen_on(&port);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
    epoll_ctl(poller, EPOLL_CTL_ADD, listening, &event);
    turned_ns = now_ns() / SLOT_NS * SLOT_NS;
    printf("%d\n", port);
    fflush(stdout);
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(poller, events, 256, 1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listening)
                take_in(listening);
            else
                on_ready(&events[i]);
        }
        turn();
    }
}
