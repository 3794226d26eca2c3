#include <sys/resource.h>

#include "telemetry/log.h"

#include "app/descriptors.h"
#include "app/options.h"

/* Files, databases, wakes of threads, connections that are kept for later. */
enum { OTHERS = 200 };

/* RLIM_INFINITY is the largest number. */
static rlim_t take_all(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return RLIM_INFINITY;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max
                                                 : RLIM_INFINITY;
}

/* A reply needs a connection to its model; more than half is not for them. */
static rlim_t room_beside(rlim_t replies, rlim_t limit)
{
    rlim_t room = limit > OTHERS ? limit - OTHERS : limit / 2;
    return room > 2 * replies ? room - replies : room - room / 2;
}

size_t descriptors_for_connections(const struct app_config *config)
{
    rlim_t wanted = (rlim_t)config->max_connections, limit = take_all(),
           room = room_beside((rlim_t)config->max_replies, limit);
    if (room >= wanted)
        return (size_t)wanted;
    log_warn("the system gives too few open files for MAX_CONNECTIONS: the"
             " rest is refused; raise its limit (ulimit -Hn, LimitNOFILE)",
        LOG_INT("files", (int64_t)limit),
        LOG_INT("connections", (int64_t)room));
    return (size_t)room;
}
