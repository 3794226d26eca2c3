#include "api/turn.h"

/*
 * In whose name a model is asked: as the operator has chosen, with the token
 * that came with the request. The token goes into this one call; nothing of
 * it is kept, stored or logged.
 */

bool turn_choose_way(struct turn *turn, struct databricks_chat_request *request)
{
    enum api_user_auth way = turn->api->config.user_auth;
    if (way == API_AS_USER && secret_empty(&turn->user_token)) {
        struct databricks_error error;
        databricks_error_make(DATABRICKS_USER_TOKEN_MISSING, STR(""), &error);
        turn_fail(turn, databricks_code_name(error.code), error.message);
        return false;
    }
    if (way != API_AS_SERVICE)
        request->user_token = secret_reveal(&turn->user_token);
    request->user_then_service = way == API_AS_USER_THEN_SERVICE;
    return true;
}
