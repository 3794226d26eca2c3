#include "base/rc.h"

/* Names every value; a missing one is a compiler warning. */
const char *rc_name(enum rc rc)
{
    switch (rc) {
    case RC_OK:
        return "ok";
    case RC_INVALID:
        return "invalid";
    case RC_NOT_FOUND:
        return "not_found";
    case RC_CONFLICT:
        return "conflict";
    case RC_TOO_LARGE:
        return "too_large";
    case RC_BUSY:
        return "busy";
    case RC_DENIED:
        return "denied";
    case RC_IO:
        return "io";
    case RC_FULL:
        return "full";
    case RC_READ_ONLY:
        return "read_only";
    case RC_CORRUPT:
        return "corrupt";
    case RC_TIMEOUT:
        return "timeout";
    case RC_CANCELLED:
        return "cancelled";
    case RC_CLOSED:
        return "closed";
    case RC_NO_MEMORY:
        return "no_memory";
    case RC_UNSUPPORTED:
        return "unsupported";
    case RC_INTERNAL:
        return "internal";
    }
    return "unknown";
}
