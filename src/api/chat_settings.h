#ifndef API_CHAT_SETTINGS_H
#define API_CHAT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

/*
 * What a person set for one chat: sessions.settings, a JSON object of which
 * every member may be missing. Nothing set is the server's own way.
 */
struct api;

enum chat_thinking {
    CHAT_THINKING_UNSET, /* the model's own way */
    CHAT_THINKING_OFF,
    CHAT_THINKING_LOW,
    CHAT_THINKING_MEDIUM,
    CHAT_THINKING_HIGH,
};

enum chat_route { CHAT_ROUTE_AUTO, CHAT_ROUTE_GENIE, CHAT_ROUTE_MODEL };

enum {
    CHAT_MAX_PROMPT = 16 * 1024,
    CHAT_MAX_TOKENS = 1000000,
    CHAT_MAX_HISTORY = 1000,
    CHAT_HISTORY_ALL = 0,
    CHAT_HISTORY_USUAL = -1, /* as many as HISTORY_MESSAGES says */
};

struct chat_settings {
    struct str model;         /* empty: the server's default */
    struct str system_prompt; /* beside the server's own; may be empty */
    bool has_temperature;
    double temperature;
    int64_t max_tokens; /* 0: as the server has it */
    enum chat_thinking thinking;
    bool include_history;
    int64_t history_messages;
    enum chat_route route;
};

/*
 * Reads stored JSON; what is absent, unknown or of another type is as if it
 * were not set. Text is copied into the arena.
 */
void chat_settings_read(
    struct str json, struct arena *arena, struct chat_settings *ret);

/*
 * Checks a change of settings (an object; null takes a member away) that a
 * person sends. NULL when it may be stored, else a sentence for them, in the
 * arena; *ret_field names the member, "settings.temperature".
 */
const char *chat_settings_fault(const struct api *api, const struct jv *change,
    struct arena *arena, const char **ret_field);

/*
 * The member "settings" of a checked body, as JSON in the request's arena;
 * absent when there is none. False: it was refused and the request answered.
 */
struct api_request;
bool api_read_settings(
    struct api_request *r, const struct jv *body, struct str *ret);

#define API_SETTINGS_HELP                                                      \
    "How the chat is set: model, system_prompt, temperature, max_tokens, "     \
    "thinking, include_history, history_messages, route; see docs/api.md."

#endif
