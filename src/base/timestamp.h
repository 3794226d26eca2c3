#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/* "2026-01-02T03:04:05.678901Z" and a NUL. */
enum { TIMESTAMP_SIZE = 28 };

/* Formats microseconds since the epoch as ISO 8601 in UTC (RFC 3339). */
void timestamp_format(int64_t wall_us, char ret[TIMESTAMP_SIZE]);

/*
 * Reads ISO 8601 as written by RFC 3339 and by Python's isoformat():
 * date, 'T' or a space, time, optional fraction of 1 to 9 digits, optional
 * 'Z' or +hh:mm. Without a zone UTC is assumed. A date alone is midnight.
 */
[[nodiscard]] enum rc timestamp_parse(struct str s, int64_t *ret_wall_us);

#endif
