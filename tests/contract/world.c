#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "tap.h"
#include "world.h"

void world_open(struct world *w)
{
    *w = (struct world){.directory = "/dev/shm/store-test-XXXXXX"};
    if (mkdtemp(w->directory) == NULL) { /* no memory to write to: a disk */
        *w = (struct world){.directory = "/tmp/store-test-XXXXXX"};
        CHECK(mkdtemp(w->directory) != NULL);
    }
    CHECK(loop_new(clock_system(), &w->loop) == RC_OK);
    w->store = backend.open(w->directory, false);
    w->now_us = WORLD_NOW_US;
}

void world_reopen(struct world *w)
{
    store_close(w->store);
    w->store = backend.open(w->directory, true);
}

static void remove_files(const char *directory)
{
    DIR *d = opendir(directory);
    if (d == NULL)
        return;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(directory);
}

void world_close(struct world *w)
{
    store_op_free(w->last);
    store_close(w->store);
    loop_free(w->loop);
    remove_files(w->directory);
}

struct str text(const char *c)
{
    return str_from_c(c);
}

static void on_done(struct store_op *op)
{
    *(bool *)op->ctx = true;
}

struct store_op *world_op(
    struct world *w, enum store_verb verb, const char *user)
{
    struct store_op *op = store_op_new(w->loop, verb, on_done, NULL);
    if (user != NULL)
        op->user_id = store_op_str(op, text(user));
    return op;
}

enum rc world_run(struct world *w, struct store_op *op)
{
    bool done = false;
    op->ctx = &done;
    store_op_free(w->last);
    w->last = op;
    store_submit(w->store, op);
    CHECK(!done);
    while (!done)
        loop_turn(w->loop, 10000);
    CHECK((op->rc == RC_OK) == (op->error[0] == '\0'));
    return op->rc;
}

enum rc world_ask(struct world *w, const char *user, const char *session,
    int turn, const char *content)
{
    struct store_op *op = world_op(w, STORE_ADD_TURN, user);
    struct store_add_turn *t = &op->add_turn;
    w->now_us += 1000000;
    t->user_email = arena_printf(op->arena, "%s@example.org", user);
    t->session_id = store_op_str(op, text(session));
    t->title = store_op_str(op, text(content));
    t->user_message_id = arena_printf(op->arena, "%s-q%d", session, turn);
    t->reply_id = arena_printf(op->arena, "%s-a%d", session, turn);
    t->content = store_op_str(op, text(content));
    t->model = STR("model-1");
    t->now_us = w->now_us;
    return world_run(w, op);
}

enum rc world_answer(struct world *w, const char *user, const char *session,
    int turn, enum store_status status, const char *content)
{
    struct store_op *op = world_op(w, STORE_FINISH_REPLY, user);
    struct store_finish_reply *f = &op->finish_reply;
    f->message_id = arena_printf(op->arena, "%s-a%d", session, turn);
    f->status = status;
    f->content = store_op_str(op, text(content));
    f->metrics = STR("{\"totalTime\":1.5}");
    f->finish_reason = STR("stop");
    f->timestamp_us = w->now_us;
    return world_run(w, op);
}

void world_turn(struct world *w, const char *user, const char *session,
    int turn, const char *question, const char *answer)
{
    CHECK_INT(world_ask(w, user, session, turn, question), RC_OK);
    CHECK_INT(
        world_answer(w, user, session, turn, STORE_COMPLETE, answer), RC_OK);
}

enum rc world_events(
    struct world *w, const char *message_id, int64_t first, size_t count)
{
    struct store_op *op = world_op(w, STORE_APPEND_EVENTS, NULL);
    struct store_event *events =
        arena_alloc(op->arena, count * sizeof(*events));
    for (size_t i = 0; i < count; i++) {
        long long n = (long long)first + (long long)i;
        events[i].message_id = store_op_str(op, text(message_id));
        events[i].sequence = n;
        events[i].payload = arena_printf(op->arena, "{\"n\":%lld}", n);
        events[i].text_delta = arena_printf(op->arena, "%lld ", n);
        if (n % 2 == 0)
            events[i].reasoning_delta = STR("r");
    }
    op->append_events.events = events;
    op->append_events.count = count;
    return world_run(w, op);
}

enum rc world_rate(struct world *w, const char *user, const char *message_id,
    enum store_rating rating)
{
    struct store_op *op = world_op(w, STORE_RATE, user);
    op->rate.message_id = store_op_str(op, text(message_id));
    op->rate.rating = rating;
    op->rate.now_us = w->now_us;
    return world_run(w, op);
}

const struct store_message *world_message(
    struct world *w, const char *user, const char *message_id)
{
    struct store_op *op = world_op(w, STORE_GET_MESSAGE, user);
    op->get_message.message_id = store_op_str(op, text(message_id));
    return world_run(w, op) == RC_OK ? &op->get_message.message : NULL;
}

const struct store_chat *world_chat(
    struct world *w, const char *user, const char *session)
{
    struct store_op *op = world_op(w, STORE_GET_SESSION, user);
    op->get_session.session_id = store_op_str(op, text(session));
    op->get_session.with_messages = true;
    return world_run(w, op) == RC_OK ? &op->get_session.chat : NULL;
}

enum rc world_page(struct world *w, const char *user, const char *session,
    enum store_page_kind kind, const char *message_id, size_t limit)
{
    struct store_op *op = world_op(w, STORE_GET_SESSION, user);
    op->get_session.session_id = store_op_str(op, text(session));
    op->get_session.with_messages = true;
    op->get_session.page = (struct store_page){
        .kind = kind,
        .message_id = store_op_str(op, text(message_id)),
        .limit = limit,
    };
    return world_run(w, op);
}
