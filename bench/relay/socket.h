#ifndef BENCH_RELAY_SOCKET_H
#define BENCH_RELAY_SOCKET_H

#include <stdint.h>

/* What the model simulator and the viewers share. Errors end the program. */

/* CLOCK_MONOTONIC: the same for all processes of the machine. */
int64_t now_ns(void);

/* A non-blocking socket that listens on the loopback address; *port may be 0
 * and is the real one then. */
int listen_on(int *port);

/* A non-blocking socket that is being connected to the loopback address. */
int connect_to(int port);

/* As many descriptors as the system gives. */
void raise_descriptor_limit(void);

/* "--name value" among the arguments, or fallback. */
const char *option(
    int argc, char *const *argv, const char *name, const char *fallback);
long number_option(
    int argc, char *const *argv, const char *name, long fallback);

#endif
