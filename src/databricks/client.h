#ifndef DATABRICKS_CLIENT_H
#define DATABRICKS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/retry.h"

/*
 * One workspace as seen from one loop: address, credentials, deadlines. Chat
 * requests and endpoint look-ups are started on it. Any other server that
 * speaks as OpenAI's does can stand in for it.
 */
struct loop;
struct http_client;
struct databricks_client;

struct databricks_config {
    /* Normalised, see databricks/host.h; empty: base is no workspace's. */
    struct str host;
    /*
     * Base path of the OpenAI-compatible interface to ask; empty: endpoints
     * are asked at the workspace's own paths.
     */
    struct str base;
    struct str token; /* personal access token, or empty with the next two */
    struct str client_id;
    struct str client_secret;

    int64_t connect_timeout_ms;    /* 10 s */
    int64_t first_byte_timeout_ms; /* 300 s: agents think for minutes */
    int64_t idle_timeout_ms;       /* 120 s between two pieces */
    int64_t total_timeout_ms;      /* 600 s */
    int64_t lookup_timeout_ms;     /* 15 s for tokens and endpoints */
    size_t max_line;               /* one event of a stream, 8 MiB */
    size_t max_answer;             /* whole answer in bytes, 64 MiB */
    struct retry_policy retry;
    uint64_t (*random)(void); /* jitter; never NULL */
};

/* Fills in every default; host and credentials stay empty. */
void databricks_config_init(struct databricks_config *config);

/*
 * Views are copied; loop and http must outlive the client. RC_INVALID without
 * any address, or without credentials for a workspace; another server may
 * want none.
 */
[[nodiscard]] enum rc databricks_client_new(struct loop *loop,
    struct http_client *http, const struct databricks_config *config,
    struct databricks_client **ret);

/*
 * All chats and look-ups must have ended or been cancelled before. NULL is a
 * no-op.
 */
void databricks_client_free(struct databricks_client *client);

/* Whether something that is no workspace is asked: nobody signs in there. */
bool databricks_client_plain(const struct databricks_client *client);

/* Whether a name may be one of the models or endpoints that are asked. */
bool databricks_client_takes(
    const struct databricks_client *client, struct str model);

#endif
