#include "base/buf.h"
#include "base/json.h"
#include "databricks/genie_read.h"
#include "databricks/mcp.h"

#include "tap.h"

/* Genie's answers in all their shapes (databricks 7.1 and 7.2). */

/* What was read, on one line: "STATE|text|title|sql|a,b|x,~;y,z|2t|s1,s2|e" */
static struct str told(const struct genie_result *r, struct arena *arena)
{
    struct buf out;
    buf_init(&out, 64 * 1024);
    buf_printf(&out, "%.*s|%.*s|%.*s|%.*s|", STR_ARG(r->state),
        STR_ARG(r->text), STR_ARG(r->title), STR_ARG(r->sql));
    for (size_t i = 0; i < r->column_count; i++)
        buf_printf(&out, "%s%.*s", i ? "," : "", STR_ARG(r->columns[i].name));
    buf_append_char(&out, '|');
    for (size_t i = 0; i < r->rows * r->column_count; i++) {
        struct str cell = r->cells[i];
        if (i > 0)
            buf_append_char(&out, i % r->column_count ? ',' : ';');
        buf_append(&out, cell.p == NULL ? STR("~") : cell);
    }
    buf_printf(
        &out, "|%lld%s|", (long long)r->row_count, r->truncated ? "t" : "");
    for (size_t i = 0; i < r->suggestion_count; i++)
        buf_printf(&out, "%s%.*s", i ? "," : "", STR_ARG(r->suggestions[i]));
    buf_printf(&out, "|%.*s", STR_ARG(r->error_message));
    struct str line = arena_str(arena, buf_str(&out));
    buf_release(&out);
    return line;
}

static const struct genie_result nothing = {.row_count = -1};

static void check_message(const char *json, const char *expected)
{
    struct arena *arena = arena_new();
    struct genie_result r = nothing;
    struct jv *document;
    CHECK_INT(jv_parse(str_from_c(json), NULL, &document), RC_OK);
    genie_read_message(document, arena, &r);
    CHECK_STR(told(&r, arena), str_from_c(expected));
    jv_free(document);
    arena_free(arena);
}

static void check_tool(const char *text, const char *expected)
{
    struct arena *arena = arena_new();
    struct genie_result r = nothing;
    genie_read_tool_text(str_from_c(text), arena, &r);
    CHECK_STR(told(&r, arena), str_from_c(expected));
    arena_free(arena);
}

static void check_statement(
    const char *json, enum genie_statement verdict, const char *expected)
{
    struct arena *arena = arena_new();
    struct genie_result r = nothing;
    struct jv *document;
    CHECK_INT(jv_parse(str_from_c(json), NULL, &document), RC_OK);
    CHECK_INT(genie_read_statement(document, arena, &r), verdict);
    CHECK_STR(told(&r, arena), str_from_c(expected));
    jv_free(document);
    arena_free(arena);
}

TEST(messages_tell_their_state_and_attachments)
{
    check_message(
        "{\"id\":\"m\",\"status\":\"asking_ai\"}", "ASKING_AI||||||-1||");
    check_message("{\"status\":\"SOMETHING_NEW\",\"attachments\":null}",
        "SOMETHING_NEW||||||-1||");
    check_message("{\"conversation_id\":\"c\",\"message_id\":\"m\",\"message\":"
                  "{\"status\":\"SUBMITTED\"}}",
        "SUBMITTED||||||-1||");
    check_message(
        "{\"status\":\"COMPLETED\",\"attachments\":[{\"attachment_id\":\"a1\","
        "\"query\":{\"title\":\"T\",\"description\":\"D\",\"query\":\"S\","
        "\"query_result_metadata\":{\"row_count\":10,\"is_truncated\":true}}},"
        "{\"text\":{\"content\":\"It is X.\"}},{\"suggested_questions\":{"
        "\"questions\":[\"a\",7,\" \",\"b\"]}},{\"new\":1},null]}",
        "COMPLETED|It is X.|T|S|||10t|a,b|");
    /* Several: the last query is the answer, the texts follow each other. */
    check_message(
        "{\"status\":\"COMPLETED\",\"attachments\":[{\"query\":{\"query\":"
        "\"S1\"}},{\"text\":{\"content\":\"One.\"}},{\"query\":{\"query\":"
        "\"S2\"}},{\"text\":{\"content\":\"Two.\"}},{\"text\":\"Two.\"}]}",
        "COMPLETED|One.\n\nTwo.||S2|||-1||");
    check_message("{\"status\":\"FAILED\",\"error\":{\"type\":\"X\","
                  "\"error\":\"why\"}}",
        "FAILED||||||-1||why");
    check_message("{\"status\":\"CANCELED\",\"error\":\"plain\"}",
        "CANCELLED||||||-1||plain");
    check_message("[]", "||||||-1||");
    check_message("7", "||||||-1||");
}

#define SCHEMA                                                                 \
    "\"manifest\":{\"schema\":{\"columns\":[{\"name\":\"c\",\"type_name\":"    \
    "\"STRING\"},{\"name\":\"n\",\"type_text\":\"BIGINT\"}]},"                 \
    "\"total_row_count\":3,\"truncated\":true}"

TEST(statements_have_rows_of_both_forms)
{
    check_statement("{\"statement_response\":{\"status\":{\"state\":"
                    "\"SUCCEEDED\"}," SCHEMA ",\"result\":{\"data_array\":[["
                    "\"Acme\",\"42\"],[null,\"7\"],[\"short\"]]}}}",
        GENIE_STATEMENT_READY, "||||c,n|Acme,42;~,7;short,~|3t||");
    check_statement("{\"statement_response\":{" SCHEMA ",\"result\":{"
                    "\"data_array\":[{\"values\":[{\"string_value\":\"A\"},{"
                    "\"null_value\":\"NULL_VALUE\"}]},{\"values\":[{},{"
                    "\"int_value\":5}]}]}}}",
        GENIE_STATEMENT_READY, "||||c,n|A,~;~,5|3t||");
    check_statement("{\"statement_response\":{\"result\":{\"data_typed_array\""
                    ":[{\"values\":[{\"str\":\"x\"},{\"str\":\"y\"}]}]}}}",
        GENIE_STATEMENT_READY, "||||column 1,column 2|x,y|1||");
    check_statement("{\"statement_response\":{" SCHEMA ",\"result\":{}}}",
        GENIE_STATEMENT_READY, "||||c,n||3t||");
    check_statement("{\"statement_response\":{\"result\":{\"data_array\":[[1,"
                    "true,[2],{\"k\":3}]]}}}",
        GENIE_STATEMENT_READY,
        "||||column 1,column 2,column 3,column 4|1,true,[2],3|1||");
}

TEST(statements_may_run_fail_or_be_gone)
{
    check_statement("{\"statement_response\":{\"status\":{\"state\":"
                    "\"PENDING\"}}}",
        GENIE_STATEMENT_RUNNING, "||||||-1||");
    check_statement("{\"statement_response\":{\"status\":{\"state\":"
                    "\"running\"}}}",
        GENIE_STATEMENT_RUNNING, "||||||-1||");
    check_statement("{\"statement_response\":{\"status\":{\"state\":\"FAILED\""
                    ",\"error\":{\"error_code\":\"E\",\"message\":\"bad\"}}}}",
        GENIE_STATEMENT_FAILED, "||||||-1||bad");
    check_statement("{\"statement_response\":{\"status\":{\"state\":"
                    "\"CANCELED\"}}}",
        GENIE_STATEMENT_FAILED, "||||||-1||");
    check_statement("{\"statement_response\":{\"status\":{\"state\":"
                    "\"CLOSED\"}}}",
        GENIE_STATEMENT_GONE, "||||||-1||");
    check_statement("{}", GENIE_STATEMENT_NONE, "||||||-1||");
    check_statement(
        "{\"statement_response\":[]}", GENIE_STATEMENT_NONE, "||||||-1||");
}

#define INNER                                                                  \
    "{\"query\":\"S\",\"description\":\"D\",\"statement_response\":{"          \
    "\"status\":{\"state\":\"SUCCEEDED\"},\"manifest\":{\"schema\":{"          \
    "\"columns\":[{\"name\":\"n\"}]}},\"result\":{\"data_array\":[{"           \
    "\"values\":[{\"string_value\":\"42\"}]}]}}}"

TEST(tools_answer_in_many_forms)
{
    static const char whole[] = "COMPLETED|||S|n|42|1||";
    /* JSON in JSON as a text, and as an object. */
    check_tool(
        "{\"conversationId\":\"c\",\"messageId\":\"m\",\"status\":"
        "\"COMPLETED\",\"content\":\"{\\\"query\\\":\\\"S\\\","
        "\\\"description\\\":\\\"D\\\",\\\"statement_response\\\":{"
        "\\\"status\\\":{\\\"state\\\":\\\"SUCCEEDED\\\"},\\\"manifest\\\":{"
        "\\\"schema\\\":{\\\"columns\\\":[{\\\"name\\\":\\\"n\\\"}]}},"
        "\\\"result\\\":{\\\"data_array\\\":[{\\\"values\\\":[{"
        "\\\"string_value\\\":\\\"42\\\"}]}]}}}\"}",
        whole);
    check_tool("{\"status\":\"complete\",\"content\":" INNER "}", whole);
    check_tool(INNER, whole);
    /* The newer one. */
    check_tool(
        "{\"status\":\"COMPLETED\",\"content\":{\"queryAttachments\":[" INNER
        "],\"textAttachments\":[{\"content\":\"T1\"},\"T2\"],"
        "\"suggestedQuestions\":[\"a\"]}}",
        "COMPLETED|T1\n\nT2||S|n|42|1|a|");
    /* Words. */
    check_tool("{\"status\":\"COMPLETED\",\"content\":\"It is 42.\"}",
        "COMPLETED|It is 42.|||||-1||");
    check_tool("It is 42.", "COMPLETED|It is 42.|||||-1||");
    check_tool("{\"status\":\"COMPLETED\",\"content\":\"{broken\"}",
        "COMPLETED|{broken|||||-1||");
    /* What nobody knows is shown as it is. */
    check_tool("{\"status\":\"COMPLETED\",\"content\":{\"x\":1}}",
        "COMPLETED|{\"x\":1}|||||-1||");
    check_tool("{\"conversationId\":\"c\",\"status\":\"EXECUTING_QUERY\"}",
        "EXECUTING_QUERY||||||-1||");
    check_tool(
        "{\"status\":\"FAILED\",\"error\":\"why\"}", "FAILED||||||-1||why");
    check_tool("{\"error\":{\"message\":\"why\"}}", "FAILED||||||-1||why");
    check_tool("{\"status\":\"COMPLETED\",\"content\":{\"query\":\"S\","
               "\"statement_response\":{\"status\":{\"state\":\"RUNNING\"}}}}",
        "EXECUTING_QUERY|||S|||-1||");
    check_tool("", "COMPLETED||||||-1||");
}

TEST(results_stay_within_their_bounds)
{
    struct arena *arena = arena_new();
    struct genie_result r = nothing;
    struct buf out;
    struct jv *document;
    buf_init(&out, 16 * 1024 * 1024);
    buf_append(&out, STR("{\"statement_response\":{\"result\":{"
                         "\"data_array\":["));
    for (int i = 0; i < 5000; i++)
        buf_printf(&out, "%s[\"%d\",\"%0200d\"]", i ? "," : "", i, i);
    buf_append(&out, STR("]}}}"));
    CHECK(buf_ok(&out));
    CHECK_INT(jv_parse(buf_str(&out), NULL, &document), RC_OK);
    CHECK_INT(genie_read_statement(document, arena, &r), GENIE_STATEMENT_READY);
    CHECK_INT(r.rows, 1000);
    CHECK_INT(r.row_count, 5000);
    CHECK_STR(r.cells[2 * 999], STR("999"));
    jv_free(document);
    buf_clear(&out);
    buf_append(&out, STR("{\"statement_response\":{\"result\":{"
                         "\"data_array\":["));
    for (int i = 0; i < 500; i++)
        buf_printf(&out, "%s[\"%05000d\"]", i ? "," : "", i);
    buf_append(&out, STR("]}}}"));
    CHECK_INT(jv_parse(buf_str(&out), NULL, &document), RC_OK);
    r = nothing;
    CHECK_INT(genie_read_statement(document, arena, &r), GENIE_STATEMENT_READY);
    CHECK_INT(r.cells[0].n, GENIE_MAX_CELL);
    CHECK(r.rows > 10 && r.rows * GENIE_MAX_CELL <= GENIE_MAX_CELLS);
    CHECK_INT(r.row_count, 500);
    jv_free(document);
    buf_release(&out);
    arena_free(arena);
}

/* ---- MCP ---- */

static void check_mcp(
    const char *body, enum mcp_verdict verdict, const char *text)
{
    struct arena *arena = arena_new();
    struct mcp_answer a;
    mcp_read(str_from_c(body), 7, arena, &a);
    CHECK_INT(a.verdict, verdict);
    CHECK_STR(a.text, str_from_c(text));
    jv_free(a.document);
    arena_free(arena);
}

TEST(an_answer_of_mcp_is_found_by_its_id)
{
    check_mcp("{\"id\":\"7\",\"result\":{\"content\":[{\"type\":\"image\"},{"
              "\"type\":\"text\",\"text\":\"hi\"}],\"isError\":false}}",
        MCP_RESULT, "hi");
    check_mcp("{\"id\":7,\"result\":{}}", MCP_RESULT, "");
    check_mcp("[{\"method\":\"x\"},{\"id\":7,\"result\":{\"structuredContent\""
              ":{\"a\":1}}}]",
        MCP_RESULT, "{\"a\":1}");
    check_mcp("{\"id\":7,\"result\":{\"content\":[{\"text\":\"no\"}],"
              "\"isError\":true}}",
        MCP_TOOL_ERROR, "no");
    check_mcp("{\"id\":\"7\",\"error\":{\"code\":-32603,\"message\":\"gone\"}}",
        MCP_ERROR, "gone");
    check_mcp(
        "{\"id\":null,\"error\":{\"message\":\"gone\"}}", MCP_ERROR, "gone");
    check_mcp("{\"id\":8,\"result\":{}}", MCP_UNREADABLE, "");
    check_mcp("{\"method\":\"notifications/x\"}", MCP_UNREADABLE, "");
    check_mcp("<html>", MCP_UNREADABLE, "");
    check_mcp("", MCP_UNREADABLE, "");
    CHECK(mcp_answers(STR("{\"id\":3,\"result\":{}}"), 3));
    CHECK(!mcp_answers(STR("{\"id\":3,\"method\":\"ping\"}"), 3));
    CHECK(!mcp_answers(STR("{"), 3));
}

TEST(requests_of_mcp_are_json_rpc)
{
    struct buf out;
    const struct mcp_argument arguments[] = {
        {"query", STR("a \"b\"")}, {"conversation_id", {NULL, 0}}};
    buf_init(&out, 4096);
    mcp_write_call(&out, 2, STR("query_space_x"), arguments, 2);
    CHECK_STR(buf_str(&out),
        STR("{\"jsonrpc\":\"2.0\",\"id\":\"2\",\"method\":\"tools/call\","
            "\"params\":{\"name\":\"query_space_x\",\"arguments\":{\"query\":"
            "\"a \\\"b\\\"\"}}}"));
    buf_clear(&out);
    mcp_write_initialized(&out);
    CHECK_STR(buf_str(&out),
        STR("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
    buf_clear(&out);
    mcp_write_list(&out, 1);
    CHECK_STR(buf_str(&out),
        STR("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"tools/list\"}"));
    buf_release(&out);
}

TEST(the_tool_of_the_space_is_found)
{
    struct jv *document;
    CHECK_INT(jv_parse(STR("{\"tools\":[{\"name\":\"other\"},7,{\"name\":"
                           "\"query_space_1\"},{\"name\":\"query_space_2\"}]}"),
                  NULL, &document),
        RC_OK);
    CHECK_STR(mcp_find_tool(document, STR("query_space_"), STR("2")),
        STR("query_space_2"));
    CHECK_STR(mcp_find_tool(document, STR("query_space_"), STR("9")),
        STR("query_space_1"));
    CHECK_STR(mcp_find_tool(document, STR("poll_"), STR("1")), STR(""));
    CHECK_STR(mcp_find_tool(NULL, STR("poll_"), STR("1")), STR(""));
    jv_free(document);
}
