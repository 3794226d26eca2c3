#ifndef TELEMETRY_LOG_H
#define TELEMETRY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/*
 * Structured log: one line an event on standard error,
 *
 *   time=2026-01-02T03:04:05.678901Z level=info msg="..." key=value ...
 *
 * Values are quoted where needed and control characters escaped, so that no
 * input can forge a line. Conversation text and secrets are never passed
 * here. Safe from any thread; a line is written in one write(2).
 */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum log_field_type { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_DOUBLE };

struct log_field {
    const char *key;
    enum log_field_type type;
    struct str text;
    int64_t integer;
    double real;
};

/* Fields of a line: LOG_STR("path", path), LOG_INT("status", 200), ... */
#define LOG_STR(k, v)                                                          \
    ((struct log_field){.key = (k), .type = LOG_FIELD_STR, .text = (v)})
#define LOG_CSTR(k, v) LOG_STR(k, str_from_c(v))
#define LOG_RC(v) LOG_STR("error", str_from_c(rc_name(v)))
#define LOG_INT(k, v)                                                          \
    ((struct log_field){                                                       \
        .key = (k), .type = LOG_FIELD_INT, .integer = (int64_t)(v)})
#define LOG_DOUBLE(k, v)                                                       \
    ((struct log_field){.key = (k), .type = LOG_FIELD_DOUBLE, .real = (v)})

/* log_error("message", field, ...) and so on; fields may be absent. */
#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__, LOG_END)
#define log_warn(...) LOG_AT(LOG_WARN, __VA_ARGS__, LOG_END)
#define log_info(...) LOG_AT(LOG_INFO, __VA_ARGS__, LOG_END)
#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__, LOG_END)

/* Ends the fields, so that a line without any is well-formed C too. */
#define LOG_END ((struct log_field){.key = NULL})

#define LOG_AT(level, message, ...)                                            \
    do {                                                                       \
        if (log_enabled(level)) {                                              \
            const struct log_field log_fields_[] = {__VA_ARGS__};              \
            log_write(level, (message), log_fields_,                           \
                sizeof(log_fields_) / sizeof(*log_fields_) - 1);               \
        }                                                                      \
    } while (0)

/* Least important level that is written; LOG_INFO at start. */
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

/* "error", "warn", "info" or "debug"; RC_INVALID on anything else. */
[[nodiscard]] enum rc log_level_parse(struct str name, enum log_level *ret);

void log_write(enum log_level level, const char *message,
    const struct log_field *fields, size_t count);

#endif
