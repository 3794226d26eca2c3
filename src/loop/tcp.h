#ifndef LOOP_TCP_H
#define LOOP_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/* Stream sockets on a loop: listening and accepted connections. */
struct loop;
struct tcp_listener;
struct tcp_conn;

/* A connection was accepted; the callee owns it. */
typedef void tcp_accept_fn(void *ctx, struct tcp_conn *conn);

/* Where to listen. */
struct tcp_address {
    struct str host; /* numeric, IPv4 or IPv6 */
    int port;        /* 0: any free one */
    bool share;      /* SO_REUSEPORT: other listeners may share the port */
    int fd;          /* a bound socket, listened on instead; 0: none */
};

/*
 * Listens. RC_CONFLICT when the port is taken, RC_DENIED when it is not
 * allowed, RC_INVALID for a bad address, or a socket that is none of TCP. A
 * socket that is given stays the caller's: several listeners may share it.
 */
[[nodiscard]] enum rc tcp_listen(struct loop *loop,
    const struct tcp_address *address, tcp_accept_fn *fn, void *ctx,
    struct tcp_listener **ret);

int tcp_listener_port(const struct tcp_listener *l);

/* Stops accepting and frees. NULL is a no-op. */
void tcp_listener_free(struct tcp_listener *l);

struct tcp_handlers {
    /* Bytes arrived; data is valid during the call. */
    void (*on_data)(void *ctx, struct str data);
    /*
     * RC_CLOSED: the peer closed its sending side. RC_IO: the connection
     * failed. At most once each, RC_IO last.
     */
    void (*on_end)(void *ctx, enum rc why);
    /* Everything written so far has been handed to the system. */
    void (*on_drain)(void *ctx);
};

/* Sets handlers and starts reading. TCP_NODELAY is on. */
void tcp_conn_start(
    struct tcp_conn *c, const struct tcp_handlers *handlers, void *ctx);

/* While paused on_data is not called; the peer is held back by the window. */
void tcp_conn_pause(struct tcp_conn *c, bool paused);

/*
 * Writes the parts in order with one system call where possible. What the
 * system does not take at once is copied and sent when it can be; on_drain
 * follows then. Bytes not yet taken: tcp_conn_pending(). A failed connection
 * swallows writes and reports through on_end.
 */
void tcp_conn_write(struct tcp_conn *c, const struct str *parts, size_t n);
size_t tcp_conn_pending(const struct tcp_conn *c);

/*
 * Ends the connection: no handler is called any more. With flush, what is
 * pending is still sent, and what the peer still sends is read and thrown
 * away until it closes too (all that for at most linger_ms), so that the last
 * bytes reach it; else pending bytes are dropped. c must not be used again.
 */
void tcp_conn_close(struct tcp_conn *c, bool flush, int64_t linger_ms);

/* Numeric address of the peer, valid as long as c. */
struct str tcp_conn_peer(const struct tcp_conn *c);

#endif
