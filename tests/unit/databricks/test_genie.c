#include "base/clock.h"
#include "databricks/client.h"
#include "databricks/genie.h"
#include "loop/loop.h"
#include "telemetry/log.h"

#include "script_http.h"
#include "tap.h"

/* A question to Genie, against an http_client that follows the test. */

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_client http;
    struct databricks_client *client;
    struct databricks_genie *genie;
    struct buf states;
    struct buf end; /* "COMPLETED 42", or the code of the failure */
    int ends;
    bool cancels; /* at the next state */
};

static uint64_t no_jitter(void)
{
    return 0;
}

static void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.ends = 0};
    log_set_level(LOG_ERROR);
    clock_manual_init(&f->clock, 1000, 0);
    CHECK_INT(loop_new(&f->clock.clock, &f->loop), RC_OK);
    script_http_init(&f->http);
    buf_init(&f->states, 4096);
    buf_init(&f->end, 4096);
    struct databricks_config config;
    databricks_config_init(&config);
    config.host = STR("https://h");
    config.token = STR("dapi1");
    config.random = no_jitter;
    CHECK_INT(
        databricks_client_new(f->loop, &f->http, &config, &f->client), RC_OK);
}

static void fixture_release(struct fixture *f)
{
    loop_turn(f->loop, 0);
    CHECK_INT(script_open(&f->http), 0);
    databricks_client_free(f->client);
    script_http_release(&f->http);
    buf_release(&f->states);
    buf_release(&f->end);
    loop_free(f->loop);
}

static void on_state(void *ctx, const struct genie_result *so_far)
{
    struct fixture *f = ctx;
    buf_printf(&f->states, "%.*s;", STR_ARG(so_far->state));
    if (f->cancels)
        databricks_genie_cancel(f->genie);
}

static void on_done(void *ctx, const struct genie_result *result,
    const struct databricks_error *error)
{
    struct fixture *f = ctx;
    f->ends++;
    if (error != NULL) {
        buf_append(&f->end, str_from_c(databricks_code_name(error->code)));
        return;
    }
    buf_append(&f->end, result->state);
    if (result->rows > 0)
        buf_printf(&f->end, " %.*s", STR_ARG(result->cells[0]));
}

/* Time goes by, and what was due has run. */
static void pass(struct fixture *f, int64_t ms)
{
    clock_manual_advance(&f->clock, ms);
    loop_turn(f->loop, 0);
    loop_turn(f->loop, 0);
}

static void ask(struct fixture *f, struct str conversation, bool mcp)
{
    static const struct databricks_genie_handlers handlers = {
        on_state, on_done};
    const struct databricks_genie_question question = {
        .space_id = STR("sp"),
        .content = STR("How many?"),
        .conversation_id = conversation,
        .mcp = mcp,
    };
    CHECK_INT(
        databricks_genie_start(f->client, &question, &handlers, f, &f->genie),
        RC_OK);
    CHECK_INT(f->http.count, 0);
    pass(f, 0);
}

/* The request that is open now has this end of its address; it is answered. */
static void answer(
    struct fixture *f, struct str address, int status, struct str body)
{
    struct script_request *r = script_last(&f->http);
    CHECK(r->open);
    if (!str_ends_with(buf_str(&r->url), address))
        CHECK_STR(buf_str(&r->url), address);
    script_answer(r, status, body);
    pass(f, 0); /* what is next waits for its token */
}

#define RUNNING                                                                \
    STR("{\"conversation_id\":\"c\",\"message_id\":\"m\",\"status\":"          \
        "\"EXECUTING_QUERY\"}")
#define COMPLETED                                                              \
    STR("{\"conversation_id\":\"c\",\"message_id\":\"m\",\"status\":"          \
        "\"COMPLETED\",\"attachments\":[{\"attachment_id\":\"a\",\"query\":{"  \
        "\"query\":\"S\"}}]}")
#define ROWS                                                                   \
    STR("{\"statement_response\":{\"manifest\":{\"schema\":{\"columns\":[{"    \
        "\"name\":\"n\"}]}},\"result\":{\"data_array\":[[\"42\"]]}}}")

TEST(a_question_goes_its_whole_way)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR(""), false);
    CHECK_STR(buf_str(&script_last(&f.http)->body),
        STR("{\"content\":\"How many?\"}"));
    answer(
        &f, STR("/api/2.0/genie/spaces/sp/start-conversation"), 200, RUNNING);
    pass(&f, 400);
    CHECK_INT(f.http.count, 1);
    pass(&f, 200);
    answer(&f, STR("/conversations/c/messages/m"), 200, COMPLETED);
    answer(&f, STR("/messages/m/attachments/a/query-result"), 200, ROWS);
    CHECK_STR(buf_str(&f.states), STR("EXECUTING_QUERY;"));
    CHECK_STR(buf_str(&f.end), STR("COMPLETED 42"));
    fixture_release(&f);
}

TEST(a_conversation_goes_on_or_is_begun_anew_once)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR("old"), false);
    answer(&f, STR("/conversations/old/messages"), 404,
        STR("{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}"));
    answer(&f, STR("/start-conversation"), 404,
        STR("{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}"));
    CHECK_STR(buf_str(&f.end), STR("upstream_not_found"));
    fixture_release(&f);
}

TEST(too_many_questions_are_asked_again_as_told)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR(""), false);
    script_last(&f.http)->retry_after = "30";
    answer(&f, STR("/start-conversation"), 429, STR("{}"));
    CHECK_STR(buf_str(&f.states), STR("RATE_LIMITED;"));
    pass(&f, 29000);
    CHECK_INT(f.http.count, 1);
    pass(&f, 2000);
    CHECK_INT(f.http.count, 2);
    script_last(&f.http)->retry_after = "90";
    answer(&f, STR("/start-conversation"), 429, STR("{}"));
    CHECK_STR(buf_str(&f.end), STR("upstream_rate_limited"));
    fixture_release(&f);
}

TEST(looks_that_are_lost_are_repeated_but_not_for_ever)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR(""), false);
    answer(&f, STR("/start-conversation"), 200, RUNNING);
    for (int i = 0; i < 5; i++) {
        pass(&f, 6000);
        answer(&f, STR("/messages/m"), 503, STR("busy"));
    }
    CHECK_STR(buf_str(&f.end), STR("upstream_unavailable"));
    CHECK_INT(f.http.count, 6);
    fixture_release(&f);
}

TEST(what_never_ends_is_ended)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR(""), false);
    answer(&f, STR("/start-conversation"), 200, RUNNING);
    for (int i = 0; f.ends == 0; i++) {
        CHECK(i < 1000);
        if (f.http.count == SCRIPT_REQUESTS_MAX - 1)
            clock_manual_advance(&f.clock, 600000);
        pass(&f, 5000);
        if (f.ends == 0)
            answer(&f, STR("/messages/m"), 200, RUNNING);
    }
    CHECK_STR(buf_str(&f.end), STR("upstream_timeout"));
    fixture_release(&f);
}

TEST(rows_that_cannot_be_had_do_not_spoil_the_answer)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR(""), false);
    answer(&f, STR("/start-conversation"), 200, COMPLETED);
    answer(&f, STR("/query-result"), 403,
        STR("{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"no\"}"));
    CHECK_STR(buf_str(&f.end), STR("COMPLETED"));
    fixture_release(&f);
}

/* ---- MCP ---- */

#define OPENED(id) STR("{\"id\":\"" id "\",\"result\":{}}")
#define TOOL_SAYS                                                              \
    "{\"id\":\"4\",\"result\":{\"content\":[{\"text\":\"{\\\"status\\\":"      \
    "\\\"COMPLETED\\\",\\\"content\\\":\\\"It is 42.\\\"}\"}]}}"

/* Up to the call of the tool. */
static void shake_hands(struct fixture *f)
{
    ask(f, STR(""), true);
    answer(f, STR("/api/2.0/mcp/genie/sp"), 200, OPENED("1"));
    answer(f, STR("/api/2.0/mcp/genie/sp"), 202, STR(""));
    answer(f, STR("/api/2.0/mcp/genie/sp"), 200, OPENED("3"));
    CHECK(str_contains(
        buf_str(&script_last(&f->http)->body), STR("query_space_sp")));
}

TEST(an_event_stream_may_be_cut_anywhere)
{
    static const char stream[] = ": hello\r\n\r\ndata: {\"method\":\"x\"}\r\n"
                                 "\r\ndata: " TOOL_SAYS "\r\n\r\n";
    for (size_t cut = 0; cut < sizeof(stream); cut++) {
        struct fixture f;
        fixture_init(&f);
        shake_hands(&f);
        struct script_request *r = script_last(&f.http);
        r->content_type = "text/event-stream";
        script_head(r, 200);
        script_data(r, str_sub(str_from_c(stream), 0, cut));
        script_data(r, str_sub(str_from_c(stream), cut, sizeof(stream)));
        CHECK_STR(buf_str(&f.end), STR("COMPLETED"));
        CHECK(r->cancelled); /* it need not end by itself */
        fixture_release(&f);
    }
}

TEST(a_workspace_without_mcp_is_asked_otherwise)
{
    static const int statuses[] = {400, 404, 405, 406, 501};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        struct fixture f;
        fixture_init(&f);
        ask(&f, STR(""), true);
        answer(&f, STR("/mcp/genie/sp"), statuses[i], STR(""));
        answer(&f, STR("/start-conversation"), 200, COMPLETED);
        answer(&f, STR("/query-result"), 200, ROWS);
        CHECK_STR(buf_str(&f.end), STR("COMPLETED 42"));
        fixture_release(&f);
    }
}

TEST(a_question_that_was_handed_over_is_not_asked_again)
{
    struct fixture f;
    fixture_init(&f);
    shake_hands(&f);
    answer(&f, STR("/mcp/genie/sp"), 500, STR("{\"message\":\"broken\"}"));
    CHECK_STR(buf_str(&f.end), STR("upstream_error"));
    CHECK_INT(f.http.count, 4);
    fixture_release(&f);
}

TEST(a_server_without_a_handshake_is_asked_at_once)
{
    struct fixture f;
    fixture_init(&f);
    ask(&f, STR(""), true);
    answer(&f, STR("/mcp/genie/sp"), 200,
        STR("{\"id\":\"1\",\"error\":{\"code\":-32601,\"message\":\"?\"}}"));
    answer(&f, STR("/mcp/genie/sp"), 200,
        STR("{\"id\":\"2\",\"result\":{\"content\":[{\"text\":\"42\"}]}}"));
    CHECK_STR(buf_str(&f.end), STR("COMPLETED"));
    fixture_release(&f);
}

/* ---- Cancelling ---- */

TEST(a_question_is_cancelled_at_any_moment)
{
    for (int moment = 0; moment < 6; moment++) {
        struct fixture f;
        fixture_init(&f);
        if (moment < 3)
            ask(&f, STR(""), moment == 1);
        if (moment == 2)
            answer(&f, STR("/start-conversation"), 200, RUNNING);
        if (moment >= 3) {
            ask(&f, STR(""), false);
            answer(&f, STR("/start-conversation"), 200, RUNNING);
            pass(&f, 1000);
        }
        if (moment == 4)
            answer(&f, STR("/messages/m"), 200, COMPLETED);
        if (moment == 5)
            answer(&f, STR("/messages/m"), 200, RUNNING);
        databricks_genie_cancel(f.genie);
        pass(&f, 60000);
        CHECK_INT(f.ends, 0);
        fixture_release(&f);
    }
}

TEST(a_question_is_cancelled_by_who_hears_of_its_state)
{
    struct fixture f;
    fixture_init(&f);
    f.cancels = true;
    ask(&f, STR(""), false);
    answer(&f, STR("/start-conversation"), 200, RUNNING);
    pass(&f, 60000);
    CHECK_INT(f.ends, 0);
    CHECK_INT(f.http.count, 1);
    fixture_release(&f);
}

TEST(what_is_no_question_is_refused)
{
    static const struct databricks_genie_handlers handlers = {
        on_state, on_done};
    const struct databricks_genie_question questions[] = {
        {.space_id = STR("../x"), .content = STR("a")},
        {.space_id = STR(""), .content = STR("a")},
        {.space_id = STR("sp"), .content = STR(" \n")},
    };
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
        CHECK_INT(databricks_genie_start(
                      f.client, &questions[i], &handlers, &f, &f.genie),
            RC_INVALID);
    fixture_release(&f);
}
