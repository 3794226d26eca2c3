#ifndef DATABRICKS_CHAT_H
#define DATABRICKS_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "databricks/error.h"
#include "databricks/event.h"

/* One question to one serving endpoint and the answer, piece by piece. */
struct databricks_client;
struct databricks_chat;

enum databricks_role {
    DATABRICKS_ROLE_SYSTEM,
    DATABRICKS_ROLE_USER,
    DATABRICKS_ROLE_ASSISTANT,
};

struct databricks_message {
    enum databricks_role role;
    struct str content; /* UTF-8 */
};

/*
 * What a person answered to an approval that an agent of the Responses task
 * asked for: told behind the messages. The first four are the agent's words.
 */
struct databricks_approval {
    struct str id; /* empty: there is none */
    struct str name;
    struct str arguments;
    struct str server_label;
    bool approve;
};

/* How an endpoint wants to be asked; answers are told apart by their shape. */
enum databricks_task {
    DATABRICKS_TASK_CHAT,      /* llm/v1/chat, agent/v1/chat, others unknown */
    DATABRICKS_TASK_AGENT,     /* agent/v2/chat */
    DATABRICKS_TASK_RESPONSES, /* agent/v1/responses, agent/v2/responses */
};

/* How more or less thinking is asked for. */
enum databricks_thinking {
    DATABRICKS_THINKING_UNSAID,
    DATABRICKS_THINKING_BUDGET,   /* thinking: enabled with budget_tokens */
    DATABRICKS_THINKING_ADAPTIVE, /* thinking: adaptive, output_config.effort */
    DATABRICKS_THINKING_EFFORT, /* reasoning_effort; of Responses: reasoning */
};

/* What a serving endpoint's task asks for; empty or unknown: chat. */
enum databricks_task databricks_task_of(struct str task);

/*
 * All views are copied by start. Messages may be in any order: empty ones are
 * left out, neighbours of the same role are joined, an answer before the
 * first question is dropped, because endpoints refuse them.
 */
struct databricks_chat_request {
    struct str endpoint; /* name of the serving endpoint */
    enum databricks_task task;
    struct str conversation_id; /* told to agents; both may be empty */
    struct str user_id;
    const struct databricks_message *messages;
    size_t message_count;
    struct databricks_approval approval;
    struct str system_prompt; /* empty: none */
    int64_t max_tokens;       /* 0: the endpoint's own limit */
    bool has_temperature;
    double temperature;
    enum databricks_thinking thinking;
    int64_t thinking_budget; /* of BUDGET */
    const char *effort;      /* of ADAPTIVE and EFFORT: "low" and so on */
    bool stream;
    bool return_trace; /* only for endpoints that give one: others refuse it */
    struct str request_id; /* ours, for the log; may be empty */

    /*
     * The person's own access token, to ask in their name; empty: as this
     * application. It is wiped when the chat ends, and never renewed.
     */
    struct str user_token;
    /* The scopes that the endpoint demands, if known, divided by spaces. */
    struct str user_scopes;
    /* As this application where that token is refused or lacks a scope. */
    bool user_then_service;

    bool name_model; /* private: the endpoint is named in the body */
};

/*
 * on_event any number of times, then on_done exactly once and last: error is
 * NULL when the answer is whole. Text that came before an error stands.
 * Neither runs before start has returned. Inside on_event the chat may be
 * cancelled; inside on_done the handle is dead already.
 */
struct databricks_chat_handlers {
    databricks_event_fn *on_event;
    void (*on_done)(void *ctx, const struct databricks_error *error);
    /*
     * Before all events of a try: the head of its answer is there, whatever
     * its status. request_id is Databricks' own, may be empty. May be NULL;
     * the chat must not be cancelled inside.
     */
    void (*on_head)(void *ctx, int status, struct str request_id);
};

/*
 * RC_INVALID when the endpoint's name is none or no message is left; nothing
 * else fails here: everything later is told by on_done.
 */
[[nodiscard]] enum rc databricks_chat_start(struct databricks_client *client,
    const struct databricks_chat_request *request,
    const struct databricks_chat_handlers *handlers, void *ctx,
    struct databricks_chat **ret);

/*
 * Token counts as far as the endpoint has told them: for one who cancels. Not
 * to be called after on_done.
 */
struct databricks_usage databricks_chat_usage(
    const struct databricks_chat *chat);

/*
 * Closes the upstream within this call; no callback follows and the handle is
 * dead. Not to be called after on_done.
 */
void databricks_chat_cancel(struct databricks_chat *chat);

/*
 * While paused no event comes and the upstream is held back; at most what
 * one network read brought is kept. on_done waits too.
 */
void databricks_chat_pause(struct databricks_chat *chat, bool paused);

#endif
