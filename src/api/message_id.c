#include "base/id.h"

#include "api/api_int.h"

/*
 * The id of a message that a client sends: the one it gave, or one made of
 * its Idempotency-Key, or a new one. What is sent again then has the same id,
 * and one send is what becomes of it.
 */
enum { MAX_KEY = 255 };

bool api_message_id(struct api_request *r, struct str given, struct str *ret)
{
    struct str key = http_request_header(r->http, "Idempotency-Key");
    struct arena *arena = http_request_arena(r->http);
    char id[ID_SIZE];
    if (key.n > MAX_KEY) {
        problem_respond(r->http, PROBLEM_INVALID_REQUEST,
            "The header Idempotency-Key is longer than 255 bytes.", NULL);
        return false;
    }
    if (key.n > 0)
        id_of(arena_printf(arena, "%.*s\n%.*s", STR_ARG(r->identity.user_id),
                  STR_ARG(key)),
            id);
    else
        id_new(id);
    *ret = given.n > 0 ? given : arena_str(arena, str_from_c(id));
    return true;
}
