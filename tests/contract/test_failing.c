#include "failing_store.h"
#include "tap.h"
#include "world.h"

/* The store that fails on demand keeps the contract too. */

TEST(the_failing_store_fails_the_operation_asked_for)
{
    struct world w;
    world_open(&w);
    w.store = failing_store_new(w.store);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    failing_store_arm(w.store, 2, RC_FULL, false);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_OK);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_DOWN), RC_FULL);
    CHECK_STR(text(w.last->error), STR("rate: failed on demand"));
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    CHECK_INT(failing_store_seen(w.store), 3);
    CHECK_INT(failing_store_failed(w.store), 1);
    world_close(&w);
}

TEST(the_failing_store_can_go_on_failing_for_one_verb)
{
    struct world w;
    world_open(&w);
    w.store = failing_store_new(w.store);
    failing_store_only(w.store, STORE_PING);
    failing_store_arm(w.store, 1, RC_IO, true);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    CHECK_INT(world_run(&w, world_op(&w, STORE_PING, NULL)), RC_IO);
    CHECK_INT(world_run(&w, world_op(&w, STORE_PING, NULL)), RC_IO);
    failing_store_arm(w.store, 0, RC_OK, false);
    CHECK_INT(world_run(&w, world_op(&w, STORE_PING, NULL)), RC_OK);
    world_close(&w);
}
