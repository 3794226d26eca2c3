#include "tap.h"
#include "world.h"

/* What a reply has beside its text, wherever a message goes. */

#define ONE "{\"id\":\"a\",\"kind\":\"tool\",\"at\":0}\n"
#define TWO "{\"id\":\"b\",\"kind\":\"tool\",\"at\":2}\n"

static void append(struct world *w, const char *id, int64_t sequence,
    struct str delta, struct str parts)
{
    struct store_event event = {.message_id = text(id),
        .sequence = sequence,
        .payload = parts,
        .text_delta = delta};
    struct store_op *op = world_op(w, STORE_APPEND_EVENTS, NULL);
    op->append_events.events = &event;
    op->append_events.count = 1;
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK_INT(op->append_events.dropped, 0);
}

static void finish(struct world *w, enum store_status status,
    struct str content, struct str parts, int64_t last)
{
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){.message_id = STR("s1-a1"),
        .status = status,
        .content = content,
        .parts = parts,
        .last_sequence = last,
        .timestamp_us = w->now_us};
    CHECK_INT(world_run(w, op), RC_OK);
}

/* A reply of two events, each with a part; it streams. */
static void begin(struct world *w)
{
    world_open(w);
    CHECK_INT(world_ask(w, "ann", "s1", 1, "?"), RC_OK);
    append(w, "s1-a1", 2, STR("x "), STR(ONE));
    append(w, "s1-a1", 3, STR("y"), STR(TWO));
}

static struct str parts_of(struct world *w)
{
    return world_message(w, "ann", "s1-a1")->parts;
}

TEST(a_live_reply_has_the_parts_of_its_log)
{
    struct world w;
    begin(&w);
    CHECK_STR(parts_of(&w), STR(ONE TWO));
    CHECK_STR(world_chat(&w, "ann", "s1")->messages[1].parts, STR(ONE TWO));
    CHECK(world_chat(&w, "ann", "s1")->messages[0].parts.p == NULL);
    world_close(&w);
}

TEST(a_page_of_events_counts_parts_too)
{
    struct world w;
    begin(&w);
    struct store_op *op = world_op(&w, STORE_READ_EVENTS, "ann");
    op->read_events.message_id = STR("s1-a1");
    op->read_events.limit = 10;
    op->read_events.max_bytes = sizeof(ONE) + 4;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->read_events.count, 1);
    CHECK(op->read_events.more);
    CHECK_STR(op->read_events.events[0].payload, STR(ONE));
    world_close(&w);
}

TEST(the_end_of_a_reply_keeps_its_parts)
{
    struct world w;
    begin(&w);
    finish(&w, STORE_COMPLETE, STR("x y"), STR(TWO), 4);
    CHECK_STR(parts_of(&w), STR(TWO));
    struct store_op *op = world_op(&w, STORE_GET_MESSAGE, "ann");
    op->get_message.message_id = STR("s1-a1");
    op->get_message.brief = true;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_STR(op->get_message.message.parts, STR("{"));
    world_close(&w);
}

TEST(a_reply_that_was_cut_gets_the_parts_of_its_log)
{
    struct world w;
    begin(&w);
    world_reopen(&w);
    struct store_op *op = world_op(&w, STORE_RECOVER, NULL);
    op->recover.at_start = true;
    op->recover.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->recover.recovered, 1);
    CHECK_STR(parts_of(&w), STR(ONE TWO));
    CHECK_STR(world_message(&w, "ann", "s1-a1")->content, STR("x y"));
    world_close(&w);
}

static struct store_continue_reply *go_on(struct world *w)
{
    struct store_op *op = world_op(w, STORE_CONTINUE_REPLY, "ann");
    op->continue_reply = (struct store_continue_reply){
        .message_id = STR("s1-a1"), .now_us = w->now_us};
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->continue_reply;
}

TEST(a_reply_that_goes_on_has_its_parts_with_the_events_they_came_in)
{
    struct world w;
    begin(&w);
    finish(&w, STORE_STOPPED, STR("x y"), STR(ONE TWO), 4);
    struct store_continue_reply *c = go_on(&w);
    CHECK_STR(c->parts, STR(ONE TWO));
    CHECK_INT(c->mark_count, 2);
    CHECK_INT(c->marks[0].parts_bytes, sizeof(ONE) - 1);
    CHECK_INT(c->marks[1].parts_bytes, sizeof(TWO) - 1);
    append(&w, "s1-a1", 6, STR("z"), STR(ONE));
    CHECK_STR(parts_of(&w), STR(ONE TWO ONE));
    world_close(&w);
}

TEST(parts_that_the_log_has_otherwise_become_one_event)
{
    struct world w;
    begin(&w);
    finish(&w, STORE_STOPPED, STR("x y"), STR(TWO), 4);
    struct store_continue_reply *c = go_on(&w);
    CHECK_INT(c->mark_count, 1);
    CHECK_INT(c->marks[0].sequence, 4);
    CHECK_INT(c->marks[0].parts_bytes, sizeof(TWO) - 1);
    CHECK_STR(parts_of(&w), STR(TWO));
    world_close(&w);
}

TEST(variants_have_parts_of_their_own)
{
    struct world w;
    begin(&w);
    finish(&w, STORE_COMPLETE, STR("x y"), STR(ONE), 4);
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
    op->regenerate.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(parts_of(&w).p == NULL);
    finish(&w, STORE_COMPLETE, STR("new"), STR(TWO), 7);
    op = world_op(&w, STORE_LIST_VARIANTS, "ann");
    op->list_variants.message_id = STR("s1-a1");
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_variants.count, 2);
    CHECK_STR(op->list_variants.variants[0].parts, STR(ONE));
    CHECK_STR(op->list_variants.variants[1].parts, STR(TWO));
    op = world_op(&w, STORE_SWITCH_VARIANT, "ann");
    op->switch_variant = (struct store_switch_variant){
        .message_id = STR("s1-a1"), .variant = 1, .now_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_STR(parts_of(&w), STR(ONE));
    world_close(&w);
}

TEST(a_clients_report_over_a_reply_has_none)
{
    struct world w;
    begin(&w);
    finish(&w, STORE_COMPLETE, STR("x y"), STR(ONE), 4);
    struct store_op *op = world_op(&w, STORE_RECORD_MESSAGE, "ann");
    op->record_message = (struct store_record_message){.session_id = STR("s1"),
        .message_id = STR("s1-a1"),
        .role = STORE_ROLE_ASSISTANT,
        .content = STR("it failed"),
        .status = STORE_FAILED,
        .now_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK(parts_of(&w).p == NULL);
    world_close(&w);
}

TEST(a_chat_taken_elsewhere_keeps_its_parts)
{
    struct world w;
    world_open(&w);
    struct store_message other = {.message_id = STR("m"),
        .role = STORE_ROLE_ASSISTANT,
        .variant = 1,
        .content = STR("old"),
        .parts = STR(ONE)};
    struct store_place place = {.message = {.message_id = STR("m"),
                                    .role = STORE_ROLE_ASSISTANT,
                                    .content = STR("new"),
                                    .parts = STR(TWO),
                                    .variant = 2,
                                    .variants = 2},
        .parent_variant = 1,
        .others = &other,
        .other_count = 1};
    struct store_op *op = world_op(&w, STORE_IMPORT_CHAT, "ann");
    op->import_chat = (struct store_import_chat){
        .session = {.session_id = STR("chat"), .created_at_us = 1},
        .places = &place,
        .count = 1,
        .now_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    op = world_op(&w, STORE_READ_PLACES, "ann");
    op->read_places.session_id = STR("chat");
    op->read_places.limit = 10;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->read_places.count, 1);
    CHECK_STR(op->read_places.places[0].message.parts, STR(TWO));
    CHECK_INT(op->read_places.places[0].other_count, 1);
    CHECK_STR(op->read_places.places[0].others[0].parts, STR(ONE));
    world_close(&w);
}

/* A question whose answer was withheld would have every later one withheld. */
TEST(what_a_content_rule_withheld_is_not_told)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "refused"), RC_OK);
    struct store_op *op = world_op(&w, STORE_FINISH_REPLY, "ann");
    op->finish_reply = (struct store_finish_reply){.message_id = STR("s1-a1"),
        .status = STORE_COMPLETE,
        .content = STR("I cannot help with that."),
        .finish_reason = STR("content_filter"),
        .timestamp_us = w.now_us};
    CHECK_INT(world_run(&w, op), RC_OK);
    world_turn(&w, "ann", "s1", 2, "allowed", "yes");
    op = world_op(&w, STORE_LOAD_CONTEXT, "ann");
    op->load_context.session_id = STR("s1");
    op->load_context.max_messages = 10;
    op->load_context.max_bytes = 1000;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->load_context.count, 2);
    CHECK_STR(op->load_context.messages[0].content, STR("allowed"));
    world_close(&w);
}

static enum rc answer(struct world *w, int64_t expected, const char *key)
{
    struct store_op *op = world_op(w, STORE_CONTINUE_REPLY, "ann");
    op->continue_reply =
        (struct store_continue_reply){.message_id = STR("s1-a1"),
            .start_key = text(key),
            .answers = true,
            .expected_sequence = expected,
            .now_us = w->now_us};
    return world_run(w, op);
}

/* A complete reply without a word may wait for an answer. */
TEST(a_reply_that_waits_is_answered_once)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "?"), RC_OK);
    append(&w, "s1-a1", 2, (struct str){0}, STR(ONE));
    finish(&w, STORE_COMPLETE, STR(""), STR(ONE), 3);
    CHECK_INT(answer(&w, 2, "k"), RC_INVALID);
    CHECK_INT(answer(&w, 3, "k"), RC_OK);
    const struct store_continue_reply *c = &w.last->continue_reply;
    CHECK(!c->repeated);
    CHECK_STR(c->parts, STR(ONE));
    CHECK_INT(c->mark_count, 1);
    CHECK_INT(answer(&w, 3, "k"), RC_OK);
    CHECK(w.last->continue_reply.repeated);
    CHECK_INT(w.last->continue_reply.last_sequence, 3);
    CHECK_INT(answer(&w, 3, "other"), RC_CONFLICT);
    finish(&w, STORE_COMPLETE, STR("x"), STR(ONE), 6);
    CHECK_INT(answer(&w, 3, "k"), RC_OK);
    CHECK(w.last->continue_reply.repeated);
    CHECK_INT(answer(&w, -1, "other"), RC_INVALID);
    CHECK_INT(answer(&w, 6, "k"), RC_OK);
    CHECK(!w.last->continue_reply.repeated);
    world_close(&w);
}

TEST(a_chat_that_has_gone_on_takes_no_answer)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "?"), RC_OK);
    append(&w, "s1-a1", 2, STR("x"), STR(ONE));
    finish(&w, STORE_COMPLETE, STR("x"), STR(ONE), 3);
    world_turn(&w, "ann", "s1", 2, "other", "answer");
    CHECK_INT(answer(&w, 3, "k"), RC_INVALID);
    world_close(&w);
}
