#include <stdio.h>
#include <string.h>

#include "base/num.h"

#include "failing_store.h"
#include "tap.h"
#include "world.h"

/* Pages of what a chat shows, read from any place of it. */

enum { TURNS = 20, ID = 16 };

static void open_chat(struct world *w)
{
    world_open(w);
    for (int i = 1; i <= TURNS; i++)
        world_turn(w, "ann", "s1", i, "?", "!");
}

/* The number of a message in the chat as open_chat() makes it, from 0 on. */
static int number_of(const struct store_message *m)
{
    struct str id = m->message_id; /* s1-q1, s1-a1, s1-q2 and so on */
    int64_t turn = 0;
    CHECK(id.n > 4);
    CHECK_INT(num_parse_i64(str_sub(id, 4, id.n), 1, TURNS, &turn), RC_OK);
    return (int)(turn - 1) * 2 + (id.p[3] == 'a');
}

static const struct store_get_session *page(
    struct world *w, enum store_page_kind kind, const char *id, size_t limit)
{
    CHECK_INT(world_page(w, "ann", "s1", kind, id, limit), RC_OK);
    return &w->last->get_session;
}

/* The page holds these numbers, and there is more on these sides. */
static void check_range(const struct store_get_session *g, int first, int end,
    bool before, bool after)
{
    CHECK_INT(g->chat.message_count, end - first);
    for (int i = first; i < end; i++)
        CHECK_INT(number_of(&g->chat.messages[i - first]), i);
    CHECK_INT(g->more_before, before);
    CHECK_INT(g->more_after, after);
}

TEST(a_page_is_the_newest_or_the_oldest_messages_in_order)
{
    struct world w;
    open_chat(&w);
    check_range(page(&w, STORE_PAGE_NEWEST, "", 5), 35, 40, true, false);
    check_range(page(&w, STORE_PAGE_OLDEST, "", 5), 0, 5, false, true);
    check_range(page(&w, STORE_PAGE_NEWEST, "", 40), 0, 40, false, false);
    check_range(page(&w, STORE_PAGE_OLDEST, "", 99), 0, 40, false, false);
    CHECK_STR(w.last->get_session.chat.session.first_query, STR("?"));
    world_close(&w);
}

TEST(pages_lead_through_the_whole_chat_both_ways)
{
    struct world w;
    char id[ID] = "";
    open_chat(&w);
    int next = 40;
    for (bool more = true; more;) {
        enum store_page_kind kind =
            next == 40 ? STORE_PAGE_NEWEST : STORE_PAGE_BEFORE;
        const struct store_get_session *g = page(&w, kind, id, 7);
        next -= (int)g->chat.message_count;
        CHECK_INT(number_of(&g->chat.messages[0]), next);
        CHECK_INT(g->more_after, kind == STORE_PAGE_BEFORE);
        more = g->more_before;
        snprintf(
            id, sizeof(id), "%.*s", STR_ARG(g->chat.messages[0].message_id));
    }
    CHECK_INT(next, 0);
    CHECK_STR(text(id), STR("s1-q1"));
    for (bool more = true; more;) {
        const struct store_get_session *g = page(&w, STORE_PAGE_AFTER, id, 7);
        CHECK_INT(number_of(&g->chat.messages[0]), next + 1);
        CHECK(g->more_before);
        next += (int)g->chat.message_count;
        more = g->more_after;
        snprintf(id, sizeof(id), "%.*s",
            STR_ARG(g->chat.messages[g->chat.message_count - 1].message_id));
    }
    CHECK_INT(next, 39);
    world_close(&w);
}

TEST(a_page_around_a_message_uses_what_the_beginning_leaves)
{
    struct world w;
    open_chat(&w);
    check_range(page(&w, STORE_PAGE_AROUND, "s1-q11", 6), 17, 23, true, true);
    check_range(page(&w, STORE_PAGE_AROUND, "s1-q11", 1), 20, 21, true, true);
    check_range(page(&w, STORE_PAGE_AROUND, "s1-a1", 6), 0, 6, false, true);
    check_range(page(&w, STORE_PAGE_AROUND, "s1-a20", 6), 36, 40, true, false);
    world_close(&w);
}

TEST(what_lies_beyond_the_ends_is_empty)
{
    struct world w;
    open_chat(&w);
    check_range(page(&w, STORE_PAGE_BEFORE, "s1-q1", 5), 0, 0, false, true);
    check_range(page(&w, STORE_PAGE_AFTER, "s1-a20", 5), 40, 40, true, false);
    world_close(&w);
}

TEST(hidden_messages_are_in_no_page_but_lead_to_their_neighbours)
{
    struct world w;
    open_chat(&w);
    struct store_op *op = world_op(&w, STORE_EDIT_TURN, "ann");
    op->edit_turn = (struct store_edit_turn){.message_id = STR("s1-q3"),
        .new_reply_id = STR("s1-a77"),
        .content = STR("otherwise"),
        .now_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    const struct store_get_session *g = page(&w, STORE_PAGE_NEWEST, "", 3);
    CHECK_INT(g->chat.message_count, 3);
    CHECK_STR(g->chat.messages[0].message_id, STR("s1-a2"));
    CHECK_STR(g->chat.messages[1].content, STR("otherwise"));
    CHECK_STR(g->chat.messages[2].message_id, STR("s1-a77"));
    CHECK(g->more_before && !g->more_after);
    g = page(&w, STORE_PAGE_BEFORE, "s1-q9", 2);
    CHECK_STR(g->chat.messages[1].message_id, STR("s1-q3"));
    CHECK(g->more_after);
    CHECK_INT(world_page(&w, "ann", "s1", STORE_PAGE_AROUND, "s1-q9", 2),
        RC_NOT_FOUND);
    world_close(&w);
}

TEST(a_message_that_streams_is_in_its_page_as_far_as_it_is)
{
    struct world w;
    open_chat(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", TURNS + 1, "?"), RC_OK);
    CHECK_INT(world_events(&w, "s1-a21", 1, 3), RC_OK);
    const struct store_get_session *g = page(&w, STORE_PAGE_NEWEST, "", 1);
    CHECK_STR(g->chat.messages[0].content, STR("1 2 3 "));
    CHECK_INT(g->chat.messages[0].last_sequence, 3);
    world_close(&w);
}

TEST(a_page_ends_at_its_bytes_but_holds_one_message)
{
    struct world w;
    static char big[20001];
    memset(big, 'x', 20000);
    world_open(&w);
    for (int i = 1; i <= 5; i++)
        world_turn(&w, "ann", "s1", i, big, big);
    for (size_t bound = 1; bound <= 50000; bound += 49999) {
        struct store_op *op = world_op(&w, STORE_GET_SESSION, "ann");
        op->get_session.session_id = STR("s1");
        op->get_session.with_messages = true;
        op->get_session.page = (struct store_page){
            .kind = STORE_PAGE_NEWEST, .limit = 10, .max_bytes = bound};
        CHECK_INT(world_run(&w, op), RC_OK);
        check_range(&op->get_session, bound == 1 ? 9 : 7, 10, true, false);
    }
    world_close(&w);
}

TEST(a_page_begins_at_a_message_of_its_chat_only)
{
    struct world w;
    open_chat(&w);
    world_turn(&w, "ann", "s2", 1, "?", "!");
    world_turn(&w, "bob", "s3", 1, "?", "!");
    static const char *const foreign[] = {"s2-q1", "s3-q1", "none", ""};
    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
        CHECK_INT(world_page(&w, "ann", "s1", STORE_PAGE_BEFORE, foreign[i], 5),
            RC_INVALID);
        CHECK_INT(world_page(&w, "ann", "s1", STORE_PAGE_AFTER, foreign[i], 5),
            RC_INVALID);
        CHECK_INT(world_page(&w, "ann", "s1", STORE_PAGE_AROUND, foreign[i], 5),
            RC_NOT_FOUND);
    }
    CHECK_INT(
        world_page(&w, "bob", "s1", STORE_PAGE_NEWEST, "", 5), RC_NOT_FOUND);
    CHECK_INT(world_page(&w, "bob", "s1", STORE_PAGE_AROUND, "s1-q1", 5),
        RC_NOT_FOUND);
    world_close(&w);
}

TEST(a_page_that_cannot_be_read_says_so)
{
    struct world w;
    open_chat(&w);
    w.store = failing_store_new(w.store);
    failing_store_only(w.store, STORE_GET_SESSION);
    failing_store_arm(w.store, 1, RC_IO, false);
    CHECK_INT(world_page(&w, "ann", "s1", STORE_PAGE_NEWEST, "", 5), RC_IO);
    check_range(page(&w, STORE_PAGE_NEWEST, "", 5), 35, 40, true, false);
    world_close(&w);
}
