#include <assert.h>
#include <stddef.h>

#include "sse/sse_reader.h"

/*
 * A stream of server-sent events, cut into pieces as its own bytes say, is
 * read as if it had come whole; a reader with little room refuses or reads,
 * and keeps to its room.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MAX_INPUT = 16384, LITTLE_ROOM = 64 };

static void note(void *ctx, const struct sse_event *e)
{
    struct buf *log = ctx;
    buf_append(log, e->type);
    buf_append_char(log, '|');
    buf_append(log, e->id);
    buf_append_char(log, '|');
    buf_append(log, e->data);
    buf_append_char(log, '\n');
}

static void check_room(void *ctx, const struct sse_event *e)
{
    (void)ctx;
    assert(e->data.n <= LITTLE_ROOM && e->id.n <= LITTLE_ROOM);
}

/* Reads s in pieces of up to 16 bytes; a step of 0 is all of it at once. */
static enum rc read_pieces(struct sse_reader *r, struct str s, size_t step)
{
    enum rc rc = RC_OK;
    for (size_t at = 0, n = 0; at < s.n && rc == RC_OK; at += n) {
        n = step ? 1 + (size_t)(s.p[at] + (char)step) % 16 : s.n;
        rc = sse_reader_feed(r, str_sub(s, at, n));
    }
    return rc == RC_OK ? sse_reader_finish(r) : rc;
}

static int64_t read_stream(struct str s, size_t step, struct buf *log)
{
    struct sse_reader r;
    sse_reader_init(&r, MAX_INPUT * 2, note, log);
    enum rc rc = read_pieces(&r, s, step);
    assert(rc == RC_OK);
    int64_t retry = sse_reader_retry_ms(&r);
    sse_reader_release(&r);
    return retry;
}

static void read_with_little_room(struct str s)
{
    struct sse_reader r;
    sse_reader_init(&r, LITTLE_ROOM, check_room, NULL);
    (void)read_pieces(&r, s, 1);
    sse_reader_release(&r);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct buf whole, pieces;
    if (size > MAX_INPUT)
        return 0;
    buf_init(&whole, MAX_INPUT * 16);
    buf_init(&pieces, MAX_INPUT * 16);
    int64_t retry = read_stream(s, 0, &whole);
    for (size_t step = 1; step <= 3; step++) {
        buf_clear(&pieces);
        int64_t same = read_stream(s, step, &pieces);
        assert(same == retry);
        assert(str_eq(buf_str(&whole), buf_str(&pieces)));
    }
    read_with_little_room(s);
    buf_release(&whole);
    buf_release(&pieces);
    return 0;
}
