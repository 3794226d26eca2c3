#include <assert.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "replies/replies_int.h"

/*
 * The log's side of the hub: what is dirty is sealed into events and written,
 * all replies together, one write at a time; a refused write is tried again
 * with growing delay. A write costs the store a page of each reply in it, so
 * what a fast model says within join_ms of the last write is one event.
 */
enum { RETRY_FIRST_MS = 200, RETRY_MAX_MS = 5000 };

static void flush(void *ctx);
static void join_over(void *ctx);

struct replies *replies_new(
    struct loop *loop, const struct replies_config *config)
{
    struct replies *hub = MEM_NEW(struct replies);
    hub->loop = loop;
    hub->config = *config;
    hub->by_id = map_new(config->max_replies);
    list_init(&hub->dirty);
    list_init(&hub->writing);
    list_init(&hub->quiet);
    loop_task_init(&hub->flush, flush, hub);
    hub->retry = loop_timer_new(loop, flush, hub);
    hub->join = loop_timer_new(loop, join_over, hub);
    hub->failing_since = -1;
    return hub;
}

static void free_all(struct list *replies)
{
    LIST_EACH(node, replies)
    reply_free(LIST_ITEM(node, struct reply, link));
}

void replies_free(struct replies *hub)
{
    if (hub == NULL)
        return;
    free_all(&hub->dirty);
    free_all(&hub->writing);
    free_all(&hub->quiet);
    loop_task_cancel(&hub->flush);
    loop_timer_free(hub->retry);
    loop_timer_free(hub->join);
    map_free(hub->by_id);
    mem_free(hub);
}

static void move(struct reply *reply, struct list *to)
{
    list_remove(&reply->link);
    list_push(to, &reply->link);
}

static void flush_soon(struct replies *hub)
{
    if (!hub->write_pending && hub->failing_since < 0)
        loop_defer(hub->loop, &hub->flush);
}

static void join_over(void *ctx)
{
    flush_soon(ctx);
}

void reply_mark_dirty(struct reply *reply)
{
    if (!reply->writing)
        move(reply, &reply->hub->dirty);
    flush_soon(reply->hub);
}

static bool has_unsealed(const struct reply *reply)
{
    struct reply_mark end = {0};
    if (reply->sealed > 0)
        end = reply->marks[reply->sealed - 1];
    return reply->text.n > end.text_end ||
           reply->reasoning.n > end.reasoning_end ||
           reply->parts.n > end.parts_end;
}

/* Where the next event ends: at the end, or at a bound between characters. */
static uint32_t end_of_event(const struct buf *text, uint32_t from)
{
    struct str rest = str_sub(buf_str(text), from, text->n);
    return from + (uint32_t)utf8_truncate(rest, REPLIES_MAX_EVENT).n;
}

/* The same for parts: whole lines, and one of them at least. */
static uint32_t end_of_lines(const struct buf *parts, uint32_t from)
{
    struct str rest = str_sub(buf_str(parts), from, parts->n);
    size_t end = rest.n < REPLIES_MAX_EVENT ? rest.n : REPLIES_MAX_EVENT;
    while (end > 0 && rest.p[end - 1] != '\n')
        end--;
    if (end == 0 && rest.n > 0)
        end = str_find_char(rest, '\n') + 1;
    return from + (uint32_t)end;
}

/* How long the reply's text may still wait for more; 0: not at all. */
static int64_t join_left(const struct reply *reply, int64_t now)
{
    struct reply_mark end = {0};
    if (reply->ended || reply->sealed > reply->durable ||
        now >= reply->next_write_ms)
        return 0;
    if (reply->sealed > 0)
        end = reply->marks[reply->sealed - 1];
    size_t waiting =
        reply->text.n - end.text_end + reply->reasoning.n - end.reasoning_end;
    bool parts = reply->parts.n > end.parts_end;
    return parts || waiting >= REPLIES_JOINED ? 0 : reply->next_write_ms - now;
}

/* Makes one event of what came since the last one, up to a bound. */
static void seal(struct reply *reply)
{
    if (!has_unsealed(reply))
        return;
    struct reply_mark last = {0};
    if (reply->sealed > 0)
        last = reply->marks[reply->sealed - 1];
    if (reply->sealed == reply->mark_cap) {
        reply->mark_cap = reply->mark_cap == 0 ? 16 : reply->mark_cap * 2;
        reply->marks =
            mem_realloc(reply->marks, reply->mark_cap * sizeof(*reply->marks));
    }
    reply->marks[reply->sealed++] = (struct reply_mark){
        .text_end = end_of_event(&reply->text, last.text_end),
        .reasoning_end = end_of_event(&reply->reasoning, last.reasoning_end),
        .parts_end = end_of_lines(&reply->parts, last.parts_end),
    };
    metrics_add(METRIC_REPLY_EVENTS, 1);
}

/* The event behind the durable ones; sealed > durable. */
static struct reply_delta next_delta(const struct reply *reply)
{
    struct reply_mark from = {0}, to = reply->marks[reply->durable];
    if (reply->durable > 0)
        from = reply->marks[reply->durable - 1];
    return (struct reply_delta){
        .reply_id = reply->info.reply_id,
        .sequence = reply_event_number(reply, reply->durable + 1),
        .text = str_sub(
            buf_str(&reply->text), from.text_end, to.text_end - from.text_end),
        .reasoning = str_sub(buf_str(&reply->reasoning), from.reasoning_end,
            to.reasoning_end - from.reasoning_end),
        .parts = str_sub(buf_str(&reply->parts), from.parts_end,
            to.parts_end - from.parts_end),
    };
}

static void start_finish(struct reply *reply)
{
    struct replies *hub = reply->hub;
    move(reply, &hub->quiet);
    if (!reply->ended || reply->finished || reply->finishing)
        return;
    reply->finishing = true;
    hub->config.handlers.finish(hub->config.ctx, reply);
}

/*
 * Seals what a reply has to write. False: nothing, it is finished instead. An
 * event that was refused before goes again with the same number.
 */
static bool take_up(struct reply *reply, int64_t now)
{
    struct replies *hub = reply->hub;
    if (reply->sealed == reply->durable)
        seal(reply);
    if (reply->sealed == reply->durable) {
        start_finish(reply);
        return false;
    }
    reply->writing = true;
    reply->next_write_ms = now + hub->config.join_ms;
    move(reply, &hub->writing);
    return true;
}

/* Writes what is dirty and has not to wait for more, up to a batch. */
static void flush(void *ctx)
{
    struct replies *hub = ctx;
    struct reply_delta deltas[REPLIES_WRITE_BATCH];
    int64_t now = loop_now_ms(hub->loop), wait = INT64_MAX;
    size_t n = 0;
    if (hub->write_pending)
        return;
    LIST_EACH(node, &hub->dirty)
    {
        struct reply *reply = LIST_ITEM(node, struct reply, link);
        int64_t left = join_left(reply, now);
        if (n == REPLIES_WRITE_BATCH)
            break;
        if (left > 0)
            wait = left < wait ? left : wait;
        else if (take_up(reply, now))
            deltas[n++] = next_delta(reply);
    }
    if (n > 0) {
        hub->write_pending = true;
        hub->config.handlers.write(hub->config.ctx, deltas, n);
    } else if (wait != INT64_MAX) {
        loop_timer_start(hub->join, wait);
    }
}

/* Tells the viewers of every unwritten reply that its end is not stored. */
static void declare_lost(struct replies *hub, enum rc why)
{
    LIST_EACH(node, &hub->dirty)
    {
        struct reply *reply = LIST_ITEM(node, struct reply, link);
        if (reply->lost)
            continue;
        reply->lost = true;
        if (!reply->ended)
            hub->config.handlers.lost(hub->config.ctx, reply, why);
        reply_wake_viewers(reply);
    }
}

static void refused(struct replies *hub, enum rc why)
{
    int64_t now = loop_now_ms(hub->loop);
    if (hub->failing_since < 0) {
        hub->failing_since = now;
        hub->retry_delay_ms = RETRY_FIRST_MS;
        log_error(
            "cannot write replies to the store; trying again", LOG_RC(why));
    }
    if (now - hub->failing_since >= hub->config.patience_ms)
        declare_lost(hub, why);
    loop_timer_start(hub->retry, hub->retry_delay_ms);
    hub->retry_delay_ms *= 2;
    if (hub->retry_delay_ms > RETRY_MAX_MS)
        hub->retry_delay_ms = RETRY_MAX_MS;
}

static void accepted(struct replies *hub)
{
    if (hub->failing_since >= 0)
        log_info("the store takes replies again");
    hub->failing_since = -1;
    if (!list_empty(&hub->dirty))
        flush_soon(hub);
}

void replies_written(struct replies *hub, enum rc rc)
{
    assert(hub->write_pending);
    hub->write_pending = false;
    LIST_EACH(node, &hub->writing)
    {
        struct reply *reply = LIST_ITEM(node, struct reply, link);
        reply->writing = false;
        if (rc == RC_OK && !reply->left) {
            reply->durable++;
            reply_wake_viewers(reply);
        }
        bool idle = !reply->ended && !has_unsealed(reply);
        idle = (idle && rc == RC_OK) || reply->left;
        move(reply, idle ? &hub->quiet : &hub->dirty);
    }
    if (rc != RC_OK) {
        refused(hub, rc);
        return;
    }
    accepted(hub);
}

void reply_finished(struct reply *reply, enum rc rc)
{
    struct replies *hub = reply->hub;
    assert(reply->finishing);
    reply->finishing = false;
    if (rc != RC_OK && rc != RC_NOT_FOUND) {
        move(reply, &hub->dirty);
        refused(hub, rc);
        return;
    }
    accepted(hub);
    reply->finished = true;
    map_remove(hub->by_id, reply->info.reply_id);
    reply_wake_viewers(reply);
    reply_release(reply);
}

void reply_leave(struct reply *reply)
{
    struct replies *hub = reply->hub;
    if (!reply->ended)
        metrics_add(METRIC_REPLIES_LIVE, -1);
    reply->ended = reply->finished = reply->left = true;
    reply->finishing = false;
    reply->status = REPLY_INTERRUPTED;
    reply->sealed = reply->durable;
    if (map_get(hub->by_id, reply->info.reply_id) == reply)
        map_remove(hub->by_id, reply->info.reply_id);
    if (!reply->writing)
        move(reply, &hub->quiet);
    reply_wake_viewers(reply);
    reply_release(reply);
}

struct reply *replies_find(const struct replies *hub, struct str reply_id)
{
    return map_get(hub->by_id, reply_id);
}

size_t replies_live(const struct replies *hub, struct str owner)
{
    size_t count = 0, pos = 0;
    const struct reply *reply;
    while ((reply = map_next(hub->by_id, &pos)) != NULL)
        count +=
            !reply->ended && (owner.n == 0 || str_eq(owner, reply->info.owner));
    return count;
}

size_t replies_unfinished(const struct replies *hub)
{
    size_t count = 0, pos = 0;
    const struct reply *reply;
    while ((reply = map_next(hub->by_id, &pos)) != NULL)
        count += !reply->finished;
    return count;
}

void replies_stop_all(struct replies *hub, enum reply_status status)
{
    size_t pos = 0;
    struct reply *reply;
    while ((reply = map_next(hub->by_id, &pos)) != NULL)
        reply_stop(reply, status);
}
