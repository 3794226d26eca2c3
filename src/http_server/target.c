#include <string.h>

#include "base/utf8.h"

#include "http_server/http_server_int.h"

static const struct http_fault bad_target = {
    400, "malformed_request", "The request target is not a valid path."};
static const struct http_fault bad_encoding = {400, "malformed_request",
    "The request target is not correctly percent-encoded UTF-8."};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_url_decode(
    struct arena *arena, struct str s, bool plus, struct str *ret)
{
    char *out = arena_alloc(arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '+' && plus)
            c = ' ';
        if (c == '%') {
            int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return false;
        out[n++] = c;
    }
    *ret = (struct str){out, n};
    return utf8_valid(*ret);
}

static bool host_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (c != '\0' && strchr("-._~", c) != NULL);
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

bool http_authority_valid(struct str authority)
{
    struct str host = authority, port = {0};
    bool v6 = str_starts_with(authority, STR("["));
    if (v6) {
        size_t end = str_find_char(authority, ']');
        host = str_sub(authority, 1, end - 1);
        port = str_sub(authority, end + 1, authority.n);
        if (end == authority.n || (port.n > 0 && port.p[0] != ':'))
            return false;
        port = str_sub(port, 1, port.n);
    } else {
        str_cut(authority, ':', &host, &port);
    }
    for (size_t i = 0; i < host.n; i++)
        if (!host_char(host.p[i]) && !(v6 && host.p[i] == ':'))
            return false;
    return host.n > 0 && port.n <= 5 && all_digits(port);
}

/* http://authority/path: what a proxy would be sent (RFC 9112 3.2.2). */
static bool cut_authority(struct str *target, struct str *ret_authority)
{
    size_t scheme = str_find(*target, STR("://"));
    struct str name = str_sub(*target, 0, scheme);
    if (!str_eq_nocase(name, STR("http")) && !str_eq_nocase(name, STR("https")))
        return false;
    struct str rest = str_sub(*target, scheme + 3, target->n);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    *ret_authority = str_sub(rest, 0, end);
    *target = str_sub(rest, end, rest.n);
    return http_authority_valid(*ret_authority);
}

const struct http_fault *http_split_target(
    struct http_request *r, struct str target, struct str *ret_authority)
{
    struct str decoded;
    *ret_authority = (struct str){0};
    bool server_wide =
        str_eq(target, STR("*")) && str_eq(r->method, STR("OPTIONS"));
    if (target.n > 0 && target.p[0] != '/' && !server_wide &&
        !cut_authority(&target, ret_authority))
        return &bad_target;
    for (size_t i = 0; i < target.n; i++)
        if (target.p[i] <= ' ' || target.p[i] == '#')
            return &bad_target;
    str_cut(target, '?', &r->path, &r->query);
    if (r->path.n == 0 && ret_authority->n == 0)
        return &bad_target;
    if (r->path.n == 0)
        r->path = STR("/");
    if (!http_url_decode(r->arena, r->path, false, &decoded) ||
        !http_url_decode(r->arena, r->query, true, &decoded))
        return &bad_encoding;
    return NULL;
}
