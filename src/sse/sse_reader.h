#ifndef SSE_SSE_READER_H
#define SSE_SSE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * Reads server-sent events (the WHATWG HTML standard, section "Server-sent
 * events") from a byte stream that may be cut anywhere: BOM, CR, LF and CRLF,
 * comments, several data lines, fields without a space or without a colon.
 * Pure: it knows neither sockets nor time. Bytes are passed on as they came;
 * whether they are UTF-8 is for the reader of the data to decide.
 */
struct sse_event {
    struct str type; /* "message" when the stream named none */
    struct str data; /* data lines joined by LF */
    struct str id;   /* last id seen so far, may be empty */
};

/*
 * A complete event; the views are valid during the call. The callee may call
 * sse_reader_stop(), nothing else of the reader.
 */
typedef void sse_event_fn(void *ctx, const struct sse_event *event);

enum { SSE_MAX_DEFAULT = 8 * 1024 * 1024 };

/* Embedded; the members are the reader's own. */
struct sse_reader {
    sse_event_fn *fn;
    void *ctx;
    struct buf line; /* beginning of a line that is not complete yet */
    struct buf data;
    struct str view; /* the data instead, as it lies in the bytes of a feed */
    struct buf type;
    struct buf id;
    int64_t retry_ms;
    size_t max;
    unsigned bom;  /* bytes of a byte order mark seen; above 3: past it */
    bool after_cr; /* an LF that follows belongs to the line before */
    bool has_data; /* at least one data line since the last event */
    bool stopped;
    bool failed;
};

/*
 * max bounds one line, and the data of one event, in bytes; traces on
 * Databricks put hundreds of kilobytes on one line.
 */
void sse_reader_init(
    struct sse_reader *r, size_t max, sse_event_fn *fn, void *ctx);

/* Frees the storage. Not inside the callback. */
void sse_reader_release(struct sse_reader *r);

/*
 * Takes the next bytes and calls back for each event that they complete.
 * RC_TOO_LARGE when the bound is exceeded; every later call answers the same
 * then. After sse_reader_stop() bytes are swallowed.
 */
[[nodiscard]] enum rc sse_reader_feed(struct sse_reader *r, struct str bytes);

/*
 * The stream has ended: an event whose closing blank line (or line end) is
 * missing is delivered all the same. The standard would drop it; servers
 * forget that line more often than an event is cut right there, and a cut
 * JSON document is found by its own parser.
 */
[[nodiscard]] enum rc sse_reader_finish(struct sse_reader *r);

/* No further callback, from inside the callback too. */
void sse_reader_stop(struct sse_reader *r);

/* Reconnection time that the stream asked for, -1 when it asked for none. */
int64_t sse_reader_retry_ms(const struct sse_reader *r);

#endif
