#include "base/clock.h"
#include "databricks/client.h"
#include "databricks/endpoints.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "script_http.h"
#include "tap.h"

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_client http;
    struct databricks_client *client;
    struct databricks_lookup *lookup;
    struct buf log;
    int answers;
};

static void fixture_init(struct fixture *f, struct str personal)
{
    *f = (struct fixture){.answers = 0};
    log_set_level(LOG_ERROR);
    clock_manual_init(&f->clock, 1000, 0);
    CHECK_INT(loop_new(&f->clock.clock, &f->loop), RC_OK);
    script_http_init(&f->http);
    buf_init(&f->log, 65536);
    struct databricks_config config;
    databricks_config_init(&config);
    config.host = STR("https://h");
    config.token = personal;
    config.client_id = STR("id");
    config.client_secret = STR("secret");
    CHECK_INT(
        databricks_client_new(f->loop, &f->http, &config, &f->client), RC_OK);
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

static void on_answer(void *ctx, const struct databricks_endpoint *list,
    size_t n, const struct databricks_error *error)
{
    struct fixture *f = ctx;
    f->answers++;
    buf_clear(&f->log);
    if (error != NULL)
        buf_append(&f->log, str_from_c(databricks_code_name(error->code)));
    for (size_t i = 0; i < n; i++)
        buf_printf(&f->log, "%.*s:%.*s:%d%s%s%s;", STR_ARG(list[i].name),
            STR_ARG(list[i].task), list[i].ready, list[i].traces ? "t" : "",
            list[i].user_scopes[0] != '\0' ? ":" : "", list[i].user_scopes);
}

static void ask_list(struct fixture *f)
{
    CHECK_INT(
        databricks_endpoints_list(f->client, on_answer, f, &f->lookup), RC_OK);
    loop_turn(f->loop, 0);
}

static void ask_one(struct fixture *f)
{
    CHECK_INT(databricks_endpoints_get(
                  f->client, STR("m1"), on_answer, f, &f->lookup),
        RC_OK);
    loop_turn(f->loop, 0);
}

static void expect(
    struct fixture *f, int status, struct str body, struct str log)
{
    script_answer(script_last(&f->http), status, body);
    CHECK_STR(buf_str(&f->log), log);
}

TEST(the_list_holds_what_one_can_chat_with)
{
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    ask_list(&f);
    CHECK_INT(f.answers, 0);
    CHECK_STR(buf_str(&script_last(&f.http)->url),
        STR("https://h/api/2.0/serving-endpoints"));
    expect(&f, 200,
        STR("{\"endpoints\":["
            "{\"name\":\"a\",\"task\":\"llm/v1/chat\",\"state\":{\"ready\":"
            "\"READY\"}},"
            "{\"name\":\"b\",\"task\":\"llm/v1/embeddings\"},{\"name\":\"c\"},"
            "{\"name\":\"d\",\"task\":\"agent/v1/responses\",\"state\":{"
            "\"ready\":\"NOT_READY\"}},"
            "{\"name\":\"../x\",\"task\":\"llm/v1/chat\"},{\"task\":"
            "\"llm/v1/chat\"},7,null,"
            "{\"name\":\"e\",\"task\":\"agent/v2/chat\"}]}"),
        STR("a:llm/v1/chat:1;d:agent/v1/responses:0t;e:agent/v2/chat:0t;"));
    ask_list(&f);
    expect(&f, 200, STR("{}"), STR(""));
    CHECK_INT(f.answers, 2);
    fixture_release(&f);
}

TEST(one_endpoint_by_name)
{
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    ask_one(&f);
    CHECK_STR(buf_str(&script_last(&f.http)->url),
        STR("https://h/api/2.0/serving-endpoints/m1"));
    expect(&f, 200, STR("{\"name\":\"m1\",\"state\":{\"ready\":\"READY\"}}"),
        STR("m1::1;"));
    CHECK_INT(databricks_endpoints_get(
                  f.client, STR("a/b"), on_answer, &f, &f.lookup),
        RC_INVALID);
    fixture_release(&f);
}

/* Others refuse the option that asks for a trace. */
TEST(who_gives_traces)
{
    static const struct {
        const char *rest;
        const char *log;
    } cases[] = {
        {",\"task\":\"llm/v1/chat\",\"config\":{\"served_entities\":[{"
         "\"name\":\"m1\"},{\"name\":\"feedback\"}]}",
            "m1:llm/v1/chat:0t;"},
        {",\"config\":{\"served_entities\":[{\"name\":\"feedbacks\"},7]}",
            "m1::0;"},
        {",\"config\":{\"served_entities\":\"feedback\"}", "m1::0;"},
        {",\"config\":null", "m1::0;"},
        {",\"task\":\"agent/v1/chat\"", "m1:agent/v1/chat:0t;"},
        {",\"task\":\"agents\"", "m1:agents:0;"},
    };
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf body;
        buf_init(&body, 1000);
        buf_printf(&body, "{\"name\":\"m1\"%s}", cases[i].rest);
        ask_one(&f);
        expect(&f, 200, buf_str(&body), str_from_c(cases[i].log));
        buf_release(&body);
    }
    fixture_release(&f);
}

TEST(who_wants_to_be_asked_in_a_persons_name)
{
    static const struct {
        const char *rest;
        const char *log;
    } cases[] = {
        {",\"auth_policy\":{\"user_auth_policy\":{\"api_scopes\":[\"sql\","
         "\"genie\",7,\"\"]}}",
            "m1::0:sql genie;"},
        {",\"auth_policy\":{\"user_auth_policy\":{\"api_scopes\":[]}}",
            "m1::0;"},
        {",\"auth_policy\":{\"user_auth_policy\":null}", "m1::0;"},
        {",\"tile_endpoint_metadata\":{\"problem_type\":"
         "\"MULTI_AGENT_SUPERVISOR\"}",
            "m1::0:model-serving;"},
        {",\"tile_endpoint_metadata\":{\"problem_type\":\"OTHER\"}", "m1::0;"},
    };
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf body;
        buf_init(&body, 1000);
        buf_printf(&body, "{\"name\":\"m1\"%s}", cases[i].rest);
        ask_one(&f);
        expect(&f, 200, buf_str(&body), str_from_c(cases[i].log));
        buf_release(&body);
    }
    fixture_release(&f);
}

/* The same fixture in front of a server that is no workspace. */
static void use_other_server(struct fixture *f, struct str key)
{
    struct databricks_config config;
    databricks_config_init(&config);
    config.base = STR("http://gpu:8000/v1");
    config.token = key;
    databricks_client_free(f->client);
    CHECK_INT(
        databricks_client_new(f->loop, &f->http, &config, &f->client), RC_OK);
}

#define MODELS                                                                 \
    STR("{\"object\":\"list\",\"data\":[{\"id\":\"org/a:1\"},{\"id\":"         \
        "\"m1:latest\"},{\"id\":\"a b\"},{},7]}")

TEST(models_of_another_server)
{
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    use_other_server(&f, STR(""));
    ask_list(&f);
    CHECK_STR(
        buf_str(&script_last(&f.http)->url), STR("http://gpu:8000/v1/models"));
    CHECK_STR(buf_str(&script_last(&f.http)->authorization), STR(""));
    expect(
        &f, 200, MODELS, STR("org/a:1:llm/v1/chat:1;m1:latest:llm/v1/chat:1;"));
    ask_one(&f);
    expect(&f, 200, MODELS, STR("m1:latest:llm/v1/chat:1;"));
    ask_one(&f);
    expect(&f, 200, STR("{\"data\":[]}"), STR("")); /* a name it hides */
    ask_one(&f);
    expect(&f, 404, STR(""), STR("")); /* it lists nothing */
    ask_one(&f);
    expect(&f, 200, STR("{\"models\":[]}"), STR("upstream_bad_response"));
    ask_list(&f);
    expect(&f, 401, STR("{\"error\":{\"message\":\"no key\"}}"),
        STR("upstream_auth"));
    use_other_server(&f, STR("k"));
    ask_list(&f);
    CHECK_STR(buf_str(&script_last(&f.http)->authorization), STR("Bearer k"));
    expect(&f, 404, STR(""), STR("upstream_not_found"));
    fixture_release(&f);
}

TEST(failures_of_a_look_up)
{
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    ask_one(&f);
    expect(&f, 404,
        STR("{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"no\"}"),
        STR("upstream_not_found"));
    ask_one(&f);
    expect(&f, 200, STR("<html>"), STR("upstream_bad_response"));
    ask_one(&f);
    expect(&f, 200, STR("{}"), STR("upstream_bad_response"));
    ask_list(&f);
    expect(&f, 200, STR("[]"), STR("upstream_bad_response"));
    ask_list(&f);
    expect(&f, 503, STR(""), STR("upstream_unavailable"));
    ask_list(&f);
    script_done(script_last(&f.http), RC_TIMEOUT);
    CHECK_STR(buf_str(&f.log), STR("upstream_timeout"));
    CHECK_INT(f.answers, 6);
    fixture_release(&f);
}

TEST(an_expired_token_is_renewed)
{
    struct fixture f;
    fixture_init(&f, STR(""));
    ask_one(&f);
    script_answer(script_last(&f.http), 200, STR("{\"access_token\":\"t1\"}"));
    loop_turn(f.loop, 0);
    script_answer(script_last(&f.http), 401, STR(""));
    loop_turn(f.loop, 0);
    script_answer(script_last(&f.http), 200, STR("{\"access_token\":\"t2\"}"));
    loop_turn(f.loop, 0);
    CHECK_STR(buf_str(&script_last(&f.http)->authorization), STR("Bearer t2"));
    expect(&f, 401, STR(""), STR("upstream_auth"));
    CHECK_INT(f.answers, 1);
    fixture_release(&f);
}

TEST(a_cancelled_look_up_is_silent)
{
    struct fixture f;
    fixture_init(&f, STR("dapi1"));
    ask_list(&f);
    databricks_lookup_cancel(f.lookup);
    CHECK(script_last(&f.http)->cancelled);
    loop_turn(f.loop, 0);
    CHECK_INT(f.answers, 0);
    fixture_release(&f);
}
