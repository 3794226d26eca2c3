/*
 * A hundred replies of the demo stopped in the middle and went on only when
 * some request came in. A turn of the loop sets an alarm and then waits; on a
 * busy machine the thread could be put aside between the two for longer than
 * the alarm's time. libuv ran the alarm before it began to wait, had no timer
 * left, and waited for ever.
 *
 * Here every alarm is set by a thread that is put aside right afterwards: the
 * linker puts our function before libuv's.
 */
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "loop/loop.h"

#include "tap.h"

enum { TURNS = 20, PUT_ASIDE_US = 5000 };

int __real_uv_timer_start(
    uv_timer_t *timer, uv_timer_cb fn, uint64_t timeout, uint64_t repeat);
int __wrap_uv_timer_start(
    uv_timer_t *timer, uv_timer_cb fn, uint64_t timeout, uint64_t repeat);

static int alarms;

int __wrap_uv_timer_start(
    uv_timer_t *timer, uv_timer_cb fn, uint64_t timeout, uint64_t repeat)
{
    alarms++;
    int rc = __real_uv_timer_start(timer, fn, timeout, repeat);
    usleep(PUT_ASIDE_US);
    return rc;
}

struct chain {
    struct loop *loop;
    struct loop_timer *timer;
    int left;
};

static void on_due(void *ctx)
{
    struct chain *chain = ctx;
    if (--chain->left > 0)
        loop_timer_start(chain->timer, 1);
    else
        loop_stop(chain->loop);
}

TEST(timer_comes_however_late_the_loop_begins_to_wait)
{
    struct chain chain = {.left = TURNS};
    CHECK(loop_new(clock_system(), &chain.loop) == RC_OK);
    chain.timer = loop_timer_new(chain.loop, on_due, &chain);
    loop_timer_start(chain.timer, 1);
    loop_run(chain.loop);
    CHECK_INT(chain.left, 0);
    CHECK(alarms > 0);
    loop_timer_free(chain.timer);
    loop_free(chain.loop);
}
