#include <assert.h>
#include <pthread.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

#include "limits/admission.h"

/*
 * A gate has a ring of people who wait, each with a line of tickets; whoever
 * is served goes to the ring's end. Everything is under one lock: it is held
 * for the time of a few list steps, twice a reply.
 */
enum {
    MEAN_WEIGHT = 4, /* a call's part of the moving mean: one fourth */
};

struct person {
    struct list link; /* in the gate's ring */
    struct list line; /* of tickets */
    char *name;
    size_t waiting;
};

struct gate {
    char *endpoint;
    struct map *people; /* who wait */
    struct list ring;
    size_t waiting;
    size_t taken;
    size_t allowed; /* after a pause; SIZE_MAX: as many as there are */
    int64_t paused_until_ms;
    int64_t mean_ms; /* of recent calls; 0: none yet */
};

struct admission_ticket {
    struct list link;      /* in the person's line */
    struct gate *gate;     /* NULL: of an endpoint without bounds */
    struct person *person; /* NULL: it has its place */
    void (*granted)(void *ctx);
    void *ctx;
    int64_t since_ms; /* that it has its place */
};

struct admission {
    pthread_mutex_t mutex;
    struct admission_config config;
    struct map *gates;
    size_t waiting;
};

struct admission *admission_new(const struct admission_config *config)
{
    struct admission *a = MEM_NEW(struct admission);
    pthread_mutex_init(&a->mutex, NULL);
    a->config = *config;
    a->gates = map_new(config->max_endpoints);
    return a;
}

void admission_free(struct admission *a)
{
    if (a == NULL)
        return;
    size_t pos = 0;
    struct gate *g;
    while ((g = map_next(a->gates, &pos)) != NULL) {
        assert(g->waiting == 0 && g->taken == 0);
        map_free(g->people);
        mem_free(g->endpoint);
        mem_free(g);
    }
    map_free(a->gates);
    pthread_mutex_destroy(&a->mutex);
    mem_free(a);
}

static struct gate *find_gate(struct admission *a, struct str endpoint)
{
    struct gate *g = map_get(a->gates, endpoint);
    if (g != NULL)
        return g;
    g = MEM_NEW(struct gate);
    if (map_add(a->gates, endpoint, g) != RC_OK) {
        mem_free(g);
        return NULL;
    }
    g->endpoint = mem_dup_str(endpoint);
    g->people = map_new(a->config.max_waiting);
    list_init(&g->ring);
    g->allowed = SIZE_MAX;
    return g;
}

static size_t places(const struct admission *a, const struct gate *g)
{
    size_t all = a->config.places > 0 ? a->config.places : SIZE_MAX;
    return g->allowed < all ? g->allowed : all;
}

static bool has_room(
    const struct admission *a, const struct gate *g, int64_t now_ms)
{
    return now_ms >= g->paused_until_ms && g->taken < places(a, g);
}

/* ---- The queue ---- */

static bool join_line(
    struct gate *g, struct str name, struct admission_ticket *t)
{
    struct person *p = map_get(g->people, name);
    if (p == NULL) {
        p = MEM_NEW(struct person);
        if (map_add(g->people, name, p) != RC_OK) {
            mem_free(p);
            return false;
        }
        p->name = mem_dup_str(name);
        list_init(&p->line);
        list_init(&p->link);
        list_push(&g->ring, &p->link);
    }
    list_push(&p->line, &t->link);
    p->waiting++;
    t->person = p;
    return true;
}

/* The person's line has one less; nobody keeps an empty one. */
static void leave_line(
    struct admission *a, struct gate *g, struct admission_ticket *t)
{
    struct person *p = t->person;
    list_remove(&t->link);
    t->person = NULL;
    g->waiting--;
    a->waiting--;
    if (--p->waiting > 0)
        return;
    list_remove(&p->link);
    map_remove(g->people, str_from_c(p->name));
    mem_free(p->name);
    mem_free(p);
}

static void give_place(struct gate *g, struct admission_ticket *t, int64_t now)
{
    g->taken++;
    t->since_ms = now;
}

/* Gives places to those who wait while there are some. */
static void serve(struct admission *a, struct gate *g, int64_t now_ms)
{
    while (g->waiting > 0 && has_room(a, g, now_ms)) {
        struct person *p = LIST_ITEM(g->ring.next, struct person, link);
        struct admission_ticket *t =
            LIST_ITEM(p->line.next, struct admission_ticket, link);
        list_remove(&p->link);
        list_push(&g->ring, &p->link);
        leave_line(a, g, t);
        give_place(g, t, now_ms);
        t->granted(t->ctx);
    }
}

/*
 * Tickets that are served before the one with `before` of its person's ahead
 * of it: in each round one of everybody whose turn comes first.
 */
static size_t tickets_ahead(
    const struct gate *g, const struct person *own, size_t before)
{
    size_t ahead = before;
    bool earlier = true;
    LIST_EACH(node, (struct list *)(uintptr_t)&g->ring)
    {
        const struct person *p = LIST_ITEM(node, struct person, link);
        if (p == own) {
            earlier = false;
            continue;
        }
        size_t rounds = before + (earlier ? 1 : 0);
        ahead += p->waiting < rounds ? p->waiting : rounds;
    }
    return ahead;
}

static struct admission_place place_of(const struct admission *a,
    const struct gate *g, size_t position, int64_t now_ms)
{
    struct admission_place place = {
        .position = position,
        .ahead_ms = -1,
        .full = g->waiting >= a->config.max_waiting,
    };
    if (now_ms < g->paused_until_ms)
        place.paused_ms = g->paused_until_ms - now_ms;
    size_t n = places(a, g);
    if (n == SIZE_MAX)
        place.ahead_ms = place.paused_ms;
    else if (g->mean_ms > 0)
        place.ahead_ms = place.paused_ms + g->mean_ms * (int64_t)position /
                                               (int64_t)(n > 0 ? n : 1);
    return place;
}

/* ---- From outside ---- */

/* What enter() does with a ticket that is made. */
static enum admission_result enter(struct admission *a, struct gate *g,
    struct str person, struct admission_ticket *t, int64_t now_ms)
{
    serve(a, g, now_ms);
    if (g->waiting == 0 && has_room(a, g, now_ms)) {
        give_place(g, t, now_ms);
        return ADMISSION_GRANTED;
    }
    if (g->waiting >= a->config.max_waiting || !join_line(g, person, t))
        return ADMISSION_FULL;
    g->waiting++;
    a->waiting++;
    return ADMISSION_QUEUED;
}

enum admission_result admission_enter(struct admission *a,
    const struct admission_wish *wish, int64_t now_ms,
    struct admission_ticket **ret)
{
    struct admission_ticket *t = MEM_NEW(struct admission_ticket);
    enum admission_result result = ADMISSION_GRANTED;
    list_init(&t->link);
    t->granted = wish->granted;
    t->ctx = wish->ctx;
    pthread_mutex_lock(&a->mutex);
    t->gate = find_gate(a, wish->endpoint);
    if (t->gate != NULL)
        result = enter(a, t->gate, wish->person, t, now_ms);
    pthread_mutex_unlock(&a->mutex);
    if (result == ADMISSION_FULL)
        mem_free(t);
    else
        *ret = t;
    return result;
}

static size_t own_before(const struct admission_ticket *t)
{
    size_t before = 0;
    for (const struct list *n = t->link.prev; n != &t->person->line;
         n = n->prev)
        before++;
    return before;
}

struct admission_place admission_look(
    struct admission *a, struct admission_ticket *t, int64_t now_ms)
{
    struct admission_place place = {0};
    if (t->gate == NULL)
        return place;
    pthread_mutex_lock(&a->mutex);
    serve(a, t->gate, now_ms);
    if (t->person != NULL)
        place = place_of(a, t->gate,
            tickets_ahead(t->gate, t->person, own_before(t)) + 1, now_ms);
    pthread_mutex_unlock(&a->mutex);
    return place;
}

/* A call is over: what it took counts, and after a pause how it went. */
static void end_call(struct gate *g, int64_t took_ms, enum admission_end end)
{
    g->taken--;
    if (end != ADMISSION_WELL)
        return;
    if (took_ms < 1)
        took_ms = 1;
    g->mean_ms = g->mean_ms == 0
                     ? took_ms
                     : g->mean_ms + (took_ms - g->mean_ms) / MEAN_WEIGHT;
    if (g->allowed != SIZE_MAX)
        g->allowed = g->allowed > SIZE_MAX / 4 || g->waiting == 0
                         ? SIZE_MAX
                         : g->allowed * 2;
}

void admission_leave(struct admission *a, struct admission_ticket *t,
    enum admission_end end, int64_t now_ms)
{
    struct gate *g = t->gate;
    if (g != NULL) {
        pthread_mutex_lock(&a->mutex);
        if (t->person != NULL)
            leave_line(a, g, t);
        else
            end_call(g, now_ms - t->since_ms, end);
        serve(a, g, now_ms);
        pthread_mutex_unlock(&a->mutex);
    }
    mem_free(t);
}

void admission_pause(
    struct admission *a, struct str endpoint, int64_t now_ms, int64_t until_ms)
{
    pthread_mutex_lock(&a->mutex);
    struct gate *g = find_gate(a, endpoint);
    if (g != NULL && until_ms > g->paused_until_ms) {
        if (now_ms >= g->paused_until_ms)
            g->allowed = g->taken > 3 ? g->taken / 2 : 1;
        g->paused_until_ms = until_ms;
    }
    pthread_mutex_unlock(&a->mutex);
}

struct admission_place admission_forecast(
    struct admission *a, struct str endpoint, struct str person, int64_t now_ms)
{
    struct admission_place place = {0};
    pthread_mutex_lock(&a->mutex);
    struct gate *g = map_get(a->gates, endpoint);
    if (g != NULL && (g->waiting > 0 || !has_room(a, g, now_ms))) {
        const struct person *p = map_get(g->people, person);
        size_t before = p == NULL ? 0 : p->waiting;
        place = place_of(a, g, tickets_ahead(g, p, before) + 1, now_ms);
    }
    pthread_mutex_unlock(&a->mutex);
    return place;
}

bool admission_troubled(struct admission *a, int64_t now_ms)
{
    size_t pos = 0;
    const struct gate *g;
    bool troubled = false;
    pthread_mutex_lock(&a->mutex);
    while (!troubled && (g = map_next(a->gates, &pos)) != NULL)
        troubled =
            g->waiting >= a->config.max_waiting || now_ms < g->paused_until_ms;
    pthread_mutex_unlock(&a->mutex);
    return troubled;
}

size_t admission_waiting(struct admission *a)
{
    pthread_mutex_lock(&a->mutex);
    size_t waiting = a->waiting;
    pthread_mutex_unlock(&a->mutex);
    return waiting;
}
