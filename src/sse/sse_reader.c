#include <string.h>

#include "base/num.h"

#include "sse/sse_reader.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* Value of r->bom once the beginning of the stream is behind us. */
enum { BOM_SIZE = 3, BOM_PAST = 4 };

enum { KEEP_CAP = 1024 }; /* of storage, between events */

void sse_reader_init(
    struct sse_reader *r, size_t max, sse_event_fn *fn, void *ctx)
{
    *r = (struct sse_reader){.fn = fn, .ctx = ctx, .max = max, .retry_ms = -1};
    buf_init(&r->line, max);
    buf_init(&r->data, max);
    buf_init(&r->type, max);
    buf_init(&r->id, max);
}

void sse_reader_release(struct sse_reader *r)
{
    buf_release(&r->line);
    buf_release(&r->data);
    buf_release(&r->type);
    buf_release(&r->id);
}

void sse_reader_stop(struct sse_reader *r)
{
    r->stopped = true;
}

int64_t sse_reader_retry_ms(const struct sse_reader *r)
{
    return r->retry_ms;
}

/* A blank line: delivers what has gathered, if it has data at all. */
static void dispatch(struct sse_reader *r)
{
    if (r->has_data) {
        struct sse_event event = {
            .type = r->type.n ? buf_str(&r->type) : STR("message"),
            .data = r->view.n > 0 ? r->view : buf_str(&r->data),
            .id = buf_str(&r->id),
        };
        r->fn(r->ctx, &event);
    }
    r->has_data = false;
    r->view = (struct str){0};
    buf_clear(&r->data);
    buf_clear(&r->type);
}

static enum rc replace(struct buf *b, struct str value)
{
    buf_clear(b);
    return buf_append(b, value);
}

/* The bytes that are being fed go, or more data follows. */
static enum rc copy_view(struct sse_reader *r)
{
    struct str view = r->view;
    r->view = (struct str){0};
    return view.n > 0 ? buf_append(&r->data, view) : RC_OK;
}

/* Most events have one line of data, which was fed whole: it is not copied. */
static enum rc take_data(struct sse_reader *r, struct str value)
{
    if (!r->has_data && r->line.n == 0) {
        r->has_data = true;
        r->view = value;
        return RC_OK;
    }
    enum rc rc = copy_view(r);
    if (r->has_data)
        buf_append_char(&r->data, '\n');
    r->has_data = true;
    return rc == RC_OK ? buf_append(&r->data, value) : rc;
}

static void take_retry(struct sse_reader *r, struct str value)
{
    int64_t ms;
    if (value.n != 0 && value.p[0] != '-' &&
        num_parse_i64(value, 0, INT64_MAX, &ms) == RC_OK)
        r->retry_ms = ms;
}

static enum rc take_field(
    struct sse_reader *r, struct str name, struct str value)
{
    if (str_eq(name, STR("data")))
        return take_data(r, value);
    if (str_eq(name, STR("event")))
        return replace(&r->type, value);
    if (str_eq(name, STR("retry")))
        take_retry(r, value);
    /* An id with a NUL is ignored, says the standard. */
    if (str_eq(name, STR("id")) && str_find_char(value, '\0') == value.n)
        return replace(&r->id, value);
    return RC_OK;
}

/* One line without its end. */
static enum rc take_line(struct sse_reader *r, struct str line)
{
    if (line.n == 0) {
        dispatch(r);
        return RC_OK;
    }
    if (line.p[0] == ':')
        return RC_OK;
    struct str name, value;
    if (str_cut(line, ':', &name, &value) && value.n && value.p[0] == ' ')
        value = str_sub(value, 1, value.n);
    return take_field(r, name, value);
}

/* The rest of a line arrived; what came before it may lie in r->line. */
static enum rc end_line(struct sse_reader *r, struct str rest)
{
    if (r->line.n == 0)
        return rest.n > r->max ? RC_TOO_LARGE : take_line(r, rest);
    enum rc rc = buf_append(&r->line, rest);
    if (rc == RC_OK)
        rc = take_line(r, buf_str(&r->line));
    buf_clear(&r->line);
    return rc;
}

/* The beginning of a line, mostly nothing: then there is no storage either. */
static enum rc begin_line(struct sse_reader *r, struct str s)
{
    return s.n > 0 ? buf_append(&r->line, s) : RC_OK;
}

/* Drops a byte order mark at the very beginning, however it is cut. */
static struct str skip_mark(struct sse_reader *r, struct str bytes)
{
    while (r->bom < BOM_SIZE && bytes.n) {
        if (bytes.p[0] != byte_order_mark[r->bom]) {
            (void)begin_line(r, (struct str){byte_order_mark, r->bom});
            r->bom = BOM_PAST;
            return bytes;
        }
        r->bom++;
        bytes = str_sub(bytes, 1, bytes.n);
    }
    return bytes;
}

/* Where c stands in s from `from` on, or s.n. */
static size_t find_from(struct str s, char c, size_t from)
{
    const char *hit = memchr(s.p + from, c, s.n - from);
    return hit == NULL ? s.n : (size_t)(hit - s.p);
}

/*
 * Splits s into lines. The next LF and the next CR are each looked for only
 * once they are passed, so that no mixture of line ends costs more than two
 * scans of the bytes.
 */
static enum rc take_lines(struct sse_reader *r, struct str s)
{
    enum rc rc = RC_OK;
    size_t at = 0;
    size_t lf = find_from(s, '\n', 0);
    size_t cr = find_from(s, '\r', 0);
    while (rc == RC_OK && !r->stopped) {
        size_t end = lf < cr ? lf : cr;
        if (end == s.n)
            return begin_line(r, str_sub(s, at, s.n));
        rc = end_line(r, str_sub(s, at, end - at));
        at = end + 1;
        if (end == cr && at < s.n && s.p[at] == '\n')
            at++;
        else if (end == cr && at == s.n)
            r->after_cr = true;
        if (lf < at)
            lf = find_from(s, '\n', at);
        if (cr < at)
            cr = find_from(s, '\r', at);
    }
    return rc;
}

/* Thousands of streams may wait for their next event at the same time. */
static void release_if_large(struct buf *b)
{
    if (b->n == 0 && b->cap > KEEP_CAP)
        buf_release(b);
}

enum rc sse_reader_feed(struct sse_reader *r, struct str bytes)
{
    if (r->failed)
        return RC_TOO_LARGE;
    if (r->bom < BOM_SIZE)
        bytes = skip_mark(r, bytes);
    if (r->after_cr && bytes.n) {
        r->after_cr = false;
        if (bytes.p[0] == '\n')
            bytes = str_sub(bytes, 1, bytes.n);
    }
    if (bytes.n == 0 || r->stopped)
        return RC_OK;
    enum rc rc = take_lines(r, bytes);
    if (rc == RC_OK)
        rc = copy_view(r);
    r->failed = rc != RC_OK;
    release_if_large(&r->line);
    release_if_large(&r->data);
    return rc;
}

enum rc sse_reader_finish(struct sse_reader *r)
{
    if (r->failed)
        return RC_TOO_LARGE;
    if (r->stopped)
        return RC_OK;
    enum rc rc = r->line.n ? end_line(r, STR("")) : RC_OK;
    if (rc == RC_OK && !r->stopped)
        dispatch(r);
    r->failed = rc != RC_OK;
    return rc;
}
