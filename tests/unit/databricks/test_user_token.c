#include <string.h>

#include "databricks/user_token.h"

#include "tap.h"

/* {"alg":"none"} */
#define HEAD "eyJhbGciOiJub25lIn0."

static void check_scopes(struct str token, struct str want)
{
    struct buf out;
    buf_init(&out, 4096);
    CHECK_INT(user_token_scopes(token, &out), want.n > 0);
    CHECK_STR(buf_str(&out), want);
    buf_release(&out);
}

TEST(scopes_that_a_token_names)
{
    /* {"scope":"sql genie"} */
    check_scopes(STR(HEAD "eyJzY29wZSI6InNxbCBnZW5pZSJ9.x"), STR("sql genie"));
    /* {"scp":["sql","genie"]} */
    check_scopes(
        STR(HEAD "eyJzY3AiOlsic3FsIiwiZ2VuaWUiXX0.x"), STR("sql genie"));
    /* {"scp":"sql"} */
    check_scopes(STR(HEAD "eyJzY3AiOiJzcWwifQ.x"), STR("sql"));
    check_scopes(STR(HEAD "e30.x"), STR(""));
    check_scopes(STR(HEAD "not-base64!.x"), STR(""));
    check_scopes(STR(HEAD "bm8ganNvbg.x"), STR(""));
    check_scopes(STR("dapi0123"), STR(""));
    check_scopes(STR(""), STR(""));
    check_scopes(STR(".."), STR(""));
}

/* A refusal as the workspace gives it to this token. */
static struct databricks_error refusal(
    struct str token, struct str wanted, int status, struct str body)
{
    struct databricks_answer answer = {.status = status, .body = body};
    struct databricks_error e;
    databricks_error_from_answer(&answer, &e);
    user_token_explain(token, wanted, &e);
    return e;
}

#define DENIED STR("{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"No.\"}")
#define SQL_GENIE STR(HEAD "eyJzY29wZSI6InNxbCBnZW5pZSJ9.x")

TEST(what_a_refusal_means_for_a_person)
{
    struct databricks_error e =
        refusal(STR("t"), STR(""), 401, STR("{\"message\":\"no\"}"));
    CHECK_INT(e.code, DATABRICKS_USER_TOKEN_REFUSED);
    CHECK_INT(e.resend, DATABRICKS_RESEND_NEVER);
    CHECK(user_token_refusal(&e));

    e = refusal(SQL_GENIE, STR(""), 403, DENIED);
    CHECK_INT(e.code, DATABRICKS_MISSING_SCOPE);
    CHECK_STR(str_from_c(e.scopes), STR("model-serving"));
    CHECK(strstr(e.message, "scope model-serving") != NULL);

    e = refusal(SQL_GENIE, STR("dashboards.genie files.files"), 403, DENIED);
    CHECK_STR(str_from_c(e.scopes), STR("files.files"));

    e = refusal(SQL_GENIE, STR("sql"), 403, DENIED);
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_FORBIDDEN);
    CHECK(strncmp(e.message, "You may not", 11) == 0);
    CHECK(!user_token_refusal(&e));
}

TEST(an_address_that_is_blocked_is_no_matter_of_scopes)
{
    struct databricks_error e = refusal(SQL_GENIE, STR(""), 403,
        STR("{\"error_code\":403,\"message\":\"Source IP address: 10.0.0.1 is "
            "blocked by Databricks IP ACL for workspace: 1\"}"));
    CHECK_INT(e.code, DATABRICKS_UPSTREAM_FORBIDDEN);
    CHECK(strstr(e.message, "network address") != NULL);
    CHECK_INT(e.resend, DATABRICKS_RESEND_NEVER);
}
