#include "base/clock.h"
#include "databricks/client.h"
#include "databricks/mlflow.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "script_http.h"
#include "tap.h"

/* What is asked of MLflow so that it says what a person said. */

#define TRACES "https://h/api/3.0/mlflow/traces/tr-1"

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_client http;
    struct databricks_client *client;
    struct mlflow_call *call;
    struct mlflow_feedback feedback;
    struct buf log; /* the end: "id" or "id code" */
    int ends;
};

static void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.ends = 0};
    log_set_level(LOG_ERROR);
    clock_manual_init(&f->clock, 1000, 0);
    CHECK_INT(loop_new(&f->clock.clock, &f->loop), RC_OK);
    script_http_init(&f->http);
    buf_init(&f->log, 4096);
    struct databricks_config config;
    databricks_config_init(&config);
    config.host = STR("https://h");
    config.token = STR("dapi1");
    CHECK_INT(
        databricks_client_new(f->loop, &f->http, &config, &f->client), RC_OK);
    f->feedback = (struct mlflow_feedback){.trace_id = STR("tr-1"),
        .source_id = STR("ann@example.com"),
        .up = true,
        .message_id = STR("m1")};
}

static void fixture_release(struct fixture *f)
{
    loop_turn(f->loop, 0);
    CHECK_INT(script_open(&f->http), 0);
    databricks_client_free(f->client);
    script_http_release(&f->http);
    buf_release(&f->log);
    loop_free(f->loop);
}

static void on_end(
    void *ctx, struct str id, const struct databricks_error *error)
{
    struct fixture *f = ctx;
    f->ends++;
    f->call = NULL;
    buf_clear(&f->log);
    buf_append(&f->log, id);
    if (error != NULL)
        buf_printf(&f->log, " %s", databricks_code_name(error->code));
}

static void tell(struct fixture *f)
{
    f->call = mlflow_tell(f->client, &f->feedback, on_end, f);
    CHECK_INT(f->ends, 0);
    loop_turn(f->loop, 0);
}

static void expect_ask(struct fixture *f, struct str method, struct str url)
{
    CHECK_STR(buf_str(&script_last(&f->http)->method), method);
    CHECK_STR(buf_str(&script_last(&f->http)->url), url);
}

static void answer(struct fixture *f, int status, struct str body)
{
    script_answer(script_last(&f->http), status, body);
    loop_turn(f->loop, 0);
}

static void expect_end(struct fixture *f, struct str log)
{
    CHECK_INT(f->ends, 1);
    CHECK_STR(buf_str(&f->log), log);
    f->ends = 0;
}

#define MISSING                                                                \
    STR("{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"no\"}")
/* Another person's, another name's, a machine's, and ann's. */
#define TRACE                                                                  \
    STR("{\"trace\":{\"trace_info\":{\"assessments\":["                        \
        "{\"assessment_id\":\"a-1\",\"assessment_name\":\"user_feedback\","    \
        "\"source\":{\"source_type\":\"HUMAN\",\"source_id\":\"bob\"}},"       \
        "{\"assessment_id\":\"a-2\",\"assessment_name\":\"other\",\"source\":" \
        "{\"source_type\":\"HUMAN\",\"source_id\":\"ann@example.com\"}},"      \
        "{\"assessment_id\":\"a-3\",\"assessment_name\":\"user_feedback\","    \
        "\"source\":{\"source_type\":\"CODE\","                                \
        "\"source_id\":\"ann@example.com\"}},"                                 \
        "{\"assessment_id\":\"a-4\",\"assessment_name\":\"user_feedback\","    \
        "\"source\":{\"source_type\":\"HUMAN\","                               \
        "\"source_id\":\"ann@example.com\"}},7]}}}")

TEST(the_first_vote_is_made)
{
    struct fixture f;
    fixture_init(&f);
    f.feedback.comment = STR("so \"good\"");
    f.feedback.reasons = STR("[\"clear\",\"other\"]");
    tell(&f);
    expect_ask(&f, STR("POST"), STR(TRACES "/assessments"));
    CHECK_STR(buf_str(&script_last(&f.http)->body),
        STR("{\"assessment\":{\"trace_id\":\"tr-1\",\"assessment_name\":"
            "\"user_feedback\",\"source\":{\"source_type\":\"HUMAN\","
            "\"source_id\":\"ann@example.com\"},\"feedback\":{\"value\":true},"
            "\"rationale\":\"so \\\"good\\\"\",\"metadata\":{\"message_id\":"
            "\"m1\",\"reasons\":\"clear,other\"}}}"));
    answer(&f, 200, STR("{\"assessment\":{\"assessment_id\":\"a-9\"}}"));
    expect_end(&f, STR("a-9"));
    fixture_release(&f);
}

TEST(a_known_one_is_changed_without_its_source)
{
    struct fixture f;
    fixture_init(&f);
    f.feedback.assessment_id = STR("a-9");
    f.feedback.up = false;
    tell(&f);
    expect_ask(&f, STR("PATCH"), STR(TRACES "/assessments/a-9"));
    CHECK_STR(buf_str(&script_last(&f.http)->body),
        STR("{\"assessment\":{\"trace_id\":\"tr-1\",\"assessment_name\":"
            "\"user_feedback\",\"feedback\":{\"value\":false},"
            "\"rationale\":\"\",\"metadata\":{\"message_id\":\"m1\"}},"
            "\"update_mask\":\"feedback,rationale,metadata\"}"));
    answer(&f, 200, STR(""));
    expect_end(&f, STR("a-9"));
    fixture_release(&f);
}

TEST(in_doubt_it_looks_before_it_makes_one)
{
    struct fixture f;
    fixture_init(&f);
    f.feedback.doubtful = true;
    tell(&f);
    expect_ask(&f, STR("GET"), STR(TRACES));
    answer(&f, 200, TRACE);
    expect_ask(&f, STR("PATCH"), STR(TRACES "/assessments/a-4"));
    answer(&f, 503, STR("busy"));
    expect_end(&f, STR("a-4 upstream_unavailable"));
    tell(&f);
    answer(&f, 200, STR("{\"trace\":{\"trace_info\":{}}}"));
    expect_ask(&f, STR("POST"), STR(TRACES "/assessments"));
    answer(&f, 200, STR("{}"));
    expect_end(&f, STR(" upstream_bad_response"));
    tell(&f);
    answer(&f, 404, MISSING);
    expect_end(&f, STR(" upstream_not_found"));
    tell(&f);
    answer(&f, 200, STR("<html>"));
    expect_end(&f, STR(" upstream_bad_response"));
    fixture_release(&f);
}

TEST(what_is_withdrawn_is_deleted_if_it_is_there)
{
    struct fixture f;
    fixture_init(&f);
    f.feedback.withdrawn = true;
    tell(&f);
    CHECK_INT(f.http.count, 0);
    expect_end(&f, STR(""));
    f.feedback.doubtful = true;
    tell(&f);
    answer(&f, 200, TRACE);
    expect_ask(&f, STR("DELETE"), STR(TRACES "/assessments/a-4"));
    CHECK_INT(script_last(&f.http)->body.n, 0);
    answer(&f, 200, STR("{}"));
    expect_end(&f, STR(""));
    tell(&f);
    answer(&f, 200, STR("{}"));
    expect_end(&f, STR(""));
    f.feedback.assessment_id = STR("a-9");
    tell(&f);
    answer(&f, 404, MISSING);
    expect_end(&f, STR(""));
    fixture_release(&f);
}

TEST(one_that_somebody_deleted_is_made_anew)
{
    struct fixture f;
    fixture_init(&f);
    f.feedback.assessment_id = STR("a-9");
    tell(&f);
    answer(&f, 404, MISSING);
    expect_ask(&f, STR("GET"), STR(TRACES));
    answer(&f, 200, STR("{\"trace\":{\"trace_info\":{\"assessments\":[]}}}"));
    expect_ask(&f, STR("POST"), STR(TRACES "/assessments"));
    answer(&f, 200, STR("{\"assessment\":{\"assessment_id\":\"a-10\"}}"));
    expect_end(&f, STR("a-10"));
    fixture_release(&f);
}

TEST(ids_from_elsewhere_cannot_leave_their_place)
{
    struct fixture f;
    fixture_init(&f);
    f.feedback.trace_id = STR("trace:/a.b/../c?d");
    f.feedback.doubtful = true;
    tell(&f);
    expect_ask(&f, STR("GET"),
        STR("https://h/api/3.0/mlflow/traces/"
            "trace%3A%2Fa%2Eb%2F%2E%2E%2Fc%3Fd"));
    mlflow_cancel(f.call);
    CHECK_INT(f.ends, 0);
    mlflow_cancel(NULL);
    fixture_release(&f);
}
