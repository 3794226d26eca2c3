#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "replies/replies.h"

#include "tap.h"

/*
 * A hub with a log that is moved by hand: write() only notes what came; the
 * test says when the write has ended and how.
 */
struct rig {
    struct clock_manual clock;
    struct loop *loop;
    struct replies *hub;
    struct buf log;      /* text of accepted and pending deltas, in order */
    size_t writes;       /* calls of write() */
    size_t write_events; /* events of the pending write */
    bool pending;
    struct reply *finishing;
    size_t finishes, stops, losses, forgotten;
    enum reply_status stop_status;
};

static void on_write(void *ctx, const struct reply_delta *deltas, size_t n)
{
    struct rig *rig = ctx;
    rig->writes++;
    rig->write_events = n;
    rig->pending = true;
    for (size_t i = 0; i < n; i++)
        buf_printf(&rig->log, "%.*s:%llu:%.*s%s%.*s|",
            STR_ARG(deltas[i].reply_id), (unsigned long long)deltas[i].sequence,
            STR_ARG(deltas[i].text), deltas[i].reasoning.n ? "/" : "",
            STR_ARG(deltas[i].reasoning));
}

static void on_finish(void *ctx, struct reply *reply)
{
    struct rig *rig = ctx;
    rig->finishes++;
    rig->finishing = reply;
}

static void on_stop(void *ctx, struct reply *reply, enum reply_status status)
{
    struct rig *rig = ctx;
    rig->stops++;
    rig->stop_status = status;
    reply_end(reply, status, STR("{\"end\":1}"));
}

static void on_lost(void *ctx, struct reply *reply, enum rc)
{
    struct rig *rig = ctx;
    rig->losses++;
    reply_end(reply, REPLY_ERROR, STR("{\"lost\":1}"));
}

static void on_forget(void *ctx, struct reply *)
{
    struct rig *rig = ctx;
    rig->forgotten++;
}

static void rig_start(struct rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    clock_manual_init(&rig->clock, 1000, 0);
    CHECK(loop_new(&rig->clock.clock, &rig->loop) == RC_OK);
    buf_init(&rig->log, 100000);
    rig->hub = replies_new(rig->loop,
        &(struct replies_config){
            .max_replies = 4,
            .max_text = 100,
            .max_viewers = 2,
            .patience_ms = 3000,
            .handlers = {on_write, on_finish, on_stop, on_lost, on_forget},
            .ctx = rig,
        });
}

static void rig_end(struct rig *rig)
{
    replies_free(rig->hub);
    loop_free(rig->loop);
    buf_release(&rig->log);
}

static void turn(struct rig *rig)
{
    loop_turn(rig->loop, 0);
}

static void advance(struct rig *rig, int64_t ms)
{
    clock_manual_advance(&rig->clock, ms);
    turn(rig);
    turn(rig);
}

static void written(struct rig *rig, enum rc rc)
{
    CHECK(rig->pending);
    rig->pending = false;
    replies_written(rig->hub, rc);
    turn(rig);
}

static struct reply *start(struct rig *rig, struct str id)
{
    struct reply_info info = {
        .reply_id = id, .owner = STR("ann"), .start = STR("{}")};
    struct reply *reply = NULL;
    CHECK(reply_start(rig->hub, &info, NULL, &reply) == RC_OK);
    return reply;
}

static size_t wakes;

static void on_wake(void *)
{
    wakes++;
}

static struct reply_viewer *view(struct reply *reply, uint64_t after)
{
    struct reply_viewer *v = NULL;
    CHECK(reply_view(reply, after, on_wake, NULL, &v) == RC_OK);
    return v;
}

/* Everything a viewer may see now, as text: "S" start, "F" final. */
static void drain(struct reply_viewer *v, struct buf *out)
{
    struct reply_event e;
    while (reply_viewer_next(v, 1000, &e) == REPLY_NEXT_EVENT) {
        if (e.type == REPLY_EVENT_RESET)
            buf_printf(out, "%llu!%.*s ", (unsigned long long)e.sequence,
                STR_ARG(e.text));
        else if (e.type == REPLY_EVENT_DELTA)
            buf_printf(out, "%llu=%.*s ", (unsigned long long)e.sequence,
                STR_ARG(e.text));
        else
            buf_printf(out, "%llu%s ", (unsigned long long)e.sequence,
                e.type == REPLY_EVENT_START ? "S" : "F");
    }
}

static void expect(struct reply_viewer *v, struct str what)
{
    struct buf out;
    buf_init(&out, 10000);
    drain(v, &out);
    CHECK_STR(buf_str(&out), what);
    buf_release(&out);
}

TEST(viewer_sees_nothing_before_the_log_has_it)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    reply_add_text(reply, STR("Hello "));
    turn(&rig);
    expect(v, STR("1S "));
    written(&rig, RC_OK);
    expect(v, STR("2=Hello  "));
    reply_viewer_free(v);
    rig_end(&rig);
}

TEST(what_comes_during_a_write_is_one_event_of_the_next)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    reply_add_text(reply, STR("a"));
    turn(&rig);
    reply_add_text(reply, STR("b"));
    reply_add_text(reply, STR("c"));
    reply_add_reasoning(reply, STR("why"));
    turn(&rig);
    CHECK_INT(rig.writes, 1);
    written(&rig, RC_OK);
    CHECK_INT(rig.writes, 2);
    CHECK_STR(buf_str(&rig.log), STR("r:2:a|r:3:bc/why|"));
    written(&rig, RC_OK);
    CHECK_INT(reply_last_sequence(reply), 3);
    rig_end(&rig);
}

TEST(two_replies_share_one_write)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *a = start(&rig, STR("a")), *b = start(&rig, STR("b"));
    reply_add_text(a, STR("1"));
    reply_add_text(b, STR("2"));
    turn(&rig);
    CHECK_INT(rig.writes, 1);
    CHECK_INT(rig.write_events, 2);
    written(&rig, RC_OK);
    rig_end(&rig);
}

TEST(end_is_shown_when_it_is_stored)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    struct reply_event e;
    reply_add_text(reply, STR("x"));
    reply_end(reply, REPLY_COMPLETE, STR("{\"end\":1}"));
    turn(&rig);
    CHECK_INT(rig.finishes, 0);
    written(&rig, RC_OK);
    CHECK_INT(rig.finishes, 1);
    expect(v, STR("1S 2=x "));
    CHECK(reply_viewer_next(v, 10, &e) == REPLY_NEXT_WAIT);
    reply_finished(rig.finishing, RC_OK);
    turn(&rig);
    expect(v, STR("3F "));
    CHECK(reply_viewer_next(v, 10, &e) == REPLY_NEXT_END);
    reply_viewer_free(v);
    rig_end(&rig);
}

TEST(late_viewer_gets_the_rest_from_any_event_on)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    static const char *const parts[] = {"one ", "two ", "three"};
    for (size_t i = 0; i < 3; i++) {
        reply_add_text(reply, str_from_c(parts[i]));
        turn(&rig);
        written(&rig, RC_OK);
    }
    struct reply_viewer *v = view(reply, 2);
    expect(v, STR("4=two three "));
    reply_viewer_free(v);
    v = view(reply, 4);
    expect(v, STR(""));
    reply_viewer_free(v);
    v = view(reply, 1);
    struct reply_event e;
    CHECK(reply_viewer_next(v, 1, &e) == REPLY_NEXT_EVENT);
    CHECK_STR(e.text, STR("one "));
    CHECK_INT(e.sequence, 2);
    reply_viewer_free(v);
    rig_end(&rig);
}

TEST(viewers_are_woken_once_per_write)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    wakes = 0;
    reply_add_text(reply, STR("a"));
    reply_add_text(reply, STR("b"));
    turn(&rig);
    CHECK_INT(wakes, 0);
    written(&rig, RC_OK);
    CHECK_INT(wakes, 1);
    reply_viewer_free(v);
    rig_end(&rig);
}

TEST(stop_happens_once_and_keeps_the_text)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    reply_add_text(reply, STR("kept"));
    reply_stop(reply, REPLY_STOPPED);
    reply_stop(reply, REPLY_INTERRUPTED);
    CHECK_INT(rig.stops, 1);
    CHECK(rig.stop_status == REPLY_STOPPED);
    CHECK(reply_status(reply) == REPLY_STOPPED);
    reply_add_text(reply, STR(" lost"));
    CHECK_STR(reply_text(reply), STR("kept"));
    turn(&rig);
    written(&rig, RC_OK);
    reply_finished(rig.finishing, RC_OK);
    rig_end(&rig);
}

TEST(refused_write_goes_again_with_the_same_number)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 1);
    reply_add_text(reply, STR("a"));
    turn(&rig);
    written(&rig, RC_FULL);
    reply_add_text(reply, STR("b"));
    turn(&rig);
    CHECK_INT(rig.writes, 1);
    expect(v, STR(""));
    advance(&rig, 250);
    CHECK_INT(rig.writes, 2);
    written(&rig, RC_OK);
    CHECK_STR(buf_str(&rig.log), STR("r:2:a|r:2:a|r:3:b|"));
    written(&rig, RC_OK);
    expect(v, STR("3=ab "));
    reply_viewer_free(v);
    rig_end(&rig);
}

TEST(log_that_refuses_for_long_is_told_and_nothing_is_lost)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 1);
    reply_add_text(reply, STR("text"));
    turn(&rig);
    for (int i = 0; i < 6; i++) {
        written(&rig, RC_FULL);
        advance(&rig, 5000);
    }
    CHECK_INT(rig.losses, 1);
    expect(v, STR("2F "));
    CHECK_INT(replies_unfinished(rig.hub), 1);
    reply_viewer_free(v);
    written(&rig, RC_OK);
    CHECK_INT(rig.finishes, 1);
    CHECK_STR(reply_text(rig.finishing), STR("text"));
    CHECK(reply_status(rig.finishing) == REPLY_ERROR);
    reply_finished(rig.finishing, RC_OK);
    CHECK_INT(replies_unfinished(rig.hub), 0);
    rig_end(&rig);
}

TEST(refused_finish_is_tried_again)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    reply_end(reply, REPLY_COMPLETE, STR("{}"));
    turn(&rig);
    CHECK_INT(rig.finishes, 1);
    reply_finished(reply, RC_IO);
    advance(&rig, 250);
    CHECK_INT(rig.finishes, 2);
    reply_finished(reply, RC_OK);
    CHECK_INT(replies_unfinished(rig.hub), 0);
    rig_end(&rig);
}

TEST(finished_reply_goes_with_its_last_viewer)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    reply_end(reply, REPLY_COMPLETE, STR("{}"));
    turn(&rig);
    CHECK(replies_find(rig.hub, STR("r")) == reply);
    reply_finished(reply, RC_OK);
    CHECK(replies_find(rig.hub, STR("r")) == NULL);
    turn(&rig);
    CHECK_INT(rig.forgotten, 0);
    expect(v, STR("1S 2F "));
    reply_viewer_free(v);
    CHECK_INT(rig.forgotten, 0);
    turn(&rig);
    CHECK_INT(rig.forgotten, 1);
    rig_end(&rig);
}

TEST(new_reply_takes_the_id_of_a_finished_one)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *first = start(&rig, STR("r"));
    struct reply_info info = {.reply_id = STR("r"), .start = STR("{}")};
    struct reply *second = NULL;
    CHECK(reply_start(rig.hub, &info, NULL, &second) == RC_CONFLICT);
    struct reply_viewer *v = view(first, 0);
    reply_end(first, REPLY_COMPLETE, STR("{}"));
    turn(&rig);
    reply_finished(first, RC_OK);
    CHECK(reply_start(rig.hub, &info, NULL, &second) == RC_OK);
    CHECK(replies_find(rig.hub, STR("r")) == second);
    expect(v, STR("1S 2F "));
    reply_viewer_free(v);
    advance(&rig, 2000);
    CHECK_INT(rig.forgotten, 1);
    CHECK(replies_find(rig.hub, STR("r")) == second);
    rig_end(&rig);
}

TEST(bounds_are_kept)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("1"));
    char big[101];
    memset(big, 'x', sizeof(big));
    CHECK(reply_add_text(reply, (struct str){big, 101}) == RC_TOO_LARGE);
    struct reply_viewer *a = view(reply, 0), *b = view(reply, 0), *c;
    CHECK(reply_view(reply, 0, on_wake, NULL, &c) == RC_BUSY);
    start(&rig, STR("2"));
    start(&rig, STR("3"));
    start(&rig, STR("4"));
    struct reply_info info = {.reply_id = STR("5"), .start = STR("{}")};
    struct reply *more;
    CHECK(reply_start(rig.hub, &info, NULL, &more) == RC_BUSY);
    CHECK_INT(replies_live(rig.hub, STR("ann")), 4);
    CHECK_INT(replies_live(rig.hub, STR("bob")), 0);
    reply_viewer_free(a);
    reply_viewer_free(b);
    rig_end(&rig);
}

/* Random pieces, refusals and viewers: everybody gets the same bytes. */
TEST(every_viewer_gets_every_byte_once)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    struct buf seen, all;
    buf_init(&seen, 1000);
    buf_init(&all, 1000);
    struct reply_event e;
    while (all.n < 90) {
        char c = (char)('a' + tap_random() % 26);
        buf_append_char(&all, c);
        CHECK(reply_add_text(reply, (struct str){&c, 1}) == RC_OK);
        if (tap_random() % 3 == 0)
            turn(&rig);
        if (rig.pending && tap_random() % 2 == 0)
            written(&rig, tap_random() % 4 == 0 ? RC_IO : RC_OK);
        if (tap_random() % 5 == 0)
            advance(&rig, 6000);
        while (reply_viewer_next(v, tap_random() % 10, &e) == REPLY_NEXT_EVENT)
            buf_append(&seen, e.text);
        CHECK(str_starts_with(buf_str(&all), buf_str(&seen)));
    }
    for (int i = 0; i < 50 && seen.n < all.n; i++) {
        advance(&rig, 6000);
        if (rig.pending)
            written(&rig, RC_OK);
        while (reply_viewer_next(v, 5, &e) == REPLY_NEXT_EVENT)
            buf_append(&seen, e.text);
    }
    if (rig.losses == 0)
        CHECK_STR(buf_str(&seen), buf_str(&all));
    reply_viewer_free(v);
    buf_release(&seen);
    buf_release(&all);
    rig_end(&rig);
}

TEST(viewer_of_a_reply_that_left_is_told_when_it_has_what_is_durable)
{
    struct rig rig;
    struct reply_event e;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    reply_add_text(reply, STR("kept"));
    turn(&rig);
    written(&rig, RC_OK);
    reply_add_text(reply, STR(" not ours"));
    turn(&rig);
    wakes = 0;
    reply_leave(reply);
    CHECK(replies_find(rig.hub, STR("r")) == NULL);
    CHECK_INT(replies_unfinished(rig.hub), 0);
    written(&rig, RC_OK);
    CHECK_INT(wakes, 1);
    expect(v, STR("1S 2=kept "));
    CHECK(reply_viewer_next(v, 10, &e) == REPLY_NEXT_LEFT);
    CHECK_INT(reply_viewer_cursor(v), 2);
    CHECK_INT(rig.finishes, 0);
    struct reply *again = start(&rig, STR("r")); /* the id is free */
    reply_viewer_free(v);
    advance(&rig, 1001);
    CHECK_INT(rig.forgotten, 1);
    CHECK(replies_find(rig.hub, STR("r")) == again);
    rig_end(&rig);
}

TEST(reply_may_leave_instead_of_being_finished)
{
    struct rig rig;
    struct reply_event e;
    rig_start(&rig);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 0);
    reply_end(reply, REPLY_COMPLETE, STR("{}"));
    turn(&rig);
    CHECK(rig.finishing == reply);
    reply_leave(reply);
    turn(&rig);
    expect(v, STR("1S "));
    CHECK(reply_viewer_next(v, 10, &e) == REPLY_NEXT_LEFT);
    reply_viewer_free(v);
    rig_end(&rig);
}

/* What came while the log refused goes in pieces, each a viewer's event. */
TEST(much_text_becomes_several_events)
{
    enum { BIG = 600 << 10 };
    struct rig rig;
    struct buf seen;
    struct reply_event e;
    rig_start(&rig);
    replies_free(rig.hub);
    rig.hub = replies_new(rig.loop,
        &(struct replies_config){.max_replies = 4,
            .max_text = BIG + 10,
            .max_viewers = 2,
            .handlers = {on_write, on_finish, on_stop, on_lost, on_forget},
            .ctx = &rig});
    char *big = mem_alloc(BIG);
    for (size_t i = 0; i < BIG; i += 3) /* three bytes a character */
        memcpy(big + i, "\xe2\x82\xac", 3);
    struct reply *reply = start(&rig, STR("r"));
    struct reply_viewer *v = view(reply, 1);
    reply_add_text(reply, (struct str){big, BIG});
    turn(&rig);
    for (int i = 0; i < 3; i++)
        written(&rig, RC_OK);
    CHECK_INT(rig.writes, 3);
    buf_init(&seen, BIG);
    while (reply_viewer_next(v, 1, &e) == REPLY_NEXT_EVENT) {
        CHECK(e.text.n <= 256 << 10);
        CHECK_INT(e.text.n % 3, 0);
        buf_append(&seen, e.text);
    }
    CHECK(str_eq(buf_str(&seen), (struct str){big, BIG}));
    buf_release(&seen);
    mem_free(big);
    reply_viewer_free(v);
    rig_end(&rig);
}

/* A write costs the store a page of each reply: fast text is joined. */
TEST(fast_text_is_joined_but_neither_the_first_nor_the_last)
{
    struct rig rig;
    rig_start(&rig);
    replies_free(rig.hub);
    rig.hub = replies_new(rig.loop,
        &(struct replies_config){.max_replies = 4,
            .max_text = 10000,
            .max_viewers = 2,
            .join_ms = 40,
            .handlers = {on_write, on_finish, on_stop, on_lost, on_forget},
            .ctx = &rig});
    struct reply *a = start(&rig, STR("a"));
    reply_add_text(a, STR("1"));
    turn(&rig);
    CHECK_STR(buf_str(&rig.log), STR("a:2:1|"));
    written(&rig, RC_OK);
    for (int i = 0; i < 3; i++) {
        advance(&rig, 10);
        reply_add_text(a, STR("x"));
        turn(&rig);
    }
    CHECK(!rig.pending);
    struct reply *b = start(&rig, STR("b")); /* waits for nobody */
    reply_add_text(b, STR("1"));
    turn(&rig);
    CHECK_STR(buf_str(&rig.log), STR("a:2:1|b:2:1|"));
    written(&rig, RC_OK);
    CHECK(!rig.pending);
    advance(&rig, 10);
    CHECK_STR(buf_str(&rig.log), STR("a:2:1|b:2:1|a:3:xxx|"));
    written(&rig, RC_OK);
    reply_add_text(a, STR("y"));
    turn(&rig);
    CHECK(!rig.pending);
    reply_end(a, REPLY_COMPLETE, STR("{}"));
    turn(&rig);
    CHECK_STR(buf_str(&rig.log), STR("a:2:1|b:2:1|a:3:xxx|a:4:y|"));
    written(&rig, RC_OK);
    CHECK_INT(rig.finishes, 1);
    char big[3000];
    memset(big, 'z', sizeof(big));
    reply_add_text(b, (struct str){big, 2000});
    turn(&rig);
    CHECK(!rig.pending);
    reply_add_text(b, (struct str){big, 100}); /* enough for an event */
    turn(&rig);
    CHECK(rig.pending);
    rig_end(&rig);
}

TEST(joining_does_not_shorten_the_wait_for_a_log_that_refuses)
{
    struct rig rig;
    rig_start(&rig);
    replies_free(rig.hub);
    rig.hub = replies_new(rig.loop,
        &(struct replies_config){.max_replies = 4,
            .max_text = 100,
            .max_viewers = 2,
            .patience_ms = 3000,
            .join_ms = 40,
            .handlers = {on_write, on_finish, on_stop, on_lost, on_forget},
            .ctx = &rig});
    struct reply *a = start(&rig, STR("a")), *b = start(&rig, STR("b"));
    reply_add_text(a, STR("1"));
    turn(&rig);
    written(&rig, RC_OK);
    reply_add_text(a, STR("2"));
    turn(&rig);
    reply_add_text(b, STR("1"));
    turn(&rig);
    written(&rig, RC_FULL);
    advance(&rig, 100);
    CHECK(!rig.pending);
    advance(&rig, 100);
    CHECK(rig.pending);
    rig_end(&rig);
}
