#ifndef TESTS_HTTP_SERVER_FIXTURE_H
#define TESTS_HTTP_SERVER_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "http_server/http_server.h"
#include "loop/loop.h"

/* The other end of a connection: a plain socket. */
struct peer {
    struct fixture *fixture;
    int fd;
    struct buf got;
    bool ended; /* the server has closed */
};

/* A source that gives what the test puts into `ready`. */
struct test_source {
    struct fixture *fixture;
    struct http_stream *stream;
    struct buf ready;
    size_t endless; /* bytes to give in each pull, for ever */
    bool end;
    int pulls;
    int closed;
    size_t given;
};

/* A server whose clock is turned by hand, and what its handlers saw. */
struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_server *server;
    struct http_request *held; /* by the handler of /later */
    int gone;
    int calls; /* of any handler */
    int errors;
    struct test_source source;
};

void fixture_open(struct fixture *f, const struct http_server_limits *limits);
void fixture_close(struct fixture *f);

/* Lets the loop work on what is there. */
void fixture_turn(struct fixture *f);
void fixture_advance(struct fixture *f, int64_t ms);

/* Answers r with the stream of f->source. */
void fixture_begin_stream(struct fixture *f, struct http_request *r);

void peer_open(struct peer *p, struct fixture *f);
void peer_close(struct peer *p);
void peer_send(struct peer *p, struct str data);

/* Reads what has arrived so far. */
void peer_read(struct peer *p);

/* Turns the loop until the server has closed, or fails. */
void peer_wait_end(struct peer *p);

/* Turns the loop until `text` has come, or fails. */
void peer_wait_for(struct peer *p, struct str text);

/* Sends, waits for the end, and gives the status of the first answer. */
int peer_ask(struct peer *p, struct str data);

/* Status of the first answer that has come, or 0. */
int peer_status(const struct peer *p);

/* What follows the first head. */
struct str peer_body(const struct peer *p);

/* Number of times text is found in what has come. */
size_t peer_count(const struct peer *p, struct str text);

/* Ends the connection with a reset. */
void peer_reset(struct peer *p);

/* One request on a connection of its own; text must say Connection: close. */
int ask(struct fixture *f, const char *text, struct buf *ret_all);

enum { BIG_SIZE = 12000000, WAIT_TURNS = 5000 };

#endif
