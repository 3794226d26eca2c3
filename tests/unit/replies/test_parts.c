#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "replies/replies.h"

#include "tap.h"

/* Parts of replies: whole lines beside the text, in the same events. */
struct rig {
    struct clock_manual clock;
    struct loop *loop;
    struct replies *hub;
    struct buf log; /* "number:text/parts|" */
    size_t events;
};

static void on_write(void *ctx, const struct reply_delta *deltas, size_t n)
{
    struct rig *rig = ctx;
    rig->events += n;
    for (size_t i = 0; i < n; i++) {
        CHECK(deltas[i].parts.n == 0 ||
              str_ends_with(deltas[i].parts, STR("\n")));
        buf_printf(&rig->log, "%llu:%.*s/%.*s|",
            (unsigned long long)deltas[i].sequence, STR_ARG(deltas[i].text),
            STR_ARG(str_sub(deltas[i].parts, 0, 40)));
    }
}

static void on_finish(void *, struct reply *)
{
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

static struct reply *rig_start(struct rig *rig, int64_t join_ms)
{
    struct reply *reply = NULL;
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
            .join_ms = join_ms,
            .handlers = {on_write, on_finish, on_stop, on_lost, on_forget},
            .ctx = rig,
        });
    struct reply_info info = {
        .reply_id = STR("r"), .owner = STR("ann"), .start = STR("{}")};
    CHECK(reply_start(rig->hub, &info, NULL, &reply) == RC_OK);
    return reply;
}

static void rig_end(struct rig *rig)
{
    replies_free(rig->hub);
    loop_free(rig->loop);
    buf_release(&rig->log);
}

/* Everything that waits is written, in as many events as it takes. */
static void settle(struct rig *rig)
{
    for (size_t before = rig->events + 1; before != rig->events;) {
        before = rig->events;
        loop_turn(rig->loop, 0);
        if (rig->events != before)
            replies_written(rig->hub, RC_OK);
    }
}

static void on_wake(void *)
{
}

TEST(text_and_parts_share_an_event)
{
    struct rig rig;
    struct reply *reply = rig_start(&rig, 0);
    reply_add_text(reply, STR("I look. "));
    CHECK(reply_add_part(reply, STR("{\"id\":1}")) == RC_OK);
    CHECK(reply_add_part(reply, STR("{\"id\":2}")) == RC_OK);
    settle(&rig);
    CHECK_STR(buf_str(&rig.log), STR("2:I look. /{\"id\":1}\n{\"id\":2}\n|"));
    CHECK_STR(reply_parts(reply), STR("{\"id\":1}\n{\"id\":2}\n"));
    CHECK(reply_add_part(reply, STR("{\"id\":3}")) == RC_OK);
    settle(&rig);
    CHECK_INT(rig.events, 2);
    rig_end(&rig);
}

TEST(a_part_does_not_wait_for_more_text)
{
    struct rig rig;
    struct reply *reply = rig_start(&rig, 50);
    reply_add_text(reply, STR("a"));
    settle(&rig);
    reply_add_text(reply, STR("b"));
    settle(&rig);
    CHECK_INT(rig.events, 1);
    reply_add_part(reply, STR("{}"));
    settle(&rig);
    CHECK_INT(rig.events, 2);
    rig_end(&rig);
}

TEST(a_viewer_gets_the_parts_from_any_event_on)
{
    struct rig rig;
    struct reply *reply = rig_start(&rig, 0);
    struct reply_event e;
    struct reply_viewer *v = NULL;
    reply_add_part(reply, STR("{\"id\":1}"));
    settle(&rig);
    reply_add_text(reply, STR("x"));
    reply_add_part(reply, STR("{\"id\":2}"));
    settle(&rig);
    CHECK(reply_view(reply, 1, on_wake, NULL, &v) == RC_OK);
    CHECK(reply_viewer_next(v, 1000, &e) == REPLY_NEXT_EVENT);
    CHECK_INT(e.sequence, 3);
    CHECK_STR(e.text, STR("x"));
    CHECK_STR(e.parts, STR("{\"id\":1}\n{\"id\":2}\n"));
    reply_viewer_free(v);
    CHECK(reply_view(reply, 2, on_wake, NULL, &v) == RC_OK);
    CHECK(reply_viewer_next(v, 1000, &e) == REPLY_NEXT_EVENT);
    CHECK_STR(e.parts, STR("{\"id\":2}\n"));
    reply_viewer_free(v);
    rig_end(&rig);
}

/* Lines of a length that no event's bound is a multiple of. */
TEST(events_hold_whole_lines_whatever_their_size)
{
    struct rig rig;
    struct reply *reply = rig_start(&rig, 0);
    enum { LINE = 100000 };
    char *line = mem_alloc(REPLIES_MAX_PART);
    memset(line, 'x', REPLIES_MAX_PART);
    for (int i = 0; i < 7; i++)
        CHECK(reply_add_part(reply, (struct str){line, LINE}) == RC_OK);
    settle(&rig);
    CHECK_INT(rig.events, 4);
    CHECK(reply_add_part(reply, (struct str){line, REPLIES_MAX_PART - 1}) ==
          RC_OK);
    settle(&rig);
    CHECK_INT(rig.events, 5);
    mem_free(line);
    rig_end(&rig);
}

TEST(beyond_its_bounds_a_part_is_left_out_and_the_reply_goes_on)
{
    struct rig rig;
    struct reply *reply = rig_start(&rig, 0);
    char *line = mem_alloc(REPLIES_MAX_PART);
    memset(line, 'x', REPLIES_MAX_PART);
    CHECK(reply_add_part(reply, (struct str){line, REPLIES_MAX_PART}) ==
          RC_TOO_LARGE);
    struct str large = {line, REPLIES_MAX_PART - 1};
    for (int i = 0; i < REPLIES_MAX_PARTS / REPLIES_MAX_PART; i++)
        CHECK(reply_add_part(reply, large) == RC_OK);
    CHECK(reply_add_part(reply, STR("{}")) == RC_TOO_LARGE);
    CHECK(reply_add_text(reply, STR("text")) == RC_OK);
    CHECK_INT(reply_parts(reply).n, REPLIES_MAX_PARTS);
    reply_end(reply, REPLY_COMPLETE, STR("{}"));
    CHECK(reply_add_part(reply, STR("{}")) == RC_OK);
    CHECK_INT(reply_parts(reply).n, REPLIES_MAX_PARTS);
    mem_free(line);
    rig_end(&rig);
}
