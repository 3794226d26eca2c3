#include "api/probe.h"
#include "api/turn.h"

/*
 * In whose name a model is asked: as the operator has chosen, with the token
 * that came with the request. The token goes into this one call; nothing of
 * it is kept, stored or logged.
 */

void turn_tell_as_service(struct turn *turn, struct str why)
{
    turn_put_notice(turn, "asked_as_service",
        arena_printf(turn->arena,
            "Asked with this application's own access, not yours. %.*s",
            STR_ARG(why)));
}

/*
 * Some endpoints work with what the person may see: there the person's token
 * is used whenever one is at hand.
 */
bool turn_choose_way(struct turn *turn, struct databricks_chat_request *request)
{
    enum api_user_auth way = turn->api->config.user_auth;
    struct endpoint_facts facts =
        endpoint_probe_facts(turn->api->probe, turn->model);
    bool wanted = facts.user_scopes[0] != '\0';
    bool none = secret_empty(&turn->user_token);
    if (way == API_AS_USER && none) {
        struct databricks_error error;
        databricks_error_make(DATABRICKS_USER_TOKEN_MISSING, STR(""), &error);
        turn_fail(turn, databricks_code_name(error.code), error.message);
        return false;
    }
    if (way != API_AS_SERVICE || wanted)
        request->user_token = secret_reveal(&turn->user_token);
    turn->in_own_name = request->user_token.n > 0;
    request->user_scopes = turn_str(turn, str_from_c(facts.user_scopes));
    request->user_then_service = way != API_AS_USER;
    if (none && way == API_AS_USER_THEN_SERVICE)
        turn_tell_as_service(
            turn, STR("Your sign-in brought no access token."));
    return true;
}
