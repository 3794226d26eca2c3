#include <time.h>

#include "base/arena.h"

#include "emulator/emulator_int.h"
#include "emulator/hash.h"

/* Faults that are answered instead of what was asked for. */

enum { SCRATCH_MAX = 4096, RETRY_SECONDS = 2 };

/*
 * The refused token stays refused here until another one has come, so that
 * sending the same one again does not help.
 */
static bool token_refused(struct emu_endpoint *endpoint, struct http_request *r)
{
    uint64_t token = emu_hash(1, emu_bearer(r)) | 1;
    if (endpoint->refused_token != 0 && endpoint->refused_token != token) {
        endpoint->refused_token = 0;
        return false;
    }
    endpoint->refused_token = token;
    emu_refuse(r, 403, STR("403"), STR("Invalid access token."));
    return true;
}

static bool fails_now(
    struct emu_endpoint *endpoint, struct http_request *r, int64_t times)
{
    if (endpoint->failures >= times) {
        endpoint->failures = 0;
        return false;
    }
    endpoint->failures++;
    emu_refuse(r, 503, STR("TEMPORARILY_UNAVAILABLE"),
        STR("The model is starting. Please try again."));
    return true;
}

/* Whether a token that is not a person's own was refused. */
static bool wants_person(struct emulator *e, struct http_request *r)
{
    struct emu_caller caller;
    if (emu_caller(e, r, &caller) && caller.person.n > 0)
        return false;
    emu_refuse(r, 403, STR("PERMISSION_DENIED"),
        STR("This endpoint works on behalf of a person and wants the "
            "person's own token."));
    return true;
}

/* A little ahead, as in "Sun, 06 Nov 1994 08:49:37 GMT". */
static struct str retry_date(struct emulator *e, struct http_request *r)
{
    char text[64];
    struct tm tm;
    time_t at = (time_t)(loop_wall_us(e->loop) / 1'000'000) + RETRY_SECONDS;
    gmtime_r(&at, &tm);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return arena_str(http_request_arena(r), str_from_c(text));
}

/* A client that was left without an answer has gone; nothing is kept of it. */
static void gave_up(void *)
{
}

bool emu_answered_with_fault(struct emulator *e, struct emu_endpoint *endpoint,
    struct http_request *r, const struct emu_fault_choice *fault)
{
    struct buf scratch;
    struct emu_error_answer answer;
    bool answered = false;
    if (fault->fault == EMU_FAULT_EXPIRED_TOKEN_ONCE)
        answered = token_refused(endpoint, r);
    if (fault->fault == EMU_FAULT_FAIL_THEN_OK)
        answered = fails_now(endpoint, r, fault->arg);
    if (fault->fault == EMU_FAULT_STALL && endpoint->model == NULL) {
        http_request_on_gone(r, gave_up, NULL);
        answered = true;
    }
    if (fault->fault == EMU_FAULT_PERSONAL)
        answered = wants_person(e, r);
    buf_init(&scratch, SCRATCH_MAX);
    if (emu_fault_answer(fault, &scratch, &answer)) {
        if (fault->fault == EMU_FAULT_RETRY_DATE)
            answer.retry_after = retry_date(e, r);
        emu_answer_error(r, &answer);
        answered = true;
    }
    buf_release(&scratch);
    if (answered)
        endpoint->refused++;
    return answered;
}

/* Whether the service words this status in its own way; then it did. */
static bool worded(enum emu_service which, struct http_request *r, int status)
{
    if (which == EMU_MLFLOW && status == 404)
        emu_refuse(r, 404, STR("RESOURCE_DOES_NOT_EXIST"),
            STR("The trace was not found."));
    else if (which == EMU_SCIM)
        emu_answer(r, status, STR("application/scim+json"),
            arena_printf(http_request_arena(r),
                "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"]"
                ",\"detail\":\"The demo was told to fail.\",\"status\":"
                "\"%d\"}",
                status),
            NULL, 0);
    else
        return false;
    return true;
}

bool emu_service_fails(struct emulator *e, enum emu_service which,
    struct http_request *r, struct emu_behaviour *ret)
{
    struct emu_endpoint *service = e->services[which];
    service->calls++;
    *ret = emu_endpoint_behaviour(e, service, &service->fault);
    if (ret->fault.fault == EMU_FAULT_ERROR &&
        worded(which, r, (int)ret->fault.arg)) {
        service->refused++;
        return true;
    }
    if (emu_answered_with_fault(e, service, r, &ret->fault))
        return true;
    service->finished++;
    return false;
}
