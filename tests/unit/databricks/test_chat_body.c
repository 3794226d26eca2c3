#include "databricks/chat_body.h"

#include "tap.h"

#define SYSTEM DATABRICKS_ROLE_SYSTEM
#define USER DATABRICKS_ROLE_USER
#define ASSISTANT DATABRICKS_ROLE_ASSISTANT

static void expect(
    struct databricks_chat_request request, bool stream, struct str body)
{
    struct buf out;
    buf_init(&out, 65536);
    CHECK_INT(chat_body_write(&request, stream, &out), RC_OK);
    CHECK_STR(buf_str(&out), body);
    buf_release(&out);
}

TEST(only_what_is_needed_is_sent)
{
    struct databricks_message hi[] = {{USER, STR("Hi")}};
    struct databricks_chat_request r = {.messages = hi, .message_count = 1};
    expect(r, false,
        STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\""
            "}]}"));
    r.max_tokens = 100;
    expect(r, true,
        STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\""
            "}],\"max_tokens\":100,\"stream\":true}"));
}

/* A retry without a stream takes the last member away again. */
TEST(a_trace_is_asked_for_before_the_stream)
{
    struct databricks_message hi[] = {{USER, STR("Hi")}};
    struct databricks_chat_request r = {
        .messages = hi, .message_count = 1, .return_trace = true};
    expect(r, true,
        STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\""
            "}],\"databricks_options\":{\"return_trace\":true},\"stream\":"
            "true}"));
}

TEST(system_texts_come_first_as_one)
{
    struct databricks_message m[] = {
        {USER, STR("a")}, {SYSTEM, STR("Two.")}, {ASSISTANT, STR("b")}};
    struct databricks_chat_request r = {
        .messages = m, .message_count = 3, .system_prompt = STR("One.")};
    expect(r, false,
        STR("{\"messages\":["
            "{\"role\":\"system\",\"content\":\"One.\\n\\nTwo.\"},"
            "{\"role\":\"user\",\"content\":\"a\"},"
            "{\"role\":\"assistant\",\"content\":\"b\"}]}"));
}

TEST(what_endpoints_refuse_is_mended)
{
    struct databricks_message m[] = {{ASSISTANT, STR("left over")},
        {USER, STR(" \n")}, {ASSISTANT, STR("still")}, {USER, STR("a")},
        {ASSISTANT, STR("")}, {USER, STR("b")}, {ASSISTANT, STR("c")},
        {ASSISTANT, STR("d")}, {USER, STR("e")}};
    struct databricks_chat_request r = {.messages = m, .message_count = 9};
    expect(r, false,
        STR("{\"messages\":["
            "{\"role\":\"user\",\"content\":\"a\\n\\nb\"},"
            "{\"role\":\"assistant\",\"content\":\"c\\n\\nd\"},"
            "{\"role\":\"user\",\"content\":\"e\"}]}"));
}

TEST(without_a_question_there_is_no_request)
{
    struct databricks_message m[] = {
        {ASSISTANT, STR("x")}, {USER, STR("\t")}, {SYSTEM, STR("y")}};
    struct databricks_chat_request r = {.messages = m, .message_count = 3};
    struct buf out;
    buf_init(&out, 1000);
    CHECK_INT(chat_body_write(&r, true, &out), RC_INVALID);
    buf_release(&out);
}

TEST(too_much_is_told)
{
    char text[300];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = '"';
    struct databricks_message m[] = {{USER, {text, sizeof(text)}}};
    struct databricks_chat_request r = {.messages = m, .message_count = 1};
    struct buf out;
    buf_init(&out, 400);
    CHECK_INT(chat_body_write(&r, true, &out), RC_TOO_LARGE);
    buf_release(&out);
    buf_init(&out, 200);
    CHECK_INT(chat_body_write(&r, true, &out), RC_TOO_LARGE);
    buf_release(&out);
}

TEST(settings_are_written_where_they_have_a_place)
{
    struct databricks_message hi[] = {{USER, STR("Hi")}};
    struct databricks_chat_request r = {.messages = hi,
        .message_count = 1,
        .max_tokens = 3000,
        .has_temperature = true,
        .temperature = 0.5,
        .thinking = DATABRICKS_THINKING_BUDGET,
        .thinking_budget = 1024};
#define HI "[{\"role\":\"user\",\"content\":\"Hi\"}]"
    expect(r, false,
        STR("{\"messages\":" HI ",\"max_tokens\":3000,\"temperature\":0.5,"
            "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}"));
    r.has_temperature = false;
    r.thinking = DATABRICKS_THINKING_ADAPTIVE;
    r.effort = "high";
    expect(r, false,
        STR("{\"messages\":" HI ",\"max_tokens\":3000,"
            "\"thinking\":{\"type\":\"adaptive\"},"
            "\"output_config\":{\"effort\":\"high\"}}"));
    r.thinking = DATABRICKS_THINKING_EFFORT;
    expect(r, false,
        STR("{\"messages\":" HI ",\"max_tokens\":3000,"
            "\"reasoning_effort\":\"high\"}"));
    r.task = DATABRICKS_TASK_RESPONSES;
    expect(r, false,
        STR("{\"input\":" HI ",\"max_output_tokens\":3000,"
            "\"reasoning\":{\"effort\":\"high\"}}"));
    r.task = DATABRICKS_TASK_AGENT;
    expect(r, false, STR("{\"messages\":" HI "}"));
}

TEST(an_approval_stands_behind_the_messages)
{
    struct databricks_message m[] = {{USER, STR("Hi")}, {ASSISTANT, STR("So")}};
    struct databricks_chat_request r = {.messages = m,
        .message_count = 2,
        .task = DATABRICKS_TASK_RESPONSES,
        .approval = {.id = STR("mcpr_1"),
            .name = STR("search"),
            .arguments = STR("{}"),
            .server_label = STR("docs"),
            .approve = true}};
    expect(r, true,
        STR("{\"input\":[{\"role\":\"user\",\"content\":\"Hi\"},"
            "{\"role\":\"assistant\",\"content\":\"So\"},"
            "{\"type\":\"mcp_approval_request\",\"id\":\"mcpr_1\","
            "\"name\":\"search\",\"arguments\":\"{}\","
            "\"server_label\":\"docs\"},"
            "{\"type\":\"mcp_approval_response\","
            "\"approval_request_id\":\"mcpr_1\",\"approve\":true}],"
            "\"stream\":true}"));
    r.task = DATABRICKS_TASK_CHAT;
    r.message_count = 1;
    expect(r, false,
        STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"));
}

TEST(an_approvals_id_is_cut_to_what_is_taken_back)
{
    struct databricks_message m[] = {{USER, STR("Hi")}};
    struct databricks_chat_request r = {.messages = m,
        .message_count = 1,
        .task = DATABRICKS_TASK_RESPONSES,
        .approval = {.id = STR("mcpr_5678901234567890123456789012345678901234"
                               "5678901234567890_beyond")}};
    struct buf out;
    buf_init(&out, 65536);
    CHECK_INT(chat_body_write(&r, false, &out), RC_OK);
    CHECK(!str_contains(buf_str(&out), STR("beyond")));
    CHECK(str_contains(buf_str(&out), STR("\"approve\":false")));
    buf_release(&out);
}
