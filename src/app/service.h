#ifndef APP_SERVICE_H
#define APP_SERVICE_H

#include <stdbool.h>

#include "loop/loop.h"

/*
 * What a service manager such as systemd hands over and wants to know, by the
 * protocols of sd_listen_fds(3) and sd_notify(3). Without one all of it does
 * nothing.
 */

/* The bound socket that was passed to this process; 0: none. */
int service_socket(void);

/* One state, such as "READY=1" or "STOPPING=1". */
void service_notify(const char *state);

/*
 * Says at half the time the manager allows that the process lives, as long as
 * alive(ctx) says so; NULL when the manager does not ask.
 */
struct service_watchdog;

struct service_watchdog *service_watchdog_new(
    struct loop *loop, bool (*alive)(void *ctx), void *ctx);
void service_watchdog_free(struct service_watchdog *w); /* NULL: a no-op */

#endif
