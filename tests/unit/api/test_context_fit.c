#include <string.h>

#include "api/context_fit.h"

#include "tap.h"

enum { MOST = 40 };

/* What must hold of every fit. */
static void check(const struct context_item *items, size_t count,
    const struct context_limits *limits)
{
    struct context_fit fit = context_fit(items, count, limits);
    size_t told = count - fit.first;
    CHECK(fit.first <= count);
    CHECK(told <= limits->messages);
    CHECK(told == 0 || items[fit.first].question);
    int64_t reserved = limits->reserved > limits->tokens / 2
                           ? limits->tokens / 2
                           : limits->reserved;
    CHECK(told == 0 || fit.tokens <= limits->tokens - reserved);
    /* An older question would have fitted: then it would be told. */
    size_t bytes = limits->fixed;
    for (size_t i = count; i-- > 0;) {
        bytes += items[i].bytes;
        size_t messages = limits->fixed_messages + count - i;
        double tokens =
            (double)bytes * limits->per_byte + (double)messages * 4 + 1;
        if (items[i].question && count - i <= limits->messages &&
            tokens <= (double)(limits->tokens - reserved))
            CHECK(i >= fit.first);
    }
}

TEST(whole_turns_are_told_as_far_as_they_fit)
{
    struct context_item items[MOST];
    for (int round = 0; round < 20000; round++) {
        size_t count = tap_random() % MOST;
        for (size_t i = 0; i < count; i++)
            items[i] = (struct context_item){
                tap_random() % 2 == 0, tap_random() % 2000};
        const struct context_limits limits = {
            .messages =
                tap_random() % 3 == 0 ? CONTEXT_ALL : tap_random() % MOST,
            .tokens = (int64_t)(tap_random() % 4000),
            .reserved = (int64_t)(tap_random() % 4000),
            .fixed = tap_random() % 1000,
            .fixed_messages = 1 + tap_random() % 4,
            .per_byte = (double)(tap_random() % 100 + 12) / 100,
        };
        check(items, count, &limits);
    }
}

TEST(a_whole_chat_is_told_when_it_fits)
{
    const struct context_item items[] = {
        {true, 100}, {false, 100}, {true, 100}, {false, 100}};
    struct context_limits limits = {.messages = CONTEXT_ALL,
        .tokens = 1000,
        .fixed_messages = 1,
        .per_byte = 0.25};
    struct context_fit fit = context_fit(items, 4, &limits);
    CHECK_INT(fit.first, 0);
    CHECK_INT(fit.tokens, 100 + 5 * 4);
    limits.messages = 3;
    CHECK_INT(context_fit(items, 4, &limits).first, 2);
    limits.messages = 1;
    CHECK_INT(context_fit(items, 4, &limits).first, 4);
    limits.messages = CONTEXT_ALL;
    limits.reserved = 1000000;
    CHECK_INT(context_fit(items, 4, &limits).first, 0);
}

TEST(what_a_model_counted_is_believed_within_bounds)
{
    CHECK(context_tokens_per_byte(0, 0) == 0.25);
    CHECK(context_tokens_per_byte(100, 0) == 0.25);
    CHECK(context_tokens_per_byte(50, 100) == 0.5);
    CHECK(context_tokens_per_byte(1, 100) == 0.125);
    CHECK(context_tokens_per_byte(900, 100) == 1);
}
