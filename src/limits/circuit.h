#ifndef LIMITS_CIRCUIT_H
#define LIMITS_CIRCUIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A circuit breaker for each endpoint: one that has failed several times in a
 * row rests, so that nobody waits for it in vain and it can recover.
 *
 *     closed --(failures in a row, within the window)--> open
 *       ^                                                  | rest is over
 *       +--(probe answered)-- half open <------------------+
 *                                |
 *                                +--(probe failed)--> open, twice as long
 *
 * Time is a parameter. Safe from any thread, so that all worker loops share
 * one.
 */
struct circuits;

struct circuit_config {
    int failures;         /* in a row that open it; 0: it never opens */
    int64_t window_ms;    /* failures further apart are not in a row */
    int64_t rest_ms;      /* the first rest */
    int64_t max_rest_ms;  /* it doubles up to this */
    size_t max_endpoints; /* further ones have no breaker */
};

struct circuits *circuits_new(const struct circuit_config *config);
void circuits_free(struct circuits *c); /* NULL is a no-op */

enum circuit_state { CIRCUIT_CLOSED, CIRCUIT_OPEN, CIRCUIT_HALF_OPEN };

const char *circuit_state_name(enum circuit_state state);

/* What is to be said of an endpoint. */
struct circuit_view {
    enum circuit_state state;
    bool resting;    /* it may not be asked now */
    int failures;    /* in a row */
    int64_t wait_ms; /* until it may be asked again, when it rests */
};

/* Looks without asking; a breaker whose rest is over lets somebody probe. */
void circuit_look(struct circuits *c, struct str endpoint, int64_t now_ms,
    struct circuit_view *ret);

/* Any breaker is not closed: looking is worth its while. */
bool circuits_troubled(struct circuits *c);

enum circuit_pass {
    CIRCUIT_PASS,
    CIRCUIT_PROBE, /* this one tells whether the endpoint is back */
    CIRCUIT_REFUSED,
};

/* Whether the endpoint may be asked. PASS and PROBE are to be reported. */
enum circuit_pass circuit_take(
    struct circuits *c, struct str endpoint, int64_t now_ms);

enum circuit_report {
    CIRCUIT_ANSWERED, /* the endpoint is there, whatever it said */
    CIRCUIT_FAILED,   /* it says or shows that it is down */
    CIRCUIT_UNKNOWN,  /* stopped, cut, or somebody else's fault */
};

/*
 * What became of a call. True when this opened the breaker. Of a call that was
 * let pass before the breaker opened only an answer counts.
 */
bool circuit_report(struct circuits *c, struct str endpoint,
    enum circuit_pass pass, enum circuit_report report, int64_t now_ms);

/* Endpoints whose breaker is not closed, each told once; any order. */
typedef void circuit_fn(
    void *ctx, struct str endpoint, const struct circuit_view *view);
void circuits_each(
    struct circuits *c, int64_t now_ms, circuit_fn *fn, void *ctx);

#endif
