#ifndef API_API_INT_H
#define API_API_INT_H

#include "base/json.h"
#include "base/json_writer.h"
#include "loop/loop.h"
#include "replies/replies.h"
#include "store/store.h"

#include "api/api.h"
#include "api/problem.h"
#include "api/schema.h"
#include "api/usage.h"

/* Flags of a route. */
enum {
    API_PUBLIC = 1, /* answered without identity */
    API_STREAM = 2, /* answers with server-sent events */
    API_BODY_OPTIONAL = 4,
    API_IDEMPOTENCY_KEY = 8, /* reads the header Idempotency-Key */
    API_LAST_EVENT_ID = 16,  /* reads the header Last-Event-ID */
    API_COUNTED = 32,        /* begins a reply, so limits apply */
};

enum { API_ROUTE_PROBLEMS = 6 };

/*
 * A row of the route table: what the router, the OpenAPI document and with it
 * the page's types are made of.
 */
struct api_route {
    const char *method;
    const char *pattern;
    http_handler_fn *handler;
    const char *summary;
    unsigned flags;
    const struct api_schema *body;  /* NULL: no body */
    const struct api_schema *query; /* NULL: no query parameters */
    const char *id;                 /* operationId */
    const char *tag;
    /*
     * What success looks like, each a status and a schema of openapi/schemas
     * (with its media type if that is not JSON): "200 Chat|204"; one of
     * several forms: "200 application/json Export, text/markdown Markdown".
     */
    const char *answer;
    /* What it refuses beyond what follows from the above; ends with 0. */
    enum problem problems[API_ROUTE_PROBLEMS];
};

extern const struct api_route api_route_table[];
extern const size_t api_route_count;

struct callers;

/* What callers.h says of a request; its identity is set where it is known. */
enum callers_verdict {
    CALLERS_KNOWN,
    CALLERS_NOBODY,  /* the token is not (any more) the workspace's */
    CALLERS_UNSURE,  /* the workspace did not say */
    CALLERS_PENDING, /* done will be called */
};

struct api_request;
typedef void callers_fn(struct api_request *r, enum callers_verdict verdict);

struct api {
    struct api_config config;
    struct loop *loop;
    struct http_route *routes; /* api_route_table as the server wants it */
    struct replies *replies;
    struct list turns;   /* that live, see turn.h */
    struct list streams; /* that are open, see stream.c */
    struct listening *listening;
    struct auth_cache *cache;
    struct loop_timer *purge;
    struct store_op *purge_op; /* under way, or NULL */
    struct feeds *feeds;
    size_t exports; /* under way */
    struct titles *titles;
    struct outbox *outbox; /* NULL: another loop's, or nothing is told */
    struct endpoint_probe *probe;
    struct callers *callers;
    struct store_op *write_op; /* for the hub's write under way, or NULL */
    int64_t write_began_us;
    struct store_op *doubtful_write; /* of which events were dropped, or NULL */
    size_t doubtful_at;
    char api_token_hash[CRYPTO_SHA256_HEX_SIZE]; /* "" without a token */
    bool tells_feedback;                         /* there is somebody to tell */
    bool draining;
};

/* What the layer knows of a request; lives in the request's arena. */
struct api_request {
    struct api *api;
    struct http_request *http;
    struct auth_identity identity;
    struct str credential_hash; /* of the cookie or token used */
    struct str user_token; /* the caller's own of the workspace, or empty */
    struct str new_secret; /* shown to the caller once */
    struct store_op *op;   /* under way for this request, or NULL */
    struct list in_line;   /* of those who wait in callers.c */
    callers_fn *in_line_done;
    struct usage_told told; /* what it counted against */
};

struct api_request *api_request(struct http_request *http);

/* ---- identify.c ---- */

bool api_before(
    struct http_request *http, const struct http_route *route, void *ctx);

/* Whether this peer's X-Forwarded-* headers are believed. */
bool api_peer_trusted(const struct api *api, const struct http_request *http);

/* ---- respond.c ---- */

enum { API_MAX_JSON = 80 * 1024 * 1024, API_MAX_ID = 64 };

/* 200 (or status) with the JSON in body, which is released. */
void api_respond_json(struct http_request *http, int status, struct buf *body);

/* A response without a body and with at most two further headers. */
void api_respond_empty(struct http_request *http, int status,
    const struct http_header *headers, size_t count);

/* 303 to a place; cookie is a Set-Cookie value or empty. */
void api_redirect(
    struct http_request *http, struct str location, struct str cookie);

/*
 * A store operation on behalf of the request: user_id is set, and when the
 * client goes away the result is dropped. done finds the request in
 * op->ctx (struct api_request).
 */
struct store_op *api_store_op(
    struct api_request *r, enum store_verb verb, store_done_fn *done);
void api_store_submit(struct api_request *r, struct store_op *op);

/*
 * First call in a done function: the request is free for another operation.
 * False: the operation failed, the problem has been sent and op was freed.
 */
bool api_store_done(struct api_request *r, struct store_op *op);

/* Answers a finished operation of api_store_op() with a problem; frees it. */
void api_store_refuse(struct store_op *op, enum problem problem,
    const char *detail, const struct problem_extra *extra);

/* A done function that has nothing to tell: 204. */
store_done_fn api_on_done_empty;

/* ---- wire.c ---- */

void api_put_message(struct json_writer *w, const struct store_message *m);
void api_put_chat(struct json_writer *w, const struct store_chat *chat);

/* The same inside an object that the caller has begun. */
void api_put_chat_members(struct json_writer *w, const struct store_chat *chat);
void api_put_error(struct json_writer *w, struct str code, struct str message);
void api_member_time(struct json_writer *w, const char *key, int64_t us);

/* "feedback": {rating, reasons, comment}, or null (feedback.c). */
void api_put_feedback(struct json_writer *w, enum store_rating rating,
    struct str reasons, struct str comment);

/* ---- stream.c ---- */

/* Answers with the events of a reply in memory behind `after`. */
void api_stream_reply(struct api *api, struct http_request *http,
    struct reply *reply, uint64_t after);

/* The same for any reply of the caller, from memory or from the store. */
void api_stream_message(
    struct api_request *r, struct str message_id, uint64_t after);

/* The server stops: whoever waits is to come again elsewhere. */
void api_dismiss_streams(struct api *api);

/* ---- turn.c: from a question to a stored answer ---- */

/* What the hub asks for (reply_log.c). */
struct replies_handlers reply_log_handlers(void);

/* Questions whose commit is under way. */
size_t api_turns_storing(const struct api *api);

/* Frees the turns that have no reply; the hub is gone already. */
void api_free_turns(struct api *api);

/* ---- models.c ---- */

/* Member "endpoints": the models that people may choose. */
void api_put_models(struct json_writer *w, struct api *api);

/* ---- message_id.c ---- */

/*
 * The id for a message that the caller sends: `given`, else one that its
 * Idempotency-Key always leads to, else a new one; lives as long as the
 * request. False: the key was refused and the request answered.
 */
bool api_message_id(struct api_request *r, struct str given, struct str *ret);

/* ---- queue.c ---- */

/* How a queued message is to be sent. */
struct api_queue_settings {
    struct str model; /* empty: none was asked for, or it is gone */
    bool include_history;
    bool history_said;
};

/* Reads the settings of a struct store_queued; text lives in the arena. */
void api_queue_settings(const struct api *api, struct str json,
    struct arena *arena, struct api_queue_settings *ret);

/* ---- feed.c: the change feed ---- */

struct feeds *feeds_new(struct api *api);

/* Tells all who listen to come back later, and ends their streams. */
void feeds_drain(struct feeds *feeds);

void feeds_free(struct feeds *feeds); /* no stream is left */

/* ---- usage.c ---- */

/* A message was counted: so many further ones are allowed now. */
void usage_note_rate(struct api_request *r, int64_t left);

/* The same where this process counts by itself. */
void usage_note_local_rate(struct api_request *r);

/* ---- handlers, one file a resource ---- */

void api_chat(struct http_request *http, void *ctx);
void api_regenerate(struct http_request *http, void *ctx);
void api_edit(struct http_request *http, void *ctx);
void api_continue(struct http_request *http, void *ctx);
void api_approve(struct http_request *http, void *ctx);
void api_list_variants(struct http_request *http, void *ctx);
void api_show_variant(struct http_request *http, void *ctx);
void api_search(struct http_request *http, void *ctx);
void api_stop(struct http_request *http, void *ctx);
void api_resume(struct http_request *http, void *ctx);
void api_rate(struct http_request *http, void *ctx);
void api_record_error(struct http_request *http, void *ctx);
void api_list_chats(struct http_request *http, void *ctx);
void api_get_chat(struct http_request *http, void *ctx);
void api_get_messages(struct http_request *http, void *ctx);
void api_update_chat(struct http_request *http, void *ctx);
void api_delete_chat(struct http_request *http, void *ctx);
void api_restore_chat(struct http_request *http, void *ctx);
void api_export_chat(struct http_request *http, void *ctx);
void api_export_all(struct http_request *http, void *ctx);
void api_empty_trash(struct http_request *http, void *ctx);
void api_list_queue(struct http_request *http, void *ctx);
void api_add_queued(struct http_request *http, void *ctx);
void api_update_queued(struct http_request *http, void *ctx);
void api_send_queued(struct http_request *http, void *ctx);
void api_remove_queued(struct http_request *http, void *ctx);
void api_list_drafts(struct http_request *http, void *ctx);
void api_put_draft(struct http_request *http, void *ctx);
void api_usage(struct http_request *http, void *ctx);
void api_events(struct http_request *http, void *ctx);
void api_login(struct http_request *http, void *ctx);
void api_logout(struct http_request *http, void *ctx);
void api_sign_in(struct http_request *http, void *ctx);
void api_list_tokens(struct http_request *http, void *ctx);
void api_create_token(struct http_request *http, void *ctx);
void api_delete_token(struct http_request *http, void *ctx);
void api_root(struct http_request *http, void *ctx);
void api_model(struct http_request *http, void *ctx);
void api_client_config(struct http_request *http, void *ctx);
void api_endpoints(struct http_request *http, void *ctx);
void api_health(struct http_request *http, void *ctx);
void api_ready(struct http_request *http, void *ctx);
void api_metrics(struct http_request *http, void *ctx);
void api_openapi(struct http_request *http, void *ctx);
void api_docs(struct http_request *http, void *ctx);
void api_page(struct http_request *http, void *ctx);

/* Whether people may choose this endpoint. */
bool api_model_allowed(const struct api *api, struct str name);

extern const struct api_schema api_chat_schema;
extern const struct api_schema api_regenerate_schema;
extern const struct api_schema api_edit_schema;
extern const struct api_schema api_continue_schema;
extern const struct api_schema api_approve_schema;
extern const struct api_schema api_error_schema;
extern const struct api_schema api_rate_schema;
extern const struct api_schema api_token_schema;
extern const struct api_schema api_chat_update_schema;
extern const struct api_schema api_queue_schema;
extern const struct api_schema api_queue_update_schema;
extern const struct api_schema api_draft_schema;

extern const struct api_schema api_sign_in_query;
extern const struct api_schema api_chats_query;
extern const struct api_schema api_export_query;
extern const struct api_schema api_chat_query;
extern const struct api_schema api_messages_query;
extern const struct api_schema api_delete_query;
extern const struct api_schema api_events_query;
extern const struct api_schema api_search_query;
extern const struct api_schema api_rate_query;
extern const struct api_schema api_resume_query;

#endif
