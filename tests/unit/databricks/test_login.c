#include "databricks/login.h"

#include "tap.h"

#define SENTENCE(connection, url)                                              \
    STR("Error: Credential for user identity('a@b.c') is not found for the "   \
        "connection '" connection                                              \
        "'. Please login first to the connection by visiting " url)

TEST(a_sign_in_is_found_in_any_case)
{
    struct databricks_login login;
    CHECK(databricks_login_find(
        SENTENCE("crm", "https://x.example/c/crm?o=1 and more"), &login));
    CHECK_STR(login.connection, STR("crm"));
    CHECK_STR(login.url, STR("https://x.example/c/crm?o=1"));
    CHECK(databricks_login_find(
        STR("CREDENTIAL FOR USER IDENTITY('a') IS NOT FOUND FOR THE CONNECTION "
            "'B'. LOGIN BY VISITING https://x.example/B."),
        &login));
    CHECK_STR(login.url, STR("https://x.example/B"));
}

TEST(an_address_ends_where_markup_begins)
{
    struct databricks_login login;
    CHECK(databricks_login_find(
        SENTENCE("a", "https://x.example/a\\n\"}"), &login));
    CHECK_STR(login.url, STR("https://x.example/a"));
    CHECK(databricks_login_find(
        SENTENCE("a", "https://x.example/<script>"), &login));
    CHECK_STR(login.url, STR("https://x.example/"));
}

TEST(what_is_no_sign_in_or_not_safe_is_none)
{
    struct databricks_login login;
    CHECK(!databricks_login_find(STR(""), &login));
    CHECK(!databricks_login_find(STR("credential for user identity"), &login));
    CHECK(!databricks_login_find(SENTENCE("a", ""), &login));
    CHECK(!databricks_login_find(SENTENCE("a", "https://"), &login));
    CHECK(!databricks_login_find(SENTENCE("a", "http://x.example"), &login));
    CHECK(!databricks_login_find(SENTENCE("a", "javascript:x()"), &login));
}
