#include "base/mem.h"
#include "emulator/emulator.h"
#include "loop/loop.h"

#include "app/demo.h"

struct demo {
    struct loop *loop;
    struct emulator *emulator;
    struct loop_thread *thread;
};

static void run(void *ctx)
{
    struct demo *demo = ctx;
    loop_run(demo->loop);
}

enum rc demo_start(struct demo **ret)
{
    struct demo *demo = MEM_NEW(struct demo);
    enum rc rc = loop_new(clock_system(), &demo->loop);
    if (rc == RC_OK) {
        struct emulator_config config = {.loop = demo->loop};
        rc = emulator_new(&config, &demo->emulator);
    }
    if (rc == RC_OK)
        rc = loop_thread_start("demo", run, demo, &demo->thread);
    if (rc != RC_OK) {
        demo_stop(demo);
        return rc;
    }
    *ret = demo;
    return RC_OK;
}

void demo_stop(struct demo *demo)
{
    if (demo == NULL)
        return;
    if (demo->thread != NULL) {
        loop_stop(demo->loop);
        loop_thread_join(demo->thread);
    }
    emulator_free(demo->emulator);
    loop_free(demo->loop);
    mem_free(demo);
}

struct str demo_url(const struct demo *demo)
{
    return emulator_url(demo->emulator);
}
