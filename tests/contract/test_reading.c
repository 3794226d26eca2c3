#include <stdio.h>

#include "base/num.h"

#include "tap.h"
#include "world.h"

/* Lists of chats, and what the model is told of one. */

TEST(an_unknown_chat_or_message_is_not_found)
{
    struct world w;
    world_open(&w);
    CHECK(world_chat(&w, "ann", "none") == NULL);
    CHECK_INT(w.last->rc, RC_NOT_FOUND);
    CHECK(world_message(&w, "ann", "none") == NULL);
    CHECK_INT(w.last->rc, RC_NOT_FOUND);
    world_close(&w);
}

TEST(messages_come_in_order_however_their_clocks_went)
{
    struct world w;
    char session[] = "s1", question[16];
    world_open(&w);
    for (int i = 1; i <= 40; i++) {
        w.now_us = (int64_t)(tap_random() % 1000000000);
        snprintf(question, sizeof(question), "q%d", i);
        world_turn(&w, "ann", session, i, question, "a");
    }
    const struct store_chat *c = world_chat(&w, "ann", session);
    CHECK_INT(c->message_count, 80);
    for (size_t i = 0; i < 40; i++) {
        snprintf(question, sizeof(question), "q%zu", i + 1);
        CHECK_STR(c->messages[2 * i].content, text(question));
        CHECK_INT(c->messages[2 * i + 1].role, STORE_ROLE_ASSISTANT);
    }
    world_close(&w);
}

static enum rc list(struct world *w, const char *user, size_t limit,
    struct str cursor, bool with_messages)
{
    struct store_op *op = world_op(w, STORE_LIST_SESSIONS, user);
    op->list_sessions.limit = limit;
    op->list_sessions.cursor = store_op_str(op, cursor);
    op->list_sessions.with_messages = with_messages;
    return world_run(w, op);
}

TEST(the_list_of_a_user_without_chats_is_empty)
{
    struct world w;
    world_open(&w);
    CHECK_INT(list(&w, "ann", 0, (struct str){0}, true), RC_OK);
    CHECK_INT(w.last->list_sessions.count, 0);
    CHECK(w.last->list_sessions.next_cursor.p == NULL);
    world_close(&w);
}

TEST(chats_are_listed_newest_first)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "one", "!");
    world_turn(&w, "ann", "s2", 1, "two", "!");
    world_turn(&w, "bob", "s3", 1, "three", "!");
    world_turn(&w, "ann", "s1", 2, "again", "!");
    CHECK_INT(list(&w, "ann", 0, (struct str){0}, true), RC_OK);
    const struct store_list_sessions *l = &w.last->list_sessions;
    CHECK_INT(l->count, 2);
    CHECK_STR(l->chats[0].session.session_id, STR("s1"));
    CHECK_INT(l->chats[0].message_count, 4);
    CHECK_STR(l->chats[0].messages[2].content, STR("again"));
    CHECK_INT(l->chats[0].session.timestamp_us, w.now_us);
    CHECK_STR(l->chats[0].session.first_query, STR("one"));
    CHECK_STR(l->chats[1].session.session_id, STR("s2"));
    CHECK_INT(list(&w, "ann", 0, (struct str){0}, false), RC_OK);
    CHECK(w.last->list_sessions.chats[0].messages == NULL);
    world_close(&w);
}

/* 25 chats, several with the same time; pages of 4 show each one once. */
TEST(pages_show_every_chat_once)
{
    struct world w;
    char session[16], cursor[64] = "";
    bool seen[26] = {false};
    int64_t before = INT64_MAX;
    int pages = 0, shown = 0;
    world_open(&w);
    for (int i = 1; i <= 25; i++) {
        w.now_us = i / 3 * 1000000;
        snprintf(session, sizeof(session), "s%d", i);
        world_turn(&w, "ann", session, 1, "?", "!");
    }
    do {
        CHECK_INT(list(&w, "ann", 4, text(cursor), false), RC_OK);
        const struct store_list_sessions *l = &w.last->list_sessions;
        CHECK(l->count <= 4);
        for (size_t i = 0; i < l->count; i++, shown++) {
            const struct store_session *s = &l->chats[i].session;
            int64_t n = 0;
            CHECK(num_parse_i64(str_sub(s->session_id, 1, 9), 1, 25, &n) ==
                  RC_OK);
            CHECK(!seen[n]);
            seen[n] = true;
            CHECK(s->timestamp_us <= before);
            before = s->timestamp_us;
        }
        snprintf(cursor, sizeof(cursor), "%.*s", STR_ARG(l->next_cursor));
        pages++;
    } while (cursor[0] != '\0');
    CHECK_INT(shown, 25);
    CHECK_INT(pages, 7);
    world_close(&w);
}

TEST(a_page_that_holds_all_has_no_next)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    CHECK_INT(list(&w, "ann", 2, (struct str){0}, false), RC_OK);
    CHECK_INT(w.last->list_sessions.count, 2);
    CHECK(w.last->list_sessions.next_cursor.p == NULL);
    world_close(&w);
}

TEST(a_foreign_cursor_is_refused)
{
    static const char *const bad[] = {
        "x", "12", ".", "1x.s1", "99999999999999999999.s1", "-.s"};
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_INT(list(&w, "ann", 5, text(bad[i]), false), RC_INVALID);
    world_close(&w);
}

TEST(a_list_ends_early_at_its_bound_and_goes_on)
{
    struct world w;
    char session[16], big[5001];
    size_t shown = 0;
    struct str cursor = {0};
    char kept[64];
    world_open(&w);
    for (size_t i = 0; i < 5000; i++)
        big[i] = 'x';
    big[5000] = '\0';
    for (int i = 1; i <= 10; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        world_turn(&w, "ann", session, 1, big, big);
    }
    for (int page = 0; page < 10; page++) {
        struct store_op *op = world_op(&w, STORE_LIST_SESSIONS, "ann");
        op->list_sessions.max_bytes = 30000;
        op->list_sessions.with_messages = true;
        op->list_sessions.cursor = store_op_str(op, cursor);
        CHECK_INT(world_run(&w, op), RC_OK);
        CHECK(op->list_sessions.count >= 1 && op->list_sessions.count < 5);
        shown += op->list_sessions.count;
        if (op->list_sessions.next_cursor.p == NULL)
            break;
        snprintf(
            kept, sizeof(kept), "%.*s", STR_ARG(op->list_sessions.next_cursor));
        cursor = text(kept);
    }
    CHECK_INT(shown, 10);
    world_close(&w);
}

static enum rc context(struct world *w, const char *user, const char *session,
    const char *before, size_t max_messages, size_t max_bytes)
{
    struct store_op *op = world_op(w, STORE_LOAD_CONTEXT, user);
    op->load_context.session_id = store_op_str(op, text(session));
    if (before != NULL)
        op->load_context.before_id = store_op_str(op, text(before));
    op->load_context.max_messages = max_messages;
    op->load_context.max_bytes = max_bytes;
    return world_run(w, op);
}

/* What was found, as "u:text|a:text|". */
static void check_context(const struct world *w, const char *expected)
{
    char found[512] = "";
    size_t n = 0;
    const struct store_load_context *l = &w->last->load_context;
    for (size_t i = 0; i < l->count; i++)
        n += (size_t)snprintf(found + n, sizeof(found) - n, "%c:%.*s|",
            l->messages[i].role == STORE_ROLE_USER ? 'u' : 'a',
            STR_ARG(l->messages[i].content));
    CHECK_STR(text(found), text(expected));
}

/* B11 of the original: its error texts went back to the model. */
TEST(B11_errors_and_empty_replies_are_not_context)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "q1", "a1");
    world_ask(&w, "ann", "s1", 2, "q2");
    world_answer(&w, "ann", "s1", 2, STORE_FAILED, "Sorry, an error.");
    world_ask(&w, "ann", "s1", 3, "q3");
    world_answer(&w, "ann", "s1", 3, STORE_STOPPED, "half");
    world_ask(&w, "ann", "s1", 4, "q4");
    world_answer(&w, "ann", "s1", 4, STORE_INTERRUPTED, "cut");
    world_ask(&w, "ann", "s1", 5, "q5");
    world_answer(&w, "ann", "s1", 5, STORE_STOPPED, "");
    world_ask(&w, "ann", "s1", 6, "q6");
    CHECK_INT(context(&w, "ann", "s1", "s1-a6", 100, 1000), RC_OK);
    check_context(&w, "u:q1|a:a1|u:q2|u:q3|a:half|u:q4|a:cut|u:q5|u:q6|");
    CHECK(!w.last->load_context.truncated);
    CHECK_INT(context(&w, "ann", "s1", "s1-q3", 100, 1000), RC_OK);
    check_context(&w, "u:q1|a:a1|u:q2|");
    CHECK_INT(context(&w, "ann", "s1", "s1-q1", 100, 1000), RC_OK);
    CHECK_INT(w.last->load_context.count, 0);
    world_close(&w);
}

TEST(context_names_its_messages_and_how_the_last_was_counted)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "q1", "a1");
    world_ask(&w, "ann", "s1", 2, "q2");
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){
        .message_id = STR("s1-a2"),
        .status = STORE_COMPLETE,
        .content = STR("a2"),
        .model = STR("m"),
        .metrics = STR("{\"promptTokens\":7}"),
        .last_sequence = 2,
        .timestamp_us = w.now_us,
    };
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(context(&w, "ann", "s1", NULL, 3, 1000), RC_OK);
    const struct store_load_context *l = &w.last->load_context;
    CHECK_INT(l->count, 3);
    CHECK_STR(l->messages[0].message_id, STR("s1-a1"));
    CHECK_STR(l->messages[2].message_id, STR("s1-a2"));
    CHECK_STR(l->model, STR("m"));
    CHECK_STR(l->metrics, STR("{\"promptTokens\":7}"));
    world_close(&w);
}

TEST(context_is_the_newest_that_fits)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "1111", "2222");
    world_turn(&w, "ann", "s1", 2, "3333", "4444");
    CHECK_INT(context(&w, "ann", "s1", NULL, 3, 1000), RC_OK);
    check_context(&w, "a:2222|u:3333|a:4444|");
    CHECK(w.last->load_context.truncated);
    CHECK_INT(context(&w, "ann", "s1", NULL, 100, 9), RC_OK);
    check_context(&w, "u:3333|a:4444|");
    CHECK(w.last->load_context.truncated);
    CHECK_INT(context(&w, "ann", "s1", NULL, 100, 16), RC_OK);
    CHECK_INT(w.last->load_context.count, 4);
    CHECK(!w.last->load_context.truncated);
    CHECK_INT(context(&w, "ann", "s1", NULL, 0, 16), RC_OK);
    CHECK_INT(w.last->load_context.count, 0);
    CHECK(w.last->load_context.truncated);
    world_close(&w);
}

TEST(context_of_nothing_is_not_found)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    CHECK_INT(context(&w, "ann", "none", NULL, 9, 99), RC_NOT_FOUND);
    CHECK_INT(context(&w, "ann", "s1", "s2-a1", 9, 99), RC_NOT_FOUND);
    CHECK_INT(context(&w, "ann", "s1", "none", 9, 99), RC_NOT_FOUND);
    world_close(&w);
}
