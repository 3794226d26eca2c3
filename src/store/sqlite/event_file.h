#ifndef STORE_SQLITE_EVENT_FILE_H
#define STORE_SQLITE_EVENT_FILE_H

#include <stdint.h>

#include "base/buf.h"
#include "store/store.h"

/*
 * The file beside the database (PATH-events) to which events of live replies
 * are appended: what has been written survives the process, not a power cut.
 *
 *     "CHATEV2\n"  then records: | bytes | check u32 | bytes... |
 *
 *     reply   | slot | 0        | variant | start | id
 *     event   | slot | sequence | has u8 | bytes of text | text
 *             | bytes of reasoning | reasoning | parts
 *
 * The check is little-endian, other numbers are of seven bits a byte, the
 * lowest first, with the eighth bit where more follow; texts that there are
 * not have no length either.
 * A slot is a number for a reply within the file.
 * The first record that is not whole ends the file: it was being written.
 */
struct event_file {
    char *path;
    int fd;        /* -1: not open yet; the file is made by the first append */
    uint64_t size; /* bytes that count; more may lie behind them */
};

/* What makes a log the one that it is, whatever id and place are used again. */
struct event_reply {
    uint32_t slot;
    int64_t variant;
    int64_t start_sequence;
    struct str message_id;
};

void event_file_init(struct event_file *f, const char *database);

/* Closes it; a file in which nothing counts is removed. */
void event_file_release(struct event_file *f);

void event_put_reply(struct buf *out, const struct event_reply *reply);
void event_put_event(
    struct buf *out, uint32_t slot, const struct store_event *event);

/*
 * Appends records. On failure (RC_FULL, RC_READ_ONLY, RC_IO; errno says more)
 * none of them counts.
 */
[[nodiscard]] enum rc event_file_append(
    struct event_file *f, struct str records);

/* Cuts off all records: they are in the database, or of no reply any more. */
void event_file_empty(struct event_file *f);

/*
 * Reads all records of the file beside a database: *ret is empty when there
 * is none. Somebody may be writing to it.
 */
[[nodiscard]] enum rc event_file_read(const char *database, struct buf *ret);

bool event_file_exists(const char *database);

/* Removes it; what is not there is no error. */
void event_file_remove(const char *database);

struct event_record {
    bool is_event;
    uint32_t slot;
    struct event_reply reply; /* or */
    struct store_event event; /* without its message_id */
};

/* Takes the next record from the front; false: that was the last whole one. */
bool event_record_next(struct str *records, struct event_record *ret);

#endif
