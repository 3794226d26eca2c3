#ifndef EMULATOR_EMULATOR_INT_H
#define EMULATOR_EMULATOR_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/str.h"
#include "loop/loop.h"
#include "http_server/http_server.h"

#include "emulator/catalog.h"
#include "emulator/coding.h"
#include "emulator/emulator.h"
#include "emulator/fault.h"
#include "emulator/tokens.h"
#include "emulator/validate.h"

/* Shared inside the folder only. */

enum { EMU_MAX_ENDPOINTS = 1000 };

#define EMU_WORKSPACE_ID "6051921418418893"

/* Whose the personal access token is. */
#define EMU_OWNER "demo.user@example.com"

/* What the control endpoint asked for, for the next `times` calls. */
struct emu_override {
    int64_t times;
    bool has_fault;
    struct emu_fault_choice fault;
    double tokens_per_second; /* 0: as it is */
    int64_t first_token_ms;   /* below 0: as it is */
};

/* How one call behaves. */
struct emu_behaviour {
    struct emu_fault_choice fault;
    double tokens_per_second;
    int64_t first_token_ms;
};

/* What is no serving endpoint but can be told to behave all the same. */
enum emu_service {
    EMU_OAUTH,    /* the token endpoint */
    EMU_SIGN_IN,  /* the page where people agree */
    EMU_METADATA, /* documents under .well-known */
    EMU_SCIM,     /* who is calling */
    EMU_LISTING,  /* which endpoints there are */
    EMU_LAKEBASE, /* database credentials */
    EMU_MLFLOW,   /* traces and assessments */
    EMU_GENIE,    /* questions to Genie */
    EMU_SERVICES
};

/* An endpoint that was asked for or is always listed. */
struct emu_endpoint {
    char *name;
    const struct emu_model *model; /* NULL: a service */
    unsigned faults;               /* EMU_ON_... of what it can have */
    struct emu_fault_choice fault; /* of its name */
    struct emu_override override;
    int64_t failures;       /* in a row, for "fail-<n>-then-ok" */
    uint64_t refused_token; /* hash of it, for "expired-token-once" */

    uint64_t calls;
    uint64_t live;
    uint64_t finished;
    uint64_t refused; /* answered with an error */
    uint64_t closed_by_client;
    int64_t last_closed_us; /* wall clock */
    struct buf last_fields; /* JSON array of the last request's fields */
    uint64_t last_messages;
    bool last_stream;
};

struct emulator {
    struct loop *loop;
    struct http_server *server;
    int port;
    struct buf url;
    uint64_t seed;
    double tokens_per_second;
    int64_t first_token_ms;
    struct secret token;
    struct secret client_id;
    struct secret client_secret;
    struct emu_tokens *tokens; /* of tokens.c */
    struct map *endpoints;     /* struct emu_endpoint by name */
    struct emu_endpoint *services[EMU_SERVICES];
    struct map *traces;      /* of mlflow.c */
    struct emu_genie *genie; /* of genie.c */
    struct emu_override all; /* for endpoints without an own one */
    struct list calls;       /* struct emu_call */
    uint64_t call_count;
    uint64_t minted;
    uint64_t unauthorised;
};

/* ---- endpoint.c ---- */

/* Always-listed endpoints and the token endpoint. */
void emu_endpoints_init(struct emulator *e);
void emu_endpoints_free(struct emulator *e);

/* By name; made when the name asks for a fault. NULL: there is none. */
struct emu_endpoint *emu_endpoint_get(struct emulator *e, struct str name);

/* An endpoint or a service that has this name, or NULL. */
struct emu_endpoint *emu_endpoint_named(struct emulator *e, struct str name);

/*
 * How the next call behaves that comes with a fault of its own; uses up one
 * of an override's times, which goes before.
 */
struct emu_behaviour emu_endpoint_behaviour(struct emulator *e,
    struct emu_endpoint *endpoint, const struct emu_fault_choice *fault);

/* Notes the request's shape, never its text. */
void emu_endpoint_note(struct emu_endpoint *endpoint, const struct jv *document,
    const struct emu_chat *chat);

/* ---- order.c ---- */

/*
 * Whether the fault is one that is answered instead of what was asked for
 * (or not at all); then it was, and is counted as refused.
 */
bool emu_answered_with_fault(struct emulator *e, struct emu_endpoint *endpoint,
    struct http_request *r, const struct emu_fault_choice *fault);

/*
 * The same for a call to a service, which is counted; *ret is how it behaves
 * otherwise.
 */
bool emu_service_fails(struct emulator *e, enum emu_service which,
    struct http_request *r, struct emu_behaviour *ret);

/* ---- answer.c: all of these respond ---- */

void emu_answer(struct http_request *r, int status, struct str type,
    struct str body, const struct http_header *extra, size_t extra_count);
void emu_answer_json(struct http_request *r, struct str body);
void emu_refuse(
    struct http_request *r, int status, struct str code, struct str message);
void emu_answer_error(
    struct http_request *r, const struct emu_error_answer *answer);

/* The same in a coding, whether the caller asked for one or not. */
void emu_answer_coded(
    struct http_request *r, struct str body, enum emu_coding coding);

/* The coding that the caller asks for. */
enum emu_coding emu_coding_of(const struct http_request *r);

/* Head of a streamed answer; the headers live in the request's arena. */
struct http_response emu_stream_head(
    struct http_request *r, struct str type, enum emu_coding coding);

/* ---- caller.c ---- */

/* Who sent a token that is accepted. */
struct emu_caller {
    bool service;      /* the service principal */
    struct str person; /* on behalf of whom; "": the owner of the PAT */
    struct str scopes; /* divided by separator */
    char separator;
};

/* False: the token is unknown, expired or taken back. */
bool emu_caller(const struct emulator *e, const struct http_request *r,
    struct emu_caller *ret);

/* The caller's e-mail, or the service principal's client id. */
struct str emu_caller_name(
    const struct emulator *e, const struct http_request *r);

/* Whether the caller may; else it has been told. */
bool emu_authorise(struct emulator *e, struct http_request *r);

/* The bearer token of the request, or "". */
struct str emu_bearer(const struct http_request *r);

/* ---- mlflow.c ---- */

void emu_mlflow_init(struct emulator *e);
void emu_mlflow_free(struct emulator *e);

/* There is a trace of the reply, once `late` calls have not found it. */
void emu_mlflow_add_trace(struct emulator *e, const char *reply_id, int late);

/* ---- genie.c ---- */

#define EMU_GENIE_SPACE "01f0a1b2c3d4e5f60718293a4b5c6d7e"

void emu_genie_init(struct emulator *e);
void emu_genie_free(struct emulator *e);

/* ---- call.c ---- */

void emu_calls_free(struct emulator *e);

/* ---- handlers, by file ---- */

enum { EMU_ROUTE_OPEN = 1 }; /* needs no credential */

http_handler_fn emu_handle_config;              /* workspace.c */
http_handler_fn emu_handle_oidc;                /* workspace.c */
http_handler_fn emu_handle_me;                  /* workspace.c */
http_handler_fn emu_handle_list;                /* listing.c */
http_handler_fn emu_handle_models;              /* listing.c */
http_handler_fn emu_handle_get;                 /* listing.c */
http_handler_fn emu_handle_token;               /* oauth.c */
http_handler_fn emu_handle_keys;                /* oauth.c */
http_handler_fn emu_handle_authorize;           /* authorize.c */
http_handler_fn emu_handle_revoke;              /* caller.c */
http_handler_fn emu_handle_instance;            /* lakebase.c */
http_handler_fn emu_handle_branch;              /* lakebase.c */
http_handler_fn emu_handle_credentials;         /* lakebase.c */
http_handler_fn emu_handle_autoscaling;         /* lakebase.c */
http_handler_fn emu_handle_invocation;          /* call.c */
http_handler_fn emu_handle_completion;          /* call.c */
http_handler_fn emu_handle_gateway;             /* call.c */
http_handler_fn emu_handle_trace;               /* mlflow.c */
http_handler_fn emu_handle_assess;              /* mlflow.c */
http_handler_fn emu_handle_assessment;          /* mlflow.c */
http_handler_fn emu_handle_assessments;         /* mlflow.c */
http_handler_fn emu_handle_genie_spaces;        /* genie_rest.c */
http_handler_fn emu_handle_genie_space;         /* genie_rest.c */
http_handler_fn emu_handle_genie_start;         /* genie_rest.c */
http_handler_fn emu_handle_genie_ask;           /* genie_rest.c */
http_handler_fn emu_handle_genie_message;       /* genie_rest.c */
http_handler_fn emu_handle_genie_messages;      /* genie_rest.c */
http_handler_fn emu_handle_genie_conversations; /* genie_rest.c */
http_handler_fn emu_handle_genie_forget;        /* genie_rest.c */
http_handler_fn emu_handle_genie_feedback;      /* genie_rest.c */
http_handler_fn emu_handle_genie_result;        /* genie_rest.c */
http_handler_fn emu_handle_genie_execute;       /* genie_rest.c */
http_handler_fn emu_handle_genie_mcp;           /* genie_mcp.c */
http_handler_fn emu_handle_control;             /* control.c */
http_handler_fn emu_handle_stats;               /* control.c */

#endif
