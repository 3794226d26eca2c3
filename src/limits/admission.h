#ifndef LIMITS_ADMISSION_H
#define LIMITS_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Who may ask an endpoint now, and who waits. Each endpoint has so many
 * places; beyond them one waits in a queue that is fair among people: each
 * person has a line in order of coming, and the heads of the lines are served
 * in turn. Somebody who sends twenty questions delays another's one by one.
 *
 * When upstream asks to be left alone nobody gets a place until then;
 * afterwards half as many places as were taken are given, twice as many after
 * each call that went well, until all are there again.
 *
 * Time is a parameter. Safe from any thread, so that all worker loops share
 * one; granted() may run on the thread of whoever gives a place back.
 */
struct admission;
struct admission_ticket;

struct admission_config {
    size_t places;        /* of each endpoint; 0: any number */
    size_t max_waiting;   /* for each endpoint */
    size_t max_endpoints; /* further ones have no bound */
};

struct admission *admission_new(const struct admission_config *config);
void admission_free(struct admission *a); /* no ticket is left; NULL: no-op */

struct admission_wish {
    struct str endpoint;
    struct str person;
    /* The ticket has its place now. Holds a lock: may not call back. */
    void (*granted)(void *ctx);
    void *ctx;
};

enum admission_result { ADMISSION_GRANTED, ADMISSION_QUEUED, ADMISSION_FULL };

/*
 * A place at once, or in the queue: *ret is the caller's until
 * admission_leave(). FULL: as many wait as may; there is no ticket. granted()
 * is called only for a ticket that was QUEUED, at most once, and not after
 * admission_leave() has returned.
 */
enum admission_result admission_enter(struct admission *a,
    const struct admission_wish *wish, int64_t now_ms,
    struct admission_ticket **ret);

/* Where in the queue a ticket stands. */
struct admission_place {
    size_t position;   /* 1: the next; 0: it has its place */
    int64_t ahead_ms;  /* estimate until it gets one; -1: nobody knows */
    int64_t paused_ms; /* upstream wants to be left alone so long; or 0 */
    bool full;         /* as many wait as may */
};

/* Also gives places that became free with the time. */
struct admission_place admission_look(
    struct admission *a, struct admission_ticket *ticket, int64_t now_ms);

enum admission_end {
    ADMISSION_WELL, /* the call was answered */
    ADMISSION_ILL,  /* it was not, or there was none */
};

/* Gives the place back, or leaves the queue; the ticket is gone. */
void admission_leave(struct admission *a, struct admission_ticket *ticket,
    enum admission_end end, int64_t now_ms);

/* Upstream wants to be left alone until then. */
void admission_pause(
    struct admission *a, struct str endpoint, int64_t now_ms, int64_t until_ms);

/* What somebody who came now would wait, as in struct admission_place. */
struct admission_place admission_forecast(struct admission *a,
    struct str endpoint, struct str person, int64_t now_ms);

/* Some queue is full or some endpoint paused: forecasts are worth a look. */
bool admission_troubled(struct admission *a, int64_t now_ms);

/* Tickets in queues, of all endpoints. */
size_t admission_waiting(struct admission *a);

#endif
