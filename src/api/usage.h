#ifndef API_USAGE_H
#define API_USAGE_H

#include <stddef.h>
#include <stdint.h>

#include "http_server/http_server.h"

/* What a person may use, and what is left of it. */

/* A limit that a request counted against; limit 0: there is none. */
struct usage_limit {
    int64_t limit;
    int64_t left;
    int64_t reset_ms; /* until all of it is there again */
};

struct usage_told {
    struct usage_limit messages; /* a minute */
    struct usage_limit tokens;   /* a day */
};

enum { USAGE_HEADERS = 2 };

/*
 * The fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-
 * ratelimit-headers-10) for an answer to this request, in its arena: how many
 * were written to ret. None when nothing was counted.
 */
size_t usage_headers(
    struct http_request *http, struct http_header ret[USAGE_HEADERS]);

#endif
