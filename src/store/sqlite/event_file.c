#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#include "store/sqlite/event_file.h"
#include "store/sqlite/sqlite_int.h"

static const char MAGIC_TEXT[] = "CHATEV1\n";
#define MAGIC ((struct str){MAGIC_TEXT, sizeof(MAGIC_TEXT) - 1})

enum {
    FRAME = 8,
    REPLY_HEAD = 4 + 8 + 8 + 8,
    EVENT_HEAD = 4 + 8 + 1 + 4 + 4,
    HAS_TEXT = 1,
    HAS_REASONING = 2,
    HAS_PARTS = 4,
    MAX_READ = 1 << 30,
};

/* ---- Records ---- */

/* FNV-1a: a record that is torn or of another time does not pass by chance. */
static uint32_t check_of(struct str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(h ^ h >> 32);
}

static char *put_number(char *p, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *p++ = (char)(unsigned char)(n >> (8 * i));
    return p;
}

static char *put_bytes(char *p, struct str s)
{
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return p + s.n;
}

/* Room for a record of so many bytes; NULL: the buffer has failed. */
static char *begin_record(struct buf *out, size_t n)
{
    char *p;
    if (n > UINT32_MAX || buf_reserve(out, FRAME + n, &p) != RC_OK)
        return NULL;
    return p + FRAME;
}

static void end_record(struct buf *out, char *record, size_t n)
{
    char *frame = put_number(record - FRAME, n, 4);
    put_number(frame, check_of((struct str){record, n}), 4);
    buf_commit(out, FRAME + n);
}

void event_put_reply(struct buf *out, const struct event_reply *reply)
{
    size_t n = REPLY_HEAD + reply->message_id.n;
    char *record = begin_record(out, n), *p = record;
    if (record == NULL)
        return;
    p = put_number(p, reply->slot, 4);
    p = put_number(p, 0, 8);
    p = put_number(p, (uint64_t)reply->variant, 8);
    p = put_number(p, (uint64_t)reply->start_sequence, 8);
    put_bytes(p, reply->message_id);
    end_record(out, record, n);
}

void event_put_event(
    struct buf *out, uint32_t slot, const struct store_event *event)
{
    struct str text = event->text_delta, reasoning = event->reasoning_delta,
               parts = event->payload;
    unsigned has = (text.p != NULL ? HAS_TEXT : 0U) |
                   (reasoning.p != NULL ? HAS_REASONING : 0U) |
                   (parts.p != NULL ? HAS_PARTS : 0U);
    size_t n = EVENT_HEAD + text.n + reasoning.n + parts.n;
    char *record = begin_record(out, n), *p = record;
    if (record == NULL)
        return;
    p = put_number(p, slot, 4);
    p = put_number(p, (uint64_t)event->sequence, 8);
    p = put_number(p, has, 1);
    p = put_number(p, text.n, 4);
    p = put_number(p, reasoning.n, 4);
    p = put_bytes(put_bytes(put_bytes(p, text), reasoning), parts);
    end_record(out, record, n);
}

static uint64_t take_number(struct str *s, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (uint64_t)(unsigned char)s->p[i] << (8 * i);
    *s = str_sub(*s, (size_t)bytes, s->n);
    return n;
}

static struct str take_bytes(struct str *s, size_t n)
{
    struct str bytes = str_sub(*s, 0, n);
    *s = str_sub(*s, n, s->n);
    return bytes;
}

static bool parse_reply(struct str s, struct event_reply *ret)
{
    if (s.n < REPLY_HEAD - 12)
        return false;
    ret->variant = (int64_t)take_number(&s, 8);
    ret->start_sequence = (int64_t)take_number(&s, 8);
    ret->message_id = s;
    return true;
}

static bool parse_event(struct str s, struct store_event *ret)
{
    if (s.n < EVENT_HEAD - 12)
        return false;
    unsigned has = (unsigned)take_number(&s, 1);
    size_t text = (size_t)take_number(&s, 4);
    size_t reasoning = (size_t)take_number(&s, 4);
    if (text > s.n || reasoning > s.n - text)
        return false;
    struct str piece = take_bytes(&s, text);
    if ((has & HAS_TEXT) != 0)
        ret->text_delta = piece;
    piece = take_bytes(&s, reasoning);
    if ((has & HAS_REASONING) != 0)
        ret->reasoning_delta = piece;
    if ((has & HAS_PARTS) != 0)
        ret->payload = s;
    return true;
}

bool event_record_next(struct str *records, struct event_record *ret)
{
    struct str rest = *records;
    *ret = (struct event_record){0};
    if (rest.n < FRAME)
        return false;
    size_t n = (size_t)take_number(&rest, 4);
    uint32_t check = (uint32_t)take_number(&rest, 4);
    struct str record = str_sub(rest, 0, n);
    if (n < 12 || record.n < n || check_of(record) != check)
        return false;
    *records = str_sub(rest, n, rest.n);
    ret->slot = (uint32_t)take_number(&record, 4);
    int64_t sequence = (int64_t)take_number(&record, 8);
    ret->is_event = sequence != 0;
    ret->event.sequence = sequence;
    return ret->is_event ? parse_event(record, &ret->event)
                         : parse_reply(record, &ret->reply);
}

/* ---- The file ---- */

/* Its name, beside the database itself and not beside a link to it. */
static char *path_of(const char *database)
{
    struct arena *arena = arena_new();
    char *resolved = realpath(database, NULL);
    char *path = mem_dup_str(arena_printf(
        arena, "%s-events", resolved != NULL ? resolved : database));
    free(resolved);
    arena_free(arena);
    return path;
}

void event_file_init(struct event_file *f, const char *database)
{
    *f = (struct event_file){.path = path_of(database), .fd = -1};
}

void event_file_release(struct event_file *f)
{
    if (f->fd >= 0) {
        close(f->fd);
        if (f->size <= MAGIC.n)
            unlink(f->path);
    }
    mem_free(f->path);
    *f = (struct event_file){.fd = -1};
}

/* Writes all of it at a place. What a full disk took of it does not count. */
static enum rc write_at(int fd, struct str s, uint64_t at)
{
    while (s.n > 0) {
        ssize_t n = pwrite(fd, s.p, s.n, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return rc_from_io(errno);
        }
        s = str_sub(s, (size_t)n, s.n);
        at += (uint64_t)n;
    }
    return RC_OK;
}

static enum rc open_file(struct event_file *f)
{
    if (f->fd < 0)
        f->fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (f->fd < 0)
        return rc_from_io(errno);
    enum rc rc = write_at(f->fd, MAGIC, 0);
    if (rc == RC_OK)
        f->size = MAGIC.n;
    return rc;
}

enum rc event_file_append(struct event_file *f, struct str records)
{
    enum rc rc = f->size == 0 ? open_file(f) : RC_OK;
    if (rc == RC_OK)
        rc = write_at(f->fd, records, f->size);
    if (rc == RC_OK)
        f->size += records.n;
    return rc;
}

/* Where the file cannot be cut now it goes on growing until it can. */
void event_file_empty(struct event_file *f)
{
    if (f->size > MAGIC.n && ftruncate(f->fd, (off_t)MAGIC.n) == 0)
        f->size = MAGIC.n;
}

static enum rc read_all(int fd, struct buf *out)
{
    for (;;) {
        char *p;
        enum rc rc = buf_reserve(out, 64 << 10, &p);
        if (rc != RC_OK)
            return rc;
        ssize_t n = read(fd, p, 64 << 10);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? RC_OK : RC_IO;
        buf_commit(out, (size_t)n);
    }
}

enum rc event_file_read(const char *database, struct buf *ret)
{
    char *path = path_of(database);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int number = errno;
    mem_free(path);
    buf_init(ret, MAX_READ);
    if (fd < 0)
        return number == ENOENT ? RC_OK : rc_from_io(number);
    enum rc rc = read_all(fd, ret);
    close(fd);
    bool ours = str_starts_with(buf_str(ret), MAGIC);
    if (ours)
        buf_consume(ret, MAGIC.n);
    else
        buf_clear(ret);
    if (rc != RC_OK)
        buf_release(ret);
    return rc;
}

void event_file_remove(const char *database)
{
    char *path = path_of(database);
    unlink(path);
    mem_free(path);
}

bool event_file_exists(const char *database)
{
    char *path = path_of(database);
    bool there = access(path, F_OK) == 0;
    mem_free(path);
    return there;
}
