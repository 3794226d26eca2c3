#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "telemetry/log.h"

#include "store/sqlite/event_file.h"
#include "store/sqlite/event_log.h"
#include "store/sqlite/sqlite_int.h"

enum {
    MAX_LIVE = 100000,       /* replies at once; then all are packed */
    MAX_FILE = 8 << 20,      /* bytes after which all are packed */
    MAX_RECORDS = 1 << 30,   /* bytes of one write */
    KEPT_RECORDS = 256 << 10 /* bytes of the buffer for it that are kept */
};

/* A reply that streams. */
struct live {
    struct event_reply reply;
    char *id;       /* of the reply */
    int64_t last;   /* number of the last event that is kept anywhere */
    int64_t staged; /* the same with those of the write under way */
    bool in_file;   /* the file has its record of the reply */
    struct buf text, reasoning, parts;
    struct log_mark *marks;
    size_t count, cap;
};

/* An event of the write under way. */
struct staged {
    struct live *live;
    const struct store_event *event;
};

struct event_log {
    struct sql_tail tail;
    pthread_mutex_t mutex;     /* of all that readers see: live and packed */
    pthread_mutex_t settling;  /* taken before it to take away from live */
    pthread_mutex_t appending; /* of all else; recursive, the first taken */
    struct map *live;
    uint64_t packed; /* counts what was taken away from `live` */
    struct event_file file;
    uint64_t long_at; /* size of the file */
    uint32_t slots;   /* given in the file */
    struct buf records;
    struct staged *staged;
    size_t staged_count, staged_cap;
};

/* ---- Replies ---- */

static struct live *live_new(struct str id, const struct log_place *place)
{
    struct live *l = MEM_NEW(struct live);
    l->id = mem_dup_str(id);
    l->reply = (struct event_reply){.variant = place->variant,
        .start_sequence = place->start_sequence,
        .message_id = {l->id, id.n}};
    l->last = l->staged = place->last_sequence;
    buf_init(&l->text, SQL_MAX_VALUE);
    buf_init(&l->reasoning, SQL_MAX_VALUE);
    buf_init(&l->parts, SQL_MAX_VALUE);
    return l;
}

static void live_free(struct live *l)
{
    if (l == NULL)
        return;
    buf_release(&l->text);
    buf_release(&l->reasoning);
    buf_release(&l->parts);
    mem_free(l->marks);
    mem_free(l->id);
    mem_free(l);
}

/* Whether a text has room for more; the database takes no larger one. */
static bool has_room(const struct buf *b, struct str more)
{
    return more.n <= b->max - b->n;
}

/* Keeps an event that has room. */
static void live_add(struct live *l, const struct store_event *e)
{
    if (l->count == l->cap) {
        l->cap = l->cap == 0 ? 4 : 2 * l->cap;
        l->marks = mem_realloc(l->marks, l->cap * sizeof(*l->marks));
    }
    buf_append(&l->text, e->text_delta);
    buf_append(&l->reasoning, e->reasoning_delta);
    buf_append(&l->parts, e->payload);
    l->marks[l->count++] = (struct log_mark){
        .sequence = e->sequence,
        .text_end = (uint32_t)l->text.n,
        .reasoning_end = (uint32_t)l->reasoning.n,
        .parts_end = (uint32_t)l->parts.n,
        .has_text = e->text_delta.p != NULL,
        .has_reasoning = e->reasoning_delta.p != NULL,
        .has_parts = e->payload.p != NULL,
    };
    l->last = e->sequence;
    assert(buf_ok(&l->text) && buf_ok(&l->reasoning) && buf_ok(&l->parts));
}

static enum rc live_pack(const struct live *l, struct db *db)
{
    if (l->count == 0)
        return RC_OK;
    return log_append_pack(db, &(struct log_pack){
                                   .message_id = l->reply.message_id,
                                   .text = buf_str(&l->text),
                                   .reasoning = buf_str(&l->reasoning),
                                   .parts = buf_str(&l->parts),
                                   .marks = l->marks,
                                   .count = l->count,
                               });
}

/* ---- Reading, from the threads of readers ---- */

/* Offsets where the events before the i-th end. */
static struct log_mark before(const struct live *l, size_t i)
{
    return i == 0 ? (struct log_mark){0} : l->marks[i - 1];
}

/* The first event behind a number. */
static size_t find_after(const struct live *l, int64_t sequence)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->marks[middle].sequence <= sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct str copy_piece(struct arena *arena, bool has,
    const struct buf *from, uint32_t begin, uint32_t end)
{
    if (!has)
        return (struct str){0};
    return arena_str(arena, str_sub(buf_str(from), begin, end - begin));
}

static void copy_events(const struct live *l, size_t from, size_t n,
    struct arena *arena, struct store_event *to)
{
    for (size_t i = from; i < from + n; i++) {
        struct log_mark a = before(l, i), b = l->marks[i];
        *to++ = (struct store_event){
            .sequence = b.sequence,
            .text_delta =
                copy_piece(arena, b.has_text, &l->text, a.text_end, b.text_end),
            .reasoning_delta = copy_piece(arena, b.has_reasoning, &l->reasoning,
                a.reasoning_end, b.reasoning_end),
            .payload = copy_piece(
                arena, b.has_parts, &l->parts, a.parts_end, b.parts_end),
        };
    }
}

static struct event_log *log_of(struct db *db)
{
    return CONTAINER_OF(db->tail, struct event_log, tail);
}

static enum rc tail_read(struct db *db, struct tail_reading *t)
{
    struct event_log *log = log_of(db);
    enum rc rc = RC_OK;
    pthread_mutex_lock(&log->mutex);
    const struct live *l = map_get(log->live, t->message_id);
    if (log->packed != db->tail_state) {
        db->tail_moved = true;
        rc = RC_BUSY;
    } else if (l != NULL) {
        size_t from = find_after(l, t->after), n = l->count - from;
        t->count = n < t->limit ? n : t->limit;
        t->events = arena_alloc(t->arena, (t->count + 1) * sizeof(*t->events));
        copy_events(l, from, t->count, t->arena, t->events);
    }
    pthread_mutex_unlock(&log->mutex);
    return rc;
}

static int64_t tail_last(struct db *db, struct str message_id)
{
    struct event_log *log = log_of(db);
    pthread_mutex_lock(&log->mutex);
    const struct live *l = map_get(log->live, message_id);
    int64_t last = l == NULL ? 0 : l->last;
    pthread_mutex_unlock(&log->mutex);
    return last;
}

struct sql_tail *event_log_tail(struct event_log *log)
{
    return &log->tail;
}

void event_log_begin_reading(struct event_log *log, struct db *reader)
{
    pthread_mutex_lock(&log->mutex);
    reader->tail_state = log->packed;
    reader->tail_moved = false;
    pthread_mutex_unlock(&log->mutex);
}

void event_log_hold(struct event_log *log)
{
    pthread_mutex_lock(&log->settling);
}

void event_log_let_go(struct event_log *log)
{
    pthread_mutex_unlock(&log->settling);
}

/* ---- Appending ---- */

void event_log_pause(struct event_log *log)
{
    pthread_mutex_lock(&log->appending);
}

void event_log_go_on(struct event_log *log)
{
    pthread_mutex_unlock(&log->appending);
}

static struct event_log *log_new(void)
{
    struct event_log *log = MEM_NEW(struct event_log);
    log->tail = (struct sql_tail){.read = tail_read, .last = tail_last};
    pthread_mutex_init(&log->mutex, NULL);
    pthread_mutex_init(&log->settling, NULL);
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&log->appending, &recursive);
    pthread_mutexattr_destroy(&recursive);
    log->live = map_new(MAX_LIVE);
    log->long_at = MAX_FILE;
    log->file.fd = -1;
    buf_init(&log->records, MAX_RECORDS);
    return log;
}

struct event_log *event_log_new(const char *database)
{
    struct event_log *log = log_new();
    event_file_init(&log->file, database);
    return log;
}

void event_log_free(struct event_log *log)
{
    if (log == NULL)
        return;
    size_t pos = 0;
    struct live *l;
    while ((l = map_next(log->live, &pos)) != NULL)
        live_free(l);
    map_free(log->live);
    event_file_release(&log->file);
    buf_release(&log->records);
    mem_free(log->staged);
    pthread_mutex_destroy(&log->appending);
    pthread_mutex_destroy(&log->settling);
    pthread_mutex_destroy(&log->mutex);
    mem_free(log);
}

/* The reply of an event. RC_NOT_FOUND: it does not stream. */
static enum rc find_live(struct event_log *log, struct db *db,
    struct str message_id, struct live **ret)
{
    struct log_place place;
    struct live *l = map_get(log->live, message_id);
    enum rc rc = RC_OK;
    if (l == NULL) {
        rc = log_find_open(db, message_id, &place);
        if (rc != RC_OK)
            return rc;
        l = live_new(message_id, &place);
        pthread_mutex_lock(&log->mutex);
        rc = map_add(log->live, message_id, l);
        pthread_mutex_unlock(&log->mutex);
    }
    if (rc == RC_OK)
        *ret = l;
    else
        live_free(l);
    return rc;
}

static void stage(
    struct event_log *log, struct live *l, const struct store_event *e)
{
    if (!l->in_file && l->staged == l->last) {
        l->reply.slot = ++log->slots;
        event_put_reply(&log->records, &l->reply);
    }
    event_put_event(&log->records, l->reply.slot, e);
    l->staged = e->sequence;
    if (log->staged_count == log->staged_cap) {
        log->staged_cap = log->staged_cap == 0 ? 64 : 2 * log->staged_cap;
        log->staged =
            mem_realloc(log->staged, log->staged_cap * sizeof(*log->staged));
    }
    log->staged[log->staged_count++] = (struct staged){l, e};
}

/* Encodes what an operation adds; what is there already is dropped. */
static enum rc stage_op(
    struct event_log *log, struct db *db, struct store_op *op)
{
    struct store_append_events *a = &op->append_events;
    a->dropped = 0;
    for (size_t i = 0; i < a->count; i++) {
        struct live *l = NULL;
        enum rc rc = find_live(log, db, a->events[i].message_id, &l);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            return rc;
        const struct store_event *e = &a->events[i];
        if (l == NULL || e->sequence <= l->staged)
            a->dropped++;
        else if (!has_room(&l->text, e->text_delta) ||
                 !has_room(&l->reasoning, e->reasoning_delta) ||
                 !has_room(&l->parts, e->payload))
            return RC_TOO_LARGE;
        else
            stage(log, l, e);
    }
    return RC_OK;
}

/* What is in the file now is shown to readers; or it is not, and forgotten. */
static void unstage(struct event_log *log, bool written)
{
    pthread_mutex_lock(&log->mutex);
    for (size_t i = 0; i < log->staged_count; i++) {
        struct live *l = log->staged[i].live;
        l->in_file |= written;
        if (written)
            live_add(l, log->staged[i].event);
        l->staged = l->last;
    }
    pthread_mutex_unlock(&log->mutex);
    log->staged_count = 0;
}

static void fail(struct list *ops, enum rc rc, const char *why)
{
    LIST_EACH(node, ops)
    store_op_fail(
        LIST_ITEM(node, struct store_op, link_), rc, "append_events: %s", why);
}

static void append(struct event_log *log, struct db *db, struct list *ops)
{
    enum rc rc = RC_OK;
    const char *why = db->error;
    buf_clear(&log->records);
    for (struct list *n = ops->next; rc == RC_OK && n != ops; n = n->next)
        rc = stage_op(log, db, LIST_ITEM(n, struct store_op, link_));
    if (rc == RC_OK && !buf_ok(&log->records))
        rc = RC_NO_MEMORY;
    if (rc == RC_OK && log->records.n > 0) {
        rc = event_file_append(&log->file, buf_str(&log->records));
        why = rc == RC_OK ? "" : strerror(errno);
    }
    unstage(log, rc == RC_OK);
    if (rc != RC_OK)
        fail(ops, rc, why);
    if (log->records.cap > KEPT_RECORDS)
        buf_release(&log->records);
}

void event_log_append(
    struct event_log *log, struct db *places, struct list *ops)
{
    event_log_pause(log);
    append(log, places, ops);
    event_log_go_on(log);
}

static bool knows_replies(struct event_log *log, struct list *ops)
{
    LIST_EACH(node, ops)
    {
        const struct store_append_events *a =
            &LIST_ITEM(node, struct store_op, link_)->append_events;
        for (size_t i = 0; i < a->count; i++)
            if (map_get(log->live, a->events[i].message_id) == NULL)
                return false;
    }
    return true;
}

bool event_log_try_append(
    struct event_log *log, struct db *places, struct list *ops)
{
    if (pthread_mutex_trylock(&log->appending) != 0)
        return false;
    bool known = knows_replies(log, ops);
    if (known)
        append(log, places, ops);
    event_log_go_on(log);
    return known;
}

/* ---- Into the database ---- */

enum rc event_log_pack(
    struct event_log *log, struct db *db, struct str message_id)
{
    event_log_pause(log);
    const struct live *l = map_get(log->live, message_id);
    enum rc rc = l == NULL ? RC_OK : live_pack(l, db);
    event_log_go_on(log);
    return rc;
}

enum rc event_log_pack_all(struct event_log *log, struct db *db)
{
    size_t pos = 0;
    const struct live *l;
    enum rc rc = RC_OK;
    event_log_pause(log);
    while (rc == RC_OK && (l = map_next(log->live, &pos)) != NULL)
        rc = live_pack(l, db);
    event_log_go_on(log);
    return rc;
}

/* Nobody's events are in the file alone: it begins anew. */
static void begin_file_anew(struct event_log *log)
{
    event_file_empty(&log->file);
    log->long_at = log->file.size + MAX_FILE;
}

void event_log_settle(struct event_log *log, struct str message_id)
{
    event_log_pause(log);
    event_log_hold(log);
    pthread_mutex_lock(&log->mutex);
    struct live *l = map_remove(log->live, message_id);
    log->packed += l != NULL;
    pthread_mutex_unlock(&log->mutex);
    event_log_let_go(log);
    live_free(l);
    if (l != NULL && map_count(log->live) == 0)
        begin_file_anew(log);
    event_log_go_on(log);
}

void event_log_settle_all(struct event_log *log)
{
    event_log_pause(log);
    event_log_hold(log);
    pthread_mutex_lock(&log->mutex);
    struct map *live = log->live;
    log->live = map_new(MAX_LIVE);
    log->packed++;
    pthread_mutex_unlock(&log->mutex);
    event_log_let_go(log);
    size_t pos = 0;
    struct live *l;
    while ((l = map_next(live, &pos)) != NULL)
        live_free(l);
    map_free(live);
    begin_file_anew(log);
    event_log_go_on(log);
}

bool event_log_is_empty(struct event_log *log)
{
    event_log_pause(log);
    bool empty = map_count(log->live) == 0;
    event_log_go_on(log);
    return empty;
}

bool event_log_is_long(struct event_log *log)
{
    event_log_pause(log);
    bool is_long =
        log->file.size > log->long_at || map_count(log->live) >= MAX_LIVE;
    event_log_go_on(log);
    return is_long;
}

void event_log_put_off(struct event_log *log)
{
    event_log_pause(log);
    log->long_at = log->file.size + MAX_FILE / 4;
    event_log_go_on(log);
}

/* ---- After a crash ---- */

/* The reply of a record, or NULL: it does not stream here, or is another. */
static enum rc find_same(
    struct db *db, const struct event_reply *reply, struct live **ret)
{
    struct log_place place;
    enum rc rc = log_find_open(db, reply->message_id, &place);
    bool same = rc == RC_OK && place.variant == reply->variant &&
                place.start_sequence == reply->start_sequence;
    *ret = same ? live_new(reply->message_id, &place) : NULL;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Collects the records; replies are found by their slots. */
static enum rc collect(struct event_log *log, struct db *db, struct str records)
{
    struct event_record r;
    enum rc rc = RC_OK;
    while (rc == RC_OK && event_record_next(&records, &r)) {
        struct str slot = {(const char *)&r.slot, sizeof(r.slot)};
        struct live *l = map_get(log->live, slot);
        if (r.is_event) {
            if (l != NULL && r.event.sequence > l->last)
                live_add(l, &r.event);
        } else if (l == NULL) {
            rc = find_same(db, &r.reply, &l);
            if (l != NULL)
                rc = map_add(log->live, slot, l);
        }
    }
    return rc;
}

enum rc event_log_restore(struct str records, struct db *to)
{
    struct event_log *log = log_new();
    enum rc rc = collect(log, to, records);
    if (rc == RC_OK)
        rc = event_log_pack_all(log, to);
    event_log_free(log);
    return rc;
}
