#include "base/arena.h"
#include "base/mem.h"

#include "replies/replies_int.h"

/* What a continued reply had before: its text and the numbers of its events. */

/* Whether the events are in order, end where the text ends, and before L. */
static bool adds_up(const struct reply_prior *prior)
{
    size_t text = 0, reasoning = 0, parts = 0;
    uint64_t number = 1;
    for (size_t i = 0; i < prior->event_count; i++) {
        const struct reply_prior_event *e = &prior->events[i];
        text += e->text_bytes;
        reasoning += e->reasoning_bytes;
        parts += e->parts_bytes;
        if (e->sequence <= number || e->sequence > prior->last_sequence)
            return false;
        number = e->sequence;
    }
    return prior->event_count > 0 && text == prior->text.n &&
           reasoning == prior->reasoning.n && parts == prior->parts.n;
}

static void take_marks(struct reply *reply, const struct reply_prior *prior)
{
    size_t n = prior->event_count;
    struct reply_mark end = {0};
    reply->marks = mem_alloc(n * sizeof(*reply->marks));
    reply->prior_numbers = mem_alloc(n * sizeof(*reply->prior_numbers));
    for (size_t i = 0; i < n; i++) {
        end.text_end += (uint32_t)prior->events[i].text_bytes;
        end.reasoning_end += (uint32_t)prior->events[i].reasoning_bytes;
        end.parts_end += (uint32_t)prior->events[i].parts_bytes;
        reply->marks[i] = end;
        reply->prior_numbers[i] = prior->events[i].sequence;
    }
    reply->prior = reply->sealed = reply->durable = reply->mark_cap = n;
}

enum rc reply_take_prior(struct reply *reply, const struct reply_prior *prior)
{
    if (!adds_up(prior))
        return RC_INVALID;
    if (buf_append(&reply->text, prior->text) != RC_OK ||
        buf_append(&reply->reasoning, prior->reasoning) != RC_OK ||
        buf_append(&reply->parts, prior->parts) != RC_OK)
        return RC_TOO_LARGE;
    reply->first_start = arena_str(reply->arena, prior->start);
    reply->base = prior->last_sequence + 1;
    take_marks(reply, prior);
    return RC_OK;
}

size_t reply_events_until(const struct reply *reply, uint64_t sequence)
{
    size_t low = 0, high = reply->prior;
    if (sequence >= reply->base) {
        uint64_t behind = sequence - reply->base;
        size_t made = reply->durable - reply->prior;
        return reply->prior + (behind < made ? (size_t)behind : made);
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reply->prior_numbers[middle] <= sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
