#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"

#include "limits/circuit.h"

/* So soon a person may look again when somebody else is probing. */
enum { PROBE_WAIT_MS = 5000 };

struct breaker {
    char *endpoint;
    enum circuit_state state;
    int failures;
    int64_t failed_ms; /* the last one */
    int64_t until_ms;  /* end of the rest */
    int64_t rest_ms;
    bool probing; /* while half open: somebody asks right now */
};

struct circuits {
    pthread_mutex_t mutex;
    struct circuit_config config;
    struct map *breakers;
    size_t troubled; /* breakers that are not closed */
};

const char *circuit_state_name(enum circuit_state state)
{
    static const char *const names[] = {
        [CIRCUIT_CLOSED] = "closed",
        [CIRCUIT_OPEN] = "open",
        [CIRCUIT_HALF_OPEN] = "half_open",
    };
    return names[state];
}

struct circuits *circuits_new(const struct circuit_config *config)
{
    struct circuits *c = MEM_NEW(struct circuits);
    pthread_mutex_init(&c->mutex, NULL);
    c->config = *config;
    c->breakers = map_new(config->max_endpoints);
    return c;
}

void circuits_free(struct circuits *c)
{
    if (c == NULL)
        return;
    size_t pos = 0;
    struct breaker *b;
    while ((b = map_next(c->breakers, &pos)) != NULL) {
        mem_free(b->endpoint);
        mem_free(b);
    }
    map_free(c->breakers);
    pthread_mutex_destroy(&c->mutex);
    mem_free(c);
}

/* The endpoint's breaker, made when it has none; NULL when there is no room. */
static struct breaker *find(struct circuits *c, struct str endpoint)
{
    struct breaker *b = map_get(c->breakers, endpoint);
    if (b != NULL)
        return b;
    b = MEM_NEW(struct breaker);
    if (map_add(c->breakers, endpoint, b) != RC_OK) {
        mem_free(b);
        return NULL;
    }
    b->endpoint = mem_dup_str(endpoint);
    return b;
}

static void set_state(
    struct circuits *c, struct breaker *b, enum circuit_state state)
{
    c->troubled -= b->state != CIRCUIT_CLOSED;
    b->state = state;
    c->troubled += b->state != CIRCUIT_CLOSED;
}

static void advance(struct circuits *c, struct breaker *b, int64_t now_ms)
{
    if (b->state == CIRCUIT_OPEN && now_ms >= b->until_ms) {
        set_state(c, b, CIRCUIT_HALF_OPEN);
        b->probing = false;
    }
}

static struct circuit_view view_of(const struct breaker *b, int64_t now_ms)
{
    struct circuit_view view = {.state = b->state, .failures = b->failures};
    if (b->state == CIRCUIT_OPEN) {
        view.resting = true;
        view.wait_ms = b->until_ms - now_ms;
    } else if (b->state == CIRCUIT_HALF_OPEN && b->probing) {
        view.resting = true;
        view.wait_ms = PROBE_WAIT_MS;
    }
    return view;
}

void circuit_look(struct circuits *c, struct str endpoint, int64_t now_ms,
    struct circuit_view *ret)
{
    *ret = (struct circuit_view){0};
    pthread_mutex_lock(&c->mutex);
    struct breaker *b = map_get(c->breakers, endpoint);
    if (b != NULL) {
        advance(c, b, now_ms);
        *ret = view_of(b, now_ms);
    }
    pthread_mutex_unlock(&c->mutex);
}

bool circuits_troubled(struct circuits *c)
{
    pthread_mutex_lock(&c->mutex);
    bool troubled = c->troubled > 0;
    pthread_mutex_unlock(&c->mutex);
    return troubled;
}

static enum circuit_pass take(struct breaker *b)
{
    switch (b->state) {
    case CIRCUIT_CLOSED:
        return CIRCUIT_PASS;
    case CIRCUIT_HALF_OPEN:
        if (b->probing)
            break;
        b->probing = true;
        return CIRCUIT_PROBE;
    case CIRCUIT_OPEN:
        break;
    }
    return CIRCUIT_REFUSED;
}

enum circuit_pass circuit_take(
    struct circuits *c, struct str endpoint, int64_t now_ms)
{
    enum circuit_pass pass = CIRCUIT_PASS;
    pthread_mutex_lock(&c->mutex);
    struct breaker *b = map_get(c->breakers, endpoint);
    if (b != NULL) {
        advance(c, b, now_ms);
        pass = take(b);
    }
    pthread_mutex_unlock(&c->mutex);
    return pass;
}

static void close_breaker(struct circuits *c, struct breaker *b)
{
    set_state(c, b, CIRCUIT_CLOSED);
    b->failures = 0;
    b->rest_ms = 0;
    b->probing = false;
}

static void open_breaker(struct circuits *c, struct breaker *b, int64_t now_ms)
{
    const struct circuit_config *config = &c->config;
    int64_t rest = b->rest_ms == 0 ? config->rest_ms : b->rest_ms * 2;
    b->rest_ms = rest < config->max_rest_ms ? rest : config->max_rest_ms;
    b->until_ms = now_ms + b->rest_ms;
    b->probing = false;
    set_state(c, b, CIRCUIT_OPEN);
}

/* True when the breaker opens. */
static bool fail(
    struct circuits *c, struct breaker *b, bool probe, int64_t now_ms)
{
    if (b->state != CIRCUIT_CLOSED && !probe)
        return false;
    bool in_row = now_ms - b->failed_ms <= c->config.window_ms;
    b->failures = in_row || probe ? b->failures + 1 : 1;
    b->failed_ms = now_ms;
    if (!probe && b->failures < c->config.failures)
        return false;
    open_breaker(c, b, now_ms);
    return true;
}

static bool report_locked(struct circuits *c, struct str endpoint,
    enum circuit_pass pass, enum circuit_report report, int64_t now_ms)
{
    bool failed = report == CIRCUIT_FAILED;
    struct breaker *b =
        failed ? find(c, endpoint) : map_get(c->breakers, endpoint);
    if (b == NULL)
        return false;
    bool probe = pass == CIRCUIT_PROBE && b->state == CIRCUIT_HALF_OPEN;
    if (failed)
        return fail(c, b, probe, now_ms);
    if (report == CIRCUIT_ANSWERED)
        close_breaker(c, b);
    else if (probe)
        b->probing = false;
    return false;
}

bool circuit_report(struct circuits *c, struct str endpoint,
    enum circuit_pass pass, enum circuit_report report, int64_t now_ms)
{
    if (c->config.failures == 0 || pass == CIRCUIT_REFUSED)
        return false;
    pthread_mutex_lock(&c->mutex);
    bool opened = report_locked(c, endpoint, pass, report, now_ms);
    pthread_mutex_unlock(&c->mutex);
    return opened;
}

void circuits_each(
    struct circuits *c, int64_t now_ms, circuit_fn *fn, void *ctx)
{
    size_t pos = 0;
    struct breaker *b;
    pthread_mutex_lock(&c->mutex);
    while ((b = map_next(c->breakers, &pos)) != NULL) {
        advance(c, b, now_ms);
        struct circuit_view view = view_of(b, now_ms);
        if (b->state != CIRCUIT_CLOSED)
            fn(ctx, str_from_c(b->endpoint), &view);
    }
    pthread_mutex_unlock(&c->mutex);
}
