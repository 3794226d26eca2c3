#include "base/utf8.h"

#include "auth/auth.h"

enum { MAX_FIELD = 256 };

static bool fit(struct str s)
{
    if (s.n > MAX_FIELD || !utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static struct str before_at(struct str s)
{
    struct str before, after;
    str_cut(s, '@', &before, &after);
    return before;
}

bool auth_from_proxy(struct arena *arena, struct str user, struct str email,
    struct str preferred_username, struct auth_identity *ret)
{
    if (user.n == 0 || !fit(user) || !fit(email) || !fit(preferred_username))
        return false;
    struct str name = before_at(preferred_username);
    if (name.n == 0)
        name = before_at(email);
    if (name.n == 0)
        name = user;
    *ret = (struct auth_identity){
        .kind = AUTH_PROXY,
        .user_id = arena_str(arena, user),
        .email = arena_str(arena, email),
        .username = arena_str(arena, name),
    };
    return true;
}

struct str auth_bearer_token(struct str authorization)
{
    struct str scheme, token;
    if (!str_cut(str_trim(authorization), ' ', &scheme, &token) ||
        !str_eq_nocase(scheme, STR("Bearer")))
        return (struct str){0};
    return str_trim(token);
}

/* "https://host:port" names the host that this request went to. */
static bool origin_is_host(struct str origin, struct str host)
{
    static const struct str schemes[] = {{"https://", 8}, {"http://", 7}};
    for (size_t i = 0; i < 2; i++)
        if (str_starts_with(origin, schemes[i]))
            return host.n > 0 &&
                   str_eq_nocase(str_sub(origin, schemes[i].n, origin.n), host);
    return false;
}

bool auth_cross_site(const struct auth_origin *o)
{
    if (o->kind == AUTH_BEARER)
        return false;
    if (o->sec_fetch_site.n > 0)
        return !str_eq(o->sec_fetch_site, STR("same-origin"));
    if (o->origin.n > 0)
        return !origin_is_host(o->origin, o->host) &&
               !origin_is_host(o->origin, o->forwarded_host);
    return o->kind == AUTH_COOKIE;
}
