#include <string.h>

#include "base/mem.h"
#include "base/timestamp.h"

#include "exports/export.h"
#include "reading.h"
#include "tap.h"

enum { ROOMY = 16 << 20 };

static struct str chatgpt(struct arena *arena)
{
    return reading_file(TEST_DATA "/chatgpt_conversations.json", arena);
}

static struct str claude(struct arena *arena)
{
    return reading_file(TEST_DATA "/claude_conversations.json", arena);
}

static int64_t at(const char *iso)
{
    int64_t us = 0;
    CHECK(timestamp_parse(str_from_c(iso), &us) == RC_OK);
    return us;
}

/* ---- ChatGPT ---- */

TEST(chatgpt_reads_the_path_to_the_current_node)
{
    struct reading r;
    struct arena *arena = arena_new();
    reading_run(&r, chatgpt(arena), ROOMY, ROOMY, 0);
    const struct store_place *p = r.chat.places;
    CHECK(r.ended && !r.bad);
    CHECK_INT(r.items, 3);
    CHECK_INT(r.read, 2);
    CHECK_INT(r.refused, 1);
    CHECK_STR(r.chat.session.title, STR("Sorting a list"));
    CHECK_STR(
        r.chat.session.session_id, STR("8f3a2b1c-0000-4000-8000-00000000c001"));
    CHECK(r.chat.session.archived);
    CHECK_INT(r.chat.session.created_at_us, 1736209400500000);
    CHECK_INT(r.chat.session.timestamp_us, 1736209800250000);
    CHECK_INT(r.chat.count, 4);
    CHECK_STR(
        p[0].message.content, STR("*[an image: not part of the export]*\n\n"
                                  "How do I sort this list? \xf0\x9f\x98\x80"));
    CHECK_STR(r.chat.session.first_query, p[0].message.content);
    CHECK_INT(p[0].message.created_at_us, 1736209402000000);
    CHECK_STR(p[1].message.message_id, STR("t1"));
    CHECK_STR(p[1].message.content,
        STR("*[an image: not part of the export]*\n\nCall sorted()."));
    CHECK_STR(p[1].message.reasoning, STR("Looking\n\nIt is a list."));
    CHECK_STR(p[1].message.model, STR("gpt-4o"));
    CHECK_STR(p[1].message.parent_id, STR("u1"));
    CHECK_STR(p[2].message.content, STR("And backwards?"));
    CHECK_STR(p[3].message.content, STR("```\nsorted(x, reverse=True)\n```"));
    CHECK_INT(r.chat.notes, 2);
    CHECK_INT(p[0].message.variant, 1);
    CHECK_INT(p[0].message.variants, 2);
    CHECK_INT(p[0].other_count, 1);
    CHECK_STR(p[0].others[0].content, STR("the question before it was edited"));
    CHECK_INT(p[0].others[0].variant, 2);
    CHECK_INT(p[1].parent_variant, 1);
    reading_end(&r);
    arena_free(arena);
}

TEST(chatgpt_without_a_current_node_ends_at_the_last_leaf)
{
    struct reading r;
    struct arena *arena = arena_new();
    reading_run(&r, chatgpt(arena), ROOMY, ROOMY, 1);
    CHECK_INT(r.chat.count, 2);
    CHECK(r.chat.session.title.p == NULL);
    CHECK_INT(r.chat.session.timestamp_us, 1736300002000000);
    CHECK_STR(r.chat.places[0].message.content,
        STR("No current node, half a pair: \xef\xbf\xbd"));
    CHECK_STR(r.chat.places[1].message.content, STR("Then the last leaf."));
    reading_end(&r);
    arena_free(arena);
}

#define NODE(id, parent, children, role, content)                              \
    "\"" id "\":{\"parent\":" parent ",\"children\":[" children "],"           \
    "\"message\":{\"author\":{\"role\":\"" role "\"},\"content\":{"            \
    "\"content_type\":\"text\",\"parts\":[\"" content "\"]}}}"

TEST(chatgpt_keeps_replies_made_anew_with_what_followed_each)
{
    static const char text[] =
        "[{\"id\":\"x\",\"current_node\":\"q3\",\"mapping\":{" NODE(
            "q1", "null", "\"a1\",\"a2\",\"a3\"", "user", "how?") "," NODE("a1",
            "\"q1\"", "\"q2\"", "assistant", "one way") "," NODE("q2", "\"a1\"",
            "", "user", "after one") "," NODE("a2", "\"q1\"", "\"e\"",
            "assistant", "two ways") "," NODE("e", "\"a2\"", "\"q3\"", "user",
            "") "," NODE("q3", "\"e\"", "", "user", "after two") "," NODE("a3",
            "\"q1\"", "", "assistant", "three ways") "}}]";
    struct reading r;
    reading_run(&r, str_from_c(text), 7, ROOMY, 0);
    const struct store_place *p = r.chat.places;
    CHECK_INT(r.chat.count, 4);
    CHECK_STR(p[1].message.message_id, STR("a1"));
    CHECK_STR(p[1].message.content, STR("two ways"));
    CHECK_INT(p[1].message.variant, 2);
    CHECK_INT(p[1].message.variants, 3);
    CHECK_INT(p[1].other_count, 2);
    CHECK_STR(p[1].others[0].content, STR("one way"));
    CHECK_STR(p[1].others[1].content, STR("three ways"));
    CHECK_STR(p[2].message.content, STR("after one"));
    CHECK_STR(p[2].message.parent_id, STR("a1"));
    CHECK_INT(p[2].parent_variant, 1);
    CHECK_STR(p[3].message.content, STR("after two"));
    CHECK_STR(p[3].message.parent_id, STR("a1"));
    CHECK_INT(p[3].parent_variant, 2);
    reading_end(&r);
}

TEST(chatgpt_whose_nodes_go_in_a_circle_ends)
{
    static const char text[] =
        "[{\"id\":\"x\",\"current_node\":\"a\",\"mapping\":{"
        "\"a\":{\"parent\":\"b\",\"message\":{\"author\":{\"role\":\"user\"},"
        "\"content\":{\"content_type\":\"text\",\"parts\":[\"one\"]}}},"
        "\"b\":{\"parent\":\"a\",\"message\":{\"author\":{\"role\":"
        "\"assistant\"},\"content\":{\"content_type\":\"text\",\"parts\":"
        "[\"two\"]}}}}}]";
    struct reading r;
    reading_run(&r, str_from_c(text), ROOMY, ROOMY, 0);
    CHECK(r.ended);
    CHECK_INT(r.read, 1);
    CHECK_INT(r.chat.count, 1);
    reading_end(&r);
}

/* ---- Claude ---- */

TEST(claude_reads_the_path_to_the_last_message)
{
    struct reading r;
    struct arena *arena = arena_new();
    reading_run(&r, claude(arena), ROOMY, ROOMY, 0);
    const struct store_place *p = r.chat.places;
    CHECK_INT(r.read, 2);
    CHECK_INT(r.refused, 1);
    CHECK_STR(r.chat.session.title, STR("Notes of a meeting"));
    CHECK_INT(r.chat.session.created_at_us, at("2025-03-01T09:00:00.123456Z"));
    CHECK_INT(r.chat.count, 2);
    CHECK_STR(p[0].message.content,
        STR("Summarise this\n\n*File notes.txt:*\n\nWe met.\n\n"
            "*[the file photo.png: not part of the export]*"));
    CHECK_INT(p[0].message.created_at_us, at("2025-03-01T09:00:01Z"));
    CHECK_STR(p[1].message.message_id, STR("m2-old"));
    CHECK_STR(p[1].message.parent_id, STR("m1"));
    CHECK_INT(p[1].message.variant, 2);
    CHECK_INT(p[1].other_count, 1);
    CHECK_STR(p[1].others[0].content, STR("an answer that was made anew"));
    CHECK_STR(p[1].message.content, STR("You met.\n\nNothing else."));
    CHECK_STR(p[1].message.reasoning, STR("Short notes."));
    CHECK_INT(p[1].message.role, STORE_ROLE_ASSISTANT);
    CHECK_INT(r.chat.notes, 1);
    reading_end(&r);
    arena_free(arena);
}

TEST(claude_of_older_exports_reads_all_in_order)
{
    struct reading r;
    struct arena *arena = arena_new();
    reading_run(&r, claude(arena), ROOMY, ROOMY, 1);
    CHECK_INT(r.chat.count, 2);
    CHECK(r.chat.session.title.p == NULL);
    CHECK_STR(r.chat.places[0].message.content,
        STR("An older export has text alone"));
    CHECK_STR(r.chat.places[1].message.content, STR("and no blocks."));
    reading_end(&r);
    arena_free(arena);
}

/* ---- Our own ---- */

/* A chat with variants on both sides of the shown one. */
static void write_own(struct buf *out)
{
    struct json_writer w;
    struct store_message others[] = {
        {.content = STR("one"),
            .variant = 1,
            .rating = STORE_RATING_DOWN,
            .reasons = STR("[\"too_long\",\"other\"]"),
            .comment = STR("\xc3\xa4h"),
            .status = STORE_STOPPED,
            .timestamp_us = 1000000},
        {.content = STR("three"),
            .variant = 3,
            .status = STORE_COMPLETE,
            .timestamp_us = 3000000},
    };
    struct store_place place = {.message = {.message_id = STR("m-1"),
                                    .content = STR("two \"\n\xc3\xa4"),
                                    .role = STORE_ROLE_ASSISTANT,
                                    .variant = 2,
                                    .variants = 3,
                                    .status = STORE_FAILED,
                                    .error_code = STR("timeout"),
                                    .metrics = STR("{\"totalTime\":1.5}"),
                                    .sources = STR("no json"),
                                    .timestamp_us = 2000000,
                                    .created_at_us = 1500000},
        .parent_variant = 4,
        .others = others,
        .other_count = 2};
    struct store_session session = {.session_id = STR("s"),
        .title = STR("t"),
        .pinned = true,
        .settings = STR("{\"thinking\":\"low\"}"),
        .timestamp_us = 9000000,
        .created_at_us = 8000000};
    export_json_begin(out, 0);
    json_writer_init(&w, out);
    export_json_chat(&w, STR("ann"), &session);
    export_json_place(&w, &place);
    export_json_chat_end(&w);
    export_json_end(out);
}

TEST(own_export_reads_as_it_was_written)
{
    struct reading r;
    struct buf text;
    buf_init(&text, ROOMY);
    write_own(&text);
    reading_run(&r, buf_str(&text), ROOMY, ROOMY, 0);
    CHECK(r.ended);
    CHECK_INT(r.read, 1);
    CHECK_STR(r.chat.user_id, STR("ann"));
    CHECK(r.chat.session.pinned && !r.chat.session.archived);
    CHECK_STR(r.chat.session.settings, STR("{\"thinking\":\"low\"}"));
    CHECK(r.chat.session.first_query.p == NULL);
    CHECK_INT(r.chat.session.timestamp_us, 9000000);
    const struct store_place *p = r.chat.places;
    CHECK_INT(p->parent_variant, 4);
    CHECK_INT(p->message.variant, 2);
    CHECK_INT(p->message.variants, 3);
    CHECK_STR(p->message.content, STR("two \"\n\xc3\xa4"));
    CHECK_INT(p->message.status, STORE_FAILED);
    CHECK_STR(p->message.metrics, STR("{\"totalTime\":1.5}"));
    CHECK_STR(p->message.sources, STR("no json"));
    CHECK_INT(p->other_count, 2);
    CHECK_STR(p->others[0].content, STR("one"));
    CHECK_INT(p->others[0].rating, STORE_RATING_DOWN);
    CHECK_STR(p->others[0].reasons, STR("[\"too_long\",\"other\"]"));
    CHECK_STR(p->others[0].comment, STR("\xc3\xa4h"));
    CHECK(p->message.reasons.p == NULL && p->message.comment.p == NULL);
    CHECK_INT(p->others[0].status, STORE_STOPPED);
    CHECK_INT(p->others[1].variant, 3);
    reading_end(&r);
    buf_release(&text);
}

/* ---- Documents in pieces ---- */

TEST(documents_read_the_same_in_pieces_of_any_size)
{
    struct arena *arena = arena_new();
    struct str texts[] = {chatgpt(arena), claude(arena)};
    for (size_t t = 0; t < 2; t++) {
        for (size_t piece = 1; piece < 70; piece += 1 + piece / 8) {
            struct reading r;
            reading_run(&r, texts[t], piece, ROOMY, 0);
            CHECK(r.ended);
            CHECK_INT(r.items, 3);
            CHECK_INT(r.read, 2);
            reading_end(&r);
        }
    }
    arena_free(arena);
}

TEST(documents_pass_over_what_is_too_large)
{
    struct reading r;
    struct arena *arena = arena_new();
    reading_run(&r, chatgpt(arena), 100, 1200, 1);
    CHECK(r.ended);
    CHECK_INT(r.items, 3);
    CHECK_INT(r.too_large, 1);
    CHECK_INT(r.chat.count, 2);
    reading_end(&r);
    arena_free(arena);
}

TEST(documents_that_hold_no_list_are_bad)
{
    static const char *const bad[] = {"hello", "{}", "{\"a\":1}", "\"text\"",
        "12", "  x[1]", "{\"a\":{\"b\":[1]}}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct reading r;
        reading_run(&r, str_from_c(bad[i]), 3, ROOMY, 0);
        CHECK(r.bad && !r.ended);
    }
}

TEST(documents_cut_short_do_not_end)
{
    struct arena *arena = arena_new();
    struct str text = claude(arena);
    for (size_t n = 0; n + 3 < text.n; n += 37) {
        struct reading r;
        reading_run(&r, str_sub(text, 0, n), 50, ROOMY, 0);
        CHECK(!r.ended && !r.bad);
        reading_end(&r);
    }
    arena_free(arena);
}

TEST(documents_with_elements_of_any_kind_give_them_all)
{
    struct reading r;
    reading_run(&r, STR(" [1, \"a,]\", null, [2], {\"a\":\"]\"}, \"\\\"\"]x"),
        2, ROOMY, 99);
    CHECK(r.ended);
    CHECK_INT(r.items, 6);
    CHECK_INT(r.refused, 6);
}

/* Bytes changed, dropped and doubled at random: no crash, no endless loop. */
static void mutate(struct str original, int rounds)
{
    char *copy = mem_alloc(original.n + 1);
    for (int i = 0; i < rounds; i++) {
        struct reading r;
        static const char rubbish[] = "{}[]\",:\\u0d8fnull 9\xff\xc3\n-e";
        size_t changes = 1 + tap_random() % 8, n = original.n;
        memcpy(copy, original.p, n);
        for (size_t k = 0; k < changes; k++) {
            size_t place = tap_random() % n;
            if (tap_random() % 8 == 0)
                n = place + 1;
            else
                copy[place] = rubbish[tap_random() % (sizeof(rubbish) - 1)];
        }
        reading_run(&r, (struct str){copy, n}, 1 + tap_random() % 5000,
            1 + tap_random() % 8000, tap_random() % 4);
        reading_end(&r);
    }
    mem_free(copy);
}

TEST(documents_mutated_at_random_are_read_or_refused)
{
    struct arena *arena = arena_new();
    struct buf own;
    buf_init(&own, ROOMY);
    write_own(&own);
    mutate(chatgpt(arena), 3000);
    mutate(claude(arena), 3000);
    mutate(buf_str(&own), 3000);
    buf_release(&own);
    arena_free(arena);
}

/* ---- Markdown ---- */

TEST(markdown_names_are_safe_and_tell_the_chat)
{
    struct buf name;
    buf_init(&name, 4096);
    struct store_session s = {.session_id = STR("a/../b"),
        .title = STR("../../etc: How do I *sort* a list, \xc3\xa4?"),
        .created_at_us = at("2026-01-02T03:04:05Z")};
    export_name(&name, &s);
    CHECK(str_starts_with(
        buf_str(&name), STR("2026-01-02-etc-how-do-i-sort-a-list-")));
    CHECK(!str_contains(buf_str(&name), STR("/")));
    buf_clear(&name);
    export_markdown_folder(&name, STR("../ann@example.org"));
    CHECK(str_starts_with(buf_str(&name), STR("ann-example-org-")));
    buf_release(&name);
}

TEST(markdown_shows_the_message_and_how_it_ended)
{
    struct buf out;
    buf_init(&out, 4096);
    struct store_message m = {.role = STORE_ROLE_ASSISTANT,
        .content = STR("Half an ans"),
        .model = STR("m-1"),
        .status = STORE_INTERRUPTED,
        .timestamp_us = at("2026-01-02T03:04:05Z"),
        .rating = STORE_RATING_UP};
    export_markdown_message(&out, &m);
    CHECK_STR(buf_str(&out),
        STR("\n## Answer (m-1), 2026-01-02 03:04\n\nHalf an ans\n\n"
            "*interrupted*\n\n*rated up*\n"));
    buf_release(&out);
}

static struct str markdown_of(struct buf *out, struct store_message m)
{
    buf_clear(out);
    export_markdown_message(out, &m);
    return buf_str(out);
}

TEST(markdown_folds_what_a_model_did_beside_writing)
{
    struct buf out;
    buf_init(&out, 65536);
    const struct store_message m = {
        .role = STORE_ROLE_ASSISTANT,
        .content = STR("Sunny."),
        .reasoning = STR("Where is it?"),
        .parts = STR(
            "{\"id\":\"t1\",\"kind\":\"tool\",\"name\":\"weather<b>\","
            "\"arguments\":\"{}\",\"status\":\"running\"}\n"
            "{\"id\":\"n1\",\"kind\":\"notice\",\"text\":\"Asked twice.\"}\n"
            "{\"id\":\"t1\",\"kind\":\"tool\",\"name\":\"weather<b>\","
            "\"arguments\":\"{}\",\"status\":\"done\","
            "\"output\":\"```` out\\n</details>\"}\n"),
        .sources = STR("[{\"page_content\":\"x\",\"metadata\":{\"title\":"
                       "\"A [page]\",\"url\":\"https://example.org/a b\"}},"
                       "{\"page_content\":\"Second one\",\"metadata\":{"
                       "\"url\":\"javascript:alert(1)\"}}]"),
    };
    CHECK_STR(markdown_of(&out, m),
        STR("\n## Answer\n\n"
            "<details><summary>Thinking</summary>\n\nWhere is it?\n\n"
            "</details>\n\n"
            "> Asked twice.\n\n"
            "<details><summary>Tool: weather&lt;b&gt;</summary>\n\n"
            "```json\n{}\n```\n\n"
            "`````\n```` out\n</details>\n`````\n\n</details>\n\n"
            "Sunny.\n\n### Sources\n\n"
            "1. [A \\[page\\]](<https://example.org/a%20b>)\n"
            "2. Second one\n"));
    buf_release(&out);
}

TEST(markdown_shows_what_genie_looked_up)
{
    struct buf out;
    buf_init(&out, 65536);
    const struct store_message m = {
        .role = STORE_ROLE_ASSISTANT,
        .content = STR("Two rows."),
        .parts = STR("{\"id\":\"genie\",\"kind\":\"genie\",\"sql\":"
                     "\"SELECT 1\",\"columns\":[{\"name\":\"a|b\"},"
                     "{\"name\":\"c\"}],\"rows\":[[\"1\",null],"
                     "[\"x\\ny\",\"2\"]]}\n"),
    };
    CHECK_STR(markdown_of(&out, m),
        STR("\n## Answer\n\n"
            "<details><summary>Query</summary>\n\n"
            "```sql\nSELECT 1\n```\n\n</details>\n\n"
            "| a\\|b | c |\n|---|---|\n| 1 | |\n| x y | 2 |\n\n"
            "Two rows.\n"));
    buf_release(&out);
}

TEST(markdown_of_parts_that_are_none_is_the_text_alone)
{
    struct buf out;
    buf_init(&out, 4096);
    const struct store_message m = {.role = STORE_ROLE_ASSISTANT,
        .content = STR("x"),
        .parts = STR("{\n[1]\n{\"kind\":7}\n\n{\"id\":\"a\",\"kind\":\"new\"}"),
        .sources = STR("{\"not\":\"a list\"}")};
    CHECK_STR(markdown_of(&out, m), STR("\n## Answer\n\nx\n"));
    buf_release(&out);
}
