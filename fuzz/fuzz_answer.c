#include <assert.h>
#include <stddef.h>

#include "base/num.h"
#include "base/utf8.h"

#include "event_log.h"

/*
 * An answer of a serving endpoint, written as the files of tests/data/answers:
 * "<status> <anything>" on the first line, then the body. Whatever the body
 * is and however it is cut, the same events and the same verdict come out of
 * it, every text whole characters. Built once for each protocol, each with a
 * corpus of its own.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MAX_INPUT = 16384, MAX_LINE = 2 * MAX_INPUT, MAX_LOG = 64 * MAX_INPUT };

static void note(void *ctx, const struct databricks_event *event)
{
    if (event->type != DATABRICKS_EVENT_USAGE) {
        assert(event->text.n > 0);
        assert(utf8_valid(event->text));
    }
    event_log_note(ctx, event);
}

/* In pieces of up to `most` bytes, whose sizes the bytes themselves say. */
static void feed(struct chat_protocol *p, struct str body, size_t most)
{
    for (size_t at = 0, n = 0; at < body.n; at += n) {
        n = 1 + (unsigned char)body.p[at] % most;
        n = most > MAX_INPUT ? body.n : n;
        if (chat_protocol_data(p, str_sub(body, at, n)) != CHAT_GOES_ON)
            return;
    }
}

static void play(
    int status, struct str body, size_t most, struct event_log *log)
{
    struct databricks_error error;
    struct databricks_answer head = {.status = status};
    struct chat_protocol *p = chat_protocol_new(MAX_LINE, MAX_LINE, note, log);
    chat_protocol_head(p, &head);
    feed(p, body, most);
    enum rc why = body.n % 3 ? RC_OK : RC_CLOSED;
    event_log_end(log, chat_protocol_end(p, why, STR("why"), &error), &error);
    chat_protocol_free(p);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const size_t pieces[] = {1, 7, 97};
    struct str all = {(const char *)data, size}, line, body, word, rest;
    struct event_log whole, cut;
    int64_t status = 200;
    if (size > MAX_INPUT)
        return 0;
    str_cut(all, '\n', &line, &body);
    str_cut(line, ' ', &word, &rest);
    (void)num_parse_i64(word, 100, 599, &status);
    event_log_init(&whole, MAX_LOG);
    play((int)status, body, MAX_INPUT + 1, &whole);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        event_log_init(&cut, MAX_LOG);
        play((int)status, body, pieces[i], &cut);
        assert(str_eq(buf_str(&whole.text), buf_str(&cut.text)));
        event_log_release(&cut);
    }
    event_log_release(&whole);
    return 0;
}
