#ifndef EMULATOR_FAULT_H
#define EMULATOR_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * What can go wrong on demand. A fault is chosen by the endpoint's name
 * ("emu-" and the fault's name) or through POST /emulator/control. "<n>" in a
 * name stands for a number.
 */
enum emu_fault {
    EMU_FAULT_NONE,
    /* pace and length, no fault proper */
    EMU_FAULT_SPEED,
    EMU_FAULT_DELAY,
    EMU_FAULT_LONG,
    /* answered instead of a reply */
    EMU_FAULT_ERROR,
    EMU_FAULT_ERROR_RETRY_AFTER,
    EMU_FAULT_FAIL_THEN_OK,
    EMU_FAULT_HTML_500,
    EMU_FAULT_TEXT_503,
    EMU_FAULT_EMPTY_504,
    EMU_FAULT_GUARDRAIL,
    EMU_FAULT_CONTEXT_TOO_LONG,
    EMU_FAULT_UNKNOWN_FIELD,
    EMU_FAULT_EXPIRED_TOKEN_ONCE,
    EMU_FAULT_IP_ACL,
    EMU_FAULT_PERMISSION_DENIED,
    EMU_FAULT_NOT_FOUND,
    EMU_FAULT_EXTERNAL_MODEL_ERROR,
    EMU_FAULT_REDIRECT_LOGIN,
    EMU_FAULT_GUARDRAIL_OUTPUT,
    EMU_FAULT_GUARDRAIL_PII,
    EMU_FAULT_GUARDRAIL_NAMED,
    EMU_FAULT_SCOPE_MISSING,
    EMU_FAULT_BUDGET_EXHAUSTED,
    EMU_FAULT_EXTRA_INPUTS,
    EMU_FAULT_MISSING_PARAMETER,
    EMU_FAULT_EXTERNAL_MODEL_DATABRICKS,
    EMU_FAULT_RATE_LIMIT_TOKENS,
    EMU_FAULT_RATE_LIMIT_GATEWAY,
    EMU_FAULT_RESOURCE_EXHAUSTED,
    EMU_FAULT_RETRY_INFO,
    EMU_FAULT_RETRY_DATE,
    EMU_FAULT_OPENAI_ERROR,
    EMU_FAULT_DETAIL_ERROR,
    EMU_FAULT_OLD_ERROR,
    EMU_FAULT_CODED_TEXT,
    EMU_FAULT_TITLE_502,
    EMU_FAULT_SCIM_ERROR,
    EMU_FAULT_NUMERIC_ERROR,
    EMU_FAULT_NUMERIC_TEXT,
    /* time */
    EMU_FAULT_STALL,
    EMU_FAULT_STALL_AFTER_HEAD,
    EMU_FAULT_STALL_MIDWAY,
    /* the stream ends wrongly */
    EMU_FAULT_CUT_MIDLINE,
    EMU_FAULT_CUT_NO_DONE,
    EMU_FAULT_NO_DONE,
    EMU_FAULT_ERROR_IN_STREAM,
    EMU_FAULT_ERROR_EVENT_MIDWAY,
    EMU_FAULT_TYPED_ERROR_MIDWAY,
    EMU_FAULT_TEXT_ERROR_MIDWAY,
    EMU_FAULT_OBJECT_ERROR_MIDWAY,
    EMU_FAULT_JSON_ALTHOUGH_STREAM,
    EMU_FAULT_EMPTY_200,
    /* the stream is unusual but right */
    EMU_FAULT_ROLE_NULL,
    EMU_FAULT_UTF8_SPLIT,
    EMU_FAULT_CRLF,
    EMU_FAULT_COMMENTS,
    EMU_FAULT_HUGE_LINE,
    EMU_FAULT_REFUSAL,
    EMU_FAULT_GUARDRAIL_MASK,
    EMU_FAULT_GZIP,
    EMU_FAULT_CACHED_TOKENS,
    EMU_FAULT_TRACE_EVENT,
    /* of chat models only */
    EMU_FAULT_USAGE_NULL,
    EMU_FAULT_END_TURN,
    EMU_FAULT_CITATIONS,
    EMU_FAULT_HIDDEN_REASONING,
    EMU_FAULT_TOOL_FRAGMENTS,
    EMU_FAULT_TOOL_ONLY,
    /* of agents only */
    EMU_FAULT_TOOL_LOGIN,
    EMU_FAULT_OBJECT_OUTPUT,
    EMU_FAULT_RESPONSE_FAILED,
    EMU_FAULT_RESPONSE_INCOMPLETE,
    EMU_FAULT_RESPONSE_FILTERED,
    /* of the token endpoint only */
    EMU_FAULT_EXPIRES_IN_STRING,
    EMU_FAULT_EXPIRES_IN_MISSING,
    EMU_FAULT_TTL,
    EMU_FAULT_TOKEN_ONLY,
    EMU_FAULT_OKTA_ERROR,
    /* of the sign-in page only */
    EMU_FAULT_ACCESS_DENIED,
    /* of what a listing says of an endpoint, and of the listing itself */
    EMU_FAULT_NOT_READY,
    EMU_FAULT_UPDATING,
    EMU_FAULT_UPDATE_FAILED,
    EMU_FAULT_SCALE_TO_ZERO,
    EMU_FAULT_NO_TASK,
    EMU_FAULT_PERSONAL,
    EMU_FAULT_EMPTY_LISTING,
    /* of traces only */
    EMU_FAULT_LATE_TRACE,
    /* of Genie only */
    EMU_FAULT_GENIE_STEP,
    EMU_FAULT_GENIE_NEVER_ENDS,
    EMU_FAULT_GENIE_UNKNOWN_STATUS,
    EMU_FAULT_GENIE_RETRIES_ITSELF,
    EMU_FAULT_GENIE_CANCELLED,
    EMU_FAULT_GENIE_FAILED,
    EMU_FAULT_GENIE_FAILED_RATE,
    EMU_FAULT_GENIE_FAILED_FILTER,
    EMU_FAULT_GENIE_FAILED_TIMEOUT,
    EMU_FAULT_GENIE_FAILED_CONTEXT,
    EMU_FAULT_GENIE_FAILED_TABLES,
    EMU_FAULT_GENIE_TEXT_ONLY,
    EMU_FAULT_GENIE_ASKS_BACK,
    EMU_FAULT_GENIE_SEVERAL,
    EMU_FAULT_GENIE_NO_ROWS,
    EMU_FAULT_GENIE_TRUNCATED,
    EMU_FAULT_GENIE_EXPIRED_RESULT,
    EMU_FAULT_GENIE_EXPIRED_FETCH,
    EMU_FAULT_GENIE_RUNNING_RESULT,
    EMU_FAULT_GENIE_FAILED_RESULT,
    EMU_FAULT_GENIE_RATE,
    EMU_FAULT_GENIE_RATE_LIMIT,
    EMU_FAULT_GENIE_SCOPE_MISSING,
    EMU_FAULT_GENIE_PERMISSION_DENIED,
    EMU_FAULT_GENIE_FORGETS,
    EMU_FAULT_GENIE_POLL_FAILS,
    EMU_FAULT_GENIE_TOOL_ERROR,
    EMU_FAULT_GENIE_RPC_ERROR,
    EMU_FAULT_GENIE_SSE,
    EMU_FAULT_GENIE_SSE_NOTIFIED,
    EMU_FAULT_GENIE_SESSION_REQUIRED,
    EMU_FAULT_GENIE_NEWER_CONTENT,
    EMU_FAULT_GENIE_PLAIN_CONTENT,
};

struct emu_fault_choice {
    enum emu_fault fault;
    int64_t arg; /* the number in the name, else 0 */
};

/* Where a fault makes sense. */
enum {
    EMU_ON_MODEL = 1,
    EMU_ON_TOKEN = 2,
    EMU_ON_AGENT = 4,     /* agent/v2/chat and agent/v1/responses */
    EMU_ON_RESPONSES = 8, /* agent/v1/responses */
    EMU_ON_API = 16,      /* any service but the token endpoint */
    EMU_ON_CHAT = 64,     /* llm/v1/chat and agent/v1/chat */
    EMU_ON_GENIE = 32,    /* questions to a Genie space */
    EMU_ON_SIGN_IN = 128,
    EMU_ON_LISTING = 256,
    EMU_ON_LAKEBASE = 512,
};

struct emu_fault_info {
    const char *pattern; /* "error-<n>" */
    const char *example; /* "error-429" */
    enum emu_fault fault;
    unsigned where;
    int64_t min, max; /* of the number */
    const char *about;
};

/* The i-th fault of the table, or NULL behind the end. */
const struct emu_fault_info *emu_fault_at(size_t i);

/* Reads a fault's name; false when there is none of that name there. */
bool emu_fault_parse(
    struct str name, unsigned where, struct emu_fault_choice *ret);

/*
 * An answer that is given instead of a reply. body, and the values of
 * Retry-After, Location and x-amzn-errortype, may be empty.
 */
struct emu_error_answer {
    int status;
    struct str content_type;
    struct str retry_after;
    struct str location;
    struct str error_type;
    struct str body;
};

/*
 * Whether the fault is one that answers with an error at once; then *ret is
 * filled. Its views are constant or point into scratch, which is cleared.
 */
bool emu_fault_answer(const struct emu_fault_choice *choice,
    struct buf *scratch, struct emu_error_answer *ret);

/*
 * {"error_code":code,"message":message}: the shape of nearly every error of
 * the workspace. A code of digits only is written as a number.
 */
void emu_write_error(struct buf *out, struct str code, struct str message);

/* The workspace's usual code for a status, such as "BAD_REQUEST". */
struct str emu_code_of_status(int status);

#endif
