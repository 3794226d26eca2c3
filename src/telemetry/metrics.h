#ifndef TELEMETRY_METRICS_H
#define TELEMETRY_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Process-wide counters and gauges in the Prometheus text format. The list
 * below is the whole registry: name, type, help. Names get the prefix
 * "chatbot_". Adding is lock-free and safe from any thread.
 */
#define METRICS_TABLE(X)                                                       \
    X(HTTP_REQUESTS, "http_requests_total", "counter",                         \
        "Requests answered, by any status.")                                   \
    X(HTTP_ERRORS_4XX, "http_client_errors_total", "counter",                  \
        "Requests answered with a 4xx status.")                                \
    X(HTTP_ERRORS_5XX, "http_server_errors_total", "counter",                  \
        "Requests answered with a 5xx status.")                                \
    X(HTTP_CONNECTIONS, "http_connections", "gauge",                           \
        "Open client connections.")                                            \
    X(HTTP_CONNECTIONS_REFUSED, "http_connections_refused_total", "counter",   \
        "Connections closed because the limit was reached.")                   \
    X(HTTP_BAD_REQUESTS, "http_malformed_requests_total", "counter",           \
        "Connections closed because what arrived was not valid HTTP.")         \
    X(HTTP_TIMEOUTS, "http_request_timeouts_total", "counter",                 \
        "Requests cut because a deadline passed.")                             \
    X(HTTP_TOO_LARGE, "http_too_large_total", "counter",                       \
        "Requests refused because a bound on their size was hit.")             \
    X(HTTP_SLOW_READERS, "http_slow_readers_total", "counter",                 \
        "Connections closed because the peer took nothing in time.")           \
    X(HTTP_RECYCLED, "http_connections_recycled_total", "counter",             \
        "Connections closed after their maximum of requests.")                 \
    X(REPLIES_STARTED, "replies_started_total", "counter",                     \
        "Replies the model was asked for.")                                    \
    X(REPLIES_LIVE, "replies_live", "gauge", "Replies being generated now.")   \
    X(REPLIES_COMPLETE, "replies_complete_total", "counter",                   \
        "Replies that ended complete.")                                        \
    X(REPLIES_STOPPED, "replies_stopped_total", "counter",                     \
        "Replies that a person stopped.")                                      \
    X(REPLIES_FAILED, "replies_failed_total", "counter",                       \
        "Replies that ended with an error.")                                   \
    X(REPLIES_INTERRUPTED, "replies_interrupted_total", "counter",             \
        "Replies cut by a restart or a lost upstream.")                        \
    X(REPLIES_LIMIT, "replies_limit_total", "counter",                         \
        "Replies cut because a bound on their size was hit.")                  \
    X(VIEWERS, "viewers", "gauge", "Streams that follow a reply now.")         \
    X(REPLY_EVENTS, "reply_events_total", "counter",                           \
        "Events appended to replies.")                                         \
    X(UPSTREAM_REQUESTS, "upstream_requests_total", "counter",                 \
        "Requests sent to the workspace.")                                     \
    X(UPSTREAM_FAILURES, "upstream_failures_total", "counter",                 \
        "Requests to the workspace that failed.")                              \
    X(UPSTREAM_RETRIES, "upstream_retries_total", "counter",                   \
        "Requests to the workspace sent again.")                               \
    X(UPSTREAM_BUSY, "upstream_busy_total", "counter",                         \
        "Requests not sent because too many were under way.")                  \
    X(UPSTREAM_CUT, "upstream_cut_total", "counter",                           \
        "Answers cut because of a deadline or a bound on their size.")         \
    X(TOKEN_REFRESHES, "token_refreshes_total", "counter",                     \
        "OAuth tokens minted.")                                                \
    X(STORE_COMMITS, "store_commits_total", "counter",                         \
        "Transactions committed by the writer.")                               \
    X(STORE_OPERATIONS, "store_operations_total", "counter",                   \
        "Operations the store finished.")                                      \
    X(STORE_FAILURES, "store_failures_total", "counter",                       \
        "Operations the store could not finish.")                              \
    X(STORE_QUEUE, "store_queue", "gauge",                                     \
        "Operations waiting for the store.")                                   \
    X(STORE_REFUSED, "store_refused_total", "counter",                         \
        "Operations refused because the store's queue was full.")              \
    X(FEEDBACK_WAITING, "feedback_waiting", "gauge",                           \
        "Ratings that are not in MLflow yet.")                                 \
    X(FEEDBACK_TOLD, "feedback_told_total", "counter",                         \
        "Ratings brought to MLflow, changes and withdrawals too.")             \
    X(FEEDBACK_RETRIES, "feedback_retries_total", "counter",                   \
        "Tries to bring a rating to MLflow that failed, to be repeated.")      \
    X(FEEDBACK_GIVEN_UP, "feedback_given_up_total", "counter",                 \
        "Ratings that could not be brought to MLflow for good.")               \
    X(RATE_LIMITED, "rate_limited_total", "counter",                           \
        "Requests refused by a rate limit of ours.")                           \
    X(QUOTA_EXHAUSTED, "quota_exhausted_total", "counter",                     \
        "Requests refused because a person's tokens of the day were used up.") \
    X(ENDPOINT_QUEUE, "endpoint_queue", "gauge",                               \
        "Replies that wait until their endpoint has room.")                    \
    X(ENDPOINT_QUEUED, "endpoint_queued_total", "counter",                     \
        "Replies that had to wait until their endpoint had room.")             \
    X(ENDPOINT_QUEUE_FULL, "endpoint_queue_full_total", "counter",             \
        "Replies refused because too many waited for their endpoint.")         \
    X(BREAKER_OPENED, "endpoint_rests_total", "counter",                       \
        "Times that an endpoint was left alone because it kept failing.")      \
    X(BREAKER_REFUSED, "endpoint_rest_refused_total", "counter",               \
        "Replies refused because their endpoint was left alone.")              \
    X(TITLES, "titles_total", "counter", "Chats that a model has named.")      \
    X(TITLES_FAILED, "titles_failed_total", "counter",                         \
        "Chats that a model was asked to name, and did not.")                  \
    X(TITLES_SKIPPED, "titles_skipped_total", "counter",                       \
        "Chats without a name for which no model could be asked.")             \
    X(SIGN_INS, "sign_ins_total", "counter", "Sessions signed in.")            \
    X(SIGN_IN_FAILURES, "sign_in_failures_total", "counter",                   \
        "Sign-in attempts refused.")

#define METRICS_ENUM(id, name, type, help) METRIC_##id,
enum metric { METRICS_TABLE(METRICS_ENUM) METRIC_COUNT };
#undef METRICS_ENUM

/* How long things take: histograms in seconds. */
#define METRICS_TIMES_TABLE(X)                                                 \
    X(FIRST_TOKEN, "first_token_seconds",                                      \
        "From the request for a reply to the first of its text.")              \
    X(ENDPOINT_WAIT, "endpoint_wait_seconds",                                  \
        "What replies waited until their endpoint had room.")                  \
    X(EVENT_LOG, "event_log_seconds",                                          \
        "From an event of a reply to its being stored, so that it may be "     \
        "shown.")                                                              \
    X(STORE_COMMIT, "store_commit_seconds",                                    \
        "Batches of the store's writer, from their begin to their commit.")

#define METRICS_TIMES_ENUM(id, name, help) METRIC_TIME_##id,
enum metric_time { METRICS_TIMES_TABLE(METRICS_TIMES_ENUM) METRIC_TIME_COUNT };
#undef METRICS_TIMES_ENUM

/* Counters with a label, whose values are words of our own making. */
#define METRICS_CODES_TABLE(X)                                                 \
    X(REFUSALS, "refusals_total",                                              \
        "Requests that were refused, by the code of the problem.")             \
    X(REPLY_ERRORS, "reply_errors_total",                                      \
        "Replies that failed or were cut, by the code of the error.")

#define METRICS_CODES_ENUM(id, name, help) METRIC_CODE_##id,
enum metric_code { METRICS_CODES_TABLE(METRICS_CODES_ENUM) METRIC_CODE_COUNT };
#undef METRICS_CODES_ENUM

/* Adds n (below 0 only for gauges). */
void metrics_add(enum metric metric, int64_t n);

/* Current value. */
int64_t metrics_get(enum metric metric);

/* For measuring only: microseconds of a clock that never goes back. */
int64_t metrics_now_us(void);

/* Something has taken so long; below 0 counts as 0. */
void metrics_took(enum metric_time what, int64_t us);

/*
 * Counts by a code: letters, digits and '_'. At most 64 different ones are
 * told apart; what goes beyond, or is no code, counts as "other".
 */
void metrics_count_code(enum metric_code what, struct str code);

/* Appends the whole registry in Prometheus text format 0.0.4. */
enum rc metrics_render(struct buf *out);

#endif
