#ifndef DATABRICKS_HOST_H
#define DATABRICKS_HOST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * Makes "https://host[:port]" of what people put into DATABRICKS_HOST: with
 * or without scheme, with a trailing slash, ":443", a path or "?o=123". The
 * result is appended to *out: lower case, without port where it is the
 * scheme's own. "http" is accepted for loopback hosts only (the emulator).
 * RC_INVALID when no host can be read, RC_DENIED for http to elsewhere.
 */
[[nodiscard]] enum rc databricks_host_normalise(
    struct str text, struct buf *out);

/* Whether a normalised host is on this machine. */
bool databricks_host_is_loopback(struct str host);

#endif
