#include <assert.h>

#include "base/arena.h"
#include "base/mem.h"
#include "telemetry/metrics.h"

#include "replies/replies_int.h"

/* What a final event holds beside an error's sentence: sources, counts. */
enum { FINAL_EXTRA = 2 * 1024 * 1024 };

const char *reply_status_name(enum reply_status status)
{
    switch (status) {
    case REPLY_STREAMING:
        return "streaming";
    case REPLY_COMPLETE:
        return "complete";
    case REPLY_STOPPED:
        return "stopped";
    case REPLY_ERROR:
        return "error";
    case REPLY_INTERRUPTED:
        return "interrupted";
    }
    return "unknown";
}

static void wake_now(void *ctx)
{
    struct reply *reply = ctx;
    LIST_EACH(node, &reply->viewers)
    {
        struct reply_viewer *v = LIST_ITEM(node, struct reply_viewer, link);
        v->wake(v->ctx);
    }
}

/* Frees a reply that is in no list. */
static void discard(struct reply *reply)
{
    buf_release(&reply->text);
    buf_release(&reply->reasoning);
    buf_release(&reply->parts);
    buf_release(&reply->final_json);
    mem_free(reply->marks);
    mem_free(reply->prior_numbers);
    arena_free(reply->arena);
    mem_free(reply);
}

void reply_free(struct reply *reply)
{
    struct replies *hub = reply->hub;
    assert(list_empty(&reply->viewers));
    if (!reply->ended)
        metrics_add(METRIC_REPLIES_LIVE, -1);
    hub->config.handlers.forget(hub->config.ctx, reply);
    if (map_get(hub->by_id, reply->info.reply_id) == reply)
        map_remove(hub->by_id, reply->info.reply_id);
    list_remove(&reply->link);
    loop_task_cancel(&reply->wake);
    loop_task_cancel(&reply->release);
    discard(reply);
}

static void release_now(void *ctx)
{
    struct reply *reply = ctx;
    if (reply->viewer_count == 0)
        reply_free(reply);
}

void reply_release(struct reply *reply)
{
    if (reply->finished && reply->viewer_count == 0)
        loop_defer(reply->hub->loop, &reply->release);
}

static void copy_info(struct reply *reply, const struct reply_info *info)
{
    size_t texts = info->reply_id.n + info->owner.n + info->session.n +
                   info->start.n,
           ends = 4;
    struct arena *a = reply->arena = arena_sized(texts + ends);
    reply->info = (struct reply_info){
        .reply_id = arena_str(a, info->reply_id),
        .owner = arena_str(a, info->owner),
        .session = arena_str(a, info->session),
        .start = arena_str(a, info->start),
    };
}

static struct reply *reply_new(
    struct replies *hub, const struct reply_info *info, void *reply_ctx)
{
    struct reply *reply = MEM_NEW(struct reply);
    reply->hub = hub;
    reply->ctx = reply_ctx;
    reply->base = info->base > 0 ? info->base : 1;
    copy_info(reply, info);
    list_init(&reply->link);
    list_init(&reply->viewers);
    buf_init(&reply->text, hub->config.max_text);
    buf_init(&reply->reasoning, hub->config.max_text);
    buf_init(&reply->parts, REPLIES_MAX_PARTS);
    buf_init(&reply->final_json, hub->config.max_text + FINAL_EXTRA);
    return reply;
}

enum rc reply_start(struct replies *hub, const struct reply_info *info,
    void *reply_ctx, struct reply **ret)
{
    struct reply *reply = reply_new(hub, info, reply_ctx);
    enum rc rc = RC_OK;
    if (info->prior != NULL)
        rc = reply_take_prior(reply, info->prior);
    if (rc == RC_OK)
        rc = map_add(hub->by_id, info->reply_id, reply);
    if (rc != RC_OK) {
        discard(reply);
        return rc;
    }
    list_push(&hub->quiet, &reply->link);
    loop_task_init(&reply->wake, wake_now, reply);
    loop_task_init(&reply->release, release_now, reply);
    metrics_add(METRIC_REPLIES_STARTED, 1);
    metrics_add(METRIC_REPLIES_LIVE, 1);
    *ret = reply;
    return RC_OK;
}

static enum rc add(struct reply *reply, struct buf *to, struct str text)
{
    if (reply->ended || text.n == 0)
        return RC_OK;
    enum rc rc = buf_append(to, text);
    if (rc != RC_OK) {
        metrics_add(METRIC_REPLIES_LIMIT, 1);
        return rc;
    }
    reply_mark_dirty(reply);
    return RC_OK;
}

enum rc reply_add_text(struct reply *reply, struct str text)
{
    return add(reply, &reply->text, text);
}

enum rc reply_add_reasoning(struct reply *reply, struct str text)
{
    return add(reply, &reply->reasoning, text);
}

enum rc reply_add_part(struct reply *reply, struct str json)
{
    if (reply->ended || json.n == 0)
        return RC_OK;
    if (json.n >= REPLIES_MAX_PART ||
        json.n >= REPLIES_MAX_PARTS - reply->parts.n) {
        metrics_add(METRIC_REPLIES_LIMIT, 1);
        return RC_TOO_LARGE;
    }
    assert(str_find_char(json, '\n') == json.n);
    enum rc rc = add(reply, &reply->parts, json);
    return rc == RC_OK ? buf_append_char(&reply->parts, '\n') : rc;
}

static enum metric metric_of(enum reply_status status)
{
    switch (status) {
    case REPLY_COMPLETE:
        return METRIC_REPLIES_COMPLETE;
    case REPLY_STOPPED:
        return METRIC_REPLIES_STOPPED;
    case REPLY_INTERRUPTED:
        return METRIC_REPLIES_INTERRUPTED;
    case REPLY_STREAMING:
    case REPLY_ERROR:
        break;
    }
    return METRIC_REPLIES_FAILED;
}

void reply_end(
    struct reply *reply, enum reply_status status, struct str final_json)
{
    assert(status != REPLY_STREAMING);
    if (reply->ended)
        return;
    reply->ended = true;
    reply->status = status;
    buf_append(&reply->final_json, final_json);
    metrics_add(METRIC_REPLIES_LIVE, -1);
    metrics_add(metric_of(status), 1);
    reply_mark_dirty(reply);
    if (reply->lost)
        reply_wake_viewers(reply);
}

void reply_stop(struct reply *reply, enum reply_status status)
{
    if (reply->ended || reply->stop_asked)
        return;
    reply->stop_asked = true;
    struct replies *hub = reply->hub;
    hub->config.handlers.stop(hub->config.ctx, reply, status);
}

const struct reply_info *reply_info(const struct reply *reply)
{
    return &reply->info;
}

void *reply_ctx(const struct reply *reply)
{
    return reply->ctx;
}

enum reply_status reply_status(const struct reply *reply)
{
    return reply->status;
}

struct str reply_text(const struct reply *reply)
{
    return buf_str(&reply->text);
}

struct str reply_reasoning(const struct reply *reply)
{
    return buf_str(&reply->reasoning);
}

struct str reply_parts(const struct reply *reply)
{
    return buf_str(&reply->parts);
}

bool reply_end_visible(const struct reply *reply)
{
    return reply->ended && !reply->left && (reply->finished || reply->lost);
}

uint64_t reply_event_number(const struct reply *reply, size_t n)
{
    return n <= reply->prior ? reply->prior_numbers[n - 1]
                             : reply->base + (n - reply->prior);
}

/* The start, the text events behind it, and the end. */
uint64_t reply_last_sequence(const struct reply *reply)
{
    return reply->base + (reply->durable - reply->prior) +
           (reply_end_visible(reply) ? 1 : 0);
}

uint64_t reply_final_sequence(const struct reply *reply)
{
    return reply->base + (reply->sealed - reply->prior) + 1;
}

void reply_wake_viewers(struct reply *reply)
{
    loop_defer(reply->hub->loop, &reply->wake);
}
