#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#include "store/sqlite/event_file.h"
#include "store/sqlite/sqlite_int.h"

static const char MAGIC_TEXT[] = "CHATEV2\n";
#define MAGIC ((struct str){MAGIC_TEXT, sizeof(MAGIC_TEXT) - 1})

enum {
    CHECK = 4,
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

static size_t size_of(uint64_t n)
{
    size_t size = 1;
    for (; n > 127; n >>= 7)
        size++;
    return size;
}

static char *put_number(char *p, uint64_t n)
{
    for (; n > 127; n >>= 7)
        *p++ = (char)(unsigned char)(n | 128);
    *p++ = (char)(unsigned char)n;
    return p;
}

static char *put_byte(char *p, unsigned byte)
{
    *p++ = (char)(unsigned char)byte;
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
    if (n > UINT32_MAX || buf_reserve(out, size_of(n) + CHECK + n, &p) != RC_OK)
        return NULL;
    return put_number(p, n) + CHECK;
}

static void end_record(struct buf *out, char *record, size_t n)
{
    char *p = record - CHECK;
    for (uint32_t check = check_of((struct str){record, n}); p < record;
         check >>= 8)
        p = put_byte(p, check & 255);
    buf_commit(out, size_of(n) + CHECK + n);
}

void event_put_reply(struct buf *out, const struct event_reply *reply)
{
    uint64_t variant = (uint64_t)reply->variant,
             start = (uint64_t)reply->start_sequence;
    size_t n = size_of(reply->slot) + size_of(0) + size_of(variant) +
               size_of(start) + reply->message_id.n;
    char *record = begin_record(out, n), *p = record;
    if (record == NULL)
        return;
    p = put_number(put_number(p, reply->slot), 0);
    p = put_number(put_number(p, variant), start);
    put_bytes(p, reply->message_id);
    end_record(out, record, n);
}

static size_t text_size(struct str text)
{
    return text.p == NULL ? 0 : size_of(text.n) + text.n;
}

static char *put_text(char *p, struct str text)
{
    return text.p == NULL ? p : put_bytes(put_number(p, text.n), text);
}

void event_put_event(
    struct buf *out, uint32_t slot, const struct store_event *event)
{
    struct str text = event->text_delta, reasoning = event->reasoning_delta,
               parts = event->payload;
    unsigned has = (text.p != NULL ? HAS_TEXT : 0U) |
                   (reasoning.p != NULL ? HAS_REASONING : 0U) |
                   (parts.p != NULL ? HAS_PARTS : 0U);
    uint64_t sequence = (uint64_t)event->sequence;
    size_t n = size_of(slot) + size_of(sequence) + 1 + text_size(text) +
               text_size(reasoning) + parts.n;
    char *record = begin_record(out, n), *p = record;
    if (record == NULL)
        return;
    p = put_number(put_number(p, slot), sequence);
    p = put_text(put_text(put_byte(p, has), text), reasoning);
    put_bytes(p, parts);
    end_record(out, record, n);
}

static bool take_number(struct str *s, uint64_t *ret)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->n && i < 10; i++) {
        unsigned char byte = (unsigned char)s->p[i];
        n |= (uint64_t)(byte & 127) << (7 * i);
        if (byte > 127)
            continue;
        *s = str_sub(*s, i + 1, s->n);
        *ret = n;
        return true;
    }
    return false;
}

static bool take_bytes(struct str *s, uint64_t n, struct str *ret)
{
    if (n > s->n)
        return false;
    *ret = str_sub(*s, 0, (size_t)n);
    *s = str_sub(*s, (size_t)n, s->n);
    return true;
}

static bool take_text(struct str *s, bool has, struct str *ret)
{
    uint64_t n;
    return !has || (take_number(s, &n) && take_bytes(s, n, ret));
}

static bool parse_reply(struct str s, struct event_reply *ret)
{
    uint64_t variant, start;
    if (!take_number(&s, &variant) || !take_number(&s, &start))
        return false;
    ret->variant = (int64_t)variant;
    ret->start_sequence = (int64_t)start;
    ret->message_id = s;
    return true;
}

static bool parse_event(struct str s, struct store_event *ret)
{
    struct str flags;
    if (!take_bytes(&s, 1, &flags))
        return false;
    unsigned has = (unsigned char)flags.p[0];
    if (!take_text(&s, (has & HAS_TEXT) != 0, &ret->text_delta) ||
        !take_text(&s, (has & HAS_REASONING) != 0, &ret->reasoning_delta))
        return false;
    if ((has & HAS_PARTS) != 0)
        ret->payload = s;
    return true;
}

static uint32_t read_check(struct str bytes)
{
    uint32_t check = 0;
    for (size_t i = bytes.n; i-- > 0;)
        check = check << 8 | (unsigned char)bytes.p[i];
    return check;
}

bool event_record_next(struct str *records, struct event_record *ret)
{
    struct str rest = *records, check, record;
    uint64_t n, slot, sequence;
    *ret = (struct event_record){0};
    if (!take_number(&rest, &n) || !take_bytes(&rest, CHECK, &check) ||
        !take_bytes(&rest, n, &record) ||
        check_of(record) != read_check(check) || !take_number(&record, &slot) ||
        !take_number(&record, &sequence))
        return false;
    *records = rest;
    ret->slot = (uint32_t)slot;
    ret->is_event = sequence != 0;
    ret->event.sequence = (int64_t)sequence;
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
