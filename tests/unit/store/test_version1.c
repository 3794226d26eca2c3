#include "tap.h"
#include "version1.h"

/* What version 1 left is upgraded with nothing lost. */

static void check_place(
    const struct world *w, const char *message_id, const char *expected)
{
    struct arena *arena = arena_new();
    struct str sql = arena_printf(arena,
        "SELECT variant || '/' || variants || ' on ' ||"
        " coalesce(parent_id, 'nothing') || '/' || parent_variant"
        " || ' hidden ' || hidden FROM messages WHERE message_id = '%s'",
        message_id);
    CHECK_STR(version1_value(w, arena, sql.p), text(expected));
    arena_free(arena);
}

TEST(each_message_has_its_place_in_the_tree)
{
    struct world w;
    version1_open(&w);
    check_place(&w, "s1-q1", "1/1 on nothing/1 hidden 0");
    check_place(&w, "s1-a1", "3/3 on s1-q1/1 hidden 0");
    check_place(&w, "s1-q2", "1/1 on s1-a1/3 hidden 0");
    check_place(&w, "s1-a2", "2/2 on s1-q2/1 hidden 0");
    check_place(&w, "s3-a1", "1/1 on s3-q1/1 hidden 0");
    world_close(&w);
}

TEST(what_was_there_is_there)
{
    struct world w;
    version1_open(&w);
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK(c != NULL);
    CHECK_INT(c->message_count, 4);
    CHECK_STR(c->messages[1].content, STR("One, a third"));
    CHECK_INT(c->messages[1].status, STORE_STOPPED);
    CHECK_STR(c->messages[3].content, STR("Two, again."));
    CHECK_STR(world_message(&w, "bob", "s2-a1")->content, STR("Yes, Bob."));
    CHECK_STR(world_message(&w, "bob", "s3-a1")->content, STR("2 3 4 "));
    world_close(&w);
}

TEST(it_goes_on_and_is_upgraded_once)
{
    struct world w;
    struct arena *arena = arena_new();
    version1_open(&w);
    world_reopen(&w);
    world_turn(&w, "ann", "s1", 3, "Third?", "Three.");
    CHECK_INT(world_chat(&w, "ann", "s1")->message_count, 6);
    struct store_op *op = world_op(&w, STORE_RECOVER, NULL);
    op->recover.at_start = true;
    op->recover.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->recover.recovered, 1);
    CHECK_INT(world_message(&w, "bob", "s3-a1")->status, STORE_INTERRUPTED);
    CHECK_STR(version1_value(&w, arena,
                  "SELECT min(version) || ' ' || count(*) || ' ' ||"
                  " max(version) FROM schema_migrations"),
        STR("1 9 9"));
    arena_free(arena);
    world_close(&w);
}
