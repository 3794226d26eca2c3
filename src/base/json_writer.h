#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Writes JSON into a buffer as it goes: no tree, no copy. Commas are put by
 * the writer. Failures (buffer full) stay in the buffer: look at buf_ok()
 * once at the end. The output never holds a raw line break, so it fits one
 * line of a server-sent event.
 */
struct json_writer {
    struct buf *out;
    bool first; /* no comma before the next element */
};

void json_writer_init(struct json_writer *w, struct buf *out);

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* The key of the next value. */
void json_key(struct json_writer *w, const char *key);

/*
 * s must be UTF-8; a byte that is not becomes U+FFFD, because half a
 * character in the output would make the whole document unreadable.
 */
void json_put_str(struct json_writer *w, struct str s);
void json_put_int(struct json_writer *w, int64_t v);
void json_put_double(struct json_writer *w, double v); /* NaN, inf -> null */
void json_put_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);

/* text is already JSON (from the store or jv_dump). Empty -> null. */
void json_put_raw(struct json_writer *w, struct str text);

/* Key and value in one call. json_member_opt writes null for an empty s. */
void json_member_str(struct json_writer *w, const char *key, struct str s);
void json_member_opt(struct json_writer *w, const char *key, struct str s);
void json_member_int(struct json_writer *w, const char *key, int64_t v);
void json_member_double(struct json_writer *w, const char *key, double v);
void json_member_bool(struct json_writer *w, const char *key, bool v);
void json_member_null(struct json_writer *w, const char *key);
void json_member_raw(struct json_writer *w, const char *key, struct str text);

/* Lines that are JSON each, as an array; empty ones are left out. */
void json_member_lines(
    struct json_writer *w, const char *key, struct str lines);

#endif
