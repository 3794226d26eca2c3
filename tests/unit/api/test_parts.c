#include "base/buf.h"

#include "api/parts.h"

#include "tap.h"

/* Parts of a reply as lines: what is left of them in a message. */

#define TOOL(id, at, status)                                                   \
    "{\"id\":\"" id "\",\"kind\":\"tool\",\"at\":" at ",\"status\":\"" status  \
    "\"}\n"
#define QUEUE(position)                                                        \
    "{\"id\":\"queue\",\"kind\":\"queue\",\"at\":0,\"position\":" position "}" \
    "\n"
#define PROGRESS                                                               \
    "{\"id\":\"progress\",\"kind\":\"progress\",\"at\":0,"                     \
    "\"state\":\"answering\"}"
#define ANSWER(at, text)                                                       \
    "{\"id\":\"answer\",\"kind\":\"answer\",\"at\":" at ",\"text\":\"" text    \
    "\"}\n"

static void expect(struct str lines, bool ended, struct str what)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 10000);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    parts_member(&w, lines, ended);
    json_end_object(&w);
    CHECK_STR(buf_str(&out), what);
    buf_release(&out);
}

TEST(the_last_line_of_an_id_stands_where_its_first_was)
{
    expect(STR(""), true, STR("{\"parts\":[]}"));
    expect(STR(TOOL("a", "0", "running") TOOL("b", "3", "done")
                   TOOL("a", "0", "done")),
        true,
        STR("{\"parts\":[{\"id\":\"a\",\"kind\":\"tool\",\"at\":0,"
            "\"status\":\"done\"},{\"id\":\"b\",\"kind\":\"tool\",\"at\":3,"
            "\"status\":\"done\"}]}"));
}

TEST(a_tool_that_runs_when_the_reply_has_ended_is_unanswered)
{
    expect(STR(TOOL("a", "0", "running")), false,
        STR("{\"parts\":[{\"id\":\"a\",\"kind\":\"tool\",\"at\":0,"
            "\"status\":\"running\"}]}"));
    expect(STR(TOOL("a", "0", "running")), true,
        STR("{\"parts\":[{\"id\":\"a\",\"kind\":\"tool\",\"at\":0,"
            "\"status\":\"unanswered\"}]}"));
}

TEST(what_is_over_is_left_out)
{
    expect(STR(QUEUE("2") QUEUE("0")), false, STR("{\"parts\":[]}"));
    expect(STR(QUEUE("2")), true, STR("{\"parts\":[]}"));
    expect(STR(ANSWER("2", "x")), true, STR("{\"parts\":[]}"));
    expect(STR(PROGRESS "\n"), true, STR("{\"parts\":[]}"));
    expect(STR(PROGRESS "\n"), false, STR("{\"parts\":[" PROGRESS "]}"));
    expect(STR(QUEUE("10")), false,
        STR("{\"parts\":[{\"id\":\"queue\",\"kind\":\"queue\",\"at\":0,"
            "\"position\":10}]}"));
}

TEST(lines_that_are_no_parts_are_passed_over)
{
    expect(STR("\n{}\n{\"n\":1}{\"n\":2}\nnonsense\n{\"id\":\"\",\"kind\":"
               "\"tool\",\"at\":0}\n{\"id\":\"a\\\"\",\"kind\":\"tool\","
               "\"at\":0}\n{\"id\":\"a\",\"kind\":\"tool\",\"at\":x}\n"),
        true, STR("{\"parts\":[]}"));
}

TEST(beyond_a_number_of_ids_parts_are_left_out)
{
    struct buf lines;
    struct arena *arena = arena_new();
    buf_init(&lines, 100000);
    for (int i = 0; i < PARTS_MAX + 5; i++)
        buf_printf(&lines, "{\"id\":\"t%d\",\"kind\":\"tool\",\"at\":0}\n", i);
    CHECK_INT(parts_fold(arena, buf_str(&lines))->count, PARTS_MAX);
    buf_release(&lines);
    arena_free(arena);
}

/* An emoji is two units, as in JavaScript. */
TEST(an_answer_stands_for_the_text_before_it)
{
    struct arena *arena = arena_new();
    struct str text = STR("a\xf0\x9f\x8c\x8d"
                          "b tail");
    CHECK_STR(parts_content(arena, text, STR(TOOL("a", "0", "done"))), text);
    CHECK_STR(
        parts_content(arena, text, STR(ANSWER("4", "new"))), STR("new tail"));
    CHECK_STR(
        parts_content(arena, text, STR(ANSWER("1", "x") ANSWER("4", "new"))),
        STR("new tail"));
    CHECK_STR(
        parts_content(arena, text, STR(ANSWER("999", "all"))), STR("all"));
    CHECK_STR(parts_without_answer(arena, STR(TOOL("a", "0", "done") ANSWER("1",
                                              "x") TOOL("b", "1", "done"))),
        STR(TOOL("a", "0", "done") TOOL("b", "1", "done")));
    arena_free(arena);
}
