#ifndef API_PROBE_H
#define API_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "databricks/chat.h"
#include "databricks/endpoint_name.h"
#include "databricks/endpoints.h"
#include "databricks/model_refusal.h"
#include "databricks/model_traits.h"

/*
 * What is known of the endpoints that people may choose: what the workspace
 * says of them, and what they refused. Nothing here is ever waited for: it is
 * looked up beside the chats, and what is not known is taken as usual.
 */
struct api;
struct endpoint_probe;

enum endpoint_state {
    ENDPOINT_UNKNOWN, /* not looked up yet */
    ENDPOINT_READY,
    ENDPOINT_STARTING, /* there, but not ready */
    ENDPOINT_GONE,
    ENDPOINT_UNREACHABLE, /* the look-up failed */
};

enum { ENDPOINT_DISPLAY_SIZE = 96, ENDPOINT_TASK_SIZE = 48 };

struct endpoint_facts {
    char name[ENDPOINT_NAME_SIZE];
    char display[ENDPOINT_DISPLAY_SIZE]; /* may be empty */
    char task_name[ENDPOINT_TASK_SIZE];  /* the workspace's; may be empty */
    enum endpoint_state state;
    enum databricks_task task; /* as told, or as it was learned */
    bool traces;               /* may be asked for its trace */
    /* Wants a person's token with these scopes; empty: it does not matter. */
    char user_scopes[DATABRICKS_SCOPES_SIZE];
    bool offered;        /* people may choose it */
    unsigned refused;    /* fields of enum model_field */
    int64_t most_tokens; /* cap of max_tokens that was learned; or 0 */
};

/* The look-ups begin at once, so that a chat usually finds them done. */
struct endpoint_probe *endpoint_probe_new(struct api *api);
void endpoint_probe_free(struct endpoint_probe *probe);

/*
 * Of the default endpoint: "ready", "not_ready", "not_found", "unreachable" or
 * "unknown"; asks anew when old.
 */
const char *endpoint_probe_state(struct endpoint_probe *probe);

/*
 * What is known of an endpoint now, usual values if it is none that is known;
 * asks anew when old.
 */
struct endpoint_facts endpoint_probe_facts(
    struct endpoint_probe *probe, struct str name);

/* The i-th that people may choose, the default first; NULL behind the end. */
const struct endpoint_facts *endpoint_probe_at(
    struct endpoint_probe *probe, size_t i);

/* Whether people may choose it. */
bool endpoint_probe_offers(const struct endpoint_probe *probe, struct str name);

/* An endpoint refused something: it is not sent again for a while. */
void endpoint_probe_learn(struct endpoint_probe *probe, struct str name,
    const struct model_refusal *refusal);

/* What the endpoint takes beside messages, less what it has refused. */
struct model_traits endpoint_traits(const struct endpoint_facts *facts);

#endif
