#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "fixture.h"
#include "tap.h"

#define H "Host: x\r\n"
#define C H "Connection: close\r\n"

/* Standard error goes into a file while the test runs. */
struct capture {
    int saved;
    FILE *file;
    struct buf text;
};

static void capture_begin(struct capture *c)
{
    fflush(stderr);
    c->file = tmpfile();
    c->saved = dup(STDERR_FILENO);
    CHECK(c->file != NULL && dup2(fileno(c->file), STDERR_FILENO) >= 0);
    buf_init(&c->text, 1 << 20);
    log_set_level(LOG_INFO);
}

static void capture_end(struct capture *c)
{
    char data[4096];
    size_t n;
    log_set_level(LOG_ERROR);
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    rewind(c->file);
    while ((n = fread(data, 1, sizeof(data), c->file)) > 0)
        buf_append(&c->text, (struct str){data, n});
    fclose(c->file);
}

static size_t lines_with(const struct capture *c, const char *text)
{
    struct str rest = buf_str(&c->text), line;
    size_t count = 0;
    while (rest.n > 0) {
        str_cut(rest, '\n', &line, &rest);
        count += str_contains(line, str_from_c(text));
    }
    return count;
}

TEST(log_has_one_line_for_each_answer_and_never_the_query)
{
    struct fixture f;
    struct capture c;
    fixture_open(&f, NULL);
    capture_begin(&c);
    ask(&f,
        "GET /hello?token=hidden HTTP/1.1\r\n" C "X-Request-Id: r-1\r\n\r\n",
        NULL);
    ask(&f, "GET /hello HTTP/1.1\r\nBad Name: x\r\n\r\n", NULL);
    f.source.end = true;
    buf_append(&f.source.ready, STR("12345"));
    ask(&f, "GET /stream HTTP/1.1\r\n" C "X-Request-Id: r-2\r\n\r\n", NULL);
    capture_end(&c);
    CHECK_INT(lines_with(&c, ""), 3);
    CHECK_INT(lines_with(&c, "hidden"), 0);
    CHECK_INT(lines_with(&c,
                  "level=info msg=request method=GET route=/hello user=\"\" "
                  "status=200 bytes=5 ms=0 request_id=r-1 peer=127.0.0.1"),
        1);
    CHECK_INT(lines_with(&c, "status=400"), 1);
    CHECK_INT(
        lines_with(&c,
            "route=/stream user=\"\" status=200 bytes=5 ms=0 request_id=r-2"),
        1);
    buf_release(&c.text);
    fixture_close(&f);
}

TEST(log_tells_when_the_client_left_before_the_answer)
{
    struct fixture f;
    struct capture c;
    struct peer p;
    fixture_open(&f, NULL);
    int64_t requests = metrics_get(METRIC_HTTP_REQUESTS);
    int64_t errors = metrics_get(METRIC_HTTP_ERRORS_4XX);
    peer_open(&p, &f);
    peer_send(&p, STR("GET /later HTTP/1.1\r\n" H "\r\n"));
    for (int i = 0; i < WAIT_TURNS && f.held == NULL; i++)
        loop_turn(f.loop, 1);
    capture_begin(&c);
    peer_reset(&p);
    for (int i = 0; i < WAIT_TURNS && f.gone == 0; i++)
        loop_turn(f.loop, 1);
    capture_end(&c);
    CHECK_INT(lines_with(&c, "route=/later user=\"\" status=499 bytes=0"), 1);
    CHECK_INT(metrics_get(METRIC_HTTP_REQUESTS) - requests, 1);
    CHECK_INT(metrics_get(METRIC_HTTP_ERRORS_4XX) - errors, 1);
    buf_release(&c.text);
    peer_close(&p);
    fixture_close(&f);
}
