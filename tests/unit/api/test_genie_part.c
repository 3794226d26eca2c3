#include <string.h>

#include "api/genie_part.h"
#include "base/json.h"
#include "base/mem.h"

#include "tap.h"

/* Of a constant, where STR() is none. */
#define TEXT(literal)                                                          \
    {                                                                          \
        literal, sizeof(literal) - 1                                           \
    }

/* The part of a reply that is Genie's, and what a model is told of it. */

static const struct genie_column columns[] = {
    {TEXT("region"), TEXT("STRING")}, {TEXT("n"), TEXT("LONG")}};
static const struct str cells[] = {
    TEXT("Asia | \"A\""), TEXT("3"), {NULL, 0}, TEXT("5")};
static const struct genie_asked asked = {
    TEXT("How many clients?"), TEXT("how many clients"), TEXT("Sales"), false};

static struct genie_result whole(void)
{
    return (struct genie_result){
        .state = STR("COMPLETED"),
        .title = STR("Clients"),
        .description = STR("Counts clients."),
        .sql = STR("SELECT 1"),
        .columns = columns,
        .column_count = 2,
        .cells = cells,
        .rows = 2,
        .row_count = 5000,
        .truncated = true,
    };
}

static struct str write(struct buf *out, const struct genie_result *r)
{
    buf_init(out, 2 * GENIE_PART_MAX);
    genie_put_part(out, &asked, r);
    CHECK(buf_ok(out));
    CHECK(str_find_char(buf_str(out), '\n') == out->n);
    return buf_str(out);
}

TEST(a_part_has_what_genie_said)
{
    struct buf out;
    struct genie_result r = whole();
    CHECK_STR(write(&out, &r),
        STR("{\"id\":\"genie\",\"kind\":\"genie\",\"state\":\"COMPLETED\","
            "\"question\":\"How many clients?\",\"reason\":\"how many "
            "clients\",\"wanted\":false,\"space\":\"Sales\",\"title\":"
            "\"Clients\",\"description\":\"Counts clients.\",\"sql\":\"SELECT "
            "1\",\"columns\":[{\"name\":\"region\",\"type\":\"STRING\"},{"
            "\"name\":\"n\",\"type\":\"LONG\"}],\"rows\":[[\"Asia | \\\"A\\\""
            "\",\"3\"],[null,\"5\"]],\"row_count\":5000,\"truncated\":true}"));
    buf_release(&out);
    r = (struct genie_result){.state = STR("FAILED"),
        .error_type = STR("X"),
        .error_message = STR("why")};
    CHECK(str_contains(write(&out, &r),
        STR("\"error\":{\"type\":\"X\",\"message\":\"why\"}")));
    CHECK(!str_contains(buf_str(&out), STR("rows")));
    buf_release(&out);
}

TEST(a_part_stays_within_its_bound)
{
    enum { ROWS = GENIE_MAX_ROWS };
    char *text = mem_alloc(2000);
    struct str *many = mem_alloc(2 * ROWS * sizeof(*many));
    struct jv *part;
    struct buf out;
    struct genie_result r = whole();
    memset(text, '\x01', 2000); /* six bytes each, as JSON */
    for (size_t i = 0; i < 2 * ROWS; i++)
        many[i] = (struct str){text, 2000};
    r.cells = many;
    r.rows = ROWS;
    r.sql = r.description = r.title = (struct str){text, 2000};
    CHECK(write(&out, &r).n < 512 * 1024);
    CHECK_INT(jv_parse(buf_str(&out), NULL, &part), RC_OK);
    CHECK(jv_count(jv_get(part, "rows")) > 0);
    CHECK(jv_count(jv_get(part, "rows")) < ROWS);
    jv_free(part);
    buf_release(&out);
    mem_free(text);
    mem_free(many);
}

static void check_answer(struct genie_result r, const char *expected)
{
    struct arena *arena = arena_new();
    CHECK_STR(genie_answer(&r, arena), str_from_c(expected));
    arena_free(arena);
}

TEST(there_is_always_an_answer_in_words)
{
    struct genie_result r = whole();
    r.text = STR("Five.");
    check_answer(r, "Five.");
    r.text = STR("");
    check_answer(r, "Counts clients.");
    r.description = STR("");
    check_answer(r, "Clients");
    r.title = STR("");
    check_answer(r, "Genie found 5000 rows.");
    r.row_count = 1;
    check_answer(r, "Genie found one row.");
    check_answer((struct genie_result){.state = STR("COMPLETED")},
        "Genie had nothing to say to that.");
}

TEST(a_model_is_told_the_query_and_the_first_rows)
{
    struct arena *arena = arena_new();
    struct genie_result r = whole();
    struct buf out;
    buf_init(&out, 2 * GENIE_PART_MAX);
    buf_append(&out, STR("{\"id\":\"n\",\"kind\":\"notice\"}\n"));
    genie_put_part(&out, &asked, &r);
    buf_append_char(&out, '\n');
    CHECK_STR(genie_as_context(STR("Counts clients."), buf_str(&out), arena),
        STR("Counts clients.\n\n[Looked up by Genie in the organisation's "
            "data]\n```sql\nSELECT 1\n```\n\n"
            "| region | n |\n|---|---|\n| Asia \\| \"A\" | 3 |\n"
            "| NULL | 5 |\n(2 of 5000 rows)\n"));
    buf_release(&out);
    arena_free(arena);
}

TEST(of_other_replies_a_model_is_told_the_text)
{
    static const char *const parts[] = {"", "\n\n", "{", "[]\n",
        "{\"kind\":\"genie\"", "{\"kind\":\"genie\",\"state\":\"FAILED\"}",
        "{\"kind\":\"genie\",\"sql\":7,\"state\":\"COMPLETED\"}",
        "{\"kind\":\"tool\",\"sql\":\"x\",\"state\":\"COMPLETED\"}"};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        CHECK_STR(genie_as_context(STR("text"), str_from_c(parts[i]), arena),
            STR("text"));
    arena_free(arena);
}
