#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"

/*
 * Many people who each ask once and read the answer, event by event. Between
 * them and the model (model.c) stands a relay; whatever envelope it uses, the
 * tokens "~<number>.<time>~" must all arrive, in order, once.
 *
 *     viewers --port P --path /chat-api/chat --body '{"session_id":"%s-%ld"...'
 *             --streams 1000 --tokens 200 --end 'event: done'
 *             [--header 'Name: value'] [--ramp-ms 1000] [--run NAME]
 *             [--read-every-ms 0] [--hold-ms 0]
 *
 * In the body %s is the run's name and %ld the number of the stream. With
 * --read-every-ms a viewer reads at most 4 KiB so often (a slow one).
 * --hold-ms ends the run after that time, whatever has come. One line of JSON
 * says what was seen; the status is 1 when a token was wrong or missing.
 *
 *     viewers --port P --get /path --streams 8 --seconds 5
 *
 * asks again and again for a small document instead.
 */
enum {
    BUCKETS_PER_OCTAVE = 64,
    OCTAVES = 40,
    MAX_SEEN = 64, /* of the text that ends a stream */
    READ_SIZE = 64 * 1024,
    SLOW_READ = 4096,
};

/* Times from 1 ns to 2^40 ns, each known to 1/64 of itself. */
struct histogram {
    unsigned long counts[OCTAVES][BUCKETS_PER_OCTAVE];
    unsigned long total;
};

enum mark_state { MARK_NONE, MARK_NUMBER, MARK_TIME };

/* Where in a chunked response the next byte is; all relays chunk. */
enum frame_state { FRAME_HEAD, FRAME_SIZE, FRAME_SIZE_END, FRAME_DATA };

struct viewer {
    int fd;
    long number;
    int64_t asked_ns;
    bool asking; /* the request is not sent yet */
    bool over;
    long next_token;
    enum frame_state frame;
    size_t head_seen;     /* bytes of the empty line that ends the head */
    size_t chunk;         /* bytes left of it, its line end included */
    enum mark_state mark; /* where in a token the last byte was */
    long token;
    int64_t time;
    size_t end_seen; /* bytes of the ending text that matched */
    int64_t next_read_ns;
};

static struct {
    const char *path, *body, *header, *end, *run;
    int port;
    long streams, tokens, ramp_ms, read_every_ms, hold_ms;
} how;

static struct viewer *viewers;
static int poller;
static long finished, wrong, tokens_seen, refused;
static struct histogram delays, firsts;

static void count(struct histogram *h, int64_t ns)
{
    if (ns < 1)
        ns = 1;
    int octave = 63 - __builtin_clzll((unsigned long long)ns);
    if (octave >= OCTAVES)
        octave = OCTAVES - 1;
    int64_t step = (INT64_C(1) << octave) / BUCKETS_PER_OCTAVE;
    int64_t bucket = step == 0 ? 0 : (ns - (INT64_C(1) << octave)) / step;
    if (bucket >= BUCKETS_PER_OCTAVE)
        bucket = BUCKETS_PER_OCTAVE - 1;
    h->counts[octave][bucket]++;
    h->total++;
}

/* In milliseconds; 0 of nothing. */
static double quantile(const struct histogram *h, double q)
{
    unsigned long want = (unsigned long)(q * (double)h->total), seen = 0;
    for (int o = 0; o < OCTAVES; o++)
        for (int b = 0; b < BUCKETS_PER_OCTAVE; b++) {
            seen += h->counts[o][b];
            if (seen > want)
                return (double)(INT64_C(1) << o) *
                       (1 + (b + 0.5) / BUCKETS_PER_OCTAVE) / 1e6;
        }
    return 0;
}

static void end(struct viewer *v)
{
    v->over = true;
    finished++;
    wrong += v->next_token != how.tokens;
    close(v->fd);
}

static void see_token(struct viewer *v, int64_t now)
{
    if (v->token == v->next_token)
        v->next_token++;
    else
        wrong++;
    if (v->token == 0)
        count(&firsts, now - v->asked_ns);
    count(&delays, now - v->time);
    tokens_seen++;
}

/* One byte of the answer, in whatever envelope. */
static void see(struct viewer *v, char c, int64_t now)
{
    bool digit = c >= '0' && c <= '9';
    if (v->mark == MARK_NUMBER && digit) {
        v->token = v->token * 10 + (c - '0');
    } else if (v->mark == MARK_NUMBER && c == '.') {
        v->mark = MARK_TIME;
        v->time = 0;
    } else if (v->mark == MARK_TIME && digit) {
        v->time = v->time * 10 + (c - '0');
    } else if (v->mark == MARK_TIME && c == '~') {
        v->mark = MARK_NONE;
        see_token(v, now);
    } else if (c == '~') {
        v->mark = MARK_NUMBER;
        v->token = 0;
    } else {
        v->mark = MARK_NONE;
    }
    if (c == how.end[v->end_seen])
        v->end_seen++;
    else
        v->end_seen = c == how.end[0];
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One byte of the response; what its chunks hold is looked at. */
static void unframe(struct viewer *v, char c, int64_t now)
{
    static const char head_end[] = "\r\n\r\n";
    switch (v->frame) {
    case FRAME_HEAD:
        v->head_seen = c == head_end[v->head_seen] ? v->head_seen + 1
                                                   : (size_t)(c == '\r');
        if (v->head_seen == sizeof(head_end) - 1)
            v->frame = FRAME_SIZE;
        break;
    case FRAME_SIZE:
        if (hex_value(c) >= 0) {
            v->chunk = v->chunk * 16 + (size_t)hex_value(c);
            break;
        }
        v->frame = FRAME_SIZE_END;
        break;
    case FRAME_SIZE_END:
        v->chunk += 2;
        v->frame = FRAME_DATA;
        break;
    case FRAME_DATA:
        v->chunk--;
        if (v->chunk >= 2)
            see(v, c, now);
        else if (v->chunk == 0)
            v->frame = FRAME_SIZE;
        break;
    }
}

/* False when nothing more is to be had now. */
static bool read_some(struct viewer *v, size_t limit)
{
    static char data[READ_SIZE];
    ssize_t n = recv(v->fd, data, limit, 0);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        end(v);
        return false;
    }
    int64_t now = now_ns();
    for (ssize_t i = 0; i < n; i++) {
        unframe(v, data[i], now);
        if (how.end[v->end_seen] == '\0') {
            end(v);
            return false;
        }
    }
    return limit == READ_SIZE;
}

static void ask(struct viewer *v)
{
    char body[2048], request[4096];
    /* The body's form is the caller's own. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int size = snprintf(body, sizeof(body), how.body, how.run, v->number);
#pragma GCC diagnostic pop
    int n = snprintf(request, sizeof(request),
        "POST %s HTTP/1.1\r\nHost: localhost\r\n%s%s"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        how.path, how.header, how.header[0] ? "\r\n" : "", size, body);
    v->asking = false;
    v->asked_ns = now_ns();
    if (send(v->fd, request, (size_t)n, MSG_NOSIGNAL) != n) {
        refused++;
        end(v);
    }
}

static void start(struct viewer *v, long number)
{
    v->number = number;
    v->asking = true;
    v->fd = connect_to(how.port);
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = (uint64_t)number};
    epoll_ctl(poller, EPOLL_CTL_ADD, v->fd, &event);
}

static void on_ready(const struct epoll_event *event)
{
    struct viewer *v = &viewers[event->data.u64];
    if (v->asking && (event->events & EPOLLOUT) != 0)
        ask(v);
    if (how.read_every_ms > 0 && !v->over)
        return; /* it reads when it is its time */
    while (!v->over && read_some(v, READ_SIZE))
        continue;
}

static void read_slowly(long started)
{
    int64_t now = now_ns();
    for (long i = 0; i < started; i++) {
        struct viewer *v = &viewers[i];
        if (v->over || v->asking || now < v->next_read_ns)
            continue;
        v->next_read_ns = now + how.read_every_ms * INT64_C(1000000);
        read_some(v, SLOW_READ);
    }
}

static void wait_a_moment(void)
{
    struct epoll_event events[512];
    int n = epoll_wait(poller, events, 512, 1);
    for (int i = 0; i < n; i++)
        on_ready(&events[i]);
}

static int watch(void)
{
    int64_t begin = now_ns();
    long started = 0;
    viewers = calloc((size_t)how.streams, sizeof(*viewers));
    while (finished < how.streams) {
        int64_t passed_ms = (now_ns() - begin) / 1000000;
        long due = how.ramp_ms == 0
                       ? how.streams
                       : how.streams * (passed_ms + 1) / how.ramp_ms;
        while (started < how.streams && started < due) {
            start(&viewers[started], started);
            started++;
        }
        wait_a_moment();
        if (how.read_every_ms > 0)
            read_slowly(started);
        if (how.hold_ms > 0 && passed_ms >= how.hold_ms)
            break;
    }
    double seconds = (double)(now_ns() - begin) / 1e9;
    bool held = how.hold_ms > 0;
    printf("{\"streams\": %ld, \"finished\": %ld, \"tokens\": %ld, "
           "\"wrong\": %ld, \"refused\": %ld, \"seconds\": %.3f, "
           "\"first_p50\": %.3f, \"first_p99\": %.3f, \"delay_p50\": %.3f, "
           "\"delay_p99\": %.3f}\n",
        how.streams, finished, tokens_seen, wrong, refused, seconds,
        quantile(&firsts, 0.5), quantile(&firsts, 0.99), quantile(&delays, 0.5),
        quantile(&delays, 0.99));
    return wrong > 0 || refused > 0 || (!held && finished < how.streams);
}

/* ---- small documents ---- */

static void ask_again(struct viewer *v)
{
    char request[1024];
    int n = snprintf(request, sizeof(request),
        "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n", how.path, how.header,
        how.header[0] ? "\r\n" : "");
    v->asked_ns = now_ns();
    if (send(v->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
        refused++;
}

/* An answer is one read, or two: head and body, which is an object. */
static void on_answer(struct viewer *v)
{
    static char data[READ_SIZE];
    ssize_t n = recv(v->fd, data, sizeof(data), 0);
    if (n < 0)
        return;
    if (n == 0) { /* so many requests a connection, then another one */
        close(v->fd);
        start(v, v->number);
        return;
    }
    bool begins = n >= 12 && strncmp(data, "HTTP/1.1 ", 9) == 0;
    if (begins && strncmp(data + 9, "200", 3) != 0) {
        fprintf(stderr, "viewers: %.*s\n", (int)(n < 400 ? n : 400), data);
        refused++;
    }
    if (data[n - 1] != '}')
        return; /* the head alone */
    count(&firsts, now_ns() - v->asked_ns);
    finished++;
    ask_again(v);
}

static int request_documents(long seconds)
{
    int64_t until = now_ns() + seconds * INT64_C(1000000000);
    viewers = calloc((size_t)how.streams, sizeof(*viewers));
    for (long i = 0; i < how.streams; i++)
        start(&viewers[i], i);
    while (now_ns() < until && refused == 0) {
        struct epoll_event events[512];
        int n = epoll_wait(poller, events, 512, 10);
        for (int i = 0; i < n; i++) {
            struct viewer *v = &viewers[events[i].data.u64];
            if (v->asking && (events[i].events & EPOLLOUT) != 0) {
                v->asking = false;
                ask_again(v);
            } else if ((events[i].events & EPOLLIN) != 0) {
                on_answer(v);
            }
        }
    }
    printf("{\"requests\": %ld, \"refused\": %ld, \"seconds\": %ld, "
           "\"p50\": %.3f, \"p99\": %.3f}\n",
        finished, refused, seconds, quantile(&firsts, 0.5),
        quantile(&firsts, 0.99));
    return refused > 0 || finished == 0;
}

int main(int argc, char **argv)
{
    const char *get = option(argc, argv, "--get", NULL);
    how.path = get != NULL ? get : option(argc, argv, "--path", "/");
    how.body = option(argc, argv, "--body", "{}");
    how.header = option(argc, argv, "--header", "");
    how.end = option(argc, argv, "--end", "data: [DONE]");
    how.run = option(argc, argv, "--run", "run");
    how.port = (int)number_option(argc, argv, "--port", 0);
    how.streams = number_option(argc, argv, "--streams", 1);
    how.tokens = number_option(argc, argv, "--tokens", 200);
    how.ramp_ms = number_option(argc, argv, "--ramp-ms", 0);
    how.read_every_ms = number_option(argc, argv, "--read-every-ms", 0);
    how.hold_ms = number_option(argc, argv, "--hold-ms", 0);
    raise_descriptor_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    return get != NULL
               ? request_documents(number_option(argc, argv, "--seconds", 5))
               : watch();
}
