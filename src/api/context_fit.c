#include "api/context_fit.h"

/* Role, separators and the like of one message. */
enum { TOKENS_A_MESSAGE = 4 };

static int64_t estimate(size_t bytes, size_t messages, double per_byte)
{
    double tokens = (double)bytes * per_byte;
    tokens += (double)messages * TOKENS_A_MESSAGE;
    return (int64_t)(tokens + 0.5);
}

static int64_t budget_of(const struct context_limits *limits)
{
    int64_t reserved = limits->reserved;
    if (reserved > limits->tokens / 2)
        reserved = limits->tokens / 2;
    return limits->tokens - reserved;
}

struct context_fit context_fit(const struct context_item *items, size_t count,
    const struct context_limits *limits)
{
    int64_t budget = budget_of(limits);
    size_t bytes = limits->fixed, messages = limits->fixed_messages;
    struct context_fit fit = {
        count, estimate(bytes, messages, limits->per_byte)};
    for (size_t i = count; i-- > 0;) {
        bytes += items[i].bytes;
        messages++;
        int64_t tokens = estimate(bytes, messages, limits->per_byte);
        if (tokens > budget || count - i > limits->messages)
            break;
        if (items[i].question)
            fit = (struct context_fit){i, tokens};
    }
    return fit;
}

double context_tokens_per_byte(int64_t tokens, int64_t bytes)
{
    if (tokens <= 0 || bytes <= 0)
        return 0.25;
    double ratio = (double)tokens / (double)bytes;
    if (ratio < 0.125)
        return 0.125;
    return ratio > 1 ? 1 : ratio;
}
