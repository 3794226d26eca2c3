#ifndef API_CONTEXT_FIT_H
#define API_CONTEXT_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How much of what was said before a model is told. Pure. Tokens are
 * estimated from bytes, because only the model knows how it counts.
 */
struct context_item {
    bool question; /* else an answer */
    size_t bytes;
};

struct context_limits {
    size_t messages;  /* at most so many; CONTEXT_ALL: any number */
    int64_t tokens;   /* of the whole request and the room for its answer */
    int64_t reserved; /* of those, for the answer */
    size_t fixed;     /* bytes that are told in any case, and as how many */
    size_t fixed_messages; /* messages */
    double per_byte;       /* tokens; see context_tokens_per_byte() */
};

#define CONTEXT_ALL SIZE_MAX

struct context_fit {
    size_t first;   /* item from which on is told; the count: none */
    int64_t tokens; /* estimate of the request */
};

/*
 * The newest whole turns that fit: what is told begins with a question. At
 * most half of the tokens are kept for the answer.
 */
struct context_fit context_fit(const struct context_item *items, size_t count,
    const struct context_limits *limits);

/*
 * What a byte comes to. A model that counted `tokens` for a request of `bytes`
 * (0: nothing is known) is believed within bounds: an agent's count holds
 * more than we sent. Else a quarter.
 */
double context_tokens_per_byte(int64_t tokens, int64_t bytes);

#endif
