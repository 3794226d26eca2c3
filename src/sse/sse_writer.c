#include <string.h>

#include "sse/sse_writer.h"

/* A field on one line; what would end the line early is left out. */
static void put_field(struct buf *out, struct str name, struct str value)
{
    buf_append(out, name);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c != '\r' && c != '\n' && c != '\0')
            buf_append_char(out, c);
    }
    buf_append_char(out, '\n');
}

void sse_write_id(struct buf *out, struct str id)
{
    put_field(out, STR("id: "), id);
}

void sse_write_type(struct buf *out, struct str type)
{
    put_field(out, STR("event: "), type);
}

/* Length of the line at the front of s, without its end. */
static size_t line_length(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != '\n' && s.p[n] != '\r')
        n++;
    return n;
}

void sse_write_data(struct buf *out, struct str data)
{
    for (;;) {
        size_t n = line_length(data);
        sse_begin_data(out);
        buf_append(out, str_sub(data, 0, n));
        sse_end_data(out);
        if (n == data.n)
            return;
        bool pair = str_starts_with(str_sub(data, n, 2), STR("\r\n"));
        data = str_sub(data, n + (pair ? 2 : 1), data.n);
    }
}

void sse_begin_data(struct buf *out)
{
    buf_append(out, STR("data: "));
}

void sse_end_data(struct buf *out)
{
    buf_append_char(out, '\n');
}

void sse_write_retry(struct buf *out, int64_t ms)
{
    buf_printf(out, "retry: %lld\n", (long long)ms);
}

void sse_write_end(struct buf *out)
{
    buf_append_char(out, '\n');
}

void sse_write_comment(struct buf *out, struct str text)
{
    put_field(out, STR(": "), text);
    buf_append_char(out, '\n');
}
