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

/*
 * The same for the base path of an OpenAI-compatible server, such as
 * "http://localhost:11434/v1": the path stays, without a slash or
 * "/chat/completions" at its end; where there is none it is "/v1". Plain
 * http is taken for any machine, and meant where a name of this machine
 * stands without a scheme. RC_INVALID when no address can be read.
 */
[[nodiscard]] enum rc databricks_base_normalise(
    struct str text, struct buf *out);

/*
 * Whether a normalised base path is one of the workspace at a normalised
 * host, so that the workspace's credentials may be sent there: on that host
 * or at the AI gateway of Databricks.
 */
bool databricks_base_trusted(struct str base, struct str host);

/* Whether a normalised host is on this machine. */
bool databricks_host_is_loopback(struct str host);

#endif
