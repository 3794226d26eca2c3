#include <inttypes.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/timestamp.h"
#include "base/utf8.h"

#include "telemetry/log.h"

enum { MAX_LINE = 8192, MAX_VALUE = 1024 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static _Atomic int log_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&log_level, (int)level);
}

bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load(&log_level);
}

enum rc log_level_parse(struct str name, enum log_level *ret)
{
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (str_eq(name, str_from_c(level_names[i]))) {
            *ret = (enum log_level)i;
            return RC_OK;
        }
    }
    return RC_INVALID;
}

static bool bare(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f)
            return false;
    }
    return s.n > 0;
}

/* Bytes that are no text are written as \xNN, all of them. */
static void append_escaped(struct buf *line, struct str s, bool text)
{
    size_t end = line->n + MAX_VALUE;
    for (size_t i = 0; i < s.n && line->n < end; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (c < ' ' || c == 0x7f || (c > 0x7f && !text))
            buf_printf(line, "\\x%02x", c);
        else
            buf_append_char(line, (char)c);
    }
}

/* Value as it is when that is unambiguous, else quoted and escaped. */
static void append_text(struct buf *line, struct str s)
{
    bool text = utf8_valid(s);
    s = text ? utf8_truncate(s, MAX_VALUE) : str_sub(s, 0, MAX_VALUE);
    if (text && bare(s)) {
        buf_append(line, s);
        return;
    }
    buf_append_char(line, '"');
    append_escaped(line, s, text);
    buf_append_char(line, '"');
}

static void append_field(struct buf *line, const struct log_field *f)
{
    buf_printf(line, " %s=", f->key);
    switch (f->type) {
    case LOG_FIELD_STR:
        append_text(line, f->text);
        break;
    case LOG_FIELD_INT:
        buf_printf(line, "%" PRId64, f->integer);
        break;
    case LOG_FIELD_DOUBLE:
        buf_printf(line, "%.6g", f->real);
        break;
    }
}

void log_write(enum log_level level, const char *message,
    const struct log_field *fields, size_t count)
{
    char now[TIMESTAMP_SIZE];
    timestamp_format(clock_wall_us(clock_system()), now);
    struct buf line;
    buf_init(&line, MAX_LINE);
    buf_printf(&line, "time=%s level=%s msg=", now, level_names[level]);
    append_text(&line, str_from_c(message));
    for (size_t i = 0; i < count && buf_ok(&line); i++)
        append_field(&line, &fields[i]);
    /* A failed append changes nothing, so room for the end always remains. */
    if (line.n == line.max)
        line.n--;
    line.failed = false;
    buf_append_char(&line, '\n');
    ssize_t written = write(STDERR_FILENO, line.p, line.n);
    (void)written; /* nowhere is left to complain to */
    buf_release(&line);
}
