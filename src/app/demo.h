#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "base/rc.h"
#include "base/str.h"

/* The workspace emulator on a loopback port and a thread of its own. */
struct demo;

[[nodiscard]] enum rc demo_start(struct demo **ret);

/* Stops the thread and frees. NULL is a no-op. */
void demo_stop(struct demo *demo);

/* To be used as DATABRICKS_HOST. */
struct str demo_url(const struct demo *demo);

#endif
