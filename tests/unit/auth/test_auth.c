#include <string.h>

#include "auth/auth.h"

#include "tap.h"

TEST(proxy_names_the_person_as_the_original_did)
{
    struct arena *a = arena_new();
    struct auth_identity who;
    CHECK(auth_from_proxy(a, STR("42@7"), STR("ann@example.com"),
        STR("ann.b@example.com"), &who));
    CHECK_STR(who.user_id, STR("42@7"));
    CHECK_STR(who.username, STR("ann.b"));
    CHECK(auth_from_proxy(a, STR("42"), STR("x@y"), STR(""), &who));
    CHECK_STR(who.username, STR("x"));
    CHECK(auth_from_proxy(a, STR("42"), STR(""), STR(""), &who));
    CHECK_STR(who.username, STR("42"));
    arena_free(a);
}

TEST(proxy_identity_needs_fit_headers)
{
    struct arena *a = arena_new();
    struct auth_identity who;
    char longish[300];
    memset(longish, 'a', sizeof(longish));
    CHECK(!auth_from_proxy(a, STR(""), STR("a@b"), STR("a"), &who));
    CHECK(!auth_from_proxy(a, STR("a\nb"), STR(""), STR(""), &who));
    CHECK(!auth_from_proxy(a, STR("a\xff"), STR(""), STR(""), &who));
    CHECK(!auth_from_proxy(
        a, (struct str){longish, sizeof(longish)}, STR(""), STR(""), &who));
    arena_free(a);
}

TEST(bearer_token_is_read)
{
    CHECK_STR(auth_bearer_token(STR("Bearer abc")), STR("abc"));
    CHECK_STR(auth_bearer_token(STR("bearer  abc ")), STR("abc"));
    CHECK_STR(auth_bearer_token(STR("Basic abc")), STR(""));
    CHECK_STR(auth_bearer_token(STR("Bearer")), STR(""));
}

static bool cross(enum auth_kind kind, const char *site, const char *origin)
{
    struct auth_origin o = {
        .kind = kind,
        .sec_fetch_site = str_from_c(site),
        .origin = str_from_c(origin),
        .host = STR("chat.example.com:8000"),
        .forwarded_host = STR("public.example.com"),
    };
    return auth_cross_site(&o);
}

TEST(cross_site_requests_are_told_apart)
{
    CHECK(!cross(AUTH_COOKIE, "same-origin", NULL));
    CHECK(cross(AUTH_COOKIE, "same-site", NULL));
    CHECK(cross(AUTH_COOKIE, "cross-site", NULL));
    CHECK(cross(AUTH_COOKIE, "none", NULL));
    CHECK(!cross(AUTH_COOKIE, NULL, "http://chat.example.com:8000"));
    CHECK(!cross(AUTH_COOKIE, NULL, "https://public.example.com"));
    CHECK(cross(AUTH_COOKIE, NULL, "https://evil.example.com"));
    CHECK(cross(AUTH_COOKIE, NULL, "null"));
    CHECK(cross(AUTH_COOKIE, NULL, NULL));
    CHECK(!cross(AUTH_PROXY, NULL, NULL));
    CHECK(cross(AUTH_PROXY, NULL, "https://evil.example.com"));
    CHECK(!cross(AUTH_BEARER, "cross-site", "https://evil.example.com"));
}

TEST(one_time_link_works_once)
{
    struct auth_link *link = auth_link_new();
    struct buf first, second;
    buf_init(&first, 100);
    buf_init(&second, 100);
    CHECK(!auth_link_use(link, STR("")));
    auth_link_renew(link, &first);
    CHECK(!auth_link_use(link, STR("wrong")));
    CHECK(auth_link_use(link, buf_str(&first)));
    CHECK(!auth_link_use(link, buf_str(&first)));
    auth_link_renew(link, &second);
    CHECK(!auth_link_use(link, buf_str(&first)));
    CHECK(auth_link_use(link, buf_str(&second)));
    buf_release(&first);
    buf_release(&second);
    auth_link_free(link);
}

TEST(credential_cache_is_bounded_and_forgets)
{
    struct auth_cache *cache = auth_cache_new(2, 100);
    struct arena *a = arena_new();
    struct auth_identity ann = {
        .kind = AUTH_COOKIE, .user_id = STR("ann"), .username = STR("Ann")};
    struct auth_identity got;
    auth_cache_put(cache, STR("h1"), 0, &ann);
    CHECK(auth_cache_get(cache, STR("h1"), 99, a, &got));
    CHECK_STR(got.user_id, STR("ann"));
    CHECK(got.kind == AUTH_COOKIE);
    CHECK(!auth_cache_get(cache, STR("h1"), 100, a, &got));
    auth_cache_put(cache, STR("h1"), 0, &ann);
    auth_cache_put(cache, STR("h2"), 0, &ann);
    auth_cache_put(cache, STR("h3"), 0, &ann);
    CHECK(!auth_cache_get(cache, STR("h1"), 0, a, &got));
    CHECK(auth_cache_get(cache, STR("h3"), 0, a, &got));
    auth_cache_remove(cache, STR("h3"));
    CHECK(!auth_cache_get(cache, STR("h3"), 0, a, &got));
    arena_free(a);
    auth_cache_free(cache);
}
