#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "databricks/chat_protocol.h"

#include "event_log.h"
#include "tap.h"
#include "transcripts.h"

enum { TRACE_MAX = 4 * 1024 * 1024, LINE_MAX_TEST = 1024 * 1024 };

/* An answer and what was made of it. */
struct trace {
    struct event_log log;
    int stop_after; /* stops the protocol at that event, 0: never */
    struct chat_protocol *protocol;
};

static void note(void *ctx, const struct databricks_event *e)
{
    struct trace *t = ctx;
    event_log_note(&t->log, e);
    if (t->log.events == t->stop_after)
        chat_protocol_stop(t->protocol);
}

static void trace_init(struct trace *t)
{
    *t = (struct trace){0};
    event_log_init(&t->log, TRACE_MAX);
    t->protocol = chat_protocol_new(LINE_MAX_TEST, LINE_MAX_TEST, note, t);
}

static void trace_release(struct trace *t)
{
    event_log_release(&t->log);
    chat_protocol_free(t->protocol);
}

static void head(struct trace *t, int status)
{
    struct databricks_answer answer = {.status = status};
    chat_protocol_head(t->protocol, &answer);
}

/* Ends the exchange and adds the verdict. */
static struct databricks_error end(struct trace *t, enum rc why)
{
    struct databricks_error error = {.code = 0};
    enum chat_verdict v =
        chat_protocol_end(t->protocol, why, STR("because"), &error);
    event_log_end(&t->log, v, &error);
    return error;
}

static void play(struct trace *t, int status, const struct str *parts, size_t n)
{
    head(t, status);
    for (size_t i = 0; i < n; i++)
        if (chat_protocol_data(t->protocol, parts[i]) != CHAT_GOES_ON)
            break;
    end(t, RC_OK);
}

/* Plays body in these parts; it must make of it what the file says. */
static void expect(const struct transcript *x, const struct str *parts,
    size_t n, const char *how)
{
    struct trace t;
    trace_init(&t);
    play(&t, x->status, parts, n);
    if (!str_eq(buf_str(&t.log.text), str_from_c(x->trace)))
        tap_fail(__FILE__, __LINE__, "%s (%s): %.*s, expected %s", x->name, how,
            STR_ARG(buf_str(&t.log.text)), x->trace);
    trace_release(&t);
}

static const char *const line_ends[] = {"\n", "\r\n", "\r"};

enum { LINE_ENDS = sizeof(line_ends) / sizeof(*line_ends) };

/* The body with lines that end as the i-th of line_ends. */
static struct str with_line_ends(struct str body, size_t i, struct buf *out)
{
    buf_init(out, TRACE_MAX);
    for (size_t k = 0; k < body.n; k++)
        if (body.p[k] == '\n')
            buf_append(out, str_from_c(line_ends[i]));
        else if (body.p[k] != '\r')
            buf_append_char(out, body.p[k]);
    return buf_str(out);
}

typedef void body_fn(const struct transcript *x, struct str body);

static void with_every_line_end(body_fn *fn)
{
    for (size_t i = 0; i < transcript_count; i++)
        for (size_t e = 0; e < LINE_ENDS; e++) {
            struct buf body;
            fn(&transcripts[i], with_line_ends(transcripts[i].body, e, &body));
            buf_release(&body);
        }
}

TEST(every_transcript)
{
    CHECK(transcript_count > 100);
    for (size_t i = 0; i < transcript_count; i++)
        expect(&transcripts[i], &transcripts[i].body, 1, "whole");
}

static void split_everywhere(const struct transcript *x, struct str body)
{
    for (size_t at = 0; at <= body.n; at++) {
        struct str parts[] = {str_sub(body, 0, at), str_sub(body, at, body.n)};
        expect(x, parts, 2, "split");
    }
}

/* B1: 68 of 76 two-way splits of a small stream lost text. */
TEST(b1_every_transcript_at_every_split_with_every_line_end)
{
    with_every_line_end(split_everywhere);
}

static void byte_by_byte(const struct transcript *x, struct str body)
{
    struct str *parts = mem_alloc((body.n + 1) * sizeof(*parts));
    for (size_t k = 0; k < body.n; k++)
        parts[k] = str_sub(body, k, 1);
    expect(x, parts, body.n, "byte by byte");
    mem_free(parts);
}

TEST(every_transcript_byte_by_byte_with_every_line_end)
{
    with_every_line_end(byte_by_byte);
}

/* B4: "content": null in a first chunk was an error and ended streaming. */
TEST(b4_null_content_is_nothing_special)
{
    struct trace t;
    trace_init(&t);
    struct str body = STR(
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":"
        "null}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    play(&t, 200, &body, 1);
    CHECK_STR(buf_str(&t.log.text), STR("T(x)F(stop)complete"));
    trace_release(&t);
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

TEST(every_transcript_in_random_parts)
{
    tap_seed();
    for (size_t i = 0; i < transcript_count; i++)
        for (int round = 0; round < 200; round++) {
            struct str parts[40];
            struct str body = transcripts[i].body;
            size_t n = random_parts(body, parts, 40);
            expect(&transcripts[i], parts, n, "random parts");
        }
}

/* Cut anywhere, by either kind of end: one verdict, and no text invented. */
TEST(every_transcript_cut_everywhere)
{
    for (size_t i = 0; i < transcript_count; i++) {
        struct str body = transcripts[i].body;
        for (size_t at = 0; at < body.n; at++) {
            struct trace t;
            trace_init(&t);
            head(&t, transcripts[i].status);
            (void)chat_protocol_data(t.protocol, str_sub(body, 0, at));
            end(&t, at % 2 ? RC_OK : RC_CLOSED);
            CHECK(t.log.text.n > 0);
            trace_release(&t);
        }
    }
}

TEST(text_before_a_lost_connection_stands)
{
    struct trace t;
    trace_init(&t);
    head(&t, 200);
    struct str chunk =
        STR("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n");
    CHECK_INT(chat_protocol_data(t.protocol, chunk), CHAT_GOES_ON);
    CHECK(chat_protocol_spoke(t.protocol));
    end(&t, RC_CLOSED);
    CHECK_STR(buf_str(&t.log.text), STR("T(x)upstream_interrupted"));
    trace_release(&t);
    trace_init(&t);
    head(&t, 200);
    CHECK_INT(chat_protocol_data(t.protocol, chunk), CHAT_GOES_ON);
    end(&t, RC_TIMEOUT);
    CHECK_STR(buf_str(&t.log.text), STR("T(x)upstream_timeout"));
    trace_release(&t);
}

TEST(a_cut_after_the_finish_reason_is_no_loss)
{
    struct trace t;
    trace_init(&t);
    head(&t, 200);
    CHECK_INT(chat_protocol_data(t.protocol,
                  STR("data: {\"choices\":[{\"delta\":{\"content\":\"x\"},"
                      "\"finish_reason\":\"stop\"}]}\n\ndata: [DO")),
        CHAT_GOES_ON);
    end(&t, RC_CLOSED);
    CHECK_STR(buf_str(&t.log.text), STR("T(x)F(stop)complete"));
    trace_release(&t);
}

TEST(never_reached)
{
    struct trace t;
    trace_init(&t);
    struct databricks_error e = end(&t, RC_IO);
    CHECK_STR(buf_str(&t.log.text), STR("upstream_unreachable"));
    CHECK_INT(e.resend, DATABRICKS_RESEND_LATER);
    CHECK_STR(str_from_c(e.detail), STR("because"));
    trace_release(&t);
}

TEST(the_head_adds_to_the_error)
{
    struct trace t;
    trace_init(&t);
    struct databricks_answer answer = {
        .status = 429, .retry_after_ms = 3000, .request_id = STR("u-1")};
    chat_protocol_head(t.protocol, &answer);
    struct databricks_error e = end(&t, RC_OK);
    CHECK_INT(e.retry_after_ms, 3000);
    CHECK_INT(e.http_status, 429);
    CHECK_STR(str_from_c(e.request_id), STR("u-1"));
    trace_release(&t);
}

TEST(a_stopped_protocol_is_silent)
{
    struct trace t;
    trace_init(&t);
    t.stop_after = 1;
    struct str body = transcripts[0].body;
    play(&t, 200, &body, 1);
    CHECK_INT(t.log.events, 1);
    trace_release(&t);
}

TEST(a_trace_of_300_kilobytes_on_one_line)
{
    struct buf body;
    buf_init(&body, LINE_MAX_TEST);
    buf_append(&body, STR("data: {\"choices\":[{\"delta\":{\"content\":\"x\"},"
                          "\"finish_reason\":\"stop\"}],\"databricks_output\":"
                          "{\"trace\":\""));
    for (int i = 0; i < 300 * 1024; i++)
        buf_append_char(&body, 'y');
    buf_append(&body, STR("\"}}\n\ndata: [DONE]\n\n"));
    struct trace t;
    trace_init(&t);
    struct str parts[64];
    play(&t, 200, parts, random_parts(buf_str(&body), parts, 64));
    CHECK_STR(buf_str(&t.log.text), STR("T(x)F(stop)complete"));
    trace_release(&t);
    buf_release(&body);
}

TEST(a_line_without_end_is_refused)
{
    struct trace t;
    trace_init(&t);
    head(&t, 200);
    char block[4096];
    memset(block, 'z', sizeof(block));
    enum chat_progress progress =
        chat_protocol_data(t.protocol, STR("data: \""));
    for (int i = 0; i < 1024 && progress == CHAT_GOES_ON; i++)
        progress =
            chat_protocol_data(t.protocol, (struct str){block, sizeof(block)});
    CHECK_INT(progress, CHAT_BROKEN);
    end(&t, RC_OK);
    CHECK_STR(buf_str(&t.log.text), STR("upstream_bad_response"));
    trace_release(&t);
}

TEST(a_failure_of_endless_length_is_cut)
{
    struct trace t;
    trace_init(&t);
    head(&t, 500);
    char block[4096];
    memset(block, 'z', sizeof(block));
    for (int i = 0; i < 2048; i++)
        CHECK_INT(
            chat_protocol_data(t.protocol, (struct str){block, sizeof(block)}),
            CHAT_GOES_ON);
    end(&t, RC_OK);
    CHECK_STR(buf_str(&t.log.text), STR("upstream_error"));
    trace_release(&t);
}

/* Mutated transcripts, in random parts: whatever comes, one verdict. */
TEST(garbage_is_survived)
{
    tap_seed();
    for (int round = 0; round < 20000; round++) {
        const struct transcript *x =
            &transcripts[tap_random() % transcript_count];
        char bytes[8192];
        size_t n = x->body.n;
        CHECK(n < sizeof(bytes));
        memcpy(bytes, x->body.p, n);
        for (uint64_t i = tap_random() % 8; i > 0 && n > 0; i--)
            bytes[tap_random() % n] =
                "\"{}[],:\\\n\r x\xE2\0"[tap_random() % 14];
        struct str parts[16];
        struct trace t;
        trace_init(&t);
        play(&t, x->status, parts,
            random_parts((struct str){bytes, n}, parts, 16));
        CHECK(t.log.text.n > 0);
        trace_release(&t);
    }
}
