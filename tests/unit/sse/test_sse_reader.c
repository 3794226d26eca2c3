#include <string.h>

#include "sse/sse_reader.h"

#include "tap.h"

enum { TRACE_MAX = 1024 * 1024 };

/* What the reader said, as text: "[type|id|data]" for each event. */
static void note(void *ctx, const struct sse_event *e)
{
    struct buf *trace = ctx;
    buf_printf(trace, "[%.*s|%.*s|", STR_ARG(e->type), STR_ARG(e->id));
    buf_append(trace, e->data);
    buf_append_char(trace, ']');
}

/* Feeds the parts one after the other. */
static void read_parts(
    const struct str *parts, size_t n, struct buf *trace, int64_t *retry_ms)
{
    struct sse_reader r;
    sse_reader_init(&r, TRACE_MAX, note, trace);
    for (size_t i = 0; i < n; i++)
        CHECK_INT(sse_reader_feed(&r, parts[i]), RC_OK);
    CHECK_INT(sse_reader_finish(&r), RC_OK);
    if (retry_ms != NULL)
        *retry_ms = sse_reader_retry_ms(&r);
    sse_reader_release(&r);
}

static void expect(struct str stream, struct str trace)
{
    struct buf got;
    buf_init(&got, TRACE_MAX);
    read_parts(&stream, 1, &got, NULL);
    CHECK_STR(buf_str(&got), trace);
    buf_release(&got);
}

TEST(plain_events_with_every_line_end)
{
    expect(STR("data: a\n\ndata: b\n\n"), STR("[message||a][message||b]"));
    expect(
        STR("data: a\r\n\r\ndata: b\r\n\r\n"), STR("[message||a][message||b]"));
    expect(STR("data: a\r\rdata: b\r\r"), STR("[message||a][message||b]"));
    expect(STR("data: a\n\r\ndata: b\r\n\r"), STR("[message||a][message||b]"));
    expect(
        STR("data: a\r\n\n\n\r\rdata: b\n\n"), STR("[message||a][message||b]"));
}

TEST(data_lines_are_joined)
{
    expect(STR("data: a\ndata: b\n\n"), STR("[message||a\nb]"));
    expect(STR("data\n\n"), STR("[message||]"));
    expect(STR("data\ndata\n\n"), STR("[message||\n]"));
    expect(STR("data:\ndata: x\n\n"), STR("[message||\nx]"));
    expect(STR("data:  two\n\n"), STR("[message|| two]"));
    expect(STR("data:x:y\n\n"), STR("[message||x:y]"));
}

TEST(fields_beside_data)
{
    expect(STR("id: 7\nevent: done\ndata: {}\n\ndata: x\n\n"),
        STR("[done|7|{}][message|7|x]"));
    expect(STR("id: 7\ndata: a\n\nid\ndata: b\n\n"),
        STR("[message|7|a][message||b]"));
    expect(STR("event: lost\n\ndata: x\n\n"), STR("[message||x]"));
    expect(STR(": ping\n\n:\ndata: x\n:y\n\n"), STR("[message||x]"));
    expect(STR("unknown: 1\nDATA: no\n data: no\ndata : no\n\n"), STR(""));
    expect(STR("id: a\0b\ndata: x\n\n"), STR("[message||x]"));
}

TEST(byte_order_mark_is_skipped_once)
{
    expect(STR("\xEF\xBB\xBF"
               "data: a\n\n"),
        STR("[message||a]"));
    expect(STR("\xEF\xBB\xBF\xEF\xBB\xBF"
               "data: a\n\ndata: b\n\n"),
        STR("[message||b]"));
    expect(STR("\xEF\xBB"
               "data: a\n\ndata: b\n\n"),
        STR("[message||b]"));
    expect(STR("data: a\n\n\xEF\xBB\xBF"
               "data: b\n\n"),
        STR("[message||a]"));
}

TEST(event_without_its_end_is_delivered_by_finish)
{
    expect(STR("data: a\n\ndata: b\n"), STR("[message||a][message||b]"));
    expect(STR("data: a\n\ndata: b"), STR("[message||a][message||b]"));
    expect(STR("data: a\n\nevent: x"), STR("[message||a]"));
    expect(STR(""), STR(""));
}

TEST(retry_takes_digits_only)
{
    struct buf got;
    buf_init(&got, TRACE_MAX);
    int64_t ms;
    read_parts(&STR("retry: 1500\n\n"), 1, &got, &ms);
    CHECK_INT(ms, 1500);
    read_parts(&STR("retry: -5\nretry: 1s\nretry:\n\n"), 1, &got, &ms);
    CHECK_INT(ms, -1);
    buf_release(&got);
}

static const struct str torture[] = {
    {"\xEF\xBB\xBF"
     "id: 1\r\nevent: e\r\ndata: \xC3\xA4\xE2\x82\xAC\r\n\r\n"
     ": c\r\ndata:x\r\ndata: y\r\n\r\nid\rdata\r\rdata: \xF0\x9F\x98\x80\n\n"
     "retry: 12\n\ndata: end",
        0},
    {"data: {\"a\":1}\n\ndata: [DONE]\n\n", 0},
    {"\xEF\xBB"
     "x\n\rdata: q\n\r\n\r\ndata:\r\n\n",
        0},
};

TEST(every_two_way_split_reads_the_same)
{
    for (size_t t = 0; t < sizeof(torture) / sizeof(*torture); t++) {
        struct str s = str_from_c(torture[t].p);
        struct buf whole, split;
        buf_init(&whole, TRACE_MAX);
        buf_init(&split, TRACE_MAX);
        read_parts(&s, 1, &whole, NULL);
        CHECK(whole.n > 0);
        for (size_t i = 0; i <= s.n; i++) {
            struct str parts[] = {str_sub(s, 0, i), str_sub(s, i, s.n)};
            buf_clear(&split);
            read_parts(parts, 2, &split, NULL);
            CHECK_STR(buf_str(&split), buf_str(&whole));
        }
        buf_release(&whole);
        buf_release(&split);
    }
}

/* Random text over the bytes that matter to the reader. */
static size_t random_stream(char *out, size_t max)
{
    static const char *const words[] = {"data",
        "data: ", "id: ", "event: ", "retry: 7", ":", " ", "\n", "\n\n", "\r",
        "\r\n", "\r\n\r\n", "x", "{\"k\":\"v\"}", "\xEF\xBB\xBF", "\xEF",
        "\xC3\xA9"};
    size_t n = 0, count = sizeof(words) / sizeof(*words);
    for (size_t i = tap_random() % 60; i > 0; i--) {
        struct str w = str_from_c(words[tap_random() % count]);
        if (n + w.n + 1 > max)
            break;
        memcpy(out + n, w.p, w.n);
        n += w.n;
        if (tap_random() % 50 == 0)
            out[n++] = '\0';
    }
    return n;
}

static size_t random_parts(struct str s, struct str *parts, size_t max)
{
    size_t n = 0;
    while (s.n && n + 1 < max) {
        size_t len = 1 + tap_random() % (1 + tap_random() % s.n);
        parts[n++] = str_sub(s, 0, len);
        s = str_sub(s, len, s.n);
    }
    parts[n++] = s;
    return n;
}

/*
 * The standard's words, followed slowly on a whole stream: the model that the
 * reader is held against.
 */
struct model {
    struct buf type, data, id;
    bool has_data;
};

static void model_line(struct model *m, struct str line, struct buf *trace)
{
    if (line.n == 0) {
        struct sse_event e = {m->type.n ? buf_str(&m->type) : STR("message"),
            buf_str(&m->data), buf_str(&m->id)};
        if (m->has_data)
            note(trace, &e);
        buf_clear(&m->type);
        buf_clear(&m->data);
        m->has_data = false;
        return;
    }
    struct str name, value;
    str_cut(line, ':', &name, &value);
    if (value.n && value.p[0] == ' ')
        value = str_sub(value, 1, value.n);
    if (str_eq(name, STR("data"))) {
        buf_append(&m->data, m->has_data ? STR("\n") : STR(""));
        buf_append(&m->data, value);
        m->has_data = true;
    } else if (str_eq(name, STR("event"))) {
        buf_clear(&m->type);
        buf_append(&m->type, value);
    } else if (str_eq(name, STR("id")) && !memchr(line.p, '\0', line.n)) {
        buf_clear(&m->id);
        buf_append(&m->id, value);
    }
}

static void model_read(struct str s, struct buf *trace)
{
    struct model m = {0};
    buf_init(&m.type, TRACE_MAX);
    buf_init(&m.data, TRACE_MAX);
    buf_init(&m.id, TRACE_MAX);
    if (str_starts_with(s, STR("\xEF\xBB\xBF")))
        s = str_sub(s, 3, s.n);
    size_t start = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\n' && s.p[i] != '\r')
            continue;
        model_line(&m, str_sub(s, start, i - start), trace);
        if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
            i++;
        start = i + 1;
    }
    if (start < s.n)
        model_line(&m, str_sub(s, start, s.n), trace);
    model_line(&m, STR(""), trace);
    buf_release(&m.type);
    buf_release(&m.data);
    buf_release(&m.id);
}

TEST(random_streams_in_random_parts_follow_the_standard)
{
    struct buf want, got;
    buf_init(&want, TRACE_MAX);
    buf_init(&got, TRACE_MAX);
    tap_seed();
    for (int round = 0; round < 20000; round++) {
        char bytes[2048];
        struct str parts[64];
        struct str s = {bytes, random_stream(bytes, sizeof(bytes))};
        buf_clear(&want);
        buf_clear(&got);
        model_read(s, &want);
        read_parts(parts, random_parts(s, parts, 64), &got, NULL);
        CHECK_STR(buf_str(&got), buf_str(&want));
    }
    buf_release(&want);
    buf_release(&got);
}

TEST(a_line_may_grow_up_to_the_bound_and_no_further)
{
    struct buf got;
    buf_init(&got, TRACE_MAX);
    struct sse_reader r;
    sse_reader_init(&r, 100, note, &got);
    CHECK_INT(sse_reader_feed(&r, STR("data: ")), RC_OK);
    for (int i = 0; i < 94; i++)
        CHECK_INT(sse_reader_feed(&r, STR("x")), RC_OK);
    CHECK_INT(sse_reader_feed(&r, STR("\n\n")), RC_OK);
    CHECK_INT(got.n, 105);
    for (int i = 0; i < 100; i++)
        CHECK_INT(sse_reader_feed(&r, STR("y")), RC_OK);
    CHECK_INT(sse_reader_feed(&r, STR("y")), RC_TOO_LARGE);
    CHECK_INT(sse_reader_feed(&r, STR("\n")), RC_TOO_LARGE);
    CHECK_INT(sse_reader_finish(&r), RC_TOO_LARGE);
    sse_reader_release(&r);
    buf_release(&got);
}

TEST(many_data_lines_are_bounded_together)
{
    struct buf got;
    buf_init(&got, TRACE_MAX);
    struct sse_reader r;
    sse_reader_init(&r, 64, note, &got);
    enum rc rc = RC_OK;
    for (int i = 0; i < 20 && rc == RC_OK; i++)
        rc = sse_reader_feed(&r, STR("data: 0123456789\n"));
    CHECK_INT(rc, RC_TOO_LARGE);
    CHECK_INT(got.n, 0);
    sse_reader_release(&r);
    buf_release(&got);
}

TEST(little_is_kept_while_the_next_event_is_awaited)
{
    enum { LARGE = 100000 };
    struct buf got;
    buf_init(&got, TRACE_MAX);
    struct sse_reader r;
    sse_reader_init(&r, TRACE_MAX, note, &got);
    CHECK_INT(sse_reader_feed(&r, STR("data: whole\n\n")), RC_OK);
    CHECK_INT(r.line.cap + r.data.cap, 0);
    CHECK_INT(sse_reader_feed(&r, STR("data: ")), RC_OK);
    for (int i = 0; i < LARGE; i++)
        CHECK_INT(sse_reader_feed(&r, STR("x")), RC_OK);
    CHECK_INT(sse_reader_feed(&r, STR("\ndata: y\n")), RC_OK);
    CHECK(r.data.cap > LARGE);
    CHECK_INT(r.line.cap, 0);
    CHECK_INT(sse_reader_feed(&r, STR("\n")), RC_OK);
    CHECK_INT(r.data.cap, 0);
    CHECK_INT(got.n, strlen("[message||whole][message||\ny]") + LARGE);
    sse_reader_release(&r);
    buf_release(&got);
}

struct stopper {
    struct sse_reader reader;
    int events;
};

static void stop_at_once(void *ctx, const struct sse_event *e)
{
    (void)e;
    struct stopper *s = ctx;
    s->events++;
    sse_reader_stop(&s->reader);
}

TEST(a_stopped_reader_is_silent)
{
    struct stopper s = {.events = 0};
    sse_reader_init(&s.reader, 100, stop_at_once, &s);
    CHECK_INT(sse_reader_feed(&s.reader, STR("data: a\n\ndata: b\n\n")), RC_OK);
    CHECK_INT(sse_reader_feed(&s.reader, STR("data: c\n\n")), RC_OK);
    CHECK_INT(sse_reader_finish(&s.reader), RC_OK);
    CHECK_INT(s.events, 1);
    sse_reader_release(&s.reader);
}
