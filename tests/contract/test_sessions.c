#include <stdio.h>

#include "tap.h"
#include "world.h"

/* Names, marks, lists, the trash, and what age does to chats. */

/* An update of nothing yet. */
static struct store_op *update(
    struct world *w, const char *user, const char *session)
{
    struct store_op *op = world_op(w, STORE_UPDATE_SESSION, user);
    op->update_session.session_id = store_op_str(op, text(session));
    op->update_session.now_us = w->now_us;
    return op;
}

static enum rc rename_chat(struct world *w, const char *user,
    const char *session, const char *title, int64_t revision)
{
    struct store_op *op = update(w, user, session);
    op->update_session.set_title = true;
    op->update_session.title = store_op_str(op, text(title));
    op->update_session.expected_revision = revision;
    return world_run(w, op);
}

static enum rc mark(struct world *w, const char *user, const char *session,
    bool pinned, bool archived)
{
    struct store_op *op = update(w, user, session);
    op->update_session.set_pinned = op->update_session.set_archived = true;
    op->update_session.pinned = pinned;
    op->update_session.archived = archived;
    return world_run(w, op);
}

static enum rc run_on(struct world *w, enum store_verb verb, const char *user,
    const char *session)
{
    struct store_op *op = world_op(w, verb, user);
    struct str id = session == NULL ? (struct str){0} : text(session);
    w->now_us += 1000000;
    if (verb == STORE_DELETE_SESSION)
        op->delete_session =
            (struct store_delete_session){store_op_str(op, id), w->now_us};
    else if (verb == STORE_RESTORE_SESSION)
        op->restore_session.session_id = store_op_str(op, id);
    else
        op->erase_session.session_id = store_op_str(op, id);
    return world_run(w, op);
}

/* The ids of a list, "a b c", page by page of the given size. */
static void check_list(struct world *w, const char *user, enum store_list list,
    size_t limit, const char *expected)
{
    char seen[512] = "", cursor[128] = "";
    size_t n = 0;
    do {
        struct store_op *op = world_op(w, STORE_LIST_SESSIONS, user);
        struct store_list_sessions *l = &op->list_sessions;
        l->list = list;
        l->limit = limit;
        l->cursor = store_op_str(op, text(cursor));
        CHECK_INT(world_run(w, op), RC_OK);
        CHECK(limit == 0 || l->count <= limit);
        for (size_t i = 0; i < l->count; i++)
            n += (size_t)snprintf(seen + n, sizeof(seen) - n, "%s%.*s",
                n == 0 ? "" : " ", STR_ARG(l->chats[i].session.session_id));
        snprintf(cursor, sizeof(cursor), "%.*s", STR_ARG(l->next_cursor));
    } while (cursor[0] != '\0');
    CHECK_STR(text(seen), text(expected));
}

TEST(a_chat_is_renamed_pinned_and_archived)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "First?", "!");
    int64_t revision = world_chat(&w, "ann", "s1")->session.revision;
    CHECK_INT(rename_chat(&w, "ann", "s1", "Other", revision), RC_OK);
    const struct store_session *s = &w.last->update_session.session;
    CHECK_STR(s->title, STR("Other"));
    CHECK_STR(s->first_query, STR("First?"));
    CHECK_INT(s->revision, revision + 1);
    CHECK_INT(mark(&w, "ann", "s1", true, true), RC_OK);
    world_reopen(&w);
    s = &world_chat(&w, "ann", "s1")->session;
    CHECK_STR(s->title, STR("Other"));
    CHECK(s->pinned && s->archived && s->deleted_at_us == 0);
    CHECK_INT(s->revision, revision + 2);
    CHECK_INT(rename_chat(&w, "ann", "s1", "", 0), RC_OK);
    s = &world_chat(&w, "ann", "s1")->session;
    CHECK(s->title.p == NULL && s->pinned && s->archived);
    CHECK_INT(world_run(&w, update(&w, "ann", "s1")), RC_OK);
    CHECK_INT(w.last->update_session.session.revision, revision + 3);
    world_close(&w);
}

static enum rc set(struct world *w, const char *session, const char *settings,
    int64_t revision)
{
    struct store_op *op = update(w, "ann", session);
    op->update_session.settings = store_op_str(op, text(settings));
    op->update_session.expected_revision = revision;
    return world_run(w, op);
}

TEST(settings_of_a_chat_are_merged_by_member)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    const struct store_session *s = &world_chat(&w, "ann", "s1")->session;
    int64_t revision = s->revision;
    CHECK(s->settings.p == NULL);
    CHECK_INT(set(&w, "s1", "{\"model\":\"a\",\"max_tokens\":7}", 0), RC_OK);
    CHECK_STR(w.last->update_session.session.settings,
        STR("{\"model\":\"a\",\"max_tokens\":7}"));
    CHECK_INT(
        set(&w, "s1", "{\"max_tokens\":null,\"thinking\":\"low\"}", 0), RC_OK);
    world_reopen(&w);
    s = &world_chat(&w, "ann", "s1")->session;
    CHECK_STR(s->settings, STR("{\"model\":\"a\",\"thinking\":\"low\"}"));
    CHECK_INT(s->revision, revision + 2);
    CHECK_INT(set(&w, "s1", "{\"model\":\"b\"}", revision), RC_CONFLICT);
    CHECK_INT(set(&w, "s1", "[1]", 0), RC_INVALID);
    CHECK_INT(rename_chat(&w, "ann", "s1", "Named", 0), RC_OK);
    CHECK_STR(world_chat(&w, "ann", "s1")->session.settings,
        STR("{\"model\":\"a\",\"thinking\":\"low\"}"));
    CHECK_INT(set(&w, "s1", "{\"model\":null,\"thinking\":null}", 0), RC_OK);
    CHECK(world_chat(&w, "ann", "s1")->session.settings.p == NULL);
    world_close(&w);
}

static struct str begin(struct world *w, const char *id, const char *settings)
{
    struct store_op *op = world_op(w, STORE_ADD_TURN, "ann");
    op->add_turn = (struct store_add_turn){
        .session_id = STR("s1"),
        .user_message_id = store_op_str(op, text(id)),
        .reply_id = STR("reply"),
        .content = STR("?"),
        .settings = store_op_str(op, text(settings)),
        .now_us = w->now_us,
    };
    CHECK_INT(world_run(w, op), RC_OK);
    return w->last->settings;
}

TEST(what_begins_a_reply_is_told_the_settings)
{
    struct world w;
    const char *set_first = "{\"thinking\":\"high\"}";
    world_open(&w);
    CHECK_STR(begin(&w, "q0", set_first), text(set_first));
    CHECK_STR(begin(&w, "q0", "{\"thinking\":\"off\"}"), text(set_first));
    CHECK(w.last->add_turn.repeated);
    struct store_op *op = world_op(&w, STORE_EDIT_TURN, "ann");
    op->edit_turn = (struct store_edit_turn){
        .message_id = STR("q0"), .new_reply_id = STR("r"), .content = STR("x")};
    CHECK_INT(world_run(&w, op), RC_CONFLICT);
    CHECK_STR(w.last->settings, text(set_first));
    CHECK_STR(world_chat(&w, "ann", "s1")->session.settings, text(set_first));
    world_close(&w);
}

TEST(of_two_devices_that_rename_at_once_one_is_told)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    int64_t revision = world_chat(&w, "ann", "s1")->session.revision;
    CHECK_INT(rename_chat(&w, "ann", "s1", "Phone", revision), RC_OK);
    CHECK_INT(rename_chat(&w, "ann", "s1", "Laptop", revision), RC_CONFLICT);
    CHECK_STR(w.last->update_session.session.title, STR("Phone"));
    CHECK_INT(w.last->update_session.session.revision, revision + 1);
    CHECK_STR(world_chat(&w, "ann", "s1")->session.title, STR("Phone"));
    CHECK_INT(rename_chat(&w, "ann", "s1", "Laptop", revision + 1), RC_OK);
    world_close(&w);
}

TEST(each_list_holds_its_own_chats_newest_first)
{
    struct world w;
    const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    world_open(&w);
    for (size_t i = 0; i < 6; i++)
        world_turn(&w, "ann", names[i], 1, "?", "!");
    world_turn(&w, "bob", "x", 1, "?", "!");
    mark(&w, "ann", "b", true, false);
    mark(&w, "ann", "d", true, true);
    mark(&w, "ann", "e", false, true);
    CHECK_INT(run_on(&w, STORE_DELETE_SESSION, "ann", "f"), RC_OK);
    CHECK_INT(run_on(&w, STORE_DELETE_SESSION, "ann", "a"), RC_OK);
    for (size_t limit = 0; limit < 4; limit++) {
        check_list(&w, "ann", STORE_LIST_CURRENT, limit, "c b");
        check_list(&w, "ann", STORE_LIST_PINNED, limit, "b");
        check_list(&w, "ann", STORE_LIST_ARCHIVED, limit, "e d");
        check_list(&w, "ann", STORE_LIST_TRASH, limit, "a f");
        check_list(&w, "bob", STORE_LIST_CURRENT, limit, "x");
        check_list(&w, "bob", STORE_LIST_TRASH, limit, "");
    }
    world_close(&w);
}

TEST(the_trash_gives_back_all_of_a_chat)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_rate(&w, "ann", "s1-a1", STORE_RATING_UP);
    CHECK_INT(run_on(&w, STORE_RESTORE_SESSION, "ann", "s1"), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_DELETE_SESSION, "ann", "s1"), RC_OK);
    CHECK(world_chat(&w, "ann", "s1") == NULL);
    CHECK_INT(rename_chat(&w, "ann", "s1", "x", 0), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_RESTORE_SESSION, "ann", "s1"), RC_OK);
    CHECK(w.last->restore_session.session.is_active);
    CHECK_INT(w.last->restore_session.session.deleted_at_us, 0);
    const struct store_chat *c = world_chat(&w, "ann", "s1");
    CHECK(c != NULL && c->message_count == 2);
    CHECK_INT(c->messages[1].rating, STORE_RATING_UP);
    check_list(&w, "ann", STORE_LIST_CURRENT, 0, "s1");
    CHECK_INT(run_on(&w, STORE_RESTORE_SESSION, "ann", "s1"), RC_NOT_FOUND);
    world_close(&w);
}

TEST(an_erased_chat_leaves_nothing_behind)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "kept?", "!");
    world_rate(&w, "ann", "s1-a1", STORE_RATING_UP);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", "s1"), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_DELETE_SESSION, "ann", "s1"), RC_OK);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", "s1"), RC_OK);
    CHECK_INT(run_on(&w, STORE_RESTORE_SESSION, "ann", "s1"), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", "s1"), RC_NOT_FOUND);
    check_list(&w, "ann", STORE_LIST_TRASH, 0, "");
    check_list(&w, "ann", STORE_LIST_CURRENT, 0, "s2");
    /* Its ids are free again, for anybody, and nothing of it comes back. */
    world_turn(&w, "bob", "s1", 1, "mine", "!");
    const struct store_chat *c = world_chat(&w, "bob", "s1");
    CHECK(c != NULL && c->message_count == 2);
    CHECK_INT(c->messages[1].rating, STORE_RATING_NONE);
    CHECK_STR(c->messages[0].message_id, STR("s1-q1"));
    world_close(&w);
}

TEST(a_chat_is_not_erased_under_a_streaming_reply)
{
    struct world w;
    world_open(&w);
    world_ask(&w, "ann", "s1", 1, "?");
    run_on(&w, STORE_DELETE_SESSION, "ann", "s1");
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", "s1"), RC_CONFLICT);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", NULL), RC_OK);
    CHECK_INT(w.last->erase_session.erased, 0);
    CHECK_INT(world_answer(&w, "ann", "s1", 1, STORE_STOPPED, "x"), RC_OK);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", "s1"), RC_OK);
    world_close(&w);
}

TEST(the_whole_trash_is_emptied_in_bounded_steps)
{
    enum { CHATS = 120 };
    struct world w;
    char name[16];
    size_t erased = 0, calls = 0;
    world_open(&w);
    for (int i = 0; i < CHATS; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        world_turn(&w, "ann", name, 1, "?", "!");
        run_on(&w, STORE_DELETE_SESSION, "ann", name);
    }
    world_turn(&w, "ann", "kept", 1, "?", "!");
    world_turn(&w, "bob", "b1", 1, "?", "!");
    run_on(&w, STORE_DELETE_SESSION, "bob", "b1");
    do {
        CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "ann", NULL), RC_OK);
        erased += w.last->erase_session.erased;
        calls++;
    } while (w.last->erase_session.more);
    CHECK_INT(erased, CHATS);
    CHECK(calls > 1);
    check_list(&w, "ann", STORE_LIST_TRASH, 0, "");
    check_list(&w, "ann", STORE_LIST_CURRENT, 0, "kept");
    check_list(&w, "bob", STORE_LIST_TRASH, 0, "b1");
    world_close(&w);
}

static enum rc purge(
    struct world *w, int64_t trash_us, int64_t history_us, size_t limit)
{
    struct store_op *op = world_op(w, STORE_PURGE, NULL);
    op->purge.trash_us = trash_us;
    op->purge.history_us = history_us;
    op->purge.limit = limit;
    return world_run(w, op);
}

TEST(age_erases_what_is_in_the_trash)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    world_turn(&w, "ann", "s3", 1, "?", "!");
    run_on(&w, STORE_DELETE_SESSION, "ann", "s1");
    int64_t first = w.now_us;
    run_on(&w, STORE_DELETE_SESSION, "ann", "s2");
    CHECK_INT(purge(&w, first, 0, 10), RC_OK);
    CHECK_INT(w.last->purge.chats, 0);
    CHECK_INT(purge(&w, first + 1, 0, 10), RC_OK);
    CHECK_INT(w.last->purge.chats, 1);
    CHECK(!w.last->purge.more);
    check_list(&w, "ann", STORE_LIST_TRASH, 0, "s2");
    CHECK_INT(purge(&w, 0, 0, 10), RC_OK);
    check_list(&w, "ann", STORE_LIST_TRASH, 0, "s2");
    CHECK_INT(purge(&w, w.now_us + 1, 0, 10), RC_OK);
    check_list(&w, "ann", STORE_LIST_TRASH, 0, "");
    check_list(&w, "ann", STORE_LIST_CURRENT, 0, "s3");
    world_close(&w);
}

TEST(age_erases_old_history_but_for_what_is_pinned_or_streams)
{
    struct world w;
    char name[16];
    world_open(&w);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "old%d", i);
        world_turn(&w, "ann", name, 1, "?", "!");
    }
    mark(&w, "ann", "old1", true, false);
    mark(&w, "ann", "old2", false, true);
    world_ask(&w, "ann", "live", 1, "?");
    w.now_us += 1000000;
    int64_t then = w.now_us;
    world_turn(&w, "ann", "new", 1, "?", "!");
    CHECK_INT(purge(&w, 0, then, 3), RC_OK);
    CHECK_INT(w.last->purge.chats, 3);
    CHECK(w.last->purge.more);
    CHECK_INT(purge(&w, 0, then, 3), RC_OK);
    CHECK_INT(w.last->purge.chats, 1);
    CHECK(!w.last->purge.more);
    check_list(&w, "ann", STORE_LIST_CURRENT, 0, "new live old1");
    check_list(&w, "ann", STORE_LIST_ARCHIVED, 0, "");
    world_close(&w);
}

TEST(chats_of_others_are_not_there_for_any_of_it)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    world_turn(&w, "ann", "s2", 1, "?", "!");
    int64_t revision = world_chat(&w, "ann", "s1")->session.revision;
    CHECK_INT(rename_chat(&w, "bob", "s1", "x", 0), RC_NOT_FOUND);
    CHECK_INT(rename_chat(&w, "bob", "s1", "x", 999), RC_NOT_FOUND);
    CHECK(w.last->update_session.session.session_id.p == NULL);
    CHECK_INT(mark(&w, "bob", "s1", true, true), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_DELETE_SESSION, "bob", "s1"), RC_NOT_FOUND);
    run_on(&w, STORE_DELETE_SESSION, "ann", "s2");
    CHECK_INT(run_on(&w, STORE_RESTORE_SESSION, "bob", "s2"), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "bob", "s2"), RC_NOT_FOUND);
    CHECK_INT(run_on(&w, STORE_ERASE_SESSION, "bob", NULL), RC_OK);
    CHECK_INT(w.last->erase_session.erased, 0);
    CHECK_INT(world_chat(&w, "ann", "s1")->session.revision, revision);
    check_list(&w, "ann", STORE_LIST_TRASH, 0, "s2");
    world_close(&w);
}

/* ---- Drafts ---- */

static enum rc put_draft(
    struct world *w, const char *user, const char *session, const char *content)
{
    struct store_op *op = world_op(w, STORE_DRAFT_PUT, user);
    w->now_us += 1000000;
    op->draft_put.draft = (struct store_draft){
        .session_id = store_op_str(op, text(session)),
        .content = store_op_str(op, text(content)),
        .updated_us = w->now_us,
    };
    return world_run(w, op);
}

static const struct store_draft_list *drafts(
    struct world *w, const char *user, const char *session)
{
    struct store_op *op = world_op(w, STORE_DRAFT_LIST, user);
    if (session != NULL)
        op->draft_list.session_id = store_op_str(op, text(session));
    CHECK_INT(world_run(w, op), RC_OK);
    return &op->draft_list;
}

TEST(a_draft_is_kept_changed_and_removed)
{
    struct world w;
    world_open(&w);
    CHECK_INT(put_draft(&w, "ann", "new", "Hal"), RC_OK);
    CHECK_INT(put_draft(&w, "ann", "s1", "other"), RC_OK);
    CHECK_INT(put_draft(&w, "ann", "new", "Hallo"), RC_OK);
    CHECK_INT(put_draft(&w, "bob", "new", "Bob's"), RC_OK);
    world_reopen(&w);
    const struct store_draft_list *l = drafts(&w, "ann", NULL);
    CHECK_INT(l->count, 2);
    CHECK_STR(l->drafts[0].session_id, STR("new"));
    CHECK_STR(l->drafts[0].content, STR("Hallo"));
    CHECK_STR(l->drafts[1].content, STR("other"));
    l = drafts(&w, "bob", "new");
    CHECK_INT(l->count, 1);
    CHECK_STR(l->drafts[0].content, STR("Bob's"));
    CHECK_INT(put_draft(&w, "ann", "new", ""), RC_OK);
    CHECK_INT(put_draft(&w, "ann", "new", ""), RC_OK);
    CHECK_INT(drafts(&w, "ann", "new")->count, 0);
    CHECK_INT(drafts(&w, "bob", "new")->count, 1);
    CHECK_INT(drafts(&w, "bob", "s1")->count, 0);
    CHECK_INT(drafts(&w, "ann", "s1")->count, 1);
    world_close(&w);
}

TEST(only_so_many_drafts_of_a_person_are_kept)
{
    struct world w;
    char name[16];
    world_open(&w);
    put_draft(&w, "bob", "s", "Bob's");
    for (int i = 0; i < 203; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        CHECK_INT(put_draft(&w, "ann", name, "x"), RC_OK);
    }
    CHECK_INT(drafts(&w, "ann", NULL)->count, 200);
    CHECK_INT(drafts(&w, "ann", "s2")->count, 0);
    CHECK_INT(drafts(&w, "ann", "s3")->count, 1);
    CHECK_INT(drafts(&w, "bob", NULL)->count, 1);
    world_close(&w);
}

TEST(a_draft_goes_with_its_erased_chat_and_with_age)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "?", "!");
    put_draft(&w, "ann", "s1", "x");
    put_draft(&w, "ann", "s2", "y");
    put_draft(&w, "bob", "s1", "z");
    run_on(&w, STORE_DELETE_SESSION, "ann", "s1");
    CHECK_INT(drafts(&w, "ann", "s1")->count, 1);
    run_on(&w, STORE_ERASE_SESSION, "ann", "s1");
    CHECK_INT(drafts(&w, "ann", "s1")->count, 0);
    CHECK_INT(drafts(&w, "bob", "s1")->count, 1);
    CHECK_INT(purge(&w, 0, w.now_us + 1, 10), RC_OK);
    CHECK_INT(drafts(&w, "ann", NULL)->count, 0);
    world_close(&w);
}

static enum rc ask_title(struct world *w, const char *user)
{
    struct store_op *op = world_op(w, STORE_ASK_TITLE, user);
    op->ask_title.session_id = STR("s1");
    return world_run(w, op);
}

static void put_title(struct world *w, const char *user, const char *title)
{
    struct store_op *op = world_op(w, STORE_PUT_TITLE, user);
    op->put_title = (struct store_put_title){
        .session_id = STR("s1"),
        .title = str_from_c(title),
        .prompt_tokens = 5,
        .completion_tokens = 2,
        .now_us = w->now_us,
    };
    CHECK_INT(world_run(w, op), RC_OK);
}

static void rename_to(struct world *w, const char *title, const char *expected)
{
    struct store_op *op = world_op(w, STORE_UPDATE_SESSION, "ann");
    op->update_session.session_id = STR("s1");
    op->update_session.set_title = true;
    op->update_session.title = str_from_c(title);
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK_STR(op->update_session.session.title, str_from_c(expected));
    CHECK_STR(world_chat(w, "ann", "s1")->session.title, str_from_c(expected));
}

TEST(a_model_names_a_chat_once_and_never_over_the_persons_name)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "a question", "an answer");
    CHECK_INT(ask_title(&w, "bob"), RC_NOT_FOUND);
    CHECK_INT(ask_title(&w, "ann"), RC_OK);
    CHECK_INT(ask_title(&w, "ann"), RC_NOT_FOUND);
    put_title(&w, "bob", "Stolen");
    put_title(&w, "ann", "");
    CHECK(world_chat(&w, "ann", "s1")->session.auto_title.n == 0);
    put_title(&w, "ann", "Moons");
    CHECK_STR(world_chat(&w, "ann", "s1")->session.title, STR("Moons"));
    rename_to(&w, "Mine", "Mine");
    put_title(&w, "ann", "Later");
    CHECK_STR(world_chat(&w, "ann", "s1")->session.title, STR("Mine"));
    rename_to(&w, "", "Later");
    struct store_op *op = world_op(&w, STORE_READ_USAGE, "ann");
    op->read_usage.day_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(op->read_usage.prompt_tokens, 15);
    CHECK_INT(op->read_usage.completion_tokens, 6);
    world_close(&w);
}

TEST(a_chat_that_the_person_has_named_is_not_to_be_named)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "a question", "an answer");
    rename_to(&w, "Mine", "Mine");
    CHECK_INT(ask_title(&w, "ann"), RC_NOT_FOUND);
    rename_to(&w, "", "");
    CHECK_INT(ask_title(&w, "ann"), RC_OK);
    world_close(&w);
}
