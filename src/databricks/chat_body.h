#ifndef DATABRICKS_CHAT_BODY_H
#define DATABRICKS_CHAT_BODY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/rc.h"
#include "databricks/chat.h"

/*
 * The request body, as the request's task wants it. Endpoints check it
 * strictly, so only what is needed is written: the model where the address
 * does not name it, messages (for the Responses form: input, which ends
 * with the approval, if there is one), the limit of tokens, temperature and
 * thinking where they are set, for agents whose conversation it is, the wish
 * for a trace, and last of all stream. System messages come first as one, empty
 * messages are left out, neighbours of the same role are joined, the first
 * message that is no system message is the user's. RC_INVALID when no user
 * message is left, RC_TOO_LARGE when out is full.
 */
[[nodiscard]] enum rc chat_body_write(
    const struct databricks_chat_request *request, bool stream,
    struct buf *out);

#endif
