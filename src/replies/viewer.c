#include "base/mem.h"
#include "telemetry/metrics.h"

#include "replies/replies_int.h"

enum rc reply_view(struct reply *reply, uint64_t after, void (*wake)(void *ctx),
    void *ctx, struct reply_viewer **ret)
{
    if (reply->viewer_count >= reply->hub->config.max_viewers)
        return RC_BUSY;
    struct reply_viewer *v = MEM_NEW(struct reply_viewer);
    *v = (struct reply_viewer){
        .reply = reply, .cursor = after, .wake = wake, .ctx = ctx};
    list_push(&reply->viewers, &v->link);
    reply->viewer_count++;
    metrics_add(METRIC_VIEWERS, 1);
    *ret = v;
    return RC_OK;
}

/* Offsets where the first `events` text events end. */
static struct reply_mark mark_after(const struct reply *reply, size_t events)
{
    return events == 0 ? (struct reply_mark){0} : reply->marks[events - 1];
}

/*
 * Joins the events behind `seen` while they fit; at least one, and none
 * across a new start.
 */
static size_t join(const struct reply *reply, size_t seen, size_t max_bytes)
{
    struct reply_mark from = mark_after(reply, seen);
    size_t end = seen < reply->prior ? reply->prior : reply->durable;
    size_t to = seen + 1;
    while (to < end) {
        struct reply_mark m = reply->marks[to];
        size_t bytes = (m.text_end - from.text_end) +
                       (size_t)(m.reasoning_end - from.reasoning_end) +
                       (size_t)(m.parts_end - from.parts_end);
        if (bytes > max_bytes)
            break;
        to++;
    }
    return to;
}

static void delta_event(
    const struct reply *reply, size_t seen, size_t to, struct reply_event *ret)
{
    struct reply_mark a = mark_after(reply, seen), b = mark_after(reply, to);
    *ret = (struct reply_event){
        .type = REPLY_EVENT_DELTA,
        .sequence = reply_event_number(reply, to),
        .text =
            str_sub(buf_str(&reply->text), a.text_end, b.text_end - a.text_end),
        .reasoning = str_sub(buf_str(&reply->reasoning), a.reasoning_end,
            b.reasoning_end - a.reasoning_end),
        .parts = str_sub(
            buf_str(&reply->parts), a.parts_end, b.parts_end - a.parts_end),
    };
}

static void start_event(
    uint64_t sequence, struct str json, struct reply_event *ret)
{
    *ret = (struct reply_event){
        .type = REPLY_EVENT_START, .sequence = sequence, .json = json};
}

uint64_t reply_viewer_cursor(const struct reply_viewer *viewer)
{
    return viewer->cursor;
}

/*
 * The first event stands for many that a purge has dropped: whoever had some
 * of them cannot go on behind those.
 */
static bool is_purged(const struct reply *reply, uint64_t cursor)
{
    return reply->prior > 0 && cursor > 1 && cursor < reply->prior_numbers[0];
}

/* It saw a reply that had this id before; nothing of that stands. */
static bool is_of_another(const struct reply *reply, uint64_t cursor)
{
    return reply->prior == 0 && cursor > 0 && cursor < reply->base;
}

static void empty_event(const struct reply *reply, struct reply_event *ret)
{
    *ret = (struct reply_event){
        .sequence = reply->base, .text = STR(""), .reasoning = STR("")};
}

enum reply_next reply_viewer_next(
    struct reply_viewer *viewer, size_t max_bytes, struct reply_event *ret)
{
    const struct reply *reply = viewer->reply;
    uint64_t cursor = viewer->cursor, last = reply_last_sequence(reply);
    if (cursor >= last && reply->left)
        return REPLY_NEXT_LEFT;
    if (cursor >= last)
        return reply_end_visible(reply) ? REPLY_NEXT_END : REPLY_NEXT_WAIT;
    size_t seen = reply_events_until(reply, cursor);
    bool anew = is_of_another(reply, cursor);
    if (anew && reply->durable == 0)
        empty_event(reply, ret);
    else if (cursor == 0 && reply->prior > 0)
        start_event(1, reply->first_start, ret);
    else if (!anew && cursor < reply->base && seen == reply->prior)
        start_event(reply->base, reply->info.start, ret);
    else if (seen < reply->durable)
        delta_event(reply, seen, join(reply, seen, max_bytes), ret);
    else
        *ret = (struct reply_event){.type = REPLY_EVENT_FINAL,
            .sequence = last,
            .json = buf_str(&reply->final_json)};
    if (anew || is_purged(reply, cursor))
        ret->type = REPLY_EVENT_RESET;
    viewer->cursor = ret->sequence;
    return REPLY_NEXT_EVENT;
}

void reply_viewer_free(struct reply_viewer *viewer)
{
    if (viewer == NULL)
        return;
    struct reply *reply = viewer->reply;
    list_remove(&viewer->link);
    reply->viewer_count--;
    metrics_add(METRIC_VIEWERS, -1);
    mem_free(viewer);
    reply_release(reply);
}
