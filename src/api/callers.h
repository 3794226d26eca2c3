#ifndef API_CALLERS_H
#define API_CALLERS_H

#include "api/api_int.h"

/*
 * Callers who prove who they are with an access token of the workspace: it is
 * asked whose the token is, once for all requests that come with it at the
 * same time, and the answer is believed for a minute. Of a token only the
 * hash is kept when the answer is there.
 */
struct callers *callers_new(struct api *api);
void callers_free(struct callers *callers); /* no request waits any more */

/*
 * Who the caller with this token is; r->credential_hash is the token's. done
 * is only called after CALLERS_PENDING, and not if the client goes away.
 */
enum callers_verdict callers_ask(struct callers *callers, struct api_request *r,
    struct str token, callers_fn *done);

/* From what is known already; never CALLERS_PENDING or CALLERS_NOBODY. */
bool callers_known(struct callers *callers, struct api_request *r);

#endif
