#ifndef TESTS_DATABRICKS_EVENT_LOG_H
#define TESTS_DATABRICKS_EVENT_LOG_H

#include "base/buf.h"
#include "databricks/chat_protocol.h"
#include "databricks/event.h"

/*
 * The events of an answer as text, written as the files of tests/data/answers
 * have it; neighbours of a kind are joined.
 */
struct event_log {
    struct buf text;
    int open; /* type of the bracket that is open, -1 for none */
    int events;
};

/* max bounds the text in bytes. */
void event_log_init(struct event_log *log, size_t max);

void event_log_release(struct event_log *log);

/* A databricks_event_fn whose context is the log. */
void event_log_note(void *ctx, const struct databricks_event *event);

/* Closes the log with the verdict; error is looked at after CHAT_FAILED. */
void event_log_end(struct event_log *log, enum chat_verdict verdict,
    const struct databricks_error *error);

#endif
