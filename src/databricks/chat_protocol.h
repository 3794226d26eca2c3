#ifndef DATABRICKS_CHAT_PROTOCOL_H
#define DATABRICKS_CHAT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"
#include "databricks/event.h"

/*
 * One answer of a serving endpoint: bytes in, events out. Pure. Whether the
 * answer is a stream or one document is seen from its first byte, because
 * endpoints answer a wish for a stream with a document and the other way
 * round.
 */
struct chat_protocol;

/*
 * max_line bounds one event of a stream, max_answer a whole document. The
 * callback may call chat_protocol_stop(), nothing else.
 */
struct chat_protocol *chat_protocol_new(
    size_t max_line, size_t max_answer, databricks_event_fn *fn, void *ctx);

/* Not inside the callback. NULL is a no-op. */
void chat_protocol_free(struct chat_protocol *p);

/* The head of the answer has come; head->body is not looked at. */
void chat_protocol_head(
    struct chat_protocol *p, const struct databricks_answer *head);

enum chat_progress {
    CHAT_GOES_ON,
    CHAT_SAID_ALL, /* the stream said that it is over: no byte is awaited */
    CHAT_BROKEN,   /* it told of a failure or cannot be understood */
};

/* The next bytes of the body; anything after the end is ignored. */
enum chat_progress chat_protocol_data(
    struct chat_protocol *p, struct str bytes);

enum chat_verdict {
    CHAT_COMPLETE,
    CHAT_EMPTY,  /* a success without a word in it */
    CHAT_FAILED, /* text that came before stands */
};

/*
 * The exchange is over: why and reason are those of http_client's on_done
 * (RC_OK when we stopped listening because of the progress above). The last
 * events are given out. With CHAT_FAILED *ret_error is filled.
 */
enum chat_verdict chat_protocol_end(struct chat_protocol *p, enum rc why,
    struct str reason, struct databricks_error *ret_error);

/* Whether text or reasoning has been given out. */
bool chat_protocol_spoke(const struct chat_protocol *p);

/* Token counts as far as the endpoint has told them. */
struct databricks_usage chat_protocol_usage(const struct chat_protocol *p);

/* No further event, from inside the callback too. */
void chat_protocol_stop(struct chat_protocol *p);

#endif
