#ifndef SSE_SSE_WRITER_H
#define SSE_SSE_WRITER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Writes server-sent events into a buffer. An event is its fields in any
 * order, then sse_write_end(). Failure (buffer full) stays in the buffer:
 * look at buf_ok() once at the end.
 *
 *     sse_write_id(out, STR("m1.7"));
 *     sse_begin_data(out);
 *     ... one JSON document by a json_writer on out ...
 *     sse_end_data(out);
 *     sse_write_end(out);
 */

/* "id: <id>\n". CR, LF and NUL cannot stand in an id and are left out. */
void sse_write_id(struct buf *out, struct str id);

/* "event: <type>\n", with the same rule. */
void sse_write_type(struct buf *out, struct str type);

/* One "data: " line for each line of data (ended by LF, CR or CRLF). */
void sse_write_data(struct buf *out, struct str data);

/*
 * "data: " and the line end after it, around text that holds no line break,
 * such as a document by json_writer, which then needs no copy.
 */
void sse_begin_data(struct buf *out);
void sse_end_data(struct buf *out);

/* "retry: <ms>\n". */
void sse_write_retry(struct buf *out, int64_t ms);

/* The blank line that completes the event. */
void sse_write_end(struct buf *out);

/* A whole comment, ": <text>\n\n" (one line each), e.g. a heartbeat. */
void sse_write_comment(struct buf *out, struct str text);

#endif
