#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "replies/replies.h"

#include "tap.h"

/*
 * Replies that are continued, again and again: a log that accepts at once, and
 * a record of what each event number stood for, kept by the test.
 */
enum { MAX_EVENTS = 400, MAX_BYTES = 20000 };

struct rig {
    struct clock_manual clock;
    struct loop *loop;
    struct replies *hub;
    struct reply *finishing;
    struct reply_viewer *holder;              /* of the reply that ended last */
    struct reply_prior_event log[MAX_EVENTS]; /* as a store would hold it */
    size_t count;
    uint64_t last; /* number of the last event of all */
};

static void on_write(void *ctx, const struct reply_delta *deltas, size_t n)
{
    struct rig *rig = ctx;
    for (size_t i = 0; i < n; i++) {
        CHECK(rig->count < MAX_EVENTS);
        rig->log[rig->count++] = (struct reply_prior_event){deltas[i].sequence,
            deltas[i].text.n, deltas[i].reasoning.n, deltas[i].parts.n};
    }
}

static void on_finish(void *ctx, struct reply *reply)
{
    ((struct rig *)ctx)->finishing = reply;
}

static void on_stop(void *, struct reply *reply, enum reply_status status)
{
    reply_end(reply, status, STR("{}"));
}

static void on_lost(void *, struct reply *, enum rc)
{
}

static void on_forget(void *, struct reply *)
{
}

static void rig_start(struct rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    clock_manual_init(&rig->clock, 1000, 0);
    CHECK(loop_new(&rig->clock.clock, &rig->loop) == RC_OK);
    rig->hub = replies_new(rig->loop,
        &(struct replies_config){
            .max_replies = 4,
            .max_text = MAX_BYTES,
            .max_viewers = 4,
            .patience_ms = 3000,
            .handlers = {on_write, on_finish, on_stop, on_lost, on_forget},
            .ctx = rig,
        });
}

static void rig_end(struct rig *rig)
{
    reply_viewer_free(rig->holder);
    replies_free(rig->hub);
    loop_free(rig->loop);
}

/* One turn of the loop, and the log has taken what came. */
static void settle(struct rig *rig)
{
    size_t before = rig->count;
    loop_turn(rig->loop, 0);
    if (rig->count == before)
        return;
    replies_written(rig->hub, RC_OK);
    loop_turn(rig->loop, 0);
}

static enum rc begin(
    struct rig *rig, const struct reply_prior *prior, struct reply **ret)
{
    struct reply_info info = {.reply_id = STR("r"),
        .owner = STR("ann"),
        .start = prior == NULL ? STR("{}") : STR("{\"continued\":true}"),
        .prior = prior};
    return reply_start(rig->hub, &info, NULL, ret);
}

static void on_wake(void *)
{
}

static struct reply_viewer *view(struct reply *reply, uint64_t after)
{
    struct reply_viewer *v = NULL;
    CHECK(reply_view(reply, after, on_wake, NULL, &v) == RC_OK);
    return v;
}

static void end(struct rig *rig, struct reply *reply)
{
    reply_end(reply, REPLY_STOPPED, STR("{\"end\":1}"));
    settle(rig);
    settle(rig);
    CHECK(rig->finishing == reply);
    rig->last = reply_final_sequence(reply);
    reply_viewer_free(rig->holder);
    rig->holder = view(reply, 0);
    reply_finished(reply, RC_OK);
    loop_turn(rig->loop, 0);
}

/* What a viewer gets now: "1{}" start, "2=text", "9F" final. */
static void expect(
    struct reply *reply, uint64_t after, size_t max_bytes, struct str what)
{
    struct buf out;
    struct reply_event e;
    struct reply_viewer *v = view(reply, after);
    buf_init(&out, MAX_BYTES);
    while (reply_viewer_next(v, max_bytes, &e) == REPLY_NEXT_EVENT) {
        buf_printf(&out, "%llu", (unsigned long long)e.sequence);
        if (e.type == REPLY_EVENT_DELTA)
            buf_printf(&out, "=%.*s ", STR_ARG(e.text));
        else if (e.type == REPLY_EVENT_RESET)
            buf_printf(&out, "!%.*s ", STR_ARG(e.text));
        else
            buf_printf(&out, "%.*s ", STR_ARG(e.json));
    }
    CHECK_STR(buf_str(&out), what);
    buf_release(&out);
    reply_viewer_free(v);
}

static const struct reply_prior_event two_events[] = {
    {2, 4, 0, 0}, {4, 3, 1, 0}};

/* "one two", in events 2 and 4; 5 was its end. */
static struct reply_prior two_parts(void)
{
    return (struct reply_prior){.start = STR("{}"),
        .text = STR("one two"),
        .reasoning = STR("r"),
        .events = two_events,
        .event_count = 2,
        .last_sequence = 5};
}

TEST(continued_reply_goes_on_behind_its_old_end)
{
    struct rig rig;
    rig_start(&rig);
    struct reply_prior prior = two_parts();
    struct reply *reply;
    CHECK(begin(&rig, &prior, &reply) == RC_OK);
    CHECK_INT(reply_last_sequence(reply), 6);
    CHECK_INT(reply_final_sequence(reply), 7);
    expect(reply, 0, 1000, STR("1{} 4=one two 6{\"continued\":true} "));
    expect(reply, 1, 1, STR("2=one  4=two 6{\"continued\":true} "));
    expect(reply, 2, 1000, STR("4=two 6{\"continued\":true} "));
    expect(reply, 4, 1000, STR("6{\"continued\":true} "));
    expect(reply, 5, 1000, STR("6{\"continued\":true} "));
    expect(reply, 6, 1000, STR(""));
    CHECK_INT(rig.count, 0);
    reply_add_text(reply, STR(" three"));
    settle(&rig);
    CHECK_INT(rig.count, 1);
    CHECK_INT(rig.log[0].sequence, 7);
    CHECK_STR(reply_text(reply), STR("one two three"));
    CHECK_STR(reply_reasoning(reply), STR("r"));
    expect(reply, 5, 1000, STR("6{\"continued\":true} 7= three "));
    end(&rig, reply);
    CHECK_INT(rig.last, 8);
    expect(reply, 3, 1000,
        STR("4=two 6{\"continued\":true} 7= three 8{\"end\":1} "));
    expect(reply, 7, 1000, STR("8{\"end\":1} "));
    expect(reply, 8, 1000, STR(""));
    rig_end(&rig);
}

TEST(viewer_inside_text_that_became_one_event_begins_anew)
{
    struct rig rig;
    rig_start(&rig);
    static const struct reply_prior_event one[] = {{9, 7, 0, 0}};
    struct reply_prior prior = two_parts();
    struct reply *reply;
    prior.reasoning = STR("");
    prior.events = one;
    prior.event_count = 1;
    prior.last_sequence = 9;
    CHECK(begin(&rig, &prior, &reply) == RC_OK);
    for (uint64_t after = 2; after < 9; after++)
        expect(reply, after, 1, STR("9!one two 10{\"continued\":true} "));
    expect(reply, 0, 1, STR("1{} 9=one two 10{\"continued\":true} "));
    expect(reply, 1, 1, STR("9=one two 10{\"continued\":true} "));
    expect(reply, 9, 1, STR("10{\"continued\":true} "));
    rig_end(&rig);
}

TEST(prior_that_does_not_add_up_is_refused)
{
    struct rig rig;
    rig_start(&rig);
    struct reply *reply = NULL;
    struct reply_prior prior = two_parts();
    prior.text = STR("one tw");
    CHECK(begin(&rig, &prior, &reply) == RC_INVALID);
    prior = two_parts();
    prior.last_sequence = 3;
    CHECK(begin(&rig, &prior, &reply) == RC_INVALID);
    prior = two_parts();
    prior.event_count = 0;
    CHECK(begin(&rig, &prior, &reply) == RC_INVALID);
    static const struct reply_prior_event swapped[] = {
        {4, 4, 0, 0}, {2, 3, 1, 0}};
    prior = two_parts();
    prior.events = swapped;
    CHECK(begin(&rig, &prior, &reply) == RC_INVALID);
    prior = two_parts();
    prior.parts = STR("{}\n");
    CHECK(begin(&rig, &prior, &reply) == RC_INVALID);
    static char big[MAX_BYTES + 1];
    static const struct reply_prior_event whole[] = {{2, sizeof(big), 0, 0}};
    prior = (struct reply_prior){.text = {big, sizeof(big)},
        .events = whole,
        .event_count = 1,
        .last_sequence = 3};
    CHECK(begin(&rig, &prior, &reply) == RC_TOO_LARGE);
    CHECK(replies_find(rig.hub, STR("r")) == NULL);
    rig_end(&rig);
}

TEST(who_saw_another_reply_of_that_id_begins_anew)
{
    struct rig rig;
    rig_start(&rig);
    struct reply_info info = {
        .reply_id = STR("r"), .start = STR("{}"), .base = 8};
    struct reply *reply;
    CHECK(reply_start(rig.hub, &info, NULL, &reply) == RC_OK);
    expect(reply, 0, 1000, STR("8{} "));
    expect(reply, 8, 1000, STR(""));
    for (uint64_t after = 1; after < 8; after++)
        expect(reply, after, 1000, STR("8! "));
    reply_add_text(reply, STR("one "));
    settle(&rig);
    reply_add_text(reply, STR("two"));
    settle(&rig);
    CHECK_INT(rig.log[0].sequence, 9);
    expect(reply, 0, 1000, STR("8{} 10=one two "));
    expect(reply, 3, 1000, STR("10!one two "));
    expect(reply, 7, 1, STR("9!one  10=two "));
    expect(reply, 8, 1000, STR("10=one two "));
    end(&rig, reply);
    CHECK_INT(rig.last, 11);
    expect(reply, 3, 1000, STR("10!one two 11{\"end\":1} "));
    rig_end(&rig);
}

/* Text that somebody has who saw every event up to this number. */
static size_t text_until(const struct rig *rig, uint64_t number)
{
    size_t bytes = 0;
    for (size_t i = 0; i < rig->count && rig->log[i].sequence <= number; i++)
        bytes += rig->log[i].text_bytes;
    return bytes;
}

static size_t parts_until(const struct rig *rig, uint64_t number)
{
    size_t bytes = 0;
    for (size_t i = 0; i < rig->count && rig->log[i].sequence <= number; i++)
        bytes += rig->log[i].parts_bytes;
    return bytes;
}

/* What is behind any number, in pieces of any size, completes the reply. */
static void check_all_resumes(struct rig *rig, struct reply *reply)
{
    struct str all = reply_text(reply), lines = reply_parts(reply);
    for (uint64_t after = 0; after <= rig->last; after++) {
        struct reply_event e;
        struct buf text, parts;
        uint64_t number = after;
        buf_init(&text, MAX_BYTES);
        buf_init(&parts, MAX_BYTES);
        buf_append(&parts, str_sub(lines, 0, parts_until(rig, after)));
        buf_append(&text, str_sub(all, 0, text_until(rig, after)));
        struct reply_viewer *v = view(reply, after);
        while (
            reply_viewer_next(v, tap_random() % 60, &e) == REPLY_NEXT_EVENT) {
            CHECK(e.sequence > number);
            number = e.sequence;
            if (e.type != REPLY_EVENT_DELTA)
                continue;
            buf_append(&text, e.text);
            buf_append(&parts, e.parts);
            CHECK_INT(text.n, text_until(rig, e.sequence));
            CHECK(e.parts.n == 0 || str_ends_with(e.parts, STR("\n")));
        }
        CHECK_STR(buf_str(&parts), lines);
        buf_release(&parts);
        CHECK_STR(buf_str(&text), all);
        CHECK_INT(number, rig->last);
        reply_viewer_free(v);
        buf_release(&text);
    }
}

static void write_randomly(struct rig *rig, struct reply *reply)
{
    char piece[12];
    for (uint64_t events = tap_random() % 12; events > 0; events--) {
        for (size_t i = 0; i < sizeof(piece); i++)
            piece[i] = (char)('a' + tap_random() % 26);
        size_t n = 1 + tap_random() % sizeof(piece);
        reply_add_text(reply, (struct str){piece, n});
        if (tap_random() % 4 == 0)
            reply_add_reasoning(reply, (struct str){piece, n});
        if (tap_random() % 4 == 0)
            reply_add_part(reply, (struct str){piece, n});
        if (tap_random() % 3 != 0)
            settle(rig);
    }
    settle(rig);
}

/* Ends the reply and begins it again behind what it has. */
static struct reply *continue_it(struct rig *rig, struct reply *reply)
{
    struct buf text, reasoning, parts;
    struct reply *next = NULL;
    buf_init(&text, MAX_BYTES);
    buf_init(&parts, MAX_BYTES);
    buf_append(&parts, reply_parts(reply));
    buf_init(&reasoning, MAX_BYTES);
    buf_append(&text, reply_text(reply));
    buf_append(&reasoning, reply_reasoning(reply));
    struct reply_prior prior = {.start = STR("{}"),
        .text = buf_str(&text),
        .reasoning = buf_str(&reasoning),
        .parts = buf_str(&parts),
        .events = rig->log,
        .event_count = rig->count,
        .last_sequence = rig->last};
    CHECK(begin(rig, &prior, &next) == RC_OK);
    buf_release(&text);
    buf_release(&reasoning);
    buf_release(&parts);
    return next;
}

TEST(any_resume_of_a_reply_continued_often_is_exact)
{
    for (int round = 0; round < 60; round++) {
        struct rig rig;
        struct reply *reply;
        rig_start(&rig);
        CHECK(begin(&rig, NULL, &reply) == RC_OK);
        reply_add_text(reply, STR("it begins. "));
        for (uint64_t left = tap_random() % 4 + 1; left > 0; left--) {
            write_randomly(&rig, reply);
            end(&rig, reply);
            check_all_resumes(&rig, reply);
            reply = continue_it(&rig, reply);
            rig.last = reply_last_sequence(reply);
            check_all_resumes(&rig, reply);
        }
        rig_end(&rig);
    }
}
