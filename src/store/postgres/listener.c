#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/news.h"
#include "telemetry/log.h"

#include "store/postgres/engine.h"

/*
 * The thread that hears what other processes have committed: it listens on a
 * connection of its own and passes on what notify.c says elsewhere. What was
 * said while the connection was lost is lost, so everybody looks anew when
 * there is one again.
 */

enum {
    IDLE_MS = 60000,
    RETRY_MS = 100,    /* the connection's own delay grows beside it */
    REFUSED_MS = 5000, /* until a server that does not let us listen is asked */
};

enum rc pg_listener_init(struct pg_engine *e)
{
    struct pg_listener *l = &e->listener;
    struct buf text;
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->wake_fd < 0)
        return RC_IO;
    buf_init(&text, 1 << 20);
    buf_append(&text, STR("LISTEN \""));
    for (const char *p = e->config.options.schema; *p != '\0'; p++) {
        if (*p == '"')
            buf_append_char(&text, '"');
        buf_append_char(&text, *p);
    }
    buf_append_char(&text, '"');
    l->listen.postgres = arena_c_str(e->names, buf_str(&text));
    buf_release(&text);
    pg_init(&l->pg, &e->config);
    l->pg.was_up = true;
    return RC_OK;
}

void pg_listener_wake(struct pg_listener *l)
{
    if (l->wake_fd >= 0)
        (void)eventfd_write(l->wake_fd, 1);
}

void pg_listener_release(struct pg_listener *l)
{
    pg_disconnect(&l->pg);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
}

/*
 * Waits for the server, the end of the store, or the time. A connection whose
 * end was read with an earlier answer has no socket any more.
 */
static void wait_for(struct pg_listener *l, int timeout_ms)
{
    int fd = l->pg.h == NULL ? -1 : PQsocket(l->pg.h);
    struct pollfd fds[] = {
        {.fd = l->wake_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    bool ended = l->pg.h != NULL && fd < 0;
    (void)poll(fds, 2, ended ? 0 : timeout_ms);
}

/* Our own news has been told already, when it was committed. */
static void pass_on(struct pg_engine *e, const PGnotify *n)
{
    static const enum store_news kinds[] = {['r'] = STORE_NEWS_REPLY,
        ['s'] = STORE_NEWS_STOP,
        ['c'] = STORE_NEWS_CHANGES};
    struct str payload = str_from_c(n->extra);
    if (n->be_pid == atomic_load(&e->config.writer_pid))
        return;
    if (payload.n > 2 && payload.p[1] == ':' &&
        memchr("rsc", payload.p[0], 3) != NULL)
        news_tell(e->store.news, kinds[(unsigned char)payload.p[0]],
            str_sub(payload, 2, payload.n - 2));
    else
        news_tell(e->store.news, STORE_NEWS_ALL, (struct str){0});
}

/* Until the connection is lost or the store closes. */
static void listen_on(struct pg_engine *e)
{
    struct pg *pg = &e->listener.pg;
    while (!pg->lost && !atomic_load(&e->config.closing)) {
        wait_for(&e->listener, IDLE_MS);
        if (!PQconsumeInput(pg->h))
            (void)pg_lose(pg, PQerrorMessage(pg->h));
        for (PGnotify *n = PQnotifies(pg->h); n != NULL;
             n = PQnotifies(pg->h)) {
            pass_on(e, n);
            PQfreemem(n);
        }
    }
}

/* Without it, what happens elsewhere is found by looking now and then. */
static void give_up_for_now(struct pg_listener *l)
{
    if (!l->refused)
        log_warn("PostgreSQL does not let us listen: what other processes do "
                 "is noticed later",
            LOG_CSTR("why", l->pg.db.error));
    l->refused = true;
    pg_disconnect(&l->pg);
    wait_for(l, REFUSED_MS);
}

void pg_listener_main(void *ctx)
{
    struct pg_engine *e = ctx;
    struct pg_listener *l = &e->listener;
    while (!atomic_load(&e->config.closing)) {
        if (pg_ensure(&l->pg) != RC_OK) {
            wait_for(l, RETRY_MS);
        } else if (db_run(&l->pg.db, &l->listen) == RC_OK) {
            l->refused = false;
            news_tell(e->store.news, STORE_NEWS_ALL, (struct str){0});
            listen_on(e);
        } else if (!l->pg.lost) {
            give_up_for_now(l);
        }
    }
}
