#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "tap.h"
#include "store/news.h"

/* The registry behind struct store_watch, without a database. */

struct told {
    struct store_watch *watch;
    int replies, stops, changes, outbox, all;
    char last[64];
    bool free_when_told;
};

struct world {
    struct store store;
    struct loop *loop;
};

static void world_start(struct world *w)
{
    *w = (struct world){.store.news = news_new()};
    CHECK(loop_new(clock_system(), &w->loop) == RC_OK);
}

static void world_end(struct world *w)
{
    news_free(w->store.news);
    loop_free(w->loop);
}

static void on_news(void *ctx, enum store_news news, struct str id)
{
    struct told *t = ctx;
    switch (news) {
    case STORE_NEWS_REPLY:
        t->replies++;
        break;
    case STORE_NEWS_STOP:
        t->stops++;
        break;
    case STORE_NEWS_CHANGES:
        t->changes++;
        break;
    case STORE_NEWS_OUTBOX:
        t->outbox++;
        break;
    case STORE_NEWS_ALL:
        t->all++;
        break;
    }
    CHECK(id.n < sizeof(t->last));
    memset(t->last, 0, sizeof(t->last));
    if (id.n > 0)
        memcpy(t->last, id.p, id.n);
    if (t->free_when_told) {
        store_watch_free(t->watch);
        t->watch = NULL;
    }
}

static void watch(struct world *w, struct told *t)
{
    *t = (struct told){0};
    t->watch = store_watch_new(&w->store, w->loop, on_news, t);
}

static struct store_op *new_op(struct world *w, enum store_verb verb)
{
    return store_op_new(w->loop, verb, store_op_free, NULL);
}

TEST(tells_who_asked_and_nobody_else)
{
    struct world w;
    struct told a, b;
    world_start(&w);
    watch(&w, &a);
    watch(&w, &b);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    store_watch_add(b.watch, STORE_NEWS_CHANGES, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m2"));
    CHECK_INT(a.replies, 0); /* not inside the call */
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1);
    CHECK_STR(str_from_c(a.last), STR("m1"));
    CHECK_INT(b.replies + b.changes, 0);
    news_tell(w.store.news, STORE_NEWS_CHANGES, STR("m1"));
    loop_turn(w.loop, 0);
    CHECK_INT(b.changes, 1);
    CHECK_INT(a.replies + a.changes, 1);
    store_watch_free(a.watch);
    store_watch_free(b.watch);
    world_end(&w);
}

TEST(news_of_one_reply_is_told_once_a_turn)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    for (int i = 0; i < 100000; i++)
        news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1);
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1);
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 2);
    store_watch_free(a.watch);
    world_end(&w);
}

TEST(feedback_to_send_is_told_to_all_once_a_turn)
{
    struct world w;
    struct told a, b;
    world_start(&w);
    watch(&w, &a);
    watch(&w, &b);
    struct store_op *op = new_op(&w, STORE_RATE);
    news_committed(w.store.news, op);
    op->rate.tell = true;
    news_committed(w.store.news, op);
    news_committed(w.store.news, op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.outbox, 1);
    CHECK_INT(b.outbox, 1);
    CHECK_INT(a.all + a.stops, 0);
    store_op_free(op);
    store_watch_free(a.watch);
    store_watch_free(b.watch);
    world_end(&w);
}

TEST(what_was_added_twice_is_removed_twice)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    store_watch_remove(a.watch, STORE_NEWS_REPLY, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1);
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    store_watch_remove(a.watch, STORE_NEWS_REPLY, STR("m1"));
    store_watch_remove(a.watch, STORE_NEWS_REPLY, STR("m1"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1); /* even what was under way */
    store_watch_free(a.watch);
    world_end(&w);
}

TEST(stops_go_to_all_and_too_many_become_look_anew)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    news_tell(w.store.news, STORE_NEWS_STOP, STR("m1"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.stops, 1);
    CHECK_STR(str_from_c(a.last), STR("m1"));
    for (int i = 0; i < NEWS_MAX_STOPS; i++)
        news_tell(w.store.news, STORE_NEWS_STOP, STR("m2"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.stops, 1 + NEWS_MAX_STOPS);
    CHECK_INT(a.all, 0);
    for (int i = 0; i < 3 * NEWS_MAX_STOPS; i++)
        news_tell(w.store.news, STORE_NEWS_STOP, STR("m3"));
    loop_turn(w.loop, 0);
    CHECK_INT(a.stops, 1 + 2 * NEWS_MAX_STOPS);
    CHECK_INT(a.all, 1);
    store_watch_free(a.watch);
    world_end(&w);
}

TEST(a_watch_may_be_freed_while_news_is_under_way)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_STOP, STR("m1"));
    store_watch_free(a.watch);
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies + a.stops + a.all, 0);
    world_end(&w);
}

TEST(a_watch_may_free_itself_when_it_is_told)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    a.free_when_told = true;
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m2"));
    news_tell(w.store.news, STORE_NEWS_STOP, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
    news_tell(w.store.news, STORE_NEWS_REPLY, STR("m2"));
    loop_turn(w.loop, 0);
    CHECK(a.watch == NULL);
    CHECK_INT(a.stops + a.replies, 1);
    world_end(&w);
}

TEST(a_store_may_be_closed_while_news_is_under_way)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    news_tell(w.store.news, STORE_NEWS_STOP, STR("m1"));
    store_watch_free(a.watch);
    news_free(w.store.news);
    w.store.news = NULL;
    loop_free(w.loop); /* delivers */
    CHECK_INT(a.stops, 0);
}

TEST(says_what_an_append_is_news_of)
{
    struct world w;
    struct told a;
    struct store_event events[] = {
        {.message_id = STR("m1"), .sequence = 2},
        {.message_id = STR("m1"), .sequence = 3},
        {.message_id = STR("m2"), .sequence = 2},
    };
    world_start(&w);
    watch(&w, &a);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m2"));
    struct store_op *op = new_op(&w, STORE_APPEND_EVENTS);
    op->append_events.events = events;
    op->append_events.count = 3;
    op->rc = RC_IO;
    news_committed(w.store.news, op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 0); /* nothing was committed */
    op->rc = RC_OK;
    news_committed(w.store.news, op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1);
    CHECK_STR(str_from_c(a.last), STR("m2"));
    store_op_free(op);
    store_watch_free(a.watch);
    world_end(&w);
}

TEST(says_what_the_other_verbs_are_news_of)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    store_watch_add(a.watch, STORE_NEWS_CHANGES, STR("u1"));

    struct store_op *op = new_op(&w, STORE_FINISH_REPLY);
    op->finish_reply.message_id = STR("m1");
    op->user_id = STR("u1");
    op->changed_ = true;
    news_committed(w.store.news, op);
    store_op_free(op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.replies, 1);
    CHECK_INT(a.changes, 1);

    op = new_op(&w, STORE_REQUEST_STOP);
    op->request_stop.message_id = STR("m9");
    op->request_stop.status = STORE_COMPLETE;
    news_committed(w.store.news, op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.stops, 0); /* there is nobody to stop it */
    op->request_stop.status = STORE_STREAMING;
    news_committed(w.store.news, op);
    store_op_free(op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.stops, 1);
    CHECK_STR(str_from_c(a.last), STR("m9"));

    op = new_op(&w, STORE_RECOVER);
    news_committed(w.store.news, op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.all, 0);
    op->recover.recovered = 2;
    news_committed(w.store.news, op);
    store_op_free(op);
    loop_turn(w.loop, 0);
    CHECK_INT(a.all, 1);
    store_watch_free(a.watch);
    world_end(&w);
}

/* ---- From another thread ---- */

enum { ROUNDS = 300, TELLS = 50 };

struct teller {
    struct news *news;
    atomic_bool over;
};

static void tell_on(void *ctx)
{
    struct teller *t = ctx;
    while (!atomic_load(&t->over)) {
        news_tell(t->news, STORE_NEWS_REPLY, STR("m1"));
        news_tell(t->news, STORE_NEWS_CHANGES, STR("u1"));
        news_tell(t->news, STORE_NEWS_STOP, STR("m2"));
    }
}

/* Watches come and go, here and on being told, while a thread goes on. */
TEST(watches_come_and_go_under_fire)
{
    struct world w;
    world_start(&w);
    struct teller teller = {.news = w.store.news};
    struct loop_thread *thread;
    CHECK(loop_thread_start("teller", tell_on, &teller, &thread) == RC_OK);
    for (int i = 0; i < ROUNDS; i++) {
        struct told a, b;
        watch(&w, &a);
        watch(&w, &b);
        b.free_when_told = i % 2 == 0;
        store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
        store_watch_add(a.watch, STORE_NEWS_CHANGES, STR("u1"));
        store_watch_add(b.watch, STORE_NEWS_REPLY, STR("m1"));
        while (a.replies == 0 || a.changes == 0)
            loop_turn(w.loop, 100);
        store_watch_remove(a.watch, STORE_NEWS_REPLY, STR("m1"));
        store_watch_free(b.watch);
        store_watch_free(a.watch);
    }
    atomic_store(&teller.over, true);
    loop_thread_join(thread);
    world_end(&w);
}

TEST(the_last_news_is_never_lost)
{
    struct world w;
    struct told a;
    world_start(&w);
    watch(&w, &a);
    store_watch_add(a.watch, STORE_NEWS_REPLY, STR("m1"));
    for (int i = 0; i < ROUNDS; i++) {
        int before = a.replies;
        for (int j = 0; j < TELLS; j++)
            news_tell(w.store.news, STORE_NEWS_REPLY, STR("m1"));
        loop_turn(w.loop, 0);
        CHECK(a.replies > before);
    }
    store_watch_free(a.watch);
    world_end(&w);
}
