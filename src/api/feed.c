#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "sse/sse_writer.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/api_int.h"
#include "api/feed_window.h"

/*
 * The change feed. Of each person who listens the newest changes are kept
 * once, however many windows listen; each connection is a cursor in them, so
 * that a client that does not read costs nothing and is told to look at
 * everything anew when its place has fallen out. The store is read when it
 * says that there is more, at most once at a time, and with each heartbeat in
 * case it did not get to say so.
 */
enum {
    FEED_MAX_PERSONS = 1000000, /* connections are bounded elsewhere */
    FEED_MAX_CONNECTIONS = 16,  /* of one person, on this loop */
    FEED_BEAT_MS = 12000,
    FEED_PULL_BYTES = 32 * 1024,
    FEED_FIRST_BYTES = 128 * 1024,
    FEED_RETRY_MS = 500, /* after a restart, and up to that much later: */
    FEED_SPREAD_MS = 2000,
};

struct feeds {
    struct api *api;
    struct store_watch *watch;
    struct map *persons;
    int64_t told; /* how many were told to come back */
    bool draining;
};

struct person {
    struct feeds *feeds;
    char *user_id;
    struct list connections;
    size_t count;
    struct feed_window window;
    struct store_op *op; /* under way, or NULL */
    bool again;          /* read once more when it is back */
    struct loop_timer *beat;
};

struct connection {
    struct list link;
    struct person *person;
    struct http_stream *http;
    struct buf first; /* what the stream begins with */
    int64_t cursor;
    int64_t retry_ms; /* not 0: say that, and end */
    bool lost;        /* what is behind the cursor cannot be told */
    bool beat;
};

static void person_read(struct person *p);

/* ---- Writing ---- */

static void put_event(struct buf *out, const char *type, int64_t id,
    const char *member, int64_t value)
{
    struct json_writer w;
    if (id >= 0)
        buf_printf(out, "id: %lld\n", (long long)id);
    sse_write_type(out, str_from_c(type));
    sse_begin_data(out);
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_int(&w, member, value);
    json_end_object(&w);
    sse_end_data(out);
    sse_write_end(out);
}

static enum http_pull pull(void *ctx, struct buf *out)
{
    struct connection *c = ctx;
    const struct feed_window *window = &c->person->window;
    buf_append(out, buf_str(&c->first));
    buf_release(&c->first);
    if (c->lost || c->cursor < window->base) {
        c->cursor = window->last;
        c->lost = false;
        put_event(out, "reset", c->cursor, "last", c->cursor);
    }
    if (!feed_window_write(window, &c->cursor, FEED_PULL_BYTES, out))
        return HTTP_PULL_MORE;
    if (c->beat)
        sse_write_comment(out, STR("ping"));
    c->beat = false;
    if (c->retry_ms == 0)
        return HTTP_PULL_WAIT;
    put_event(out, "reconnect", -1, "retry_after_ms", c->retry_ms);
    return HTTP_PULL_END;
}

/* ---- Persons ---- */

static void wake_all(struct person *p)
{
    LIST_EACH(node, &p->connections)
    http_stream_wake(LIST_ITEM(node, struct connection, link)->http);
}

static void start_over(struct person *p, int64_t last)
{
    feed_window_clear(&p->window, last);
    LIST_EACH(node, &p->connections)
    LIST_ITEM(node, struct connection, link)->lost = true;
}

static void on_read(struct store_op *op)
{
    struct person *p = op->ctx;
    const struct store_read_changes *r = &op->read_changes;
    p->op = NULL;
    if (op->rc != RC_OK) {
        log_warn("could not read a person's changes; trying again soon",
            LOG_RC(op->rc), LOG_CSTR("why", op->error));
        p->again = false;
    } else if (r->lost) {
        start_over(p, r->last);
    } else {
        for (size_t i = 0; i < r->count; i++)
            feed_window_add(&p->window, &r->changes[i]);
    }
    if (op->rc == RC_OK)
        wake_all(p);
    bool more = op->rc == RC_OK && p->window.last < r->last;
    store_op_free(op);
    if (p->again || more)
        person_read(p);
}

static void person_read(struct person *p)
{
    struct api *api = p->feeds->api;
    p->again = p->op != NULL;
    if (p->again)
        return;
    p->op = store_op_new(api->loop, STORE_READ_CHANGES, on_read, p);
    p->op->user_id = store_op_str(p->op, str_from_c(p->user_id));
    p->op->read_changes.after = p->window.last;
    p->op->read_changes.limit = FEED_WINDOW_MAX;
    store_submit(api->config.store, p->op);
}

static void on_beat(void *ctx)
{
    struct person *p = ctx;
    LIST_EACH(node, &p->connections)
    LIST_ITEM(node, struct connection, link)->beat = true;
    wake_all(p);
    person_read(p);
    loop_timer_start(p->beat, FEED_BEAT_MS);
}

/* The person, who is added if need be; NULL when there are too many. */
static struct person *person_get(
    struct feeds *feeds, struct str user_id, int64_t last)
{
    struct person *p = map_get(feeds->persons, user_id);
    if (p != NULL)
        return p;
    p = MEM_NEW(struct person);
    if (map_add(feeds->persons, user_id, p) != RC_OK) {
        mem_free(p);
        return NULL;
    }
    p->feeds = feeds;
    p->user_id = mem_dup_str(user_id);
    list_init(&p->connections);
    feed_window_init(&p->window, last);
    p->beat = loop_timer_new(feeds->api->loop, on_beat, p);
    loop_timer_start(p->beat, FEED_BEAT_MS);
    store_watch_add(feeds->watch, STORE_NEWS_CHANGES, user_id);
    person_read(p); /* what came before the watch was there */
    return p;
}

static void person_free(struct person *p)
{
    struct str user_id = str_from_c(p->user_id);
    store_watch_remove(p->feeds->watch, STORE_NEWS_CHANGES, user_id);
    map_remove(p->feeds->persons, user_id);
    store_op_abandon(p->op);
    loop_timer_free(p->beat);
    feed_window_clear(&p->window, 0);
    mem_free(p->user_id);
    mem_free(p);
}

static void on_news(void *ctx, enum store_news news, struct str id)
{
    struct feeds *feeds = ctx;
    size_t pos = 0;
    struct person *p;
    if (news == STORE_NEWS_CHANGES) {
        p = map_get(feeds->persons, id);
        if (p != NULL)
            person_read(p);
    } else if (news == STORE_NEWS_ALL) {
        while ((p = map_next(feeds->persons, &pos)) != NULL)
            person_read(p);
    }
}

/* ---- Connections ---- */

static void closed(void *ctx)
{
    struct connection *c = ctx;
    struct person *p = c->person;
    list_remove(&c->link);
    buf_release(&c->first);
    mem_free(c);
    if (--p->count == 0)
        person_free(p);
}

/* What a stream says first: where the feed is, and what was missed. */
static void greet(
    struct connection *c, const struct store_read_changes *r, bool resumes)
{
    struct feed_window missed;
    bool lost = resumes &&
                (r->lost || (r->count > 0 &&
                                r->changes[r->count - 1].sequence < r->last));
    c->cursor = resumes && !lost ? r->after : r->last;
    put_event(&c->first, "hello", c->cursor, "last", r->last);
    if (lost)
        put_event(&c->first, "reset", r->last, "last", r->last);
    feed_window_init(&missed, c->cursor);
    for (size_t i = 0; !lost && i < r->count; i++)
        feed_window_add(&missed, &r->changes[i]);
    (void)feed_window_write(&missed, &c->cursor, FEED_FIRST_BYTES, &c->first);
    feed_window_clear(&missed, 0);
}

static void begin_stream(struct api_request *r, struct person *p,
    const struct store_read_changes *changes, bool resumes)
{
    static const struct http_header headers[] = {
        {{"Cache-Control", 13}, {"no-cache, no-transform", 22}},
        {{"X-Accel-Buffering", 17}, {"no", 2}},
    };
    struct connection *c = MEM_NEW(struct connection);
    c->person = p;
    buf_init(&c->first, FEED_FIRST_BYTES);
    greet(c, changes, resumes);
    list_init(&c->link);
    list_push(&p->connections, &c->link);
    p->count++;
    struct http_source source = {pull, closed, c};
    c->http = http_stream_begin(r->http,
        &(struct http_response){
            .status = 200,
            .content_type = STR("text/event-stream"),
            .headers = headers,
            .header_count = 2,
        },
        &source);
}

/* What the request was about, until the store has answered. */
struct opening {
    struct api_request *r;
    bool resumes;
};

static bool refuse_more(struct api_request *r)
{
    struct feeds *feeds = r->api->feeds;
    const struct person *p = map_get(feeds->persons, r->identity.user_id);
    if (feeds->draining) {
        problem_respond(r->http, PROBLEM_SHUTTING_DOWN,
            "The server is restarting; connect again in a few seconds.",
            &(struct problem_extra){.retry_after_ms = FEED_RETRY_MS});
        return true;
    }
    if (p == NULL || p->count < FEED_MAX_CONNECTIONS)
        return false;
    metrics_add(METRIC_RATE_LIMITED, 1);
    problem_respond(r->http, PROBLEM_RATE_LIMITED,
        "Too many windows listen for changes at once; one for each browser "
        "is enough.",
        &(struct problem_extra){.retry_after_ms = FEED_BEAT_MS});
    return true;
}

static void on_opened(struct store_op *op)
{
    struct opening *o = op->ctx;
    struct api_request *r = o->r;
    if (!api_store_done(r, op))
        return;
    if (!refuse_more(r)) {
        struct person *p = person_get(
            r->api->feeds, r->identity.user_id, op->read_changes.last);
        if (p != NULL)
            begin_stream(r, p, &op->read_changes, o->resumes);
        else
            problem_respond(r->http, PROBLEM_OVERLOADED,
                "Too many people listen for changes; try again later.",
                &(struct problem_extra){.retry_after_ms = FEED_BEAT_MS});
    }
    store_op_free(op);
}

static const struct api_field events_query_fields[] = {
    {.name = "after",
        .type = API_INT,
        .help =
            "Number of the last change seen; without it the feed begins now.",
        .example = "7"},
};
const struct api_schema api_events_query = {"", events_query_fields,
    sizeof(events_query_fields) / sizeof(*events_query_fields)};

/* Last-Event-ID or ?after=; false when it was refused. */
static bool read_place(
    struct http_request *http, bool *ret_given, int64_t *ret_after)
{
    struct str text = http_request_header(http, "Last-Event-ID");
    *ret_given = text.n > 0 || http_request_query(http, "after", &text);
    *ret_after = 0;
    if (!*ret_given ||
        num_parse_i64(text, 0, INT64_MAX - 1, ret_after) == RC_OK)
        return true;
    problem_respond(http, PROBLEM_INVALID_REQUEST,
        "Last-Event-ID (or 'after') must be the number of a change.",
        &(struct problem_extra){.field = "after"});
    return false;
}

void api_events(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct opening *o = ARENA_NEW(http_request_arena(http), struct opening);
    int64_t after;
    o->r = r;
    if (!read_place(http, &o->resumes, &after) || refuse_more(r))
        return;
    struct store_op *op = api_store_op(r, STORE_READ_CHANGES, on_opened);
    op->ctx = o;
    op->read_changes.after = after;
    op->read_changes.limit = o->resumes ? FEED_WINDOW_MAX : 0;
    api_store_submit(r, op);
}

/* ---- All of them ---- */

struct feeds *feeds_new(struct api *api)
{
    struct feeds *feeds = MEM_NEW(struct feeds);
    feeds->api = api;
    feeds->persons = map_new(FEED_MAX_PERSONS);
    feeds->watch =
        store_watch_new(api->config.store, api->loop, on_news, feeds);
    return feeds;
}

static void tell_to_reconnect(struct feeds *feeds, struct person *p)
{
    LIST_EACH(node, &p->connections)
    LIST_ITEM(node, struct connection, link)->retry_ms =
        FEED_RETRY_MS + feeds->told++ * 37 % FEED_SPREAD_MS;
    wake_all(p);
}

void feeds_drain(struct feeds *feeds)
{
    size_t pos = 0;
    struct person *p;
    feeds->draining = true;
    while ((p = map_next(feeds->persons, &pos)) != NULL)
        tell_to_reconnect(feeds, p);
}

void feeds_free(struct feeds *feeds)
{
    if (feeds == NULL)
        return;
    store_watch_free(feeds->watch);
    map_free(feeds->persons);
    mem_free(feeds);
}
