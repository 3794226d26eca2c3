#ifndef API_API_H
#define API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/str.h"
#include "http_server/http_server.h"

/*
 * The HTTP interface of the product: routes, validation, wire encoding, and
 * the way of a message from a request through the store and the model to its
 * viewers. One struct api per worker loop; what loops share (store, limiter,
 * quota, link) is safe from any thread.
 */
/* In whose name models are asked, where a person's own token is at hand. */
enum api_user_auth {
    API_AS_SERVICE,           /* as this application */
    API_AS_USER,              /* as the person, or not at all */
    API_AS_USER_THEN_SERVICE, /* as the person where that is possible */
};

struct admission;
struct api;
struct circuits;
struct databricks_client;
struct quota;
struct rate_limiter;
struct store;

/* Views and pointers must outlive the api. */
struct api_config {
    struct loop *loop;
    struct store *store;
    struct databricks_client *databricks;
    struct rate_limiter *limiter;

    struct str version;
    bool demo;
    struct str model;         /* the default serving endpoint */
    const struct str *models; /* what people may choose, the default included */
    size_t model_count;
    bool discover; /* and every other that the workspace shows */
    const struct str *suggestions;
    size_t suggestion_count;
    bool auto_title;           /* a model names chats */
    struct str title_endpoint; /* that one; empty: the one that answered */
    struct str system_prompt;  /* empty: none */
    struct str genie_space;    /* id of the space; empty: no Genie */
    struct str genie_name;     /* what people call it */
    bool genie_mcp;            /* asked by its MCP server */
    int64_t max_tokens;        /* 0: not sent */

    int64_t trash_days;      /* a deleted chat is kept; 0: for ever */
    int64_t history_days;    /* any chat, since its last turn; the same */
    size_t history_messages; /* told to the model with a question */
    size_t history_bytes;
    int64_t context_tokens; /* of a request and the room for its answer */
    size_t max_message_bytes;
    size_t max_reply_bytes;
    size_t max_replies;      /* being generated at once on all loops */
    int64_t rate_per_minute; /* of a person's messages; 0: any */
    int64_t max_replies_per_user;
    int64_t tokens_per_day; /* of a person; 0: any */
    int64_t shared_rate;    /* a minute, by way of the store; 0: limiter only */
    struct quota *quota;    /* counts them, for each person and in all */
    struct circuits *circuits;   /* which endpoints rest */
    struct admission *admission; /* who may ask an endpoint now */
    int64_t queue_wait_ms;       /* longest wait for that */
    bool keeps_house;            /* this loop purges what is old */
    bool tells_feedback; /* ratings of replies with a trace go to MLflow */

    bool proxy_identity; /* X-Forwarded-* of every peer is believed */
    enum api_user_auth user_auth;
    const struct str *trusted_proxies; /* peers believed besides */
    size_t trusted_proxy_count;
    struct auth_cache *cache; /* of credentials, of all loops */
    /*
     * Of access tokens of the workspace, known and refused; NULL: callers do
     * not prove who they are with these.
     */
    struct auth_cache *workspace_callers;
    struct auth_cache *refused_callers;
    struct auth_link *link;          /* one-time link; NULL: no local sign-in */
    struct auth_identity local_user; /* who signs in by the link */
    struct str api_token;            /* bearer token of local_user, or empty */
    int64_t session_ms;              /* life of a browser session */
    bool secure_cookie;              /* served over https */
    struct str logout_url; /* where a proxy-signed person goes; or empty */
    void (*on_link_used)(void *ctx); /* the link is spent; may be NULL */
    void *ctx;
};

struct api *api_new(const struct api_config *config);

/* Ends what is left; connections must be closed before. NULL is a no-op. */
void api_free(struct api *api);

/* Fills in routes, before, on_error, fallback and ctx. */
void api_attach(struct api *api, struct http_server_config *config);

/* Writes the HTTP interface as an OpenAPI document. */
void api_describe(
    struct buf *out, struct str version, size_t max_message_bytes);

/* From now on no new reply is started: 503 shutting_down. */
void api_drain(struct api *api);

/* Ends every live reply as interrupted. */
void api_interrupt(struct api *api);

/* Tells those who follow something to come again soon, and lets them go. */
void api_dismiss(struct api *api);

/* Replies whose final state is not stored yet. */
size_t api_unfinished(const struct api *api);

#endif
