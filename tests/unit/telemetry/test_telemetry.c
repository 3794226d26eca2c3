#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "tap.h"

/* Runs log_write with standard error captured in out. */
static void capture(struct buf *out, struct str value)
{
    int pipe_fds[2];
    CHECK(pipe(pipe_fds) == 0);
    int saved = dup(STDERR_FILENO);
    dup2(pipe_fds[1], STDERR_FILENO);
    log_info("hello there", LOG_STR("v", value), LOG_INT("n", -5));
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(pipe_fds[1]);
    char chunk[16384];
    ssize_t n = read(pipe_fds[0], chunk, sizeof(chunk));
    CHECK(n > 0);
    close(pipe_fds[0]);
    buf_append(out, (struct str){chunk, (size_t)n});
}

TEST(log_line_is_structured)
{
    struct buf out;
    buf_init(&out, 20000);
    capture(&out, STR("plain"));
    CHECK(str_contains(
        buf_str(&out), STR("level=info msg=\"hello there\" v=plain n=-5\n")));
    buf_release(&out);
}

TEST(log_value_cannot_forge_a_line)
{
    struct buf out;
    buf_init(&out, 20000);
    capture(&out, STR("a\nlevel=error \"x\""));
    CHECK(
        str_contains(buf_str(&out), STR("v=\"a\\x0alevel=error \\\"x\\\"\"")));
    CHECK_INT(str_find_char(buf_str(&out), '\n'), out.n - 1);
    buf_release(&out);
}

TEST(log_long_value_is_cut_and_line_ends)
{
    static char big[50000];
    for (size_t i = 0; i < sizeof(big); i++)
        big[i] = '"';
    struct buf out;
    buf_init(&out, 20000);
    capture(&out, (struct str){big, sizeof(big)});
    CHECK(out.n < 9000);
    CHECK(str_contains(buf_str(&out), STR(" n=-5\n")));
    CHECK(str_ends_with(buf_str(&out), STR("\n")));
    buf_release(&out);
}

TEST(log_value_that_is_no_text_is_escaped)
{
    struct buf out;
    buf_init(&out, 20000);
    capture(&out, STR("a\xff\xc3\xa9"));
    CHECK(str_contains(buf_str(&out), STR("v=\"a\\xff\\xc3\\xa9\" n=-5\n")));
    buf_clear(&out);
    capture(&out, STR("\xc3\xa9"));
    CHECK(str_contains(buf_str(&out), STR("v=\xc3\xa9 n=-5\n")));
    buf_release(&out);
}

TEST(log_level_names)
{
    enum log_level level;
    CHECK(log_level_parse(STR("debug"), &level) == RC_OK && level == LOG_DEBUG);
    CHECK(log_level_parse(STR("loud"), &level) == RC_INVALID);
}

static bool told(const char *line)
{
    struct buf out;
    buf_init(&out, 65536);
    bool there = metrics_render(&out) == RC_OK &&
                 str_contains(buf_str(&out), str_from_c(line));
    buf_release(&out);
    return there;
}

TEST(metrics_times_are_histograms)
{
    metrics_took(METRIC_TIME_STORE_COMMIT, 1000);
    metrics_took(METRIC_TIME_STORE_COMMIT, 1001);
    metrics_took(METRIC_TIME_STORE_COMMIT, -5);
    metrics_took(METRIC_TIME_STORE_COMMIT, INT64_C(61000000));
    CHECK(told("# TYPE chatbot_store_commit_seconds histogram\n"));
    CHECK(told("chatbot_store_commit_seconds_bucket{le=\"0.001\"} 2\n"));
    CHECK(told("chatbot_store_commit_seconds_bucket{le=\"0.0025\"} 3\n"));
    CHECK(told("chatbot_store_commit_seconds_bucket{le=\"60\"} 3\n"));
    CHECK(told("chatbot_store_commit_seconds_bucket{le=\"+Inf\"} 4\n"));
    CHECK(told("chatbot_store_commit_seconds_sum 61.002001\n"));
    CHECK(told("chatbot_store_commit_seconds_count 4\n"));
}

TEST(metrics_codes_are_bounded)
{
    metrics_count_code(METRIC_CODE_REFUSALS, STR("not_found"));
    metrics_count_code(METRIC_CODE_REFUSALS, STR("not_found"));
    metrics_count_code(METRIC_CODE_REFUSALS, STR("a\"}\nforged 1"));
    metrics_count_code(METRIC_CODE_REFUSALS, STR(""));
    CHECK(told("chatbot_refusals_total{code=\"not_found\"} 2\n"));
    CHECK(told("chatbot_refusals_total{code=\"other\"} 2\n"));
    for (int i = 0; i < 100; i++) {
        char code[3] = {(char)('a' + i % 26), (char)('a' + i / 26), '\0'};
        metrics_count_code(METRIC_CODE_REFUSALS, str_from_c(code));
    }
    CHECK(told("chatbot_refusals_total{code=\"other\"} 39\n"));
}

TEST(metrics_render_counts)
{
    metrics_add(METRIC_REPLIES_STARTED, 3);
    struct buf out;
    buf_init(&out, 65536);
    CHECK(metrics_render(&out) == RC_OK);
    CHECK(
        str_contains(buf_str(&out), STR("chatbot_replies_started_total 3\n")));
    CHECK(str_contains(
        buf_str(&out), STR("# TYPE chatbot_replies_live gauge\n")));
    buf_release(&out);
}
