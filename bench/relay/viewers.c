#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "mark.h"
#include "socket.h"

/*
 * Many people who each ask once and read the answer, event by event. Between
 * them and the model (model.c) stands a relay; whatever envelope it uses, the
 * tokens "~<number>.<time>~" (mark.h) must all arrive, in order, once.
 *
 *     viewers --port P --path /chat-api/chat --body '{"session_id":"%s-%ld"...'
 *             --streams 1000 --tokens 200 --end 'event: done'
 *             [--header 'Name: value'] [--ramp-ms 1000] [--run NAME]
 *             [--read-every-ms 0] [--hold-ms 0] [--give-up-ms 0]
 *
 * In the body %s is the run's name and %ld the number of the stream; in the
 * header %ld is that number. With --read-every-ms a viewer reads at most 4 KiB
 * so often (a slow one).
 * --hold-ms ends the run after that time, whatever has come; --give-up-ms too,
 * and what has not come then is missing. One line of JSON says what was seen;
 * the status is 1 when a token was wrong or missing, and the first streams for
 * which that is so are told of.
 *
 *     viewers --port P --watch FILE --streams 50 ...
 *
 * looks on instead of asking: each line of the file is the path of a stream
 * that goes on already, and the viewers take them in turn. Their number is that
 * of the line, from 0 on.
 */
enum {
    MAX_PATHS = 20000,
    FIRST_SIZE = 400, /* of an answer, to tell of it when it is wrong */
    MAX_COMPLAINTS = 3,
    STATUS_AT = 9, /* in "HTTP/1.1 200 OK" */
    STATUS_END = STATUS_AT + 3,
    STATUS_OK = 200,
    READ_SIZE = 64 * 1024,
    SLOW_READ = 4096,
};

enum mark_state { MARK_NONE, MARK_NUMBER, MARK_TIME };

/* Where in a chunked response the next byte is; all relays chunk. */
enum frame_state { FRAME_HEAD, FRAME_SIZE, FRAME_SIZE_END, FRAME_DATA };

struct viewer {
    int fd;
    long number;
    int64_t started_ns, asked_ns;
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
    long bytes;
    size_t kept; /* of what came first */
    char first[FIRST_SIZE];
};

static struct {
    const char *path, *body, *header, *end, *run;
    char *paths[MAX_PATHS]; /* of streams to look on */
    long path_count;
    int port;
    long streams, tokens, ramp_ms, read_every_ms, hold_ms, give_up_ms;
} how;

static struct viewer *viewers;
static int poller;
static long finished, wrong, tokens_seen, refused, bytes;
static struct histogram delays, firsts;

static int status_of(const struct viewer *v)
{
    int status = 0;
    for (size_t i = STATUS_AT; i < MIN(v->kept, STATUS_END); i++)
        status = status * 10 + (v->first[i] - '0');
    return status;
}

/* How far a stream came. */
static const char *stage(const struct viewer *v)
{
    return v->asking                   ? "not connected"
           : v->bytes == 0             ? "asked, no answer"
           : v->frame == FRAME_HEAD    ? "in the head"
           : status_of(v) != STATUS_OK ? "refused"
                                       : "in the stream";
}

/* What a stream that failed has seen, in one line; the first are enough. */
static void complain(struct viewer *v, const char *why)
{
    static int complaints;
    if (complaints++ >= MAX_COMPLAINTS)
        return;
    fprintf(stderr,
        "stream %ld: %s, %.1f ms after its start, %s: status %d, %ld bytes, "
        "%ld of %ld tokens: ",
        v->number, why, (double)(now_ns() - v->started_ns) / 1e6, stage(v),
        status_of(v), v->bytes, v->next_token, how.tokens);
    for (size_t i = 0; i < v->kept; i++)
        fputc(v->first[i] < ' ' ? ' ' : v->first[i], stderr);
    fputc('\n', stderr);
}

static void end(struct viewer *v, const char *why)
{
    v->over = true;
    finished++;
    if (v->next_token != how.tokens) {
        wrong++;
        complain(v, why);
    }
    close(v->fd);
}

static void see_token(struct viewer *v, int64_t now)
{
    if (v->token == v->next_token) {
        v->next_token++;
    } else {
        wrong++;
        complain(v, "a token is out of order");
    }
    if (v->token == 0)
        histogram_add(&firsts, now - v->asked_ns);
    histogram_add(&delays, now - v->time);
    tokens_seen++;
}

/* One byte of the answer, in whatever envelope. */
static void see(struct viewer *v, char c, int64_t now)
{
    int digit = v->mark == MARK_NONE ? -1 : mark_value(c);
    if (v->mark == MARK_NUMBER && digit >= 0) {
        v->token = v->token * 10 + digit;
    } else if (v->mark == MARK_NUMBER && c == '.') {
        v->mark = MARK_TIME;
        v->time = 0;
    } else if (v->mark == MARK_TIME && digit >= 0) {
        v->time = v->time * 10 + digit;
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
        end(v, n == 0 ? "closed" : strerror(errno));
        return false;
    }
    bytes += n;
    v->bytes += n;
    size_t more = MIN((size_t)n, FIRST_SIZE - v->kept);
    memcpy(v->first + v->kept, data, more);
    v->kept += more;
    int64_t now = now_ns();
    for (ssize_t i = 0; i < n; i++) {
        unframe(v, data[i], now);
        if (how.end[v->end_seen] == '\0') {
            end(v, "its end came");
            return false;
        }
    }
    if (v->frame != FRAME_HEAD && status_of(v) != STATUS_OK) {
        end(v, "no stream came");
        return false;
    }
    return limit == READ_SIZE;
}

static int put_request(const struct viewer *v, char *request, size_t room)
{
    char body[2048], header[512];
    const char *line = how.header[0] ? "\r\n" : "";
    long stream = how.path_count > 0 ? v->number % how.path_count : v->number;
    /* Their forms are the caller's own. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(header, sizeof(header), how.header, stream);
    int size = snprintf(body, sizeof(body), how.body, how.run, stream);
#pragma GCC diagnostic pop
    if (how.path_count > 0)
        return snprintf(request, room,
            "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n", how.paths[stream],
            header, line);
    return snprintf(request, room,
        "POST %s HTTP/1.1\r\nHost: localhost\r\n%s%s"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        how.path, header, line, size, body);
}

static void ask(struct viewer *v)
{
    char request[4096];
    int n = put_request(v, request, sizeof(request));
    v->asked_ns = now_ns();
    if (send(v->fd, request, (size_t)n, MSG_NOSIGNAL) != n) {
        refused++;
        end(v, strerror(errno));
        return;
    }
    v->asking = false;
}

static void start(struct viewer *v, long number)
{
    v->number = number;
    v->started_ns = now_ns();
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

/* Those that are still open have waited long enough. */
static void give_up(long started)
{
    for (long i = 0; i < started; i++)
        if (!viewers[i].over)
            end(&viewers[i], "given up");
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
        if (how.give_up_ms > 0 && passed_ms >= how.give_up_ms) {
            give_up(started);
            break;
        }
    }
    double seconds = (double)(now_ns() - begin) / 1e9;
    bool held = how.hold_ms > 0;
    printf("{\"streams\": %ld, \"finished\": %ld, \"tokens\": %ld, "
           "\"wrong\": %ld, \"refused\": %ld, \"seconds\": %.3f, "
           "\"first_p50\": %.3f, \"first_p99\": %.3f, \"delay_p50\": %.3f, "
           "\"delay_p99\": %.3f, \"bytes\": %ld}\n",
        how.streams, finished, tokens_seen, wrong, refused, seconds,
        histogram_ms(&firsts, 0.5), histogram_ms(&firsts, 0.99),
        histogram_ms(&delays, 0.5), histogram_ms(&delays, 0.99), bytes);
    return wrong > 0 || refused > 0 || (!held && finished < how.streams);
}

static void read_paths(const char *name)
{
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while (file != NULL && how.path_count < MAX_PATHS &&
           (n = getline(&line, &room, file)) > 1)
        how.paths[how.path_count++] = strndup(line, (size_t)n - 1);
    if (how.path_count == 0) {
        fprintf(stderr, "viewers: no path in %s\n", name);
        exit(1);
    }
    free(line);
    fclose(file);
}

int main(int argc, char **argv)
{
    const char *watched = option(argc, argv, "--watch", NULL);
    if (watched != NULL)
        read_paths(watched);
    how.path = option(argc, argv, "--path", "/");
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
    how.give_up_ms = number_option(argc, argv, "--give-up-ms", 0);
    raise_descriptor_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    return watch();
}
