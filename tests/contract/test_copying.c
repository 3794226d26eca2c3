#include <string.h>

#include "store/tables.h"

#include "tap.h"
#include "world.h"

/* Rows and whole chats, out of a store and into one. */

static const struct store_table *table_named(const char *name)
{
    for (size_t i = 0; i < store_table_count; i++)
        if (strcmp(store_tables[i].name, name) == 0)
            return &store_tables[i];
    tap_fail(__FILE__, __LINE__, "no table %s", name);
}

/* A reply of ann's with a log that adds up to its text. */
static void logged_turn(struct world *w)
{
    CHECK_INT(world_ask(w, "ann", "s1", 3, "third"), RC_OK);
    CHECK_INT(world_events(w, "s1-a3", 2, 3), RC_OK);
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, "ann");
    op->finish_reply.message_id = STR("s1-a3");
    op->finish_reply.content = STR("2 3 4 ");
    op->finish_reply.last_sequence = 5;
    op->finish_reply.timestamp_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
}

/* A store with two people, variants, ratings, a log and a live reply. */
static void fill(struct world *w)
{
    world_open(w);
    world_turn(w, "ann", "s1", 1, "first question", "first answer");
    CHECK_INT(world_rate(w, "ann", "s1-a1", STORE_RATING_UP), RC_OK);
    world_turn(w, "ann", "s1", 2, "second \xc3\xa4", "second answer");
    world_turn(w, "bob", "s2", 1, "bob's", "his answer");
    logged_turn(w);
    CHECK_INT(world_ask(w, "bob", "s3", 1, "live?"), RC_OK);
    CHECK_INT(world_events(w, "s3-a1", 2, 3), RC_OK);
}

static struct store_op *dump(
    struct world *w, const char *table, struct str after, size_t limit)
{
    struct store_op *op = world_op(w, STORE_DUMP_ROWS, NULL);
    op->dump_rows.table = table_named(table);
    op->dump_rows.after = store_op_str(op, after);
    op->dump_rows.limit = limit;
    CHECK_INT(world_run(w, op), RC_OK);
    return op;
}

/* Rows of a table, read in pages of one; the last key seen must grow. */
static size_t count_paged(struct world *w, const char *table)
{
    size_t rows = 0;
    struct arena *arena = arena_new();
    struct str after = {0}, last = {0};
    do {
        struct store_op *op = dump(w, table, after, 1);
        CHECK(op->dump_rows.count <= 1);
        if (op->dump_rows.count == 1) {
            struct str key = op->dump_rows.values[0].text;
            CHECK(rows == 0 || str_cmp(last, key) <= 0);
            last = arena_str(arena, key);
        }
        rows += op->dump_rows.count;
        after = op->dump_rows.next;
        if (after.p != NULL)
            after = arena_str(arena, after);
    } while (after.p != NULL);
    arena_free(arena);
    return rows;
}

TEST(rows_come_in_pages_whatever_their_size)
{
    struct world w;
    fill(&w);
    for (size_t i = 0; i < store_table_count; i++) {
        const char *name = store_tables[i].name;
        size_t all = dump(&w, name, (struct str){0}, 1000)->dump_rows.count;
        CHECK_INT(count_paged(&w, name), all);
    }
    CHECK_INT(count_paged(&w, "sessions"), 3);
    CHECK_INT(count_paged(&w, "messages"), 10);
    CHECK_INT(count_paged(&w, "message_ratings"), 1);
    /* a row is an event or many of one reply */
    CHECK(count_paged(&w, "reply_events") > 0);
    world_close(&w);
}

static size_t load(struct world *w, enum store_load how,
    const struct store_dump_rows *rows, size_t *ret_left)
{
    struct store_op *op = world_op(w, STORE_LOAD_ROWS, NULL);
    op->load_rows.table = rows->table;
    op->load_rows.how = how;
    op->load_rows.values = rows->values;
    op->load_rows.count = rows->count;
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK_INT(op->load_rows.written + op->load_rows.left, rows->count);
    if (ret_left != NULL)
        *ret_left = op->load_rows.left;
    return op->load_rows.written;
}

/* All rows of a table, in an arena of their own. */
static struct store_dump_rows keep(
    struct world *w, const char *table, struct arena *arena)
{
    struct store_dump_rows rows =
        dump(w, table, (struct str){0}, 1000)->dump_rows;
    size_t values = rows.count * rows.table->column_count;
    struct store_value *copy = arena_alloc(arena, (values + 1) * sizeof(*copy));
    for (size_t i = 0; i < values; i++) {
        copy[i] = rows.values[i];
        if (copy[i].text.p != NULL)
            copy[i].text = arena_str(arena, copy[i].text);
    }
    rows.values = copy;
    return rows;
}

static void check_equal(
    const struct store_dump_rows *a, const struct store_dump_rows *b)
{
    CHECK_INT(a->count, b->count);
    for (size_t i = 0; i < a->count * a->table->column_count; i++) {
        CHECK_INT(a->values[i].type, b->values[i].type);
        if (a->values[i].type == STORE_VALUE_INT)
            CHECK_INT(a->values[i].number, b->values[i].number);
        if (a->values[i].type == STORE_VALUE_TEXT)
            CHECK_STR(a->values[i].text, b->values[i].text);
    }
}

TEST(rows_of_one_store_make_an_equal_one)
{
    struct world from, to;
    struct arena *arena = arena_new();
    fill(&from);
    world_open(&to);
    for (size_t i = 0; i < store_table_count; i++) {
        const char *name = store_tables[i].name;
        struct store_dump_rows rows = keep(&from, name, arena);
        CHECK_INT(load(&to, STORE_LOAD_ADD, &rows, NULL), rows.count);
        struct store_dump_rows copied = keep(&to, name, arena);
        check_equal(&rows, &copied);
        CHECK_INT(load(&to, STORE_LOAD_ADD, &rows, NULL), 0);
    }
    const struct store_chat *chat = world_chat(&to, "ann", "s1");
    CHECK(chat != NULL);
    CHECK_INT(chat->message_count, 6);
    CHECK_INT(chat->messages[1].rating, STORE_RATING_UP);
    world_close(&to);
    world_close(&from);
    arena_free(arena);
}

TEST(rows_whose_chat_is_missing_are_left)
{
    struct world from, to;
    struct arena *arena = arena_new();
    static const char *const tables[] = {
        "messages", "message_ratings", "reply_logs", "reply_events"};
    fill(&from);
    world_open(&to);
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        size_t left = 0;
        struct store_dump_rows rows = keep(&from, tables[i], arena);
        CHECK(rows.count > 0);
        CHECK_INT(load(&to, STORE_LOAD_ADD, &rows, &left), 0);
        CHECK_INT(left, rows.count);
    }
    world_close(&to);
    world_close(&from);
    arena_free(arena);
}

TEST(rows_are_written_anew_and_removed_by_their_key)
{
    struct world w;
    struct arena *arena = arena_new();
    fill(&w);
    struct store_dump_rows before = keep(&w, "messages", arena);
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_DOWN), RC_OK);
    struct store_dump_rows ratings = keep(&w, "message_ratings", arena);
    ratings.values[3].text = STR("up");
    CHECK_INT(load(&w, STORE_LOAD_UPDATE, &ratings, NULL), 1);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_UP);
    CHECK_INT(load(&w, STORE_LOAD_REMOVE, &ratings, NULL), 1);
    CHECK_INT(load(&w, STORE_LOAD_REMOVE, &ratings, NULL), 0);
    CHECK_INT(load(&w, STORE_LOAD_UPDATE, &ratings, NULL), 0);
    CHECK_INT(world_message(&w, "ann", "s1-a1")->rating, STORE_RATING_NONE);
    for (size_t i = 0; i < store_table_count; i++) {
        struct store_dump_rows rows = keep(&w, store_tables[i].name, arena);
        CHECK_INT(load(&w, STORE_LOAD_UPDATE, &rows, NULL), rows.count);
    }
    struct store_dump_rows after = keep(&w, "messages", arena);
    check_equal(&before, &after);
    for (size_t i = store_table_count; i > 0; i--) {
        struct store_dump_rows rows = keep(&w, store_tables[i - 1].name, arena);
        CHECK_INT(load(&w, STORE_LOAD_REMOVE, &rows, NULL), rows.count);
        CHECK_INT(keep(&w, store_tables[i - 1].name, arena).count, 0);
    }
    world_close(&w);
    arena_free(arena);
}

TEST(people_come_in_order_and_in_pages)
{
    struct world w;
    fill(&w);
    struct store_op *op = world_op(&w, STORE_LIST_USERS, NULL);
    op->list_users.limit = 1;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_users.count, 1);
    CHECK_STR(op->list_users.users[0].user_id, STR("ann"));
    CHECK_STR(op->list_users.users[0].email, STR("ann@example.org"));
    op = world_op(&w, STORE_LIST_USERS, NULL);
    op->list_users.after = STR("ann");
    op->list_users.limit = 10;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->list_users.count, 1);
    CHECK_STR(op->list_users.users[0].user_id, STR("bob"));
    CHECK_INT(op->list_users.users[0].chats, 2);
    world_close(&w);
}

/* ---- Chats as trees ---- */

static struct store_message said(const char *id, enum store_role role,
    const char *parent, const char *content)
{
    struct store_message m = {.message_id = text(id),
        .role = role,
        .content = text(content),
        .timestamp_us = 5000000,
        .created_at_us = 4000000,
        .variant = 1,
        .variants = 1};
    if (parent != NULL)
        m.parent_id = text(parent);
    return m;
}

/*
 * q1 - a1 of two variants, the second shown; q2 hangs on the first, q3 on the
 * second.
 */
static struct store_op *import_tree(
    struct world *w, const char *user, const char *chat)
{
    static struct store_message first;
    static struct store_place places[4];
    first = said("a1", STORE_ROLE_ASSISTANT, NULL, "one way");
    first.rating = STORE_RATING_DOWN;
    first.reasons = STR("[\"too_long\"]");
    first.comment = STR("short, please");
    places[0] = (struct store_place){
        .message = said("q1", STORE_ROLE_USER, NULL, "how?"),
        .parent_variant = 1};
    places[1] = (struct store_place){
        .message = said("a1", STORE_ROLE_ASSISTANT, "q1", "another way"),
        .parent_variant = 1,
        .others = &first,
        .other_count = 1};
    places[1].message.variant = places[1].message.variants = 2;
    places[1].message.rating = STORE_RATING_UP;
    places[1].message.reasons = STR("[\"clear\"]");
    places[1].message.comment = STR("so");
    places[1].message.metrics = STR("{\"totalTime\":1.5}");
    places[2] = (struct store_place){
        .message = said("q2", STORE_ROLE_USER, "a1", "after the first"),
        .parent_variant = 1};
    places[3] = (struct store_place){
        .message = said("q3", STORE_ROLE_USER, "a1", "after the second"),
        .parent_variant = 2};
    struct store_op *op = world_op(w, STORE_IMPORT_CHAT, user);
    op->import_chat.session = (struct store_session){
        .session_id = store_op_str(op, text(chat)),
        .title = STR("A tree"),
        .first_query = STR("how?"),
        .timestamp_us = 6000000,
        .created_at_us = 3000000,
        .pinned = true,
    };
    op->import_chat.places = places;
    op->import_chat.count = 4;
    op->import_chat.now_us = 7000000;
    CHECK_INT(world_run(w, op), RC_OK);
    return op;
}

static struct store_op *read_places(struct world *w, const char *user,
    struct str chat, int64_t after, size_t limit)
{
    struct store_op *op = world_op(w, STORE_READ_PLACES, user);
    op->read_places.session_id = store_op_str(op, chat);
    op->read_places.after = after;
    op->read_places.limit = limit;
    (void)world_run(w, op);
    return op;
}

static void check_tree(const struct store_read_places *r)
{
    CHECK_INT(r->count, 4);
    CHECK_INT(r->next, 0);
    CHECK_STR(r->session.title, STR("A tree"));
    CHECK(r->session.pinned);
    CHECK_INT(r->session.timestamp_us, 6000000);
    CHECK_INT(r->session.created_at_us, 3000000);
    const struct store_place *a1 = &r->places[1];
    CHECK_STR(a1->message.content, STR("another way"));
    CHECK_INT(a1->message.rating, STORE_RATING_UP);
    CHECK_INT(a1->message.variant, 2);
    CHECK_INT(a1->other_count, 1);
    CHECK_STR(a1->others[0].content, STR("one way"));
    CHECK_INT(a1->others[0].rating, STORE_RATING_DOWN);
    CHECK_STR(a1->others[0].reasons, STR("[\"too_long\"]"));
    CHECK_STR(a1->others[0].comment, STR("short, please"));
    CHECK_STR(a1->message.reasons, STR("[\"clear\"]"));
    CHECK_STR(a1->message.comment, STR("so"));
    CHECK_INT(a1->others[0].variant, 1);
    CHECK(r->places[2].message.hidden);
    CHECK_INT(r->places[2].parent_variant, 1);
    CHECK(!r->places[3].message.hidden);
    CHECK_INT(r->places[3].parent_variant, 2);
    CHECK_STR(r->places[3].message.parent_id, a1->message.message_id);
}

TEST(import_keeps_the_tree_and_again_changes_nothing)
{
    struct world w;
    world_open(&w);
    struct store_op *op = import_tree(&w, "ann", "tree");
    CHECK(op->import_chat.created);
    CHECK_INT(op->import_chat.added, 4);
    CHECK_INT(op->import_chat.present, 0);
    check_tree(&read_places(&w, "ann", STR("tree"), 0, 100)->read_places);
    int64_t revision = world_chat(&w, "ann", "tree")->session.revision;
    op = import_tree(&w, "ann", "tree");
    CHECK(!op->import_chat.created);
    CHECK_INT(op->import_chat.added, 0);
    CHECK_INT(op->import_chat.present, 4);
    CHECK_INT(world_chat(&w, "ann", "tree")->session.revision, revision);
    world_close(&w);
}

TEST(import_under_ids_that_are_taken_takes_others_always_the_same)
{
    struct world w;
    struct arena *arena = arena_new();
    world_open(&w);
    import_tree(&w, "ann", "tree");
    struct str id = arena_str(
        arena, import_tree(&w, "bob", "tree")->import_chat.session_id);
    CHECK(!str_eq(id, STR("tree")));
    check_tree(&read_places(&w, "bob", id, 0, 100)->read_places);
    struct store_op *op = import_tree(&w, "bob", "tree");
    CHECK_STR(op->import_chat.session_id, id);
    CHECK_INT(op->import_chat.present, 4);
    op = import_tree(&w, "ann", "copy"); /* the same messages, another chat */
    CHECK_INT(op->import_chat.added, 4);
    check_tree(&read_places(&w, "ann", STR("tree"), 0, 100)->read_places);
    CHECK_INT(read_places(&w, "bob", STR("tree"), 0, 100)->rc, RC_NOT_FOUND);
    world_close(&w);
    arena_free(arena);
}

TEST(import_brings_back_what_is_missing_and_leaves_the_rest)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "tree", 1, "mine"), RC_OK);
    CHECK_INT(
        world_answer(&w, "ann", "tree", 1, STORE_COMPLETE, "kept"), RC_OK);
    struct store_op *op = import_tree(&w, "ann", "tree");
    CHECK(!op->import_chat.created);
    CHECK_INT(op->import_chat.added, 4);
    const struct store_chat *chat = world_chat(&w, "ann", "tree");
    CHECK_STR(chat->session.title, STR("mine"));
    CHECK_STR(world_message(&w, "ann", "tree-a1")->content, STR("kept"));
    world_close(&w);
}

TEST(import_refuses_what_streams_or_has_gaps)
{
    struct world w;
    world_open(&w);
    for (int i = 0; i < 3; i++) {
        struct store_op *op = world_op(&w, STORE_IMPORT_CHAT, "ann");
        struct store_place place = {
            .message = said("m", STORE_ROLE_USER, NULL, "x")};
        if (i == 0)
            place.message.status = STORE_STREAMING;
        if (i == 1)
            place.message.variants = 2;
        if (i == 2)
            place.message.variant = 2;
        op->import_chat.session.session_id = STR("s");
        op->import_chat.places = &place;
        op->import_chat.count = 1;
        CHECK_INT(world_run(&w, op), RC_INVALID);
        CHECK(world_chat(&w, "ann", "s") == NULL);
    }
    world_close(&w);
}

TEST(places_come_in_pages_with_the_text_of_a_live_reply)
{
    struct world w;
    fill(&w);
    import_tree(&w, "ann", "tree");
    int64_t after = 0;
    size_t seen = 0;
    do {
        struct store_op *op = read_places(&w, "ann", STR("tree"), after, 1);
        CHECK_INT(op->rc, RC_OK);
        CHECK_INT(op->read_places.count, 1);
        after = op->read_places.next;
        seen++;
    } while (after != 0);
    CHECK_INT(seen, 4);
    struct store_op *op = read_places(&w, "bob", STR("s3"), 0, 10);
    CHECK_INT(op->read_places.count, 2);
    CHECK_INT(op->read_places.places[1].message.status, STORE_STREAMING);
    CHECK_STR(op->read_places.places[1].message.content, STR("2 3 4 "));
    world_close(&w);
}

/* ---- Questions to a sound database ---- */

/* Rules that are broken; the name of the last one in ret_name. */
static int broken(struct world *w, const char **ret_name)
{
    int wrong = 0;
    for (size_t i = 0;; i++) {
        struct store_op *op = world_op(w, STORE_CHECK, NULL);
        op->check.index = i;
        op->check.served = true;
        if (world_run(w, op) == RC_NOT_FOUND)
            return wrong;
        CHECK_INT(op->rc, RC_OK);
        CHECK(strlen(op->check.wrong) > 0 && strlen(op->check.advice) > 0);
        if (op->check.count > 0) {
            wrong++;
            *ret_name = op->check.name;
            CHECK(op->check.example_count > 0);
        }
    }
}

/* Writes one value of one row behind the verbs' back. */
static void spoil(struct world *w, const char *table, const char *key,
    const char *column, struct store_value value)
{
    struct arena *arena = arena_new();
    struct store_dump_rows rows = keep(w, table, arena);
    size_t columns = rows.table->column_count, at = 0, row = 0;
    while (strcmp(rows.table->columns[at].name, column) != 0)
        at++;
    while (!str_eq(rows.values[row * columns].text, text(key)))
        CHECK(++row < rows.count);
    rows.values += row * columns;
    rows.count = 1;
    rows.values[at] = value;
    CHECK_INT(load(w, STORE_LOAD_UPDATE, &rows, NULL), 1);
    arena_free(arena);
}

TEST(check_finds_each_rule_that_is_broken)
{
    static const struct {
        const char *rule, *table, *key, *column;
        struct store_value value;
    } cases[] = {
        {"owners", "messages", "s1-q1", "user_id",
            {.type = STORE_VALUE_TEXT, .text = {"eve", 3}}},
        {"parents", "messages", "q3", "parent_id",
            {.type = STORE_VALUE_TEXT, .text = {"nobody", 6}}},
        {"branches", "messages", "q2", "parent_variant",
            {.type = STORE_VALUE_INT, .number = 9}},
        {"shown", "messages", "q2", "hidden",
            {.type = STORE_VALUE_INT, .number = 0}},
        {"variants", "messages", "a1", "variants",
            {.type = STORE_VALUE_INT, .number = 3}},
        {"ratings", "message_ratings", "a1", "session_id",
            {.type = STORE_VALUE_TEXT, .text = {"s1", 2}}},
        {"texts", "messages", "s1-a3", "content",
            {.type = STORE_VALUE_TEXT, .text = {"2 3 4", 5}}},
        {"logs", "reply_logs", "s3-a1", "finished_us",
            {.type = STORE_VALUE_INT, .number = 5}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct world w;
        const char *name = "";
        fill(&w);
        struct store_op *op = world_op(&w, STORE_HEARTBEAT, NULL);
        CHECK_INT(world_run(&w, op), RC_OK);
        import_tree(&w, "ann", "tree");
        CHECK_INT(broken(&w, &name), 0);
        spoil(
            &w, cases[i].table, cases[i].key, cases[i].column, cases[i].value);
        CHECK_INT(broken(&w, &name), 1);
        CHECK_STR(text(name), text(cases[i].rule));
        world_close(&w);
    }
}
