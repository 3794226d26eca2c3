#ifndef EMULATOR_FORM_H
#define EMULATOR_FORM_H

#include "base/arena.h"
#include "base/str.h"
#include "http_server/http_server.h"

/* Reading application/x-www-form-urlencoded text. */

/* s decoded, in the arena. */
struct str emu_form_decode(struct arena *a, struct str s);

/* Value of a field of the request's body, or "". */
struct str emu_form_get(struct http_request *r, struct str name);

/* s encoded for a query, in the arena. */
struct str emu_form_encode(struct arena *a, struct str s);

#endif
